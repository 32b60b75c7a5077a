"""The Markdown parser: CommonMark with tables and strikethrough, no HTML save `<br>`, and mathematics as models write it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from r1tui.widgets.transcript.emphasis import emphasis

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_BLOCK_OPEN = re.compile(r"\\\[|\$\$|\\begin\{")
_CLOSERS = {"\\[": "\\]", "$$": "$$"}
_LOOKS_LIKE_MATHS = re.compile(r"[\\^_=<>+*/{}|]|^\S+$")
_ORDINAL = re.compile(r"(?:th|st|nd|rd|s)\b")
"""What English puts behind a formula: `$n$th`."""
_BEGUN = re.compile(r"\\[A-Za-z]{2}|\\[|{},;:]|\^|_\{|[)}\]]_[0-9A-Za-z]")
"""What a line has where a formula in single dollar signs has begun in it and has not ended yet."""
_BRACES = re.compile(r"\\.|[{}]|\n\n", re.DOTALL)
_LONGEST_BOX = 2000
_DASHES = re.compile(r"[ \t]*[-:|][-:| \t]+$")
_MARKS_IN_ROW = re.compile(r"`+|\\.|\$|\|")
_BAR = "\x00"
"""In place of a bar that parts no cells. The parser takes this sign out of every text before."""
_BARS_OF_FORMULA = re.compile(
    r"(?<![A-Za-z])(?:\\?Pr|\\mathbb\{[PE]\}|[PpE])(?:_(?:\w|\\[a-z]{2,10}|\{[^{}]{1,20}\}))?(?:\\left)?"
    r"[(\[][^()\[\]|$]{1,80}(?<!\\)\\\||(?<!\\)(?P<double>\\?)\|"
)
r"""A bar in a formula, or a conditional probability up to its `\|`."""
_WORDS_OF_FORMULA = re.compile(r"\\(?:text|mathrm|operatorname)[a-z]*\*?\{[^{}]*\}|\\[A-Za-z]+")
_BREAK = re.compile(r"<br ?/?>[ \t]*\n?[ \t]*", re.IGNORECASE)
"""The one sign of HTML that models write on purpose: Markdown has no other line break within a table's cell."""
_BLOCK = re.compile(r"(?:[-*+]|\d+[.)]|#+|>)(?:\s|$)|```|~~~|---|\*\*\*|\|")

# What has ranges of Chinese is compiled at its first use: it takes 1 to 4 ms each, and a text without formulas needs none.


@cache
def _money() -> re.Pattern[str]:
    return re.compile(r"[\d,.]+(?: [A-Za-z]{2,}| ?[\u3000-\u9fff\uff00-\uffef])")


@cache
def _glued() -> re.Pattern[str]:
    """A letter or digit that no formula touches. Chinese stands directly beside formulas."""
    return re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@cache
