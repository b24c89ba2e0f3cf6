"""Frames: a number is cut as JSON is read, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers.formats.frames import FIELDS, frame_of

NAMES = {name: name for name in FIELDS}
VALUES: dict[str, st.SearchStrategy[str]] = {
    "phone": st.sampled_from(
        ["16505550100", '"16505550100"', '"+16505550100"', '"+1"', "016505", '"1650555', "null", "1.5e9"]
    ),
    "payload": st.sampled_from(
        ["{}", "null", '{"a": "}"}', '{"a": {"b": 1}}', '{"a": ', "[]", '"x"', '{"maxAttempts": 3}']
    ),
    "startDateTime": st.sampled_from(['"2026-03-02T00:00:00Z"', '"x", "maxAttempts": 2', "7"]),
    "maxAttempts": st.sampled_from(["1", "12", '"1"', "[1, 2]"]),
    "gmtZone": st.sampled_from(['"Z"', '"a, \\"b"', '"}"']),
}


def written(values: dict[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"


def texts_of(values: dict[str, str]) -> list[bytes]:
    return [values.get(name, "").encode() for name in FIELDS]


@given(st.permutations([*VALUES]), st.data())
def test_texts_with_the_same_frame_are_cut_into_their_values(order: list[str], data: st.DataObject) -> None:
    names = [name for name in order if name == "phone" or data.draw(st.booleans())]
    good = {name: {"phone": "16505550100", "payload": "{}"}.get(name, "1") for name in names}
    frame = frame_of(written(good).encode(), NAMES, texts_of(good))
    values = {name: data.draw(VALUES[name]) for name in names}
    assert frame is not None
    found = frame.cut(written(values).encode())

    try:
        number: Any = json.loads(written(values))
    except json.JSONDecodeError:
        number = None
    if found is None:
        return
    digits, payload, *policy = found
    try:
        cut = [json.loads(text) for text in policy]
    except json.JSONDecodeError:
        return  # whoever reads these texts refuses them
    assert number is not None
    assert [number[FIELDS[place + 2]] for place in frame.places] == cut
    assert str(number["phone"]).removeprefix("+") == digits.decode()
    assert not frame.groups[1] or number["payload"] == json.loads(payload)


@pytest.mark.parametrize("phone", ["16505550100", '"16505550100"', '"+16505550100"'])
def test_phones_may_be_written_in_each_of_their_ways(phone: str) -> None:
    good = {"phone": "12345", "maxAttempts": "1"}
    frame = frame_of(written(good).encode(), NAMES, texts_of(good))

    assert frame is not None
    assert frame.cut(written(good | {"phone": phone}).encode()) == (
        b"16505550100",
        written(good | {"phone": phone}).encode(),
        b"1",
    )


def test_a_name_that_is_spelt_with_escapes_makes_no_frame() -> None:
    text = b'{"phone": 12345, "m\\u0061xAttempts": 1}'

    assert frame_of(text, NAMES, texts_of({"phone": "12345", "maxAttempts": "1"})) is None


def test_a_number_without_a_phone_makes_no_frame() -> None:
    assert frame_of(b'{"maxAttempts": 1}', NAMES, texts_of({"maxAttempts": "1"})) is None
