"""The compiled engine: it plays a plan by the kernel, and makes a record of what happened."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numba.core import event
from numpy.typing import NDArray

from engine.dialing import checkpoints, kernel
from engine.dialing.beginning import BLOCK_ROWS, ranked, state_of
from engine.dialing.compiling import tell_compiling
from engine.dialing.kept_calls import CallLog, KeptCalls
from engine.dialing.kernel.plan import FIRST_LOCAL_HOUR, FRESH_ROWS
from engine.dialing.kernel.rows import settle, write_others, write_rows
from engine.dialing.kernel.seconds import advance, is_kept
from engine.dialing.kernel.state import BEGUN, CHUNK, CHUNKS, LATER, LOGGED, NOW, RECORD_WORDS
from engine.dialing.kernel.waiting import count_list
from engine.dialing.pages import Pages
from engine.dialing.planning import plan_of
from engine.dialing.ready import make_ready
from engine.dialing.record import ENDINGS, RESULT_WORDS, CallColumns, NumberColumns, QuarterColumns, Record, room_for
from engine.dialing.rulebook import Rulebook
from engine.dialing.waits import number_seconds
from engine.luck import WORD
from engine.numbers.phonebook import Phonebook

MOST_CALLS_A_STEP = 1_000_000
"""After so many calls the kernel returns, so that an interrupt need not wait."""
CALLS_A_BLOCK = 1 << 16
"""Logged calls that are handed on together: so few stay in the cache until they are."""


class _Compilations(event.Listener):
    """Tells of the kernel's functions as numba compiles them; it compiles none whose machine code is kept."""

    _within = _done = 0

    def on_start(self, compilation: Any) -> None:
        self._tell(compilation, 1)

    def on_end(self, compilation: Any) -> None:
        self._tell(compilation, -1)

    def _tell(self, compilation: Any, deeper: int) -> None:
        if compilation.data["dispatcher"].__module__.startswith(f"{kernel.__name__}."):
            self._within += deeper
            self._done += deeper < 0
            tell_compiling(f"{self._done} functions" if self._within else "", is_kept=is_kept())


event.register("numba:compile", _Compilations())  # type: ignore[no-untyped-call]


class CompiledDialer:
    """Plays a campaign whose whole list is known."""

    def __init__(
        self,
        rulebook: Rulebook,
        phonebook: Phonebook,
        *,
        log: CallLog | None = None,
        count_waits: bool = False,
    ) -> None:
        if not is_kept():
            warnings.warn(
                "compiled code cannot be stored here, so it is compiled again, which takes a while", stacklevel=2
            )
        self._rulebook = rulebook
        self._log = log
        self._plan, spans = plan_of(rulebook, phonebook, keep_calls=log is not None, count_waits=count_waits)
        self._results = Pages((len(phonebook) + 1) * RESULT_WORDS)
        self._state = state_of(rulebook, self._plan, self._results.words, spans)
        # The kernel stops when a second has filled a block, and no second has more calls than lines.
        self._room = room_for(0 if log is None else CALLS_A_BLOCK + 1 + int(rulebook.lines.lines.max()))
        make_ready(self._plan, self._state, self._room)
        self._firsts = ranked(self._plan, len(self._state.due))
        self._state.fresh_head[:] = self._state.fresh_tail[:] = self._firsts
        self._state.now[LATER] = self._plan.numbers[FRESH_ROWS]

    @property
    def now(self) -> int:
        """The first instant that has not been played, in Unix seconds."""
        return self._rulebook.start + int(self._state.now[NOW])

    @property
    def begun(self) -> int:
        """Calls begun so far."""
        return int(self._state.now[BEGUN])

    def run_until(self, until: int) -> None:
        """Play every instant before `until`, at most to the simulation's finish."""
        until = min(until, self._rulebook.finish) - self._rulebook.start
        while self._state.now[NOW] < until:
            if self._log is None:
                advance(until, MOST_CALLS_A_STEP, self._plan, self._state, self._room)
                continue
            room = CALLS_A_BLOCK - int(self._state.now[LOGGED])
            advance(until, room, self._plan, self._state, self._room)
            if self._state.now[LOGGED] >= CALLS_A_BLOCK:
                self._pass_log(self._log)

    def save(self, path: Path) -> None:
        """Write a checkpoint from which this scenario can go on at `now`, whole or not at all. Raises OSError."""
        if self._log is not None:
            self._pass_log(self._log)
        chunks = int(self._state.now[CHUNKS])
        used = {"pool": chunks * CHUNK * RECORD_WORDS, "next_chunk": chunks}
        checkpoints.save(path, self._plan, self._state, used, self._log or KeptCalls())

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of the same scenario; InputError if the file is not one."""
        checkpoints.restore(path, self._plan, self._state, self._log or KeptCalls())

    def _pass_log(self, log: CallLog) -> None:
        log.take(self._room.rows(slice(int(self._state.now[LOGGED]))))
        self._state.now[LOGGED] = 0

    def record(self) -> Record:
        """What happened, once the simulation has been played to its finish; then it can neither go on nor be saved."""
        rulebook, state = self._rulebook, self._state
        settle(self._plan, state)
        waits = self._waits() if self._plan.counts_waits[0] else None
        hours = np.flatnonzero(state.local_hours.any(axis=1))
        first = int(self._plan.numbers[FIRST_LOCAL_HOUR])
        rows, ended, ends = self._results_in_rows()
        return Record(
            numbers=NumberColumns(rows, rulebook.start),
            digest=(int(state.calls_hash[0]) + ends) & WORD,
            quarters=QuarterColumns(
                begun=state.begun,
                line_seconds=state.line_seconds,
                peak=state.peak,
                eligible=state.eligible,
                waiting=np.cumsum(state.waiting, axis=0),
                ended=ended,
            ),
            local_hours={first + hour: state.local_hours[hour].tolist() for hour in hours.tolist()},
            calls=self._calls(),
            waits=waits,
        )

    def _results_in_rows(self) -> tuple[NDArray[np.uint32], NDArray[np.int64], int]:
        """The results by row, the ends by [quarter, ending], and the part of the ends in the digest.

        Results need as much memory again by row, so what has been read of them is given back, and the calendar before.
        """
        self._state = self._state._replace(pool=np.zeros(0, np.uint64))
        plan, results = self._plan, self._results.words
        rows = np.empty(len(plan.policies) * RESULT_WORDS, np.uint32)
        ended = np.zeros((len(self._state.begun), len(ENDINGS)), np.int64)
        read, given, total = self._firsts.copy(), self._firsts.astype(np.int64) * RESULT_WORDS, 0
        for first in range(0, len(plan.policies), BLOCK_ROWS):
            until = min(first + BLOCK_ROWS, len(plan.policies))
            total += int(write_rows(plan, results, read, first, until, rows, ended))
            given = self._results.give_back(given, read.astype(np.int64) * RESULT_WORDS)
        total += int(write_others(plan, results, rows, ended))
        return rows.reshape(-1, RESULT_WORDS), ended, total & WORD

    def _waits(self) -> NDArray[np.int64]:
        counted = self._state._replace(
            wait_seconds=self._state.wait_seconds.copy(), wait_numbers=self._state.wait_numbers.copy()
        )
        count_list(self._plan, counted)
        return number_seconds(counted.wait_seconds, counted.wait_numbers, self._rulebook.start, self._rulebook.finish)

    def _calls(self) -> CallColumns | None:
        if self._log is None:
            return None
        self._pass_log(self._log)
        return self._log.columns()
