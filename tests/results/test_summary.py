"""The figures of a run: they add up, and say what the tables say."""

from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from engine import Result, Scenario, simulate
from engine.testing.strategies import Fields, crowds, scenarios
from tests.oracle import instant

slowly = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def play(document: Fields) -> Result:
    return simulate(Scenario.from_document(document), calls=True)


def figure(result: Result, name: str) -> float | None:
    values: dict[str, float | None] = dict(result.summary.rows())
    return values[name]


@slowly
@given(scenarios() | crowds())
def test_counts_add_up(document: Fields) -> None:
    result = play(document)
    numbers, calls = result.figures.numbers, result.figures.calls
    assert numbers.total == len(result.numbers) == sum(numbers.ending.values())
    assert sum(numbers.ending_share.values()) == pytest.approx(1)
    assert numbers.reached + sum(numbers.not_reached.values()) == numbers.total
    assert all(numbers.not_reached.values())
    assert calls.total == sum(calls.outcome.values()) == len(result.calls)
    assert sum(calls.outcome_share.values()) == pytest.approx(1 if calls.total else 0)
    assert calls.per_number == pytest.approx(calls.total / numbers.total)
    assert calls.most_attempts == result.numbers["attempts"].max()


@slowly
@given(scenarios() | crowds())
def test_the_lines_worked_as_long_as_the_calls_lasted(document: Fields) -> None:
    result = play(document)
    lines, finish = result.figures.lines, instant(document["finish"])
    starts = result.calls["start"].dt.epoch("s")
    lasted = sum(min(lasts, finish - start) for start, lasts in zip(starts, result.calls["seconds"], strict=True))
    assert lines.hours_in_use == pytest.approx(lasted / 3600)
    assert lines.most_in_use == result.timeline["lines_in_use_most"].max()
    assert (lines.occupancy is None) == (lines.hours_available == 0)
    if lines.occupancy is not None:
        assert lines.occupancy == pytest.approx(lines.hours_in_use / lines.hours_available)
    if lines.occupancy is not None and lines.occupancy_while_calling is not None:
        assert lines.occupancy_while_calling >= lines.occupancy


@slowly
@given(scenarios() | crowds())
def test_waiting_is_measured_by_priority_over_the_numbers_that_were_called(document: Fields) -> None:
    result = play(document)
    called = result.numbers.filter(pl.col("first_call").is_not_null())
    waiting = result.figures.waiting
    assert sum(figures.numbers for figures in waiting.values()) == len(called)
    for priority, figures in waiting.items():
        waits = sorted(called.filter(pl.col("priority") == int(priority))["waited"])
        assert figures.mean == pytest.approx(sum(waits) / len(waits))
        for value, share in ((figures.median, 0.5), (figures.p90, 0.9), (figures.p99, 0.99)):
            assert sum(wait <= value for wait in waits) >= share * len(waits) > sum(wait < value for wait in waits)


def one_line(*numbers: Fields, **parts: Any) -> Fields:
    """Two hours of calls of ten minutes; the second and later calls to a number are answered."""
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-02T02:00:00Z",
        "campaign": {"lines": 1, "retryIntervalInMinutes": 20, "maxAttempts": 2},
        "numbers": [{"addPhones": list(numbers)}],
        "outcomes": {
            "answered": {"share": 0.5, "seconds": 600},
            "noAnswer": {"share": 0.5, "seconds": 600, "retry": True},
        },
        "answering": {"attempts": [0, 2]},
        **parts,
    }


A, B = {"phone": "16505550001"}, {"phone": "16505550002", "dialerPriority": 2}


def test_figures_by_hand() -> None:
    figures = play(one_line(A, B)).figures  # B at 00:00, A at 00:10, B again at 00:30, A again at 00:40
    assert figures.numbers.ending["completed"] == figures.numbers.reached == 2
    assert figures.calls.outcome == {"answered": 2, "noAnswer": 2}
    assert (figures.first_call_at, figures.last_call_at) == ("2026-03-02T00:00:00Z", "2026-03-02T00:40:00Z")
    assert (figures.last_reached_at, figures.done_at) == ("2026-03-02T00:40:00Z", "2026-03-02T00:50:00Z")
    assert [figures.lines.hours_available, figures.lines.hours_in_use] == pytest.approx([2, 2 / 3])
    assert figures.lines.occupancy_while_calling == pytest.approx(40 / 60)  # of four quarter-hours
    assert {priority: each.mean for priority, each in figures.waiting.items()} == {"2": 0, "5": 600}


