"""Calls to audit, as columns, whether a dialer made them or a run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.zones import ZoneName, local_seconds
from engine.logs.phones import numbered

Integers = NDArray[np.int64]
NOT_KNOWN = -1
NOBODY = 1_000_000
"""The code of the phone 000000, which is in no numbering plan."""


class Calls(NamedTuple):
    """Calls as columns of equal length, in any order; calls of one second began in the order in which they stand."""

    phones: pl.Series
    """[number]: the phones that were called, each once, as text."""
    number: Integers
    """[call]: an index in `phones`."""
    start: Integers
    """[call]: Unix seconds; those of the customer's wall clock if `in_utc` is false."""
    local: Integers
    """[call]: seconds since 1970-01-01 of the customer's wall clock; of several zones, of the first by name."""
    outcomes: tuple[str, ...] = ()
    outcome: Integers | None = None
    """[call]: an index in `outcomes`, NOT_KNOWN where none is given; None if no outcome is known."""
    zones: tuple[str, ...] = ()
    """Names of zones, also of several together."""
    zone: NDArray[np.int32] | None = None
    """[call]: an index in `zones`, NOT_KNOWN where the wall clock alone is known; None if it is for all."""
    in_utc: bool = True
    """Whether the instants of the calls are known, and not only their wall clocks."""
    shared: Mapping[str, Integers] = MappingProxyType({})
    """By the field of a payload: [call] equal where its value is equal, NOT_KNOWN where there is none."""
    redial: NDArray[np.bool_] | None = None
    """[call]: whether it is of a series that the customer asked for; None if that is not known."""
    clock_known: NDArray[np.bool_] | None = None
    """[call]: whether its wall clock is known; None if it is for all. Others are counted by caps, and not judged."""
    zones_guessed: bool = False
    """Whether zones come from the numbering plan of phones."""

    @property
    def size(self) -> int:
        """How many calls there are."""
        return len(self.start)

    def clocks(self) -> list[tuple[NDArray[np.int64], Integers]]:
        """The wall clocks on which calls have to be allowed beside `local`: calls, and what the clock of each shows.

        There are none but for numbers that may be in any of several zones.
        """
        found = []
        for index, name in enumerate(self.zones):
            others = ZoneName(name).ids[1:]
            if others and self.zone is not None:
                rows = np.flatnonzero(self.zone == index)
                found += [(rows, local_seconds(self.start[rows], other)) for other in others]
        return found

    def zone_names(self, rows: Integers) -> pl.Series:
        """The name of the zone of some calls; null where the wall clock alone is known."""
        zone = np.full(len(rows), NOT_KNOWN) if self.zone is None else self.zone[rows]
        return pl.Series([*self.zones, None], dtype=pl.String).gather(
            pl.Series(np.where(zone < 0, len(self.zones), zone).astype(np.uint32))
        )


def phones_of(phones: pl.Series) -> tuple[pl.Series, Integers]:
    """The phones that occur, each once, and the index of each row's among them."""
    ranks = numbered(pl.DataFrame([phones])) - 1
    firsts = np.zeros(int(ranks.max(initial=-1)) + 1, np.int64)
    firsts[ranks[::-1]] = np.arange(len(ranks))[::-1]
    return phones.gather(pl.Series(firsts)), ranks


def codes_of(phones: pl.Series) -> Integers:
    """The code of each phone, a 1 and its digits (rules 2); that of a phone that nobody has for any other text."""
    digits = phones.str.strip_prefix("+")
    is_phone = digits.str.contains(r"^[0-9]{5,15}$")
    codes = ("1" + digits.set(~is_phone, None)).cast(pl.Int64)
    return codes.fill_null(NOBODY).to_numpy()


def indexed(words: pl.Series) -> tuple[tuple[str, ...], Integers]:
    """The words that occur, sorted, and the index of each row's among them; NOT_KNOWN for null."""
    names = tuple(words.unique().drop_nulls().sort().to_list())
    places = {name: place for place, name in enumerate(names)}
    indices = (
        words.replace_strict(places, default=None, return_dtype=pl.Int64) if places else words.is_null().cast(pl.Int64)
    )
    return names, (indices if places else indices * NOT_KNOWN).fill_null(NOT_KNOWN).to_numpy()


def in_zones(start: Integers, zones: tuple[str, ...], zone: NDArray[np.int32]) -> Integers:
    """What the wall clock of each call's zone, the first by name, shows; Unix seconds where the zone is NOT_KNOWN."""
    local = start.copy()
    for index, name in enumerate(zones):
        rows = np.flatnonzero(zone == index)
        local[rows] = local_seconds(start[rows], ZoneName(name).ids[0])
    return local
