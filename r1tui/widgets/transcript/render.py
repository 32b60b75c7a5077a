"""Markdown tokens into rows of a given width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.locale import t
from r1tui.toolkit.cells import wrap
from r1tui.toolkit.glyphs import UNICODE, glyphs
from r1tui.widgets.transcript.code import CodeRows
from r1tui.widgets.transcript.ink import BOLD, ITALIC, REVERSE, STRIKE, UNDERLINE, Ink
from r1tui.widgets.transcript.rows import Row, Run, blank_row, merge
from r1tui.widgets.transcript.table import Cell, lay_out

if TYPE_CHECKING:
    from markdown_it.token import Token

Prefix = tuple[Run, ...]
_ATTRIBUTE = {"strong": BOLD, "em": ITALIC, "s": STRIKE}


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced or indented block of code, as its author wrote it."""

    language: str
    text: Clean


@dataclass(frozen=True, slots=True)
class Look:
    """What rendering depends on beside the text; equal looks give equal rows."""

    width: int
    ink: int = Ink.TEXT
    prefix: Prefix = ()
    """Gutter before each row."""
    highlight: bool = True
    ascii: bool = False
    formulas: bool = True
    """Formulas are set; otherwise their source shows."""
    addresses: bool = True
    """Where a link leads stands behind its words."""
    copies: bool = True
    """Code blocks tell the key that copies them: the block's number."""


def present_look(
    width: int, *, thinking: bool = False, highlight: bool = True, formulas: bool = True
) -> Look:
    """The look of an answer, or of reasoning, with the glyphs in use."""
    ink = Ink.THINK if thinking else Ink.TEXT
    prefix: Prefix = ((f"{glyphs().gutter} ", ink),) if thinking else ()
    return Look(width, ink, prefix, highlight, glyphs() is not UNICODE, formulas, copies=not thinking)


def _shown(text: str) -> Clean:
    """Text of the parser, which decodes entities, without what an entity may have smuggled in."""
    return (
        cast(Clean, text) if text.isprintable() else clean(text).translate({ord("\n"): " ", ord("\t"): " "})
    )


class _Lead:
    """What stands before the rows of a container: a bullet before its first, spaces or a gutter before the others."""

    def __init__(self, rest: Prefix, first: Prefix | None = None) -> None:
        self.rest = rest
        self._first = first

    def take(self) -> Prefix:
        first, self._first = self._first, None
        return self.rest if first is None else first

    def inner(self, first: Run, rest: Run) -> _Lead:
        return _Lead((*self.rest, rest), (*self.take(), first))

    @property
    def pending(self) -> bool:
        return self._first is not None


