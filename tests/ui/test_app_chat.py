"""The whole app: asking, answering, folding, stopping, queueing."""

from __future__ import annotations

import asyncio
import re

import pytest

from r1tui.chat.draft import DRAFT_PAUSE
from r1tui.chat.generation import ASKS
from r1tui.domain.message import MessageStatus
from r1tui.screens.dialogs.pick import PickScreen
from tests.support import patience
from tests.support.script import Answer, Gate, Hang, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import SCRIPTED_MODEL
from tests.ui.app_kit import running


async def test_a_question_is_answered_with_its_reasoning_folded_above(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("It is **eight**.", "Three and five.", rate=200))
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.sees("Thought for", "It is eight.", "tokens/s ·")
        assert "Three and five." not in chat.text
        await chat.press("ctrl+t")
        await chat.sees("Three and five.")
        await chat.press("ctrl+t")
        await chat.until(lambda: "Three and five." not in chat.text)


async def test_what_draws_answers_is_imported_once_somebody_writes_a_question(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported: list[None] = []
    monkeypatch.setattr("r1tui.screens.chat.screen.warm_up", lambda: imported.append(None))
    async with running(scripted) as chat:
        await chat.sees(SCRIPTED_MODEL)
        await chat.until(lambda: not chat.screen.session.starting)
        await chat.pilot.pause(DRAFT_PAUSE + 0.2)
        assert imported == []
        await chat.press("W", "h", "y")
        await chat.until(lambda: imported)
        await chat.press("question_mark", "enter")
        await chat.answered()
        assert imported == [None]


async def test_enter_folds_the_message_under_the_cursor(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("2 plus 2?")
        await chat.answered()
        await chat.press("ctrl+up", "enter")
        await chat.sees("Two and two are four.")
        await chat.press("space")
        await chat.until(lambda: "Two and two are four." not in chat.text)


async def test_keys_pressed_at_once_after_ctrl_up_reach_the_transcript(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("2 plus 2?")
        await chat.answered()
        await chat.screen.action_command("chat.message_up")
        assert chat.app.focused is chat.screen.transcript


async def test_stopping_keeps_what_came_marked_as_stopped(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Think("Let me "), Think("see."), Say("It is "), Say("eight"), Hang()]))
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.sees("It is eight")
        await chat.press("escape")
        await chat.answered()
        await chat.sees("It is eight", "stopped")
        last = chat.screen.session.last_answer
        assert last is not None
        assert (last.status, last.content, last.reasoning) == (
            MessageStatus.STOPPED,
            "It is eight",
            "Let me see.",
        )
        await chat.until(lambda: scripted.dropped)


async def test_f5_continues_a_stopped_answer_from_where_it_stood(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("One, two,"), Hang()]))
    scripted.answers.append(answer(" three."))
    async with running(scripted) as chat:
        await chat.ask("Count")
        await chat.sees("One, two,")
        await chat.press("escape")
        await chat.answered()
        await chat.press("f5")
        await chat.sees("One, two, three.")
        await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert sent[-1] == {"role": "assistant", "content": "One, two,"}
        last = chat.screen.session.last_answer
        assert last is not None
        assert last.status is MessageStatus.COMPLETE


async def test_f4_ends_the_reasoning_and_asks_for_the_answer_from_it(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Think("Round and round."), Hang()]))
    scripted.answers.append(answer("Eight."))
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.sees("Round and round.")
        await chat.press("f4")
        await chat.sees("Eight.")
        await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json
        assert sent["messages"][-1]["thinking"] == "Round and round."
        assert sent["think"] is True


async def test_a_model_that_ends_in_its_reasoning_is_asked_for_the_answer_by_f5(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(answer("", "Only thoughts."))
    scripted.answers.extend(answer("") for _ in range(ASKS))  # nor when it is asked for by itself
    scripted.answers.append(answer("Eight."))
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.until(lambda: any("F5" in notice for notice in chat.notices))
        await chat.press("f2")
        await chat.until(lambda: any("no text to copy" in notice for notice in chat.notices))
        await chat.press("f5")
        await chat.sees("Eight.")
        await chat.answered()
        assert scripted.sent_to("/api/chat")[-1].json["messages"][-1]["thinking"] == "Only thoughts."


async def test_a_prompt_sent_while_an_answer_streams_follows_it(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("First."), gate]))
    scripted.answers.append(answer("Second."))
    async with running(scripted) as chat:
        await chat.ask("one")
        await chat.sees("First.")
        await chat.ask("two")
        await chat.sees('1 waiting: "two"')
        assert len(scripted.sent_to("/api/chat")) == 1
        gate.opened.set()
        await chat.sees("Second.")


