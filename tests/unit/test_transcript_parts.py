"""The parts of the transcript by themselves, without a screen: sections, viewport, cursor, search, selection."""

from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from r1tui import locale
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.widgets.transcript.cursor import Cursor
from r1tui.widgets.transcript.entry import Entry, Section
from r1tui.widgets.transcript.layout import Layout
from r1tui.widgets.transcript.search import Search
from r1tui.widgets.transcript.selection import line_number, selected_source
from r1tui.widgets.transcript.viewport import Viewport

STATS = AnswerStats(answer_tokens=400, eval_seconds=80.0)


@pytest.fixture(autouse=True)
def _words() -> None:
    locale.use("en")


def question(content: str) -> Message:
    return Message(Role.USER, content)


def answer(content: str = "", reasoning: str = "", **facts: object) -> Message:
    return Message(Role.ASSISTANT, content, reasoning, model="deepseek-r1:8b", **facts)  # type: ignore[arg-type]


def numbered(count: int) -> str:
    return "\n\n".join(f"line number {n}" for n in range(count))


def layout_of(*messages: Message) -> Layout:
    layout = Layout()
    layout.presentation.policy = "open"
    layout.replace([Entry(message, layout.presentation) for message in messages])
    return layout


def window(height: int, *messages: Message) -> Viewport:
    viewport = Viewport(layout_of(*messages))
    viewport.resize(height)
    viewport.settle()
    return viewport


def sections(message: Message) -> dict[Section, list[str]]:
    layout = layout_of(message)
    entry = layout.entries[0]
    entry.lay_out(layout.presentation)
    return {section: [entry.rows[row].text for row in rows] for section, rows in entry.sections.items()}


def shown(viewport: Viewport) -> list[str]:
    return [row.text for _, row in viewport.rows()]


# Sections


def test_each_row_of_an_answer_has_a_name() -> None:
    found = sections(answer("one\n\ntwo", "why", status=MessageStatus.STOPPED, stats=STATS))
    assert list(found) == [
        Section.HEADER,
        Section.REASONING_HEADER,
        Section.REASONING,
        Section.BODY,
        Section.ENDING,
        Section.STATISTICS,
        Section.GAP,
    ]
    assert found[Section.REASONING] == ["│ why"]
    assert found[Section.BODY] == ["one", "", "two"]
    assert found[Section.ENDING] == ["! stopped"]
    assert found[Section.STATISTICS] == ["5.0 tokens/s · 400 tokens"]


def test_what_an_answer_waits_for_has_a_name_until_something_has_come() -> None:
    waiting = answer(status=MessageStatus.STREAMING, phase=Phase.LOADING)
    assert list(sections(waiting)) == [Section.HEADER, Section.PHASE, Section.GAP]
    waiting.content = "Yes."
    assert list(sections(waiting)) == [Section.HEADER, Section.BODY, Section.GAP]


def test_reasoning_that_has_only_begun_has_its_header() -> None:
    assert Section.REASONING_HEADER in sections(answer(status=MessageStatus.STREAMING, phase=Phase.THINKING))


def test_blank_rows_between_sections_belong_to_none() -> None:
    layout = layout_of(answer("one", "why", stats=STATS))
    entry = layout.entries[0]
    entry.lay_out(layout.presentation)
    assert [entry.rows[row].text for row in range(entry.height) if entry.section_of(row) is None] == ["", ""]
    assert entry.section_of(entry.height - 1) is Section.GAP


# Viewport


def test_the_end_stays_in_view_until_somebody_scrolls_up() -> None:
    message = answer(numbered(10))
    viewport = window(8, message)
    assert shown(viewport)[-2] == "line number 9"
    message.content += "\n\nmore"
    viewport.lay_out(0)
    viewport.settle()
    assert "more" in shown(viewport)
    viewport.scroll(-5)
    before = shown(viewport)
    message.content += "\n\nand more"
    viewport.lay_out(0)
    viewport.settle()
    assert shown(viewport) == before
    assert viewport.more
    viewport.show_end()
    viewport.settle()
    assert "and more" in shown(viewport)
    assert not viewport.more


def test_what_grows_above_moves_nothing_on_the_screen() -> None:
    first = answer("short")
    viewport = window(6, first, answer(numbered(20)))
    viewport.scroll(-4)
    viewport.settle()
    before = shown(viewport)
    first.content = numbered(30)
    viewport.lay_out(0)
    viewport.settle()
    assert shown(viewport) == before


