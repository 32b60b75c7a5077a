"""What the thrifty compositor sends draws the same screen as drawing everything would."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from r1tui.widgets.line_diff import first_difference
from r1tui.widgets.thrift import ThriftyUpdate, cut
from tests.support.pty_app import start_r1tui
from tests.support.script import Answer, Gate, Say, answer
from tests.support.scripted import ScriptedServer

PLAIN = Style.parse("#aabbcc on #112233")
BOLD = Style.parse("bold #aabbcc on #112233")
OTHER = Style.parse("#ddeeff on #112233")
TRUECOLOR = Console(color_system="truecolor", force_terminal=True)


def sent(strip: Strip, start: int, end: int) -> str:
    """What goes to the terminal for some cells of a line."""
    return ThriftyUpdate([{0: strip}], [(0, start, end)], [[strip.cell_length]]).render_segments(TRUECOLOR)


def text_of(strip: Strip, start: int, end: int) -> tuple[int, str]:
    begin, segments = cut(strip, start, end)
    return begin, "".join(segment.text for segment in segments)


def test_only_the_changed_cells_are_sent() -> None:
    strip = Strip([Segment("How do I grow it?     ", PLAIN)])
    assert sent(strip, 14, 17) == "\x1b[1;15H\x1b[38;2;170;187;204;48;2;17;34;51mit?\x1b[0m"


def test_a_colour_is_sent_only_where_it_changes() -> None:
    strip = Strip([Segment("one ", PLAIN), Segment("two ", OTHER), Segment("three", OTHER)])
    assert sent(strip, 0, 13).count("\x1b[38;2;221;238;255m") == 1
    assert sent(strip, 0, 13).count("48;2") == 1


def test_an_attribute_ends_where_the_next_text_has_none() -> None:
    strip = Strip([Segment("one", BOLD), Segment("two", PLAIN)])
    assert "\x1b[0;38;2;170;187;204;48;2;17;34;51mtwo" in sent(strip, 0, 6)


def test_a_wide_character_is_never_cut_in_half() -> None:
    strip = Strip([Segment("ab中文cd", PLAIN)])
    assert text_of(strip, 3, 5) == (2, "中文")


def test_nothing_is_placed_behind_characters_of_unsure_width() -> None:
    strip = Strip([Segment("a👩‍🚀 says hello", PLAIN)])
    assert text_of(strip, 9, 14)[0] == 0


def test_the_first_difference_is_found_over_pieces() -> None:
    before = Strip([Segment("  ", PLAIN), Segment("some 中文 text   ", PLAIN)])
    after = Strip([Segment("  ", PLAIN), Segment("some 中文 test.  ", PLAIN)])
    assert first_difference(before, after) == 2 + len("some ") + 4 + len(" te")
    assert first_difference(before, before) == before.cell_length


TEXT = (
    "## 标题 one\n\nA line with **bold** words, `code` and 中文，混在一起 that is long enough to be wrapped around.\n\n"
    "- a list\n  - in a list with 👩‍🚀 and é\n\n| a | 表 |\n|---|---|\n| 1 | two |\n\n```python\nprint('hi')  # 注释\n```\n\n"
) * 3


@pytest.mark.parametrize("size", [(80, 24), (61, 18)])
async def test_the_screen_after_streaming_is_the_one_a_redraw_gives(
    scripted: ScriptedServer, tmp_path: Path, size: tuple[int, int]
) -> None:
    scripted.answers.append(answer(TEXT, "so the reader wants this and that " * 20, rate=150))
    app = await asyncio.to_thread(start_r1tui, tmp_path, "--host", scripted.url, size=size)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1")
        app.send("hello", "enter")
        await asyncio.to_thread(app.wait_match, r"thinking|answering")
        await asyncio.to_thread(app.wait_for, "t/s", "^N")
        await asyncio.to_thread(app.wait_quiet, 1.5)
        shown = app.screen_text()
        app.send("ctrl+l")
        await asyncio.to_thread(app.wait_quiet, 1.5)
        assert app.screen_text() == shown
    finally:
        app.close()


async def test_an_answer_behind_a_dialogue_costs_nothing_and_behind_the_palette_is_seen(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    gate = Gate()
    words = [Say(f"word{n} ") for n in range(3000)]
    scripted.answers.append(Answer([*words[:-1], gate, Say("and the end.")], rate=100))
    app = await asyncio.to_thread(start_r1tui, tmp_path, "--host", scripted.url)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1")
        app.send("hello", "enter")
        await asyncio.to_thread(app.wait_for, "word20")
        app.send("f8")
        await asyncio.to_thread(app.wait_for, "Remove it")
        await asyncio.to_thread(app.wait_quiet, 1.0)
        assert not gate.reached.is_set()
        app.send("escape")
        await asyncio.to_thread(app.wait_for, "word")
        app.send("ctrl+p")
        await asyncio.to_thread(app.wait_for, "What do you want to do?")
        before = {word for word in app.screen_text().split() if word.startswith("word")}
        await asyncio.to_thread(app.wait_match, rf"\bword(?!{'|'.join(word[4:] for word in before)}\b)\d+")
        assert "What do you want to do?" in app.screen_text()
    finally:
        app.close()
