"""Titles: none names an hour, a weekday or a variant that chance explains; a planted effect is named."""

import re
from typing import Any

import numpy as np
import pytest

from engine.report.comparison import comparison_page
from engine.report.hours import WEEKDAY_NAMES
from engine.report.run import run_page
from engine.scenario.scenario import Scenario
from engine.whatif.comparing import compare
from engine.whatif.comparison import Comparison
from engine.whatif.replications import Runs
from engine.whatif.variants import variants_of
from engine.whatif.workers import Workers
from tests.report.parsed import parsed
from tests.report.samples import few, played

AN_HOUR = re.compile(rf"\b(?:{'|'.join(WEEKDAY_NAMES)})s from \d\d:00")
VARIANT = "the same with other luck"


def scenario(seed: int, **changes: Any) -> dict[str, Any]:
    """Lines that are busy throughout three days, and calls that are answered alike at all hours."""
    chosen = np.random.default_rng(seed)
    share = float(chosen.uniform(0.1, 0.6))
    return (
        few(
            seed=seed,
            campaign={
                "gmtZone": "Europe/Berlin",
                "lines": int(chosen.choice([2, 4, 8])),
                "maxAttempts": int(chosen.choice([1, 3, 9])),
                "retryIntervalInMinutes": int(chosen.choice([5, 60, 400])),
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


@pytest.mark.parametrize("first", [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(25, 200, 25))])
def test_no_title_of_a_run_names_an_hour_where_all_are_alike(first: int) -> None:
    for seed in range(first, first + 25):
        named = [title for title in titles(run_page(played(scenario(seed)))) if AN_HOUR.search(title)]
        assert not named, seed


@pytest.mark.parametrize("seed", [10, 13])
@pytest.mark.parametrize("after", [0, 1])
def test_calls_that_redials_bring_within_an_hour_count_as_one(seed: int, after: int) -> None:
    """As many numbers come in each hour; some are called again and again, so that calls are not alike by far."""
    often = {"share": 0.98, "seconds": 5, "redials": [{"share": 0.98, "startAfterMinutes": after}]}
    added = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T03:00:00Z", "arrivals": "evenly"}
    document = scenario(
        seed,
        campaign={"gmtZone": "Europe/Berlin", "lines": 500, "maxAttempts": 9, "retryIntervalInMinutes": 60},
        numbers=[{"generate": {"count": 90}, "added": added}],
        outcomes={"answered": often, "noAnswer": {"share": 0.02, "seconds": 5}},
    )
    assert not [title for title in titles(run_page(played(document))) if AN_HOUR.search(title)]


@pytest.mark.parametrize("seed", range(3))
def test_an_hour_in_which_more_are_answered_is_named(seed: int) -> None:
    planted = scenario(seed, answering={"localHours": {"11": 2.2}})
    planted["outcomes"]["answered"]["share"], planted["outcomes"]["noAnswer"]["share"] = 0.3, 0.7
    planted["campaign"] |= {"lines": 8, "maxAttempts": 1}
    planted["finish"] = "2026-03-03T00:00:00Z"
    assert "Most often answered on Mondays from 11:00" in " ".join(titles(run_page(played(planted))))


def alike(seed: int, count: int = 120) -> Scenario:
    """A small scenario for variants."""
    share = float(np.random.default_rng(seed).uniform(0.2, 0.5))
    changed = scenario(seed, goal={"reached": 0.5, "by": "2026-03-03T12:00:00Z"})
    changed["numbers"] = [{"generate": {"count": count, "dialerPriority": {"1": 1, "3": 2}}}]
    changed["outcomes"] = {
        "noAnswer": {"share": 1 - share, "seconds": 60, "retry": True},
        "answered": {"share": share, "seconds": 90},
    }
    return Scenario.from_document(changed)


def compared(base: Scenario, patch: dict[str, Any]) -> Comparison:
    made = variants_of(base, variants={VARIANT: patch})
    return compare(made, 20, Runs(None), Workers(jobs=1)).comparison


def names_a_variant(title: str) -> bool:
    """Whether a title says of a variant that it has more or less; how often each meets the goal is no such claim."""
    return not title.startswith("The goal is met in ") and any(
        words in title for words in (VARIANT, "(base)", "“base” has the most", "“base” is the latest")
    )


def differing_by_luck(seed: int) -> Comparison:
    """A scenario beside the same one with other phones: those have other luck."""
    base = alike(seed)
    numbers = [{"generate": {"count": 120, "dialerPriority": {"1": 1, "3": 2}, "phones": {"Europe/Berlin": 1}}}]
    return compared(base, {"numbers": numbers})


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 200), marks=pytest.mark.slow)])
def test_no_title_of_a_comparison_names_a_variant_that_differs_by_luck_alone(seeds: range) -> None:
    for seed in seeds:
        found = differing_by_luck(seed)
        assert not found.variants[1].is_the_same("numbers.reached_share")
        assert not [title for title in titles(comparison_page(found)) if names_a_variant(title)], seed


def test_a_variant_that_reaches_more_is_named() -> None:
    found = compared(alike(1), {"outcomes": {"noAnswer": {"share": 0.3}, "answered": {"share": 0.7}}})
    said = " ".join(titles(comparison_page(found)))
    assert f"“{VARIANT}” has the most: share of the list reached in " in said
    assert f"In the end “{VARIANT}” reaches most: " in said


def redialled(seed: int) -> dict[str, Any]:
    """Calls that are answered alike at all hours; half of the numbers never answer, each answer brings a redial."""
    parts = [
        {"generate": {"count": 20, "seed": 10 * seed + hour, "phones": {"Europe/Berlin": 1}}, "added": added}
        for hour, added in enumerate(f"2026-03-02T{hour:02}:00:00Z" for hour in range(9, 13))
    ]
    redial = {"share": 0.98, "startAfterMinutes": 0}
    return few(
        seed=seed,
        campaign={"lines": 1_000, "maxAttempts": 1, "maxTotalAttempts": 50},
        numbers=parts,
        segments=[{"name": "no", "share": 0.5, "outcomes": {"answered": {"share": 0}}}],
        outcomes={
            "answered": {"share": 0.99, "seconds": 20, "redials": [redial]},
            "noAnswer": {"share": 0.01, "seconds": 20},
        },
        goal=None,
    )


def test_no_title_names_an_hour_in_which_one_customer_is_redialled_more_often_than_another() -> None:
    for seed in (*range(9), 13):
        named = [title for title in titles(run_page(played(redialled(seed)))) if AN_HOUR.search(title)]
        assert not named, seed
