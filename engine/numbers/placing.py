"""Placing: the zone of a number as its numbering plan tells it (rules 2).

The plans are those of the library `phonenumbers`. It takes some 50 microseconds to place a number, so it is asked once
for all numbers of a list that share their first seven digits and their length: those are given out together, and the
longest prefixes that tell zones apart are hardly longer. Zones then are the library's own answer for the first of
them; whether a number is valid is taken to be so of all of them.
"""

import msgspec
import numpy as np
import phonenumbers
from numpy.typing import NDArray
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from engine.calling.policy import CallPolicy
from engine.calling.zones import AND, ZoneName, zone_ids
from engine.numbers.phonebook import Phonebook, Placed, phone_text

LEADING = 7
"""Country code and area, and in America the exchange too."""


def zones_of(phone: str) -> str | None:
    """The zone of a phone, digits with its country code; several by name with AND between; None if none is told."""
    try:
        zones = time_zones_for_number(phonenumbers.parse(f"+{phone}"))
    except phonenumbers.NumberParseException:
        return None
    if UNKNOWN_TIMEZONE in zones or not set(zones) <= zone_ids():
        return None
    return AND.join(sorted(zones))


def place(phonebook: Phonebook) -> tuple[Phonebook, Placed]:
    """The phonebook with the zones of the numbers whose own policy gives none, and how many there were."""
    lacks = np.array([policy.gmt_zone is None for policy in phonebook.distinct], np.bool_)[phonebook.policies]
    rows = np.flatnonzero(lacks)
    names, name_of = _names(phonebook.phone_codes[rows])
    places = {policy: place for place, policy in enumerate(phonebook.distinct)}
    policies = phonebook.policies.copy()
    pairs, pair_of = np.unique(policies[rows] * np.int64(len(names)) + name_of, return_inverse=True)
    placed = [
        _placed(phonebook.distinct[pair // len(names)], names[pair % len(names)], places) for pair in pairs.tolist()
    ]
    policies[rows] = np.array(placed, np.int32)[pair_of]
    zones = np.array([0 if name is None else min(1 + name.count(AND), 2) for name in names])
    not_placed, in_one, in_several = np.bincount(zones[name_of], minlength=3).tolist()
    return Phonebook(
        identities=phonebook.identities,
        policies=policies,
        segments=phonebook.segments,
        added=phonebook.added,
        distinct=tuple(places),
        duplicates=phonebook.duplicates,
        changed_priorities=phonebook.changed_priorities,
    ), Placed(in_one, in_several, not_placed, len(phonebook) - len(rows))


def _placed(policy: CallPolicy, name: str | None, places: dict[CallPolicy, int]) -> int:
    if name is not None:
        policy = msgspec.structs.replace(policy, gmt_zone=ZoneName(name))
    return places.setdefault(policy, len(places))


def _names(codes: NDArray[np.int64]) -> tuple[list[str | None], NDArray[np.int64]]:
    """The distinct zone names of phones by their codes, and the place of each phone's."""
    digits = np.digitize(codes, 10 ** np.arange(1, 19, dtype=np.int64))  # of the phone: a code has one more
    leading = codes // 10 ** np.maximum(digits - LEADING, 0)
    _, firsts, class_of = np.unique(leading * 32 + digits, return_index=True, return_inverse=True)
    names: dict[str | None, int] = {}
    name_of = [names.setdefault(zones_of(phone_text(code)), len(names)) for code in codes[firsts].tolist()]
    return list(names) or [None], np.array(name_of, np.int64)[class_of]
