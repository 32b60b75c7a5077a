"""Where formulas stand in what a model writes, and where a dollar sign is money."""

from __future__ import annotations

from collections import Counter
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from r1tui.domain.clean import Clean
from r1tui.widgets.transcript import parser as parsing
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.parser import parser
from r1tui.widgets.transcript.render import Look


def formulas(source: str) -> list[str]:
    """The formulas that are found, without the blanks around them."""
    return [
        child.content.strip()
        for token in parser().parse(source)
        for child in token.children or ()
        if child.type == "maths" and child.info != "open"
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (r"\(a+b\) and \[c\]", ["a+b", "c"]),
        ("$$\nx = 1\n$$", ["x = 1"]),
        ("- item\n  $$\n  x = 1\n  $$\n- $y$", ["x = 1", "y"]),
        ("1. 求\n   \\[\n   x^2\n   \\]\n2. \\(y\\)", ["x^2", "y"]),
        ("> $$\n> x = 1\n> $$", ["x = 1"]),
        ("| a | b |\n|---|---|\n| $x^2$ | \\(y\\) |", ["x^2", "y"]),
        ("so\n\\[\nx\n\\]\nand", ["x"]),
        ("| $|x|$ | \\(|y|\\) |\n|---|---|\n| $$P(A|B)$$ | \\[|z|\\] |", ["|x|", "|y|", "P(A|B)", "|z|"]),
        ("| a | b |\n|---|---|\n| `|` $|x|$ | \\boxed{|y|} |", ["|x|", "\\boxed{|y|}"]),
        ("$$\nx = 1\n\ny = 2\n$$\n\n$z$", ["x = 1\n\ny = 2", "z"]),
        (
            "- \\[\n  x = 1\n\n  \\quad \\text{wenn } y\n  \\]\n- $z$",
            ["x = 1\n\n\\quad \\text{wenn } y", "z"],
        ),
        ("设$x=1$则$y=2$。", ["x=1", "y=2"]),
        ("面积$S=\\pi r^2$，其中$r=3$厘米。", ["S=\\pi r^2", "r=3"]),
        ("第$n$项，$n$个", ["n", "n"]),
        ("文本\\(x\\)文本$$y$$文本", ["x", "y"]),
        ("**设$x=1$**", ["x=1"]),
        ("the $n$th and the $x$s", ["n", "x"]),
        ("$\\text{价格} = \\$5$", ["\\text{价格} = \\$5"]),
    ],
)
def test_a_formula_is_found_wherever_it_stands(source: str, found: list[str]) -> None:
    assert formulas(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "costs $5 and $6 or $7.",
        r"It is \$5 and \$6.",
        "价格是$5和$6",
        "从$5 到$10，$7元$",
        "$100,000 到 $200,000",
        "a$b$c and US$5",
        "from $5 to 10$ each",
    ],
)
def test_money_is_no_formula(source: str) -> None:
    assert formulas(source) == []


def shown(source: str, *, final: bool = True) -> list[str]:
    """The rows of a text, or of one that goes on."""
    rows = MarkdownRows(Look(100))
    rows.feed(cast(Clean, source), final=final)
    return [row.text for row in rows.rows]


def test_bars_of_formulas_and_code_part_no_cells() -> None:
    source = "| value | $|x|$ |\n|---|---|\n| `a|b` | $$|y|$$ |\n| $5 | $6 |\n| \\(|z|\\) | cost |\n"
    assert [[cell.strip() for cell in row.split("│")] for row in shown(source) if "─" not in row] == [
        ["value", "|x|"],
        ["a|b", "|y|"],
        ["$5", "$6"],
        ["|z|", "cost"],
    ]


@pytest.mark.parametrize(
    ("cell", "formula"),
    [
        (r"$\|v\|$", "‖v‖"),
        (r"\(\left\|\frac{a}{b}\right\|\)", "‖a/b‖"),
        (r"$D_{KL}(P\|Q)$", "D_(KL)(P‖Q)"),
        (r"$AB \| CD$", "AB ‖ CD"),
        (r"$\\|v\\|_2$", "‖v‖₂"),
        (r"$\vert x\vert + \lVert v\rVert$", "|x| + ‖v‖"),
        (r"$P(A\|B) + p_\theta(x\|z) + \mathbb{E}[X \| Y]$", "P(A|B) + p_θ(x|z) + 𝔼[X | Y]"),
        (r"`a\|b`", "a|b"),
        (r"a\|b", "a|b"),
    ],
)
def test_a_norm_in_a_table_is_no_absolute_value(cell: str, formula: str) -> None:
    assert shown(f"| h | k |\n|---|---|\n| {cell} | 1 |\n")[-1].split(" │ ")[0].rstrip() == formula


def test_what_is_too_much_for_a_row_belongs_to_its_last_cell() -> None:
    assert shown("| a | b |\n|---|---|\n| P(A|B) | 0.5 |\n")[-1] == "P(A │ B) | 0.5"


