"""What the app asks for beyond Textual's public interface. Each hook is Textual's own way until a patch installs its own.

So nobody but the patches themselves knows which of them are in force.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

from r1tui.domain.clean import visible
from r1tui.domain.dataclass import dataclass


@runtime_checkable
class TakesFaults(Protocol):
    """An app that deals with faults itself."""

    def take_fault(self, error: Exception, *, ending: bool) -> bool:
        """Deal with a fault that nobody caught; False leaves it to Textual.

        `ending`: the app or the screen at work is being taken down, so that parts of it are gone already.
        """


class VisibleText(LineFilter):
    """Shows signs in place of characters that a terminal would obey, in each line of a widget."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments as they may be sent; links are dropped, their addresses are foreign too."""
        return [
            segment
            if segment.control
            else Segment(visible(segment.text), segment.style and segment.style.update_link(None))
            for segment in segments
        ]


def _keeps_up(app: App[Any]) -> bool:
    return False


def _keys_come() -> bool:
    return False


def _nothing_is_kept(app: App[Any]) -> None:
    pass


def _count_as_rich_does(wide: bool) -> None:
    pass


def _raise_within(app: App[Any], error: Exception) -> None:
    def fail() -> None:
        raise error

    app.call_later(fail)


@dataclass
class Hooks:
    """The app's ways of doing what Textual offers no public way for."""

    behind: Callable[[App[Any]], bool] = _keeps_up
    """Whether the app's terminal does not keep up with what is drawn."""
    stands_still: Callable[[App[Any]], bool] = _keeps_up
    """Whether, after the app's end, its terminal has not taken everything."""
    keys_come: Callable[[], bool] = _keys_come
    """Whether keys have arrived of which the app has not been told yet."""
    write: Callable[[App[Any], str], None] | None = None
    """Send the terminal a control sequence in turn with what is drawn; None where that cannot be done."""
    forget_shown: Callable[[App[Any]], None] = _nothing_is_kept
    """Send all that is drawn from now on, whatever the terminal was sent before: something else may have changed it."""
    count_ambiguous_wide: Callable[[bool], None] = _count_as_rich_does
    """Have characters of ambiguous width counted as two cells, or as one."""
    fail: Callable[[App[Any], Exception], None] = _raise_within
    """Have the app deal with a fault that was caught outside of it."""
    line_filters: tuple[LineFilter, ...] = (VisibleText(),)
    """What lines pass before they are drawn, where nothing else makes their text visible."""


hooks = Hooks()
"""The hooks of this process."""
