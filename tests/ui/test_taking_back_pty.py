"""Esc before the first token, by keys in a terminal: the question is in the prompt again, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest

from tests.support import patience
from tests.support.script import Answer, Gate, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, gone, opened_on, sees


@pytest.mark.parametrize(
    ("language", "takes_back", "page", "nobody"),
    [
        ("en_US.UTF-8", "Esc stop, take back", "New here?", "No conversation yet"),
        ("zh_CN.UTF-8", "Esc 停止并撤回", "第一次", "还没有对话"),
    ],
)
async def test_esc_brings_the_question_back_until_the_first_token(
    scripted: ScriptedServer, pty_app: Start, language: str, takes_back: str, page: str, nobody: str
) -> None:
    waits = Gate()
    app = await opened_on(pty_app, scripted, env={"LANG": language})
    scripted.answers.extend([Answer([waits]), answer("The answer is nine.")])
    app.paste("What is 4 plus 5")
    app.send("enter")
    await sees(app, takes_back)
    await asyncio.wait_for(waits.reached.wait(), patience.SECONDS)
    app.send("escape")
    await sees(app, "What is 4 plus 5", page)
    await gone(app, takes_back)
    app.send("f6")
    await sees(app, nobody)
    app.send("escape")
    await sees(app, "What is 4 plus 5")
    app.send("?", "enter")
    await sees(app, "The answer is nine.", "What is 4 plus 5?")
