"""LaTeX's mathematics as a tree.

The parser is our own: a library's (pylatexenc) was tried and drops what it does not know, and text of a model that is
silently dropped reads as a wrong answer. Here whatever has no meaning of its own is kept as it stands in the source.
Time and memory are linear in the source's length, since nesting deeper than `_DEEPEST` is refused.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TypeAlias

from r1tui.domain.dataclass import dataclass
from r1tui.widgets.transcript.latex_signs import ALPHABETS, PREFIXES, SIGNS, UNITS, Kind, Sign, character

_DEEPEST = 80
"""Levels of nesting; people write fewer than ten, and a continued fraction some dozens."""
_LONGEST = 4000
"""Characters of a formula: a long calculation in `aligned` has two thousand. One of 4,000 takes 8 ms."""


class Unreadable(Exception):
    """The source is not LaTeX that can be shown as a formula."""


@dataclass(slots=True)
class Atom:
    """A sign, a number, a name."""

    sign: Sign
    spaced: bool = False
    """White space stands before it in the source."""


@dataclass(slots=True)
class Space:
    """White space that the author asked for."""

    width: int


@dataclass(slots=True)
class Group:
    """What stands in braces where that matters."""

    inner: Nodes


@dataclass(slots=True)
class Fraction:
    """One above the other with a bar between."""

    above: Nodes
    below: Nodes


@dataclass(slots=True)
class Binomial:
    """A binomial coefficient, n over k."""

    above: Nodes
    below: Nodes


@dataclass(slots=True)
class Root:
    """A root; without a degree the square root."""

    degree: Nodes
    inner: Nodes


@dataclass(slots=True)
class Scripts:
    """A base with what is raised and lowered behind it, or above and below it."""

    base: Node | None
    raised: Nodes | None = None
    lowered: Nodes | None = None
    primes: int = 0


@dataclass(slots=True)
class Accent:
    """Something with a mark over, under or through it."""

    name: str
    inner: Nodes


@dataclass(slots=True)
class Arrow:
    """An arrow with words above and below it."""

    sign: Sign
    above: Nodes
    below: Nodes


@dataclass(slots=True)
class Boxed:
    r"""The final answer in its box: `\boxed{…}`."""

    inner: Nodes


@dataclass(slots=True)
class Fence:
    """Brackets that grow with what is between them; either may be missing."""

    left: Sign | None
    inner: Nodes
    right: Sign | None


@dataclass(slots=True)
class Grid:
    """Rows of cells: matrices, cases, equations below each other."""

    name: str
    rows: list[list[Nodes]] = field(default_factory=list)
    columns: str = ""
    """Of an `array`: `l`, `c` or `r` a column, `|` where a line stands between two."""
    rules: frozenset[int] = frozenset()
    """The rows above which a line stands; the number of rows for one at the end."""


Node: TypeAlias = (
    Atom | Space | Group | Fraction | Binomial | Root | Scripts | Accent | Arrow | Boxed | Fence | Grid
)
Nodes: TypeAlias = list[Node]

_SPACES = {
    ",": 1,
    ":": 1,
    ";": 1,
    ">": 1,
    " ": 1,
    "!": 0,
    "/": 0,
    "quad": 2,
    "qquad": 4,
    "enspace": 1,
    "hfill": 2,
}
_SPACES |= {"thinspace": 1, "medspace": 1, "thickspace": 1, "enskip": 1, "space": 1, "negthinspace": 0}
_NOTHING = frozenset(
    [
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "scriptscriptstyle",
        "limits",
        "nolimits",
        "displaylimits",
        "nonumber",
        "notag",
        "centering",
        "boldmath",
        "rm",
        "bf",
        "it",
        "sf",
        "tt",
        "cal",
        "mathstrut",
        "strut",
        "allowbreak",
        "nobreak",
        "normalsize",
        "large",
        "Large",
        "LARGE",
        "huge",
        "Huge",
        "scriptsize",
        "small",
        "tiny",
        "footnotesize",
        "itshape",
        "bfseries",
        "noindent",
        "par",
        "relax",
        "protect",
        "-",
        "unicode",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "bigm",
        "Bigm",
        "biggm",
        "Biggm",
        "mathop",
        "mathrel",
        "mathbin",
        "mathord",
        "mathopen",
        "mathclose",
        "mathpunct",
        "mathinner",
        "smash",
        "ensuremath",
        "mathchoice",
    ]
)
"""Names that only choose a size or a face; what they apply to follows and is read as usual."""
_LAYOUT = frozenset(
    [
        "hspace",
        "hspace*",
        "mspace",
        "raisebox",
        "vspace",
        "vspace*",
        "color",
        "label",
        "cline",
        "require",
        "phantom",
        "hphantom",
        "vphantom",
        "pagecolor",
    ]
)
"""Names whose argument is about the layout and shows nothing."""
_LAYOUT_TWICE = frozenset(["rule", "setlength", "definecolor"])
"""Likewise with two arguments."""
_AROUND = {
    "abs": ("|", "|"),
    "norm": ("‖", "‖"),
    "ket": ("|", "⟩"),
    "bra": ("⟨", "|"),
    "braket": ("⟨", "⟩"),
    "expval": ("⟨", "⟩"),
    "set": ("{", "}"),
    "Set": ("{", "}"),
    "floor": ("⌊", "⌋"),
    "ceil": ("⌈", "⌉"),
}
"""Names of `physics`, `braket` and `mathtools` that stand for brackets around their argument."""
_AROUND_TWO = {"brace": ("{", "}"), "brack": ("[", "]")}
"""TeX's names for one thing above another in brackets: Stirling numbers."""
_FUNCTION_NAMES = frozenset(
    name for name, sign in SIGNS.items() if sign.kind is Kind.OP and sign.text == name
)
_FACES = frozenset(
    [
        "mathrm",
        "mathit",
        "mathsf",
        "mathtt",
        "mathbf",
        "mathnormal",
        "boldsymbol",
        "bm",
        "pmb",
        "bold",
        "symbf",
        "symrm",
        "symit",
        "mathbfit",
        "up",
    ]
)
_TEXTS = frozenset(
    [
        "text",
        "textbf",
        "textit",
        "textrm",
        "textsf",
        "texttt",
        "textnormal",
        "textup",
        "textmd",
        "textsl",
        "textsc",
        "emph",
        "mbox",
        "hbox",
        "underline",
        "fbox",
        "intertext",
        "shortintertext",
    ]
) - {"underline", "fbox"}
_ARROWS = {
    "xrightarrow": "rightarrow",
    "xleftarrow": "leftarrow",
    "xleftrightarrow": "leftrightarrow",
    "xRightarrow": "Rightarrow",
    "xLeftarrow": "Leftarrow",
    "xmapsto": "mapsto",
    "xlongequal": "=",
    "xrightleftharpoons": "rightleftharpoons",
    "xhookrightarrow": "hookrightarrow",
    "xrightleftarrows": "rightleftarrows",
}
_ARCS = {
    "wideparen": "overparen",
    "overarc": "overparen",
    "overgroup": "overparen",
    "undergroup": "underparen",
}
_SCRIPTED = {"textsuperscript": "^", "textsubscript": "_"}
_ACCENTED = frozenset(
    [
        "hat",
        "widehat",
        "bar",
        "overline",
        "tilde",
        "widetilde",
        "vec",
        "overrightarrow",
        "overleftarrow",
        "dot",
        "ddot",
        "dddot",
        "acute",
        "grave",
        "check",
        "breve",
        "mathring",
        "cancel",
        "bcancel",
        "xcancel",
        "sout",
        "overleftrightarrow",
        "underline",
        "underbar",
        "underbrace",
        "overbrace",
        "underbracket",
        "overbracket",
        "overparen",
        "underparen",
    ]
)
_NUMBER = re.compile(r"\d{1,3}(?:,(?:\\!)?\d{3})+(?!\d)(?:\.\d+)?|\d+(?:(?:\.|\{,\}|\{\.\})\d+)*|\.\d+")
_NAME = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_BLANK = re.compile(r"\s*")
_DIMENSION = re.compile(r"\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|px|\\\w+)\s*\]")
_SKIPS = frozenset(["kern", "mkern", "hskip", "mskip"])
_LENGTH = re.compile(r"\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|px)\s*")
_RULES = "\\hline", "\\hdashline", "\\toprule", "\\midrule", "\\bottomrule", "\\cline"
_RULE_NAMES = frozenset(name[1:] for name in _RULES) - {"cline"}
_COLUMNS = re.compile(r"\*\{(\d{1,2})\}\{([^{}]*)\}|([@!<>])\{[^{}]*\}|([pmb])\{[^{}]*\}|([lcr|])")
_MOST_COLUMNS = 60
_ISOTOPE = re.compile(r"\^\{?\d+\}?\s*_\{?-?\d+\}?|_\{?-?\d+\}?\s*\^\{?\d+\}?")
"""Mass and charge before an element."""
_STRETCH = re.compile(r"\s*\{?\\array(?:stretch|colsep)\}?\s*\{[^{}]*\}")
_ROW_ENDS = "\\cr", "\\newline"
_BETWEEN_ROWS = "\\intertext", "\\shortintertext"
_PROGRAM = re.compile(r":=|={2,3}|<=>|<->|[<>]=|-+>|=+>|<<|>>")
"""Relations of several characters, as programs write them."""
_PROGRAM_APART = re.compile(r"[!+*/-]=")
"""Those that are one only where a blank stands before them: `n!=6` is a factorial."""
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_LETTERS = re.compile(r"[A-Za-z]+\*?$")


