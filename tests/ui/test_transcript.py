"""The transcript: follows, folds, finds, copies, and paints only what changed."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.geometry import Offset, Region
from textual.message import Message as Event
from textual.pilot import Pilot
from textual.selection import Selection

from r1tui import locale
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import phrase
from r1tui.toolkit import glyphs
from r1tui.widgets.transcript import Transcript
from r1tui.widgets.transcript.code import load_lexer
from r1tui.widgets.transcript.events import CopyRequested, FindMoved
from r1tui.widgets.transcript.search import Found

TEXT = "Yes, **it** can.\n\n1. one\n2. two\n\n```sh\nls -l\n```\n"


class TranscriptApp(App[None]):
    AUTO_FOCUS = None

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Event] = []
        self.painted: list[Region] = []

    def compose(self) -> ComposeResult:
        yield Transcript()

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    @property
    def lines(self) -> list[str]:
        transcript = self.transcript
        return [strip.text.rstrip() for strip in transcript.render_lines(Region(0, 0, *transcript.size))]

    def watch_painting(self) -> None:
        """Note every region that is refreshed from now on."""
        transcript, refresh = self.transcript, self.transcript.refresh

        def noted(*regions: Region, **options: bool) -> Transcript:
            self.painted += regions or [transcript.size.region]
            return refresh(*regions, **options)

        transcript.refresh = noted  # type: ignore[method-assign]

    def on_transcript_copy_requested(self, event: CopyRequested) -> None:
        self.told.append(event)

    on_transcript_sibling_requested = on_transcript_copy_requested
    on_transcript_edit_requested = on_transcript_copy_requested
    on_transcript_find_moved = on_transcript_copy_requested


@pytest.fixture(autouse=True)
def _words() -> Iterable[None]:
    locale.use("en")
    yield
    locale.use("en")
    glyphs.use(glyphs.UNICODE)


def grounded(app: TranscriptApp) -> dict[str, int]:
    """Text of a line → how many of its cells stand on another ground than the page, which are its own from the left."""
    transcript = app.transcript
    page = transcript.background_colors[1].rich_color
    lines = {}
    for strip in transcript.render_lines(Region(0, 0, *transcript.size)):
        on = sum(cell_len(text) for text, style, _ in strip if style and style.bgcolor not in (None, page))
        lines[strip.text.strip()] = on
    return {words: on for words, on in lines.items() if not words.startswith("deepseek")}


def answer(content: str = "", reasoning: str = "", **facts: object) -> Message:
    return Message(Role.ASSISTANT, content, reasoning, model="deepseek-r1:8b", **facts)  # type: ignore[arg-type]


def streaming(phase: Phase) -> Message:
    return answer(status=MessageStatus.STREAMING, phase=phase, phase_started=time.monotonic() - 5)


async def stream(
    pilot: Pilot[None], message: Message, text: str, *, reasoning: bool = False, step: int = 12
) -> None:
    transcript = pilot.app.query_one(Transcript)
    for at in range(0, len(text), step):
        if reasoning:
            message.reasoning += text[at : at + step]
            message.reasoning_tokens += 1
        else:
            message.content += text[at : at + step]
        transcript.update(message)
        await pilot.pause()
    while not transcript.viewport.lay_out(transcript.viewport.layout.index[message.id], tick=False):
        await pilot.pause()  # on a busy machine text waits until taking it is cheap again
    transcript.paint()


def numbered(count: int) -> str:
    return "\n\n".join(f"line number {n}" for n in range(count))


async def test_messages_show_who_when_and_what() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)):
        app.transcript.show([Message(Role.USER, "Hello <b>\n  you"), answer(TEXT)])
        lines = app.lines
        assert lines[0].startswith("  you ───")
        assert lines[0][-3] == ":"
        assert lines[1:3] == ["  Hello <b>", "    you"]
        assert lines[4].startswith("  deepseek-r1:8b ──")
        assert lines[5:12] == [
            "  Yes, it can.",
            "",
            "  1. one",
            "  2. two",
            "",
            "  ╭─ sh ── 1 copies",
            "  │ ls -l",
        ]


async def test_a_long_question_shows_its_beginning_until_it_is_opened_or_something_is_found_in_it() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 30)) as pilot:
        short = Message(Role.USER, "\n".join(f"line {n}" for n in range(12)))
        long = Message(Role.USER, "\n".join(f"line {n}" for n in range(20)))
        transcript = app.transcript
        transcript.show([short])
        assert "  line 11" in app.lines
        transcript.show([long, answer("Well.")])
        assert app.lines[5:7] == ["  line 4", "  ▸ 15 more lines · Ctrl+↑, Enter opens them"]
        transcript.go_to(long.id)
        transcript.toggle_at_cursor()
        assert "│ line 19" in app.lines
        transcript.toggle_at_cursor()
        assert "│ line 19" not in app.lines
        transcript.find("line 17")
        await pilot.pause()
        assert "│ line 17" in app.lines


async def test_what_stands_after_streaming_is_what_a_new_transcript_shows() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 24)) as pilot:
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, "Hm.\n\n- a\n- b", reasoning=True)
        await stream(pilot, message, TEXT, step=3)
        message.status, message.phase = MessageStatus.COMPLETE, None
        app.transcript.update(message)
        streamed = app.lines
        app.transcript.show([])
        app.transcript.show([message])
        assert app.lines == streamed


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_folded_reasoning_tells_its_latest_sentence_and_then_how_often_it_turned_back(
    language: str,
) -> None:
    locale.use(language)
    thinks, thought, turns = (
        ("Thinking  ", "Thought for 7 s", "2 turns back")
        if language == "en"
        else ("正在思考  ", "思考了 7 秒", "回头重想 2 次")
    )
    app = TranscriptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.transcript.reasoning_policy = "folded"
        app.transcript.tells_reasoning = True
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, "I add **two** and \\(2\\). Wait, ", reasoning=True)
        app.transcript.tick()
        assert thinks in app.lines[1]
        assert app.lines[1].endswith(" · I add two and 2.")
        message.reasoning += "let me check that. It is. 等等，不对，" + "再想一想这个问题" * 20 + "。\n"
        app.transcript.update(message)
        assert app.lines[1].endswith(" · I add two and 2."), "it waits for the second"
        app.transcript.tick()
        assert " · 等等，不对，再想一想" in app.lines[1]
        assert app.lines[1].endswith("…")
        app.transcript.toggle_at_cursor()
        assert "等等" not in app.lines[1], "it is read below"
        app.transcript.toggle_at_cursor()
        message.phase, message.reasoning_seconds = Phase.ANSWERING, 7.0
        await stream(pilot, message, "Four.")
        message.status = MessageStatus.COMPLETE
        app.transcript.update(message)
        assert thought in app.lines[1]
        assert app.lines[1].endswith(turns)


async def test_reasoning_that_is_not_to_be_told_shows_its_time_alone() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.transcript.reasoning_policy = "folded"
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, "I add two and two. Then", reasoning=True)
        app.transcript.tick()
        assert app.lines[1].endswith(" tokens")


async def test_reasoning_is_open_while_thinking_and_folded_when_the_answer_begins() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, "Let me see.", reasoning=True)
        assert app.lines[1] == "  ▾ Thinking  5 s · 0 tokens" or "▾ Thinking  5 s" in app.lines[1]
        assert app.lines[2] == "  │ Let me see."
        message.phase, message.reasoning_seconds = Phase.ANSWERING, 72.0
        await stream(pilot, message, "Yes.")
        message.status = MessageStatus.COMPLETE
        app.transcript.update(message)
        assert app.lines[1:3] == ["  ▸ Thought for 1 min 12 s · 1 token", "  Yes."]


async def test_the_header_of_reasoning_moves_on_only_with_a_tick() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, "a b c d e f", reasoning=True, step=1)
        before = app.lines[1]
        message.reasoning_tokens = 241
        app.transcript.update(message)
        assert app.lines[1] == before
        app.transcript.tick()
        assert app.lines[1].endswith("241 tokens")


async def test_folding_changes_what_is_there_and_no_policy_for_what_streams_next() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.show([answer("Done.", "Because.")])
        app.transcript.toggle_reasoning()
        assert "  │ Because." in app.lines
        app.transcript.toggle_reasoning()
        assert "  │ Because." not in app.lines
        message = streaming(Phase.THINKING)
        app.transcript.add(message)
        await stream(pilot, message, "a new thought", reasoning=True)
        assert any("a new thought" in line for line in app.lines)
        assert app.transcript.reasoning_policy == "while-thinking"


async def test_the_cursor_folds_one_block_and_leaves_the_others() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.transcript.show([answer("one", "first thought"), answer("two", "second thought")])
        app.transcript.focus()
        await pilot.press("k", "enter")
        assert any("first thought" in line for line in app.lines)
        assert not any("second thought" in line for line in app.lines)
        await pilot.press("space")
        assert not any("first thought" in line for line in app.lines)


async def test_the_cursor_is_a_sign_and_not_only_a_colour() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.show([Message(Role.USER, "one"), answer("two")])
        app.transcript.focus()
        await pilot.pause()
        assert [line[0] for line in app.lines[3:5]] == ["›", "│"]
        await pilot.press("k")
        assert [line[:1] for line in app.lines[:5]] == ["›", "│", "", " ", " "]


async def test_the_view_follows_until_the_user_scrolls_up_and_again_after_end() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)) as pilot:
        message = streaming(Phase.ANSWERING)
        app.transcript.show([message])
        await stream(pilot, message, numbered(30))
        assert any("line number 29" in line for line in app.lines)
        app.transcript.focus()
        await pilot.press("pageup")
        stayed = app.lines
        assert not app.transcript.following
        assert stayed[-1] == "  ↓ more below · End follows"
        await stream(pilot, message, "\n\n" + numbered(20))
        assert app.lines == stayed
        await pilot.press("end")
        assert "line number 19" in "".join(app.lines)
        await stream(pilot, message, "\n\nthe very last")
        assert app.query_one(Transcript).following
        assert any("the very last" in line for line in app.lines)


async def test_scrolling_down_to_the_end_follows_again() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.show([answer(numbered(30))])
        app.transcript.scroll_rows(-3)
        assert not app.transcript.following
        app.transcript.scroll_rows(3)
        assert app.query_one(Transcript).following
        await pilot.pause()


async def test_reasoning_that_is_being_read_is_not_folded_away() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)) as pilot:
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, numbered(40), reasoning=True, step=60)
        app.transcript.scroll_rows(-10)
        reading = app.lines
        message.phase = Phase.ANSWERING
        await stream(pilot, message, "Yes.")
        assert app.lines == reading


async def test_only_the_cells_that_grow_are_painted() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        message = streaming(Phase.ANSWERING)
        message.content = "First.\n\nSecond"
        app.transcript.show([message])
        await pilot.pause()
        app.watch_painting()
        await stream(pilot, message, " grows")
        row = next(at for at, line in enumerate(app.lines) if line.endswith("Second grows"))
        assert app.painted == [Region(len("  Second "), row, len("grows"), 1)]


async def test_nothing_is_painted_when_nothing_changed() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        message = answer(TEXT, "Because.")
        app.transcript.show([message])
        await pilot.pause()
        app.watch_painting()
        app.transcript.update(message)
        app.transcript.tick()
        app.transcript.set_siblings({})
        await pilot.pause(0.2)
        assert app.painted == []


async def test_folded_reasoning_paints_nothing_while_it_streams() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.reasoning_policy = "folded"
        message = streaming(Phase.THINKING)
        app.transcript.show([message])
        await stream(pilot, message, "a", reasoning=True)
        app.watch_painting()
        await stream(pilot, message, "long thoughts " * 20, reasoning=True)
        assert app.painted == []


async def test_following_scrolls_by_several_lines_at_once() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        message = streaming(Phase.ANSWERING)
        app.transcript.show([message])
        tops = set()
        for n in range(60):
            message.content += f"line {n}\n"
            app.transcript.update(message)
            await pilot.pause()
            tops.add(app.transcript.viewport.top)
        assert len(tops) < 10


async def test_a_dear_line_gets_code_in_one_colour() -> None:
    load_lexer("sh")
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)):
        app.transcript.show([answer("```sh\nls 'a' # b\n```\n")])
        y = app.lines.index("  │ ls 'a' # b")
        assert len(list(app.transcript.render_line(y))) > 1
        app.transcript.low_bandwidth = True
        assert len(list(app.transcript.render_line(y))) == 1


async def test_finished_code_stands_on_a_ground_that_ends_a_column_behind_its_longest_line() -> None:
    app = TranscriptApp()
    app.console._color_system = ColorSystem.TRUECOLOR
    async with app.run_test(size=(40, 20)) as pilot:
        transcript = app.transcript
        text = "Look:\n\n```\nls -l /tmp\n\ncd\n```\n\nDone."
        message = streaming(Phase.ANSWERING)
        message.content = text
        transcript.show([message])
        await pilot.pause()
        assert not any(grounded(app).values())
        message.status = MessageStatus.COMPLETE
        transcript.update(message)
        await pilot.pause()
        assert grounded(app) == {
            "": 0, "Look:": 0, "╭─ 1 copies": 13, "│ ls -l /tmp": 13, "│": 13, "│ cd": 13, "Done.": 0,
        }  # fmt: skip
        transcript.low_bandwidth = True
        await pilot.pause()
        assert not any(grounded(app).values())


async def test_a_terminal_of_few_colours_gets_no_ground() -> None:
    app = TranscriptApp()
    app.console._color_system = ColorSystem.STANDARD
    async with app.run_test(size=(40, 20)) as pilot:
        app.transcript.show([answer("```\nls -l\n```")])
        await pilot.pause()
        assert not any(grounded(app).values())


async def test_a_very_long_message_far_up_gets_its_height_without_being_kept() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.show([answer(numbered(800)), *(answer(numbered(10)) for _ in range(10))])
        entry = app.transcript.viewport.layout.entries[0]
        while not entry.laid_out:
            await pilot.pause(0.02)
        assert entry.height == 1 + 2 * 800 - 1 + 1
        assert entry.rows == []


async def test_a_resize_wraps_anew_and_keeps_the_place() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(80, 20)) as pilot:
        app.transcript.show([answer(f"message {n} " + "word " * 60) for n in range(40)])
        app.transcript.scroll_rows(-60)
        at = app.transcript.viewport.layout.at(app.transcript.viewport.top)
        await pilot.resize_terminal(40, 20)
        await pilot.pause()
        assert app.transcript.viewport.layout.at(app.transcript.viewport.top) == at
        assert all(len(line) <= 40 for line in app.lines)


async def test_a_long_conversation_opens_at_its_end_and_lays_out_the_rest_later() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(80, 20)) as pilot:
        messages = [answer(f"number {n}\n\n" + "words " * 40) for n in range(300)]
        app.transcript.show(messages)
        entries = app.transcript.viewport.layout.entries
        assert "number 299" in "".join(app.lines)
        assert sum(entry.laid_out for entry in entries) < 10
        while not all(entry.laid_out for entry in entries):
            await pilot.pause(0.02)
        assert "number 299" in "".join(app.lines)
        assert sum(bool(entry.rows) for entry in entries) < 20
        await app.transcript.action_command("transcript.home")
        assert "number 0" in "".join(app.lines)


async def test_how_an_answer_ended_is_said_in_words() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(100, 30)):
        stats = AnswerStats(answer_tokens=400, eval_seconds=80.0, first_token_seconds=1.23)
        app.transcript.show(
            [
                answer("one", status=MessageStatus.STOPPED, stats=stats),
                answer("two", status=MessageStatus.INTERRUPTED),
                answer("three", status=MessageStatus.FAILED, error=phrase("transcript.tokens", n=3)),
            ]
        )
        lines = app.lines
        assert "  ! stopped" in lines
        assert "  5.0 tokens/s · 400 tokens · first token 1.2 s" in lines
        assert "  ! interrupted" in lines
        assert "  ! failed · 3 tokens" in lines


async def test_a_phase_shows_while_nothing_has_come() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)):
        app.transcript.show([streaming(Phase.LOADING)])
        assert "  Loading the model  5 s" in app.lines


async def test_versions_and_what_the_model_does_not_see_stand_in_the_header() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(70, 20)):
        message = answer("one")
        app.transcript.show([message])
        app.transcript.set_siblings({message.id: (2, 3)})
        app.transcript.mark_out_of_sight([message.id])
        assert "2/3" in app.lines[0]
        assert "out of the model's sight" in app.lines[0]
        assert len(app.lines[0]) <= 70


async def test_search_goes_into_folded_reasoning() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.show(
            [answer(numbered(30), "a Needle in thoughts"), answer(numbered(30) + "\n\nneedle")]
        )
        assert app.transcript.find("needle") == 2
        app.transcript.find_previous()
        assert any("a Needle in thoughts" in line for line in app.lines)
        app.transcript.find_next()
        assert app.lines[-2].endswith("needle") or any(line.endswith("needle") for line in app.lines)
        await pilot.pause()
        moves = [(event.position, event.total) for event in app.told if isinstance(event, FindMoved)]
        assert moves == [(2, 2), (1, 2), (2, 2)]
        assert app.transcript.find("absent") == 0


async def test_a_search_counts_and_goes_to_what_is_written_meanwhile() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)):
        live = streaming(Phase.ANSWERING)
        live.content = "one needle"
        app.transcript.show([answer("a needle"), live])
        assert app.transcript.find("needle") == 2
        live.content += " and another Needle"
        app.transcript.update(live)
        assert app.transcript.found == Found(2, 3)
        app.transcript.find_next()
        assert app.transcript.found == Found(3, 3)
        live.content += "\n\nneedle"
        app.transcript.find_next()
        assert app.transcript.found == Found(4, 4)
        app.transcript.add(answer("a last needle"))
        app.transcript.find_next()
        assert app.transcript.found == Found(5, 5)
        app.transcript.find_next()
        assert app.transcript.found == Found(1, 5, 1)


async def test_a_search_that_found_nothing_finds_what_comes() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)):
        live = streaming(Phase.ANSWERING)
        live.content = "one"
        app.transcript.show([live])
        assert app.transcript.find("two") == 0
        live.content += " two"
        app.transcript.update(live)
        assert app.transcript.found == Found(0, 1)
        app.transcript.find_next()
        assert app.transcript.found == Found(1, 1)


async def test_a_jump_shows_the_message_and_the_place() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)):
        target = answer(numbered(40) + "\n\nthe place\n\n" + numbered(40))
        app.transcript.show([target, *(answer(numbered(20)) for _ in range(20))])
        app.transcript.jump_to(target.id, "the place")
        assert any("the place" in line for line in app.lines)


async def test_a_jump_goes_to_the_part_of_the_message_that_was_found() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 12)):
        target = answer(numbered(40) + "\n\nsaid: the place\n\n" + numbered(40), "thought: the place")
        app.transcript.show([target, answer(numbered(20))])
        app.transcript.jump_to(target.id, "the place", "content")
        assert any("said: the place" in line for line in app.lines)
        assert not any("thought: the place" in line for line in app.lines)
        app.transcript.jump_to(target.id, "the place", "reasoning")
        assert any("thought: the place" in line for line in app.lines)


async def test_keys_copy_what_is_under_the_cursor() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 30)) as pilot:
        app.transcript.show([answer(TEXT, "Because."), Message(Role.USER, "thanks")])
        app.transcript.focus()
        await pilot.press("k", "y", "Y", "1", "2")
        await pilot.pause()
        copied = [event.text for event in app.told if isinstance(event, CopyRequested)]
        assert copied == [TEXT, f"<think>\nBecause.\n</think>\n\n{TEXT}", "ls -l"]


async def test_keys_ask_for_a_message_by_its_id() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 30)) as pilot:
        user, reply = Message(Role.USER, "hello"), answer("hi")
        app.transcript.show([user, reply])
        app.transcript.set_siblings({reply.id: (1, 2)})
        app.transcript.focus()
        await pilot.press("]", "k", "e")
        await pilot.pause()
        asked = [
            (type(event).__name__, event.message_id) for event in app.told if hasattr(event, "message_id")
        ]
        assert asked == [("SiblingRequested", reply.id), ("EditRequested", user.id)]


def at_text(app: TranscriptApp, needle: str, *, end: bool = False) -> Offset:
    """The selection's coordinates of a text on the screen."""
    for y, line in enumerate(app.lines):
        if needle in line:
            x = line.index(needle) + (len(needle) if end else 0)
            strip = app.transcript.render_line(y)
            row = next(s.style.meta["offset"][1] for s in strip if s.style and "offset" in s.style.meta)
            return Offset(x, row)
    raise AssertionError(needle)


