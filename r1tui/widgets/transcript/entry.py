"""One message of the transcript: what is rendered of it, and how many rows it takes while nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from enum import Enum, auto
from time import monotonic

from r1tui.domain.attachment import Attachment
from r1tui.domain.clean import Clean, clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.domain.thoughts import ThoughtReader
from r1tui.toolkit.cells import wrap
from r1tui.widgets.transcript import words
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.growing import CleanText
from r1tui.widgets.transcript.ink import Ink
from r1tui.widgets.transcript.render import CodeBlock, present_look
from r1tui.widgets.transcript.rows import BLANK, Row, merge
from r1tui.widgets.transcript.vote import Ballot, Placed, Standing, marks, sample_line, tally_rows

SHOWN_CHARACTERS, SHOWN_LINES = 10_000, 400
"""The most that is shown of all texts that go with a question; the pager shows the rest."""
_FOLDS_OVER = 12
"""Rows of a question from which it folds."""
_FOLDED = 5
"""Rows of a folded one."""
_LONG = 5000
"""Characters of Markdown that render in about 8 ms."""


class Section(Enum):
    """What rows of an entry show, from the top; each section may be missing but the first and the last."""

    HEADER = auto()
    """Who speaks, and when."""
    ORIGIN = auto()
    """Which conversation this one goes on from."""
    REASONING_HEADER = auto()
    REASONING = auto()
    ATTACHMENTS = auto()
    """What goes with a question: a line each, and the texts where they are opened."""
    BODY = auto()
    """The message's text."""
    FOLDED = auto()
    """How much of a long question does not show."""
    VOTE = auto()
    """How the vote on a question stands."""
    PHASE = auto()
    """What the answer waits for."""
    ENDING = auto()
    """How it ended, where not as wanted."""
    STATISTICS = auto()
    GAP = auto()
    """The blank row before the next entry."""


@dataclass(slots=True)
class Presentation:
    """What all entries share."""

    width: int = 80
    highlight: bool = True
    policy: str = "while-thinking"
    """`while-thinking`, `open` or `folded`: whether reasoning shows where nothing else was chosen."""
    tells_reasoning: bool = False
    """Folded reasoning says its latest sentence as it goes."""
    siblings: dict[str, tuple[int, int]] = field(default_factory=dict)
    out_of_sight: set[str] = field(default_factory=set)
    origin: str | None = None
    """Title of the conversation that this one goes on from; "" where that is gone, None where there is none."""


class _Rendered:
    """The rows of an entry and what they were made from; dropped while far off the screen."""

    def __init__(self, presentation: Presentation, markdown: bool, formulas: bool) -> None:
        look = present_look(presentation.width, highlight=presentation.highlight, formulas=formulas)
        self.body = MarkdownRows(look) if markdown else None
        self.plain: list[Row] = []
        self.thinking: MarkdownRows | None = None
        self.content = CleanText()
        self.reasoning = CleanText()
        self.plain_length = -1
        self.attached: list[Row] = []
        self.attached_as: tuple[bool, tuple[int | None, ...]] | None = None
        """Whether `attached` has the texts too; None before they are laid out."""