def parse(source: str) -> Nodes:
    """The tree of a formula without its delimiters; several rows come as one `Grid`. Raises `Unreadable`."""
    if len(source) > _LONGEST:
        raise Unreadable
    return _Parser(source).formula()


def word(text: str, kind: Kind = Kind.TEXT, plain: str = "") -> Atom:
    """A word as it stands."""
    return Atom(Sign(text, kind, plain or text))


def _falling(raised: Nodes) -> Nodes:
    r"""What is raised, where a line below it says that it is no power: `n^{\underline{k}}`, a falling factorial."""
    only = raised[0] if len(raised) == 1 else None
    if not isinstance(only, Accent) or only.name != "underline":
        return raised
    words = any(isinstance(node, Atom) and node.sign.kind is Kind.TEXT for node in only.inner)
    return raised if words else [replace(only, name="falling")]


class _Parser:
    def __init__(self, source: str, depth: int = 0) -> None:
        self._src = source
        self._at = 0
        self._depth = depth

    def formula(self) -> Nodes:
        grid = self._grid("aligned", "")
        if len(grid.rows) == 1 and len(grid.rows[0]) == 1:
            return grid.rows[0][0]
        return [grid]

    def _blank(self) -> bool:
        match = _BLANK.match(self._src, self._at)
        start, self._at = self._at, match.end() if match else self._at
        return self._at > start

    def _looking_at(self, *texts: str) -> bool:
        return any(
            self._src.startswith(text, self._at)
            and not (
                text[-1].isalpha() and self._src[self._at + len(text) : self._at + len(text) + 1].isalpha()
            )
            for text in texts
        )

    def _grid(self, name: str, end: str, columns: str = "") -> Grid:
        r"""Cells up to `end` (`\end{…}`, or a brace), or to the end of the source where that is empty."""
        rows: list[list[Nodes]] = [[]]
        rules: set[int] = set()
        stops = ("&", "\\\\", *_ROW_ENDS, *_BETWEEN_ROWS, *((end,) if end else ()))
        while True:
            if not rows[-1] and self._ruled():
                rules.add(len(rows) - 1)
            rows[-1].append(self._nodes(stops))
            if self._looking_at(*_BETWEEN_ROWS):
                # Words between the equations are a row of their own.
                match = _NAME.match(self._src, self._at)
                self._at = match.end() if match else self._at
                if not any(rows[-1]):
                    rows.pop()
                rows += [[self._text(self._raw())], []]
                continue
            if self._at >= len(self._src):
                if end:
                    raise Unreadable
                break
            if end and self._src.startswith(end, self._at):
                self._at += len(end)
                break
            if self._src[self._at] == "&":
                self._at += 1
                continue
            self._at += next((len(end) for end in _ROW_ENDS if self._looking_at(end)), 2)
            if self._src.startswith("*", self._at):
                self._at += 1
            if dimension := _DIMENSION.match(self._src, self._at):
                self._at = dimension.end()
            rows.append([])
        if len(rows) > 1 and not any(rows[-1]):
            rows.pop()
        return Grid(name, rows, columns, frozenset(rules))

    def _ruled(self) -> bool:
        """Read the lines between two rows, and tell whether there are any."""
        found = False
        while self._blank() or self._looking_at(*_RULES):
            if self._looking_at(*_RULES):
                match = _NAME.match(self._src, self._at)
                self._at = match.end() if match else self._at
                if match and match.group(1) == "cline":
                    self._raw()
                found = True
        return found

    def _nodes(self, stops: tuple[str, ...]) -> Nodes:
        """Nodes up to one of the `stops` (which is left for the caller) or the end."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable
        nodes: Nodes = []
        after_name = False
        while True:
            blank = self._blank()
            spaced = blank and not after_name
            if self._at >= len(self._src) or self._looking_at(*stops):
                break
            char = self._src[self._at]
            after_name = False
            if char in "^_'′":
                self._script(nodes, blank)
            elif char == "{":
                self._braced(nodes)
            elif char == "}":
                raise Unreadable
            elif char == "\\":
                match = _NAME.match(self._src, self._at)
                if match is None:
                    raise Unreadable
                name = match.group(1)
                after_name = name[0].isalpha()
                self._at = match.end()
                if name in ("over", "choose", "atop", *_AROUND_TWO):
                    below = self._nodes(stops)
                    if name in ("atop", *_AROUND_TWO):
                        nodes = [Grid("substack", [[nodes], [below]])]
                        if name in _AROUND_TWO:
                            left, right = _AROUND_TWO[name]
                            nodes = [Fence(character(left), nodes, character(right))]
                    else:
                        nodes = [Binomial(nodes, below) if name == "choose" else Fraction(nodes, below)]
                    break
                if name in _SCRIPTED:
                    self._attach(nodes, _SCRIPTED[name], self._text(self._raw()), text=True)
                    continue
                named = self._named(name, stops)
                first = named[0] if named else None
                if isinstance(first, Atom) and first.sign.kind in (Kind.TEXT, Kind.BAR, Kind.POST):
                    first.spaced = spaced
                    # A blank behind a bar is as wide as the one before it: `A\vert B`, `A \vert B`.
                    after_name = after_name and not (first.sign.kind is Kind.BAR and spaced)
                nodes += named
                if self._at > match.end() and self._keeps_blank(nodes):
                    after_name = False
            else:
                nodes.append(self._character(spaced))
        self._depth -= 1
        return nodes

    def _keeps_blank(self, nodes: Nodes) -> bool:
        r"""Whether a blank behind an argument shows: `\mathbf{Answer:} 5`, `\mathbb{R} : x`, `\frac{1}{n} | n > 0`."""
        last = nodes[-1] if nodes else None
        match = _BLANK.match(self._src, self._at)
        following = self._src[match.end() : match.end() + 1] if match else ""
        return (
            following == ":"
            or (following == "|" and isinstance(last, Fraction))
            or (isinstance(last, Atom) and last.sign.kind is Kind.COLON)
        )

    def _character(self, spaced: bool) -> Node:
        char = self._src[self._at]
        if char.isascii() and (char.isdigit() or char == "."):
            match = _NUMBER.match(self._src, self._at)
            if match:
                self._at = match.end()
                number = match.group().replace("{,}", ",").replace("{.}", ".").replace("\\!", "")
                return Atom(Sign(number, Kind.NUM, number), spaced)
        if not char.isascii() and (match := _CHINESE.match(self._src, self._at)):
            self._at = match.end()
            words = word(match.group())
            words.spaced = spaced
            return words
        programs = _PROGRAM.match(self._src, self._at)
        if spaced and programs is None:
            programs = _PROGRAM_APART.match(self._src, self._at)
        if programs:
            self._at = programs.end()
            return Atom(Sign(programs.group(), Kind.REL, programs.group()))
        self._at += 1
        if char == "~":
            return Space(1)
        if char == "&":
            return word(" & ")
        return Atom(character(char), spaced)

    def _braced(self, nodes: Nodes) -> None:
        self._at += 1
        inner = self._nodes(("}",))
        self._close("}")
        self._blank()
        if (
            len(inner) == 1
            and isinstance(inner[0], Atom)
            and inner[0].sign.kind in (Kind.PUNCT, Kind.REL, Kind.BIN)
        ):
            inner[0] = replace(inner[0], sign=inner[0].sign._replace(kind=Kind.ORD))
        if self._at < len(self._src) and self._src[self._at] in "^_'′":
            nodes.append(Group(inner))
        else:
            nodes += inner

    def _close(self, sign: str) -> None:
        if not self._src.startswith(sign, self._at):
            raise Unreadable
        self._at += len(sign)

    def _script(self, nodes: Nodes, blank: bool) -> None:
        char = self._src[self._at]
        before = nodes[-1] if nodes else None
        if (
            char in "^_"
            and (
                isinstance(before, Arrow)
                or (isinstance(before, Atom) and before.sign.kind in (Kind.REL, Kind.BIN))
            )
            and (blank or _ISOTOPE.match(self._src, self._at))
        ):
            nodes.append(Scripts(None))  # of what follows: `\to ^{234}_{90}Th`
        self._at += 1
        argument = [] if char in "'′" else self._argument()
        self._attach(nodes, char, _falling(argument) if char == "^" else argument)

    @staticmethod
    def _attach(nodes: Nodes, char: str, argument: Nodes, text: bool = False) -> None:
        """Raise or lower something behind the last node, or put a prime there. A `text` may stand behind one that is
        raised already, what the source raises may not.
        """
        base = nodes[-1] if nodes and not isinstance(nodes[-1], Space) else None
        if text and isinstance(base, Scripts) and (base.raised if char == "^" else base.lowered) is not None:
            base = nodes[-1] = Group([base])
        if isinstance(base, Scripts):
            script = base
        else:
            script = Scripts(base)
            if base is not None:
                nodes.pop()
            nodes.append(script)
        if char in "'′":
            script.primes += 1
        elif char == "^":
            if script.raised is not None:
                raise Unreadable
            script.raised = argument
        else:
            if script.lowered is not None:
                raise Unreadable
            script.lowered = argument

    def _argument(self) -> Nodes:
        """A group in braces, a name with its own arguments, or one character."""
        self._blank()
        if self._at >= len(self._src):
            raise Unreadable
        char = self._src[self._at]
        if char == "{":
            self._at += 1
            inner = self._nodes(("}",))
            self._close("}")
            return inner
        if char in "}&^_":
            raise Unreadable
        if char == "\\":
            match = _NAME.match(self._src, self._at)
            if match is None or match.group(1) in ("\\", "end", "right", "over"):
                raise Unreadable
            self._at = match.end()
            self._depth += 1
            if self._depth > _DEEPEST:
                raise Unreadable
            nodes = self._named(match.group(1), ())
            self._depth -= 1
            return nodes
        self._at += 1
        if char.isascii() and char.isdigit():
            return [Atom(Sign(char, Kind.NUM, char))]
        return [Atom(character(char))]

    def _option(self) -> Nodes:
        """What stands in square brackets, if anything does."""
        self._blank()
        if not self._src.startswith("[", self._at):
            return []
        self._at += 1
        inner = self._nodes(("]",))
        self._close("]")
        return inner

    def _raw(self) -> str:
        """An argument's source."""
        self._blank()
        if not self._src.startswith("{", self._at):
            if self._at >= len(self._src) or self._src[self._at] in "}\\":
                raise Unreadable
            self._at += 1
            return self._src[self._at - 1]
        start, depth = self._at + 1, 0
        for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(self._src, self._at):
            sign = match.group()
            depth += (sign == "{") - (sign == "}")
            if depth == 0:
                self._at = match.end()
                return self._src[start : match.start()]
        raise Unreadable

    def _raw_option(self) -> str:
        self._blank()
        if self._src.startswith("[", self._at):
            end = self._src.find("]", self._at)
            if end > 0:
                option, self._at = self._src[self._at + 1 : end], end + 1
                return option
        return ""

    def _delimiter(self) -> Sign | None:
        """The sign behind `\\left`, `\\right` and the like; None for the dot that stands for none."""
        self._blank()
        if self._at >= len(self._src):
            raise Unreadable
        char = self._src[self._at]
        if char == "\\":
            match = _NAME.match(self._src, self._at)
            if match is None:
                raise Unreadable
            self._at = match.end()
            name = match.group(1)
            return SIGNS.get(name) or Sign(f"\\{name}", Kind.ORD, f"\\{name}")
        self._at += 1
        if char == ".":
            return None
        if char in "<>":
            return SIGNS["langle" if char == "<" else "rangle"]
        return character(char)

    def _named(self, name: str, stops: tuple[str, ...]) -> Nodes:
        if name in ("left", "right", "middle"):
            return self._fence(name, stops)
        if name == "begin":
            return self._environment(self._raw())
        if name in ("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"):
            return [Fraction(self._argument(), self._argument())]
        if name in ("binom", "dbinom", "tbinom"):
            return [Binomial(self._argument(), self._argument())]
        if name == "sqrt":
            return [Root(self._option(), self._argument())]
        if name in ("boxed", "fbox", "framebox"):
            return [Boxed(self._text(self._raw()) if name != "boxed" else self._argument())]
        if name in _SPACES:
            return [Space(_SPACES[name])] if _SPACES[name] else []
        if name in _NOTHING or name in _RULE_NAMES:
            return []
        if name in _SKIPS and (length := _LENGTH.match(self._src, self._at)):
            self._at = length.end()
            return [Space(1)]
        if name in ("def", "renewcommand", "setlength") and (stretch := _STRETCH.match(self._src, self._at)):
            self._at = stretch.end()
            return []
        if name in _LAYOUT_TWICE:
            self._raw_option()
            self._raw()
            self._raw()
            return []
        if name in _LAYOUT:
            self._raw_option()
            self._raw()
            return [Space(1)] if name.startswith(("hs", "phantom")) else []
        if name in ("textcolor", "colorbox", "fcolorbox"):
            for _ in range(2 if name == "fcolorbox" else 1):
                self._raw_option()
                self._raw()
            return self._argument() if name == "textcolor" else self._text(self._raw())
        if name.rstrip("*") in _AROUND and self._begins_argument():
            return self._around(name.rstrip("*"))
        if name in ("dv", "pdv", "derivative", "pderivative") and self._looking_at("{", "["):
            return self._derivative("∂" if name.startswith("p") else "d")
        if name == "cancelto":
            value, inner = self._argument(), self._argument()
            return [Accent("cancel", inner), Atom(SIGNS["to"]), *value]
        if name == "prescript":
            raised, lowered = self._argument(), self._argument()
            return [Scripts(None, raised or None, lowered or None), *self._argument()]
        name = _ARCS.get(name, name)
        if name in _TEXTS:
            return self._text(self._raw())
        if name in _FACES:
            return self._face(self._argument())
        if name in ALPHABETS:
            return self._alphabet(ALPHABETS[name], self._argument())
        if name in ("operatorname", "operatorname*", "DeclareMathOperator"):
            said = self._raw().replace("\\,", " ").replace("\\ ", " ").replace("~", " ")
            return [word(" ".join(said.split()), Kind.OP)]
        if name in _ACCENTED:
            return [Accent(name, self._argument())]
        if name in _ARROWS:
            below, above = self._option(), self._argument()
            return [Arrow(SIGNS.get(_ARROWS[name]) or character("="), above, below)]
        if name == "longdiv" and self._begins_argument():
            return self._long_division()
        if name == "enclose" and self._looking_at("{longdiv}"):
            self._raw()
            return self._long_division()
        if name in ("overset", "stackrel"):
            above = self._argument()
            if len(above) == 1 and isinstance(above[0], Atom) and above[0].sign.text == "⌢":
                return [Accent("overparen", self._argument())]
            return [self._whole(self._over(self._argument(), above, None), "^")]
        if name == "underset":
            below = self._argument()
            return [self._whole(self._over(self._argument(), None, below), "_")]
        if name in ("pmod", "pod"):
            opened = "(mod " if name == "pmod" else "("
            return [
                Space(1),
                Atom(Sign(opened, Kind.OPEN, opened)),
                *self._argument(),
                Atom(character(")")),
            ]
        if name in ("tag", "tag*"):
            said = self._raw()
            if "\\" not in said:
                said = said.replace("$", "")
            elif "$" in said:
                inner = self._text(said)
                return [Space(2), *([word("("), *inner, word(")")] if name == "tag" else inner), Space(2)]
            return [Space(2), word(f"({said})" if name == "tag" else said), Space(2)]
        if name == "substack":
            self._blank()
            self._close("{")
            return [self._grid("substack", "}")]
        if name == "not":
            return self._negated()
        if name in ("ce", "cee"):
            return self._inner(chemistry(self._raw()))
        if name == "qty" and not self._begins_argument():
            return []  # of `physics`: brackets behind it grow
        if name in ("pu", "si", "unit", "num", "SI", "qty", "ang", "SIrange"):
            return self._quantity(name)
        return self._sign(name)

    def _long_division(self) -> Nodes:
        return [Accent("overline", [Atom(character(")")), *self._argument()])]

    def _begins_argument(self) -> bool:
        self._blank()
        return self._src.startswith("{", self._at)

    def _around(self, name: str) -> Nodes:
        left, right = (character(sign) for sign in _AROUND[name])
        inner = self._argument()
        if name == "braket" and self._begins_argument():
            inner = [*inner, Atom(SIGNS["vert"]), *self._argument()]
        return [Fence(left, inner, right)]

    def _derivative(self, sign: str) -> Nodes:
        order = self._option()
        above = self._argument()
        below = self._argument() if self._begins_argument() else None
        if below is None:
            above, below = [], above
        d: Node = Atom(character(sign))
        raised: Nodes = [Scripts(d, order)] if order else [d]
        return [Fraction([*raised, *above], [d, *([Scripts(Group(below), order)] if order else below)])]

    def _sign(self, name: str) -> Nodes:
        sign = SIGNS.get(name)
        if sign is not None:
            return [Atom(sign)]
        if _LETTERS.match(name):
            # Its arguments stay in their braces: nobody knows here what they mean.
            nodes: Nodes = [word(f"\\{name}", Kind.WORD)]
            while self._looking_at("{"):
                nodes.append(Atom(SIGNS["{"]))
                nodes += self._argument()
                nodes.append(Atom(SIGNS["}"]))
            return nodes
        return [word(f"\\{name}", Kind.ORD)] if name.strip() else [Space(1)]

    @staticmethod
    def _over(base: Nodes, above: Nodes | None, below: Nodes | None) -> Scripts:
        return Scripts(base[0] if len(base) == 1 else Group(base), above, below)

    def _whole(self, over: Scripts, sign: str) -> Node:
        """A sign with another above or below it; one group where something is raised or lowered there once more."""
        self._blank()
        return Group([over]) if self._src.startswith(sign, self._at) else over

    def _fence(self, name: str, stops: tuple[str, ...]) -> Nodes:
        sign = self._delimiter()
        if name != "left":
            # Without its beginning it is a bracket like others.
            if sign is None:
                return []
            return [Space(1), Atom(sign), Space(1)] if name == "middle" else [Atom(sign)]
        inner = self._nodes(("\\right", *stops))
        if not self._looking_at("\\right"):
            opened: Nodes = [Atom(sign._replace(kind=Kind.OPEN))] if sign else []
            return opened + inner
        self._at += len("\\right")
        right = self._delimiter()
        if (cases := self._cases(sign, inner, right)) is not None:
            return [cases]
        return [Fence(sign, inner, right)]

    @staticmethod
    def _cases(left: Sign | None, inner: Nodes, right: Sign | None) -> Grid | None:
        """One brace before or behind rows, which says the same as `cases`; None for anything else."""
        one = (left.text if left else ".") + (right.text if right else ".")
        solid = [node for node in inner if not isinstance(node, Space)]
        if one not in ("{.", ".}") or len(solid) != 1 or not isinstance(solid[0], Grid):
            return None
        rows, name = solid[0].rows, solid[0].name
        if name in ("aligned", "alignedat", "split", "gathered"):  # `&` is where they are aligned
            rows = [[[node for cell in row for node in cell]] for row in rows]
        elif name not in ("array", "tabular", "matrix"):
            return None
        return Grid("rcases" if left is None else "cases", rows)

    def _environment(self, name: str) -> Nodes:
        end = f"\\end{{{name}}}"
        plain = name.rstrip("*")
        columns = ""
        if plain in ("array", "tabular"):
            self._raw_option()
            columns = _columns(self._raw())
        elif plain in ("alignat", "alignedat", "subarray"):
            self._raw()
        elif plain not in ENVIRONMENTS:
            return [word(f"\\begin{{{name}}} "), self._grid("substack", end), word(f" {end}")]
        elif plain in ("aligned", "gathered", "split") and self._looking_at("["):
            self._raw_option()
        grid = self._grid("substack" if plain == "subarray" else plain, end, columns)
        if plain in ("equation", "math", "displaymath") and len(grid.rows) == 1 and len(grid.rows[0]) == 1:
            return grid.rows[0][0]
        return [grid]

    def _inner(self, source: str) -> Nodes:
        return _Parser(source, self._depth)._nodes(())

    def _text(self, raw: str) -> Nodes:
        """Words, with formulas between dollar signs in them."""
        if self._depth >= _DEEPEST:
            raise Unreadable
        nodes: Nodes = []
        for number, part in enumerate(re.split(r"(?<!\\)\$|\\[()]", raw)):
            if number % 2:
                nodes += self._inner(part)
            elif part:
                nodes.append(word(plain_text(part)))
        return nodes

    def _face(self, inner: Nodes) -> Nodes:
        """Letters in an upright or bold face are a word."""
        said = ""
        for node in inner:
            if not isinstance(node, Atom) or node.sign.kind not in (Kind.ORD, Kind.NUM, Kind.TEXT):
                return inner
            said += (" " if node.spaced and said else "") + node.sign.text
        if said in _FUNCTION_NAMES:
            return [Atom(SIGNS[said])]
        return [word(said)] if len(said) > 1 else inner

    @staticmethod
    def _alphabet(table: dict[str, str], inner: Nodes) -> Nodes:
        return [
            replace(node, sign=node.sign._replace(text=table.get(node.sign.text, node.sign.text)))
            if isinstance(node, Atom)
            else node
            for node in inner
        ]

    def _negated(self) -> Nodes:
        self._blank()
        nodes = self._argument()
        first = nodes[0] if nodes else None
        if not isinstance(first, Atom):
            return [word("\\not", Kind.WORD), *nodes]
        found = {
            "=": "≠",
            "∈": "∉",
            "<": "≮",
            ">": "≯",
            "≡": "≢",
            "∃": "∄",
            "⊂": "⊄",
            "⊆": "⊈",
            "≤": "≰",
            "≥": "≱",
        }
        sign = first.sign
        text = found.get(sign.text, f"{sign.text}\u0338")
        plain = {"=": "!=", "==": "!=="}.get(sign.ascii, f"not {sign.ascii}")
        return [Atom(Sign(text, sign.kind, plain)), *nodes[1:]]

    def _quantity(self, name: str) -> Nodes:
        self._raw_option()
        if name == "ang":
            *others, last = self._raw().split(";")
            signs = SIGNS["degree"], SIGNS["prime"], Sign("″", Kind.ORD, "''")
            if len(others) >= len(signs):
                others, last = [], ";".join((*others, last))
            parts = zip((*others, last), signs, strict=False)
            return [node for part, sign in parts if part.strip() for node in (*self._inner(part), Atom(sign))]
        if name == "num":
            return self._inner(_scientific(self._raw()))
        if name in ("si", "unit"):
            return self._inner(_unit(self._raw()))
        if name == "pu":
            raw = self._raw()
            number = re.match(r"\s*[-+\d.,eE^{}*×]*", raw)
            end = number.end() if number and number.group().strip() else 0
            rest = _unit(raw[end:].strip())
            nodes = self._inner(_scientific(raw[:end].strip()))
            return [*nodes, *([Space(1)] if nodes and rest else []), *self._inner(rest)]
        numbers = [self._raw() for _ in range(2 if name == "SIrange" else 1)]
        nodes = []
        for number_ in numbers:
            nodes += [word(" – ")] if nodes else []
            nodes += self._inner(_scientific(number_))
        return [*nodes, Space(1), *self._inner(_unit(self._raw()))]