async def test_a_selection_over_messages_gives_their_source() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 40)):
        app.transcript.show([Message(Role.USER, "How **many**?"), answer(TEXT)])
        selection = Selection(at_text(app, "How"), at_text(app, "two", end=True))
        assert app.transcript.get_selection(selection) == (
            "How **many**?\n\nYes, **it** can.\n\n1. one\n2. two",
            "\n",
        )


async def test_a_selection_within_a_line_gives_just_that() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 40)):
        app.transcript.show([answer("The root is \\(\\sqrt{2}\\), **about** 1.41 or so.")])
        selection = Selection(at_text(app, "about"), at_text(app, "1.41", end=True))
        assert app.transcript.get_selection(selection) == ("about** 1.41", "\n")


async def test_a_selection_of_code_is_the_code() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 40)):
        app.transcript.show([answer("```py\ndef f():\n    return 1\n```\n")])
        selection = Selection(at_text(app, "def"), at_text(app, "return 1", end=True))
        assert app.transcript.get_selection(selection) == ("def f():\n    return 1", "\n")


async def test_a_drag_with_the_mouse_selects() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.show([Message(Role.USER, "first line\nsecond line")])
        await pilot.pause()
        await pilot.mouse_down(Transcript, offset=(2, 1))
        await pilot.hover(Transcript, offset=(7, 2))
        await pilot.mouse_up(Transcript, offset=(7, 2))
        await pilot.pause()
        assert app.screen.get_selected_text() == "first line\nsecond"


