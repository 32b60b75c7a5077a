"""`r1tui plain`: the chat by lines, on a terminal that can do nothing but print lines, and in a pipe."""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import psutil
import pytest

from tests.support import patience
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import Answer, Gate, Hang, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, begun_answer, sees

HEADLESS = Path(__file__).parents[2] / "r1tui" / "headless" / "plain.py"


async def begun(pty_app: Start, scripted: ScriptedServer, **options: object) -> PtyApp:
    app = pty_app("plain", "--host", scripted.url, env={"TERM": "dumb"}, **options)
    await sees(app, "/help lists the commands")
    return app


async def left(app: PtyApp) -> int:
    app.send("/quit", "enter")
    return await asyncio.to_thread(app.wait_exit)


async def test_reasoning_and_answer_stand_under_headings_without_a_control_sequence(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    scripted.answers.append(answer("It is four.", "Two and two."))
    app = await begun(pty_app, scripted)
    app.send("What is 2+2?", "enter")
    await sees(app, "tokens/s")
    lines = [line.strip() for line in app.screen_lines() if line.strip()]
    thinking = next(n for n, line in enumerate(lines) if line.startswith("[Thinking"))
    assert lines[thinking : thinking + 4] == [lines[thinking], "Two and two.", "[Answer]", "It is four."]
    assert await left(app) == 0
    assert b"\x1b" not in app.raw


async def test_enter_leaves_out_the_rest_of_the_reasoning_and_fold_prints_it(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Think("First thought."), gate, Think("Second thought."), Say("Done.")]))
    app = await begun(pty_app, scripted)
    app.send("Tell me", "enter")
    await sees(app, "First thought.")
    app.send("enter")
    await sees(app, "left out")
    gate.opened.set()
    await sees(app, "Done.", "tokens/s")
    assert "Second" not in app.screen_text()
    app.send("/fold", "enter")
    await sees(app, "Second thought.")


