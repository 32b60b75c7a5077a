"""Markdown as rows: what a stream leaves on the screen is what a fresh rendering of the whole would show."""

from __future__ import annotations

from time import sleep
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from r1tui.domain.clean import Clean
from r1tui.widgets.transcript import code
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.ink import BOLD, REVERSE, STRIKE, Ink
from r1tui.widgets.transcript.render import Look, present_look

LOOK = Look(60)
PIECES = [
    "a paragraph of some words",
    "你好，世界。这是一个很长的中文句子，没有空格。",
    "👨‍👩‍👧 👍🏽 family",
    "שלום עולם",
    "unbroken" * 12,
    "- item",
    "-",
    "1.",
    "  indented",
    "- [ ] to do",
    "- [x] done",
    "+ other list",
    "1. one",
    "2) two",
    "   - nested",
    "     continued",
    "```python\ndef f():\n    return '''x\n",
    "'''",
    "```",
    "~~~",
    "- ```\n  code in a list\n  ```\n",
    "> quoted\n> - list in it\n",
    "lazy continuation",
    "[foo]: /url",
    "[foo]: <other> 'title'",
    "[bar]:",
    "'title on the next line'",
    "see [foo] and [bar] or [text](http://example.com/a_b)",
    "a | b\n--|--\n1 | 2\n",
    "| left | right |\n|:--|--:|\n",
    "| cell | 宽 |",
    "# heading",
    "#tag",
    "===",
    "---",
    "***",
    "    indented code",
    "\\[",
    "x = \\frac{1}{2}",
    "\\]",
    "$$",
    "$x^2$ and $5 and $10",
    "\\boxed{42}",
    "| $|x|$ | `|` | 3 |",
    "$$\n\nx = 1\n\n",
    "y = 2 $$",
    "**bold",
    "** *",
    "`code`",
    "<div>&amp;&#27;</div>",
    "\t- tab",
    "",
]
markdown = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(["\n", "\n", "\n\n", " ", ""])), max_size=14
).map(lambda parts: "".join(piece + end for piece, end in parts))


def fresh(source: str, look: Look = LOOK) -> MarkdownRows:
    rows = MarkdownRows(look)
    rows.feed(cast(Clean, source), final=True)
    return rows


def streamed(source: str, cuts: list[int], look: Look = LOOK) -> MarkdownRows:
    rows = MarkdownRows(look)
    for cut in sorted({cut % (len(source) + 1) for cut in cuts}):
        rows.feed(cast(Clean, source[:cut]), final=False)
    rows.feed(cast(Clean, source), final=True)
    return rows


def taken(rows: MarkdownRows, source: str) -> None:
    """Feed a text that goes on; after a parse that a busy machine made slow it is not taken at once."""
    while not rows.feed(cast(Clean, source), final=False):
        sleep(0.01)


def text(source: str, look: Look = LOOK) -> list[str]:
    return [row.text for row in fresh(source, look).rows]


@pytest.fixture(scope="module", autouse=True)
def _python_lexer() -> None:
    code.load_lexer("python")


@settings(max_examples=400, deadline=None)
@given(markdown, st.lists(st.integers(0, 2000), max_size=40), st.sampled_from([20, 60, 98]))
def test_a_stream_ends_with_the_rows_of_a_fresh_rendering(source: str, cuts: list[int], width: int) -> None:
    look = Look(width)
    assert [row.runs for row in streamed(source, cuts, look).rows] == [
        row.runs for row in fresh(source, look).rows
    ]


@settings(max_examples=100, deadline=None)
@given(markdown)
def test_a_stream_character_by_character_ends_the_same(source: str) -> None:
    assert [row.runs for row in streamed(source, list(range(len(source))), LOOK).rows] == [
        row.runs for row in fresh(source).rows
    ]


@settings(max_examples=200, deadline=None)
@given(markdown, st.integers(12, 100))
def test_no_row_is_wider_than_the_transcript(source: str, width: int) -> None:
    assert all(cell_len(row.text) <= width for row in fresh(source, Look(width)).rows)


@settings(max_examples=200, deadline=None)
@given(markdown)
def test_no_control_character_comes_out_of_markdown(source: str) -> None:
    assert all(row.text.isprintable() or "\u200d" in row.text for row in fresh(source).rows)


