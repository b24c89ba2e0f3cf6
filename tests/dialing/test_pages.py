"""Pages: memory of which a part can be given back while the rest is in use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.dialing.pages import LEAST, PAGE, Pages

WORDS = 20 * LEAST // 4


def parts(*pairs: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    firsts, ends = np.array(pairs, np.int64).reshape(-1, 2).T
    return firsts, ends


def test_words_are_0_until_they_are_written() -> None:
    pages = Pages(WORDS)

    assert pages.words.dtype == np.uint32
    assert not pages.words.any()


def test_more_than_the_system_has_is_refused_as_by_numpy() -> None:
    with pytest.raises(MemoryError):
        Pages(1 << 60)


def test_there_may_be_no_words() -> None:
    assert len(Pages(0).words) == 0


@given(st.lists(st.tuples(st.integers(0, WORDS // 4), st.integers(0, WORDS // 4)), max_size=4))
def test_what_lies_between_the_parts_stays(lengths: list[tuple[int, int]]) -> None:
    pages, pairs, end = Pages(WORDS), [], 0
    for before, length in lengths:
        pairs.append((min(end + before, WORDS), min(end + before + length, WORDS)))
        end = pairs[-1][1]
    pages.words[:] = 7

    given_back = pages.give_back(*parts(*pairs))

    outside = np.ones(WORDS, np.bool_)
    for (first, end), back in zip(pairs, given_back.tolist(), strict=True):
        assert first <= back <= end
        outside[first:back] = False
    assert (pages.words[outside] == 7).all()


def test_whole_pages_are_given_back_and_are_0_then() -> None:
    pages, page = Pages(WORDS), PAGE // 4
    pages.words[:] = 7

    given_back = pages.give_back(*parts((page // 2, page * 30 + 5)))

    assert given_back.tolist() == [page * 30]
    assert np.flatnonzero(pages.words == 0).tolist() == list(range(page, page * 30))


def test_a_part_that_is_too_small_is_left() -> None:
    pages = Pages(WORDS)
    pages.words[:] = 7

    assert pages.give_back(*parts((0, LEAST // 4 - 1))).tolist() == [0]
    assert pages.words.all()
