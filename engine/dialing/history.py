"""The history of a dialer: its calls, its series and their ends as columns, each in the order in which they came about.

A job has one series of calls from its addition on, and a further one for each redial. A series is a pair (job, redial):
the job's id, and 0 for the first series. Columns are arrays, so a call takes 30 bytes, and so does a series that a
redial began.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dialing.record import ENDINGS, CallColumns

REDIALED, STOPPED = 4, 5
SERIES_ENDINGS = (*ENDINGS[:4], "redialed", "stopped")
"""How a series ends: as its number does (rules 6), because a redial begins the next, or because the campaign stops."""
NO_ROW = -1
_BLOCK = 1024
"""Series whose unfinished ones are counted together."""


class Call(NamedTuple):
    """A call, as it is kept."""

    job: int
    attempt: int
    """How many calls the job got so far over all its series, this one included."""
    start: int
    """Unix seconds."""
    seconds: int
    outcome: int


class End(NamedTuple):
    """The end of a series."""

    job: int
    redial: int
    instant: int
    """Unix seconds."""
    ending: int
    """An index in SERIES_ENDINGS."""
    position: int
    """That of the series in the order of creation."""


class Further(NamedTuple):
    """A series that a redial began."""

    job: int
    redial: int
    """From 1."""
    created: int
    """Unix seconds."""
    calls_before: int
    """Calls of the job's earlier series."""
    former_end: int
    """When the series before it ended, Unix seconds."""
    former_ending: int
    """How that ended, as an index in SERIES_ENDINGS."""


