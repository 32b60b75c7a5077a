"""What the chat keeps and copies: drafts, earlier prompts, the last conversation, answers to the clipboard and to files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import clean
from r1tui.domain.message import Message
from r1tui.domain.model import Model
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import t
from r1tui.services.container import REOPEN
from r1tui.services.database import StoreError

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage

NEW = "new"
"""Where the draft of a conversation without messages is kept."""
REASONING = "reasoning"
"""Name under which the choice of folding is remembered between runs."""
PROMPTS_RECALLED = 200

_THINK_WORDS = {
    ThinkMode.AUTO: phrase("chat.think_auto"),
    ThinkMode.ON: phrase("chat.think_on"),
    ThinkMode.OFF: phrase("chat.think_off"),
}


def think_words(mode: ThinkMode, model: Model | None) -> Phrase:
    """What a way of thinking means, with a word on models that cannot."""
    if mode is ThinkMode.ON and model is not None and model.thinks is False:
        return phrase("chat.think_cannot", name=model.name)
    return _THINK_WORDS[mode]


def model_words(name: str, mode: ThinkMode) -> str:
    """The selected model, and whether it thinks where that is not left to it."""
    if not name or mode is ThinkMode.AUTO:
        return name or t("chat.no_model")
    return (
        t("chat.model_thinks", name=name)
        if mode is ThinkMode.ON
        else t("chat.model_does_not_think", name=name)
    )


async def restore(screen: ChatPage) -> None:
    """Bring back what the last run left: draft, prompts, the fold, and an answer that outlived its terminal."""
    services = screen.services
    store = await services.opened_store()
    interrupted = await store.mark_interrupted()
    await load_prompts(screen)
    await load_draft(screen)
    policy = await services.state_get(REASONING)
    if policy:
        screen.transcript.reasoning_policy = policy
    reopen = await services.state_get(REOPEN)
    # A line that has just dropped holds its R1TUI until the SSH server notices: the answer is live there.
    live = await store.live_answers()
    if not reopen or reopen not in live:
        reopen = next(reversed(live), "") or (interrupted[-1][0] if interrupted else reopen)
    if reopen:
        await services.state_set(REOPEN, "")
        typed = screen.prompt.text
        await screen.answers.open(reopen)
        if typed:  # what was typed since the start goes along
            screen.prompt.set_draft(typed)
        if interrupted:
            screen.tell(phrase("chat.interrupted", n=len(interrupted)), "warning")


async def load_prompts(screen: ChatPage) -> None:
    """Give the prompt those of before that are stored, to be recalled."""
    store = await screen.services.opened_store()
    screen.prompt.set_history((await store.prompts(limit=PROMPTS_RECALLED))[::-1])


def not_saved(error: Exception) -> Phrase:
    """Why something could not be written to disk."""
    return error.phrase if isinstance(error, StoreError) else phrase("chat.not_saved", detail=str(error))


def draft_key(screen: ChatPage) -> str:
    """Drafts belong to conversations; one that is not stored yet shares a place with the next such."""
    if screen.answers.waiting.asking:
        return screen.answers.waiting.key
    conversation = screen.answers.conversation
    return conversation.id if conversation.messages or conversation.private else NEW


async def keep_draft(screen: ChatPage, key: str | None = None) -> None:
    """Keep what is in the prompt, and what waits to be asked, as the draft of the conversation (or of `key`).

    Raises `StoreError`.
    """
    key, text = key or draft_key(screen), "\n".join([*screen.answers.waiting.texts(), screen.prompt.text])
    await (await screen.services.opened_store()).save_draft(key, text.strip("\n"))


async def save_draft(screen: ChatPage, key: str | None = None) -> None:
    """The same, for a screen that goes on: a failure is said."""
    try:
        await keep_draft(screen, key)
    except StoreError as error:
        screen.tell(error.phrase, "error")


async def load_draft(screen: ChatPage) -> None:
    """Put the conversation's draft into the prompt, unless something was typed, or sent, meanwhile."""
    if screen.prompt.text or screen.answers.waiting.texts():
        return
    draft = await (await screen.services.opened_store()).draft(draft_key(screen))
    if draft and not screen.prompt.text:
        screen.prompt.set_draft(draft)


async def offer(screen: ChatPage) -> None:
    """Where there are models but no deepseek-r1, say once for each server which one suits the machine.

    Without any, setup has just offered the sizes, or no server is there to pull one; some servers pull none at all.
    """
    services, machine = screen.services, screen.machine
    models = screen.connection.models
    if not models or services.pulls is None or any("deepseek-r1" in model.name for model in models):
        return
    await machine.known.wait()
    key = f"offered {services.host.url}"
    if machine.recommended and not await services.state_get(key):
        screen.tell(phrase("chat.offer", tag=machine.recommended))
        await services.state_set(key, "1")


# Copying and saving


def text_of(message: Message, reasoning: bool) -> str:
    """A message as text to copy: its source, with the reasoning before it when asked."""
    if reasoning and message.reasoning:
        return clean(f"<think>\n{message.reasoning.strip()}\n</think>\n\n{message.content}")
    return clean(message.content)


async def copy(screen: ChatPage, text: str) -> None:
    """Copy, and say where it went."""
    result = await screen.services.clipboard.copy(text, private=screen.answers.conversation.private)
    screen.tell(result.phrase)


async def copy_answer(screen: ChatPage, reasoning: bool) -> None:
    """Copy the last answer."""
    answer = screen.answers.last_answer()
    if answer is None:
        screen.tell(phrase("chat.nothing_to_copy"))
    elif not (text := text_of(answer, reasoning)):
        screen.tell(phrase("chat.no_text_to_copy"))
    else:
        await copy(screen, text)


def present_folder() -> Path:
    """The folder that the app was started in; the user's own where that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def free_path(title: str, ending: str) -> Path:
    """A file name that is not taken, in the folder that the app was started in."""
    from r1tui.services.transfer.names import safe_name

    stem = safe_name(title)
    folder = present_folder()
    path, number = folder / f"{stem}{ending}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}{ending}", number + 1
    return path


async def save_file(screen: ChatPage, path: Path, text: str) -> None:
    """Write a new file, 0600, and say where it is."""
    try:
        await asyncio.to_thread(_write_private, path, text)
    except OSError as error:
        screen.tell(phrase("chat.save_failed", path=str(path), detail=error.strerror or str(error)), "error")
    else:
        screen.tell(phrase("chat.saved", path=str(path)))


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
