"""A command behind `!` in the terminal, by keys."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil

from tests.support.processes import wait_ended
from tests.support.pty_app import PtyApp
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, chats, gone, opened_on, quiet, sees

RUNS = "Enter run in the shell"


async def command(app: PtyApp, line: str) -> None:
    """Type a command and its Enter, as a person does."""
    app.send("!")
    await sees(app, "$ !", RUNS)
    app.write(line)
    await sees(app, line[-30:])
    await quiet(app)
    app.send("enter")


def children(app: PtyApp) -> list[str]:
    return [each.name() for each in psutil.Process(app.pid).children(recursive=True)]


async def childless(app: PtyApp) -> None:
    for _ in range(1500):
        if not children(app):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(children(app))


async def test_the_output_of_a_command_goes_with_the_question(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await command(app, "seq -f 'fault %g' 100 | tail -50")
    await sees(app, "$ seq -f", "fault 100", "Ended with exit code 0. 50 lines. Enter attaches")
    app.send("enter")
    await gone(app, "Ended with")
    assert chats(scripted) == 0
    scripted.answers.append(answer("It is broken."))
    app.paste("Why?")
    app.send("enter")
    await sees(app, "It is broken.")
    sent = scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"]
    assert sent.startswith("[file name]: seq -f 'fault %g' 100 | tail -50\n[file content begin]\nfault 51\n")
    assert sent.endswith("Why?")


async def test_esc_drops_the_output_and_up_brings_the_command_back(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await command(app, "echo one; exit 7")
    await sees(app, "Ended with exit code 7. 1 line.")
    app.send("escape")
    await gone(app, "Ended with")
    app.send("up")
    await sees(app, "$ !echo one; exit 7", RUNS)
    app.send("enter")
    await sees(app, "Ended with exit code 7")
    assert chats(scripted) == 0


async def test_a_hung_command_is_ended_by_esc_and_nothing_of_it_is_left(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await command(app, "echo begun; sleep 600 | sleep 600")
    await sees(app, "begun", "Runs for", "Esc ends it")
    app.send("escape")
    await sees(app, "Ended by Esc. 1 line. Enter attaches")
    await childless(app)
    app.send("enter")
    await gone(app, "Ended by Esc")


async def test_a_command_that_takes_too_long_is_ended(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings(tmp_path, "shell_seconds = 2")
    app = await opened_on(pty_app, scripted)
    await command(app, "sleep 600")
    await sees(app, "Ended after 2 seconds", "It printed nothing.")
    await childless(app)


async def test_an_endless_output_costs_few_bytes_and_little_memory(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    memory = app.pss_bytes()
    await command(app, "yes | cat -n")
    await sees(app, "  y", "Runs for")
    sent = app.bytes_received
    await asyncio.to_thread(app.wait_match, r"Runs for ([4-9]|\d\d) s")
    sent = app.bytes_received - sent
    app.send("escape")
    await sees(app, "Ended by Esc. Only the end is kept")
    assert sent < 60_000  # of the hundred millions that it printed
    assert app.pss_bytes() - memory < 30 << 20


async def test_what_a_binary_prints_is_never_obeyed(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    file = tmp_path / "binary"
    file.write_bytes(
        b"\x1b]0;PWNED\x07\x1b[999;1H\x1bc\x1bP$qPWNED\x1b\\\x9b31m\x00\x08\x7f\xff" * 50 + b"\nend\n"
    )
    app = await opened_on(pty_app, scripted)
    before = len(app.raw)
    await command(app, f"cat {file}; cat /bin/sh | head -c 100000; echo; echo end")
    await sees(app, "end", "Ended with exit code 0.")
    for sequence in (b"\x1b]0;PWNED", b"\x1b[999;1H", b"\x1bc", b"\x1bP$q", b"\x9b"):
        assert sequence not in app.raw[before:]
    app.send("enter")
    await gone(app, "Ended with")


async def test_switched_off_it_is_a_character(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings(tmp_path, "shell = false")
    app = await opened_on(pty_app, scripted)
    scripted.answers.append(answer("Hello."))
    app.write("!echo one")
    await sees(app, "› !echo one")
    await quiet(app)
    app.send("enter")
    await sees(app, "Hello.")
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == "!echo one"


async def test_an_input_methods_sign_counts_and_backspace_leads_back(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted, env={"LANG": "zh_CN.UTF-8"})
    app.send("！")
    await sees(app, "$ !", "运行命令")
    app.send("backspace")
    await gone(app, "运行命令")
    app.write("好！")
    await sees(app, "› 好！")


async def test_pasted_text_is_no_command_and_a_pasted_command_takes_an_enter_of_its_own(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    app = await opened_on(pty_app, scripted)
    app.paste("!touch made")
    await sees(app, "› !touch made")
    app.send("ctrl+u")
    await gone(app, "!touch")
    file = tmp_path / "made"
    app.write(f"!touch {file}\r")
    await sees(app, "came at once with its Enter")
    await quiet(app)
    assert not file.exists()
    app.send("enter")
    await sees(app, "Ended with exit code 0. It printed nothing.")
    assert file.exists()
    assert chats(scripted) == 0


async def test_a_model_cannot_run_anything(scripted: ScriptedServer, pty_app: Start, tmp_path: Path) -> None:
    app = await opened_on(pty_app, scripted)
    file = tmp_path / "made"
    scripted.answers.append(answer(f"!touch {file}\n\n```sh\n!touch {file}\n```", f"!touch {file}"))
    app.paste("Run it")
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    await childless(app)  # what looks at the machine ends
    assert not file.exists()


async def test_the_terminals_end_ends_the_command(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await opened_on(pty_app, scripted)
    await command(app, "sleep 601")
    await sees(app, "Runs for")
    await asyncio.to_thread(app.wait_until, lambda: "sleep" in children(app), "the command runs")
    running = [each.pid for each in psutil.Process(app.pid).children(recursive=True)]
    app.hang_up()
    await asyncio.to_thread(app.wait_exit)
    await asyncio.to_thread(wait_ended, running)


def settings(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "home" / "config"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "settings.toml").write_text(f"[chat]\n{text}\n")
