"""`python -m benchmarks.serving`: a small run measures everything, and nothing is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.reading import number, policies
from benchmarks.serving import bodies, spread

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="kills servers")
def test_a_small_run_measures_everything() -> None:
    sizes = {"numbers": 200, "size": 50, "of-week": 100, "of-month": 100, "clients": 3, "each": 4, "rounds": 1}
    options = [word for name, value in sizes.items() for word in (f"--{name}", str(value))]

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    for words in ("on disk and answered", "SQLite alone", "a week of 100", "p99", "kill -9", "MB of the database"):
        assert words in done.stdout


def test_bodies_hold_every_number_once_in_order() -> None:
    texts = policies()
    made = list(bodies(7, 3, first=100))

    assert [len(body) for body in made] == [3, 3, 1]
    assert [text for body in made for text in body] == [number(place, texts) for place in range(100, 107)]


def test_a_spread_is_the_median_with_the_least_and_most() -> None:
    assert spread([3.0, 1.0, 2.0], 1) == "2.0 (1.0 to 3.0)"
