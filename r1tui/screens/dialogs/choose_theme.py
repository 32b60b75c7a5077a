"""A theme chosen while it is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from textual.app import App
from textual.timer import Timer

from r1tui.domain.phrase import Phrase
from r1tui.domain.theme import ThemeFile
from r1tui.locale import given
from r1tui.screens.dialogs.pick import PickScreen

REST = 0.6
"""Seconds that the cursor rests on a theme before it is drawn, on a slow line: each draws the whole screen."""


async def choose_theme(
    app: App[Any],
    load: Callable[[], Mapping[str, ThemeFile]],
    question: Phrase,
    low_bandwidth: bool,
) -> str | None:
    """Ask for a theme, the one in use first; the app shows the one under the cursor meanwhile. None: it is as before.

    `load` reads the theme files, in a thread. Nothing is stored: that is the caller's.
    """
    before = app.theme
    themes = await asyncio.to_thread(load)
    names = sorted(themes, key=lambda name: (name != before, themes[name].title))
    resting: Timer | None = None

    def draw(name: str) -> None:
        if name in app.available_themes:  # one that was written a moment ago is not read yet
            app.theme = name

    def preview(name: str) -> None:
        nonlocal resting
        if resting is not None:
            resting.stop()
        if low_bandwidth:
            resting = app.set_timer(REST, lambda: draw(name))
        else:
            draw(name)

    chosen = await app.push_screen_wait(
        PickScreen(
            question,
            [(name, given.theme_title(themes[name].title)) for name in names],
            preview,
            marked=(before,),
        )
    )
    if resting is not None:
        resting.stop()
    if chosen is None:
        app.theme = before
    return chosen