def test_the_parts_of_a_display_between_blank_lines_stand_below_each_other() -> None:
    assert shown("$$\nx = 1\n\ny = 2 \\text{ otherwise}\n\n$$\n\nso") == [
        "  x = 1",
        "  y = 2 otherwise",
        "",
        "so",
    ]


@pytest.mark.parametrize(
    "below",
    [
        "Next, y = 2.",
        "所以 y = 2",
        "- item",
        "- b",
        "1. y = 2",
        "```\ny = 2\n```",
        "$$ y = 2 $$",
        "## y = 2",
        "---",
    ],
)
def test_a_display_that_was_never_closed_ends_before_what_is_no_formula(below: str) -> None:
    assert shown(f"$$\nx = 1\n\n{below}\n")[3:] == shown(f"{below}\n")


FORMULAS = ["x", "|x|", "a=b", "12", "|a|<|b|", "f(x)", "a+b", "3>2", "P(A|B)", "C_{12}=|c|"]
DELIMITERS = [
    *(("$", "$"), ("$$", "$$"), ("$$ ", " $$")),
    *(("\\(", "\\)"), ("\\( ", " \\)"), ("\\[", "\\]"), ("\\[ ", " \\]")),
]
PLACES = [
    *(
        "<0> then <1>",
        "- <0>\n- <1>",
        "1. q <0>\n   <1>",
        "> <0>\n> <1>",
        "# <0> <1>",
        "**<0>** <1>",
        "设<0>则<1>。",
    ),
    "| h | k |\n|---|---|\n| <0> | <1> |",
    "| <0> | k |\n|---|---|\n| m | <1> |\n| <0> <1> |",
    "h | k\n--|--\n<0> | <1>\nz | <1> | <0>",
    "- p\n\n  | h | k |\n  |---|---|\n  | <0> | <1> |",
]
DISPLAYS = [
    "$$\n<0>\n<1>$$",
    "\\[<0>\n\n<1>\\]",
    "$$\n<0>\n\n<1>\n\n$$\nz",
    "- \\[\n  <0>\n\n  <1>\n  \\]\n- z",
]


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A text with formulas, and these."""
    pair = [draw(st.sampled_from(FORMULAS)), draw(st.sampled_from(FORMULAS))]
    display = draw(st.booleans())
    source = draw(st.sampled_from(DISPLAYS if display else PLACES))
    for number, formula in enumerate(pair):
        begin, end = ("", "") if display else draw(st.sampled_from(DELIMITERS))
        source = source.replace(f"<{number}>", f"{begin}{formula}{end}")
    return source, pair


def told(text: str) -> Counter[str]:
    """What of a text has to show: letters, digits and relations."""
    back = str.maketrans("₁₂", "12")
    return Counter(char for char in text.translate(back) if char.isalnum() or char in "=<+")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often rows of tables, and formulas in them, are looked for."""
    calls = Counter[str]()

    def counted(name: str) -> None:
        does = vars(parsing)[name]

        def call(*arguments: object) -> object:
            calls[name] += 1
            return does(*arguments)

        monkeypatch.setattr(parsing, name, call)

    counted("_row")
    counted("_formula")
    return calls


@pytest.mark.parametrize(
    "lines",
    [
        ("|-|-|-|", "|-|-|"),  # no table: the columns differ
        ("| a | b |", "|---|---|", "| c | d |", "# a heading ends it"),
    ],
)
def test_rows_are_looked_at_once_however_many_tables_follow(
    lines: tuple[str, ...], looked_at: Counter[str]
) -> None:
    parser().parse("\n".join(lines * 50))
    assert 0 < looked_at["_row"] <= 4 * 50 * len(lines)


@pytest.mark.parametrize("opening", [r"\begin{cases}", r"\(", r"\[", r"\boxed{"])
def test_the_end_of_a_formula_that_has_none_is_looked_for_once_in_a_row(
    opening: str, looked_at: Counter[str]
) -> None:
    parsing._row(f"| {opening} x " * 200, None)
    assert looked_at["_formula"] == 1


@settings(max_examples=300, deadline=None)
@given(documents())
def test_formulas_show_whole_wherever_they_stand(document: tuple[str, list[str]]) -> None:
    source, formulas = document
    rows = "".join("".join(shown(source)).split())
    for formula in formulas:
        # Behind a blank line, what looks like a row of a table ends a display that is none then: its source shows.
        as_source = formula in rows and f"\n\n{formulas[1]}" in source.replace("\n\n  ", "\n\n")
        assert formula.replace("_{12}", "₁₂") in rows or (as_source and formulas[1].startswith("|"))


@settings(max_examples=300, deadline=None)
@given(documents(), st.integers(0, 100), st.booleans())
def test_nothing_is_missing_while_a_text_with_formulas_comes(
    document: tuple[str, list[str]], cut: int, final: bool
) -> None:
    source = document[0][:cut]
    lacking = told(source) - told("".join(shown(source, final=final)))
    assert not lacking - Counter("1")  # the number of a list's item