def test_a_finished_block_is_not_rendered_again() -> None:
    rows = MarkdownRows(LOOK)
    rows.feed(Clean("first\n\nsecond\n\nthird\nmore\n"), final=False)
    first = rows.rows[0]
    taken(rows, "first\n\nsecond\n\nthird\nmore\nand more")
    assert rows.rows[0] is first


def test_a_link_definition_that_comes_late_makes_the_link() -> None:
    source = "See [docs].\n\nText.\n\nMore.\n\n[docs]: http://example.com\n"
    rows = streamed(source, list(range(len(source))))
    assert rows.rows[0].text == "See docs (http://example.com)."


def test_a_line_break_of_the_source_is_kept() -> None:
    assert text("one\ntwo") == ["one", "two"]


def test_a_long_table_cell_wraps_within_its_column() -> None:
    lines = text("| name | what |\n|--|--|\n| a | " + "word " * 30 + "|\n", Look(30))
    assert all(cell_len(line) <= 30 for line in lines)
    assert sum("word" in line for line in lines) > 3


def test_a_table_with_more_columns_than_fit_is_shown_row_by_row() -> None:
    source = (
        "|"
        + "|".join(f"head{n}" for n in range(12))
        + "|\n"
        + "|--" * 12
        + "|\n|"
        + "|".join("x" * 12)
        + "|\n"
    )
    lines = text(source, Look(30))
    assert "head0: x" in lines
    assert "head11: x" in lines


def test_right_aligned_columns_end_at_the_same_cell() -> None:
    lines = text("| n |\n|--:|\n| 1 |\n| 1234 |\n")
    assert lines == ["   n", "────", "   1", "1234"]


def test_an_ordered_list_counts_from_its_first_number() -> None:
    assert text("3. a\n1. b\n1. c\n") == ["3. a", "4. b", "5. c"]


def test_the_address_of_a_link_is_shown_once() -> None:
    assert text("[docs](http://x.org) and <http://y.org>") == ["docs (http://x.org) and http://y.org"]


def test_html_is_text() -> None:
    assert text("<b>bold</b>\n\n<script>x</script>") == ["<b>bold</b>", "", "<script>x</script>"]


def test_a_break_of_html_is_one_in_a_cell_and_in_a_paragraph_but_not_in_code() -> None:
    assert text("| a | b |\n|--|--|\n| one<br>two<BR />three | `<br>` stays |\n") == [
        "a     │ b",
        "──────────────────",
        "one   │ <br> stays",
        "two   │ ",
        "three │ ",
    ]
    assert text("first<br/>\nsecond <br> third <brx>") == ["first", "second", "third <brx>"]


def test_a_task_list_shows_its_boxes() -> None:
    assert text("- [ ] open\n- [x] done\n") == ["• [ ] open", "• [✓] done"]


def test_an_entity_cannot_smuggle_a_control_in() -> None:
    assert "\u202e" not in text("abc &#8238; def &#x9b;31m")[0]
    assert "\x9b" not in text("abc &#8238; def &#x9b;31m")[0]


def test_marks_set_attributes_and_not_only_colours() -> None:
    runs: dict[str, int] = dict(fresh("**b** ~~s~~").rows[0].runs)
    assert runs["b"] & BOLD
    assert runs["s"] & STRIKE


def test_a_boxed_answer_stands_apart_with_a_sign() -> None:
    (row,) = [row for row in fresh("So:\n\n\\[ \\boxed{\\frac{1}{2}} \\]\n").rows if "1/2" in row.text]
    assert ("◆ 1/2", Ink.BOXED | BOLD | REVERSE) in row.runs


def test_the_steps_of_a_calculation_stand_below_each_other() -> None:
    steps = r"\begin{aligned} x &= 1 + 1 \\ &= \boxed{2} \\ y &= 3 \end{aligned}"
    rows = [row.text for row in fresh(f"So:\n\n\\[ {steps} \\]\n\nand ${steps}$ too.\n").rows if row.text]
    assert rows == ["So:", "  x = 1 + 1", "    = ◆ 2", "  y = 3", "and x = 1 + 1 ; = ◆ 2 ; y = 3 too."]


