"""The guide's live parts: what they ask, what they show, that they stop, and that they leave nothing behind."""

from __future__ import annotations

import contextlib
import math
import re
import sqlite3

import pytest
from rich.cells import cell_len
from textual.widgets import OptionList, Static

from r1tui import locale
from r1tui.domain.reserve import reserve
from r1tui.guide import read
from r1tui.locale import t
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.guide import live
from r1tui.screens.guide.answering import MOST_TOKENS
from r1tui.screens.guide.next_token import NextTokenScreen
from r1tui.screens.guide.screen import GuideScreen
from r1tui.screens.guide.stack import stack
from r1tui.screens.guide.think import ThinkScreen
from r1tui.screens.guide.voting import VotingScreen
from r1tui.services.container import DATABASE
from r1tui.widgets.explain import Explain, TryLive
from r1tui.widgets.fields import Field
from tests.support.http_wire import Request
from tests.support.script import Gate, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

FRANCE = "The capital of France is"
LIKELY = [(" Paris", 0.6), (" the", 0.2), ("\n", 0.1)]


def told(pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(token, math.log(share)) for token, share in pairs]


async def tried(chat: Chat, name: str) -> None:
    """Open a live part, as the guide and the palette do."""
    chat.screen.post_message(TryLive(name))
    await chat.until(lambda: chat.app.screen is not chat.screen and chat.app.screen.is_mounted)


def raw(scripted: ScriptedServer) -> list[Request]:
    return [request for request in scripted.requests if request.json.get("raw")]


