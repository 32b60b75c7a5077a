"""The palette: its groups, its order, what it finds by which words and keys, and what it remembers."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.dom import DOMNode
from textual.events import Key
from textual.geometry import Region
from textual.widget import Widget
from textual.widgets import OptionList

from r1tui import commands, locale
from r1tui.commands import Place, Section
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import Settings
from r1tui.locale import t
from r1tui.screens.chat.screen import ChatScreen, palette_commands
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.text_editor import Editor, TextScreen
from r1tui.screens.guide.screen import GuideScreen
from r1tui.screens.models.menu import ModelMenuScreen
from r1tui.screens.palette import TYPED, Entry, Index, Palette
from r1tui.screens.recent_commands import KEPT, NAME
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.services.container import Services
from r1tui.services.terminal.clipboard import CopyResult, Method
from r1tui.toolkit.bindings import InPalette
from r1tui.widgets.fields import Field
from tests.support.script import Answer, Hang, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


def shown(chat: Chat) -> list[tuple[str | None, str]]:
    """The list's rows: id (None: a heading) and text."""
    options = chat.app.screen.query_one(OptionList).options
    return [(each.id, str(each.prompt)) for each in options]


def row(chat: Chat, name: str) -> str:
    """The row of a command."""
    return dict(shown(chat))[name]


def ids(chat: Chat) -> list[str | None]:
    """The commands in the list, in its order; None: a heading."""
    return [name for name, _ in shown(chat)]


def under_cursor(chat: Chat) -> str | None:
    """The command that Enter would choose."""
    option = chat.app.screen.query_one(OptionList).highlighted_option
    return option.id if option is not None else None


async def opened(chat: Chat) -> None:
    """Open the palette and wait until it can be searched."""
    await chat.press("ctrl+p")
    await chat.opened(Palette)
    palette = chat.app.screen
    assert isinstance(palette, Palette)
    await chat.until(lambda: palette.searchable)


async def typed(chat: Chat, text: str) -> None:
    """Type into the palette in place of what was typed before, and wait until it has looked for it."""
    palette = chat.app.screen
    assert isinstance(palette, Palette)
    palette.query_one(Field).value = text
    await chat.until(lambda: palette.searched_for == text)


