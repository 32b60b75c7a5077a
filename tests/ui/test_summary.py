"""Starting anew with a summary, by keys: the cost first, the summary to change, the way back to the old conversation."""

from __future__ import annotations

import pytest

from r1tui import locale
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.dialogs.summing_up import SummingUpScreen
from r1tui.screens.dialogs.text_editor import TextScreen
from tests.support.script import Answer, Gate, Say, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


async def asked_for(chat: Chat) -> None:
    """A conversation of one question, and the summary chosen in the context's dialogue."""
    await chat.ask("3 plus 5?")
    await chat.answered()
    await chosen(chat)


async def chosen(chat: Chat) -> None:
    """The summary chosen in the context's dialogue."""
    await chat.command("chat.context")
    await chat.opened(PickScreen)
    await chat.press("enter")
    await chat.opened(ChoiceScreen)


@pytest.mark.parametrize(
    ("language", "cost", "line"),
    [
        ("en", "this conversation stays as it is", "Goes on from “3 plus 5?”"),
        ("zh_CN", "此对话保持不变", "接续“3 plus 5?”"),
    ],
)
async def test_the_way_to_the_summary_and_back_by_keys(
    scripted: ScriptedServer, language: str, cost: str, line: str
) -> None:
    scripted.answers += [answer("Eight."), answer("They added.")]
    locale.use(language)
    async with running(scripted) as chat:
        await asked_for(chat)
        await chat.until(lambda: cost in flat(chat))
        await chat.press("enter")
        await chat.opened(TextScreen)
        await chat.sees("They added.")
        await chat.press(*" Well.", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("They added. Well.", line)
        old = chat.screen.session.origin
        await chat.ask("And 4?")
        await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert sent[0]["content"].endswith("They added. Well.")
        await chat.press("ctrl+up", "b")
        await chat.until(lambda: chat.screen.session.conversation.title == old)
        await chat.sees("Eight.")
        assert "They added" not in chat.text


def flat(chat: Chat) -> str:
    """The screen's words on one line, without frames."""
    return " ".join(chat.text.replace("│", " ").replace("▌", " ").replace("▐", " ").split())


@pytest.mark.parametrize("at", ["cost", "writing", "editing"])
async def test_esc_at_any_time_keeps_the_old_conversation_as_it_was(
    scripted: ScriptedServer, at: str
) -> None:
    gate = Gate()
    scripted.answers += [answer("Eight."), Answer([Say("They added"), gate, Say(".")])]
    async with running(scripted) as chat:
        await asked_for(chat)
        session = chat.screen.session
        before = list(session.conversation.messages.values())
        here = session.conversation.id
        if at != "cost":
            await chat.press("enter")
            await chat.opened(SummingUpScreen)
            await chat.sees("They added")
        if at == "editing":
            gate.opened.set()
            await chat.opened(TextScreen)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert session.conversation.id == here
        assert list(session.conversation.messages.values()) == before
        store = await chat.screen.services.opened_store()
        assert len(await store.recent()) == 1
        gate.opened.set()
        await chat.ask("And 4?")
        await chat.until(lambda: len(session.conversation.branch()) == 4)  # and it goes on
        await chat.answered()


async def test_a_summary_that_is_read_outlives_the_app_and_is_gone_on_with(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Eight."), answer("They added.")]
    async with running(scripted) as chat:
        await asked_for(chat)
        await chat.press("enter")
        await chat.opened(TextScreen)
        await chat.press(*" Well.")
        await chat.sees("They added. Well.")
        asked = chat.screen.session.conversation.id
    async with running(scripted) as chat:
        await chat.screen.session.open(asked)
        await chosen(chat)
        await chat.until(lambda: "Go on with the summary that is written" in flat(chat))
        await chat.press("enter")
        await chat.opened(TextScreen)
        await chat.sees("They added. Well.")
        await chat.press(*" Good.", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("They added. Well. Good.", "Goes on from")
        assert len(scripted.sent_to("/api/chat")) == 2  # it was not written anew
        await chat.screen.session.open(asked)
        await chosen(chat)
        assert "that is written" not in flat(chat)  # it was used


@pytest.mark.parametrize("goes_on", [False, True])
async def test_a_summary_that_is_left_is_kept_until_the_conversation_goes_on(
    scripted: ScriptedServer, goes_on: bool
) -> None:
    scripted.answers += [answer("Eight."), answer("They added."), answer("Nine.")]
    async with running(scripted) as chat:
        await asked_for(chat)
        await chat.press("enter")
        await chat.opened(TextScreen)
        await chat.press(*" Well.", "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.until(lambda: any("The summary is kept" in each for each in chat.notices))
        if goes_on:
            await chat.ask("And 4?")
            await chat.answered()
        await chosen(chat)
        assert ("that is written" in flat(chat)) is not goes_on
        if not goes_on:
            await chat.press("enter")
            await chat.opened(TextScreen)
            await chat.sees("They added. Well.")


async def test_b_writes_a_letter_where_no_conversation_is_gone_on_from(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.press("ctrl+up", "b")
        await chat.until(lambda: chat.screen.prompt.text == "b")


async def test_a_question_that_waits_for_context_is_in_the_new_draft_and_back_after_esc(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("word " * 600), answer("They talked.")]
    async with running(scripted, settings=Settings(chat=ChatSettings(num_ctx=1024))) as chat:
        session = chat.screen.session
        await chat.ask("3 plus 5?")
        await chat.answered()
        question = "why " * 400
        for keys, text in (("escape",), question.strip()), (("enter",), question.strip()):
            chat.screen.prompt.load_text(question.strip())
            await chat.press("enter")
            await chat.opened(PickScreen)
            await chat.press("enter")
            await chat.opened(ChoiceScreen)
            await chat.press(*keys)
            if keys == ("enter",):
                await chat.opened(TextScreen)
                await chat.press("enter")
            await chat.until(lambda: chat.app.screen is chat.screen)
            await chat.until(lambda text=text: chat.screen.prompt.text == text)  # type: ignore[misc]
        assert session.origin == "3 plus 5?"
        sent = [each.json["messages"][-1]["content"] for each in scripted.sent_to("/api/chat")]
        assert question.strip() not in sent, "it waits for its user"
