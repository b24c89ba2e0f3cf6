"""Numbers are placed by their phones, where their own policies name no zone."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_number

from engine import Scenario, ScenarioError, simulate
from engine.calling import policies
from engine.calling.zones import ZoneName
from engine.numbers.formats.bodies import read_values
from engine.numbers.formats.files import read_numbers
from engine.numbers.intake import Intake
from engine.numbers.phonebook import Phonebook, phone_text
from engine.numbers.places import placing
from engine.numbers.places.placing import Places, Placing, placed, plans_text
from engine.reading.faults import by_kind
from tests.numbers.formats import layouts
from tests.numbers.places.library import zones_by_phone
from tests.numbers.places.test_numbering_plans import phones

NEW_YORK, IDAHO, TOLL_FREE, LONDON, NOWHERE = "12125550000", "12082020000", "18002345678", "442079460000", "99912345"


TOKYO = ZoneName("Asia/Tokyo")


def placed_list(*numbers: dict[str, Any], if_unknown: ZoneName | None = TOKYO) -> tuple[Phonebook, Placing]:
    places = Places(if_unknown)
    intake = Intake(places=places)
    body = read_values(list(numbers), intake)
    assert not body.faulty
    intake.add(body, np.broadcast_to(np.int64(0), body.given))
    return placed(intake.phonebook(), places)


def zones(book: Phonebook) -> list[str | None]:
    return [book.distinct[place].gmt_zone for place in book.policies.tolist()]


def test_each_number_has_the_zone_that_its_phone_tells() -> None:
    book, counts = placed_list(*({"phone": phone} for phone in (NEW_YORK, IDAHO, LONDON)), if_unknown=None)

    assert zones(book) == ["America/New_York", "America/Boise&America/Los_Angeles", "Europe/London"]
    assert (counts.not_placed, counts.not_placed_zone) == (0, None)


UNKNOWN = (NOWHERE, "0012125550000", "12001234567")


def test_a_phone_that_tells_no_zone_is_in_the_one_that_the_campaign_names_for_it() -> None:
    book, counts = placed_list(*({"phone": phone} for phone in (*UNKNOWN, "81312345678")))

    assert zones(book) == [TOKYO] * 4
    assert len(book.distinct) == 1
    assert (counts.in_one_zone, counts.in_several_zones, counts.not_placed, counts.not_placed_zone) == (1, 0, 3, TOKYO)
    assert counts.numbers == {TOKYO: 1}
    assert msgspec.json.decode(msgspec.json.encode(counts), type=Placing) == counts


def test_a_phone_that_tells_no_zone_is_a_fault_unless_a_zone_is_named_beside_it() -> None:
    numbers = [{"phone": phone, **own} for phone in UNKNOWN for own in ({}, {"gmtZone": None}, {"gmtZone": "Z"})]
    body = read_values(numbers, Intake(places=Places()))

    assert body.positions.tolist() == [2, 5, 8]
    assert [number.position for number in body.faulty] == [0, 1, 3, 4, 6, 7]
    [fault] = body.faulty[0].faults
    assert str(fault) == (
        '[0].phone: found "99912345", which begins with no country code; allowed: a phone whose zone is known, country '
        "code first; or country: US beside a file, for phones without one; or gmtZone beside it; "
        "or zoneIfUnknown in the campaign"
    )
    assert body.faulty[-1].faults[0].found == '"12001234567", which the numbering plan of +1 does not place'


def test_a_phone_that_tells_no_zone_is_named_beside_the_other_faults_of_its_number() -> None:
    [number] = read_values([{"phone": NOWHERE, "maxAttempts": 51}], Intake(places=Places())).faulty

    assert [fault.path for fault in number.faults] == [(0, "maxAttempts"), (0, "phone")]


def test_a_zone_of_its_own_holds_and_is_not_counted() -> None:
    book, counts = placed_list({"phone": NEW_YORK, "gmtZone": "+05:30"}, {"phone": NEW_YORK})

    assert zones(book) == ["+05:30", "America/New_York"]
    assert counts.numbers == {"America/New_York": 1}


def test_the_other_fields_of_a_policy_stay_with_each_number() -> None:
    book, _ = placed_list(
        {"phone": NEW_YORK, "maxAttempts": 2},
        {"phone": LONDON, "maxAttempts": 2},
        {"phone": LONDON},
        {"phone": "442079460001"},
    )

    assert [book.distinct[place].max_attempts for place in book.policies.tolist()] == [2, 2, None, None]
    assert len(set(book.distinct)) == len(book.distinct) == 3


def test_what_was_placed_is_counted_the_most_frequent_zone_first() -> None:
    numbers = [NEW_YORK, "12125550001", IDAHO, TOLL_FREE, LONDON, NOWHERE]

    _, counts = placed_list(*({"phone": phone} for phone in numbers))

    assert (counts.in_one_zone, counts.in_several_zones, counts.not_placed) == (3, 2, 1)
    assert next(iter(counts.numbers.items())) == ("America/New_York", 2)
    assert sum(counts.numbers.values()) == 5
    assert counts.not_placed_plans == {"none": 1}


@settings(max_examples=100, deadline=None)
@given(st.lists(phones().map(lambda phone: phone[1]), min_size=1, max_size=20, unique=True))
def test_a_list_is_placed_as_the_library_places_each_of_its_phones(digits: list[str]) -> None:
    numbers = [{"phone": each} for each in digits]
    book, counts = placed_list(*numbers)

    found = [zones_by_phone(phone_text(code)) for code in book.phone_codes.tolist()]
    assert zones(book) == ["&".join(each) or TOKYO for each in found]
    faulty = read_values(numbers, Intake(places=Places())).faulty
    assert [number.position for number in faulty] == [
        position for position, each in enumerate(digits) if not zones_by_phone(each)
    ]
    assert counts.in_one_zone == sum(len(each) == 1 for each in found)
    assert counts.in_several_zones == sum(len(each) > 1 for each in found)
    assert counts.not_placed == sum(not each for each in found) == sum(counts.not_placed_plans.values())


def test_phones_that_no_plan_knows_are_counted_by_their_plans(tmp_path: Path) -> None:
    without_code = ["6505550100", "6505550101", "2125550100", "0125550100", "9995550100"]
    (tmp_path / "list.csv").write_text("phone\n" + "\n".join([NEW_YORK, *without_code]))
    lists = document(gmtZone="fromPhone") | {"numbers": [{"file": "list.csv"}]}
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_document(lists, tmp_path)
    assert list(by_kind(refused.value.faults).values()) == [5], "of one kind"
    found = [fault.found.partition(", which ")[2] for fault in refused.value.faults]
    known = [f"the numbering plan of {plan} does not place" for plan in ("+65", "+65", "+212")]
    assert found == [*known, *["begins with no country code"] * 2]

    left_out = Scenario.from_document(lists | {"skipFaulty": True}, tmp_path)
    plans = "+65: 2, no country code: 2, +212: 1"
    assert f"phones whose zone is not known are left out: 5 of the numbers ({plans})" in map(str, left_out.warnings)
    lists["campaign"]["zoneIfUnknown"] = "Z"
    [_, note] = map(str, Scenario.from_document(lists, tmp_path).warnings)
    assert note.endswith(f"called by the clock of Z: 5 of the numbers ({plans})")
    read = [{"file": "list.csv", "country": "US"}]
    scenario = Scenario.from_document(lists | {"numbers": read, "skipFaulty": True}, tmp_path)
    [_, note] = map(str, scenario.warnings)
    assert note.endswith("called by the clock of Z: 2 of the numbers (+1: 2)"), "012… and 999…"


def test_of_many_plans_the_most_frequent_are_told() -> None:
    assert plans_text({f"+{plan}": plan for plan in range(20, 40)}).endswith("+32: 32, others: 306")


def test_many_policies_are_placed_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers: list[dict[str, Any]] = [{"phone": NEW_YORK, "maxAttempts": place} for place in range(50)]
    numbers.append({"phone": LONDON})
    few = placed_list(*numbers)[0]

    monkeypatch.setattr(policies, "MOST_PAIRS_TABLED", 0)
    monkeypatch.setattr(placing, "BLOCK_ROWS", 7)
    monkeypatch.setattr(policies, "BLOCK_ROWS", 7)

    many = placed_list(*numbers)[0]
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
    scenario = Scenario.from_document(document({"phone": NOWHERE}, gmtZone="fromPhone", zoneIfUnknown="+9"))

    assert [*map(str, scenario.warnings)] == [
        "phones whose zone is not known are called by the clock of +09:00: 1 of the numbers (no country code: 1)"
    ]
    assert scenario.varied(scenario.source).phonebook is scenario.phonebook
    other = document({"phone": NOWHERE}, gmtZone="fromPhone", zoneIfUnknown="+8")
    assert zones(scenario.varied(other).phonebook) == ["+08:00"]


def test_numbers_that_could_not_be_placed_are_faults_in_every_list_and_can_be_left_out(tmp_path: Path) -> None:
    body = [{"phone": NEW_YORK}, {"phone": NOWHERE}, {"phone": NOWHERE, "gmtZone": "Z"}]
    (tmp_path / "list.csv").write_text(f"phone\n{IDAHO}\n{LONDON}\n{NOWHERE}\n")
    made_up = {"count": 2}, {"count": 2, "phones": "Europe/Berlin"}, {"count": 2, "gmtZone": "Europe/Berlin"}
    parts = [{"addPhones": body}, {"file": "list.csv"}, *({"generate": each} for each in made_up)]
    lists = document(gmtZone="fromPhone") | {"numbers": parts}

    with pytest.raises(ScenarioError) as refused:
        Scenario.from_document(lists, tmp_path)

    places = [str(fault).split(": found")[0] for fault in refused.value.faults]
    assert places == [
        "numbers[0].addPhones[1].phone",
        f"{tmp_path / 'list.csv'}:4: [2].phone",
        "numbers[2].generate[0].phone",
        "numbers[2].generate[1].phone",
    ]
    scenario = Scenario.from_document(lists | {"skipFaulty": True}, tmp_path)
    assert len(scenario.phonebook) == 8
    assert [(number.position, number.number) for number in scenario.faulty] == [
        (1, b'{"phone":"99912345"}'),
        (2, b'{"phone":"99912345"}'),
        (0, b'{"phone":"12000000000"}'),
        (1, b'{"phone":"12000000001"}'),
    ]
    assert scenario.placing is not None
    assert scenario.placing.not_placed == 0


@pytest.mark.parametrize("name", ["list.json", "list.ndjson", "list.csv", "list.parquet"])
def test_numbers_that_could_not_be_placed_are_found_among_many_in_every_format(tmp_path: Path, name: str) -> None:
    wrong = {7: {"phone": NOWHERE}, 30: {"phone": "1"}, 70: {"phone": "0012125550000"}, 99: {"phone": NOWHERE}}
    numbers = [wrong.get(place, {"phone": str(12125550000 + place)}) | {"maxAttempts": 2} for place in range(100)]
    layout = layouts.Layout()
    written = {
        "list.json": layouts.json_of(numbers),
        "list.ndjson": layouts.lines_of(numbers),
        "list.csv": layouts.csv_of(numbers, layout),
        "list.parquet": layouts.flat_parquet_of(numbers, layout),
    }
    (tmp_path / name).write_bytes(written[name])
    places = Places()
    intake = Intake(places=places)

    read, _ = read_numbers(tmp_path / name, intake)

    assert [number.position for number in read.faulty] == [*wrong]
    assert [[fault.path for fault in number.faults] for number in read.faulty] == [
        [(place, "phone")] for place in wrong
    ]
    assert read.positions.tolist() == [place for place in range(100) if place not in wrong]
    intake.add(read, np.broadcast_to(np.int64(0), len(read.positions)))
    assert set(zones(placed(intake.phonebook(), places)[0])) == {"America/New_York"}


def test_each_number_keeps_its_zone_when_lists_are_put_in_order_and_duplicates_left_out() -> None:
    parts = [
        {"addPhones": [{"phone": LONDON}, {"phone": NEW_YORK}], "added": "2026-03-02T02:00:00Z"},
        {"addPhones": [{"phone": IDAHO}, {"phone": IDAHO}, {"phone": LONDON}], "added": "2026-03-02T01:00:00Z"},
    ]
    book = Scenario.from_document(document(gmtZone="fromPhone") | {"numbers": parts}).phonebook

    assert book.duplicates == 2
    assert zones(book) == ["America/Boise&America/Los_Angeles", "Europe/London", "America/New_York"]


@pytest.mark.parametrize("zone", ["Z", None])
def test_a_zone_for_unknown_phones_is_a_fault_where_nobody_asks_the_phones(zone: str | None) -> None:
    with pytest.raises(ScenarioError) as refused:
        Scenario.from_document(document({"phone": NEW_YORK}, gmtZone=zone, zoneIfUnknown="+1"))

    assert str(refused.value) == (
        'campaign.zoneIfUnknown: found "+01:00"; allowed: nothing, unless gmtZone is fromPhone; '
        "gmtZone alone is the zone of all numbers"
    )
    with pytest.raises(ScenarioError, match="zoneIfUnknown"):
        Scenario.from_document(document({"phone": NEW_YORK}, gmtZone="fromPhone", zoneIfUnknown="fromPhone"))


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


@pytest.mark.parametrize(("if_unknown", "hour"), [(None, 9), ("America/New_York", 14)])
def test_the_shifts_of_such_a_campaign_are_in_the_zone_for_unknown_phones(if_unknown: str | None, hour: int) -> None:
    zones = {"gmtZone": "fromPhone", "zoneIfUnknown": if_unknown}
    shift = {"lines": 2, "from": "09:00", "to": "10:00"}
    scenario = Scenario.from_document(document({"phone": NEW_YORK}, lines=None, shifts=[shift], **zones))
    start = scenario.document.start

    lines = scenario.document.campaign.lines_over(start, scenario.document.finish)

    assert list(zip((lines.instants - start).tolist(), lines.lines.tolist(), strict=True)) == [
        (0, 0),
        (hour * 3_600, 2),
        ((hour + 1) * 3_600, 0),
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
