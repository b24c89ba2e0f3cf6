"""A fault says where it is, what was found there and what is allowed."""

import pickle

import pytest

from engine.calling.policy import PolicyError
from engine.reading.faults import Fault, InputError, Path, by_kind, path_text, shown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("campaign",), "campaign"),
        (("campaign", "lines"), "campaign.lines"),
        ((17, "alowedTime"), "[17].alowedTime"),
        (("numbers", 0, "generate", "count"), "numbers[0].generate.count"),
        ((0, 1, "a"), "[0][1].a"),
        ((0, "payload.a b"), "[0].payload.a b"),
        ((0, "a\nb\x1b"), '[0]."a\\nb\\u001b"'),
        (("x" * 61,), '"' + "x" * 56 + "…"),
    ],
)
def test_a_path_is_written_as_people_write_it(path: Path, text: str) -> None:
    assert path_text(path) == text


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault((), "5", "text"), "found 5; allowed: text"),
        (Fault(("a", 1), "5", "text"), "a[1]: found 5; allowed: text"),
        (Fault(("a",), "5", "text", "f.yaml"), "f.yaml: a: found 5; allowed: text"),
        (Fault(("a",), "5", "text", "f.yaml", 3), "f.yaml:3: a: found 5; allowed: text"),
        (Fault((), "5", "text", "f.yaml", 3), "f.yaml:3: found 5; allowed: text"),
    ],
)
def test_a_fault_is_its_place_and_what_was_found_and_is_allowed(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_a_fault_of_a_part_is_a_fault_of_the_whole_further_down() -> None:
    fault = Fault(("mon", 0), "5", "text", "f.yaml", 3)

    assert fault.under("campaign", "allowedTime") == Fault(
        ("campaign", "allowedTime", "mon", 0), "5", "text", "f.yaml", 3
    )


def test_an_error_says_all_its_faults_a_line_each() -> None:
    error = InputError(Fault((name,), "5", "text") for name in "ab")

    assert str(error) == "a: found 5; allowed: text\nb: found 5; allowed: text"
    assert [fault.path for fault in error.faults] == [("a",), ("b",)]


@pytest.mark.parametrize("kind", [InputError, PolicyError])
def test_an_error_keeps_its_faults_between_processes(kind: type[InputError]) -> None:
    error = kind([Fault(("a", 1), "5", "text", "f.yaml", 3)])

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)

    assert type(copy) is kind
    assert copy.faults == error.faults


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (5, "5"),
        ("no", '"no"'),
        ("a\nb\x1b", '"a\\nb\\u001b"'),
        ("käse", '"käse"'),
        ({"a": [1, 2.5]}, '{"a": [1, 2.5]}'),
        ("x" * 58, '"' + "x" * 58 + '"'),
        ("x" * 59, '"' + "x" * 56 + "…"),
        ("a\u200bb\U000e0001c", r'"a\u200bb\U000e0001c"'),
        ("\u200b0\U0010ffff", r'"\u200b0\U0010ffff"'),
        ("\U0001f600", '"\U0001f600"'),
        (r"\u200b", r'"\\u200b"'),
        ("\u200b" * 100, '"' + r"\u200b" * 9 + "…"),
        ("x" * 54 + "\U000e0001", '"' + "x" * 54 + "…"),
    ],
)
def test_a_found_value_is_shown_in_the_spelling_of_json(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_value_that_json_cannot_spell_is_shown_by_its_type() -> None:
    endless: list[object] = []
    endless.append(endless)

    assert shown(10**5_000) == "a value of type int"
    assert shown(endless) == "a value of type list"


def test_faults_are_counted_by_what_is_wrong_wherever_they_are() -> None:
    faults = [
        *(Fault((place, "phone"), shown(place), "digits", "a.json", place) for place in range(3)),
        Fault((7, "phone"), "nothing", "digits"),
        Fault((7, "color"), "an unknown field", "phone, payload"),
        Fault((8, "color"), "an unknown field", "colour, perhaps"),
        Fault((8, "allowedTime", "mon", 3, "localTimeTo"), "5", "a time"),
        Fault((9, "allowedTime", "mon", 5, "localTimeTo"), "6", "a time"),
        Fault((), "an empty file", "text"),
    ]

    kinds = by_kind(faults)

    assert list(kinds.items()) == [
        ("phone: allowed: digits", 3),
        ("color: an unknown field", 2),
        ("allowedTime.mon.localTimeTo: allowed: a time", 2),
        ("phone: nothing", 1),
        ("allowed: text", 1),
    ]
    assert sum(kinds.values()) == len(faults)


def test_no_faults_are_of_no_kind() -> None:
    assert by_kind([]) == {}
