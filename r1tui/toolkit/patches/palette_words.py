"""Says in the user's language that nothing in the command palette matches."""

from __future__ import annotations

from functools import wraps

from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.widgets.option_list import Option

from r1tui.locale import t
from r1tui.toolkit.patches import Patch


@wraps(CommandPalette._start_no_matches_countdown)  # what it leans on can be looked at again
def _count_down(palette: CommandPalette, search_value: str) -> None:
    palette._stop_no_matches_countdown()
    if search_value:
        palette._no_matches_timer = palette.set_timer(
            palette._NO_MATCHES_COUNTDOWN, lambda: _show_none(palette)
        )
    else:
        palette._list_visible = False


def _show_none(palette: CommandPalette) -> None:
    words = Content(t("palette.none"))
    palette.query_one(CommandList).add_option(Option(words, id=palette._NO_MATCHES, disabled=True))
    palette._list_visible = True


def install() -> None:
    """Have the palette say so."""
    CommandPalette._start_no_matches_countdown = _count_down  # type: ignore[method-assign,assignment]


PATCH = Patch(
    "the palette says in the user's language that nothing matches",
    leans_on=(
        "textual.command:CommandPalette._start_no_matches_countdown(self, search_value)",
        "textual.command:CommandPalette._stop_no_matches_countdown(self)",
        "textual.command:CommandPalette._no_matches_timer",
        "textual.command:CommandPalette._list_visible",
        "textual.command:CommandPalette._NO_MATCHES",
        "textual.command:CommandPalette._NO_MATCHES_COUNTDOWN",
        "textual.command:CommandList",
    ),
    upstream="textual/command.py, _start_no_matches_countdown: the words stand within the method",
    without='the palette says "No matches found"',
    install=install,
)