def _prose() -> re.Pattern[str]:
    return re.compile(r"[^\W\d_]{3}|[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@cache
def parser() -> MarkdownIt:
    """The one parser; markdown-it is imported with the first message (45 ms)."""
    from markdown_it import MarkdownIt

    markdown = (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    )
    markdown.block.ruler.before(
        "code", "maths_block", _maths_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    markdown.inline.ruler.before("escape", "maths", _maths_inline)
    markdown.inline.ruler.before("autolink", "break", _break)
    markdown.inline.ruler.at("emphasis", emphasis)
    return markdown


def _maths_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph that begins with a display formula and ends with it, so that no line inside is taken for a list.

    It ends at the closing sign, else at a blank line below which no formula goes on, else at the end: without looking
    further ahead than one line, so that what a stream shows never depends on text that is far away.
    """
    if state.is_code_block(start):
        return False
    first = _line(state, start)
    opened = _BLOCK_OPEN.match(first)
    if opened is None:
        return False
    if silent:
        return True
    closer = _CLOSERS.get(opened.group(), "\\end{")
    line = start
    seen = first[opened.end() :]
    depth = 1
    while True:
        depth -= seen.count(closer) - (seen.count("\\begin{") if closer == "\\end{" else 0)
        if depth <= 0:
            break
        after = state.skipEmptyLines(line + 1)
        if after >= end or state.sCount[after] < state.blkIndent:
            break
        seen = _line(state, after)
        if after > line + 1 and not _goes_on(seen, closer):
            break
        line = after
    content = state.getLines(start, line + 1, state.blkIndent, False).strip()
    state.line = line + 1
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content = content
    token.map = [start, state.line]
    token.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _goes_on(line: str, closer: str) -> bool:
    """Whether a line below a blank one still belongs to the display formula above."""
    before, closes, behind = line.partition(closer)
    if closer in behind or _prose().search(_WORDS_OF_FORMULA.sub("", before)):
        return False
    return bool(closes or (_LOOKS_LIKE_MATHS.search(line) and not _BLOCK.match(line)))


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, in whose rows a bar within a formula or code parts no cells, and nothing of a row with too many is lost:
    what is too much belongs to its last cell.
    """
    from markdown_it.rules_block.table import table

    if start + 2 > end or not _DASHES.match(dashes := _line(state, start + 1)):
        return False
    columns = sum(bool(part.strip()) for part in dashes.split("|"))
    source, before = state.src, len(state.tokens)
    try:
        state.src = _with_rows(state, range(start, start + 1), None)
        found = table(state, start, end, silent)
        if silent or not found:
            return found
        # Only now it is known how far the table goes: rows of others are not looked at, or all would be for each.
        del state.tokens[before:]
        state.src = _with_rows(state, range(start + 2, state.line), columns)
        table(state, start, end, False)
    finally:
        state.src = source
    for token in state.tokens[before:]:
        token.content = token.content.replace(_BAR, "|")
    return True


def _with_rows(state: StateBlock, lines: range, columns: int | None) -> str:
    """The source with these lines as `_row` has them."""
    pieces, done = [], 0
    for line in lines:
        at = state.bMarks[line] + state.tShift[line]
        pieces += [state.src[done:at], _row(_line(state, line), columns)]
        done = state.eMarks[line]
    return "".join((*pieces, state.src[done:]))


def _row(line: str, columns: int | None) -> str:
    """A row of a table, as long as it was, with `_BAR` for each bar that parts no cells; `columns` of a table's body."""
    parts: list[str] = []
    unclosed = set[
        str
    ]()  # beginnings of a formula without an end in this row: to look for it at each takes the square
    cells, at = 0, 0
    while found := _MARKS_IN_ROW.search(line, at):
        start, sign, end = found.start(), found.group(), found.end()
        parts.append(line[at:start])
        inside = False
        if sign == "|":
            first = not line[:start].strip()
            cells += not first
            inside = columns is not None and cells >= columns and bool(line[end:].strip())
        elif sign[0] == "`":
            close = re.compile(rf"(?<!`){sign}(?!`)").search(line, end)
            end, inside = (close.end(), True) if close else (end, False)
        elif sign not in unclosed and (formula := _formula(line, start)) is not None:
            if formula[1] > 0:
                end, inside = formula[1], True
            elif sign != "$":  # a later one may have its end
                unclosed.add(sign)
        piece = line[start:end]
        if inside:
            formula_here = sign[0] in "$\\"
            piece = _BARS_OF_FORMULA.sub(_bar, piece) if formula_here else re.sub(r"(?<!\\)\|", _BAR, piece)
        parts.append(piece)
        at = end
    return "".join((*parts, line[at:]))


def _bar(match: re.Match[str]) -> str:
    r"""A formula's bar in a row. `\|` is LaTeX's double bar there as anywhere, though a table's rules make a single one of
    it; these hold for `P(A\|B)`, where it can be nothing else, and for `\\|`, of which they make a double one.
    """
    double = match["double"]
    return match.group() if double is None else f"{double}{_BAR}"


def _break(state: StateInline, silent: bool) -> bool:
    """`<br>` outside of code."""
    found = _BREAK.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")
        state.push("hardbreak", "br", 0)
    state.pos = found.end()
    return True


def _maths_inline(state: StateInline, silent: bool) -> bool:
    r"""`\(…\)`, `\[…\]`, `$$…$$`, `$…$`, `\begin{…}…\end{…}` and bare `\boxed{…}`, `\ce{…}` and `\pu{…}`.

    A formula that has begun and has not ended, as in a stream, is a token too, of the information `open`: its source is
    what shows, and Markdown's own signs in it (`_`, `*`, a backslash) are not taken for marks.
    """
    src, pos = state.src, state.pos
    char = src[pos]
    if char not in "\\$":
        return False
    found = _formula(src, pos)
    if found is None:
        return False
    inner, end, display = found
    if end < 0:
        end = state.posMax
        if src.startswith(("\\(", "$"), pos) and not src.startswith("$$", pos):
            line = src.find("\n", pos, end)
            end = line if line >= 0 else end
    if end > state.posMax or not (inner or src[pos:end]).strip():
        return False
    if not silent:
        token = state.push("maths", "", 0)
        token.content = inner
        token.markup = src[pos:end]
        token.info = "" if inner else "open"
        token.block = display
    state.pos = end
    return True


def _formula(src: str, pos: int) -> tuple[str, int, bool] | None:
    """(formula, its end in the source, whether it is displayed); an empty formula and -1 for one without an end."""
    if src[pos] == "$":
        if src.startswith("$$", pos):
            return _between(src, pos, "$$", True)
        close = _closing_dollar(src, pos)
        if close > 0:
            return src[pos + 1 : close], close + 1, False
        return ("", -1, False) if close == _UNCLOSED else None
    two = src[pos : pos + 2]
    if two in ("\\(", "\\["):
        return _between(src, pos, "\\)" if two == "\\(" else "\\]", two == "\\[")
    if src.startswith(("\\boxed{", "\\ce{", "\\pu{"), pos):
        end = _matching_brace(src, src.find("{", pos))
        return (src[pos:end], end, False) if end > 0 else ("", -1, False)
    if src.startswith("\\begin{", pos):
        match = _ENVIRONMENT.match(src, pos)
        if match is None:
            return None
        depth = 0
        for mark in re.compile(r"\\(begin|end)" + re.escape(match.group(1))).finditer(src, pos):
            depth += 1 if mark.group(1) == "begin" else -1
            if depth == 0:
                return src[pos : mark.end()], mark.end(), True
        return "", -1, True
    return None


_ENVIRONMENT = re.compile(r"\\begin(\{[A-Za-z]+\*?\})")


def _between(src: str, pos: int, closer: str, display: bool) -> tuple[str, int, bool] | None:
    close = src.find(closer, pos + 2)
    if close < 0:
        return "", -1, display
    inner = src[pos + 2 : close]
    return (inner, close + 2, display) if inner.strip() else None


def _matching_brace(src: str, opening: int) -> int:
    depth = 0
    for match in _BRACES.finditer(src, opening, min(len(src), opening + _LONGEST_BOX)):
        sign = match.group()
        if sign == "\n\n":
            break
        depth += (sign == "{") - (sign == "}")
        if depth == 0:
            return match.end()
    return -1


_UNCLOSED = -2


def _closing_dollar(src: str, opening: int) -> int:
    """Pandoc's rule, and a stricter one for prices: `$5 and $10` is money, so is `from $5 to 10$ each`.

    -1 where no formula begins, `_UNCLOSED` where one has begun and its line has no further dollar sign.
    """
    if (
        opening + 1 >= len(src)
        or src[opening + 1] in " \t\n"
        or (opening and _glued().match(src[opening - 1]))
    ):
        return -1
    line = src.find("\n", opening)
    line = len(src) if line < 0 else line
    at = opening
    while True:
        at = src.find("$", at + 1, line)
        if at < 0:
            rest = src[opening + 1 : line]
            return _UNCLOSED if _BEGUN.search(rest) and "`" not in rest and not _money().match(rest) else -1
        if src[at - 1] != "\\":
            break
    inner = src[opening + 1 : at]
    after = src[at + 1 : at + 2]
    glued = _glued().match(after) and not _ORDINAL.match(src, at + 1)
    if not inner or inner[-1] in " \t" or glued or "`" in inner or _money().match(inner):
        return -1
    return at if _LOOKS_LIKE_MATHS.search(inner) else -1
