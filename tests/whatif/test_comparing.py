"""Comparison: means with their intervals, and differences of runs that share their luck."""

import math
from pathlib import Path
from statistics import mean, stdev

import polars as pl
import pytest

from engine import Scenario
from engine.reading.faults import InputError
from engine.whatif.comparing import compare, figures_measured, refuse_unknown_figures
from engine.whatif.comparison import Compared, figures_table, replications_table
from engine.whatif.replications import Runs, replicate
from engine.whatif.variants import Variant
from engine.whatif.workers import Workers
from tests.campaigns import Fields, busy_day

ONE = Workers(jobs=1)
T_19 = 2.093
"""Student's t for 95 % and 19 degrees of freedom, from a table."""


def variants(**changes: Fields) -> list[Variant]:
    base = Scenario.from_document(busy_day())
    return [
        Variant("base", {}, base),
        *(Variant(name, parts, base.varied(busy_day(**parts))) for name, parts in changes.items()),
    ]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    changed = {"six": {"campaign": {"lines": 6}}, "same": {}, "worse": {"campaign": {"maxAttempts": 1}}}
    return compare(variants(**changed), 20, Runs(tmp_path_factory.mktemp("runs")), ONE)


def values(compared: Compared, variant: int, name: str) -> list[float]:
    return [value for each in compared.replications[variant] if (value := each.figures[name]) is not None]


def test_a_figure_is_its_mean_with_students_interval(compared: Compared) -> None:
    reached = values(compared, 0, "numbers.reached_share")
    figure = compared.comparison.variants[0].figures["numbers.reached_share"]
    half = T_19 * stdev(reached) / math.sqrt(20)
    assert figure.mean == pytest.approx(mean(reached))
    assert figure.low == pytest.approx(mean(reached) - half, rel=1e-4)
    assert figure.high == pytest.approx(mean(reached) + half, rel=1e-4)


def test_a_difference_is_that_of_runs_with_the_same_seed(compared: Compared) -> None:
    base, six = (values(compared, variant, "numbers.reached_share") for variant in (0, 1))
    paired = [after - before for before, after in zip(base, six, strict=True)]
    difference = compared.comparison.variants[1].differences["numbers.reached_share"]
    assert difference.mean == pytest.approx(mean(paired))
    assert difference.high == pytest.approx(mean(paired) + T_19 * stdev(paired) / math.sqrt(20), rel=1e-4)


def test_seeds_are_those_from_the_scenarios_own_on(compared: Compared) -> None:
    comparison = compared.comparison
    assert comparison.seeds == tuple(range(3, 23))
    base = variants()[0].scenario
    assert comparison.variants[0].digests[:2] == (replicate(base, 3).digest, replicate(base, 4).digest)


def test_a_variant_that_plays_alike_differs_by_nothing(compared: Compared) -> None:
    differences = compared.comparison.variants[2].differences
    assert all(each.mean in (0, None) and not each.beyond_doubt for each in differences.values())


def test_a_large_difference_is_beyond_doubt(compared: Compared) -> None:
    assert compared.comparison.variants[3].differences["numbers.reached_share"].beyond_doubt
    assert compared.comparison.variants[3].differences["calls.total"].beyond_doubt


def test_a_date_is_the_latest_by_its_signs_too_which_takes_more_replications_than_a_count(tmp_path: Path) -> None:
    runs, made = Runs(tmp_path), variants(worse={"campaign": {"maxAttempts": 1}})
    for replications, dates in ((15, set()), (20, {"done_at", "last_call_at", "last_reached_at"})):
        found = compare(made, replications, runs, ONE).comparison
        assert found.most["calls.total"] == ("base",)
        assert {name for name in found.most if name.endswith("_at")} == dates


def test_the_base_has_no_differences(compared: Compared) -> None:
    assert compared.comparison.variants[0].differences == {}


def test_the_band_holds_the_replications_at_each_moment(compared: Compared) -> None:
    band = compared.comparison.variants[0].reached
    for place, (low, middle, high) in enumerate(zip(band.low, band.mean, band.high, strict=True)):
        shares = sorted(each.reached[place] / 300 for each in compared.replications[0])
        assert shares[0] <= low <= middle <= high <= shares[-1]
        assert middle == pytest.approx(mean(shares))


def test_chance_alone_is_seldom_beyond_doubt(tmp_path: Path) -> None:
    """Of 12 comparisons of variants that differ in luck only, one in twenty at most should find a difference."""
    alarms = 0
    for trial in range(12):
        base = Scenario.from_document(busy_day(seed=1_000 * trial))
        others = [
            # another list of phones draws other luck for the same campaign
            base.varied(busy_day(seed=1_000 * trial, numbers=[{"generate": {"count": 300, "seed": other}}]))
            for other in (1, 2)
        ]
        made = [Variant("base", {}, base), *(Variant(str(place), {}, other) for place, other in enumerate(others))]
        found = compare(made, 5, Runs(tmp_path), ONE).comparison
        alarms += any(each.differences["calls.total"].beyond_doubt for each in found.variants[1:])
    assert alarms <= 3, "four or more of 12 at a chance of 1 in 20: about 1 in 500"


def test_reasons_and_outcomes_that_a_variant_never_had_count_as_none_of_them(tmp_path: Path) -> None:
    outcomes = {"answered": {"share": 0.3, "seconds": 60}, "invalid": {"share": 0.7, "seconds": 3}}
    found = compare(variants(other={"outcomes": outcomes}), 2, Runs(tmp_path), ONE).comparison
    base, other = found.variants
    assert other.figures["calls.outcome.busy"].mean == 0
    assert base.figures["calls.outcome.invalid"].mean == 0
    assert base.figures["numbers.not_reached.completed_invalid"].mean == 0
    assert other.figures["waiting.5.mean"].replications == 2


def test_the_tables_have_a_row_for_each_figure_and_for_each_run(compared: Compared) -> None:
    figures = figures_table(compared.comparison)
    row = figures.filter((pl.col("variant") == "six") & (pl.col("figure") == "calls.total")).to_dicts()[0]
    six = compared.comparison.variants[1]
    assert row["mean"] == six.figures["calls.total"].mean
    assert row["difference_low"] == six.differences["calls.total"].low
    runs = replications_table(compared)
    assert len(runs) == 4 * 20
    assert runs.filter(pl.col("variant") == "worse")["calls.total"].to_list() == values(compared, 3, "calls.total")


def test_a_figure_that_no_summary_has_is_refused_with_those_of_like_names(tmp_path: Path) -> None:
    known = figures_measured(variants()[0], Runs(tmp_path))

    refuse_unknown_figures(known, {"--figure": ["calls.total"]})
    with pytest.raises(InputError, match=r"--sort: found \"calls.totl\"; allowed: calls.total"):
        refuse_unknown_figures(known, {"--figure": ["calls.total"], "--sort": ["calls.totl"]})


def test_of_few_replications_no_variant_is_named_for_an_instant() -> None:
    """Lists that are done on this day or on the next one by chance would all seem to be so for good."""
    made = variants(
        later={"numbers": [{"generate": {"count": 300}, "added": "2026-03-02T10:00:00Z"}], "campaign": {"lines": 5}}
    )
    for replications, named in ((5, False), (20, True)):
        found = compare(made, replications, Runs(None), ONE).comparison
        assert ("done_at" in found.most) == named
