"""What goes wrong with an answer as a whole: noticed, said once, and asked again in the manner that helps."""

from __future__ import annotations

import pytest

from r1tui.chat.asking_again import manner_after
from r1tui.domain.chat import ThinkMode
from r1tui.domain.message import MessageStatus
from r1tui.domain.options import REASONING_LANGUAGE
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.settings import HostSettings, Settings
from tests.chat.test_session import talking
from tests.support.by_now import by_now
from tests.support.script import Answer, Hang, Say, answer
from tests.support.scripted import ScriptedServer
from tests.unit.test_loop_detector import PARAGRAPH

OPENED = {"role": "assistant", "content": "<think>\n"}


async def test_an_answer_without_thinking_is_said_and_asked_again_with_thinking_begun(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("Nine."), answer("Eight.", "Three and five.")]
    async with talking(scripted) as talk:
        first = await talk.ask("3 plus 5?")
        await talk.until(lambda: "generation.no_thinking" in talk.told())
        assert first.error is not None
        assert first.status is MessageStatus.COMPLETE
        assert scripted.sent_to("/api/chat")[-1].json["messages"][-1]["role"] == "user"
        await talk.session.continue_()
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "Eight."])
        await talk.until(lambda: talk.session.streaming is None)
        sent = scripted.sent_to("/api/chat")[-1].json
        assert sent["messages"] == [{"role": "user", "content": "3 plus 5?"}, OPENED]
        assert sent["think"] is True
        assert talk.session.last_answer is not None
        assert talk.session.last_answer.error is None
        assert talk.told().count("generation.no_thinking") == 1
        assert len(talk.session.conversation.sibling_ids(first.id)) == 2
        await talk.ask("And 4?")
        assert scripted.sent_to("/api/chat")[-1].json["messages"][-1] == {"role": "user", "content": "And 4?"}


async def test_the_same_on_a_server_that_speaks_openais_protocol_and_the_prompt_says_so(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("Nine."), answer("Three and five.</think>\n\nEight.")]
    settings = Settings(hosts={"v": HostSettings(url=scripted.url, kind="openai")})
    async with talking("v", settings) as talk:
        first = await talk.ask("3 plus 5?")
        await talk.until(lambda: "generation.no_thinking" in talk.told())
        await talk.session.continue_()
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "Eight."])
        await talk.until(lambda: talk.session.streaming is None)
        again = talk.session.last_answer
        assert again is not None
        assert (again.reasoning.strip(), again.error) == ("Three and five.", None)
        assert scripted.sent_to("/v1/chat/completions")[-1].json["messages"][-1] == OPENED
        prompts = [await talk.session.prompt_of(each) for each in (first, again)]
        assert [each.opened for each in prompts if each] == [False, True]


async def test_a_server_that_hides_reasoning_is_not_said_to_have_skipped_it(scripted: ScriptedServer) -> None:
    scripted.answers += [
        answer("Nine.", counts=(400, 8.0)),
        answer("Eight.", "Three and five."),
        answer("Nine."),
    ]
    settings = Settings(hosts={"v": HostSettings(url=scripted.url, kind="openai")})
    async with talking("v", settings) as talk:
        hidden = await talk.ask("3 plus 5?")
        assert hidden.error is None
        assert "generation.no_thinking" not in talk.told()
        told = await talk.ask("And 3 plus 5?")
        assert told.reasoning.strip() == "Three and five."
        skipped = await talk.ask("And 3 plus 6?")
        assert skipped.error is not None, "it tells what is thought, as was seen"
        assert skipped.error.key == "generation.no_thinking"


async def test_the_line_about_the_language_goes_to_a_model_of_which_nothing_is_told(
    scripted: ScriptedServer,
) -> None:
    scripted.add("mine:1")
    settings = Settings(hosts={"v": HostSettings(url=scripted.url, kind="openai")})
    async with talking("v", settings, model="mine:1") as talk:
        await talk.session.set_option(REASONING_LANGUAGE, ReasoningLanguage.CHINESE)
        await talk.ask("3 plus 5?")
        sent = scripted.sent_to("/v1/chat/completions")[-1].json
        assert sent["messages"][-1]["content"] != "3 plus 5?"


async def test_the_offer_outlives_the_app(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Nine."), answer("Eight.", "Three and five.")]
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        stored = talk.session.conversation.id
    async with talking(scripted) as talk:
        await talk.session.open(stored)
        assert manner_after(talk.session.last_answer) is not None
        await talk.session.continue_()
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "Eight."])
        assert scripted.sent_to("/api/chat")[-1].json["messages"][-1] == OPENED


@pytest.mark.parametrize("why", ["off", "cannot", "thought", "goes on"])
async def test_an_answer_that_was_not_meant_to_think_or_has_thought_has_no_note(
    scripted: ScriptedServer, why: str
) -> None:
    if why == "goes on":
        scripted.answers.append(Answer([Say("Eight"), Hang()]))
    scripted.answers.append(answer("Eight.", "Three and five." if why == "thought" else ""))
    async with talking(scripted) as talk:
        if why == "cannot":
            await talk.session.select_model("plain:latest")
        if why == "off":
            talk.session.set_think(ThinkMode.OFF)
        if why == "goes on":
            await talk.session.ask("3 plus 5?")
            await talk.until(lambda: talk.texts()[-1] == "Eight")
            talk.session.stop()
            await talk.until(lambda: talk.session.streaming is None)
            await talk.session.continue_()
            await talk.until(lambda: talk.session.streaming is None and talk.texts()[-1] != "Eight")
        else:
            await talk.ask("3 plus 5?")
        assert talk.session.last_answer is not None
        assert talk.session.last_answer.error is None
        assert "generation.no_thinking" not in talk.told()


async def test_a_template_that_begins_the_thinking_itself_is_not_begun_twice(
    scripted: ScriptedServer,
) -> None:
    scripted.add("mine:latest", template="{{ .Prompt }}<think>\n{{ end }}{{ end }}")
    scripted.answers += [answer("Nine."), answer("Eight.", "Three and five.")]
    async with talking(scripted) as talk:
        await talk.session.select_model("mine:latest")
        await talk.ask("3 plus 5?")
        await talk.session.continue_()
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "Eight."])
        assert scripted.sent_to("/api/chat")[-1].json["messages"] == [
            {"role": "user", "content": "3 plus 5?"}
        ]


async def test_an_answer_that_repeats_itself_is_said_once_and_f5_asks_anew_at_once(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [
        Answer([Say("Well. "), *[Say(PARAGRAPH) for _ in range(6)], Hang()]),
        answer("Short.", "Hm."),
    ]
    async with talking(scripted) as talk:
        outcome = await talk.session.ask("A story?")
        await talk.until(lambda: "generation.answer_loops" in talk.told())
        looping = talk.session.last_answer
        assert looping is not None
        assert looping.status is MessageStatus.STREAMING, "it is only said"
        await talk.session.continue_()
        await talk.until(lambda: talk.texts() == ["A story?", "Short."])
        assert by_now(lambda: looping.status) is MessageStatus.STOPPED
        assert looping.content.startswith("Well. The first key")
        assert looping.error is not None
        assert talk.told().count("generation.answer_loops") == 1
        assert outcome is not None


async def test_what_was_noticed_does_not_make_a_complete_answer_one_that_goes_on(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("Nine."), answer("Eight.", "Hm.")]
    async with talking(scripted) as talk:
        first = await talk.ask("3 plus 5?")
        await talk.session.continue_(first.id)  # as a key on the message asks for
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "Eight."])
        assert [each.content for each in talk.session.conversation.messages.values()][1] == "Nine."
