"""In which language a model is asked to think: the line in the request, the setting, the conversation's own, a drift."""

from __future__ import annotations

import pytest

from r1tui.domain.chat import ThinkMode
from r1tui.domain.message import MessageStatus
from r1tui.domain.options import REASONING_LANGUAGE
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.settings import ChatSettings, Settings
from tests.chat.test_session import talking
from tests.support.by_now import by_now
from tests.support.script import Answer, Hang, Think, answer
from tests.support.scripted import ScriptedServer
from tests.unit.test_reasoning_language import CHINESE, ENGLISH

QUESTION = "三加五等于几？"
IN_CHINESE, IN_ENGLISH = "请用中文思考。", "Please think in English."


def settings(language: ReasoningLanguage) -> Settings:
    return Settings(chat=ChatSettings(reasoning_language=language))


def sent(scripted: ScriptedServer) -> list[str]:
    """The questions of the last request, as they were sent."""
    messages = scripted.sent_to("/api/chat")[-1].json["messages"]
    return [each["content"] for each in messages if each["role"] == "user"]


async def test_nothing_is_added_by_itself(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        await talk.ask(QUESTION)
        assert sent(scripted) == [QUESTION]
        assert REASONING_LANGUAGE not in scripted.sent_to("/api/chat")[-1].json["options"]


async def test_the_line_stands_behind_the_last_question_and_is_nobodys_words(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted, settings(ReasoningLanguage.QUESTION)) as talk:
        await talk.ask(QUESTION)
        assert sent(scripted) == [f"{QUESTION}\n\n{IN_CHINESE}"]
        await talk.ask("And 4 more, how many are there then?")
        assert sent(scripted)[0] == QUESTION
        assert sent(scripted)[1].endswith("\n\nPlease think in the language of this question.")
        assert talk.texts()[0] == QUESTION
        store = await talk.services.opened_store()
        stored = await store.load(talk.session.conversation.id)
        assert stored is not None
        assert stored.branch()[0].content == QUESTION


async def test_a_conversation_has_its_own_and_keeps_it(scripted: ScriptedServer) -> None:
    async with talking(scripted, settings(ReasoningLanguage.CHINESE)) as talk:
        await talk.session.set_option(REASONING_LANGUAGE, ReasoningLanguage.ENGLISH)
        await talk.ask(QUESTION)
        assert sent(scripted) == [f"{QUESTION}\n\n{IN_ENGLISH}"]
        ident = talk.session.conversation.id
        await talk.session.start_new()
        await talk.ask("12 + 30 = ?")
        assert sent(scripted) == [f"12 + 30 = ?\n\n{IN_CHINESE}"]
        assert REASONING_LANGUAGE not in scripted.sent_to("/api/chat")[-1].json["options"]
    async with talking(scripted) as talk:
        await talk.session.open(ident)
        await talk.ask("一加一呢？")
        assert sent(scripted)[-1] == f"一加一呢？\n\n{IN_ENGLISH}"


@pytest.mark.parametrize("why", ["off", "cannot"])
async def test_a_model_that_does_not_think_is_not_told_how(scripted: ScriptedServer, why: str) -> None:
    async with talking(scripted, settings(ReasoningLanguage.ENGLISH)) as talk:
        if why == "off":
            talk.session.set_think(ThinkMode.OFF)
        else:
            await talk.session.select_model("plain:latest")
        await talk.ask(QUESTION)
        assert sent(scripted) == [QUESTION]


async def test_going_on_and_answering_now_keep_the_line(scripted: ScriptedServer) -> None:
    scripted.answers += [Answer([Think("嗯，"), Hang()]), answer("八。")]
    async with talking(scripted, settings(ReasoningLanguage.CHINESE)) as talk:
        await talk.session.ask(QUESTION)
        await talk.until(lambda: talk.session.last_answer and talk.session.last_answer.reasoning)
        assert talk.session.answer_now()
        await talk.until(lambda: talk.texts()[-1] == "八。")
        assert sent(scripted) == [f"{QUESTION}\n\n{IN_CHINESE}"]


@pytest.mark.parametrize(
    ("language", "line"),
    [(ReasoningLanguage.AS_IT_COMES, IN_CHINESE), (ReasoningLanguage.CHINESE, IN_CHINESE)],
)
async def test_a_drift_is_said_once_and_f5_asks_again_with_the_line(
    scripted: ScriptedServer, language: ReasoningLanguage, line: str
) -> None:
    drifting = Answer([*[Think(CHINESE)] * 12, *[Think(ENGLISH)] * 20, Hang()])
    scripted.answers += [drifting, answer("八。", CHINESE)]
    async with talking(scripted, settings(language)) as talk:
        await talk.session.ask(QUESTION)
        await talk.until(lambda: "generation.drifted_to_english" in talk.told())
        drifted = talk.session.last_answer
        assert drifted is not None
        assert drifted.status is MessageStatus.STREAMING, "it is only said"
        await talk.session.continue_()
        await talk.until(lambda: talk.texts() == [QUESTION, "八。"])
        assert sent(scripted) == [f"{QUESTION}\n\n{line}"]
        assert by_now(lambda: drifted.status) is MessageStatus.STOPPED
        assert drifted.reasoning.startswith(CHINESE)
        assert talk.told().count("generation.drifted_to_english") == 1
