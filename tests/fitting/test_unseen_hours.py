"""Unseen hours: what a scenario does of which its log says nothing."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from engine.fitting.unseen_hours import unseen_hours
from engine.logs.call_log import CallLog

SCENARIO = {
    "start": "2026-03-02T00:00:00Z",
    "finish": "2026-03-09T00:00:00Z",
    "numbers": [{"generate": {"count": 10}}],
    "outcomes": {"answered": {"share": 1, "seconds": 60}},
}


def log(hours: list[int] | None, weekdays: list[int] | None) -> CallLog:
    count = len(hours or weekdays or [0])
    weekday, hour = (None if each is None else np.array(each) for each in (weekdays, hours))
    return CallLog("log.csv", ("answered",), np.zeros(count, np.int64), np.ones(count), None, weekday, hour, None)


def written(folder: Path, hours: dict[str, list[tuple[str, str]]] | None) -> Path:
    file = folder / "scenario.yaml"
    allowed = {
        day: [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in each]
        for day, each in (hours or {}).items()
    }
    campaign = {"lines": 5, **({"allowedTime": allowed} if hours is not None else {})}
    file.write_text(yaml.safe_dump({**SCENARIO, "campaign": campaign}))
    return file


@pytest.mark.parametrize(
    ("hours", "seen", "named"),
    [
        ({"default": [("09:00", "20:00")]}, [*range(9, 18)], "hours 18-20"),
        ({"default": [("08:30", "12:15")]}, [9, 10], "hours 8-9, 11-13"),
        ({"default": [("22:00", "02:00")]}, [22, 23], "hours 0-2"),
        (None, [*range(24)], None),
        ({"default": [("09:00", "18:00")]}, [*range(6, 22)], None),
    ],
)
def test_hours_that_the_log_never_saw_are_named(
    tmp_path: Path, hours: dict[str, list[tuple[str, str]]] | None, seen: list[int], named: str | None
) -> None:
    note = unseen_hours(log(seen, None), written(tmp_path, hours))

    assert note == (named and f"the scenario calls when the log never saw a call, and counts these as average: {named}")


def test_weekdays_that_the_log_never_saw_are_named(tmp_path: Path) -> None:
    scenario = written(tmp_path, {"default": [("09:00", "18:00")], "sun": []})

    note = unseen_hours(log([*range(9, 18)], [0, 1, 2, 3, 4, 0, 1, 2, 3]), scenario)

    assert note is not None
    assert note.endswith(": weekdays sat")


def test_a_log_without_hours_and_weekdays_says_nothing_of_them(tmp_path: Path) -> None:
    assert unseen_hours(log(None, None), written(tmp_path, None)) is None


def test_short_forms_of_hours_and_days_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    campaign = {"lines": 5, "allowedTime": "9-18", "allowedDays": "mon-fri"}
    file.write_text(yaml.safe_dump({**SCENARIO, "campaign": campaign}))
    note = unseen_hours(log([*range(9, 17)], [0, 1, 2, 3, 0, 1, 2, 3]), file)
    assert note is not None
    assert note.endswith("hours 17-18; weekdays fri")
