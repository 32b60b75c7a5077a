"""The model sidebar and the drawing of downloads."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.theme import Theme

from r1tui.domain.clean import Clean
from r1tui.domain.model import Model, PullProgress, RunningModel
from r1tui.domain.phrase import phrase
from r1tui.domain.pull_view import PullState, PullView
from r1tui.toolkit.cells import cut_middle
from r1tui.widgets.model_sidebar import ModelSidebar
from r1tui.widgets.pull_bar import PullBar

LONG = Clean("hf.co/unsloth/DeepSeek-R1-Distill-Qwen-32B-GGUF:Q4_K_M")
MODELS = [
    Model("deepseek-r1:8b", size=5_225_376_047, quantization="Q4_K_M", thinks=True),
    Model("qwen3:4b", size=2_600_000_000, quantization="Q4_K_M", thinks=False),
    Model(LONG, size=19_851_337_809, quantization="Q4_K_M"),
]


class Bench(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield ModelSidebar()
        yield PullBar()

    @property
    def sidebar(self) -> ModelSidebar:
        return self.query_one(ModelSidebar)

    def on_model_sidebar_selected(self, event: Message) -> None:
        self.heard.append(event)

    def on_model_sidebar_menu_requested(self, event: Message) -> None:
        self.heard.append(event)

    def on_model_sidebar_add_requested(self, event: Message) -> None:
        self.heard.append(event)

    def on_model_sidebar_pull_cancel_requested(self, event: Message) -> None:
        self.heard.append(event)

    def on_model_sidebar_pull_resume_requested(self, event: Message) -> None:
        self.heard.append(event)

    def names(self) -> list[tuple[str, str]]:
        return [(type(event).__name__, getattr(event, "name", "")) for event in self.heard]


def pull(
    done: int, total: int = 1_000_000_000, state: PullState = PullState.ACTIVE, speed: float | None = 1e6
) -> PullView:
    progress = PullProgress("deepseek-r1:14b")
    progress.advance("sha256:aa", done, total)
    return PullView.of(progress, state, speed=speed)


async def test_the_sidebar_shows_size_quantization_thinking_and_what_runs() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        running = RunningModel("deepseek-r1:8b", size=100, size_vram=70, context_length=8192, expires=None)
        app.sidebar.show_models(MODELS, [running], "qwen3:4b")
        await pilot.pause()
        lines = app.sidebar.text.splitlines()
        assert lines[2].startswith(" ● deepseek-r1:8b")
        assert lines[2].endswith("5.2G")
        assert lines[3].strip() == "thinks · Q4_K_M · 70% GPU"
        assert lines[4].startswith("›  qwen3:4b")
        assert lines[-1] == " + add a model"


async def test_where_there_is_no_room_for_all_facts_one_is_left_out_and_none_is_cut() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        running = RunningModel("deepseek-r1:8b", size=100, size_vram=100, context_length=8192, expires=None)
        for width, facts in (
            (30, "thinks · Q4_K_M · 100% GPU"), (28, "thinks · 100% GPU"), (16, "100% GPU"),
        ):  # fmt: skip
            app.sidebar.styles.width = width
            app.sidebar.show_models(MODELS, [running], "qwen3:4b")
            await pilot.pause()
            app.sidebar.redraw()
            assert app.sidebar.text.splitlines()[3].strip() == facts


async def test_the_cursor_shows_where_a_theme_has_reverse_video_for_it() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        variables = {
            "block-cursor-background": "#000000", "block-cursor-foreground": "#ffffff",
            "block-cursor-text-style": "reverse",
        }  # fmt: skip
        app.register_theme(Theme("plain", primary="#ffffff", variables=variables))
        app.theme = "plain"
        app.sidebar.show_models(MODELS, [], "deepseek-r1:8b")
        app.sidebar.focus()
        await pilot.pause()
        assert all(segment.style and segment.style.reverse for segment in app.sidebar.render_line(2))
        assert not any(segment.style and segment.style.reverse for segment in app.sidebar.render_line(4))


async def test_a_long_name_is_shortened_in_its_middle_and_written_out_under_the_cursor() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_models(MODELS, [], "deepseek-r1:8b")
        await pilot.pause()
        assert LONG not in app.sidebar.text
        assert "Q4_K_M" in app.sidebar.text
        app.sidebar.focus()
        await pilot.press("down", "down")
        joined = "".join(line.strip().removesuffix("19.9G").strip() for line in app.sidebar.text.splitlines())
        assert LONG in joined


async def test_no_line_is_wider_than_the_sidebar_even_with_chinese_names() -> None:
    app = Bench()
    async with app.run_test(size=(40, 10)) as pilot:
        app.sidebar.show_models(
            [
                Model(
                    "hf.co/深度求索/推理模型蒸馏版本第三十二号:中文量化",
                    size=10**9,
                    quantization="一二三四五六七八九十甲乙丙丁",
                )
            ],
            [],
            "",
        )
        app.sidebar.focus()
        await pilot.pause()
        width = app.sidebar.scrollable_content_region.width
        assert all(cell_len(line) <= width for line in app.sidebar.text.splitlines())


async def test_enter_selects_m_opens_the_menu_and_the_last_row_adds() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_models(MODELS, [], "deepseek-r1:8b")
        app.sidebar.focus()
        await pilot.press("down", "enter", "m", "end", "enter")
        assert app.names() == [("Selected", "qwen3:4b"), ("MenuRequested", "qwen3:4b"), ("AddRequested", "")]


async def test_a_running_download_is_cancelled_and_a_paused_one_resumed() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_models(MODELS[:1], [], "deepseek-r1:8b")
        app.sidebar.show_pulls([pull(610_000_000)])
        app.sidebar.focus()
        assert "x stops it" not in app.sidebar.text
        await pilot.press("down", "enter", "x")
        assert app.names() == [("PullCancelRequested", "deepseek-r1:14b")]
        assert "x stops it" in app.sidebar.text
        app.sidebar.show_pulls([pull(610_000_000, state=PullState.PAUSED)])
        await pilot.press("enter")
        assert app.names()[-1] == ("PullResumeRequested", "deepseek-r1:14b")
        assert "paused at 61%, kept" in app.sidebar.text.replace("\n   ", " ")
        assert "Enter goes on, x removes it" in app.sidebar.text.replace("\n   ", " ")
        assert "x stops it" not in app.sidebar.text


async def test_a_click_selects_the_model_that_it_hits() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_models(MODELS, [], "deepseek-r1:8b")
        await pilot.pause()
        await pilot.click(ModelSidebar, offset=(5, 4))
        assert app.names() == [("Selected", "qwen3:4b")]


async def test_a_download_shows_bar_percent_and_time_left() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_pulls([pull(610_000_000)])
        await pilot.pause()
        assert "61% 6 min" in app.sidebar.text
        assert "none yet: a adds one" in app.sidebar.text


async def test_a_new_layer_never_moves_the_bar_back() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        widget = app.query_one(PullBar)
        progress = PullProgress("deepseek-r1:14b")
        progress.advance("sha256:aa", 600, 1000)
        widget.show(PullView.of(progress))
        await pilot.pause()
        before = widget.lines(60)[1]
        progress.advance("sha256:bb", 0, 1000)
        widget.show(PullView.of(progress))
        assert widget.lines(60)[1] == before
        assert " 60%" in before


async def test_an_unchanged_or_too_early_download_draws_nothing() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_models(MODELS[:1], [], "deepseek-r1:8b")
        app.sidebar.show_pulls([pull(610_000_000)])
        await pilot.pause()
        drawn: list[object] = []
        app.sidebar.refresh = lambda *regions, **_: drawn.append(regions)  # type: ignore[assignment,method-assign]
        for _ in range(20):
            app.sidebar.show_pulls([pull(610_000_100)])
            app.sidebar.show_models(MODELS[:1], [], "deepseek-r1:8b")
        assert drawn == []


async def test_a_failed_download_says_why_and_full_progress_waits_for_the_end() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        failed = PullView("x", PullState.FAILED, error=phrase("pull.stalled"), completed=5, total=10)
        app.sidebar.show_pulls([failed])
        widget = app.query_one(PullBar)
        widget.show(PullView("x", stage="verifying", completed=10, total=10))
        await pilot.pause()
        assert "stalled, trying again" in app.sidebar.text
        assert " 99%" in widget.lines(60)[1]
        assert "checking every byte" in widget.lines(60)[2]


async def test_hostile_names_reach_the_screen_as_harmless_text() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        app.sidebar.show_models([Model("\x1b]0;x\x07[red]evil\u202e", size=1)], [], "")
        await pilot.pause()
        assert not any((ord(char) < 32 and char != "\n") or char == "\u202e" for char in app.sidebar.text)


def test_a_name_cut_in_its_middle_keeps_both_ends_within_the_width() -> None:
    for width in range(3, 40):
        for name in (LONG, Clean("深度求索推理模型蒸馏版本:中文量化版")):
            assert cell_len(cut_middle(name, width)) <= width
    assert cut_middle(LONG, 30).startswith("hf.co/")
    assert cut_middle(LONG, 30).endswith("Q4_K_M")
