"""Formulas in characters: on one line, or drawn on several where a display has the room.

Nothing of the source is ever missing from what shows: no letter, digit or relation. What has no character of its own is
written out (`x^(n+α)`, `hat(AB)`), what is unknown shows its name, and what cannot be read at all is shown as its source.
What one line flattens stays unambiguous: `a/(bc)`, `(1/2)√x`, `2 1/3`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final, cast

from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.toolkit.glyphs import ASCII, UNICODE
from r1tui.widgets.transcript.latex import (
    Accent,
    Arrow,
    Atom,
    Binomial,
    Boxed,
    Fence,
    Fraction,
    Grid,
    Group,
    Node,
    Nodes,
    Root,
    Scripts,
    Space,
    Unreadable,
    parse,
)
from r1tui.widgets.transcript.latex_signs import ACCENTS, LIMITS, SUBSCRIPTS, SUPERSCRIPTS, Kind, Sign

_BOX_OPEN, _BOX_CLOSE = "\ue000", "\ue001"
"""Private-use characters around what stands in a box; foreign ones are dropped before."""
ROW: Final = "\ue002"
"""Another, between the rows of what stands in rows, as the steps of a calculation."""
_FOREIGN = re.compile("[\ue000-\ue002]")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")

# How tightly the parts of a text hold together, which decides whether it needs parentheses.
_ATOM, _SCRIPTED, _PRODUCT, _NEGATIVE, _SUM = range(5)

_ENDS_OPERAND = frozenset(
    {Kind.ORD, Kind.NUM, Kind.WORD, Kind.TEXT, Kind.CLOSE, Kind.POST, Kind.FRACTION, Kind.DRAWN}
)
_BEGINS_OPERAND = frozenset(
    {Kind.ORD, Kind.NUM, Kind.WORD, Kind.OPEN, Kind.FRACTION, Kind.RAISED, Kind.OP, Kind.TEXT, Kind.DRAWN}
)
_VARIABLES = frozenset("abceijklmntxyz")
"""Letters that stand for what is multiplied rather than for a function."""
_FACTORS = frozenset("pqrsuvw")
"""Letters that stand for functions, but before a sum for what is multiplied: `V^π(s)`, `q^π(s)`, `q^k·(1-q)`."""
_LOOSE = frozenset(
    {Kind.REL, Kind.BIN, Kind.SLASH, Kind.PUNCT, Kind.COLON, Kind.OP, Kind.FRACTION, Kind.DRAWN}
)
"""Kinds that make more than a product of what they stand in."""


@dataclass(slots=True)
class _Piece:
    """A part of a formula, written."""

    lines: list[str]
    base: int = 0
    """The line that stands on the formula's base line."""
    left: Kind = Kind.ORD
    right: Kind = Kind.ORD
    level: int = _ATOM
    open_end: bool = False
    """It ends so that an operand behind it would be taken for a part of it, as in `√x`."""
    spaced: bool = False
    parts: tuple[_Piece, _Piece] | None = None
    """Of a fraction on one line: what stands above and below."""

    @property
    def text(self) -> str:
        return self.lines[self.base]


