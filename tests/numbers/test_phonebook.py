"""The phonebook: phones, payloads and policies taken in, faults named with their place."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import CallPolicy
from engine.customers.outcomes import Segment
from engine.numbers.phonebook import Intake, Phonebook, canonical_json, phone_code, phone_text
from tests.oracle import frozen


def taken_in(body: object, *segments: Segment) -> Phonebook:
    intake = Intake(segments)
    faults = intake.add_phones(body, 0)
    assert not faults
    return intake.phonebook()


def faults(body: object) -> list[str]:
    return [str(fault) for fault in Intake().add_phones(body, 0)]


@given(st.from_regex(r"[0-9]{5,15}", fullmatch=True))
def test_a_phone_is_its_digits(digits: str) -> None:
    code = phone_code(digits)
    assert code is not None
    assert code == phone_code("+" + digits)
    assert phone_text(code) == digits
    if not digits.startswith("0"):
        assert phone_code(int(digits)) == code


def test_leading_zeros_make_another_phone() -> None:
    assert len({phone_code(phone) for phone in ("12345", "012345", "0012345")}) == 3


@pytest.mark.parametrize(
    "value",
    [
        *("1234", "1234567890123456", 1234, 10**15, 0, -16505550000),
        *(
            "",
            "+",
            "++16505550000",
            "1 650 555 0000",
            "1-650-555-0000",
            "(650)5550000",
            " 16505550000",
            "16505550000\n",
        ),
        *("\u0661\u0662\u0663\u0664\u0665", "\uff11\uff12\uff13\uff14\uff15", "1e10", "0x12345", "tel:16505550000"),
        *(None, True, 16505550000.0, ["16505550000"], {"phone": 1}),
    ],
)
def test_what_is_no_phone_is_refused(value: object) -> None:
    assert phone_code(value) is None


def test_an_integer_of_thousands_of_digits_is_refused() -> None:
    assert phone_code(10**5000) is None


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


def test_numbers_of_one_policy_share_it() -> None:
    spellings: list[dict[str, Any]] = [
        {"gmtZone": "+1"},
        {"gmtZone": "UTC+01:00"},
        {"gmtZone": "+0100", "maxAttempts": None},
        {},
    ]
    book = taken_in([{"phone": 16505550000 + place, **policy} for place, policy in enumerate(spellings)])
    assert book.policies.tolist() == [0, 0, 0, 1]
    assert book.distinct == (CallPolicy.from_json({"gmtZone": "+1"}), CallPolicy())


def test_the_first_segment_whose_payload_fits_is_the_numbers_own() -> None:
    segments = [
        Segment(name="drawn", share=0.5),
        Segment(name="gold", payload={"tier": 1, "eu": True}),
        Segment(name="silver", payload={"tier": 1}),
    ]
    payloads: list[Any] = [{"tier": 1, "eu": True}, {"tier": 1.0, "eu": 1}, {"tier": "1"}, {"eu": True}, {}, None]
    book = taken_in([{"phone": 16505550000 + place, "payload": each} for place, each in enumerate(payloads)], *segments)
    assert book.segments.tolist() == [2, 3, 0, 0, 0, 0]


def test_a_segment_of_null_asks_for_a_null_and_not_for_nothing() -> None:
    book = taken_in(
        [{"phone": "12345", "payload": {"tier": None}}, {"phone": "12346", "payload": {"other": 1}}],
        Segment(name="untiered", payload={"tier": None}),
    )
    assert book.segments.tolist() == [1, 0]


def test_priorities_that_count_as_five_are_counted() -> None:
    priorities: list[object] = [1, 5, None, 0, 6, "1", 1.0, True, [], {}]
    body = [{"phone": 16505550000 + place, "dialerPriority": each} for place, each in enumerate(priorities)]
    book = taken_in(body)
    assert book.changed_priorities == 7
    assert [book.distinct[policy].priority for policy in book.policies.tolist()] == [1] + [5] * 9
    assert book.warnings() == ["dialerPriority that is not 1 to 5 counts as 5: 7 of the numbers"]


def test_numbers_stand_in_the_order_in_which_they_are_added() -> None:
    intake = Intake()
    intake.add_phones([{"phone": "12345"}, {"phone": "12346"}], np.array([9, 3], np.int64))
    intake.add_phones([{"phone": "12347"}, {"phone": "12348"}], 3)
    book = intake.phonebook()
    assert [phone_text(code) for code in book.phone_codes.tolist()] == ["12346", "12347", "12348", "12345"]
    assert book.added.tolist() == [3, 3, 3, 9]
    assert len(book) == 4


def test_every_fault_of_a_body_is_named_with_its_place() -> None:
    body: list[Any] = [
        {"phone": "1234"},
        {"phone": "16505550000", "payload": [1], "alowedTime": {}, "maxAttempts": 51},
        {"payload": {}},
        "16505550000",
        {"phone": "16505550000", "allowedTime": {"mon": [{"localTimeFrom": "9:00", "localTimeTo": "10:00"}]}},
        {"phone": "16505550000", "alowedTime": {}},
    ]
    found = [text.split(";")[0] for text in faults(body)]
    assert found == [
        '[0].phone: found "1234"',
        "[1].payload: found [1]",
        "[1].alowedTime: found an unknown field",
        "[1].maxAttempts: found 51",
        "[2].phone: found nothing",
        '[3]: found "16505550000"',
        '[4].allowedTime.mon[0].localTimeFrom: found "9:00"',
        "[5].alowedTime: found an unknown field",
    ]


@pytest.mark.parametrize("body", [None, {}, {"phone": "16505550000"}, "16505550000", 5])
def test_a_body_that_is_no_array_is_refused(body: object) -> None:
    assert "allowed: an array of numbers" in faults(body)[0]


def test_an_empty_list_is_refused() -> None:
    assert faults([]) == ["found an empty list; allowed: at least one number"]


def test_a_body_with_a_fault_adds_nothing() -> None:
    intake = Intake()
    assert intake.add_phones([{"phone": "12345"}, {"phone": "1"}], 0)
    assert not intake.add_phones([{"phone": "12346"}], 0)
    assert len(intake.phonebook()) == 1
