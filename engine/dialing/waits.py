"""Waits: what each number waits for, second by second, by one of a few reasons (rules 6)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import NEVER
from engine.dialing.record import NO_INSTANT, PRIORITIES, QUARTER, NumberColumns, quarters_in

BLOCK_ROWS = 1 << 20
"""Rows that are handled at a time, so that memory stays small."""


class WaitReason(NamedTuple):
    """What a number waits for, or does, in a second."""

    name: str
    words: str
    """What follows `the number is`."""
    letter: str
    """What stands for it in a bar of characters."""


WAIT_REASONS = (
    WaitReason("not_added", "not added yet", " "),
    WaitReason("before_start", "before its start", "s"),
    WaitReason("retry_interval", "waiting for the retry interval", "r"),
    WaitReason("held_by_cap", "held back by a cap", "c"),
    WaitReason("closed_date", "on a closed date", "x"),
    WaitReason("day_not_allowed", "on a day that is not allowed", "d"),
    WaitReason("outside_hours", "outside its hours", "h"),
    WaitReason("no_lines", "without lines on shift", "n"),
    WaitReason("paused", "paused", "p"),
    WaitReason("line", "waiting for a line", "L"),
    WaitReason("pace", "waiting for the pace", "P"),
    WaitReason("in_call", "in a call", "#"),
    WaitReason("ended", "ended", "."),
)
"""Every reason. A number has exactly one in each second: the first that holds, in this order but for calls and ends."""
(
    NOT_ADDED, BEFORE_START, RETRY_INTERVAL, HELD_BY_CAP, CLOSED_DATE, DAY_NOT_ALLOWED, OUTSIDE_HOURS, NO_LINES,
    PAUSED, FOR_LINE, FOR_PACE, IN_CALL, ENDED_BEFORE,
) = range(13)  # fmt: skip
"""Places in WAIT_REASONS."""
REASONS = len(WAIT_REASONS)
LISTED = (NOT_ADDED, ENDED_BEFORE)
"""The reasons of numbers that no engine has to do with: they are counted by the record, in `of_the_list`."""


def why_not_called(lines: int, in_use: int, *, paused: bool) -> int:
    """What numbers wait for that a free line could call, once the calls of a second have begun."""
    if lines == 0:
        return NO_LINES
    if paused:
        return PAUSED
    return FOR_LINE if in_use >= lines else FOR_PACE


class WaitingCounts:
    """What the reference engine counts of the seconds that numbers wait, by quarter-hour, reason and priority.

    A number that enters a reason counts to the end of the quarter-hour, and in all of each later one, until it leaves.
    """

    def __init__(self, start: int, finish: int) -> None:
        self._start, self._finish = start, finish
        cells = quarters_in(start, finish) * REASONS * PRIORITIES
        self._seconds, self._numbers = [0] * cells, [0] * cells

    def enter(self, reason: int, priority: int, instant: int, numbers: int = 1) -> None:
        """Let numbers of a priority (from 1) wait for a reason from an instant on; less than none leave it."""
        if instant < self._finish:
            cell, edge = self._cell(reason, priority, instant)
            self._seconds[cell] += numbers * (edge - instant)
            self._numbers[cell] += numbers

    def spend(self, reason: int, priority: int, instant: int, until: int, numbers: int) -> None:
        """Let numbers wait from an instant until another one, which is no later than the end of its quarter-hour."""
        self._seconds[self._cell(reason, priority, instant)[0]] += numbers * (until - instant)

    def _cell(self, reason: int, priority: int, instant: int) -> tuple[int, int]:
        quarter = instant // QUARTER
        cell = ((quarter - self._start // QUARTER) * REASONS + reason) * PRIORITIES + priority - 1
        return cell, min((quarter + 1) * QUARTER, self._finish)

    def columns(self) -> NDArray[np.int64]:
        """Number-seconds, [quarter, reason, priority - 1]."""
        return number_seconds(np.array(self._seconds), np.array(self._numbers), self._start, self._finish)


def number_seconds(
    seconds: NDArray[np.int64], numbers: NDArray[np.int64], start: int, finish: int
) -> NDArray[np.int64]:
    """The number-seconds of each quarter-hour, [quarter, reason, priority - 1].

    `seconds` is what they are in the quarter-hours in which numbers enter and leave; `numbers` how many more have
    entered in it than left. Both are flat. O(quarter-hours).
    """
    shape = quarters_in(start, finish), REASONS, PRIORITIES
    edges = np.clip((start // QUARTER + np.arange(shape[0] + 1)) * QUARTER, start, finish)
    stay = np.cumsum(numbers.reshape(shape), axis=0)
    columns = seconds.reshape(shape).astype(np.int64)
    columns[1:] += stay[:-1] * np.diff(edges)[1:, None, None]
    return columns


def of_the_list(
    added: NDArray[np.int64], priorities: NDArray[np.int8], numbers: NumberColumns, start: int, finish: int
) -> NDArray[np.int64]:
    """The number-seconds before numbers were added, and since they have ended, as `number_seconds` has them.

    Both count with the priority with which a number was added, `priorities`. O(numbers + quarter-hours).
    """
    cells = quarters_in(start, finish), REASONS, PRIORITIES
    seconds, counts = np.zeros(cells, np.int64), np.zeros(cells, np.int64)

    def enter(reason: int, instants: NDArray[np.int64], of: NDArray[np.int8], sign: int) -> None:
        during = instants < finish
        quarters = instants[during] // QUARTER
        places = (quarters - start // QUARTER) * PRIORITIES + of[during] - 1
        left = np.minimum((quarters + 1) * QUARTER, finish) - instants[during]
        shape, most = (cells[0], PRIORITIES), cells[0] * PRIORITIES
        counts[:, reason] += sign * np.bincount(places, minlength=most).reshape(shape)
        seconds[:, reason] += sign * np.bincount(places, left, most).astype(np.int64).reshape(shape)

    for first in range(0, len(added), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        some, of = added[rows], priorities[rows]
        enter(NOT_ADDED, np.full(len(some), start), of, 1)
        enter(NOT_ADDED, some, of, -1)
        ended = numbers._replace(words=numbers.words[rows]).ended_at
        enter(ENDED_BEFORE, np.where(ended == NO_INSTANT, NEVER, ended), of, 1)
    return number_seconds(seconds.ravel(), counts.ravel(), start, finish)
