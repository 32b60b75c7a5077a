"""Asking and answering: joins the prompt, the conversation, the generation and the transcript."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import phrase
from r1tui.screens import chat_tools
from r1tui.screens.context_meter import ContextMeter
from r1tui.screens.drawing import Drawing
from r1tui.screens.elsewhere import Elsewhere
from r1tui.screens.waiting import Waiting
from r1tui.services.generation import Budget

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage


class Answers(ContextMeter):
    """The conversation on the screen and its running answer."""

    def __init__(self, screen: ChatPage) -> None:
        super().__init__(screen)
        self.services = screen.services
        self.conversation = self._fresh()
        self.waiting = Waiting(self)
        self.queued = self.waiting.queue
        self.preparing: Message | None = None
        """The answer whose question is being stored and whose request is being made."""
        self._unwanted = False
        """It was stopped before it began."""
        self.drawing = Drawing(self)
        self.elsewhere = Elsewhere(self)

    # Conversations

    def _fresh(self) -> Conversation:
        think = self.services.settings.chat.think
        return Conversation(model=self.conversation.model, think=think)

    async def start_new(self, *, private: bool = False) -> None:
        """Begin an empty conversation; an answer under way goes on by itself, the draft stays with the old one."""
        await self._leave()
        self.conversation = self._fresh()
        self.conversation.private = private
        if private:
            await (await self.services.opened_store()).save_conversation(self.conversation)
        self.show()
        await chat_tools.load_draft(self.screen)

    async def _leave(self) -> None:
        """Let go of the conversation on the screen, its draft kept."""
        self.waiting.leave()
        await chat_tools.save_draft(self.screen)
        self.unfollow()
        self.preparing = None
        self.queued.clear()
        self.screen.prompt.set_draft("")

    async def open(
        self, conversation_id: str, message_id: str | None = None, needle: str | None = None
    ) -> None:
        """Show a stored conversation, live where its answer is still being written."""
        store = await self.services.opened_store()
        conversation = await store.load(conversation_id)
        if conversation is None:
            self.screen.tell(phrase("chat.conversation_gone"), "warning")
            return
        await self._leave()
        generation = self.services.generations.of_conversation(conversation_id)
        if generation is not None and generation.message.id in conversation.messages:
            conversation.messages[generation.message.id] = generation.message
        self.conversation = conversation
        if message_id:
            conversation.show(message_id)
        self.show()
        if generation is not None:
            self.drawing.follow(generation)
        else:
            self.elsewhere.watch()
        await chat_tools.load_draft(self.screen)
        if message_id:
            self.screen.transcript.jump_to(message_id, needle or "")

    def show(self) -> None:
        """Draw the active branch."""
        transcript = self.screen.transcript
        transcript.show(self.conversation.branch())
        transcript.set_siblings(self.conversation.branch_points())
        self.screen.conversation_changed()

    # Asking

    async def send(self, text: str, *, checked: bool = False) -> None:
        """Ask, or queue the question behind the answer that streams.

        Where the context gets too small for the conversation the user is asked first, unless `checked`.
        """
        if self.starting or self.busy or self.elsewhere.live is not None:
            self.queued.append(text)
            self.waiting.settled(text)
            if not self.starting:
                self.screen.tell(phrase("chat.queued"))
            return
        from r1tui.screens.context_choice import choose_context

        if not checked and self.overflows(text) and not await choose_context(self.screen, text):
            return
        question = Message(Role.USER, text)
        self.conversation.add(question)
        await self.ask(question)

    @property
    def starting(self) -> bool:
        """Whether the server is asked for its models for the first time; what is sent meanwhile is queued."""
        return not self.waiting.started.is_set()

    @property
    def busy(self) -> bool:
        """Whether an answer of this conversation is being written, or about to be, by this process."""
        return self.generation is not None or self.preparing is not None

    async def ask(self, question: Message, sibling_of: str | None = None) -> None:
        """Store the question and an empty answer, then begin to fill it."""
        model = self.screen.connection.selected
        conversation = self.conversation
        conversation.model = model
        answer = Message(Role.ASSISTANT, model=model, status=MessageStatus.STREAMING, phase=Phase.CONNECTING)
        answer.phase_started = monotonic()
        with self._preparation(answer):
            if not await self._stored(question):
                return
            self.waiting.settled(question.content)
            await self.screen.connection.remember(model)
            if sibling_of is None:
                conversation.add(answer)
            else:
                conversation.branch_from(sibling_of, answer)
            if conversation is self.conversation:
                self.show()
            await self._generate(conversation, answer, question.id)

    @contextmanager
    def _preparation(self, answer: Message) -> Iterator[None]:
        """What is sent meanwhile waits; where no answer begins it goes back to its writer."""
        self.preparing, self._unwanted = answer, False
        try:
            yield
        finally:
            if self.preparing is answer:  # else another conversation was opened meanwhile
                self.preparing = None
                if self.generation is None:
                    self.waiting.give_back()
                self.screen.status_changed()

    async def _stored(self, message: Message) -> bool:
        """Commit a message before any request is made; a disk that refuses is said, the text goes back to the prompt."""
        conversation = self.conversation
        try:
            store = await self.services.opened_store()
            await store.save_conversation(conversation)
            await store.save_message(conversation.id, message)
        except Exception as error:
            if message.role is Role.USER:
                conversation.delete(message.id)
                self.screen.prompt.set_draft(message.content)
            self.show()
            self.screen.tell(chat_tools.not_saved(error), "error")
            return False
        return True

    async def generate(self, answer: Message, upto: str) -> None:
        """Begin to fill an answer that is in the conversation already."""
        with self._preparation(answer):
            await self._generate(self.conversation, answer, upto)

    async def _generate(self, conversation: Conversation, answer: Message, upto: str) -> None:
        engine = self.screen.connection.engine
        if engine is None:
            answer.status, answer.phase = MessageStatus.FAILED, None
            answer.error = phrase("chat.no_server")
            self.screen.transcript.update(answer)
            return
        store = await self.services.opened_store()
        request = await self.services.answering.request(
            engine,
            conversation,
            upto,
            self.screen.machine.profile,
            **self.screen.connection.sized(answer.model),
        )
        size = request.options.get("num_ctx")
        self.context_size = int(size) if size else None
        lost = self.mark_lost()
        if lost:
            self.screen.tell(phrase("chat.out_of_sight", n=lost), "warning")
        known = conversation.sibling_ids(answer.id)
        if not await store.claim_answer(conversation.id, answer.parent, answer.id, known):
            conversation.delete(answer.id)
            self.screen.tell(phrase("chat.answered_elsewhere"), "warning")
            await self.open(conversation.id)
            return
        await store.save_message(conversation.id, answer)
        await store.save_conversation(conversation)
        chat = self.services.settings.chat
        budget = Budget(chat.reasoning_budget_seconds, chat.reasoning_budget_tokens)
        generation = self.services.generations.start(
            engine, conversation.id, answer, request, self.services.sink, budget
        )
        if self.preparing is answer:
            self.drawing.follow(generation)
            if self._unwanted:
                generation.stop()

    def unfollow(self) -> None:
        """Look at no answer any more; it goes on by itself."""
        self.elsewhere.stop()
        self.drawing.stop()

    def go_on(self, message: Message) -> None:
        """An answer has ended: ask the question that waits behind it."""
        if message.status is not MessageStatus.COMPLETE:
            self.waiting.give_back()  # after a stop or a fault the next question waits for its writer
        else:
            self.waiting.ask_next()

    # Acting on answers

    def stop(self) -> bool:
        """Stop the running answer; False when there is none."""
        if self.generation is not None:
            self.generation.stop()
        elif self.preparing is not None:
            self._unwanted = True
        elif self.elsewhere.live is not None:
            self.screen.run_worker(self.elsewhere.stop_writer())
        else:
            return False
        return True

    def answer_now(self) -> bool:
        """End the reasoning and have the model answer from it."""
        return self.generation is not None and self.generation.answer_now()

    def streaming(self) -> Message | None:
        """The answer that is being written, by this process or another."""
        if self.generation is not None:
            return self.generation.message
        if self.preparing is not None:
            return self.preparing
        branch = self.conversation.branch() if self.elsewhere.live is not None else []
        return next((each for each in reversed(branch) if each.status is MessageStatus.STREAMING), None)

    def last_answer(self) -> Message | None:
        """The newest answer of the branch."""
        return self.conversation.last_answer()

    def set_think(self, mode: ThinkMode) -> None:
        """Ask the model to think or not, in this conversation from now on."""
        self.conversation.think = mode
        self.screen.run_worker(self.save_conversation())
        self.screen.status_changed()

    async def save_conversation(self) -> None:
        """Keep the conversation's own settings; one without messages is not kept."""
        if self.conversation.messages:
            store = await self.services.opened_store()
            await store.save_conversation(self.conversation)
