"""Placing: the zone that each number's phone tells, where its own policy names none (rules 2)."""

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.policy import DEFAULT_ZONE, CallPolicy
from engine.calling.zones import ZoneName
from engine.numbers.phonebook import Phonebook

if TYPE_CHECKING:
    from engine.numbers.places.numbering_plans import Ranges

NOT_TOLD = 0
"""The place among zones of phones that tell none."""
BLOCK_ROWS = 1 << 18
"""Numbers that are placed at a time, so that what is needed for it stays small."""
MOST_PAIRS_TABLED = 1 << 24
"""Up to so many pairs of a policy and a zone are found by a table; more by sorting."""


class Placing(msgspec.Struct, frozen=True):
    """Where the numbers were placed that have no `gmtZone` of their own."""

    in_one_zone: int
    in_several_zones: int
    """Numbers whose phones tell several zones: they are called when the hours of all of them allow it."""
    not_placed: int
    """Numbers whose phones no numbering plan knows, or places."""
    not_placed_zone: str | None
    """The zone by which those are called, the campaign's `zoneIfUnknown`; without one there are none."""
    numbers: dict[str, int]
    """How many were placed in each zone or set of zones, the most first."""


class Places:
    """The zones that phones tell, list after list.

    Each phone is placed as the library `phonenumbers` places it, for it is looked up in the ranges of which the
    numbering plans of the lists' countries consist: O(n log ranges), about a second for ten million numbers beside
    some tenths of a second for the plans.
    """

    def __init__(self, if_unknown: ZoneName | None = None) -> None:
        self.if_unknown = if_unknown
        """The zone of phones that tell none; None if somebody has to name it."""
        self._places: dict[ZoneName, int] = {}
        self._calling_codes: set[int] = set()
        self._ranges: Ranges
        """Those of all countries of which phones have been seen."""
        self._of_sets = np.empty(0, np.int16)
        """The place in `names` of each of their zone sets, and last that of phones in no range."""

    @property
    def names(self) -> list[ZoneName]:
        """The zones, and sets of zones, that phones told so far; in the place NOT_TOLD that of those that tell none."""
        return [ZoneName(DEFAULT_ZONE) if self.if_unknown is None else self.if_unknown, *self._places]

    def of(self, codes: NDArray[np.int64]) -> NDArray[np.int16]:
        """The place in `names` of the zone that each phone tells; NOT_TOLD where no plan knows it, or places it."""
        found = _calling_codes_among(codes)
        if not len(self._of_sets) or not found <= self._calling_codes:
            self._take_in(found)
        told = np.empty(len(codes), np.int16)
        for start in range(0, len(codes), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            told[rows] = self._of_sets[self._ranges.sets_of(codes[rows])]
        return told

    def tells(self, code: int) -> bool:
        """Whether one phone tells a zone."""
        return bool(self.of(np.array([code], np.int64))[0] != NOT_TOLD)

    def _take_in(self, calling_codes: set[int]) -> None:
        """Look phones of these countries up from now on, too."""
        from engine.numbers.places.numbering_plans import (  # loads the library, which few campaigns need
            joined_ranges,
            ranges_of,
        )

        self._calling_codes |= calling_codes
        self._ranges = joined_ranges(ranges_of(code) for code in sorted(self._calling_codes))
        places = [
            self._places.setdefault(ZoneName.joint(zones), len(self._places) + 1) if zones else NOT_TOLD
            for zones in self._ranges.zone_sets
        ]
        self._of_sets = np.array([*places, NOT_TOLD], np.int16)


def placed(phonebook: Phonebook, places: Places) -> tuple[Phonebook, Placing]:
    """The phonebook with the zone of each number filled in, and how many were placed where; O(n).

    Its phones must have told their zones to `places`.
    """
    assert phonebook.told is not None  # noqa: S101 (an intake with places has told them)
    names = places.names
    untold = np.array([policy.gmt_zone is None for policy in phonebook.distinct], np.bool_)
    counts = np.zeros(len(names), np.int64)
    pairs = np.empty(len(phonebook), np.int64)
    for start in range(0, len(phonebook), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        own = untold[phonebook.policies[rows]]
        zones = np.where(own, phonebook.told[rows], NOT_TOLD)
        counts += np.bincount(zones[own], minlength=len(names))
        pairs[rows] = phonebook.policies[rows] * np.int64(len(names)) + zones
    policies, distinct = _with_zones(pairs, phonebook.distinct, names)
    filled = Phonebook(**(phonebook._asdict() | {"policies": policies, "distinct": distinct, "told": None}))
    return filled, _placing(places, counts)


def _calling_codes_among(codes: NDArray[np.int64]) -> set[int]:
    """The country codes that phones of a list begin with; they are of one to three digits."""
    from engine.numbers.places.numbering_plans import MOST_DIGITS, calling_codes  # as above

    sizes = 10 ** np.arange(MOST_DIGITS + 1)
    seen = np.zeros(1_000, np.bool_)
    for start in range(0, len(codes), BLOCK_ROWS):
        block = codes[start : start + BLOCK_ROWS]
        lengths = np.searchsorted(sizes, block, side="right") - 1
        seen[block // sizes[lengths - 3] - 1_000] = True
    leading = [f"{first:03}" for first in np.flatnonzero(seen).tolist()]
    beginnings = {int(first[:length]) for first in leading if first[0] != "0" for length in (1, 2, 3)}
    return beginnings & calling_codes()


def _with_zones(
    pairs: NDArray[np.int64], policies: tuple[CallPolicy, ...], names: list[ZoneName]
) -> tuple[NDArray[np.int32], tuple[CallPolicy, ...]]:
    """The place of each number's policy with its zone filled in, and those policies, each once."""
    if len(policies) * len(names) <= MOST_PAIRS_TABLED:
        present = np.flatnonzero(np.bincount(pairs, minlength=1))
    else:
        present = np.unique(pairs)
    distinct: dict[CallPolicy, int] = {}
    places = np.zeros(len(present), np.int32)
    for row, (policy, zone) in enumerate(zip(*np.divmod(present, len(names)), strict=True)):
        own = policies[policy]
        filled = own if own.gmt_zone is not None else msgspec.structs.replace(own, gmt_zone=names[zone])
        places[row] = distinct.setdefault(filled, len(distinct))
    found = np.empty(len(pairs), np.int32)
    for start in range(0, len(pairs), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        found[rows] = places[np.searchsorted(present, pairs[rows])]
    return found, tuple(distinct)


def _placing(places: Places, counts: NDArray[np.int64]) -> Placing:
    not_told, *told = counts.tolist()
    numbers = {str(name): count for name, count in zip(places.names[1:], told, strict=True) if count}
    several = sum(count for name, count in numbers.items() if len(ZoneName(name).ids) > 1)
    return Placing(
        in_one_zone=sum(numbers.values()) - several,
        in_several_zones=several,
        not_placed=not_told,
        not_placed_zone=None if places.if_unknown is None else str(places.if_unknown),
        numbers=dict(sorted(numbers.items(), key=lambda item: (-item[1], item[0]))),
    )
