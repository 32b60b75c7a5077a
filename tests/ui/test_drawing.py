"""When a changing message is drawn."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.screens.chat import status
from r1tui.screens.chat.drawing import Frames
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.widgets.transcript import blocks
from tests.support import patience
from tests.support.script import Answer, Gate, Say, Think
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running


@pytest.mark.parametrize("text", ["", "Text that has come."])
async def test_a_second_that_passes_draws_an_answer_again_until_it_has_ended(text: str) -> None:
    drawn: list[Message] = []

    def draw(message: Message) -> bool:
        drawn.append(message)
        return True

    frames = Frames(draw, lambda: False)
    message = Message(Role.ASSISTANT, status=MessageStatus.STREAMING)
    frames.changed(message)
    async with asyncio.timeout(patience.SECONDS):
        while not drawn:  # noqa: ASYNC110 - it draws by a timer
            await asyncio.sleep(0.01)
    message.content = text
    frames._second_passed()
    assert len(drawn) == 2
    message.status = MessageStatus.COMPLETE
    frames.changed(message)
    frames._second_passed()
    assert len(drawn) == 3


async def test_counts_of_what_came_last_show_though_nothing_comes_behind_it(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Gate(), Gate()
    scripted.answers.append(
        Answer([Think("One"), first, Think(" two"), Think(" three"), second, Say("Done.")])
    )
    now = 0.0
    monkeypatch.setattr(status, "monotonic", lambda: now)
    async with running(scripted) as chat:
        await chat.ask("Count")
        await chat.sees("One", " 1 token")
        first.opened.set()
        await chat.sees("One two three")
        assert " 3 tokens" not in chat.text, "they come each second, and none has passed"
        now = 1.0
        await chat.sees(" 3 tokens")
        second.opened.set()
        await chat.answered()


async def test_an_answer_that_ended_below_a_dialogue_where_the_next_began_shows_whole_behind_it(
    scripted: ScriptedServer,
) -> None:
    first, second = Gate(), Gate()
    scripted.answers.append(Answer([Say("It begins"), first, Say(" and ends.")]))
    scripted.answers.append(Answer([Say("The next"), second, Say(" one.")]))
    async with running(scripted) as chat:
        screen, session = chat.screen, chat.screen.session
        await chat.ask("First?")
        await chat.sees("It begins")
        await chat.ask("Second?")
        await chat.press("f7")
        await chat.opened(PickScreen)
        first.opened.set()
        await asyncio.wait_for(second.reached.wait(), patience.SECONDS)
        await chat.until(lambda: session.streaming and session.streaming.content == "The next")
        await chat.until(lambda: screen._frames._due is None)
        await chat.press("escape")
        await chat.sees("It begins and ends.", "The next")
        second.opened.set()
        await chat.answered()


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
