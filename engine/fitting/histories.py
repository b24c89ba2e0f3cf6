"""Histories: what the calls of a log, number by number, tell of the never-answering."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.hours import WEEKDAYS
from engine.fitting.factors import LATER, Cells
from engine.fitting.never_answering import Histories, NeverAnswering, reachable
from engine.logs.call_log import CallLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
HOURS = 24


class Places(NamedTuple):
    """Where the calls of a log stand among the cells by attempt, weekday and hour; 0 where the log does not tell."""

    attempt: Integers
    """[call]: from 0."""
    weekday: Integers
    hour: Integers

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many attempts, weekdays and hours there are to tell apart."""
        return int(self.attempt.max()) + 1, len(WEEKDAYS), HOURS

    @property
    def cell(self) -> Integers:
        """[call]: the place in the flat array of cells."""
        return np.asarray(np.ravel_multi_index(self, self.shape))


def places_of(log: CallLog, *, attempts: bool = True) -> Places:
    """The places of all calls; without `attempts`, those of one attempt."""
    nowhere = np.zeros(log.calls, np.int64)
    attempt = nowhere if log.attempt is None or not attempts else np.minimum(log.attempt, LATER) - 1
    return Places(attempt, nowhere if log.weekday is None else log.weekday, nowhere if log.hour is None else log.hour)


def counted_cells(log: CallLog, places: Places, reach: Floats | None = None) -> Cells:
    """The calls by attempt, weekday and hour; `reach` is the chance of each that its number can be reached."""
    size = int(np.prod(places.shape))
    calls, answered = np.bincount(places.cell, minlength=size), np.bincount(places.cell, log.answered, size)
    exposure = calls if reach is None else np.bincount(places.cell, reach, size)
    return Cells(*(column.astype(np.float64).reshape(places.shape) for column in (calls, answered, exposure)))


class LogHistories:
    """The histories of a log's numbers, and what an estimate from them says of its calls."""

    def __init__(self, log: CallLog, places: Places) -> None:
        self._log = log
        self._places = places
        self._order: Integers | None = None
        self.left_out = 0
        """Numbers whose calls are not told from the first one on."""
        self.bare: Histories | None
        """The histories with exposures of 1; None if the log tells no attempts."""
        if log.attempt is None:
            self.bare = None
        else:
            self.bare = self._by_attempt() if log.number is None else self._by_number(log.number, log.attempt)

    def exposed(self, exposures: Floats) -> Histories:
        """The histories, where `exposures` are by weekday and hour."""
        assert self.bare is not None  # noqa: S101 (asked for only where there are histories)
        calls = np.bincount(self._places.cell, minlength=int(np.prod(self._places.shape))).reshape(self._places.shape)
        if self._order is not None:
            shared = np.broadcast_to(exposures, self._places.shape).ravel()
        else:
            shared = (calls * exposures).sum(axis=(1, 2)) / np.maximum(calls.sum(axis=(1, 2)), 1)
        return self.bare._replace(exposures=shared)

    def reach(self, histories: Histories, found: NeverAnswering) -> Floats:
        """[call of the log]: the chance that its number can be reached, before the call was made."""
        reach = reachable(histories, found)
        attempts = histories.attempts[histories.cells] - 1
        most = self._places.shape[0]
        lengths = np.diff(histories.starts, append=len(reach))
        weights = np.repeat(histories.weights, lengths)
        by_attempt = np.bincount(attempts, weights * reach, most) / np.maximum(np.bincount(attempts, weights, most), 1)
        of_calls = by_attempt[self._places.attempt]
        if self._order is not None:
            of_calls[self._after_answer] = 1
            of_calls[self._order] = reach
        return np.asarray(np.where(of_calls > 0, of_calls, 1))

    def _by_attempt(self) -> Histories | None:
        """Histories of a log that tells attempts and no numbers: whoever was not called again is censored there."""
        calls = np.bincount(self._places.attempt).astype(np.float64)
        answered = np.bincount(self._places.attempt, self._log.answered, len(calls))
        left = calls - answered - np.append(calls[1:], 0)
        if (left < 0).any():
            return None
        ends = np.repeat(np.arange(len(calls)), 2)
        starts = np.cumsum(ends + 1) - (ends + 1)
        cells = np.concatenate([np.arange(end + 1) for end in ends])
        weights = np.stack([answered, left], axis=1).ravel()
        reached = np.tile([True, False], len(calls))
        return Histories(cells, starts, reached, weights, np.arange(len(calls)) + 1, np.ones(len(calls)))

    def _by_number(self, number: Integers, attempt: Integers) -> Histories | None:
        order = np.lexsort((attempt, number))
        ordered, answered = number[order], self._log.answered[order]
        first = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
        lengths = np.diff(first, append=len(order))
        place = np.arange(len(order)) - np.repeat(first, lengths)
        before: Integers = np.cumsum(answered) - answered
        silent_before: NDArray[np.bool_] = before == np.repeat(before[first], lengths)
        self._after_answer = order[~silent_before]
        in_turn = np.minimum(attempt[order], LATER) == np.minimum(place + 1, LATER)
        whole = np.logical_and.reduceat(in_turn | ~silent_before, first)
        self.left_out = int((~whole).sum())
        if not whole.any():
            return None
        kept = silent_before & np.repeat(whole, lengths)
        self._order = order[kept]
        counts = np.add.reduceat(kept, first)[whole]
        starts = np.cumsum(counts) - counts
        reached = answered[kept][starts + counts - 1]
        shape = self._places.shape
        attempts = np.repeat(np.arange(shape[0]) + 1, shape[1] * shape[2])
        cells = self._places.cell[self._order]
        return Histories(cells, starts, reached, np.ones(len(counts)), attempts, np.ones(len(attempts)))