async def test_each_command_stands_once_in_a_group_with_its_key_at_the_right(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        await opened(chat)
        names = [name for name in ids(chat) if name]
        assert len(names) == len(set(names)) > 60
        headings = [text for name, text in shown(chat) if name is None]
        assert headings == [
            *("Conversations", "This answer", "This model", "Get models", "The server"),
            *("View", "Guide and help", "R1TUI", "Moving and writing", "Deletes for good"),
        ]
        rows = [text for name, text in shown(chat) if name]
        assert {cell_len(text) for text in rows} == {cell_len(rows[0])}
        assert row(chat, "chat.fold").split("  ")[1] == "Fold or unfold reasoning"
        assert row(chat, "chat.fold").endswith("  Ctrl+T")
        assert row(chat, "model_menu.add").endswith("F8 a")
        assert row(chat, "chat.settings").strip() == "Settings"
        assert under_cursor(chat) == "chat.new"
        await chat.sees("An empty one; this conversation stays in the history.")


@pytest.mark.parametrize(("size", "language"), [((80, 24), "zh_CN"), ((160, 50), "en")])
async def test_the_keys_end_in_one_column_whatever_the_language(
    scripted: ScriptedServer, size: tuple[int, int], language: str
) -> None:
    locale.use(language)
    async with running(scripted, size=size) as chat:
        await opened(chat)
        await chat.sees(t("palette.title"), t("key.new"), t("palette.keys"))
        ends = {
            cell_len(line[: line.index(key) + len(key)])
            for line in chat.text.split("\n")
            for key in ("Ctrl+N", "Ctrl+R", "F6", "F7")
            if line.rstrip("│▁▂▃▄▅▆▇█ ").endswith(key)
        }
        assert len(ends) == 1


async def test_what_destroys_something_stands_last_and_the_cursor_does_not_run_round_to_it(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        await chat.ask("Which one?")
        await chat.answered()
        await chat.press("ctrl+up")
        await opened(chat)
        names = ids(chat)
        at = [text for _, text in shown(chat)].index("Deletes for good")
        assert set(names[at + 1 :]) == {
            "model_menu.rm",
            "model_menu.partials",
            "chat.delete_everything",
            "transcript.delete",
        }
        await chat.press("up")
        first = next(name for name in names if name)
        assert under_cursor(chat) == first
        await typed(chat, "remove")
        assert ids(chat)[-3:] == [None, "model_menu.partials", "model_menu.rm"]
        await chat.press("up", "up", "up")
        assert under_cursor(chat) == ids(chat)[0]


async def test_what_the_cursor_is_in_comes_first(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("```sh\nls\n```\n\n```sh\npwd\n```"))
    async with running(scripted) as chat:
        await chat.ask("How do I look around?")
        await chat.answered()
        await chat.press("ctrl+up")
        await opened(chat)
        names = ids(chat)
        assert shown(chat)[0] == (None, "Where the cursor is")
        assert names.index("transcript.copy") < names.index("chat.new") < names.index("transcript.up")
        assert [name for name in names if name and "copy_code" in name] == [
            "transcript.copy_code_1",
            "transcript.copy_code_2",
        ]


OF_A_MESSAGE = [
    *(
        ("delete", "transcript.delete"),
        ("pager", "transcript.pager"),
        ("copy code", "transcript.copy_code_1"),
    ),
    *(("删除", "transcript.delete"), ("分页器", "transcript.pager"), ("复制代码", "transcript.copy_code_1")),
]
"""What is typed, and what it finds that is done with a message."""


@pytest.mark.parametrize("language", locale.codes())
async def test_what_is_done_with_a_message_is_found_from_the_prompt_and_listed_where_it_is_typed(
    scripted: ScriptedServer, language: str
) -> None:
    locale.use(language)
    scripted.answers.append(answer("```sh\nls\n```"))
    async with running(scripted) as chat:
        await opened(chat)
        for text, name in OF_A_MESSAGE:
            await typed(chat, text)
            assert name not in ids(chat), "there is no message"
        await chat.press("escape")
        await chat.ask("How do I look around?")
        await chat.answered()
        await opened(chat)
        assert not [name for name in ids(chat) if name and name.startswith("transcript.")]
        for text, name in OF_A_MESSAGE:
            await typed(chat, text)
            assert name in ids(chat)
            assert row(chat, name).endswith(f"  Ctrl+↑ {commands.command(name).keys}")
        await typed(chat, "pager")
        assert under_cursor(chat) == "transcript.pager"
        await chat.sees(t("about.message"))


async def test_what_the_chat_does_too_is_not_found_twice_from_the_prompt(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Think("One thought"), Say("Done.")]))
    async with running(scripted) as chat:
        await chat.ask("Which one?")
        await chat.answered()
        await opened(chat)
        for text, name in {
            "find": "chat.find",
            "fold": "chat.fold",
            "paragraphs": "chat.outline",
            "line up": None,
        }.items():
            await typed(chat, text)
            assert under_cursor(chat) == name
            assert not [each for each in ids(chat) if each and each.startswith("transcript.")]


