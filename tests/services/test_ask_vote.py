"""`r1tui ask --vote`, as a shell sees it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from r1tui.chat.generations import Generations
from r1tui.chat.machine import Machine
from r1tui.chat.queue import Question
from r1tui.chat.server import Server
from r1tui.chat.session import ChatSession
from r1tui.domain.settings import Settings
from r1tui.headless import vote
from r1tui.services.container import DATABASE, Services
from r1tui.services.engines.hosts import resolve_host
from r1tui.services.store.conversations import ConversationStore
from tests.services.test_cli import Shell
from tests.support import patience
from tests.support.script import Answer, Cut, Gate, Say, answer
from tests.support.scripted import ScriptedServer


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell of somebody who never used R1TUI."""
    return Shell(tmp_path)


def say(scripted: ScriptedServer, *answers: str) -> None:
    """What the samples will be."""
    scripted.answers.extend(answer(each, "Let me think.") for each in answers)


async def test_the_answer_with_the_most_votes_is_printed_and_all_else_is_on_standard_error(
    shell: Shell, scripted: ScriptedServer
) -> None:
    say(scripted, "The answer is 42.", r"So \boxed{41}.", "The answer is 42.", "The answer is 42.")
    code, out, err = await shell.run("ask", "--host", scripted.url, "--vote", "5", "6 times 7?")
    assert (code, out) == (0, "42\n")
    assert "up to 5 times" in err
    assert "6,000 tokens" in err
    assert "Vote · 4 of 5 · 42 ×3 · 41 ×1" in err
    assert "the one that is left cannot change it" in err
    assert "correct" not in (out + err).casefold()
    asked = scripted.sent_to("/api/chat")
    assert len(asked) == 4, "the fifth cannot change it"
    assert len({request.json["options"]["seed"] for request in asked}) == 4
    for request in asked:
        assert request.json["messages"] == asked[0].json["messages"]


@pytest.mark.parametrize(
    ("set_by_model", "settings", "sent"),
    [
        ("temperature 0.6", "", (None, 0.95)),  # what the model sets holds
        ("", "", (0.6, 0.95)),
        ("temperature 0", "", (0.6, 0.95)),
        ("", "[chat]\ntemperature = 0.3\ntop_p = 0.5\n", (0.3, 0.5)),
    ],
)
async def test_samples_are_drawn_as_deepseek_recommends_or_as_the_user_says(
    shell: Shell, scripted: ScriptedServer, set_by_model: str, settings: str, sent: tuple[float | None, float]
) -> None:
    for model in scripted.models.values():
        model.parameter_lines = set_by_model
    shell.settings(settings)
    say(scripted, "1", "1")
    await shell.run("ask", "--host", scripted.url, "--vote", "2", "1?")
    asked = [request.json["options"] for request in scripted.sent_to("/api/chat")]
    assert [(options.get("temperature"), options["top_p"]) for options in asked] == [sent, sent]


async def test_a_temperature_of_0_is_the_users_own_and_said(shell: Shell, scripted: ScriptedServer) -> None:
    for model in scripted.models.values():
        model.parameter_lines = ""
    shell.settings("[chat]\ntemperature = 0.0\n")
    say(scripted, "1", "1")
    _, _, err = await shell.run("ask", "--host", scripted.url, "--vote", "2", "1?")
    assert scripted.sent_to("/api/chat")[-1].json["options"]["temperature"] == 0
    assert "all samples will be the same" in err


async def test_as_json_it_is_the_tally(shell: Shell, scripted: ScriptedServer) -> None:
    say(
        scripted,
        "The answer is 0.5.",
        "I do not know what to say to that.",
        "The answer is 3.",
        r"\boxed{\frac{1}{2}}",
    )
    code, out, _ = await shell.run("ask", "--json", "--host", scripted.url, "--vote", "4", "half?")
    assert code == 0
    assert json.loads(out) == {
        "answer": "0.5",
        "candidates": [{"answer": "0.5", "votes": 2}, {"answer": "3", "votes": 1}],
        "asked": 4,
        "planned": 4,
        "unanswered": 1,
        "tie": False,
    }


async def test_a_tie_is_said_and_has_an_exit_code(shell: Shell, scripted: ScriptedServer) -> None:
    say(scripted, "The answer is 1.", "The answer is 2.", "The answer is 1.", "The answer is 2.")
    code, out, err = await shell.run("ask", "--host", scripted.url, "--vote", "2", "1 or 2?")
    assert (code, out) == (3, "")
    assert "A tie: 1, 2 have 1 each." in err
    code, out, _ = await shell.run("ask", "--json", "--host", scripted.url, "--vote", "2", "1 or 2?")
    told = json.loads(out)
    assert (code, told["tie"], told["answer"]) == (3, True, None)


async def test_without_any_short_answer_it_fails_with_a_sentence(
    shell: Shell, scripted: ScriptedServer
) -> None:
    say(scripted, *["I could not say what that might be."] * 2)
    code, out, err = await shell.run("ask", "--host", scripted.url, "--vote", "2", "what?")
    assert (code, out) == (1, "")
    assert "No sample ended in a short answer" in err
    assert r"within \boxed{}." in err


