"""Bodies as JSON text beside a plain reader: no spelling makes a number be taken for another."""

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import CallPolicy
from engine.calling.policy import PolicyError
from engine.customers.outcomes import Segment
from engine.numbers.formats.bodies import MOST_FAULTY, MOST_WITH_LINES, read_body, read_json, read_lines, read_values
from engine.numbers.intake import Intake, Number, NumberList
from engine.progress import Step
from engine.reading.faults import Fault, InputError, Path
from engine.reading.json_values import MOST_DEPTH
from tests.oracle import frozen

Fields = dict[str, Any]


class Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written: keys that stand twice do so here."""


def plain(value: object, *, twice: bool) -> Any:
    """The value with objects as mappings, the last of equal keys counting; ValueError for such keys unless `twice`."""
    if isinstance(value, Pairs):
        if not twice and len({key for key, _ in value}) < len(value):
            raise ValueError("a key twice")
        return {key: plain(item, twice=twice) for key, item in value}
    return [plain(item, twice=twice) for item in value] if isinstance(value, list) else value


def plain_number(text: str) -> tuple[int, CallPolicy, object] | None:
    """Phone, policy and payload of a number's text, read the slow way; None if it is faulty."""
    number = json.loads(text, object_pairs_hook=Pairs)
    if not isinstance(number, Pairs) or len({key for key, _ in number}) < len(number):
        return None
    fields = dict(number)
    phone, payload = fields.pop("phone", None), fields.pop("payload", None)
    digits = str(phone) if isinstance(phone, int) else phone
    if not isinstance(digits, str) or not re.fullmatch(r"\+?[0-9]{5,15}", digits):
        return None
    if not isinstance(payload, Pairs | None):
        return None
    try:
        policy = CallPolicy.from_json({key: plain(value, twice=False) for key, value in fields.items()})
    except ValueError:
        return None
    return int("1" + digits.removeprefix("+")), policy, frozen(plain(payload, twice=True) or {})


VALUES: dict[str, list[str]] = {
    "phone": [
        *('"16505550000"', '"+16505550000"', "16505550000", '"\\u00316505550000"', '"016505550000"', "12345"),
        *('"1234"', "1234", "12345.0", "1e10", "-12345", "null", "true", '""', '"+"', "[12345]", '{"phone": 12345}'),
    ],
    "payload": [
        *("{}", "null", '{"a": 1}', '{"a": 2}', '{"a": 2, "a": 1}', '{"a":\t1.0}', '{"a": "1"}', '{"a": "}"}'),
        *('{"phone": 16505550000}', '{"payload": {"phone": "16505550000"}}', '{"a": "\\ud800"}', '{"a": 1e400}'),
        *('{"a": "\\"phone\\": 12345"}', "[]", "1", '"{}"', '{"a": {"b": 1, "b": 2}}'),
    ],
    "maxAttempts": ["2", "3", "2.0", '"2"', "null", "51", "[2]"],
    "gmtZone": ['"Z"', '"\\u005a"', '"+01:00"', '"Z|"', "null", '"phone"'],
    "dialerPriority": ["1", "5", '"1|5"', "null", '{"phone": 16505550000}', '{"a": 1, "a": 1}'],
    "allowedDays": ['["mon"]', '["mon","mon"]', "[]", '["monday"]'],
    "allowedTime": ["{}", '{"mon": []}', '{"mon": [], "mon": []}', '{"tue": []}'],
    "color": ["1"],
}
BLANKS = st.sampled_from(["", "", " ", "  ", "\t", "\r"])


@st.composite
def fields_(draw: st.DrawFn) -> tuple[str, str]:
    """A field: its name as JSON text, perhaps with an escape, and the text of its value."""
    name = draw(st.sampled_from([*VALUES]))
    value = draw(st.sampled_from(VALUES[name][:6] if draw(st.booleans()) else VALUES[name]))
    written = draw(st.sampled_from([name, name, name, f"\\u{ord(name[0]):04x}{name[1:]}"]))
    return f'"{written}"', value


