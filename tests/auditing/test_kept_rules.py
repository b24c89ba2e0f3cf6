"""A campaign that names rule sets keeps to them: an audit of its calls finds nothing."""

from datetime import datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Scenario, simulate
from engine.auditing.audit import audit
from engine.auditing.planned import planned
from engine.auditing.simulated import calls_of_result
from engine.calling.rule_sets import rules_named
from engine.reading.faults import InputError
from engine.testing.strategies import rule_sets, scenarios

Fields = dict[str, Any]


@st.composite
def obedient(draw: st.DrawFn) -> Fields:
    """A scenario whose campaign names one or two rule sets; redials stay in the zones of their numbers."""
    document = draw(scenarios())
    start = datetime.fromisoformat(document["start"])
    for outcome in document["outcomes"].values():
        for redial in outcome.get("redials", ()):
            redial.pop("gmtZone", None)
    document["campaign"]["rules"] = draw(st.lists(rule_sets(start), min_size=1, max_size=2))
    return document


def assert_no_findings(document: Fields) -> None:
    """An audit of a scenario's calls, and of what it plans, by its own rule sets finds nothing in either engine."""
    try:
        scenario = Scenario.from_document(document)
    except InputError:  # a segment or a redial that cannot be: other tests say which
        return

    result = simulate(scenario, calls=True, engine="reference")

    assert simulate(scenario, calls=True, engine="compiled").calls.equals(result.calls)
    found = audit(calls_of_result(result), scenario.document.campaign.rules)
    assert found.findings().to_dicts() == []
    assert planned(scenario, scenario.document.campaign.rules).found == 0


@settings(max_examples=60)
@given(obedient())
def test_an_audit_by_the_rule_sets_of_a_campaign_finds_nothing(document: Fields) -> None:
    assert_no_findings(document)


@pytest.mark.slow
@settings(max_examples=400)
@given(obedient())
def test_an_audit_by_the_rule_sets_of_a_campaign_finds_nothing_at_length(document: Fields) -> None:
    assert_no_findings(document)


PLAIN: Fields = {
    "start": "2026-03-06T00:00:00Z",
    "finish": "2026-03-12T00:00:00Z",
    "campaign": {"lines": 3, "gmtZone": "America/New_York", "maxAttempts": 6, "retryIntervalInMinutes": 45},
    "numbers": [{"generate": {"count": 40}}],
    "outcomes": {"answered": {"share": 0.2, "seconds": 60}, "noAnswer": {"share": 0.8, "seconds": 20, "retry": True}},
}


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_rules_of_florida_are_hours_and_a_cap_that_could_be_written_by_hand(engine: Any) -> None:
    by_name = PLAIN | {"campaign": PLAIN["campaign"] | {"rules": ["us-fl"]}}
    written = {"allowedTime": {"default": [{"localTimeFrom": "08:00", "localTimeTo": "20:00"}]}}
    by_hand = PLAIN | {"campaign": PLAIN["campaign"] | written | {"caps": [{"atMost": 3, "hours": 24}]}}

    results = [simulate(Scenario.from_document(each), engine=engine) for each in (by_name, by_hand, PLAIN)]

    assert results[0].digest == results[1].digest != results[2].digest


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_calls_of_a_redial_are_those_that_the_customer_asked_for(engine: Any) -> None:
    redial = {"share": 1, "startAfterMinutes": 30, "maxAttempts": 2}
    document = PLAIN | {
        "campaign": PLAIN["campaign"] | {"rules": ["us-reg-f"]},
        "outcomes": {
            "answered": {"share": 0.4, "seconds": 60, "redials": [redial]},
            "noAnswer": {"share": 0.6, "seconds": 20, "retry": True},
        },
    }

    result = simulate(Scenario.from_document(document), engine=engine, calls=True)

    after = result.calls.with_columns(
        reached=(pl.col("outcome") == "answered").cast(pl.Int64).cum_sum().shift(1).over("number").fill_null(0)
    )
    assert after["redial"].to_list() == (after["reached"] > 0).to_list()
    assert after["redial"].any()
    assert audit(calls_of_result(result), rules_named(["us-reg-f"])).found == 0