async def test_a_click_on_the_header_of_reasoning_unfolds_it() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.show([answer("Done.", "Because.")])
        await pilot.pause()
        await pilot.click(Transcript, offset=(5, 1))
        assert any("Because." in line for line in app.lines)


HOSTILE = "a\x1b[31mred\x1b]0;title\x07\x9b2J\u202eevil\u200bx[bold]m[/]\x00&#8238;"


async def test_hostile_text_is_harmless_wherever_it_stands() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(100, 30)) as pilot:
        message = streaming(Phase.THINKING)
        message.model = HOSTILE
        app.transcript.show([Message(Role.USER, HOSTILE), message])
        await stream(pilot, message, HOSTILE, reasoning=True, step=1)
        await stream(
            pilot, message, f"{HOSTILE}\n\n```{HOSTILE}\n{HOSTILE}\n```\n\n[x](http://{HOSTILE})", step=1
        )
        assert all(character.isprintable() for line in app.lines for character in line)
        assert any("[bold]m[/]" in line for line in app.lines)


async def test_another_theme_recolours_all_that_is_shown() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.show([Message(Role.USER, "hello"), answer(TEXT)])
        await pilot.pause()
        app.theme = "textual-light"
        await pilot.pause()
        app.transcript.show([])
        shown = app.transcript.background_colors[1].rich_color
        app.transcript.show([Message(Role.USER, "hello"), answer(TEXT)])
        segments = [
            segment for strip in app.transcript.render_lines(Region(0, 0, 60, 20)) for segment in strip
        ]
        grounds = {segment.style.bgcolor for segment in segments if segment.style}
        code = app.transcript.get_component_rich_style("transcript--ground").bgcolor
        assert grounds in (
            {shown},
            {shown, code},
        )  # code has its own where the terminal that runs this has colours for it
        assert all(segment.style and segment.style.color != segment.style.bgcolor for segment in segments)


