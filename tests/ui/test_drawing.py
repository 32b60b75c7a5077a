"""When a changing message is drawn."""

from __future__ import annotations

import asyncio

import pytest

from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.screens.chat.drawing import Frames
from tests.support import patience


@pytest.mark.parametrize(("text", "frames_drawn"), [("", 2), ("Text that has come.", 1)])
async def test_a_second_that_passes_draws_an_answer_of_which_nothing_has_come_and_no_other(
    text: str, frames_drawn: int
) -> None:
    drawn: list[Message] = []
    frames = Frames(drawn.append, lambda: False)
    message = Message(Role.ASSISTANT, status=MessageStatus.STREAMING)
    frames.changed(message)
    async with asyncio.timeout(patience.SECONDS):
        while not drawn:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    message.content = text
    frames._second_passed()
    assert len(drawn) == frames_drawn
    frames.stop()
