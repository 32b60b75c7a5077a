"""Every screen and dialogue at two sizes and in both languages shows what was looked at last."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from tests.screenshots import gallery

RENEW = "$(python3 tests/support/bootstrap.py) -m tests.screenshots.gallery --text"
PATIENCE, LESS = 20.0, 1.0
"""Seconds for a screen to become what it was; less once three have not."""


def test_every_screen_has_a_scene() -> None:
    assert gallery.unseen() == [], "add a scene for it to tests/screenshots/gallery.py"


@pytest.mark.parametrize("size", gallery.SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", gallery.LANGUAGES)
async def test_every_screen_is_as_it_was_looked_at_last(language: str, size: tuple[int, int]) -> None:
    kept = gallery.read(gallery.path_of(language, size))
    changed: dict[str, str] = {}
    async with gallery.stage(language, size) as play:
        for name in gallery.compared():
            await play.clear()
            await gallery.SCENES[name].show(play)
            before = kept.get(name, "")
            if not await play.becomes(before, PATIENCE if len(changed) < 3 else LESS):
                lines = difflib.unified_diff(before.split("\n"), play.text.split("\n"), lineterm="", n=1)
                changed[name] = "\n".join([*lines][2:])
    told = "\n".join(f"{name}:\n{diff}" for name, diff in changed.items())
    assert not changed, (
        f"Look at what has changed; if it is as it should be, renew the texts: {RENEW}\n{told}"
    )
    assert [*kept] == gallery.compared(), f"scenes came or went; renew the texts: {RENEW}"


async def test_it_is_drawn_the_same_in_any_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLORTERM", "truecolor")
    kept = gallery.read(gallery.path_of("en", gallery.SIZES[0]))["pick-theme"]
    async with gallery.stage("en", gallery.SIZES[0]) as play:
        await gallery.SCENES["pick-theme"].show(play)
        assert await play.becomes(kept, PATIENCE), play.text


_TITLE = re.compile(r"╭─ \S.*─╮")


def _cells(line: str) -> list[str]:
    """A character a cell; the second cell of a wide one is empty."""
    return [cell for each in line for cell in (each, *([""] * (cell_len(each) - 1)))]


def _frames(text: str) -> Iterator[tuple[str, list[str], str]]:
    """Each frame's title, the lines within, and what stands in its lower edge."""
    rows = [_cells(line) for line in text.split("\n")]
    for at, row in enumerate(rows):
        if not (found := _TITLE.search("".join(row))):
            continue
        left = len(_cells("".join(row)[: found.start()]))
        right = left + len(_cells(found.group())) - 1
        within = list[str]()
        for below in rows[at + 1 :]:
            piece = "".join(below[left + 1 : right])
            if below[left] == "╰":
                yield found.group(), within, piece
                break
            within.append(piece)


@pytest.mark.parametrize("size", gallery.SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", gallery.LANGUAGES)
def test_every_frame_has_a_blank_line_below_its_title_a_column_at_each_side_and_says_how_to_leave(
    language: str, size: tuple[int, int]
) -> None:
    kept = gallery.read(gallery.path_of(language, size))
    framed = 0
    for name, text in kept.items():
        for title, within, keys in _frames(text):
            framed += 1
            assert not within[0].strip(), (name, title)
            margins = {len(line) - len(line.lstrip()) for line in within if line.strip()}
            if name == "chat-models":  # a mark may stand in the margin
                assert "Esc" in text.split("\n")[-1]
                continue
            assert min(margins) == 1, (name, title, margins)
            assert "Esc" in (text.split("\n")[-1] if name == "chat-machine" else keys), (name, title, keys)
    assert framed > 20
