"""The Markdown parser: CommonMark with tables and strikethrough, no HTML, and mathematics as models write it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

_BLOCK_OPEN = re.compile(r"\\\[|\$\$|\\begin\{")
_CLOSERS = {"\\[": "\\]", "$$": "$$", "\\begin{": "\\end{"}
_LOOKS_LIKE_MATHS = re.compile(r"[\\^_=<>+*/{}|]|^\S+$")


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
    markdown.inline.ruler.before("escape", "maths", _maths_inline)
    return markdown


def warm_up() -> None:
    """Import what the first message needs; for a thread, after the first paint."""
    from r1tui.widgets.transcript.maths import readable

    parser().parse("x")
    readable("x")


def _maths_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph that begins with a display formula and ends with it, so that no line inside is taken for a list.

    It ends at the closing sign, else at a blank line, else at the end: without looking further ahead, so that what a
    stream shows never depends on text that is far away.
    """
    if state.is_code_block(start):
        return False
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    opened = _BLOCK_OPEN.match(first)
    if opened is None:
        return False
    if silent:
        return True
    closer = _CLOSERS[opened.group()]
    line = start
    seen = first[opened.end() :]
    while closer not in seen:
        line += 1
        if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
            line -= 1
            break
        seen = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
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


def _maths_inline(state: StateInline, silent: bool) -> bool:
    r"""`\(…\)`, `\[…\]`, `$$…$$`, `$…$`, `\begin{…}…\end{…}` and a bare `\boxed{…}`."""
    src, pos = state.src, state.pos
    char = src[pos]
    if char == "\\":
        two = src[pos : pos + 2]
        if two in ("\\(", "\\["):
            close = src.find("\\)" if two == "\\(" else "\\]", pos + 2)
            if close < 0:
                return False
            inner, end, display = src[pos + 2 : close], close + 2, two == "\\["
        elif src.startswith("\\boxed{", pos):
            end = _matching_brace(src, pos + 6)
            if end < 0:
                return False
            inner, display = src[pos:end], False
        elif src.startswith("\\begin{", pos):
            name = src[pos + 7 : src.find("}", pos)]
            close = src.find(f"\\end{{{name}}}", pos)
            if close < 0:
                return False
            end = close + len(name) + 6
            inner, display = src[pos:end], True
        else:
            return False
    elif char == "$":
        display = src.startswith("$$", pos)
        if display:
            close = src.find("$$", pos + 2)
            if close < 0:
                return False
            inner, end = src[pos + 2 : close], close + 2
        else:
            close = _closing_dollar(src, pos)
            if close < 0:
                return False
            inner, end = src[pos + 1 : close], close + 1
    else:
        return False
    if end > state.posMax or not inner.strip():
        return False
    if not silent:
        token = state.push("maths", "", 0)
        token.content = inner
        token.markup = src[pos:end]
        token.block = display
    state.pos = end
    return True


def _matching_brace(src: str, opening: int) -> int:
    depth = 0
    for at in range(opening, min(len(src), opening + 2000)):
        char = src[at]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        elif char == "\n" and src.startswith("\n\n", at):
            break
    return -1


def _closing_dollar(src: str, opening: int) -> int:
    """Pandoc's rule, and a stricter one for prices: `$5 and $10` is money, so is `from $5 to 10$ each`."""
    if opening + 1 >= len(src) or src[opening + 1] in " \t\n" or (opening and src[opening - 1].isalnum()):
        return -1
    at = opening
    while (at := src.find("$", at + 1)) > 0:
        inner = src[opening + 1 : at]
        if "\n" in inner:
            return -1
        if src[at - 1] == "\\":
            continue
        after = src[at + 1 : at + 2]
        if inner[-1] in " \t" or after.isalnum() or "`" in inner:
            return -1
        return at if _LOOKS_LIKE_MATHS.search(inner) else -1
    return -1
