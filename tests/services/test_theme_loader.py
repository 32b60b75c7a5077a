"""Themes: ours are sound, a broken one is named with its line and stops nothing."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.widgets import Input, OptionList, TextArea

from r1tui.domain.theme import ThemeFile
from r1tui.locale import say
from r1tui.services.themes import load_themes, stamp, watch
from r1tui.widgets.theme_adapter import to_textual
from tests.support import patience

OURS, FAILURES = load_themes(Path("/nonexistent"))
GOOD = '[colors]\nprimary = "#123456"\nforeground = "#fff"\nbackground = "ansi_default"\n'


def test_at_least_six_themes_come_along_and_none_is_broken() -> None:
    assert FAILURES == []
    assert {"r1-dark", "r1-light", "high-contrast", "sixteen", "deep-sea", "ink"} <= OURS.keys()
    assert {theme.dark for theme in OURS.values()} == {True, False}


@pytest.mark.parametrize(
    "theme", [theme for theme in OURS.values() if not theme.ansi], ids=lambda theme: theme.name
)
def test_text_stands_out_from_its_ground(theme: ThemeFile) -> None:
    """WCAG 2.1, 1.4.3: 4.5 to 1, 3 to 1 for what is bold or a hint on the cursor's line; the high-contrast theme 7 to 1."""
    least = 7.0 if theme.name == "high-contrast" else 4.5
    for ground in ("background", "surface", "panel"):
        for ink in ("foreground", "primary", "accent", "success", "warning", "error"):
            assert contrast(theme.colors[ink], theme.colors[ground]) >= least, f"{ink} on {ground}"
        assert contrast(theme.variables["text-muted"], theme.colors[ground]) >= least, f"muted on {ground}"
    cursor = theme.variables["block-cursor-background"]
    assert contrast(theme.variables["block-cursor-foreground"], cursor) >= least
    under_it = 7.0 if theme.name == "high-contrast" else 3.0
    for ink in ("accent", "warning", "error"):
        assert contrast(theme.colors[ink], cursor) >= under_it, f"{ink} under the cursor"
    assert contrast(theme.variables["text-muted"], cursor) >= under_it, "muted under the cursor"


def contrast(one: str, other: str) -> float:
    def luminance(color: Color) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


class ThemedApp(App[None]):
    def compose(self) -> ComposeResult:
        yield TextArea("text")
        yield OptionList("one", "two")
        yield Input()


@pytest.mark.parametrize("theme", OURS.values(), ids=lambda theme: theme.name)
async def test_textual_takes_every_theme(theme: ThemeFile) -> None:
    app = ThemedApp()
    async with app.run_test() as pilot:
        app.register_theme(to_textual(theme))
        app.theme = theme.name
        await pilot.pause()
        assert app.current_theme.name == theme.name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('title = "x"\n[colors\n', ["line 2"]),
        (GOOD.replace('"#123456"', '"bluish"'), ["line 2", "colors.primary", "colour"]),
        (GOOD.replace('"#123456"', "12"), ["line 2", "colors.primary"]),
        (GOOD + 'surfaces = "#000"\n', ["line 5", "colors.surfaces", "not known"]),
        (GOOD + '[variables]\n"border" = "red; }"\n', ["line 6", "variables.border"]),
        (GOOD + '[variables]\nblock-cursor-text-style = "#fff"\n', ["line 6", "bold"]),
        ('[colors]\nprimary = "#123456"\n', ["lacks", "colors.foreground"]),
        ('dark = "yes"\n' + GOOD, ["line 1", "true or false"]),
    ],
)
def test_a_broken_theme_is_named_with_its_line_and_the_others_stay(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    (tmp_path / "mine.toml").write_text(text)
    themes, failures = load_themes(tmp_path)
    assert themes.keys() == OURS.keys()
    assert len(failures) == 1
    for word in ["mine.toml", *words]:
        assert word in say(failures[0])


def test_a_theme_of_ones_own_beats_ours_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "ink.toml").write_text('title = "Mine"\n' + GOOD)
    themes, failures = load_themes(tmp_path)
    assert failures == []
    assert themes["ink"].title == "Mine"


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    assert "x.toml" in say(load_themes(tmp_path)[1][0])


def test_a_folder_that_may_not_be_read_is_named_and_ours_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(self: Path) -> Iterator[Path]:
        if self == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return iterdir(self)

    iterdir = Path.iterdir  # root, whom the tests may run as, is refused nothing
    monkeypatch.setattr(Path, "iterdir", refused)
    themes, failures = load_themes(tmp_path)
    assert themes == OURS
    assert [str(tmp_path) in say(failure) for failure in failures] == [True]


async def test_an_edited_theme_is_noticed_and_an_untouched_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    await asyncio.to_thread(file.write_text, GOOD)
    noticed = asyncio.Event()
    watching = asyncio.create_task(watch(tmp_path, noticed.set, every=0.01))
    await asyncio.sleep(0.1)
    assert not noticed.is_set()
    await asyncio.to_thread(file.write_text, GOOD + "# more")
    await asyncio.wait_for(noticed.wait(), patience.SECONDS)
    watching.cancel()


@pytest.mark.parametrize("kind", ["dangling", "circle", "folder", "pipe"])
def test_an_entry_that_is_no_file_keeps_no_edit_of_the_others_from_being_noticed(
    tmp_path: Path, kind: str
) -> None:
    file, odd = tmp_path / "mine.toml", tmp_path / "odd.toml"
    file.write_text(GOOD)
    make: dict[str, Callable[[], None]] = {
        "dangling": lambda: odd.symlink_to("gone"),
        "circle": lambda: odd.symlink_to(odd),
        "folder": odd.mkdir,
        "pipe": lambda: os.mkfifo(odd),
    }
    seen = stamp(tmp_path)
    make[kind]()
    with_odd = stamp(tmp_path)
    assert with_odd != seen
    file.write_text(GOOD + "# more")
    assert stamp(tmp_path) != with_odd
    themes, failures = load_themes(tmp_path)
    assert themes.keys() - OURS.keys() == {"mine"}
    assert [str(odd) in say(failure) for failure in failures] == [True]


async def test_without_a_folder_nothing_is_watched(tmp_path: Path) -> None:
    await asyncio.wait_for(watch(tmp_path / "none", lambda: None), patience.SECONDS)


@pytest.mark.parametrize(("name", "no_color"), [("r1-dark", True), ("sixteen", False)])
async def test_where_colours_tell_nothing_a_highlighted_row_is_drawn_in_reverse(
    name: str, no_color: bool
) -> None:
    app = ThemedApp()
    async with app.run_test() as pilot:
        app.register_theme(to_textual(OURS[name], no_color=no_color))
        app.theme = name
        options = app.query_one(OptionList)
        for focused in (options, app.query_one(Input)):
            focused.focus()
            options.highlighted = 0
            await pilot.pause()
            words = str(options.get_option_at_index(0).prompt)
            drawn = [
                segment
                for strip in app.screen._compositor.render_strips()
                for segment in strip
                if segment.text.strip() == words
            ]
            assert [bool(segment.style and segment.style.reverse) for segment in drawn] == [True]
