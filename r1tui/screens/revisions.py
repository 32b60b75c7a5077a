"""Changing what was said: continue, retry, another answer, another question, delete. Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from r1tui.domain.conversation import PARTIAL
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.phrase import phrase

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage


class Revisions:
    """What is done to the conversation on the screen beside asking further."""

    def __init__(self, screen: ChatPage) -> None:
        self.screen = screen
        self.services = screen.services
        self.answers = screen.answers

    async def continue_or_retry(self, message_id: str | None = None) -> None:
        """Go on with a partial answer where there is text to go on from, else ask its question again."""
        await self.answers.waiting.started.wait()
        answer = self.answers.conversation.messages.get(message_id or "") or self.answers.last_answer()
        if answer is None or self.answers.busy:
            return
        branch = self.answers.conversation.branch()
        limited = (
            answer.stats is not None and answer.status is MessageStatus.COMPLETE and answer.error is not None
        )
        open_end = answer.status in PARTIAL or limited or answer.only_reasoning
        if open_end and (answer.content or answer.reasoning) and branch and answer is branch[-1]:
            if answer.status is MessageStatus.COMPLETE:
                answer.status = MessageStatus.STOPPED
            if not answer.content:
                self.screen.tell(phrase("chat.continues_with_answer"))
            answer.error = None
            await self.answers.generate(answer, answer.id)
        else:
            await self.regenerate(answer.id)

    async def regenerate(self, message_id: str) -> None:
        """A new answer beside the old one, which stays as a sibling."""
        await self.answers.waiting.started.wait()
        if self.answers.busy:
            self.screen.tell(phrase("chat.busy"), "warning")
            return
        message = self.answers.conversation.messages.get(message_id)
        if message is None:
            return
        if message.role is Role.USER:
            self.answers.conversation.leaf = message.id
            await self.answers.ask(message)
        elif message.parent is not None:
            await self.answers.ask(self.answers.conversation.messages[message.parent], sibling_of=message.id)

    async def edit(self, message_id: str, text: str) -> None:
        """Ask a changed question beside the old one."""
        await self.answers.waiting.started.wait()
        if self.answers.busy:
            self.screen.tell(phrase("chat.busy"), "warning")
            return
        question = Message(Role.USER, text)
        self.answers.conversation.branch_from(message_id, question)
        await self.answers.ask(question)

    async def move_to_sibling(self, message_id: str, step: int) -> None:
        """Show the previous or next sibling of a message and what follows it."""
        if self.answers.conversation.select_sibling(message_id, step) is not None:
            self.answers.show()
            await self.answers.save_conversation()

    async def delete(self, message_id: str) -> None:
        """Take a message and what follows it out; `undo` puts them back until the app ends."""
        if self.answers.busy:
            self.screen.tell(phrase("chat.busy"), "warning")
            return
        removed = self.answers.conversation.delete(message_id)
        store = await self.services.opened_store()
        await store.delete_messages(self.answers.conversation, removed)
        self.screen.undo.append(self._undo_delete(removed))
        await self.answers.save_conversation()
        self.answers.show()
        self.screen.tell(phrase("chat.deleted", n=len(removed)))

    def _undo_delete(self, removed: list[Message]) -> Callable[[], object]:
        conversation = self.answers.conversation

        async def undo() -> None:
            conversation.restore(removed)
            store = await self.services.opened_store()
            for message in removed:
                await store.save_message(conversation.id, message)
            await store.save_conversation(conversation)
            if self.answers.conversation is conversation:
                self.answers.show()

        return undo
