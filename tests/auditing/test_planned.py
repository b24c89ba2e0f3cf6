"""Scenarios held against rule sets before any run."""

from typing import Any

import msgspec
import pytest

from engine import Scenario
from engine.auditing.planned import Plan, planned
from engine.calling.closed_dates import LocalDate
from engine.calling.rule_sets import NamedRules, rules_named

Fields = dict[str, Any]
FLORIDA = [f"1305200{place:04}" for place in range(3)]
NEW_YORK = ["12127360100", "12127360101"]


def plan(*names: str, by_phone: bool = False, meaning: Fields | None = None, **changes: Any) -> Plan:
    """What sets find in two weeks of calls from 9:00 to 21:30 in New York; `changes` are those of the campaign."""
    numbers = changes.pop("numbers", [{"phone": phone} for phone in FLORIDA + NEW_YORK])
    outcomes = changes.pop("outcomes", {"answered": {"share": 1, "seconds": 60}})
    document = {
        "start": "2026-03-02T05:00:00Z",
        "finish": "2026-03-16T04:00:00Z",
        "campaign": {"lines": 1, "gmtZone": "America/New_York", "allowedTime": "9-21:30", **changes},
        "numbers": [{"addPhones": numbers}],
        "outcomes": outcomes,
    }
    return planned(Scenario.from_document(document), rules_named(names), by_phone=by_phone, meaning=meaning)


def rows(found: Plan) -> list[tuple[Any, ...]]:
    return [(each.kind, each.time, each.numbers, each.dates, each.local_text) for each in found.possible]


def test_numbers_that_could_be_called_at_night_are_counted_with_the_time() -> None:
    assert rows(plan("us-fl")) == [("hours", "20:00-21:30", 5, 14, "2026-03-02T20:00:00")]


def test_hours_within_those_of_the_set_are_fine() -> None:
    assert plan("us-fl", allowedTime="9-20").found == 0


def test_a_set_found_by_phone_holds_for_its_state_alone() -> None:
    found = plan("us-fl", "us-tcpa", by_phone=True)

    assert [(rules.name, numbers) for rules, numbers in found.held] == [("us-fl", 3), ("us-tcpa", 5)]
    assert [(each.rules.name, each.numbers) for each in found.possible] == [("us-fl", 3), ("us-tcpa", 5)]


def test_numbers_of_no_known_country_are_counted_where_sets_are_found_by_phone() -> None:
    found = plan("us-fl", by_phone=True, numbers=[{"phone": phone} for phone in (FLORIDA[0], "99999")])

    assert [note.count for note in found.notes if note.kind == "region_not_known"] == [1]


def test_closed_dates_and_hours_are_told_apart() -> None:
    found = plan("fr", gmtZone="Europe/Paris", allowedTime="10-13", allowedDays=["mon", "fri"])

    assert found.found == 0  # no holiday lies in these weeks
    easter = planned(
        Scenario.from_document(
            {
                "start": "2026-04-06T00:00:00Z",
                "finish": "2026-04-08T00:00:00Z",
                "campaign": {"lines": 1, "gmtZone": "Europe/Paris", "allowedTime": "9-13"},
                "numbers": [{"addPhones": [{"phone": "33142278186"}]}],
                "outcomes": {"answered": {"share": 1, "seconds": 60}},
            }
        ),
        rules_named(["fr"]),
    )
    assert rows(easter) == [
        ("closedDates", "09:00-13:00", 1, 1, "2026-04-06T09:00:00"),
        ("hours", "09:00-10:00", 1, 1, "2026-04-07T09:00:00"),
    ]


def test_a_number_with_hours_of_its_own_is_told_apart() -> None:
    night = {"default": [{"localTimeFrom": "22:00", "localTimeTo": "23:00"}]}
    found = plan("us-fl", numbers=[{"phone": FLORIDA[0]}, {"phone": FLORIDA[1], "allowedTime": night}])

    assert [(each.hours, each.time, each.numbers) for each in found.possible] == [
        ("09:00-21:30 every day", "20:00-21:30", 1),
        ("22:00-23:00 every day", "22:00-23:00", 1),
    ]


def test_a_number_counts_only_from_when_it_starts_until_it_finishes() -> None:
    found = plan(
        "us-fl",
        numbers=[
            {"phone": FLORIDA[0], "finishDateTime": "2026-03-02T20:00:00-05:00"},
            {"phone": FLORIDA[1], "startDateTime": "2026-03-15T22:00:00-04:00"},
            {"phone": FLORIDA[2], "finishDateTime": "2026-03-02T20:00:01-05:00"},
        ],
    )

    assert [(kind, numbers, first) for kind, _, numbers, _, first in rows(found)] == [
        ("hours", 1, "2026-03-02T20:00:00")
    ]


def test_a_number_that_is_added_when_the_last_hours_end_could_not_be_called() -> None:
    document: Fields = {
        "start": "2026-03-02T05:00:00Z",
        "finish": "2026-03-04T05:00:00Z",
        "campaign": {"lines": 1, "gmtZone": "America/New_York", "allowedTime": "9-21"},
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
    }

    def found(added: str) -> list[int]:
        parts = [{"addPhones": [{"phone": FLORIDA[0]}], "added": added}]
        scenario = Scenario.from_document(document | {"numbers": parts})
        return [each.numbers for each in planned(scenario, rules_named(["us-fl"])).possible]

    assert found("2026-03-04T01:59:59Z") == [1]
    assert found("2026-03-04T02:00:00Z") == []


