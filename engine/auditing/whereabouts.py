"""Whereabouts: the country of a phone, and in the United States the state, by the geography of numbering plans.

People keep their phones when they move, so this is a guess, and is marked as one wherever it is shown.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.reading.notes import Note

BY_PHONE = Note(
    "rules_by_phone",
    "rule sets are guessed from phones, by the geography of numbering plans: people keep phones when they move",
)
_LEADING = 5
_LEADING_OF = {39: 7, 44: 6, 61: 7}
"""Phones of one length that share so many first digits are taken to be in the same region; more behind some codes.

The Vatican lies behind +39 06 698, Guernsey behind +44 1481, and Christmas Island behind +61 8 9164.
"""
UNITED_STATES = "US"
_OTHERWISE = {"Washington State": "WA", "Washington D.C.": "DC"}
"""States whose names the geography of the plans writes otherwise."""


class Whereabouts(NamedTuple):
    """The regions of phones."""

    names: tuple[str, ...]
    """Countries, and states of the US as US-FL; an empty name for phones of no known country."""
    of_phone: NDArray[np.int64]
    """[phone]: an index in `names`."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """[phone]: whether its country is known."""
        return np.array([name != "" for name in self.names], np.bool_)[self.of_phone]

    def within(self, regions: Sequence[str]) -> NDArray[np.bool_]:
        """[phone]: whether it is in one of these countries or states."""
        inside = [any(name == each or name.startswith(f"{each}-") for each in regions) for name in self.names]
        return np.array(inside, np.bool_)[self.of_phone]


def whereabouts(codes: NDArray[np.int64]) -> Whereabouts:
    """The region of each phone, given as a 1 and its digits; O(n log n), and some microseconds for each beginning."""
    if not len(codes):
        return Whereabouts(("",), np.zeros(0, np.int64))
    digits = np.searchsorted(10 ** np.arange(19, dtype=np.int64), codes, side="right") - 1
    shared = np.full(len(codes), _LEADING)
    country = codes // 10 ** np.maximum(digits - 2, 0) % 100
    for code, more in _LEADING_OF.items():
        shared[country == code] = more
    leading = codes // 10 ** np.maximum(digits - shared, 0)
    _, firsts, which = np.unique(leading * 100 + digits, return_index=True, return_inverse=True)
    found = [_region(str(code)[1:]) for code in codes[firsts].tolist()]
    names = tuple(sorted(set(found)))
    places = np.array([names.index(each) for each in found], np.int64)
    return Whereabouts(names, places[which])


def _region(phone: str) -> str:
    from phonenumbers import NumberParseException, parse, region_code_for_country_code, region_code_for_number
    from phonenumbers.geocoder import description_for_valid_number  # loads half a second of names

    try:
        number = parse(f"+{phone}")
    except NumberParseException:
        return ""
    region = region_code_for_number(number)
    if region is None and number.country_code is not None and number.country_code != 1:
        region = region_code_for_country_code(number.country_code)
    if region not in (UNITED_STATES, None):
        return region if region.isalpha() else ""
    place = description_for_valid_number(number, "en")
    state = place[-2:] if place[-4:-2] == ", " else _states().get(place, "")
    return f"{UNITED_STATES}-{state}" if state else region or ""


@cache
def _states() -> dict[str, str]:
    """The codes of states by their names."""
    from holidays import country_holidays  # as above

    return {**country_holidays(UNITED_STATES).subdivisions_aliases, **_OTHERWISE}
