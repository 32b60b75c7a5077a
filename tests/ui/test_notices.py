"""Notices: what they say, and how many there are of them."""

from __future__ import annotations

import asyncio

from textual.widgets._toast import Toast, ToastRack

from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


def toasts(chat: Chat) -> list[str]:
    """What the notices on the screen say, from the top."""
    rack = chat.app.screen.get_child_by_type(ToastRack)
    if len(rack.children) != len(rack.query(Toast)):
        return ["an empty place"]
    return [toast._notification.message for toast in rack.query(Toast)]


async def test_a_key_pressed_again_and_again_keeps_one_notice(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        said = "The model is not thinking right now."
        await chat.press("f4", "f4", "f4", "f4")
        await chat.until(lambda: toasts(chat) == [said])
        for _ in range(3):  # in one burst, before anything is drawn
            await chat.screen.action_command("chat.answer_now")
        await chat.until(lambda: toasts(chat) == [said])
        assert chat.notices == [said]


async def test_the_same_words_stand_once_and_other_words_beside_them(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        await chat.press("f2", "f4", "f2")
        nothing, idle = "There is no answer to copy yet.", "The model is not thinking right now."
        await chat.until(lambda: toasts(chat) == [idle, nothing])


async def test_moving_through_matches_says_the_present_one_only(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        await chat.ask("one one one")
        await chat.answered()
        await chat.press("ctrl+up", "slash")
        await chat.press(*"one", "enter")
        await chat.sees("of 3 matches")
        await chat.press("n", "n", "n")
        await chat.until(lambda: [words for words in toasts(chat) if "matches" in words] == toasts(chat)[-1:])


async def test_nothing_is_offered_to_be_pulled_while_no_server_is_there() -> None:
    async with running("http://127.0.0.1:1", notices=True) as chat:
        await chat.sees("Welcome.")
        await chat.press("escape")
        await chat.sees("no model")
        await asyncio.wait_for(chat.screen.machine.known.wait(), 30)
        await chat.pilot.pause(0.5)
        assert not any("recommended" in words for words in chat.notices)
        await chat.ask("hello")
        await chat.until(
            lambda: any("No server answers" in words and "kept" in words for words in chat.notices)
        )
        assert chat.screen.prompt.text == "hello"
