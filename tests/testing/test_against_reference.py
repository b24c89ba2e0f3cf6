"""A right scheduler passes; each planted bug is found, and shrunk to few numbers."""

import ast
from functools import partial

import pytest

from engine.testing.against_reference import check_against_reference
from tests.testing.schedulers import BUGS, PlainScheduler


def test_a_scheduler_that_keeps_to_the_rules_passes() -> None:
    check_against_reference(PlainScheduler, examples=60)


@pytest.mark.slow
def test_it_passes_two_thousand_campaigns() -> None:
    check_against_reference(PlainScheduler, examples=2_000, seed=1)


QUICKLY_FOUND = ("retry from the call's start", "lines counted late")


@pytest.mark.parametrize(
    "bug", [*QUICKLY_FOUND, *(pytest.param(bug, marks=pytest.mark.slow) for bug in BUGS if bug not in QUICKLY_FOUND)]
)
def test_a_planted_bug_is_found_and_shrunk_to_three_numbers(bug: str) -> None:
    with pytest.raises(AssertionError, match="leaves the rules at") as found:
        check_against_reference(partial(PlainScheduler, bug=bug), examples=4_000)

    scenario = ast.literal_eval(str(found.value).partition("scenario = ")[2])
    assert sum(len(part["addPhones"]) for part in scenario["numbers"]) <= 3
