"""The chat: what a person can do on its page, by key, palette or widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import isawaitable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from r1tui.domain.chat import ThinkMode
from r1tui.domain.phrase import Phrase, phrase
from r1tui.screens import chat_dialogues, chat_tools
from r1tui.screens.chat_page import ChatPage
from r1tui.screens.outside import open_outside
from r1tui.services.database import StoreError
from r1tui.widgets.hardware_panel import HardwarePanel
from r1tui.widgets.model_sidebar import ModelSidebar
from r1tui.widgets.transcript import events as told


class ChatScreen(ChatPage):
    """The main screen: keys and requests, each passed to the part that does it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop_or_close", "key.stop", id="chat.stop"),
        Binding("ctrl+t", "toggle_reasoning", "key.fold", id="chat.fold", priority=True),
        Binding("ctrl+n", "new", "key.new", id="chat.new", priority=True),
        Binding("ctrl+o", "toggle_side('models')", "key.models", id="chat.models", priority=True),
        Binding("ctrl+g", "toggle_side('machine')", "key.machine", id="chat.machine", priority=True),
        Binding(
            "ctrl+r", "prompt_search", "key.prompt_search", id="chat.prompt_search", show=False, priority=True
        ),
        Binding("f1", "help", "key.help", id="chat.help", priority=True),
        Binding("question_mark", "help", "key.help", id="chat.help_here", show=False),
        Binding("f2", "copy_answer(False)", "key.copy", id="chat.copy", show=False, priority=True),
        Binding("ctrl+y", "copy_answer(False)", "key.copy", id="chat.copy_here", show=False),
        Binding("f3", "copy_answer(True)", "key.copy_all", id="chat.copy_all", show=False, priority=True),
        Binding("f4", "answer_now", "key.answer_now", id="chat.answer_now", show=False, priority=True),
        Binding("f5", "continue", "key.continue", id="chat.continue", show=False, priority=True),
        Binding("f6", "history", "key.history", id="chat.history", show=False, priority=True),
        Binding("f7", "think", "key.think", id="chat.think", show=False, priority=True),
        Binding("f8", "model_menu", "key.model_menu", id="chat.model_menu", show=False, priority=True),
        Binding("f9", "host", "key.host", id="chat.host", show=False, priority=True),
        Binding("ctrl+up", "cursor(-1)", "key.message_up", id="chat.message_up", show=False, priority=True),
        Binding(
            "ctrl+down", "cursor(1)", "key.message_down", id="chat.message_down", show=False, priority=True
        ),
        Binding("pageup", "page(-1)", "key.page_up", id="chat.page_up", show=False, priority=True),
        Binding("pagedown", "page(1)", "key.page_down", id="chat.page_down", show=False, priority=True),
    ]

    # Actions

    def action_stop_or_close(self) -> None:
        """Esc: close what lies over the transcript, else stop the answer, else go back to the prompt."""
        for side in (self.sidebar, self.panel):
            if side.has_class("-open"):
                side.remove_class("-open")
                self.set_focus(self.prompt)
                self.sides_changed()
                return
        if not self.answers.stop():
            self.set_focus(self.prompt)

    def action_toggle_reasoning(self) -> None:
        """Fold or unfold all reasoning."""
        self.transcript.toggle_reasoning()

    async def action_new(self, private: bool = False) -> None:
        """Begin a new conversation; one under way goes on by itself."""
        await self.answers.start_new(private=private)
        self.set_focus(self.prompt)

    def action_cursor(self, step: int) -> None:
        """Move among the messages."""
        self.set_focus(self.transcript)  # at once: keys that follow in the same burst are meant for it
        if step < 0:
            self.transcript.cursor_up()
        else:
            self.transcript.cursor_down()

    def action_page(self, step: int) -> None:
        """Scroll the transcript from wherever the cursor is."""
        if step < 0:
            self.transcript.action_page_up()
        else:
            self.transcript.action_page_down()

    def action_answer_now(self) -> None:
        """End the reasoning, answer from it."""
        if not self.answers.answer_now():
            self.tell(phrase("chat.not_thinking"))

    def action_continue(self) -> None:
        """Go on with the last answer, or ask its question again."""
        self.run_worker(self.revisions.continue_or_retry())

    async def action_find(self) -> None:
        """Search in this conversation."""
        self.action_dialogue("find")

    def action_think(self) -> None:
        """Next way of asking the model to think: automatic, on, off."""
        modes = list(ThinkMode)
        mode = modes[(modes.index(self.answers.conversation.think) + 1) % len(modes)]
        self.answers.set_think(mode)
        self.tell(chat_tools.think_words(mode, self.connection.model(self.connection.selected)))

    def action_copy_answer(self, reasoning: bool) -> None:
        """Copy the last answer, with or without its reasoning."""
        self.run_worker(chat_tools.copy_answer(self, reasoning))

    def action_undo(self) -> None:
        """Take the last deletion back."""
        if not self.undo:
            self.tell(phrase("chat.nothing_to_undo"))
            return
        self.run_worker(self._take_back(self.undo.pop()))

    async def _take_back(self, undo: Callable[[], object]) -> None:
        try:
            result = undo()
            said = await result if isawaitable(result) else None
        except StoreError as error:
            self.tell(error.phrase, "error")
        else:
            if isinstance(said, Phrase):
                self.tell(said)

    def action_dialogue(self, name: str) -> None:
        """Open one of `chat_dialogues` or `conversation_dialogues` by its name."""
        from r1tui.screens import conversation_dialogues

        module = chat_dialogues if hasattr(chat_dialogues, name) else conversation_dialogues
        self.open_once(getattr(module, name)(self))

    def action_help(self) -> None:
        """All keys."""
        self.action_dialogue("show_help")

    def action_history(self) -> None:
        """The list of conversations."""
        self.action_dialogue("history")

    def action_model_menu(self) -> None:
        """Everything that can be done with the selected model."""
        self.action_dialogue("model_menu")

    def action_host(self) -> None:
        """Another server."""
        self.action_dialogue("switch_host")

    def action_prompt_search(self) -> None:
        """Search earlier prompts."""
        self.action_dialogue("prompt_search")

    def palette_commands(self) -> Iterable[tuple[str, str]]:
        """Actions that have no key."""
        from r1tui.screens import model_menu

        yield from chat_dialogues.palette_commands(self)
        for words, command in model_menu.command_words(self.connection.selected):
            yield words, f"model_command({command!r})"

    def action_model_command(self, command: str) -> None:
        """One of Ollama's commands on the selected model."""
        self.run_worker(chat_dialogues.model_command(self, command))

    # What widgets ask for

    @on(told.ReasoningToggled)
    def _reasoning_toggled(self) -> None:
        self.run_worker(self.services.state_set(chat_tools.REASONING, self.transcript.reasoning_policy))

    @on(told.CopyRequested)
    def _copy(self, event: told.CopyRequested) -> None:
        self.run_worker(chat_tools.copy(self, event.text))

    @on(told.OpenRequested)
    def _open(self, event: told.OpenRequested) -> None:
        self.run_worker(open_outside(self, event.message_id, event.where))

    @on(told.SaveRequested)
    def _save(self, event: told.SaveRequested) -> None:
        message = self.answers.conversation.messages[event.message_id]
        path = chat_tools.free_path(self.answers.conversation.title, ".md")
        self.run_worker(chat_tools.save_file(self, path, chat_tools.text_of(message, reasoning=False)))

    @on(told.EditRequested)
    def _edit(self, event: told.EditRequested) -> None:
        from r1tui.screens import conversation_dialogues

        self.open_once(conversation_dialogues.edit_message(self, event.message_id))

    @on(told.RegenerateRequested)
    def _regenerate(self, event: told.RegenerateRequested) -> None:
        self.run_worker(self.revisions.regenerate(event.message_id))

    @on(told.ContinueRequested)
    def _continue(self, event: told.ContinueRequested) -> None:
        self.run_worker(self.revisions.continue_or_retry(event.message_id))

    @on(told.DeleteRequested)
    def _delete(self, event: told.DeleteRequested) -> None:
        from r1tui.screens import conversation_dialogues

        self.open_once(conversation_dialogues.confirm_delete(self, event.message_id))

    @on(told.SiblingRequested)
    def _sibling(self, event: told.SiblingRequested) -> None:
        self.run_worker(self.revisions.move_to_sibling(event.message_id, event.step))

    @on(told.FindRequested)
    def _find(self) -> None:
        self.action_dialogue("find")

    @on(told.FindMoved)
    def _find_moved(self, event: told.FindMoved) -> None:
        self.tell(phrase("chat.found", n=event.total, at=event.position))

    @on(ModelSidebar.Selected)
    def _selected(self, event: ModelSidebar.Selected) -> None:
        self.run_worker(self.connection.select(event.name))
        if self.sidebar.has_class("-open"):
            self.action_stop_or_close()
        else:
            self.set_focus(self.prompt)

    @on(ModelSidebar.MenuRequested)
    def _menu(self, event: ModelSidebar.MenuRequested) -> None:
        self.open_once(chat_dialogues.model_menu_of(self, event.name))

    @on(ModelSidebar.AddRequested)
    def _add(self) -> None:
        self.action_dialogue("add_model")

    @on(ModelSidebar.PullCancelRequested)
    def _cancel_pull(self, event: ModelSidebar.PullCancelRequested) -> None:
        self.downloads.cancel(event.name)

    @on(ModelSidebar.PullResumeRequested)
    def _resume_pull(self, event: ModelSidebar.PullResumeRequested) -> None:
        self.downloads.resume(event.name)

    @on(HardwarePanel.FiguresRequested)
    def _figures(self) -> None:
        self.action_dialogue("figures")

    @on(HardwarePanel.PullRequested)
    def _pull(self, event: HardwarePanel.PullRequested) -> None:
        self.downloads.start_sized(event.tag)

    @on(HardwarePanel.LowerContextRequested)
    def _lower_context(self) -> None:
        self.action_dialogue("context")
