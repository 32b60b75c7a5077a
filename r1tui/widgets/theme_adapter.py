"""Themes as Textual has them."""

from __future__ import annotations

from textual.theme import Theme

from r1tui.domain.theme import ThemeFile


def to_textual(theme: ThemeFile, no_color: bool = False) -> Theme:
    """A theme file's theme, ready for `App.register_theme`.

    With `no_color` the rows under a cursor are drawn in reverse: their ground alone would not show.
    """
    colour = theme.colors.get
    variables = dict(theme.variables)
    if theme.ansi:
        # Textual 8.2 generates these two for other themes only, and refuses its style sheet without them.
        variables.setdefault("ansi-background", "ansi_black" if theme.dark else "ansi_white")
        variables.setdefault("ansi-foreground", "ansi_white" if theme.dark else "ansi_black")
    if no_color:
        variables |= {"block-cursor-text-style": "reverse bold", "block-cursor-blurred-text-style": "reverse"}
    return Theme(
        name=theme.name,
        primary=theme.colors["primary"],
        secondary=colour("secondary"),
        accent=colour("accent"),
        foreground=colour("foreground"),
        background=colour("background"),
        surface=colour("surface"),
        panel=colour("panel"),
        success=colour("success"),
        warning=colour("warning"),
        error=colour("error"),
        dark=theme.dark,
        ansi=theme.ansi,
        variables=variables,
    )
