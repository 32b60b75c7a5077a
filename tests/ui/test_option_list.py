"""Lists to choose from: a step of the cursor draws only what differs, and a list that holds nothing says what to do."""

from __future__ import annotations

from unittest import mock

import pytest
from textual import widgets
from textual.app import App, ComposeResult
from textual.geometry import Region

from r1tui import locale
from r1tui.domain.clean import Clean
from r1tui.domain.phrase import phrase
from r1tui.locale import t
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.toolkit.option import Option, OptionList
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running

NO_PROMPTS = phrase("chat.no_prompts")


class Listed(App[None]):
    """A list of twelve rows, of which eight have room."""

    CSS = "OptionList { height: 8; }"

    def compose(self) -> ComposeResult:
        yield OptionList(*(Option(Clean(f"row {n}")) for n in range(12)), compact=True)


async def drawn_by(key: str) -> set[int] | None:
    """The lines that a key draws anew, with the cursor on the third row; None for the whole list."""
    lines: set[int] = set()
    whole = False
    as_textual = widgets.OptionList.refresh

    def refresh(
        self: widgets.OptionList, *regions: Region, repaint: bool = True, **how: bool
    ) -> widgets.OptionList:
        nonlocal whole
        whole = whole or (repaint and not regions)
        lines.update(y for each in regions for y in range(each.y, each.bottom))
        return as_textual(self, *regions, repaint=repaint, **how)

    app = Listed()
    async with app.run_test(size=(40, 12)) as pilot:
        options = app.query_one(OptionList)
        await pilot.press("down", "down")
        assert options.highlighted in (1, 2)
        options.highlighted = 2
        await pilot.pause()
        with mock.patch.object(widgets.OptionList, "refresh", refresh):
            await pilot.press(key)
            assert options.highlighted != 2
    return None if whole else lines


@pytest.mark.parametrize(("key", "lines"), [("down", {2, 3}), ("up", {1, 2}), ("home", {0, 2})])
async def test_a_step_draws_the_row_that_was_left_and_the_one_that_is_reached(
    key: str, lines: set[int]
) -> None:
    assert await drawn_by(key) == lines


@pytest.mark.parametrize("language", locale.codes())
async def test_a_list_without_what_was_typed_or_without_entries_says_what_to_do(
    scripted: ScriptedServer, language: str
) -> None:
    async with running(scripted) as chat:
        locale.use(language)
        try:
            await chat.app.push_screen(PickScreen(phrase("chat.host_question"), [("a", "apples")]))
            await chat.sees("apples")
            await chat.press(*"zz")
            await chat.sees(t("pick.nothing_found"))
            await chat.press("enter")  # chooses nothing
            await chat.app.push_screen(PickScreen(phrase("chat.prompt_search"), [], nothing=NO_PROMPTS))
            await chat.sees(t("chat.no_prompts"))
        finally:
            locale.use("en")
