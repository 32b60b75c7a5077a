"""What the lists and the bottom line of the terminal say."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from r1tui.domain.reserve import kept_free
from tests.support.scripted import ScriptedServer
from tests.support.steps import SIZES, Start, answered, gone, opened_on, quiet, sees


@pytest.fixture(autouse=True)
def _long_pastes_are_written(tmp_path: Path) -> None:
    """The long questions of these tests stand in the prompt."""
    folder = tmp_path / "home" / "config"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "settings.toml").write_text("[chat]\nattach_pastes = false\n")


@SIZES
async def test_a_long_prompt_takes_one_line_of_the_earlier_prompts(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    await answered(app, scripted, "That is said.", question="a short one")
    app.send("ctrl+n")
    await gone(app, "That is said.")
    await answered(app, scripted, "That is said.", question="\n".join(f"prompt line {n}" for n in range(200)))
    app.send("ctrl+r")
    await sees(app, "Earlier prompts", "prompt line 0", "a short one")
    shown = app.screen_text().partition("Earlier prompts")[2]
    first = next(line for line in shown.splitlines() if "prompt line 0" in line)
    assert "…" in first
    assert "prompt line 40" not in shown
    app.send("down", "enter")
    await sees(app, "› a short one")


@SIZES
async def test_only_contexts_that_hold_the_question_are_offered_as_fitting(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    await answered(app, scripted, "That is said.", question="words " * 3000)
    app.paste("words " * 3500)
    app.send("enter")
    await sees(app, "tokens are needed", "holds less than is needed")
    asked = await asyncio.to_thread(app.wait_match, r"question ([\d,]+) tokens")
    needed = int(asked[1].replace(",", ""))
    found = re.findall(r"^\W*([\d,]{4,7})\s+(?!tokens/s)(\S.*?)\s*$", asked.string, re.MULTILINE)
    lengths = {int(length.replace(",", "")): words for length, words in found}
    assert {each for each in lengths if each < needed}
    for length, words in lengths.items():
        assert ("holds less than is needed" in words) == (length - kept_free(length) < needed), lengths
    app.write("2048")  # narrowed to what cannot be chosen
    app.send("enter")
    await quiet(app)
    assert "has a context of 2,048" not in app.screen_text()


@SIZES
async def test_a_context_that_runs_out_is_marked_by_a_sign(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size, env={"NO_COLOR": "1"})
    await answered(app, scripted, "That is said.", question="words " * 200)
    assert "! c" not in app.screen_lines()[-1]
    app.send("ctrl+n")
    await gone(app, "That is said.")
    await answered(app, scripted, "That is said.", question="words " * 4300)
    await asyncio.to_thread(app.wait_match, r"! (context|ctx) [78]\.\dk")


@SIZES
async def test_a_server_that_does_not_answer_changes_nothing_and_a_typed_one_is_remembered(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    await answered(app, scripted, "That is said.", question="Who are you?")
    app.send("f9")
    await sees(app, "Which server?", f"› {scripted.url} · in use")
    app.write("another address")
    await asyncio.to_thread(app.wait_gone, "in use")
    app.send("enter")
    await sees(app, "Address of the server")
    app.send("http://127.0.0.1:9", "enter")
    await sees(app, "No server answers", "Nothing was changed", "Try again")
    before = app.bytes_received
    app.send("enter")  # the same question comes again
    await asyncio.to_thread(app.wait_until, lambda: app.bytes_received > before, "trying again")
    await sees(app, "No server answers", "Try again")
    await quiet(app)
    app.send("down", "enter")
    await gone(app, "Try again")
    await sees(app, "Who are you?", "That is said.")
    async with ScriptedServer() as other:
        other.add("other-model:1b")
        app.send("f9")
        await sees(app, "Which server?", "http://127.0.0.1:9", f"{scripted.url} · in use")
        app.write("another address")
        await asyncio.to_thread(app.wait_gone, "in use")
        app.send("enter")
        await sees(app, "Address of the server")
        app.send(other.url, "enter")
        await sees(app, "other-model:1b", "That is said.")
        app.send("f9")
        await sees(app, f"› {other.url} · in use", "http://127.0.0.1:9")