@st.composite
def texts(draw: st.DrawFn) -> list[str]:
    """Numbers as text, much the same, in other spellings, and all of one length, so that blanks hide nothing."""
    fields = draw(st.lists(fields_(), max_size=4, unique_by=lambda field: field[0]))
    phones = st.sampled_from(VALUES["phone"][:5])
    made = []
    for _ in range(draw(st.integers(2, 6))):
        own = [
            *fields,
            ('"phone"', draw(phones)),
            *draw(st.lists(fields_() | st.sampled_from(fields or [('"color"', "1")]), max_size=1)),
        ]
        own = draw(st.permutations(own)) if draw(st.booleans()) else own
        blanks = draw(st.lists(BLANKS, min_size=4 * len(own), max_size=4 * len(own)))
        pieces = [
            f"{blanks[4 * place]}{name}{blanks[4 * place + 1]}:{blanks[4 * place + 2]}{value}{blanks[4 * place + 3]}"
            for place, (name, value) in enumerate(own)
        ]
        filled = draw(st.integers(0, len(pieces) - 1))
        room = 300 - len(",".join(pieces))
        pieces[filled] = draw(st.sampled_from([pieces[filled] + " " * room, " " * room + pieces[filled]]))
        made.append("{" + ",".join(pieces) + "}")
    return draw(st.lists(st.sampled_from(made), min_size=len(made), max_size=2 * len(made)))


def read_by(numbers: NumberList, intake: Intake) -> list[tuple[int, CallPolicy] | None]:
    """Phone and policy of each number, None of a faulty one."""
    distinct = intake.distinct.so_far()
    read: list[tuple[int, CallPolicy] | None] = [None] * numbers.given
    for position, phone, policy in zip(
        numbers.positions.tolist(), numbers.phones.tolist(), numbers.policies.tolist(), strict=True
    ):
        read[position] = phone, distinct[policy]
    return read


def assert_read_as_plainly(numbers: NumberList, intake: Intake, written: list[str]) -> None:
    """The numbers that the plain reader reads have its phones, policies and payloads, and the others are faulty."""
    expected = [plain_number(text) for text in written]
    assert read_by(numbers, intake) == [each and each[:2] for each in expected]
    assert [number.position for number in numbers.faulty] == [place for place, each in enumerate(expected) if not each]
    ids = numbers.payload_ids(np.arange(len(numbers.phones))).tolist()
    payloads = [each[2] for each in expected if each]
    assert [[one == other for other in ids] for one in ids] == [
        [one == other for other in payloads] for one in payloads
    ]


@settings(deadline=None)
@given(texts())
def test_a_body_is_read_as_a_plain_reader_reads_it(written: list[str]) -> None:
    intake = Intake([Segment(name="one", payload={"a": 1})])
    assert_read_as_plainly(read_lines("\n".join(written).encode(), intake, "list"), intake, written)
    intake = Intake([Segment(name="one", payload={"a": 1})])
    assert_read_as_plainly(read_json(f"[{','.join(written)}]".encode(), intake, "list"), intake, written)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(texts())
def test_a_body_is_read_as_a_plain_reader_reads_it_at_length(written: list[str]) -> None:
    intake = Intake()
    assert_read_as_plainly(read_lines("\n".join(written).encode(), intake, "list"), intake, written)


def lines_read(*written: str, columns: Mapping[str, str] | None = None) -> tuple[list[int], list[str]]:
    """The positions of the numbers without faults, and the faults of the others."""
    numbers = read_lines("\n".join(written).encode(), Intake(), "list", columns or {})
    return numbers.positions.tolist(), [str(fault) for number in numbers.faulty for fault in number.faults]


