"""Placing: the zone that each number's phone tells, where its own policy names none (rules 2)."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.policy import DEFAULT_ZONE, CallPolicy
from engine.calling.zones import ZoneName
from engine.numbers.phonebook import Phonebook

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
    not_placed_zone: str
    """The zone by which those are called."""
    numbers: dict[str, int]
    """How many were placed in each zone or set of zones, the most first."""


def placed(phonebook: Phonebook) -> tuple[Phonebook, Placing]:
    """The phonebook with the zone of each number filled in, and how many were placed where.

    Each phone is placed as the library `phonenumbers` places it, for it is looked up in the ranges of which the
    numbering plans of the list's countries consist: O(n log ranges), about a second for ten million numbers beside
    some tenths of a second for the plans.
    """
    from engine.numbers.places.numbering_plans import (  # loads the library, which few campaigns need
        joined_ranges,
        ranges_of,
    )

    codes = phonebook.phone_codes
    ranges = joined_ranges(ranges_of(code) for code in _calling_codes_among(codes))
    names = sorted({ZoneName.joint(zones) for zones in ranges.zone_sets if zones} - {DEFAULT_ZONE})
    names.insert(0, ZoneName(DEFAULT_ZONE))
    of_sets = np.array([names.index(ZoneName.joint(zones)) if zones else 0 for zones in ranges.zone_sets], np.int64)
    untold = np.array([policy.gmt_zone is None for policy in phonebook.distinct])
    counts = np.zeros(len(names), np.int64)
    pairs = np.empty(len(phonebook), np.int64)
    for start in range(0, len(phonebook), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        sets = ranges.sets_of(codes[rows])
        own = untold[phonebook.policies[rows]]
        zones = np.where(own & (sets >= 0), of_sets[sets], 0) if len(of_sets) else np.zeros(len(sets), np.int64)
        counts += np.bincount(zones[own], minlength=len(names))
        pairs[rows] = phonebook.policies[rows] * np.int64(len(names)) + zones
    places, distinct = _with_zones(pairs, phonebook.distinct, names)
    filled = Phonebook(**(phonebook._asdict() | {"policies": places, "distinct": distinct}))
    return filled, _placing(names, counts)


def _calling_codes_among(codes: NDArray[np.int64]) -> list[int]:
    """The country codes that phones of a list begin with, ascending; they are of one to three digits."""
    from engine.numbers.places.numbering_plans import MOST_DIGITS, calling_codes  # as above

    sizes = 10 ** np.arange(MOST_DIGITS + 1)
    seen = np.zeros(1_000, np.bool_)
    for start in range(0, len(codes), BLOCK_ROWS):
        block = codes[start : start + BLOCK_ROWS]
        lengths = np.searchsorted(sizes, block, side="right") - 1
        seen[block // sizes[lengths - 3] - 1_000] = True
    leading = [f"{first:03}" for first in np.flatnonzero(seen).tolist()]
    return [code for code in sorted(calling_codes()) if any(first.startswith(str(code)) for first in leading)]


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


def _placing(names: list[ZoneName], counts: NDArray[np.int64]) -> Placing:
    numbers = {str(name): count for name, count in zip(names[1:], counts[1:].tolist(), strict=True) if count}
    several = sum(count for name, count in numbers.items() if len(ZoneName(name).ids) > 1)
    return Placing(
        in_one_zone=sum(numbers.values()) - several,
        in_several_zones=several,
        not_placed=int(counts[0]),
        not_placed_zone=DEFAULT_ZONE,
        numbers=dict(sorted(numbers.items(), key=lambda item: -item[1])),
    )
