"""Folded reasoning at the keys: what it says of itself while it goes on and after its end, in both languages."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.script import Answer, Gate, Say, Think
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, gone, opened_on, sees

THOUGHTS = {
    "en": ("First I add the two numbers.", "Then I look at the sign.", "Wait, let me check that."),
    "zh_CN": ("首先把两个数加起来。", "然后看看符号对不对。", "等等，让我再检查一遍。"),
}
WORDS = {"en": ("Thinking", "Thought for", "1 turn back"), "zh_CN": ("正在思考", "思考了", "回头重想 1 次")}


def set_up(home: Path, language: str) -> None:
    """Reasoning is folded from the beginning."""
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text(
        f'[interface]\nlanguage = "{language}"\nreasoning = "folded"\n'
    )


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_folded_reasoning_says_its_latest_sentence_and_in_the_end_how_often_it_turned_back(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path, language: str
) -> None:
    set_up(tmp_path / "home", language)
    first, second, third = THOUGHTS[language]
    thinking, thought, turns = WORDS[language]
    gates = [Gate(), Gate()]
    scripted.answers.append(
        Answer(
            [
                Think(f"{first} "),
                Think(second[:6]),
                gates[0],
                Think(f"{second[6:]}\n\n{third} "),
                *[Think("and so ")] * 60,  # the line moves on with what comes, once a second
                gates[1],
                Say("Four."),
            ],
            rate=20,
        )
    )
    app = await opened_on(pty_app, scripted, size=(80, 24))
    app.send("2+2?", "enter")
    await sees(app, thinking, f" · {first}")
    app.send("ctrl+t")
    await sees(app, f"│ {first}")
    app.send("ctrl+t")
    await gone(app, f"│ {first}")
    gates[0].opened.set()
    await sees(app, f" · {third}")
    gates[1].opened.set()
    await sees(app, "Four.", thought, f" · {turns}")
    await gone(app, third)


OUTLINE = {
    "en": ("reasoning by paragraphs, when each", "reasoning by paragraphs ─", "Wait, is that right?"),
    "zh_CN": ("段落及开始时间", "思考的各个段落，", "等等，这样对吗？"),
}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_the_outline_leads_to_a_paragraph_and_tells_its_time_where_that_was_seen(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path, language: str
) -> None:
    set_up(tmp_path / "home", language)
    timed, untimed, turn = OUTLINE[language]
    first = THOUGHTS[language][0]
    paragraphs = [f"{first} {n}" for n in range(30)]
    paragraphs[20] = f"{turn} twenty"
    await_all = Answer([*(Think(f"{each}\n\n") for each in paragraphs), Say("Four.")])
    scripted.answers.append(await_all)
    app = await opened_on(pty_app, scripted, size=(80, 24))
    app.send("2+2?", "enter")
    await sees(app, "Four.", WORDS[language][2])
    app.send("ctrl+up", "t")
    await sees(app, timed, "0:00 · ", f"{first} 0")
    app.send("escape")
    await gone(app, timed)
    app.send("t")
    await sees(app, timed)
    app.send(*["down"] * 20)
    await sees(app, f"0:00 ↩ {turn} twenty")
    app.send("enter")
    await sees(app, f"│ {turn} twenty", f"│ {first} 29")
    await gone(app, f"│ {first} 0")
    app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)

    app = await opened_on(pty_app, scripted, size=(80, 24))
    app.send("f6")
    await sees(app, "2+2?")
    app.send("down", "enter")
    await sees(app, "Four.")
    app.send("ctrl+up", "t")
    await sees(app, untimed, f"· {first} 0")
    assert "0:00" not in app.screen_text(), "nobody saw it come in this run"
    app.write("twenty")
    await gone(app, f"{first} 0")
    app.send("enter")
    await sees(app, f"│ {turn} twenty")