@pytest.mark.parametrize("other", ['"maxAttempts":9,"maxAttempts":2', '"maxAttempts":2,"maxAttempts":2'])
def test_a_field_that_is_there_twice_is_a_fault_where_blanks_would_take_as_much_room(other: str) -> None:
    blanks = " " * (len(other) - len('"maxAttempts":2'))
    good, bad = f'{{"phone":"12345",{blanks}"maxAttempts":2}}', f'{{"phone":"12345",{other}}}'
    assert len(good) == len(bad)
    assert lines_read(good, bad, good) == (
        [0, 2],
        ['list:2: [1]: found the key "maxAttempts" twice in one object; allowed: JSON'],
    )


@pytest.mark.parametrize(
    ("twice", "key"),
    [
        ('{"phone": "12345", "phone": "12345"}', "phone"),
        ('{"phone": "12345", "\\u0070hone": "12346"}', "phone"),
        ('{"phone": "12345", "payload": {}, "payload": {}}', "payload"),
        ('{"phone": "12345", "allowedTime": {"mon": [], "mon": []}}', "mon"),
        ('{"phone": "12345", "dialerPriority": {"a": 1, "a": 1}}', "a"),
        ('{"phone": "12345", "dialerPriority": [{"b": 1, "\\u0062": 1}], "payload": {"a": 1, "a": 1}}', "b"),
    ],
)
def test_a_key_twice_outside_of_the_payload_is_a_fault(twice: str, key: str) -> None:
    assert lines_read(twice) == ([], [f'list:1: [0]: found the key "{key}" twice in one object; allowed: JSON'])


def test_within_a_payload_the_last_of_equal_keys_counts() -> None:
    numbers = read_lines(
        b'{"phone": "12345", "payload": {"a": {"b": 1, "b": 2}}}\n{"phone": "12345", "payload": {"a": {"b": 2}}}',
        Intake([Segment(name="two", payload={"a": {"b": 2}})]),
        "list",
    )
    assert numbers.segments.tolist() == [1, 1]
    assert len({*numbers.payload_ids(np.arange(2)).tolist()}) == 1


@pytest.mark.parametrize(
    "payload",
    ['{"a": "\\ud800"}', '{"a": "\\ud800", "a": "\\udc00", "b": 1e999}', '{"a": ' + "9" * 5_000 + "}", '{"a": -1e400}'],
)
def test_payloads_that_few_readers_read_are_read_in_json_and_in_lines(payload: str) -> None:
    number = f'{{"phone": "12345", "payload": {payload}}}'
    whole = read_json(f'[{number}, {{"phone": "12346"}} ,\n{number}]'.encode(), Intake(), "list")
    lines = read_lines(f'{number}\n{{"phone": "12346"}}\n{number}'.encode(), Intake(), "list")
    assert whole.positions.tolist() == lines.positions.tolist() == [0, 1, 2]
    ids = whole.payload_ids(np.arange(3)).tolist()
    assert ids == lines.payload_ids(np.arange(3)).tolist()
    assert ids[0] == ids[2] != ids[1]


@pytest.mark.parametrize(
    ("levels", "good"), [(MOST_DEPTH - 2, True), (MOST_DEPTH - 1, False), (MOST_DEPTH, False), (900, False)]
)
def test_payloads_may_be_nested_as_deep_in_each_number(levels: int, good: bool) -> None:
    number = '{"phone": "12345", "payload": {"a": ' + "[" * levels + '"]]"' + "]" * levels + "}}"
    shallow = '{"phone": "12345", "payload": {"a": "' + "[" * levels + '"}}'
    for written in ([number, shallow, number], [shallow, number, number]):
        positions, faults = lines_read(*written)
        deep = [place for place, text in enumerate(written) if text == number]
        assert positions == ([0, 1, 2] if good else [place for place in range(3) if place not in deep])
        found = "found values nested too deep; allowed: JSON nested at most 500 deep"
        assert faults == [] if good else faults == [f"list:{place + 1}: [{place}]: {found}" for place in deep]


