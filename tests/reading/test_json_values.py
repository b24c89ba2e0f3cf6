"""JSON is read as strictly as its use asks, and every value has the line on which it stands."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.reading.faults import Path
from engine.reading.json_values import (
    NotJsonError,
    any_json_value,
    array_items,
    count_of_items,
    json_value,
    json_value_around,
    lines_of,
)

LARGEST = 1.7976931348623157e308
TEXTS = st.text(st.sampled_from('ab"\\{}[]:,\n\t é\ud800'), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
INDENTS = st.sampled_from([None, 0, 1, "\t"])
"""None writes all on one line, 0 each value on a line of its own."""


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values within a value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from paths(item, (*path, step))


def marked(value: Any, path: Path) -> Any:
    """The value with the one at a path, or its key, replaced by a text that stands nowhere else."""
    step, *rest = path
    if isinstance(value, dict):
        return {
            ("MARK" if key == step and not rest else key): marked(item, tuple(rest)) if key == step and rest else item
            for key, item in value.items()
        }
    items = list(value)
    items[int(step)] = marked(items[int(step)], tuple(rest)) if rest else "MARK"
    return items


@given(VALUES, INDENTS, st.booleans())
def test_the_line_of_a_value_is_that_of_its_key_or_of_itself(value: Any, indent: Any, ascii_only: bool) -> None:
    lines = lines_of(json.dumps(value, indent=indent, ensure_ascii=ascii_only))

    for path in paths(value):
        if path:
            text = json.dumps(marked(value, path), indent=indent)
            assert lines.of(path) == text.count("\n", 0, text.index('"MARK"')) + 1
    assert lines.of(()) == 1


@pytest.mark.parametrize(
    ("path", "line"), [((), 1), (("a",), 6), (("a", 1), 8), (("a", 2), 6), (("b",), 1), (("a", "b"), 6), ((0,), 1)]
)
def test_what_is_not_there_has_the_line_around_it_and_of_equal_keys_the_last_counts(path: Path, line: int) -> None:
    assert lines_of('{"a"\n:\n[\n5,\n6],\n"a":\n[1,\n2], "0":\n3}').of(path) == line


@given(VALUES)
def test_all_readings_agree_on_json_without_oddities(value: Any) -> None:
    text = json.dumps(value)

    assert json_value(text) == any_json_value(text) == json_value_around(text, "payload") == value


READINGS: dict[str, Callable[[str], Any]] = {
    "strict": json_value,
    "any": any_json_value,
    "around": lambda text: json_value_around(text, "payload"),
}


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("text", ["", "{", "[1,\n2,\n]", "NaN", "[Infinity]", "{} {}", "a: 1", '"\x07"'])
def test_what_is_no_json_is_refused_by_every_reading(reading: str, text: str) -> None:
    with pytest.raises(NotJsonError):
        READINGS[reading](text)


ODD = {
    "outside": '{"phone": {"a": 1, "a": 2}, "payload": {}}',
    "twice outside": '{"phone": 1, "phone": 2}',
    "inside": '{"phone": 1, "payload": {"a": [{"b": 1, "b": 2}]}}',
    "the field twice": '{"payload": {"a": 1}, "payload": {"a": 2}}',
}


@pytest.mark.parametrize(
    ("name", "refusing"),
    [
        ("outside", {"strict", "around"}),
        ("twice outside", {"strict", "around"}),
        ("inside", {"strict"}),
        ("the field twice", {"strict", "around"}),
    ],
)
def test_a_key_twice_is_refused_as_far_as_the_reading_is_strict(name: str, refusing: set[str]) -> None:
    for reading, read in READINGS.items():
        if reading in refusing:
            with pytest.raises(NotJsonError, match="twice in one object"):
                read(ODD[name])
        else:
            assert read(ODD[name]) == json.loads(ODD[name])


@pytest.mark.parametrize(("text", "value"), [("9" * 5_000, LARGEST), ("-1e999", -LARGEST), ("[1e999]", [LARGEST])])
def test_a_payload_takes_a_number_out_of_range_as_the_largest(text: str, value: object) -> None:
    assert any_json_value(text) == json_value_around(text, "payload") == value


@given(st.lists(VALUES, min_size=1), INDENTS)
def test_an_array_is_cut_into_the_texts_of_its_items(values: list[Any], indent: Any) -> None:
    items = array_items(json.dumps(values, indent=indent).encode())

    assert [json.loads(bytes(item)) for item in items] == values


def test_what_is_no_array_has_no_items() -> None:
    with pytest.raises(msgspec.ValidationError):
        array_items(b'{"a": 1}')
    with pytest.raises(NotJsonError) as error:
        array_items(b"[1,\n2,\n")
    assert error.value.line == 3


@given(VALUES)
def test_items_are_counted_without_being_split(value: Any) -> None:
    items = [value, [value], {"a": value}]
    assert count_of_items(json.dumps(items).encode()) == len(items)
