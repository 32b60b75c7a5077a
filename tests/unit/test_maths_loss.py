"""No letter, digit or relation of a formula is missing from what shows, whatever the formula."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from r1tui.widgets.transcript.latex_signs import SIGNS, SUBSCRIPTS, SUPERSCRIPTS
from r1tui.widgets.transcript.maths import drawn, readable

_BACK = {raised: plain for table in (SUPERSCRIPTS, SUBSCRIPTS) for plain, raised in table.items()}
_DRAWINGS = "⎰⎱⎧⎨⎩⎪⎫⎬⎭⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦"


@dataclass(frozen=True)
class Formula:
    """LaTeX, and what has to show of it: in Unicode and in ASCII."""

    source: str
    unicode: tuple[str, ...]
    ascii: tuple[str, ...]


def _plain(text: str) -> Formula:
    return Formula(text, (text,), (text,))


def _wrapped(pattern: str, *inner: Formula) -> Formula:
    """`pattern` with the inner formulas in the places `<0>`, `<1>`…"""
    for number, part in enumerate(inner):
        pattern = pattern.replace(f"<{number}>", part.source)
    return Formula(
        pattern,
        tuple(token for part in inner for token in part.unicode),
        tuple(token for part in inner for token in part.ascii),
    )


_SIGNS = sorted(name for name in SIGNS if name.isalpha() or name in "$%#&_")
_FACES = ["text", "mathrm", "operatorname", "textbf", "mbox", "mathbf", "boldsymbol", "mathit"]
_ALPHABETS = ["mathbb", "mathcal", "mathfrak", "mathscr"]

_ONE = [
    *(
        f"\\{name}{{<0>}}"
        for name in ("sqrt", "boxed", "hat", "vec", "bar", "overline", "underline", "tilde", "dot")
    ),
    *(
        f"\\{name}{{<0>}}"
        for name in (
            "abs",
            "norm",
            "ket",
            "bra",
            "set",
            "wideparen",
            "widehat",
            "overrightarrow",
            "underbrace",
            "overbrace",
            "cancel",
            "pmod",
        )
    ),
    *(
        r"\left(<0>\right)",
        r"\left[<0>\right.",
        r"\left\{<0>\right\}",
        r"\left|<0>\right|",
        r"\bigl(<0>\bigr)",
    ),
    *(
        "(<0>)",
        r"\longdiv{<0>}",
        r"(\frac{<0>}{2})^n",
        "{<0>}",
        "[<0>]",
        r"\{<0>\}",
        "|<0>|",
        r"\|<0>\|",
        "{{<0>}}",
        r"\not{<0>}",
        r"\foo{<0>}",
    ),
    *(
        r"\displaystyle <0>",
        r"\textcolor{red}{<0>}",
        r"\xrightarrow{<0>}",
        r"\tag{1}<0>",
        r"\begin{foo}<0>\end{foo}",
    ),
]
_TWO = [
    *(
        f"\\{name}{{<0>}}{{<1>}}"
        for name in ("frac", "dfrac", "tfrac", "cfrac", "binom", "overset", "stackrel")
    ),
    *("{<0>}^{<1>}", "{<0>}_{<1>}", r"\sqrt[<0>]{<1>}", r"{<0> \over <1>}", "<0><1>", "<0> <1>", r"<0>\,<1>"),
    *(
        r"\underset{<0>}{<1>}",
        r"\braket{<0>}{<1>}",
        r"\cancelto{<0>}{<1>}",
        r"\prescript{<0>}{}{<1>}",
        r"\pdv{<0>}{<1>}",
        r"{<0>}\textsuperscript{2}{<1>}",
        r"\underbrace{<0>}_{<1>}",
        r"\xrightarrow[<0>]{<1>}",
        "<0>{<1>}",
        r"<0> \quad <1>",
    ),
    *(
        "<0> = <1>",
        "<0> - <1>",
        "<0>, <1>",
        "<0>'<1>",
        r"\lim_{<0>} <1>",
        r"\sin <0> <1>",
        "<0>&<1>",
        r"<0>\\{}<1>",  # a star behind the line break itself is part of it
    ),
]
_THREE = [
    *(
        r"\sum_{<0>}^{<1>} <2>",
        r"\int_{<0>}^{<1>} <2>\,dx",
        "{<0>}_{<1>}^{<2>}",
        "{<0>}^{<1>}_{<2>}",
        r"<0>\frac{<1>}{<2>}",
    ),
    *(r"\frac{<0>}{<1>}<2>", r"\left.<0>\right|_{<1>}^{<2>}", r"\begin{cases} <0> & <1> \\ <2> \end{cases}"),
    *(
        rf"\begin{{{name}}} <0> & <1> \\ <2> \end{{{name}}}"
        for name in ("aligned", "pmatrix", "vmatrix", "gather*", "split")
    ),
    *(
        r"\begin{array}{cc} <0> & <1> \\ \hline <2> & \end{array}",
        r"\left\{\begin{array}{ll} <0> & <1> \\ <2> \end{array}\right.",
        r"\left\{\begin{aligned} <0> & <1> \\ <2> \end{aligned}\right.",
        r"\begin{cases} <0>, & <1>, \\ <2>; \end{cases}",
        r"\begin{aligned} <0> \intertext{word} <1> & <2> \end{aligned}",
        r"\frac{<0>}{<1>}\sqrt{<2>}",
        "<0>{}^{<1>}_{<2>}",
        r"\rightarrow ^{<0>}_{<1>} <2>",
        r"\begin{array}{|r|cc|} \hline <0> & <1> \\ \cline{1-2} <2> \\ \hline \end{array}",
    ),
]
_WORDS = ["if", "max speed", "x1", "otherwise", "km", "H2O 5", "R"]


@st.composite
def _atoms(draw: st.DrawFn) -> Formula:
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return _plain(draw(st.sampled_from(string.ascii_letters + "äж汉")))
    if kind == 1:
        return _plain(draw(st.sampled_from(["0", "12", "3.14", "100", "7", "2.5"])))
    if kind == 2:
        name = draw(st.sampled_from(_SIGNS))
        return Formula(f"\\{name} ", (SIGNS[name].text,), (SIGNS[name].ascii.strip(),))
    if kind == 3:
        return _plain(draw(st.sampled_from("+-*/=<>,;:!")))
    if kind == 4:
        name = draw(st.sampled_from(["foo", "undefinedmacro", "Xyz"]))
        return Formula(f"\\{name} ", (f"\\{name}",), (f"\\{name}",))
    if kind == 5:
        face, words = draw(st.sampled_from(_FACES)), draw(st.sampled_from(_WORDS))
        return Formula(f"\\{face}{{{words}}}", tuple(words.split()), tuple(words.split()))
    face, letter = draw(st.sampled_from(_ALPHABETS)), draw(st.sampled_from(string.ascii_uppercase))
    return Formula(f"\\{face}{{{letter}}}", (letter,), (letter,))


@st.composite
def _formulas(draw: st.DrawFn, depth: int = 4) -> Formula:
    number = draw(st.integers(0, 3)) if depth else 0
    if number == 0:
        return draw(_atoms())
    pattern = draw(st.sampled_from((_ONE, _TWO, _THREE)[number - 1]))
    return _wrapped(pattern, *(draw(_formulas(depth - 1)) for _ in range(number)))


def _seen(shown: str) -> str:
    """What shows, without marks over letters, and with raised, lowered and drawn forms as plain ones."""
    shown = "".join(_BACK.get(char, char) for char in shown if not unicodedata.combining(char)).replace(
        "−", "-"
    )
    shown = shown.replace("°", "∘").replace("deg", "circ")  # x^\\circ is so many degrees
    shown = "".join(char if char in _DRAWINGS else unicodedata.normalize("NFKD", char) for char in shown)
    return "".join(char for char in shown if not unicodedata.combining(char))


def _missing(tokens: tuple[str, ...], shown: str) -> list[str]:
    seen = _seen(shown)
    lacking = []
    for token in {_seen(token) for token in tokens}:
        needed = sum(_seen(other) == token for other in tokens)
        # A fraction's bar and a bracket are drawn otherwise; equivalents of one sign are one.
        # A comma before a row's end is the semicolon between the rows.
        found = sum(map(seen.count, ",;")) if token == "," else seen.count(token)
        if token.strip() and found < needed:
            lacking.append(token)
    return lacking


_SQUARE = Formula(r"\Box ", (SIGNS["Box"].text,), (SIGNS["Box"].ascii.strip(),))


@settings(max_examples=150, deadline=None)
@given(_formulas())
@example(_wrapped(r"\frac{<0>}{<1>}", _plain("a"), _plain("bc")))
@example(
    _wrapped(
        r"{<0>}\textsuperscript{2}{<1>}", _wrapped(r"\overset{<0>}{<1>}", _plain("a"), _plain("b")), _SQUARE
    )
)
def test_no_letter_digit_or_relation_is_missing(formula: Formula) -> None:
    assert not _missing(formula.unicode, readable(formula.source)), readable(formula.source)
    assert not _missing(formula.ascii, readable(formula.source, True)), readable(formula.source, True)
    for ascii_only, tokens in ((False, formula.unicode), (True, formula.ascii)):
        if lines := drawn(formula.source, 1000, ascii_only):
            text = "\n".join(lines)
            assert not _missing(tuple(part for token in tokens for part in token.split()), text), text


@pytest.mark.parametrize("source", ["x^{%s}", "%s", "{%s}", r"\to %s", r"\frac{%s}{2}", "(%s"])
@pytest.mark.parametrize("primes", ["'", "''"])
def test_a_prime_shows_wherever_it_stands(source: str, primes: str) -> None:
    assert readable(source % primes).count("′") == len(primes)
    assert readable(source % primes, True).count("'") == len(primes)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("\\{}[]()^_&$%#~'ab1+= \n\t\x00\x1b汉"), max_size=60))
def test_any_text_gives_a_printable_line(source: str) -> None:
    for shown in (readable(source), readable(source, True), *drawn(source, 60)):
        assert all(char.isprintable() or char in "\ue000\ue001\ue002" for char in shown)
    source = source.replace("\\aa", "")  # å
    for char in "ab1汉":
        assert _seen(readable(source)).count(char) >= source.count(char)


@pytest.mark.parametrize("name", sorted(SIGNS))
def test_every_sign_shows(name: str) -> None:
    said = readable(f"a \\{name} b")
    assert SIGNS[name].text in said
    assert said.startswith("a")
    assert said.endswith("b")
    assert SIGNS[name].ascii.strip() in readable(f"a \\{name} b", True)
    assert SIGNS[name].ascii.isascii()
