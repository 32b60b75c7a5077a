"""What the chat opens over itself: setup, help, history, models, servers, settings, and questions about a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import t

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage
    from r1tui.screens.models import ModelCommands
    from r1tui.services.engine import Engine

OTHER = "+"


def palette_commands(screen: ChatPage) -> Iterable[tuple[str, str]]:
    """(words, action) of everything that has no key of its own."""
    return (
        (t("chat.command.setup"), "dialogue('setup')"),
        (t("chat.command.settings"), "dialogue('settings')"),
        (t("chat.command.theme"), "dialogue('theme')"),
        (t("chat.command.private"), "new(True)"),
        (t("chat.command.rename"), "dialogue('rename')"),
        (t("chat.command.system"), "dialogue('system_text')"),
        (t("chat.command.parameters"), "dialogue('parameters')"),
        (t("chat.command.context"), "dialogue('context')"),
        (t("chat.command.export"), "dialogue('export')"),
        (t("chat.command.export_all"), "dialogue('export_all')"),
        (t("chat.command.import"), "dialogue('import_file')"),
        (t("chat.command.figures"), "dialogue('figures')"),
        (t("chat.command.undo"), "undo"),
        (t("chat.command.find"), "find"),
        (t("chat.command.delete_everything"), "dialogue('delete_everything')"),
    )


async def setup(screen: ChatPage) -> None:
    """The way from nothing to chatting."""
    from r1tui.screens.setup import SetupScreen
    from r1tui.services.engine import HostError
    from r1tui.services.ollama_install import Installer

    services = screen.services
    meant = services.host
    """Where setup goes on looking: an address that was typed counts once it has answered."""

    async def connect(address: str | None) -> Engine:
        if not address and services.host != meant:
            address = meant.name or meant.url
        engine = await (services.switch_host(address) if address else services.connect())
        screen.downloads.adopt(services.pulls)
        return engine

    async def import_model() -> str | None:
        commands = model_commands(screen)
        return await commands.import_model() if commands is not None else None

    async def copy(text: str) -> Phrase:
        return (await services.clipboard.copy(text)).phrase

    result = await screen.app.push_screen_wait(
        SetupScreen(
            connect=connect,
            process=services.processes,
            installer=Installer(),
            pulls=lambda: services.pulls,
            mirror=services.settings.server.mirror,
            judgements=screen.machine.judgements,
            copy=copy,
            import_model=import_model,
        )
    )
    if result is None:
        with suppress(HostError):
            await connect(None)
    else:
        if result.model:
            services.wanted_model = result.model
        await screen.connection.connect()
        screen.prompt.focus()


async def show_help(screen: ChatPage) -> None:
    """All keys of the moment."""
    from r1tui.screens.help import HelpScreen

    await screen.app.push_screen_wait(HelpScreen(screen.active_bindings))


async def history(screen: ChatPage) -> None:
    """The conversations of before."""
    from r1tui.screens.history import HistoryScreen

    store = await screen.services.opened_store()
    chosen = await screen.app.push_screen_wait(HistoryScreen(store, undo=screen.undo))
    if chosen is not None:
        conversation_id, message_id, needle = chosen
        await screen.answers.open(conversation_id, message_id, needle)
    else:
        await _after_history(screen)


async def _after_history(screen: ChatPage) -> None:
    """Go along with what the history was told: a new title, or that the conversation on the screen is deleted.

    A deleted one is left: what is asked next would be deleted with it.
    """
    answers = screen.answers
    shown = answers.conversation
    if not shown.messages or answers.preparing is not None:
        return
    store = await screen.services.opened_store()
    kept = [*store.private_summaries(), await store.summary(shown.id)]
    summary = next((each for each in kept if each and each.id == shown.id), None)
    if summary is None:
        typed = screen.prompt.text
        await answers.start_new()
        screen.prompt.set_draft(typed)
    elif summary.title != shown.title:
        shown.title = summary.title
        screen.conversation_changed()


async def switch_host(screen: ChatPage) -> None:
    """Another server, of the settings or typed."""
    from r1tui.screens.pick import LineScreen, PickScreen

    services = screen.services
    entries = [("", t("chat.host_default"))]
    entries += [(name, f"{name}  {host.url}") for name, host in services.settings.hosts.items()]
    entries.append((OTHER, t("chat.host_other")))
    wanted = await screen.app.push_screen_wait(PickScreen(phrase("chat.host_question"), entries))
    if wanted == OTHER:
        wanted = await screen.app.push_screen_wait(LineScreen(phrase("chat.host_address")))
    if wanted is None:
        return
    await screen.connection.switch(wanted)


async def prompt_search(screen: ChatPage) -> None:
    """Earlier prompts, newest first; the chosen one is put into the prompt."""
    from r1tui.screens.pick import PickScreen

    store = await screen.services.opened_store()
    prompts = await store.prompts(limit=2000)
    entries = [(str(at), text) for at, text in enumerate(prompts)]
    chosen = await screen.app.push_screen_wait(PickScreen(phrase("chat.prompt_search"), entries))
    if chosen is not None:
        screen.prompt.set_draft(prompts[int(chosen)])
        screen.prompt.focus()


async def theme(screen: ChatPage) -> None:
    """Choose a theme, seeing it while choosing."""
    from r1tui.domain.settings_schema import SETTINGS
    from r1tui.screens.pick import PickScreen
    from r1tui.services.settings_store import SettingsError

    app = screen.app
    before = app.theme
    themes = (await asyncio.to_thread(screen.services.themes))[0]
    names = sorted(themes, key=lambda name: (name != before, themes[name].title))

    def preview(name: str) -> None:
        app.theme = name

    chosen = await app.push_screen_wait(
        PickScreen(phrase("chat.theme_question"), [(n, themes[n].title) for n in names], preview)
    )
    app.theme = chosen or before
    if chosen:
        try:
            await screen.services.settings_store.update(
                next(each for each in SETTINGS if each.path == "interface.theme"), chosen
            )
        except SettingsError as error:
            screen.tell(error.phrase, "error")


async def find(screen: ChatPage) -> None:
    """Search in the conversation, folded reasoning included; n and N move on."""
    from r1tui.screens.pick import LineScreen

    text = await screen.app.push_screen_wait(LineScreen(phrase("chat.find_question")))
    if text:
        screen.transcript.focus()
        if not screen.transcript.find(text):
            screen.tell(phrase("chat.not_found", text=text))


async def figures(screen: ChatPage) -> None:
    """The sum behind the recommendation."""
    from r1tui.screens.figures import FiguresScreen

    machine = screen.machine
    if machine.profile is not None and machine.recommendation is not None:
        await screen.app.push_screen_wait(FiguresScreen(machine.profile, machine.recommendation))


async def settings(screen: ChatPage) -> None:
    """All settings."""
    from r1tui.screens.settings import SettingsScreen
    from r1tui.screens.settings_effects import take_over

    changed = await screen.app.push_screen_wait(SettingsScreen(screen.services.settings_store))
    take_over(screen, changed or frozenset())


def model_commands(screen: ChatPage) -> ModelCommands | None:
    """Ollama's commands on the server in use; None, and said, where it has none."""
    from r1tui.screens.models import ModelCommands
    from r1tui.services.engine import ModelManager

    services, connection = screen.services, screen.connection
    if services.engine is None or services.pulls is None or not isinstance(services.engine, ModelManager):
        screen.tell(phrase("chat.no_commands"), "warning")
        return None
    return ModelCommands(
        screen.app,
        engine=services.engine,
        pulls=services.pulls,
        process=services.processes,
        tell=screen.tell,
        select=connection.select,
        changed=connection.refresh,
        mirror=services.settings.server.mirror,
        no_room=screen.downloads.no_room,
    )


async def model_command(screen: ChatPage, command: str) -> None:
    """One of Ollama's commands on the selected model."""
    if (commands := model_commands(screen)) is not None:
        await commands.run(command, screen.connection.selected)


async def model_menu(screen: ChatPage) -> None:
    """Everything that Ollama can do with the selected model."""
    await model_menu_of(screen, screen.connection.selected)


async def model_menu_of(screen: ChatPage, name: str) -> None:
    """The same for any model."""
    if (commands := model_commands(screen)) is not None:
        await commands.menu(name)


async def add_model(screen: ChatPage) -> None:
    """Pull a model by its name."""
    if (commands := model_commands(screen)) is not None:
        await commands.add()
