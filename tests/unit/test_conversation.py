"""Branches, context and damaged trees of a conversation."""

from __future__ import annotations

from r1tui.domain.chat import ChatTurn
from r1tui.domain.conversation import Conversation, title_from
from r1tui.domain.message import Message, MessageStatus, Role


def user(text: str) -> Message:
    return Message(Role.USER, text)


def answer(text: str, reasoning: str = "", status: MessageStatus = MessageStatus.COMPLETE) -> Message:
    return Message(Role.ASSISTANT, text, reasoning, status)


def texts(conversation: Conversation) -> list[str]:
    return [message.content for message in conversation.branch()]


def test_a_regenerated_answer_is_a_sibling_and_the_first_is_kept() -> None:
    talk = Conversation()
    talk.add(user("q"))
    first = talk.add(answer("one"))
    second = talk.branch_from(first.id, answer("two"))
    assert texts(talk) == ["q", "two"]
    assert talk.siblings(first.id) == (1, 2)
    assert talk.siblings(second.id) == (2, 2)
    assert talk.branch_points() == {second.id: (2, 2)}


def test_an_edited_first_question_starts_a_second_root() -> None:
    talk = Conversation()
    first = talk.add(user("q"))
    talk.add(answer("a"))
    talk.branch_from(first.id, user("better q"))
    assert texts(talk) == ["better q"]
    assert talk.siblings(first.id) == (1, 2)


def test_selecting_a_sibling_shows_its_newest_descendants() -> None:
    talk = Conversation()
    talk.add(user("q"))
    first = talk.add(answer("one"))
    talk.add(user("and?"))
    talk.add(answer("more"))
    second = talk.branch_from(first.id, answer("two"))
    assert talk.select_sibling(second.id, -1) == first.id
    assert texts(talk) == ["q", "one", "and?", "more"]


def test_there_is_no_sibling_beyond_the_last() -> None:
    talk = Conversation()
    talk.add(user("q"))
    only = talk.add(answer("one"))
    assert talk.select_sibling(only.id, 1) is None
    assert talk.select_sibling(only.id, -1) is None
    assert talk.leaf == only.id


def test_showing_a_hidden_message_switches_to_its_branch() -> None:
    talk = Conversation()
    talk.add(user("q"))
    first = talk.add(answer("one"))
    talk.branch_from(first.id, answer("two"))
    talk.show(first.id)
    assert texts(talk) == ["q", "one"]


def test_deleting_takes_what_follows_and_undo_brings_it_back() -> None:
    talk = Conversation()
    talk.add(user("q"))
    first = talk.add(answer("one"))
    talk.add(user("and?"))
    removed = talk.delete(first.id)
    assert [message.content for message in removed] == ["one", "and?"]
    assert texts(talk) == ["q"]
    talk.restore(removed)
    assert texts(talk) == ["q", "one", "and?"]


def test_deleting_one_of_two_answers_shows_the_other() -> None:
    talk = Conversation()
    talk.add(user("q"))
    first = talk.add(answer("one"))
    second = talk.branch_from(first.id, answer("two"))
    talk.delete(second.id)
    assert texts(talk) == ["q", "one"]


def test_past_reasoning_is_not_sent_back() -> None:
    talk = Conversation(system="Be brief.")
    talk.add(user("q"))
    talk.add(answer("a", "long thoughts"))
    talk.add(user("and?"))
    assert talk.context() == (
        ChatTurn(Role.SYSTEM, "Be brief."),
        ChatTurn(Role.USER, "q"),
        ChatTurn(Role.ASSISTANT, "a"),
        ChatTurn(Role.USER, "and?"),
    )


def test_empty_answers_are_not_sent() -> None:
    talk = Conversation()
    talk.add(user("q"))
    talk.add(answer("", status=MessageStatus.FAILED))
    talk.add(user("again"))
    talk.add(answer("", status=MessageStatus.STREAMING))
    assert talk.context() == (ChatTurn(Role.USER, "q"), ChatTurn(Role.USER, "again"))


