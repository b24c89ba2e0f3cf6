"""Short forms: hours and days that a scenario says as people do mean what their full forms mean."""

from typing import Any

import pytest

from engine.numbers.notes import ENDS_EARLY
from engine.reading.faults import InputError
from engine.scenario.scenario import Scenario

BASE: dict[str, Any] = {
    "start": "2026-03-02T00:00:00Z",
    "finish": "2026-03-09T00:00:00Z",
    "campaign": {"lines": 1},
    "numbers": [],
    "outcomes": {"answered": {"share": 1, "seconds": 60}},
}
NINE_TO_SIX = [{"localTimeFrom": "09:00", "localTimeTo": "18:00"}]
EVENING = [{"localTimeFrom": "20:00", "localTimeTo": "00:00"}]
WEEK = ["mon", "tue", "wed", "thu", "fri"]


def document(**changes: Any) -> Any:
    return Scenario.from_document({**BASE, **changes}).document


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ({"allowedTime": "9-18"}, {"allowedTime": {"default": NINE_TO_SIX}}),
        ({"allowedTime": "9:00-18:00, 20-24:00"}, {"allowedTime": {"default": NINE_TO_SIX + EVENING}}),
        ({"allowedTime": {"mon-fri": "9-18"}}, {"allowedTime": dict.fromkeys(WEEK, NINE_TO_SIX)}),
        (
            {"allowedTime": {"default": "9-18", "Sat, Sunday": "closed"}},
            {"allowedTime": {"default": NINE_TO_SIX, "sat": [], "sun": []}},
        ),
        (
            {"allowedTime": {"mon": NINE_TO_SIX, "tue": "9-18"}},
            {"allowedTime": {"mon": NINE_TO_SIX, "tue": NINE_TO_SIX}},
        ),
        ({"allowedDays": "mon-fri"}, {"allowedDays": WEEK}),
        ({"allowedDays": "Mon Saturday"}, {"allowedDays": ["mon", "sat"]}),
    ],
)
def test_a_short_form_means_its_full_form(short: dict[str, Any], full: dict[str, Any]) -> None:
    assert document(campaign={"lines": 1, **short}).campaign == document(campaign={"lines": 1, **full}).campaign
    made = [document(numbers=[{"generate": {"count": 3, **each}}]).numbers[0].generate for each in (short, full)]
    assert made[0] == made[1]
    outcomes = [
        {"answered": {"share": 1, "seconds": 60, "redials": [{"share": 0.5, "startAfterMinutes": 5, **each}]}}
        for each in (short, full)
    ]
    assert document(outcomes=outcomes[0]).outcomes == document(outcomes=outcomes[1]).outcomes


def test_shifts_and_weighted_values_have_short_forms_too() -> None:
    shifts = [{"lines": 2, "days": days, "from": "09:00", "to": "18:00"} for days in ("mon-fri", WEEK)]
    one, other = (document(campaign={"shifts": [shift]}).campaign for shift in shifts)
    assert one == other
    mixes = [
        [{"value": hours, "weight": 1}, {"value": None, "weight": 2}] for hours in ("9-18", {"default": NINE_TO_SIX})
    ]
    one, other = (document(numbers=[{"generate": {"count": 3, "allowedTime": mix}}]).numbers for mix in mixes)
    assert one == other


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ({"from": "9:00", "to": "18:30"}, {"from": "09:00", "to": "18:30"}),
        ({"from": 9, "to": "18"}, {"from": "09:00", "to": "18:00"}),
        ({"from": "9:00:00", "to": "24:00"}, {"from": "09:00", "to": "00:00"}),
        ({"from": "0:00", "to": "24:00"}, {}),
        ({"from": None, "to": None}, {}),
    ],
)
def test_the_hours_of_shifts_have_short_forms(short: dict[str, Any], full: dict[str, Any]) -> None:
    one, other = (document(campaign={"shifts": [{"lines": 2, **hours}]}).campaign for hours in (short, full))
    assert one == other


@pytest.mark.parametrize(
    ("hours", "path", "allowed"),
    [
        ({"from": "9am", "to": "24:00"}, "from", "write 09:00"),
        ({"from": "24:00", "to": "9:00"}, "from", "write 00:00 for midnight"),
        ({"from": 9.5, "to": 18}, "from", "a time HH:mm"),
        ({"from": "9:00", "to": "25:00"}, "to", "a time HH:mm"),
        ({"from": "9:00", "to": 9}, "to", "two different times"),
        ({"from": "9:00"}, "to", "both from and to"),
        ({"to": "24:00"}, "from", "both from and to"),
    ],
)
def test_hours_of_shifts_that_are_none_are_refused(hours: dict[str, Any], path: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        document(campaign={"shifts": [{"lines": 2, **hours}]})
    [fault] = error.value.faults
    assert fault.path == ("campaign", "shifts", 0, path)
    assert allowed in fault.allowed


def test_a_minute_that_shifts_and_redials_leave_out_before_midnight_is_noted() -> None:
    hours = {"allowedTime": {"default": [{"localTimeFrom": "09:00", "localTimeTo": "23:59"}]}}
    redials = [{"share": 0.5, "startAfterMinutes": 5, **hours}, {"share": 0.5, "startAfterMinutes": 5}]
    changes: dict[str, Any] = {
        "campaign": {"shifts": [{"lines": 2, "from": "9:00", "to": "23:59"}, {"lines": 2, "from": 9, "to": "24:00"}]},
        "numbers": [{"addPhones": [{"phone": "12345"}]}],
        "outcomes": {"answered": {"share": 1, "seconds": 60, "redials": redials}},
    }
    assert f"{ENDS_EARLY}: 2 of shifts and redials" in map(str, Scenario.from_document({**BASE, **changes}).warnings)


@pytest.mark.parametrize(
    "campaign",
    [
        {"allowedTime": "noon"},
        {"allowedTime": "24:00-10:00"},
        {"allowedTime": {"mon-frei": "9-18"}},
        {"allowedTime": {"mon": "9 AM"}},
        {"allowedTime": {"mon-wed": "9-18", "tue": "9-12"}},
        {"allowedDays": "mon-frei"},
    ],
)
def test_what_is_no_short_form_is_refused(campaign: dict[str, Any]) -> None:
    with pytest.raises(InputError) as error:
        document(campaign={"lines": 1, **campaign})
    assert all(fault.path[0] == "campaign" for fault in error.value.faults)


def test_bodies_of_the_api_have_no_short_forms() -> None:
    for field in ({"allowedTime": "9-18"}, {"allowedDays": "mon-fri"}):
        with pytest.raises(InputError):
            document(numbers=[{"addPhones": [{"phone": "12345", **field}]}])
