"""Notices in a pseudo-terminal: what they cost, and what they move."""

from __future__ import annotations

import asyncio

from tests.support.script import Answer, Gate, Say, Think
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, answered, gone, opened_on, quiet, sees

IDLE = "The model is not thinking right now."


async def test_a_notice_costs_a_line_and_comes_and_goes_without_a_new_page(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await answered(app, scripted, "\n\n".join(f"paragraph {n}" for n in range(50)), "Thoughts.")
    await sees(app, "paragraph 49")
    before, page = app.bytes_received, app.screen_lines()
    app.send("f4")
    await sees(app, f"▌ {IDLE}")
    await quiet(app)
    assert app.bytes_received - before < 250
    assert app.screen_lines()[:-3] == page[:-3]
    await gone(app, IDLE)
    await quiet(app)
    assert app.bytes_received - before < 700
    assert app.screen_lines() == page
    app.send("alt+n")
    await sees(app, "Notices", IDLE, "Esc closes")
    app.send("escape")
    await gone(app, IDLE)


async def test_who_reads_further_up_while_an_answer_streams_keeps_the_place_when_a_notice_comes(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    gate = Gate()
    scripted.answers.append(
        Answer(
            [Think("Thoughts."), *(Say(f"\n\nparagraph {n}") for n in range(60)), gate, Say("\n\nthe end")]
        )
    )
    app.paste("Tell me")
    app.send("enter")
    await sees(app, "paragraph 59")
    app.send("pageup")  # one key: between two there would be a place to be read that is none yet
    await gone(app, "paragraph 59")
    await sees(app, "more below")
    first = next(line for line in app.screen_lines() if "paragraph" in line)
    app.send("f4")
    await sees(app, f"▌ {IDLE}", "more below")
    gate.opened.set()
    await asyncio.to_thread(app.wait_answers, 1)
    await sees(app, "more below")
    assert next(line for line in app.screen_lines() if "paragraph" in line) == first
