"""What fits into the context, and what falls out of sight, before anything is sent."""

from __future__ import annotations

from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import (
    TURN_TOKENS,
    TokenRates,
    fit,
    out_of_sight,
    rates_after,
)
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, Role

RATES = TokenRates(latin=1.0, wide=1.0)


def turn(role: Role, tokens: int) -> ChatTurn:
    return ChatTurn(role, "x" * (tokens - TURN_TOKENS))


def test_chinese_takes_more_tokens_a_character_than_english() -> None:
    assert TokenRates().tokens("a" * 100) == 30
    assert TokenRates().tokens("字" * 100) == 60
    assert TokenRates().tokens("字a" * 50) == 45


def test_all_is_seen_while_it_fits() -> None:
    window = fit([turn(Role.USER, 10), turn(Role.ASSISTANT, 20), turn(Role.USER, 10)], 40, RATES)
    assert (window.used, window.dropped, window.room) == (40, (), 0)


def test_the_oldest_whole_messages_fall_out_first() -> None:
    window = fit([turn(Role.USER, 10), turn(Role.ASSISTANT, 20), turn(Role.USER, 10)], 39, RATES)
    assert window.dropped == (0,)
    assert window.used == 30


def test_system_text_stays_when_what_follows_it_falls_out() -> None:
    window = fit([turn(Role.SYSTEM, 10), turn(Role.USER, 20), turn(Role.USER, 10)], 25, RATES)
    assert window.dropped == (1,)


def test_the_last_message_always_stays_even_if_it_is_too_long() -> None:
    window = fit([turn(Role.USER, 10), turn(Role.USER, 100)], 50, RATES)
    assert window.dropped == (0,)
    assert (window.used, window.room, window.share) == (100, 0, 1.0)


def test_an_unknown_context_drops_nothing() -> None:
    window = fit([turn(Role.USER, 10), turn(Role.USER, 100)], 0, RATES)
    assert (window.dropped, window.share) == ((), 0.0)


def test_messages_out_of_sight_are_named_by_id() -> None:
    talk = Conversation(system="x" * 6)
    first = talk.add(Message(Role.USER, "x" * 30))
    talk.add(Message(Role.ASSISTANT, "", reasoning="x" * 500))
    talk.add(Message(Role.USER, "x" * 10))
    assert out_of_sight(talk, 1000, RATES) == set()
    assert out_of_sight(talk, 30, RATES) == {first.id}


def test_the_servers_count_calibrates_the_rates() -> None:
    turns = [ChatTurn(Role.USER, "a" * 300), ChatTurn(Role.ASSISTANT, "字" * 100)]
    learnt = TokenRates().calibrated(turns, 300 + 2 * TURN_TOKENS)
    assert learnt.turns(turns) == 300 + 2 * TURN_TOKENS
    assert learnt.wide / learnt.latin == 2.0


def test_a_count_that_cannot_be_of_these_turns_teaches_nothing() -> None:
    turns = [ChatTurn(Role.USER, "a" * 300)]
    assert TokenRates().calibrated(turns, 5000) == TokenRates()
    assert TokenRates().calibrated(turns, 9) == TokenRates()
    assert TokenRates().calibrated(turns, None) == TokenRates()
    assert TokenRates().calibrated([ChatTurn(Role.USER, "hi")], 40) == TokenRates()


def test_rates_are_learnt_from_the_last_counted_answer() -> None:
    talk = Conversation()
    talk.add(Message(Role.USER, "a" * 1000))
    talk.add(Message(Role.ASSISTANT, "b", stats=AnswerStats(prompt_tokens=400 + TURN_TOKENS)))
    talk.add(Message(Role.USER, "next"))
    assert round(rates_after(talk, 4096).latin, 6) == 0.4
    assert rates_after(Conversation(), 4096) == TokenRates()


def test_only_what_the_server_kept_is_counted_when_learning() -> None:
    talk = Conversation()
    talk.add(Message(Role.USER, "a" * 4000))
    talk.add(Message(Role.ASSISTANT, "b" * 10))
    talk.add(Message(Role.USER, "a" * 1000))
    talk.add(Message(Role.ASSISTANT, "c", stats=AnswerStats(prompt_tokens=400)))
    assert 0.35 < rates_after(talk, 600).latin < 0.45


def test_a_count_that_is_short_of_the_estimate_tells_what_was_dropped_near_the_limit() -> None:
    talk = Conversation()
    first = talk.add(Message(Role.USER, "a" * 780))
    talk.add(Message(Role.ASSISTANT, "b" * 120, stats=AnswerStats(prompt_tokens=216)))
    question = talk.add(Message(Role.USER, "c" * 880))
    rates = rates_after(talk, 512)
    assert out_of_sight(talk, 512, rates) == set()  # 495 of 512, as far as one can tell
    talk.add(Message(Role.ASSISTANT, "d" * 120, stats=AnswerStats(prompt_tokens=302)))
    assert out_of_sight(talk, 512, rates_after(talk, 512, rates), question.id) == {first.id}


def test_the_question_of_an_answer_that_is_gone_on_with_always_stays() -> None:
    turns = [
        turn(Role.USER, 10),
        turn(Role.ASSISTANT, 10),
        turn(Role.USER, 10),
        ChatTurn(Role.ASSISTANT, "", "x" * 90),
    ]
    assert fit(turns, 50, RATES).dropped == (0, 1)
