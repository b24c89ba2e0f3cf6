"""Hindrances: each number that was not reached in time counts once, with its reason."""

import pytest
from hypothesis import given

from engine import Scenario
from engine.testing.strategies import crowds, scenarios
from engine.whatif.hindrances import dead_share, hindrances
from engine.whatif.replications import replicate
from tests.campaigns import Fields, busy_day
from tests.results.test_summary import slowly


@slowly
@given(scenarios() | crowds())
def test_those_reached_in_time_and_the_hindered_always_make_up_the_list(document: Fields) -> None:
    scenario = Scenario.from_document(document | {"goal": {"reached": 0.5}})
    replications = [replicate(scenario, seed) for seed in (1, 2)]
    in_time = sum(each.figures["goal.reached_share"] or 0 for each in replications) / 2
    shares = sum(each.share for each in hindrances(replications, "goal.reached_share"))
    assert in_time + shares == pytest.approx(1)


def test_the_most_frequent_reason_comes_first() -> None:
    scenario = Scenario.from_document(busy_day())
    found = hindrances([replicate(scenario, 3)], "goal.reached_share")
    assert [each.share for each in found] == sorted((each.share for each in found), reverse=True)


def test_numbers_reached_after_the_goals_date_are_hindered_by_time() -> None:
    scenario = Scenario.from_document(busy_day(goal={"reached": 0.5, "by": "2026-03-02T00:10:00Z"}))
    [late] = [
        each for each in hindrances([replicate(scenario, 3)], "goal.reached_share") if each.reason == "reached_late"
    ]
    assert late.cause == "time"


def test_segments_that_never_answer_are_dead() -> None:
    payloads = {"plan": {"gold": 1, "silver": 3}}
    segments = [{"name": "silver", "payload": {"plan": "silver"}, "outcomes": {"answered": {"share": 0}}}]
    numbers = [{"generate": {"count": 400, "payload": payloads}}]
    scenario = Scenario.from_document(busy_day(segments=segments, numbers=numbers))
    assert dead_share(scenario) == pytest.approx(0.75, abs=0.07)
    assert dead_share(Scenario.from_document(busy_day())) == 0


def test_without_an_outcome_answered_all_are_dead() -> None:
    outcomes = {"busy": {"share": 1, "seconds": 5, "retry": True}}
    assert dead_share(Scenario.from_document(busy_day(outcomes=outcomes))) == 1
