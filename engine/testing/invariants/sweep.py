"""The sweep: one pass over calls and waits that finds who was passed over, and who was left beside a free line.

Numbers of one window class and one priority are a cell. Within a cell the order of rules 5 is (due, sequence), whatever
its windows do. So the first number of each open cell is enough, and a tree over the cells has the first of them all. A
call, a due instant or a change of a window costs O(log cells).
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.dialing.kept_code import KeptCode

Integers = NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., Any])
LATER = 1 << 62
ONE_CALL = 1000
"""One call, in the thousandths in which the pace is counted."""


def compiled(function: Function) -> Function:
    """The function in machine code, kept for the next process if there is a folder for it."""
    made: Any = njit(nogil=True, error_model="numpy")(function)
    with suppress(RuntimeError):  # neither the source's folder nor the user's cache can be written
        made._cache = KeptCode(function)
    return cast(Function, made)


class Begun(NamedTuple):
    """Calls in the order in which they began, [call]."""

    start: Integers
    end: Integers
    by_end: Integers
    """The calls by their ends."""


class Capacity(NamedTuple):
    """What there is to call with."""

    instants: Integers
    lines: Integers
    """So many lines from each instant on."""
    pace: int
    """Thousandths of a call a second; 0 for no limit."""
    start: int
    finish: int


class Queue(NamedTuple):
    """Waits, ordered by their cell, then by (due, sequence), [wait]."""

    cell: Integers
    due: Integers
    sequence: Integers
    leaves: Integers
    """From when it competes no more, if no call ends it before."""
    by_due: Integers
    by_leave: Integers
    """The waits by their due, and by when they leave."""
    of_call: Integers
    """[call]: its wait, or -1."""


class Cells(NamedTuple):
    """Cells, ordered by their window class, and the windows of the classes."""

    firsts: Integers
    """[cell]: its first wait; and behind the last cell the number of waits."""
    priority: Integers
    """[cell]"""
    of_class: Integers
    """[class]: its first cell; and behind the last class the number of cells."""
    window_class: Integers
    """[cell]"""
    change: Integers
    """[change]: an instant at which a window opens or closes, ascending."""
    changed: Integers
    """[change]: its class."""
    since: Integers
    """[change]: the start of the window that opens, or LATER if one closes."""
    until: Integers
    """[change]: its end."""


class Seen(NamedTuple):
    """What the sweep found."""

    passed: Integers
    """[call]: the wait that it passed over, or -1."""
    judged: NDArray[np.bool_]
    """[call]: whether its place in the order is known."""
    left: Integers
    """[wait]: when it was left beside a free line, or LATER."""


@compiled
def excess(begun: Begun, capacity: Capacity) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Integers]:
    """Which calls had no line, which no allowance; and how many lines were in use before each of them.

    What one call takes too much is not held against the calls behind it: a call without a line holds none, and one
    without an allowance takes none.
    """
    count = len(begun.start)
    no_line, no_pace = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    in_use_before = np.zeros(count, np.int64)
    in_use, ended, change = 0, 0, 0
    lines = 0
    most = capacity.pace + ONE_CALL - 1
    allowance, allowance_at = most, capacity.start
    for call in range(count):
        now = begun.start[call]
        while ended < count and begun.end[begun.by_end[ended]] <= now:
            if not no_line[begun.by_end[ended]]:
                in_use -= 1
            ended += 1
        while change < len(capacity.instants) and capacity.instants[change] <= now:
            lines = capacity.lines[change]
            change += 1
        in_use_before[call] = in_use
        if in_use >= lines:
            no_line[call] = True
        else:
            in_use += 1
        if capacity.pace > 0:
            if now > allowance_at:
                allowance = min(allowance + capacity.pace * (now - allowance_at), most)
                allowance_at = now
            if allowance < ONE_CALL:
                no_pace[call] = True
            else:
                allowance -= ONE_CALL
    return no_line, no_pace, in_use_before


@compiled
def _before(one: int, other: int, head: Integers, second: Integers, queue: Queue, cells: Cells) -> bool:
    """Whether the head of one cell comes before that of another; a cell without one is below 0."""
    if one < 0 or other < 0:
        return one >= 0
    if cells.priority[one] != cells.priority[other]:
        return cells.priority[one] < cells.priority[other]
    if second[one] != second[other]:
        return second[one] < second[other]
    mine, others = head[one], head[other]
    if queue.due[mine] != queue.due[others]:
        return queue.due[mine] < queue.due[others]
    return queue.sequence[mine] < queue.sequence[others]


@compiled
def _renew(
    cell: int,
    now: int,
    tree: Integers,
    head: Integers,
    second: Integers,
    gone: NDArray[np.bool_],
    opened: Integers,
    closing: Integers,
    queue: Queue,
    cells: Cells,
    closing_first: bool,
) -> None:
    """Find the head of a cell anew, and the first cell of the tree."""
    end = cells.firsts[cell + 1]
    while head[cell] < end and gone[head[cell]]:
        head[cell] += 1
    wait, own = head[cell], cells.window_class[cell]
    leaf = -1
    if wait < end and queue.due[wait] <= now and opened[own] != LATER:
        leaf = cell
        second[cell] = closing[own] if closing_first else max(queue.due[wait], opened[own])
    size = len(tree) // 2
    place = size + cell
    tree[place] = leaf
    place //= 2
    while place >= 1:
        one, other = tree[2 * place], tree[2 * place + 1]
        tree[place] = one if _before(one, other, head, second, queue, cells) else other
        place //= 2


@compiled
def sweep(
    begun: Begun,
    no_line: NDArray[np.bool_],
    no_pace: NDArray[np.bool_],
    capacity: Capacity,
    queue: Queue,
    cells: Cells,
    closing_first: bool,
    watches_lines: bool,
) -> Seen:
    """Play the log; with `watches_lines` also who waits while a line is free and the pace allows a call."""
    calls, waits, classes = len(begun.start), len(queue.cell), len(cells.of_class) - 1
    passed = np.full(calls, -1, np.int64)
    judged = np.zeros(calls, np.bool_)
    left = np.full(waits, LATER, np.int64)
    gone = np.zeros(waits, np.bool_)
    head = cells.firsts[:-1].copy()
    second = np.zeros(len(head), np.int64)
    opened = np.full(classes, LATER, np.int64)
    closing = np.full(classes, LATER, np.int64)
    size = 1
    while size < len(head):
        size *= 2
    tree = np.full(2 * size, -1, np.int64)
    call = due = leave = change = ended = lines_change = 0
    in_use = lines = 0
    most = capacity.pace + ONE_CALL - 1
    allowance, allowance_at = most, capacity.start
    while True:
        now = LATER
        if call < calls:
            now = min(now, begun.start[call])
        if due < waits:
            now = min(now, queue.due[queue.by_due[due]])
        if leave < len(queue.by_leave):
            now = min(now, queue.leaves[queue.by_leave[leave]])
        if change < len(cells.change):
            now = min(now, cells.change[change])
        if ended < calls:
            now = min(now, begun.end[begun.by_end[ended]])
        if lines_change < len(capacity.instants):
            now = min(now, capacity.instants[lines_change])
        if watches_lines and capacity.pace > 0 and tree[1] >= 0 and in_use < lines and allowance < ONE_CALL:
            refilled = allowance_at - (allowance - ONE_CALL) // capacity.pace
            now = min(now, refilled)
        if now >= capacity.finish:
            # calls at or after the finish have no place in any order
            break
        while change < len(cells.change) and cells.change[change] <= now:
            own = cells.changed[change]
            opened[own], closing[own] = cells.since[change], cells.until[change]
            for cell in range(cells.of_class[own], cells.of_class[own + 1]):
                _renew(cell, now, tree, head, second, gone, opened, closing, queue, cells, closing_first)
            change += 1
        while leave < len(queue.by_leave) and queue.leaves[queue.by_leave[leave]] <= now:
            wait = queue.by_leave[leave]
            gone[wait] = True
            cell = queue.cell[wait]
            if head[cell] == wait:
                _renew(cell, now, tree, head, second, gone, opened, closing, queue, cells, closing_first)
            leave += 1
        while due < waits and queue.due[queue.by_due[due]] <= now:
            wait = queue.by_due[due]
            cell = queue.cell[wait]
            if head[cell] == wait:
                _renew(cell, now, tree, head, second, gone, opened, closing, queue, cells, closing_first)
            due += 1
        while ended < calls and begun.end[begun.by_end[ended]] <= now:
            if not no_line[begun.by_end[ended]]:
                in_use -= 1
            ended += 1
        while lines_change < len(capacity.instants) and capacity.instants[lines_change] <= now:
            lines = capacity.lines[lines_change]
            lines_change += 1
        if now > allowance_at:
            allowance = min(allowance + capacity.pace * (now - allowance_at), most)
            allowance_at = now
        while call < calls and begun.start[call] <= now:
            wait = queue.of_call[call]
            if wait >= 0:
                cell = queue.cell[wait]
                own = cells.window_class[cell]
                if queue.due[wait] <= now and queue.leaves[wait] > now and opened[own] != LATER:
                    judged[call] = True
                    first = tree[1]
                    if first >= 0 and head[first] != wait:
                        mine = closing[own] if closing_first else max(queue.due[wait], opened[own])
                        theirs = head[first]
                        smaller = cells.priority[first] < cells.priority[cell]
                        if cells.priority[first] == cells.priority[cell]:
                            smaller = second[first] < mine
                            if second[first] == mine:
                                smaller = queue.due[theirs] < queue.due[wait]
                                if queue.due[theirs] == queue.due[wait]:
                                    smaller = queue.sequence[theirs] < queue.sequence[wait]
                        if smaller:
                            passed[call] = theirs
                gone[wait] = True
                if head[cell] == wait:
                    _renew(cell, now, tree, head, second, gone, opened, closing, queue, cells, closing_first)
            if not no_line[call]:
                in_use += 1
            if not no_pace[call]:
                allowance -= ONE_CALL
            call += 1
        if watches_lines:
            free = lines - in_use
            if capacity.pace > 0:
                free = min(free, allowance // ONE_CALL)
            while free > 0 and tree[1] >= 0:
                cell = tree[1]
                wait = head[cell]
                left[wait] = now
                gone[wait] = True
                _renew(cell, now, tree, head, second, gone, opened, closing, queue, cells, closing_first)
                free -= 1
    return Seen(passed, judged, left)