def test_prices_are_not_mathematics() -> None:
    for money in ("$5 and $10", "from $5 to 10$ each", "US$5 = A$7", "$HOME/bin:$PATH"):
        assert text(money) == [money]


def test_formulas_keep_their_backslashes_from_markdown() -> None:
    assert text(r"\(a_1 * b_2 * c\)") == ["a₁ * b₂ * c"]
    assert text(r"$\alpha_1$ and \\(x\\)")[0].startswith("α₁")


def test_an_ascii_terminal_gets_a_formula_in_ascii() -> None:
    assert text(r"\(x^2 \leq \alpha\)", Look(60, ascii=True)) == ["x^2 <= alpha"]


def test_the_source_of_a_formula_shows_where_it_is_wanted() -> None:
    source = "So \\(x^2\\) and\n\n\\[\n\\frac{a}{b}\n\\]\n"
    assert text(source, Look(60, formulas=False)) == [
        "So \\(x^2\\) and",
        "",
        "  \\[",
        "  \\frac{a}{b}",
        "  \\]",
    ]


@pytest.mark.parametrize(
    "formula",
    [
        r"\(\frac{a_1 * b * c}{2}\)",
        r"\[ a_1*b*c \\ 2 \]",
        r"$$ x*y*z_{1} $$",
        r"$x^2*y*z_{3}$",
        r"$\|v\|_* \{a\}$",
        r"\boxed{a*b*c \% d}",
    ],
)
def test_a_formula_that_has_not_ended_shows_its_source_until_it_has(formula: str) -> None:
    for end in range(2, len(formula) - 1):
        if formula[end] in "^_{}*" and formula.startswith("$x^2") and end < 3:
            continue  # "$x" may still be a price's or a shell's
        shown = " ".join(line.strip() for line in text(f"So {formula[:end]}"))
        assert shown == " ".join(f"So {formula[:end]}".split())


def test_a_display_formula_is_drawn_where_it_fits_and_on_one_line_where_not() -> None:
    source = r"\[ x = \frac{-b \pm \sqrt{b^2-4ac}}{2a} \]"
    assert text(source) == ["      -b ± √(b²-4ac)", "  x = ──────────────", "            2a"]
    assert text(source, Look(16)) == ["  x =", "(-b±√(b²-4ac))/(", "2a)"]


def test_a_display_formula_over_several_lines_is_no_list() -> None:
    assert text("\\[\na\n+ b\n- c\n\\]\nafter\n") == ["  a + b - c", "after"]


def test_an_unclosed_display_formula_ends_at_the_blank_line() -> None:
    assert text("\\[\nx\n\n- item\n")[-1] == "• item"


def test_code_blocks_are_numbered_and_kept_as_written() -> None:
    rows = fresh("```python\nx = 1\n\n```\n\ntext\n\n    indented\n\n- ```sh\n  ls\n  ```\n")
    assert [block.text for block in rows.codes()] == ["x = 1\n", "indented", "ls"]
    labels = [row.text for row in rows.rows if "╭─" in row.text]
    assert labels == ["╭─ python ── 1 copies", "╭─ 2 copies", "• ╭─ sh ── 3 copies"]


def test_code_is_highlighted_over_the_lines_of_a_string() -> None:
    rows = fresh('```python\nx = """a\nfor b in c\n"""\n```\n').rows
    inside = next(row for row in rows if "for b" in row.text)
    assert inside.runs == (("│ ", Ink.CODE), ("for b in c", Ink.STRING))


def test_a_line_of_a_long_open_fence_costs_no_more_at_its_end() -> None:
    rows = MarkdownRows(LOOK)
    source = "```python\n" + "x = 1\n" * 3000
    rows.feed(source, final=False)
    before = rows.rows[100]
    taken(rows, source + "y = 2\n")
    assert rows.rows[100] is before
    assert rows.rows[-1].text == "│ y = 2"


def test_folded_long_code_loses_no_character() -> None:
    line = "x = '" + "長い文字列 with spaces " * 10 + "'"
    rows = fresh(f"```python\n{line}\n```\n", Look(24)).rows
    assert "".join(row.text[row.lead :] for row in rows[1:]) == line


