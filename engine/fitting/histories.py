"""Histories: the calls of a log, number by number, from which the never-answering are estimated."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.spoken import WEEKDAYS
from engine.fitting.factors import LATER, Cells
from engine.fitting.never_answering import Histories, NeverAnswering, reachable
from engine.logs.call_log import CallLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
HOURS = 24


class CellIndices(NamedTuple):
    """The cells of calls, by attempt, weekday and hour; index 0 for what the log does not have."""

    attempt: Integers
    """[call]: the attempt, 0 for the first."""
    weekday: Integers
    hour: Integers

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many attempts, weekdays and hours the cells distinguish."""
        return int(self.attempt.max()) + 1, len(WEEKDAYS), HOURS

    @property
    def cell(self) -> Integers:
        """[call]: the index in the flat array of cells."""
        return np.asarray(np.ravel_multi_index(self, self.shape))


def cell_indices_of(log: CallLog, *, attempts: bool = True) -> CellIndices:
    """The cells of all calls; without `attempts`, all are those of the first attempt."""
    zeros = np.zeros(log.calls, np.int64)
    attempt = zeros if log.attempt is None or not attempts else np.minimum(log.attempt, LATER) - 1
    return CellIndices(attempt, zeros if log.weekday is None else log.weekday, zeros if log.hour is None else log.hour)


def counted_cells(log: CallLog, indices: CellIndices, reach: Floats | None = None) -> Cells:
    """The calls by attempt, weekday and hour; `reach` is, for each call, the chance that its number can be reached."""
    size = int(np.prod(indices.shape))
    calls, answered = np.bincount(indices.cell, minlength=size), np.bincount(indices.cell, log.answered, size)
    exposure = calls if reach is None else np.bincount(indices.cell, reach, size)
    return Cells(*(column.astype(np.float64).reshape(indices.shape) for column in (calls, answered, exposure)))


class LogHistories:
    """The histories of a log's numbers, and what follows for its calls from an estimate."""

    def __init__(self, log: CallLog, indices: CellIndices) -> None:
        self._log = log
        self._indices = indices
        self._order: Integers | None = None
        self.left_out = 0
        """Numbers whose first calls the log does not hold."""
        self.bare: Histories | None
        """The histories with exposures of 1; None if the log has no attempts."""
        if log.attempt is None:
            self.bare = None
        else:
            self.bare = self._by_attempt() if log.number is None else self._by_number(log.number, log.attempt)

    def exposed(self, exposures: Floats) -> Histories:
        """The histories with `exposures` by weekday and hour."""
        assert self.bare is not None  # noqa: S101 (called only if there are histories)
        calls = np.bincount(self._indices.cell, minlength=int(np.prod(self._indices.shape))).reshape(
            self._indices.shape
        )
        if self._order is not None:
            shared = np.broadcast_to(exposures, self._indices.shape).ravel()
        else:
            shared = (calls * exposures).sum(axis=(1, 2)) / np.maximum(calls.sum(axis=(1, 2)), 1)
        return self.bare._replace(exposures=shared)

    def reach(self, histories: Histories, found: NeverAnswering) -> Floats:
        """[call of the log]: the chance that its number can be reached, before the call was made."""
        reach = reachable(histories, found)
        attempts = histories.attempts[histories.cells] - 1
        most = self._indices.shape[0]
        lengths = np.diff(histories.starts, append=len(reach))
        weights = np.repeat(histories.weights, lengths)
        by_attempt = np.bincount(attempts, weights * reach, most) / np.maximum(np.bincount(attempts, weights, most), 1)
        of_calls = by_attempt[self._indices.attempt]
        if self._order is not None:
            of_calls[self._after_answer] = 1
            of_calls[self._order] = reach
        return np.asarray(np.where(of_calls > 0, of_calls, 1))

    def _by_attempt(self) -> Histories | None:
        """Histories of a log with attempts but without numbers: one that was not called again is censored there."""
        calls = np.bincount(self._indices.attempt).astype(np.float64)
        answered = np.bincount(self._indices.attempt, self._log.answered, len(calls))
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
        before_it = np.arange(len(order)) - np.repeat(first, lengths)
        before: Integers = np.cumsum(answered) - answered
        silent_before: NDArray[np.bool_] = before == np.repeat(before[first], lengths)
        self._after_answer = order[~silent_before]
        in_turn = np.minimum(attempt[order], LATER) == np.minimum(before_it + 1, LATER)
        whole = np.logical_and.reduceat(in_turn | ~silent_before, first)
        self.left_out = int((~whole).sum())
        if not whole.any():
            return None
        kept = silent_before & np.repeat(whole, lengths)
        self._order = order[kept]
        counts = np.add.reduceat(kept, first)[whole]
        starts = np.cumsum(counts) - counts
        reached = answered[kept][starts + counts - 1]
        shape = self._indices.shape
        attempts = np.repeat(np.arange(shape[0]) + 1, shape[1] * shape[2])
        cells = self._indices.cell[self._order]
        return Histories(cells, starts, reached, np.ones(len(counts)), attempts, np.ones(len(attempts)))
