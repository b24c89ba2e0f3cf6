"""Lists: number files by pattern, columns of other names, numbers left out."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine import CallPolicy, Scenario, ScenarioError, simulate
from engine.numbers.phonebook import phone_text
from tests.scenario.documents import GOOD, HOURS, faults, plain, refused


@pytest.mark.parametrize(
    ("phones", "fault"),
    [
        ([], "phones.json:1: found an empty list; allowed: at least one number"),
        ({}, "phones.json:1: found {}; allowed: an array of numbers, [{phone: …}, …]"),
        ([{"phone": "1234"}], 'phones.json:3: [0].phone: found "1234"; allowed: 5 to 15 digits with an optional'),
        ([{"phone": "1234567890123456"}], "phones.json:3: [0].phone: found"),
        ([{"phone": "12345", "payload": 5}], "phones.json:4: [0].payload: found 5; allowed: an object"),
    ],
)
def test_number_files_that_are_none_are_refused(tmp_path: Path, phones: object, fault: str) -> None:
    (found,) = refused(tmp_path, GOOD, phones)
    assert found.startswith(fault)


def test_the_faults_of_an_inline_list_keep_their_place_behind_a_made_up_one() -> None:
    numbers: list[object] = [{"generate": {"count": 5}}, {"addPhones": [{"phone": "1650"}]}]
    for parts in ({"numbers": numbers}, {"numbers": numbers, "finish": "tomorrow"}):
        assert any(fault.startswith("numbers[1].addPhones[0].phone: ") for fault in faults(**parts))


def files(folder: Path, **contents: str) -> None:
    for name, content in contents.items():
        (folder / name.replace("_", ".")).write_text(content)


def listed(folder: Path, *parts: dict[str, Any], **more: object) -> Scenario:
    return Scenario.from_document(plain(numbers=[*parts], **more), folder)


def fault_texts(folder: Path, *parts: dict[str, Any], **more: object) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        listed(folder, *parts, **more)
    return [str(fault).replace(f"{folder}/", "") for fault in error.value.faults]


def called(scenario: Scenario) -> dict[str, int]:
    """Each phone, and the minute of the day at which it was added."""
    book = scenario.phonebook
    minutes = [(added - scenario.document.start) // 60 for added in book.added.tolist()]
    return dict(zip(map(phone_text, book.phone_codes.tolist()), minutes, strict=True))


GAPS = """[{"phone": "11111"}, {"phone": "1"}, {"phone": "22222"}, {"phone": "33333", "maxAttempts": "3"},
{"phone": "44444"}]"""


FOUR = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:05:00Z"}


def test_numbers_with_faults_are_left_out_if_asked_and_the_others_arrive_when_they_would_have(tmp_path: Path) -> None:
    files(tmp_path, a_json=GAPS)

    scenario = listed(tmp_path, {"file": "a.json", "added": FOUR, "skipFaulty": True})

    assert called(scenario) == {"11111": 0, "22222": 2, "44444": 4}
    assert [*map(str, scenario.warnings)] == ["numbers with faults that are left out: 2"]
    assert [(number.file, number.position, number.number) for number in scenario.faulty] == [
        (str(tmp_path / "a.json"), 1, b'{"phone": "1"}'),
        (str(tmp_path / "a.json"), 3, b'{"phone": "33333", "maxAttempts": "3"}'),
    ]
    assert [str(fault).replace(f"{tmp_path}/", "") for number in scenario.faulty for fault in number.faults] == [
        'a.json:1: [1].phone: found "1"; allowed: 5 to 15 digits with an optional leading +',
        'a.json:1: [3].maxAttempts: found "3"; allowed: an integer from 0 to 50',
    ]


@pytest.mark.parametrize("arrivals", ["evenly", "poisson"])
def test_the_luck_and_the_arrivals_of_the_others_do_not_change_with_the_faulty_ones(
    tmp_path: Path, arrivals: str
) -> None:
    good = [{"phone": str(16505550000 + place)} for place in range(8)]
    bad = [{"phone": "1"} if place in (0, 3, 7) else number for place, number in enumerate(good)]
    files(tmp_path, good_json=json.dumps(good), bad_json=json.dumps(bad))

    whole = called(listed(tmp_path, {"file": "good.json", "added": {**FOUR, "arrivals": arrivals}}))
    part = {"added": {**FOUR, "arrivals": arrivals}, "skipFaulty": True}
    left = called(listed(tmp_path, {"file": "bad.json", **part}))

    assert left == {phone: minute for phone, minute in whole.items() if {"phone": phone} in bad}
    assert left == called(listed(tmp_path, {"addPhones": bad, **part}))


@pytest.mark.parametrize(
    ("top", "part", "skips"),
    [(None, None, False), (True, None, True), (True, False, False), (False, True, True), (None, True, True)],
)
def test_what_a_part_says_of_faulty_numbers_comes_before_what_the_scenario_says(
    tmp_path: Path, top: bool | None, part: bool | None, skips: bool
) -> None:
    files(tmp_path, a_csv="phone\n1\n12345\n")
    one = {"file": "a.csv", **({} if part is None else {"skipFaulty": part})}
    more = {} if top is None else {"skipFaulty": top}
    if skips:
        assert called(listed(tmp_path, one, **more)) == {"12345": 0}
    else:
        assert [fault.split(";")[0] for fault in fault_texts(tmp_path, one, **more)] == [
            'a.csv:2: [0].phone: found "1"'
        ]


def test_a_list_of_faulty_numbers_alone_leaves_nobody_to_call(tmp_path: Path) -> None:
    files(tmp_path, a_ndjson='{"phone": "1"}\nx\n')
    scenario = listed(tmp_path, {"file": "a.ndjson", "skipFaulty": True})
    assert len(scenario.phonebook) == 0
    assert [number.number for number in scenario.faulty] == [b'{"phone": "1"}', b"x"]
    assert simulate(scenario).figures.numbers.total == 0


def test_a_file_that_cannot_be_used_as_a_whole_is_a_fault_all_the_same(tmp_path: Path) -> None:
    files(tmp_path, a_json="[", b_csv="number\n12345\n", c_json='[{"phone": "1"}]')
    found = fault_texts(tmp_path, {"file": "?.*", "skipFaulty": True})
    assert [fault.split(" ")[0] for fault in found] == ["a.json:1:", "b.csv:", "b.csv:"]


def test_faulty_priorities_and_duplicates_are_not_counted_among_those_left_out(tmp_path: Path) -> None:
    files(tmp_path, a_json=json.dumps([{"phone": "1", "dialerPriority": 9}, {"phone": "12345", "dialerPriority": 9}]))
    assert tuple(map(str, listed(tmp_path, {"file": "a.json", "skipFaulty": True}).warnings)) == (
        "dialerPriority that is not 1 to 5 counts as 5: 1 of the numbers (9: 1)",
        "numbers with faults that are left out: 1",
    )


def test_files_of_a_pattern_arrive_in_the_order_of_their_names_as_if_they_were_one(tmp_path: Path) -> None:
    files(
        tmp_path,
        b_json='[{"phone": "33333"}, {"phone": "44444"}]',
        a_csv="phone\n11111\n22222\n",
        c_ndjson='{"phone": 55555}',
    )
    (tmp_path / "sub").mkdir()
    files(tmp_path / "sub", d_json='[{"phone": "66666"}]')

    scenario = listed(tmp_path, {"file": "?.*", "added": FOUR})

    assert called(scenario) == {"11111": 0, "22222": 1, "33333": 2, "44444": 3, "55555": 4}
    assert [Path(read.file).name for read in scenario.inputs] == ["a.csv", "b.json", "c.ndjson"]
    data = (tmp_path / "a.csv").read_bytes()
    assert scenario.inputs[0][1:] == (len(data), hashlib.sha256(data).hexdigest())
    assert [*called(listed(tmp_path, {"file": "**/*.json"}))] == ["33333", "44444", "66666"]


def test_a_pattern_that_no_file_fits_is_a_fault(tmp_path: Path) -> None:
    assert fault_texts(tmp_path, {"file": "*.csv"}) == [
        "*.csv: found no file that fits the pattern; allowed: a pattern of files that exist"
    ]


def test_columns_give_fields_other_names_in_every_format(tmp_path: Path) -> None:
    columns = {"phone": "Tel.", "gmtZone": "zone"}
    numbers = [{"Tel.": "11111", "zone": "+1"}, {"Tel.": "22222", "zone": None}]
    pl.DataFrame(numbers).write_parquet(tmp_path / "a.parquet")
    files(
        tmp_path,
        a_json=json.dumps(numbers),
        a_ndjson="\n".join(map(json.dumps, numbers)),
        a_csv="zone;Tel.\n+1;11111\n;22222\n",
    )
    for suffix in ("json", "ndjson", "csv", "parquet"):
        book = listed(tmp_path, {"file": f"a.{suffix}", "columns": columns}).phonebook
        assert [phone_text(code) for code in book.phone_codes.tolist()] == ["11111", "22222"]
        assert [book.distinct[policy].gmt_zone for policy in book.policies.tolist()] == ["+01:00", None]


def test_a_scenario_may_make_the_phone_of_two_columns(tmp_path: Path) -> None:
    files(tmp_path, a_csv="code,number\n1,6505550100\n44,2079460018\n")
    book = listed(tmp_path, {"file": "a.csv", "columns": {"phone": ["code", "number"]}}).phonebook
    assert [phone_text(code) for code in book.phone_codes.tolist()] == ["16505550100", "442079460018"]


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        (
            {"columns": {"phones": "Tel."}},
            "numbers[0].columns.phones: found an unknown field; allowed: phone",
        ),
        (
            {"columns": {"Hours": "allowedTime"}},
            "numbers[0].columns.Hours: found an unknown field; allowed: {allowedTime: Hours}, perhaps: the field comes "
            "first",
        ),
        ({"columns": {"payload.": "Tel."}}, "numbers[0].columns.payload.: found an unknown field"),
        ({"columns": {"phone": "Tel."}}, 'a.csv: columns.phone: found no column "Tel."; allowed: number'),
        ({"columns": {"phone": 5}}, "numbers[0].columns.phone: found 5; allowed: text"),
        ({"columns": ["Tel."]}, "numbers[0].columns: found"),
        (
            {"columns": {"phone": "number", "gmtZone": "number"}},
            'numbers[0].columns.gmtZone: found "number", which is the column of phone already; allowed: another column',
        ),
        (
            {"columns": {"phone": ["number", "number"]}},
            'numbers[0].columns.phone: found a column twice, ["number", "number"]; allowed: each column once',
        ),
        ({"skipFaulty": "yes"}, 'numbers[0].skipFaulty: found "yes"; allowed: true or false'),
        ({"file": "a.json", "columns": {"mon": "Monday"}}, "a.json: columns.mon: found a column that only tables have"),
    ],
)
def test_columns_that_are_none_are_refused(tmp_path: Path, part: dict[str, Any], fault: str) -> None:
    files(tmp_path, a_csv="number\n12345\n", a_json="[]")
    assert any(each.startswith(fault) for each in fault_texts(tmp_path, {"file": "a.csv", **part}))


def test_any_field_of_the_payload_and_any_weekday_may_be_a_column_of_another_name(tmp_path: Path) -> None:
    columns = {"payload.plan": "Plan", "payload.a": "A", "payload.zone": "Zone", "mon": "Monday", "default": "Any day"}
    files(tmp_path, a_csv="phone,Plan,A,Zone,Monday,Any day\n12345,gold,b,c,closed,10:00-18:00\n")
    segment = {"name": "gold", "payload": {"plan": "gold", "a": "b", "zone": "c"}}
    book = listed(tmp_path, {"file": "a.csv", "columns": columns}, segments=[segment]).phonebook
    assert book.segments.tolist() == [1]
    assert book.distinct == (CallPolicy.from_json({"allowedTime": {**HOURS, "mon": []}}),)


def test_columns_beside_what_is_no_file_are_refused(tmp_path: Path) -> None:
    part = {"addPhones": [{"phone": "12345"}], "columns": {"phone": "Tel."}}
    assert fault_texts(tmp_path, part) == ["numbers[0].columns: found what only a file has; allowed: it beside file"]


def test_standard_input_can_be_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"phone\n12345\n")))
    assert called(listed(tmp_path, {"file": "-"})) == {"12345": 0}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"phone\n12345\n")))
    assert "numbers[1].file: found standard input a second time; allowed: one part that reads it" in fault_texts(
        tmp_path, {"file": "-"}, {"file": "-"}
    )
