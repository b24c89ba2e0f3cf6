"""Phones that people of a country wrote mean the same in JSON, in NDJSON and in tables."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calling.policy import CallPolicy
from engine.numbers.formats.bodies import read_json, read_lines
from engine.numbers.formats.forms import FileForm
from engine.numbers.formats.sheets import read_sheet
from engine.numbers.intake import Intake, NumberList
from engine.numbers.phonebook import phone_text
from engine.numbers.places.placing import Places
from engine.numbers.places.spelled_phones import spelled_phones
from engine.reading.notes import Note
from engine.reading.tables import table_of

WRITTEN = [
    "(650) 555-0100",
    "+1 650-555-0101",
    "650.555.0102 x12",
    "+44 20 7946 0018",
    "011 44 20 7946 0019",
    "6505550103",
    "16505550104",
    "5550105",
    "+442079460020",
    "abc",
    "",
]
PHONES = st.sampled_from([*WRITTEN, 6505550106, 6505550107.0, 5550108, 1.5, True, None, ["6505550109"], -6505550110])
NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "phone": PHONES,
        "payload": st.none() | st.dictionaries(st.sampled_from(["phone", "a", "b"]), PHONES, max_size=3),
        "maxAttempts": st.integers(0, 3) | st.just("x"),
        "unknown": st.just(1),
    },
)


def lists(numbers: list[Any], country: str = "US", **intake: Any) -> list[NumberList]:
    """The same numbers as NDJSON, and as JSON of one line and of several."""
    lines = "\n".join(json.dumps(number) for number in numbers).encode()
    arrays = [json.dumps(numbers, indent=indent).encode() for indent in (None, 1)]
    return [
        read_lines(lines, Intake(**intake), "list", country=country),
        *(read_json(array, Intake(**intake), "list", country=country) for array in arrays),
    ]


def expected(number: dict[str, Any]) -> str | None:
    """The digits of a number's phone, read alone."""
    phone = number.get("phone")
    if isinstance(phone, bool) or not isinstance(phone, str | int | float) or phone == 1.5:
        return None
    text = phone if isinstance(phone, str) else str(int(phone))
    [digits] = spelled_phones(pl.Series([text]), "US").phones.to_list()
    return None if digits is None else str(digits)


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=8), st.permutations(["phone", "payload", "maxAttempts", "unknown"]))
def test_phones_in_json_are_read_as_each_alone(given_ones: list[dict[str, Any]], order: list[str]) -> None:
    numbers = [{name: number[name] for name in order if name in number} for number in given_ones]
    digits = [expected(number) for number in numbers]
    good = [
        place
        for place, (number, own) in enumerate(zip(numbers, digits, strict=True))
        if own is not None and "unknown" not in number and number.get("maxAttempts") != "x"
    ]
    for read in lists(numbers):
        assert read.positions.tolist() == good
        assert [phone_text(code) for code in read.phones.tolist()] == [digits[place] for place in good]
        for faulty in read.faulty:
            of_phone = [fault for fault in faulty.faults if fault.path[1:] == ("phone",)]
            assert len(of_phone) == (digits[faulty.position] is None)
            assert json.loads(faulty.number) == numbers[faulty.position], "as it was written"


def test_a_table_and_json_are_the_same_list() -> None:
    sheet = read_sheet(table_of(pl.DataFrame({"phone": WRITTEN})), Intake(), "list", FileForm(country="US"))
    for read in lists([{"phone": phone} for phone in WRITTEN]):
        assert read.phones.tolist() == sheet.phones.tolist()
        assert read.positions.tolist() == sheet.positions.tolist()
        assert read.notes == sheet.notes == (Note("extensions", "extensions of phones that are dropped: 1", 1),)
        told = [
            [(fault.path, fault.found, fault.allowed) for number in each.faulty for fault in number.faults]
            for each in (read, sheet)
        ]
        assert told[0] == told[1]


def test_the_policies_of_numbers_are_as_without_a_country() -> None:
    numbers = [
        {"phone": "650 555 0100", "maxAttempts": 2},
        {"maxAttempts": 3, "phone": "650 555 0101"},
        {"phone": "650 555 0102", "maxAttempts": 2},
    ]
    intake = Intake()
    read = read_json(json.dumps(numbers).encode(), intake, "list", country="US")
    assert [intake.distinct[policy] for policy in read.policies] == [
        CallPolicy(max_attempts=count) for count in (2, 3, 2)
    ]


def test_a_payload_with_a_field_of_the_phone_s_name_keeps_it() -> None:
    number = {"payload": {"phone": "6505550100"}, "phone": "6505550100"}
    for read in lists([number, {**number, "payload": {"phone": "16505550100"}}]):
        assert read.phones.tolist() == [116505550100] * 2
        first, second = read.payload_ids(np.array([0, 1]))
        assert first != second


def test_a_payload_with_the_same_name_before_a_name_with_escapes_is_not_taken_for_the_phone() -> None:
    text = b'{"payload": {"phone": "6505550100"}, "ph\\u006fne": "6505550100"}'
    assert read_lines(text, Intake(), "list", country="US").phones.tolist() == [116505550100]


def test_digits_that_are_no_phone_of_the_country_are_a_fault_with_its_line() -> None:
    data = b'{"phone": "6505550100"}\n\n{"phone": "5550101"}\n{"phone": "1.65E+10"}'
    told = [str(fault) for number in read_lines(data, Intake(), "list", country="US").faulty for fault in number.faults]
    form = "a phone as people in US write it, with its area code, or with + and a country code"
    assert told == [
        f'list:3: [1].phone: found "5550101"; allowed: {form}',
        f'list:4: [2].phone: found "1.65E+10"; allowed: {form}; digits are lost: format the column as text where the '
        "file is made",
    ]


def test_a_phone_whose_zone_is_not_known_is_a_fault_once_it_is_read() -> None:
    numbers = [{"phone": "(650) 555-0100"}, {"phone": "650-055-0101"}]
    for read in lists(numbers, places=Places()):
        [faulty] = read.faulty
        assert faulty.position == 1
        assert [fault.found for fault in faulty.faults] == [
            '"+16500550101", which the numbering plan of +1 does not place'
        ]


def test_columns_may_name_the_phone() -> None:
    data = json.dumps([{"tel": "(650) 555-0100", "payload": {"phone": 1}}]).encode()
    assert read_json(data, Intake(), "list", {"phone": "tel"}, country="US").phones.tolist() == [116505550100]


@pytest.mark.parametrize("text", [b'{"ph\\u006fne": "650 555 0100"}', b'{"phone" : "\\u0036505550100"}'])
def test_a_number_that_is_spelt_with_escapes_is_read_all_the_same(text: bytes) -> None:
    assert read_lines(text, Intake(), "list", country="US").phones.tolist() == [116505550100]
