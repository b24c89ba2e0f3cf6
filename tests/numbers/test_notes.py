"""Notes on a list count the numbers whose settings people rarely mean."""

from typing import Any

import numpy as np
import pytest

from engine.calling.near_zones import CHANGING
from engine.calling.policy import CallPolicy
from engine.calling.zones import changing_zone_there, offset_at, parse_zone
from engine.numbers.formats.bodies import read_values
from engine.numbers.intake import Intake
from engine.numbers.notes import ENDS_EARLY, list_notes


def hours(opens: str, closes: str) -> dict[str, Any]:
    return {"allowedTime": {"mon": [{"localTimeFrom": opens, "localTimeTo": closes}]}}


def notes(*fields: dict[str, Any], above: dict[str, Any] | None = None) -> list[str]:
    intake = Intake()
    numbers = read_values([{"phone": 1650555_0100 + place, **own} for place, own in enumerate(fields)], intake)
    intake.add(numbers, np.zeros(len(fields), np.int64))
    return [
        note.text for note in list_notes(intake.phonebook(), None if above is None else CallPolicy.from_json(above))
    ]


def test_hours_that_end_a_minute_before_midnight_are_counted() -> None:
    early, late = hours("09:00", "23:59"), hours("09:00", "00:00")
    assert notes(early, late, hours("23:59", "10:00"), early, {}) == [f"{ENDS_EARLY}: 2 of the numbers"]
    assert notes({}, late, above=early) == [f"{ENDS_EARLY}: 1 of the numbers"]
    assert notes(late, {}) == []


def test_hours_that_go_on_at_23_59_close_no_minute() -> None:
    both = [{"localTimeFrom": "09:00", "localTimeTo": "23:59"}, {"localTimeFrom": "23:59", "localTimeTo": "02:00"}]
    assert notes({"allowedTime": {"mon": both}}) == []


@pytest.mark.parametrize("zone", ["EST", "-05:00", "UTC-5", "Etc/GMT+5"])
def test_a_zone_that_never_changes_where_clocks_do_is_told_with_the_zone_that_was_meant(zone: str) -> None:
    [note] = notes({"gmtZone": zone}, {"gmtZone": "America/New_York"}, {})
    assert note.endswith(" never changes, clocks of people there do (America/New_York, perhaps): 1 of the numbers")
    [of_all] = notes({}, {"gmtZone": "Z"}, {}, above={"gmtZone": zone})
    assert of_all.endswith(": 2 of the numbers")


@pytest.mark.parametrize(
    "zone", ["Z", "+05:30", "+03:00", "HST", "America/Phoenix", "America/Panama", "EST5EDT", "CET"]
)
def test_a_zone_that_is_right_for_people_there_has_no_note(zone: str) -> None:
    assert notes({"gmtZone": zone}) == []


@pytest.mark.parametrize(("offset", "zone"), CHANGING.items())
def test_the_zone_that_is_suggested_has_that_standard_time_and_another_in_summer(offset: str, zone: str) -> None:
    january, july = (offset_at(parse_zone(zone), instant) for instant in (1_767_225_600, 1_782_864_000))
    assert min(january, july) == offset_at(parse_zone(offset), 0) < max(january, july)
    assert changing_zone_there(offset) == zone
