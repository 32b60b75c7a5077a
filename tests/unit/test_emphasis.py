"""Which stars of a text are emphasis, and which are what they look like."""

from __future__ import annotations

import pytest

from r1tui.domain.clean import Clean
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.ink import BOLD, ITALIC
from r1tui.widgets.transcript.parser import parser
from r1tui.widgets.transcript.render import Look

_SIGNS = {"strong_open": "⟦", "strong_close": "⟧", "em_open": "⟨", "em_close": "⟩"}


def marked(source: str) -> str:
    """The text with its emphasis: `⟦bold⟧` and `⟨italic⟩`."""
    return "".join(
        _SIGNS.get(child.type, child.markup if child.type == "maths" else child.content)
        for token in parser().parse(source)
        for child in token.children or ()
    )


@pytest.mark.parametrize(
    "source",
    [
        "so 2*3*4 = 24 and 5*4*3*2*1 = 120",
        "a*b*c = c*b*a, x²*y²*z²",
        "2**10 and 2**5, x**n + y**n, x**2 + y**2",
        "(2*3)*4 + 5*(6*7)",
        "(x+1)**2 + (y-1)**2",
        "n!*(n-1)! + k!*(2)!, |x|*|y| + |z|*|w|, 5%*x + y*(z)",
        "f'*g + g'*(f)",
        "体积=长*宽*高，长*宽",
        "长*（宽+高）*2，5*（x）",
        "f(*args, **kwargs), g(*a)",
        "src/**/*.py, lib/**/*.js",
        "__init__ and __main__, A.__init__() of __my_name__",
        "snake_case_name, 5 * 3 * 2",
    ],
)
def test_no_sign_of_arithmetic_or_of_a_program_is_lost_as_emphasis(source: Clean) -> None:
    assert marked(source) == source
    rows = MarkdownRows(Look(100))
    rows.feed(source, final=True)
    assert [row.text for row in rows.rows] == [source]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("第二步：**“引号”**后的文字，**注意：**这里", "第二步：⟦“引号”⟧后的文字，⟦注意：⟧这里"),
        (
            "**粗体。**后，中文**粗体**中文，这是**《书名》**的",
            "⟦粗体。⟧后，中文⟦粗体⟧中文，这是⟦《书名》⟧的",
        ),
        ("和**（括号）**然后，R1**（注）**x", "和⟦（括号）⟧然后，R1⟦（注）⟧x"),
        ("**求导：**对 $f$。**结论：**成立", "⟦求导：⟧对 $f$。⟦结论：⟧成立"),
        ("R1**粗体**R2，答案是**2**个", "R1⟦粗体⟧R2，答案是⟦2⟧个"),
        ("発表は**「テスト」**です", "発表は⟦「テスト」⟧です"),
        ("在*Nature*杂志上，*强调*后面", "在⟨Nature⟩杂志上，⟨强调⟩后面"),
        ("**2*3 = 6**, **体积=长*宽*高**", "⟦2*3 = 6⟧, ⟦体积=长*宽*高⟧"),
        ("**L**arge **L**anguage **M**odel", "⟦L⟧arge ⟦L⟧anguage ⟦M⟧odel"),
        ("**a** *b* (*c*) “**d**” ***e***", "⟦a⟧ ⟨b⟩ (⟨c⟩) “⟦d⟧” ⟨⟦e⟧⟩"),
        ("__bold text__ and _it_", "⟦bold text⟧ and ⟨it⟩"),
    ],
)
def test_emphasis_is_known_between_chinese_words_and_around_arithmetic(source: str, shown: str) -> None:
    assert marked(source) == shown


def test_emphasis_is_drawn() -> None:
    rows = MarkdownRows(Look(40))
    rows.feed(Clean("看**“这里”**吧 *x*"), final=True)
    inks: dict[str, int] = dict(rows.rows[0].runs)
    assert inks["“这里”"] & BOLD
    assert inks["x"] & ITALIC
