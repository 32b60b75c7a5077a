"""The prompt as the model gets it, before it is sent and afterwards: text, tokens, what is left out, what was added."""

from __future__ import annotations

import pytest

from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.screens.chat.sent_prompt import prompt_text
from r1tui.services.engines.ollama.engine import OllamaEngine
from tests.chat.test_session import talking
from tests.support.script import Answer, Hang, Think, answer
from tests.support.scripted import ScriptedServer

LONG = "Once upon a time there was a river that nobody had ever crossed. " * 60


async def test_what_will_be_sent_is_seen_before_and_nothing_is_sent_for_it(scripted: ScriptedServer) -> None:
    settings = Settings(chat=ChatSettings(reasoning_language=ReasoningLanguage.ENGLISH))
    async with talking(scripted, settings) as talk:
        await talk.ask("What is 3 plus 5?")
        asked = len(scripted.sent_to("/api/chat"))
        prompt = await talk.session.prompt_to_come("And 4 more?")
        assert prompt is not None
        assert prompt.to_come
        assert [turn.content for turn in prompt.request.turns] == [
            "What is 3 plus 5?",
            "The answer is 4.",
            "And 4 more?\n\nPlease think in English.",
        ]
        assert prompt.request.line == "Please think in English."
        assert prompt.estimate > 10
        assert prompt.counted is None
        assert prompt.left_out == ()
        assert talk.texts() == ["What is 3 plus 5?", "The answer is 4."], "the conversation stays as it is"
        shown = scripted.sent_to("/api/chat")[asked:]
        assert [each.json.get("_debug_render_only") for each in shown] == [True]
        await talk.ask("And 4 more?")
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert sent == [{"role": turn.role, "content": turn.content} for turn in prompt.request.turns]


async def test_the_servers_own_text_is_told_while_the_model_is_in_memory(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        cold = await talk.session.prompt_to_come("3 plus 5?")
        assert cold is not None
        assert cold.rendered == ""
        assert scripted.sent_to("/api/chat") == [], "no model is loaded for a look"
        await talk.ask("3 plus 5?")
        warm = await talk.session.prompt_to_come("And 4?")
        assert warm is not None
        assert warm.rendered == "<|user|>3 plus 5?<|assistant|>The answer is 4.<|user|>And 4?"


async def test_a_models_own_system_text_and_examples_are_in_the_estimate(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def rendered(*_: object) -> str:
        return f"<|system|>{'You know it all. ' * 100}<|user|>3 plus 5?<|assistant|>"

    async with talking(scripted) as talk:
        cold = await talk.session.prompt_to_come("3 plus 5?")
        monkeypatch.setattr(OllamaEngine, "rendered", rendered)
        warm = await talk.session.prompt_to_come("3 plus 5?")
        assert cold is not None
        assert warm is not None
        assert cold.estimate < 20
        assert 400 < warm.estimate < 600


async def test_a_server_that_would_answer_is_not_asked(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        scripted.version = "0.9.6"
        prompt = await talk.session.prompt_to_come("And 4?")
        assert prompt is not None
        assert prompt.rendered == ""
        assert len(scripted.sent_to("/api/chat")) == 1


async def test_afterwards_it_has_the_servers_count_and_how_it_was_asked(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Nine.", prompt_tokens=41), answer("Eight.", "Hm.", prompt_tokens=43)]
    async with talking(scripted) as talk:
        first = await talk.ask("3 plus 5?")
        await talk.session.continue_()  # with its thinking begun
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "Eight."] and talk.session.streaming is None)
        again = talk.session.last_answer
        assert again is not None
        prompts = [await talk.session.prompt_of(each) for each in (first, again)]
        assert [(each.counted, each.opened) for each in prompts if each] == [
            (41, False),
            (43, True),
        ]
        assert prompts[1] is not None
        assert prompts[1].rendered == "<|user|>3 plus 5?<|assistant|><think>\n"
        stored = talk.session.conversation.id
    async with talking(scripted) as talk:
        await talk.session.open(stored)
        assert talk.session.last_answer is not None
        prompt = await talk.session.prompt_of(talk.session.last_answer)
        assert prompt is not None
        assert prompt.counted == 43
        assert [turn.content for turn in prompt.request.turns] == ["3 plus 5?"]


async def test_of_an_answer_that_was_gone_on_with_the_prompt_is_counted_without_its_own_beginning(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [
        Answer([Think("one "), Think("two "), Hang()]),
        answer("Eight.", prompt_tokens=43),
    ]
    async with talking(scripted) as talk:
        await talk.session.ask("3 plus 5?")
        await talk.until(lambda: talk.session.last_answer and "two" in talk.session.last_answer.reasoning)
        assert talk.session.answer_now()
        await talk.until(lambda: talk.texts()[-1] == "Eight." and not talk.session.busy)
        assert talk.session.last_answer is not None
        prompt = await talk.session.prompt_of(talk.session.last_answer)
        assert prompt is not None
        assert prompt.resumed == 2
        assert prompt.counted == 41
        assert "with its own first 2 tokens behind it" in prompt_text(prompt)


async def test_what_fell_out_is_named(scripted: ScriptedServer) -> None:
    settings = Settings(chat=ChatSettings(num_ctx=2048))
    async with talking(scripted, settings) as talk:
        await talk.ask(LONG)
        first = talk.session.conversation.branch()[0]
        await talk.session.set_system("Be brief.")
        prompt = await talk.session.prompt_to_come(LONG)
        assert prompt is not None
        assert [each.id for each in prompt.left_out][:1] == [first.id]
        assert prompt.request.turns[0].content == "Be brief."
        assert prompt.request.turns[-1].content == LONG


async def test_without_a_server_there_is_none(scripted: ScriptedServer) -> None:
    async with talking(scripted, connected=False) as talk:
        assert await talk.session.prompt_to_come("3 plus 5?") is None
