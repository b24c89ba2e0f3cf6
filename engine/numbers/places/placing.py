"""Placing: the zone of a number by its phone, where its policy names none (rules 2)."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.policies import under_levels
from engine.calling.policy import DEFAULT_ZONE, CallPolicy
from engine.calling.zones import ZoneName
from engine.numbers.phonebook import Phonebook

if TYPE_CHECKING:
    from engine.numbers.places.numbering_plans import Ranges

MOST_TOLD = 8
"""So many numbering plans are told one by one."""
WITHOUT_CODE = "none"
"""In place of the numbering plan of phones that begin with no country code."""
NOT_KNOWN = 0
"""The index of the zone of phones whose zone is not known."""
BLOCK_ROWS = 1 << 18
"""Numbers that are placed at a time, so that memory stays small."""


class Placing(msgspec.Struct, frozen=True):
    """How many numbers without a `gmtZone` of their own got which zones by their phones."""

    in_one_zone: int
    in_several_zones: int
    """Numbers whose phones may be in several zones: they are called when the hours of all of these allow it."""
    not_placed: int
    """Numbers whose phones are in no numbering plan, or have no known zone."""
    not_placed_zone: str | None
    """The zone by which those are called: the campaign's `zoneIfUnknown`; without it there are none."""
    not_placed_plans: dict[str, int]
    """These by the numbering plan that does not place them, the most first: `+65`, or `none` without a country code."""
    numbers: dict[str, int]
    """The numbers of each zone or set of zones, the most first."""


