"""The vote by keys in a terminal of 80x24, in both languages: begun, watched, stopped, gone on with, killed."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.support import patience
from tests.support.script import Answer, Gate, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, answered, gone, opened_on, sees

QUESTION = "What is 17 x 24?"


def sample(number: str) -> Answer:
    return answer(f"The answer is \\boxed{{{number}}}.", "Let me see.")


def gated() -> tuple[Answer, Gate]:
    gate = Gate()
    return Answer([Think("Hm"), gate, Say("The answer is \\boxed{7}.")]), gate


@pytest.mark.parametrize(
    ("language", "dialogue", "begun", "stopped", "decided", "gave"),
    [
        ("C.UTF-8", "Up to 5 times", "Vote · 1 of 5", "! Stopped", "Decided", "3 of 3 gave 408"),
        ("zh_CN.UTF-8", "最多问 5 次", "投票 · 1/5", "! 已停止", "结果已定", "3 次中 3 次答 408"),
    ],
)
async def test_v_on_an_answer_leads_to_a_vote_that_grows_and_ends_early(
    scripted: ScriptedServer,
    pty_app: Start,
    language: str,
    dialogue: str,
    begun: str,
    stopped: str,
    decided: str,
    gave: str,
) -> None:
    app = await opened_on(pty_app, scripted, size=(80, 24), env={"LANG": language})
    await answered(app, scripted, "It is 398.", question=QUESTION)
    waiting, gate = gated()
    scripted.answers.extend([sample("408"), waiting])
    app.send("ctrl+up")
    app.send("v")
    await sees(app, dialogue, r"\boxed{}")
    app.send("enter")
    await sees(app, begun, "408 ×1", "▸ 2")
    await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
    app.send("escape")
    await sees(app, stopped)
    scripted.answers.extend([sample("408"), sample("408")])
    app.send("f5")
    await sees(app, decided, gave)
    assert len(scripted.sent_to("/api/chat")) == 5


async def test_what_is_written_is_sent_as_a_vote_and_survives_a_kill(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted, size=(80, 24))
    waiting, gate = gated()
    scripted.answers.extend([sample("408"), waiting])
    app.paste(QUESTION)
    await sees(app, QUESTION)
    app.send("alt+v")
    await sees(app, "Up to 5 times")
    app.send("3", "enter")
    await sees(app, "Vote · 1 of 3", "sample 2 of 3", "Esc stop, keep tally")
    await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
    app.kill(signal.SIGKILL)
    again = await opened_on(pty_app, scripted, size=(80, 24))
    await sees(again, "Vote · 1 of 3", "F5 goes on with the 2 that are missing.")
    scripted.answers.append(sample("408"))
    again.send("f5")
    await sees(again, "Vote · 2 of 3 · 408 ×2", "2 of 2 gave 408")
    await gone(again, "sample 3 of 3")
