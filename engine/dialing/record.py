"""The record: what happened when an engine played a scenario."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

QUARTER = 900
"""A quarter-hour in seconds: a row of the timeline."""
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
"""How numbers end (rules 6); the last three are for numbers that are pending when the simulation ends."""
NO_INSTANT = -1


RESULT_WORDS = 5
FIRST_CALL, LAST_CALL, REACHED, ENDED, LAST = range(RESULT_WORDS)
"""The words of a number's result. ENDED is a time above 2 bits of kind; LAST is attempts above 8 bits of outcome."""
HELD, HELD_ONCE = 1 << 31, 1 << 30
"""Bits of LAST: a cap holds the number back until it expires or the simulation ends; a cap has ever held it back."""
ATTEMPTS = HELD_ONCE - 1 >> 8
"""The mask of the attempts in LAST, once the outcome is shifted out."""
NO_TIME = 0xFFFF_FFFF
NOT_ENDED = 3
"""The kind of a number that is pending or was cancelled; the others are COMPLETED, EXHAUSTED and EXPIRED."""
ENDED_PENDING, ENDED_IN_CALL, ENDED_CANCELLED = (code << 2 | NOT_ENDED for code in range(3))
"""What ENDED holds for numbers of the kind NOT_ENDED; for a cancelled number, the time is added."""


class NumberColumns(NamedTuple):
    """What became of each number, in the phonebook's order: 20 bytes each, from which columns are made when needed.

    Instants are int64 Unix seconds, NO_INSTANT where there is none.
    """

    words: NDArray[np.uint32]
    """[row, word]: times are in seconds since `start`; NO_TIME where there is none."""
    start: int

    def _instants(self, word: int) -> NDArray[np.int64]:
        times = self.words.view(np.int32)[:, word].astype(np.int64)  # NO_TIME becomes NO_INSTANT
        return times + (~(times >> 63) & self.start)  # a choice for each would take three times as long

    @property
    def attempts(self) -> NDArray[np.uint32]:
        """Calls begun, over all series."""
        return (self.words[:, LAST] >> 8 & ATTEMPTS).astype(np.uint32)

    @property
    def held(self) -> NDArray[np.bool_]:
        """Whether a cap holds the number back until it expires, or until the simulation ends (rules 6)."""
        return (self.words[:, LAST] & HELD).astype(np.bool_)

    @property
    def held_once(self) -> NDArray[np.bool_]:
        """Whether a cap has ever held the number back."""
        return (self.words[:, LAST] & HELD_ONCE).astype(np.bool_)

    @property
    def first_call(self) -> NDArray[np.int64]:
        """The start of the first call."""
        return self._instants(FIRST_CALL)

    @property
    def last_call(self) -> NDArray[np.int64]:
        """The start of the last call."""
        return self._instants(LAST_CALL)

    @property
    def last_outcome(self) -> NDArray[np.int16]:
        """The index of the last call's outcome in the outcome model's `names`; -1 if there was no call."""
        outcomes = (self.words[:, LAST] & 0xFF).astype(np.int16)
        outcomes[self.attempts == 0] = -1
        return outcomes

    @property
    def reached_at(self) -> NDArray[np.int64]:
        """The start of the first answered call that was not too short."""
        return self._instants(REACHED)

    @property
    def ended_at(self) -> NDArray[np.int64]:
        """When the number ended."""
        return self.ends()[1]

    @property
    def ending(self) -> NDArray[np.int8]:
        """How it ended, as an index in ENDINGS."""
        return self.ends()[0]

    def ends(self) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
        """How each number ended, and when: `ending` and `ended_at` together."""
        ended = self.words[:, ENDED]
        kinds = (ended & NOT_ENDED).astype(np.int8)
        instants = (ended >> 2) + np.int64(self.start)
        left = np.flatnonzero(kinds == NOT_ENDED)
        codes, called = ended[left], self.words[left, LAST] >> 8 & ATTEMPTS > 0
        cancelled = codes >= ENDED_CANCELLED
        pending = np.where(codes == ENDED_IN_CALL, IN_CALL, np.where(called, CALLBACK, NEVER_CALLED))
        kinds[left] = np.where(cancelled, CANCELLED, pending)
        instants[left] = np.where(cancelled, instants[left] - (ENDED_CANCELLED >> 2), NO_INSTANT)
        return kinds, instants


class QuarterColumns(NamedTuple):
    """The timeline: a row for each quarter-hour of UTC that meets the simulation."""

    begun: NDArray[np.int64]
    """[quarter, outcome]: calls begun."""
    line_seconds: NDArray[np.int64]
    """[quarter]: seconds of lines in use, summed over the lines."""
    peak: NDArray[np.int64]
    """[quarter]: the most lines in use at any second."""
    eligible: NDArray[np.int64]
    """[quarter, priority - 1]: numbers that a free line could call, at its last second."""
    waiting: NDArray[np.int64]
    """[quarter, priority - 1]: numbers that wait for a call, eligible or not, at its last second."""
    ended: NDArray[np.int64]
    """[quarter, ending]: numbers that ended in it; pending ones have not ended."""


class CallColumns(NamedTuple):
    """Calls, in the order in which they began: 18 bytes each."""

    number: NDArray[np.uint32]
    """The row of the number in the phonebook."""
    attempt: NDArray[np.uint32]
    """How many calls it got so far over all its series, this one included."""
    time: NDArray[np.uint32]
    """When it began, in seconds since the simulation's start."""
    seconds: NDArray[np.uint32]
    outcome: NDArray[np.uint8]
    """The index of the outcome in the outcome model's `names`."""
    redial: NDArray[np.bool_]
    """Whether it is of the series of a redial."""

    def rows(self, some: slice) -> "CallColumns":
        """Some of the calls, without copying them."""
        return CallColumns._make(column[some] for column in self)


CALL = np.dtype([*zip(CallColumns._fields, ("u4", "u4", "u4", "u4", "u1", "?"), strict=True)])
"""A call as one value, with the types of the columns."""


def room_for(calls: int) -> CallColumns:
    """Columns for so many calls, not filled yet."""
    return CallColumns._make(np.empty(calls, CALL[name]) for name in CallColumns._fields)


class Record(NamedTuple):
    """What happened in a run: equal runs have equal records."""

    digest: int
    """A hash over every call and every number's end (rules 9)."""
    numbers: NumberColumns
    quarters: QuarterColumns
    local_hours: dict[int, list[int]]
    """Calls begun, by outcome, in each hour of the customer's own wall clock since 1970-01-01T00:00 on that clock."""
    calls: CallColumns | None
    waits: NDArray[np.int64] | None = None
    """[quarter, reason, priority - 1]: seconds that numbers waited for each of `waits.WAIT_REASONS`, if counted."""


def quarters_in(start: int, finish: int) -> int:
    """How many quarter-hours meet `[start, finish)`."""
    return -(-finish // QUARTER) - start // QUARTER
