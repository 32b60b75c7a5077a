"""Lists of styled lines: only the cells that changed are drawn, however the list changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from textual.app import App, ComposeResult
from textual.geometry import Region

from r1tui.domain.clean import Clean
from r1tui.widgets.lines import Line, Lines


class Numbers(Lines):
    COMPONENT_CLASSES = {"numbers--cursor"}
    DEFAULT_CSS = """
    Numbers { width: 20; height: 5; overflow: hidden auto; }
    Numbers > .numbers--cursor { text-style: reverse; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.words = ["one 1", "two 2", "三 3"]
        self.cursor = -1

    def styled_lines(self, width: int) -> Iterable[Line]:
        for at, word in enumerate(self.words):
            yield Line(((cast(Clean, word[:width]), ""),), "numbers--cursor" if at == self.cursor else "", at)


class Page(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[Region] = []

    def compose(self) -> ComposeResult:
        yield Numbers()

    @property
    def numbers(self) -> Numbers:
        return self.query_one(Numbers)

    def watch_drawing(self) -> None:
        """Note every region that is refreshed from now on."""
        numbers, refresh = self.numbers, self.numbers.refresh

        def noted(*regions: Region, **options: bool) -> Numbers:
            self.drawn += regions or [numbers.size.region]
            return refresh(*regions, **options)

        numbers.refresh = noted  # type: ignore[method-assign]

    def shown(self) -> list[str]:
        return [self.numbers.render_line(y).text.rstrip() for y in range(self.numbers.size.height)]


async def test_the_first_paint_has_the_lines() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)):
        assert app.shown() == ["one 1", "two 2", "三 3", "", ""]


async def test_only_the_cells_that_differ_are_drawn() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)):
        app.watch_drawing()
        app.numbers.words[1], app.numbers.words[2] = "two 5", "三十3"
        assert app.numbers.redraw()
        assert app.drawn == [Region(4, 1, 1, 1), Region(2, 2, 3, 1)]
        assert app.shown()[1:3] == ["two 5", "三十3"]


async def test_the_same_again_draws_nothing() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)):
        app.watch_drawing()
        assert not app.numbers.redraw()
        assert app.drawn == []


async def test_a_cursor_draws_its_line_from_edge_to_edge() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)):
        app.watch_drawing()
        app.numbers.cursor = 1
        app.numbers.redraw()
        assert app.drawn == [Region(0, 1, 20, 1)]
        strip = app.numbers.render_line(1)
        assert strip.cell_length == 20
        assert all(segment.style and segment.style.reverse for segment in strip)


async def test_what_changes_off_the_screen_draws_nothing_and_is_there_after_scrolling() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.words = [f"line {n}" for n in range(20)]
        app.numbers.redraw()
        await pilot.pause()
        app.watch_drawing()
        app.numbers.words[19] = "the last"
        assert app.numbers.redraw()
        assert app.drawn == []
        app.numbers.scroll_end(animate=False)
        await pilot.pause()
        assert app.shown()[-1] == "the last"
        app.drawn.clear()
        app.numbers.words[18] = "line 1x"
        app.numbers.redraw()
        assert app.drawn == [Region(6, 3, 1, 1)]


async def test_lines_that_come_and_go_are_drawn() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)) as pilot:
        app.numbers.words.append("four")
        app.numbers.redraw()
        await pilot.pause()
        assert app.shown() == ["one 1", "two 2", "三 3", "four", ""]
        app.numbers.words.clear()
        app.numbers.redraw()
        await pilot.pause()
        assert app.shown() == [""] * 5


async def test_a_drag_with_the_mouse_selects_text() -> None:
    app = Page()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.mouse_down(Numbers, offset=(4, 0))
        await pilot.hover(Numbers, offset=(2, 1))
        await pilot.mouse_up(Numbers, offset=(2, 1))
        await pilot.pause()
        assert app.screen.get_selected_text() == "1\ntwo"
