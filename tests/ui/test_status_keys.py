"""The status bar tells where letters are commands, and which; the keys of what has the focus; how a search stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.cells import cell_len

from r1tui import locale
from r1tui.commands import Command, Place, at
from r1tui.domain.clean import Clean
from r1tui.domain.settings import Settings
from r1tui.locale import t
from r1tui.screens.help import HelpScreen
from r1tui.toolkit.shown import Static
from r1tui.widgets.key_names import key_name
from r1tui.widgets.mode_keys import MODES, line
from tests.support import patience
from tests.support.script import Answer, Gate, Hang, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, conversation, opened_on, sees
from tests.ui.app_kit import Chat, running
from tests.unit.test_loop_detector import PARAGRAPH

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh_CN"])


def last_line(chat: Chat) -> str:
    return chat.text.splitlines()[-1]


@asynccontextmanager
async def talking(
    scripted: ScriptedServer, width: int = 80, language: str = "en", text: str = "The first."
) -> AsyncIterator[Chat]:
    """The app with a question and its answer, which has reasoning."""
    scripted.answers.append(answer(text, "Let me see."))
    locale.use(language)
    try:
        async with running(scripted, size=(width, 24)) as chat:
            await chat.ask("What is 2 plus 2?")
            await chat.answered()
            yield chat
    finally:
        locale.use("en")


async def into_messages(chat: Chat, folder: Path) -> None:
    await chat.press("ctrl+up")


async def into_models(chat: Chat, folder: Path) -> None:
    await chat.press("ctrl+o")


async def into_machine(chat: Chat, folder: Path) -> None:
    await asyncio.wait_for(chat.screen.machine.known.wait(), patience.SECONDS)
    await chat.press("ctrl+g")


async def into_shelf(chat: Chat, folder: Path) -> None:
    path = folder / "notes.txt"
    path.write_text("what is known\n")
    await chat.screen.attaching.read(path)
    await chat.until(lambda: chat.screen.shelf.display)
    await chat.press("tab")


INTO: dict[Place, Callable[[Chat, Path], Awaitable[None]]] = {
    Place.TRANSCRIPT: into_messages,
    Place.SIDEBAR: into_models,
    Place.MACHINE: into_machine,
    Place.SHELF: into_shelf,
}
NAMES = {
    Place.TRANSCRIPT: ("Messages:", "消息："),
    Place.SIDEBAR: ("Models:", "模型："),
    Place.MACHINE: ("Machine:", "本机："),
    Place.SHELF: ("Attached:", "附件："),
}
PLACES = pytest.mark.parametrize("place", MODES)


def told(each: Command, keys: str) -> bool:
    """Whether a command's key stands among these keys; digits that count up are told as the first and the last."""
    name, names = key_name(each.keys.partition(",")[0]), keys.split(" ")
    signs = len(name) == 1 and not name.isalnum() and name in keys
    return signs or name in names or (name.isdigit() and keys[1:2] == "-" and keys[0] <= name <= keys[-1])


@PLACES
def test_every_command_on_a_letter_has_a_name_for_the_status_bar(place: Place) -> None:
    lettered = [each for each in at(place) if any(len(key_name(key)) == 1 for key in each.keys.split(","))]
    arrows = [each for each in lettered if each.keys in ("up", "down")]
    assert [each.id for each in lettered if not each.short and each not in arrows] == []


@PLACES
@LANGUAGES
async def test_where_letters_act_the_status_bar_names_the_mode_and_lists_its_keys(
    scripted: ScriptedServer, tmp_path: Path, place: Place, language: str
) -> None:
    async with talking(scripted, 300, language, "Three:\n\n```\na\n```\n\n```\nb\n```") as chat:
        await INTO[place](chat, tmp_path)
        name = NAMES[place][language == "zh_CN"]
        await chat.until(lambda: last_line(chat).startswith(f" {name}"))
        status = chat.screen.status_bar.status
        assert chat.screen._place() is place
        acts = [each for each in at(place) if each.short and chat.screen._matters(each.id)]
        assert acts
        for each in acts:
            assert any(told(each, keys) for keys, _ in status.keys), each.id
        for keys, words in status.keys:
            assert f" {keys} {words}" in last_line(chat).replace("：", "： ")