class _LaidOut:
    """The rows of an entry as they are put together, from the top."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.sections: dict[Section, range] = {}
        """Where each section stands among the rows; one without rows is missing."""

    def add(self, section: Section, rows: Sequence[Row]) -> None:
        """Put a section below those that are there; nothing where it has no rows."""
        if rows:
            self.sections[section] = range(len(self.rows), len(self.rows) + len(rows))
            self.rows.extend(rows)


class Entry:
    """A message with its rows, section by section."""

    def __init__(self, message: Message, presentation: Presentation) -> None:
        self.message = message
        self.choice: bool | None = None
        """Whether the user opened or folded this message's reasoning."""
        self.formulas = True
        """Its formulas are set; False: their source shows."""
        self.standing: Standing | None = None
        """The vote on this question."""
        self.ballot: Ballot | None = None
        """This answer as a sample of a vote."""
        self.unfolded = False
        """A sample that is a line otherwise, or a question that folds, shows all of it."""
        self.joined = False
        """The next entry belongs to the same block, without a blank row between them."""
        self.laid_out = False
        self.height = self._guess(presentation)
        self.rows: list[Row] = []
        """Empty while nothing is rendered; `height` holds all the same once it was laid out."""
        self.sections: dict[Section, range] = {}
        """The rows of each section, as they were laid out last. Blank rows between two belong to none."""
        self.reasoning_shown = False
        """The reasoning was open at the last look."""
        self.streaming = False
        """The last look at the message found it unfinished."""
        self._rendered: _Rendered | None = None
        self._reasoning_row: Row = BLANK
        self._reader: ThoughtReader | None = None
        """Of its reasoning, once the header tells of that."""
        self._line: Row = BLANK

    def take(self, place: Placed, presentation: Presentation) -> None:
        """What the vote adds to it, or takes away."""
        known = (self.standing, self.ballot, self.joined)
        self.standing, self.ballot, self.joined = place.standing, place.ballot, place.joined
        if known == (self.standing, self.ballot, self.joined):
            return
        if self.rows and (self.is_line or not self.is_long):
            self.lay_out(presentation)
        else:
            self.forget(presentation)

    def twin(self, presentation: Presentation) -> Entry:
        """Another entry that shows the same in the same way, for measuring it elsewhere."""
        twin = Entry(self.message, presentation)
        twin.choice, twin.formulas, twin.unfolded = self.choice, self.formulas, self.unfolded
        twin.standing, twin.ballot, twin.joined = self.standing, self.ballot, self.joined
        return twin

    @property
    def is_line(self) -> bool:
        """Whether it is a sample of which nothing shows but its line."""
        return self.in_a_line and not self.unfolded

    @property
    def in_a_line(self) -> bool:
        """Whether it is a sample that folds to a line."""
        return self.ballot is not None and not self.ballot.whole

    def _guess(self, presentation: Presentation) -> int:
        if self.is_line:
            return 1 if self.joined else 2
        content = self.message.content
        breaks = content.count("\n")
        if breaks >= _FOLDS_OVER and self.message.role is Role.USER and not self.unfolded:
            return _FOLDED + 3
        return (
            3
            + breaks
            + len(content) // max(10, presentation.width - 8)
            + bool(self.message.reasoning)
            + len(self.message.attachments)
        )

    def is_open(self, presentation: Presentation) -> bool:
        """Whether its reasoning shows, or of a question the texts that go with it."""
        if self.choice is not None:
            return self.choice
        if self.message.attachments:
            return False
        if presentation.policy != "while-thinking":
            return presentation.policy == "open"
        return self.message.status is MessageStatus.STREAMING and not self.message.content

    @property
    def is_long(self) -> bool:
        """Rendering it may take longer than a slice of the loop's time."""
        return len(self.message.content) + len(self.message.reasoning) > _LONG

    def forget(self, presentation: Presentation) -> None:
        """Its rows no longer hold: the width, the signs or the language changed."""
        self.drop()
        if self.laid_out:
            self.laid_out = False
            self.height = self._guess(presentation)

    def drop(self) -> None:
        """Free what can be rendered again."""
        self.rows = []
        self._rendered = None

    def lay_out(self, presentation: Presentation, *, tick: bool = True) -> bool:
        """Bring the rows up to date with the message. `tick`: counted seconds and tokens may move on.

        False where text waits because taking it now would cost too much.
        """
        self.streaming = self.message.status is MessageStatus.STREAMING
        if self.in_a_line and self.ballot is not None and (tick or not self.streaming or not self.rows):
            self._line = sample_line(self.ballot, presentation.width, self.unfolded)
        laid, taken = _LaidOut(), True
        if self.is_line:
            self._rendered = None
            self.reasoning_shown = False
            laid.add(Section.HEADER, [self._line])
            if not self.joined:
                laid.add(Section.GAP, [BLANK])
        else:
            taken = self._lay_out_whole(laid, presentation, tick)
        self.rows, self.sections = laid.rows, laid.sections
        self.height = len(self.rows)
        self.laid_out = True
        return taken

    def _lay_out_whole(self, laid: _LaidOut, presentation: Presentation, tick: bool) -> bool:
        """All sections, from the top; whether all text was taken."""
        message, rendered = self.message, self._rendered
        if rendered is None:
            rendered = self._rendered = _Rendered(presentation, message.role is Role.ASSISTANT, self.formulas)
            tick = True
        laid.add(Section.HEADER, [self._header(presentation)])
        if presentation.origin is not None and message.parent is None:
            laid.add(Section.ORIGIN, words.origin(presentation.origin, presentation.width))
        taken = True
        if self.has_reasoning:
            taken = self._add_reasoning(laid, rendered, presentation, tick)
        if message.attachments:
            self._add_attachments(laid, rendered, presentation)
        if rendered.body is not None:
            text = rendered.content.grow(message.content).lstrip("\n")
            taken = rendered.body.feed(text, final=not self.streaming) and taken
            laid.add(Section.BODY, rendered.body.rows)
        else:
            self._add_plain_text(laid, rendered, presentation)
        self._add_end(laid, presentation)
        return taken

    def _header(self, presentation: Presentation) -> Row:
        message = self.message
        if self.in_a_line:
            return self._line
        if self.ballot is not None:
            said = marks(self.ballot)
        else:
            sibling = presentation.siblings.get(message.id)
            said = [f"{sibling[0]}/{sibling[1]}"] if sibling else []
        return words.header(message, presentation.width, said, message.id in presentation.out_of_sight)

    def _add_reasoning(
        self, laid: _LaidOut, rendered: _Rendered, presentation: Presentation, tick: bool
    ) -> bool:
        """Its header, and where it is open its text; whether all of that was taken."""
        message, final = self.message, not self.streaming
        is_open = self.reasoning_shown = self.is_open(presentation)
        if tick or not self._reasoning_row.runs or final:
            self._reasoning_row = self._reasoning_header(presentation, is_open)
        laid.add(Section.REASONING_HEADER, [self._reasoning_row])
        if not is_open:
            return True
        if rendered.thinking is None:
            look = present_look(presentation.width, thinking=True, highlight=False, formulas=self.formulas)
            rendered.thinking = MarkdownRows(look)
        text = rendered.reasoning.grow(message.reasoning).strip("\n")
        taken = rendered.thinking.feed(text, final=final or bool(message.content))
        laid.add(Section.REASONING, rendered.thinking.rows)
        if message.content:
            laid.rows.append(BLANK)
        return taken

    def _add_attachments(self, laid: _LaidOut, rendered: _Rendered, presentation: Presentation) -> None:
        attachments, is_open = self.message.attachments, self.is_open(presentation)
        shown_as = (is_open, tuple(each.tokens for each in attachments))
        if rendered.attached_as != shown_as:
            rendered.attached_as = shown_as
            rendered.attached = attached_rows(attachments, presentation.width, is_open)
        laid.add(Section.ATTACHMENTS, rendered.attached)

    def _add_plain_text(self, laid: _LaidOut, rendered: _Rendered, presentation: Presentation) -> None:
        """A question's text as it was written, folded where it is long."""
        message = self.message
        if rendered.plain_length != len(message.content):
            rendered.plain_length = len(message.content)
            rendered.plain = plain_rows(clean(message.content), presentation.width)
        if message.attachments and not message.content:
            rendered.plain = []
        if self.folds_text and not self.unfolded:
            laid.add(Section.BODY, rendered.plain[:_FOLDED])
            folded = words.folded_lines(len(rendered.plain) - _FOLDED, presentation.width)
            laid.add(Section.FOLDED, folded)
        else:
            laid.add(Section.BODY, rendered.plain)

    def _add_end(self, laid: _LaidOut, presentation: Presentation) -> None:
        """What is said below the text: what is waited for, how it ended and what it took, how its vote stands."""
        message = self.message
        if self.streaming:
            laid.add(Section.PHASE, words.phase(message, monotonic(), presentation.width))
        else:
            ending = words.ending(message, presentation.width)
            statistics = words.statistics(message, presentation.width)
            if (ending or statistics) and Section.BODY in laid.sections:
                laid.rows.append(BLANK)
            laid.add(Section.ENDING, ending)
            laid.add(Section.STATISTICS, statistics)
        if self.standing is not None:
            laid.rows.append(BLANK)
            laid.add(Section.VOTE, tally_rows(self.standing, presentation.width))
        if not self.joined or self.ballot is not None:
            laid.add(Section.GAP, [BLANK])

    def _reasoning_header(self, presentation: Presentation, is_open: bool) -> Row:
        message = self.message
        reader = self._reader = self._reader or ThoughtReader()
        thinks = self.streaming and not message.content
        sentence, turns = "", 0
        if not thinks:
            reader.grow(message.reasoning)
            turns = reader.turns(message.reasoning)
        elif presentation.tells_reasoning and not is_open:
            reader.grow(message.reasoning)
            sentence = reader.sentence
        return words.reasoning_header(message, presentation.width, is_open, sentence, turns)

    @property
    def has_reasoning(self) -> bool:
        """Whether there is reasoning to fold and unfold, be it only begun."""
        message = self.message
        thinking = message.status is MessageStatus.STREAMING and message.phase is Phase.THINKING
        return thinking or bool(message.reasoning)

    @property
    def folds_text(self) -> bool:
        """Whether it is a question, laid out, that is long enough to fold."""
        return self._rendered is not None and len(self._rendered.plain) > _FOLDS_OVER

    @property
    def may_have_formulas(self) -> bool:
        """Whether it is an answer with signs that formulas are written with."""
        texts = (self.message.content, self.message.reasoning)
        return self.message.role is Role.ASSISTANT and any(
            sign in text for text in texts for sign in ("$", "\\")
        )

    @property
    def folds(self) -> bool:
        """Whether there is something to fold and unfold."""
        return self.in_a_line or self.has_reasoning or bool(self.message.attachments) or self.folds_text

    def toggle(self, presentation: Presentation) -> None:
        """Unfold a sample with its reasoning, or fold it to its line; of a question its text and what goes with it; of any
        other answer the reasoning.
        """
        if self.folds_text:
            self.unfolded = not self.unfolded
            self.choice = self.unfolded
        elif not self.in_a_line:
            self.choice = not self.is_open(presentation)
        else:
            self.open_line(not self.unfolded)

    def open_line(self, opened: bool) -> None:
        """Show all of a sample, or its line; does nothing with what is no line."""
        if self.in_a_line:
            self.unfolded = opened
            self.choice = True if opened else None

    def section_of(self, row: int) -> Section | None:
        """The section that a row belongs to."""
        return next((section for section, rows in self.sections.items() if row in rows), None)

    def rows_of(self, section: Section) -> range:
        """The rows of a section; none where it is missing."""
        return self.sections.get(section, range(0))

    @property
    def plain(self) -> list[Row]:
        """Rows of a text that is shown as it was typed."""
        return self._rendered.plain if self._rendered else []

    def codes(self, presentation: Presentation) -> list[CodeBlock]:
        """The code blocks of the text."""
        if self._rendered is None:
            self.lay_out(presentation)
        rendered = self._rendered
        return rendered.body.codes() if rendered and rendered.body else []

    def markdown(self, section: Section | None) -> MarkdownRows | None:
        """The Markdown that a section is rendered from; None for plain text and the entry's own lines."""
        if self._rendered is None:
            return None
        if section is Section.REASONING:
            return self._rendered.thinking
        return self._rendered.body if section is Section.BODY else None


