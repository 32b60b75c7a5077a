"""A page of the guide as rows: the transcript's own Markdown, with links that can be followed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from r1tui.domain.clean import clean
from r1tui.domain.dataclass import dataclass
from r1tui.guide import entry_of, in_ascii
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.ink import Ink
from r1tui.widgets.transcript.parser import parser
from r1tui.widgets.transcript.render import present_look
from r1tui.widgets.transcript.rows import Row

WIDEST = 100
"""Cells of a line; longer ones are hard to read."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a page: where it leads, and the characters that it stands in."""

    href: str
    spans: tuple[tuple[int, int, int], ...]
    """(row, first character, behind the last)."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A page for one width."""

    rows: Sequence[Row] = ()
    links: Sequence[Link] = ()
    """Those within the guide, in reading order."""
    entries: Mapping[str, int] = field(default_factory=dict)
    """Row of each heading by its entry's name."""


def lay_out(text: str, width: int) -> Laid:
    """Lay a page out with the signs in use. Takes up to 60 ms."""
    source = clean(in_ascii(text) if glyphs() is ASCII else text)
    look = replace(present_look(max(20, min(width, WIDEST)), highlight=False), addresses=False, copies=False)
    markdown = MarkdownRows(look)
    markdown.feed(source, final=True)
    # A drawing has no number to copy it by: the line above it stays empty.
    label = re.compile(rf"{re.escape(glyphs().rule)}{{2}} \d+")
    rows = [row for row in markdown.rows if not label.fullmatch(row.text)]
    return Laid(rows, _links(source, rows), _entries(rows))


def _links(source: str, rows: Sequence[Row]) -> list[Link]:
    told = _told_links(source)
    # (character, row, column) of all that is drawn as a link, in reading order
    drawn = [
        (char, at, column)
        for at, row in enumerate(rows)
        for column, (char, ink) in enumerate((char, ink) for text, ink in row.runs for char in text)
        if ink & ~0b11111 == Ink.LINK and not char.isspace()
    ]
    links: list[Link] = []
    place = 0
    for href, words in told:
        size = len("".join(words.split()))
        chars, place = drawn[place : place + size], place + size
        lines = sorted({at for _, at, _ in chars})
        if lines and "://" not in href:
            columns = {at: [column for _, line, column in chars if line == at] for at in lines}
            spans = tuple((at, min(columns[at]), max(columns[at]) + 1) for at in lines)
            links.append(Link(href, spans))
    return links


def _told_links(source: str) -> list[tuple[str, str]]:
    """(address, words) of each link, as the parser finds them."""
    found: list[tuple[str, str]] = []
    for token in parser().parse(source):
        words: list[str] | None = None
        for child in token.children or ():
            if child.type == "link_open":
                words = []
                found.append((str(child.attrGet("href") or ""), ""))
            elif child.type == "link_close" and words is not None:
                found[-1] = (found[-1][0], "".join(words))
                words = None
            elif words is not None and child.type == "text":
                words.append(child.content)
    return found


def _entries(rows: Sequence[Row]) -> dict[str, int]:
    named = (
        (entry_of(row.text), at)
        for at, row in enumerate(rows)
        if row.runs and row.runs[0][1] & ~0b11111 == Ink.HEADING
    )
    return {name: at for name, at in named if name}
