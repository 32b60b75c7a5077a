"""The chat log: one widget that shows a conversation's active branch and paints only what changed.

It joins parts that are no widgets, so that each can be tried without a screen: `layout` (where entries stand), `viewport`
(what of them shows), `cursor` (the message that keys act on), `search`, `selection` (from the screen back to the source),
`vote` (the block of a question that is asked several times), `painting` (rows into strips). What moves one of them ends in `paint`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from r1tui.commands import Place
from r1tui.domain.clean import clean
from r1tui.domain.conversation import PARTIAL
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.vote import VoteState
from r1tui.locale import t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.widgets.transcript import events as told
from r1tui.widgets.transcript.code import on_lexer
from r1tui.widgets.transcript.cursor import Cursor
from r1tui.widgets.transcript.entry import Entry, Section
from r1tui.widgets.transcript.ink import COMPONENTS, Ink
from r1tui.widgets.transcript.layout import Layout, RowAt
from r1tui.widgets.transcript.painting import MARGIN, Decoration, Painting
from r1tui.widgets.transcript.render import CodeBlock
from r1tui.widgets.transcript.rows import Row
from r1tui.widgets.transcript.search import Found, Search
from r1tui.widgets.transcript.selection import line_number, row_of_source, selected_source
from r1tui.widgets.transcript.viewport import Viewport
from r1tui.widgets.transcript.vote import Standing, placed
from r1tui.widgets.transcript.words import signs

_WHEEL = 3
"""Rows a turn of the wheel scrolls."""
_ON_A_MESSAGE = frozenset(
    {
        "transcript.fold",
        "transcript.copy",
        "transcript.copy_all",
        "transcript.pager",
        "transcript.editor",
        "transcript.save",
        "transcript.edit",
        "transcript.regenerate",
        "transcript.continue",
        "transcript.vote",
        "transcript.delete",
        "transcript.find",
    }
)
_FOUND_IN = {
    "prompt": Section.BODY,
    "content": Section.BODY,
    "reasoning": Section.REASONING,
    "attachment": Section.ATTACHMENTS,
}
_CODE: dict[str, int] = {f"transcript.copy_code_{n}": n for n in range(1, 10)}


class Transcript(Commanded, ScrollView, can_focus=True, place=Place.TRANSCRIPT):
    """A conversation's active branch. The messages are the domain's own: `update` takes what is new in one of them."""

    COMPONENT_CLASSES = COMPONENTS
    DEFAULT_CSS = """
    Transcript {
        overflow: hidden hidden;
        background: $background;
        color: $foreground;
        height: 1fr;
        & > .transcript--text { color: $foreground; }
        & > .transcript--muted { color: $text-muted; }
        & > .transcript--think { color: $text-muted; }
        & > .transcript--heading { color: $text-primary; }
        & > .transcript--code { color: $text-accent; }
        & > .transcript--quote { color: $text-muted; }
        & > .transcript--link { color: $text-secondary; }
        & > .transcript--ground { background: $panel; }
        & > .transcript--maths { color: $foreground; }
        & > .transcript--boxed { color: $text-success; }
        & > .transcript--user { color: $text-secondary; }
        & > .transcript--model { color: $text-primary; }
        & > .transcript--warning { color: $text-warning; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--cursor { color: $text-accent; }
        & > .transcript--find { color: $text-warning; }
        & > .transcript--keyword { color: $text-primary; }
        & > .transcript--string { color: $text-success; }
        & > .transcript--comment { color: $text-muted; }
        & > .transcript--number { color: $text-warning; }
        & > .transcript--name { color: $text-secondary; }
    }
    """
    ALLOW_MAXIMIZE = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._layout = Layout()
        self.viewport = Viewport(self._layout)
        self._cursor = Cursor(self.viewport)
        self._search = Search(self._layout)
        self._painting = Painting(self)
        self._branch: list[Message] = []
        self._standings: dict[str, Standing] = {}
        """Question's id → the vote on it."""
        self._told_cursor: str | None = None
        """The message that the screen knows the cursor to be on."""
        self._off_lexer: Callable[[], None] | None = None

    # What is shown

    @property
    def messages(self) -> list[Message]:
        """What is shown, oldest first."""
        return [entry.message for entry in self._layout.entries]

    def shows(self, message: Message) -> bool:
        """Whether it has an entry, on the screen or not."""
        return message.id in self._layout.index

    def show(self, messages: Sequence[Message]) -> None:
        """Show a branch, at its end. Entries of messages that were shown before are kept."""
        layout = self._layout
        self._branch = list(messages)
        self._arrange()
        for entry in layout.entries[-2:]:
            if entry.rows:
                entry.lay_out(layout.presentation)
        layout.invalidate()
        if self._cursor.at is None:
            self._cursor.message_id = messages[-1].id if messages and self.has_focus else None
        self._search.again()
        self.show_end()
        self._lay_out_rest()

    def _arrange(self) -> None:
        """An entry for each message of the branch, those of a vote in their block."""
        layout = self._layout
        known = {id(entry.message): entry for entry in layout.entries}
        entries = []
        for place in placed(self._branch, self._standings):
            entry = known.get(id(place.message)) or Entry(place.message, layout.presentation)
            entry.take(place, layout.presentation)
            entries.append(entry)
        layout.replace(entries)

    def set_votes(self, votes: Mapping[str, VoteState]) -> None:
        """Question's id → how its vote stands, before `show`."""
        now = monotonic()
        known = self._standings
        self._standings = {
            question: known[question]
            if question in known and known[question].state == state
            else Standing(state, now)
            for question, state in votes.items()
        }

    def show_votes(self, messages: Sequence[Message], votes: Mapping[str, VoteState]) -> None:
        """Votes went on, and the branch with them: what is read stays where it is. Where the end is followed, the answer
        that a vote came to is gone to.
        """
        before = {entry.message.id for entry in self._layout.entries if entry.ballot and entry.ballot.whole}
        self.set_votes(votes)
        self._branch = list(messages)
        following = self.viewport.following
        with self.viewport.staying():
            self._arrange()
        self._search.again()
        answered = [
            at
            for at, entry in enumerate(self._layout.entries)
            if entry.ballot is not None and entry.ballot.whole and entry.message.id not in before
        ]
        if following:
            self.viewport.show_end()
            if answered:
                self.viewport.reveal(answered[-1])
        self.paint()
        self._lay_out_rest()

    def add(self, message: Message) -> None:
        """One more message at the end. A user's own takes the view to the end."""
        self._branch.append(message)
        self._layout.append(Entry(message, self._layout.presentation))
        if message.role is Role.USER:
            self._cursor.message_id = None
            self.show_end()
        else:
            self.paint()

    def update(self, message: Message) -> bool:
        """Something of `message` changed: text came, its phase, its status. Unknown messages are added.

        False where text waits because laying it out would cost too much so soon: it is to be called again.
        """
        at = self._layout.index.get(message.id)
        if at is None:
            self.add(message)
            return True
        entry = self._layout.entries[at]
        entry.message = message
        reading = not self.viewport.following and self.viewport.is_visible(at)
        if entry.reasoning_shown and entry.choice is None and reading:
            entry.choice = True  # whoever reads it does not want it folded away by the answer's first word
        tick = message.status is not MessageStatus.STREAMING or not entry.streaming
        taken = self.viewport.lay_out(at, tick=tick)
        self.paint()
        return taken

    def tick(self) -> None:
        """A second has passed while an answer runs: counted time and tokens move on."""
        entries = self._layout.entries
        for at in range(len(entries) - 1, max(-1, len(entries) - 3), -1):
            message = entries[at].message
            if message.status is MessageStatus.STREAMING:
                self.viewport.lay_out(at)
                question = self._layout.index.get(message.parent or "")
                if question is not None and entries[question].standing is not None:
                    self.viewport.lay_out(question)  # the time that its vote still takes
                self.paint()
                return

    def set_siblings(self, siblings: dict[str, tuple[int, int]]) -> None:
        """Message id → (which, of how many) for messages of which there are several versions."""
        presentation = self._layout.presentation
        changed = presentation.siblings.items() ^ siblings.items()
        presentation.siblings = dict(siblings)
        self._headers({message_id for message_id, _ in changed})

    def set_origin(self, title: str | None) -> None:
        """Which conversation this one goes on from: its title, "" where it is gone, None where there is none."""
        presentation = self._layout.presentation
        if title != presentation.origin:
            presentation.origin = title
            self._headers(
                {entry.message.id for entry in self._layout.entries if entry.message.parent is None}
            )

    def mark_out_of_sight(self, message_ids: Iterable[str]) -> None:
        """Mark the messages that the model will not see any more."""
        lost = set(message_ids)
        changed = self._layout.presentation.out_of_sight ^ lost
        self._layout.presentation.out_of_sight = lost
        self._headers(changed)

    def _headers(self, message_ids: set[str]) -> None:
        if not message_ids:
            return
        for message_id in message_ids:
            at = self._layout.index.get(message_id)
            if at is not None and self._layout.entries[at].rows:
                self.viewport.lay_out(at)
        self.paint()

    def code_blocks(self, message_id: str) -> list[CodeBlock]:
        """The code blocks of a message."""
        at = self._layout.index.get(message_id)
        return self._layout.entries[at].codes(self._layout.presentation) if at is not None else []

    # How it is shown

    @property
    def low_bandwidth(self) -> bool:
        """Bytes are spared: larger scrolls, no highlighting."""
        return self.viewport.low_bandwidth

    @low_bandwidth.setter
    def low_bandwidth(self, low: bool) -> None:
        if low != self.viewport.low_bandwidth:
            self.viewport.low_bandwidth = low
            self._layout.presentation.highlight = not low
            self._render_again()

    def _render_again(self) -> None:
        """The same rows in number, but with other inks."""
        for entry in self._layout.entries:
            if entry.rows:
                entry.drop()
        self.paint()

    def relay(self) -> None:
        """Everything is to be rendered anew: another width, language or policy. The place on the screen stays."""
        self.viewport.lay_out_again()
        self.paint()
        self._lay_out_rest()

    def _lay_out_rest(self) -> None:
        """Lay out in the background what nobody has looked at yet."""
        if self.is_mounted and any(not entry.laid_out for entry in self._layout.entries):
            # A function: where the app ends before its worker begins, no coroutine is left behind.
            rest: Callable[[], Awaitable[None]] = partial(self.viewport.lay_out_rest, self.paint)
            self.run_worker(rest, group="layout", exclusive=True, exit_on_error=True)

    # Reasoning and formulas

    @property
    def reasoning_policy(self) -> str:
        """`while-thinking`, `open` or `folded`."""
        return self._layout.presentation.policy

    @reasoning_policy.setter
    def reasoning_policy(self, policy: str) -> None:
        for entry in self._layout.entries:
            entry.choice = None  # what was folded by key yields to it
        self._layout.presentation.policy = policy
        self._refold()

    @property
    def tells_reasoning(self) -> bool:
        """Whether folded reasoning says its latest sentence as it goes. It does from the next second on."""
        return self._layout.presentation.tells_reasoning

    @tells_reasoning.setter
    def tells_reasoning(self, told: bool) -> None:
        self._layout.presentation.tells_reasoning = told

    def toggle_reasoning(self) -> None:
        """Fold all reasoning that is there, or unfold all where the last is folded. What comes later does as the policy
        says.
        """
        entries = [entry for entry in self._layout.entries if entry.has_reasoning]
        if not entries:
            return
        opened = not entries[-1].is_open(self._layout.presentation)
        for entry in entries:
            entry.choice = opened
        self._refold()

    def toggle_at_cursor(self) -> None:
        """Fold or unfold the reasoning of the message under the cursor, what goes with a question, or a sample of a vote;
        without a cursor, the last there is.
        """
        at = self._cursor.at
        if at is None:
            at = next(
                (at for at, entry in reversed([*enumerate(self._layout.entries)]) if entry.folds),
                None,
            )
        if at is None or not (entry := self._layout.entries[at]).folds:
            return
        entry.toggle(self._layout.presentation)
        self.viewport.lay_out_folded(at)
        self.paint()

    def show_thought(self, message_id: str, start: int) -> None:
        """Open a message's reasoning and put the place of its character `start` at the top of the screen."""
        at = self._layout.index.get(message_id)
        if at is None:
            return
        entry = self._layout.entries[at]
        self._cursor.message_id = message_id
        entry.open_line(True)
        entry.choice = True
        self.viewport.lay_out(at)
        part = entry.markdown(Section.REASONING)
        if part is not None:
            reasoning = entry.message.reasoning
            lead = len(reasoning) - len(reasoning.lstrip("\n"))
            place = len(clean(reasoning[lead:start]))
            row = entry.rows_of(Section.REASONING).start + row_of_source(part, place)
            self.viewport.show_row(at, row)
        self.paint()

    def toggle_formulas(self) -> None:
        """Show the formulas of the message under the cursor, else of the last, as their source, or set again."""
        at = self._cursor.at_or_last
        if at is not None:
            entry = self._layout.entries[at]
            entry.formulas = not entry.formulas
            entry.drop()
            self.viewport.lay_out_folded(at)
            self.paint()

    def _refold(self) -> None:
        for at, entry in enumerate(self._layout.entries):
            if entry.has_reasoning:
                if entry.rows:
                    self.viewport.lay_out_folded(at)
                else:
                    entry.forget(self._layout.presentation)
        self._layout.invalidate()
        self.paint()
        self._lay_out_rest()

    # Scrolling

    @property
    def max_scroll_y(self) -> int:
        """The last row that can be at the top."""
        return self.viewport.last_top

    @property
    def allow_vertical_scroll(self) -> bool:
        """There is no scroll bar (it would be painted with every line), but scrolling there is."""
        return self.max_scroll_y > 0

    @property
    def following(self) -> bool:
        """Whether the end stays in view as text comes."""
        return self.viewport.following

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Something else scrolled, such as a selection dragged over the edge."""
        if round(old_value) != round(new_value):
            self.viewport.move_to(round(new_value))
            self.paint()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Text is wrapped: nothing ever scrolls sideways."""

    def scroll_rows(self, by: int) -> None:
        """Scroll as a person does: up ends following, reaching the end resumes it."""
        self.viewport.scroll(by)
        self.paint()

    def show_end(self) -> None:
        """Go to the end and follow."""
        self.viewport.show_end()
        self.paint()

    # Cursor

    @property
    def cursor_message(self) -> Message | None:
        """The message under the cursor; without one, the last."""
        return self._cursor.message

    def cursor_up(self) -> None:
        """To the message above."""
        self._move_cursor(-1)

    def cursor_down(self) -> None:
        """To the message below."""
        self._move_cursor(1)

    def _move_cursor(self, by: int) -> None:
        at = self._cursor.move(by)
        if at is not None:
            self.viewport.reveal(at)
            self.paint()

    def go_to(self, message_id: str) -> None:
        """Put the cursor on a message and bring it onto the screen."""
        at = self._layout.index.get(message_id)
        if at is not None:
            self._cursor.message_id = message_id
            self.viewport.reveal(at)
            self.paint()

    def take_up(self) -> None:
        """Put the cursor on the message that keys act on, and bring it onto the screen where none of it is seen."""
        message = self.cursor_message
        if message is None:
            return
        at = self._layout.index[message.id]
        self._cursor.message_id = message.id
        if not self.viewport.is_visible(at):
            self.viewport.reveal(at)
        self.paint()

    def on_focus(self) -> None:
        """The keyboard's cursor shows while the keys go here."""
        if self._cursor.message_id is None and self._layout.entries:
            self._cursor.message_id = self._layout.entries[-1].message.id
            self.paint()

    def on_blur(self) -> None:
        """Without the focus there is no cursor."""
        if self._cursor.message_id is not None:
            self._cursor.message_id = None
            self.paint()

    # Search

    def find(self, text: str) -> int:
        """Search, stand at the last match before what is on the screen, and return how many there are."""
        self._search.look_for(text)
        self._search.go_before(self._layout.at(self.viewport.top + self.size.height // 2))
        self._show_match()
        return self._search.total

    @property
    def found(self) -> Found | None:
        """How the search stands whose places are marked; None without one."""
        return self._search.found

    def end_find(self) -> bool:
        """Take the marks of the search away. False where there were none."""
        if not self._search.active:
            return False
        self._search.look_for("")
        self.paint()
        return True

    def find_next(self) -> None:
        """To the next match; after the last comes the first."""
        self._step(1)

    def find_previous(self) -> None:
        """To the match before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        self._search.catch_up()
        if self._search.total:
            self._search.step(by)
            self._show_match()

    def jump_to(self, message_id: str, needle: str = "", where: str = "") -> None:
        """Bring a message onto the screen, at the first place of `needle` in it: in its `content` or `prompt`, its
        `reasoning` or an `attachment`, as `where` says.
        """
        at = self._layout.index.get(message_id)
        if at is None:
            return
        self._cursor.message_id = message_id
        self._search.look_for(needle)
        self._search.go_into(at, _FOUND_IN.get(where))
        if self._search.match is not None:
            self._show_match()
        else:
            self.viewport.reveal(at)
            self.paint()

    def _show_match(self) -> None:
        """Bring the match that is looked at onto the screen, and tell which it is."""
        match = self._search.match
        if match is not None:
            entry = self._layout.entries[match.entry]
            if entry.is_line:
                entry.open_line(True)
            if entry.message.role is Role.USER:
                entry.unfolded = True
            if match.folds and not entry.is_open(self._layout.presentation):
                entry.choice = True
            self.viewport.lay_out(match.entry)
            self.viewport.reveal(match.entry, self._search.locate(match))
        self.paint()
        self.post_message(told.FindMoved(self._search.position, self._search.total))

    # Painting

    def paint(self) -> None:
        """Compose what the screen shows and refresh what differs from what it showed before."""
        changed = self._composed()
        if changed is None:
            self.refresh()
        elif changed:
            self.refresh(*changed)

    def _composed(self) -> Sequence[Region] | None:
        """Compose what the screen shows; the regions that differ from what it showed before, None where all does."""
        viewport = self.viewport
        viewport.height = self.size.height
        changed: Sequence[Region] | None = ()
        if self.size and self.is_mounted:
            viewport.settle()
            rows = list(viewport.rows())
            if viewport.more:
                rows[-1] = (None, Row(((signs(t("transcript.more")), Ink.CURSOR),)))
            changed = self._painting.paint(rows, self._decoration())
        if self.is_mounted and self._told_cursor != self._cursor.message_id:
            self._told_cursor = self._cursor.message_id
            self.post_message(told.CursorMoved())
        self.set_reactive(ScrollView.scroll_y, float(viewport.top))
        self.set_reactive(ScrollView.scroll_target_y, float(viewport.top))
        return changed

    def _decoration(self) -> Callable[[RowAt, Row], Decoration]:
        """What tells how a row is decorated now."""
        cursor, search, selection = self._cursor, self._search, self.text_selection
        grounds, entries = not self.low_bandwidth, self._layout.entries

        def decoration(place: RowAt, row: Row) -> Decoration:
            chosen = selection.get_span(line_number(place)) if selection else None
            ground = row.ground if grounds and not entries[place[0]].streaming else None
            cells = (ground.begin, ground.end) if ground is not None else None
            return Decoration(cursor.sign(place), search.marks(place, row), chosen, cells)

        return decoration

    def on_mount(self) -> None:
        """Lexers arrive from threads."""
        self._off_lexer = on_lexer(self._tell_lexer)

    def on_unmount(self) -> None:
        """Stop listening for lexers."""
        if self._off_lexer is not None:
            self._off_lexer()

    def _tell_lexer(self) -> None:
        """Called in the thread that loaded it; the app may be ending."""
        with suppress(RuntimeError):
            self.post_message(told.LexerCame())

    def on_transcript_lexer_came(self) -> None:
        """Draw code again, now in colours."""
        self._render_again()

    def notify_style_update(self) -> None:
        """Another theme: the same rows in other colours."""
        super().notify_style_update()
        if self.is_mounted and len(self._painting):
            self.call_later(self._recolour)  # the component classes get their new styles after the widget

    def _recolour(self) -> None:
        self._painting.recolour()
        self.paint()

    def on_resize(self, event: events.Resize) -> None:
        """Another width wraps anew; another height only shows more or less."""
        width = max(8, event.size.width - MARGIN - 1)
        self.viewport.resize(self.size.height)
        if width != self._layout.presentation.width:
            self._layout.presentation.width = width
            self.relay()
        else:
            self.paint()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips as composed by `paint`: there is no border or padding to be added.

        Where the size is another, this is the drawing of all of it, which the layout has asked for.
        """
        if self._painting.size != self.size:
            self._composed()
        lines = [self._painting.strip(y) for y in crop.line_range]
        if crop.column_span != (0, self.size.width):
            lines = [strip.crop(*crop.column_span) for strip in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """A strip that knows where it stands, for the mouse."""
        place, strip = self._painting.place(y), self._painting.strip(y)
        return strip if place is None else strip.apply_offsets(0, line_number(place))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The number of rows of all messages."""
        return self._layout.total

    # Mouse

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        self.paint()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The source of what is selected."""
        text = selected_source(self._layout, selection)
        return (text, "\n") if text else None

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls a few rows up."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls a few rows down."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(_WHEEL)

    def on_click(self, event: events.Click) -> None:
        """A click on the header of reasoning folds it, one below a folded question or on an attachment's line opens that; one
        anywhere chooses the message.
        """
        place = self._painting.place(event.y)
        if place is None:
            if not self.viewport.following and event.y == self.size.height - 1:
                self.show_end()
            return
        entry = self._layout.entries[place[0]]
        self._cursor.message_id = entry.message.id
        on_line = entry.in_a_line and entry.section_of(place[1]) is Section.HEADER
        if on_line or self._is_fold(entry, place[1]):
            self.toggle_at_cursor()
        else:
            self.paint()

    def _is_fold(self, entry: Entry, row: int) -> bool:
        """Whether a row is a line that what folds stands behind."""
        section = entry.section_of(row)
        return section in (Section.REASONING_HEADER, Section.FOLDED) or (
            section is Section.ATTACHMENTS and not entry.is_open(self._layout.presentation)
        )

    # Keys

    def commands(self) -> Attached:
        """What moves in it, and what the screen is asked for."""
        return {
            "transcript.up": partial(self.scroll_rows, -1),
            "transcript.down": partial(self.scroll_rows, 1),
            "transcript.page_up": partial(self.scroll_page, -1),
            "transcript.page_down": partial(self.scroll_page, 1),
            "transcript.home": self._show_beginning,
            "transcript.end": self.show_end,
            "transcript.previous": self.cursor_up,
            "transcript.next": self.cursor_down,
            "transcript.fold": self.toggle_at_cursor,
            "transcript.formulas": self.toggle_formulas,
            "transcript.copy": partial(self._copy, with_reasoning=False),
            "transcript.copy_all": partial(self._copy, with_reasoning=True),
            **{name: partial(self._copy_code, number) for name, number in _CODE.items()},
            "transcript.pager": partial(self._open, "pager"),
            "transcript.editor": partial(self._open, "editor"),
            "transcript.save": partial(self._ask, told.SaveRequested),
            "transcript.origin": self._open_origin,
            "transcript.edit": partial(self._ask, told.EditRequested),
            "transcript.regenerate": partial(self._ask, told.RegenerateRequested),
            "transcript.continue": partial(self._ask, told.ContinueRequested),
            "transcript.sibling_before": partial(self._sibling, -1),
            "transcript.sibling_after": partial(self._sibling, 1),
            "transcript.vote": partial(self._ask, told.VoteRequested),
            "transcript.outline": partial(self._ask, told.OutlineRequested),
            "transcript.delete": partial(self._ask, told.DeleteRequested),
            "transcript.find": self._find,
            "transcript.find_next": self.find_next,
            "transcript.find_previous": self.find_previous,
        }

    def offers(self, name: str) -> bool | None:
        """A key means something where there is what it acts on; else it is text for the prompt."""
        message = self.cursor_message
        if name in _ON_A_MESSAGE and message is None:
            return None
        if name == "transcript.outline":
            return True if message is not None and message.reasoning else None
        if name == "transcript.formulas":
            at = self._cursor.at_or_last
            return True if at is not None and self._layout.entries[at].may_have_formulas else None
        if name in _CODE:
            return True if message and _CODE[name] <= len(self.code_blocks(message.id)) else None
        if name in ("transcript.sibling_before", "transcript.sibling_after"):
            return True if message is not None and message.id in self._layout.presentation.siblings else None
        if name == "transcript.origin":
            return True if self._layout.presentation.origin is not None else None
        if name in ("transcript.find_next", "transcript.find_previous"):
            return True if self.found is not None else None
        return True

    def matters(self, name: str) -> bool:
        """Some keys mean something on every message, and do nothing on this one, or what another key does."""
        if not super().matters(name):
            return False
        message, at = self.cursor_message, self._cursor.at_or_last
        if message is None or at is None:
            return True
        if name == "transcript.fold":
            return self._layout.entries[at].folds
        if name == "transcript.continue":
            return message.status in PARTIAL or message.was_cut_short or message.only_reasoning
        if name in ("transcript.find_next", "transcript.find_previous"):
            return self._search.total > 0
        return True

    def scroll_page(self, by: int) -> None:
        """Screens up or down."""
        self.scroll_rows(by * max(1, self.size.height - 2))

    def _show_beginning(self) -> None:
        self.scroll_rows(-self._layout.total)

    def _copy(self, with_reasoning: bool) -> None:
        message = self.cursor_message
        if message is None:
            return
        text = clean(message.content)
        if with_reasoning and message.attachments:
            text = clean(message.sent)
        elif with_reasoning and message.reasoning:
            text = f"<think>\n{clean(message.reasoning).strip()}\n</think>\n\n{text}"
        self.post_message(told.CopyRequested(text))

    def _copy_code(self, number: int) -> None:
        """Code block `number` of the message under the cursor."""
        message = self.cursor_message
        blocks = self.code_blocks(message.id) if message else []
        if 0 < number <= len(blocks):
            self.post_message(told.CopyRequested(blocks[number - 1].text))

    def _open(self, where: str) -> None:
        if (message := self.cursor_message) is not None:
            self.post_message(told.OpenRequested(message.id, where))

    def _sibling(self, step: int) -> None:
        message = self.cursor_message
        if message is not None and not self._step_through_vote(message, step):
            self.post_message(told.SiblingRequested(message.id, step))

    def _step_through_vote(self, message: Message, step: int) -> bool:
        """To the sample before or after, in the order in which they were asked; it unfolds, and the one that is left
        folds. False for what is no sample, and beyond the first and the last.
        """
        entries, at = self._layout.entries, self._layout.index[message.id]
        samples = sorted(
            (each.ballot.number, other)
            for other, each in enumerate(entries)
            if each.ballot is not None and each.message.parent == message.parent
        )
        order = [other for _, other in samples]
        if at not in order or not 0 <= order.index(at) + step < len(order):
            return False
        to = order[order.index(at) + step]
        entries[at].open_line(False)
        entries[to].open_line(True)
        self._cursor.message_id = entries[to].message.id
        self.viewport.lay_out_folded(at)
        self.viewport.lay_out_folded(to)
        self.viewport.reveal(to)
        self.paint()
        return True

    def _find(self) -> None:
        self.post_message(told.FindRequested())

    def _open_origin(self) -> None:
        self.post_message(told.OriginRequested())

    def _ask(self, event: Callable[[str], told.MessageEvent]) -> None:
        if (message := self.cursor_message) is not None:
            self.post_message(event(message.id))