@PLACES
@LANGUAGES
async def test_at_80_columns_entries_are_whole_and_the_rest_is_a_key_away(
    scripted: ScriptedServer, tmp_path: Path, place: Place, language: str
) -> None:
    async with talking(scripted, 80, language) as chat:
        await INTO[place](chat, tmp_path)
        name = NAMES[place][language == "zh_CN"]

        def is_whole() -> bool:
            """What is drawn is what the status has: it may be newer than the last frame."""
            shown = last_line(chat)
            entries = [f"{keys} {words}" for keys, words in chat.screen.status_bar.status.keys]
            said = [each for each in entries if f" {each}" in shown.replace("：", "： ")]
            rest = shown
            for each in said:
                rest = rest.replace(each, "", 1)
            return (
                cell_len(shown) <= 80
                and entries[-1] == f"F1 {t('key.short.more')}"
                and said[-2:] == entries[-2:]
                and said[:-2] == entries[: len(said) - 2]
                and rest.strip().startswith(name)  # nothing is left between them that would be a part of one
            )

        await chat.until(is_whole)
        await chat.press("f1")
        await chat.opened(HelpScreen)
        help_text = str(chat.app.screen.query_one(Static).content)
        for each in at(place):
            assert not each.short or t(each.words) in help_text, each.id


async def test_the_keys_of_a_mode_follow_the_cursor(scripted: ScriptedServer) -> None:
    async with talking(scripted, 120) as chat:
        await chat.press("ctrl+up")
        await chat.until(lambda: "Enter fold  y copy  r again  e edit" in last_line(chat))
        await chat.press("k")  # the question, which has nothing that folds
        await chat.until(lambda: "Messages: y copy  r again  e edit" in last_line(chat))
        await chat.press("r")
        await chat.until(lambda: "Messages: Enter Answer again  Esc back" in last_line(chat))
        await chat.press("escape")
        await chat.until(lambda: "Messages: y copy" in last_line(chat))
        await chat.press("escape")
        await chat.until(lambda: "T fold" in last_line(chat))


async def test_a_stopped_answer_offers_to_go_on_first(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Think("Let me see."), Say("One"), gate]))
    async with running(scripted) as chat:
        await chat.ask("What is 2 plus 2?")
        await chat.sees("One")
        await chat.press("ctrl+up")
        await chat.until(lambda: "Esc stop" in last_line(chat))
        await chat.press("ctrl+o")  # Esc leaves the list, and stops nothing
        await chat.until(lambda: "Models:" in last_line(chat) and "Esc back" in last_line(chat))
        assert "stop" not in last_line(chat)
        await chat.press("escape", "ctrl+up")
        await chat.until(lambda: "Messages:" in last_line(chat) and "Esc stop" in last_line(chat))
        await chat.press("escape")
        await chat.until(lambda: "y copy  c continue" in last_line(chat))
        gate.opened.set()


async def test_a_download_in_the_list_is_cancelled_and_a_model_explained(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(120, 24)) as chat:
        assert "Ctrl+T fold" in last_line(chat)
        await chat.press("ctrl+o")
        await chat.until(lambda: "Enter choose  m menu  a add  i about it" in last_line(chat))
        await chat.press("end")  # "add a model"
        await chat.until(lambda: "Models: Enter choose  a add  ↑↓ move" in last_line(chat))
        await chat.press("ctrl+g")
        await chat.until(lambda: "Machine: ? why  p download  Esc back  F1 more" in last_line(chat))
        await chat.press("escape")
        await chat.until(lambda: "T fold" in last_line(chat))


