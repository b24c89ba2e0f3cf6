"""What no run may break, checked from its calls and numbers alone."""

import json
import os
import subprocess
import sys
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import NamedTuple

import polars.selectors as cs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Result, Scenario, simulate
from engine.testing.strategies import Fields, crowds, scenarios
from tests.oracle import WEEKDAYS, Policy, instant, lines_by_second, zone
from tests.oracle import given as fields_given

slowly = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


class Row(NamedTuple):
    """A call of a result."""

    number: int
    start: int
    seconds: int
    outcome: str


def calls_of(result: Result) -> list[Row]:
    columns = result.calls.select("number", result.calls["start"].dt.epoch("s"), "seconds", "outcome")
    return [Row(*row) for row in columns.rows()]


def series_of(result: Result) -> dict[int, list[Row]]:
    """The calls of each number, in order."""
    series = defaultdict(list)
    for call in calls_of(result):
        series[call.number].append(call)
    return series


def policies_of(document: Fields) -> dict[str, Policy]:
    """The policy of each phone; a phone must be in the list only once."""
    campaign = fields_given(document["campaign"])
    numbers = [number for part in document["numbers"] for number in part["addPhones"]]
    return {str(number["phone"]): Policy({**campaign, **fields_given(number)}) for number in numbers}


def play(document: Fields) -> Result:
    return simulate(Scenario.from_document(document), calls=True)


def without_redials(document: Fields) -> Fields:
    """The scenario with each phone once, and nothing that starts a second series."""
    numbers = {str(number["phone"]).lstrip("+"): number for part in document["numbers"] for number in part["addPhones"]}
    outcomes = {
        name: {field: value for field, value in outcome.items() if field != "redials"}
        for name, outcome in document["outcomes"].items()
    }
    body = [{**number, "phone": phone} for phone, number in numbers.items()]
    return {**document, "numbers": [{"addPhones": body}], "outcomes": outcomes}


plain = (scenarios() | crowds()).map(without_redials)


def is_open(policy: Policy, at: int) -> bool:
    """Whether the wall clock stands in an interval of the policy (rules 3)."""
    local = datetime.fromtimestamp(at, zone(policy.zone_name))
    days, times = policy.fields.get("allowedDays"), policy.fields.get("allowedTime")
    clock = f"{local:%H:%M}"

    def listed(day: str) -> list[Fields]:
        if days is not None and day not in days:
            return []
        if times is None:
            return [{"localTimeFrom": "00:00", "localTimeTo": "24:00"}]
        return list(times.get(day, times.get("default", [])))

    for times_today in listed(WEEKDAYS[local.weekday()]):
        opens, closes = times_today["localTimeFrom"], times_today["localTimeTo"]
        if opens <= clock and (clock < closes or closes < opens):
            return True
    return any(clock < each["localTimeTo"] < each["localTimeFrom"] for each in listed(WEEKDAYS[local.weekday() - 1]))


@slowly
@given(plain)
def test_no_call_begins_outside_its_windows_and_dates(document: Fields) -> None:
    policies = policies_of(document)
    result = play(document)
    phones = result.numbers["phone"].to_list()
    for call in calls_of(result):
        policy = policies[phones[call.number]]
        assert is_open(policy, call.start)
        assert policy.starts is None or policy.starts <= call.start
        assert policy.finishes is None or call.start < policy.finishes
        assert instant(document["start"]) <= call.start < instant(document["finish"])


@slowly
@given(plain)
def test_no_series_is_longer_than_allowed_and_no_retry_too_early(document: Fields) -> None:
    policies = policies_of(document)
    result = play(document)
    phones = result.numbers["phone"].to_list()
    for number, calls in series_of(result).items():
        policy = policies[phones[number]]
        assert len(calls) <= min(policy.attempts, document["campaign"].get("maxTotalAttempts", 50))
        for call, retry in pairwise(calls):
            minutes = document["outcomes"][call.outcome].get("retryIntervalInMinutes")
            interval = policy.retry_seconds if minutes is None else minutes * 60
            assert retry.start >= call.start + call.seconds + interval


@slowly
@given(scenarios() | crowds())
def test_no_number_is_called_twice_at_once_or_more_often_than_in_all_allowed(document: Fields) -> None:
    for calls in series_of(play(document)).values():
        assert len(calls) <= document["campaign"].get("maxTotalAttempts", len(calls))
        assert all(first.start + first.seconds <= second.start for first, second in pairwise(calls))


@slowly
@given(scenarios() | crowds())
def test_never_do_more_calls_begin_than_lines_and_pace_allow(document: Fields) -> None:
    start, finish = instant(document["start"]), instant(document["finish"])
    lines = lines_by_second(document["campaign"], start, finish)
    calls = calls_of(play(document))
    ends: list[int] = []
    for call in calls:
        insort(ends, call.start + call.seconds)
        in_use = len(ends) - bisect_right(ends, call.start)
        assert in_use <= lines[call.start - start]  # a drop cuts nobody off, but nobody begins either

    pace = Fraction(str(document["campaign"].get("callsPerSecond", 10**9)))
    most_in_a_second = max(Counter(call.start for call in calls).values(), default=0)
    assert most_in_a_second <= ceil(pace)
    least = Fraction(10**18)
    for place, call in enumerate(calls):
        # of all stretches of s seconds and n calls that end with this call, the one with the largest n - pace * s
        least = min(least, place - pace * (call.start - start - 1))
        assert place + 1 - pace * (call.start - start) - least <= 1


