"""Where formulas stand in what a model writes, and where a dollar sign is money."""

from __future__ import annotations

import pytest

from r1tui.widgets.transcript.parser import parser


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