def _columns(said: str) -> str:
    """An `array`'s columns without what is only layout."""
    found = ""
    for times, repeated, _, paragraph, column in _COLUMNS.findall(said):
        found += _columns(repeated) * int(times) if times else "l" if paragraph else column
        if len(found) > _MOST_COLUMNS:
            break
    return re.sub(r"\|+", "|", found[:_MOST_COLUMNS])


ENVIRONMENTS = frozenset(
    [
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "smallmatrix",
        "array",
        "tabular",
        "cases",
        "dcases",
        "rcases",
        "aligned",
        "align",
        "alignat",
        "alignedat",
        "flalign",
        "gather",
        "gathered",
        "split",
        "multline",
        "eqnarray",
        "equation",
        "math",
        "displaymath",
        "subarray",
    ]
)
"""Environments that are known."""

_TEXT_SIGN = re.compile(r"\\([A-Za-z]+)\s?|\\(.)|([{}])|(~)|\s+", re.DOTALL)


def plain_text(raw: str) -> str:
    r"""The words of a `\text{…}`."""

    def said(match: re.Match[str]) -> str:
        name, char, brace, _ = match.groups()
        if name:
            if name in _TEXTS or name in _NOTHING or name in _FACES:
                return ""
            sign = SIGNS.get(name)
            return sign.text if sign else f"\\{name} "
        if char:
            return char if char.strip() and char not in ",;:!" else " "
        return "" if brace else " "

    return _TEXT_SIGN.sub(said, raw).replace("``", '"').replace("''", '"')


