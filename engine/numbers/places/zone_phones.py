"""Phones of a zone: made-up phones that, by their numbering plans, belong to one zone alone."""

from functools import cache
from importlib import resources
from math import gcd

import numpy as np
from numpy.typing import NDArray
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneNumberType,
    example_number_for_type,
    national_significant_number,
)
from phonenumbers.tzdata import TIMEZONE_DATA

from engine.calling.zones import zone_ids
from engine.numbers.places.numbering_plans import SERVICE, calling_codes, ranges_of

LONGEST_STRIDE = 1 << 32
"""The bound of a stride, so that its product with an index below 2**31 fits 64 bits."""


class ZonePhones:
    """Phones of one zone in a scattered order: already the first ones come from many ranges."""

    def __init__(self, firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> None:
        self._firsts = firsts
        self._ends = np.cumsum(lasts - firsts + 1)
        self.count = int(self._ends[-1]) if len(firsts) else 0
        """How many phones there are."""
        self._stride = _stride(self.count)

    def codes(self, first: int, count: int) -> NDArray[np.int64]:
        """The codes (a 1 and the digits) of `count` phones from index `first` on; each index has another phone.

        O(count log ranges); ValueError if there are too few.
        """
        if first + count > self.count:
            raise ValueError(f"{first + count:,} of {self.count:,} phones")
        indices = np.arange(first, first + count, dtype=np.int64) * self._stride % self.count
        ranges = np.searchsorted(self._ends, indices, side="right")
        return self._firsts[ranges] + indices - np.where(ranges > 0, self._ends[ranges - 1], 0)


def _stride(count: int) -> int:
    """A step that visits each of `count` indices once, going round; as near the golden section as possible."""
    stride = max(min(int(count * 0.618_034), LONGEST_STRIDE - 1), 1)
    while gcd(stride, count) > 1:
        stride -= 1
    return stride


def phones_of(zone_id: str, taken: tuple[int, int] = (0, 0)) -> ZonePhones:
    """The phones that belong to a zone alone, without codes in `[taken[0], taken[1])`.

    They are fixed lines and mobiles that the library `phonenumbers` finds valid, with as many digits as its examples
    for their country. There are none for zones without people, for offsets, and for zones that share all their phones
    with others. Two ids of one zone have the same phones.
    """
    return _phones_of(_name_in_plans(zone_id), taken)


@cache
def _phones_of(name: str, taken: tuple[int, int]) -> ZonePhones:
    columns = []
    for calling_code in _calling_codes_by_zone().get(name, ()):
        ranges = ranges_of(calling_code)
        chosen = ranges.kinds != SERVICE
        chosen &= ranges.zones == (ranges.zone_sets.index((name,)) if (name,) in ranges.zone_sets else -1)
        chosen &= np.isin(np.char.str_len(ranges.firsts.astype(str)) - 1, _customary_lengths(calling_code))
        columns.append(np.column_stack((ranges.firsts[chosen], ranges.lasts[chosen])))
    firsts, lasts = np.concatenate([np.empty((0, 2), np.int64), *columns]).T
    firsts = np.where((taken[0] <= lasts) & (firsts < taken[1]), np.maximum(firsts, taken[1]), firsts)
    kept = firsts <= lasts
    return ZonePhones(firsts[kept], lasts[kept])


@cache
def _calling_codes_by_zone() -> dict[str, tuple[int, ...]]:
    """The country codes under which a zone has prefixes of its own."""
    found: dict[str, set[int]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        if len(zones) == 1:
            codes = {int(prefix[:length]) for length in (1, 2, 3)} & calling_codes()
            found.setdefault(zones[0], set()).update(codes)
    return {zone: tuple(sorted(codes)) for zone, codes in found.items()}


def _name_in_plans(zone_id: str) -> str:
    """The id that the numbering plans use for a zone that has several ids in TZDB, such as Asia/Kolkata."""
    known = _calling_codes_by_zone()
    if zone_id in known or zone_id not in zone_ids():
        return zone_id
    rules = _rules(zone_id)
    return next((other for other in sorted(known) if other in zone_ids() and _rules(other) == rules), zone_id)


@cache
def _rules(zone_id: str) -> bytes:
    return resources.files("tzdata.zoneinfo").joinpath(*zone_id.split("/")).read_bytes()


def _customary_lengths(calling_code: int) -> list[int]:
    """How many digits the phones of customers have, the country code included."""
    examples = (
        example_number_for_type(region, kind)
        for region in COUNTRY_CODE_TO_REGION_CODE[calling_code]
        for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
    )
    return sorted({len(str(calling_code)) + len(national_significant_number(each)) for each in examples if each})