def test_a_very_dear_parse_is_not_repeated_at_once() -> None:
    rows = MarkdownRows(LOOK)
    source = "- " + "**a** `b` [c](d) " * 4000
    assert rows.feed(source, final=False)
    assert not rows.feed(source + "x", final=False)
    assert rows.feed(source + "xy", final=True)
    assert rows.rows[-1].text.endswith("xy")


def test_the_bar_of_reasoning_and_of_quotes_goes_on_through_blank_lines() -> None:
    lines = text("a\n\nb\n\n- c\n\n- d\n\n```\nx\n\ny\n```\n", present_look(40, thinking=True))
    assert all(line.startswith("│") for line in lines)
    assert all(line.startswith("│") for line in text("> a\n>\n> b\n>\n> ```\n> x\n>\n> y\n> ```\n"))


def test_the_rest_of_a_line_of_code_that_does_not_fit_has_a_sign() -> None:
    lines = text("```\nabcdefghijklmnop\nshort\n```\n", Look(12))
    assert lines[1:] == ["│ abcdefgh", "│ ↪ ijklmnop", "│ short"]


def test_a_number_before_a_formula_does_not_run_into_it() -> None:
    assert text(r"2\(\frac{1}{3}\) cups") == ["2 1/3 cups"]


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ("-\n\n  text", ["• text"]),
        ("1.\n\n   text", ["1. text"]),
        ("1.\ntext", ["1. text"]),
        ("*\n  text", ["• text"]),
        ("1. \n   **Step**:", ["1. Step:"]),
        ("- a\n-\n\n  b\n- c", ["• a", "• b", "• c"]),
        ("1.\n\n   - inner", ["1. • inner"]),
        ("-\n\n  > said", ["• │ said"]),
        ("-\n\n  text\n\n  more", ["• text", "", "  more"]),
        ("- a\n-\n\nafter", ["• a", "• ", "", "after"]),
        ("> -\n>\n>   text", ["│ • text"]),
        ("> 1.\n> text", ["│ 1. text"]),
        ("> - a\n> -\n>\n>   b\n> - c", ["│ • a", "│ • b", "│ • c"]),
        ("> - a\n> -\n>\n> after", ["│ • a", "│ •", "│", "│ after"]),
        ("- a\n\n  -\n\n    b", ["• a", "", "  • b"]),
        ("- a\n\n  1.\n\n     b\n\n     c", ["• a", "", "  1. b", "", "     c"]),
        ("- a\n\n  -\n\n  # head", ["• a", "", "  •", "", "  head"]),
        ("- a\n\n  -\n  - b", ["• a", "", "  •", "  • b"]),
    ],
)
def test_the_text_below_an_empty_bullet_joins_its_line(source: str, rows: list[str]) -> None:
    assert [row.rstrip() for row in text(source)] == [row.rstrip() for row in rows]


def test_a_bullet_without_text_shows_at_once_and_its_text_joins_it() -> None:
    rows = MarkdownRows(LOOK)
    rows.feed(Clean("-"), final=False)
    assert [row.text.rstrip() for row in rows.rows] == ["•"]
    taken(rows, "-\n\n  text")
    assert [row.text for row in rows.rows] == ["• text"]


def test_the_bar_of_code_goes_on_through_blank_and_wrapped_lines() -> None:
    code = "```\nabcdefghijklmnop\n\nshort\n```\n"
    assert text(code, Look(12))[1:] == ["│ abcdefgh", "│ ↪ ijklmnop", "│ ", "│ short"]
    quoted = "".join(f"> {line}\n" for line in code.splitlines())
    label, *rows = text(quoted, Look(12))
    assert label.startswith("│ ╭─")
    assert len(rows) > 3
    assert all(row.startswith("│ │ ") for row in rows)


def test_the_bar_of_a_quote_goes_on_through_blank_and_wrapped_lines() -> None:
    rows = text("> one two three four five\n>\n> - six seven eight nine\n>\n> ten\n", Look(16))
    assert len(rows) > 6
    assert all(row.startswith("│") for row in rows)


def test_a_fence_below_an_empty_bullet_begins_on_its_line() -> None:
    assert [row.rstrip() for row in text("1.\n```\ncode\n```")] == ["1. ╭─ 1 copies", "   │ code"]
