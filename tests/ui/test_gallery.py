"""Every screen and dialogue at two sizes and in both languages shows what was looked at last."""

from __future__ import annotations

import difflib

import pytest

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
