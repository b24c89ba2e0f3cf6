"""Rows of a column of integers, put in order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.calling.sorting import rows_by


@given(st.lists(st.integers(-5, 5) | st.integers(-(1 << 62), 1 << 62)))
def test_rows_are_put_in_order_and_stay_as_they_stand_where_keys_are_equal(keys: list[int]) -> None:
    assert rows_by(np.array(keys, np.int64)).tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@given(st.lists(st.integers(-(1 << 31), (1 << 31) - 1)))
def test_short_integers_are_put_in_order_as_long_ones_are(keys: list[int]) -> None:
    assert rows_by(np.array(keys, np.int32)).tolist() == sorted(range(len(keys)), key=keys.__getitem__)
