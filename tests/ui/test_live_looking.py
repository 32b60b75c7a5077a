"""The guide's live parts that only look: what they tell of this machine and its models, and that no token is asked for."""

from __future__ import annotations

import re

import pytest

from r1tui.domain.message import AnswerStats, Message, Role
from r1tui.domain.r1_models import MODELS, R1Model
from r1tui.guide import read
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.guide import last_answer, live, made, scores, steps
from r1tui.screens.guide.places import folder_bytes
from r1tui.screens.guide.screen import GuideScreen
from r1tui.services.paths import config_dir
from r1tui.widgets.explain import TryLive
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


def key(name: str) -> str:
    return f"<{name}>"


async def looked(chat: Chat, name: str) -> None:
    """Open a live part, as the guide and the palette do."""
    chat.screen.post_message(TryLive(name))
    await chat.opened(TextViewScreen)


def no_token_was_asked_for(scripted: ScriptedServer) -> bool:
    return not [request for request in scripted.requests if request.path in ("/api/generate", "/api/chat")]


async def test_every_part_that_is_a_text_leads_on_to_what_its_words_mean(scripted: ScriptedServer) -> None:
    found = read("en")
    async with running(scripted) as chat:
        await chat.until(lambda: chat.screen.server.selected)
        for name in (
            live.PLACES,
            live.STEPS,
            live.ANSWER,
            live.CONTEXT,
            live.PARAMETERS,
            live.STACK,
            live.SCORES,
            live.MADE,
        ):
            await looked(chat, name)
            target = found.target(chat.app.screen._topic)  # type: ignore[attr-defined]
            assert target is not None, name
            await chat.press("question_mark")
            await chat.opened(GuideScreen)
            await chat.press("escape", "escape")
            await chat.until(lambda: chat.app.screen is chat.screen)


async def test_the_places_are_those_of_this_run_and_only_the_server_is_connected(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted, size=(120, 50)) as chat:
        await chat.until(lambda: chat.screen.server.models)
        await looked(chat, live.PLACES)
        folders = (chat.app.services.data_dir, config_dir())
        await chat.sees("0 conversations", "2 models on the server", scripted.url)
        shown = "".join(line.strip(" │") for line in chat.text.splitlines())
        assert all(str(folder) in shown for folder in folders)
        # The scripted server lives in this process: its own ends are told too. A real one: tests/real/test_live_pty.py.
        own = set(re.findall(r"• (\S+):\d+", chat.text))
        assert own == {"127.0.0.1"}
        assert f"• {scripted.url.removeprefix('http://')}" in chat.text
        assert no_token_was_asked_for(scripted)


def test_a_folder_takes_what_its_files_take(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "below").mkdir()
    (tmp_path / "a").write_bytes(b"x" * 30)
    (tmp_path / "below" / "b").write_bytes(b"x" * 12)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert folder_bytes(tmp_path) - (tmp_path / "link").lstat().st_size == 42
    assert folder_bytes(tmp_path / "none") == 0


async def test_the_steps_that_are_done_have_a_sign_and_the_next_one_is_named(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(answer("4"))
    async with running(scripted, size=(100, 40)) as chat:
        await looked(chat, live.STEPS)
        await chat.sees("✓ 1  Server", "✓ 2  Model", "! 3  Chat", "write a question, Enter")
        await chat.sees("ollama pull", "Ctrl+O a", "ollama ps", "Ctrl+G")
        assert no_token_was_asked_for(scripted)
        await chat.press("escape")
        await chat.ask("2 and 2?")
        await chat.answered()
        await looked(chat, live.STEPS)
        await chat.sees("✓ 3  Chat", "All three are done")


def test_without_a_server_the_first_step_is_named() -> None:
    told = "\n".join(steps.lines(steps.Steps("", 0, "", False), key))  # type: ignore[arg-type]
    assert "! 1" in told
    assert "! 2" in told
    assert "Next: <app.palette>, “Set up”" in told
    # Each of Ollama's commands has a key; the one that starts the server is behind the palette.
    assert told.count("ollama ") == len(steps.COMMANDS) == 11


async def test_the_last_answer_is_shown_in_its_parts_with_tokens_and_times(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("It is 4.", "Two and two.\n\nLet me check.\n\nYes."))
    async with running(scripted, size=(100, 40)) as chat:
        await looked(chat, live.ANSWER)
        await chat.sees("There is no answer in this conversation yet", "Ctrl+T", "F4")
        await chat.press("escape")
        await chat.ask("2 and 2?")
        await chat.answered()
        asked = len(scripted.sent_to("/api/chat"))
        await looked(chat, live.ANSWER)
        await chat.sees("Reasoning, for itself", "Two and two.", "Yes.", "Answer, for you", "It is 4.")
        assert len(scripted.sent_to("/api/chat")) == asked


def test_the_times_of_both_parts_add_up_to_the_servers() -> None:
    message = Message(Role.ASSISTANT, "It is 4.", "Well.", reasoning_seconds=30, reasoning_tokens=300)
    message.stats = AnswerStats(answer_tokens=400, eval_seconds=40)
    told = "\n".join(last_answer.lines(message, key))  # type: ignore[arg-type]
    assert "300 tokens · 30 s" in told
    assert "100 tokens · 10 s" in told
    assert "Written at 10.0 tokens a second." in told


def test_an_answer_without_reasoning_says_so() -> None:
    told = "\n".join(last_answer.lines(Message(Role.ASSISTANT, "It is 4."), key))  # type: ignore[arg-type]
    assert "none: this model does not think" in told


async def test_installed_models_are_marked_among_the_scores(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(120, 50)) as chat:
        await chat.until(lambda: chat.screen.server.models)
        await looked(chat, live.SCORES)
        await chat.sees("› R1-Distill-Qwen-1.5B", "28.9", "  R1-0528-Qwen3-8B", "86.0")
        assert no_token_was_asked_for(scripted)
    text = list(scores.lines([]))
    assert sum("AIME" in line or "GPQA" in line for line in text) == 2
    assert any("None of these is installed" in line for line in text)
    # Every score has its source at the foot.
    assert {model.scores.source for model in MODELS} <= {line.strip(" •") for line in text}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_how_a_model_was_made_ends_in_the_reader_s_own(model: R1Model) -> None:
    told = "\n".join(made.lines("mine:1b", model, {}))
    assert f"{model.name}  <- your mine:1b" in told
    assert model.base in told
    assert model.scores.source in told
    assert ("fine-tuning alone" in told) == ("Distill" in model.name or "Qwen3" in model.name)


async def test_how_the_selected_model_was_made(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(100, 40)) as chat:
        await chat.until(lambda: chat.screen.server.selected)
        await looked(chat, live.MADE)
        await chat.sees("How deepseek-r1:1.5b was made", "Qwen2.5-Math-1.5B: pretraining", "<- your deepseek")
        assert no_token_was_asked_for(scripted)


def test_of_another_model_its_file_is_quoted() -> None:
    told = "\n".join(
        made.lines("x:1b", None, {"general.basename": "SmolLM2", "general.license": ["a"], "q.y": 1})
    )
    assert "x:1b is none of DeepSeek's own" in told
    assert "family: SmolLM2" in told
    assert "licence" not in told
    assert "nothing of its origin" in "\n".join(made.lines("x:1b", None, {}))
