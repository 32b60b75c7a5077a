"""A text of Markdown that grows, as rows: finished blocks are rendered once, only the open end again and again.

What is finished is decided so that no later text can change it. The units are top-level blocks and, in a top-level
list, its items. A unit is finished when another has begun after it whose first two lines are complete: one complete
line decides everything but a table, which the line of dashes below its header makes. Link definitions that come later
change earlier units; these are then rendered once more. An open fence is not parsed at all until its end.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.widgets.transcript.fence import MARKER, OpenFence, Unit, closer
from r1tui.widgets.transcript.render import (
    SPACED,
    CodeBlock,
    Look,
    Renderer,
    closing,
    first_number,
    items,
    marker_of,
)
from r1tui.widgets.transcript.rows import Row, blank_row

if TYPE_CHECKING:
    from markdown_it.token import Token

_DEAR = 0.004
"""Seconds. A parse that takes longer is not repeated before `_REST` times as long has passed."""
_REST = 8


def _parsed(source: str, env: dict[str, Any]) -> list[Token]:
    from r1tui.widgets.transcript.parser import parser

    return parser().parse(source, env)


@dataclass(slots=True)
class _Part:
    """A unit of the tail with its first line there and its tokens."""

    unit: Unit
    line: int
    end_line: int
    tokens: list[Token]


def _list_line(item: Unit) -> str:
    """A line to put before an item that stands in the middle of a list, so that it is parsed as what it is.

    Four spaces behind the mark: an item may be indented by up to three and must not become a list in this one.
    """
    return f"{'1' if item.ordinal is not None else ''}{item.markup}    x\n"


def _meanings(references: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {label: (reference["href"], reference["title"]) for label, reference in references.items()}


class MarkdownRows:
    """The rows of a growing text."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.rows: list[Row] = []
        """All rows, gaps included."""
        self.units: list[Unit] = []
        self._gap = blank_row(look.prefix)
        """Between units: the gutter goes on through it."""
        self._source = Clean("")
        self._final = False
        self._done = 0
        """So many units are finished; the first `_done_rows` rows are theirs."""
        self._done_rows = 0
        self._tail = 0
        """Offset where the parsed end begins."""
        self._continues: Unit | None = None
        """The item of a list that the tail begins with, where it is not the list's first."""
        self._references: dict[str, Any] = {}
        """Link definitions before the tail."""
        self._seen: dict[str, tuple[str, str]] = {}
        self._doubtful = False
        """A unit was finished with a definition in sight that was not complete."""
        self._fence: OpenFence | None = None
        self._not_before = 0.0

    def feed(self, source: Clean, *, final: bool) -> bool:
        """Take the whole text so far: what was given before, and more. `final`: no more will come.

        False where nothing was done because it would cost too much so soon; the text is then taken later.
        """
        if len(source) == len(self._source) and final == self._final:
            return True
        before = perf_counter()
        if not final and before < self._not_before:
            return False
        self._source, self._final = source, final
        if self._fence is not None:
            self._grow_fence(self._fence)
        else:
            self._parse()
        cost = perf_counter() - before
        self._not_before = before + cost * (_REST + 1) if cost > _DEAR else 0.0
        return True

    @property
    def source(self) -> Clean:
        """The text as it was taken last."""
        return self._source

    def codes(self) -> list[CodeBlock]:
        """The code blocks, in order."""
        return [code for unit in self.units for code in unit.codes]

    def _parse(self) -> None:
        before = _list_line(self._continues) if self._continues else ""
        tail = before + self._source[self._tail :]
        env: dict[str, Any] = {"references": dict(self._references)}
        tokens = _parsed(tail, env)
        lines = tail.split("\n")
        complete = len(lines) - 1
        parts = self._cut(tokens, lines, self._tail - len(before))
        fence = None if self._final else self._open_fence(parts, lines, complete)
        finished = 0
        if not self._final:
            finished = len(parts) - 1
            while finished > 0 and fence is None and parts[finished].line + 2 > complete:
                finished -= 1
        self._refer_again(env["references"], len(lines) if self._final else complete)
        del self.units[self._done :]
        del self.rows[self._done_rows :]
        for number, part in enumerate(parts):
            part.unit.empty = part.unit.kind in ("list", "item") and not part.tokens
            self._place(part.unit)
            following = parts[number + 1].unit if number + 1 < len(parts) else None
            part.unit.handed = following is not None and self._hands_over(part.unit, following)
            if fence is part and not part.unit.hang:
                self._finish(parts, finished, env["references"], lines)
                self._keep_references(env["references"], part.line)
                self._start_fence(part, lines)
                return
            self._render(part.unit, part.tokens, lines)
            self._append(part.unit)
            if number + 1 == finished:
                done = len(self.units), len(self.rows)
        if finished > 0:
            self._finish(parts, finished, env["references"], lines)
            self._done, self._done_rows = done

    def _cut(self, tokens: list[Token], lines: list[str], base: int) -> list[_Part]:
        """The units of the tail; `base` is the offset in the source of its first line."""
        starts = [base]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        parts: list[_Part] = []

        def add(
            first: int, last: int, kind: str, inner: list[Token], ordinal: int | None = None, mark: str = ""
        ) -> None:
            last = min(last, len(lines))
            parts.append(_Part(Unit(starts[first], starts[last], kind, ordinal, mark), first, last, inner))

        at = 0
        while at < len(tokens):
            token = tokens[at]
            end = closing(tokens, at)
            first, last = token.map or [0, 0]
            if token.type in ("bullet_list_open", "ordered_list_open"):
                # The first item of a tail in the middle of a list is the line put before it.
                inside = self._continues if at == 0 else None
                number = first_number(token)
                if inside is not None:
                    number = (inside.ordinal or 0) - 1
                for opened, closed in items(tokens, at, end):
                    where, until = tokens[opened].map or [first, last]
                    kind = "item" if opened > at + 1 else "list"
                    ordinal = number if token.type == "ordered_list_open" else None
                    until = last if closed == end - 1 else until
                    if kind == "item" or inside is None:
                        add(where, until, kind, tokens[opened + 1 : closed], ordinal, token.markup)
                    number += 1
            else:
                add(first, last, token.type, tokens[at : end + 1])
            at = end + 1
        return parts

    def _open_fence(self, parts: list[_Part], lines: list[str], complete: int) -> _Part | None:
        """The last part, where it is a fence at the left margin begun for good, without an end yet."""
        if not parts or parts[-1].unit.kind != "fence" or parts[-1].line + 2 > complete:
            return None
        part = parts[-1]
        marker = MARKER.match(lines[part.line])
        if marker is None:
            return None
        ended = part.end_line - part.line > 1 and closer(marker.group()).match(lines[part.end_line - 1])
        return None if ended else part

    def _place(self, unit: Unit) -> None:
        """What depends on the unit before."""
        if not self.units:
            return
        before = self.units[-1]
        unit.first_code = before.first_code + len(before.codes)
        unit.gap = self._blank_before(unit.start) or (
            unit.kind != "item" and (unit.kind in SPACED or before.kind in SPACED)
        )
        if before.handed:
            unit.marker = before.marker + " " * (before.hang - len(before.marker)) + marker_of(before.ordinal)
            unit.hang = len(unit.marker)
            unit.gap = before.gap
        elif before.hang and self._inset(unit):
            unit.hang = before.hang

    def _hands_over(self, unit: Unit, following: Unit) -> bool:
        """Whether an item is empty and the block below it was meant as its text.

        It was where it is indented, or follows at once, or the item is all of its list. CommonMark takes it for a block
        of its own, since a blank line ends an empty item and its text has to be indented as far as the marker is wide.
        The first line of that block decides, which no later text changes.
        """
        if not unit.empty or following.kind in ("item", "hr"):
            return False
        if self._inset(following):
            return True
        if following.kind == "list":
            return False
        alone = unit.kind == "list" and not self._source.startswith("#", following.start)
        return alone or not self._blank_before(following.start)

    def _inset(self, unit: Unit) -> bool:
        """Whether the first line of a unit is indented."""
        return self._source[unit.start : unit.start + 1] in (" ", "\t")

    def _blank_before(self, offset: int) -> bool:
        start = self._source.rfind("\n", 0, max(0, offset - 1)) + 1
        return offset > 0 and not self._source[start : offset - 1].strip(" \t>")

    def _render(self, unit: Unit, tokens: list[Token], lines: list[str]) -> None:
        renderer = Renderer(self.look, lines, unit.first_code)
        if unit.handed:
            unit.rows, unit.codes = [], []
            return
        if unit.kind in ("list", "item"):
            renderer.item(tokens, unit.ordinal, unit.marker, unit.hang)
        else:
            renderer.block(tokens, unit.marker, unit.hang)
        unit.rows, unit.codes = renderer.rows, renderer.codes

    def _append(self, unit: Unit) -> None:
        if unit.gap and not unit.handed:
            self.rows.append(self._gap)
        self.rows += unit.rows
        self.units.append(unit)

    def _finish(
        self, parts: list[_Part], finished: int, references: dict[str, Any], lines: list[str]
    ) -> None:
        """The first `finished` parts will not change any more: move the tail behind them."""
        self._done, self._done_rows = len(self.units), len(self.rows)
        if not finished:
            return
        next_part = parts[finished]
        if next_part.unit.kind == "item":
            line = next_part.line
            continues: Unit | None = next_part.unit
        else:
            # Link definitions between the two stay in the tail: their title may be still to come.
            line = min(parts[finished - 1].end_line, next_part.line)
            continues = None
        self._keep_references(references, line)
        before = len(_list_line(self._continues)) if self._continues else 0
        self._tail += sum(len(text) + 1 for text in lines[:line]) - before
        self._continues = continues

    def _keep_references(self, references: dict[str, Any], line: int) -> None:
        """Definitions above line `line` of the tail will stay."""
        self._doubtful = self._doubtful or _meanings(references) != self._seen
        for label, reference in references.items():
            if label not in self._references and reference["map"][1] <= line:
                self._references[label] = reference

    def _refer_again(self, references: dict[str, Any], complete: int) -> None:
        """Render finished units once more where link definitions have come that they may use."""
        references = {
            label: reference
            for label, reference in references.items()
            if label in self._references or reference["map"][1] <= complete
        }
        now = _meanings(references)
        if now == self._seen and not self._doubtful:
            return
        self._seen = now
        self._doubtful = False
        changed = False
        for unit in self.units[: self._done]:
            source = self._source[unit.start : unit.end]
            if "[" in source and unit.kind not in ("fence", "code_block"):
                before = _list_line(unit) if unit.kind == "item" else ""
                tokens = _parsed(before + source, {"references": dict(references)})
                if unit.kind in ("list", "item"):
                    opened, closed = items(tokens, 0, closing(tokens, 0))[unit.kind == "item"]
                    tokens = tokens[opened + 1 : closed]
                else:
                    tokens = tokens[: closing(tokens, 0) + 1]
                self._render(unit, tokens, (before + source).split("\n"))
                changed = True
        if changed:
            units, self.units, self.rows = self.units[: self._done], [], []
            for unit in units:
                self._append(unit)
            self._done_rows = len(self.rows)

    def _start_fence(self, part: _Part, lines: list[str]) -> None:
        unit = part.unit
        self._fence = OpenFence(unit, lines[part.line], self.look, unit.start + len(lines[part.line]) + 1)
        self.units.append(unit)
        self._grow_fence(self._fence)

    def _grow_fence(self, fence: OpenFence) -> None:
        """Add what came to an open fence; parse on behind it where it ends."""
        source, code, unit = self._source, fence.code, fence.unit
        ended = False
        while (end := source.find("\n", fence.pos)) >= 0 and not ended:
            line = source[fence.pos : end]
            fence.pos = end + 1
            ended = fence.ends_at(line)
            if not ended:
                code.add(line)
        rest = source[fence.pos :]
        if ended:
            code.partial(Clean(""))
        elif self._final and rest.strip(" \t") and not fence.ends_at(rest):
            code.add(rest)
        else:
            code.partial(Clean("") if self._final or fence.ends_at(rest) else rest)
        if ended or self._final:
            code.flush()
        unit.end = fence.pos if ended else len(source)
        unit.rows = code.rows
        unit.codes = [CodeBlock(code.language, code.text)]
        del self.rows[self._done_rows :]
        if unit.gap:
            self.rows.append(self._gap)
        self.rows += code.rows
        if ended:
            self._fence = None
            self._done, self._done_rows = len(self.units), len(self.rows)
            self._tail, self._continues = fence.pos, None
            self._parse()