def test_a_line_of_a_hundred_thousand_brackets_is_one_fault() -> None:
    deep = "[" * 100_000
    found = "found values nested too deep; allowed: JSON nested at most 500 deep"
    assert lines_read('{"phone": "12345"}', deep, '{"phone": ' + deep) == (
        [0],
        [f"list:2: [1]: {found}", f"list:3: [2]: {found}"],
    )


def test_values_of_an_inline_list_that_are_nested_too_deep_are_a_fault() -> None:
    deep: object = []
    for _ in range(5_000):
        deep = [deep]
    for field in ("payload", "allowedTime", "phone", "dialerPriority"):
        numbers = read_values([{"phone": "12345", field: {"a": deep}}, {"phone": "12346"}], Intake())
        assert numbers.positions.tolist() == [1]
        assert len(numbers.faulty[0].faults) >= 1


@pytest.mark.parametrize(("depth", "positions"), [(499, [0, 1]), (500, [1])])
def test_an_inline_number_is_nested_at_most_500_deep_on_every_python(depth: int, positions: list[int]) -> None:
    payload: object = {}
    for _ in range(depth - 1):
        payload = {"a": payload}

    numbers = read_values([{"phone": "12345", "payload": payload}, {"phone": "12346"}], Intake())

    assert numbers.positions.tolist() == positions


# Lines


def test_a_line_holds_one_number() -> None:
    number = '{"phone": "12345"}'
    assert lines_read(f"{number}{number}", number, f"{number} {number}", "", "  \t\r", f"{number}\r{number}") == (
        [1],
        [
            f"list:{line}: [{place}]: found text that is not JSON (Extra data) at column {column}; allowed: JSON"
            for line, place, column in ((1, 0, 19), (3, 2, 20), (6, 3, 20))
        ],
    )
    positions, faults = lines_read('{"phone":', '"12345"}')
    assert positions == []
    assert len(faults) == 2


def test_blank_lines_are_skipped_and_counted_as_lines() -> None:
    assert lines_read("", " \r", '{"phone": "12345"}', "", "x", "") == (
        [0],
        ["list:5: [1]: found text that is not JSON (Expecting value) at column 1; allowed: JSON"],
    )


def test_every_fault_of_a_body_has_its_line() -> None:
    text = (
        '[\n  {"phone": "12345"}, {"phone": "1"},\n{\n"phone": "2",\n"allowedTime": {\n"mon": 5}}\n, [], {"phone": "1"}'
    )
    numbers = read_json(f"{text}]".encode(), Intake(), "list")
    assert [(fault.line, *fault.path) for number in numbers.faulty for fault in number.faults] == [
        (2, 1, "phone"),
        (4, 2, "phone"),
        (6, 2, "allowedTime", "mon"),
        (7, 3),
        (7, 4, "phone"),
    ]


def test_of_very_many_faulty_numbers_the_later_ones_have_the_line_on_which_they_begin() -> None:
    count = MOST_WITH_LINES + 2
    numbers = read_json(("[" + ",\n".join(['{\n"phone": "1"}'] * count) + "]").encode(), Intake(), "list")
    lines = [number.faults[0].line for number in numbers.faulty]
    assert lines[:3] == [2, 4, 6]
    assert lines[-2:] == [2 * count - 3, 2 * count - 1]


# Columns


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ({"phone": "tel"}, {"tel": "12345", "gmtZone": "+1"}),
        ({"phone": "gmtZone", "gmtZone": "phone"}, {"gmtZone": "12345", "phone": "+1"}),
        ({"phone": 'a "b"', "gmtZone": "zone"}, {'a "b"': "12345", "zone": "+1"}),
        ({"phone": "maxAttempts"}, {"maxAttempts": "12345", "gmtZone": "+1"}),
        ({"phone": "", "payload": "data"}, {"": "12345", "data": {"a": 1}, "gmtZone": "+1"}),
    ],
)
def test_fields_may_have_other_names(columns: Mapping[str, str], number: Fields) -> None:
    intake = Intake()
    numbers = read_json(json.dumps([number] * 2).encode(), intake, "list", columns)
    assert read_by(numbers, intake) == [(112345, CallPolicy.from_json({"gmtZone": "+1"}))] * 2
    assert (numbers.payload_ids(np.arange(2)) > 0).tolist() == ["data" in number] * 2


