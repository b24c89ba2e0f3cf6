"""Luck: the same draws everywhere, and nothing in them that looks like a pattern."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from engine.luck import (
    CALL,
    GOLDEN,
    MOST_OCCURRENCES,
    OCCURRENCE_BIT,
    REDIAL,
    SEGMENT,
    STREAMS,
    WORD,
    draw,
    luck_key,
    mixed,
)

words = st.integers(0, WORD)
seeds = st.integers(0, 2**63 - 1)
attempts = st.integers(0, 10_000)
streams = st.integers(0, STREAMS - 1)

PHONE = 1_16505550000
SAMPLE = 50_000
LEAST_P = 1e-4
"""Below this a chi-square test finds a pattern; the seeds are fixed, so that it finds the same each time."""


def splitmix64(state: int, count: int) -> list[int]:
    """The generator as its authors publish it: https://prng.di.unimi.it/splitmix64.c."""
    modulus = 2**64
    made = []
    for _ in range(count):
        state = (state + 11400714819323198485) % modulus
        z = state
        z = ((z ^ (z // 2**30)) * 13787848793156543929) % modulus
        z = ((z ^ (z // 2**27)) * 10723151780598845931) % modulus
        made.append(z ^ (z // 2**31))
    return made


@given(words, st.integers(1, 5))
def test_mixed_words_are_those_of_splitmix64(state: int, count: int) -> None:
    assert [mixed((state + GOLDEN * step) & WORD) for step in range(1, count + 1)] == splitmix64(state, count)


def test_splitmix64_gives_the_numbers_that_other_implementations_give() -> None:
    assert splitmix64(1234567, 5) == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(seeds, st.lists(words, min_size=1), attempts, streams)
def test_arrays_draw_what_integers_draw(seed: int, identities: list[int], attempt: int, stream: int) -> None:
    keys = luck_key(seed, np.array(identities, np.uint64))
    drawn = draw(keys, attempt, stream)
    assert drawn.dtype == np.uint64
    assert drawn.tolist() == [draw(luck_key(seed, identity), attempt, stream) for identity in identities]


@pytest.mark.parametrize(
    ("seed", "identity", "attempt", "stream", "drawn"),
    [
        (0, 0, 0, 0, 3746585686858627171),
        (7, PHONE, 1, CALL, 5490781596962063626),
        (7, PHONE, 1, REDIAL, 9337726861215364965),
        (7, PHONE, 0, SEGMENT, 7233142887839844625),
        (7, PHONE | 1 << OCCURRENCE_BIT, 1, CALL, 18129516722165155481),
        (2**63 - 1, 1_999999999999999 | (MOST_OCCURRENCES - 1) << OCCURRENCE_BIT, 50, CALL, 5606976566013104191),
    ],
)
def test_luck_never_changes(seed: int, identity: int, attempt: int, stream: int, drawn: int) -> None:
    assert draw(luck_key(seed, identity), attempt, stream) == drawn


def test_a_phone_and_its_occurrence_fit_an_identity() -> None:
    assert 1_999999999999999 >> OCCURRENCE_BIT == 0
    assert MOST_OCCURRENCES << OCCURRENCE_BIT == WORD + 1


PHONES = np.arange(PHONE, PHONE + SAMPLE, dtype=np.uint64)


def sixteenths(draws: NDArray[np.uint64], bit: int = 60) -> NDArray[np.int64]:
    return (draws >> np.uint64(bit) & np.uint64(15)).astype(np.int64)


@pytest.mark.parametrize("bit", [60, 44, 28, 20, 0])
def test_draws_of_neighbouring_phones_are_even(bit: int) -> None:
    draws = sixteenths(draw(luck_key(7, PHONES), 1, CALL), bit)
    assert stats.chisquare(np.bincount(draws, minlength=16)).pvalue > LEAST_P


BASE = draw(luck_key(7, PHONES), 1, CALL)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(draw(luck_key(7, PHONES), 2, CALL), id="the next attempt"),
        pytest.param(draw(luck_key(7, PHONES), 1, REDIAL), id="the redial of the call"),
        pytest.param(draw(luck_key(7, PHONES), 0, SEGMENT), id="the segment"),
        pytest.param(draw(luck_key(7, PHONES + np.uint64(1)), 1, CALL), id="the next phone"),
        pytest.param(draw(luck_key(7, PHONES + np.uint64(10)), 1, CALL), id="the phone after ten"),
        pytest.param(draw(luck_key(7, PHONES | np.uint64(1 << OCCURRENCE_BIT)), 1, CALL), id="the next occurrence"),
        pytest.param(draw(luck_key(8, PHONES), 1, CALL), id="the next seed"),
        pytest.param(BASE << np.uint64(32), id="the duration of the call"),
    ],
)
def test_draws_say_nothing_about_one_another(other: NDArray[np.uint64]) -> None:
    pairs = np.bincount(sixteenths(BASE) * 16 + sixteenths(other), minlength=256).reshape(16, 16)
    assert stats.chi2_contingency(pairs).pvalue > LEAST_P
    assert stats.chisquare(pairs.ravel()).pvalue > LEAST_P


def test_the_attempts_of_one_phone_are_even() -> None:
    key = luck_key(7, PHONE)
    draws = np.array([draw(key, attempt, CALL) for attempt in range(1, 20_001)], np.uint64)
    assert stats.chisquare(np.bincount(sixteenths(draws), minlength=16)).pvalue > LEAST_P
    pairs = np.bincount(sixteenths(draws[:-1]) * 16 + sixteenths(draws[1:]), minlength=256)
    assert stats.chisquare(pairs).pvalue > LEAST_P
