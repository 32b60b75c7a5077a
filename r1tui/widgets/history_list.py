"""The list of conversations by their age, or of those in which a search found something, with the messages found in each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from rich.cells import cell_len
from textual import events
from textual.message import Message

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.history import Found, Hit, Summary
from r1tui.locale import clock, count, t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.cells import cut, cut_start, fit, pad, pad_start
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled, styled

_WHERE = {
    "prompt": "transcript.you",
    "content": "history.in_content",
    "reasoning": "history.in_reasoning",
    "attachment": "history.in_attachment",
}
NEAR_END = 40
"""More is asked for when the cursor comes this close to the last line."""
_INDENT = 2
"""Cells before a title, where a sign may stand."""
_MODEL = 20
"""Cells of a model's name at most."""
_TIME = 10
_GAP = Clean("  ")


@dataclass(frozen=True, slots=True)
class More:
    """The line that stands for the messages of a conversation that are not shown."""

    conversation_id: str
    number: int


Entry = Summary | Found | Hit | More
Parts = list[tuple[Clean, bool]]
"""A text in pieces, each with whether a search found it."""


class HistoryList(Commanded, OptionList, place=Place.HISTORY_LIST):
    """Conversations, or what was found in them, one under the cursor. Long lists are given in pages: `MoreWanted` asks for
    the next.
    """

    DEFAULT_CSS = """
    HistoryList > .option-list--option-disabled { color: $text-muted; }
    """

    class MoreWanted(Message):
        """The cursor comes near the end of what was given."""

    @dataclass
    class Opened(Message):
        """Enter on a line."""

        entry: Entry

    class Resized(Message):
        """The columns stand elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry] = []
        self._heading = ""
        self._asked = False
        self._model_cells = 0

    def commands(self) -> Attached:
        """Moves, beside the arrows."""
        return {
            "history.down": self.action_cursor_down,
            "history.up": self.action_cursor_up,
            "history.next": self._next_head,
            "history.previous": self._previous_head,
        }

    @property
    def current(self) -> Entry | None:
        """What is under the cursor."""
        at = self._at
        return None if at is None else self._entries[at]

    @property
    def below(self) -> str | None:
        """The conversation below that under the cursor, else the one above."""
        at = self._at
        if at is None:
            return None
        here = conversation_of(self._entries[at])
        idents = [conversation_of(entry) for entry in self._entries]
        others = (ident for ident in [*idents[at:], *reversed(idents[:at])] if ident != here)
        return next(others, None)

    @property
    def columns(self) -> tuple[int, bool]:
        """Cells of the model's column, 0 where there is no room for it; whether there is room for the time."""
        width = self.width
        return (self._model_cells if width >= 60 else 0), width >= 40

    def show(self, entries: Sequence[Entry], keep: str | None = None) -> None:
        """Show these from the top, the cursor on the conversation `keep` if it is among them, else on the first; on the
        first message found, where something was.
        """
        self._entries = []
        self._heading = ""
        models = [clean_line(summary.model) for summary in map(_summary, entries) if summary is not None]
        cells = [cell_len(t("history.model")), *map(cell_len, models)]
        self._model_cells = min(_MODEL, max(cells)) if models else 0
        self.clear_options()
        self.extend(entries)
        ids = [conversation_of(entry) for entry in self._entries]
        if ids:
            at = ids.index(keep) if keep in ids else 0
            if isinstance(self._entries[at], Found) and ids[at + 1 : at + 2] == [ids[at]]:
                at += 1
            self._put_cursor(at)
            if at <= 1:
                self.scroll_home(animate=False)  # the heading of the first too

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add the next page below."""
        options: list[Option] = []
        now = time.time()
        for entry in chain.from_iterable(map(_with_hits, entries)):
            if isinstance(entry, Summary) and (heading := self._group(entry, now)) != self._heading:
                self._heading = heading
                options.append(Option(heading, disabled=True))
            options.append(Option(self._line(entry), id=str(len(self._entries))))
            self._entries.append(entry)
        self.add_options(options)
        self._asked = not entries

    def unfold(self, conversation_id: str, hits: Sequence[Hit]) -> None:
        """Show all messages found in a conversation, the cursor on the first that was not shown."""
        mine = [at for at, each in enumerate(self._entries) if conversation_of(each) == conversation_id]
        shown = [at for at in mine if isinstance(self._entries[at], Hit)]
        if not mine or not isinstance(self._entries[mine[-1]], More):
            return
        top = self.scroll_offset.y
        self._entries[mine[0] + 1 : mine[-1] + 1] = hits
        self.clear_options()
        self.add_options(Option(self._line(each), id=str(at)) for at, each in enumerate(self._entries))
        self._put_cursor(mine[0] + min(len(shown) + 1, len(hits)))
        self.scroll_to(y=top, animate=False, force=True)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Ask for more in time."""
        super().watch_highlighted(highlighted)
        if highlighted is not None and not self._asked and highlighted >= self.option_count - NEAR_END:
            self._asked = True
            self.post_message(self.MoreWanted())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell what was opened, in the domain's words."""
        event.stop()
        if (entry := self.current) is not None:
            self.post_message(self.Opened(entry))

    def on_resize(self, event: events.Resize) -> None:
        """The right-hand columns stand at the right-hand side of any width."""
        for number, entry in enumerate(self._entries):
            self.replace_option_prompt(str(number), self._line(entry))
        self.post_message(self.Resized())

    @property
    def _at(self) -> int | None:
        option = self.highlighted_option
        return None if option is None or option.id is None else int(option.id)

    def _put_cursor(self, at: int) -> None:
        self.highlighted = self.get_option_index(str(at))

    def _next_head(self) -> None:
        """To the next conversation found; without a search to the first of the next group."""
        at = -1 if self._at is None else self._at
        self._put_cursor(next((each for each in self._heads() if each > at), len(self._entries) - 1))

    def _previous_head(self) -> None:
        """To the beginning of this conversation or group, from there to that before."""
        at = self._at or 0
        before = [each for each in self._heads() if each < at]
        if before:
            self._put_cursor(before[-1])

    def _heads(self) -> list[int]:
        """Where a conversation that was found begins, or a group of conversations."""
        now = time.time()
        heads = []
        heading = Clean("")
        for at, entry in enumerate(self._entries):
            if isinstance(entry, Summary):
                before, heading = heading, self._group(entry, now)
                if heading != before:
                    heads.append(at)
            elif isinstance(entry, Found):
                heads.append(at)
        return heads

    def _group(self, entry: Summary, now: float) -> Clean:
        if entry.private:
            return t("history.private")
        return t("history.pinned") if entry.pinned else clock.age(entry.updated, now)

    def _line(self, entry: Entry) -> Styled:
        match entry:
            case Hit():
                return self._hit(entry)
            case More(_, number):
                return styled(pad(Clean(""), _INDENT) + t("history.more_hits", n=number), "$text-accent")
            case Found(summary, total, _, spans):
                return self._conversation(
                    summary, count(total) if total else t("history.in_title"), spans, "bold"
                )
            case Summary():
                return self._conversation(entry, count(entry.size))

    def _conversation(
        self, entry: Summary, number: Clean, spans: Iterable[tuple[int, int]] = (), style: str = ""
    ) -> Styled:
        signs = glyphs()
        sign = signs.private if entry.private else signs.running if entry.live else Clean(" ")
        right = columns(self.columns, clean_line(entry.model), number, clock.when(entry.updated, time.time()))
        room = max(8, self.width - _INDENT - cell_len(right))
        title = around(entry.title, spans, room) if entry.title else [(t("history.untitled"), False)]
        gap = pad(Clean(""), room - sum(cell_len(text) for text, _ in title))
        return assembled(pad(sign, _INDENT), marked(title, style), gap, (right, "$text-muted"))

    def _hit(self, hit: Hit) -> Styled:
        """Who said it, when, and the text around the first place."""
        said = max(cell_len(t(words)) for words in _WHERE.values())
        lead = pad(Clean(""), _INDENT) + pad(t(_WHERE[hit.where]), said) + _GAP
        if self.width >= 60:
            lead += pad_start(clock.when(hit.created, time.time()), _TIME) + _GAP
        text = around(hit.snippet, hit.spans, max(8, self.width - cell_len(lead)))
        return assembled((lead, "$text-muted"), marked(text))

    @property
    def width(self) -> int:
        """Cells of a line."""
        return max(20, self.scrollable_content_region.width or 74)