class History:
    """Takes down what happens, and finds it again by job, by instant and by position; n is the length of what is kept.

    Instants never go back. Series are in the order in which they were created: the jobs that are added in a second come
    before the redials that its calls bring.
    """

    def __init__(self) -> None:
        self._added = array("q")  # [job]
        self._last_call = array("i")  # [job]: the index of its last call
        self._calls = array("I"), array("I"), array("q"), array("I"), array("H")  # the fields of Call
        self._call_before = array("i")  # [call]: the call of the same job before it
        self._further = tuple(array(code) for code in "IIqIqB")  # the fields of Further
        self._jobs_before = array("I")  # [further series]: the jobs that were there before it
        self._further_before = array("i")  # [further series]: the further series of the same job before it
        self._last_further: dict[int, int] = {}
        self._ends = array("I"), array("I"), array("q"), array("B"), array("I")  # the fields of End
        self._unfinished = bytearray()  # [series]: whether it has not ended
        self._unfinished_in = array("I")  # [block of series]: how many of them have not ended

    # What happens

    def add(self, added: Sequence[int]) -> None:
        """Jobs are added, at these instants."""
        self._added.extend(added)
        self._last_call.extend([NO_ROW] * len(added))
        self._create(len(added))

    def begin_call(self, job: int, attempt: int, start: int, seconds: int, outcome: int) -> None:
        """A call begins; see Call."""
        jobs, attempts, starts, all_seconds, outcomes = self._calls
        self._call_before.append(self._last_call[job])
        self._last_call[job] = len(jobs)
        jobs.append(job)
        attempts.append(attempt)
        starts.append(start)
        all_seconds.append(seconds)
        outcomes.append(outcome)

    def begin_series(self, further: Further) -> None:
        """A redial begins a series."""
        self._further_before.append(self._last_further.get(further.job, NO_ROW))
        self._last_further[further.job] = len(self._jobs_before)
        self._jobs_before.append(len(self._added))
        for column, value in zip(self._further, further, strict=True):
            column.append(value)
        self._create(1)

    def end_series(self, job: int, redial: int, instant: int, ending: int) -> None:
        """A series ends, the last one of its job; see End. O(log n)."""
        position = self.position(job, redial)
        for column, value in zip(self._ends, (job, redial, instant, ending, position), strict=True):
            column.append(value)
        self._unfinished[position] = 0
        self._unfinished_in[position // _BLOCK] -= 1

    def _create(self, count: int) -> None:
        first = len(self._unfinished)
        self._unfinished.extend(b"\1" * count)
        for block in range(first // _BLOCK, -(-(first + count) // _BLOCK)):
            if block == len(self._unfinished_in):
                self._unfinished_in.append(0)
            until = min((block + 1) * _BLOCK, first + count)
            self._unfinished_in[block] += until - max(block * _BLOCK, first)

    # Calls

    @property
    def calls(self) -> int:
        """How many calls have begun."""
        return len(self._call_before)

    def call(self, index: int) -> Call:
        """The call with this index in the order in which they began."""
        return Call(*_row(self._calls, index))

    def calls_before(self, instant: int) -> int:
        """How many calls began before an instant; O(log n)."""
        return bisect_left(self._calls[2], instant)

    def calls_by_end(self, calls: range, since: int, until: int) -> NDArray[np.int64]:
        """Those of these calls, by index, that end in `[since, until)`, in the order of their ends; O(n log n).

        Those of one second are in the order in which they began.
        """
        starts = np.frombuffer(self._calls[2], np.int64)[calls.start : calls.stop]
        ends = starts + np.frombuffer(self._calls[3], np.uint32)[calls.start : calls.stop]
        within = np.flatnonzero((since <= ends) & (ends < until))
        return calls.start + within[np.argsort(ends[within], kind="stable")]

    def last_call(self, job: int) -> int:
        """The index of a job's last call, or NO_ROW."""
        return self._last_call[job]

    def calls_of(self, job: int) -> list[int]:
        """The indices of a job's calls."""
        found = []
        index = self._last_call[job]
        while index != NO_ROW:
            found.append(index)
            index = self._call_before[index]
        return found[::-1]

    def call_columns(self, simulation_start: int) -> CallColumns:
        """All calls, as a record has them."""
        job, attempt, start, seconds, outcome = self._calls
        number, attempts = np.array(job, np.uint32), np.array(attempt, np.uint32)
        before = np.full(len(self._added), np.iinfo(np.int64).max)
        further = zip(self._further[0], self._further[1], self._further[3], strict=True)
        for of_job, redial, calls_before in further:
            if redial == 1:
                before[of_job] = calls_before
        return CallColumns(
            number=number,
            attempt=attempts,
            time=(np.array(start, np.int64) - simulation_start).astype(np.uint32),
            seconds=np.array(seconds, np.uint32),
            outcome=np.array(outcome, np.uint8),
            redial=attempts > before[number],
        )

    # Series

    def __len__(self) -> int:
        """How many series there are."""
        return len(self._unfinished)

    def series(self, position: int) -> tuple[int, int]:
        """The series at a position in the order of creation, as (job, redial); O(log n)."""
        before = self._jobs_before
        index = bisect_left(range(len(before)), position, key=lambda index: index + before[index])
        if index < len(before) and index + before[index] == position:
            further = Further(*_row(self._further, index))
            return further.job, further.redial
        return position - index, 0

    def series_before(self, instant: int) -> int:
        """How many series were created before an instant; O(log n)."""
        further = bisect_left(self._further[2], instant)
        return bisect_left(self._added, instant) + further

    def further_of(self, job: int) -> list[Further]:
        """The series of a job that redials began."""
        found = []
        index = self._last_further.get(job, NO_ROW)
        while index != NO_ROW:
            found.append(Further(*_row(self._further, index)))
            index = self._further_before[index]
        return found[::-1]

    def position(self, job: int, redial: int) -> int:
        """The position of a series in the order of creation; O(log n), and O(1) for each series of the job after it."""
        if not redial:
            return job + bisect_right(self._jobs_before, job)
        index = self._last_further[job]
        while self._further[1][index] != redial:
            index = self._further_before[index]
        return index + self._jobs_before[index]

    # Unfinished series

    def unfinished_before(self, position: int) -> int:
        """How many series before a position have not ended; O(n / 1024)."""
        block = position // _BLOCK
        return sum(self._unfinished_in[:block]) + self._unfinished.count(1, block * _BLOCK, position)

    def unfinished(self, ranks: Sequence[int]) -> list[tuple[int, int]]:
        """The series with these ranks among those that have not ended; O(n / 1024 + 1024 len(ranks))."""
        until = np.cumsum(np.frombuffer(self._unfinished_in, np.uint32))
        found = []
        for rank in ranks:
            block = int(np.searchsorted(until, rank, side="right"))
            within = rank - (int(until[block - 1]) if block else 0)
            flags = np.frombuffer(self._unfinished[block * _BLOCK : (block + 1) * _BLOCK], np.uint8)
            found.append(self.series(block * _BLOCK + int(np.flatnonzero(flags)[within])))
        return found

    # Ends

    @property
    def ends(self) -> int:
        """How many series have ended."""
        return len(self._ends[0])

    def end(self, index: int) -> End:
        """The end with this index in the order in which series ended."""
        return End(*_row(self._ends, index))

    def ends_before(self, instant: int) -> int:
        """How many series ended before an instant; O(log n)."""
        return bisect_left(self._ends[2], instant)

    def ends_of(self, ends: range, series: range) -> NDArray[np.int64]:
        """Those of these ends, by index, that are of series with these positions, in their order; O(n)."""
        positions = np.frombuffer(self._ends[4], np.uint32)[ends.start : ends.stop]
        return ends.start + np.flatnonzero((series.start <= positions) & (positions < series.stop))

    # Snapshots

    def columns(self) -> dict[str, NDArray[Any]]:
        """Everything that was taken down, as columns that change no more."""
        return {name: np.array(column) for name, column in self._arrays().items()} | {
            "unfinished": np.frombuffer(bytes(self._unfinished), np.uint8)
        }

    def put_back(self, columns: dict[str, NDArray[Any]]) -> None:
        """Take down again, in an empty history, what `columns` of another gave."""
        for name, column in self._arrays().items():
            column.frombytes(columns[name].tobytes())
        self._unfinished.extend(columns["unfinished"].tobytes())
        self._last_further = {job: index for index, job in enumerate(self._further[0])}

    def _arrays(self) -> dict[str, "array[int]"]:
        single = ("_added", "_last_call", "_call_before", "_jobs_before", "_further_before", "_unfinished_in")
        arrays = {name: getattr(self, name) for name in single}
        for name, kind in (("_calls", Call), ("_further", Further), ("_ends", End)):
            arrays |= zip((f"{name}.{field}" for field in kind._fields), getattr(self, name), strict=True)
        return {name.removeprefix("_"): column for name, column in arrays.items()}


def _row(columns: tuple["array[int]", ...], index: int) -> list[int]:
    return [column[index] for column in columns]