async def test_from_the_prompt_a_command_is_done_with_the_last_message(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.answers.append(answer("```sh\nls\n```\n\n```sh\npwd\n```\n"))
    async with running(scripted) as chat:
        copied: list[str] = []
        seen: list[tuple[str, str]] = []

        async def copy(text: str) -> CopyResult:
            copied.append(text)
            return CopyResult(Method.DESKTOP, None, phrase("copy.desktop"))

        async def show_outside(app: object, tell: object, text: str, where: str, *, private: bool) -> None:
            seen.append((text.strip()[-3:], where))

        monkeypatch.setattr(chat.app.services.clipboard, "copy", copy)
        monkeypatch.setattr("r1tui.screens.chat.screen.show_outside", show_outside)
        await chat.ask("How do I look around?")
        await chat.answered()
        last = chat.screen.session.last_answer
        assert last is not None
        await found_and_done(chat, "copy code")
        await chat.until(lambda: copied == ["ls"])
        await chat.press("o", "k")
        assert chat.screen.prompt.text == "ok", "who came from the prompt writes on"
        await found_and_done(chat, "pager")
        await chat.until(lambda: seen == [("```", "pager")])
        await found_and_done(chat, "delete")
        await chat.opened(ChoiceScreen)
        assert last.id in chat.screen.session.conversation.messages
        await chat.press("down", "enter")
        await chat.until(lambda: last.id not in chat.screen.session.conversation.messages)
        await chat.press("!")
        assert chat.screen.prompt.text == "ok!"


async def test_from_the_prompt_it_is_done_with_the_message_that_has_the_cursor_and_that_is_seen(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("one\n\n" * 30), answer("two\n\n" * 30)]
    async with running(scripted) as chat:
        for text in ("First?", "Second?"):
            await chat.ask(text)
            await chat.answered()
        transcript = chat.screen.transcript
        first, *_, last = transcript.messages
        transcript.go_to(first.id)  # as a search in the history does
        await found_and_done(chat, "edit")
        await chat.opened(TextScreen)
        assert chat.app.screen.query_one(Editor).text == "First?"
        await chat.press("escape")
        await chat.until(lambda: chat.screen.prompt.has_focus)
        await chat.press("pageup")
        assert "two" not in chat.text
        await found_and_done(chat, "delete")
        await chat.opened(ChoiceScreen)
        await chat.sees("two")
        assert transcript.has_focus, "the cursor shows what is asked about"
        assert transcript.cursor_message is last


async def found_and_done(chat: Chat, text: str) -> None:
    """Look for a command in the palette and do what is found first."""
    await opened(chat)
    await typed(chat, text)
    await chat.press("enter")
    await chat.until(lambda: not isinstance(chat.app.screen, Palette))


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "settings", "chat.settings"),
        ("en", "SETTINGS", "chat.settings"),
        ("en", "ｓｅｔｔｉｎｇｓ", "chat.settings"),
        ("en", "主题", "chat.theme"),
        ("en", "导出对话", "chat.export"),
        ("en", "new priv", "chat.private"),
        ("en", "npc", "chat.private"),
        ("en", "sttngs", "chat.settings"),
        ("en", "clipboard ssh", "chat.copy"),
        ("zh_CN", "theme", "chat.theme"),
        ("zh_CN", "export all", "chat.export_all"),
        ("zh_CN", "ｔｈｅｍｅ", "chat.theme"),
        ("zh_CN", "重命名", "chat.rename"),
        ("zh_CN", "剪贴板", "chat.copy"),
    ],
)
def test_a_command_is_found_by_the_words_of_each_language(language: str, text: str, name: str) -> None:
    locale.use(language)
    assert 0 < len(found := everything().search(text)) < 20
    assert found[0].entry.command.id == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *((text, "chat.continue") for text in ("F5", "f5", "Ｆ５", " f5 ")),
        *((text, "chat.models") for text in ("ctrl+o", "^O", "Ctrl-O", "ctrl o", "＾ｏ", "control+o")),
        ("?", "chat.explain"),
        ("？", "chat.explain"),
        ("esc", "chat.stop"),
        ("escape", "chat.stop"),
    ],
)
@pytest.mark.parametrize("language", locale.codes())
def test_a_command_is_found_by_its_key_however_it_is_written(language: str, text: str, name: str) -> None:
    locale.use(language)
    assert [hit.entry.command.id for hit in everything().search(text)] == [name]


@pytest.mark.parametrize("text", ["x", "e", "export", "删除", "delete", "ctrl"])
def test_what_destroys_something_is_found_behind_all_others(text: str) -> None:
    found = [hit.entry.command.danger for hit in everything().search(text)]
    assert found == sorted(found)


def test_of_a_long_paste_the_beginning_is_looked_for() -> None:
    found = everything().search("history".ljust(TYPED) + "zzz " * 10_000)
    assert found
    assert found[0].entry.command.id == "chat.history"


def everything() -> Index:
    """An index of all that the chat can do."""
    each_of = (*commands.at(Place.CHAT), *palette_commands(), *commands.at(Place.APP))
    return Index(
        [Entry(each, t(each.words), DOMNode(), tuple(filter(None, each.keys.split(",")))) for each in each_of]
    )


async def test_a_changed_key_is_the_one_that_is_found(scripted: ScriptedServer) -> None:
    settings = Settings(keys={"chat.fold": "ctrl+x", "chat.model_menu": "f10"})
    async with running(scripted, settings=settings) as chat:
        await chat.sees("Ctrl+X fold")
        await opened(chat)
        await typed(chat, "^x")
        assert ids(chat) == ["chat.fold"]
        await typed(chat, "f10 r")
        assert ids(chat) == ["model_menu.run"]


async def test_the_name_that_was_found_stands_beside_the_shown_one(scripted: ScriptedServer) -> None:
    locale.use("zh_CN")
    async with running(scripted) as chat:
        await opened(chat)
        await typed(chat, "theme")
        assert row(chat, "chat.theme").split() == ["主题", "Theme"]
        await typed(chat, "主题")
        assert row(chat, "chat.theme").split() == ["主题"]


