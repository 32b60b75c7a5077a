"""Text in cells of the terminal: measured, cut, padded, wrapped, set in columns, drawn as a bar.

A character takes as many cells as the terminal gives it: two for Chinese, none for a combining mark. Lines are cut and
broken between characters as they are shown, never inside one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TypeVar, cast

from rich.cells import cell_len, chop_cells, set_cell_size

from r1tui.domain.clean import Clean
from r1tui.toolkit.glyphs import glyphs

_JOINER = "\u200d"
_Style = TypeVar("_Style")
_Runs = list[tuple[Clean, _Style]]
"""A line: texts, each with whatever tells its style."""


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """The characters of a text as a terminal shows them, each with its width in cells.

    A base stays with its combining marks, variation selector and what a zero-width joiner ties to it: Rich measures
    these together (an astronaut of three code points is 2 cells, not 4), so that only their widths add up to the text's.
    """
    if text.isascii():
        yield from ((char, 1) for char in text)
        return
    cluster = ""
    for char in text:
        if cluster and (cluster[-1] == _JOINER or not cell_len(char)):
            cluster += char
            continue
        if cluster:
            yield cluster, cell_len(cluster)
        cluster = char
    if cluster:
        yield cluster, cell_len(cluster)


# Cut to a width


def cut(text: Clean, width: int) -> Clean:
    """`text` in at most `width` cells, an ellipsis in place of the end that does not fit."""
    if cell_len(text) <= width:
        return text
    mark, room = _mark(width)
    return _sized(text, room).rstrip() + mark


def cut_start(text: Clean, width: int) -> Clean:
    """`text` in at most `width` cells, an ellipsis in place of the beginning that does not fit."""
    if cell_len(text) <= width:
        return text
    mark, room = _mark(width)
    return mark + _end(text, room)


def cut_middle(text: Clean, width: int) -> Clean:
    """`text` in at most `width` cells, an ellipsis in place of its middle: for names that differ at both ends."""
    if cell_len(text) <= width:
        return text
    mark, room = _mark(width)
    return _sized(text, room - room // 2).rstrip() + mark + _end(text, room // 2)


def _mark(width: int) -> tuple[Clean, int]:
    """The ellipsis, and the cells beside it; no ellipsis where not even that fits."""
    mark = glyphs().ellipsis
    room = width - cell_len(mark)
    return (mark, room) if room >= 0 else (Clean(""), 0)


def _sized(text: Clean, width: int) -> Clean:
    """The text cut or filled to `width` cells."""
    return cast(Clean, set_cell_size(text, width))


def _end(text: Clean, room: int) -> Clean:
    """The last characters of a text that fit into `room` cells."""
    kept: list[str] = []
    for cluster, width in reversed(list(clusters(text))):
        room -= width
        if room < 0:
            break
        kept.append(cluster)
    return cast(Clean, "".join(reversed(kept)))


# Filled up to a width


def pad(text: Clean, width: int) -> Clean:
    """`text` and blanks up to `width` cells; longer text stays as it is."""
    return text + " " * (width - cell_len(text))


def pad_start(text: Clean, width: int) -> Clean:
    """Blanks and `text`, so that it ends at cell `width`; longer text stays as it is."""
    return " " * (width - cell_len(text)) + text


def fit(text: Clean, width: int) -> Clean:
    """`text` in exactly `width` cells: padded, or cut with an ellipsis."""
    return pad(cut(text, width), width)


def columns(rows: Sequence[Sequence[Clean]], room: int | None = None, least: int = 1) -> list[Clean]:
    """Rows as lines, each column as wide as its widest cell, two blanks between columns.

    Where lines would be wider than `room` cells, the last columns are left out, down to the first `least`.
    """
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    while room is not None and len(widths) > least and sum(widths) + 2 * len(widths) > room:
        widths.pop()
    return ["  ".join(map(pad, row, widths)).rstrip() for row in rows]


def gap_behind(text: Clean) -> Clean:
    """The blank between a text and what follows it in its line; none behind a sign of two cells, which has its own."""
    return Clean(" ") if text and cell_len(text[-1]) == 1 else Clean("")


def bar(full: int, part: int, width: int) -> tuple[Clean, Clean, Clean]:
    """A bar of `width` cells in its three signs: `full` cells, `part` cells of a lower one, and what is left."""
    signs = glyphs()
    return signs.bar_full * full, signs.bar_part * part, signs.bar_empty * (width - full - part)


# Broken into lines

_WIDE = "⺀-〿぀-ヿ㐀-䶿一-鿿가-힣豈-﫿︰-﹏＀-｠￠-￦\U0001f300-\U0001faff\U00020000-\U0003ffff"
"""From the lowest on: text whose characters all come before it has no wide one."""
_OPENING = "（《「『【〔〈［｛“‘"
_CLOSING = "，。、；：！？）》」』】〕〉］｝”’…—～.,;:!?)\\]}%"
# A sequence of emoji with joiners and modifiers is one piece.
_JOINED = "[\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff]"


@cache
def _piece() -> re.Pattern[str]:
    """What is not broken: a wide character or a word of others, with the marks that open before it and close after it.

    Compiled at the first wide character: it takes 7 ms.
    """
    wide = f"[{_WIDE}](?:{_JOINED}+(?:[^\\s\x00-\x7f](?={_JOINED})|(?<=\u200d)[^\\s\x00-\x7f])?)*"
    return re.compile(f"[{_OPENING}]*(?:{wide}|(?:(?![{_WIDE}]).)+)[{_CLOSING}]*")


@cache
def _wide_edge() -> re.Pattern[str]:
    """A wide character at the start. Compiled at the first one: it takes 2 ms."""
    return re.compile(f"[{_WIDE}]")


def _may_break(before: str, text: str) -> bool:
    """Whether a line may end with the character `before` and the next begin with `text`, without a blank between them."""
    if before < _WIDE[0] and text[0] < _WIDE[0]:
        return False
    wide = _wide_edge().match(before) or _wide_edge().match(text)
    return bool(wide) and before not in _OPENING and text[0] not in _CLOSING


_TOKEN = re.compile(r" +|[^ ]+")


def _pieces(runs: Iterable[tuple[Clean, _Style]]) -> Iterator[tuple[Clean, _Style, bool, bool]]:
    """(text, style, is it space, may the line break before it)."""
    before = " "
    for text, style in runs:
        if not text:
            continue
        for token in _TOKEN.findall(text):
            if token[0] == " ":
                yield token, style, True, True
            elif max(token) < _WIDE[0]:
                yield token, style, False, before == " " or _may_break(before, token)
            else:
                parts = _piece().findall(token)
                for index, part in enumerate(parts):
                    yield part, style, False, index > 0 or before == " " or _may_break(before, part)
            before = token[-1]


def wrap_text(text: Clean, width: int) -> list[Clean]:
    """A text of one style in lines of at most `width` cells (2 at least): its own, and those that `wrap` makes of them."""
    return [
        "".join(part for part, _ in line) for own in text.split("\n") for line in wrap([(own, None)], width)
    ]


_COLUMN = re.compile(r" *(?:\S+ {2,})?")
"""What stands before a line's text: an indent, and a word in a column of its own."""


