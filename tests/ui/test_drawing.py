"""When a changing message is drawn."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.screens.chat.drawing import Frames
from r1tui.widgets.transcript import blocks
from tests.support import patience
from tests.support.script import Answer, Gate, Say
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running


@pytest.mark.parametrize(("text", "frames_drawn"), [("", 2), ("Text that has come.", 1)])
async def test_a_second_that_passes_draws_an_answer_of_which_nothing_has_come_and_no_other(
    text: str, frames_drawn: int
) -> None:
    drawn: list[Message] = []
    frames = Frames(lambda message: drawn.append(message) is None, lambda: False)
    message = Message(Role.ASSISTANT, status=MessageStatus.STREAMING)
    frames.changed(message)
    async with asyncio.timeout(patience.SECONDS):
        while not drawn:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    message.content = text
    frames._second_passed()
    assert len(drawn) == frames_drawn
    frames.stop()


async def test_text_whose_parsing_had_to_wait_shows_though_nothing_comes_behind_it(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Gate(), Gate()
    scripted.answers.append(Answer([Say("The beginning."), first, Say("\n\nThe rest."), second]))
    ticks = count(step=5 * blocks._DEAR)  # each parse is dear, and the next ones have to wait
    monkeypatch.setattr(blocks, "perf_counter", lambda: next(ticks))
    async with running(scripted) as chat:
        await chat.ask("Tell me")
        await chat.sees("The beginning.")
        first.opened.set()
        await chat.sees("The rest.")
        assert chat.screen.session.generation is not None
        second.opened.set()
        await chat.answered()
