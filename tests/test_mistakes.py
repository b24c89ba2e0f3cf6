"""Forty mistakes that people make with lists, scenarios and logs, and what each of them is told.

Each row is a file, what its message must name as wrong, where, and what it must say to write instead.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.logs.call_log import read_call_log
from engine.numbers.formats.files import read_numbers
from engine.numbers.formats.forms import AS_IT_IS, FileForm
from engine.numbers.intake import Intake
from engine.reading.faults import InputError
from engine.scenario.scenario import Scenario


class Mistake(NamedTuple):
    """A file, and the parts of the one message or of the messages about it."""

    name: str
    data: str | bytes
    where: str
    wrong: str
    instead: str
    form: FileForm = AS_IT_IS


def csv(*rows: str) -> str:
    return "\n".join(rows) + "\n"


LISTS = [
    # The file as a whole
    Mistake("list.pdf", "x", "list.pdf", "a name that ends in .pdf", "a name that ends in .json, .ndjson"),
    Mistake("list.zip", b"PK\x03\x04", "list.zip", "an archive", "the files in it, unpacked"),
    Mistake("list.csv", b"PK\x03\x04x", "list.csv", "a workbook of Excel or an archive", ".xlsx"),
    Mistake("list.xlsx", "phone\n1\n", "list.xlsx", "a file that is no workbook", ".csv for text"),
    Mistake("list.xls", "<html><table>", "list.xls", "a page of HTML or XML", "open it in Excel and save it as .xlsx"),
    Mistake(
        "list.csv",
        "phone\n1\n".encode("utf-16-be"),
        "list.csv:1",
        "text with zero bytes",
        "such as utf-16-le or utf-16-be",
    ),
    Mistake("list.csv", "", "list.csv", "an empty file", "at least one number"),
    Mistake("list.csv", "phone\n", "list.csv", "an empty list", "at least one number"),
    Mistake(
        "list.csv",
        csv("phone", "12345"),
        "list.csv",
        "an empty list",
        "another encoding than utf-16-le",
        FileForm(encoding="utf-16-le"),
    ),
    # JSON
    Mistake("list.json", "[{'phone': '12345'}]", "list.json:1", "a single quote", "JSON"),
    Mistake(
        "list.json",
        '[{"phone": "12345"},]',
        "list.json:1",
        "trailing comma in array) at column 21, in item [1]",
        "JSON",
    ),
    Mistake("list.json", '[{"phone": NaN}]', "list.json:1", "no JSON number) at column 12, in item [0]", "JSON"),
    Mistake("list.json", '[{"phone": "12345"}', "list.json:1", "input data was truncated", "JSON"),
    Mistake(
        "list.json", '{"phone": "12345"}\n{"phone": "12346"}', "list.json:1", '{"phone"', "one number a line .ndjson"
    ),
    Mistake(
        "list.json", '{"phones": [{"phone": "1"}]}', "list.json:1", "an object around the array", "the array itself"
    ),
    Mistake(
        "list.ndjson",
        '[{"phone": "12345"},\n{"phone": "12346"}]',
        "list.ndjson:1",
        "an array",
        "a name that ends in .json",
    ),
    Mistake("list.json", '[{"Phone": "12345"}]', "[0].Phone", "an unknown field", "phone, perhaps"),
    Mistake("list.json", '[{"phone": "12345", "maxAttempt": 3}]', "[0].maxAttempt", "unknown", "maxAttempts, perhaps"),
    Mistake("list.json", '[{"phone": "12345", "phone": "12346"}]', "[0]", 'the key "phone" twice', "JSON"),
    # Titles
    Mistake("list.csv", csv("16505550100", "16505550101"), "list.csv:1", "looks like data", "--header phone,…"),
    Mistake("list.csv", csv("(650) 555-0100", "(650) 555-0101"), "list.csv:1", "looks like data", "--header phone,…"),
    Mistake(
        "list.csv", csv("name", "Ann"), "list.csv: phone", "no such column", "{phone: TITLE} or --column phone=TITLE"
    ),
    Mistake("list.csv", csv("Telefon", "12345"), "list.csv: phone", "no such column", '--column "phone=Telefon"'),
    Mistake(
        "list.csv",
        csv("Export,", "Name,Phone", "Ann,12345"),
        "list.csv: phone",
        "no such column",
        "delete the rows above",
    ),
    Mistake("list.csv", csv("Mobile Phone", "12345"), "list.csv", '"Mobile Phone" is phone, perhaps', "--column"),
    Mistake("list.csv", csv("phone,Company", "12345,Acme"), "list.csv", 'unknown column: "Company"', "--other-columns"),
    Mistake("list.csv", csv("phone,phone", "12345,12345"), "list.csv:1: phone", "used twice", "each title once"),
    Mistake("list.csv", csv("phone,Phone", "12345,12345"), "list.csv: Phone", "a second column for phone", "one"),
    Mistake(
        "list.csv",
        csv("phone", "1"),
        "columns.phone",
        'no column "Mobil"',
        "phone",
        FileForm(columns={"phone": "Mobil"}),
    ),
    # Rows
    Mistake(
        "list.csv", csv("phone,maxAttempts", "12345,2,x"), "list.csv:2: [0]", "3 cells", "2, as many as the header"
    ),
    Mistake("list.csv", csv("phone,maxAttempts", "12345"), "list.csv:2: [0]", "1 cell", "2, as many as the header has"),
    Mistake("list.csv", csv("phone,maxAttempts", '="12345",1'), "list.csv:2: [0]", "a quote within a cell", "doubled"),
    Mistake(
        "list.csv", csv("phone,maxAttempts", '"12345,1', "1"), "list.csv:2: [0]", "never closed", "cells without quotes"
    ),
    Mistake(
        "list.csv",
        "phone,payload.a\n12345,José\n".encode("cp1252"),
        "list.csv:2: [0]",
        '"José" in cp1252',
        "--encoding",
    ),
    # Phones
    Mistake("list.csv", csv("phone", "1.65E+10"), "[0].phone", '"1.65E+10"', "format the column as text"),
    Mistake("list.csv", csv("phone", "(650) 555-0100"), "[0].phone", '"(650) 555-0100"', "--country US"),
    Mistake(
        "list.csv",
        csv("phone", "\uff11\uff16\uff15\uff10\uff15"),
        "[0].phone",
        "\uff11\uff16",
        "with the digits 0 to 9",
    ),
    Mistake("list.csv", csv("phone", "tel:+16505550100"), "[0].phone", "tel:+1", 'without "tel:" beside it'),
    Mistake("list.csv", csv("phone", " 16505550100"), "[0].phone", '" 16505550100"', 'without " " beside it'),
    Mistake("list.csv", csv("phone", "\u200e+16505550100"), "[0].phone", "\\u200e+1", 'without "\\u200e" beside it'),
    Mistake("list.csv", csv("phone", "555\u200b0100"), "[0].phone", "\\u200b", "5 to 15 digits"),
    Mistake(
        "list.csv", csv("phone", "6505550100"), "country", '"USA"', "two letters of a country", FileForm(country="USA")
    ),
    Mistake(
        "list.json",
        '[{"phone": "555-0100"}]',
        "[0].phone",
        '"555-0100"',
        "people in US write it, with its area code",
        FileForm(country="US"),
    ),
    # Hours, days, zones, numbers
    Mistake(
        "list.csv",
        csv("phone,allowedTime", "12345,9:00 AM-6:00 PM"),
        "[0].allowedTime",
        "9:00 AM",
        "write 09:00-18:00",
    ),
    Mistake("list.csv", csv("phone,mon", "12345,10.00-12.00"), "[0].mon", '"10.00-12.00"', "write 10:00-12:00"),
    Mistake("list.csv", csv("phone,allowedTime", "12345,24h"), "[0].allowedTime", '"24h"', "write 0-24"),
    Mistake("list.csv", csv("phone,allowedTime", "12345,-"), "[0].allowedTime", '"-"', "leave the cell empty"),
    Mistake("list.csv", csv("phone,mon", "12345,n/a"), "[0].mon", '"n/a"', "or write closed for no hours"),
    Mistake(
        "list.csv",
        csv("phone,allowedTime", "12345,mon-fri 9-18"),
        "[0].allowedTime",
        '"mon-fri 9-18"',
        "days stand in allowedDays, or hours in columns mon to sun",
    ),
    Mistake(
        "list.csv", csv("phone,allowedDays", "12345,Mo-Fr"), "allowedDays", "Mo-Fr", "write mon, tue, wed, thu, fri"
    ),
    Mistake("list.csv", csv("phone,allowedDays", "12345,weekdays"), "[0].allowedDays", '"weekdays"', "mon tue wed"),
    Mistake(
        "list.csv",
        csv("phone,gmtZone", "12345,Eastern Standard Time"),
        "[0].gmtZone",
        "Eastern",
        "America/New_York, perhaps",
    ),
    Mistake(
        "list.csv",
        csv("phone,gmtZone", "12345,America/New York"),
        "[0].gmtZone",
        "New York",
        "America/New_York, perhaps",
    ),
    Mistake(
        "list.csv", csv("phone,maxAttempts", "12345,three"), "[0].maxAttempts", '"three"', "an integer from 0 to 50"
    ),
    Mistake(
        "list.csv",
        csv("phone,startDateTime", "12345,2026-03-02 09:00"),
        "startDateTime",
        "2026",
        "2026-03-02T09:00:00Z",
    ),
    Mistake(
        "list.json",
        json.dumps([{"phone": "12345", "allowedDays": "mon-fri"}]),
        "[0].allowedDays",
        '"mon-fri"',
        'write ["mon", "tue", "wed", "thu", "fri"]',
    ),
    Mistake(
        "list.json",
        json.dumps([{"phone": "12345", "allowedTime": "9-18"}]),
        "[0].allowedTime",
        '"9-18"',
        'write {"default": [{"localTimeFrom": "09:00", "localTimeTo": "18:00"}]}',
    ),
    Mistake(
        "list.ndjson",
        json.dumps({"phone": "12345", "allowedTime": {"mon": [{"localTimeFrom": "9am", "localTimeTo": "18:00"}]}}),
        "allowedTime.mon[0].localTimeFrom",
        '"9am"',
        "write 09:00",
    ),
    Mistake(
        "list.json",
        json.dumps([{"phone": "12345", "allowedTime": {"mon": [{"localTimeFrom": "9:00", "localTimeTo": "24:00"}]}}]),
        "localTimeFrom",
        '"9:00"',
        "write 09:00",
    ),
    Mistake(
        "list.json",
        json.dumps([{"phone": "12345", "allowedTime": {"mon": [{"localTimeFrom": "09:00", "localTimeTo": "24:00"}]}}]),
        "localTimeTo",
        '"24:00"',
        "write 00:00 for midnight",
    ),
]


@pytest.mark.parametrize("mistake", LISTS, ids=[f"{each.name}: {each.wrong}" for each in LISTS])
def test_a_mistake_in_a_list_is_told_with_its_place_and_its_remedy(mistake: Mistake, tmp_path: Path) -> None:
    file = tmp_path / mistake.name
    file.write_bytes(mistake.data.encode() if isinstance(mistake.data, str) else mistake.data)
    document: Any = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 1},
        "numbers": [
            {
                "file": mistake.name,
                "columns": dict(mistake.form.columns),
                "country": mistake.form.country,
                "encoding": mistake.form.encoding,
            }
        ],
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
    }
    with pytest.raises(InputError) as error:
        Scenario.from_document(document, tmp_path)
    assert_told(error.value, mistake.where, mistake.wrong, mistake.instead)
    if mistake.form.country is None:  # and without a scenario, as check reads it
        try:
            numbers, _ = read_numbers(file, Intake(), mistake.form)
            faults = tuple(fault for number in numbers.faulty for fault in number.faults)
        except InputError as alone:
            faults = alone.faults
        assert_told(InputError(faults), mistake.where, mistake.wrong, mistake.instead)


SCENARIOS: list[tuple[str, str, str, str]] = [
    ("campain: {lines: 1}", "campain", "an unknown field", "campaign, perhaps"),
    ("campaign: {lines: 1, allowedTime: 9-25}", "campaign.allowedTime", '"25:00"', "from 00:00 to 23:59"),
    (
        "campaign: {lines: 1, allowedTime: mon-fri 9-18}",
        "campaign.allowedTime",
        '"mon-fri 9-18"',
        'under each of them: {"mon": [',
    ),
    ("campaign: {lines: 1, allowedDays: mon-frei}", "campaign.allowedDays", '"mon-frei"', "a list of mon tue"),
    ("campaign: {lines: 1, gmtZone: EDT}", "campaign.gmtZone", '"EDT"', "America/New_York, perhaps"),
    ("numbers: [{file: missing.csv}]", "missing.csv", "no readable file", "a file that exists"),
    (
        'numbers: [{addPhones: [{phone: "650-555-0100"}], country: US}]',
        "numbers[0].country",
        "only a file has",
        "beside",
    ),
    ("numbers: [{generate: {count: 1}, sheet: A}]", "numbers[0].sheet", "what only a file has", "it beside file"),
]
REST = {
    "start": "start: 2026-03-02T00:00:00Z",
    "finish": "finish: 2026-03-03T00:00:00Z",
    "campaign": "campaign: {lines: 1}",
    "numbers": "numbers: []",
    "outcomes": "outcomes: {answered: {share: 1, seconds: 60}}",
}


@pytest.mark.parametrize(("line", "where", "wrong", "instead"), SCENARIOS)
def test_a_mistake_in_a_scenario_is_told_with_its_place_and_its_remedy(
    tmp_path: Path, line: str, where: str, wrong: str, instead: str
) -> None:
    name = line.partition(":")[0]
    lines = [*(text for field, text in REST.items() if field != name), line]
    (tmp_path / "scenario.yaml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as error:
        Scenario.load(tmp_path / "scenario.yaml")
    assert_told(error.value, where, wrong, instead)


def test_a_list_in_place_of_a_scenario_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "crm.csv").write_text("phone\n12345\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        Scenario.load(tmp_path / "crm.csv")
    assert_told(error.value, "crm.csv", "a list of numbers", "a scenario, which names its list")


def test_an_archive_in_place_of_a_scenario_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "campaign.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError) as error:
        Scenario.load(tmp_path / "campaign.zip")
    assert_told(error.value, "campaign.zip", "an archive", "a scenario, unpacked")


def log(*rows: str) -> str:
    good = [f"1650555{place:04},2026-03-02 09:{place % 60:02}:00,{20 + place % 7},answered" for place in range(120)]
    return csv("phone,start,seconds,outcome", *good, *rows)


LOGS: list[tuple[str, str, str]] = [
    ('16505550001,2026-03-02 09:00:00,"1,007",answered', "1,007", "--decimal"),
    ("16505550001,02.03.26 09:00,20,answered", "02.03.26", "--start-format"),
    ("16505550001,2026-03-02 09:00:00,20,mystery", "mystery", "--outcome"),
    ("16505550001,2026-03-02 09:00:00,-1,answered", "-1", "seconds from 0"),
    ("1.65E+10,2026-03-02 09:00:00,20,answered", "1.65E+10", "format the column as text"),
    ("16505550001,2026-03-02 09:00:00,20,", "no outcome", "a word for what the call came to"),
]


@pytest.mark.parametrize(("row", "wrong", "instead"), LOGS)
def test_a_mistake_in_a_log_is_told_with_its_line_and_its_remedy(
    tmp_path: Path, row: str, wrong: str, instead: str
) -> None:
    file = tmp_path / "log.csv"
    file.write_text(log(row), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_call_log(file)
    assert_told(error.value, "log.csv", wrong, instead)


def test_there_are_forty_and_more() -> None:
    assert len(LISTS) + len(SCENARIOS) + len(LOGS) >= 40


def assert_told(error: InputError, where: str, wrong: str, instead: str) -> None:
    """One of the messages says where, what is wrong and what to write instead; all can be shown on a terminal."""
    messages = [str(fault) for fault in error.faults]
    assert all(message.isprintable() for message in messages)
    assert any(where in message and wrong in message and instead in message for message in messages), messages
