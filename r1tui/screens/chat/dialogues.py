"""What the chat opens over itself, each a question to the user and what follows from the answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from r1tui.chat.asking_again import language_of
from r1tui.chat.events import NeedsContext, Severity
from r1tui.chat.hosts import DEFAULT
from r1tui.chat.session import ChatSession
from r1tui.commands import Place, Section
from r1tui.domain.address import shown_address
from r1tui.domain.attachment import Attachment, refused
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.edge import AtEdge
from r1tui.domain.message import Message, Role
from r1tui.domain.options import ANSWER_RESERVE, AT_EDGE, REASONING_LANGUAGE, option_from_text
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.r1_models import rules_of
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.guide import topics
from r1tui.locale import say, t
from r1tui.screens.chat.copying import free_path
from r1tui.screens.chat.impossible import useless
from r1tui.screens.chat.status import THINK_WORDS, think_words
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.pick import LineScreen, PickScreen
from r1tui.services.container import Services
from r1tui.services.engines.engine import HostError
from r1tui.services.server.process import ProcessError
from r1tui.services.store.database import StoreError
from r1tui.toolkit.bindings import InPalette

if TYPE_CHECKING:
    from r1tui.screens.dialogs.context_choice import Part
    from r1tui.screens.models.commands import ModelCommands
    from r1tui.screens.models.move import Mover
    from r1tui.services.engines.engine import Engine
    from r1tui.services.models.pulls import PullJob

OTHER = "+"
"""Entry of the list of hosts under which an address is typed."""
ENTRIES_NAMED = 3
"""Entries of an import that are named on the screen; `r1tui import` names more."""
PARAMETERS = ("temperature", "top_p", "top_k", "min_p", "repeat_penalty", "seed", "num_predict")

_AT_EDGE = {
    AtEdge.END: phrase("chat.edge_end"),
    AtEdge.ASK: phrase("chat.edge_ask"),
    AtEdge.RUN: phrase("chat.edge_run"),
}


_LANGUAGES = {
    ReasoningLanguage.AS_IT_COMES: phrase("chat.language_as_it_comes"),
    ReasoningLanguage.QUESTION: phrase("chat.language_question"),
    ReasoningLanguage.ENGLISH: phrase("chat.language_english"),
    ReasoningLanguage.CHINESE: phrase("chat.language_chinese"),
}

Dialogue = Callable[[], Coroutine[Any, Any, bool | None]]
"""True where it leaves something new in the draft."""
Shortened = Callable[["NeedsContext", "Part"], Coroutine[Any, Any, tuple[Attachment, ...] | None]]
"""What goes with a question that is too long; None where it is not sent."""


class Dialogues:
    """The chat's dialogues. Each method is to be awaited in a worker, since it asks something."""

    in_palette = InPalette["Dialogues", Coroutine[Any, Any, bool | None]](Place.CHAT)

    def __init__(
        self,
        app: App[Any],
        services: Services,
        session: ChatSession,
        tell: Callable[[Phrase, Severity], object],
        shortened: Shortened,
    ) -> None:
        self._app = app
        self._shortened = shortened
        self._services = services
        self._session = session
        self._server = session.server
        self._tell = tell
        self._mover: Mover | None = None

    def commands(self) -> dict[str, Dialogue]:
        """Id of a command → the dialogue that it opens."""
        return {
            "chat.prompt_search": self.prompt_search,
            "chat.history": self.history,
            "chat.think": self.thinking,
            "chat.model_menu": self.model_menu,
            "chat.host": self.switch_host,
            "chat.rename": self.rename,
            "chat.system": self.system_text,
            **self.in_palette.attached(self),
        }

    # Server, models, machine

    @in_palette(Section.SERVER, "chat.setup", "chat.command.setup", about="about.setup")
    async def setup(self) -> None:
        """The way from nothing to chatting."""
        from r1tui.screens.setup.screen import SetupScreen
        from r1tui.services.server.install import Installer

        services, server = self._services, self._server
        meant = services.host
        """Where setup goes on looking: an address that was typed counts once it has answered."""

        async def connect(address: str | None) -> Engine:
            if not address and services.host != meant:
                address = meant.name or meant.url
            engine = await (services.switch_host(address) if address else services.connect())
            server.downloads.adopt(services.pulls)
            return engine

        async def import_model() -> str | None:
            commands = self._model_commands()
            return await commands.import_model() if commands is not None else None

        async def copy(text: str) -> Phrase:
            return (await services.clipboard.copy(text)).phrase

        result = await self._app.push_screen_wait(
            SetupScreen(
                connect=connect,
                process=services.processes,
                installer=Installer(),
                pulls=lambda: services.pulls,
                mirror=services.settings.server.mirror,
                judgements=server.machine.judgements,
                copy=copy,
                import_model=import_model,
                notes=lambda: services.host.warnings,
            )
        )
        if result is None:
            with suppress(HostError):
                await connect(None)
        else:
            if result.model:
                services.wanted_model = result.model
            await self.connect()

    async def connect(self) -> bool:
        """Reach the server in use, with the conversation's model before others."""
        conversation = self._session.conversation
        return await self._server.connect(conversation.model if conversation.messages else "")

    async def switch_host(self) -> None:
        """Another server, of the settings, typed now or typed before; the one in use is marked."""
        services, hosts = self._services, self._server.hosts
        await hosts.load()
        entries = {DEFAULT: (t("chat.host_default"), hosts.resolved(DEFAULT))}
        entries |= {name: (clean_line(name), hosts.resolved(name)) for name in hosts.names[1:]}
        present = hosts.present
        if present is None:
            present = services.host.url
            entries[present] = (clean_line(present), None)
        marked: list[tuple[str, str]] = []
        for name, (words, host) in entries.items():
            # It stands before the address, which may be longer than the line.
            if name == present:
                words = t("chat.host_present", host=words)
            if host is not None and (host.name or name == DEFAULT):
                words = clean_line(f"{words}  {shown_address(host.url).removeprefix('http://')}")
            marked.append((name, words))
        marked.append((OTHER, t("chat.host_other")))
        wanted = await self._app.push_screen_wait(
            PickScreen(phrase("chat.host_question"), marked, marked=(present,))
        )
        if wanted == OTHER:
            wanted = await self._app.push_screen_wait(LineScreen(phrase("chat.host_address")))
            if wanted:
                await hosts.remember(wanted)
        if wanted is not None:
            await self._go_to_host(wanted)

    async def go_to_default_host(self) -> None:
        """To the server that the settings name now, unless it is the one in use."""
        if not self._server.hosts.is_default:
            await self._go_to_host(DEFAULT)

    async def _go_to_host(self, wanted: str) -> None:
        """Go to another server once it has answered; setup opens where it has no model.

        One that does not answer changes nothing: that is said, with a way to try again.
        """
        try:
            while (silent := await self._server.silence(wanted)) is not None:
                stays = phrase("chat.host_silent", reason=silent, host=self._server.name)
                answers = [("again", phrase("chat.host_again")), ("stay", phrase("chat.host_stay"))]
                if await self._app.push_screen_wait(ChoiceScreen(stays, answers)) != "again":
                    return
        except HostError as error:
            self._tell(error.phrase, "error")
            return
        conversation = self._session.conversation
        ready = await self._server.switch(wanted, conversation.model if conversation.messages else "")
        if ready is None:
            return
        if not ready:
            await self.setup()
        await self._server.downloads.restore()

    async def own_server_changed(self) -> None:
        """How the server that R1TUI starts is to keep a context was changed: offer to start it anew, where it runs."""
        from r1tui.domain.kv_cache import KvCache

        processes, own = self._services.processes, await self._server.own()
        if own is None:
            if self._server.local and self._server.engine is not None and processes.kv_cache != KvCache.F16:
                self._tell(phrase("serve.cache_elsewhere", type=processes.kv_cache), "information")
            return
        if own.kv_cache is processes.kv_cache:
            return
        question = phrase("serve.restart_question", type=processes.kv_cache, now=own.kv_cache)
        answers = [("later", phrase("serve.restart_later")), ("now", phrase("serve.restart_now"))]
        if await self._app.push_screen_wait(ChoiceScreen(question, answers)) == "now":
            await self.restart_server()

    async def models_folder_changed(self) -> None:
        """The folder of our server's models was changed: offer to start it there, with or without its models."""
        if self._mover is not None and self._mover.moving:
            return
        processes, own = self._services.processes, await self._server.own()
        if own is None:
            if self._server.local and self._server.engine is not None and processes.settings.models:
                self._tell(phrase("serve.models_elsewhere", path=str(processes.models)), "information")
            return
        if own.models_folder == processes.models:
            return
        question = phrase("serve.models_question", now=str(own.models_folder), path=str(processes.models))
        answers = [
            ("later", phrase("serve.restart_later")),
            ("move", phrase("serve.models_move")),
            ("now", phrase("serve.models_leave")),
        ]
        answer = await self._app.push_screen_wait(ChoiceScreen(question, answers))
        if answer == "move":
            await self.move_models(str(processes.models))
        elif answer == "now":
            await self.restart_server()

    async def move_models(self, folder: str = "") -> None:
        """Move the models of our server into another folder, which is asked for unless it is named."""
        from r1tui.screens.models.move import Mover

        self._mover = Mover(self._app, self._services, self._session, self._tell)
        await self._mover.run(folder)

    async def restart_server(self) -> None:
        """Start the server that R1TUI started anew, unless somebody uses it."""
        if self._session.generations.writing:
            self._tell(phrase("serve.busy_answer"), "warning")
        elif await self._services.processes.used_by_others():
            self._tell(phrase("serve.busy_other"), "warning")
        else:
            try:
                await self._session.restart_server()
            except ProcessError as error:
                self._tell(error.phrase, "error")
            else:
                self._tell(phrase("serve.restarted", type=self._services.processes.kv_cache), "information")

    async def download(self, name: str) -> None:
        """Ask, then download a model, or go on with it."""
        from r1tui.screens.models.download import installed_size, start_download

        downloads = self._server.downloads
        if downloads.queue is None:
            self._tell(phrase("chat.no_commands"), "warning")
            return
        await start_download(
            self._app,
            downloads.queue,
            name,
            free=downloads.free_disk(),
            refuse=lambda why: self._tell(why, "error"),
            mirror=self._services.settings.server.mirror,
            present=installed_size(self._server.models, name),
        )

    def _model_commands(self) -> ModelCommands | None:
        """Ollama's commands on the server in use; None, and said, where it has none."""
        from r1tui.screens.models.commands import ModelCommands
        from r1tui.services.engines.engine import ModelManager

        services = self._services
        if services.engine is None or services.pulls is None or not isinstance(services.engine, ModelManager):
            self._tell(phrase("chat.no_commands"), "warning")
            return None
        return ModelCommands(
            self._app,
            engine=services.engine,
            pulls=services.pulls,
            process=services.processes,
            tell=self._tell,
            select=self._session.select_model,
            changed=self._server.refresh,
            restart=self.restart_server,
            move=self.move_models,
            mirror=services.settings.server.mirror,
            free=self._server.downloads.free_disk,
            folder=lambda: self._server.models_folder,
            forget=self._server.downloads.cancel,
        )

    async def model_command(self, command: str) -> None:
        """One of Ollama's commands on the selected model."""
        if (commands := self._model_commands()) is not None:
            await commands.run(command, self._server.selected)

    async def model_menu(self, name: str = "") -> None:
        """Everything that Ollama can do with a model, the selected one unless another is named."""
        if (commands := self._model_commands()) is not None:
            name = name or self._server.selected
            model = self._server.model(name)
            await commands.menu(name, model.remote_host if model else "", useless(self._server, name))

    @in_palette(
        Section.MODEL, "chat.explain_model", "chat.command.explain_model", about="about.explain_model"
    )
    async def explain_selected(self) -> None:
        """What DeepSeek says of the selected model."""
        if self._server.selected:
            await self.explain_model(self._server.selected)

    async def explain_model(self, name: str) -> None:
        """What DeepSeek says of a model."""
        from r1tui.screens.dialogs.text_view import TextViewScreen
        from r1tui.screens.models.words import r1_text

        text = r1_text(name, await self._server.identify(name))
        await self._app.push_screen_wait(TextViewScreen(phrase("r1.title", name=name), text, labelled=True))

    async def add_model(self) -> None:
        """Pull a model by its name."""
        if (commands := self._model_commands()) is not None:
            await commands.add()

    async def insecure_registry(self, job: PullJob) -> None:
        """A registry that speaks without encryption is used only when the user says so."""
        from r1tui.domain.model_name import parse_name

        sure = await self._app.push_screen_wait(
            ChoiceScreen(
                phrase("pull_name.insecure_question", host=parse_name(job.source).host),
                [("no", phrase("pull_name.insecure_no")), ("yes", phrase("pull_name.insecure_yes"))],
                danger=("yes",),
            )
        )
        if sure == "yes":
            self._server.downloads.allow_insecure(job)

    @in_palette(Section.SERVER, "chat.figures", "chat.command.figures", about="about.figures")
    async def figures(self) -> None:
        """The sum behind the recommendation."""
        from r1tui.screens.dialogs.figures import FiguresScreen

        machine = self._server.machine
        if machine.profile is not None and machine.recommendation is not None:
            await self._app.push_screen_wait(
                FiguresScreen(machine.profile, machine.recommendation, running=self._server.running)
            )

    # Conversations

    async def history(self) -> None:
        """The conversations of before."""
        from r1tui.screens.history import HistoryScreen

        store = await self._services.opened_store()
        chosen = await self._app.push_screen_wait(HistoryScreen(store, undo=self._session.undo))
        if chosen is not None:
            await self._session.open(*chosen)
        else:
            await self._session.refresh()

    async def prompt_search(self) -> bool:
        """What other R1TUIs have in their prompts, and earlier prompts, newest first; the chosen one becomes the draft.
        False where none was chosen."""
        store = await self._services.opened_store()
        prompts = [*await self._session.draft.elsewhere(), *await store.prompts(limit=2000)]
        entries = [(str(at), text) for at, text in enumerate(prompts)]
        chosen = await self._app.push_screen_wait(
            PickScreen(phrase("chat.prompt_search"), entries, nothing=phrase("chat.no_prompts"))
        )
        if chosen is not None:
            self._session.draft.set(prompts[int(chosen)])
        return chosen is not None

    async def rename(self) -> None:
        """Ask for the conversation's new title."""
        question = LineScreen(phrase("chat.rename_question"), self._session.conversation.title, edit=True)
        if title := await self._app.push_screen_wait(question):
            await self._session.rename(title)

    async def system_text(self) -> None:
        """The system text of this conversation."""
        from r1tui.screens.dialogs.text_editor import TextScreen

        system = self._session.conversation.system
        model = await self._server.identify(self._server.selected)
        question = phrase("chat.system_question")
        if model is not None and model.rules.system_text:
            question = phrase("chat.system_question_supported", model=model.name)
        text = await self._app.push_screen_wait(TextScreen(question, system))
        if text is not None:
            await self._session.set_system(text.strip())

    async def thinking(self) -> None:
        """Whether the model thinks in this conversation, how much, and in which language."""
        session, model = self._session, self._server.model(self._server.selected)
        modes = [mode for mode in ThinkMode if not mode.is_level or (model is not None and model.levels)]
        language = language_of(session.conversation, self._services.settings.chat.reasoning_language)
        entries = [
            *(
                (f"think {mode}", say(THINK_WORDS[mode]), mode is session.conversation.think)
                for mode in modes
            ),
            *((f"language {each}", say(_LANGUAGES[each]), each is language) for each in ReasoningLanguage),
        ]
        chosen = await self._app.push_screen_wait(
            PickScreen(
                phrase("chat.think_question"),
                [(name, words) for name, words, _ in entries],
                marked=[name for name, _, holds in entries if holds],
            )
        )
        if chosen is None:
            return
        kind, _, value = chosen.partition(" ")  # both have an entry "auto"
        if kind == "think":
            session.set_think(ThinkMode(value))
            self._tell(think_words(ThinkMode(value), model), "information")
        else:
            await session.set_option(REASONING_LANGUAGE, value)
            self._tell(_LANGUAGES[ReasoningLanguage(value)], "information")

    @in_palette(Section.CONVERSATION, "chat.parameters", "chat.command.parameters", about="about.parameters")
    async def parameters(self) -> None:
        """Sampling parameters of this conversation, and what happens when its context is full."""
        options, server = self._session.conversation.options, self._server
        defaults = dict[str, str]()
        if server.engine is not None and server.selected:
            defaults = await self._session.requests.defaults(server.engine, server.selected)
        unset = t("chat.parameter_default")
        entries = [
            (name, (clean_line(name), clean_line(str(options.get(name, defaults.get(name, unset))))))
            for name in PARAMETERS
        ]
        entries += self._edge_entries()
        rules = rules_of(await server.identify(server.selected))
        question = phrase(
            "chat.parameter_question", temperature=f"{rules.temperature:g}", top_p=f"{rules.top_p:g}"
        )
        name = await self._app.push_screen_wait(PickScreen(question, entries, about=topics.parameter))
        if name is None:
            return
        if name == AT_EDGE:
            await self._choose_at_edge()
            return
        words = t("chat.reserve_name") if name == ANSWER_RESERVE else name
        value = await self._app.push_screen_wait(
            LineScreen(phrase("chat.parameter_value", name=words), str(options.get(name, "")))
        )
        if value is None:
            return
        if not value.strip():
            await self._session.set_option(name, None)
            return
        if (chosen := option_from_text(name, value)) is not None:
            await self._session.set_option(name, chosen)
        else:
            self._tell(phrase("chat.parameter_bad", value=value, name=words), "warning")

    def _edge_entries(self) -> list[tuple[str, tuple[Clean, Clean]]]:
        options, chat = self._session.conversation.options, self._services.settings.chat
        at, reserve = options.get(AT_EDGE, chat.at_edge), options.get(ANSWER_RESERVE) or chat.answer_reserve
        words = clean_line(str(reserve)) if reserve else t("chat.reserve_automatic")
        return [
            (AT_EDGE, (t("chat.edge_parameter"), say(_AT_EDGE[AtEdge(str(at))]))),
            (ANSWER_RESERVE, (t("chat.reserve_parameter"), words)),
        ]

    async def _choose_at_edge(self) -> None:
        default = t("chat.edge_default", words=say(_AT_EDGE[self._services.settings.chat.at_edge]))
        entries = [("", default), *((str(each), say(words)) for each, words in _AT_EDGE.items())]
        chosen = await self._app.push_screen_wait(PickScreen(phrase("chat.edge_question"), entries))
        if chosen is not None:
            await self._session.set_option(AT_EDGE, chosen or None)

    @in_palette(Section.CONVERSATION, "chat.context", "chat.command.context", about="about.context")
    async def context(self) -> bool:
        """What to do about the context's length; tells whether there is something new in the draft."""
        from r1tui.screens.dialogs.context_choice import SUMMARY, ask_context

        chosen = await ask_context(self._app, self._session)
        if chosen == SUMMARY:
            return await self.start_with_summary()
        if isinstance(chosen, int):
            self._session.set_context(chosen)
        return False

    async def start_with_summary(self, question: str = "", attachments: tuple[Attachment, ...] = ()) -> bool:
        """Have the conversation summed up, then begin a new one with the summary, once its user has read and changed it;
        `question` is in its draft, with its attachments.

        Says the cost before. Esc at any time leaves everything as it was; False then. A summary that was written is kept
        until it is used, or the conversation has gone on.
        """
        from r1tui.chat.summary import begun_with, cost_words, write
        from r1tui.screens.dialogs.summing_up import SummingUpScreen
        from r1tui.screens.dialogs.text_editor import TextScreen

        plan = await self._session.plan_summary()
        if plan is None:
            return False
        edit = self._session.edit_of_summary()
        text, _ = await edit.load()
        answers = [("yes", phrase("chat.summary_begin")), ("no", phrase("chat.summary_not"))]
        if text:
            answers.insert(0, ("kept", phrase("chat.summary_use_kept")))
        chosen = await self._app.push_screen_wait(ChoiceScreen(cost_words(plan), answers))
        if chosen == "yes":
            title = phrase("chat.summary_of", title=self._session.conversation.title)
            found = await self._app.push_screen_wait(
                SummingUpScreen(title, len(plan.parts), lambda tell: write(plan, tell))
            )
            if isinstance(found, Phrase):
                self._tell(found, "error")
            if not isinstance(found, str):
                return False
            text = begun_with(found)
            await edit.keep(text)
        elif chosen != "kept":
            return False
        screen = TextScreen(phrase("chat.summary_edit"), text, keep=edit.keep)
        begins = await self._app.push_screen_wait(screen) is not None
        await edit.keep(screen.written)  # until it is used
        if not edit.is_kept:
            return False
        if not begins:
            self._tell(phrase("chat.summary_kept"), "information")
            return False
        try:
            await self._session.begin_from_summary(screen.written.strip(), question, attachments)
        except StoreError as error:
            self._tell(error.phrase, "error")
            return False
        await edit.forget()
        return True

    async def needs_context(self, need: NeedsContext) -> bool:
        """A question would push messages out of the model's sight: what to do, before it is asked.

        Tells whether it is in the draft again, or in that of a new conversation.
        """
        from r1tui.screens.dialogs.context_choice import SUMMARY, Part, ask_context

        session, question, attached = self._session, need.question, need.attachments
        chosen = await ask_context(self._app, session, need)
        if need.refused:
            if chosen == SUMMARY:
                return await self.start_with_summary(question, attached)
            if isinstance(chosen, int):
                session.set_context(chosen)
            if chosen is not None:
                await session.regenerate(need.refused)
            return False
        if chosen is None:
            await session.withdraw(question, attachments=attached)
        elif chosen == SUMMARY:
            begun = await self.start_with_summary(question, attached)
            await session.withdraw(question, back=not begun, attachments=attached)
        elif isinstance(chosen, Part):
            shorter = await self._shortened(need, chosen)
            if shorter is not None:
                session.submit(
                    question, attachments=shorter
                )  # which may be too long still, and is asked about then
            await session.withdraw(question, back=shorter is None, attachments=attached)
            return shorter is None
        else:
            if isinstance(chosen, int):
                session.set_context(chosen)
            session.submit(question, checked=True, attachments=attached)
            return False
        return True

    @in_palette(Section.CONVERSATION, "chat.export", "chat.command.export", about="about.export")
    async def export(self) -> None:
        """Write this conversation to a file in the folder that the app was started in."""
        conversation = self._session.conversation
        if not conversation.messages:
            self._tell(phrase("chat.nothing_to_export"), "information")
        else:
            await self._export(phrase("chat.export_question"), conversation.title, [conversation.id])

    @in_palette(Section.CONVERSATION, "chat.export_all", "chat.command.export_all", about="about.export_all")
    async def export_all(self) -> None:
        """Write all stored conversations, archived ones too, to one file there."""
        await self._export(phrase("chat.export_all_question"), t("chat.export_all_name"), None)

    async def _export(self, question: Phrase, name: str, ids: list[str] | None) -> None:
        from r1tui.screens.dialogs.export_choice import choose_form
        from r1tui.services.transfer import FORMATS
        from r1tui.services.transfer import export as write

        form = await choose_form(self._app, question)
        if form is None:
            return
        path = await asyncio.to_thread(free_path, name, FORMATS[form[0]])

        def warn(words: Phrase) -> None:
            self._tell(words, "warning")

        try:
            store = await self._services.opened_store()
            await write(store, ids, form[0], path, reasoning=form[1], tell=warn)
        except StoreError as error:
            self._tell(error.phrase, "error")
        else:
            self._tell(phrase("chat.saved", path=str(path)), "information")

    @in_palette(Section.CONVERSATION, "chat.import", "chat.command.import", about="about.import")
    async def import_file(self) -> None:
        """Read conversations from a file: R1TUI's own export, ChatGPT's or Open WebUI's."""
        from r1tui.screens.dialogs.importing import ImportScreen

        name = await self._app.push_screen_wait(LineScreen(phrase("chat.import_question")))
        if not name:
            return
        path = Path(await asyncio.to_thread(os.path.expanduser, name))
        result = await self._app.push_screen_wait(ImportScreen(await self._services.opened_store(), path))
        if isinstance(result, Phrase):
            self._tell(result, "error")
            return
        for wrong in result.wrong[:ENTRIES_NAMED]:
            self._tell(wrong, "warning")
        if result.stopped is not None:
            self._tell(result.stopped, "warning")
        self._tell(result.summary, "information")

    @in_palette(
        Section.APP,
        "chat.delete_everything",
        "chat.command.delete_everything",
        about="about.delete_everything",
        danger=True,
    )
    async def delete_everything(self) -> None:
        """All conversations, for good, after a confirmation that names the files."""
        store = await self._services.opened_store()
        files = tuple(str(path) for path in store.files())
        sure = await self._app.push_screen_wait(
            ChoiceScreen(
                phrase("chat.delete_everything_question", files=files),
                [("no", phrase("chat.keep")), ("yes", phrase("chat.delete_everything_yes"))],
                danger=("yes",),
            )
        )
        if sure == "yes":
            await self._session.delete_everything()

    # Messages

    async def delete_message(self, message_id: str) -> None:
        """Ask before a message and what follows it go."""
        sure = await self._app.push_screen_wait(
            ChoiceScreen(
                phrase("chat.delete_question"),
                [("no", phrase("chat.keep")), ("yes", phrase("chat.delete_yes"))],
                danger=("yes",),
            )
        )
        if sure == "yes":
            await self._session.delete(message_id)

    async def sent_prompt(self, message: Message | None) -> None:
        """What was sent for an answer (of a question: for its answer); None: what is written, else the last answer."""
        from r1tui.chat.sent_prompt import answer_to
        from r1tui.screens.chat.sent_prompt import prompt_text
        from r1tui.screens.dialogs.text_view import TextViewScreen

        session, text = self._session, self._session.draft.text.strip()
        branch = session.conversation.branch()
        answer = answer_to(branch, message) if message is not None else None
        if answer is None and not text:
            answer = session.last_answer
        if answer is None and not text:
            self._tell(phrase("sent.nothing"), "information")
            return
        prompt = await (session.prompt_of(answer) if answer is not None else session.prompt_to_come(text))
        if prompt is None:
            self._tell(phrase("sent.no_server"), "warning")
            return
        model = prompt.request.model
        title = phrase("sent.to_come", model=model) if prompt.to_come else phrase("sent.title", model=model)
        await self._app.push_screen_wait(TextViewScreen(title, prompt_text(prompt)))

    async def edit_message(self, message_id: str) -> None:
        """Change a question (of an answer: the one that it answers); the old one stays beside it."""
        from r1tui.screens.chat.edit_question import EditQuestionScreen

        messages = self._session.conversation.messages
        message = messages[message_id]
        if message.role is Role.ASSISTANT and message.parent is not None:
            message = messages[message.parent]
        limit = self._services.settings.chat.attachment_limit
        edit = self._session.edit_of(message)
        screen = EditQuestionScreen(
            message.content,
            *await edit.load(),
            lambda these, before: refused(these, limit, before),
            private=self._session.conversation.private,
            keep=edit.keep,
        )
        done = await self._app.push_screen_wait(screen) is not None
        after = screen.written, screen.attachments
        await edit.keep(*after)  # until it is asked
        if edit.is_kept and not done:
            self._tell(phrase("edit.kept"), "information")
        elif edit.is_kept and await self._session.edit(message.id, *after):
            await edit.forget()

    # The app

    @in_palette(Section.VIEW, "chat.theme", "chat.command.theme", about="about.theme")
    async def theme(self) -> None:
        """Choose a theme, seeing it while choosing."""
        from r1tui.domain.settings_schema import setting
        from r1tui.screens.dialogs.choose_theme import choose_theme
        from r1tui.services.settings import SettingsError

        services = self._services
        chosen = await choose_theme(
            self._app,
            lambda: services.themes()[0],
            phrase("chat.theme_question"),
            services.low_bandwidth,
        )
        if chosen is None:
            return
        try:
            await services.settings_store.update(setting("interface.theme"), chosen)
        except SettingsError as error:
            self._tell(error.phrase, "error")

    @in_palette(Section.APP, "chat.settings", "chat.command.settings", about="about.settings")
    async def settings(self) -> None:
        """All settings; a change holds at once."""
        from r1tui.screens.settings.screen import SettingsScreen

        services = self._services
        await self._app.push_screen_wait(
            SettingsScreen(services.settings_store, lambda: services.low_bandwidth)
        )
