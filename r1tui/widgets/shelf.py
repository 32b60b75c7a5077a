"""What waits above the prompt, a line each: questions that are asked later, the files that go with the next one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.message import Message

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.locale import t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.cells import cut
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.lines import Line, Lines

LEAST_NAME = 16
"""Cells that a name has before facts about it are shown."""


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """What one line of the shelf shows."""

    name: Clean
    facts: tuple[Clean, ...] = ()
    """Behind the name, in a muted colour; where they do not fit, the last goes first."""
    is_file: bool = True
    """Whether it can be read in another encoding."""


class Shelf(Commanded, Lines, can_focus=True, place=Place.SHELF):
    """Lines with a cursor, which is drawn while the focus is here. It takes no place while it is empty.

    Of more than fit the last show, until the cursor goes elsewhere; the outermost lines say how many are hidden.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"shelf--facts", "shelf--cursor"}
    DEFAULT_CSS = """
    Shelf { display: none; height: auto; max-height: 5; }
    Shelf.-filled { display: block; }
    Shelf > .shelf--facts { color: $text-muted; }
    Shelf > .shelf--cursor { background: $panel; text-style: bold; }
    """
    ALLOW_SELECT = False

    @dataclass
    class OpenRequested(Message):
        """The text of a line is to be shown."""

        at: int

    @dataclass
    class PagerRequested(Message):
        """The text of a line is to be shown in the user's pager."""

        at: int

    @dataclass
    class RemoveRequested(Message):
        """A line is to go."""

        at: int

    @dataclass
    class EncodingRequested(Message):
        """A line's file is to be read in the next encoding."""

        at: int

    class Moved(Message):
        """The cursor is on another line."""

    class Left(Message):
        """Back to the prompt."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries: tuple[ShelfEntry, ...] = ()
        self.cursor = 0
        """The line that keys mean."""
        self._sought = 0
        """A line that is to be among those that show: the last one added, or the cursor's."""

    def commands(self) -> Attached:
        """Move, and ask for what is to be done with the line under the cursor."""
        return {
            "shelf.up": partial(self._move, -1),
            "shelf.down": partial(self._move, 1),
            "shelf.open": self._open,
            "shelf.pager": self._open_outside,
            "shelf.remove": self._remove,
            "shelf.encoding": self._change_encoding,
            "shelf.leave": self._leave,
        }

    def offers(self, name: str) -> bool | None:
        """An encoding is of a file."""
        if name == "shelf.encoding" and self.entries:
            return self.entries[self.cursor].is_file
        return True

    def show(self, entries: Sequence[ShelfEntry]) -> None:
        """Show these; the cursor stays where it is, or on the last."""
        if tuple(entries) == self.entries:
            return
        grown = len(entries) > len(self.entries)
        self.entries = tuple(entries)
        self.cursor = max(0, min(self.cursor, len(entries) - 1))
        self.set_class(bool(entries), "-filled")
        self.redraw()
        self.refresh(layout=True)
        if self.has_focus:
            self._sought = self.cursor
        elif grown:
            self._sought = len(entries) - 1
        self.call_after_refresh(self._bring_in)

    def styled_lines(self, width: int) -> Iterable[Line]:
        """A sign, the name, and what it takes."""
        for at, entry in enumerate(self.entries):
            here = at == self.cursor and self.has_focus
            sign = glyphs().selected if here else Clean(" ")
            facts, hidden = list(entry.facts), self._hidden_beyond(at)
            least = 3 + min(cell_len(entry.name), LEAST_NAME)
            while facts and cell_len(_joined([*facts, *hidden])) > width - least:
                facts.pop()
            behind = _joined([*facts, *hidden])
            name = cut(entry.name, max(width - 3 - cell_len(behind), 1))
            parts = ((Clean(" ") + sign + " ", ""), (name, ""), (behind, "shelf--facts"))
            yield Line(parts, "shelf--cursor" if here else "")

    def _hidden_beyond(self, at: int) -> list[Clean]:
        """How many lines are hidden above or below a line that is the first or last of those that show."""
        above = int(self.scroll_offset.y)
        below = len(self.entries) - above - self.size.height
        hidden: list[Clean] = []
        if above > 0 and at == above:
            hidden.append(glyphs().up + " " + t("shelf.more", n=above))
        if self.size.height and below > 0 and at == above + self.size.height - 1:
            hidden.append(glyphs().down + " " + t("shelf.more", n=below))
        return hidden

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw anew once it scrolls: other lines are told as hidden."""
        super().watch_scroll_y(old_value, new_value)
        self.redraw()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Draw the cursor, or none."""
        super().watch_has_focus(has_focus)
        if has_focus:
            self._sought = self.cursor
            self._bring_in()
        self.redraw()

    def on_resize(self) -> None:
        """Room for more lines, or for fewer."""
        super().on_resize()
        self._bring_in()

    def _move(self, by: int) -> None:
        to = self.cursor + by
        if to >= len(self.entries):
            self._leave()
        elif to >= 0:
            self.cursor = self._sought = to
            self._bring_in()
            self.redraw()
            self.post_message(self.Moved())

    def _bring_in(self) -> None:
        """Scroll to the line that is sought."""
        line, height = min(self._sought, len(self.entries) - 1), self.size.height
        if height and line >= 0:
            top = min(max(self.scroll_offset.y, line - height + 1), line)
            self.scroll_to(y=top, animate=False, force=True)

    def _open(self) -> None:
        self.post_message(self.OpenRequested(self.cursor))

    def _open_outside(self) -> None:
        self.post_message(self.PagerRequested(self.cursor))

    def _remove(self) -> None:
        self.post_message(self.RemoveRequested(self.cursor))

    def _change_encoding(self) -> None:
        self.post_message(self.EncodingRequested(self.cursor))

    def _leave(self) -> None:
        self.post_message(self.Left())


def _joined(facts: Iterable[Clean]) -> Clean:
    return Clean("").join(f"  {fact}" for fact in facts)
