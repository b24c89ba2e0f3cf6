"""A lookup finds the rows of keys as a dictionary of lists does."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.numbers.lookup import Lookup

blocks = st.lists(st.lists(st.integers(0, 9) | st.sampled_from([-(2**63), 2**63 - 1]), max_size=12), max_size=12)


@given(blocks)
def test_rows_are_found_however_they_were_added(keys: list[list[int]]) -> None:
    lookup = Lookup()
    expected: dict[int, list[int]] = {}
    count = 0
    for block in keys:
        lookup.add(np.array(block, np.int64), np.arange(count, count + len(block)))
        for row, key in enumerate(block, count):
            expected.setdefault(key, []).append(row)
        count += len(block)
        asked = [*range(10), -(2**63), 2**63 - 1, 77]
        assert lookup.last(np.array(asked)).tolist() == [expected.get(key, [-1])[-1] for key in asked]
        assert [lookup.rows(key) for key in asked] == [expected.get(key, []) for key in asked]
