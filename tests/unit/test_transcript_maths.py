"""Formulas as R1 writes them, in readable Unicode."""

from __future__ import annotations

import pytest

from r1tui.widgets.transcript.maths import readable, split_boxes


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"\dfrac{1}{3}", "1/3"),
        (r"\sqrt{x^2+1}", "√(x²+1)"),
        (r"\sqrt[3]{8}", "∛8"),
        (r"\sum_{i=1}^{n} i^2", "∑ᵢ₌₁ⁿ i²"),
        (r"\int_0^1 x\,dx", "∫₀¹ x dx"),
        (r"\alpha \leq \beta", "α ≤ β"),
        (r"x_{i+1}^2", "xᵢ₊₁²"),
        (r"e^{i\pi}", "e^(iπ)"),
        (r"90^\circ", "90°"),
        (r"f'(x)", "f′(x)"),
        (r"\left(\frac{1}{2}\right)^{n}", "(1/2)ⁿ"),
        (r"a \equiv b \pmod{n}", "a ≡ b (mod n)"),
        (r"\mathbb{R}^n", "ℝⁿ"),
        (r"\binom{n}{k}", "C(n, k)"),
        (r"\text{if } x \ge 0", "if x ≥ 0"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "(1 2; 3 4)"),
        (r"\begin{aligned} a &= b + 1 \\ &= 2 \end{aligned}", "a = b + 1\ue002= 2"),
    ],
)
def test_a_formula_is_readable(source: str, shown: str) -> None:
    assert readable(source) == shown


def test_the_box_around_an_answer_is_found() -> None:
    assert split_boxes(readable(r"x = \boxed{\frac{1}{2}}!")) == [
        ("x = ", False),
        ("1/2", True),
        ("!", False),
    ]


@pytest.mark.parametrize(
    "source", [r"\frac", r"x^{", r"\begin{cases", "{" * 200, r"\unknown{x}", "^_^", "\\", "'" * 50]
)
def test_broken_latex_harms_nothing(source: str) -> None:
    assert readable(source).isprintable()


def test_foreign_box_marks_are_dropped() -> None:
    assert split_boxes(readable("a\ue000b\ue001")) == [("ab", False)]
