"""Which answer of a text is counted, and which answers are equal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from r1tui.domain.answer_form import form, same
from r1tui.domain.final_answer import final_answer

EXTRACTED: list[tuple[str, str | None]] = [
    # boxes
    (r"So \boxed{42}.", "42"),
    (r"\boxed{ 42 }", "42"),
    (r"\boxed {42}", "42"),
    (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
    (r"\boxed{\left\{x \mid x > \frac{1}{2}\right\}}", r"\left\{x \mid x > \frac{1}{2}\right\}"),
    (r"First \boxed{3}, then \boxed{5}.", "5"),
    (r"\boxed{5} and an empty \boxed{}", "5"),
    (r"\boxed{5} and one that is cut off \boxed{6", "5"),
    (r"\boxed{x = \boxed{7}}", "7"),
    (r"$$\boxed{x = 7}$$", "7"),
    (r"\fbox{9}", "9"),
    (r"\boxed{\text{Paris}}", r"\text{Paris}"),
    (r"\boxed{\text{(B)}}", "B"),
    (r"\boxed{B. 12}", "B"),
    (r"{ an open brace \boxed{8}", "8"),
    (r"} a closing one \boxed{8}", "8"),
    (r"\boxed{8} The answer is 9.", "8"),
    (r"\boxed{6", None),
    (r"\boxed{}", None),
    ("The box says \\boxed{\n  12\n}", "12"),
    # phrases
    ("The answer is 42.", "42"),
    ("The answer is 42", "42"),
    ("the final answer is: 42", "42"),
    ("Answer: 42", "42"),
    ("**Answer:** 42", "42"),
    ("**Answer**: 42", "42"),
    ("### Final Answer\n**The answer is 42.**", "42"),
    ("The answer is **42**.", "42"),
    ("The answer is $42$.", "42"),
    (r"The answer is \(42\).", "42"),
    ("The final answer is:\n\n\\[\n42\n\\]", "42"),
    ("The final answer is\n$$42$$", "42"),
    ("The answer is 42, because 6 times 7 is 42.", "42"),
    ("The answer is 42 because there are 7 days.", "42"),
    ("The answer is 12 + 30 = 42.", "42"),
    ("The answer is x = 42.", "42"),
    ("The answer is 3.5.", "3.5"),
    ("The answer is -7.", "-7"),
    ("The answer is 1,234.", "1,234"),
    ("The answer is 50%.", "50%"),
    ("The answer is 3/4.", "3/4"),
    ("The answer is 3/4 of the whole cake.", "3/4"),
    (r"The answer is $\frac{3}{4}$.", r"\frac{3}{4}"),
    ("The answer is (1, 2).", "(1, 2)"),
    ("The answer is [0, 1).", "[0, 1)"),
    ("The answer is 2, 3.", "2, 3"),
    ("The answer is x = 2 or x = 3.", "x = 2 or x = 3"),
    ("The answer is 5 km.", "5 km"),
    ("Answer: $\\frac{3}{4}$ (or 0.75)", r"\frac{3}{4}"),
    ("The answer is **B) 12**.", "B"),
    ("The answer is option B.", "B"),
    ("因此，最终答案是 $\\frac{1}{3}$。", r"\frac{1}{3}"),
    ("所以正确答案是 B。", "B"),
    ("**最终答案**：10 元", "10 元"),
    ("**Answer**\n\n42", "42"),
    ("The answer is (B).", "B"),
    ("The answer is (B) Paris", "B"),
    ("The answer is B: Paris", "B"),
    ("The correct option is C.", "C"),
    ("The correct choice is D) 7", "D"),
    ("The answer is yes.", "yes"),
    ("The answer is New York.", "New York"),
    ("The answer to the question is 9.", "9"),
    ("The answer (in metres) is 9.", "9"),
    ("The answer would be 9.", "9"),
    ("The result is 9.", "9"),
    ("The solution is 9.", "9"),
    ("At first the answer is 5. No: the answer is 6.", "6"),
    ("The answer is 5. It is not that the answer is not 5.", "5"),
    ("The answer is not 5.", None),
    ("The answer is that a dog has 4 legs in the usual case", "4"),
    ("答案是42。", "42"),
    ("答案是：42", "42"),
    ("**答案：** 42", "42"),
    ("所以，答案为 42 个。", "42 个"),
    ("最终答案应该是 3.5。", "3.5"),
    ("答案是三分之二。", "三分之二"),
    ("答案是百分之五十", "百分之五十"),
    ("答案是 42，因为 6 乘 7 等于 42。", "42"),
    ("结果等于 1,234", "1,234"),
    ("故选B。", "B"),
    ("所以选 C", "C"),
    ("答案选（D）。", "D"),
    ("因此选择 A。", "A"),
    ("正确选项为 E", "E"),
    ("答案不是 5", None),
    ("答案是北京。", "北京"),
    # the last line
    ("42", "42"),
    ("We add.\n\n42", "42"),
    ("We add.\n\n6 * 7 = 42", "42"),
    ("We add.\n\n**42**", "42"),
    ("We add.\n\n$42$\n", "42"),
    ("We add.\n\n(B)", "B"),
    ("We add.\n\n```\n42\n```", "42"),
    ("We add.\n\nParis", "Paris"),
    ("这样\n\n十二", "十二"),
    ("The capital of France is Paris.", None),
    ("I hope this helps", None),
    ("Thank you!", None),
    ("And so:", None),
    ("What else?", None),
    ("这是一个很长的句子没有答案", None),
    # the last line, behind what may also stand before anything else
    ("So it is 408.", "408"),
    ("It is 408.", "408"),
    ("It is **408**.", "408"),
    ("It's 408.", "408"),
    ("Thus, that is $408$.", "408"),
    ("We add 340 and 68.\n\nSo it is 12 * 34 = 408.", "408"),
    ("12 times 34: 340 and 68. It is 408. I hope this helps!", "408"),
    ("340 and 68 are 408, so it is 408.", "408"),
    ("It is 408 because 12 times 34 is that.", "408"),
    ("It is 408 apples.", "408 apples"),
    ("It is 1,234.5 km", "1,234.5 km"),
    ("So it is B.", "B"),
    ("It is (C), the third one.", "C"),
    (r"So it is $\sqrt{3}$.", r"\sqrt{3}"),
    ("So it is 2x + 1.", "2x + 1"),
    ("So this equals 3/4.", "3/4"),
    ("So it is (1, 2).", "(1, 2)"),
    ("x " * 100 + "So it is 408.", "408"),
    ("所以是 408。", "408"),
    ("所以，是 408。", "408"),
    ("因此就是 **408**。", "408"),
    ("一共是 12 个。", "12 个"),
    ("先算 340 加 68，所以是 408。", "408"),
    ("它等于 408。", "408"),
    ("所以是 B。", "B"),
    ("所以是四百零八。", "四百零八"),
    ("It is raining.", None),
    ("It is raining", None),
    ("So it is.", None),
    ("It is 5 o'clock in Paris, and everybody sleeps.", None),
    ("It is a good day.", None),
    ("It is a.", None),
    ("It is 5 of the seven that we had before.", None),
    ("It is not 408.", None),
    ("Is it so? It is 408?", None),
    ("Tell me if it is 5.", None),
    ("This is it", None),
    ("所以是北京。", None),
    ("所以不是 408。", None),
    ("这是一个问题。", None),
    ("A line of well over forty characters, which is no short answer at all: 42", None),
    ("", None),
    (" \n ", None),
    # what is hostile
    ("\\boxed{" * 50, None),
    ("}" * 50 + r"\boxed{3}", "3"),
    (r"\boxed{" + "9" * 400 + "}", None),
]

EQUAL: list[tuple[str, str]] = [
    # fractions and decimals
    (r"\frac{1}{2}", "0.5"), (r"\frac12", "1/2"), (r"\dfrac{1}{2}", r"\tfrac{1}{2}"), ("½", "0.5"), (".5", "0.50"),
    (r"-\frac{1}{2}", r"\frac{-1}{2}"), (r"\frac{1}{-2}", "-0.5"), (r"\frac{2}{4}", "1/2"), ("−3", "-3"), ("+3", "3"),
    ("3 1/2", "3.5"), (r"3\frac{1}{2}", "7/2"), ("3½", "3.5"), (r"0.\overline{3}", "1/3"), (r"0.1\overline{6}", "1/6"),
    ("42.0", "42"), ("007", "7"), ("1e3", "1000"), (r"3\times 10^8", "3e8"), (r"3 \cdot 10^{8}", "300000000"),
    ("2^{10}", "1024"), ("2^10", "1024"), ("2**10", "1024"), ("10^{-2}", "0.01"), ("-0", "0"), ("６", "6"), ("2²", "4"),
    # percentages, thousands
    ("50%", "0.5"), (r"50\%", "1/2"), ("50 percent", "50 %"), (r"50\text{ percent}", "0.5"), ("0.5%", "1/200"),
    ("1,234", "1234"), ("1,234,567.5", "1234567.5"), ("1{,}234", "1234"), (r"1\,234", "1234"), ("1 234", "1234"),
    (r"1,\!234", "1234"), ("3 million", "3000000"), ("1.5万", "15000"), ("2 thousand", "2,000"),
    # units and words around
    ("5 cm", "5"), (r"5\text{ cm}", "5"), (r"5 \text{ cm}^2", "5"), (r"5\ \mathrm{m/s}", "5"), ("5 m/s", "5"), ("$5", "5"),
    (r"\$5.00", "5"), ("5 dollars", "5"), ("5 apples", "5"), ("90°", "90"), (r"90^\circ", "90 degrees"), ("5元", "5"),
    (r"90^{\circ}", "90"), ("12 个", "12"), ("25平方厘米", "25"), ("约 5", "5"), (r"\approx 5", "5"), ("about 5", "5"),
    ("x = 5", "5"), ("f(x) = 5", "5"), (r"\text{Area} = 5", "5"), ("2 + 3 = 5", "5"), ("5.", "5"), ("**5**", "$5$"),
    (r"x \in [0, 1]", "[0,1]"), (r"\(5\)", "5"), ("(5)", "5"),
    # intervals, tuples, sets
    ("(1, 2)", "(1,2)"), (r"\left(1, 2\right)", "(1,2)"), (r"\left(\frac{1}{2}, 2\right)", "(0.5, 2)"), ("(1; 2)", "(1,2)"),
    (r"\langle 1, 2\rangle", "(1,2)"), ("[0,100]", "[0, 100]"), ("]0, 1[", "(0,1)"), ("[0, 1[", "[0,1)"),
    (r"(-\infty, 2)", "(-∞,2)"), (r"(-\infty,2)\cup(3,\infty)", "(3,∞) ∪ (-∞,2)"), (r"\{1, 2\}", r"\{2, 1\}"),
    ("{1, 2}", r"\left\{ 1, 2 \right\}"), ("2, 3", "3, 2"), ("2 or 3", "2, 3"), ("1/2 or 0.5", "50%"), ("x = 2 or x = 3", r"\{2,3\}"),
    ("2 and 3", "2,3"), ("2或3", "2, 3"), (r"\pm 3", "3, -3"), (r"x=\pm 3", "-3 or 3"), ("x=1, y=2", "y = 2, x = 1"),
    (r"2 \text{ or } 3", "2 or 3"), ("1，2", "1, 2"), (r"(1, 2), (3, 4)", "(3,4), (1,2)"),
    # choices
    ("A", "(A)"), ("A", "A."), ("B", r"\text{B}"), ("B", r"\textbf{(B)}"), ("C", "Option C"), ("C", "choice c".replace("c", "C")),
    ("D", "选D"), ("D", "选项 D"), ("E", "(E) 12"), ("E", "E. Paris"), ("A", "**A**"), ("A", "[A]"), ("B", r"\textbf{(B) }12"),
    ("A", "（A）"),
    # Chinese numerals
    ("十二", "12"), ("一百零五", "105"), ("三千零二十", "3020"), ("两万", "20000"), ("三分之二", "2/3"), ("百分之五十", "0.5"),
    ("二又三分之一", "7/3"), ("三点一四", "3.14"), ("负五", "-5"), ("二〇二四", "2024"), ("十二个", "12"), ("三个苹果", "3"),
    ("一亿二千万", "120000000"), ("半", "0.5"), ("五元", "5"), ("百分之12.5", "1/8"),
    # words, spacing, expressions
    ("Yes", "yes."), ("Yes!", "yes"), ("New York", r"\text{New York}"), ("x^{2}+1", "x^2 + 1"), (r"\sqrt{3}", "√3"), (r"\sqrt3", "sqrt(3)"),
    (r"2\sqrt{3}", r"2 \cdot \sqrt{3}"), (r"2\pi", "2π"), (r"\frac{x+1}{2}", "(x+1)/2"), (r"x\,+\,1", "x+1"), ("2x", r"2\,x"),
    (r"x \le 3", "x ≤ 3"), ("x²", "x^2"), (r"\dfrac{\sqrt{2}}{2}", r"\frac{\sqrt 2}{2}"), ("3:2", "3 : 2"),
]  # fmt: skip

DIFFERENT: list[tuple[str, str]] = [
    ("0.333", "1/3"), ("50", "50%"), ("3 1/2", "31/2"), ("1,234", "1, 234"), ("(1,234)", "1234"), ("(1, 2)", "(2, 1)"),
    ("(0, 1)", "[0, 1]"), ("[0, 1)", "(0, 1]"), ("A", "B"), ("a", "A"), ("2x", "2"), ("5x", "5y"), ("5m", "5"), ("10-20", "-10"),
    ("3:2", "1.5"), ("5xyz", "5"), ("四川", "4"), ("三角形", "3"), ("x^{10}", "x^{1}0"), ("1/0", "0"), ("2 sin x", "2"),
    ("5 more than 2", "5"), ("5 times 2", "5"), ("x=1, y=2", "x=2, y=1"), (r"\{2\}", "2"), (r"\sqrt{3}", r"\sqrt{2}"),
    ("2 pm", "2 am"), ("5 degrees below zero", "5"), ("3 north", "3 south"), ("5 degrees north", "5"), ("5!", "5"),
    ("12", "1 2"), ("3成", "3"), ("2X", "2x"), ("10:30", "10"), ("yes", "no"), ("5 squared", "5"), ("y = 2x + 1", "y = 2x"),
]  # fmt: skip


def test_the_tables_hold_enough() -> None:
    assert len(EXTRACTED) + len(EQUAL) + len(DIFFERENT) >= 150


@pytest.mark.parametrize(("text", "found"), EXTRACTED, ids=[repr(text)[:60] for text, _ in EXTRACTED])
def test_the_counted_answer(text: str, found: str | None) -> None:
    assert final_answer(text) == found


@pytest.mark.parametrize(("one", "other"), EQUAL, ids=[f"{one} = {other}" for one, other in EQUAL])
def test_equal_however_it_is_written(one: str, other: str) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT, ids=[f"{one} ≠ {other}" for one, other in DIFFERENT])
def test_what_is_not_shown_equal_is_two_answers(one: str, other: str) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_an_answer_that_was_cut_off_counts_by_its_box_alone() -> None:
    assert final_answer("The answer is 42", whole=False) is None
    assert final_answer(r"\boxed{42} is what", whole=False) == "42"


# Properties

WRITTEN = sorted({text for pair in (*EQUAL, *DIFFERENT) for text in pair})
SPACES = st.sampled_from([" ", "  ", "\t", "\u00a0", "\u2009", r"\,", r"\;", r"\ ", r"\quad ", "~", "\n"])
ANY_TEXT = st.one_of(
    st.sampled_from(WRITTEN),
    st.text(max_size=40),
    st.text(alphabet="0123456789.,/%+-^*(){}[]\\$ abxABC=∪°一二十百分之点", max_size=30),
)


@given(ANY_TEXT, ANY_TEXT)
def test_equality_is_symmetric(one: str, other: str) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)


@given(st.lists(st.sampled_from(WRITTEN), min_size=3, max_size=3))
def test_equality_is_transitive(texts: list[str]) -> None:
    one, two, three = texts
    if same(one, two) and same(two, three):
        assert same(one, three)
    assert len({form(each) for each in texts}) == 3 - same(one, two) - (same(two, three) or same(one, three))


def test_any_blank_may_stand_before_a_commands_argument() -> None:
    assert same("\\frac{\\sqrt\t2}{2}", "\\frac{\\sqrt\n2}{2}")
    assert same("\\frac{\\sqrt\t2}{2}", r"\frac{\sqrt 2}{2}")


@given(st.sampled_from(WRITTEN), st.data())
def test_an_answer_equals_itself_through_any_spacing(text: str, data: st.DataObject) -> None:
    pieces = text.replace(r"\ ", " ").split(" ")
    spaced = pieces[0]
    for piece in pieces[1:]:
        spaced += "".join(data.draw(st.lists(SPACES, min_size=1, max_size=3))) + piece
    around = "".join(data.draw(st.lists(SPACES, max_size=2)))
    assert same(text, around + spaced + around), spaced


@given(
    st.fractions(max_denominator=10**6),
    st.sampled_from(["{}/{}", r"\frac{{{}}}{{{}}}", r"\dfrac{{{}}}{{{}}} \text{{ cm}}"]),
)
def test_numbers_are_equal_by_value(number, shape: str) -> None:  # type: ignore[no-untyped-def]
    written = shape.format(number.numerator, number.denominator)
    assert form(written) == ("number", number)


@given(st.integers(-(10**9), 10**9))
def test_thousands_are_separated_or_not(number: int) -> None:
    assert form(f"{number:,}") == form(str(number)) == ("number", number)


@given(
    st.text(max_size=200), st.sampled_from([each for each in WRITTEN if "}" not in each and "{" not in each])
)
def test_what_is_boxed_at_the_end_is_found_behind_any_text(before: str, answer: str) -> None:
    assume("\\" not in before)
    found = final_answer(f"{before}\n\\boxed{{{answer}}}")
    assert found is not None
    assert same(found, answer)


@given(st.text(alphabet="\\boxed{}frac123answer is:答案是选AB.,()$\n ", max_size=400))
def test_any_text_is_taken(text: str) -> None:
    found = final_answer(text)
    assert found is None or found.strip()


HOSTILE = [
    r"\boxed{", "}", "{", r"\boxed{1}", "the answer is ", "the answer is not 1. ", "answer (", "答案", "答案是", r"\frac{", r"\frac",
    "(", "[1,", "1,111", "1 111", "\\", "\\\\", "= ", "a or b or ", "√", "{}", "1/", "^", "**", "½", "ﷺ", " ", "\n", ",", "%", "一", "分之",
]  # fmt: skip


def test_hostile_text_takes_time_that_grows_with_its_length() -> None:
    # In a process with a limit of processor time, several times what it needs: quadratic ways never come to the end.
    code = """
import resource, sys
from r1tui.domain.answer_form import form
from r1tui.domain.final_answer import final_answer
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for piece in eval(sys.stdin.read()):
    text = piece * (400_000 // len(piece))
    final_answer(text); final_answer("The answer is " + text); final_answer(text + r"\\boxed{1}")
    form(text); form(text[:300]); form("(" + text[:298] + ")")
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=repr(HOSTILE), cwd=Path(__file__).parents[2],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "done\n", done.stderr[-500:]