def attached_rows(attachments: Sequence[Attachment], width: int, is_open: bool) -> list[Row]:
    """A line for each text that goes with a question, and where they are open their beginnings."""
    if not is_open:
        return [words.attachment(attachment, width, is_open) for attachment in attachments]
    rows: list[Row] = []
    for attachment, shown in zip(attachments, shown_parts(attachments), strict=True):
        rows.append(words.attachment(attachment, width, is_open))
        if shown:
            rows += [
                Row(((Clean("  "), Ink.TEXT), *row.runs), row.lead + 2)
                for row in plain_rows(clean(shown), max(width - 2, 8))
            ]
        if len(shown) < len(attachment.text.rstrip("\n")):
            rows += words.attachment_cut(attachment, shown, width)
    return [*rows, BLANK]


def shown_parts(attachments: Sequence[Attachment]) -> list[str]:
    """What is shown of each text that goes with a question: all of it, or its beginning."""
    parts = list[str]()
    characters, lines = SHOWN_CHARACTERS, SHOWN_LINES
    for attachment in attachments:
        parts.append("\n".join(attachment.text[:characters].split("\n", lines)[:lines]))
        characters -= len(parts[-1])
        lines = max(lines - parts[-1].count("\n") - 1, 0)
    return parts


def plain_rows(text: Clean, width: int) -> list[Row]:
    """Text exactly as it was typed, wrapped."""
    rows: list[Row] = []
    for line in text.strip("\n").split("\n"):
        rows += [Row(merge(part)) for part in wrap([(line.expandtabs(4), Ink.TEXT)], width)]
    return rows