def test_a_redial_with_hours_of_its_own_is_told_apart() -> None:
    redial = {"share": 0.5, "allowedTime": "21-22"}
    outcomes = {"answered": {"share": 1, "seconds": 60, "redials": [redial]}}

    found = plan("us-fl", allowedTime="9-18", outcomes=outcomes)

    assert [(each.redial, each.time, each.numbers) for each in found.possible] == [("answered", "21:00-22:00", 5)]


def test_a_redial_that_may_come_later_than_other_calls_is_told_apart() -> None:
    """The other calls have to begin on Monday before 13:00."""
    redial = {"share": 1, "startAfterMinutes": 5, "finishDateTime": "2026-03-07T05:00:00Z"}
    outcomes = {"answered": {"share": 1, "seconds": 60, "redials": [redial]}}

    found = plan("fr", outcomes=outcomes, allowedTime="13-15", finishDateTime="2026-03-02T18:00:00Z")

    assert [(each.redial, each.time, each.dates) for each in found.possible] == [("answered", "13:00-14:00", 5)]


def test_a_set_that_is_not_in_force_yet_finds_nothing() -> None:
    name, rules = rules_named(["us-fl"])[0]
    later = NamedRules(name, msgspec.structs.replace(rules, from_=LocalDate(30_000)))
    document = {
        "start": "2026-03-02T05:00:00Z",
        "finish": "2026-03-03T05:00:00Z",
        "campaign": {"lines": 1},
        "numbers": [{"addPhones": [{"phone": FLORIDA[0]}]}],
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
    }

    assert planned(Scenario.from_document(document), [later]).found == 0


RETRIED = {"noAnswer": {"share": 0.9, "seconds": 60, "retry": True}, "answered": {"share": 0.1, "seconds": 60}}


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        ({"maxAttempts": 3, "retryIntervalInMinutes": 10}, 0),
        ({"maxAttempts": 4, "retryIntervalInMinutes": 10}, 5),
        ({"maxAttempts": 4, "retryIntervalInMinutes": 479}, 5),
        ({"maxAttempts": 4, "retryIntervalInMinutes": 480}, 0),
        ({"maxAttempts": 4, "retryIntervalInMinutes": 10, "maxTotalAttempts": 3}, 0),
        ({"maxAttempts": 4, "retryIntervalInMinutes": 10, "caps": [{"atMost": 3, "hours": 24}]}, 0),
        ({"maxAttempts": 4, "retryIntervalInMinutes": 10, "caps": [{"atMost": 3, "hours": 23}]}, 5),
    ],
)
def test_retries_that_a_cap_would_forbid_are_found(changes: Fields, numbers: int) -> None:
    found = plan("us-fl", allowedTime="9-20", outcomes=RETRIED, **changes)

    assert [each.numbers for each in found.excess] == ([numbers] if numbers else [])


@pytest.mark.parametrize(
    ("redial", "changes", "numbers"),
    [
        ({"startAfterMinutes": 0}, {}, 5),
        ({"startAfterMinutes": 479}, {}, 5),
        ({"startAfterMinutes": 480}, {}, 0),
        ({"startAfterMinutes": 480}, {"maxTotalAttempts": 4, "maxAttempts": 2, "retryIntervalInMinutes": 10}, 5),
        ({"startAfterMinutes": 480, "maxAttempts": 2, "retryIntervalInMinutes": 10}, {}, 5),
        ({"startAfterMinutes": 0}, {"maxTotalAttempts": 3, "maxAttempts": 3}, 0),
        ({"startAfterMinutes": 0}, {"maxTotalAttempts": 4}, 5),
    ],
)
def test_redials_that_a_cap_would_forbid_are_found(redial: Fields, changes: Fields, numbers: int) -> None:
    """Each call may bring a redial, one of a redial as well."""
    answered = {**RETRIED["answered"], "redials": [{"share": 1, **redial}]}

    found = plan("us-fl", allowedTime="9-20", outcomes={**RETRIED, "answered": answered}, **changes)

    assert [each.numbers for each in found.excess] == ([numbers] if numbers else [])


def test_a_refusal_that_is_retried_is_found_once_it_is_named() -> None:
    outcomes = {"REFUSED": {"share": 0.9, "seconds": 60, "retry": True}, "answered": {"share": 0.1, "seconds": 60}}
    changes: Fields = {"allowedTime": "10-13", "allowedDays": ["mon"], "maxAttempts": 2, "outcomes": outcomes}

    unnamed, named = plan("fr", **changes), plan("fr", meaning={"REFUSED": "refusal"}, **changes)

    assert [len(each.excess) for each in (unnamed, named)] == [0, 1]
    assert any("--outcome NAME=refusal" in str(note) for note in unnamed.notes)


def test_fixed_offsets_lead_hours_astray_when_clocks_change() -> None:
    (offset,) = plan("us-fl", gmtZone="-05:00", allowedTime="9-20").offsets

    assert (offset.zone, offset.meant, offset.numbers, offset.numbers_outside) == ("-05:00", "America/New_York", 5, 5)
    assert offset.document["change"] == "2026-03-08T07:00:00Z"
    assert offset.hours_outside == 28  # an hour a day for four weeks


def test_fixed_offsets_do_not_matter_to_numbers_that_may_be_called_at_any_time() -> None:
    (offset,) = plan("us-fl", gmtZone="EST", allowedTime="0-24").offsets

    assert offset.numbers_outside == 0
    assert plan("us-fl", gmtZone="America/New_York").offsets == ()
