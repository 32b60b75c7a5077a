"""Foreign values: whatever comes, a value of the type asked for, or the default."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain import untrusted
from r1tui.domain.catalogue import shape_from_info
from r1tui.domain.message import AnswerStats
from r1tui.domain.message_codec import stats_from
from r1tui.domain.modelfile import ModelfileError, parse_parameters
from r1tui.domain.options import PARAMETERS, option, option_from_text, options
from r1tui.domain.sizing import size_request
from r1tui.domain.untrusted import LARGEST, LATEST, MOST_VALUES, Malformed, items, parse_json

ODD_NUMBERS = st.sampled_from(
    [0, -1, 1e308, -1e308, 5e-324, math.nan, math.inf, -math.inf, 10**400, -(10**400), 10**4000, 2**63, True]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD_NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
STATS = list(AnswerStats.__dataclass_fields__)


@given(JUNK)
def test_every_reader_gives_its_type_for_anything(value: object) -> None:
    for found in (untrusted.number(value), untrusted.seconds(value, 1e-9), untrusted.moment(value)):
        assert found is None or (isinstance(found, float) and math.isfinite(found) and 0 <= found <= LARGEST)
    for whole in (untrusted.whole(value), untrusted.tokens(value)):
        assert whole is None or (type(whole) is int and 0 <= whole <= LARGEST)
    assert (untrusted.moment(value) or 0) <= LATEST
    untrusted.text(value).encode()
    assert all(isinstance(each, dict) for each in untrusted.tables(value))
    assert isinstance(dict(untrusted.table(value)), dict)


@given(st.dictionaries(st.sampled_from(STATS), JUNK))
def test_figures_of_an_answer_can_always_be_reckoned_with(data: dict[str, object]) -> None:
    stats = stats_from(data)
    assert stats is not None
    speed = stats.tokens_per_second
    assert speed is None or 0 < speed <= 1e6
    json.dumps([getattr(stats, name) for name in STATS], allow_nan=False)


@given(st.dictionaries(st.sampled_from(sorted(PARAMETERS)) | st.text(max_size=5), JUNK))
def test_options_hold_known_names_with_values_that_a_request_can_carry(data: dict[str, object]) -> None:
    found = options(data)
    assert set(found) <= PARAMETERS
    json.dumps(found, allow_nan=False).encode()
    assert options(found) == found


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("num_ctx", "4096", 4096),
        ("num_ctx", "²", None),
        ("num_ctx", "٣", None),
        ("num_ctx", "abc", None),
        ("num_ctx", "0", None),
        ("num_ctx", "9" * 5000, None),
        ("num_predict", "-1", -1),
        ("seed", str(2**53), 2**53),
        ("temperature", "0.6", 0.6),
        ("temperature", ".5", 0.5),
        ("temperature", "nan", None),
        ("temperature", "inf", None),
        ("temperature", "1e999", None),
        ("use_mmap", "True", True),
        ("use_mmap", "1", None),
        ("stop", "END", "END"),
        ("colour", "1", None),
    ],
)
def test_a_typed_parameter_is_taken_where_it_can_be_sent(name: str, typed: str, value: object) -> None:
    assert option_from_text(name, typed) == value


@pytest.mark.parametrize("line", ["num_ctx ²", "temperature nan", "top_p 1e400", "seed 99999999999999999999"])
def test_a_modelfile_names_the_line_of_a_number_that_is_none(line: str) -> None:
    with pytest.raises(ModelfileError) as raised:
        parse_parameters(f"top_k 40\n{line}")
    assert raised.value.line == 2


def test_a_whole_number_written_as_a_fraction_counts() -> None:
    assert option("num_ctx", 4096.0) == 4096
    assert option("num_ctx", 4096.5) is None


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000, b"\xff", b"", b"{", '"\x00"', "nope"]
)
def test_what_is_no_json_has_one_error(data: bytes | str) -> None:
    with pytest.raises(Malformed):
        parse_json(data)


@pytest.mark.parametrize("value", ["[]", "0", '{"":0}', '"a"', r'"\"\\"'])
def test_more_values_than_anything_needs_are_not_read(value: str) -> None:
    some, too_many = (f"[{','.join([value] * n)}]" for n in (MOST_VALUES // 4, MOST_VALUES + 1))
    assert len(items(parse_json(some))) == MOST_VALUES // 4
    for data in (too_many, too_many.encode()):
        with pytest.raises(Malformed):
            parse_json(data)


def test_a_text_of_nothing_but_commas_and_brackets_is_one_value() -> None:
    text = "[{,\\" * MOST_VALUES
    assert parse_json(json.dumps({"text": text})) == {"text": text}


def test_numbers_that_are_none_and_halves_of_signs_are_read_as_nothing() -> None:
    assert parse_json('{"a": NaN, "b": [Infinity, -Infinity]}') == {"a": None, "b": [None, None]}
    assert untrusted.text(parse_json(r'"a\ud800b"')) == "a?b"


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "general.architecture",
                "q.block_count",
                "q.embedding_length",
                "q.attention.head_count",
                "q.attention.head_count_kv",
                "q.attention.key_length",
                "q.attention.kv_lora_rank",
                "q.context_length",
                "tokenizer.ggml.tokens",
            ]
        ),
        JUNK | st.integers(1, 10**12) | st.lists(JUNK, max_size=3),
    )
)
def test_a_model_of_any_metadata_is_sized_or_not_known(info: dict[str, object]) -> None:
    shape = shape_from_info(
        10**9, {"q.block_count": 2, "q.embedding_length": 64, **info, "general.architecture": "q"}
    )
    if shape is not None:
        assert size_request(shape, None)[0] > 0
