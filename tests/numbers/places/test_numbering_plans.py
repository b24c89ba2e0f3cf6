"""Numbering plans in ranges say of every phone what the library says of it alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import is_valid_number

from engine.numbers.places.numbering_plans import DIGITS, Ranges, _matches, calling_codes, joined_ranges, ranges_of
from tests.numbers.places.library import number_of, zones_by_phone

CODES = sorted(calling_codes())
LARGE = (1, 7, 39, 44, 49, 52, 54, 55, 61, 86, 91)


def looked_up(ranges: Ranges, digits: str) -> tuple[str, ...] | None:
    """The zones of a phone by its range, None if it is in none."""
    (place,) = ranges.sets_of(np.array([int("1" + digits)])).tolist()
    return None if place < 0 else ranges.zone_sets[place]


@st.composite
def phones(draw: st.DrawFn) -> tuple[int, str]:
    """A country code and a phone under it: any digits, or one on or beside the edge of a range."""
    code = draw(st.sampled_from(LARGE) | st.sampled_from(CODES))
    ranges = ranges_of(code)
    if draw(st.integers(0, 3)) == 0:
        return code, f"{code}{draw(st.text(DIGITS, min_size=4, max_size=12))}"
    row = draw(st.integers(0, len(ranges.firsts) - 1))
    first, last = int(ranges.firsts[row]), int(ranges.lasts[row])
    edges = st.sampled_from([first - 1, first, last, last + 1])
    digits = str(draw(edges | st.integers(first, last)))[1:]
    return code, digits if digits.startswith(str(code)) else str(first)[1:]


@settings(max_examples=1_000, deadline=None)
@given(phones())
def test_a_phone_is_in_a_range_if_it_is_valid_and_that_range_has_its_zones(phone: tuple[int, str]) -> None:
    code, digits = phone
    number = number_of(digits)

    zones = looked_up(ranges_of(code), digits)

    assert (zones is not None) == (number is not None and is_valid_number(number))
    assert (zones or ()) == zones_by_phone(digits)


def test_every_expression_of_every_plan_can_be_read() -> None:
    assert sum(len(ranges_of(code).firsts) > 0 for code in CODES) == len(CODES)


@pytest.mark.parametrize("code", LARGE)
def test_ranges_ascend_without_touching_those_of_their_kind(code: int) -> None:
    ranges = ranges_of(code)

    assert (ranges.firsts <= ranges.lasts).all()
    assert (ranges.firsts[1:] > ranges.lasts[:-1]).all()
    touching = ranges.firsts[1:] == ranges.lasts[:-1] + 1
    assert (touching <= ((np.diff(ranges.kinds) != 0) | (np.diff(ranges.zones) != 0))).all()


def test_plans_that_are_joined_say_what_each_of_them_says() -> None:
    joint = joined_ranges(map(ranges_of, (44, 1, 49)))

    for digits in ("12125550000", "442079460000", "4930123456", "12082020000", "33123456789"):
        alone = (
            None if digits.startswith("33") else looked_up(ranges_of(int(digits[: 1 if digits < "2" else 2])), digits)
        )
        assert looked_up(joint, digits) == alone


def test_no_plans_have_no_phones() -> None:
    assert looked_up(joined_ranges([]), "12125550000") is None


def test_an_expression_of_a_new_form_is_refused_and_not_misread() -> None:
    with pytest.raises(ValueError, match="new form"):
        _matches(r"(?!1)\d{5}")
