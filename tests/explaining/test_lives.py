"""Explanations of numbers: each second has one reason, which is true (rules 6)."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from engine import InputError, Scenario, simulate
from engine.dialing.waits import WAIT_REASONS
from engine.explaining.lives import Life, lives_of
from engine.testing.strategies import crowds, scenarios
from tests.dice import dice_of
from tests.oracle import Oracle, lines_by_second

slowly = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
REDIALS = {"answered": {"share": 1, "seconds": 60, "redials": [{"share": 1, "startAfterMinutes": 5}]}}


def every_life(scenario: Scenario) -> dict[int, Life]:
    """The lives of all numbers of a list, by their rows."""
    book = scenario.phonebook
    phones = {str(code)[1:] for code in book.phone_codes.tolist()}
    return {life.row: life for phone in phones for life in lives_of(scenario, phone).lives}


def played(numbers: list[dict[str, Any]], phone: str = "16505550001", **parts: Any) -> Life:
    """The life of the first number of a small campaign of a day."""
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 1, **parts.pop("campaign", {})},
        "numbers": [{"addPhones": numbers}],
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
        **parts,
    }
    return lives_of(Scenario.from_document(document), phone).lives[0]


def told(life: Life) -> list[tuple[str, str, str]]:
    """The stretches: the time in UTC at which each begins, the time at which it ends, and its reason."""
    return [
        (
            f"{datetime.fromtimestamp(each.start, UTC):%H:%M:%S}",
            f"{datetime.fromtimestamp(each.end, UTC):%H:%M:%S}",
            each.reason,
        )
        for each in life.stretches
    ]


@slowly
@given(scenarios() | crowds())
def test_each_second_has_the_reason_that_the_oracle_gives_it(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    expected = Oracle(document, dice_of(scenario)).play(with_lives=True).lives
    lives = every_life(scenario)

    assert sorted(lives) == list(range(len(expected)))
    for row, life in lives.items():
        seconds = [(each.reason, each.priority) for each in life.stretches for _ in range(each.start, each.end)]
        assert seconds == [(second.reason, second.priority) for second in expected[row]]
        for each in life.stretches:
            if each.ahead is not None:
                assert each.ahead == expected[row][each.start - scenario.document.start].ahead


@slowly
@given(scenarios() | crowds())
def test_who_waits_for_a_line_waits_while_all_are_busy(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    start, finish = scenario.document.start, scenario.document.finish
    lines, in_use = lines_by_second(document["campaign"], start, finish), np.zeros(finish - start + 1, np.int64)
    calls = simulate(scenario, "reference", calls=True).record.calls
    assert calls is not None
    np.add.at(in_use, calls.time, 1)
    np.add.at(in_use, np.minimum(calls.time + calls.seconds, finish - start), -1)
    in_use = np.cumsum(in_use)

    for life in every_life(scenario).values():
        for each in life.stretches:
            if each.reason == "line":
                assert (
                    in_use[each.start - start : each.end - start] >= lines[each.start - start : each.end - start]
                ).all()
            if each.last_called is not None:
                assert each.last_called.priority <= each.priority


@slowly
@given(scenarios() | crowds())
def test_the_waits_of_a_list_are_those_of_its_numbers(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    sums: Counter[tuple[str, int]] = Counter()
    for life in every_life(scenario).values():
        for each in life.stretches:
            sums[each.reason, each.priority] += each.end - each.start
    waits = simulate(scenario, "reference", waiting=True).record.waits
    assert waits is not None
    counted = {
        (reason.name, priority): int(count)
        for place, reason in enumerate(WAIT_REASONS)
        for priority, count in enumerate(waits[:, place].sum(axis=0), 1)
        if count
    }

    assert counted == sums


def test_a_retry_and_a_cap_follow_each_other() -> None:
    life = played(
        [{"phone": "16505550001", "maxAttempts": 2}],
        campaign={"retryIntervalInMinutes": 30, "caps": [{"atMost": 1, "hours": 2}]},
        outcomes={"answered": {"share": 0, "seconds": 60}, "busy": {"share": 1, "seconds": 60, "retry": True}},
    )

    assert told(life) == [
        ("00:00:00", "00:01:00", "in_call"),
        ("00:01:00", "00:31:00", "retry_interval"),
        ("00:31:00", "02:00:00", "held_by_cap"),
        ("02:00:00", "02:01:00", "in_call"),
        ("02:01:00", "00:00:00", "ended"),
    ]
    assert [cap.hours for cap in life.stretches[2].caps] == [2]
    assert [call.outcome for call in life.calls] == ["busy", "busy"]
    assert life.stretches[-1].ending == "exhausted"


def test_a_cap_of_a_rule_set_is_named_as_those_of_the_campaign_are() -> None:
    life = played(
        [{"phone": "16505550001", "maxAttempts": 4, "retryIntervalInMinutes": 30}],
        campaign={"allowedTime": "8-20", "caps": [{"atMost": 5, "days": 1}], "rules": ["us-fl"]},
        outcomes={"answered": {"share": 0, "seconds": 60}, "busy": {"share": 1, "seconds": 60, "retry": True}},
    )

    assert [[(cap.at_most, cap.hours) for cap in each.caps] for each in life.stretches if each.caps] == [[(3, 24)]]


def test_the_time_until_a_redial_starts_is_before_its_start() -> None:
    life = played([{"phone": "16505550001"}], outcomes=REDIALS)

    assert told(life)[:3] == [
        ("00:00:00", "00:01:00", "in_call"),
        ("00:01:00", "00:06:00", "before_start"),
        ("00:06:00", "00:07:00", "in_call"),
    ]


def test_who_was_called_instead_is_named_with_its_priority() -> None:
    numbers: list[dict[str, Any]] = [{"phone": "16505550001"}, {"phone": "16505550002", "dialerPriority": 1}]
    life = played(numbers)
    first = life.stretches[0]

    assert (first.reason, first.end - first.start, first.ahead, first.called_meanwhile) == ("line", 60, 0, 1)
    assert first.last_called is not None
    assert (first.last_called.phone, first.last_called.priority) == ("+16505550002", 1)


def test_a_closed_date_comes_before_a_day_and_a_day_before_hours() -> None:
    hours = {"mon": [], "default": [{"localTimeFrom": "10:00", "localTimeTo": "11:00"}]}
    life = played(
        [{"phone": "16505550001"}],
        start="2026-03-01T23:00:00Z",
        finish="2026-03-04T09:00:00Z",
        campaign={"closedDates": ["2026-03-03"], "allowedTime": hours},
    )

    assert [each.reason for each in life.stretches] == [
        "outside_hours",
        "day_not_allowed",
        "closed_date",
        "outside_hours",
    ]


def test_a_phone_may_be_written_as_people_write_it_and_be_there_twice() -> None:
    body = [{"phone": "16505550001"}, {"phone": "16505550001", "payload": {"debt": 2}}]
    document = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 1},
        "numbers": [{"addPhones": body}],
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
    }

    assert [life.row for life in lives_of(Scenario.from_document(document), "+1 (650) 555-0001").lives] == [0, 1]


@pytest.mark.parametrize("phone", ["6505550001", "0016505550001", "16505550009"])
def test_a_phone_that_is_not_on_the_list_is_told_with_the_nearest(phone: str) -> None:
    with pytest.raises(InputError, match=r"which is not on the list.*the nearest: \+16505550001"):
        played([{"phone": "16505550001"}, {"phone": "4930123456"}], phone)


def test_a_phone_that_is_far_too_long_is_told_so() -> None:
    with pytest.raises(InputError, match="which is not a phone"):
        played([{"phone": "16505550001"}], "1" * 500)


def test_a_phone_like_none_of_the_list_has_no_nearest() -> None:
    with pytest.raises(InputError, match=r"allowed: a phone of the list$"):
        played([{"phone": "16505550001"}], "4930123456")