async def test_ctrl_c_keeps_and_prints_the_tally_so_far(shell: Shell, scripted: ScriptedServer) -> None:
    say(scripted, "The answer is 42.", "The answer is 42.")
    third = Gate()
    scripted.answers.append(Answer([Say("The answer is 41"), third]))
    process = await shell.start("ask", "--json", "--host", scripted.url, "--vote", "9", "6 times 7?")
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while b"2 of 9" not in await process.stderr.readline():
            pass
        await third.reached.wait()
    process.send_signal(signal.SIGINT)
    out, err = await asyncio.wait_for(process.communicate(), patience.SECONDS)
    assert process.returncode == 130
    told = json.loads(out)
    assert (told["answer"], told["asked"], told["planned"]) == ("42", 2, 9)
    assert told["candidates"] == [{"answer": "42", "votes": 2}]
    assert b"Traceback" not in err


async def test_a_lost_server_ends_it_with_the_tally_so_far(shell: Shell, scripted: ScriptedServer) -> None:
    say(scripted, "The answer is 42.")
    scripted.answers.append(Answer([Say("The "), Cut()]))
    code, out, err = await shell.run("ask", "--host", scripted.url, "--vote", "5", "6 times 7?")
    assert (code, out) == (1, "42\n")
    assert "r1tui: " in err
    assert "1 of 5" in err


async def test_saved_samples_are_answers_beside_each_other_and_the_winner_shows(
    shell: Shell, scripted: ScriptedServer
) -> None:
    say(scripted, "The answer is 41.", "The answer is 42.", "The answer is 42.")
    code, _, _ = await shell.run("ask", "--save", "--host", scripted.url, "--vote", "3", "6 times 7?")
    assert code == 0
    store = await ConversationStore.open(Path(shell.env["R1TUI_DATA_DIR"]) / DATABASE)
    (found,) = await store.recent()
    conversation = await store.load(found.id)
    await store.close()
    assert conversation is not None
    question, shown = conversation.branch()
    assert question.content == "6 times 7?"
    assert shown.content == "The answer is 42."
    samples = [conversation.messages[each] for each in conversation.sibling_ids(shown.id)]
    assert [each.content for each in samples] == ["The answer is 41.", *["The answer is 42."] * 2]
    assert all(each.reasoning == "Let me think." for each in samples)
    assert question.plan is not None, "the app shows it as a vote"
    assert question.plan.planned == 3
    assert {each.vote for each in samples} == {question.plan.id}
    assert len({each.seed for each in samples}) == 3


async def test_a_sample_that_takes_long_is_told_of(
    scripted: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(vote, "TELL_EVERY", 0.01)
    gate, told = Gate(), asyncio.Event()
    scripted.answers.append(Answer([Say("The answer "), Say("is "), gate, Say("42.")]))
    say(scripted, "The answer is 42.")

    class Heard:
        """Opens the gate once the line came."""

        def write(self, text: str) -> None:
            if "Sample 1 of 2: 2 tokens so far" in text:
                told.set()
                gate.opened.set()

        def flush(self) -> None:
            """Nothing waits."""

    monkeypatch.setattr(sys, "stderr", Heard())
    services = Services.of(
        Settings(), [], resolve_host(scripted.url, Settings()), open_store=ConversationStore.open_transient
    )
    server = Server(services, Machine(services))
    session = ChatSession(services, server, Generations())
    assert await server.connect()
    session.connected(True)
    assert await vote.ask_several(session, Question("6 times 7?"), 2, as_json=False) == 0
    assert told.is_set()
    assert capsys.readouterr().out == "42\n"
    await services.close()


async def test_a_server_of_another_kind_gets_the_seeds_too(shell: Shell, scripted: ScriptedServer) -> None:
    shell.settings(f'[hosts.other]\nurl = "{scripted.url}"\nkind = "openai"\n')
    say(scripted, "The answer is 4.", "The answer is 5.", "The answer is 4.")
    code, out, _ = await shell.run("ask", "--host", "other", "--vote", "3", "2 plus 2?")
    assert (code, out) == (0, "4\n")
    asked = [request.json for request in scripted.sent_to("/v1/chat/completions")]
    assert len({each["seed"] for each in asked}) == 3
    assert {(each["temperature"], each["top_p"]) for each in asked} == {(0.6, 0.95)}


@pytest.mark.parametrize("number", ["1", "65", "0", "-3", "many", "3.5", "", "1e1", "999999999999"])
async def test_how_often_is_a_number_from_2_to_64(
    shell: Shell, scripted: ScriptedServer, number: str
) -> None:
    code, out, err = await shell.run("ask", "--host", scripted.url, f"--vote={number}", "q")
    assert (code, out) == (2, "")
    assert "from 2 to 64" in err
    assert err.count("\n") == 1
    assert not scripted.sent_to("/api/chat")


async def test_it_is_told_in_chinese(shell: Shell, scripted: ScriptedServer) -> None:
    say(scripted, "答案是 42。", "答案是四十二。")
    code, out, err = await shell.run(
        "ask", "--host", scripted.url, "--vote", "2", "六乘七？", LC_ALL="zh_CN.UTF-8"
    )
    assert (code, out) == (0, "42\n")
    assert "投票 · 2/2 · 42 ×2" in err


async def test_the_help_tells_of_it_and_of_the_exit_codes(shell: Shell) -> None:
    code, out, _ = await shell.run("ask", "--help")
    assert code == 0
    assert "--vote N" in out
    assert "3 the vote ended in a tie" in " ".join(out.split())


async def test_hostile_answers_are_printed_as_text(shell: Shell, scripted: ScriptedServer) -> None:
    scripted.answers.extend(Answer([Say("\\boxed{\x1b]0;PWNED\x07 7}")]) for _ in range(2))
    _, out, err = await shell.run("ask", "--host", scripted.url, "--vote", "2", "q")
    assert "PWNED" in out
    assert "\x1b" not in out + err
