"""The end of the context as a person sees it: what ended the reasoning, what can be chosen, how full it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from r1tui.domain.edge import AtEdge
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.screens.dialogs.pick import LineScreen, PickScreen
from r1tui.services.transfer import export
from tests.support.script import Answer, Gate, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

THOUGHT = " ".join(f"step{number}" for number in range(300))


def small(at: AtEdge = AtEdge.END) -> Settings:
    """A context of 256 tokens."""
    return Settings(chat=ChatSettings(num_ctx=256, at_edge=at))


async def asked(chat: Chat) -> None:
    """One question, answered."""
    await chat.ask("What is 3 plus 5?")
    await chat.sees("Eight.")
    await chat.answered()


@pytest.mark.parametrize(
    ("size", "words"), [((80, 24), "ended at the edge of the context"), ((46, 20), "· at the edge")]
)
async def test_the_header_says_what_ended_the_reasoning_and_still_does_in_the_next_run(
    scripted: ScriptedServer, size: tuple[int, int], words: str
) -> None:
    scripted.answers.extend([answer("", THOUGHT), answer("Eight.")])
    async with running(scripted, settings=small(), size=size) as chat:
        await asked(chat)
        await chat.sees("Thought for", words)
        here = chat.screen.session.conversation.id
    async with running(scripted, size=size) as chat:
        await chat.screen.session.open(here)
        await chat.sees("Thought for", words)


async def test_exports_tell_what_ended_the_reasoning(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers.extend([answer("", THOUGHT), answer("Eight.")])
    async with running(scripted, settings=small()) as chat:
        await asked(chat)
        store = await chat.screen.services.opened_store()
        written = {}
        for form in ("markdown", "text", "json"):
            path = tmp_path / form
            await export(store, None, form, path)
            written[form] = path.read_text()
    for form in ("markdown", "text"):
        assert "ended at the edge of the context" in written[form]
    assert '"edge_tokens"' in written["json"]


async def test_where_the_user_is_asked_the_keys_are_said_and_enter_ends_the_reasoning(
    scripted: ScriptedServer,
) -> None:
    hold = Gate()
    scripted.answers.append(Answer([*(Think(f"step{number} ") for number in range(200)), hold]))
    scripted.answers.append(answer("Eight."))
    async with running(scripted, settings=small(AtEdge.ASK)) as chat:
        await chat.ask("What is 3 plus 5?")
        await chat.until(lambda: any("Enter or F4" in notice for notice in chat.notices))
        assert len(scripted.sent_to("/api/chat")) == 1
        await chat.press("enter")
        await chat.sees("Eight.", "ended at the edge of the context")


async def test_what_happens_at_the_edge_is_chosen_for_one_conversation(scripted: ScriptedServer) -> None:
    async with running(scripted, settings=small()) as chat:

        async def choose(narrowed: str) -> None:
            await chat.screen.action_command("chat.parameters")
            await chat.opened(PickScreen)
            await chat.press(*narrowed, "enter")

        await choose("filled")
        await chat.sees("as in the settings: end it and answer")
        await chat.press(*"edge", "enter")
        await chat.until(lambda: chat.screen.session.conversation.options == {"at_edge": "run"})
        await choose("reserve")
        await chat.opened(LineScreen)
        await chat.press(*"90", "enter")
        await chat.until(
            lambda: chat.screen.session.conversation.options == {"at_edge": "run", "answer_reserve": 90}
        )
        await chat.screen.action_command("chat.parameters")
        await chat.sees("filled context  let it run to the edge", "answer reserve  90")


async def test_the_status_bar_shows_how_full_the_context_is_while_it_thinks(scripted: ScriptedServer) -> None:
    hold = Gate()
    scripted.answers.append(Answer([*(Think(f"step{number} ") for number in range(80)), hold, Say("Eight.")]))
    async with running(scripted, settings=small()) as chat:
        await chat.ask("What is 3 plus 5?")
        await chat.until(hold.reached.is_set)
        await chat.sees("▁│▁▁")
        hold.opened.set()
        await chat.sees("Eight.")
        await chat.answered()
        await chat.until(lambda: "│▁" not in chat.text)


async def test_an_answer_that_ends_at_the_edge_says_so_and_f5_goes_on(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("One, two,", done_reason="length", prompt_tokens=60, counts=(196, 1.0)))
    scripted.answers.append(answer(" three."))
    async with running(scripted, settings=small()) as chat:
        await chat.ask("Count.")
        await chat.answered()
        await chat.sees("One, two,", "The answer reached the end of the context", "F5 continue")
        await chat.press("f5")
        await chat.sees("One, two, three.")
        await chat.answered()
        assert "reached the end" not in chat.text
