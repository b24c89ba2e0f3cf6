"""Titles: none names an hour, a weekday or a variant that chance explains; a planted effect is named."""

import random
import re
from typing import Any

import pytest

from engine import Result
from engine.report.comparison import comparison_page
from engine.report.hours import WEEKDAY_NAMES, answers_by_hour, calls_by_hour
from engine.report.run import run_page
from engine.results.result import simulate
from engine.scenario.scenario import Scenario
from engine.whatif.comparing import compare
from engine.whatif.replications import Runs
from engine.whatif.variants import variants_of
from engine.whatif.workers import Workers
from tests.report.parsed import parsed
from tests.report.samples import few, played

AN_HOUR = re.compile(rf"\b(?:{'|'.join(WEEKDAY_NAMES)})s from \d\d:00")
VARIANT = "the same in another order"


def scenario(seed: int, **changes: Any) -> dict[str, Any]:
    """Lines that are busy throughout three days, and calls that are answered alike at all hours."""
    chosen = random.Random(seed)
    share = chosen.uniform(0.1, 0.6)
    return (
        few(
            seed=seed,
            campaign={
                "gmtZone": "Europe/Berlin",
                "lines": chosen.choice([2, 4, 8]),
                "maxAttempts": chosen.choice([1, 3, 9]),
                "retryIntervalInMinutes": chosen.choice([5, 60, 400]),
                "allowedTime": {"default": [{"localTimeFrom": "09:00", "localTimeTo": "17:00"}]},
            },
            numbers=[{"generate": {"count": 3_000, "dialerPriority": {"1": 1, "3": 2}}}],
            outcomes={
                "answered": {"share": share, "seconds": 90},
                "noAnswer": {"share": 1 - share, "seconds": 60, "retry": True},
            },
            goal=None,
        )
        | changes
    )


def titles(page: str) -> list[str]:
    """The headline and the titles of a page."""
    document = parsed(page)
    answers = [each for each in document.find("p") if each.attributes.get("class") in ("answer", "more")]
    return [each.text for each in (*document.find("h2"), *document.find("h3"), *answers)]


def hours_named(result: Result) -> list[str]:
    return AN_HOUR.findall(" ".join((calls_by_hour(result).title, answers_by_hour(result).title)))


def test_no_title_of_a_run_names_an_hour_where_all_are_alike() -> None:
    named = {seed: found for seed in range(200) if (found := hours_named(played(scenario(seed))))}
    assert not named


def test_no_title_of_a_whole_page_names_an_hour_where_all_are_alike() -> None:
    for seed in range(200, 206):
        assert not [title for title in titles(run_page(played(scenario(seed)))) if AN_HOUR.search(title)]


@pytest.mark.parametrize("seed", range(3))
def test_an_hour_in_which_more_are_answered_is_named(seed: int) -> None:
    planted = scenario(seed, answering={"hours": {"11": 1.6}, "weekdays": {"tuesday": 1.0}})
    planted["outcomes"]["answered"]["share"], planted["outcomes"]["noAnswer"]["share"] = 0.3, 0.7
    planted["campaign"] |= {"lines": 8, "maxAttempts": 1}
    planted["finish"] = "2026-03-03T00:00:00Z"
    assert "Most often answered on Mondays from 11:00" in " ".join(titles(run_page(played(planted))))


def alike(seed: int, count: int = 120) -> Scenario:
    """A scenario whose outcomes can be put in another order: that is other luck, and nothing else."""
    share = random.Random(seed).uniform(0.2, 0.5)
    changed = scenario(seed, goal={"reached": 0.5, "by": "2026-03-03T12:00:00Z"})
    changed["numbers"] = [{"generate": {"count": count, "dialerPriority": {"1": 1, "3": 2}}}]
    changed["outcomes"] = {
        "noAnswer": {"share": 1 - share, "seconds": 60, "retry": True},
        "answered": {"share": share, "seconds": 90},
    }
    return Scenario.from_document(changed)


def compared(base: Scenario, patch: dict[str, Any]) -> Any:
    made = variants_of(base, variants={VARIANT: patch})
    return compare(made, 20, Runs(None), Workers(jobs=1)).comparison


def test_no_title_of_a_comparison_names_a_variant_that_differs_by_luck_alone() -> None:
    named, differ = {}, 0
    for seed in range(40):
        base = alike(seed)
        half = base.document.outcomes["noAnswer"].share / 2
        no_answer = {"share": half, "seconds": 60, "retry": True}
        found = compared(base, {"outcomes": {"noAnswer": {"share": half}, "machine": no_answer}})
        differ += found.variants[1].digests != found.variants[0].digests
        of_both = {name for name in found.variants[1].figures if "outcome" not in name and "not_reached" not in name}
        if wrong := of_both & (found.most.keys() | found.least.keys()):
            named[seed] = wrong
        if seed < 3:
            assert not [
                title for title in titles(comparison_page(found)) if f"“{VARIANT}”" in title and "most" in title
            ]
    assert differ == 40
    assert not named


def test_a_variant_that_reaches_more_is_named() -> None:
    found = compared(alike(1), {"outcomes": {"noAnswer": {"share": 0.3}, "answered": {"share": 0.7}}})
    said = " ".join(titles(comparison_page(found)))
    assert f"“{VARIANT}” has the most: share of the list reached in " in said
    assert f"In the end “{VARIANT}” reaches most: " in said
