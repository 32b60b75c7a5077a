"""LaTeX mathematics as models write it, in readable Unicode.

pylatexenc was chosen over unicodeit after measuring both on what R1 writes: it parses, so that `\\frac` and `\\sqrt`
nest and an unknown macro stays harmless, at 0.1 to 0.4 ms a formula, 16 ms and under 1 MiB to import. unicodeit
replaces text by tables (0.3 to 0.7 ms, 29 ms, 8 MiB): it leaves `\\frac` and `\\boxed` as they are and turns `\\left`
into `≤ft`, `\\lim` into `łim`. What pylatexenc flattens (fractions, roots, sub- and superscripts, binomials, matrices)
is taught to it here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from r1tui.domain.clean import clean_line

_SUP = dict(
    zip(
        "0123456789+-=()abcdefghijklmnoprstuvwxyz−′ ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ⁻′ ",
        strict=True,
    )
)
_SUP |= dict(zip("ABDEGHIJKLMNOPRTUVWT", "ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵀ", strict=True))
_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvx− ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₋ ", strict=True))
_ATOM = re.compile(r"^(?:[\w∞π°′.]+|[\(\[|].*[\)\]|]|√\w|\W)$")
_OPERATOR = re.compile(r"\s*(≤|≥|≠|≈|≡|→|⇒|⇔|←|∈|∉|⊂|⊆|∪|∩|±|×|÷|=|<|>)\s*")
_BOX_OPEN, _BOX_CLOSE = "\ue000", "\ue001"
"""Private-use characters that mark a box on the way through the converter; foreign ones are dropped before."""
ROW = "\ue002"
"""Another, between the rows of what stands in rows, as the steps of a calculation."""


def _script(text: str, table: dict[str, str], sign: str) -> str:
    text = text.strip()
    if text in ("∘", "°") and sign == "^":
        return "°"
    if set(text) == {"′"}:
        return text
    if text and all(char in table for char in text):
        return "".join(table[char] for char in text).replace(" ", "")
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"


def _grouped(text: str) -> str:
    """`text` as one operand of a fraction or root."""
    text = text.strip()
    return text if _ATOM.match(text) and not (text[:1] == "(" and text[1:-1].count(")")) else f"({text})"


@cache
def _converter() -> tuple[Any, Any]:
    from pylatexenc import latex2text, latexwalker
    from pylatexenc.macrospec import MacroSpec

    arguments = {
        **dict.fromkeys(
            ("rsup", "rsub", "boxed", "fbox", "overline", "underline", "mathring", "operatorname"), "{"
        ),
        **dict.fromkeys(
            ("text", "textbf", "mathrm", "pmod", "pod", "tag", "mbox", "textrm", "boldsymbol"), "{"
        ),
        **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac", "binom", "dbinom", "tbinom", "stackrel"), "{{"),
        **dict.fromkeys(("overset", "underset"), "{{"),
        "sqrt": "[{",
        "xrightarrow": "[{",
        **dict.fromkeys(
            ("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "middle"), ""
        ),
        **dict.fromkeys(
            ("displaystyle", "textstyle", "limits", "nolimits", "quad", "qquad", "cdots", "ldots"), ""
        ),
        **dict.fromkeys(
            ("!", "bmod", "mod", "degree", "implies", "iff", "dots", "therefore", "because", "hline"), ""
        ),
    }
    walker = latexwalker.get_default_latex_context_db()
    walker.add_context_category(
        "r1", prepend=True, macros=[MacroSpec(name, args) for name, args in arguments.items()]
    )

    def said(node: Any, l2t: Any) -> list[str]:
        return [l2t.node_to_text(arg) if arg is not None else "" for arg in node.nodeargd.argnlist]

    def macro(make: Any) -> Any:
        return lambda node, l2tobj: make(*said(node, l2tobj))

    def fraction(above: str, below: str) -> str:
        return f"{_grouped(above)}/{_grouped(below)}"

    def root(degree: str, inner: str) -> str:
        sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree.strip()) or _script(degree, _SUP, "^") + "√"
        return sign + _grouped(inner)

    def box(inner: str) -> str:
        return f"{_BOX_OPEN}{inner.strip()}{_BOX_CLOSE}"

    def rows(node: Any, l2tobj: Any) -> str:
        body = l2tobj.nodelist_to_text(node.nodelist)
        lines = [" ".join(line.split()) for line in body.split("\n") if line.strip()]
        if "matrix" in node.environmentname:
            return f"[{'; '.join(lines)}]"
        if node.environmentname == "cases":
            return "{ " + " ; ".join(lines)
        return ROW.join(lines)

    text: dict[str, Any] = {
        "rsup": macro(lambda inner: _script(inner, _SUP, "^")),
        "rsub": macro(lambda inner: _script(inner, _SUB, "_")),
        "sqrt": macro(root),
        "overline": macro(lambda inner: f"{inner}\u0305" if len(inner) == 1 else f"‾({inner})"),
        "underline": macro(lambda inner: inner),
        "operatorname": macro(lambda inner: f"{inner} "),
        "pmod": macro(lambda inner: f" (mod {inner})"),
        "pod": macro(lambda inner: f" ({inner})"),
        "tag": macro(lambda inner: f"  ({inner})"),
        "stackrel": macro(lambda above, below: f"{below}"),
        "overset": macro(lambda above, below: f"{below}"),
        "underset": macro(lambda below, above: f"{above}"),
        "xrightarrow": macro(lambda _, above: f" →({above}) "),
        "bmod": " mod ",
        "mod": " mod ",
        "degree": "°",
        "implies": " ⇒ ",
        "iff": " ⇔ ",
        "therefore": "∴ ",
        "because": "∵ ",
        "quad": "  ",
        "qquad": "   ",
        "cdots": "⋯",
        "ldots": "…",
        "dots": "…",
        **dict.fromkeys(("boxed", "fbox"), macro(box)),
        **dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), macro(fraction)),
        **dict.fromkeys(("binom", "dbinom", "tbinom"), macro(lambda n, k: f"C({n}, {k})")),
        **dict.fromkeys(
            ("text", "textbf", "mathrm", "mbox", "textrm", "boldsymbol"), macro(lambda inner: inner)
        ),
        **dict.fromkeys(("left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"), ""),
        **dict.fromkeys(("middle", "displaystyle", "textstyle", "limits", "nolimits", "!", "hline"), ""),
    }
    spoken = latex2text.get_default_latex_context_db()
    spoken.add_context_category(
        "r1",
        prepend=True,
        macros=[latex2text.MacroTextSpec(name, simplify_repl=said) for name, said in text.items()],
        environments=[
            latex2text.EnvironmentTextSpec(name, simplify_repl=rows)
            for name in (
                "cases",
                "matrix",
                "pmatrix",
                "bmatrix",
                "vmatrix",
                "aligned",
                "align",
                "align*",
                "array",
                "gathered",
            )
        ],
    )
    l2t = latex2text.LatexNodes2Text(latex_context=spoken, math_mode="text", strict_latex_spaces=False)

    def parse(source: str) -> str:
        nodes, _, _ = latexwalker.LatexWalker(
            source, latex_context=walker, tolerant_parsing=True
        ).get_latex_nodes()
        return str(l2t.nodelist_to_text(nodes))

    return parse, None


_SCRIPTS = re.compile(r"(?<!\\)([\^_])")
_PRIMES = re.compile(r"(?<=[\w}\)])('+)")
_FENCE = re.compile(r"\\(left|right|middle|[bB]igg?[lrm]?)\s*\.")


@lru_cache(maxsize=512)
def readable(source: str) -> str:
    """LaTeX without its delimiters in Unicode, `ROW` between rows. A box comes out between U+E000 and U+E001.

    What cannot be parsed is returned as it was.
    """
    text = re.sub(r"[\ue000-\ue002]", "", source)
    text = _FENCE.sub("", text)
    text = _PRIMES.sub(lambda match: "′" * len(match.group()), text)
    text = _SCRIPTS.sub(lambda match: r"\rsup " if match.group() == "^" else r"\rsub ", text)
    try:
        parse, _ = _converter()
        said = parse(text)
    except (
        Exception
    ):  # a third party's parser on hostile input: whatever it raises, the source is what is shown
        return clean_line(source)
    said = _OPERATOR.sub(r" \1 ", said).replace("  ", " ")
    return clean_line(said)


def plain(source: str) -> str:
    """The source on one line, for terminals without the characters."""
    return clean_line(source)


def split_boxes(text: str) -> list[tuple[str, bool]]:
    """Text of `readable` as pieces, each with whether it stood in a box."""
    pieces: list[tuple[str, bool]] = []
    depth = 0
    for part in re.split(f"([{_BOX_OPEN}{_BOX_CLOSE}])", text):
        if part == _BOX_OPEN:
            depth += 1
        elif part == _BOX_CLOSE:
            depth = max(0, depth - 1)
        elif part:
            pieces.append((part, depth > 0))
    return pieces