def _width(text: str) -> int:
    """Cells, without the marks of boxes."""
    return cell_len(text) - text.count(_BOX_OPEN) - text.count(_BOX_CLOSE)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _centred(text: str, width: int) -> str:
    return _padded(" " * ((width - _width(text)) // 2) + text, width)


def _block(piece: _Piece) -> int:
    return max(_width(line) for line in piece.lines)


def _bracketed(text: str) -> bool:
    """Whether one pair of round brackets holds the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _barred(text: str) -> bool:
    """Whether one pair of bars holds the whole text."""
    for bar in ("‖", "||", "|"):
        if len(text) > 2 * len(bar) and text.startswith(bar) and text.endswith(bar):
            return bar[0] not in text[len(bar) : -len(bar)]
    return False


class _Writer:
    def __init__(self, ascii_only: bool, drawn: bool) -> None:
        self._ascii = ascii_only
        self._drawn = drawn
        """Fractions, matrices and limits take several lines; never inside scripts."""

    # Joining

    def join(self, nodes: Nodes, tight: bool, continued: bool = False, followed: bool = False) -> _Piece:
        """The nodes one after another. `tight`: without the space around relations and operators. `continued`: what is
        before them stands in another cell, so that `+ c` is no sign of `c`, and a blank before it is one. `followed`:
        another cell stands behind them.
        """
        pieces = self._pieces(nodes, tight, followed)
        self._settle_bars(pieces)
        pieces = self._mixed(pieces)
        solid = [at for at, piece in enumerate(pieces) if piece.left is not Kind.SPACE]
        parts: list[_Piece] = []
        before: _Piece | None = None
        gap = 0
        depth, level, operands = 0, _ATOM, 0
        number = 0
        for piece in pieces:
            if piece.left is Kind.SPACE:
                gap = max(gap, len(piece.text))
                continue
            number += 1
            after = pieces[solid[number]] if number < len(solid) else None
            if piece.left is Kind.FRACTION:
                apart = number < len(solid) and solid[number] - solid[number - 1] > 1
                piece = self._fraction_here(before, piece, after, apart)
            elif (
                piece.left is Kind.BIN
                and not (before is None and continued)
                and (before is None or (before.right not in _ENDS_OPERAND and before.text not in _RESULTS))
            ):
                piece.left = piece.right = Kind.UNARY
            elif self._remainder(before, piece, after):
                piece.left = piece.right = Kind.BIN
            if before is not None and _may_be_applied(before, piece):
                sums = _sums(pieces[solid[number - 1] :])
                if sums and before.text[:1] not in _FACTORS:
                    before.lines[before.base] = f"{before.text[:-1]}({before.text[-1:]})"
                before.open_end = sums and before.text[:1] in _FACTORS
            space = self._between(before, piece, tight)
            if gap and before is None and continued:
                space = " " * gap
            elif gap and before is not None and (space in ("", " ") or piece.left is not Kind.FRACTION):
                space = " " * max(gap, len(space))
            elif (
                before is not None and before.text.endswith(" deg") and piece.text[:1].isdigit() and not space
            ):
                space = " "
            gap = 0
            if space:
                parts.append(_Piece([space], left=piece.left))
            parts.append(piece)
            depth -= piece.left is Kind.CLOSE
            if depth <= 0 and (number > 1 or len(solid) > 1):
                if piece.left is Kind.UNARY and number == 1:
                    level = _NEGATIVE
                elif (
                    piece.left in _LOOSE
                    or piece.right in _LOOSE
                    or (space.strip(" ·*") == "" and " " in space)
                ):
                    level = _SUM
                elif operands and level is not _NEGATIVE:
                    level = max(level, _PRODUCT if piece.left is not Kind.POST or level else _SCRIPTED)
            depth += piece.left is Kind.OPEN and piece.right is Kind.OPEN
            operands += 1
            before = piece
        if gap and before is not None:
            parts.append(_Piece([" " * gap]))
        if not parts:
            return _Piece([""], level=_ATOM)
        if number == 1:
            only = parts[0]
            return only if len(parts) == 1 else self._beside(parts, only.left, only.right, only.level)
        said = self._beside(parts, parts[0].left, parts[-1].right, level)
        said.open_end = parts[-1].open_end
        if len(said.lines) == 1 and (_bracketed(said.lines[0]) or _barred(said.lines[0])):
            said.level = _ATOM
        return said

    @staticmethod
    def _remainder(before: _Piece | None, piece: _Piece, after: _Piece | None) -> bool:
        r"""Whether a sign of per cent is the operator of programs: `10 \% 3`."""
        return (
            piece.text == "%"
            and piece.spaced
            and before is not None
            and before.right in _ENDS_OPERAND
            and after is not None
            and after.left in (Kind.NUM, Kind.ORD, Kind.WORD, Kind.OPEN)
        )

    @staticmethod
    def _beside(parts: list[_Piece], left: Kind, right: Kind, level: int) -> _Piece:
        if all(len(part.lines) == 1 for part in parts):
            return _Piece(["".join(part.lines[0] for part in parts)], 0, left, right, level)
        above = max(part.base for part in parts)
        below = max(len(part.lines) - part.base for part in parts)
        lines = [""] * (above + below)
        for part in parts:
            width = _block(part)
            for at in range(above + below):
                index = at - above + part.base
                lines[at] += _padded(part.lines[index] if 0 <= index < len(part.lines) else "", width)
        return _Piece(lines, above, left, right, level)

    def _between(self, before: _Piece | None, piece: _Piece, tight: bool) -> str:
        if before is None:
            return ""
        a, b = before.right, piece.left
        if a is Kind.DRAWN or b is Kind.DRAWN:
            beside = b in (Kind.PUNCT, Kind.CLOSE, Kind.POST) or a in (Kind.OPEN, Kind.UNARY)
            return "" if beside and b is not Kind.DRAWN else " "
        for kind in (Kind.REL, Kind.BIN):
            if a is kind or b is kind:
                named = before.text[-1:].isalpha() if a is kind else piece.text[:1].isalpha()
                return " " if not tight or (named and a is not b) else ""
        if a is Kind.UNARY:
            return " " if before.text[-1:].isalpha() and piece.text[:1].isalnum() else ""
        if a is Kind.PUNCT:
            return "" if tight or b in (Kind.CLOSE, Kind.PUNCT) or piece.text.startswith(" ") else " "
        if Kind.COLON in (a, b):
            return " " if piece.spaced and not tight else ""
        if Kind.SLASH in (a, b):
            return " " if piece.spaced and not tight else ""
        if b in (Kind.PUNCT, Kind.CLOSE, Kind.POST, Kind.BAR):
            return " " if b is Kind.BAR and piece.spaced and not tight else ""
        if a is Kind.BAR:
            return " " if piece.spaced and not tight else ""
        if a is Kind.OPEN:
            return ""
        if a is Kind.OP:
            if b is Kind.OPEN and before.text[:1].isalpha() and not before.text.endswith(")"):
                return ""
            return " "
        if b is Kind.OP:
            return " " if a in _ENDS_OPERAND and not before.text.endswith(" ") else ""
        if a is Kind.NUM and piece.parts is not None and piece.parts[0].left is Kind.TEXT:
            return " "  # a unit: `60 km/h`
        if b is Kind.TEXT and piece.text in _ORDINAL_ENDINGS:
            return ""
        apart = before.open_end or b is Kind.RAISED or b is Kind.FRACTION
        if a is Kind.TEXT and (before.text.endswith(" ") or not before.text.isascii()):
            apart = False  # words, no factor
        if b is Kind.OPEN and before.text[-2:-1] == "_":
            apart = False  # `f_θ(x)`, as everybody writes it: a dot would say that it is a product
        if before.text[-1:] in _CURRENCIES:
            apart = False
        if apart and b is Kind.TEXT and piece.text[:1].isalnum():
            return " "  # a unit: `√3 cm`
        if apart and b in _BEGINS_OPERAND and b is not Kind.TEXT:
            return "*" if self._ascii else "·"
        if b is not Kind.OPEN and a is not Kind.CLOSE and (a is Kind.WORD or b is Kind.WORD):
            return " "
        if (a is Kind.TEXT and len(before.text) > 1 and before.text[-1:].isalpha() and b is Kind.ORD) or (
            b is Kind.TEXT and len(piece.text) > 1 and piece.text[:1].isalpha() and a is Kind.ORD
        ):
            single = piece if b is Kind.ORD else before
            if single.text[:1].isalpha() if b is Kind.ORD else single.text[-1:].isalpha():
                return " "
        if piece.spaced and b in (Kind.ORD, Kind.NUM, Kind.TEXT):
            return "" if piece.text[:1] == " " or before.text[-1:] == " " else " "
        return ""

    def _fraction_here(
        self, before: _Piece | None, piece: _Piece, after: _Piece | None, apart: bool
    ) -> _Piece:
        """A fraction on one line, in parentheses where a neighbour could be taken for a part of it."""
        wrapped = False
        if after is not None:
            operand = after.left in _BEGINS_OPERAND and after.left is not Kind.OP
            if after.left is Kind.TEXT and (after.text[:1] == " " or (apart and after.text[:1].isalpha())):
                operand = False
            wrapped = operand or after.left in (Kind.POST, Kind.SLASH, Kind.COLON, Kind.OP)
            wrapped = wrapped or (after.left is Kind.BAR and not apart and not after.spaced)
            wrapped = wrapped or after.text in ("÷", "div")
        if before is not None:
            wrapped = wrapped or before.right in (Kind.SLASH, Kind.COLON) or before.text in ("÷", "div")
            wrapped = wrapped or (
                before.right is Kind.OP and before.text[:1].isalpha() and "_(" not in before.text
            )
            wrapped = wrapped or (before.right in (Kind.BIN, Kind.UNARY) and piece.text[:1] in "-+±∓")
        if not wrapped:
            return piece
        return _Piece([f"({piece.text})"], 0, Kind.OPEN, Kind.CLOSE, _ATOM, spaced=piece.spaced)

    @staticmethod
    def _opens(pieces: list[_Piece]) -> bool:
        r"""Whether the second is a bar that opens behind a fraction, though a blank is between them: `\frac12 |x|`."""
        fraction, bar, *others = pieces
        if fraction.right is not Kind.FRACTION or not (bar.spaced and others) or others[0].spaced:
            return False
        return any(piece.left is Kind.BAR and piece.text[:1] == bar.text[:1] for piece in others)

    def _settle_bars(self, pieces: list[_Piece]) -> None:
        """Which bars open and which close: `|x|`, `P(A|B)`."""
        opened: list[str] = []
        behind: list[str] = []
        """Bars behind an operand without a blank: of `2|x|`, or of `P(A|B)`, which has no second one."""
        operand = False
        for at, piece in enumerate(pieces):
            if piece.left is Kind.SPACE:
                continue
            if piece.left is Kind.REL or piece.left is Kind.PUNCT:
                behind.clear()
            if piece.left is Kind.BAR and piece.right is Kind.BAR:
                if operand and (bars := opened if piece.text in opened else behind).count(piece.text):
                    if bars is opened or not piece.spaced:
                        piece.left = piece.right = Kind.CLOSE
                    bars.remove(piece.text)
                elif not operand or self._opens(pieces[at - 1 :]):
                    opened.append(piece.text)
                    piece.left = piece.right = Kind.OPEN
                elif not piece.spaced:
                    behind.append(piece.text)
            elif piece.left is Kind.BAR and piece.right is not Kind.BAR:
                # With scripts: the end of `|x|²`, else `at x = 1` of what is before it.
                piece.left = Kind.CLOSE if opened or behind else Kind.POST
                (opened or behind)[-1:] = []
            operand = piece.right in _ENDS_OPERAND or piece.right is Kind.BAR

    @staticmethod
    def _mixed(pieces: list[_Piece]) -> list[_Piece]:
        """`2\\frac{1}{3}` is one number: `2 1/3`; `4\\frac{22}{7}` is a product."""
        joined: list[_Piece] = []
        for piece in pieces:
            parts = piece.parts
            if (
                parts
                and joined
                and joined[-1].left is joined[-1].right is Kind.NUM
                and all(text.isdecimal() for text in (joined[-1].text, *(part.text for part in parts)))
                and int(parts[0].text) < int(parts[1].text)
            ):
                whole = joined.pop()
                piece = _Piece(
                    [f"{whole.text} {piece.text}"], 0, Kind.FRACTION, Kind.FRACTION, _SUM, spaced=whole.spaced
                )
                if joined and joined[-1].right in _ENDS_OPERAND:
                    piece = _Piece([f"({piece.text})"], 0, Kind.OPEN, Kind.CLOSE)
            joined.append(piece)
        return joined

    # Nodes

    def _pieces(self, nodes: Nodes, tight: bool, followed: bool) -> list[_Piece]:
        pieces: list[_Piece] = []
        before: Node | None = None
        nodes = _fenced(nodes) if self._drawn else nodes
        for at, node in enumerate(nodes):
            piece = (
                self._grid(node, followed or any(map(_is_said, nodes[at + 1 :])))
                if isinstance(node, Grid)
                else self._piece(node, tight)
            )
            if piece.left is not Kind.SPACE and not any(piece.lines):
                continue
            if isinstance(before, Scripts) and _staggered(before, node):
                piece.left = Kind.POST
            before = node
            pieces.append(piece)
        return pieces

    def _sign(self, sign: Sign) -> str:
        return sign.ascii if self._ascii else sign.text

    def _piece(self, node: Node, tight: bool) -> _Piece:
        if isinstance(node, Atom):
            return self._atom(node)
        if isinstance(node, Space):
            return _Piece([" " * (1 if tight else node.width)], 0, Kind.SPACE, Kind.SPACE)
        if isinstance(node, Scripts):
            return self._scripts(node, tight)
        if isinstance(node, Fraction):
            return self._fraction(node)
        if isinstance(node, Root):
            return self._root(node)
        if isinstance(node, Fence):
            return self._fence(node, tight)
        if isinstance(node, Grid):
            return self._grid(node)
        if isinstance(node, Boxed):
            inner = self.join(node.inner, False)
            sign = (ASCII if self._ascii else UNICODE).recommended if self._drawn else ""
            lines = [
                f"{_BOX_OPEN}{(sign if at == inner.base else ' ') + ' ' if sign else ''}{line}{_BOX_CLOSE}"
                for at, line in enumerate(self._squared(inner))
            ]
            return _Piece(lines, inner.base)
        if isinstance(node, Accent):
            return self._accent(node)
        if isinstance(node, Binomial):
            flat = _Writer(self._ascii, False)
            above, below = flat.join(node.above, True).text, flat.join(node.below, True).text
            return _Piece([f"C({above}, {below})"])
        if isinstance(node, Arrow):
            return self._arrow(node)
        return self.join(node.inner, tight)

    def _atom(self, node: Atom) -> _Piece:
        sign = node.sign
        text = self._sign(sign)
        kind = sign.kind
        if kind is Kind.ORD and len(text) > 1 and text.isalpha():
            kind = Kind.WORD
        return _Piece([text], 0, kind, kind, _SUM if " " in text.strip() else _ATOM, spaced=node.spaced)

    @staticmethod
    def _squared(piece: _Piece) -> list[str]:
        width = _block(piece)
        return [_padded(line, width) for line in piece.lines] if len(piece.lines) > 1 else piece.lines

    def _flat(self) -> _Writer:
        return _Writer(self._ascii, False) if self._drawn else self

    def _grouped(self, piece: _Piece, most: int) -> str:
        """The text of a piece as one operand: in parentheses where it holds together less than `most`."""
        whole = piece.level <= most or _bracketed(piece.text) or _barred(piece.text)
        return piece.text if whole else f"({piece.text})"

    def _fraction(self, node: Fraction) -> _Piece:
        if self._drawn:
            above, below = self.join(node.above, False), self.join(node.below, False)
            width = max(_block(above), _block(below), 1)
            width += 2 if len(above.lines) > 1 or len(below.lines) > 1 else 0
            bar = ("-" if self._ascii else "─") * width
            lines = [_centred(line, width) for line in self._squared(above)]
            lines += [bar, *(_centred(line, width) for line in self._squared(below))]
            return _Piece(lines, len(above.lines), Kind.DRAWN, Kind.DRAWN, _SUM)
        above, below = self.join(node.above, True), self.join(node.below, True)
        top = self._grouped(above, _NEGATIVE) or "()"
        bottom = self._grouped(below, _SCRIPTED) or "()"
        if _is_derivative(above.text, below.text):
            top, bottom = above.text, below.text
        said = _Piece([f"{top}/{bottom}"], 0, Kind.FRACTION, Kind.FRACTION, _SUM)
        said.parts = (above, below)
        return said

    def _root(self, node: Root) -> _Piece:
        degree = self._flat().join(node.degree, True).text
        if self._drawn and len((inner := self.join(node.inner, False)).lines) > 1:
            return self._drawn_root(degree, inner)
        inner = self._flat().join(node.inner, True)
        if self._ascii:
            said = f"sqrt({inner.text})" if degree in ("", "2") else f"root({degree}, {inner.text})"
            return _Piece([said], 0, Kind.WORD, Kind.CLOSE)
        sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree)
        kind = Kind.ORD
        if sign is None:
            sign = _translated(degree, SUPERSCRIPTS) or f"({degree})"
            sign += "√"
            kind = Kind.RAISED
        text = self._grouped(inner, _ATOM) or "()"
        return _Piece([sign + text], 0, kind, Kind.ORD, _SCRIPTED, open_end=True)

    def _drawn_root(self, degree: str, inner: _Piece) -> _Piece:
        width = _block(inner)
        corner, bar, side, foot = ("+", "-", "|", "\\|") if self._ascii else ("┌", "─", "│", "╲│")
        mark = degree if degree not in ("", "2") else ""
        margin = max(1, _width(mark))
        body = [_padded(line, width) for line in inner.lines]
        lines = [" " * margin + corner + bar * width]
        lines += [" " * margin + side + line for line in body[:-1]]
        lines.append(" " * (margin - 1) + foot + body[-1])
        if mark and len(lines) > 2:
            lines[-2] = _padded(mark, margin) + side + body[-2]
        elif mark:
            lines[0] = _padded(mark, margin) + corner + bar * width
        return _Piece(lines, inner.base + 1, Kind.DRAWN, Kind.DRAWN, _SUM)

    def _accent(self, node: Accent) -> _Piece:
        name = node.name
        if name in ("underline", "underbar"):
            inner = self.join(node.inner, False)
            return inner if any(line.strip() for line in inner.lines) else _Piece(["____"])
        if name.startswith(("under", "over")) and name not in ("overline", *_OVER_ARROWS):
            inner = self._flat().join(node.inner, False)
            mark = name if self._ascii else _OVER_UNDER[name]
            return _Piece([f"{mark}({inner.text})"], 0, Kind.WORD if self._ascii else Kind.ORD, Kind.CLOSE)
        inner = self._flat().join(node.inner, True)
        text = inner.text.strip()
        combining = ACCENTS[name]
        if name == "overline" and text.startswith(")"):
            # A long division: `5)125` with its bar.
            shown = text if self._ascii else "".join(f"{char}{combining}" for char in text)
            return _Piece([shown], 0, Kind.POST, Kind.ORD)
        if not self._ascii and text:
            if len(text) == 1:
                return _Piece([f"{text}{combining}"], 0, inner.left, inner.right)
            line = name in _OVER_POINTS and text.isalpha() and text.isupper()
            through = name in ("overline", "cancel", "bcancel", "xcancel", "sout") and text.isalnum()
            if line or through or name == "falling":
                return _Piece(["".join(f"{char}{combining}" for char in text)])
            if name == "overline":
                return _Piece([f"‾({text})"])
        return _Piece([f"{name}({text})"], 0, Kind.WORD, Kind.CLOSE)

    def _arrow(self, node: Arrow) -> _Piece:
        flat = self._flat()
        above, below = flat.join(node.above, True).text, flat.join(node.below, True).text
        sign = self._sign(node.sign)
        said = "; ".join(text for text in (above, below) if text)
        return _Piece([f"{sign}({said})" if said else sign], 0, Kind.REL, Kind.REL)

    # Scripts

    def _scripts(self, node: Scripts, tight: bool) -> _Piece:
        base = self._piece(node.base, tight) if node.base is not None else _Piece([""])
        if (
            self._drawn
            and isinstance(node.base, Atom)
            and node.base.sign.text in LIMITS
            and (node.raised or node.lowered)
        ):
            return self._limits(node, base)
        flat = self._flat()
        raised = flat.join(node.raised, True).text if node.raised is not None else ""
        lowered = flat.join(node.lowered, True).text if node.lowered is not None else ""
        primes = ("'" if self._ascii else "′") * node.primes
        up, up_open = self._script(raised, "^")
        down, down_open = self._script(lowered, "_")
        behind = f"{primes}{up}{down}" if not base.text else f"{primes}{down}{up}"
        if len(base.lines) > 1:
            return self._tall_scripts(self._enclosed(base) if behind else base, primes + up, down)
        text = base.text
        left: Kind
        right: Kind
        if base.left is base.right and base.left in (
            Kind.OP,
            Kind.REL,
            Kind.BIN,
            Kind.OPEN,
            Kind.CLOSE,
            Kind.BAR,
        ):
            left, right = base.left, base.right
            if left is Kind.BAR:
                right = Kind.ORD
            if left is Kind.BIN and not up and not down:
                right = Kind.BIN
        else:
            left = base.left if base.left not in (Kind.FRACTION, Kind.UNARY) else Kind.OPEN
            right = Kind.ORD if base.right is not Kind.WORD else Kind.WORD
            if isinstance(node.base, Atom) and node.base.sign.kind is Kind.TEXT:
                right = Kind.ORD
            elif not isinstance(node.base, Fence | Grid) and (base.level > _ATOM or base.open_end):
                text = f"({text})" if not _bracketed(text) else text
                left = Kind.OPEN
            if behind in ("°", " deg"):
                right = Kind.POST
            elif isinstance(node.base, Atom) and node.base.sign.text in _APPLIED and behind:
                right = Kind.OP
        open_end = up_open if up else down_open
        if not base.text and behind:
            aloft = Kind.POST if behind in ("°", " deg") else Kind.RAISED
            left = aloft if left is Kind.ORD else left
            open_end = False
        return _Piece(
            [f"{text}{behind}"],
            0,
            left,
            right,
            max(base.level if left is base.left else 0, _SCRIPTED),
            open_end,
            base.spaced,
        )

    def _script(self, text: str, sign: str) -> tuple[str, bool]:
        """A raised or lowered text, and whether it ends so that what follows could be taken for a part of it."""
        if not text:
            return "", False
        if sign == "^" and text[0] in "∘°":
            return f"°{text[1:]}", False
        if self._ascii and sign == "^" and text in ("o", "circ", "deg", " deg", "°"):
            return " deg", False
        if sign == "^" and not text.strip("′'"):
            return text, False
        if not self._ascii and (found := _translated(text, SUPERSCRIPTS if sign == "^" else SUBSCRIPTS)):
            return found, False
        if len(text) == 1 or (self._ascii and text.isdigit()):
            return f"{sign}{text}", text.isalpha()
        return f"{sign}{text}" if _bracketed(text) else f"{sign}({text})", False

    def _enclosed(self, piece: _Piece) -> _Piece:
        """What stands on several lines as one operand: in brackets where it has none."""
        if piece.left is not Kind.DRAWN:
            return piece
        body = [_padded(line, _block(piece)) for line in piece.lines]
        left, right = self._tall("(", len(body)), self._tall(")", len(body))
        lines = [f"{a}{line}{b}" for a, line, b in zip(left, body, right, strict=True)]
        return _Piece(lines, piece.base, Kind.OPEN, Kind.CLOSE, _ATOM, spaced=piece.spaced)

    def _tall_scripts(self, base: _Piece, up: str, down: str) -> _Piece:
        width = max(_width(up), _width(down))
        beside = [""] * len(base.lines)
        beside[0], beside[-1] = up, down
        lines = [
            _padded(line, _block(base)) + _padded(script, width)
            for line, script in zip(base.lines, beside, strict=True)
        ]
        return _Piece(lines, base.base, base.left, Kind.CLOSE, _SCRIPTED)

    def _limits(self, node: Scripts, base: _Piece) -> _Piece:
        """A large operator with its limits above and below it."""
        flat = self._flat()
        raised = [flat.join(node.raised, True).text] if node.raised else []
        lowered = flat.join(node.lowered, True).text.split(ROW) if node.lowered else []
        width = max(_width(text) for text in (*raised, *lowered, base.text))
        lines = [_centred(text, width) for text in (*raised, base.text, *lowered)]
        return _Piece(lines, len(raised), Kind.OP, Kind.DRAWN, _SUM)

    # Brackets and grids

    def _fence(self, node: Fence, tight: bool) -> _Piece:
        left = self._sign(node.left) if node.left else ""
        right = self._sign(node.right) if node.right else ""
        inner = self.join(node.inner, tight)
        if len(inner.lines) > 1:
            width = _block(inner)
            body = [_padded(line, width) for line in inner.lines]
            before, after = self._tall(left, len(body)), self._tall(right, len(body))
            lines = [f"{a}{line}{b}" for a, line, b in zip(before, body, after, strict=True)]
            return _Piece(lines, inner.base, Kind.OPEN, Kind.CLOSE)
        text = inner.text
        if ((not left and right) or (left and not right and left in "|‖")) and inner.level > _ATOM:
            text = f"({text})"
        return _Piece([f"{left}{text}{right}"], 0, Kind.OPEN, Kind.CLOSE, _ATOM if left and right else _SUM)

    def _tall(self, sign: str, height: int) -> list[str]:
        """A bracket over several lines, a blank beside it where it is a straight one."""
        if not sign:
            return [""] * height
        parts = None if self._ascii else _TALL.get(sign)
        if parts is None:
            if sign in "()[]{}|" or sign in ("‖", "||"):
                return [sign] * height
            return [sign if at == (height - 1) // 2 else " " * _width(sign) for at in range(height)]
        top, middle, bottom, centre = parts
        if centre and height == 2:
            return ["⎰", "⎱"] if sign == "{" else ["⎱", "⎰"]
        lines = [top, *[middle] * (height - 2), bottom]
        if centre:
            lines[(height - 1) // 2] = centre
        return lines

    def _grid(self, node: Grid, followed: bool = False) -> _Piece:
        name = node.name
        left, right = _BRACKETS.get(name, ("", ""))
        if self._drawn and name != "substack":
            return self._drawn_grid(node, left, right, followed)
        if name in _CELLS:
            if name in ("cases", "dcases", "rcases"):
                said = _rows(self._case(row) for row in node.rows)
                # On one line they end with a brace too: words that follow would be read as a part of the last row.
                left = "" if name == "rcases" else "{ "
                whole = said.rstrip(",.;，。；") or said
                return _Piece([f"{left}{whole} }}{said[len(whole) :]}"], 0, Kind.OPEN, Kind.CLOSE, _SUM)
            table = [[self.join(cell, True).text for cell in row] for row in node.rows]
            apart = ", " if any(" " in cell or "," in cell for row in table for cell in row) else " "
            bars = _bars(node.columns)
            said = _rows(_listed(row, apart, bars) for row in table)
            bracket = (
                left if not self._ascii else left.replace("‖", "||"),
                right.replace("‖", "||") if self._ascii else right,
            )
            kinds = (Kind.OPEN, Kind.CLOSE) if left else (Kind.ORD, Kind.ORD)
            return _Piece([f"{bracket[0]}{said}{bracket[1]}"], 0, *kinds, _ATOM if left else _SUM)
        flat = self._flat()
        rows = [
            flat.join(_in_columns(row), name == "substack", len(row) > 1 and not row[0]) for row in node.rows
        ]
        between = "; " if name == "substack" else ROW
        level = rows[0].level if len(rows) == 1 else _SUM
        said = between.join(row.text.rstrip() for row in rows)
        return _Piece([said], 0, rows[0].left, rows[-1].right, level)

    def _case(self, row: list[Nodes]) -> str:
        """`x², if x ≥ 0`: the comma between value and condition is put where the source has none."""
        said = ""
        for cell in row:
            text = self.join(cell, False).text.strip()
            if said and text:
                said = _with_comma(said, text)
            said += text
        return said

    def _drawn_grid(self, node: Grid, left: str, right: str, followed: bool) -> _Piece:
        equations = node.name not in _CELLS
        cells = [
            [
                self.join(cell, False, equations and at % 2 == 1, any(row[at + 1 :]))
                for at, cell in enumerate(row)
            ]
            for row in node.rows
        ]
        if node.name.endswith("cases"):
            for nodes, row in zip(node.rows, cells, strict=True):
                if any(map(_is_cases, nodes[0])):  # a comma would stand behind one of their rows
                    continue
                if len(row) > 1 and any(row[1].lines) and _wants_comma(row[0].text, row[1].text):
                    row[0] = self._beside([row[0], _Piece([","])], row[0].left, Kind.PUNCT, _SUM)
        columns = max(len(row) for row in cells)
        widths = [
            max((_block(row[at]) for row in cells if at < len(row)), default=0) for at in range(columns)
        ]
        ruled = not equations and not node.name.endswith("cases") and (node.columns or node.rules)
        lines = self._ruled(node, cells, widths) if ruled else self._aligned(node, cells, widths)
        if followed and left and not right and len(lines) % 2 == 0:
            # Without a row in the middle what stands behind would seem to belong to the one above it.
            half = len(cells) // 2
            lines = self._aligned(node, [*cells[:half], [_Piece([""])], *cells[half:]], widths)
        if not left and not right:
            kind = Kind.DRAWN if len(lines) > 1 else cells[0][0].left
            return _Piece(
                [line.rstrip() if equations else line for line in lines],
                (len(lines) - 1) // 2,
                kind,
                kind,
                _SUM,
            )
        width = max(_width(line) for line in lines)
        body = [_padded(line, width) for line in lines]
        if self._ascii:
            left, right = left.replace("‖", "||"), right.replace("‖", "||")
        before_, after_ = self._tall(left.strip(), len(body)), self._tall(right.strip(), len(body))
        pad = " " if left else ""
        end = " " if right else ""
        lines = [f"{a}{pad}{line}{end}{b}" for a, line, b in zip(before_, body, after_, strict=True)]
        return _Piece(lines, (len(lines) - 1) // 2, Kind.OPEN, Kind.CLOSE)

    def _aligned(self, node: Grid, cells: list[list[_Piece]], widths: list[int]) -> list[str]:
        """The rows of a matrix, of cases or of equations below each other."""
        equations = node.name not in _CELLS
        tall = _tall_before(cells)
        lines: list[str] = []
        rules: list[int] = []
        for number, row in enumerate(cells):
            if number in node.rules:
                rules.append(len(lines))
                lines.append("")
            parts: list[_Piece] = []
            for at, cell in enumerate(row):
                free = widths[at] - _block(cell)
                before = 0 if node.name.endswith("cases") else free // 2
                apart = "  "
                if equations:
                    alone = at == len(widths) - 1 and at > 0  # a remark beside the equations: no other half
                    before = free if at % 2 == 0 and len(widths) > 1 and not alone else 0
                    apart = (
                        (" " if cell.left in (Kind.REL, Kind.BIN, Kind.UNARY) else "") if at % 2 else "    "
                    )
                if node.name.startswith("gather") or node.name == "multline":
                    before = 0
                parts.append(_Piece([(apart if at else "") + " " * before]))
                parts.append(cell)
                parts.append(_Piece([" " * (free - before)]))
            said = self._beside(parts, Kind.ORD, Kind.ORD, _SUM)
            if lines and (len(said.lines) > 1 or (len(lines) > 1 and equations and tall)):
                lines.append("")
            lines += said.lines
        for at in rules:
            lines[at] = ("-" if self._ascii else "─") * max(map(_width, lines))
        return lines

    def _ruled(self, node: Grid, cells: list[list[_Piece]], widths: list[int]) -> list[str]:
        """The rows of an `array`: its columns stand as it says, with the lines between them."""
        bars, alignment = _bars(node.columns), node.columns.replace("|", "")
        bar, dash, crosses = ("|", "-", ["+++"] * 3) if self._ascii else ("│", "─", ["┌┬┐", "├┼┤", "└┴┘"])
        count = len(widths)

        def edge(at: int, sign: str, blank: str) -> str:
            if at not in bars:
                return blank * 2 if 0 < at < count else ""
            return ("" if at == 0 else blank) + sign + ("" if at == count else blank)

        def row_lines(row: list[_Piece]) -> list[str]:
            above = max((cell.base for cell in row), default=0)
            height = above + max((len(cell.lines) - cell.base for cell in row), default=1)
            parts: list[_Piece] = []
            for at, width in enumerate(widths):
                cell = row[at] if at < len(row) else _Piece([""])
                free = width - _block(cell)
                before = {"l": 0, "r": free}.get(alignment[at : at + 1], free // 2)
                parts.append(_Piece([edge(at, bar, " ")] * height, above))
                parts += [_Piece([" " * before]), cell, _Piece([" " * (free - before)])]
            parts.append(_Piece([edge(count, bar, " ")] * height, above))
            return self._beside(parts, Kind.ORD, Kind.ORD, _SUM).lines

        def rule(corners: str) -> str:
            ends = {0: corners[0], count: corners[2]}
            return "".join(
                edge(at, ends.get(at, corners[1]), dash) + dash * (widths[at] if at < count else 0)
                for at in range(count + 1)
            )

        lines: list[str] = []
        for number, row in enumerate(cells):
            if number in node.rules:
                lines.append(rule(crosses[1 if number else 0]))
            elif number and _tall_before(cells):
                lines += row_lines([])
            lines += row_lines(row)
        return [*lines, rule(crosses[2])] if len(cells) in node.rules else lines


_APPLIED = frozenset("∇∂∁∀∃∄Δ")
"""Signs that stand before what they apply to; with something lowered at them they need a space there."""
_COMMAS = ",;:，；："
_RELATION = re.compile(r"[=<>≤≥≠≈≡→∈]|[-!<>=]=|->")


def _is_cases(node: Node) -> bool:
    """Rows behind a brace without another one at their end."""
    return isinstance(node, Grid) and node.name in ("cases", "dcases")


def _is_said(node: Node) -> bool:
    """Whether it is more than space and the mark at a sentence's end."""
    return not isinstance(node, Space) and not (isinstance(node, Atom) and node.sign.text in ".,;。，；")


def _wants_comma(value: str, condition: str) -> bool:
    """Whether a comma has to be put between two cells: where neither has one, and no relation stands there."""
    value, condition = value.strip(), condition.strip()
    relation = _RELATION.match(condition) or (value and _RELATION.match(value[-1]))
    return bool(value) and value[-1] not in _COMMAS and condition[:1] not in _COMMAS and not relation


def _with_comma(value: str, condition: str) -> str:
    """The first cell, and what stands between it and the second."""
    if _wants_comma(value, condition):
        return f"{value}, "
    return value.rstrip() if condition[0] in _COMMAS else f"{value} "


def _bars(columns: str) -> frozenset[int]:
    """Before which columns a line stands; the number of columns for one at the end."""
    return frozenset(at - columns[:at].count("|") for at, sign in enumerate(columns) if sign == "|")


def _listed(row: list[str], apart: str, bars: frozenset[int] = frozenset()) -> str:
    """Cells on one line; a comma of the source's own is not doubled."""
    said = ""
    for number, cell in enumerate(row):
        if number in bars and number:
            said += " | "
        elif number:
            said = f"{said} " if apart == ", " and said[-1:] and said[-1] in _COMMAS else said + apart
        said += cell
    return said


def _rows(rows: Iterable[str]) -> str:
    """Rows on one line, a semicolon between them in place of whatever the source has there."""
    said = [row.rstrip() for row in rows]
    return "; ".join([*(row.rstrip(",;，； ") for row in said[:-1]), *said[-1:]])


def _tall_before(cells: list[list[_Piece]]) -> bool:
    return any(len(cell.lines) > 1 for row in cells for cell in row)


_OVER_UNDER = {
    "underbrace": "⏟",
    "overbrace": "⏞",
    "overparen": "⏜",
    "underparen": "⏝",
    "overbracket": "⎴",
    "underbracket": "⎵",
}
_OVER_ARROWS = ("overrightarrow", "overleftarrow", "overleftrightarrow")
_OVER_POINTS = ("vec", *_OVER_ARROWS)
"""Accents that stand over each letter of points (`A⃗B⃗`), where a name would hide what is named."""
_RESULTS = ("↓", "↑", "downarrow", "uparrow")
"""What falls out or goes up as gas: the operator behind it is none of a sign's."""
_ORDINAL_ENDINGS = ("st", "nd", "rd", "th")
_CURRENCIES = ("$", "£", "€", "¥")
_BRACKETS = {
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": ("‖", "‖"),
    "cases": ("{", ""),
    "dcases": ("{", ""),
    "rcases": ("", "}"),
}
_CELLS = frozenset({*_BRACKETS, "matrix", "smallmatrix", "array", "tabular"})
_TALL = {
    "(": ("⎛", "⎜", "⎝", ""),
    ")": ("⎞", "⎟", "⎠", ""),
    "[": ("⎡", "⎢", "⎣", ""),
    "]": ("⎤", "⎥", "⎦", ""),
    "{": ("⎧", "⎪", "⎩", "⎨"),
    "}": ("⎫", "⎪", "⎭", "⎬"),
    "|": ("│", "│", "│", ""),
    "⌊": ("⎢", "⎢", "⎣", ""),
    "⌋": ("⎥", "⎥", "⎦", ""),
    "⌈": ("⎡", "⎢", "⎢", ""),
    "⌉": ("⎤", "⎥", "⎥", ""),
}
"""Top, middle and bottom of a bracket, and the piece in the centre of a brace."""


def _in_columns(row: list[Nodes]) -> Nodes:
    """Cells behind each other: each second one begins an equation of its own, where the first of a pair is not an
    operator alone (`a &=& b`).
    """
    nodes: Nodes = []
    for at, cell in enumerate(row):
        last = row[at - 1][-1] if at and row[at - 1] else None
        if (
            at
            and at % 2 == 0
            and cell
            and not (isinstance(last, Atom) and last.sign.kind in (Kind.REL, Kind.BIN))
        ):
            nodes.append(Space(2))
        nodes += cell
    return nodes


def _may_be_applied(before: _Piece, piece: _Piece) -> bool:
    """Whether a bracket behind a raised letter may hold what a function is of: `V^π(s)`, but no `x^α(y+z)`, `2^α(y+z)`."""
    named = before.text[:1].isalpha() and before.text[:1] not in _VARIABLES and before.right is not Kind.OP
    return before.open_end and before.text[-2:-1] == "^" and named and piece.text[:1] in ("(", "[")


def _sums(pieces: list[_Piece]) -> bool:
    """Whether the bracket that comes first holds a sum, so that a product is meant as well as not: `A^α(B+C)`."""
    depth = 0
    for piece in pieces:
        if piece.left is Kind.OPEN and piece.right is Kind.CLOSE:
            if depth == 0:
                return bool(re.search(r"[^(\[,;] ?[-+−±∓]", piece.text))
        elif depth == 1 and piece.left is Kind.BIN:
            return True
        depth += (piece.left is Kind.OPEN) - (piece.left is Kind.CLOSE)
        if depth <= 0:
            break
    return False


def _staggered(before: Scripts, node: Node) -> bool:
    """Whether a script belongs to what is before it all the same: `T^{\\mu}{}_{\\nu}`."""
    if not isinstance(node, Scripts) or not (isinstance(node.base, Group) and not node.base.inner):
        return False
    return (node.raised is None) != (node.lowered is None) and (
        before.lowered is None if node.raised is None else before.raised is None
    )


_PAIRS = {"(": ")", "[": "]"}


def _fenced(nodes: Nodes) -> Nodes:
    """Brackets around what takes several lines grow with it."""
    opened: list[tuple[str, int]] = []
    found: Nodes = []
    for node in nodes:
        found.append(node)
        sign = _bracket(node)
        if sign in _PAIRS and isinstance(node, Atom):
            opened.append((_PAIRS[sign], len(found) - 1))
        elif opened and sign == opened[-1][0]:
            _, start = opened.pop()
            inner = found[start + 1 : -1]
            if _has_fraction(inner) or any(isinstance(part, Grid) for part in inner):
                first = found[start]
                last = node.base if isinstance(node, Scripts) else node
                assert isinstance(first, Atom)
                assert isinstance(last, Atom)
                fence = Fence(first.sign, inner, last.sign)
                found[start:] = [replace(node, base=fence) if isinstance(node, Scripts) else fence]
        elif sign in _PAIRS.values():
            opened.clear()
    return found


def _bracket(node: Node) -> str:
    """The sign of a bracket, with or without something raised behind it."""
    inner = node.base if isinstance(node, Scripts) else node
    return inner.sign.text if isinstance(inner, Atom) and inner.sign.kind in (Kind.OPEN, Kind.CLOSE) else ""


def _is_derivative(above: str, below: str) -> bool:
    """`dy/dx` needs no parentheses below."""
    return (
        bool(re.match(r"[d∂Δ][²³ⁿ]?\w?", above))
        and bool(re.fullmatch(r"(?:d[A-Za-zα-ω][²³ⁿ]?)|(?:∂[A-Za-zα-ω][²³ⁿ]?)+|Δ[A-Za-zα-ω]", below))
        and above[0] == below[0]
    )


def _translated(text: str, table: dict[str, str]) -> str:
    """`text` in the characters of `table`, empty where one has none."""
    return "".join(table[char] for char in text) if all(char in table for char in text) else ""


def _worth_drawing(nodes: Nodes, flat: _Writer) -> bool:
    """Whether a display reads better on several lines: rows, and fractions that one line has to put in parentheses."""
    for node in nodes:
        if isinstance(node, Grid):
            if len(node.rows) > 1:
                return True
            if any(_worth_drawing(cell, flat) for row in node.rows for cell in row):
                return True
        elif isinstance(node, Fraction):
            if "(" in flat.join([node], False).text or _has_fraction(node.above) or _has_fraction(node.below):
                return True
        elif isinstance(node, Scripts):
            if isinstance(node.base, Atom) and node.base.sign.text in LIMITS:
                if "_(" in flat.join([node], False).text and len(node.base.sign.text) == 1:
                    return True
            elif node.base is not None and _worth_drawing([node.base], flat):
                return True
        elif isinstance(node, Group | Boxed | Fence | Root) and _worth_drawing(node.inner, flat):
            return True
    return False


def _has_fraction(nodes: Nodes) -> bool:
    return any(
        isinstance(node, Fraction)
        or (isinstance(node, Group | Fence | Root | Boxed) and _has_fraction(node.inner))
        for node in nodes
    )


def _tree(source: str) -> Nodes:
    """The tree; what stands between blank lines is a row each, where it can be read by itself."""
    source = clean(_FOREIGN.sub("", source)).replace("&lt;", "<").replace("&gt;", ">")  # as written for HTML
    rows = [row for row in _BLANK_LINES.split(source) if row.strip()]
    if len(rows) > 1:
        with contextlib.suppress(Unreadable):
            return [Grid("aligned", [[parse(row)] for row in rows])]
    return parse(source)


@lru_cache(maxsize=512)
def readable(source: str, ascii_only: bool = False) -> Clean:
    """LaTeX without its delimiters on one line, `ROW` between rows. A box comes out between U+E000 and U+E001.

    What cannot be parsed is returned as it was.
    """
    try:
        nodes = _tree(source)
    except Unreadable:
        return clean_line(_FOREIGN.sub("", source))
    return clean(_Writer(ascii_only, False).join(nodes, False).text.strip())


@lru_cache(maxsize=256)
def drawn(source: str, width: int, ascii_only: bool = False) -> tuple[Clean, ...]:
    """A display formula on several lines of at most `width` cells; empty where one line reads as well or it does not fit."""
    try:
        nodes = _tree(source)
    except Unreadable:
        return ()
    if not _worth_drawing(nodes, _Writer(ascii_only, False)):
        return ()
    piece = _Writer(ascii_only, True).join(nodes, False)
    lines = tuple(clean(line.rstrip()) for line in piece.lines)
    return lines if max(_width(line) for line in lines) <= width else ()


def split_boxes(text: Clean) -> list[tuple[Clean, bool]]:
    """Text of `readable` as pieces, each with whether it stood in a box."""
    pieces: list[tuple[Clean, bool]] = []
    depth = 0
    for part in re.split(f"([{_BOX_OPEN}{_BOX_CLOSE}])", text):
        if part == _BOX_OPEN:
            depth += 1
        elif part == _BOX_CLOSE:
            depth = max(0, depth - 1)
        elif part:
            pieces.append((cast(Clean, part), depth > 0))
    return pieces