@slowly
@given(scenarios() | crowds())
def test_no_line_stands_idle_while_a_number_could_be_called(document: Fields) -> None:
    start, finish = instant(document["start"]), instant(document["finish"])
    lines = lines_by_second(document["campaign"], start, finish)
    unpaced = {**document, "campaign": {**document["campaign"], "callsPerSecond": None}}
    result = play(unpaced)
    eligible = result.timeline.select(cs.starts_with("eligible")).sum_horizontal()
    for quarter, count in zip(result.timeline["time"].dt.epoch("s"), eligible, strict=True):
        last = min(quarter + 900, finish) - 1
        in_use = sum(call.start <= last < call.start + call.seconds for call in calls_of(result))
        assert count == 0 or in_use >= lines[last - start]


@slowly
@given(scenarios() | crowds())
def test_no_number_is_lost(document: Fields) -> None:
    result = play(document)
    numbers, figures = result.numbers, result.figures
    accepted = sum(len(part["addPhones"]) for part in document["numbers"]) - figures.numbers.duplicates_ignored
    endings = numbers["ending"].value_counts().rows()
    assert len(numbers) == accepted == sum(figures.numbers.ending.values())
    assert dict(endings) == {ending: count for ending, count in figures.numbers.ending.items() if count}
    for ending in ("completed", "exhausted", "expired", "cancelled"):
        assert result.timeline[f"ended_{ending}"].sum() == figures.numbers.ending[ending]
    ended = numbers["ended_at"].is_not_null()
    assert (numbers["ending"].str.starts_with("pending") != ended).all()


@slowly
@given(st.permutations(range(12)), st.integers(0, 2**32))
def test_shuffling_the_list_leaves_each_phone_its_luck(order: list[int], seed: int) -> None:
    def luck(places: list[int]) -> dict[str, list[tuple[str, int]]]:
        body = [{"phone": 16505550000 + place, "dialerPriority": place % 5 + 1} for place in places]
        result = play(lucky(seed, body))
        drawn = defaultdict(list)
        for phone, outcome, seconds in result.calls.select("phone", "outcome", "seconds").rows():
            drawn[phone].append((outcome, seconds))
        return drawn

    assert luck(order) == luck(sorted(order))


def lucky(seed: int, body: list[Fields]) -> Fields:
    """Two lines, twelve hours: time enough for every series to end."""
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-02T12:00:00Z",
        "seed": seed,
        "campaign": {"lines": 2, "maxAttempts": 4, "retryIntervalInMinutes": 5},
        "numbers": [{"addPhones": body}],
        "outcomes": {
            "answered": {
                "share": 0.25,
                "seconds": {"quantiles": {"0": 5, "1": 300}},
                "redials": [{"share": 0.5, "startAfterMinutes": 10}],
            },
            "noAnswer": {"share": 0.75, "seconds": {"quantiles": {"0": 5, "1": 40}}, "retry": True},
        },
        "answering": {"attempts": [1, 0.5, 2]},
        "segments": [{"name": "dead", "share": 0.3, "outcomes": {"answered": {"share": 0}}}],
    }


def test_more_lines_leave_each_call_its_luck() -> None:
    document = lucky(7, [{"phone": 16505550000 + place} for place in range(100)])
    more = {**document, "campaign": {**document["campaign"], "lines": 50}}
    one, other = (
        play(each).calls.select("phone", "attempt", "outcome", "seconds").sort("phone", "attempt")
        for each in (document, more)
    )
    assert one.equals(other)


DIGEST = """
import json, sys
from engine import Scenario, simulate
print(simulate(Scenario.from_document(json.load(sys.stdin))).digest)
"""


@pytest.mark.parametrize(("hash_seed", "machine_zone"), [("0", "UTC"), ("4711", "Asia/Kathmandu")])
def test_another_process_gives_the_same_digest(hash_seed: str, machine_zone: str) -> None:
    body = [{"phone": 16505550000 + place, "payload": {"a": place, "b": {}}} for place in range(100)]
    document = lucky(7, [*body, {"phone": "12345", "gmtZone": "America/New_York"}])
    child = subprocess.run(
        [sys.executable, "-c", DIGEST],
        input=json.dumps(document),
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": machine_zone},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(child.stdout) == play(document).digest


def test_another_seed_gives_another_digest() -> None:
    body: list[Fields] = [{"phone": 16505550000 + place} for place in range(12)]
    assert len({play(lucky(seed, body)).digest for seed in range(20)}) == 20