def test_nothing_to_measure_is_none() -> None:
    figures = play(one_line({**A, "startDateTime": "2026-03-02T05:00:00Z"})).figures
    assert figures.first_call_at is figures.last_call_at is figures.last_reached_at is figures.done_at is None
    assert (figures.lines.occupancy, figures.lines.occupancy_while_calling, figures.waiting) == (0, None, {})


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ({"allowedTime": {}}, "never_opens"),
        ({"finishDateTime": "2026-03-01T00:00:00Z"}, "closed_until_finish_date"),
        ({"allowedDays": ["sun"], "finishDateTime": "2026-03-07T00:00:00Z"}, "closed_until_finish_date"),
        ({"allowedDays": ["sun"]}, "closed_until_simulation_ends"),
        ({"startDateTime": "2026-03-02T02:00:00Z"}, "closed_until_simulation_ends"),
        ({"finishDateTime": "2026-03-02T00:05:00Z"}, "expired_outranked"),
        ({"finishDateTime": "2026-03-02T00:05:00Z", "dialerPriority": 1}, "expired_never_called"),
        ({"finishDateTime": "2026-03-02T00:25:00Z"}, "expired"),
        ({"maxAttempts": 1}, "exhausted"),
        ({"startDateTime": "2026-03-02T01:50:00Z"}, "pending_in_call"),
        ({"startDateTime": "2026-03-02T01:40:00Z"}, "pending_callback"),
    ],
)
def test_whoever_is_not_reached_has_a_reason(number: Fields, reason: str) -> None:
    figures = play(one_line({**A, "dialerPriority": 1, "maxAttempts": 1}, {**B, **number})).figures
    assert figures.numbers.not_reached == ({"exhausted": 2} if reason == "exhausted" else {"exhausted": 1, reason: 1})


@pytest.mark.parametrize(("priority", "reason"), [(1, "pending_never_called"), (2, "pending_outranked")])
def test_a_number_that_never_got_a_line_is_pending_behind_its_equals_or_behind_higher_priorities(
    priority: int, reason: str
) -> None:
    document = one_line({**A, "dialerPriority": 1}, {**B, "dialerPriority": priority})
    document["outcomes"]["noAnswer"]["seconds"] = 7200
    assert play(document).figures.numbers.not_reached == {"pending_in_call": 1, reason: 1}


def test_lines_that_call_others_of_the_same_priority_are_no_lines_busy_with_higher_ones() -> None:
    first, second, third = ({**A, "dialerPriority": 1}, {**B, "dialerPriority": 2}, {**B, "dialerPriority": 2})
    document = one_line(first, second, third | {"phone": "15550000003"})
    document["outcomes"]["noAnswer"]["seconds"] = 5000  # a call to each of two, and the end is there
    assert play(document).figures.numbers.not_reached["pending_never_called"] == 1


def test_a_completed_call_that_reached_nobody_is_named_by_its_outcome() -> None:
    document = one_line(A, outcomes={"invalid": {"share": 1, "seconds": 3}})
    del document["answering"]
    assert play(document).figures.numbers.not_reached == {"completed_invalid": 1}


@pytest.mark.parametrize(
    ("goal", "share", "met"),
    [
        ({"reached": 0.5}, 1, True),
        ({"reached": 1}, 1, True),
        ({"reached": 0.5, "by": "2026-03-02T00:30:01Z"}, 0.5, True),
        ({"reached": 0.5, "by": "2026-03-02T00:30:00Z"}, 0, False),
        ({"reached": 0.6, "by": "2026-03-02T00:40:00Z"}, 0.5, False),
    ],
)
def test_a_goal_is_met_by_those_reached_before_its_instant(goal: Fields, share: float, met: bool) -> None:
    figures = play(one_line(A, B, goal=goal)).figures.goal
    assert figures is not None
    assert (figures.reached_share, figures.met) == (share, met)


def test_the_summary_table_has_each_figure_by_its_dotted_name() -> None:
    result = play(one_line(A, B, goal={"reached": 0.5}))
    assert figure(result, "numbers.reached_share") == 1
    assert figure(result, "numbers.ending.completed") == 2
    assert figure(result, "calls.outcome.noAnswer") == 2
    assert figure(result, "waiting.5.median") == 600
    assert figure(result, "goal.met") == 1
    assert result.summary["figure"].is_unique().all()


def test_the_zones_that_phones_tell_are_counted_if_the_campaign_asks_for_them() -> None:
    document = one_line({"phone": "12125550000"}, {"phone": "12082020000"}, {"phone": "99912345"})
    zones = {"gmtZone": "fromPhone", "zoneIfUnknown": "Asia/Tokyo"}
    asked = play(document | {"campaign": {**document["campaign"], **zones}})
    assert figure(asked, "zones.in_one_zone") == 1
    assert figure(asked, "zones.in_several_zones") == 1
    assert figure(asked, "zones.not_placed") == 1
    assert figure(asked, "zones.numbers.America/Boise&America/Los_Angeles") == 1
    assert asked.numbers["zone"].to_list() == ["America/New_York", "America/Boise&America/Los_Angeles", "Asia/Tokyo"]
    assert play(document).figures.zones is None


def test_the_summary_table_holds_instants_in_unix_seconds() -> None:
    result = play(one_line(A, B))
    assert figure(result, "first_call_at") == instant("2026-03-02T00:00:00Z")
    assert figure(result, "done_at") == instant("2026-03-02T00:50:00Z")
    unmeasured = play(one_line({**A, "startDateTime": "2026-03-02T05:00:00Z"}))
    assert figure(unmeasured, "first_call_at") is None
    assert result.summary["figure"].to_list()[:5] == unmeasured.summary["figure"].to_list()[:5]
