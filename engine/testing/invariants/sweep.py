"""The sweep: one pass over calls and waits that finds who was passed over, and who was left beside a free line.

Numbers of one window class and one priority are a cell. Within a cell the order of rules 5 is (due, sequence), whatever
its windows do. So the first number of each open cell is enough, and a tree over the cells has the first of them all. A
call, a due instant or a change of a window costs O(log cells).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.dialing.machine_code import by_address, compiled, inner

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]
LATER = 1 << 62
ONE_CALL = 1000
"""One call, in the thousandths in which the pace is counted."""


@by_address
class Begun(NamedTuple):
    """Calls in the order in which they began, [call]."""

    start: Integers
    end: Integers
    by_end: Integers
    """The calls by their ends."""


@by_address
class Capacity(NamedTuple):
    """What there is to call with."""

    instants: Integers
    lines: Integers
    """So many lines from each instant on."""


@by_address
class Excess(NamedTuple):
    """What calls took too much, [call]."""

    no_line: Truths
    """Whether it had no line."""
    no_pace: Truths
    """Whether it had no allowance."""
    in_use: Integers
    """The lines in use before it."""


@by_address
class Queue(NamedTuple):
    """Waits, ordered by their cell, then by (due, sequence), [wait]."""

    cell: Integers
    due: Integers
    rank: Integers
    """Its place in the order of (due, sequence)."""
    leaves: Integers
    """From when it competes no more, if no call ends it before."""
    by_due: Integers
    """The waits by (due, sequence)."""
    by_leave: Integers
    """The waits by when they leave; those that leave before the finish."""
    of_call: Integers
    """[call]: its wait, or -1."""


@by_address
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


@by_address
class Seen(NamedTuple):
    """What the sweep found."""

    passed: Integers
    """[call]: the wait that it passed over, or -1."""
    judged: Truths
    """[call]: whether its place in the order is known."""
    left: Integers
    """[wait]: when it was left beside a free line, or LATER."""


@by_address
class _Standing(NamedTuple):
    """How the cells stand at the instant of the sweep."""

    gone: Truths
    """[wait]: whether it competes no more."""
    head: Integers
    """[cell]: its first wait that is not gone."""
    second: Integers
    """[cell]: what stands in the second place of the key of its head."""
    opened: Integers
    """[class]: when its window opened, or LATER if none is open."""
    closing: Integers
    """[class]: when it closes."""
    tree: Integers
    """[node]: the cell below it whose head comes first, or -1; node 1 has the first of all."""


def excess(begun: Begun, capacity: Capacity, pace: int, since: int) -> Excess:
    """Which calls had no line, which no allowance of `pace` thousandths a second; and how many lines were in use.

    What one call takes too much is not held against the calls behind it: a call without a line holds none, and one
    without an allowance takes none. A pace of 0 is no limit.
    """
    count = len(begun.start)
    found = Excess(np.zeros(count, np.bool_), np.zeros(count, np.bool_), np.zeros(count, np.int64))
    _exceed(begun, capacity, pace, since, found)
    return found


@compiled
def _exceed(begun: Begun, capacity: Capacity, pace: int, since: int, found: Excess) -> None:
    count = len(begun.start)
    in_use, ended, change = 0, 0, 0
    lines = 0
    most = pace + ONE_CALL - 1
    allowance, allowance_at = most, since
    for call in range(count):
        now = begun.start[call]
        while ended < count and begun.end[begun.by_end[ended]] <= now:
            if not found.no_line[begun.by_end[ended]]:
                in_use -= 1
            ended += 1
        while change < len(capacity.instants) and capacity.instants[change] <= now:
            lines = capacity.lines[change]
            change += 1
        found.in_use[call] = in_use
        if in_use >= lines:
            found.no_line[call] = True
        else:
            in_use += 1
        if pace > 0:
            if now > allowance_at:
                allowance = min(allowance + pace * (now - allowance_at), most)
                allowance_at = now
            if allowance < ONE_CALL:
                found.no_pace[call] = True
            else:
                allowance -= ONE_CALL


def sweep(
    begun: Begun,
    over: Excess,
    capacity: Capacity,
    pace: int,
    span: tuple[int, int],
    queue: Queue,
    cells: Cells,
    closing_first: bool,
    watches_lines: bool,
) -> Seen:
    """Play the log from a start to a finish; with `watches_lines` also who waits beside a free line and allowance."""
    calls, waits, classes, size = len(begun.start), len(queue.cell), len(cells.of_class) - 1, len(cells.priority)
    leaves = 1 << max(size - 1, 0).bit_length()
    standing = _Standing(
        np.zeros(waits, np.bool_),
        cells.firsts[:-1].copy(),
        np.zeros(size, np.int64),
        np.full(classes, LATER),
        np.full(classes, LATER),
        np.full(2 * leaves, -1),
    )
    seen = Seen(np.full(calls, -1), np.zeros(calls, np.bool_), np.full(waits, LATER))
    _play(begun, over, capacity, pace, *span, queue, cells, standing, closing_first, watches_lines, seen)
    return seen


@inner
def _before(one: int, other: int, standing: _Standing, queue: Queue, cells: Cells) -> bool:
    """Whether the head of one cell comes before that of another; a cell without one is below 0."""
    if one < 0 or other < 0:
        return one >= 0
    if cells.priority[one] != cells.priority[other]:
        return bool(cells.priority[one] < cells.priority[other])
    if standing.second[one] != standing.second[other]:
        return bool(standing.second[one] < standing.second[other])
    return bool(queue.rank[standing.head[one]] < queue.rank[standing.head[other]])


@inner
def _renew(cell: int, now: int, closing_first: bool, standing: _Standing, queue: Queue, cells: Cells) -> None:
    """Find the head of a cell anew, and the first cell of the tree."""
    wait, end = standing.head[cell], cells.firsts[cell + 1]
    while wait < end and standing.gone[wait]:
        wait += 1
    standing.head[cell] = wait
    opened = standing.opened[cells.window_class[cell]]
    leaf = -1
    if wait < end and queue.due[wait] <= now and opened != LATER:
        leaf = cell
        closing = standing.closing[cells.window_class[cell]]
        standing.second[cell] = closing if closing_first else max(queue.due[wait], opened)
    tree = standing.tree
    node = len(tree) // 2 + cell
    tree[node] = leaf
    node //= 2
    while node >= 1:
        one, other = tree[2 * node], tree[2 * node + 1]
        first = one if _before(one, other, standing, queue, cells) else other
        if first == tree[node] and first != cell:
            break  # another head stays the first here, so all above stays as it is
        tree[node] = first
        node //= 2


@compiled
def _play(
    begun: Begun,
    over: Excess,
    capacity: Capacity,
    pace: int,
    since: int,
    finish: int,
    queue: Queue,
    cells: Cells,
    standing: _Standing,
    closing_first: bool,
    watches_lines: bool,
    seen: Seen,
) -> None:
    calls, waits = len(begun.start), len(queue.cell)
    tree, gone, head, opened, closing = standing.tree, standing.gone, standing.head, standing.opened, standing.closing
    call = due = leave = change = ended = lines_change = 0
    in_use = lines = 0
    most = pace + ONE_CALL - 1
    allowance, allowance_at = most, since
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
        if watches_lines and pace > 0 and tree[1] >= 0 and in_use < lines and allowance < ONE_CALL:
            refilled = allowance_at - (allowance - ONE_CALL) // pace
            now = min(now, refilled)
        if now >= finish:
            # calls at or after the finish have no place in any order
            break
        while change < len(cells.change) and cells.change[change] <= now:
            own = cells.changed[change]
            opened[own], closing[own] = cells.since[change], cells.until[change]
            for cell in range(cells.of_class[own], cells.of_class[own + 1]):
                _renew(cell, now, closing_first, standing, queue, cells)
            change += 1
        while leave < len(queue.by_leave) and queue.leaves[queue.by_leave[leave]] <= now:
            wait = queue.by_leave[leave]
            gone[wait] = True
            cell = queue.cell[wait]
            if head[cell] == wait:
                _renew(cell, now, closing_first, standing, queue, cells)
            leave += 1
        while due < waits and queue.due[queue.by_due[due]] <= now:
            wait = queue.by_due[due]
            cell = queue.cell[wait]
            if head[cell] == wait:
                _renew(cell, now, closing_first, standing, queue, cells)
            due += 1
        while ended < calls and begun.end[begun.by_end[ended]] <= now:
            if not over.no_line[begun.by_end[ended]]:
                in_use -= 1
            ended += 1
        while lines_change < len(capacity.instants) and capacity.instants[lines_change] <= now:
            lines = capacity.lines[lines_change]
            lines_change += 1
        if now > allowance_at:
            allowance = min(allowance + pace * (now - allowance_at), most)
            allowance_at = now
        while call < calls and begun.start[call] <= now:
            wait = queue.of_call[call]
            if wait >= 0:
                cell = queue.cell[wait]
                own = cells.window_class[cell]
                if queue.due[wait] <= now and queue.leaves[wait] > now and opened[own] != LATER:
                    seen.judged[call] = True
                    first = tree[1]
                    if first >= 0 and head[first] != wait:
                        mine = closing[own] if closing_first else max(queue.due[wait], opened[own])
                        smaller = cells.priority[first] < cells.priority[cell]
                        if cells.priority[first] == cells.priority[cell]:
                            smaller = standing.second[first] < mine
                            if standing.second[first] == mine:
                                smaller = queue.rank[head[first]] < queue.rank[wait]
                        if smaller:
                            seen.passed[call] = head[first]
                gone[wait] = True
                if head[cell] == wait:
                    _renew(cell, now, closing_first, standing, queue, cells)
            if not over.no_line[call]:
                in_use += 1
            if not over.no_pace[call]:
                allowance -= ONE_CALL
            call += 1
        if watches_lines:
            free = lines - in_use
            if pace > 0:
                free = min(free, allowance // ONE_CALL)
            while free > 0 and tree[1] >= 0:
                cell = tree[1]
                wait = head[cell]
                seen.left[wait] = now
                gone[wait] = True
                _renew(cell, now, closing_first, standing, queue, cells)
                free -= 1
