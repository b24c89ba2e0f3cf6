"""Ready: the kernel's machine code is loaded; where none is stored yet, two processes compile it at once.

`advance` takes half of the time; a second process compiles and stores all else that the run needs meanwhile.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import IO, Any, cast

import numpy as np

from engine.dialing.kernel.calls import draw_redials
from engine.dialing.kernel.capping import count_for_caps
from engine.dialing.kernel.happening import happen, take_in_block
from engine.dialing.kernel.ordering import order
from engine.dialing.kernel.plan import (
    ADD_BY_CAPS,
    CAPS,
    CHANGE_CLOSURES,
    COUNT_FOR_CAPS,
    COUNT_WAITS,
    DRAW_REDIALS,
    HAPPEN,
    KEEP_CALLS,
    ORDER,
    PUT_OFF,
    REDIAL_RULES,
    SCHEDULE_BATCH,
    SCHEDULE_ENDED,
    SHARED,
    TAKE_IN_BLOCK,
    WRITE_LOG,
    Plan,
)
from engine.dialing.kernel.playing import write_log
from engine.dialing.kernel.rows import count_fresh, rank_fresh, settle, write_others, write_rows
from engine.dialing.kernel.scheduling import schedule_batch
from engine.dialing.kernel.seconds import advance, is_kept
from engine.dialing.kernel.sharing import add_by_caps, put_off, schedule_ended
from engine.dialing.kernel.state import State
from engine.dialing.kernel.waiting import change_closures, count_calls_as_waits, count_list
from engine.dialing.machine_code import address_of, is_ready, typeof
from engine.dialing.record import CallColumns

Use = tuple[Callable[..., Any], tuple[object, ...]]
"""A function of the kernel, and arguments of the types that it gets."""
_where: dict[int, int] = {}
"""The addresses of rare steps that this process has loaded."""
_one_at_a_time = Lock()
"""Threads wait for the one that compiles: else each would start a process for the same."""
PATIENCE = 60.0
"""Seconds to wait for another process once this one is done: it may be no Python, and never end."""
COMPILE = """
import importlib, pickle, sys
sys.path = pickle.load(sys.stdin.buffer)
for room, name, kinds in pickle.load(sys.stdin.buffer):
    getattr(importlib.import_module(room), name).compile(kinds)
"""


def make_ready(plan: Plan, state: State, log: CallColumns) -> None:
    """Load the machine code that a run needs, or compile it, and write down in the plan where its rare steps are.

    All plans, states and logs have arrays of the same types, so this is done once in a process.
    """
    numbers, always = plan.numbers, True
    caps, shared, waits = numbers[CAPS] > 0, numbers[SHARED] > 0, plan.counts_waits[0]
    rare: dict[int, tuple[Any, Callable[..., Any], tuple[object, ...]]] = {
        TAKE_IN_BLOCK: (always, take_in_block, (0, plan, state)),
        HAPPEN: (always, happen, (0, 0, plan, state)),
        ORDER: (always, order, (0, state)),
        DRAW_REDIALS: (numbers[REDIAL_RULES] > 0, draw_redials, (0, plan, state)),
        WRITE_LOG: (numbers[KEEP_CALLS] > 0, write_log, (0, 0, plan, state, log)),
        COUNT_WAITS: (waits, count_calls_as_waits, (0, 0, 0, plan, state)),
        CHANGE_CLOSURES: (waits, change_closures, (0, plan, state)),
        COUNT_FOR_CAPS: (caps, count_for_caps, (0, 0, plan, state)),
        SCHEDULE_BATCH: (caps or waits, schedule_batch, (0, plan, state)),
        ADD_BY_CAPS: (shared, add_by_caps, (0, 0, plan, state)),
        SCHEDULE_ENDED: (shared, schedule_ended, (0, 0, plan, state)),
        PUT_OFF: (shared, put_off, (0, 0, 0, plan, state)),
    }
    needed = {step: (function, given) for step, (is_needed, function, given) in rare.items() if is_needed}
    missing = [step for step in needed if step not in _where]
    if missing:
        arguments = 0, 0, plan, state, log
        with _one_at_a_time:
            if not is_ready(advance, *arguments):
                with _compiling_beside([*needed.values(), *_before_and_after(plan, state)]):
                    address_of(advance, *arguments)
            _where.update((step, address_of(needed[step][0], *needed[step][1])) for step in missing)
    for step in needed:  # and not all that are known: another thread may add to these
        plan.rare[step] = _where[step]


def _before_and_after(plan: Plan, state: State) -> list[Use]:
    words, ended = np.zeros(0, np.uint32), np.zeros((0, 0), np.int64)
    return [
        (count_fresh, (plan, words)),
        (rank_fresh, (plan, words)),
        (settle, (plan, state)),
        (write_rows, (plan, words, words, 0, 0, words, ended)),
        (write_others, (plan, words, words, ended)),
        *([(count_list, (plan, state))] if plan.counts_waits[0] else []),
    ]


@contextmanager
def _compiling_beside(uses: list[Use]) -> Iterator[None]:
    """Let another process compile and store these functions meanwhile; this one compiles what it leaves out."""
    from joblib import cpu_count  # loaded only here; it knows how many processors this process may use

    beside = _another_process() if is_kept() and cpu_count() > 1 else None
    if beside is None:
        yield
        return
    with beside:
        try:
            with suppress(BrokenPipeError), cast(IO[bytes], beside.stdin) as work:
                pickle.dump(sys.path, work)
                pickle.dump([(use.__module__, use.__name__, tuple(map(typeof, given))) for use, given in uses], work)
            yield
            with suppress(subprocess.TimeoutExpired):
                beside.wait(PATIENCE)
        finally:
            beside.kill()


def _another_process() -> subprocess.Popen[bytes] | None:
    """A process that compiles what it is told; None where none can be started.

    It loads modules from where this one does: -P keeps it from those of the folder where the user is.
    """
    if not sys.executable or getattr(sys, "frozen", False):  # it would not be Python
        return None
    try:
        return subprocess.Popen(  # noqa: S603 (its program is this one's own)
            [sys.executable, "-P", "-c", COMPILE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
