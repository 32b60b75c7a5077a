"""The commands on a model, driven by keys."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static, TextArea

from r1tui.commands import MODEL_COMMANDS
from r1tui.domain.model import Model, RunningModel
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Frame
from r1tui.screens.models.commands import ModelCommands
from r1tui.screens.models.gguf_import import PathSuggester, WantedImport, suggested_name
from r1tui.screens.models.menu import ModelMenuScreen, command_words
from r1tui.services.engines.engine import RequestRefused
from r1tui.services.models.pulls import PullQueue
from r1tui.services.server.process import OllamaProcess
from tests.services.test_model_disk import OTHER, WEIGHTS, kept, part
from tests.ui.model_fakes import FakeEngine

R1 = Model(
    "deepseek-r1:1.5b",
    size=1_117_322_768,
    quantization="Q4_K_M",
    digest="aa",
    modified="2026-01-02T03:04:05Z",
)


class Bench(App[None]):
    def __init__(self, *models: Model) -> None:
        super().__init__()
        self.engine = FakeEngine(*(models or (R1,)))
        self.queue = PullQueue(self.engine)
        self.said: list[str] = []
        self.used: list[str] = []
        self.reread = 0
        self.free: int | None = None
        self.folder: Path | None = None
        self.forgotten: list[str] = []
        self.commands = ModelCommands(
            self,
            engine=self.engine,
            pulls=self.queue,
            process=OllamaProcess(environ={"PATH": ""}),
            tell=self._tell,
            select=self._select,
            changed=self._changed,
            free=lambda: self.free,
            folder=lambda: self.folder,
            forget=self.forgotten.append,
        )

    def _tell(self, words: Phrase, severity: str) -> None:
        self.said.append(say(words))

    async def _select(self, name: str) -> None:
        self.used.append(name)

    async def _changed(self) -> None:
        self.reread += 1

    @property
    def words(self) -> str:
        titles = [str(each.border_title) for each in self.screen.query(Frame)]
        return "\n".join([*titles, *(str(each.render()) for each in self.screen.query(Static))])


async def settle(pilot: Pilot[None]) -> None:
    for _ in range(5):
        await pilot.pause()


async def opened(pilot: Pilot[None], app: Bench, key: str, name: str = R1.name) -> None:
    """Open the menu and press a command's key."""
    app.run_worker(app.commands.menu(name))
    await settle(pilot)
    assert isinstance(app.screen, ModelMenuScreen)
    await pilot.press(key)
    await settle(pilot)


def test_the_menu_has_all_ten_commands_of_ollama_and_no_key_twice() -> None:
    ten = {"serve", "create", "show", "run", "stop", "pull", "push", "list", "ps", "cp", "rm"}
    assert {f"model_menu.{each}" for each in ten} <= {each.id for each in MODEL_COMMANDS}
    assert len({each.keys for each in MODEL_COMMANDS}) == len(MODEL_COMMANDS)
    named = {each.id: words for words, each in command_words("x")}
    assert len(named) == len(MODEL_COMMANDS)
    assert named["model_menu.rm"] == "x: Remove it"
    assert named["model_menu.import"] == "Import a GGUF file"
    without = {each.id: words for words, each in command_words()}  # the palette says why they are impossible
    assert without["model_menu.rm"] == "Remove it"


async def test_each_command_has_its_key_beside_it_on_a_narrow_terminal_too() -> None:
    class Narrow(App[None]):
        def on_mount(self) -> None:
            self.push_screen(ModelMenuScreen(R1.name))

    async with Narrow().run_test(size=(40, 40)) as pilot:
        await settle(pilot)
        lines = [strip.text.strip("│ ") for strip in pilot.app.screen._compositor.render_strips()]
        for command in MODEL_COMMANDS:
            assert f"{command.keys}  {t(command.words)}" in lines


