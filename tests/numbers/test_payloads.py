"""Payloads: compared by value, whatever their text."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.customers.outcomes import Segment
from engine.numbers.payloads import NO_PAYLOAD, PayloadSegments, canonical_json, payload_id, text_id
from tests.oracle import frozen

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, json_values)
def test_canonical_json_is_equal_for_equal_values_alone(one: object, other: object) -> None:
    assert (canonical_json(one) == canonical_json(other)) == (frozen(one) == frozen(other))


def reordered(value: object) -> object:
    """The same JSON value with its keys the other way round, and its whole numbers written as floats."""
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [reordered(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@given(json_values)
def test_the_order_of_keys_and_the_format_of_numbers_do_not_count(value: object) -> None:
    assert canonical_json(value) == canonical_json(reordered(value))


@given(st.dictionaries(st.text(max_size=3), json_values, max_size=3))
def test_a_payload_has_one_id_as_a_value_and_as_any_text_of_it(payload: dict[str, object]) -> None:
    one = payload_id(payload)
    for text in (
        json.dumps(payload),
        json.dumps(reordered(payload), indent=1),
        json.dumps(payload, ensure_ascii=False),
    ):
        try:
            assert text_id(text.encode()) == one
        except (UnicodeEncodeError, msgspec.DecodeError):  # half of a surrogate pair has no text of its own
            assert "\\ud" in json.dumps(payload)


@pytest.mark.parametrize("nothing", ["", "null", "{}", " { } "])
def test_no_payload_null_and_an_empty_one_are_the_same(nothing: str) -> None:
    assert text_id(nothing.encode()) == payload_id({}) == payload_id(None) == NO_PAYLOAD


def test_of_a_key_twice_in_a_payload_the_last_counts() -> None:
    assert text_id(b'{"a": 1, "a": 2}') == payload_id({"a": 2})


@pytest.mark.parametrize("huge", ["1e400", "9" * 5_000])
def test_a_number_out_of_range_is_the_largest_and_not_nothing(huge: str) -> None:
    ids = [text_id(f'{{"a": {value}}}'.encode()) for value in (huge, f"-{huge}", "null", f'"{huge}"', "1.7e308")]
    assert len({*ids}) == 5
    assert ids[0] == text_id(f'{{"a": 1{huge}}}'.encode())


def test_without_payload_segments_there_is_nothing_to_look_at() -> None:
    assert not PayloadSegments([Segment(name="drawn", share=0.5)])
    assert PayloadSegments([Segment(name="gold", payload={"tier": 1})]).fields == {"tier"}
