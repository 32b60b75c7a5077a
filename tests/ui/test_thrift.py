"""What the thrifty compositor sends draws the same screen as drawing everything would."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._compositor import ChopsUpdate, CompositorUpdate, InlineUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from r1tui.domain.clean import clean_line
from r1tui.toolkit.cells import clusters
from r1tui.toolkit.line_diff import SentCells, changed, first_difference
from r1tui.toolkit.patches.thrift import ThriftyUpdate, cut
from r1tui.toolkit.patches.thrift import sent as harmless
from tests.support.pty_app import emulated, start_r1tui
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


def test_blanks_keep_the_look_before_them_where_nobody_sees_the_difference() -> None:
    between = Strip([Segment("key", BOLD), Segment("  ", PLAIN), Segment("word", BOLD)])
    assert "key  word" in sent(between, 0, between.cell_length)


@pytest.mark.parametrize(
    "seen", [PLAIN + Style(underline=True), PLAIN + Style(reverse=True), Style(bgcolor="red")]
)
def test_blanks_whose_ground_or_lines_differ_are_sent_as_they_are(seen: Style) -> None:
    for first, then in ((PLAIN, seen), (seen, PLAIN)):
        strip = Strip([Segment("key", first), Segment("  ", then)])
        assert "key  " not in sent(strip, 0, strip.cell_length)


def test_an_attribute_ends_by_itself_where_the_next_text_has_none() -> None:
    strip = Strip([Segment("one", BOLD), Segment("two", PLAIN)])
    assert "\x1b[22mtwo" in sent(strip, 0, 6)


ATTRIBUTES = ("bold", "italic", "underline", "reverse", "strike")


def look(colour: str | None, ground: str | None, attributes: Iterable[str]) -> Style:
    """A style with each of these attributes."""
    has: dict[str, Any] = dict.fromkeys(attributes, True)
    return Style(color=colour, bgcolor=ground, **has)


@pytest.mark.parametrize("ground", ["", "#112233"])
def test_each_look_behind_each_other_shows_as_it_does_alone(ground: str) -> None:
    looks = [
        look(colour, ground or None, chosen)
        for count in range(len(ATTRIBUTES) + 1)
        for chosen in combinations(ATTRIBUTES, count)
        for colour in (None, "#aabbcc")
    ]
    for first, then in product(looks, repeat=2):
        behind, alone = emulated(2), emulated(2)
        strip = Strip([Segment("x", first), Segment("y", then)])
        drawn_on(behind, strip, 0, 2)
        drawn_on(alone, strip, 1, 2)
        assert behind.buffer[0][1] == alone.buffer[0][1], (first, then)


def test_what_ends_bold_and_dim_alike_is_followed_by_the_one_that_stays() -> None:
    strip = Strip([Segment("one", BOLD + Style(dim=True)), Segment("two", PLAIN + Style(dim=True))])
    assert "\x1b[22;2mtwo" in sent(strip, 0, 6)


def test_a_wide_character_is_never_cut_in_half() -> None:
    strip = Strip([Segment("ab中文cd", PLAIN)])
    assert text_of(strip, 3, 5) == (2, "中文")


def test_nothing_is_placed_behind_characters_of_unsure_width() -> None:
    strip = Strip([Segment("a👩‍🚀 says hello", PLAIN)])
    assert text_of(strip, 9, 14)[0] == 0


def test_a_line_with_joined_characters_is_sent_to_its_end() -> None:
    strip = Strip([Segment("  - in a list with 👩‍🚀 and é", PLAIN), Segment("   ", PLAIN)])
    assert text_of(strip, strip.cell_length - 4, strip.cell_length - 3) == (
        0,
        "  - in a list with 👩‍🚀 and é",
    )


@given(
    text=st.text(alphabet="ab 中é\u0301👩\u200d🚀\ufe0f❤1"),
    ends=st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
def test_what_is_cut_out_covers_the_cells_asked_for_and_clusters_add_up(
    text: str, ends: tuple[int, int]
) -> None:
    assert sum(width for _, width in clusters(text)) == cell_len(text)
    assert "".join(cluster for cluster, _ in clusters(text)) == text
    start, end = sorted(ends)
    strip = Strip([Segment(text, PLAIN)])
    begin, kept = text_of(strip, start, end)
    if start < min(end, strip.cell_length):
        assert begin <= start
        assert begin + cell_len(kept) >= min(end, strip.cell_length)


def drawn_on(terminal: pyte.Screen, strip: Strip, start: int, end: int) -> str:
    """The line of an emulated terminal, which takes each emoji for two cells, after some cells of a line were drawn."""
    pyte.Stream(terminal).feed(sent(strip, start, end))
    return str(terminal.display[0])


@given(
    lines=st.lists(
        st.text(alphabet="ab 中é\u0301👩🚀👩🚀\u200d\ufe0f❤1", max_size=12), min_size=2, max_size=5
    )
)
def test_changed_cells_give_the_line_that_a_redraw_gives_whatever_width_the_terminal_takes(
    lines: list[str],
) -> None:
    width = 40
    strips = [
        Strip([Segment(line + " " * (width - cell_len(line)), PLAIN)], width)
        for line in (clean_line(line) for line in lines)
    ]
    grown = emulated(width)
    drawn_on(grown, strips[0], 0, width)
    for before, after in pairwise(strips):
        for span in changed([(before.text, None)], [(after.text, None)], width):
            drawn_on(grown, after, *span)
        assert grown.display[0] == drawn_on(emulated(width), after, 0, width)


def test_a_joined_emoji_moves_nothing_behind_it() -> None:
    strip = Strip([Segment("a 👩‍🚀 and é   ", PLAIN)])
    terminal = emulated(20)
    drawn_on(terminal, strip, 0, strip.cell_length)
    assert "".join(terminal.buffer[0][at].data for at in range(4, 10)) == " and é"


def test_a_character_that_becomes_another_by_what_is_joined_to_it_is_sent_again() -> None:
    before = Strip([Segment("a 👩‍", PLAIN)])
    after = Strip([Segment("a 👩‍🚀", PLAIN)])
    assert first_difference(before, after) == 2
    assert changed([("a 👩", None)], [("a 👩‍🚀", None)]) == [(2, 4)]


def at_row(
    row: int, line: Strip, start: int, end: int, terminal: SentCells | None, rows: int = 2
) -> ThriftyUpdate:
    """The update that draws some cells of a line in one row of the screen."""
    chops: list[dict[int, Strip | None]] = [{0: line if y == row else None} for y in range(rows)]
    update = ThriftyUpdate(chops, [(row, start, end)], [[line.cell_length]] * rows)
    update.terminal = terminal
    return update


def test_what_the_terminal_shows_already_is_not_sent_again() -> None:
    terminal = SentCells()
    before = Strip([Segment("a page of words     ", PLAIN), Segment(" " * 20, BOLD)])
    after = Strip([Segment("a page of its own   ", PLAIN), Segment(" " * 20, PLAIN)])

    def drawn(line: Strip, row: int = 1) -> str:
        return at_row(row, line, 0, 40, terminal).render_segments(TRUECOLOR)

    assert "a page of words" in drawn(before)
    assert drawn(before) == ""
    assert drawn(after) == "\x1b[2;11H\x1b[38;2;170;187;204;48;2;17;34;51mits own\x1b[0m"
    assert "a page of its own" in drawn(after, row=0)
    terminal.forget()
    assert "a page of its own" in drawn(after)


def test_the_same_letters_in_another_look_or_link_are_sent() -> None:
    terminal = SentCells()
    for style in (PLAIN, BOLD, PLAIN + Style(link="http://a"), PLAIN + Style(link="http://b"), OTHER):
        assert "word" in at_row(0, Strip([Segment("word", style)]), 0, 4, terminal).render_segments(TRUECOLOR)


DRAWN = st.tuples(
    st.integers(0, 1),
    st.lists(
        st.tuples(
            st.text(alphabet="ab  中é\u0301👩\u200d🚀\ufe0f", max_size=5),
            st.sampled_from((PLAIN, BOLD, OTHER, PLAIN + Style(underline=True), Style(bgcolor="#998877"))),
        ),
        max_size=4,
    ),
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
)
"""A row, the pieces of a line, and the cells of it that are drawn."""


@given(draws=st.lists(DRAWN, min_size=2, max_size=6))
def test_what_is_left_out_changes_nothing_of_what_the_terminal_shows(
    draws: list[tuple[int, list[tuple[str, Style]], tuple[int, int]]],
) -> None:
    width, terminal = 12, SentCells()
    thrifty, told_all = emulated(width, 2), emulated(width, 2)
    for row, pieces, ends in draws:
        start, end = sorted(ends)
        line = Strip([Segment(text, style) for text, style in pieces]).adjust_cell_length(width, PLAIN)
        for screen, known in ((thrifty, terminal), (told_all, None)):
            update = at_row(row, line, start, end, known)
            pyte.Stream(screen).feed(update.render_segments(TRUECOLOR))
        assert seen_on(thrifty) == seen_on(told_all)


def seen_on(screen: pyte.Screen) -> list[object]:
    """What is seen of each cell: of a blank neither the text's colour nor its weight."""
    cells = [screen.buffer[y][x] for y in range(screen.lines) for x in range(screen.columns)]
    return [cell._replace(fg="", bold=False) if cell.data == " " else cell for cell in cells]


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
        await asyncio.to_thread(app.wait_answers, 1)
        await asyncio.to_thread(app.wait_for, "tokens/s", "^T")
        await asyncio.to_thread(app.wait_quiet, 1.5)
        shown, sent_before = app.screen_text(), app.bytes_received
        app.send("ctrl+l")
        await asyncio.to_thread(
            app.wait_until, lambda: app.bytes_received - sent_before > size[0] * size[1], "a redraw"
        )
        await asyncio.to_thread(app.wait_quiet, 1.5)
        assert app.screen_text() == shown
    finally:
        app.close()