def _scientific(raw: str) -> str:
    r"""`1.5e3` of `\num` with its power of ten."""
    return re.sub(r"(?<=\d)\s*[eE]([-+]?\d+)", r"\\times 10^{\1}", raw)


_POWERS = {"squared": "^{2}", "cubed": "^{3}", "square": "^{2}", "cubic": "^{3}"}


def _unit(raw: str) -> str:
    """siunitx's or mhchem's units as a formula."""
    said = sign = prefix = power = ""
    for name, rest in re.findall(r"\\([A-Za-z]+)\s*|([^\\]+|\\)", raw):
        if rest:
            said += re.sub(r"(?<=[A-Za-zµΩ°%)])[ .](?=[A-Za-zµΩ°%(])", r"{\\cdot}", rest)
        elif name == "per":
            sign = "/"
        elif name in ("square", "cubic"):
            power = _POWERS[name]
        elif name in _POWERS:
            said += _POWERS[name]
        elif name in ("tothe", "raiseto"):
            said += "^"
        elif name in PREFIXES:
            prefix += PREFIXES[name]
        elif name in UNITS:
            said += (sign or ("{\\cdot}" if said else "")) + f"\\text{{{prefix}{UNITS[name]}}}{power}"
            sign = prefix = power = ""
        else:
            said += f"{sign}\\{name} "
            sign = ""
    return said + (f"\\text{{{prefix}}}" if prefix else "")


