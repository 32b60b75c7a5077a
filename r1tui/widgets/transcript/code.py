"""Fenced code: lines, highlighted in pieces so that a line costs the same at the end of a long block as at its start.

A lexer can only begin at the beginning. So a block is cut into chunks at lines that stand at the left margin, where no
string or comment is open; each is highlighted from its own start. Where the cuts are depends on the code alone, never
on how it arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from threading import Thread
from typing import Any

from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean_line
from r1tui.locale import t
from r1tui.toolkit.cells import fold
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.transcript.ink import Ink
from r1tui.widgets.transcript.rows import Ground, Row, Run, merge

_CHUNK_LINES = 8
"""A chunk has at least this many lines, so that a class's short methods keep their context."""
_CHUNK_LIMIT = 120
KEYS = 9
"""Code blocks of an answer that have a key: its number."""

_lexers: dict[str, Any] = {}
_waiting: set[str] = set()
_listeners: list[Callable[[], None]] = []


def on_lexer(listener: Callable[[], None]) -> Callable[[], None]:
    """Call `listener` (from a thread) whenever a lexer has been loaded. Returns what ends that."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener) if listener in _listeners else None


def load_lexer(language: str) -> None:
    """Import Pygments' lexer for a language, None where it has none. Takes 20 to 100 ms: call it in a thread."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        _lexers[language] = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        _lexers[language] = None


def _lexer(language: str) -> Any:
    """The lexer, or None while it is being loaded and for languages without one."""
    if language in _lexers:
        return _lexers[language]
    if language not in _waiting:
        _waiting.add(language)

        def load() -> None:
            load_lexer(language)
            for listener in tuple(_listeners):
                listener()

        Thread(target=load, name=f"lexer-{language}", daemon=True).start()
    return None


@lru_cache(maxsize=1)
def _kinds() -> tuple[tuple[Any, Ink], ...]:
    from pygments.token import Comment, Keyword, Name, Number, String

    return (
        (Comment, Ink.COMMENT),
        (Keyword, Ink.KEYWORD),
        (String, Ink.STRING),
        (Number, Ink.NUMBER),
        (Name.Function, Ink.NAME),
        (Name.Class, Ink.NAME),
        (Name.Tag, Ink.KEYWORD),
        (Name.Decorator, Ink.NAME),
        (Name.Builtin, Ink.NAME),
    )


@lru_cache(maxsize=256)
def _ink_of(kind: Any) -> int:
    for parent, ink in _kinds():
        if kind in parent:
            return ink
    return Ink.CODE


@lru_cache(maxsize=64)
def _highlight(language: str, code: str) -> tuple[tuple[tuple[Run, ...], ...], bool]:
    """Lines of runs, and whether a string or comment is still open at the end."""
    lines: list[list[Run]] = [[]]
    kind = None
    for kind, value in _lexers[language].get_tokens(code):
        ink = _ink_of(kind)
        if not value.strip() and lines[-1] and "\n" not in value:
            ink = lines[-1][-1][1]  # a space has no colour: one colour sequence less
        first, *others = value.split("\n")
        lines[-1].append((first, ink))
        lines += [[(other, ink)] for other in others]
    return tuple(merge(line) for line in lines), _ink_of(kind) in (Ink.STRING, Ink.COMMENT)


class CodeRows:
    """A code block being written: complete lines are added, the present one is replaced as it grows."""

    def __init__(
        self, language: str, number: int | None, width: int, prefix: tuple[Run, ...], highlight: bool
    ) -> None:
        """`number`: of the key that copies it; None where none does."""
        self.language = language
        self._width = width
        outer = sum(len(text) for text, _ in prefix)
        self._prefix = (*prefix, (f"{glyphs().gutter} ", int(Ink.CODE)))
        self._lead = outer + 2
        self._ground = Ground(outer)
        self._highlight = highlight
        self._lines: list[Clean] = []
        self._open: list[Clean] = []
        """Lines of the open chunk, of which the last `_pending` are not highlighted yet."""
        self._pending = 0
        rule = glyphs().rule
        named = clean_line(language)[:24]
        parts: list[Clean] = [named] if named else []
        if number is not None:
            parts.append(t("transcript.copies", number=number) if number <= KEYS else f"{number}")
        label = f" {rule}{rule} ".join(parts)
        head: list[Run] = [(f"{glyphs().corner}{rule}", int(Ink.CODE)), (f" {label}", int(Ink.MUTED))]
        cells = merge((*prefix, *fold(head if parts else head[:1], width - outer)[0]))
        self.rows: list[Row] = [self._row(cells, sum(len(text) for text, _ in cells))]
        self._chunk_row = 1
        self._partial_row = 1

    @property
    def text(self) -> Clean:
        """The code of the block, as it came."""
        return "\n".join(self._lines)

    def add(self, line: Clean) -> None:
        """One more complete line."""
        del self.rows[self._partial_row :]
        line = line.expandtabs(4)
        if self._chunk_ends_before(line):
            self.flush()
            self._open = []
            self._chunk_row = len(self.rows)
        self._lines.append(line)
        self._open.append(line)
        self._pending += 1
        self.rows += self._wrapped(((line, Ink.CODE),))
        if self._pending * 8 >= len(self._open):
            self.flush()
        self._partial_row = len(self.rows)

    def partial(self, line: Clean) -> None:
        """The line that is being written, in place of what it was before."""
        del self.rows[self._partial_row :]
        if line:
            self.rows += self._wrapped(((line.expandtabs(4), Ink.CODE),))

    def flush(self) -> None:
        """Highlight what is not yet."""
        if self._pending and self._highlight and self.language and _lexer(self.language) is not None:
            runs, _ = _highlight(self.language, "\n".join(self._open))
            del self.rows[self._chunk_row :]
            for line in runs:
                self.rows += self._wrapped(line)
            self._partial_row = len(self.rows)
        self._pending = 0

    def _chunk_ends_before(self, line: str) -> bool:
        if len(self._open) >= _CHUNK_LIMIT:
            return True
        if len(self._open) < _CHUNK_LINES or not line or line[0] in " \t})]":
            return False
        if not self._highlight or not self.language or _lexer(self.language) is None:
            return True
        return not _highlight(self.language, "\n".join(self._open) + "\n")[1]

    def _wrapped(self, runs: tuple[Run, ...]) -> list[Row]:
        width = self._width - self._lead
        text = "".join(part for part, _ in runs)
        if len(text) <= width and (text.isascii() or cell_len(text) <= width):
            return [self._row(merge((*self._prefix, *runs)), self._lead)]
        sign = (f"{glyphs().wrapped} ", int(Ink.MUTED))
        first, *others = fold(runs, width - len(sign[0]))
        return [
            self._row(merge((*self._prefix, *first)), self._lead),
            *(self._row(merge((*self._prefix, sign, *line)), self._lead + len(sign[0])) for line in others),
        ]

    def _row(self, runs: tuple[Run, ...], lead: int) -> Row:
        row = Row(runs, lead, self._ground)
        self._ground.hold(cell_len(row.text))
        return row