async def test_an_ascii_terminal_gets_only_ascii_signs() -> None:
    glyphs.use(glyphs.ASCII)
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)):
        app.transcript.reasoning_policy = "open"
        app.transcript.show([answer(TEXT + "\n- a\n\n\\(x^2\\)\n\n|a|\n|-|\n|b|\n", "Because.")])
        assert all(line.isascii() for line in app.lines)


async def test_chinese_words_come_from_the_catalogue() -> None:
    locale.use("zh_CN")
    app = TranscriptApp()
    async with app.run_test(size=(60, 20)):
        app.transcript.show(
            [Message(Role.USER, "你好"), answer("好", "想", reasoning_seconds=3.0, reasoning_tokens=2)]
        )
        assert app.lines[0].startswith("  你 ─")
        assert "  ▸ 思考了 3 秒 · 2 个词元" in app.lines


async def test_a_key_shows_the_source_of_formulas_and_sets_them_again() -> None:
    app = TranscriptApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.transcript.show([answer(r"So \(x^2 \le 4\).", status=MessageStatus.COMPLETE)])
        app.transcript.focus()
        await pilot.pause()
        assert any("So x² ≤ 4." in line for line in app.lines)
        await pilot.press("m")
        assert any(r"So \(x^2 \le 4\)." in line for line in app.lines)
        await pilot.press("y")
        assert [event.text for event in app.told if isinstance(event, CopyRequested)] == [
            r"So \(x^2 \le 4\)."
        ]
        await pilot.press("m")
        assert any("So x² ≤ 4." in line for line in app.lines)
