"""A message keeps all that it is, wherever it goes, and whatever comes back in its place."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain import transfer
from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role, VotePlan
from r1tui.domain.message_codec import FIELDS, LOCAL, message_from, take_over, written
from r1tui.domain.phrase import phrase

FULL = Message(
    Role.ASSISTANT,
    "four",
    "two and two",
    MessageStatus.STREAMING,
    id="i",
    parent="p",
    model="m",
    created=5.0,
    phase=Phase.THINKING,
    reasoning_seconds=1.5,
    reasoning_tokens=3,
    answer_tokens=1,
    stats=AnswerStats(**{each.name: 7 for each in fields(AnswerStats)}),
    error=phrase("engine.cut", inner=phrase("engine.timeout", url="http://h")),
    vote="v",
    seed=11,
    plan=VotePlan("v", "i", 5, boxed=True, stopped=True),
    attachments=(Attachment("out", "two\nlines", AttachmentKind.COMMAND, "gb18030", 9, "lines 1-2"),),
)
"""Nothing in it is the default."""


def test_every_field_of_a_message_has_its_place() -> None:
    assert {each.name for each in fields(Message)} == FIELDS.keys() | LOCAL


def test_nothing_of_the_full_message_is_a_default() -> None:
    plain = Message(Role.USER, id="")
    same = {name for name in FIELDS if getattr(FULL, name) == getattr(plain, name)}
    assert same == set()


def test_a_message_comes_back_as_it_was() -> None:
    plain = json.loads(json.dumps({name: value for name, _, value in written(FULL)}))
    assert message_from(plain) == FULL


def test_each_plain_value_is_of_the_kind_that_its_field_says() -> None:
    for name, field, value in written(FULL):
        assert type(value) is field.kind, name


def test_an_export_leaves_out_the_phase_alone_and_ends_the_answer() -> None:
    exported = transfer.message_to(FULL)
    assert exported.keys() == FIELDS.keys() - {"phase"}
    assert transfer.message_from(exported) == replace(FULL, status=MessageStatus.INTERRUPTED, phase=None)


def test_who_takes_over_an_answer_that_grew_elsewhere_shows_all_that_grew() -> None:
    known = Message(
        Role.ASSISTANT,
        id="i",
        parent="p",
        model="m",
        created=5.0,
        status=MessageStatus.STREAMING,
        vote="v",
        seed=11,
        plan=FULL.plan,
        attachments=FULL.attachments,
    )
    take_over(known, FULL)
    assert known == FULL


@pytest.mark.parametrize("name", FIELDS)
@given(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()) | st.binary()
)
def test_anything_in_the_place_of_a_value_gives_a_message(name: str, junk: object) -> None:
    message = message_from({name: junk})
    json.dumps({each: value for each, _, value in written(message)}, allow_nan=False)
