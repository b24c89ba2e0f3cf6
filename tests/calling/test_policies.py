"""Policies in a row: start and finish as columns make no difference to what each of them is."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calling.policies import KnownPolicies, Policies
from engine.calling.policy import CallPolicy
from engine.testing.strategies import beginnings, policies

lists = beginnings().flatmap(lambda start: st.lists(policies(start).map(CallPolicy.from_json), max_size=12))


@settings(deadline=None)
@given(lists)
def test_policies_are_kept_once_each_in_the_order_in_which_they_come(given_ones: list[CallPolicy]) -> None:
    known = KnownPolicies()
    indices = [known.index_of(policy) for policy in given_ones]
    row = known.so_far()

    assert [row[index] for index in indices] == [known[index] for index in indices] == given_ones
    assert list(row) == list(dict.fromkeys(given_ones))
    assert row == Policies.of(given_ones)
    assert all(policy.start_date_time is None and policy.finish_date_time is None for policy in row.undated)
    assert len(set(row.undated)) == len(row.undated)


@settings(deadline=None)
@given(lists, st.data())
def test_some_policies_of_a_row_are_those_at_these_places(given_ones: list[CallPolicy], data: st.DataObject) -> None:
    known = KnownPolicies()
    for policy in given_ones:
        known.index_of(policy)
    row = known.so_far()
    places = data.draw(st.lists(st.integers(0, len(row) - 1), max_size=5, unique=True) if len(row) else st.just([]))

    expected = [row[place] for place in places]
    assert list(row.some(np.array(places, np.int64))) == list(known.some(places)) == expected
    assert list(row[1:3]) == list(row)[1:3]


@settings(deadline=None)
@given(lists, lists)
def test_policies_that_are_forgotten_are_new_again(first: list[CallPolicy], later: list[CallPolicy]) -> None:
    known = KnownPolicies()
    for policy in first:
        known.index_of(policy)
    before = known.so_far()
    for policy in later:
        known.index_of(policy)
    known.forget(len(before), len(before.undated))

    assert known.so_far() == before
    assert [known.index_of(policy) for policy in later] == [
        [*dict.fromkeys([*before, *later])].index(policy) for policy in later
    ]


def test_a_row_does_not_change_when_more_policies_come() -> None:
    known = KnownPolicies()
    known.index_of(CallPolicy())
    row = known.so_far()
    dates: dict[str, Any] = {"startDateTime": "2026-03-02T00:00:00Z"}
    known.index_of(CallPolicy.from_json(dates))

    assert (len(row), len(known)) == (1, 2)
    assert known[1].to_json() == dates
