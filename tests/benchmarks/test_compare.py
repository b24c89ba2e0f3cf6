"""`python -m benchmarks.compare`: a peer that follows the rules decides alike, and figures are read and written."""

import pytest

from benchmarks.compare import count, spread
from benchmarks.peers import plain
from benchmarks.workload import CLASSES, workload_scenario
from engine import simulate
from engine.dialing.rulebook import Rulebook


@pytest.mark.parametrize("classes", [10, 500])
def test_a_heap_of_plain_python_makes_our_calls(classes: int) -> None:
    scenario = workload_scenario(2_000, classes)

    result = simulate(scenario, "reference")

    assert plain.play(scenario) == (result.figures.calls.total, result.digest)


@pytest.mark.parametrize("classes", CLASSES)
def test_the_workload_has_as_many_window_classes_as_it_says(classes: int) -> None:
    scenario = workload_scenario(max(20_000, 20 * classes), classes)
    rulebook = Rulebook(scenario.document)
    rulebook.terms_of_all(scenario.phonebook.distinct)

    assert len(rulebook.classes) == classes


def test_sizes_are_read_as_people_write_them() -> None:
    assert [count(text) for text in ("500", "10k", "3M")] == [500, 10_000, 3_000_000]


def test_a_spread_is_the_median_with_the_least_and_most() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.0 (1.0 to 3.0)"