def hanging(line: Clean, width: int) -> list[Clean]:
    """A line in lines of at most `width` cells, what does not fit below the beginning of its text."""
    column = _COLUMN.match(line)
    indent = cell_len(column.group()) if column else 0
    if indent > width // 2:
        return wrap_text(line, width)
    first, *others = wrap_text(line[column.end() :] if column else line, width - indent)
    head = line[: column.end()] if column else Clean("")
    return [head + first, *(" " * indent + other for other in others)]


def wrap(runs: Sequence[tuple[Clean, _Style]], width: int) -> list[_Runs[_Style]]:
    """Break one logical line, without line breaks in it, into lines of at most `width` cells (2 at least).

    Its runs are (text, style); they are broken between words, a word that is too long for a line anywhere.
    """
    width = max(2, width)
    if len(runs) == 1:
        text = runs[0][0]
        if text.isascii() and len(text) <= width:
            return [[runs[0]]]
    words: list[tuple[_Runs[_Style], int, _Runs[_Style]]] = []
    gap: _Runs[_Style] = []
    for text, style, space, breakable in _pieces(runs):
        if space:
            gap.append((text, style))
        elif breakable or gap or not words:
            words.append((gap, cell_len(text), [(text, style)]))
            gap = []
        else:
            before, cells, parts = words[-1]
            parts.append((text, style))
            words[-1] = (before, cells + cell_len(text), parts)
    lines: list[_Runs[_Style]] = []
    line: _Runs[_Style] = []
    used = 0
    for before, cells, parts in words:
        spaces = sum(len(text) for text, _ in before)
        if used + spaces + cells <= width:
            line += before
            line += parts
            used += spaces + cells
            continue
        if line:
            lines.append(line)
        line, used = [], 0
        if cells <= width:
            line, used = list(parts), cells
            continue
        for text, style in parts:
            for chunk in _hard(text, width, used):
                size = cell_len(chunk)
                if used and used + size > width:
                    lines.append(line)
                    line, used = [], 0
                line.append((chunk, style))
                used += size
    if line or not lines:
        lines.append(line)
    return lines