def test_a_field_that_another_name_stands_for_is_unknown_under_its_own() -> None:
    positions, faults = lines_read('{"tel": "12345", "phone": "12346"}', '{"phone": "12346"}', columns={"phone": "tel"})
    assert positions == []
    assert [fault.split(";")[0] for fault in faults] == [
        "list:1: [0].phone (see columns): found an unknown field",
        "list:2: [1].phone: found nothing",
        "list:2: [1].phone (see columns): found an unknown field",
    ]


@pytest.mark.parametrize("reader", [read_json, read_lines])
def test_columns_that_only_tables_have_are_refused_beside_others(reader: Any) -> None:
    with pytest.raises(InputError) as error:
        reader(b"[]", Intake(), "list", {"phone": "tel", "mon": "Monday", "payload.plan": "Plan"})
    assert [str(fault).split(";")[0] for fault in error.value.faults] == [
        "list: columns.mon: found a column that only tables have",
        "list: columns.payload.plan: found a column that only tables have",
    ]


class CountingIntake(Intake):
    """Counts the numbers that are read in earnest."""

    earnest = 0

    def number(self, number: object, path: Path, file: str | None) -> Number | tuple[Fault, ...]:
        """One number, counted."""
        self.earnest += 1
        return super().number(number, path, file)


def test_numbers_that_differ_in_phone_and_payload_alone_are_read_once() -> None:
    body = [{"phone": 16505550000 + place, "payload": {"place": place}, "maxAttempts": 3} for place in range(1_000)]
    for text in (json.dumps(body), json.dumps(body, separators=(",", ":")), json.dumps(body, indent=3)):
        intake = CountingIntake()
        assert len(read_json(text.encode(), intake, "list").phones) == 1_000
        assert intake.earnest == 1


@pytest.mark.parametrize("reader", [read_json, read_lines])
def test_progress_is_told_again_and_again(reader: Any) -> None:
    numbers = [json.dumps({"phone": 16505550000 + place}) for place in range(40_000)]
    text = "[" + ",".join(numbers) + "]" if reader is read_json else "\n".join(numbers)
    steps: list[Step] = []
    reader(text.encode(), Intake(), "list", {}, steps.append)
    assert steps == [Step("reading list", done, 40_000, "numbers") for done in (0, 16_384, 32_768)]


def test_a_policy_that_is_none_is_a_fault_of_each_number_that_has_it() -> None:
    with pytest.raises(PolicyError):
        CallPolicy.from_json({"maxAttempts": 51})
    positions, faults = lines_read(*['{"phone": "12345", "maxAttempts": 51}'] * 2, '{"phone": "12345"}')
    assert positions == [2]
    assert [fault.split(";")[0] for fault in faults] == [
        f"list:{line}: [{line - 1}].maxAttempts: found 51" for line in (1, 2)
    ]


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_lines_without_any_number_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="an empty list"):
        read_lines(text.encode(), Intake(), "list")


@pytest.mark.parametrize("good", [0, 20_000])
def test_a_body_of_nothing_but_faults_is_read_no_further_than_it_is_told(good: int) -> None:
    body = b"[" + b'{"phone": 16500000000},' * good + b"0," * 3 * MOST_FAULTY + b"0]"

    with pytest.raises(InputError) as refused:
        read_body(body, Intake())

    assert [fault.path for fault in refused.value.faults] == [(good + index,) for index in range(MOST_FAULTY)]