async def test_nothing_is_asked_before_enter_and_the_cost_is_said(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        assert isinstance(chat.app.screen, NextTokenScreen)
        await chat.sees("Each Enter costs one token", "also", "loads it", FRANCE)
        await tried_stays_silent(scripted)


async def test_what_one_part_has_loaded_costs_the_next_no_loading(scripted: ScriptedServer) -> None:
    scripted.likely[FRANCE] = told(LIKELY)
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("│ Paris│")
        await chat.until(lambda: bool(chat.screen.session.server.running))
        await chat.press("escape")
        await tried(chat, live.TOKENS)
        await chat.sees("Enter reads the model's vocabulary")
        assert "loaded first" not in chat.text


async def tried_stays_silent(scripted: ScriptedServer) -> None:
    assert not [request for request in scripted.requests if request.path in ("/api/generate", "/api/chat")]


async def test_the_likeliest_tokens_show_with_their_shares_at_each_temperature(
    scripted: ScriptedServer,
) -> None:
    scripted.likely[FRANCE] = told(LIKELY)
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("│ Paris│", "60.0%", "│\\n│", "All other tokens together: 10.0%")
        line = next(line for line in chat.text.splitlines() if "Paris" in line and "%" in line)
        own, zero, low, high = (float(part.rstrip("%")) for part in line.split() if part.endswith("%"))
        assert (own, zero) == (60.0, 100.0)
        assert low > 100 * 0.6 / 0.9 > high  # sharper below 1, flatter above it
        body = raw(scripted)[0].json
        assert body["prompt"] == FRANCE
        assert body["options"]["num_predict"] == 1
        assert body["options"]["num_ctx"] >= 4096  # as the chat asks for it: no model is loaded anew
        assert body["top_logprobs"] == 20


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_each_column_of_shares_ends_where_its_heading_ends(
    scripted: ScriptedServer, language: str
) -> None:
    locale.use(language)
    try:
        beginning = t("live.next.example")
        scripted.likely[beginning] = told(LIKELY)
        async with running(scripted) as chat:
            await tried(chat, live.NEXT)
            await chat.press("enter")
            await chat.sees("│ the│")
            lines = chat.text.splitlines()
            heading = next(line for line in lines if "T 1.2" in line)
            figures = next(line for line in lines if "│ the│" in line)
            names = re.finditer(rf"\[?(?:{t('live.next.own')}|T [\d.]+)\]?", heading)
            shares = re.finditer(r"[\d.]+%", figures)
            ends = [cell_len(heading[: name.end()]) for name in names]
            assert len(ends) == 4
            assert ends == [cell_len(figures[: share.end()]) for share in shares]
    finally:
        locale.use("en")


async def test_enter_takes_the_chosen_token_and_goes_on(scripted: ScriptedServer) -> None:
    scripted.likely[FRANCE] = told(LIKELY)
    scripted.likely[f"{FRANCE} the"] = told([(" city", 0.5), (" best", 0.4)])
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("│ Paris│")
        await chat.press("down", "enter")
        await chat.sees("│ city│")
        assert chat.app.screen.query_one(Field).value == f"{FRANCE} the"
        assert [request.json["prompt"] for request in raw(scripted)] == [FRANCE, f"{FRANCE} the"]


async def test_a_changed_beginning_is_asked_anew(scripted: ScriptedServer) -> None:
    scripted.likely[FRANCE] = told(LIKELY)
    scripted.likely[f"{FRANCE}n't"] = told([(" here", 0.9)])
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("│ Paris│")
        await chat.press("n", "apostrophe", "t", "enter")
        await chat.sees("│ here│")


async def test_tab_turns_the_bars_to_another_temperature(scripted: ScriptedServer) -> None:
    scripted.likely[FRANCE] = told(LIKELY)
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("[model]", "│ the│")
        await chat.press("tab")
        await chat.sees("[T 0]")
        line = next(line for line in chat.text.splitlines() if "│ the│" in line)
        assert "▇" not in line
        await chat.press("shift+tab")
        await chat.sees("[model]")


async def test_a_part_of_a_character_is_not_offered_and_counts_among_the_others(
    scripted: ScriptedServer,
) -> None:
    scripted.likely[FRANCE] = told([("\ufffd", 0.4), ("", 0.2), (" Paris", 0.3)])
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("› │ Paris│", "All other tokens together: 70.0%")
        assert "\ufffd" not in chat.text


async def test_ten_that_can_be_taken_are_shown_whatever_parts_stand_among_them(
    scripted: ScriptedServer,
) -> None:
    texts = [f" word{n:02}" for n in range(12)]
    scripted.likely[FRANCE] = told([pair for each in texts for pair in ((each, 0.03), ("\ufffd", 0.02))][:20])
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees(*texts[:10])


async def test_nothing_but_parts_of_a_character_is_said_as_what_it_is(scripted: ScriptedServer) -> None:
    scripted.likely[FRANCE] = told([("\ufffd", 0.4), ("\ufffd\ufffd", 0.2)])
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("parts of a character")
        assert "0.12.11" not in chat.text


async def test_a_server_that_does_not_tell_is_said(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("0.12.11")


VOCABULARY = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "qwen2",
    "tokenizer.ggml.tokens": ["<none>", "Th", "The", "sk", "sky", "\u0120sky"],
    "tokenizer.ggml.merges": ["T h", "Th e", "s k", "sk y", "\u0120 sky"],
    "tokenizer.ggml.token_type": [1] * 6,
}


async def written(chat: Chat, english: str, chinese: str) -> None:
    """Write both sentences, the cursor in the second."""
    for field, words in zip(chat.app.screen.query(Field), (english, chinese), strict=True):
        field.value = words
    await chat.press("tab")


async def test_sentences_are_cut_by_the_models_vocabulary_once_the_server_counts_as_many(
    scripted: ScriptedServer,
) -> None:
    scripted.models["deepseek-r1:1.5b"].vocabulary = VOCABULARY
    # This server puts a token of its own before each text.
    scripted.count = lambda prompt: {"a": 1, "The sky": 2, "天": 3}[prompt] + 1
    async with running(scripted, size=(80, 24)) as chat:
        await tried(chat, live.TOKENS)
        await chat.sees("reads the model's vocabulary", "three requests", "breakfast", "早饭")
        await tried_stays_silent(scripted)
        assert not [request for request in scripted.requests if request.json.get("verbose")]
        await written(chat, "The sky", "天")
        await chat.press("enter")
        await chat.sees("2 tokens for 7 characters: 3.5 each", "│The│ sky│", r"│\xe5│\xa4│\xa9│")
        await chat.sees("the server counts as many")
        assert [request.json["options"]["num_predict"] for request in raw(scripted)] == [1, 1, 1]
        assert not chat.screen.session.conversation.messages


async def test_cuts_that_the_server_does_not_agree_with_are_found_letter_by_letter_on_demand(
    scripted: ScriptedServer,
) -> None:
    scripted.models["deepseek-r1:1.5b"].vocabulary = VOCABULARY
    scripted.count = lambda prompt: len(prompt.split())
    async with running(scripted) as chat:
        await tried(chat, live.TOKENS)
        await written(chat, "The skies", "天 空")
        await chat.press("enter")
        await chat.sees("2 tokens for 9 characters", "12 requests", "letter by letter")
        assert len(raw(scripted)) == 3
        await chat.press("enter")
        await chat.sees("│The │skies│", "│天 │空│", "from letter to letter")
        assert len(raw(scripted)) == 15


async def test_counting_letter_by_letter_stops_by_esc(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await tried(chat, live.TOKENS)
        await chat.press("enter")
        await chat.sees("letter by letter")
        scripted.delay = 3600.0
        await chat.press("enter")
        await chat.until(lambda: len(raw(scripted)) == 4)
        await chat.press("escape")
        await chat.sees("Stopped.")
        await chat.until(lambda: scripted.dropped)
        scripted.delay = 0.0
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def test_a_server_that_counts_nothing_is_said_to(scripted: ScriptedServer) -> None:
    scripted.count = lambda prompt: 0
    async with running(scripted) as chat:
        await tried(chat, live.TOKENS)
        await chat.press("enter")
        await chat.sees("does not tell how it cuts")


async def test_both_ways_are_asked_one_after_the_other_and_shown_with_time_and_tokens(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("There are three.", "s t r a w b e r r y"), answer("Three of them.")]
    async with running(scripted) as chat:
        await tried(chat, live.THINK)
        await chat.sees("Two answers of at most", "strawberry")
        await tried_stays_silent(scripted)
        await chat.press("enter")
        await chat.sees("There are three.", "Three of them.", "10 tokens of thinking", "0 tokens of thinking")
        bodies = [request.json for request in scripted.requests if request.path == "/api/chat"]
        assert [body["think"] for body in bodies] == [True, False]
        assert all(body["options"]["num_predict"] == MOST_TOKENS for body in bodies)
        assert len({str(body["messages"]) for body in bodies}) == 1
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert not chat.screen.session.conversation.messages
        file = chat.app.services.data_dir / DATABASE
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            assert store.execute("SELECT count(*) FROM message").fetchone() == (0,)


async def test_esc_stops_and_keeps_what_came(scripted: ScriptedServer) -> None:
    gate = Gate()
    slow = answer()
    slow.steps = [Think("counting"), Say("one "), gate, Say("two")]
    scripted.answers.append(slow)
    async with running(scripted) as chat:
        await tried(chat, live.THINK)
        await chat.press("enter")
        await chat.until(gate.reached.is_set)
        await chat.press("escape")
        await chat.sees("Stopped.")
        assert isinstance(chat.app.screen, ThinkScreen)
        await chat.until(lambda: scripted.dropped)
        gate.opened.set()
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def test_a_sum_is_asked_until_its_vote_is_decided_and_nothing_is_stored(
    scripted: ScriptedServer,
) -> None:
    for words in (
        "408",
        "It is 398, so 398.",
        "nothing to count here, sorry to say",
        r"\boxed{408}",
        r"\boxed{408}",
    ):
        scripted.answers.append(answer(words, "Seventeen times twenty-four."))
    async with running(scripted) as chat:
        await tried(chat, live.VOTE)
        assert isinstance(chat.app.screen, VotingScreen)
        await chat.sees("Up to 5 answers of at most 800 tokens each", "Nothing is stored")
        await tried_stays_silent(scripted)
        await chat.press("enter")
        await chat.sees("Vote · 5 of 5", "408 ×3", "398 ×1", "no short answer found")
        asked = [request.json for request in scripted.sent_to("/api/chat")]
        assert len({body["options"]["seed"] for body in asked}) == 5
        assert {body["options"]["num_predict"] for body in asked} == {800}
        assert "boxed" in asked[0]["messages"][-1]["content"]
        await chat.press("enter")  # anew, and now all say the same
        await chat.sees("Vote · 3 of 5", "It ended early: 2 more answers")
        file = chat.screen.services.data_dir / DATABASE
    if file.exists():
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
            assert store.execute("SELECT count(*) FROM message").fetchone() == (0,)


async def test_esc_stops_the_vote_and_keeps_what_was_counted(scripted: ScriptedServer) -> None:
    gate = Gate()
    slow = answer()
    slow.steps = [Think("counting"), gate, Say("408")]
    scripted.answers += [answer("408"), slow]
    async with running(scripted) as chat:
        await tried(chat, live.VOTE)
        await chat.press("enter")
        await chat.until(gate.reached.is_set)
        await chat.press("escape")
        await chat.sees("Stopped.", "Vote · 1 of 5", "408 ×1")
        await chat.until(lambda: scripted.dropped)
        gate.opened.set()
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def test_a_model_that_does_not_think_is_not_asked_twice(scripted: ScriptedServer) -> None:
    scripted.add("plain:1b", family="llama", thinks=False)
    async with running(scripted, model="plain:1b") as chat:
        await chat.until(lambda: chat.screen.server.model("plain:1b").thinks is False)  # type: ignore[union-attr]
        await tried(chat, live.THINK)
        await chat.sees("plain:1b does not think")
        await chat.press("enter")
        await tried_stays_silent(scripted)


async def test_the_context_shows_the_conversation_in_its_parts(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("The answer is 4.", "Two and two are four, that is well known."))
    async with running(scripted) as chat:
        await chat.ask("What is 2 plus 2?")
        await chat.answered()
        await chat.until(lambda: chat.screen.session.context_use()[1])
        await tried(chat, live.CONTEXT)
        assert isinstance(chat.app.screen, TextViewScreen)
        size = chat.screen.session.context_use()[1]
        assert size is not None
        await chat.sees(f"The context holds {size:,} tokens", "your questions", "free for what comes")
        text = str(chat.app.screen.query_one("#text", Static).render())
        counts = {
            name: int(next(line for line in text.splitlines() if name in line).split()[-2].replace(",", ""))
            for name in ("your questions", "answers", "free for what comes", "kept of that", "reasoning")
        }
        assert counts["reasoning"] == 9
        assert counts["kept of that"] == reserve(size, size - counts["free for what comes"])
        assert counts["your questions"] > 0
        assert counts["your questions"] + counts["answers"] + counts["free for what comes"] == size


async def test_the_parameters_show_bytes_and_this_machines_table(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(120, 60)) as chat:
        await chat.until(lambda: chat.screen.machine.recommendation is not None)
        await tried(chat, live.PARAMETERS)
        await chat.sees("1.78 billion parameters", "16 bit", "3.6 GB", "1.1 GB", "This machine:")
        await chat.sees("0.62 bytes a parameter")


def test_the_parts_of_the_smallest_r1_add_up_to_its_parameters() -> None:
    found = stack({
        "general.architecture": "qwen2", "general.parameter_count": 1_777_088_000, "qwen2.block_count": 28,
        "qwen2.embedding_length": 1536, "qwen2.attention.head_count": 12, "qwen2.attention.head_count_kv": 2,
        "qwen2.feed_forward_length": 8960, "qwen2.context_length": 131_072,
    })  # fmt: skip
    assert found is not None
    assert found.parameters == 1_777_088_000
    # Two tables of 151,936 tokens by 1,536 numbers: the embedding, and the output. The rest are biases and norms.
    assert abs(found.other_parameters - 2 * 151_936 * 1536) < 200_000


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"general.architecture": "x", "x.block_count": "many", "x.embedding_length": 3},
        {"general.architecture": ["x"], "x.block_count": 3},
    ],
)
def test_what_tells_of_no_layers_is_no_stack(info: dict[str, object]) -> None:
    assert stack(info) is None


