"""What is kept of a context for the answer, and when reasoning has to end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain.chat import ChatTurn
from r1tui.domain.conversation import Conversation
from r1tui.domain.edge import (
    CLOSING,
    EXACT,
    AtEdge,
    Edge,
    prompt_tokens,
    without_middle,
)
from r1tui.domain.message import AnswerStats, Message, Role
from r1tui.domain.options import options
from r1tui.domain.reserve import LEAST, MOST, kept_free, reserve

TOKENS = st.integers(0, 200_000)


@pytest.mark.parametrize(
    ("context", "prompt", "wanted", "kept"),
    [
        (4096, 100, 0, 682),
        (256, 40, 0, LEAST),
        (131_072, 1000, 0, MOST),
        (256, 200, 0, 28),  # half of what the prompt leaves
        (256, 300, 0, 0),
        (4096, 100, 1000, 1000),
        (4096, 3096, 1000, 500),
    ],
)
def test_a_sixth_of_the_context_is_kept_within_bounds(
    context: int, prompt: int, wanted: int, kept: int
) -> None:
    assert reserve(context, prompt, wanted) == kept


@given(TOKENS, TOKENS, TOKENS)
def test_a_reserve_never_takes_more_than_half_of_what_the_prompt_leaves(
    context: int, prompt: int, wanted: int
) -> None:
    assert 0 <= reserve(context, prompt, wanted) <= max(context - prompt, 0) / 2


@pytest.mark.parametrize(
    ("context", "wanted", "kept"),
    [(4096, 0, 682), (256, 0, LEAST), (131_072, 0, 13_107), (4096, 1000, 1000), (512, 1000, 256), (0, 0, 0)],
)
def test_no_prompt_takes_the_answers_reserve_nor_the_last_tenth_of_a_long_context(
    context: int, wanted: int, kept: int
) -> None:
    assert kept_free(context, wanted) == kept


@given(st.integers(64, 200_000), TOKENS, TOKENS)
def test_where_reasoning_has_to_end_its_answer_has_the_reserve(
    context: int, prompt: int, generated: int
) -> None:
    edge = Edge(context, prompt)
    if generated and not edge.reached(generated):
        assert context - prompt - generated - CLOSING > edge.reserve
        assert edge.reached(context)


def test_without_a_known_context_reasoning_never_has_to_end() -> None:
    assert not Edge().reached(10**9)
    assert Edge(1000, 2000).reached(1)
    assert not Edge(1000, 2000).reached(0)


def test_the_edge_is_near_a_minute_before_it_at_the_present_speed() -> None:
    edge = Edge(4096, 96)  # 3318 tokens before the reserve
    assert not edge.is_near(3000, 5.0)
    assert edge.is_near(3100, 5.0)
    assert edge.is_near(2800, 10.0)
    assert not edge.is_near(3300, None)
    assert not Edge().is_near(3300, 5.0)


def test_where_all_reasoning_takes_less_than_two_minutes_the_edge_is_near_from_its_half_on() -> None:
    edge = Edge(4096, 96)  # 3318 tokens before the reserve, half a minute of them
    assert not edge.is_near(1600, 100.0)
    assert edge.is_near(1700, 100.0)
    assert not Edge(256, 250).is_near(1, 100.0)  # no reasoning fits


def test_the_servers_counts_take_the_place_of_the_estimate() -> None:
    edge = Edge(4096, 500, at=AtEdge.RUN)
    assert edge.counted(150, 3946, 0, full=True) == Edge(4096, 150, at=AtEdge.RUN)
    assert edge.counted(1150, 20, 1000, full=False) == edge  # a prompt that holds a part of the answer
    assert edge.counted(None, None, 0, full=False) == edge
    assert Edge().counted(150, 850, 0, full=True) == Edge(1000, 150)
    assert Edge().counted(150, 850, 0, full=False) == Edge(0, 150)


def test_an_answer_is_ended_by_its_context_where_both_counts_fill_it() -> None:
    edge = Edge(256, 100)
    assert edge.is_full(150, 106)
    assert edge.is_full(150, 106 - EXACT)
    assert not edge.is_full(150, 50)
    assert not edge.is_full(None, 106)
    assert Edge().is_full(150, 106)  # nothing else can have ended it
    assert not Edge().is_full(150, 106, limit=106)


REASONING = " ".join(f"step{number}" for number in range(200))


@given(st.integers(0, 300))
def test_a_shortened_text_keeps_its_beginning_and_more_of_its_end(tokens: int) -> None:
    short = without_middle(REASONING, tokens, 200)
    assert len(short) <= len(REASONING) * max(tokens, 0) / 200 + 4 or short == REASONING
    if tokens < 200 and short:
        head, tail = short.split("\n…\n")
        assert REASONING.startswith(head)
        assert REASONING.endswith(tail)
        assert len(tail) >= len(head)
        assert tokens < 40 or set(short.split()) <= {*REASONING.split(), "…"}, "a word was cut"


def test_text_without_spaces_is_shortened_too() -> None:
    short = without_middle("思" * 100 + "答" * 100, 50, 200)
    assert short.startswith("思")
    assert short.endswith("答")
    assert len(short) < 50


def test_a_turn_that_leaves_room_is_sent_as_it_is() -> None:
    turn = ChatTurn(Role.ASSISTANT, "", REASONING)
    assert Edge(4096, 100).fitted(turn, 2000, 0) is turn
    assert Edge().fitted(turn, 10**9, 0) is turn


def test_reasoning_is_shortened_until_the_answer_has_its_reserve() -> None:
    edge = Edge(256, 100)
    turn = edge.fitted(ChatTurn(Role.ASSISTANT, "", REASONING), 150, 0)
    assert turn is not None
    tokens = 150 * len(turn.reasoning) / len(REASONING)
    assert 0 < tokens <= 256 - 100 - CLOSING - edge.reserve
    assert REASONING.endswith(turn.reasoning.split("\n…\n")[1])


def test_of_a_text_that_fills_the_context_its_end_is_gone_on_with() -> None:
    text = " ".join(f"word{number}" for number in range(100))
    turn = Edge(256, 100).fitted(ChatTurn(Role.ASSISTANT, text, REASONING), 100, 140)
    assert turn is not None
    assert turn.reasoning == ""
    assert 0 < len(turn.content) < len(text)
    assert text.endswith(turn.content)


def test_a_question_that_fills_the_context_leaves_nothing_to_go_on_from() -> None:
    assert Edge(256, 256).fitted(ChatTurn(Role.ASSISTANT, "", REASONING), 10, 0) is None


def talk(question: str, answer: str = "", stats: AnswerStats | None = None) -> Conversation:
    conversation = Conversation()
    conversation.add(Message(Role.USER, question))
    if answer:
        conversation.add(Message(Role.ASSISTANT, answer, stats=stats))
    return conversation


def estimate(conversation: Conversation, *own: str) -> int:
    return prompt_tokens(conversation, conversation.context(), 4096, own)


def test_a_first_prompt_is_estimated_with_what_the_models_own_file_puts_before_it() -> None:
    bare = estimate(talk("What is 3 plus 5?"))
    assert estimate(talk("What is 3 plus 5?"), "x" * 400) >= bare + 120
    assert bare >= 5


def test_a_counted_prompt_tells_what_the_template_adds_to_the_next() -> None:
    counted = talk("What is 3 plus 5?", "Eight.", AnswerStats(prompt_tokens=151))
    counted.add(Message(Role.USER, "And 4 plus 5?"))
    assert 151 < estimate(counted) < 200
    foreign = talk("What is 3 plus 5?", "Eight.", AnswerStats(prompt_tokens=5000))
    foreign.add(Message(Role.USER, "And 4 plus 5?"))
    assert estimate(foreign) < 60


def test_the_count_of_an_answer_that_was_gone_on_with_is_read_without_that_answer() -> None:
    stats = AnswerStats(prompt_tokens=651, resumed_tokens=500)
    counted = talk("What is 3 plus 5?", "Eight.", stats)
    counted.add(Message(Role.USER, "And 4 plus 5?"))
    assert 151 < estimate(counted) < 200


def test_a_conversation_keeps_what_was_chosen_for_its_edge_and_nothing_else() -> None:
    assert options({"at_edge": "ask", "answer_reserve": 300}) == {"at_edge": "ask", "answer_reserve": 300}
    assert options({"at_edge": "perhaps", "answer_reserve": -1}) == {}
    assert options({"at_edge": 7, "answer_reserve": "many"}) == {}
