"""The record: what an engine leaves behind when it has played a scenario."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

QUARTER = 900
"""Seconds of a row of the timeline."""
PRIORITIES = 5

COMPLETED, EXHAUSTED, EXPIRED, CANCELLED, NEVER_CALLED, CALLBACK, IN_CALL = range(7)
ENDINGS = (
    "completed",
    "exhausted",
    "expired",
    "cancelled",
    "pending_never_called",
    "pending_callback",
    "pending_in_call",
)
"""How numbers end (rules 6); the last three are those of numbers that are pending when the simulation ends."""
NO_INSTANT = -1


class NumberColumns(NamedTuple):
    """What became of each number, in the phonebook's order; instants are Unix seconds or NO_INSTANT."""

    attempts: NDArray[np.int32]
    first_call: NDArray[np.int64]
    last_call: NDArray[np.int64]
    last_outcome: NDArray[np.int16]
    """The place of the outcome in the scenario; -1 if there was no call."""
    reached_at: NDArray[np.int64]
    """The start of the first answered call that was not too short."""
    ended_at: NDArray[np.int64]
    ending: NDArray[np.int8]
    """A place in ENDINGS."""


class QuarterColumns(NamedTuple):
    """A row each quarter-hour of UTC that meets the simulation."""

    begun: NDArray[np.int64]
    """[quarter, outcome]: calls begun."""
    line_seconds: NDArray[np.int64]
    """[quarter]: seconds of lines in use, summed over the lines."""
    peak: NDArray[np.int64]
    """[quarter]: the most lines in use at any second."""
    eligible: NDArray[np.int64]
    """[quarter, priority - 1]: numbers at its last second that a free line could call."""
    waiting: NDArray[np.int64]
    """[quarter, priority - 1]: numbers at its last second that wait for a call, eligible or not."""
    ended: NDArray[np.int64]
    """[quarter, ending]: numbers that ended; pending ones do not."""


class CallColumns(NamedTuple):
    """Each call, in the order in which they began."""

    number: NDArray[np.int64]
    """The row of the number in the phonebook."""
    attempt: NDArray[np.int32]
    """How often it had been called with this one, over all its series."""
    start: NDArray[np.int64]
    """Unix seconds."""
    seconds: NDArray[np.int32]
    outcome: NDArray[np.int16]
    """The place of the outcome in the scenario."""


class Record(NamedTuple):
    """A run: equal records, equal runs."""

    digest: int
    numbers: NumberColumns
    quarters: QuarterColumns
    local_hours: dict[int, list[int]]
    """Calls begun by outcome, by hour of the customer's own wall clock, counted from 1970-01-01T00:00 of that clock."""
    calls: CallColumns | None


def quarters_in(start: int, finish: int) -> int:
    """How many quarter-hours meet `[start, finish)`."""
    return -(-finish // QUARTER) - start // QUARTER
