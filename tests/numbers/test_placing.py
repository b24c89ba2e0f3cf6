"""Zones as numbering plans tell them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_number

from engine import Scenario, simulate
from engine.scenario import ScenarioError

NEW_YORK, CHICAGO, BERLIN, TOLL_FREE, NOWHERE = "12125550123", "13125550123", "493012345678", "18005550123", "99999"
NEVADA = "17755550123"  # some of it keeps the time of Boise
OUTCOMES = {"noAnswer": {"share": 1, "seconds": 30, "retry": True}}


def scenario(numbers: list[dict[str, Any]], **campaign: Any) -> Scenario:
    document: dict[str, Any] = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-09T00:00:00Z",
        "campaign": {"gmtZone": "fromPhone", "lines": 5} | campaign,
        "numbers": [{"addPhones": numbers}],
        "outcomes": OUTCOMES,
    }
    return Scenario.from_document(document)


def test_a_number_without_a_zone_gets_that_of_its_phone_and_keeps_one_of_its_own() -> None:
    result = simulate(
        scenario([{"phone": NEW_YORK}, {"phone": BERLIN}, {"phone": NOWHERE}, {"phone": CHICAGO, "gmtZone": "+1"}])
    )
    assert result.numbers["zone"].to_list() == ["America/New_York", "Europe/Berlin", "Z", "+01:00"]


def test_the_summary_says_how_many_were_placed_and_how_many_were_not() -> None:
    numbers: list[dict[str, Any]] = [{"phone": phone} for phone in (NEW_YORK, CHICAGO, TOLL_FREE, NOWHERE)]
    placed = scenario([*numbers, {"phone": BERLIN, "gmtZone": "Z"}])
    zones = simulate(placed).figures.zones
    assert zones is not None
    assert (zones.in_one_zone, zones.in_several_zones, zones.not_placed, zones.not_placed_zone) == (2, 1, 1, "Z")
    assert zones.numbers["America/Chicago"] == 1
    assert any("1 of the numbers" in warning and " Z" in warning for warning in placed.warnings)


def test_a_campaign_that_does_not_ask_places_nobody() -> None:
    assert scenario([{"phone": NEW_YORK}], gmtZone="Z").placing is None


def test_only_a_campaign_may_ask_for_it() -> None:
    with pytest.raises(ScenarioError, match='gmtZone: found "fromPhone"'):
        scenario([{"phone": NEW_YORK, "gmtZone": "fromPhone"}])


def test_settings_of_duplicates_are_those_that_were_given() -> None:
    twice: list[dict[str, Any]] = [
        {"phone": NEW_YORK},
        {"phone": NEW_YORK, "gmtZone": "America/New_York"},
        {"phone": NEW_YORK},
    ]
    assert scenario(twice).phonebook.duplicates == 1


def test_a_number_in_several_zones_is_called_in_the_hours_of_all() -> None:
    zones = time_zones_for_number(phonenumbers.parse("+" + NEVADA))
    assert len(zones) > 1
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "12:30"}]}
    campaign: dict[str, Any] = {"allowedTime": hours, "retryIntervalInMinutes": 1, "maxAttempts": 50}
    result = simulate(scenario([{"phone": NEVADA}], **campaign), "reference", calls=True)
    compiled = simulate(scenario([{"phone": NEVADA}], **campaign), "compiled")
    assert result.digest == compiled.digest
    starts = [moment.timestamp() for moment in result.calls["start"]]
    assert starts
    for start in starts:
        for zone in zones:
            local = datetime.fromtimestamp(start, ZoneInfo(zone))
            assert (10, 0) <= (local.hour, local.minute) < (12, 30)


def told_by_the_library(phone: str) -> str | None:
    """The zones that `phonenumbers` tells of a phone by itself."""
    try:
        zones = time_zones_for_number(phonenumbers.parse("+" + phone))
    except phonenumbers.NumberParseException:
        return None
    return None if "Etc/Unknown" in zones else "&".join(sorted(zones))


def stands_as_it_is_dialled(phone: str) -> bool:
    """Whether it holds no prefix that is dialled within a country alone, which the library takes away."""
    try:
        parsed = phonenumbers.parse("+" + phone)
    except phonenumbers.NumberParseException:
        return True
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == "+" + phone


@settings(deadline=None)
@given(st.lists(st.integers(10**8, 10**13).map(str), min_size=1, max_size=30, unique=True))
def test_numbers_are_placed_as_the_library_places_each_by_itself(phones: list[str]) -> None:
    whole = [phone for phone in phones if stands_as_it_is_dialled(phone)]
    book = scenario([{"phone": phone} for phone in [*whole, NEW_YORK]]).phonebook
    placed = [book.distinct[policy].gmt_zone for policy in book.policies.tolist()]
    assert placed == [told_by_the_library(phone) or "Z" for phone in [*whole, NEW_YORK]]