@pytest.mark.parametrize(("key", "shows"), [("f8", "Remove it"), ("ctrl+p", "What do you want to do?")])
async def test_an_answer_behind_a_dialogue_costs_nothing_and_is_seen_after_it(
    scripted: ScriptedServer, tmp_path: Path, key: str, shows: str
) -> None:
    gate = Gate()
    words = [Say(f"word{n} ") for n in range(3000)]
    scripted.answers.append(Answer([*words[:-1], gate, Say("and the end.")], rate=100))
    app = await asyncio.to_thread(start_r1tui, tmp_path, "--host", scripted.url)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1")
        app.send("hello", "enter")
        await asyncio.to_thread(app.wait_for, "word20")
        app.send(key)
        await asyncio.to_thread(app.wait_for, shows)
        await asyncio.to_thread(app.wait_quiet, 1.0)
        assert not gate.reached.is_set()
        before = {word for word in app.screen_text().split() if word.startswith("word")}
        app.send("escape")
        await asyncio.to_thread(
            app.wait_match, rf"\bword(?!(?:{'|'.join(word[4:] for word in before)})\b)\d+"
        )
    finally:
        app.close()


EVIL = "\x1b]0;PWNED\x07\x9b31m\x7f\u202e\u2028\ud800\n\tend"
CONTROL = "\x1b\x07\x9b\x7f\u202e\u2028\ud800\n\t"


