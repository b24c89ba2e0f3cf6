"""CRM exports: 12,000 numbers as a company's system writes them, with the mistakes that such files have, are played."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.reading.faults import by_kind
from engine.results.result import simulate
from engine.scenario.scenario import Scenario
from tests.commands.dialer import dialer

TITLES = ["Customer", "Mobile No.", "Time Zone", "Best Time", "Max Attempts", "Notes", ""]
FIRST, COUNT, EVERY = 16_500_000_000, 12_000, 33
Row = dict[str, str]
BAD: dict[str, Callable[[Row], Row]] = {
    "letters in the phone": lambda row: {**row, "Mobile No.": "unknown"},
    "no phone": lambda row: {**row, "Mobile No.": ""},
    "digits that are lost": lambda row: {**row, "Mobile No.": "1.65E+10"},
    "a phone too short": lambda row: {**row, "Mobile No.": "555"},
    "no such zone": lambda row: {**row, "Time Zone": "Middle Earth"},
    "no hours": lambda row: {**row, "Best Time": "AM"},
    "an attempt too many": lambda row: {**row, "Max Attempts": "51"},
    "no number of attempts": lambda row: {**row, "Max Attempts": "three"},
}
KINDS = [*BAD, "a cell too many", "a quote within a cell"]


def export() -> tuple[bytes, dict[str, int]]:
    """A file with semicolons, in cp1252, with a row for the total; and how many rows of each kind are bad, some 3 %."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(TITLES)
    counts = dict.fromkeys(KINDS, 0)
    for place in range(COUNT):
        row = {
            "Customer": f"José Müller {place}",
            "Mobile No.": f"+{FIRST + place}",
            "Time Zone": "America/Chicago" if place % 2 else "",
            "Best Time": "9-12, 14:00-18:00" if place % 3 else "",
            "Max Attempts": f"{place % 3 + 1}.0",
            "Notes": 'says "hello; bye"' if place % 5 == 0 else "",
            "": "",
        }
        kind = KINDS[place // EVERY % len(KINDS)] if place % EVERY == 7 else ""
        if kind:
            counts[kind] += 1
        if kind == "a quote within a cell":
            written.write(";".join(['said "no', *list(row.values())[1:5], "", ""]) + "\r\n")
        elif kind == "a cell too many":
            writer.writerow([*row.values(), "", "extra"])
        else:
            writer.writerow((BAD[kind](row) if kind else row).values())
    writer.writerow(["Total", f"{COUNT:,}", "", "", "", "", ""])
    return written.getvalue().encode("cp1252"), counts


COLUMNS = {"phone": "Mobile No.", "gmtZone": "time zone", "allowedTime": "Best Time"}


def scenario(folder: Path) -> Scenario:
    part: dict[str, Any] = {"file": "crm.csv", "encoding": "cp1252", "columns": COLUMNS, "otherColumns": "payload"}
    return Scenario.from_document(
        {
            "start": "2026-03-02T00:00:00Z",
            "finish": "2026-03-16T00:00:00Z",
            "campaign": {"lines": 40, "gmtZone": "America/New_York", "allowedTime": {"mon-fri": "9-20"}},
            "numbers": [{**part, "skipFaulty": True}],
            "outcomes": {
                "answered": {"share": 0.5, "seconds": 60},
                "busy": {"share": 0.5, "seconds": 20, "retry": True},
            },
        },
        folder,
    )


def test_an_export_is_read_counted_by_kind_and_played(tmp_path: Path) -> None:
    data, counts = export()
    (tmp_path / "crm.csv").write_bytes(data)
    read = scenario(tmp_path)
    bad = sum(counts.values()) + 1  # the row of the total
    assert 0.028 * COUNT < bad < 0.032 * COUNT
    assert len(read.phonebook) == COUNT + 1 - bad
    assert f"numbers with faults that are left out: {bad:,}" in map(str, read.warnings)
    assert read.phonebook.warnings() == []

    kinds = by_kind(fault for number in read.faulty for fault in number.faults)
    phone = "phone: allowed: 5 to 15 digits with an optional leading +"
    lost = f"{phone}; digits are lost: format the column as text where the file is made"
    assert kinds == {
        phone: counts["letters in the phone"] + counts["a phone too short"] + 1,
        "phone: nothing": counts["no phone"],
        lost: counts["digits that are lost"],
        **{kind: count for kind, count in kinds.items() if not kind.startswith("phone")},
    }
    for begin, count in {
        "gmtZone": counts["no such zone"],
        "allowedTime": counts["no hours"],
        "maxAttempts": counts["an attempt too many"] + counts["no number of attempts"],
        "allowed: 7, as many as the header has": counts["a cell too many"],
        "allowed: cells without quotes": counts["a quote within a cell"],
    }.items():
        assert sum(many for kind, many in kinds.items() if kind.startswith(begin)) == count, begin
    lines = {fault.line for number in read.faulty for fault in number.faults}
    assert lines == {place + 2 for place in range(COUNT) if place % EVERY == 7} | {COUNT + 2}

    result = simulate(read)
    assert result.digest == simulate(scenario(tmp_path), "reference").digest


def test_check_finds_the_same_faults_in_one_pass(tmp_path: Path) -> None:
    data, counts = export()
    (tmp_path / "crm.csv").write_bytes(data)
    columns = [f"--column={field}={title}" for field, title in COLUMNS.items()]
    done = dialer("check", tmp_path / "crm.csv", "--encoding=cp1252", "--other-columns=payload", *columns)
    assert done.returncode == 1
    assert f"{sum(counts.values()) + 1} faults" in done.stderr
