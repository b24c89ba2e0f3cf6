"""Policies: distinct call policies in a row, with start and finish as columns, for lists in which each has its own."""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.columns import Coded, coded, coded_by_object, distinct
from engine.calling.instants import ALWAYS, NEVER, Instant
from engine.calling.policy import CallPolicy

BLOCK_ROWS = 1 << 18
"""Numbers that are looked at at a time, so that memory stays small."""
LEFT_OUT = -1
"""In a column of integers, where a policy leaves the field out."""
MOST_PAIRS_TABLED = 1 << 24
"""Up to so many possible pairs of a policy and a level, a table finds those that occur; above, sorting does."""


class Policies(Sequence[CallPolicy]):
    """Distinct call policies that do not change. One of them is made when it is asked for.

    >>> from engine import CallPolicy
    >>> policies = Policies.of([CallPolicy(), CallPolicy.from_json({"startDateTime": "2026-03-02T09:00:00Z"})])
    >>> len(policies), len(policies.undated)
    (2, 1)
    >>> policies[1].to_json()
    {'startDateTime': '2026-03-02T09:00:00Z'}
    """

    def __init__(
        self,
        undated: Sequence[CallPolicy],
        of_undated: NDArray[np.int32],
        starts: NDArray[np.int64],
        finishes: NDArray[np.int64],
    ) -> None:
        self.undated = undated
        """What the policies say beside start and finish, each once: policies that leave both out."""
        self.of_undated = of_undated
        """[policy]: an index in `undated`."""
        self.starts = starts
        """[policy]: its startDateTime in Unix seconds; ALWAYS if it has none."""
        self.finishes = finishes
        """[policy]: its finishDateTime in Unix seconds; NEVER if it has none."""
        self._columns: dict[str, Coded] = {}
        """Those that were asked for: policies do not change."""
        self._integers: dict[str, NDArray[np.int32]] = {}
        self.compiled: dict[Hashable, Any] = {}
        """What was made of them, by all else that it depends on: runs of one list make it once."""

    @classmethod
    def of(cls, policies: Iterable[CallPolicy]) -> "Policies":
        """These policies in their order, each once."""
        known = KnownPolicies()
        for policy in policies:
            known.index_of(policy)
        return known.so_far()

    def __len__(self) -> int:
        return len(self.of_undated)

    @overload
    def __getitem__(self, index: int) -> CallPolicy: ...

    @overload
    def __getitem__(self, index: slice) -> "Policies": ...

    def __getitem__(self, index: "int | slice") -> "CallPolicy | Policies":
        if isinstance(index, slice):
            return Policies(self.undated, self.of_undated[index], self.starts[index], self.finishes[index])
        undated = self.undated[self.of_undated[index]]
        return dated(undated, int(self.starts[index]), int(self.finishes[index]))

    def some(self, places: NDArray[np.integer]) -> "Policies":
        """Those at these places; `undated` stays."""
        return Policies(self.undated, self.of_undated[places], self.starts[places], self.finishes[places])

    def column(self, field: str) -> Coded:
        """A field of each of `undated`: its values, and which one each has. It costs little to ask again.

        Equal hours may be several values, for it costs more to compare them than all else here.
        """
        found = self._columns.get(field)
        if found is None:
            code = coded_by_object if field == "allowed_time" else coded
            found = self._columns[field] = code(map(attrgetter(field), self.undated))
        return found

    def integers(self, field: str) -> NDArray[np.int32]:
        """The same for a field that holds integers: what each has, LEFT_OUT if it has nothing."""
        found = self._integers.get(field)
        if found is None:
            values = list(map(attrgetter(field), self.undated))
            different = set(values)
            if different <= {None}:
                found = np.full(len(values), LEFT_OUT, np.int32)
            else:
                if None in different:  # numpy would take much longer to make of None what is meant
                    values = [LEFT_OUT if value is None else value for value in values]
                found = np.fromiter(values, np.int32, len(values))
            self._integers[field] = found
        return found

    def in_order(self) -> "Policies":
        """The same policies, with those alone in `undated` that occur, in the order in which they first do."""
        firsts, places = distinct(self.of_undated, len(self.undated))
        if np.array_equal(self.of_undated[firsts], np.arange(len(self.undated))):
            return self
        undated = tuple(self.undated[place] for place in self.of_undated[firsts].tolist())
        return Policies(undated, places, self.starts, self.finishes)

    def __iter__(self) -> Iterator[CallPolicy]:
        columns = self.of_undated.tolist(), self.starts.tolist(), self.finishes.tolist()
        return (dated(self.undated[own], start, finish) for own, start, finish in zip(*columns, strict=True))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Policies, (self.undated, self.of_undated, self.starts, self.finishes)

    def __repr__(self) -> str:
        return repr(tuple(self))