async def test_a_queued_prompt_goes_back_to_its_writer_when_the_answer_is_stopped(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(Answer([Say("First."), Hang()]))
    async with running(scripted) as chat:
        await chat.ask("one")
        await chat.sees("First.")
        await chat.ask("two")
        await chat.press("escape")
        await chat.until(lambda: chat.screen.prompt.text == "two")
        assert len(scripted.sent_to("/api/chat")) == 1


async def test_what_is_sent_before_the_server_has_answered_is_asked_once_it_has(
    scripted: ScriptedServer,
) -> None:
    scripted.delay = 0.5
    async with running(scripted.url) as chat:
        await chat.until(lambda: chat.app.focused is chat.screen.prompt)
        await chat.ask("early")
        assert chat.screen.session.starting
        await chat.sees("The answer is 4.", "early")


async def test_the_phase_and_its_time_stand_in_the_status_line(scripted: ScriptedServer) -> None:
    loading, thinking, saying = Gate(), Gate(), Gate()
    scripted.answers.append(Answer([Think("Hm."), thinking, Say("Yes."), saying], opening=loading))
    async with running(scripted) as chat:
        await chat.ask("?")
        await asyncio.wait_for(loading.reached.wait(), patience.SECONDS)
        await chat.until(lambda: "loading" in chat.text.lower() or "reading" in chat.text.lower())
        loading.opened.set()
        await chat.until(lambda: "thinking 0:0" in chat.text)
        thinking.opened.set()
        await chat.until(lambda: "answering 0:0" in chat.text)
        assert "Esc stop" in chat.text
        saying.opened.set()
        await chat.answered()
        await chat.until(lambda: "Esc stop" not in chat.text)


async def test_what_an_answer_waits_for_and_for_how_long_moves_on_before_anything_comes(
    scripted: ScriptedServer,
) -> None:
    reading = Gate()
    scripted.answers.append(Answer([Say("Yes.")], opening=reading))
    async with running(scripted) as chat:

        def waited() -> int:
            found = re.search(r"Reading the prompt  (\d+) s", chat.text)
            return int(found[1]) if found else 0

        await chat.ask("?")
        await chat.until(lambda: waited() >= 2)
        here = chat.screen.session.conversation.id
        await chat.screen.session.start_new()
        await chat.screen.session.open(here)
        again = waited()
        await chat.until(lambda: waited() > again)
        reading.opened.set()
        await chat.answered()


async def test_the_plain_model_answers_without_reasoning_and_inline_tags_are_split(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(answer("<think>Hidden thought.</think>Plain answer."))
    async with running(scripted, model="plain") as chat:
        assert chat.screen.server.selected == "plain:latest"
        await chat.ask("hello")
        await chat.answered()
        await chat.sees("Plain answer.", "Thought")
        last = chat.screen.session.last_answer
        assert last is not None
        assert last.reasoning.strip() == "Hidden thought."


async def test_the_next_start_selects_the_model_that_was_last_asked(scripted: ScriptedServer) -> None:
    async with running(scripted, model="plain:latest") as chat:
        await chat.ask("hello")
        await chat.answered()
    async with running(scripted) as chat:
        assert chat.screen.server.selected == "plain:latest"


async def test_thinking_is_asked_for_as_f7_says(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press("f7")
        await chat.opened(PickScreen)
        await chat.press("down", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.ask("hello")
        await chat.answered()
        assert scripted.sent_to("/api/chat")[-1].json["think"] is True
        await chat.press("f7")
        await chat.opened(PickScreen)
        await chat.press("down", "down", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.ask("hello")
        await chat.answered()
        assert scripted.sent_to("/api/chat")[-1].json["think"] is False


async def test_past_reasoning_is_not_sent_back(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        for question in ("one", "two"):
            await chat.ask(question)
            await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert sent == [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "The answer is 4."},
            {"role": "user", "content": "two"},
        ]


async def test_a_server_that_dies_in_mid_answer_leaves_what_came_and_f5_goes_on(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(Answer([Say("So far"), Hang()]))
    async with running(scripted) as chat:
        await chat.ask("hello")
        await chat.sees("So far")
        await scripted.stop()
        await chat.answered()
        await chat.sees("So far", "interrupted")
        await chat.press("f5")
        await chat.answered()
        await chat.sees("So far")
        await scripted.start()
        scripted.answers.append(answer(" and on."))
        await chat.press("f5")
        await chat.sees("So far and on.")


async def test_an_answer_ends_with_its_last_line_at_the_bottom(scripted: ScriptedServer) -> None:
    lines = "\n\n".join(f"Line {number}." for number in range(20))
    scripted.answers.append(answer(lines, "Some thoughts.", rate=150))
    async with running(scripted) as chat:
        await chat.ask("count")
        await chat.answered()
        await chat.sees("Line 19.", "tokens/s ·")
        await chat.until(
            lambda: chat.screen.transcript.viewport.top == chat.screen.transcript.viewport.bottom
        )


async def test_the_page_follows_a_window_that_was_too_small_meanwhile(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(160, 50)) as chat:
        for size in ((39, 9), (80, 24)):
            await chat.pilot.resize_terminal(*size)
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.until(lambda: not chat.screen.sidebar.display and chat.screen.transcript.size.width == 80)


async def test_each_version_of_an_answer_says_which_model_it_is_from(scripted: ScriptedServer) -> None:
    scripted.add("another:7b")
    scripted.answers.extend([answer("One says four."), answer("Another says four.")])
    async with running(scripted, size=(100, 30), model="deepseek-r1:1.5b") as chat:
        await chat.ask("2 plus 2?")
        await chat.sees("One says four.")
        await chat.answered()
        await chat.screen.session.select_model("another:7b")
        await chat.press("ctrl+up", "r", "enter")
        await chat.sees("Another says four.")
        await chat.answered()
        await chat.until(lambda: re.search(r"another:7b\s+2/2 ", chat.text))
        await chat.press("left_square_bracket")
        await chat.until(lambda: re.search(r"deepseek-r1:1.5b\s+1/2 ", chat.text))
        await chat.sees("One says four.")
