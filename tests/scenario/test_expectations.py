"""Expectations: bounds of every kind are read, and each fault is named at its place."""

from typing import Any

import pytest

from engine import Scenario, ScenarioError
from engine.scenario.expectations import Bounds
from tests.scenario.documents import plain

DAY = "2026-03-03T12:00:00Z"


def expecting(bounds: Any) -> dict[str, Any]:
    return {**plain(), "expect": {"figures": {"done_at": bounds}}}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (5, Bounds((5, 5))),
        (0.5, Bounds((0.5, 0.5))),
        (True, Bounds((True, True))),
        ({"atLeast": 0}, Bounds((0, None))),
        ({"atMost": 0.9, "atLeast": None}, Bounds((None, 0.9))),
        ({"atLeast": 1, "atMost": 1}, Bounds((1, 1))),
        (DAY, Bounds((1772539200, 1772539200))),
        ({"atMost": DAY}, Bounds((None, 1772539200))),
    ],
)
def test_bounds_are_read(given: object, read: Bounds) -> None:
    scenario = Scenario.from_document(expecting(given))
    assert scenario.document.expect.figures["done_at"] == read


@pytest.mark.parametrize(("given", "kind"), [(5, "number"), (True, "yes-or-no"), ({"atMost": DAY}, "instant")])
def test_bounds_know_what_the_figure_must_be(given: object, kind: str) -> None:
    scenario = Scenario.from_document(expecting(given))
    assert scenario.document.expect.figures["done_at"].kind == kind


@pytest.mark.parametrize(
    ("given", "places"),
    [
        ("soon", [()]),
        (None, [()]),
        ([], [()]),
        (float("nan"), [()]),
        ({}, [()]),
        ({"atLeast": None}, [()]),
        ({"atLeast": "soon", "atMost": [], "least": 3}, [("atLeast",), ("atMost",), ("least",)]),
        ({"atLeast": 2, "atMost": 1}, [("atMost",)]),
        ({"atLeast": 2, "atMost": DAY}, [("atMost",)]),
        ({"atLeast": 0, "atMost": True}, [("atMost",)]),
    ],
)
def test_every_fault_of_bounds_is_named(given: object, places: list[tuple[str, ...]]) -> None:
    with pytest.raises(ScenarioError) as error:
        Scenario.from_document(expecting(given))
    found = sorted(fault.path for fault in error.value.faults)
    assert found == [("expect", "figures", "done_at", *place) for place in places]


def test_both_bounds_hold_their_own_value() -> None:
    bounds = Bounds((1, 2))
    assert [bounds.hold(value) for value in (0.9, 1, 1.5, 2, 2.1)] == [False, True, True, True, False]


def test_digests_and_invariants_that_there_are_not_are_named_with_the_other_faults() -> None:
    document = {**plain(), "expect": {"digest": "0123", "invariants": ["windows", "magic"], "figures": {"x": []}}}
    with pytest.raises(ScenarioError) as error:
        Scenario.from_document(document)
    places = [fault.path for fault in error.value.faults]
    assert places == [("expect", "figures", "x"), ("expect", "digest"), ("expect", "invariants", 1)]
