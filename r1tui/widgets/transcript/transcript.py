"""The chat log: messages, the keys that act on them, search and selection over the drawing that `view.py` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.selection import Selection

from r1tui.domain.clean import clean
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.widgets.glyphs import glyphs
from r1tui.widgets.transcript import events as told
from r1tui.widgets.transcript import find, select
from r1tui.widgets.transcript.entry import Entry
from r1tui.widgets.transcript.ink import REVERSE, Ink
from r1tui.widgets.transcript.render import CodeBlock
from r1tui.widgets.transcript.rows import Row
from r1tui.widgets.transcript.view import _ENTRY_BITS, MARGIN, Mark, TranscriptView

_WHEEL = 3
"""Rows a turn of the wheel scrolls."""


class Transcript(TranscriptView):
    """A conversation's active branch. The messages are the domain's own: `update` takes what is new in one of them."""

    DEFAULT_CSS = """
    Transcript {
        overflow: hidden hidden;
        background: $background;
        color: $foreground;
        height: 1fr;
        & > .transcript--text { color: $foreground; }
        & > .transcript--muted { color: $text-muted; }
        & > .transcript--think { color: $text-muted; }
        & > .transcript--heading { color: $primary; }
        & > .transcript--code { color: $accent; }
        & > .transcript--quote { color: $text-muted; }
        & > .transcript--link { color: $secondary; }
        & > .transcript--maths { color: $foreground; }
        & > .transcript--boxed { color: $success; }
        & > .transcript--user { color: $secondary; }
        & > .transcript--model { color: $primary; }
        & > .transcript--warning { color: $warning; }
        & > .transcript--error { color: $error; }
        & > .transcript--cursor { color: $accent; }
        & > .transcript--find { color: $warning; }
        & > .transcript--keyword { color: $primary; }
        & > .transcript--string { color: $success; }
        & > .transcript--comment { color: $text-muted; }
        & > .transcript--number { color: $warning; }
        & > .transcript--name { color: $secondary; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_lines(-1)", "transcript.key.up", id="transcript.up", show=False),
        Binding("down", "scroll_lines(1)", "transcript.key.down", id="transcript.down", show=False),
        Binding("pageup", "page_up", "transcript.key.page-up", id="transcript.page_up", show=False),
        Binding("pagedown", "page_down", "transcript.key.page-down", id="transcript.page_down", show=False),
        Binding("home,g", "home", "transcript.key.home", id="transcript.home", show=False),
        Binding("end,G", "end", "transcript.key.end", id="transcript.end"),
        Binding("k,ctrl+up", "cursor_up", "transcript.key.previous", id="transcript.previous"),
        Binding("j,ctrl+down", "cursor_down", "transcript.key.next", id="transcript.next"),
        Binding("enter,space", "toggle_at_cursor", "transcript.key.fold", id="transcript.fold"),
        Binding("y", "copy(False)", "transcript.key.copy", id="transcript.copy"),
        Binding("Y", "copy(True)", "transcript.key.copy-all", id="transcript.copy_all", show=False),
        *(
            Binding(
                str(n),
                f"copy_code({n})",
                "transcript.key.copy-code",
                id=f"transcript.copy_code_{n}",
                show=n == 1,
            )
            for n in range(1, 10)
        ),
        Binding("o", "open('pager')", "transcript.key.pager", id="transcript.pager", show=False),
        Binding("O", "open('editor')", "transcript.key.editor", id="transcript.editor", show=False),
        Binding("s", "save", "transcript.key.save", id="transcript.save", show=False),
        Binding("e", "edit", "transcript.key.edit", id="transcript.edit"),
        Binding("r", "regenerate", "transcript.key.regenerate", id="transcript.regenerate"),
        Binding("c", "continue", "transcript.key.continue", id="transcript.continue", show=False),
        Binding(
            "left_square_bracket",
            "sibling(-1)",
            "transcript.key.sibling-before",
            id="transcript.sibling_before",
            show=False,
        ),
        Binding(
            "right_square_bracket",
            "sibling(1)",
            "transcript.key.sibling-after",
            id="transcript.sibling_after",
            show=False,
        ),
        Binding("d", "delete", "transcript.key.delete", id="transcript.delete", show=False),
        Binding("slash", "find", "transcript.key.find", id="transcript.find"),
        Binding("n", "find_next", "transcript.key.find-next", id="transcript.find_next", show=False),
        Binding(
            "N", "find_previous", "transcript.key.find-previous", id="transcript.find_previous", show=False
        ),
    ]

    ReasoningToggled = told.ReasoningToggled
    FollowChanged = told.FollowChanged
    CopyRequested = told.CopyRequested
    OpenRequested = told.OpenRequested
    SaveRequested = told.SaveRequested
    EditRequested = told.EditRequested
    RegenerateRequested = told.RegenerateRequested
    ContinueRequested = told.ContinueRequested
    SiblingRequested = told.SiblingRequested
    DeleteRequested = told.DeleteRequested
    FindRequested = told.FindRequested
    FindMoved = told.FindMoved

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._cursor: str | None = None
        self._needle = ""
        self._matches: list[find.Match] = []
        self._match = -1
        self._matched_row: tuple[int, int] | None = None

    # What is shown

    @property
    def reasoning_policy(self) -> str:
        """`while-thinking`, `open` or `folded`."""
        return self.view.policy

    @reasoning_policy.setter
    def reasoning_policy(self, policy: str) -> None:
        self.view.policy = policy
        self._refold()

    @property
    def messages(self) -> list[Message]:
        """What is shown, oldest first."""
        return [entry.message for entry in self.layout_.entries]

    def show(self, messages: Sequence[Message]) -> None:
        """Show a branch, at its end. Entries of messages that were shown before are kept."""
        self.view.highlight = not self.low_bandwidth
        known = {id(entry.message): entry for entry in self.layout_.entries}
        self.layout_.replace([known.get(id(message)) or Entry(message, self.view) for message in messages])
        for entry in self.layout_.entries[-2:]:
            if entry.rows:
                entry.lay_out(self.view)
        self.layout_.invalidate()
        if self._cursor not in self.layout_.index:
            self._cursor = None
        self._search(self._needle)
        self.show_end()
        self.lay_out_rest()

    def add(self, message: Message) -> None:
        """One more message at the end. A user's own takes the view to the end."""
        self.layout_.append(Entry(message, self.view))
        if message.role is Role.USER:
            self._cursor = None
            self.show_end()
        else:
            self.paint()

    def update(self, message: Message) -> None:
        """Something of `message` changed: text came, its phase, its status. Unknown messages are added."""
        at = self.layout_.index.get(message.id)
        if at is None:
            self.add(message)
            return
        entry = self.layout_.entries[at]
        entry.message = message
        self.lay_out(at, tick=message.status is not MessageStatus.STREAMING or not entry.streaming)
        self.paint()

    def tick(self) -> None:
        """A second has passed while an answer runs: counted time and tokens move on."""
        for at in range(len(self.layout_.entries) - 1, max(-1, len(self.layout_.entries) - 3), -1):
            if self.layout_.entries[at].message.status is MessageStatus.STREAMING:
                self.lay_out(at)
                self.paint()
                return

    def remove_after(self, message_id: str) -> None:
        """Keep messages up to and with this one."""
        at = self.layout_.index.get(message_id)
        if at is not None:
            self.layout_.replace(self.layout_.entries[: at + 1])
            self._search(self._needle)
            self.paint()

    def set_siblings(self, siblings: dict[str, tuple[int, int]]) -> None:
        """Message id → (which, of how many) for messages of which there are several versions."""
        changed = self.view.siblings.items() ^ siblings.items()
        self.view.siblings = dict(siblings)
        self._headers({message_id for message_id, _ in changed})

    def mark_out_of_sight(self, message_ids: Iterable[str]) -> None:
        """Mark the messages that the model will not see any more."""
        lost = set(message_ids)
        changed = self.view.out_of_sight ^ lost
        self.view.out_of_sight = lost
        self._headers(changed)

    def _headers(self, message_ids: set[str]) -> None:
        if not message_ids:
            return
        for message_id in message_ids:
            at = self.layout_.index.get(message_id)
            if at is not None and self.layout_.entries[at].rows:
                self.lay_out(at)
        self.paint()

    def code_blocks(self, message_id: str) -> list[CodeBlock]:
        """The code blocks of a message, numbered from 1 on the screen."""
        at = self.layout_.index.get(message_id)
        return self.layout_.entries[at].codes(self.view) if at is not None else []

    # Reasoning

    def toggle_reasoning(self) -> None:
        """Fold all reasoning, or unfold all where the one last seen is folded; what streams later does the same."""
        entries = [entry for entry in self.layout_.entries if entry.reasoning_header_row is not None]
        opened = not entries[-1].is_open(self.view) if entries else self.view.policy == "folded"
        for entry in entries:
            entry.choice = None
        self.view.policy = "open" if opened else "folded"
        self._refold()
        self.post_message(told.ReasoningToggled(opened))

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

    def find_next(self) -> None:
        """To the next match; after the last comes the first."""
        self._step(1)

    def find_previous(self) -> None:
        """To the match before."""
        self._step(-1)

    def clear_find(self) -> None:
        """No marks any more."""
        self._search("")
        self.paint()

    @property
    def find_position(self) -> tuple[int, int]:
        """Which match, from 1, of how many."""
        return self._match + 1, len(self._matches)

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

    # Mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The source of what is selected."""
        entries = self.layout_.entries
        if not entries:
            return None
        start, end = selection.start, selection.end
        mask = (1 << _ENTRY_BITS) - 1
        first = (start.y >> _ENTRY_BITS, start.y & mask, max(0, start.x - MARGIN)) if start else (0, 0, 0)
        last = (
            (end.y >> _ENTRY_BITS, end.y & mask, max(0, end.x - MARGIN))
            if end
            else (len(entries) - 1, mask, mask)
        )
        text = select.source_between(entries, self.view, first, last)
        return (text, "\n") if text else None

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(_WHEEL)

    def on_click(self, event: events.Click) -> None:
        """A click on the header of reasoning folds it; one anywhere chooses the message."""
        key = self._visible[event.y] if 0 <= event.y < len(self._visible) else None
        if key is None:
            if not self.following and event.y == self.size.height - 1:
                self.show_end()
            return
        self._cursor = self.layout_.entries[key[0]].message.id
        if key[1] == self.layout_.entries[key[0]].reasoning_header_row:
            self.toggle_at_cursor()
        else:
            self.paint()

    # Keys

    def action_scroll_lines(self, by: int) -> None:
        """A line up or down."""
        self.scroll_rows(by)

    def action_page_up(self) -> None:
        """A screen up."""
        self.scroll_rows(-max(1, self.size.height - 2))

    def action_page_down(self) -> None:
        """A screen down."""
        self.scroll_rows(max(1, self.size.height - 2))

    def action_home(self) -> None:
        """The first row."""
        self.scroll_rows(-self.layout_.total)

    def action_end(self) -> None:
        """The end, and follow."""
        self.show_end()

    def action_cursor_up(self) -> None:
        """To the message above."""
        self.cursor_up()

    def action_cursor_down(self) -> None:
        """To the message below."""
        self.cursor_down()

    def action_toggle_at_cursor(self) -> None:
        """Fold or unfold."""
        self.toggle_at_cursor()

    def action_copy(self, with_reasoning: bool) -> None:
        """Copy the message under the cursor."""
        message = self.cursor_message
        if message is None:
            return
        text = clean(message.content)
        if with_reasoning and message.reasoning:
            text = f"<think>\n{clean(message.reasoning).strip()}\n</think>\n\n{text}"
        what = "transcript.copied-all" if with_reasoning else "transcript.copied-message"
        self.post_message(told.CopyRequested(text, what))

    def action_copy_code(self, number: int) -> None:
        """Copy code block `number` of the message under the cursor."""
        message = self.cursor_message
        blocks = self.code_blocks(message.id) if message else []
        if 0 < number <= len(blocks):
            self.post_message(told.CopyRequested(blocks[number - 1].text, "transcript.copied-code"))

    def action_open(self, where: str) -> None:
        """Show the message in another program."""
        if (message := self.cursor_message) is not None:
            self.post_message(told.OpenRequested(message.id, where))

    def action_save(self) -> None:
        """Save the message."""
        self._ask(told.SaveRequested)

    def action_edit(self) -> None:
        """Edit the message."""
        self._ask(told.EditRequested)

    def action_regenerate(self) -> None:
        """Answer again."""
        self._ask(told.RegenerateRequested)

    def action_continue(self) -> None:
        """Go on from a partial answer."""
        self._ask(told.ContinueRequested)

    def action_delete(self) -> None:
        """Delete the message."""
        self._ask(told.DeleteRequested)

    def action_sibling(self, step: int) -> None:
        """Another version of the message."""
        if (message := self.cursor_message) is not None:
            self.post_message(told.SiblingRequested(message.id, step))

    def action_find(self) -> None:
        """Ask for words to find."""
        self.post_message(told.FindRequested())

    def action_find_next(self) -> None:
        """To the next match."""
        self.find_next()

    def action_find_previous(self) -> None:
        """To the match before."""
        self.find_previous()

    def _ask(self, event: Callable[[str], told.MessageEvent]) -> None:
        if (message := self.cursor_message) is not None:
            self.post_message(event(message.id))
