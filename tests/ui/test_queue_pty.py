"""Questions that wait behind an answer, by keys: seen above the prompt, taken back into it, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.script import Answer, Gate, Say, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, chats, gone, opened_on, sees

WORDS = {
    "en": ("{n} waiting: ", '"{text}"', "Tab waiting", " take back"),
    "zh_CN": ("排队 {n} 条：", "“{text}”", "Tab 排队", " 取回"),
}


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_what_waits_is_seen_taken_back_and_removed(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path, language: str
) -> None:
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(f'[interface]\nlanguage = "{language}"\n')
    waiting, question, go, take = WORDS[language]
    gate = Gate()
    scripted.answers += [Answer([Say("First "), gate, Say("answer.")]), answer("Second answer.")]
    app = await opened_on(pty_app, scripted, size=(80, 24))
    app.send("one?", "enter")
    await sees(app, "First")
    app.send("two?", "enter")
    await sees(app, waiting.format(n=1) + question.format(text="two?"), go)
    app.send("three?", "enter")
    await sees(app, waiting.format(n=2) + question.format(text="two?"), question.format(text="three?"))
    app.send("four?", "enter")
    await sees(app, waiting.format(n=3), question.format(text="four?"))
    app.send("tab", "down")
    await sees(app, take)
    app.send("delete")
    await gone(app, question.format(text="three?"))
    await sees(app, waiting.format(n=2), question.format(text="two?"), question.format(text="four?"))
    app.send("enter")
    await gone(app, waiting.format(n=2))
    await sees(app, waiting.format(n=1) + question.format(text="two?"), "› four?")
    gate.opened.set()
    await sees(app, "First answer.", "Second answer.", "› four?")
    await gone(app, waiting.format(n=1))
    assert chats(scripted) == 2
