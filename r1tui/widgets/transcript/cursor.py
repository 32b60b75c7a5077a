"""The cursor over messages, their reasoning folded and unfolded, and the search in them."""

from __future__ import annotations

from r1tui.domain.message import Message
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.transcript import events as told
from r1tui.widgets.transcript import find
from r1tui.widgets.transcript.drawing import Mark
from r1tui.widgets.transcript.ink import REVERSE, Ink
from r1tui.widgets.transcript.rows import Row
from r1tui.widgets.transcript.view import TranscriptView


class CursorView(TranscriptView):
    """A view with a message under the cursor and marks where a search found something."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cursor: str | None = None
        self._needle = ""
        self._matches: list[find.Match] = []
        self._match = -1
        self._matched_row: tuple[int, int] | None = None

    # Cursor

    @property
    def cursor_message(self) -> Message | None:
        """The message under the cursor; without one, the last."""
        at = self._at_cursor()
        if at is None:
            at = len(self.layout_.entries) - 1
        return self.layout_.entries[at].message if at >= 0 else None

    def _at_cursor(self) -> int | None:
        return None if self._cursor is None else self.layout_.index.get(self._cursor)

    def cursor_up(self) -> None:
        """To the message above."""
        self._move_cursor(-1)

    def cursor_down(self) -> None:
        """To the message below."""
        self._move_cursor(1)

    def _move_cursor(self, by: int) -> None:
        entries = self.layout_.entries
        if not entries:
            return
        at = self._at_cursor()
        if at is None:
            at = self.layout_.at(self.top + max(0, self.size.height - 2))
            at = min(at, len(entries) - 1) + (1 if by < 0 and self.following else 0)
        at = max(0, min(at + by, len(entries) - 1))
        self._cursor = entries[at].message.id
        self.reveal(at)

    def reveal(self, at: int, row: int = 0) -> None:
        """Bring a row of an entry onto the screen, the entry's beginning where both fit."""
        self.lay_out(at)
        height = self.size.height
        line = self.layout_.starts[at] + row
        end = self.layout_.starts[at] + self.layout_.entries[at].height
        if at == len(self.layout_.entries) - 1 and end - line <= height:
            self.show_end()
            return
        if not (self.top <= line and (end if end - line < height else line + 1) <= self.top + height - 1):
            self._slack = 0
            self.following = False
            target = line if line < self.top or end - line >= height else end - height + 1
            self._set_top(max(0, target - (height // 3 if row else 0)))
        self.paint()

    def margin_sign(self, at: int, index: int) -> str:
        """The cursor's sign beside the rows of its message."""
        if self._cursor is None or self.layout_.entries[at].message.id != self._cursor:
            return ""
        if index == self.layout_.entries[at].height - 1:
            return ""
        return glyphs().selected if index == 0 else glyphs().gutter

    def on_focus(self) -> None:
        """The keyboard's cursor shows while the keys go here."""
        if self._cursor is None and self.layout_.entries:
            self._cursor = self.layout_.entries[-1].message.id
            self.paint()

    def on_blur(self) -> None:
        """Without the focus there is no cursor."""
        if self._cursor is not None:
            self._cursor = None
            self.paint()

    # Reasoning

    def toggle_reasoning(self) -> None:
        """Fold all reasoning that is there, or unfold all where the last is folded. What comes later does as the policy
        says.
        """
        entries = [entry for entry in self.layout_.entries if entry.reasoning_header_row is not None]
        if not entries:
            return
        opened = not entries[-1].is_open(self.view)
        for entry in entries:
            entry.choice = opened
        self._refold()

    def toggle_at_cursor(self) -> None:
        """Fold or unfold the reasoning of the message under the cursor, else the last there is."""
        at = self._at_cursor()
        if at is None or self.layout_.entries[at].reasoning_header_row is None:
            with_reasoning = [
                index
                for index, entry in enumerate(self.layout_.entries)
                if entry.reasoning_header_row is not None
            ]
            if not with_reasoning:
                return
            at = with_reasoning[-1] if at is None else at
        entry = self.layout_.entries[at]
        if entry.reasoning_header_row is None:
            return
        entry.choice = not entry.is_open(self.view)
        self._fold_changed(at)
        self.paint()

    def toggle_formulas(self) -> None:
        """Show the formulas of the message under the cursor, else of the last, as their source, or set again."""
        at = self._at_cursor()
        at = len(self.layout_.entries) - 1 if at is None else at
        if at >= 0:
            entry = self.layout_.entries[at]
            entry.formulas = not entry.formulas
            entry.drop()
            self._fold_changed(at)
            self.paint()

    def _refold(self) -> None:
        for at, entry in enumerate(self.layout_.entries):
            if entry.reasoning_header_row is None:
                continue
            if entry.rows:
                self._fold_changed(at)
            else:
                entry.forget(self.view)
        self.layout_.invalidate()
        self.paint()
        self.lay_out_rest()

    def _fold_changed(self, at: int) -> None:
        """Lay out again; a header that was above the screen's top comes to it rather than leaving the reader lost."""
        top, start = self.top, self.layout_.starts[at]
        self.lay_out(at)
        if not self.following and start < top < start + self.layout_.entries[at].height:
            self._set_top(start)

    # Search

    def find(self, text: str) -> int:
        """Search, stand at the last match before what is on the screen, and return how many there are."""
        self._search(text)
        if self._matches:
            here = self.layout_.at(self.top + self.size.height // 2)
            before = [number for number, match in enumerate(self._matches) if match.entry <= here]
            self._match = before[-1] if before else 0
            self._jump()
        else:
            self.post_message(told.FindMoved(0, 0))
            self.paint()
        return len(self._matches)

    @property
    def finding(self) -> bool:
        """Whether a search is open and its places are marked."""
        return bool(self._needle)

    def end_find(self) -> bool:
        """Take the marks of the search away. False where there were none."""
        if not self._needle:
            return False
        self._search("")
        self.paint()
        return True

    def find_next(self) -> None:
        """To the next match; after the last comes the first."""
        self._step(1)

    def find_previous(self) -> None:
        """To the match before."""
        self._step(-1)

    def go_to(self, message_id: str) -> None:
        """Put the cursor on a message and bring it onto the screen."""
        at = self.layout_.index.get(message_id)
        if at is not None:
            self._cursor = message_id
            self.reveal(at)

    def jump_to(self, message_id: str, needle: str = "") -> None:
        """Bring a message onto the screen, at the first place of `needle` in it."""
        at = self.layout_.index.get(message_id)
        if at is None:
            return
        self._cursor = message_id
        self._search(needle)
        inside = [number for number, match in enumerate(self._matches) if match.entry == at]
        if inside:
            self._match = inside[0]
            self._jump()
        else:
            self.reveal(at)

    def _search(self, text: str) -> None:
        self._needle = text
        self._matches = find.matches(self.layout_.entries, text) if text else []
        self._match = -1
        self._matched_row = None

    def _step(self, by: int) -> None:
        if self._matches:
            self._match = (self._match + by) % len(self._matches)
            self._jump()

    def _jump(self) -> None:
        match = self._matches[self._match]
        entry = self.layout_.entries[match.entry]
        if match.reasoning and not entry.is_open(self.view):
            entry.choice = True
        self.lay_out(match.entry)
        row = find.row_of(entry, match, self._needle)
        self._matched_row = (match.entry, row)
        self.reveal(match.entry, row)
        self.post_message(told.FindMoved(self._match + 1, len(self._matches)))

    def marks(self, at: int, row: Row, index: int) -> tuple[Mark, ...]:
        """The places of a search, the present one more strongly."""
        if not self._needle or index == 0:
            return ()
        ink = Ink.BOXED | REVERSE if self._matched_row == (at, index) else Ink.FIND | REVERSE
        return tuple((start, end, ink) for start, end in find.spans(row.text, self._needle))