async def test_a_registry_that_does_not_answer_is_told_with_the_models_that_it_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    names = [f"127.0.0.1:{port}/library/{each}:1" for each in ("one", "two")]
    app = Bench(*(Model(name, digest="ab") for name in names), Model("far:1", remote_host="ollama.com"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "U")
        assert f"Ask 127.0.0.1:{port} what is new?" in app.words
        assert "far:1" not in app.words
        await pilot.press("down", "enter")
        while not app.said:
            await pilot.pause(0.02)
    assert len(app.said) == 1
    assert app.said[0].startswith(
        f"No update was found. No answer about {names[0]}, {names[1]}: it cannot be reached"
    )
    assert not app.queue.jobs


async def test_nobody_is_asked_what_is_new_without_a_yes() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "U")
        assert "registry.ollama.ai" in app.words
        assert R1.name in app.words
        await pilot.press("enter")
        await settle(pilot)
        assert len(app.screen_stack) == 1
    assert app.said == []


@pytest.mark.parametrize("key", ["k", "t"])
async def test_the_disk_of_a_server_elsewhere_is_not_told(key: str) -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, key)
    assert app.said == [t("housekeeping.elsewhere")]


async def test_a_download_that_goes_on_is_not_offered_and_a_stopped_one_by_its_name(tmp_path: Path) -> None:
    app = Bench(kept(tmp_path, "r1:8b", {OTHER: 5}))
    app.folder = tmp_path
    files = part(tmp_path, WEIGHTS, 20_000, 5_000_000)
    async with app.run_test(size=(80, 24)) as pilot:
        app.engine.hold = asyncio.Event()
        job = app.queue.add("slow:1")
        while not job.progress.completed:
            await pilot.pause(0.02)
        job.progress.layers[f"sha256:{WEIGHTS}"] = (20_000, 5_000_000)
        await opened(pilot, app, "t")
        while not app.said:
            await pilot.pause(0.02)
        assert app.said == [t("housekeeping.all_move")]
        app.queue.cancel(job)
        os.utime(files[0])  # a moment ago, by this very download
        await opened(pilot, app, "t")
        while "Remove it?" not in app.words:
            await pilot.pause(0.02)
        choice = app.screen.query_one(OptionList).get_option_at_index(1)
        assert "slow:1" in str(choice.prompt)
        await pilot.press("down", "enter")
        while "for good?" not in app.words:
            await pilot.pause(0.02)
        await settle(pilot)
        await pilot.press("down", "enter")
        while not app.forgotten:
            await pilot.pause(0.02)
        await settle(pilot)
    assert app.forgotten == ["slow:1"]
    assert not any(path.exists() for path in files)


async def test_use_selects_it() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "r")
        assert app.used == [R1.name]


async def test_show_tells_capabilities_parameters_template_and_licence_harmlessly() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "s")
        for words in (
            "thinking",
            "temperature 0.6",
            "{{ .Prompt }}",
            "MIT License",
            "qwen2",
            "131,072",
            "Be brief.",
        ):
            assert words in app.words
        assert "\x1b" not in app.words
        await pilot.press("escape")
        await settle(pilot)
        assert len(app.screen_stack) == 1


async def test_stop_unloads_it() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "x")
        assert app.engine.calls == [("unload", R1.name)]
        assert app.said == [f"{R1.name} was unloaded from memory."]


async def test_update_queues_a_download() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "u")
        assert "only what is new" in app.words
        await pilot.press("enter")
        await settle(pilot)
        assert app.queue.jobs == []
        await opened(pilot, app, "u")
        await pilot.press("down", "enter")
        await settle(pilot)
        assert [job.name for job in app.queue.jobs] == [R1.name]


async def test_a_known_size_is_not_downloaded_onto_a_disk_that_is_too_small_for_it() -> None:
    app = Bench()
    app.free = 5 * 10**9
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "a")
        await pilot.press(*"Deepseek-R1:8b", "enter")
        await settle(pilot)
        assert app.queue.jobs == []
        assert app.said == [
            "The disk is too full to download deepseek-r1:8b: 5.7 GB are needed, 5.0 GB are free."
        ]


async def test_remove_names_the_space_and_keeps_it_unless_told() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "d")
        assert "1.1 GB" in app.words
        await pilot.press("enter")
        await settle(pilot)
        assert app.engine.calls == []
        await opened(pilot, app, "d")
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == [("delete", R1.name)]
        assert app.reread == 1