class Places:
    """The zones of phones, list after list.

    Zones are those of the library `phonenumbers`: each phone is looked up in the ranges of the numbering plans of the
    lists' countries. The cost is O(n log ranges): about a second for ten million numbers, and some tenths of a second
    for the plans.
    """

    def __init__(self, if_unknown: ZoneName | None = None) -> None:
        self.if_unknown = if_unknown
        """The zone of phones whose zone is not known; None if such numbers are faulty."""
        self.refused: Counter[str] = Counter()
        """How many numbers were faulty for that, by the numbering plan that does not place them; see `plans_of`."""
        self._indices: dict[ZoneName, int] = {}
        self._calling_codes: set[int] = set()
        self._ranges: Ranges
        """The ranges of all countries of which phones have been looked up."""
        self._of_sets = np.empty(0, np.int16)
        """The index in `names` of each of their zone sets, then that of phones in no range."""

    @property
    def names(self) -> list[ZoneName]:
        """The zones, and sets of zones, of phones so far; at NOT_KNOWN the zone of phones whose zone is not known."""
        return [ZoneName(DEFAULT_ZONE) if self.if_unknown is None else self.if_unknown, *self.found]

    @property
    def found(self) -> list[ZoneName]:
        """The zones, and sets of zones, of phones so far, in the order in which they were found."""
        return list(self._indices)

    def put_back(self, found: list[str]) -> None:
        """Know the zones that other places of the same campaign have `found`, with the same indices."""
        self._indices = {ZoneName(name): index for index, name in enumerate(found, 1)}

    def of(self, codes: NDArray[np.int64]) -> NDArray[np.int16]:
        """The index in `names` of the zone of each phone; NOT_KNOWN where it is not known."""
        found = _calling_codes_among(codes)
        if not len(self._of_sets) or not found <= self._calling_codes:
            self._take_in(found)
        phone_zones = np.empty(len(codes), np.int16)
        for start in range(0, len(codes), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            phone_zones[rows] = self._of_sets[self._ranges.sets_of(codes[rows])]
        return phone_zones

    def knows(self, code: int) -> bool:
        """Whether the zone of a phone is known."""
        return bool(self.of(np.array([code], np.int64))[0] != NOT_KNOWN)

    def _take_in(self, calling_codes: set[int]) -> None:
        """Take in the numbering plans of these countries."""
        from engine.numbers.places.numbering_plans import (  # loads the library, which few campaigns need
            joined_ranges,
            ranges_of,
        )

        self._calling_codes |= calling_codes
        self._ranges = joined_ranges(ranges_of(code) for code in sorted(self._calling_codes))
        indices = [
            self._indices.setdefault(ZoneName.joint(zones), len(self._indices) + 1) if zones else NOT_KNOWN
            for zones in self._ranges.zone_sets
        ]
        self._of_sets = np.array([*indices, NOT_KNOWN], np.int16)


def placed(phonebook: Phonebook, places: Places) -> tuple[Phonebook, Placing]:
    """The phonebook with the zone of each number filled in, and how many numbers got which zone; O(n).

    Its `phone_zones` must hold indices in `places.names`.
    """
    assert phonebook.phone_zones is not None  # noqa: S101 (an intake with places gives them)
    names = places.names
    distinct = phonebook.distinct
    without_zone = np.array([policy.gmt_zone is None for policy in distinct.undated], np.bool_)[distinct.of_undated]
    counts = np.zeros(len(names), np.int64)
    plans: Counter[str] = Counter()
    pairs = np.empty(len(phonebook), np.int64)
    for start in range(0, len(phonebook), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        own = without_zone[phonebook.policies[rows]]
        zones = np.where(own, phonebook.phone_zones[rows], NOT_KNOWN)
        counts += np.bincount(zones[own], minlength=len(names))
        plans.update(plans_of(phonebook.phone_codes[rows][own & (zones == NOT_KNOWN)]))
        pairs[rows] = phonebook.policies[rows] * np.int64(len(names)) + zones
    policies, filled = under_levels(pairs, distinct, [CallPolicy(gmt_zone=name) for name in names])
    book = Phonebook(**(phonebook._asdict() | {"policies": policies, "distinct": filled, "phone_zones": None}))
    return book, _placing(places, counts, plans)


def plans_text(plans: Mapping[str, int]) -> str:
    """Numbering plans with the counts of phones that they do not place: `+65: 300, no country code: 5`."""
    told = Counter(plans).most_common(MOST_TOLD)
    others = sum(plans.values()) - sum(count for _, count in told)
    words = [f"{'no country code' if plan == WITHOUT_CODE else plan}: {count:,}" for plan, count in told]
    return ", ".join([*words, *([f"others: {others:,}"] if others else [])])


def plans_of(codes: NDArray[np.int64]) -> dict[str, int]:
    """How many phones begin with which country code, such as `+65`; `none` for those that begin with none."""
    found: Counter[str] = Counter()
    for first, count in enumerate(_beginnings(codes).tolist()):
        if count:
            found[_plan(first)] += count
    return dict(found)


def plan_of(code: int) -> str:
    """The country code with which a phone begins, such as `+65`; `none` if it begins with none."""
    return _plan(int(str(code)[1:4]))


def _plan(first: int) -> str:
    code = _calling_code(first)
    return WITHOUT_CODE if code is None else f"+{code}"


def _calling_codes_among(codes: NDArray[np.int64]) -> set[int]:
    """The country codes with which phones of a list begin."""
    found = (_calling_code(first) for first in np.flatnonzero(_beginnings(codes)).tolist())
    return {code for code in found if code is not None}


def _beginnings(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """[first three digits]: how many phones begin so."""
    from engine.numbers.places.numbering_plans import MOST_DIGITS  # as above

    counts = np.zeros(1_000, np.int64)
    sizes = 10 ** np.arange(MOST_DIGITS + 1)
    for start in range(0, len(codes), BLOCK_ROWS):
        block = codes[start : start + BLOCK_ROWS]
        lengths = np.searchsorted(sizes, block, side="right") - 1
        counts += np.bincount(block // sizes[lengths - 3] - 1_000, minlength=1_000)
    return counts


def _calling_code(first: int) -> int | None:
    """The country code with which three digits begin, given as a number below 1,000; None if there is none."""
    from engine.numbers.places.numbering_plans import calling_codes  # as above

    codes = calling_codes() if first >= 100 else ()  # none begins with a zero
    return next((code for length in (1, 2, 3) if (code := int(f"{first:03}"[:length])) in codes), None)


def _placing(places: Places, counts: NDArray[np.int64], plans: Counter[str]) -> Placing:
    not_known, *known = counts.tolist()
    numbers = {str(name): count for name, count in zip(places.names[1:], known, strict=True) if count}
    several = sum(count for name, count in numbers.items() if len(ZoneName(name).ids) > 1)
    return Placing(
        in_one_zone=sum(numbers.values()) - several,
        in_several_zones=several,
        not_placed=not_known,
        not_placed_zone=None if places.if_unknown is None else str(places.if_unknown),
        not_placed_plans=dict(sorted(plans.items(), key=lambda item: (-item[1], item[0]))),
        numbers=dict(sorted(numbers.items(), key=lambda item: (-item[1], item[0]))),
    )
