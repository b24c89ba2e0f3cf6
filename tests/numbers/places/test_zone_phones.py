"""Phones of a zone are valid, and the library places each of them there and nowhere else."""

import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from engine.numbers.places.zone_phones import ZonePhones, phones_of

ZONES = sorted({zones[0] for zones in TIMEZONE_DATA.values() if len(zones) == 1 and phones_of(zones[0]).count})


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(ZONES), st.data())
def test_every_phone_of_a_zone_is_valid_and_in_that_zone_alone(zone: str, data: st.DataObject) -> None:
    phones = phones_of(zone)
    place = data.draw(st.integers(0, min(phones.count, 1 << 31) - 1))

    (code,) = phones.codes(place, 1).tolist()

    number = phonenumbers.parse(f"+{str(code)[1:]}")
    assert phonenumbers.is_valid_number(number)
    assert time_zones_for_number(number) == (zone,)


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=8),
    st.lists(st.integers(1, 30), min_size=8, max_size=8),
)
def test_every_phone_is_handed_out_once_before_any_is_again(sizes: list[int], gaps: list[int]) -> None:
    firsts, lasts, code = [], [], 0
    for size, gap in zip(sizes, gaps, strict=False):
        firsts.append(code + gap)
        code += gap + size
        lasts.append(code - 1)
    phones = ZonePhones(np.array(firsts), np.array(lasts))

    codes = phones.codes(0, phones.count)

    all_of_them = [each for first, last in zip(firsts, lasts, strict=True) for each in range(first, last + 1)]
    assert sorted(codes.tolist()) == all_of_them
    half = phones.count // 2
    assert phones.codes(half, phones.count - half).tolist() == codes[half:].tolist()


def test_more_phones_than_there_are_cannot_be_had() -> None:
    with pytest.raises(ValueError, match="2,601 of 2,600 phones"):
        phones_of("Pacific/Fakaofo").codes(2_600, 1)


@pytest.mark.parametrize(
    "zone", ["", "Z", "UTC", "+05:30", "Etc/UTC", "Antarctica/Troll", "America/Indiana/Indianapolis", "Nowhere"]
)
def test_some_zones_have_no_phones(zone: str) -> None:
    assert phones_of(zone).count == 0


@pytest.mark.parametrize(("spelt", "in_plans"), [("Asia/Kolkata", "Asia/Calcutta"), ("US/Eastern", "America/New_York")])
def test_another_id_of_a_zone_has_its_phones(spelt: str, in_plans: str) -> None:
    assert phones_of(spelt) is phones_of(in_plans)


@pytest.mark.parametrize("zone", ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"])
def test_there_are_tens_of_millions_in_zones_of_the_united_states(zone: str) -> None:
    assert phones_of(zone).count > 50_000_000


def test_phones_that_are_taken_are_left_out() -> None:
    taken = 112_012_000_000, 112_015_000_000

    all_of_them, others = phones_of("America/New_York"), phones_of("America/New_York", taken)

    assert 0 < all_of_them.count - others.count <= taken[1] - taken[0]
    codes = others.codes(0, 200_000)
    assert not ((taken[0] <= codes) & (codes < taken[1])).any()
