"""Notices: where they stand, what they say, and how many there are of them."""

from __future__ import annotations

import asyncio

import pytest
from textual.geometry import Region

from r1tui import locale
from r1tui.domain.clean import Clean
from r1tui.domain.phrase import phrase
from r1tui.locale import t
from r1tui.screens.base import Frame
from r1tui.screens.dialogs.notices import NoticesScreen
from r1tui.screens.help import HelpScreen
from r1tui.screens.palette import Palette
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.widgets.notices import NoticeLine
from tests.support import patience
from tests.support.script import Answer, Gate, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

IDLE = "The model is not thinking right now."
LONG = Clean(
    "A sentence that is longer than a line of the terminal, as those about a server often are, and goes on. "
)
HUNDRED = "\n\n".join(f"paragraph {n}" for n in range(100))


def rows(chat: Chat) -> list[str]:
    """The rows of the screen that a notice stands in, from the top."""
    return [row for row in chat.text.split("\n") if "▌" in row]


def transcript(chat: Chat) -> list[str]:
    """What the screen shows of the conversation."""
    region = chat.screen.transcript.region
    return chat.text.split("\n")[region.y : region.bottom]


async def test_a_notice_stands_in_the_line_above_the_prompt_and_covers_nothing(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(answer(HUNDRED, "Thoughts."))
    async with running(scripted, notices=True) as chat:
        await chat.ask("a hundred")
        await chat.answered()
        await chat.sees("paragraph 99")
        before = transcript(chat)
        await chat.press("f4")
        await chat.sees(IDLE)
        assert transcript(chat) == before
        lines = chat.text.split("\n")
        assert lines[-3] == f"▌ {IDLE}"
        assert "Ask anything" in lines[-2]
        chat.app.notices.clear()
        await chat.until(lambda: not rows(chat))
        assert chat.text.split("\n")[-3] == "─" * 80
        assert transcript(chat) == before


@pytest.mark.parametrize("at_end", [True, False], ids=["at the end", "scrolled up"])
async def test_a_long_notice_moves_what_is_read_only_where_the_end_is_followed(
    scripted: ScriptedServer, at_end: bool
) -> None:
    scripted.answers.append(answer(HUNDRED, "Thoughts."))
    async with running(scripted, notices=True) as chat:
        await chat.ask("a hundred")
        await chat.answered()
        await chat.sees("paragraph 99")
        if not at_end:
            await chat.press("pageup", "pageup")
            await chat.until(lambda: not chat.screen.transcript.following and "paragraph 99" not in chat.text)
        before = transcript(chat)
        chat.app.notices.tell(LONG * 2, "error")
        await chat.until(lambda: len(rows(chat)) == 3 and len(transcript(chat)) == len(before) - 2)
        if at_end:
            await chat.until(lambda: transcript(chat)[-1] == before[-1])
        else:
            # its last row says that there is more below
            await chat.until(lambda: transcript(chat)[:-1] == before[: len(before) - 3])
        chat.app.notices.clear()
        await chat.until(lambda: transcript(chat) == before)


async def test_who_reads_further_up_reads_on_while_an_answer_streams_and_a_notice_comes(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    more = [Say(f"\n\nfurther {n}") for n in range(30)]
    scripted.answers.append(
        Answer([Think("Thoughts."), *(Say(f"\n\nparagraph {n}") for n in range(60)), gate, *more])
    )
    async with running(scripted, notices=True) as chat:
        await chat.ask("many")
        await chat.sees("paragraph 59")
        await chat.press("pageup", "pageup")
        await chat.until(lambda: not chat.screen.transcript.following and "paragraph 59" not in chat.text)
        before = transcript(chat)
        chat.screen.tell(phrase("chat.nothing_to_export"), "warning")
        await chat.sees("! Warning: There is nothing to export yet.")
        gate.opened.set()
        await chat.answered()
        chat.app.notices.tell(LONG * 2)
        await chat.until(lambda: len(rows(chat)) == 3 and len(transcript(chat)) == len(before) - 2)
        await chat.until(lambda: transcript(chat)[:-1] == before[: len(before) - 3])


async def test_a_key_pressed_again_and_again_keeps_one_notice_and_counts(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        await chat.press("f4", "f4", "f4", "f4")
        await chat.until(lambda: rows(chat) == [f"▌ {IDLE} ×4"])
        for _ in range(3):  # in one burst, before anything is drawn
            await chat.screen.action_command("chat.answer_now")
        await chat.until(lambda: rows(chat) == [f"▌ {IDLE} ×7"])
        assert chat.notices == [IDLE]


async def test_what_was_foretold_of_the_context_gives_way_to_what_came_of_it(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted, notices=True) as chat:
        chat.screen.tell(phrase("chat.edge_is_near", time="1 s", size=256), "warning")
        chat.screen.tell(phrase("chat.goes_on_longer", size=2048))
        assert chat.notices == [
            "It goes on in a longer context, of 2,048 tokens; the model is loaded anew for that."
        ]


async def test_the_newest_shows_and_how_many_wait(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        await chat.press("f2", "f4", "f2")
        nothing = "There is no answer to copy yet."
        assert chat.notices == [IDLE, nothing]
        await chat.until(lambda: len(rows(chat)) == 1 and rows(chat)[0].startswith(f"▌ {nothing} ×2"))
        assert rows(chat)[0].endswith("+1 Alt+N")


async def test_a_waiting_notice_that_is_taken_back_is_no_longer_counted(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        chat.app.notices.clear()
        for number in range(3):
            chat.app.notices.tell(Clean(f"Fault {number}."), "error", subject=f"{number}")
        await chat.sees("Fault 2.", "+2 Alt+N")
        chat.app.notices.take_back("0")
        await chat.sees("Fault 2.", "+1 Alt+N")


async def test_a_warning_and_an_error_say_so_in_a_word_and_what_does_not_fit_is_cut(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted, notices=True) as chat:
        chat.app.notices.tell(LONG * 5, "warning")
        await chat.until(lambda: len(rows(chat)) == 3)
        assert rows(chat)[0].startswith("▌ ! Warning: A sentence")
        assert "…" in rows(chat)[2]
        assert rows(chat)[2].endswith(" Alt+N")
        chat.app.notices.tell(Clean("Nothing is lost."), "error")
        await chat.until(lambda: rows(chat) and rows(chat)[0].startswith("▌ ✗ Error: Nothing is lost."))


async def test_a_low_terminal_spares_one_line(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True, size=(80, 14)) as chat:
        chat.app.notices.tell(LONG * 5)
        await chat.until(lambda: len(rows(chat)) == 1 and "…" in rows(chat)[0])


async def test_an_error_goes_by_the_next_key_once_it_could_be_read(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        chat.app.notices.tell(Clean("The disk is full."), "error", seconds=0.01)
        await chat.sees("Error: The disk is full.")
        await chat.until(lambda: chat.app.notices.standing[0].left < 0.01)
        await chat.press("x")
        await chat.until(lambda: not rows(chat))
        assert chat.screen.prompt.text == "x"


async def test_a_notice_that_is_there_before_a_dialogue_covers_none_of_it(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        chat.app.notices.tell(LONG)
        await chat.until(lambda: len(rows(chat)) == 2)
        await chat.press("ctrl+p")
        await chat.opened(Palette)
        await chat.until(lambda: len(rows(chat)) == 1 and "…" in rows(chat)[0])
        frame = chat.app.screen.query_one(Frame)
        assert frame.region.bottom == 23, "the dialogue leaves one row"
        assert t("palette.keys") in chat.text


@pytest.mark.parametrize("screen", ["palette", "help", "settings"])
async def test_where_no_prompt_is_a_notice_stands_above_the_keys(
    scripted: ScriptedServer, screen: str
) -> None:
    async with running(scripted, notices=True) as chat:
        if screen == "palette":
            await chat.press("ctrl+p")
            await chat.opened(Palette)
        elif screen == "help":
            await chat.press("f1")
            await chat.opened(HelpScreen)
        else:
            await chat.command("chat.settings")
            await chat.opened(SettingsScreen)
        chat.screen.tell(phrase("chat.not_thinking"))
        await chat.sees(IDLE)
        assert len(rows(chat)) == 1
        at = chat.text.split("\n").index(rows(chat)[0])
        assert at == (23 if screen in ("palette", "help") else 22)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.until(lambda: chat.text.split("\n")[21].startswith(f"▌ {IDLE}"))
        assert len(rows(chat)) == 1


@pytest.mark.parametrize(("width", "row"), [(60, 22), (80, 21)])
async def test_beside_a_side_a_notice_stands_above_the_prompt_and_where_that_is_covered_above_the_keys(
    scripted: ScriptedServer, width: int, row: int
) -> None:
    async with running(scripted, notices=True, size=(width, 24)) as chat:
        await chat.press("ctrl+o")
        await chat.sees("MODELS")
        chat.screen.tell(phrase("chat.not_thinking"))
        await chat.sees(IDLE[:20])
        await chat.until(lambda: IDLE[:20] in chat.text.split("\n")[row])
        await chat.press("escape")
        await chat.until(lambda: chat.text.split("\n")[21].startswith(f"▌ {IDLE[:20]}"))


async def test_the_last_notices_are_read_and_copied_by_key(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    async with running(scripted, notices=True) as chat:
        monkeypatch.setattr(chat.app, "copy_to_clipboard", copied.append)
        await chat.press("alt+n")
        await chat.opened(NoticesScreen)
        await chat.sees("Nothing has been said yet.")
        await chat.press("y", "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.press("f4", "f4")
        chat.app.notices.tell(LONG * 5, "warning")
        await chat.press("alt+n")
        await chat.opened(NoticesScreen)
        await chat.sees("! Warning: A sentence", f"{IDLE} ×2")
        await chat.until(lambda: not rows(chat))  # they are read here
        await chat.press("down", "y", "Y")
        assert copied[0] == IDLE
        newest, older = copied[1].split("\n")
        assert newest.endswith(f"! Warning: {LONG * 5}")
        assert older.endswith(f"{IDLE} ×2")
        assert len(copied) == 2
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def test_the_palette_has_the_last_notices(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press("f4")
        await chat.press("ctrl+p")
        await chat.opened(Palette)
        await chat.press(*"notices")
        await chat.sees("Show the last notices")
        await chat.press("enter")
        await chat.opened(NoticesScreen)
        await chat.sees(IDLE)


async def test_chinese_notices_say_how_grave_they_are(scripted: ScriptedServer) -> None:
    locale.use("zh_CN")
    async with running(scripted, notices=True) as chat:
        chat.screen.tell(phrase("chat.nothing_to_export"), "warning")
        words = t("chat.nothing_to_export")
        await chat.sees(f"▌ ! 注意：{words}")
        await chat.press("alt+n")
        await chat.opened(NoticesScreen)
        await chat.sees(f"! 注意：{words}")


async def test_a_question_that_waits_is_shown_in_the_queue_alone(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("First."), gate]))
    async with running(scripted, notices=True) as chat:
        await chat.ask("one")
        await chat.sees("First.")
        await chat.ask("two")
        await chat.sees("1 waiting:")
        assert chat.notices == []
        gate.opened.set()
        await chat.answered()


async def test_only_what_differs_is_drawn_of_a_notice(scripted: ScriptedServer) -> None:
    async with running(scripted, notices=True) as chat:
        await chat.press("f4")
        await chat.sees(IDLE)
        line = chat.screen.query_one("#prompt-rule", NoticeLine)
        drawn: list[object] = []
        refresh = line.refresh

        def noted(*regions: Region, **how: bool) -> NoticeLine:
            drawn.extend([*regions, how])
            return refresh(*regions, **how)

        line.refresh = noted  # type: ignore[method-assign]
        await chat.press("f4")
        await chat.sees(f"{IDLE} ×2")
        (region, how) = drawn
        assert how == {}
        assert region.height == 1  # type: ignore[attr-defined]
        assert region.width < 10  # type: ignore[attr-defined]


async def test_nothing_is_offered_to_be_pulled_while_no_server_is_there() -> None:
    async with running("http://127.0.0.1:1", notices=True) as chat:
        await chat.sees("Welcome.")
        await chat.press("escape")
        await chat.sees("no model")
        await asyncio.wait_for(chat.screen.machine.known.wait(), patience.SECONDS)
        await chat.pilot.pause(0.5)
        assert not any("recommended" in words for words in chat.notices)
        await chat.ask("hello")
        await chat.until(
            lambda: any("No server answers" in words and "kept" in words for words in chat.notices)
        )
        assert chat.screen.prompt.text == "hello"


@pytest.mark.parametrize("waiting", [0, 1])
@pytest.mark.parametrize("name", ["very_long_name_" * 17 + ".dat", "很长的文件名" * 14 + ".dat"])
async def test_a_very_long_name_gives_way_to_the_reason_and_is_whole_among_the_last_notices(
    scripted: ScriptedServer, name: str, waiting: int
) -> None:
    async with running(scripted, notices=True) as chat:
        for _ in range(waiting):
            chat.screen.tell(phrase("chat.nothing_to_export"), "warning")
        chat.screen.tell(
            phrase("attachment.unreadable", path=name, reason=phrase("attachment.binary")), "error"
        )
        await chat.sees("it is no text.")
        shown = "".join(row.removeprefix("▌").strip() for row in rows(chat))
        assert name[:20] in shown
        assert f"{name[-8:]}”" in shown
        assert len(rows(chat)) <= 3
        await chat.press("alt+n")
        screen = chat.app.screen
        assert isinstance(screen, NoticesScreen)
        assert any(name in notice.words for notice in chat.app.notices.said)
