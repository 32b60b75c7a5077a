"""What holds for every dialogue."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import OptionList

from r1tui.domain.clean import Clean
from r1tui.domain.phrase import phrase
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.models.pull_name import Tick


async def test_a_second_enter_in_a_hurry_takes_nothing_else_away() -> None:
    chosen: list[str | None] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        dialogue = ChoiceScreen(phrase("app.quit_question"), [("stay", phrase("app.quit_stay"))])
        app.push_screen(dialogue, chosen.append)
        await pilot.pause()
        dialogue.dismiss("stay")
        dialogue.dismiss("stay")
        await pilot.pause()
        assert app.screen is not dialogue
    assert chosen == ["stay"]


async def test_a_tick_is_told_by_its_sign_and_not_by_colour_alone() -> None:
    class Form(App[None]):
        def compose(self) -> ComposeResult:
            yield Tick(Clean("without TLS"))

    app = Form()
    async with app.run_test() as pilot:
        tick = app.query_one(Tick)
        assert "X" not in tick.render().plain
        tick.toggle()
        await pilot.pause()
        assert "X" in tick.render().plain


async def test_what_destroys_something_stands_last_and_nothing_else_is_moved() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        stay, leave = ("", phrase("app.quit_stay")), ("leave", phrase("app.quit_stop"))
        for danger, order in (((), ["", "leave"]), (("",), ["leave", ""])):
            app.push_screen(ChoiceScreen(phrase("app.quit_question"), [stay, leave], danger=danger))
            await pilot.pause()
            options = app.screen.query_one(OptionList)
            assert [each.id for each in options.options] == order
            app.pop_screen()