@pytest.mark.parametrize("language", locale.codes())
async def test_where_nothing_is_found_it_says_what_to_do(scripted: ScriptedServer, language: str) -> None:
    locale.use(language)
    async with running(scripted) as chat:
        await opened(chat)
        await typed(chat, "zzzqq")
        await chat.sees(t("palette.none"), t("palette.none_about"))
        await chat.press("enter")
        await chat.pilot.pause()
        assert isinstance(chat.app.screen, Palette)
        await typed(chat, "")
        assert under_cursor(chat) == "chat.new"


async def test_what_is_found_no_more_is_explained_no_more(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await opened(chat)
        options = chat.app.screen.query_one(OptionList)
        first = options.highlighted_option
        assert first is not None
        await chat.sees(t(commands.command("chat.new").about))
        late = OptionList.OptionHighlighted(options, first, 0)
        await typed(chat, "zzzqq")
        await chat.sees(t("palette.none"))
        options.post_message(late)
        await chat.pilot.pause()
        await chat.pilot.pause()
        assert t(commands.command("chat.new").about) not in chat.text


async def test_what_is_on_another_machine_is_muted_with_the_reason_in_palette_and_menu(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Services, "server_is_local", False)
    async with running(scripted) as chat:
        await opened(chat)
        for name in ("model_menu.disk", "model_menu.partials"):
            assert "they are on the server's machine" in row(chat, name)
        await chat.press("escape", "f8")
        await chat.opened(ModelMenuScreen)
        for name in ("model_menu.disk", "model_menu.partials"):
            assert "they are on the server's machine" in row(chat, name)
            assert chat.app.screen.query_one(OptionList).get_option(name).disabled


async def test_what_would_do_nothing_says_why_and_is_not_chosen(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Think("One thought"), Hang()]))
    async with running(scripted) as chat:
        await opened(chat)
        options = chat.app.screen.query_one(OptionList)
        reasons = {
            "chat.copy": "no answer yet",
            "chat.answer_now": "the model is not thinking",
            "chat.undo": "nothing was deleted",
            "chat.export": "nothing here yet",
            "model_menu.run": "it answers already",
        }
        for name, reason in reasons.items():
            assert reason in row(chat, name)
            assert options.get_option(name).disabled
        await typed(chat, "undo")
        assert ids(chat) == ["chat.undo"]
        await chat.press("enter")
        await chat.pilot.pause()
        assert isinstance(chat.app.screen, Palette)
        await chat.press("escape")
        await chat.ask("hello")
        await chat.until(
            lambda: chat.screen.session.generation and chat.screen.session.generation.message.reasoning
        )
        await opened(chat)
        assert not chat.app.screen.query_one(OptionList).get_option("chat.answer_now").disabled


async def test_without_a_server_its_commands_say_so() -> None:
    async with running("http://127.0.0.1:9") as chat:
        await chat.until(lambda: len(chat.app.screen_stack) > 1)  # setup
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await opened(chat)
        assert "there is no model yet" in row(chat, "model_menu.show")
        assert not chat.app.screen.query_one(OptionList).get_option("chat.setup").disabled


