"""Themes as Textual has them."""

from __future__ import annotations

from textual.style import Style
from textual.theme import Theme
from textual.widget import Widget

from r1tui.domain.theme import ThemeFile

_without_reverse = Widget.get_visual_style


def _with_reverse(self: Widget, *component_classes: str, partial: bool = False) -> Style:
    """A widget's style with the reverse video that Textual 8.2 forgets there, so that no list's cursor would show."""
    style = _without_reverse(self, *component_classes, partial=partial)
    if any(self.get_component_styles(name).text_style.reverse for name in component_classes):
        style += Style(reverse=True)
    return style


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
    if any("reverse" in value for value in variables.values()):
        Widget.get_visual_style = _with_reverse  # type: ignore[method-assign]
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