@LANGUAGES
async def test_how_a_search_stands_is_told_in_the_status_bar_and_in_no_notice(
    scripted: ScriptedServer, language: str
) -> None:
    words = {
        "en": (
            "3 of 3",
            "1 of 3, from the top",
            "3 of 3, from the end",
            "2 of 3",
            "no match",
            "Esc end find",
        ),
        "zh_CN": (
            "3/3 处",
            "1/3 处（从头继续）",
            "3/3 处（从尾继续）",
            "2/3 处",
            "没有找到",
            "Esc 结束查找",
        ),
    }
    last, first, again, second, none, end = words[language]
    async with talking(scripted, 80, language, "A river, a river, a river.") as chat:
        before = chat.notices
        await chat.press("ctrl+up", "slash")
        await chat.press(*"river", "enter")
        await chat.until(lambda: last in last_line(chat) and "n N" in last_line(chat))
        assert end in last_line(chat)
        await chat.press("n")
        await chat.until(lambda: first in last_line(chat))
        await chat.press("N")
        await chat.until(lambda: again in last_line(chat))
        await chat.press("N")
        await chat.until(lambda: second in last_line(chat) and "from" not in last_line(chat))
        await chat.press("slash")
        await chat.press(*"lake", "enter")
        await chat.until(lambda: none in last_line(chat))
        assert "n N" not in last_line(chat)
        assert chat.notices == before
        await chat.press("escape")
        await chat.until(lambda: none not in last_line(chat) and end not in last_line(chat))


async def test_a_search_keeps_its_place_when_a_question_is_asked(scripted: ScriptedServer) -> None:
    async with talking(scripted, 120, text="A river, a river, a river.") as chat:
        await chat.press("ctrl+up", "slash")
        await chat.press(*"river", "enter", "N")
        await chat.until(lambda: "2 of 3" in last_line(chat))
        scripted.answers.append(answer("The second."))
        await chat.press("tab")
        await chat.until(lambda: chat.screen.prompt.has_focus)
        assert "2 of 3" in last_line(chat)
        await chat.ask("And 3 plus 3?")
        await chat.sees("The second.")
        await chat.answered()
        await chat.until(lambda: "2 of 3" in last_line(chat) and "Esc end find" in last_line(chat))


async def test_a_key_of_the_users_own_is_the_one_that_is_told(scripted: ScriptedServer) -> None:
    settings = Settings()
    settings.keys = {"transcript.copy": "z"}
    async with running(scripted, size=(120, 24), settings=settings) as chat:
        await chat.ask("What is 2 plus 2?")
        await chat.answered()
        await chat.press("ctrl+up")
        await chat.until(lambda: "z copy" in last_line(chat))


def test_a_line_of_keys_is_cut_at_a_whole_entry_and_its_end_stays() -> None:
    entries = [
        (Clean("n p"), Clean("chapter")),
        (Clean("Enter"), Clean("link")),
        (Clean("c"), Clean("contents")),
        (Clean("Esc"), Clean("close")),
    ]
    assert line(entries, 80) == "n p chapter · Enter link · c contents · Esc close"
    assert line(entries, 40) == "n p chapter · Enter link · Esc close"
    assert line(entries, 5) == "Esc close"


@pytest.mark.parametrize(
    ("language", "seen"),
    [("en_US.UTF-8", ("Messages: Enter fold  y copy", "F1 more")), ("zh_CN.UTF-8", ("消息：", "F1 更多"))],
)
async def test_in_the_terminal_the_mode_is_seen(
    scripted: ScriptedServer, pty_app: Start, language: str, seen: tuple[str, ...]
) -> None:
    app = await opened_on(pty_app, scripted, size=(80, 24), env={"LANG": language})
    await conversation(app, scripted, "The first.")
    app.send("ctrl+up")
    await sees(app, *seen)


async def test_while_an_answer_goes_wrong_the_status_bar_has_the_key_that_asks_again(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    looping = [Say("Well. "), *[Say(PARAGRAPH) for _ in range(6)]]
    scripted.answers.append(Answer([Think("Hm."), gate, *looping, Hang()]))
    async with running(scripted, size=(80, 24)) as chat:
        await chat.ask("A story?")
        await chat.until(gate.reached.is_set)
        await chat.until(lambda: "Esc stop" in last_line(chat))
        assert "F5" not in last_line(chat)
        gate.opened.set()
        await chat.until(lambda: "F5 ask again" in last_line(chat))
        await chat.press("f5")
        await chat.until(lambda: "F5" not in last_line(chat))
