"""What an answer says is what the terminal shows: formulas, lists, code, reasoning, in both languages."""

from __future__ import annotations

import asyncio

from tests.support.scripted import ScriptedServer
from tests.support.steps import SIZES, Start, answered, opened_on, sees

FORMULAS = {
    r"\det A = -2": "det A = -2",
    r"\gcd(12,18)=6": "gcd(12, 18) = 6",
    r"\cot x, \sec x": "cot x, sec x",
    r"\arg z < \deg p": "arg z < deg p",
    r"\dim V > \ker f": "dim V > ker f",
    r"\Pr(A) = 1": "Pr(A) = 1",
    r"\|v\| = 3": "‖v‖ = 3",
    r"2\frac{1}{3}": "2 1/3",
    r"\frac{a}{bc}": "a/(bc)",
    r"\sin x + \sqrt{2}": "sin x + √2",
    r"\unknownmacro + 1": "unknownmacro",
    r"\boxed{42}": "42",
}
"""What the tour of a new user saw wrongly, and what stands there now."""


@SIZES
async def test_formulas_show_every_letter_and_a_key_shows_their_source(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    await answered(app, scripted, "\n".join(rf"\({source}\)" for source in FORMULAS))
    await sees(app, *FORMULAS.values())
    app.send("ctrl+up", "m")
    await sees(app, r"\det A = -2", r"2\frac{1}{3}", r"\boxed{42}")
    app.send("m")
    await sees(app, *FORMULAS.values())


async def test_displayed_fractions_and_matrices_are_drawn_on_several_lines(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    matrix = r"\[ A = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \]"
    await answered(app, scripted, r"\[ x = \frac{-b \pm \sqrt{b^2-4ac}}{2a} \]" + "\n\n" + matrix)
    shown = await asyncio.to_thread(app.wait_match, r"───.*\n.*2a(?s:.*)1 +2.*\n.*3 +4")
    rows = shown.string.splitlines()
    bar = next(at for at, row in enumerate(rows) if "───" in row and "x =" in row)
    assert "-b ± √(b²-4ac)" in rows[bar - 1].replace("−", "-")
    assert "2a" in rows[bar + 1]
    first = next(at for at, row in enumerate(rows) if "1" in row and "2" in row and at > bar + 1)
    assert "3" in rows[first + 1]
    assert "4" in rows[first + 1]


@SIZES
async def test_lists_code_and_reasoning_keep_their_marks(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    code = "value = '" + "word " * 40 + "'"
    content = (
        f"-\n\n  the text of an empty bullet\n\n> -\n>\n>   the same in a quote\n\n```python\n{code}\n```\n"
    )
    await answered(app, scripted, content, "one thought\n\nanother thought\n\n- a list\n\nthe last")
    app.send("ctrl+t")
    await sees(app, "the last")
    app.send("ctrl+up", "home")
    rows = (await asyncio.to_thread(app.wait_for, "another thought")).splitlines()
    thought = [at for at, row in enumerate(rows) if "thought" in row or "the last" in row]
    assert all("│" in row for row in rows[thought[0] : thought[-1] + 1])
    app.send("end")
    await sees(app, "• the text of an empty bullet", "│ • the same in a quote", "↪")


async def test_the_palette_says_in_chinese_that_nothing_matches(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted, env={"LANG": "zh_CN.UTF-8"})
    app.send("ctrl+p")
    await sees(app, "想做什么？")
    app.write("zzzzqqq")
    await sees(app, "没有匹配的命令")
    assert "No matches" not in app.screen_text()
