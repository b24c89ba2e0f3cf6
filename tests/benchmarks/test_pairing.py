"""`python -m benchmarks.pairing`: variances with shared luck and with independent luck."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.pairing import FIGURES, LINES, document, played, variances

ROOT = Path(__file__).parents[2]


def test_it_tells_what_it_plays_and_both_variances() -> None:
    command = [sys.executable, "-m", "benchmarks.pairing", "--replications", "3", "--times", "1"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "20,000 numbers, 2 calls a second, 3 replications" in done.stdout
    assert "variance, shared luck" in done.stdout
    assert all(name in done.stdout for name in ("share reached", "calls", "occupancy"))


def test_a_longer_list_has_its_pace_and_no_shifts() -> None:
    made = document(15)

    assert [part["generate"]["count"] for part in made["numbers"]] == [225_000, 75_000]
    assert made["campaign"]["callsPerSecond"] == 30
    assert "shifts" not in made["campaign"]


def test_figures_have_a_value_for_each_seed_and_number_of_lines() -> None:
    ticks: list[None] = []

    runs = played(1, 2, 5, lambda: ticks.append(None))

    assert len(ticks) == 4
    assert list(runs) == list(FIGURES)
    assert all(values.shape == (2, len(LINES)) for values in runs.values())
    assert len(set(runs["calls.total"][:, 0])) == 2


def test_independent_luck_adds_the_variances_of_both_sides() -> None:
    values = np.random.default_rng(1).normal(size=(500, 2)) * (1, 2)

    [row] = variances({"calls.total": values})

    assert row.independent == pytest.approx(5, rel=0.2)
    assert row.ratio == pytest.approx(row.shared / row.independent)
    assert row.low < 1 < row.high


def test_what_both_runs_share_leaves_the_difference_alone() -> None:
    rng = np.random.default_rng(1)
    common, own = rng.normal(size=(200, 1)), rng.normal(size=(200, 2)) * 0.1

    [row] = variances({"calls.total": common + own})

    assert row.ratio == pytest.approx(0.02 / 2.02, rel=0.3)
    assert row.low < row.ratio < row.high < 0.1


def test_a_figure_that_never_varies_has_no_ratio() -> None:
    [row] = variances({"calls.total": np.full((5, 2), 0.1)})

    assert np.isnan(row.ratio)