def test_only_what_shows_is_laid_out() -> None:
    viewport = window(10, *(answer(numbered(5)) for _ in range(50)))
    assert 0 < sum(entry.laid_out for entry in viewport.layout.entries) < 5


def test_revealing_brings_a_row_into_view_and_no_further_than_needed() -> None:
    viewport = window(8, answer(numbered(20)), answer("two"), answer("three"))
    viewport.reveal(0, 15)
    viewport.settle()
    assert viewport.top <= 15 < viewport.top + viewport.height
    assert not viewport.following
    top = viewport.top
    viewport.reveal(0, 16)
    assert viewport.top == top
    viewport.reveal(2)
    assert viewport.following


# Cursor


def test_the_cursor_begins_at_what_the_screen_shows_and_stops_at_the_ends() -> None:
    messages = [answer(numbered(2)) for _ in range(6)]
    viewport = window(10, *messages)
    cursor = Cursor(viewport)
    assert cursor.message is messages[-1]
    assert [cursor.move(-1) for _ in range(7)] == [5, 4, 3, 2, 1, 0, 0]
    assert [cursor.move(1), cursor.move(1)] == [1, 2]
    assert cursor.message is messages[2]


def test_its_sign_is_beside_its_message_alone_and_not_between_two() -> None:
    viewport = window(20, question("one"), answer("two", "why"))
    cursor = Cursor(viewport)
    cursor.message_id = viewport.layout.entries[1].message.id
    signs = [cursor.sign(place) for place, _ in viewport.rows() if place]
    assert signs == ["", "", "", "›", "│", "│", "│", "│", ""]


# Search


def test_a_search_goes_round_and_finds_reasoning_before_the_answer() -> None:
    search = Search(layout_of(answer("a needle", "Needle thoughts"), question("no"), answer("needle")))
    search.look_for("needle")
    assert search.total == 3
    search.go_before(1)
    assert search.position == 2
    search.step(1)
    search.step(1)
    assert search.position == 1
    match = search.match
    assert match is not None
    assert match.folds
    search.look_for("absent")
    search.go_before(2)
    assert (search.position, search.total, search.match) == (0, 0, None)


def test_a_match_is_located_in_its_own_section() -> None:
    layout = layout_of(answer("first\n\na needle", "no\n\nneedle\n\nneedle", stats=STATS))
    entry = layout.entries[0]
    entry.lay_out(layout.presentation)
    search = Search(layout)
    search.look_for("needle")
    found = []
    for _ in range(search.total):
        search.step(1)
        assert search.match is not None
        row = search.locate(search.match)
        found.append((entry.section_of(row), entry.rows[row].text))
    assert found == [
        (Section.REASONING, "│ needle"),
        (Section.REASONING, "│ needle"),
        (Section.BODY, "a needle"),
    ]
    assert len({search.locate(match) for match in search._matches}) == 3


def test_the_header_is_not_marked() -> None:
    layout = layout_of(answer("deepseek"))
    layout.entries[0].lay_out(layout.presentation)
    search = Search(layout)
    search.look_for("deepseek")
    marked = [row for row in range(3) if search.marks((0, row), layout.entries[0].rows[row])]
    assert [layout.entries[0].section_of(row) for row in marked] == [Section.BODY]


# Selection


def test_rows_keep_their_numbers_for_the_mouse_while_others_grow() -> None:
    first, second = answer("one"), question("the second\nquestion")
    layout = layout_of(first, second)
    for entry in layout.entries:
        entry.lay_out(layout.presentation)
    row = layout.entries[1].rows_of(Section.BODY).start
    start, end = Offset(6, line_number((1, row))), Offset(99, line_number((1, row + 1)))
    assert selected_source(layout, Selection(start, end)) == "second\nquestion"
    first.content = numbered(30)
    layout.entries[0].lay_out(layout.presentation)
    assert selected_source(layout, Selection(start, end)) == "second\nquestion"


def test_all_is_selected_by_a_selection_without_ends() -> None:
    layout = layout_of(question("**one**"), answer("*two*", "why"))
    assert selected_source(layout, Selection(None, None)) == "**one**\n\nwhy\n\n*two*"