def has_wide(text: str) -> bool:
    """Whether a text has characters that a line may be broken between, without a blank."""
    return max(text, default="") >= _WIDE[0] and _wide_edge().search(text) is not None


def breaks(text: str, width: int) -> list[int]:
    """Where a line of one style is broken, as offsets into it: as `wrap` does, a blank staying where the line ends."""
    width = max(2, width)
    words: list[tuple[int, str, int]] = []
    at, gap = 0, 0
    for piece, _, space, breakable in _pieces([(cast(Clean, text), None)]):
        if space:
            gap += cell_len(piece)
        elif breakable or gap or not words:
            words.append((at if words else 0, piece, gap))
            gap = 0
        else:
            start, before, blanks = words[-1]
            words[-1] = (start, before + piece, blanks)
        at += len(piece)
    found: list[int] = []
    used = 0
    for start, word, blanks in words:
        cells = cell_len(word)
        if used + blanks + cells <= width:
            used += blanks + cells
            continue
        if start:
            found.append(start)
        rest = chop_cells(text[start : start + len(word)], width) if cells > width else [word]
        for before in rest[:-1]:
            start += len(before)
            found.append(start)
        used = cell_len(rest[-1])
    return found


def _hard(text: Clean, width: int, used: int) -> list[Clean]:
    """Cut a word that is too long for a line; the first piece fills what is left of the present one."""
    left = width - used
    if left < 2 or used == 0:
        return _chopped(text, width)
    first = _chopped(text, left)[0]
    if cell_len(first) > left:
        return _chopped(text, width)
    return [first, *_chopped(text[len(first) :], width)] if len(first) < len(text) else [first]


def _chopped(text: Clean, width: int) -> list[Clean]:
    """The text in pieces of at most `width` cells."""
    return cast(list[Clean], chop_cells(text, width))


def fold(runs: Iterable[tuple[Clean, _Style]], width: int) -> list[_Runs[_Style]]:
    """Cut one logical line every `width` cells, losing nothing: for code."""
    width = max(2, width)
    lines: list[_Runs[_Style]] = [[]]
    used = 0
    for text, style in runs:
        for piece in _hard(text, width, used) if text else ():
            size = cell_len(piece)
            if used and used + size > width:
                lines.append([])
                used = 0
            lines[-1].append((piece, style))
            used += size
    return lines
