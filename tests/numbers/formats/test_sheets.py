"""Sheets: what cells say, beside the numbers that they mean."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import CallPolicy
from engine.customers.outcomes import Segment
from engine.numbers.formats.bodies import read_values
from engine.numbers.formats.forms import FileForm
from engine.numbers.formats.sheets import read_sheet
from engine.numbers.intake import Intake, NumberList
from engine.numbers.payloads import payload_id
from engine.numbers.phonebook import phone_code, phone_text
from engine.reading.faults import InputError
from engine.reading.tables import Table, table_of

Fields = dict[str, Any]
FAULT: Any = object()
LEFT_OUT: Any = object()
DEEP = "[" * 100_000


def table(*args: Any, lines: bool = False) -> Table:
    """A frame of these cells as a table; with `lines`, row i is on line i + 2."""
    frame = pl.DataFrame(*args)
    read = table_of(frame)
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_numpy()
    return read._replace(lines=np.flatnonzero(filled) + 2) if lines else read


def hours(*pairs: tuple[str, str]) -> list[Fields]:
    return [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in pairs]


# What each text means as JSON: the oracle is this table.
TEXTS: dict[str, dict[str | None, Any]] = {
    "phone": {
        "16505550000": "16505550000",
        "+16505550000": "16505550000",
        "0016505550000": "0016505550000",
        "16505550000.0": "16505550000",
        **dict.fromkeys(
            [None, "", "1234", "1 650 555 0000", "16505550000.5", "1.65e10", "+", "\uff11\uff12345"], FAULT
        ),
    },
    "allowedTime": {
        None: LEFT_OUT,
        "10:00-18:00": {"default": hours(("10:00", "18:00"))},
        " 10:00 \u2013 12:00; 14:00-18:00 ": {"default": hours(("10:00", "12:00"), ("14:00", "18:00"))},
        "10:00-12:00 14:00-18:00": {"default": hours(("10:00", "12:00"), ("14:00", "18:00"))},
        "9-18": {"default": hours(("09:00", "18:00"))},
        "9:00-10:00": {"default": hours(("09:00", "10:00"))},
        "09:00:00 \u2013 24:00": {"default": hours(("09:00", "00:00"))},
        "00:00-24:00": {"default": hours(("00:00", "12:00"), ("12:00", "00:00"))},
        "Closed": {"default": []},
        "22:00-02:00": {"default": hours(("22:00", "02:00"))},
        "closed": {"default": []},
        "{}": {},
        '{"mon": [], "default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}': {
            "mon": [],
            "default": hours(("10:00", "18:00")),
        },
        **dict.fromkeys(
            [
                "",
                " ",
                "noon",
                "10-25",
                "9:00 AM-6:00 PM",
                "24h",
                "-",
                "n/a",
                "24:00-10:00",
                "10:00",
                "10:00-10:00",
                "10:00-18:00-20:00",
                "null",
            ],
            FAULT,
        ),
        **dict.fromkeys(['{"mon": [], "mon": []}', '{"mon": 5}', '{"mon": [', "[]", f'{{"mon": {DEEP}'], FAULT),
        "10:00-13:00, 12:00-14:00": FAULT,
    },
    "allowedDays": {
        None: LEFT_OUT,
        "mon": ["mon"],
        "mon,tue": ["mon", "tue"],
        " mon ;  tue mon ": ["mon", "tue", "mon"],
        "Mon": ["mon"],
        "monday": ["mon"],
        "mon-fri": ["mon", "tue", "wed", "thu", "fri"],
        "Sat \u2013 Mon": ["sat", "sun", "mon"],
        '["mon", "sun"]': ["mon", "sun"],
        "[]": [],
        **dict.fromkeys(["", " ", "noday", "mon,", "mon-", '["mon"', '"mon"', '{"mon": 1}', DEEP], FAULT),
    },
    "retryIntervalInMinutes": {
        None: LEFT_OUT,
        "60": 60,
        "0060": 60,
        "525600": 525_600,
        "60.0": 60,
        " 60 ": 60,
        **dict.fromkeys(["", "0", "-5", "525601", "60.5", "6e1", "+60", "sixty", "true", "9" * 5_000], FAULT),
    },
    "maxAttempts": {None: LEFT_OUT, "0": 0, "-0": 0, "50": 50, **dict.fromkeys(["", "51", "-1", "3.5"], FAULT)},
    "dialerPriority": {
        None: LEFT_OUT,
        "1": 1,
        "5": 5,
        "05": 5,
        "1.0": 1,
        **{text: text for text in ("", "6", "[1]", "high")},
    },
    "gmtZone": {None: LEFT_OUT, "Z": "Z", "+0530": "+05:30", **dict.fromkeys(["", "z", "EST5"], FAULT)},
    "startDateTime": {
        None: LEFT_OUT,
        "2026-03-02T09:00:00Z": "2026-03-02T09:00:00Z",
        **dict.fromkeys(["", "2026-03-02", "2026-03-02T09:00:00"], FAULT),
    },
    "payload": {
        None: LEFT_OUT,
        "{}": {},
        "null": {},
        '{"a": 1, "a": 2}': {"a": 2},
        ' {"a": "\\ud800"}': {"a": "\ud800"},
        '{"a": null}': {"a": None},
        **dict.fromkeys(["", "1", "[]", '{"a": NaN}', '{"a": 1', "a", '"{}"', f'{{"a": {DEEP}'], FAULT),
    },
}


def meant(row: Mapping[str, str | None]) -> Any:
    """The number that a row of texts means, or FAULT."""
    values = {name: TEXTS[name][text] for name, text in row.items()}
    return (
        FAULT if FAULT in values.values() else {name: value for name, value in values.items() if value is not LEFT_OUT}
    )


def read_as(numbers: NumberList, intake: Intake) -> dict[int, Any]:
    """Phone, policy, segment and payload of each number without fault, by its position."""
    distinct = intake.distinct.so_far()
    ids = numbers.payload_ids(np.arange(len(numbers.phones))).tolist()
    rows = zip(numbers.phones.tolist(), numbers.policies.tolist(), numbers.segments.tolist(), ids, strict=True)
    read = [(phone, distinct[policy], segment, payload) for phone, policy, segment, payload in rows]
    return dict(zip(numbers.positions.tolist(), read, strict=True))


SEGMENTS = [Segment(name="two", payload={"a": 2}), Segment(name="none", payload={"a": None})]


@st.composite
def rows_of_texts(draw: st.DrawFn) -> list[dict[str, str | None]]:
    """Rows of cells, most of them good and some the same."""
    columns = ["phone", *draw(st.lists(st.sampled_from([*TEXTS][1:]), unique=True))]
    good = {name: [text for text, value in TEXTS[name].items() if value is not FAULT] for name in columns}
    cells = {
        name: st.sampled_from(good[name]) | st.sampled_from(good[name]) | st.sampled_from([*TEXTS[name]])
        for name in columns
    }
    kinds = draw(st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=4))
    return draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=8))


@settings(deadline=None)
@given(rows_of_texts())
def test_cells_of_text_say_what_the_numbers_that_they_mean_say(rows: list[dict[str, str | None]]) -> None:
    if not any(any(text is not None for text in row.values()) for row in rows):
        return  # an empty list
    intake, plain = Intake(SEGMENTS), Intake(SEGMENTS)
    numbers = read_sheet(table(rows, dict.fromkeys(rows[0], pl.String)), intake, "list")

    filled = [place for place, row in enumerate(rows) if any(text is not None for text in row.values())]
    good = [place for place in filled if meant(rows[place]) is not FAULT]
    expected = read_values([meant(rows[place]) for place in good], plain) if good else None

    assert numbers.given == len(filled)
    assert [number.position for number in numbers.faulty] == [
        filled.index(place) for place in filled if place not in good
    ]
    assert all(number.faults for number in numbers.faulty)
    assert [*read_as(numbers, intake).values()] == ([*read_as(expected, plain).values()] if expected else [])
    assert numbers.positions.tolist() == [filled.index(place) for place in good]
    assert sum(numbers.changed_priorities.values()) == (sum(expected.changed_priorities.values()) if expected else 0)


def test_a_cell_that_is_no_object_or_no_hours_is_named_with_every_other_fault_of_its_row() -> None:
    row = {"phone": "1", "payload": "[]", "mon": "noon", "allowedDays": "noday", "maxAttempts": "51", "gmtZone": "z"}
    numbers = read_sheet(table([row, {"phone": "12345"}], lines=True), Intake(), "list")
    (number,) = numbers.faulty
    assert sorted(str(fault).split(";")[0] for fault in number.faults) == [
        'list:2: [0].allowedDays[0]: found "noday"',
        'list:2: [0].gmtZone: found "z"',
        "list:2: [0].maxAttempts: found 51",
        'list:2: [0].mon: found "noon"',
        'list:2: [0].payload: found "[]"',
        'list:2: [0].phone: found "1"',
    ]
    assert json.loads(number.number) == {
        "allowedDays": ["noday"],
        "gmtZone": "z",
        "maxAttempts": 51,
        "payload": "[]",
        "phone": "1",
    }


TEN = hours(("10:00", "18:00"))


@pytest.mark.parametrize(
    ("cells", "allowed_time"),
    [
        ({"mon": "10:00-18:00"}, {"mon": TEN}),
        ({"mon": "closed", "default": "10:00-18:00"}, {"mon": [], "default": TEN}),
        ({"mon": "closed", "allowedTime": "10:00-18:00"}, {"mon": [], "default": TEN}),
        ({"mon": None, "allowedTime": "10:00-18:00"}, {"default": TEN}),
        ({"sun": "10:00-18:00", "allowedTime": '{"default": []}'}, {"sun": TEN, "default": []}),
        ({"mon": hours(("10:00", "18:00")), "tue": []}, {"mon": TEN, "tue": []}),
        ({"mon": "10:00-18:00", "default": "closed", "allowedTime": None}, {"mon": TEN, "default": []}),
    ],
)
def test_columns_of_weekdays_make_an_allowed_time(cells: Fields, allowed_time: Fields) -> None:
    intake = Intake()
    numbers = read_sheet(table([{"phone": "12345", **cells}]), intake, "list")
    assert read_as(numbers, intake)[0][1] == CallPolicy.from_json({"allowedTime": allowed_time})


def test_hours_of_every_day_in_two_columns_are_a_fault() -> None:
    cells = {"phone": "12345", "default": "closed", "allowedTime": "10:00-18:00"}
    (number,) = read_sheet(table([cells]), Intake(), "list").faulty
    assert [str(fault) for fault in number.faults] == [
        "list: [0].default: found hours in allowedTime as well; allowed: one of the two columns"
    ]


MARCH = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "cells", "values"),
    [
        ("maxAttempts", pl.Series([3, None, 50], dtype=pl.Int8), [3, None, 50]),
        ("maxAttempts", pl.Series([3, None, 50], dtype=pl.UInt64), [3, None, 50]),
        ("maxAttempts", [3.0, float("nan"), 3.5], [3, None, FAULT]),
        ("maxAttempts", [float("inf"), -0.0, 51.0], [FAULT, 0, FAULT]),
        ("maxAttempts", pl.Series([Decimal(3), Decimal("3.5"), None], dtype=pl.Decimal(8, 1)), [3, FAULT, None]),
        ("maxAttempts", [True, None, False], [FAULT, None, FAULT]),
        ("maxAttempts", [time(3), None, time(4)], [FAULT, None, FAULT]),
        ("maxAttempts", [timedelta(3), None, timedelta(1)], [FAULT, None, FAULT]),
        ("maxAttempts", [b"3", None, b"\xff"], [3, None, FAULT]),
        ("maxAttempts", [None, None, None], [None, None, None]),
        ("maxAttempts", [["3"], [], None], [FAULT, FAULT, None]),
        ("dialerPriority", [1.0, 1.5, 6.0], [1, 5, 5]),
        ("dialerPriority", [timedelta(1), None, timedelta(2)], [5, None, 5]),
        (
            "startDateTime",
            [MARCH, None, MARCH + timedelta(microseconds=1)],
            ["2026-03-02T09:00:00Z", None, "2026-03-02T09:00:01Z"],
        ),
        (
            "startDateTime",
            pl.Series([MARCH, None, None]).dt.convert_time_zone("America/New_York"),
            ["2026-03-02T09:00:00Z", None, None],
        ),
        ("startDateTime", [MARCH.replace(tzinfo=None), None, None], [FAULT, None, None]),
        ("startDateTime", [date(2026, 3, 2), None, None], [FAULT, None, None]),
        ("gmtZone", pl.Series(["Z", None, "Z"], dtype=pl.Categorical), ["Z", None, "Z"]),
        ("gmtZone", pl.Series(["Z", None, "+1"], dtype=pl.Enum(["+1", "Z"])), ["Z", None, "+1"]),
        ("gmtZone", [1, None, 2], [FAULT, None, FAULT]),
        ("allowedDays", [["mon", "tue"], None, []], [["mon", "tue"], None, []]),
        ("allowedDays", [["mon", None], None, ["x"]], [FAULT, None, FAULT]),
        ("allowedDays", pl.Series([["mon", "tue"]] * 3, dtype=pl.Array(pl.String, 2)), [["mon", "tue"]] * 3),
        (
            "allowedTime",
            [{"mon": hours(("10:00", "18:00")), "tue": None}, None, {"mon": [], "tue": []}],
            [{"mon": TEN}, None, {"mon": [], "tue": []}],
        ),
        ("allowedTime", [{"mon": None}, None, {"mon": hours(("10:00", "18:00"))}], [{}, None, {"mon": TEN}]),
    ],
)
def test_typed_cells_say_what_their_values_say(column: str, cells: Any, values: list[Any]) -> None:
    sheet = table({"phone": ["12345", "12346", "12347"], column: cells})
    intake, plain = Intake(), Intake()
    numbers = read_sheet(sheet, intake, "list")
    good = [place for place, value in enumerate(values) if value is not FAULT]
    expected = [{"phone": f"1234{5 + place}", column: values[place]} for place in good]
    assert numbers.positions.tolist() == good
    if good:
        assert [*read_as(numbers, intake).values()] == [*read_as(read_values(expected, plain), plain).values()]


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ([12345, 999_999_999_999_999, 10**15], [112345, 1_999_999_999_999_999, None]),
        ([12345, 0, -12345], [112345, None, None]),
        (pl.Series([12345, 2**64 - 1, 1], dtype=pl.UInt64), [112345, None, None]),
        (pl.Series([12345, 10**25, None], dtype=pl.Int128), [112345, None, None]),
        ([12345.0, 12345.5, float("nan")], [112345, None, None]),
        ([1e20, float("inf"), 16505550000.0], [None, None, 116505550000]),
        (pl.Series([Decimal(12345), Decimal("12345.5"), None], dtype=pl.Decimal(20, 1)), [112345, None, None]),
        (pl.Series(["+12345", "x", None], dtype=pl.Categorical), [112345, None, None]),
        ([b"12345", b"\xff", None], [112345, None, None]),
        ([True, False, None], [None, None, None]),
        ([["12345"], [], None], [None, None, None]),
        ([{"a": "12345"}, {"a": "1"}, None], [None, None, None]),
        ([timedelta(1), None, None], [None, None, None]),
        ([None, None, None], [None, None, None]),
    ],
)
def test_phones_may_be_of_any_type_that_holds_digits(cells: Any, codes: list[int | None]) -> None:
    numbers = read_sheet(table({"phone": cells, "gmtZone": ["Z"] * 3}), Intake(), "list")
    assert numbers.positions.tolist() == [place for place, code in enumerate(codes) if code]
    assert numbers.phones.tolist() == [code for code in codes if code]


@given(
    st.lists(st.from_regex(r"\+?[0-9]{3,17}", fullmatch=True) | st.text("0123456789+-_ ,e٣\n", max_size=17), min_size=1)
)
@example(["1234", "12345", "00000", "9" * 15, "9" * 16, "++12345", "+12345", "-12345", "1_2345", "12345\n", " 12345"])
def test_a_text_is_the_phone_of_its_digits(cells: list[str]) -> None:
    numbers = read_sheet(table({"phone": pl.Series(cells, dtype=pl.String)}), Intake(), "list")
    assert numbers.positions.tolist() == [place for place, cell in enumerate(cells) if phone_code(cell)]
    assert numbers.phones.tolist() == [code for cell in cells if (code := phone_code(cell))]


@given(st.lists(st.integers(-1, 17).flatmap(lambda digits: st.integers(-1, 10 ** max(digits, 0))), min_size=1))
@example([9_999, 10_000, 99_999, 100_000, 10**15 - 1, 10**15, 2**63 - 1])
def test_an_integer_is_the_phone_of_its_digits(cells: list[int]) -> None:
    numbers = read_sheet(table({"phone": pl.Series(cells, dtype=pl.Int64)}), Intake(), "list")
    assert numbers.positions.tolist() == [place for place, cell in enumerate(cells) if phone_code(cell)]
    assert numbers.phones.tolist() == [code for cell in cells if (code := phone_code(cell))]


@pytest.mark.parametrize(
    ("cells", "payloads"),
    [
        ({"payload.a": ["1", "", None], "payload.b c": [None, "x", None]}, [{"a": "1"}, {"a": "", "b c": "x"}, {}]),
        ({"payload.a": [1, None, 2]}, [{"a": 1}, {}, {"a": 2}]),
        ({"payload.a": [1.0, 0.5, float("nan")]}, [{"a": 1}, {"a": 0.5}, {}]),
        ({"payload.a": [True, None, False]}, [{"a": True}, {}, {"a": False}]),
        ({"payload.a": [["x", None], [], None]}, [{"a": ["x", None]}, {"a": []}, {}]),
        ({"payload.a": [{"x": 1, "y": None}, None, {"x": None, "y": 2}]}, [{"a": {"x": 1}}, {}, {"a": {"y": 2}}]),
        ({"payload": [{"x": 1, "y": None}, None, {"x": None, "y": 2}]}, [{"x": 1}, {}, {"y": 2}]),
        ({"payload.a": [MARCH, None, None]}, [{"a": "2026-03-02T09:00:00+00:00"}, {}, {}]),
        ({"payload.a": [timedelta(hours=1), None, None]}, [{"a": "1:00:00"}, {}, {}]),
    ],
)
def test_payloads_may_be_columns_or_structs(cells: Mapping[str, Any], payloads: list[Fields]) -> None:
    intake = Intake([Segment(name="one", payload={"a": 1}), Segment(name="empty", payload={"a": ""})])
    numbers = read_sheet(table({"phone": ["12345"] * 3, **cells}), intake, "list")
    assert numbers.payload_ids(np.arange(3)).tolist() == [payload_id(payload) for payload in payloads]
    assert numbers.segments.tolist() == [intake.segments.of(payload) for payload in payloads]


@pytest.mark.parametrize(
    "cells", [["x", "1", "[]"], [1, 2, 3], [[1], [], [2]], [True, False, True], [b"\xff", b"", b"["]]
)
def test_payloads_that_are_not_objects_are_faults(cells: Any) -> None:
    numbers = read_sheet(table({"phone": ["12345"] * 3, "payload": cells}), Intake(), "list")
    faults = [str(fault) for number in numbers.faulty for fault in number.faults]
    assert [fault[: fault.index(" found")] for fault in faults] == [f"list: [{place}].payload:" for place in range(3)]
    assert all(fault.endswith("; allowed: an object") for fault in faults)


# Columns


def refused(columns: Mapping[str, str] | None = None, *names: str) -> list[str]:
    with pytest.raises(InputError) as error:
        read_sheet(table({name: ["12345"] for name in names}), Intake(), "list", FileForm(columns=columns or {}))
    return [str(fault).split(";")[0] for fault in error.value.faults]


def test_columns_may_have_other_names() -> None:
    columns = {"phone": "Tel.", "mon": "Monday", "payload.plan": "Plan", "gmtZone": "phone"}
    sheet = table({"phone": ["+1"], "Plan": ["gold"], "Monday": ["closed"], "Tel.": ["12345"]})
    intake = Intake([Segment(name="gold", payload={"plan": "gold"})])
    policy = CallPolicy.from_json({"allowedTime": {"mon": []}, "gmtZone": "+1"})
    assert read_as(read_sheet(sheet, intake, "list", FileForm(columns=columns)), intake) == {
        0: (112345, policy, 1, payload_id({"plan": "gold"}))
    }


def test_every_fault_of_the_columns_is_named_at_once() -> None:
    assert refused({"phone": "tel", "gmtZone": "zone"}, "tel", "color", "payload.", "maxAttempts") == [
        'list: columns.gmtZone: found no column "zone"',
        'list: found 2 unknown columns: "color", "payload." ("payload." is payload, perhaps)',
    ]
    assert refused({"phone": "tel"}, "phone", "tel", "payload", "payload.a") == [
        "list: phone: found a second column for phone",
        "list: payload: found columns of its fields as well",
    ]
    assert refused({"phone": "tel", "gmtZone": "zone"}, "phone", "gmtZone", "tel", "zone") == [
        "list: phone: found a second column for phone",
        "list: gmtZone: found a second column for gmtZone",
    ]
    assert refused({}, "gmtZone") == ["list: phone: found no such column"]
    assert refused({}, "Phone", "phone ") == ["list: phone : found a second column for phone"]


@pytest.mark.parametrize("title", ["Phone", "PHONE", " phone ", "pho_ne", "p-h-o-n-e", "\u00a0pho\u00a0ne\n"])
def test_a_title_may_have_any_case_and_blanks(title: str) -> None:
    titles = {title: ["12345"], "Max Attempts": ["3"], "max_attempts_": [None], "Payload.First Name": ["Ann"]}
    sheet = table({name: cells for name, cells in titles.items() if name != "max_attempts_"})
    intake = Intake()
    policy = CallPolicy.from_json({"maxAttempts": 3})
    read = read_as(read_sheet(sheet, intake, "list"), intake)
    assert read == {0: (112345, policy, 0, payload_id({"First Name": "Ann"}))}


CRM: dict[str, list[Any]] = {"First Name": ["Ann"], "Mobile Number": ["12345"], "Max Attempts": ["3"], "Notes": ["x"]}


def test_other_columns_go_into_the_payload_or_are_left_out() -> None:
    columns = {"phone": "mobile number"}
    for other, payload in (("payload", {"First Name": "Ann", "Notes": "x"}), ("ignore", {})):
        intake = Intake()
        form = FileForm(columns=columns, other_columns=other)  # type: ignore[arg-type]
        read = read_as(read_sheet(table(CRM), intake, "list", form), intake)
        assert read == {0: (112345, CallPolicy.from_json({"maxAttempts": 3}), 0, payload_id(payload))}


def test_one_message_names_all_unknown_columns_and_what_they_may_be() -> None:
    with pytest.raises(InputError) as error:
        read_sheet(table(CRM), Intake(), "list")
    unknown, missing = map(str, error.value.faults)
    assert (
        'found 3 unknown columns: "First Name", "Mobile Number", "Notes" ("Mobile Number" is phone, perhaps)' in unknown
    )
    assert "otherColumns: payload or ignore, --other-columns" in unknown
    assert "map one in columns: {phone: Mobile Number}" in missing


def test_a_list_that_is_not_on_the_first_sheet_is_told_of_the_others() -> None:
    others = '; or another sheet: "Two"'
    for frame in (pl.DataFrame({"Report": ["2026"]}), pl.DataFrame({"phone": []})):
        with pytest.raises(InputError, match=others):
            read_sheet(table(frame)._replace(other_sheets=others), Intake(), "list.xlsx")


def test_a_phone_may_be_made_of_two_columns() -> None:
    sheet = table(
        {"code": ["1", "44", None, None], "number": ["6505550000", "2071234567", "12345", None], "mon": ["closed"] * 4}
    )
    form = FileForm(columns={"phone": ("Code", "Number")})
    read = read_sheet(sheet, Intake(), "list", form)
    assert read.phones.tolist() == [116505550000, 1442071234567, 112345]
    [faulty] = read.faulty
    assert faulty.position == 3


@pytest.mark.parametrize(("codes", "kind"), [(["39.0", "1", None], pl.String), ([39.0, 1.0, None], pl.Float64)])
def test_whole_numbers_in_two_columns_make_the_phone_that_their_digits_make(codes: Any, kind: Any) -> None:
    sheet = table({"a": codes, "b": [3331234567.0, 6505550101.0, float("nan")]}, {"a": kind, "b": pl.Float64})
    numbers = read_sheet(sheet, Intake(), "f", FileForm(columns={"phone": ["a", "b"]}))
    assert [phone_text(phone) for phone in numbers.phones.tolist()] == ["393331234567", "16505550101"]


@pytest.mark.parametrize("columns", [{}, {"phone": ["code", "phone"]}])
def test_a_column_whose_type_loses_digits_of_phones_is_refused(columns: Any) -> None:
    sheet = table({"code": ["1"], "phone": [16505550101.0]}, {"code": pl.String, "phone": pl.Float32})
    with pytest.raises(InputError, match="phone: found a column of Float32, which loses digits of phones; allowed: te"):
        read_sheet(sheet, Intake(), "f", FileForm(columns=columns, other_columns="ignore"))


def test_a_fault_names_the_title_of_its_column() -> None:
    sheet = table({"Tel": ["x"], "Max Attempts": ["51"], "Tries": ["1"]})
    form = FileForm(columns={"phone": "Tel", "retryIntervalInMinutes": "Tries"})
    [faulty] = read_sheet(sheet, Intake(), "list", form).faulty
    told = sorted(str(fault).split(";")[0] for fault in faulty.faults)
    assert told == ["list: [0].maxAttempts: found 51", 'list: [0].phone (column "Tel"): found "x"']


def test_an_unnamed_column_of_empty_cells_is_ignored() -> None:
    sheet = table({"phone": ["12345"], "column 2": [None]}, {"phone": pl.String, "column 2": pl.String})
    assert read_sheet(sheet, Intake(), "list").phones.tolist() == [112345]
    assert read_sheet(table({"phone": ["12345"], "column 2": [" "]}), Intake(), "list").phones.tolist() == [112345]
    filled = table({"phone": ["12345"], "column 2": ["x"]})
    with pytest.raises(InputError, match='an unknown column: "column 2"'):
        read_sheet(filled, Intake(), "list")


def test_rows_that_are_wholly_empty_are_skipped_and_keep_the_lines_of_the_others() -> None:
    sheet = table({"phone": [None, "12345", None, "1"], "gmtZone": [None, None, None, "Z"]}, lines=True)
    numbers = read_sheet(sheet, Intake(), "list")
    assert (numbers.given, numbers.positions.tolist()) == (2, [0])
    assert [str(fault).split(";")[0] for fault in numbers.faulty[0].faults] == ['list:5: [1].phone: found "1"']
    with pytest.raises(InputError, match="an empty list"):
        read_sheet(table({"phone": [None]}), Intake(), "list")


def test_zones_of_instants_do_not_matter() -> None:
    there = MARCH.astimezone(timezone(timedelta(hours=-5)))
    intake = Intake()
    sheet = table(
        {"phone": ["12345", "12346"], "startDateTime": [str(there).replace(" ", "T"), "2026-03-02T09:00:00Z"]}
    )
    assert read_sheet(sheet, intake, "list").policies.tolist() == [0, 0]


def test_a_column_that_would_be_a_field_of_the_payload_twice_is_a_fault() -> None:
    sheet = table({"phone": ["12345"], "payload.a": ["1"], "a": ["2"]})
    with pytest.raises(InputError, match=r"a: found a second column for payload\.a"):
        read_sheet(sheet, Intake(), "list", FileForm(other_columns="payload"))


def test_a_weekday_may_be_written_out() -> None:
    intake = Intake()
    read = read_as(read_sheet(table({"phone": ["12345"], "Monday": ["9-18"]}), intake, "list"), intake)
    hours_of_monday = {"mon": hours(("09:00", "18:00"))}
    assert read[0][1] == CallPolicy.from_json({"allowedTime": hours_of_monday})


def test_digits_that_are_no_phone_of_the_country_are_a_fault() -> None:
    cells = ["(650) 555-0100", "5550100", "abc", "+442079460018", None]
    numbers = read_sheet(table({"phone": cells, "mon": ["closed"] * 5}), Intake(), "list", FileForm(country="US"))
    assert numbers.phones.tolist() == [116505550100, 1442079460018]
    told = [str(fault).split(";")[0] for number in numbers.faulty for fault in number.faults]
    assert told == [
        f"list: [{place}].phone: found {found}" for place, found in ((1, '"5550100"'), (2, '"abc"'), (4, "nothing"))
    ]


def test_phones_that_get_the_code_with_which_they_begin_are_told() -> None:
    sheet = table({"phone": ["491701234567", "0170 1234567"]})
    [note] = read_sheet(sheet, Intake(), "list", FileForm(country="DE")).notes
    assert note.text == (
        "phones that begin with the country's code and got it once more; if it is theirs, write + before it: 1"
    )
    assert (note.kind, note.count) == ("country_code_twice", 1)
