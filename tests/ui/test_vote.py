"""The vote as a person has it: asked for by key, begun in a dialogue, watched, stopped, gone on with."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.app import App
from textual.widgets import Static

from r1tui import locale
from r1tui.chat.vote import VoteCost
from r1tui.domain.message import MessageStatus
from r1tui.domain.vote import VoteEnd
from r1tui.screens.dialogs.vote import NumberField, VoteScreen
from tests.support.script import Answer, Gate, Line, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

QUESTION = "What is 17 × 24?"


@pytest.fixture(autouse=True)
def _words() -> Iterable[None]:
    locale.use("en")
    yield
    locale.use("en")


def given(scripted: ScriptedServer, *answers: str) -> None:
    """What the samples will answer, in their order."""
    scripted.answers.extend(answer(f"The answer is \\boxed{{{each}}}.", "Let me see.") for each in answers)


def gated() -> tuple[Answer, Gate]:
    """A sample that waits in its reasoning."""
    gate = Gate()
    return Answer([Think("Hm"), Think(" well"), gate, Say("The answer is \\boxed{7}.")]), gate


async def begun(chat: Chat, times: str = "", *, question: str = QUESTION) -> None:
    """What is written is sent as a vote."""
    chat.screen.prompt.load_text(question)
    await chat.press("alt+v")
    await chat.opened(VoteScreen)
    await chat.press(*times, "enter")
    await chat.until(lambda: not isinstance(chat.app.screen, VoteScreen))


async def ended(chat: Chat) -> None:
    """Wait until the vote has ended."""
    session = chat.screen.session
    await chat.until(lambda: session.votes and not any(each.running for each in session.votes.values()))


async def test_what_is_written_is_asked_until_the_leader_cannot_be_overtaken(
    scripted: ScriptedServer,
) -> None:
    given(scripted, "408", "398", "408", "408")
    async with running(scripted) as chat:
        await begun(chat)
        await chat.sees(
            "Vote · 4 of 5 · 408 ×3 · 398 ×1",
            "Decided: the one that is left cannot change it.",
            "3 of 4 gave 408 · sample 1",
            "The answer is",
        )
        assert chat.screen.prompt.text == ""
        assert len(scripted.sent_to("/api/chat")) == 4
        seeds = [request.json["options"]["seed"] for request in scripted.sent_to("/api/chat")]
        assert len(set(seeds)) == 4
        assert all(f"seed {seed}" in chat.text for seed in seeds[1:])


async def test_enter_on_the_tick_starts_the_vote_as_it_is_set(scripted: ScriptedServer) -> None:
    given(scripted, "408", "408")
    async with running(scripted) as chat:
        chat.screen.prompt.load_text(QUESTION)
        await chat.press("alt+v")
        await chat.opened(VoteScreen)
        await chat.press("2", "tab", "space", "enter")
        await chat.sees("408 ×2")


async def test_a_vote_that_is_wanted_before_the_server_has_answered_waits_for_it(
    scripted: ScriptedServer,
) -> None:
    scripted.delay = 0.5
    async with running(scripted.url) as chat:
        await chat.until(lambda: chat.app.focused is chat.screen.prompt)
        chat.screen.prompt.load_text(QUESTION)
        await chat.press("alt+v")
        assert chat.screen.session.starting
        await chat.opened(VoteScreen)
        assert "There is no model yet" not in chat.text


async def test_v_on_an_answer_asks_its_question_several_times_beside_it(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("It is 398."))
    given(scripted, "408", "408")
    async with running(scripted) as chat:
        await chat.ask(QUESTION)
        await chat.sees("It is 398.")
        await chat.answered()
        await chat.press("ctrl+up", "v")
        await chat.opened(VoteScreen)
        assert QUESTION in chat.text
        await chat.press("3", "enter")
        await chat.sees("Vote · 2 of 3 · 408 ×2", "2 of 2 gave 408")
        assert "It is 398." not in chat.text
        # Behind the first sample stands the answer of before, and from there the vote's answer is next.
        await chat.press("escape", "ctrl+up", "left_square_bracket")
        await chat.sees("It is 398.")
        await chat.press("right_square_bracket")
        await chat.sees("2 of 2 gave 408")


async def test_the_palette_asks_the_last_question_several_times(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("It is 408."))
    async with running(scripted) as chat:
        await chat.command("chat.vote")
        await chat.until(lambda: any("no question" in each for each in chat.notices))
        await chat.ask(QUESTION)
        await chat.sees("It is 408.")
        await chat.answered()
        await chat.command("chat.vote")
        await chat.opened(VoteScreen)
        await chat.sees(QUESTION)


async def test_esc_keeps_the_tally_and_f5_asks_for_what_is_missing(scripted: ScriptedServer) -> None:
    given(scripted, "408")
    waiting, gate = gated()
    scripted.answers.append(waiting)
    async with running(scripted) as chat:
        await begun(chat, "3")
        await chat.until(gate.reached.is_set)
        await chat.sees("sample 2 of 3", "Esc stop, keep tally", "Vote · 1 of 3 · 408 ×1", "▸ 2  thinking")
        await chat.press("escape")
        await chat.sees(
            "Stopped; F5 goes on with the 2 that are missing.", "stopped, not counted", "F5 continue"
        )
        assert "sample 2 of 3" not in chat.text
        (vote,) = chat.screen.session.votes.values()
        assert vote.end is VoteEnd.STOPPED
        given(scripted, "41", "408")
        await chat.press("f5")
        await chat.sees("Vote · 3 of 3 · 408 ×2 · 41 ×1", "2 of 3 gave 408")
        assert len(scripted.sent_to("/api/chat")) == 4


async def test_a_vote_that_was_under_way_says_so_in_the_next_run_and_goes_on(
    scripted: ScriptedServer,
) -> None:
    given(scripted, "408")
    waiting, gate = gated()
    scripted.answers.append(waiting)
    async with running(scripted) as chat:
        await begun(chat, "3")
        await chat.until(gate.reached.is_set)
        here = chat.screen.session.conversation.id
    async with running(scripted) as chat:
        await chat.screen.session.open(here)
        await chat.sees("Vote · 1 of 3 · 408 ×1", "F5 goes on with the 2 that are missing.")
        given(scripted, "408")
        await chat.press("f5")
        await chat.sees("Vote · 2 of 3 · 408 ×2", "Decided", "2 of 2 gave 408")


async def test_a_sample_that_fails_ends_the_vote_with_what_it_has(scripted: ScriptedServer) -> None:
    given(scripted, "408")
    scripted.answers.append(Answer([Think("Hm"), Line({"error": "out of luck"})]))
    async with running(scripted) as chat:
        await begun(chat, "3")
        await chat.sees(
            "The last sample failed; F5 goes on with the 2 that are missing.", "failed, not counted"
        )


async def test_a_tie_shows_no_sample_as_the_answer(scripted: ScriptedServer) -> None:
    given(scripted, "408", "398")
    async with running(scripted) as chat:
        await begun(chat, "2")
        await chat.sees("A tie: 408 and 398, 1 vote each.")
        assert "The answer is" not in chat.text


async def test_a_sample_unfolds_by_key_while_the_vote_runs(scripted: ScriptedServer) -> None:
    given(scripted, "408")
    waiting, gate = gated()
    scripted.answers.append(waiting)
    async with running(scripted) as chat:
        await begun(chat, "3")
        await chat.until(gate.reached.is_set)
        await chat.press("ctrl+up", "enter")
        await chat.sees("Hm well")
        await chat.press("k", "enter")
        await chat.sees("Let me see.", "The answer is")
        gate.opened.set()


async def test_what_is_typed_while_a_vote_runs_waits_and_a_second_vote_is_refused(
    scripted: ScriptedServer,
) -> None:
    waiting, gate = gated()
    scripted.answers.append(waiting)
    async with running(scripted) as chat:
        await begun(chat, "2")
        await chat.until(gate.reached.is_set)
        await chat.press("ctrl+up", "v")
        await chat.until(
            lambda: any("being" in each or "busy" in each or "written" in each for each in chat.notices)
        )
        assert not isinstance(chat.app.screen, VoteScreen)
        gate.opened.set()


@pytest.mark.parametrize("size", [(80, 24), (60, 12)])
async def test_the_dialogue_says_what_it_costs_and_takes_any_number(
    scripted: ScriptedServer, size: tuple[int, int]
) -> None:
    async with running(scripted, size=size) as chat:
        chat.screen.prompt.load_text(QUESTION)
        await chat.press("alt+v")
        await chat.opened(VoteScreen)
        await chat.sees("Up to 5 times", "6,000", "[X]", r"\boxed{}", "Enter starts")
        await chat.press("up")
        await chat.sees("Up to 9 times")
        await chat.press("down", "down")
        await chat.sees("Up to 3 times")
        await chat.press("down")
        await chat.sees("Up to 3 times")
        field = chat.app.screen.query_one(NumberField)
        await chat.press("ctrl+u", "6", "x", "4")
        assert field.value == "64"
        await chat.sees("Up to 64 times")
        await chat.press("9")
        await chat.sees("from 2 to 64")
        await chat.press("enter")
        assert isinstance(chat.app.screen, VoteScreen)
        await chat.press("escape")
        await chat.until(lambda: not isinstance(chat.app.screen, VoteScreen))
        assert chat.screen.prompt.text == QUESTION
        assert scripted.sent_to("/api/chat") == []


async def test_digits_of_an_input_method_count(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        chat.screen.prompt.load_text(QUESTION)
        await chat.press("alt+v")
        await chat.opened(VoteScreen)
        chat.app.screen.query_one(NumberField).value = "１６"
        await chat.sees("Up to 16 times")


async def test_the_time_is_told_where_a_speed_was_measured() -> None:
    async def cost(number: int) -> VoteCost:
        return VoteCost(number * 1200, number * 120.0)

    class Asking(App[None]):
        def on_mount(self) -> None:
            self.push_screen(VoteScreen(QUESTION, cost))

    app = Asking()
    async with app.run_test() as pilot:
        await pilot.pause()
        words = str(app.screen.query_one("#cost", Static).render())
        assert "about 6,000 tokens, 10 min." in words
        await pilot.press("up")
        await pilot.pause()
        assert "about 10,800 tokens, 18 min." in str(app.screen.query_one("#cost", Static).render())


async def test_the_line_for_the_final_answer_is_offered_for_what_has_a_short_one(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        for question, ticked in ((QUESTION, True), ("Explain the tides.", False)):
            chat.screen.prompt.load_text(question)
            await chat.press("alt+v")
            await chat.opened(VoteScreen)
            await chat.sees(r"\boxed{}")
            assert ("[X]" in chat.text) is ticked
            await chat.press("space")
            await chat.until(lambda ticked=ticked: ("[X]" in chat.text) is not ticked)  # type: ignore[misc]
            await chat.press("escape")
            await chat.until(lambda: not isinstance(chat.app.screen, VoteScreen))


async def test_the_box_is_asked_for_in_the_request_and_not_in_the_transcript(
    scripted: ScriptedServer,
) -> None:
    given(scripted, "408", "408")
    async with running(scripted) as chat:
        await begun(chat, "2")
        await chat.sees("2 of 2 gave 408")
        assert r"\boxed" in scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"]
        question = chat.screen.session.conversation.branch()[0]
        assert question.content == QUESTION


async def test_the_vote_speaks_chinese(scripted: ScriptedServer) -> None:
    given(scripted, "408", "408")
    async with running(scripted) as chat:
        locale.use("zh_CN")
        chat.screen.prompt.load_text("17 × 24 等于多少？")
        await chat.press("alt+v")
        await chat.opened(VoteScreen)
        await chat.sees("最多问 5 次", "Enter 开始")
        await chat.press("3", "enter")
        await chat.sees("投票 · 2/3 · 408 ×2", "2 次中 2 次答 408")


async def test_the_conversation_goes_on_from_the_answer_of_the_vote(scripted: ScriptedServer) -> None:
    given(scripted, "398", "408", "408")
    async with running(scripted) as chat:
        await begun(chat, "3")
        await chat.sees("2 of 3 gave 408")
        scripted.answers.append(answer("As said."))
        await chat.ask("Are you sure?")
        await chat.sees("As said.")
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert [each["role"] for each in sent] == ["user", "assistant", "user"]
        assert "408" in sent[1]["content"]


async def test_samples_are_stored_with_seed_and_vote(scripted: ScriptedServer) -> None:
    given(scripted, "408", "408")
    async with running(scripted) as chat:
        await begun(chat, "2")
        await chat.sees("2 of 2 gave 408")
        here = chat.screen.session.conversation.id
    async with running(scripted) as chat:
        await chat.screen.session.open(here)
        await chat.sees("Vote · 2 of 2 · 408 ×2", "2 of 2 gave 408")
        samples = [
            each for each in chat.screen.session.conversation.messages.values() if each.vote is not None
        ]
        assert len({each.seed for each in samples}) == 2
        assert {each.status for each in samples} == {MessageStatus.COMPLETE}


async def test_a_vote_on_an_answered_question_goes_on_after_a_stop(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("It is 398."))
    waiting, gate = gated()
    async with running(scripted) as chat:
        await chat.ask(QUESTION)
        await chat.sees("It is 398.")
        await chat.answered()
        given(scripted, "408")
        scripted.answers.append(waiting)
        await chat.press("ctrl+up", "v")
        await chat.opened(VoteScreen)
        await chat.press("3", "enter")
        await chat.until(gate.reached.is_set)
        await chat.press("escape")
        await chat.sees("Stopped; F5 goes on with the 2 that are missing.", "1 of 1 gave 408")
        given(scripted, "408")
        await chat.press("f5")
        await chat.sees("Vote · 2 of 3 · 408 ×2", "2 of 2 gave 408")