class Renderer:
    """Renders top-level blocks one after another; code blocks are numbered from `first_code`."""

    def __init__(self, look: Look, source: Sequence[str], first_code: int = 1) -> None:
        self.rows: list[Row] = []
        self.codes: list[CodeBlock] = []
        self._look = look
        self._source = source
        self._first_code = first_code

    def block(self, tokens: Sequence[Token], marker: Clean = Clean(""), hang: int = 0) -> None:
        """One top-level block other than a list; `marker` and `hang` are those of its `Unit`."""
        self._blocks(tokens, self._outer(marker, hang))

    def item(
        self, tokens: Sequence[Token], ordinal: int | None, marker: Clean = Clean(""), hang: int = 0
    ) -> None:
        """One item of a top-level list: the tokens between its opening and its end."""
        self._item(tokens, self._outer(marker, hang), ordinal, 0)

    def _outer(self, marker: Clean, hang: int) -> _Lead:
        lead = _Lead(self._look.prefix)
        if not hang:
            return lead
        return lead.inner((marker or " " * hang, self._look.ink), (" " * hang, self._look.ink))

    def _blocks(self, tokens: Sequence[Token], lead: _Lead, depth: int = 0) -> None:
        tokens = self._filled(tokens)
        at = 0
        before = ""
        while at < len(tokens):
            token = tokens[at]
            end = closing(tokens, at)
            if (
                before
                and token.map
                and (before in SPACED or token.type in SPACED or self._blank_before(token.map[0]))
            ):
                self._gap(lead)
            before = token.type
            self._one(tokens, at, end, lead, depth)
            at = end + 1
        if lead.pending:
            self._row([], lead)

    def _filled(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """The same blocks with those that follow an empty item, and were meant as its text, within it.

        As `MarkdownRows` decides it for a list at the left margin: where the block is indented by more than the item's
        marker, or follows at once, or the item is all of its list.
        """
        filled: list[Token] = []
        at = 0
        item: int | None = None  # the line of the item that takes what follows
        while at < len(tokens):
            end = closing(tokens, at)
            block = [*tokens[at : end + 1]]
            where = tokens[at].map
            if (
                item is not None
                and where is not None
                and (self._indent(where[0]) > self._indent(item) or self._meant(filled, tokens[at]))
            ):
                # Before the end of the item and of its list.
                filled[-2:-2] = [each.copy(level=each.level + 2) for each in block]
            else:
                filled += block
                item = _empty_item(block)
            at = end + 1
        return filled

    def _meant(self, filled: Sequence[Token], after: Token) -> bool:
        """Whether the list at the end of `filled`, whose last item is empty, goes on with a block that is not indented."""
        if filled[-3].type != "list_item_open" or after.map is None:
            return False
        if after.type in ("hr", "bullet_list_open", "ordered_list_open"):
            return False
        alone = filled[-4].type in ("bullet_list_open", "ordered_list_open") and after.type != "heading_open"
        return alone or not self._blank_before(after.map[0])

    def _indent(self, line: int) -> int:
        """How far the text of a line of the source is indented, behind the marks of quotes."""
        text = self._source[line]
        return len(text) - len(text.lstrip(" \t>"))

    def _one(self, tokens: Sequence[Token], at: int, end: int, lead: _Lead, depth: int) -> None:
        token = tokens[at]
        kind = token.type
        if kind == "paragraph_open":
            self._lines(self._inline(tokens[at + 1], self._look.ink, self._room(lead)), lead)
        elif kind == "heading_open":
            level = int(token.tag[1])
            ink = Ink.HEADING | BOLD | (UNDERLINE if level == 1 else 0) | (ITALIC if level > 2 else 0)
            self._lines(self._inline(tokens[at + 1], ink, self._room(lead)), lead)
        elif kind in ("fence", "code_block"):
            self._code(token, lead)
        elif kind == "blockquote_open":
            gutter = (f"{glyphs().gutter} ", Ink.QUOTE)
            self._blocks(tokens[at + 1 : end], lead.inner(gutter, gutter), depth)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            for number, (opened, closed) in enumerate(items(tokens, at, end)):
                where = tokens[opened].map
                if number and where and self._blank_before(where[0]):
                    self._gap(lead)
                ordinal = first_number(token) + number if kind == "ordered_list_open" else None
                self._item(tokens[opened + 1 : closed], lead, ordinal, depth + 1)
        elif kind == "table_open":
            self._table(tokens[at + 1 : end], lead)
        elif kind == "hr":
            self._row([(glyphs().rule * max(2, self._room(lead)), Ink.MUTED)], lead)

    def _item(self, tokens: Sequence[Token], lead: _Lead, ordinal: int | None, depth: int) -> None:
        marker = marker_of(ordinal)
        inner = lead.inner((marker, self._look.ink), (" " * len(marker), self._look.ink))
        self._blocks(tokens, inner, depth)

    def _code(self, token: Token, lead: _Lead) -> None:
        first = lead.take()
        words = token.info.split()
        language = words[0].lower() if words else ""
        number = self._first_code + len(self.codes) if self._look.copies else None
        rows = CodeRows(language, number, self._look.width, lead.rest, self._look.highlight)
        text = cast(Clean, token.content)  # as it stands in the source
        for line in text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else ():
            rows.add(line)
        rows.flush()
        label = rows.rows[0]
        rows.rows[0] = (
            Row(merge((*first, *label.runs[len(lead.rest) :])), label.lead, label.ground)
            if first != lead.rest
            else label
        )
        self.rows += rows.rows
        self.codes.append(CodeBlock(language, text.removesuffix("\n")))

    def _table(self, tokens: Sequence[Token], lead: _Lead) -> None:
        table: list[list[Cell]] = []
        aligns: list[str] = []
        for at, token in enumerate(tokens):
            if token.type == "tr_open":
                table.append([])
            elif token.type in ("th_open", "td_open"):
                head = token.type == "th_open"
                if head:
                    aligns.append(str(token.attrGet("style") or "").removeprefix("text-align:"))
                table[-1].append(self._inline(tokens[at + 1], self._look.ink | (BOLD if head else 0)))
        for line in lay_out(table, aligns, self._room(lead), self._look.ink):
            self._row(line, lead)

    def _inline(self, token: Token, base: int, room: int | None = None) -> list[list[Run]]:
        """Logical lines, a display formula's drawn for `room` cells. A line break of the source is one here too: models and people mean the breaks they write."""
        lines: list[list[Run]] = [[]]
        attributes = 0
        link = ""
        shown = ""
        for child in token.children or ():
            kind = child.type
            if kind == "text":
                text = _shown(child.content)
                lines[-1].append((text, (Ink.LINK | UNDERLINE if link else base) | attributes))
                shown += text
            elif kind in ("softbreak", "hardbreak"):
                lines.append([])
            elif kind == "code_inline":
                lines[-1].append((_shown(child.content), Ink.CODE | attributes))
                shown += child.content
            elif kind == "maths":
                self._maths(child, base, attributes, lines, room)
            elif kind == "link_open":
                link, shown = str(child.attrGet("href") or ""), ""
            elif kind == "link_close":
                address = clean_line(link)
                if self._look.addresses and address and address not in (shown, f"mailto:{shown}"):
                    lines[-1].append((f" ({address})", Ink.MUTED))
                link = ""
            elif kind == "image":
                words = (
                    t("transcript.image", alt=child.content) if child.content else t("transcript.image-bare")
                )
                lines[-1].append(
                    (f"{words} ({clean_line(str(child.attrGet('src') or ''))})", Ink.LINK | attributes)
                )
            elif child.nesting > 0:
                attributes |= _ATTRIBUTE.get(child.tag, 0)
            elif child.nesting < 0:
                attributes &= ~_ATTRIBUTE.get(child.tag, 0)
        return [list(merge(line)) for line in lines]

    def _maths(
        self, token: Token, base: int, attributes: int, lines: list[list[Run]], room: int | None
    ) -> None:
        """A formula; `room` is the width for a display on several lines, None where it has to stay on one."""
        from r1tui.widgets.transcript import maths

        display = token.block and room is not None
        if display and "".join(text for text, _ in lines[-1]).strip():
            lines.append([])
        indent: list[Run] = [(Clean("  "), base)] if display else []
        source = token.info == "open" or not self._look.formulas
        drawn: Sequence[Clean] = ()
        if source:
            drawn = [_shown(line.strip()) for line in token.markup.split("\n")]
        elif display and room is not None:
            drawn = maths.drawn(token.content, room - len(indent), self._look.ascii)
        if drawn:
            for number, row in enumerate(drawn):
                if number:
                    lines.append([])
                lines[-1] += indent
                for text, boxed in [(row, False)] if source else maths.split_boxes(row):
                    ink = Ink.BOXED | BOLD | REVERSE if boxed else Ink.MATHS | attributes
                    lines[-1].append((text, ink))
        else:
            lines[-1] += indent
            self._on_one_line(token, base, attributes, lines, display)
        if display:
            lines.append([])

    def _on_one_line(
        self, token: Token, base: int, attributes: int, lines: list[list[Run]], display: bool
    ) -> None:
        from r1tui.widgets.transcript import maths

        shown = maths.readable(token.content, self._look.ascii)
        before = lines[-1][-1][0] if lines[-1] else ""
        if before[-1:].isdigit() and shown[:1].isdigit():
            lines[-1].append((Clean(" "), base))  # a whole number before a fraction: 2 1/3, never 21/3
        for text, boxed in maths.split_boxes(shown):
            if boxed:
                said = text.strip().replace(maths.ROW, " ; ")
                lines[-1].append((f"{glyphs().recommended} {said}", Ink.BOXED | BOLD | REVERSE))
                continue
            for number, row in enumerate(text.split(maths.ROW)):
                if number and display:
                    lines.append([(Clean("  "), base)])
                elif number:
                    lines[-1].append((Clean(" ; "), base))
                lines[-1].append((row.lstrip() if number else row, Ink.MATHS | attributes))

    def _room(self, lead: _Lead) -> int:
        return self._look.width - sum(len(text) for text, _ in lead.rest)

    def _lines(self, lines: list[list[Run]], lead: _Lead) -> None:
        lines = [line for line in lines if line] or [[]]
        self._tick(lines)
        for logical in lines:
            for line in wrap(logical, self._room(lead)):
                self._row(line, lead)

    @staticmethod
    def _tick(lines: list[list[Run]]) -> None:
        """A task list's box: a ticked one gets the sign."""
        if lines[0] and lines[0][0][0][:4].lower() == "[x] ":
            text, ink = lines[0][0]
            lines[0][0] = (f"[{glyphs().check}] {text[4:]}", ink)

    def _row(self, line: list[Run], lead: _Lead) -> None:
        prefix = lead.take()
        self.rows.append(Row(merge((*prefix, *line)), sum(len(text) for text, _ in prefix)))

    def _gap(self, lead: _Lead) -> None:
        self.rows.append(blank_row(lead.rest))

    def _blank_before(self, line: int) -> bool:
        return 0 < line <= len(self._source) and not self._source[line - 1].strip(" \t>")


SPACED = frozenset({"heading_open", "fence", "code_block", "table_open", "hr"})
"""Blocks that always have a blank row before them."""


def _empty_item(block: Sequence[Token]) -> int | None:
    """The line of the last item of a list, where that item is empty."""
    if len(block) < 4 or block[-2].type != "list_item_close" or block[-3].type != "list_item_open":
        return None
    where = block[-3].map
    return where[0] if where else None


def marker_of(ordinal: int | None) -> Clean:
    """What stands before the first row of a list's item."""
    return f"{glyphs().bullet} " if ordinal is None else f"{ordinal}. "


def closing(tokens: Sequence[Token], at: int) -> int:
    """Index of the token that closes the one at `at`; `at` itself for one that stands alone."""
    if tokens[at].nesting <= 0:
        return at
    level = tokens[at].level
    for end in range(at + 1, len(tokens)):
        if tokens[end].level == level and tokens[end].nesting < 0:
            return end
    return len(tokens) - 1


def items(tokens: Sequence[Token], at: int, end: int) -> list[tuple[int, int]]:
    """(opening, closing) of each item of the list between `at` and `end`."""
    found: list[tuple[int, int]] = []
    here = at + 1
    while here < end:
        closed = closing(tokens, here)
        found.append((here, closed))
        here = closed + 1
    return found


def first_number(token: Token) -> int:
    """The number of an ordered list's first item."""
    start = token.attrGet("start")
    return 1 if start is None else int(start)