async def test_removing_a_second_name_says_that_it_frees_nothing() -> None:
    app = Bench(R1, Model("copy:latest", size=R1.size, digest="aa"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "d")
        assert "copy:latest" in app.words
        assert "GB" not in app.words


@pytest.mark.parametrize(("other", "frees"), [("a", "next to nothing"), ("b", "1.1 GB")])
async def test_removing_a_model_whose_weights_another_uses_frees_nothing(other: str, frees: str) -> None:
    made = Model("made:latest", R1.size, R1.quantization, R1.parameters, R1.family, digest="other")
    app = Bench(R1, made)
    app.engine.weights = {R1.name: "a", made.name: other}
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "d")
        assert frees in app.words


async def test_copy_asks_for_the_name_and_before_it_takes_one_away() -> None:
    app = Bench(R1, Model("other:latest"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "c")
        await pilot.press("ctrl+u", *"mine:1", "enter")
        await settle(pilot)
        assert app.engine.calls == [("copy", R1.name, "mine:1")]
        await opened(pilot, app, "c")
        app.screen.query_one(Input).value = "other"
        await pilot.press("enter")
        await settle(pilot)
        assert "Replace" in app.words
        await pilot.press("enter")
        await settle(pilot)
        assert len(app.engine.calls) == 1


async def test_a_bad_name_is_told() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "c")
        app.screen.query_one(Input).value = "a b/c/d/e"
        await pilot.press("enter")
        await settle(pilot)
        assert len(app.said) == 1
        assert app.engine.calls == []


async def test_push_takes_the_registrys_name_for_the_time_it_takes() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "h")
        app.screen.query_one(Input).value = "host:5/library/x:1"
        await pilot.press("enter")
        await settle(pilot)
        target = "host:5/library/x:1"
        calls = [("copy", R1.name, target), ("push", target, False), ("delete", target)]
        assert app.engine.calls == calls
        assert app.said == [f"{target} was uploaded."]


async def test_a_push_that_fails_says_so_and_takes_the_name_away_again() -> None:
    app = Bench()
    app.engine.fault = RequestRefused(phrase("pull.failed"))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "h")
        app.screen.query_one(Input).value = "host:5/library/x:1"
        await pilot.press("enter")
        await settle(pilot)
        assert app.said == ["failed"]
        assert "host:5/library/x:1" not in app.engine.installed


async def test_esc_stops_a_push() -> None:
    app = Bench()
    app.engine.hold = asyncio.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "h")
        app.screen.query_one(Input).value = "host:5/library/x:1"
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.said == ["Stopped; nothing was changed."]
        assert app.engine.calls[-1] == ("delete", "host:5/library/x:1")


async def test_create_fills_a_form_and_makes_the_model() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "e")
        app.screen.query_one(Input).value = "mine"
        app.screen.query_one("#system", TextArea).text = "Answer in French."
        app.screen.query_one("#parameters", TextArea).text = 'temperature 0.2\nPARAMETER stop "a b"\n'
        app.screen.query_one("#template", TextArea).text = "{{ .Prompt }}"
        await pilot.press("f2")
        await settle(pilot)
        parameters = {"temperature": 0.2, "stop": ["a b"]}
        fields = {
            "from": R1.name,
            "parameters": parameters,
            "system": "Answer in French.",
            "template": "{{ .Prompt }}",
        }
        assert app.engine.calls == [("create", "mine", fields)]
        assert app.reread == 1


async def test_the_form_and_the_modelfile_are_two_views_of_one_thing() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "e")
        app.screen.query_one("#system", TextArea).text = "Short."
        await pilot.press("f3")
        area = app.screen.query_one("#modelfile", TextArea)
        assert app.focused is area
        assert area.text.startswith(f"FROM {R1.name}\nSYSTEM Short.\n")
        area.text = f"FROM {R1.name}\nSYSTEM Long.\nPARAMETER seed 4\nMESSAGE user Hi\n"
        await pilot.press("f3")
        assert app.screen.query_one("#system", TextArea).text == "Long."
        assert app.screen.query_one("#parameters", TextArea).text == "seed 4"
        app.screen.query_one(Input).value = "mine"
        await pilot.press("f2")
        await settle(pilot)
        [(_, _, fields)] = app.engine.calls
        assert isinstance(fields, dict)
        assert fields["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    ("view", "field", "text"),
    [("form", "#parameters", "seed 4\nnonsense 5"), ("source", "#modelfile", "FROM x\nNONSENSE 5\n")],
)
async def test_a_mistake_is_named_with_its_line_and_nothing_is_lost(view: str, field: str, text: str) -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "e")
        app.screen.query_one(Input).value = "mine"
        if view == "source":
            await pilot.press("f3")
        area = app.screen.query_one(field, TextArea)
        area.text = text
        for key in ("f2", "f3"):
            await pilot.press(key)
            await settle(pilot)
            assert "2" in str(app.screen.query_one("#fault", Static).render())
            assert area.cursor_location[0] == 1
            assert area.text == text
        assert app.engine.calls == []