def test_text_in_a_line_is_never_obeyed_and_takes_the_cells_that_were_counted() -> None:
    strip = Strip([Segment("ab" + EVIL, PLAIN), Segment("cd", OTHER)], 30)
    text = sent(strip, 0, 30)
    assert "ab␛]0;PWNED" in text
    assert not set(text.replace("\x1b[", "")) & set(CONTROL)
    shown = text_of_update(ThriftyUpdate([{0: strip}], [(0, 0, 30)], [[30]]))
    assert cell_len(shown) == cell_len("ab" + EVIL + "cd")


def test_marks_are_counted_across_pieces_of_one_line() -> None:
    marks = [Segment("\u0301" * 3, PLAIN if n % 2 else OTHER) for n in range(20)]
    strip = Strip([Segment("Z", PLAIN), *marks, Segment("end", PLAIN)], 4)
    assert sent(strip, 0, 4).count("\u0301") == 8


def test_a_link_cannot_end_its_sequence() -> None:
    strip = Strip([Segment("here", Style(link="http://a/\x1b\\\x1b]0;PWNED\x07\u202eü b"))])
    text = sent(strip, 0, 4)
    assert "http://a/%1B%5C%1B]0;PWNED%07%E2%80%AE%C3%BC%20b\x1b\\here" in text
    assert text.count("\x1b]") == 2
    assert "\x07" not in text


def text_of_update(update: CompositorUpdate) -> str:
    """What is to be drawn, without the sequences."""
    assert isinstance(update, ThriftyUpdate)
    return "".join(segment.text for _, _, segments in update._pieces() for segment in segments)


@pytest.mark.parametrize(
    "update",
    [
        LayoutUpdate([[Strip([Segment(EVIL, Style(link=EVIL))])]], Region(0, 0, 40, 1)),
        InlineUpdate([Strip([Segment(EVIL, Style(link=EVIL))])]),
        ChopsUpdate([{0: Strip([Segment(EVIL, Style(link=EVIL))])}], [(0, 0, 40)], [[40]]),
    ],
)
def test_no_way_that_textual_draws_lets_text_be_obeyed(
    update: LayoutUpdate | InlineUpdate | ChopsUpdate,
) -> None:
    assert set(update.render_segments(TRUECOLOR)) & set("\x07\x9b\u202e")  # its own way would
    drawn = harmless(update)
    assert isinstance(drawn, LayoutUpdate | InlineUpdate | ThriftyUpdate)
    text = drawn.render_segments(TRUECOLOR)
    assert "␛]0;PWNED␇" in text
    assert not set(text) & set("\x07\x9b\x7f\u202e\u2028\ud800\n\t")


def test_what_rich_draws_is_not_obeyed_either() -> None:
    drawn = harmless(Text(EVIL.replace("\n\t", ""), Style(link="http://a\x1b]0;PWNED\x07")))
    assert drawn is not None
    text = TRUECOLOR._render_buffer(TRUECOLOR.render(drawn))
    assert "␛]0;PWNED" in text
    assert not set(text) & set("\x1b\x07\x9b\x7f\u202e\u2028\ud800\t")