def dated(undated: CallPolicy, start: int, finish: int) -> CallPolicy:
    """A policy with this start and this finish; ALWAYS and NEVER stand for none."""
    if start == ALWAYS and finish == NEVER:
        return undated
    return msgspec.structs.replace(
        undated,
        start_date_time=None if start == ALWAYS else Instant(start),
        finish_date_time=None if finish == NEVER else Instant(finish),
    )


class KnownPolicies:
    """Call policies that came so far, each once; more may come."""

    def __init__(self) -> None:
        self._undated: dict[CallPolicy, int] = {}
        self._indices: dict[int, int] = {}
        self.of_undated, self._starts, self._finishes = array("i"), array("q"), array("q")
        """As `Policies` has it."""
        self.undated: list[CallPolicy] = []

    def __len__(self) -> int:
        return len(self.of_undated)

    def __getitem__(self, index: int) -> CallPolicy:
        return dated(self.undated[self.of_undated[index]], self._starts[index], self._finishes[index])

    def index_of(self, policy: CallPolicy) -> int:
        """The index of a policy, which is new if none was equal to it."""
        start, finish = policy.start_date_time, policy.finish_date_time
        if start is None and finish is None:
            return self.index_of_dated(self.undated_index_of(policy), ALWAYS, NEVER)
        undated = msgspec.structs.replace(policy, start_date_time=None, finish_date_time=None)
        starts, finishes = ALWAYS if start is None else int(start), NEVER if finish is None else int(finish)
        return self.index_of_dated(self.undated_index_of(undated), starts, finishes)

    def undated_index_of(self, policy: CallPolicy) -> int:
        """The index in `undated` of a policy that leaves start and finish out."""
        index = self._undated.setdefault(policy, len(self.undated))
        if index == len(self.undated):
            self.undated.append(policy)
        return index

    def index_of_dated(self, undated: int, start: int, finish: int) -> int:
        """`index_of` of `dated`, with the index in `undated`."""
        key = (((undated << 64) + start) << 64) + finish
        index = self._indices.setdefault(key, len(self.of_undated))
        if index == len(self.of_undated):
            self.of_undated.append(undated)
            self._starts.append(start)
            self._finishes.append(finish)
        return index

    def so_far(self) -> Policies:
        """All that came; it does not change when more come."""
        columns = np.array(self.of_undated), np.array(self._starts), np.array(self._finishes)
        return Policies(tuple(self.undated), *columns)

    def some(self, indices: Sequence[int]) -> Policies:
        """Those with these indices."""
        own, which = np.unique([self.of_undated[index] for index in indices], return_inverse=True)
        starts, finishes = ([column[index] for index in indices] for column in (self._starts, self._finishes))
        undated = tuple(self.undated[index] for index in own.tolist())
        return Policies(undated, which.astype(np.int32), np.array(starts, np.int64), np.array(finishes, np.int64))

    def forget(self, policies: int, undated: int) -> None:
        """Let only so many stay, the first ones."""
        for column in (self.of_undated, self._starts, self._finishes):
            del column[policies:]
        del self.undated[undated:]
        for indices, length in ((self._indices, policies), (self._undated, undated)):
            while len(indices) > length:
                indices.popitem()


def under_levels(
    pairs: NDArray[np.int64], policies: Policies, levels: Sequence[CallPolicy]
) -> tuple[NDArray[np.int32], Policies]:
    """Each number's policy under a level, as an index in the distinct ones that come of it; and those.

    `pairs` has for each number the index of its policy times the number of levels, plus the index of its level. Each
    pair that occurs is put together once, each of two policies without their dates, too; a number costs O(log pairs).
    """
    if len(policies) * len(levels) <= MOST_PAIRS_TABLED:
        present = np.flatnonzero(np.bincount(pairs, minlength=1))
    else:
        present = np.unique(pairs)
    known = KnownPolicies()
    own, above = np.divmod(present, len(levels))
    undated, which = np.unique(policies.of_undated[own] * np.int64(len(levels)) + above, return_inverse=True)
    without_dates = [msgspec.structs.replace(level, start_date_time=None, finish_date_time=None) for level in levels]
    filled = [
        known.undated_index_of(policies.undated[policy].under(without_dates[level]))
        for policy, level in (divmod(each, len(levels)) for each in undated.tolist())
    ]
    starts, finishes = (
        np.array([getattr(level, name) for level in levels], np.int64) for name in ("starts", "finishes")
    )
    columns = (
        np.array(filled, np.int32)[which],
        np.where(policies.starts[own] == ALWAYS, starts[above], policies.starts[own]),
        np.where(policies.finishes[own] == NEVER, finishes[above], policies.finishes[own]),
    )
    indices = np.array(list(map(known.index_of_dated, *(column.tolist() for column in columns))), np.int32)
    found = np.empty(len(pairs), np.int32)
    for start in range(0, len(pairs), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        found[rows] = indices[np.searchsorted(present, pairs[rows])]
    return found, known.so_far()