def test_a_partial_answer_at_the_end_is_sent_to_be_continued() -> None:
    talk = Conversation()
    talk.add(user("q"))
    talk.add(answer("half", "thoughts", MessageStatus.STOPPED))
    assert talk.context()[-1] == ChatTurn(Role.ASSISTANT, "half", "thoughts")


def test_reasoning_alone_at_the_end_is_sent_to_be_answered_from() -> None:
    talk = Conversation()
    talk.add(user("q"))
    talk.add(answer("", "thoughts", MessageStatus.INTERRUPTED))
    assert talk.context()[-1] == ChatTurn(Role.ASSISTANT, "", "thoughts")


def test_reasoning_alone_in_the_middle_is_left_out() -> None:
    talk = Conversation()
    talk.add(user("q"))
    talk.add(answer("", "thoughts", MessageStatus.STOPPED))
    talk.add(user("and?"))
    assert [turn.role for turn in talk.context()] == [Role.USER, Role.USER]


def test_context_ends_with_the_message_asked_for() -> None:
    talk = Conversation()
    question = talk.add(user("q"))
    talk.add(answer("a"))
    assert talk.context(question.id) == (ChatTurn(Role.USER, "q"),)


def test_a_cycle_of_parents_is_cut() -> None:
    one, two = user("1"), answer("2")
    one.parent, two.parent = two.id, one.id
    talk = Conversation(messages={one.id: one, two.id: two}, leaf=one.id)
    assert len(talk.branch()) == 2
    talk.mend()
    assert texts(talk) == ["2", "1"]
    assert sum(message.parent is None for message in talk.messages.values()) == 1


def test_a_message_that_is_its_own_parent_becomes_a_root() -> None:
    one = user("1")
    one.parent = one.id
    talk = Conversation(messages={one.id: one}, leaf=one.id)
    talk.mend()
    assert talk.messages[one.id].parent is None
    assert texts(talk) == ["1"]


def test_messages_with_a_missing_parent_or_leaf_stay_reachable() -> None:
    one = user("1")
    one.parent = "gone"
    talk = Conversation(messages={one.id: one}, leaf="gone too")
    talk.mend()
    assert texts(talk) == ["1"]


def test_mending_puts_parents_before_their_children() -> None:
    one, two = user("1"), answer("2")
    two.parent = one.id
    talk = Conversation(messages={two.id: two, one.id: one}, leaf=two.id)
    talk.mend()
    assert [message.content for message in talk.messages.values()] == ["1", "2"]
    assert [message.content for message in talk.delete(one.id)] == ["1", "2"]
    assert talk.leaf is None


def test_a_very_long_chain_is_mended_without_recursion() -> None:
    talk = Conversation()
    for number in range(5000):
        talk.add(user(str(number)))
    talk.messages = dict(reversed(talk.messages.items()))
    talk.mend()
    assert len(talk.branch()) == 5000


def test_a_title_is_one_line_of_whole_words() -> None:
    assert title_from("How do I\n grow it?") == "How do I grow it?"
    title = title_from("word " * 100)
    assert title.endswith("word…")
    assert len(title) <= 61


def test_a_title_of_chinese_is_cut_at_the_limit() -> None:
    assert title_from("字" * 100) == "字" * 60 + "…"


class CountedMessages(dict[str, Message]):
    """The messages of a conversation, and how often one was asked for."""

    asked = 0

    def get(self, key: str, default: object = None) -> Message | None:  # type: ignore[override]
        self.asked += 1
        return super().get(key)


def test_the_last_answer_is_found_at_the_end_of_a_long_branch_without_walking_it() -> None:
    talk = Conversation()
    for number in range(500):
        talk.add(user(f"q{number}"))
        talk.add(answer(f"a{number}"))
    talk.add(user("and now?"))
    counted = talk.messages = CountedMessages(talk.messages)
    found = talk.last_answer()
    assert found is not None
    assert found.content == "a499"
    assert counted.asked == 2
    assert [each.id for each in talk.newest_first()] == [each.id for each in reversed(talk.branch())]
