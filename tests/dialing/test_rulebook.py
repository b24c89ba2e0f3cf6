"""Rulebook: what a scenario comes to before anybody is called."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import CallPolicy, Scenario
from engine.calling.instants import ALWAYS, NEVER
from engine.calling.policies import Policies
from engine.calling.zones import ZoneName
from engine.dialing.rulebook import Rulebook
from engine.testing.strategies import Fields, scenarios
from tests.oracle import WEEKDAYS, instant, lines_by_second

START = instant("2026-03-02T00:00:00Z")
OFFICE = {"allowedTime": {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}}


def document(**parts: Any) -> Fields:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-09T00:00:00Z",
        "campaign": {"lines": 2},
        "numbers": [{"addPhones": [{"phone": "12345"}]}],
        "outcomes": {"busy": {"share": 1, "seconds": 30}},
        **parts,
    }


def rulebook(**parts: Any) -> Rulebook:
    return Rulebook(Scenario.from_document(document(**parts)).document)


def lines_between(start: str, finish: str, **campaign: Any) -> list[tuple[int, int]]:
    """From which hour of the simulation on there are how many lines."""
    changes = rulebook(start=start, finish=finish, campaign=campaign).lines
    hours = (changes.instants - instant(start)) / 3600
    return list(zip(hours.tolist(), changes.lines.tolist(), strict=True))


# Lines (rules 6)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios(), st.data())
def test_lines_are_those_of_every_second(scenario: Fields, data: st.DataObject) -> None:
    start, finish = instant(scenario["start"]), instant(scenario["finish"])
    expected = lines_by_second(scenario["campaign"], start, finish)
    checked = Scenario.from_document(scenario).document
    changes = checked.campaign.lines_over(start, finish)
    places = np.searchsorted(changes.instants, np.arange(start, finish), side="right") - 1
    assert changes.lines[places].tolist() == expected

    since, until = sorted(data.draw(st.lists(st.integers(start, finish), min_size=2, max_size=2)))
    in_all = Rulebook(checked).line_seconds(np.array([since]), np.array([until]))
    assert in_all.tolist() == [sum(expected[since - start : until - start])]


def test_shifts_overlap_and_add_up() -> None:
    shifts = [{"lines": 3, "from": "08:00", "to": "20:00"}, {"lines": 2, "from": "12:00", "to": "14:00"}]
    assert lines_between("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", shifts=shifts) == [
        *((0, 0), (8, 3), (12, 5), (14, 3), (20, 0))
    ]


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    shifts = [{"lines": 1, "from": "22:00", "to": "06:00", "days": ["mon"]}]
    assert lines_between("2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z", shifts=shifts) == [(0, 0), (22, 1), (30, 0)]


def test_shifts_follow_the_clock_of_the_campaign() -> None:
    shifts = [{"lines": 1, "from": "01:00", "to": "04:00"}]
    campaign = {"gmtZone": "America/New_York", "shifts": shifts}  # whose clock skips from 2:00 to 3:00
    assert lines_between("2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z", **campaign) == [(0, 0), (1, 1), (3, 0)]


def test_a_shift_without_hours_is_there_all_day() -> None:
    assert lines_between("2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z", shifts=[{"lines": 4}]) == [(0, 4), (24, 0)]
    sunday = [{"lines": 4, "days": ["sun"]}]
    assert lines_between("2026-03-07T12:00:00Z", "2026-03-10T12:00:00Z", shifts=sunday) == [(0, 0), (12, 4), (36, 0)]


# Terms (rules 2 and 6)


def redialling(**redial: Any) -> Fields:
    return {"answered": {"share": 1, "seconds": 30, "redials": [{"share": 1, **redial}]}}


def test_a_policy_is_compiled_once() -> None:
    compiled = rulebook(outcomes=redialling(startAfterMinutes=5))
    first = compiled.terms_of(CallPolicy.from_json(OFFICE))
    second = compiled.terms_of(CallPolicy.from_json({"maxAttempts": 3}))
    assert (first, second) == (0, 2)  # each with its redial behind it
    assert compiled.terms_of(CallPolicy.from_json(OFFICE)) == first


def test_policies_of_the_same_hours_and_zone_open_and_close_together() -> None:
    compiled = rulebook()
    spellings: list[Fields] = [
        OFFICE,
        {**OFFICE, "maxAttempts": 3, "startDateTime": "2026-03-03T00:00:00Z", "gmtZone": "UTC"},
        {"allowedTime": dict.fromkeys(WEEKDAYS, OFFICE["allowedTime"]["default"])},
        {**OFFICE, "gmtZone": "+01:00"},
    ]
    classes = [compiled.terms[compiled.terms_of(CallPolicy.from_json(each))].window_class for each in spellings]
    assert classes == [0, 0, 0, 1]


def test_a_redial_goes_over_the_number_and_the_number_over_the_campaign() -> None:
    campaign = {"lines": 1, "retryIntervalInMinutes": 7, "maxAttempts": 9, "dialerPriority": 2}
    compiled = rulebook(campaign=campaign, outcomes=redialling(startAfterMinutes=5, retryIntervalInMinutes=3))
    place = compiled.terms_of(CallPolicy.from_json({"dialerPriority": 4, "retryIntervalInMinutes": 6}))
    own, redial = compiled.terms[place : place + 2]
    assert (own.priority, own.retry_seconds, own.attempts) == (4, 360, 9)
    assert (redial.priority, redial.retry_seconds, redial.attempts) == (4, 180, 5)
    assert compiled.redial_after == [300]


@pytest.mark.parametrize(
    ("fields", "closes"),
    [
        ({}, NEVER),
        (OFFICE, NEVER),
        ({"allowedTime": {}}, ALWAYS),
        ({"allowedTime": {}, "finishDateTime": "2026-03-04T12:00:00Z"}, ALWAYS),
        ({"finishDateTime": "2026-03-04T12:00:00Z"}, instant("2026-03-04T12:00:00Z")),
        ({**OFFICE, "finishDateTime": "2026-03-04T12:00:00Z"}, instant("2026-03-04T12:00:00Z")),
        ({**OFFICE, "finishDateTime": "2026-03-04T18:00:00Z"}, instant("2026-03-04T18:00:00Z")),
        ({**OFFICE, "finishDateTime": "2026-03-04T20:00:00Z"}, instant("2026-03-04T18:00:00Z")),
        ({**OFFICE, "finishDateTime": "2026-03-04T10:00:00Z"}, instant("2026-03-03T18:00:00Z")),
        ({**OFFICE, "allowedDays": ["sun"], "finishDateTime": "2026-03-07T00:00:00Z"}, instant("2026-03-01T18:00:00Z")),
    ],
)
def test_a_policy_closes_when_its_last_window_before_the_finish_date_does(fields: Fields, closes: int) -> None:
    compiled = rulebook()
    assert compiled.terms[compiled.terms_of(CallPolicy.from_json(fields))].closes == closes


# Who may be called, and when


def test_numbers_that_can_never_be_called_are_told_apart() -> None:
    body = [
        {"phone": "12345"},
        {"phone": "12346", "allowedTime": {}},
        {"phone": "12347", "allowedDays": ["sun"], "finishDateTime": "2026-03-07T00:00:00Z"},
        {"phone": "12348", "allowedDays": ["sun"], "startDateTime": "2026-03-08T23:00:00Z"},
        {"phone": "12349", **OFFICE, "startDateTime": "2026-03-02T18:00:00Z", "finishDateTime": "2026-03-03T10:00:00Z"},
    ]
    scenario = Scenario.from_document(document(numbers=[{"addPhones": body}]))
    never = Rulebook(scenario.document).never_allowed(scenario.phonebook)
    assert never.never_opens.tolist() == [False, True, False, False, False]
    assert never.closed_until_finish.tolist() == [False, False, True, False, True]


def test_the_first_instant_at_which_a_number_may_be_called() -> None:
    body = [
        {"phone": "12345"},
        {"phone": "12346", **OFFICE},
        {"phone": "12347", **OFFICE, "startDateTime": "2026-03-02T11:00:00Z"},
        {"phone": "12348", **OFFICE, "startDateTime": "2026-03-02T18:00:00Z"},
        {"phone": "12349", "startDateTime": "2026-03-09T00:00:00Z"},
        {"phone": "12340", **OFFICE, "finishDateTime": "2026-03-02T10:00:00Z"},
    ]
    scenario = Scenario.from_document(document(numbers=[{"addPhones": body}]))
    first = Rulebook(scenario.document).first_allowed(scenario.phonebook)
    assert first.tolist() == [START, *(START + 3600 * hours for hours in (10, 11, 34)), NEVER, NEVER]


def test_closed_dates_move_the_first_instant_and_take_the_last() -> None:
    body = [
        {"phone": "12345", **OFFICE},
        {"phone": "12346", **OFFICE, "finishDateTime": "2026-03-04T00:00:00Z"},
        {"phone": "12347", "gmtZone": "-05:00"},
        {"phone": "12348", "allowedDays": ["mon"]},
    ]
    campaign = {"lines": 1, "closedDates": ["2026-03-03", "2026-03-02"]}
    scenario = Scenario.from_document(document(campaign=campaign, numbers=[{"addPhones": body}]))
    compiled = Rulebook(scenario.document)
    first, never = compiled.first_allowed(scenario.phonebook), compiled.never_allowed(scenario.phonebook)

    assert first.tolist() == [START + 58 * 3600, NEVER, START, NEVER]
    assert never.closed_until_finish.tolist() == [False, True, False, False]
    assert not never.never_opens.any()


def test_a_window_that_meets_the_simulation_is_known_whole() -> None:
    night = {"allowedTime": {"default": [{"localTimeFrom": "22:00", "localTimeTo": "02:00"}]}}
    compiled = rulebook(finish="2026-03-02T23:00:00Z")
    windows = compiled.classes[compiled.terms[compiled.terms_of(CallPolicy.from_json(night))].window_class]
    assert windows.starts == [START - 7200, START + 22 * 3600]
    assert windows.ends == [START + 7200, START + 26 * 3600]


def test_a_segment_drawn_does_not_depend_on_the_rest_of_the_list() -> None:
    segments = [{"name": "a", "share": 0.3}, {"name": "b", "share": 0.3}, {"name": "c", "payload": {"vip": True}}]
    numbers: list[Fields] = [{"phone": 16505550000 + place} for place in range(200)]
    numbers[7]["payload"] = {"vip": True}

    def drawn(body: list[Fields]) -> dict[int, int]:
        scenario = Scenario.from_document(document(segments=segments, numbers=[{"addPhones": body}]))
        places = Rulebook(scenario.document).segments_of(scenario.phonebook).tolist()
        return dict(zip((number["phone"] for number in body), places, strict=True))

    whole = drawn(numbers)
    assert drawn(numbers[::-3]) == {number["phone"]: whole[number["phone"]] for number in numbers[::-3]}
    assert whole[16505550007] == 3
    assert [list(whole.values()).count(place) for place in range(3)] == pytest.approx([80, 60, 60], abs=25)


def test_what_a_rulebook_until_an_earlier_instant_learns_is_its_own() -> None:
    whole = rulebook()
    shorter = whole.until(whole.start + 60)
    places = shorter.terms_of(CallPolicy()), whole.terms_of(CallPolicy(max_attempts=2))

    assert places == (0, 0)
    assert [len(each.terms) for each in (whole, shorter)] == [1, 1]
    assert (whole.terms[0].attempts, shorter.terms[0].attempts) == (2, 1)


# What runs of one list share


VARIANTS: list[Fields] = [
    {"seed": 7},
    {"finish": "2026-03-16T00:00:00Z"},
    {"start": "2026-03-01T12:00:00Z"},
    {"campaign": {"lines": 1, "gmtZone": "Asia/Tokyo"}},
    {"campaign": {"lines": 1, **OFFICE}},
    {"campaign": {"lines": 1, "dialerPriority": 2, "maxAttempts": 4, "retryIntervalInMinutes": 9}},
    {"campaign": {"lines": 1, "startDateTime": "2026-03-02T10:00:00Z", "finishDateTime": "2026-03-04T12:00:00Z"}},
    {"campaign": {"lines": 1, "closedDates": ["2026-03-03"]}},
    {"campaign": {"lines": 1, "rules": ["us-tcpa"]}},
    {"campaign": {"lines": 1, "caps": [{"atMost": 1, "days": 3}]}},
    {"outcomes": redialling(startAfterMinutes=5)},
    {"outcomes": redialling(startAfterMinutes=5, dialerPriority=1, gmtZone="+02:00")},
]
LISTED: list[Fields] = [
    {},
    OFFICE,
    {"gmtZone": "America/New_York", "allowedDays": ["mon", "sat"]},
    {**OFFICE, "gmtZone": "Europe/Berlin", "maxAttempts": 2, "finishDateTime": "2026-03-05T09:00:00Z"},
    {"allowedTime": {}, "startDateTime": "2026-03-03T09:00:00Z"},
]


def test_a_list_that_was_compiled_before_comes_to_the_same() -> None:
    listed = Policies.of(map(CallPolicy.from_json, LISTED))
    for variant in [*VARIANTS, *VARIANTS[::-1], *VARIANTS]:
        alone = Policies.of(map(CallPolicy.from_json, LISTED))
        shared, fresh = rulebook(**variant), rulebook(**variant)

        assert shared.terms_of_all(listed).tolist() == fresh.terms_of_all(alone).tolist()
        assert shared.terms_of(CallPolicy(max_attempts=8)) == fresh.terms_of(CallPolicy(max_attempts=8))
        assert list(shared.terms) == list(fresh.terms)
        assert list(shared.classes) == list(fresh.classes)
        assert shared.learned() == fresh.learned()


def test_what_a_rulebook_learns_beside_a_shared_list_is_its_own() -> None:
    scenario = Scenario.from_document(document())
    listed = scenario.phonebook.distinct
    books = [Rulebook(scenario.document) for _ in range(3)]
    for place, compiled in enumerate(books):
        compiled.terms_of_all(listed)
        compiled.terms_of(CallPolicy(max_attempts=2 + place, gmt_zone=ZoneName.read(f"+0{place}:00")))

    assert [[terms.attempts for terms in compiled.terms] for compiled in books] == [[1, 2], [1, 3], [1, 4]]
    assert [len(compiled.classes) for compiled in books] == [1, 2, 2]