async def test_a_question_typed_meanwhile_waits_and_is_asked(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    gate = Gate()
    scripted.answers += [Answer([Say("One."), gate]), answer("Two.")]
    app = await begun(pty_app, scripted)
    app.send("first", "enter")
    await sees(app, "One.")
    app.send("second", "enter")
    await sees(app, "second")
    gate.opened.set()
    await sees(app, "Two.")
    asked = [sent.json["messages"][-1]["content"] for sent in scripted.sent_to("/api/chat")]
    assert asked == ["first", "second"]


async def test_ctrl_c_stops_an_answer_and_twice_without_one_leaves(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    scripted.answers.append(answer("word " * 4000, rate=20))
    app = await begun(pty_app, scripted)
    app.send("Tell me", "enter")
    await sees(app, "word word")
    app.send("ctrl+c")
    await asyncio.to_thread(app.wait_match, r"word\S*\s*\n\[Stopped")
    app.send("ctrl+c")
    await sees(app, "again")
    app.send("ctrl+c")
    assert await asyncio.to_thread(app.wait_exit) == 0


async def test_a_text_of_several_lines_is_one_question(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await begun(pty_app, scripted)
    app.send('"""', "enter", "one", "enter", "two", "enter", '"""', "enter")
    await sees(app, "tokens/s")
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == "one\ntwo"


async def test_help_names_what_the_command_table_has_and_a_wrong_name_is_said(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await begun(pty_app, scripted)
    app.send("/help", "enter")
    await sees(app, "/answer-now: Stop thinking, answer now", "/history: History", "/quit: Quit")
    app.send("/nonsense", "enter")
    await sees(app, "/nonsense is no command")


async def test_the_history_is_the_apps_and_a_conversation_goes_on(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    scripted.answers += [answer("Blue."), answer("Because.")]
    first = await begun(pty_app, scripted)
    first.send("What colour is it?", "enter")
    await sees(first, "tokens/s")
    assert await left(first) == 0
    second = await begun(pty_app, scripted)
    second.send("/history", "enter")
    await sees(second, "1. What colour is it?")
    second.send("/history 1", "enter")
    await sees(second, "> What colour is it?", "Blue.")
    second.send("Why?", "enter")
    await sees(second, "Because.")
    roles = [each["role"] for each in scripted.sent_to("/api/chat")[-1].json["messages"]]
    assert roles == ["user", "assistant", "user"]


async def test_a_new_conversation_is_called_so(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await begun(pty_app, scripted)
    app.send("/new", "enter")
    await sees(app, "[New conversation]")
    assert "the last ones" not in app.screen_text()


async def test_a_terminal_that_hangs_up_loses_nothing(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await begun(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    app.hang_up()
    gate.opened.set()
    again = await begun(pty_app, scripted)
    await sees(again, "The beginning and the end.")


async def test_an_answer_that_ends_as_its_terminal_hangs_up_is_what_the_next_one_shows(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await begun(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    os.kill(app.pid, signal.SIGSTOP)  # so that the end of the answer waits for it before the signal does
    gate.opened.set()
    await asyncio.sleep(0.5)
    app.hang_up()
    os.kill(app.pid, signal.SIGCONT)
    again = await begun(pty_app, scripted)
    await sees(again, "The beginning and the end.")


IN_SHELL = "import os, sys; os.execv('/bin/sh', ['sh', '-c', *sys.argv[1:]])"


def in_shell(pty_app: Start, scripted: ScriptedServer, rest: str, before: str = "") -> PtyApp:
    """The chat within a line of a shell."""
    line = f"{before} {sys.executable} -m r1tui plain --host {scripted.url} {rest}"
    return pty_app(line, python=("-c", IN_SHELL), env={"TERM": "dumb"})


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
async def test_a_closed_stream_costs_nothing_of_an_answer_whose_terminal_hangs_up(
    closed: str, scripted: ScriptedServer, pty_app: Start
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("The beginning "), gate, Say("and the end.")]))
    app = in_shell(pty_app, scripted, closed, "exec")
    app.send("Tell me", "enter")
    await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
    app.hang_up()
    gate.opened.set()
    again = await begun(pty_app, scripted)
    await sees(again, "The beginning and the end.")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_pipe_that_does_not_end_holds_nobody_up_who_is_told_to_end(
    how: signal.Signals, scripted: ScriptedServer, tmp_path: Path
) -> None:
    reads, writes = os.pipe()
    os.write(writes, b"A question without an end ")
    command = [sys.executable, "-m", "r1tui", "plain", "--host", scripted.url]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=reads, env=clean_env(tmp_path), cwd=tmp_path
    )
    try:
        await asyncio.to_thread(taken, reads)
        process.send_signal(how)
        await asyncio.wait_for(process.wait(), patience.SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
    os.close(reads)
    os.close(writes)


def taken(pipe: int) -> None:
    """Wait until somebody has read what is in a pipe."""
    waiting, end = array.array("i", [1]), time.monotonic() + patience.SECONDS
    while waiting[0]:
        assert time.monotonic() < end
        time.sleep(0.05)
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)


async def test_the_end_does_not_wait_for_the_keyboard_where_the_output_is_a_pipe(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = in_shell(pty_app, scripted, "| cat; echo that is $PPID all", "trap '' TERM;")
    await sees(app, "/help lists the commands")
    (chat,) = [each for each in psutil.Process(app.pid).children() if "plain" in each.cmdline()]
    chat.send_signal(signal.SIGTERM)
    await asyncio.to_thread(app.wait_match, r"that is \d+ all")
    assert "Fatal" not in app.screen_text()


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM])
async def test_a_terminal_that_takes_nothing_holds_nobody_up_who_is_told_to_end(
    how: signal.Signals, scripted: ScriptedServer, pty_app: Start
) -> None:
    gate, last = Gate(), Gate()
    words = [Say(f"Line {number} of many. " * 50) for number in range(500)]
    scripted.answers.append(Answer([Say("The beginning "), gate, *words, last, Hang()]))
    app = await begun(pty_app, scripted)
    app.send("Tell me", "enter")
    await sees(app, "The beginning")
    app.stall()
    gate.opened.set()
    await asyncio.sleep(1)
    app.kill(how)
    assert await asyncio.to_thread(app.process.wait, patience.SECONDS) == 0
    if how == signal.SIGHUP:
        await asyncio.wait_for(last.reached.wait(), patience.SECONDS)


PRINTS_AT_ITS_END = """
import asyncio, sys
from r1tui.services.terminal import leaving

leaving.LOOKED_AGAIN = float(sys.argv[1])

async def main():
    told = asyncio.Event()
    leaving.told_to_end_beside(asyncio.get_running_loop(), told.set)
    print("It runs.", flush=True)
    await told.wait()
    print("x" * 1_000_000, file=getattr(sys, sys.argv[2]), flush=sys.argv[3] == "flushed")

asyncio.run(main())
"""


@pytest.mark.parametrize("held", ["flushed", "held back"])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGTERM])
async def test_what_the_end_itself_prints_does_not_hold_it_up_where_the_terminal_took_something_before(
    how: signal.Signals, stream: str, held: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PRINTS_AT_ITS_END, "0.25", stream, held]
    app = PtyApp(command, env=clean_env(tmp_path))
    try:
        await sees(app, "It runs.")
        app.stall()
        app.kill(how)
        assert await asyncio.to_thread(app.process.wait, patience.SECONDS) == 0
    finally:
        app.close()


def test_looking_whether_the_terminal_takes_anything_does_not_end_the_process(tmp_path: Path) -> None:
    """A look comes within the last moments of Python too, where they are as close as here."""
    command = [sys.executable, "-c", PRINTS_AT_ITS_END, "0.0005", "stdout", "held back"]
    ended = subprocess.Popen(command, env=clean_env(tmp_path), stdout=subprocess.PIPE)
    assert ended.stdout is not None
    with ended, ended.stdout:
        assert ended.stdout.readline() == b"It runs.\n"
        ended.terminate()
        assert len(ended.stdout.read()) == 1_000_001
    assert ended.returncode == 0


@pytest.mark.parametrize(
    ("before", "lines", "becomes"), [("echo Well? |", 1, "stopped"), ("", 2, "complete")]
)
async def test_an_answer_whose_reader_has_enough_is_stopped_in_a_pipe_and_goes_on_behind_a_keyboard(
    before: str, lines: int, becomes: str, scripted: ScriptedServer, pty_app: Start
) -> None:
    gate, more = Gate(), Gate()
    scripted.answers.append(Answer([Say("One.\n"), gate, Say("Two.\n"), Say("Three."), more]))
    app = in_shell(pty_app, scripted, f"| head -n {lines}; echo that is $PPID all", before)
    if not before:
        await sees(app, "/help lists the commands")
        app.send("Tell me", "enter")
    await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
    if before:
        await sees(app, "One.")
    await asyncio.sleep(0.5)  # so that the reader has ended
    gate.opened.set()
    await asyncio.to_thread(app.wait_match, r"that is \d+ all")
    more.opened.set()
    await asyncio.to_thread(ended, app, becomes)
    assert not any(word in app.screen_text() for word in ("Traceback", "Fatal", "fault"))


def ended(app: PtyApp, status: str) -> None:
    """Wait until its answer has ended so on the disk."""
    query, end = "SELECT status FROM message WHERE role = 'assistant'", time.monotonic() + patience.SECONDS
    while (found := app.stored(query)) != [status]:
        assert time.monotonic() < end, found
        time.sleep(0.05)


async def test_a_pipe_is_read_to_its_end_and_only_the_answer_goes_to_standard_output(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.answers.append(answer("It is four.", "Two and two."))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "r1tui", "plain", "--host", scripted.url),
        env=clean_env(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    told, own = await process.communicate(b"What is\n2+2?\n")
    assert (process.returncode, told.decode()) == (0, "It is four.\n")
    assert "[Thinking]\nTwo and two.\n[Answer]" in own.decode(), "there is no Enter to press"
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == "What is\n2+2?"


async def test_a_pipe_that_holds_too_much_or_nothing_is_said_and_not_asked(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    for sent, said in ((b"word " * (4 << 20), "16"), (b" \n", "no question")):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "r1tui", "plain", "--host", scripted.url),
            env=clean_env(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        told, own = await process.communicate(sent)
        assert (process.returncode, told) == (2, b"")
        assert said in own.decode()
    assert not scripted.sent_to("/api/chat")


async def test_what_a_model_says_is_not_obeyed(scripted: ScriptedServer, pty_app: Start) -> None:
    scripted.answers.append(answer("red \x1b[31m and \x9b2J gone", "\x1b]0;title\x07"))
    app = await begun(pty_app, scripted)
    app.send("Tell me", "enter")
    await sees(app, "tokens/s")
    assert b"\x1b" not in app.raw
    assert "\x9b".encode() not in app.raw


async def test_it_speaks_chinese(scripted: ScriptedServer, pty_app: Start) -> None:
    scripted.answers.append(answer("是四。", "二加二。"))
    app = pty_app("plain", "--host", scripted.url, env={"TERM": "dumb", "LC_ALL": "zh_CN.UTF-8"})
    await sees(app, "/help 列出命令")
    app.write("二加二是几？")
    app.send("enter")
    await sees(app, "[回答]", "是四。")


async def test_at_a_hang_up_it_gives_the_terminal_back_and_the_answer_goes_on(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await begun(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    os.kill(app.pid, signal.SIGHUP)
    await sees(app, "finished in the background")
    await asyncio.to_thread(app.wait_exit)
    assert app.cooked
    gate.opened.set()
    again = await begun(pty_app, scripted)
    await sees(again, "The beginning and the end.")


def test_the_line_mode_stays_small() -> None:
    assert len(HEADLESS.read_text().splitlines()) <= 250
