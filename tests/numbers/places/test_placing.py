"""Numbers are placed by their phones, where their own policies name no zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_number

from engine import Scenario, ScenarioError, simulate
from engine.numbers.formats.bodies import read_values
from engine.numbers.intake import Intake
from engine.numbers.phonebook import Phonebook, phone_text
from engine.numbers.places import placing
from engine.numbers.places.placing import placed
from tests.numbers.places.library import zones_told
from tests.numbers.places.test_numbering_plans import phones

NEW_YORK, IDAHO, TOLL_FREE, LONDON, NOWHERE = "12125550000", "12082020000", "18002345678", "442079460000", "99912345"


def book_of(*numbers: dict[str, Any]) -> Phonebook:
    intake = Intake()
    body = read_values(list(numbers), intake)
    assert not body.faulty
    intake.add(body, np.broadcast_to(np.int64(0), body.given))
    return intake.phonebook()


def zones(book: Phonebook) -> list[str | None]:
    return [book.distinct[place].gmt_zone for place in book.policies.tolist()]


def test_each_number_has_the_zone_that_its_phone_tells() -> None:
    book, _ = placed(book_of(*({"phone": phone} for phone in (NEW_YORK, IDAHO, LONDON))))

    assert zones(book) == ["America/New_York", "America/Boise&America/Los_Angeles", "Europe/London"]


def test_a_phone_that_tells_no_zone_is_in_utc() -> None:
    book, counts = placed(book_of({"phone": NOWHERE}, {"phone": "0012125550000"}, {"phone": "12001234567"}))

    assert zones(book) == ["Z", "Z", "Z"]
    assert (counts.in_one_zone, counts.in_several_zones, counts.not_placed, counts.not_placed_zone) == (0, 0, 3, "Z")


def test_a_zone_of_its_own_holds_and_is_not_counted() -> None:
    book, counts = placed(book_of({"phone": NEW_YORK, "gmtZone": "+05:30"}, {"phone": NEW_YORK}))

    assert zones(book) == ["+05:30", "America/New_York"]
    assert counts.numbers == {"America/New_York": 1}


def test_the_other_fields_of_a_policy_stay_with_each_number() -> None:
    book, _ = placed(
        book_of(
            {"phone": NEW_YORK, "maxAttempts": 2},
            {"phone": LONDON, "maxAttempts": 2},
            {"phone": LONDON},
            {"phone": "442079460001"},
        )
    )

    assert [book.distinct[place].max_attempts for place in book.policies.tolist()] == [2, 2, None, None]
    assert len(set(book.distinct)) == len(book.distinct) == 3


def test_what_was_placed_is_counted_the_most_frequent_zone_first() -> None:
    numbers = [NEW_YORK, "12125550001", IDAHO, TOLL_FREE, LONDON, NOWHERE]

    _, counts = placed(book_of(*({"phone": phone} for phone in numbers)))

    assert (counts.in_one_zone, counts.in_several_zones, counts.not_placed) == (3, 2, 1)
    assert next(iter(counts.numbers.items())) == ("America/New_York", 2)
    assert sum(counts.numbers.values()) == 5


@settings(max_examples=100, deadline=None)
@given(st.lists(phones().map(lambda phone: phone[1]), min_size=1, max_size=20, unique=True))
def test_a_list_is_placed_as_the_library_places_each_of_its_phones(digits: list[str]) -> None:
    book, counts = placed(book_of(*({"phone": each} for each in digits)))

    told = [zones_told(phone_text(code)) for code in book.phone_codes.tolist()]
    assert zones(book) == ["&".join(each) or "Z" for each in told]
    assert counts.in_one_zone == sum(len(each) == 1 for each in told)
    assert counts.in_several_zones == sum(len(each) > 1 for each in told)
    assert counts.not_placed == sum(not each for each in told)


def test_many_policies_are_placed_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    book = book_of(*({"phone": NEW_YORK, "maxAttempts": place} for place in range(50)), {"phone": LONDON})
    few = placed(book)[0]

    monkeypatch.setattr(placing, "MOST_PAIRS_TABLED", 0)
    monkeypatch.setattr(placing, "BLOCK_ROWS", 7)

    many = placed(book)[0]
    assert np.array_equal(many.policies, few.policies)
    assert many.distinct == few.distinct


def document(*numbers: dict[str, Any], **campaign: Any) -> dict[str, Any]:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 1, **campaign},
        "numbers": [{"addPhones": list(numbers)}],
        "outcomes": {"busy": {"share": 1, "seconds": 1}},
    }


def test_duplicates_are_told_before_numbers_are_placed() -> None:
    given_and_told = [{"phone": NEW_YORK, "gmtZone": "America/New_York"}, {"phone": NEW_YORK}, {"phone": NEW_YORK}]

    book = Scenario.from_document(document(*given_and_told, gmtZone="fromPhone")).phonebook

    assert (len(book), book.duplicates) == (2, 1)
    assert len(set(book.policies.tolist())) == 1


def test_numbers_are_placed_only_if_the_campaign_says_so() -> None:
    scenario = Scenario.from_document(document({"phone": NEW_YORK}, gmtZone="Europe/London"))

    assert scenario.placing is None
    assert zones(scenario.phonebook) == [None]


def test_numbers_that_could_not_be_placed_are_noted() -> None:
    scenario = Scenario.from_document(document({"phone": NOWHERE}, gmtZone="fromPhone"))

    assert scenario.warnings == ("phones that tell no zone are called by the clock of Z: 1 of the numbers",)


@pytest.mark.parametrize("zone", ["fromPhone", "America/Chicago&America/New_York"])
def test_only_a_campaign_may_ask_the_phone_and_nobody_may_name_several_zones(zone: str) -> None:
    several = {"phone": NEW_YORK, "gmtZone": zone}
    redial = {"share": 1, "startAfterMinutes": 1, "gmtZone": zone}
    wrong = document(several) | {"outcomes": {"busy": {"share": 1, "seconds": 1, "redials": [redial]}}}

    with pytest.raises(ScenarioError) as refused:
        Scenario.from_document(wrong)

    assert [fault.path[-1] for fault in refused.value.faults] == ["gmtZone", "gmtZone"]
    with pytest.raises(ScenarioError, match="gmtZone"):
        Scenario.from_document(document({"phone": NEW_YORK}, gmtZone="America/Chicago&America/New_York"))


def test_the_shifts_of_such_a_campaign_are_in_utc() -> None:
    shift = {"lines": 2, "from": "09:00", "to": "10:00"}
    scenario = Scenario.from_document(document({"phone": NEW_YORK}, lines=None, shifts=[shift], gmtZone="fromPhone"))
    start = scenario.document.start

    lines = scenario.document.campaign.lines_over(start, scenario.document.finish)

    assert list(zip((lines.instants - start).tolist(), lines.lines.tolist(), strict=True)) == [
        (0, 0),
        (9 * 3_600, 2),
        (10 * 3_600, 0),
    ]


OUTCOMES = {"noAnswer": {"share": 1, "seconds": 30, "retry": True}}


def played_scenario(numbers: list[dict[str, Any]], **campaign: Any) -> Scenario:
    document: dict[str, Any] = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-09T00:00:00Z",
        "campaign": {"gmtZone": "fromPhone", "lines": 5} | campaign,
        "numbers": [{"addPhones": numbers}],
        "outcomes": OUTCOMES,
    }
    return Scenario.from_document(document)


def test_settings_of_duplicates_are_those_that_were_given() -> None:
    twice: list[dict[str, Any]] = [
        {"phone": NEW_YORK},
        {"phone": NEW_YORK, "gmtZone": "America/New_York"},
        {"phone": NEW_YORK},
    ]
    assert played_scenario(twice).phonebook.duplicates == 1


def test_a_number_in_several_zones_is_called_in_the_hours_of_all() -> None:
    zones = time_zones_for_number(phonenumbers.parse("+" + IDAHO))
    assert len(zones) > 1
    hours = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "12:30"}]}
    campaign: dict[str, Any] = {"allowedTime": hours, "retryIntervalInMinutes": 1, "maxAttempts": 50}
    result = simulate(played_scenario([{"phone": IDAHO}], **campaign), "reference", calls=True)
    compiled = simulate(played_scenario([{"phone": IDAHO}], **campaign), "compiled")
    assert result.digest == compiled.digest
    starts = [moment.timestamp() for moment in result.calls["start"]]
    assert starts
    for start in starts:
        for zone in zones:
            local = datetime.fromtimestamp(start, ZoneInfo(zone))
            assert (10, 0) <= (local.hour, local.minute) < (12, 30)