class HistoryHead(Static):
    """The line above the list: how many there are, and what its columns show."""

    DEFAULT_CSS = """
    HistoryHead { height: auto; color: $text-muted; }
    """

    def __init__(self, rows: HistoryList) -> None:
        super().__init__()
        self._rows = rows
        self._words = Clean("")
        self._number: Clean | None = None

    def show(self, words: Clean, number: Clean | None) -> None:
        """`number`: what the column of figures counts; None where there is nothing in the list."""
        self._words, self._number = words, number
        self.draw()

    def draw(self) -> None:
        """The headings stand above their columns at any width."""
        if self._number is None:
            self.update(self._words)
            return
        right = columns(self._rows.columns, t("history.model"), self._number, t("history.changed"))
        room = max(0, self._rows.width - cell_len(right))
        self.update(pad(cut(self._words, room), room) + right)


def conversation_of(entry: Entry) -> str:
    """The id of the conversation that an entry leads to."""
    match entry:
        case Summary():
            return entry.id
        case Found():
            return entry.summary.id
        case Hit() | More():
            return entry.conversation_id


def columns(layout: tuple[int, bool], model: Clean, number: Clean, changed: Clean) -> Clean:
    """The right-hand columns of a conversation or of the headings; `layout` as `HistoryList.columns` has it."""
    model_cells, timed = layout
    counted = ("history.message_count", "history.hit_count", "history.in_title")
    line = _GAP + fit(model, model_cells) if model_cells else Clean("")
    line += _GAP + pad_start(number, max(cell_len(t(words)) for words in counted))
    return line + _GAP + pad_start(changed, _TIME) if timed else line


