"""The block of a vote in the transcript: it grows where it stands, unfolds by key, and is stepped through."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message as Event

from r1tui import locale
from r1tui.domain.message import Message, Role
from r1tui.domain.vote import VoteEnd, VoteState
from r1tui.widgets.transcript import Transcript
from r1tui.widgets.transcript import events as told
from tests.support.votes import UNDER_WAY, message_of, vote


@pytest.fixture(autouse=True)
def _words() -> Iterable[None]:
    locale.use("en")
    yield
    locale.use("en")


class Shown(App[None]):
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Event] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def lines(self) -> list[str]:
        transcript = self.transcript
        return [strip.text.rstrip() for strip in transcript.render_lines(Region(0, 0, *transcript.size))]

    def has(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def show(self, question: Message, state: VoteState, number: int) -> None:
        """The branch through a sample."""
        self.transcript.set_votes({question.id: state})
        self.transcript.show([question, message_of(state, number)])

    def go_on(self, question: Message, state: VoteState, number: int) -> None:
        self.transcript.show_votes([question, message_of(state, number)], {question.id: state})

    @property
    def at(self) -> str:
        """The line that the cursor's sign stands on."""
        return next((line[2:] for line in self.lines if line.startswith("›")), "")

    def on_transcript_copy_requested(self, event: told.CopyRequested) -> None:
        self.told.append(event)

    on_transcript_sibling_requested = on_transcript_copy_requested
    on_transcript_vote_requested = on_transcript_copy_requested


async def test_enter_unfolds_a_sample_with_its_reasoning_and_folds_it_again() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        question, state = vote(["42", "41", UNDER_WAY], 5)
        app.show(question, state, 3)
        app.transcript.focus()
        await pilot.press("k", "k")
        assert app.at.startswith("▸ 1  42")
        await pilot.press("enter")
        assert app.at.startswith("▾ 1  42")
        assert app.has("Thoughts of sample 1.")
        assert app.has("Text of sample 1.")
        assert not app.has("sample 2.")
        await pilot.press("enter")
        assert app.at.startswith("▸ 1  42")
        assert not app.has("sample 1.")


async def test_y_copies_a_folded_sample_and_v_asks_for_its_question_again() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        question, state = vote(["42", "41"], 2, end=VoteEnd.DECIDED)
        app.show(question, state, 2)
        app.transcript.focus()
        await pilot.press("k", "y", "v")
        assert isinstance(app.told[0], told.CopyRequested)
        assert app.told[0].text == "Text of sample 1."
        assert isinstance(app.told[1], told.VoteRequested)
        assert app.told[1].message_id == message_of(state, 1).id


async def test_brackets_step_through_the_samples_and_leave_the_vote_behind_the_last() -> None:
    app = Shown()
    async with app.run_test(size=(80, 40)) as pilot:
        question, state = vote(["42", "41", "42"], 3, end=VoteEnd.DECIDED)
        app.show(question, state, 1)
        app.transcript.set_siblings({message_of(state, 1).id: (1, 4)})
        app.transcript.focus()
        assert app.transcript.cursor_message is message_of(state, 1)
        await pilot.press("]")
        assert app.at.startswith("▾ 2  41")
        assert app.has("Thoughts of sample 2.")
        app.transcript.set_siblings({message_of(state, n).id: (n, 4) for n in (1, 2, 3)})
        await pilot.press("]")
        assert app.at.startswith("▾ 3  42")
        assert not app.has("Thoughts of sample 2.")
        await pilot.press("]")
        (event,) = app.told
        assert isinstance(event, told.SiblingRequested)
        assert event.message_id == message_of(state, 3).id


async def test_a_further_sample_does_not_take_a_reader_elsewhere() -> None:
    app = Shown()
    async with app.run_test(size=(80, 12)) as pilot:
        question, state = vote(["42", UNDER_WAY], 64)
        question.content = "\n".join(f"line {n}" for n in range(11))  # a longer one would be folded
        app.show(question, state, 2)
        await pilot.press()
        app.transcript.scroll_rows(-99)
        before = app.lines
        assert before[0].strip().startswith("you")
        _, further = vote(["42", "41", UNDER_WAY], 64)
        app.go_on(question, further, 3)
        assert app.lines == before
        app.transcript.show_end()
        assert app.has("▸  3  thinking")


async def test_the_answer_is_gone_to_when_the_vote_ends_and_somebody_follows() -> None:
    app = Shown()
    async with app.run_test(size=(80, 16)):
        question, state = vote(["42", UNDER_WAY], 2)
        app.show(question, state, 2)
        assert app.has("▸ 2  thinking")
        _, ended = vote(["42", "42"], 2, end=VoteEnd.DECIDED)
        message_of(ended, 1).content = "\n\n".join(f"paragraph {n}" for n in range(30))
        app.go_on(question, ended, 1)
        assert app.has("2 of 2 gave 42")
        assert app.has("paragraph 0")
        assert not app.has("paragraph 29")


async def test_a_search_unfolds_the_sample_that_holds_the_place() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)) as pilot:
        question, state = vote(["42", "41", UNDER_WAY], 5)
        app.show(question, state, 3)
        assert app.transcript.find("Thoughts of sample 2") == 1
        await pilot.press()
        assert app.has("▾ 2  41")
        assert app.has("Thoughts of sample 2.")


async def test_a_question_without_a_vote_is_shown_as_before() -> None:
    app = Shown()
    async with app.run_test(size=(80, 24)):
        question = Message(Role.USER, "hello")
        answer = Message(Role.ASSISTANT, "Good day.", parent=question.id)
        app.transcript.show_votes([question, answer], {})
        assert app.has("Good day.")
        assert not app.has("Vote")