def test_experts_are_told_without_shares_that_would_be_wrong() -> None:
    found = stack({
        "general.architecture": "d", "general.parameter_count": 671_000_000_000, "d.block_count": 61,
        "d.embedding_length": 7168, "d.attention.head_count": 128, "d.attention.head_count_kv": 1,
        "d.feed_forward_length": 18432, "d.expert_count": 256,
    })  # fmt: skip
    assert found is not None
    assert found.layers == 61
    assert found.parameters == 0


async def test_the_stack_is_that_of_the_selected_model(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await tried(chat, live.STACK)
        await chat.sees("The stack of deepseek-r1:1.5b", "28")
        await tried_stays_silent(scripted)


async def test_chapters_offer_what_can_be_tried_at_them(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        chat.screen.post_message(Explain("5"))
        await chat.opened(GuideScreen)
        await chat.sees("t try it")
        await chat.press("t")
        await chat.opened(PickScreen)
        await chat.until(lambda: chat.app.screen.query_one(OptionList).option_count == 3)
        await chat.press("enter")
        await chat.opened(NextTokenScreen)
        await chat.press("escape")
        await chat.opened(GuideScreen)
        await chat.press("left")
        await chat.sees("chapter 4 of 11")
        await chat.press("t")
        await chat.opened(TextViewScreen)
        await chat.press("escape")
        await chat.opened(GuideScreen)
        await chat.press("c")
        await chat.sees("› 1 · Why at home")
        await chat.press("t")
        assert isinstance(chat.app.screen, GuideScreen)


def test_every_live_part_is_offered_by_an_existing_chapter() -> None:
    assert {name for names in live.CHAPTERS.values() for name in names} == set(live.NAMES)
    for chapter in live.CHAPTERS:
        assert read("en").page(chapter) is not None


async def test_while_an_answer_is_written_no_other_is_asked_for(scripted: ScriptedServer) -> None:
    gate = Gate()
    slow = answer()
    slow.steps = [Say("one "), gate]
    scripted.answers.append(slow)
    async with running(scripted) as chat:
        await chat.ask("Count")
        await chat.until(gate.reached.is_set)
        await tried(chat, live.NEXT)
        await chat.press("enter")
        await chat.sees("An answer is still being written")
        assert not raw(scripted)
        gate.opened.set()


def test_a_stream_whose_beginning_was_reasoning_after_all_is_counted_so() -> None:
    from r1tui.domain.chat import ThinkMode
    from r1tui.domain.stream import ContentDelta, ContentWasReasoning
    from r1tui.screens.guide.answering import Way

    way = Way(ThinkMode.ON)
    for event in (ContentDelta("well ", 2), ContentWasReasoning(), ContentDelta("four", 1)):
        way.take(event)
    assert (way.reasoning, way.thought, way.answer, way.said) == ("well ", 2, "four", 1)
