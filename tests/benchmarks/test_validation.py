"""`python -m benchmarks.validation`: the engine agrees with theory, and what does not agree is found."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from scipy import stats

from benchmarks.validation.evidence import (
    Estimate,
    Fact,
    Figure,
    Fit,
    Section,
    Sizes,
    figure,
    ratio,
    verdict,
)
from benchmarks.validation.hours import NIGHT, SUNDAY, Case, open_minutes, weekly_hours
from benchmarks.validation.page import page
from benchmarks.validation.queues import LITTLE, play

ROOT = Path(__file__).parents[2]
SMALL = Sizes(cases=1, replications=4, customers=300, relaxations=2, numbers=100, jobs=10)


def command(*options: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "benchmarks.validation", *options]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)


def section(*rows: Figure | Fit | Fact) -> Section:
    return Section("A title", "What theory says.", ("what",), rows)


@pytest.mark.slow
def test_a_quick_validation_finds_everything_within_what_theory_allows(tmp_path: Path) -> None:
    done = command("--quick", "--out", str(tmp_path / "deep" / "truth.md"))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "intervals hold their theory" in done.stdout
    text = (tmp_path / "deep" / "truth.md").read_text(encoding="utf-8")
    assert "python -m benchmarks.validation --quick" in text
    assert "**no**" not in text
    picture = {"truth.svg"} if find_spec("matplotlib") else set()
    assert {file.name for file in (tmp_path / "deep").iterdir()} == {"truth.md"} | picture


@pytest.mark.slow
def test_the_page_in_the_documentation_is_what_the_command_writes(tmp_path: Path) -> None:
    done = command("--out", str(tmp_path / "validation.md"))

    assert done.returncode == 0, done.stdout
    assert (tmp_path / "validation.md").read_bytes() == (ROOT / "docs/validation.md").read_bytes()


def test_a_figure_far_from_its_theory_is_found_and_named() -> None:
    near, far = (Figure((name,), 10.0, Estimate(10.5, error, 30)) for name, error in (("near", 0.5), ("far", 0.05)))

    found = verdict([section(near, far)])

    assert found.outside == (("A title", "far"),)
    assert "**no**" in page([section(near, far)], found, "command", "picture.svg", SMALL)


def test_a_fact_that_does_not_hold_is_found_and_named() -> None:
    assert verdict([section(Fact(("one",), holds=True), Fact(("two",), holds=False))]).outside == (("A title", "two"),)


def test_counts_that_do_not_fit_are_found() -> None:
    assert verdict([section(Fit(("dice",), (100, 300), (0.5, 0.5)))]).outside
    assert not verdict([section(Fit(("dice",), (205, 195), (0.5, 0.5)))]).outside


def test_chi_square_is_that_of_scipy() -> None:
    fit = Fit(("dice",), (18, 25, 57), (0.2, 0.3, 0.5))

    assert (fit.statistic(), fit.chance()) == pytest.approx(tuple(stats.chisquare([18, 25, 57], [20, 30, 50])))


def test_intervals_widen_so_that_all_of_them_hold_together() -> None:
    rows = [Figure((str(place),), 0.0, Estimate(0.0, 1.0)) for place in range(50)]

    assert verdict([section(*rows)]).misses == pytest.approx(0.01 / 50)
    assert rows[0].measured.interval(0.05)[1] == pytest.approx(1.96, abs=0.001)
    assert rows[0].measured.interval(0.01 / 50)[1] == pytest.approx(3.72, abs=0.01)


def test_a_figure_lies_within_its_interval_exactly_if_its_chance_is_great_enough() -> None:
    measured = Estimate(3.0, 0.7, 11)
    low, high = measured.interval(0.01)

    for theory, within in ((low + 1e-6, True), (high - 1e-6, True), (low - 1e-6, False), (high + 1e-6, False)):
        assert (Figure(("it",), theory, measured).chance() >= 0.01) is within


def test_a_ratio_of_equal_wholes_is_a_mean_with_its_standard_error() -> None:
    values = [1.0, 4.0, 2.0, 7.0]

    assert ratio(values, [1.0] * 4) == pytest.approx((3.5, stats.sem(values), 3))


def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says() -> None:
    draws = stats.norm(0, 1).rvs((2_000, 12, 2), random_state=1)
    wholes = 10 + draws[..., 0]
    parts = 2 * wholes + draws[..., 1]

    held = 0
    for part, whole in zip(parts, wholes, strict=True):
        low, high = ratio(part, whole).interval(0.1)
        held += low < 2 < high

    assert held / 2_000 == pytest.approx(0.9, abs=0.02)


def test_replications_have_customers_and_luck_of_their_own() -> None:
    queue = LITTLE[0]

    one, same, other = (play(queue, SMALL, seed) for seed in (1, 1, 2))

    assert one.result.digest == same.result.digest
    assert one.result.numbers["added"].to_list() != other.result.numbers["added"].to_list()
    assert one.result.document.start != other.result.document.start


def test_customers_before_the_warm_up_are_left_out() -> None:
    queue = LITTLE[1]

    played = play(queue, SMALL, 3)

    added = played.result.numbers["added"].dt.epoch("s").to_numpy() - played.result.document.start
    assert len(played.waits) == len(played.priorities) == (added >= round(queue.warm_up)).sum() < len(added)


def test_minutes_are_counted_on_a_clock_that_jumps() -> None:
    ordinary = Case(SUNDAY, "America/New_York", "", "2026-02-02T00:00:00Z", 7)

    assert open_minutes(ordinary).sum() == weekly_hours(SUNDAY) * 60 == 540
    assert open_minutes(ordinary._replace(start="2026-03-05T00:00:00Z")).sum() == 480
    assert open_minutes(ordinary._replace(start="2026-10-29T00:00:00Z")).sum() == 600


def test_hours_that_pass_midnight_are_counted_once() -> None:
    assert weekly_hours(NIGHT) == 56


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.123456, "0.1235"), (12.3456, "12.35"), (123_456.7, "123,457"), (-0.5, "-0.5000")]
)
def test_figures_have_four_digits(value: float, text: str) -> None:
    assert figure(value) == text
