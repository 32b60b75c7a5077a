"""Each style is reckoned once when a screen comes up: it takes a tenth of a start's processor time, and leaves garbage."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.app import App, ComposeResult
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widgets import Static

from r1tui.screens.base import R1Modal, R1Screen


class Page(R1Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("page")


class Question(R1Modal[None]):
    def compose(self) -> ComposeResult:
        yield Static("question")


@pytest.fixture
def styled(monkeypatch: pytest.MonkeyPatch) -> Counter[DOMNode]:
    """How often each widget was styled."""
    times: Counter[DOMNode] = Counter()
    apply = Stylesheet.apply

    def counted(self: Stylesheet, node: DOMNode, **options: object) -> None:
        times[node] += 1
        apply(self, node, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Stylesheet, "apply", counted)
    return times


@pytest.mark.parametrize("kind", [Page, Question])
async def test_what_comes_up_is_styled_once(kind: type[Page | Question], styled: Counter[DOMNode]) -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        screen = kind()
        await app.push_screen(screen)
        await pilot.pause()
        assert styled[screen.query_one(Static)] == 1


async def test_what_lay_under_another_screen_has_the_theme_that_was_chosen_meanwhile() -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        page = Page()
        await app.push_screen(page)
        await pilot.pause()
        before = page.styles.background
        await app.push_screen(Page())
        app.theme = "textual-light"
        await app.pop_screen()
        await pilot.pause()
        assert page.styles.background != before
