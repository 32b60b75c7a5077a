"""What goes with a question, as the transcript shows it: a line each, which opens."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from r1tui import locale
from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.message import Message, Role
from r1tui.widgets.transcript.entry import (
    SHOWN_CHARACTERS,
    SHOWN_LINES,
    Entry,
    Section,
    attached_rows,
    shown_parts,
)
from r1tui.widgets.transcript.layout import Layout
from r1tui.widgets.transcript.search import Search, row_of

NOTES = Attachment("notes.md", "Three and five\nare eight.\n", size=27)
LOG = Attachment("dmesg", "out\x1b[2J of memory", AttachmentKind.COMMAND, part="lines 1-2")


@pytest.fixture(autouse=True)
def _words() -> None:
    locale.use("en")


def laid_out(message: Message, *, opened: bool = False) -> tuple[Layout, Entry]:
    layout = Layout()
    layout.replace([Entry(message, layout.presentation)])
    entry = layout.entries[0]
    entry.choice = opened or None
    entry.lay_out(layout.presentation)
    return layout, entry


def texts(entry: Entry, section: Section) -> list[str]:
    return [entry.rows[row].text for row in entry.rows_of(section)]


def test_each_attachment_is_a_line_above_the_question() -> None:
    _, entry = laid_out(Message(Role.USER, "Why?", attachments=(NOTES, LOG)))
    assert list(entry.sections) == [Section.HEADER, Section.ATTACHMENTS, Section.BODY, Section.GAP]
    assert texts(entry, Section.ATTACHMENTS) == [
        "▸ notes.md · 2 lines · ~27 tokens",
        "▸ dmesg (lines 1-2) · 1 line · ~27 tokens",
    ]
    assert entry.folds
    assert not entry.has_reasoning


def test_a_question_without_words_has_no_empty_line() -> None:
    _, entry = laid_out(Message(Role.USER, "", attachments=(NOTES,)))
    assert list(entry.sections) == [Section.HEADER, Section.ATTACHMENTS, Section.GAP]


@pytest.mark.parametrize("policy", ["open", "folded", "while-thinking"])
def test_the_lines_open_with_their_texts_cleaned_and_fold_again(policy: str) -> None:
    layout, entry = laid_out(Message(Role.USER, "Why?", attachments=(NOTES, LOG)))
    layout.presentation.policy = policy
    entry.toggle(layout.presentation)
    entry.lay_out(layout.presentation)
    assert texts(entry, Section.ATTACHMENTS) == [
        "▾ notes.md · 2 lines · ~27 tokens",
        "  Three and five",
        "  are eight.",
        "▾ dmesg (lines 1-2) · 1 line · ~27 tokens",
        "  out␛[2J of memory",
        "",
    ]
    entry.toggle(layout.presentation)
    entry.lay_out(layout.presentation)
    assert len(texts(entry, Section.ATTACHMENTS)) == 2


def test_of_a_long_text_the_beginning_is_shown_and_how_much_more_was_sent() -> None:
    long = Attachment("long", "".join(f"line {n}\n" for n in range(SHOWN_LINES + 100)))
    rows = [row.text for row in attached_rows((long, NOTES), 80, is_open=True)]
    assert rows[SHOWN_LINES : SHOWN_LINES + 2] == [
        f"  line {SHOWN_LINES - 1}",
        "… 100 more lines were sent (o shows them)",
    ]
    assert rows[-3:] == ["▾ notes.md · 2 lines · ~27 tokens", "… 2 more lines were sent (o shows them)", ""]
    wide = Attachment("wide", "x" * 1_000_000)
    rows = [row.text for row in attached_rows((wide, wide), 80, is_open=True)]
    assert "… the rest of this line was sent too (o shows it)" in rows
    assert len(rows) < 400
    assert list(map(len, shown_parts((wide, wide)))) == [SHOWN_CHARACTERS, 0]


@pytest.mark.parametrize("width", [8, 20, 40])
def test_no_line_is_wider_than_the_transcript(width: int) -> None:
    name = Attachment("a-very-long-name-of-a-file-" * 5, "text\n" * 500)
    for is_open in (True, False):
        assert all(cell_len(row.text) <= width for row in attached_rows((name,), width, is_open=is_open))


def test_a_search_finds_words_of_an_attachment_and_where_they_stand() -> None:
    layout, entry = laid_out(Message(Role.USER, "eight?", attachments=(NOTES,)), opened=True)
    search = Search(layout)
    search.look_for("eight")
    assert search.total == 2
    search.step(1)
    assert search.match is not None
    assert (search.match.section, search.match.folds) == (Section.ATTACHMENTS, True)
    assert entry.rows[row_of(entry, search.match, "eight")].text == "  are eight."
    search.step(1)
    assert search.match.section is Section.BODY


def test_a_line_tells_the_servers_count_in_place_of_the_estimate_once_it_is_known() -> None:
    attached = Attachment("log.txt", "line\n" * 500)
    _, entry = laid_out(Message(Role.USER, "why?", attachments=(attached,)))
    assert any("500 lines · ~" in row.text for row in entry.rows)
    attached.note_tokens(2026)
    _, entry = laid_out(entry.message)
    assert any("500 lines · 2,026 tokens" in row.text for row in entry.rows)
