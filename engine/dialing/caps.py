"""Caps compiled, and the calls that they count: from which instant on they allow a call (rules 6)."""

from bisect import insort
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.caps import Cap, payload_fields
from engine.calling.instants import HOUR
from engine.dialing.terms import WindowClass


class CapRule(NamedTuple):
    """A cap, compiled."""

    at_most: int
    seconds: int
    """How long a call counts; 0 if it counts by dates."""
    days: int
    """On how many local dates a call counts, that of its start included; 0 if it counts for some hours."""
    counts: tuple[bool, ...]
    """[outcome]: whether a call with it counts."""
    shared: int
    """What shares the cap, as in `Phonebook.shared_by`."""
    exempts_redials: bool


def compile_caps(caps: Sequence[Cap], outcomes: Sequence[str]) -> tuple[CapRule, ...]:
    """The caps of a campaign; `outcomes` are the names of the outcome model."""
    fields = payload_fields(caps)
    return tuple(
        CapRule(
            at_most=cap.at_most,
            seconds=(cap.hours or 0) * HOUR,
            days=cap.days or 0,
            counts=tuple(cap.outcomes is None or name in cap.outcomes for name in outcomes),
            shared=0 if cap.per.field is None else 1 + fields.index(cap.per.field),
            exempts_redials=cap.redials == "exempt",
        )
        for cap in caps
    )


class CountedCalls:
    """What the reference engine keeps of the calls that caps count.

    Of each cap, and of all that shares it, only the latest `at_most` counted calls matter: their starts, or their local
    dates. `keys` of a number say what it shares, by the indices of `Phonebook.shared_by`.
    """

    def __init__(self, caps: Sequence[CapRule]) -> None:
        self._caps = caps
        self._marks: list[dict[int, list[int]]] = [{} for _ in caps]
        """[cap]: by key, the starts or the local dates of counted calls, ascending."""

    def count(self, keys: Sequence[int], instant: int, date: int, outcome: int, *, redialled: bool) -> None:
        """Count a call that starts at an instant, on a local date, and will have this outcome."""
        for cap, counted in zip(self._caps, self._marks, strict=True):
            if cap.counts[outcome] and not (redialled and cap.exempts_redials):
                marks = counted.setdefault(keys[cap.shared], [])
                insort(marks, date if cap.days else instant)
                del marks[: -cap.at_most]

    def allowed(self, keys: Sequence[int], due: int, windows: WindowClass, *, redialled: bool) -> int:
        """The first instant from `due` on at which no cap forbids a call; `windows` are those of the number."""
        while True:
            before = due
            for place in range(len(self._caps)):
                due = self._raised(place, keys, due, windows, redialled=redialled)
            if due == before:
                return due

    def forbidding(
        self, keys: Sequence[int], instant: int, windows: WindowClass, *, redialled: bool
    ) -> tuple[int, ...]:
        """The places of the caps that forbid a call at an instant."""
        return tuple(
            place
            for place in range(len(self._caps))
            if self._raised(place, keys, instant, windows, redialled=redialled) > instant
        )

    def _raised(self, place: int, keys: Sequence[int], due: int, windows: WindowClass, *, redialled: bool) -> int:
        """The first instant from `due` on at which one cap forbids no call."""
        cap, marks = self._caps[place], self._marks[place].get(keys[self._caps[place].shared], [])
        if len(marks) < cap.at_most or (redialled and cap.exempts_redials):
            return due
        return windows.first_on(marks[0] + cap.days, due) if cap.days else max(due, marks[0] + cap.seconds)

    # Snapshots

    def columns(self) -> dict[str, NDArray[Any]]:
        """All that was counted, as columns that change no more."""
        rows = [
            (cap, key, mark)
            for cap, counted in enumerate(self._marks)
            for key, marks in counted.items()
            for mark in marks
        ]
        caps, keys, marks = zip(*rows, strict=True) if rows else ((), (), ())
        return {
            "caps": np.array(caps, np.int64),
            "keys": np.array(keys, np.uint64),
            "marks": np.array(marks, np.int64),
        }

    def put_back(self, columns: dict[str, NDArray[Any]]) -> None:
        """Know again what `columns` of another gave."""
        each = (columns[name].tolist() for name in ("caps", "keys", "marks"))
        for cap, key, mark in zip(*each, strict=True):
            self._marks[cap].setdefault(key, []).append(mark)
