"""Themes as Textual has them."""

from __future__ import annotations

from textual.theme import Theme

from r1tui.domain.theme import ThemeFile


def to_textual(theme: ThemeFile) -> Theme:
    """A theme file's theme, ready for `App.register_theme`."""
    colors = dict(theme.colors)
    return Theme(
        name=theme.name,
        primary=colors.pop("primary"),
        dark=theme.dark,
        ansi=theme.ansi,
        variables=dict(theme.variables),
        **colors,
    )
