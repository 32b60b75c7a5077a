"""A side region under 120 columns: the conversation gives way to it, and nothing that is read is cut."""

from __future__ import annotations

import pytest

from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running

LONG = "Wörter die man lesen soll stehen hier in einem langen Absatz der umbrochen wird. " * 4


@pytest.mark.parametrize("key", ["ctrl+o", "ctrl+g"])
@pytest.mark.parametrize("width", [80, 100, 119])
async def test_the_conversation_is_set_anew_beside_an_open_side(
    scripted: ScriptedServer, width: int, key: str
) -> None:
    scripted.answers.append(answer(LONG))
    async with running(scripted, size=(width, 24)) as chat:
        await chat.ask("Read?")
        await chat.answered()
        screen = chat.screen
        side = screen.sidebar if key == "ctrl+o" else screen.panel
        await chat.press(key)
        await chat.until(lambda: side.region.width and screen.transcript.region.width < width)
        assert not side.region.overlaps(screen.transcript.region)
        assert not side.region.overlaps(screen.prompt.region)
        assert side.region.width + screen.transcript.region.width == width
        await chat.until(lambda: all(word in chat.text for word in ("Absatz", "umbrochen")))
        columns = slice(screen.transcript.region.x, screen.transcript.region.right)
        shown = {
            word
            for line in chat.text.split("\n")[1:-1]
            for word in line[columns].strip("│╭╮╰╯─ ").split()
            if word.isalpha()
        }
        assert shown & set(LONG.replace(".", "").split())
        assert not {word for word in shown if word.endswith(("Absat", "umbroch", "Wört"))}
        await chat.press("escape")
        await chat.until(lambda: screen.transcript.region.width == width)


@pytest.mark.parametrize("key", ["ctrl+o", "ctrl+g"])
async def test_on_a_small_terminal_a_side_is_the_whole_page(scripted: ScriptedServer, key: str) -> None:
    async with running(scripted, size=(60, 20)) as chat:
        side = chat.screen.sidebar if key == "ctrl+o" else chat.screen.panel
        await chat.press(key)
        await chat.until(lambda: side.region.width == 60)
        assert side.region.height == 18
        await chat.press("escape")
        await chat.until(lambda: not side.region.width)


async def test_the_heading_is_the_frames_title_in_a_frame_and_a_line_without_one(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted, size=(80, 24)) as chat:
        await chat.press("ctrl+o")
        await chat.sees("╭─ MODELS ─")
    async with running(scripted, size=(140, 40)) as chat:
        await chat.sees(" MODELS", "MACHINE")
        assert "─ MODELS ─" not in chat.text