async def test_what_was_chosen_last_comes_first_at_the_next_start_too(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        for name in ("chat.settings", "chat.history", "chat.settings", "chat.theme"):
            await chat.command(name)
            await chat.until(lambda: len(chat.app.screen_stack) > 1)
            await chat.press("escape")
            await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.until(lambda: len(chat.app.recent_commands.ids) == 3)
        await opened(chat)
        assert shown(chat)[0] == (None, "Used last")
        assert ids(chat)[1:5] == ["chat.theme", "chat.settings", "chat.history", None]
    async with running(scripted) as chat:
        await chat.until(lambda: chat.app.recent_commands.ids)
        await opened(chat)
        names = ids(chat)
        assert names[1:5] == ["chat.theme", "chat.settings", "chat.history", None]
        assert names.count("chat.theme") == 1
        assert under_cursor(chat) == "chat.theme"


async def test_few_are_remembered_and_nothing_that_destroys(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        all_of = (*commands.at(Place.CHAT), *palette_commands())
        names = [each.id for each in all_of if not each.danger]
        assert len(names) < len(all_of)
        for each in sorted(all_of, key=lambda each: each.danger):
            chat.app.recent_commands.chosen(each)
        await chat.app.recent_commands.written()
        kept = (await chat.app.services.state_get(NAME)).split("\n")
        assert kept == list(reversed(names))[:KEPT]
        await opened(chat)
        assert ids(chat).index(None, 1) <= 6


async def test_nothing_that_a_private_conversation_needs_is_remembered(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.command("chat.theme")
        await chat.until(lambda: len(chat.app.screen_stack) > 1)
        await chat.press("escape")
        assert chat.app.recent_commands.ids == ["chat.theme"]
        await chat.app.recent_commands.written()
        await chat.screen.start_new(private=True)
        await chat.until(lambda: chat.app.services.private_shown)
        await chat.command("chat.settings")
        await chat.opened(SettingsScreen)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert chat.app.recent_commands.ids == ["chat.theme"]
        assert await chat.app.services.state_get(NAME) == "chat.theme"


async def test_what_was_remembered_by_another_version_harms_nothing(scripted: ScriptedServer) -> None:
    services = Services.build(Settings(), [], scripted.url, None)
    await services.state_set(NAME, "\n".join(["chat.gone", "", "\x1b[31m", "chat.settings"]))
    await services.close()
    async with running(scripted) as chat:
        await chat.until(lambda: chat.app.recent_commands.ids)
        await opened(chat)
        assert ids(chat)[:3] == [None, "chat.settings", None]


async def test_name_and_enter_in_one_piece_choose_what_is_named(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        for key in (Key("ctrl+p", None), *(Key(each, each) for each in "theme"), Key("enter", "\r")):
            await chat.app.on_event(key)
        await chat.sees("R1 light")


async def test_the_keys_stay_at_the_right_when_the_terminal_changes(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(100, 30)) as chat:
        await opened(chat)
        await typed(chat, "new")
        await chat.press("down")
        before = cell_len(row(chat, "chat.new"))
        await chat.pilot.resize_terminal(60, 20)
        await chat.until(lambda: cell_len(row(chat, "chat.new")) < before)
        await chat.until(lambda: any(line.rstrip("│ ").endswith("Ctrl+N") for line in chat.text.split("\n")))
        assert {name for name in ids(chat) if name} >= {"chat.new", "chat.private"}


async def test_moving_draws_two_lines_and_not_the_list(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[Region, ...]] = []

    def refresh(self: OptionList, *regions: Region, **options: bool) -> OptionList:
        drawn.append(regions)
        return Widget.refresh(self, *regions, **options)

    async with running(scripted) as chat:
        await opened(chat)
        await chat.pilot.pause()
        monkeypatch.setattr(OptionList, "refresh", refresh, raising=False)
        await chat.press("down")
        await chat.until(lambda: drawn)
        assert under_cursor(chat) == "chat.prompt_search"
        assert [[region.height for region in regions] for regions in drawn] == [[1, 1]]


async def test_a_method_with_its_words_is_a_command_of_the_palette(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a newcomer writes for one: a method with this line above it, and its words in each catalogue."""
    in_palette = InPalette[ChatScreen, Any](Place.CHAT)

    @in_palette(Section.VIEW, "chat.newcomer", "status.found", about="about.theme")
    def carry_out(screen: ChatScreen) -> None:
        carried_out.append(screen)

    carried_out: list[ChatScreen] = []
    own = [*ChatScreen.in_palette._methods, *in_palette._methods]
    monkeypatch.setattr(ChatScreen.in_palette, "_methods", own)
    async with running(scripted) as chat:
        await opened(chat)
        options = chat.app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index("chat.newcomer")
        await chat.sees(t("about.theme"))
        await chat.press("enter")
        await chat.until(lambda: carried_out == [chat.screen])
        await chat.until(lambda: chat.app.recent_commands.ids[:1] == ["chat.newcomer"])


@pytest.mark.parametrize(
    "about", [each.about for each in (*commands.TABLE, *palette_commands()) if each.about]
)
@pytest.mark.parametrize("language", locale.codes())
def test_a_line_about_a_command_fits_the_frame(language: str, about: str) -> None:
    locale.use(language)
    assert cell_len(t(about)) <= Palette.MOST - 5


async def test_another_page_offers_its_own_commands(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.command("chat.guide")
        await chat.opened(GuideScreen)
        await opened(chat)
        names = ids(chat)
        assert shown(chat)[0] == (None, "Where the cursor is")
        assert "guide.contents" in names
        assert "chat.new" not in names
        await typed(chat, "glossary")
        assert under_cursor(chat) == "guide.words"