async def test_import_takes_a_typed_path_and_suggests_a_name(tmp_path: Path) -> None:
    (tmp_path / "R1-Q4_K_M.gguf").write_bytes(b"GGUF")
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "g")
        app.screen.query_one("#path", Input).value = str(tmp_path / "R1-Q4_K_M.gguf")
        await pilot.press("enter")
        assert app.screen.query_one("#name", Input).value == "r1:q4_k_m"
        results: list[object] = []
        app.screen.dismiss = results.append  # type: ignore[method-assign,assignment]
        await pilot.press("enter")
        await settle(pilot)
        assert results == [WantedImport(tmp_path / "R1-Q4_K_M.gguf", "r1:q4_k_m")]


async def test_import_says_when_there_is_no_such_file(tmp_path: Path) -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "g")
        app.screen.query_one("#path", Input).value = str(tmp_path / "no.gguf")
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert "There is no file" in app.words


async def test_a_path_is_completed_to_folders_and_gguf_files(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.txt").touch()
    (tmp_path / "models" / "b.gguf").touch()
    suggest = PathSuggester().get_suggestion
    assert await suggest(f"{tmp_path}/mo") == f"{tmp_path}/models/"
    assert await suggest(f"{tmp_path}/models/") == f"{tmp_path}/models/b.gguf"
    assert await suggest("/nowhere/x") is None


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", "deepseek-r1-distill-qwen-7b:q4_k_m"),
        ("my model.gguf", "my-model"),
        ("x.f16.gguf", "x:f16"),
    ],
)
def test_a_files_name_makes_a_models_name(file: str, name: str) -> None:
    assert suggested_name(Path(file)) == name


async def test_list_and_ps_are_tables() -> None:
    app = Bench(R1, Model("模型:一", size=5))
    app.engine.loaded = [
        RunningModel(R1.name, size=2 * 1024**3, size_vram=1024**3, context_length=8192, expires=None)
    ]
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, "l")
        assert "deepseek-r1:1.5b  1.1 GB  Q4_K_M        2026-01-02" in app.words
        await pilot.press("escape")
        await opened(pilot, app, "p", "")
        assert "deepseek-r1:1.5b  2.0 GiB  50%  8,192    stays" in app.words


async def test_serve_says_that_none_of_ours_runs() -> None:
    app = Bench()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "v")
        assert "No server of R1TUI's own runs" in app.words
        await pilot.press("enter")
        await settle(pilot)
        assert "Log:" in app.words


async def test_a_fault_of_the_server_is_one_sentence() -> None:
    app = Bench()
    app.engine.up = False
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app, "l")
        assert len(app.said) == 1
        assert "127.0.0.1:11434" in app.said[0]


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 50)])
@pytest.mark.parametrize("key", ["s", "e", "g", "h", "d"])
async def test_every_dialogue_fits_any_screen(size: tuple[int, int], key: str) -> None:
    app = Bench()
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app, key)
        assert len(app.screen_stack) == 2
        assert len(app.screen.query("*")) > 1
        for each in app.screen.query("*"):
            assert each.region.right <= size[0] or not each.region


async def test_the_menu_says_what_the_chosen_entry_does_however_low_the_terminal() -> None:
    for height in (16, 20, 24, 40):
        app: App[None] = App()
        async with app.run_test(size=(80, height)) as pilot:
            await app.push_screen(screen := ModelMenuScreen(R1.name))
            await pilot.pause()
            about = screen.query_one(".about").region
            assert about.height == 1
            assert about.bottom < height
            assert screen.query_one(OptionList).region.bottom == about.y
