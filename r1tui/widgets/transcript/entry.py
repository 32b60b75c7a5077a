"""One message of the transcript: what is rendered of it, and how many rows it takes while nothing is."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from r1tui.domain.clean import clean
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.toolkit.cells import wrap
from r1tui.widgets.transcript import words
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.growing import CleanText
from r1tui.widgets.transcript.ink import Ink
from r1tui.widgets.transcript.render import CodeBlock, present_look
from r1tui.widgets.transcript.rows import BLANK, Row, merge

_LONG = 5000
"""Characters of Markdown that render in about 8 ms."""


@dataclass(slots=True)
class View:
    """What all entries share."""

    width: int = 80
    highlight: bool = True
    policy: str = "while-thinking"
    """`while-thinking`, `open` or `folded`: whether reasoning shows where nothing else was chosen."""
    siblings: dict[str, tuple[int, int]] = field(default_factory=dict)
    out_of_sight: set[str] = field(default_factory=set)


class _Rendered:
    """The rows of an entry and what they were made from; dropped while far off the screen."""

    def __init__(self, view: View, markdown: bool, formulas: bool) -> None:
        look = present_look(view.width, highlight=view.highlight, formulas=formulas)
        self.body = MarkdownRows(look) if markdown else None
        self.plain: list[Row] = []
        self.thinking: MarkdownRows | None = None
        self.content = CleanText()
        self.reasoning = CleanText()
        self.plain_length = -1


class Entry:
    """A message with its rows: a header, reasoning with its own, the text, what is said below, a blank row."""

    def __init__(self, message: Message, view: View) -> None:
        self.message = message
        self.choice: bool | None = None
        """Whether the user opened or folded this message's reasoning."""
        self.formulas = True
        """Its formulas are set; False: their source shows."""
        self.laid_out = False
        self.height = self._guess(view)
        self.rows: list[Row] = []
        """Empty while nothing is rendered; `height` holds all the same once it was laid out."""
        self.body_start = 0
        """Row where the text begins."""
        self.reasoning_shown = False
        """The reasoning was open at the last look."""
        self.streaming = False
        """The last look at the message found it unfinished."""
        self._rendered: _Rendered | None = None
        self._reasoning_row: Row = BLANK

    def _guess(self, view: View) -> int:
        content = self.message.content
        return (
            3 + content.count("\n") + len(content) // max(10, view.width - 8) + bool(self.message.reasoning)
        )

    def is_open(self, view: View) -> bool:
        """Whether its reasoning shows."""
        if self.choice is not None:
            return self.choice
        if view.policy != "while-thinking":
            return view.policy == "open"
        return self.message.status is MessageStatus.STREAMING and not self.message.content

    @property
    def is_long(self) -> bool:
        """Rendering it may take longer than a slice of the loop's time."""
        return len(self.message.content) + len(self.message.reasoning) > _LONG

    def forget(self, view: View) -> None:
        """Its rows no longer hold: the width, the signs or the language changed."""
        self.drop()
        if self.laid_out:
            self.laid_out = False
            self.height = self._guess(view)

    def drop(self) -> None:
        """Free what can be rendered again."""
        self.rows = []
        self._rendered = None

    def lay_out(self, view: View, *, tick: bool = True) -> bool:
        """Bring the rows up to date with the message. `tick`: counted seconds and tokens may move on.

        False where text waits because taking it now would cost too much.
        """
        message = self.message
        self.streaming = message.status is MessageStatus.STREAMING
        final = not self.streaming
        rendered = self._rendered
        if rendered is None:
            rendered = self._rendered = _Rendered(view, message.role is Role.ASSISTANT, self.formulas)
            tick = True
        taken = True
        sibling = view.siblings.get(message.id)
        rows = [words.header(message, view.width, sibling, message.id in view.out_of_sight)]
        if message.reasoning or (self.streaming and message.phase is Phase.THINKING):
            is_open = self.reasoning_shown = self.is_open(view)
            if tick or not self._reasoning_row.runs or final:
                self._reasoning_row = words.reasoning_header(message, is_open)
            rows.append(self._reasoning_row)
            if is_open:
                if rendered.thinking is None:
                    look = present_look(view.width, thinking=True, highlight=False, formulas=self.formulas)
                    rendered.thinking = MarkdownRows(look)
                done = final or bool(message.content)
                taken = rendered.thinking.feed(
                    rendered.reasoning.grow(message.reasoning).strip("\n"), final=done
                )
                rows += rendered.thinking.rows
                if message.content:
                    rows.append(BLANK)
        self.body_start = len(rows)
        if rendered.body is not None:
            text = rendered.content.grow(message.content).lstrip("\n")
            taken = rendered.body.feed(text, final=final) and taken
            rows += rendered.body.rows
        else:
            if rendered.plain_length != len(message.content):
                rendered.plain_length = len(message.content)
                rendered.plain = plain_rows(clean(message.content), view.width)
            rows += rendered.plain
        below = words.footer(message, view.width, monotonic())
        if below and len(rows) > self.body_start and self.streaming is False:
            rows.append(BLANK)
        rows += below
        rows.append(BLANK)
        self.rows = rows
        self.height = len(rows)
        self.laid_out = True
        return taken

    @property
    def reasoning_header_row(self) -> int | None:
        """The row that folds and unfolds, where there is reasoning."""
        return 1 if self.message.reasoning or self.message.phase is Phase.THINKING else None

    @property
    def plain(self) -> list[Row]:
        """Rows of a text that is shown as it was typed."""
        return self._rendered.plain if self._rendered else []

    def plain_rows_from(self, row: int) -> int:
        """How many rows of such a text follow from `row` on; 0 where it belongs to something else."""
        return max(0, self.body_start + len(self.plain) - row) if row >= self.body_start else 0

    def codes(self, view: View) -> list[CodeBlock]:
        """The code blocks of the text."""
        if self._rendered is None:
            self.lay_out(view)
        rendered = self._rendered
        return rendered.body.codes() if rendered and rendered.body else []

    def part_at(self, row: int) -> tuple[MarkdownRows | None, int]:
        """The Markdown that row `row` belongs to and its row there; None for plain text and the entry's own lines."""
        rendered = self._rendered
        if rendered is None:
            return None, row
        if rendered.thinking and 2 <= row < 2 + len(rendered.thinking.rows) and row < self.body_start:
            return rendered.thinking, row - 2
        if rendered.body and self.body_start <= row < self.body_start + len(rendered.body.rows):
            return rendered.body, row - self.body_start
        return None, row


def plain_rows(text: str, width: int) -> list[Row]:
    """Text exactly as it was typed, wrapped."""
    rows: list[Row] = []
    for line in text.strip("\n").split("\n"):
        rows += [Row(merge(part)) for part in wrap([(line.expandtabs(4), Ink.TEXT)], width)]
    return rows
