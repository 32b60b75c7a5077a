"""Questions about the conversation on the screen: its title, system text, parameters, export, deletion, edits."""

from __future__ import annotations

import asyncio
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.message import Role
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import t
from r1tui.screens import chat_tools
from r1tui.screens.confirm import ChoiceScreen
from r1tui.screens.context_choice import choose_context
from r1tui.screens.export_choice import choose_form
from r1tui.screens.pick import LineScreen, PickScreen
from r1tui.screens.text_editor import TextScreen
from r1tui.services.database import StoreError

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage


async def rename(screen: ChatPage) -> None:
    """Another title."""
    conversation = screen.answers.conversation
    question = LineScreen(phrase("chat.rename_question"), conversation.title, edit=True)
    title = await screen.app.push_screen_wait(question)
    if title:
        conversation.title = title
        store = await screen.services.opened_store()
        await store.rename(conversation.id, title)
        screen.conversation_changed()


async def system_text(screen: ChatPage) -> None:
    """The system text of this conversation."""
    conversation = screen.answers.conversation
    text = await screen.app.push_screen_wait(TextScreen(phrase("chat.system_question"), conversation.system))
    if text is not None:
        conversation.system = text.strip()
        await screen.answers.save_conversation()


PARAMETERS = ("temperature", "top_p", "top_k", "min_p", "repeat_penalty", "seed", "num_predict")


async def parameters(screen: ChatPage) -> None:
    """Sampling parameters of this conversation."""
    conversation, connection = screen.answers.conversation, screen.connection
    defaults = dict[str, str]()
    if connection.engine is not None and connection.selected:
        defaults = await screen.services.answering.defaults(connection.engine, connection.selected)
    unset = t("chat.parameter_default")
    entries = [
        (name, f"{name} = {conversation.options.get(name, defaults.get(name, unset))}") for name in PARAMETERS
    ]
    name = await screen.app.push_screen_wait(PickScreen(phrase("chat.parameter_question"), entries))
    if name is None:
        return
    value = await screen.app.push_screen_wait(
        LineScreen(phrase("chat.parameter_value", name=name), str(conversation.options.get(name, "")))
    )
    if value is None:
        return
    if not value.strip():
        conversation.options.pop(name, None)
    else:
        try:
            number = int(value) if name in ("top_k", "seed", "num_predict") else float(value)
        except ValueError:
            number = math.nan
        if not abs(number) < 2**63:  # nor a number that JSON or the server has no room for
            screen.tell(phrase("chat.parameter_bad", value=value, name=name), "warning")
            return
        conversation.options[name] = number
    await screen.answers.save_conversation()


async def context(screen: ChatPage) -> None:
    """What to do about the context's length."""
    await choose_context(screen)


async def export(screen: ChatPage) -> None:
    """Write this conversation to a file in the folder that the app was started in."""
    conversation = screen.answers.conversation
    if not conversation.messages:
        screen.tell(phrase("chat.nothing_to_export"))
    else:
        await _export(screen, phrase("chat.export_question"), conversation.title, [conversation.id])


async def export_all(screen: ChatPage) -> None:
    """Write all stored conversations, archived ones too, to one file there."""
    await _export(screen, phrase("chat.export_all_question"), t("chat.export_all_name"), None)


async def _export(screen: ChatPage, question: Phrase, name: str, ids: list[str] | None) -> None:
    from r1tui.services.transfer import FORMATS
    from r1tui.services.transfer import export as write

    form = await choose_form(screen.app, question)
    if form is None:
        return
    path = await asyncio.to_thread(chat_tools.free_path, name, FORMATS[form[0]])
    try:
        await write(await screen.services.opened_store(), ids, form[0], path, reasoning=form[1])
    except StoreError as error:
        screen.tell(error.phrase, "error")
    else:
        screen.tell(phrase("chat.saved", path=str(path)))


async def import_file(screen: ChatPage) -> None:
    """Read conversations from a file: R1TUI's own export, ChatGPT's or Open WebUI's."""
    from r1tui.services.transfer import import_file as read

    name = await screen.app.push_screen_wait(LineScreen(phrase("chat.import_question")))
    if not name:
        return
    path = Path(await asyncio.to_thread(os.path.expanduser, name))
    try:
        result = await read(await screen.services.opened_store(), path)
    except StoreError as error:
        screen.tell(error.phrase, "error")
    else:
        screen.tell(
            phrase("cli.imported", n=len(result.added), present=result.present, unreadable=result.unreadable)
        )


async def delete_everything(screen: ChatPage) -> None:
    """All conversations, for good, after a confirmation that names the files."""
    store = await screen.services.opened_store()
    files = ", ".join(str(path) for path in store.files())
    sure = await screen.app.push_screen_wait(
        ChoiceScreen(
            phrase("chat.delete_everything_question", files=files),
            [("no", phrase("chat.keep")), ("yes", phrase("chat.delete_everything_yes"))],
        )
    )
    if sure == "yes":
        await screen.services.generations.stop_all()
        screen.answers.queued.clear()
        screen.prompt.set_draft("")  # it would be stored again as this conversation's draft
        await store.delete_everything()
        screen.prompt.set_history([])
        screen.undo.clear()
        await screen.answers.start_new()
        screen.tell(phrase("chat.everything_deleted"))


async def confirm_delete(screen: ChatPage, message_id: str) -> None:
    """Ask before a message and what follows it go."""
    sure = await screen.app.push_screen_wait(
        ChoiceScreen(
            phrase("chat.delete_question"), [("no", phrase("chat.keep")), ("yes", phrase("chat.delete_yes"))]
        )
    )
    if sure == "yes":
        await screen.revisions.delete(message_id)


async def edit_message(screen: ChatPage, message_id: str) -> None:
    """Change a question (of an answer: the one that it answers); the old one stays beside it."""
    messages = screen.answers.conversation.messages
    message = messages[message_id]
    if message.role is Role.ASSISTANT and message.parent is not None:
        message = messages[message.parent]
    text = await screen.app.push_screen_wait(TextScreen(phrase("chat.edit_question"), message.content))
    if text and text.strip() and text != message.content:
        await screen.revisions.edit(message.id, text)
