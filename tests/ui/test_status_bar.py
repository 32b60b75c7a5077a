"""The status bar: the most important first, nothing drawn twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from r1tui import locale
from r1tui.domain.clean import Clean
from r1tui.domain.message import Phase
from r1tui.locale.clock import elapsed
from r1tui.toolkit import glyphs
from r1tui.toolkit.line_diff import changed
from r1tui.widgets.status_bar import Piece, Status, StatusBar, fill_bar, fit, tokens

FULL = Status(
    phase=Phase.THINKING,
    rate=5.12,
    context_used=1946,
    context_size=8192,
    host="home:11434",
    low_bandwidth=True,
    private=True,
    keys=(
        (Clean("Esc"), Clean("stop")),
        (Clean("^T"), Clean("fold")),
        (Clean("^N"), Clean("new")),
        (Clean("F1"), Clean("help")),
    ),
)


class BarApp(App[None]):
    def compose(self) -> ComposeResult:
        yield StatusBar()

    @property
    def bar(self) -> StatusBar:
        return self.query_one(StatusBar)

    @property
    def line(self) -> str:
        return self.bar.render_line(0).text


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_the_line_is_as_wide_as_the_screen_in_every_language(width: int, language: str) -> None:
    locale.use(language)
    try:
        app = BarApp()
        async with app.run_test(size=(width, 5)) as pilot:
            app.bar.status = FULL
            await pilot.pause()
            assert cell_len(app.line) == width
    finally:
        locale.use("en")


async def test_with_room_everything_shows() -> None:
    app = BarApp()
    async with app.run_test(size=(160, 5)):
        app.bar.status = FULL
        for part in (
            "thinking",
            "5.1 tokens/s",
            "context 1.9k of 8k",
            "home:11434",
            "Esc stop",
            "F1 help",
        ):
            assert part in app.line


async def test_at_80_columns_phase_context_and_the_first_key_stay() -> None:
    app = BarApp()
    async with app.run_test(size=(80, 5)):
        app.bar.status = FULL
        for part in ("thinking", "ctx 1.9k/8k", "Esc stop", "private"):
            assert part in app.line


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_at_80_columns_the_fill_shows_while_it_thinks_and_where_the_reserve_begins(
    language: str,
) -> None:
    locale.use(language)
    try:
        app = BarApp()
        async with app.run_test(size=(80, 5)) as pilot:
            app.bar.status = replace(FULL, host="", low_bandwidth=False, context_begins=6827)
            await pilot.pause()
            assert "▇▁▁▁▁▁│▁▁" in app.line
            app.bar.status = replace(app.bar.status, context_begins=None)
            await pilot.pause()
            assert "▁" not in app.line
    finally:
        locale.use("en")


def test_the_fill_is_told_by_its_characters_alone() -> None:
    assert fill_bar(0, 6827, 8192) == "▁▁▁▁▁▁│▁▁"
    assert fill_bar(4096, 6827, 8192) == "▇▇▇▇▁▁│▁▁"
    assert fill_bar(7500, 6827, 8192) == "▇▇▇▇▇▇│▇▁"
    assert fill_bar(9999, 8192, 8192) == "▇▇▇▇▇▇▇▇│"
    glyphs.use(glyphs.ASCII)
    try:
        assert fill_bar(4096, 6827, 8192) == "####..|.."
    finally:
        glyphs.use(glyphs.UNICODE)


async def test_a_value_that_reads_the_same_draws_nothing() -> None:
    app = BarApp()
    async with app.run_test(size=(80, 5)) as pilot:
        app.bar.status = Status(rate=5.12)
        await pilot.pause()
        drawn: list[object] = []
        refresh = app.bar.refresh
        app.bar.refresh = lambda *regions, **how: drawn.append(regions) or refresh(*regions, **how)  # type: ignore[method-assign,func-returns-value]
        app.bar.status = replace(app.bar.status, rate=5.13)
        await pilot.pause()
        assert drawn == []
        app.bar.status = replace(app.bar.status, rate=5.23)
        await pilot.pause()
        assert len(drawn) == 1


def ticks(app: BarApp) -> bool:
    return app.bar._ticker is not None


async def test_it_ticks_only_while_a_phase_lasts() -> None:
    app = BarApp()
    async with app.run_test(size=(80, 5)):
        assert not ticks(app)
        app.bar.status = Status(phase=Phase.LOADING)
        assert ticks(app)
        app.bar.status = Status()
        assert not ticks(app)


def test_only_the_cells_that_differ_are_named() -> None:
    assert changed([("thinking 0:48", "")], [("thinking 0:49", "")]) == [(12, 13)]
    assert changed([("same", "")], [("same", "")]) == []


def test_cells_between_that_stay_are_named_where_they_are_fewer_than_a_jump_costs() -> None:
    assert changed([("0:48 · 40 t/s · 315", "")], [("0:49 · 40 t/s · 327", "")]) == [(3, 4), (17, 19)]
    assert changed([("0:48 · 39.9", "")], [("0:49 · 39.8", "")]) == [(3, 11)]


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert changed([("思a", "")], [("考a", "")]) == [(0, 2)]
    assert changed([("ab", "")], [("思", "")]) == [(0, 2)]


def test_short_forms_come_before_leaving_out() -> None:
    pieces = [
        Piece(Clean("long phase"), 0, Clean("phase")),
        Piece(Clean("context 1 of 2"), 1, Clean("1/2")),
        Piece(Clean("host"), 2),
    ]
    assert [piece.text for piece in fit(pieces, 23, 3)] == ["long phase", "1/2", "host"]
    assert [piece.text for piece in fit(pieces, 11, 3)] == ["phase", "1/2"]


def test_figures_are_short() -> None:
    assert [tokens(n) for n in (0, 850, 1946, 8192, 131072)] == ["0", "850", "1.9k", "8k", "128k"]
    assert [elapsed(n) for n in (0, 48.9, 91, 3723)] == ["0:00", "0:48", "1:31", "1:02:03"]


async def test_a_long_way_to_the_first_token_is_told_before_anything_is_sent() -> None:
    app = BarApp()
    async with app.run_test(size=(120, 5)) as pilot:
        app.bar.status = Status(first_token=130.0, context_used=3800, context_size=4096)
        await pilot.pause()
        assert "first token after about 2 min" in app.line
    app = BarApp()
    async with app.run_test(size=(40, 5)) as pilot:
        app.bar.status = Status(first_token=130.0, context_used=1946, context_size=8192, host="home:11434")
        await pilot.pause()
        assert "starts after ~2 min" in app.line
