"""The prompt: Enter sends, nothing typed is lost, editing keys stay what they were."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding

from r1tui import locale
from r1tui.locale import t
from r1tui.widgets.prompt import Prompt, PromptBar


class PromptApp(App[None]):
    BINDINGS = [Binding("question_mark", "help", "help")]

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []
        self.helped = False

    def compose(self) -> ComposeResult:
        yield PromptBar()

    @property
    def prompt(self) -> Prompt:
        return self.query_one(Prompt)

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        self.sent.append(event.text)
        event.prompt.accept()

    def action_help(self) -> None:
        self.helped = True


@pytest.mark.parametrize("language", locale.codes())
async def test_the_hint_is_as_long_as_the_field_and_never_cut(language: str) -> None:
    """80 columns hold all of it; what a narrower field leaves out are whole sentences."""
    locale.use(language)
    try:
        for width in (80, 54, 40, 30, 18):
            app = PromptApp()
            async with app.run_test(size=(width, 12)):
                hint = str(app.prompt.placeholder)
                assert cell_len(hint) <= app.prompt.content_size.width
                said = [t(f"prompt.placeholder{form}") for form in ("", "_short", "_least")]
                assert hint == next(each for each in said if cell_len(each) <= app.prompt.content_size.width)
                assert hint != said[-1] or width < 54
    finally:
        locale.use("en")


async def test_enter_sends_and_clears() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"hello", "enter")
        assert app.sent == ["hello"]
        assert app.prompt.text == ""


async def test_white_space_alone_is_not_sent() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("space", "enter", "ctrl+j", "enter")
        assert app.sent == []


async def test_three_keys_make_a_new_line() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("a", "ctrl+j", "b", "alt+enter", "c", "shift+enter", "d")
        assert app.prompt.text == "a\nb\nc\nd"
        assert app.sent == []


async def test_a_question_mark_is_typed_and_opens_no_help() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("w", "question_mark")
        assert app.prompt.text == "w?"
        assert not app.helped


async def test_a_large_paste_is_one_edit_and_one_undo_step_and_harmless() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press("x")
        app.post_message(events.Paste("line\r\n" * 500 + "\x1b[31mred\u202e"))
        await pilot.pause()
        assert app.prompt.text == "x" + "line\n" * 500 + "␛[31mred"
        await pilot.press("ctrl+z")
        assert app.prompt.text == "x"
        await pilot.press("ctrl+y")
        assert app.prompt.text.startswith("xline\n")


async def test_it_grows_to_a_third_of_the_screen_and_no_further() -> None:
    app = PromptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.prompt.size.height == 1
        await pilot.press("a", "ctrl+j", "b")
        await pilot.pause()
        assert app.prompt.size.height == 2
        await pilot.press(*["ctrl+j"] * 30)
        await pilot.pause()
        assert 7 <= app.prompt.size.height <= 8


async def test_up_recalls_earlier_prompts_and_down_comes_back_to_the_draft() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_history(["first", "second"])
        await pilot.press(*"draft", "up")
        assert app.prompt.text == "second"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("up")
        assert app.prompt.text == "first"
        await pilot.press("down", "down")
        assert app.prompt.text == "draft"


async def test_up_within_several_lines_moves_the_cursor_first() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_history(["old"])
        await pilot.press("a", "ctrl+j", "b", "up")
        assert app.prompt.text == "a\nb"
        await pilot.press("up")
        assert app.prompt.text == "old"


async def test_what_was_sent_is_the_newest_to_recall() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"two", "enter", "up")
        assert app.prompt.text == "two"
        await pilot.press("up")
        assert app.prompt.text == "one"


async def test_editing_keys_keep_working() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        await pilot.press(*"one two", "ctrl+w")
        assert app.prompt.text == "one "
        await pilot.press("ctrl+a", "ctrl+k")
        assert app.prompt.text == ""
        await pilot.press(*"abc", "ctrl+u")
        assert app.prompt.text == ""
        await pilot.press("ctrl+z")
        assert app.prompt.text == "abc"
        await pilot.press("ctrl+y")
        assert app.prompt.text == ""


async def test_chinese_wraps_within_the_width() -> None:
    app = PromptApp()
    async with app.run_test(size=(20, 24)) as pilot:
        app.prompt.set_draft("模型在本机运行不会把任何内容发送出去")
        await pilot.pause()
        prompt = app.prompt
        assert prompt.size.height > 1
        for y in range(prompt.size.height):
            assert prompt.render_line(y).cell_length <= prompt.size.width


async def test_a_draft_is_told_and_restored() -> None:
    app = PromptApp()
    async with app.run_test() as pilot:
        app.prompt.set_draft("half a thought")
        await pilot.press("!")
        assert app.prompt.text == "half a thought!"