def around(text: str, spans: Iterable[tuple[int, int]], width: int) -> Parts:
    """A text of others on one line, cut around the first place found to so many cells."""
    parts: Parts = []
    at = 0
    for start, end in spans:
        parts += [(_one_line(text[at:start]), False), (_one_line(text[start:end]), True)]
        at = end
    parts.append((_one_line(text[at:]), False))
    lead, rest = parts[0][0], sum(cell_len(part) for part, _ in parts[1:])
    if len(parts) > 1:
        parts[0] = (cut_start(lead, max(width // 3, width - rest)), False)
    shown: Parts = []
    for part, found in parts:
        shown.append((cut(part, width), found))
        width -= cell_len(part)
        if width < 0:
            break
    return shown


def _one_line(text: str) -> Clean:
    """A part of a line of others; the blanks at its ends stay."""
    return clean(text).translate({ord("\n"): " ", ord("\t"): " "})


def marked(parts: Parts, style: str = "") -> Styled:
    """The words found set off, in bold too: colour is not the only sign."""
    return assembled(*(styled(text, f"{style} bold underline" if found else style) for text, found in parts))


def _with_hits(entry: Entry) -> Iterator[Entry]:
    """What stands in the list for an entry: below a conversation found the messages, and a line for those not shown."""
    yield entry
    if isinstance(entry, Found):
        yield from entry.hits
        if entry.total > len(entry.hits):
            yield More(entry.summary.id, entry.total - len(entry.hits))


def _summary(entry: Entry) -> Summary | None:
    match entry:
        case Summary():
            return entry
        case Found(summary):
            return summary
        case _:
            return None
