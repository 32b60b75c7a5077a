"""The empty chat: a page to begin from, and its examples by keys."""

from __future__ import annotations

import pytest

from r1tui.domain.clean import Clean
from r1tui.screens.guide.screen import GuideScreen
from r1tui.widgets.empty_page import EmptyPage
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running

PYTHON = "How do I learn Python from scratch?"


async def test_it_tells_what_this_is_which_model_how_fast_and_what_to_press(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.sees("on your own machine", PYTHON, "New here? The guide", "Ctrl+O Models", "F1 Help")
        await chat.until(lambda: chat.screen.machine.known.is_set())
        await chat.until(lambda: "at a guess" in chat.text and "tokens/s here" in chat.text)


async def test_it_gives_way_to_the_question_and_comes_back_with_a_new_conversation(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        await chat.sees(PYTHON)
        await chat.ask("What is 2 plus 2?")
        await chat.answered()
        await chat.sees("The answer is 4.")
        assert PYTHON not in chat.text
        assert chat.screen.transcript.size.height > 15
        await chat.press("ctrl+n")
        await chat.sees(PYTHON)


async def test_an_example_is_two_keys_away_and_nothing_is_sent_by_them(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.sees(PYTHON)
        await chat.press("down")
        await chat.sees(f"› {PYTHON}")
        await chat.press("enter")
        await chat.until(lambda: chat.screen.prompt.text.startswith(PYTHON))
        assert not chat.screen.session.conversation.messages
        assert chat.screen.empty_page.chosen is None
        await chat.press("enter")
        await chat.answered()
        assert chat.screen.session.conversation.branch()[0].content.startswith(PYTHON)


async def test_down_goes_through_the_examples_and_back_to_the_prompt(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.sees(PYTHON)
        page = chat.screen.empty_page
        seen = []
        for _ in range(5):
            await chat.press("down")
            await chat.pilot.pause()
            seen.append(page.chosen)
        assert seen == [0, 1, 2, 3, None]


async def test_up_from_a_prompt_without_history_comes_to_the_guide_first(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.sees(PYTHON)
        await chat.press("up")
        await chat.sees("› New here?")
        await chat.press("enter")
        await chat.opened(GuideScreen)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert chat.screen.empty_page.chosen is None


async def test_up_still_recalls_an_earlier_prompt(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("What is 2 plus 2?")
        await chat.answered()
        await chat.press("ctrl+n")
        await chat.sees(PYTHON)
        await chat.press("up")
        await chat.until(lambda: chat.screen.prompt.text == "What is 2 plus 2?")
        await chat.press("down", "down")
        await chat.sees(f"› {PYTHON}")
        await chat.press("up")
        await chat.until(lambda: chat.screen.empty_page.chosen is None)
        assert chat.screen.prompt.text == ""


@pytest.mark.parametrize("key", ["escape", "x"])
async def test_esc_and_typing_take_the_cursor_back_to_the_prompt(scripted: ScriptedServer, key: str) -> None:
    async with running(scripted) as chat:
        await chat.sees(PYTHON)
        await chat.press("down")
        await chat.until(lambda: chat.screen.empty_page.chosen == 0)
        await chat.press(key)
        await chat.until(lambda: chat.screen.empty_page.chosen is None)
        assert not chat.screen.prompt.choosing


async def test_in_a_conversation_the_arrows_lead_to_no_examples(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("What is 2 plus 2?")
        await chat.answered()
        await chat.press("down")
        await chat.pilot.pause()
        assert chat.screen.empty_page.chosen is None


async def test_without_a_server_it_says_where_to_begin() -> None:
    async with running("http://127.0.0.1:9") as chat:
        await chat.sees("Use a server somewhere else")
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("The server does not answer", PYTHON)
        assert "no model here" not in chat.text  # nobody knows


async def test_no_model_is_missing_before_the_server_was_asked(scripted: ScriptedServer) -> None:
    scripted.delay = 1.0
    async with running(scripted.url) as chat:
        await chat.sees("Asking the server", PYTHON)
        assert "no model" not in chat.text.lower()
        scripted.delay = 0.0
        await chat.sees("deepseek-r1:1.5b")


@pytest.mark.parametrize("width", [40, 78, 200])
@pytest.mark.parametrize("height", range(1, 21))
def test_what_matters_most_stays_where_room_is_short(width: int, height: int) -> None:
    page = EmptyPage()
    page._model, page._keys = Clean("a-model:7b: fast"), Clean("F1 Help")
    lines = page.lines(width, height)
    assert 0 < len(lines) <= height
    words = "\n".join(words for words, _ in lines)
    if height >= 3:
        assert PYTHON[:20] in words
    if height >= 4:
        assert "New here?" in words
    if height >= 6:
        assert "a-model:7b" in words
    if height == 20:
        assert "F1 Help" in words
        assert lines[0] == ("", "")


async def test_it_fits_the_smallest_terminal(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(40, 10)) as chat:
        await chat.sees("How do I learn Python", "New here?", "Ask anything")
