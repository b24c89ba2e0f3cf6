"""What a run does not come to is said, figure by figure, with what was expected and found."""

from pathlib import Path
from typing import Any

import pytest

from engine import Scenario, ScenarioError, simulate
from engine.reading.faults import Fault
from engine.results.expectations import check_expectations, missed
from tests.report.samples import few


def played(expect: dict[str, Any]) -> list[str]:
    result = simulate(Scenario.from_document(few(expect=expect)))
    return [str(each) for each in missed(result.scenario.document.expect, result.figures)]


def figures() -> dict[str, Any]:
    """What a run of the scenario comes to."""
    result = simulate(Scenario.from_document(few()))
    return {"digest": result.figures.digest, "total": result["calls.total"], "done": result.figures.done_at}


def test_what_comes_as_expected_is_not_told() -> None:
    found = figures()
    calls = {"calls.total": found["total"], "calls.per_number": {"atLeast": 0.5}, "calls.outcome.nobody": 0}
    assert found["done"] is not None
    assert played({"digest": found["digest"], "figures": {**calls, "done_at": found["done"]}}) == []


def test_each_figure_that_is_missed_is_told_with_what_was_found() -> None:
    found = figures()
    expected = {
        "calls.total": {"atLeast": found["total"] + 1},
        "done_at": {"atMost": "2026-01-01T00:00:00Z"},
        "calls.outcome.nobody": {"atLeast": 1, "atMost": 2},
        "goal.met": False,
        "zones.in_one_zone": 1,
    }
    assert played({"digest": "0" * 16, "figures": expected}) == [
        f"calls.total: expected at least {found['total'] + 1:,}; found {found['total']:,}",
        f"done_at: expected at most 2026-01-01T00:00:00Z; found {found['done']}",
        "calls.outcome.nobody: expected at least 1 and at most 2; found 0",
        "goal.met: expected false; found true",
        "zones.in_one_zone: expected 1; found 0",
        f"digest: expected {'0' * 16}; found {found['digest']}",
    ]


def test_unknown_figures_and_bounds_of_another_kind_are_faults_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "start: 2026-03-02T00:00:00Z\nfinish: 2026-03-03T00:00:00Z\ncampaign: {lines: 1}\n"
        "numbers: []\noutcomes: {answered: {share: 1, seconds: 1}}\n"
        "expect:\n  figures:\n    calls.totl: 1\n    done_at: 5\n    calls.total: 2026-03-02T00:00:00Z\n"
        "    calls.most_attempts: true\n    goal.met: 1\n    numbers.reached_share: {atLeast: 60}\n"
    )
    document = Scenario.load(file).document
    with pytest.raises(ScenarioError) as error:
        check_expectations(file, {(): document})
    assert [(fault.line, fault.path[-1], fault.found) for fault in error.value.faults] == [
        (8, "calls.totl", "an unknown figure"),
        (9, "done_at", "a number"),
        (10, "calls.total", "an instant with an offset"),
        (11, "calls.most_attempts", "true or false"),
        (12, "goal.met", "a number"),
        (13, "numbers.reached_share", "60"),
    ]
    assert isinstance(error.value.faults[0], Fault)