_CHEMICAL = re.compile(
    r"(?P<arrow><=>>|<<=>|<=>|<-->|<->|->|<-)(?:\[(?P<above>[^\]]{0,300})\])?(?:\[(?P<below>[^\]]{0,300})\])?"
    r"|(?P<degree>\^(?:\\circ|\{\\circ\})\s*(?=[CF]\b))"
    r"|(?P<script>[\^_](?:\{[^{}]{0,300}\}|\d*[+-]|\d+|[A-Za-z]|\\[A-Za-z]+)?)|(?P<name>\\[A-Za-z]+|\\.)|(?P<letters>[A-Za-z]+)"
    r"|(?P<number>\d+(?:[./]\d+)*)|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_WITH_WATER = re.compile(r"([1-9]\d*)\.(\d+)")
"""`4.5` of `CuSO4.5H2O`: four of what is before, and five of what follows. `Fe0.95O` has a part of one."""
_CHEMICAL_ARROWS = {
    "->": "rightarrow",
    "<-": "leftarrow",
    "<->": "leftrightarrow",
    "<-->": "rightleftarrows",
    "<=>": "rightleftharpoons",
    "<=>>": "rightleftharpoons",
    "<<=>": "rightleftharpoons",
}


def chemistry(raw: str) -> str:
    """mhchem's notation (`2H2 + O2 -> 2H2O`, `SO4^2-`) as a formula."""
    said: list[str] = []
    before = "space"
    bonds: list[bool] = []  # of each bracket that is open, whether it begins with a bond: `[-CH2-]_n`
    for match in _CHEMICAL.finditer(raw):
        kind, text = match.lastgroup or "", match.group()
        last, following = raw[: match.start()].rstrip()[-1:], raw[match.end() : match.end() + 1]
        alone = before == "space" and following in ("", " ")
        if match["arrow"]:
            kind = "space"
            name = _CHEMICAL_ARROWS[match["arrow"]]
            above, below = match["above"] or "", match["below"] or ""
            if above or below:
                under = f"[{{{chemistry(below)}}}]" if below else ""
                said.append(f"\\x{name}{under}{{{chemistry(above)}}}")
            else:
                said.append(f"\\{name} ")
        elif kind == "degree":
            said.append("{}^{\\circ}")
            kind = "space"
        elif kind == "script" and text == "^":
            said.append("\\uparrow ")
        elif (
            kind == "space" and before in ("letters", "close") and (following.isalnum() or following in "([")
        ):
            said.append("\\,")
        elif kind == "letters" and text == "v" and alone:
            said.append("\\downarrow ")
        elif kind == "script":
            inner = text[1:].removeprefix("{").removesuffix("}")
            said.append(("{}" if before == "space" else "") + f"{text[0]}{{{inner}}}")
            kind = "letters" if before != "space" else "prefix"
        elif kind == "letters":
            said.append(f"\\text{{{text}}}")
        elif kind == "number" and before in ("letters", "close") and (parts := _WITH_WATER.fullmatch(text)):
            said.append(f"_{{{parts[1]}}}{{\\cdot}}{parts[2]}\\,")
            kind = "space"
        elif kind == "number":
            said.append(f"_{{{text}}}" if before in ("letters", "close") else f"{text}\\,")
            kind = "letters" if before in ("letters", "close") else "space"
        elif (
            text in "+-"
            and before in ("letters", "close")
            and not following.isalnum()
            and not (text == "-" and following in (")", "]") and bonds and bonds[-1])
        ):
            said.append(f"^{{{text}}}")
        elif text == "-":
            said.append("{-}")
        elif text == "=" and alone:
            said.append("=")
        elif text in "=#":
            said.append("{=}" if text == "=" else "{\\equiv}")
        elif text in "*." and (before != "space" or (alone and (last.isalnum() or last in (")", "]")))):
            said.append("{\\cdot}")
            kind = "space"
        elif kind == "other" and text in ")]":
            said.append(text)
            kind = "close"
            del bonds[-1:]
        elif kind == "other" and text in "([":
            said.append(text)
            kind = "space"
            bonds.append(following == "-")
        elif text != "$":
            said.append(f"{text} " if kind == "name" else text)
        before = kind
    return "".join(said)
