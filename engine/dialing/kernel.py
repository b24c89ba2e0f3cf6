"""The kernel: the rules of the dialer, compiled to machine code.

It makes the same calls as the reference engine, and uses what numbers share (docs/background/engine.md says more):

- Numbers of one window class and priority (a *cell*) wait in one queue. They fall due in order, so a queue is sorted by
  (due, sequence) by itself. When a window opens or closes, one entry of a tournament moves, and not the numbers.
- Luck depends on nothing that happens during a call, so what a call comes to is known when it begins. The number is
  filed under the second at which it falls due again, and the line under the second at which it is free. Nothing else
  is kept of a call in progress.
- Numbers that were not called yet wait as rows of the phonebook in the order of their cells. After a call they are
  records of 32 bytes, moved by value in chunks, so memory is read and written in runs.

All compiled code is in this one file: numba decides by the age of a function's own file, and not by the files of the
functions that it calls, whether stored machine code is still valid.

Indices are unsigned in memory, because for a signed one the machine must check each time whether it counts from the
end; `natural` tells the compiler that a computed index is not negative.

Times are seconds since the simulation's start. The whole state is in arrays: a run can stop between any two seconds,
be saved, and go on.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from engine.calling.instants import DAY, HOUR
from engine.calling.windows import FIRST_MONDAY
from engine.customers.durations import TABLE_BITS, TABLE_SIZE
from engine.customers.outcomes import HOURS_A_WEEK
from engine.dialing.closures import OPEN
from engine.dialing.machine_code import by_address, compiled, inner
from engine.dialing.record import (
    COMPLETED,
    ENDED,
    ENDED_IN_CALL,
    EXHAUSTED,
    EXPIRED,
    FIRST_CALL,
    HELD,
    HELD_ONCE,
    LAST,
    LAST_CALL,
    NOT_ENDED,
    PRIORITIES,
    QUARTER,
    REACHED,
    RESULT_WORDS,
    CallColumns,
)
from engine.dialing.rulebook import ONE_CALL
from engine.dialing.waits import (
    BEFORE_START,
    ENDED_BEFORE,
    FOR_LINE,
    FOR_PACE,
    HELD_BY_CAP,
    IN_CALL,
    NO_LINES,
    NOT_ADDED,
    REASONS,
    RETRY_INTERVAL,
)
from engine.luck import CALL, GOLDEN, MIX_A, MIX_B, REDIAL, STREAMS

RING_BITS = 17
RING = 1 << RING_BITS
"""Seconds that the calendar holds one by one; longer than the longest call."""
BLOCK_BITS = RING_BITS - 1
"""The exponent of a block: numbers that are due later wait in blocks of 2**BLOCK_BITS seconds."""
CHUNK_BITS = 4
CHUNK = 1 << CHUNK_BITS
"""Records of a chunk: half as many cost a tenth of the speed, and a queue of one number takes a whole one."""
RECORD_WORDS = 4
AHEAD = 8
"""How many numbers before its turn the columns of a number that was not called yet are fetched."""
NEXT = 2
"""The same for a number that was called; fetching beyond the end of its chunk is harmless."""
SOON = 4
"""How many seconds before its turn a second of the calendar is fetched."""
TIME_BITS = 30
PILE_BITS = 6
PILES = 1 << PILE_BITS
"""Queues for sorting, after the blocks."""
FAR = 1 << 31
"""Later than every time that a key can hold."""
NOTHING = 0xFFFF_FFFF
"""In place of the index of a record or a chunk where there is none."""
FIRST_HOUR = FIRST_MONDAY // HOUR

Integer = int | np.int64
Truth = bool | np.bool_
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]
U32 = NDArray[np.uint32]


by_address(CallColumns)


@by_address
class Plan(NamedTuple):
    """What does not change during a run: a scenario's rulebook as arrays."""

    numbers: I64
    """The scalars, by the places named below."""
    identities: U64
    policies: U32
    segments: NDArray[np.uint16]
    """[row], or a single value for all rows."""
    added: I32
    """[row]: seconds, ascending; or a single value for all rows."""
    fresh_rows: U32
    """Rows that are due when they are added, sorted by cell; then rows that fall due later, by the second of it."""
    terms_start: I64
    terms_closes: I64
    """FAR or later: never."""
    terms_cell: U32
    """5 x window class + priority - 1."""
    terms_attempts: I32
    terms_retry: I64
    expiring: U32
    """Terms that close during the simulation, by closes."""
    change_times: I32
    """When window classes open or close, ascending."""
    change_classes: U32
    window_starts: I32
    """The windows of one class after the other, not cut; FAR - 1 and -FAR where they are without an end."""
    window_ends: I32
    span_ends: I64
    """The spans of one class after the other: until when the offset in `span_offsets` holds."""
    span_offsets: I64
    line_times: I64
    line_counts: I64
    thresholds: U64
    """[segment, attempt, hour of the week, outcome], flat."""
    seconds: U32
    """[segment, outcome, TABLE_SIZE], flat."""
    retries: NDArray[np.bool_]
    retry_seconds: I64
    redial_thresholds: U64
    """[outcome, rule], flat."""
    redial_first: I64
    redial_after: I64
    caps: I64
    """[cap, what], by the places named below."""
    cap_counts: NDArray[np.bool_]
    """[cap, outcome], flat: whether a call with the outcome counts."""
    cap_keys: U32
    """[what may share a cap, row], flat: the key by which numbers share one."""
    counts_waits: NDArray[np.bool_]
    """A single value: whether it is counted what numbers wait for."""
    closure_times: I32
    """When it changes why window classes are closed, ascending; at 0 each class has its first reason."""
    closure_classes: U32
    closure_reasons: I64
    """What closes the class from then on, or OPEN."""


(
    SEED_WORD, START, HORIZON, PACE, MOST_ALLOWANCE, MOST_ATTEMPTS, SHORT_CALL, CLOSING_FIRST, OUTCOMES, ANSWERED,
    ATTEMPT_CLASSES, REDIAL_RULES, TERMS_EACH, CLASSES, TREE, FIRST_LOCAL_HOUR, ROWS, FRESH_ROWS, LATER_ROWS,
    KEEP_CALLS, CAPS, SHARED, FIRST_DATE, DATED, COUNTED,
) = range(25)  # fmt: skip
"""Indices in Plan.numbers. SHARED: numbers may share a cap, so a number is scheduled when its call
ends, and its caps are asked again when its turn comes."""
CAP_AT_MOST, CAP_SECONDS, CAP_DAYS, CAP_EXEMPTS, CAP_KEYS, CAP_FIRST, CAP_WIDTH, CAP_FIELDS = range(8)
"""Indices in Plan.caps: CAP_KEYS is a row of `cap_keys`, or -1 if a row is its own key; the marks of a key begin at
CAP_FIRST + key * CAP_WIDTH of State.counted."""


@by_address
class State(NamedTuple):
    """All that changes during a run."""

    now: I64
    """The scalars, by the places named below."""
    calls_hash: U64
    """The part of the calls in the digest."""
    fresh_head: U32
    """[cell]: its first row in `fresh_rows` that waits."""
    fresh_tail: U32
    """[cell]: one after its last row that was added."""
    heads: U32
    """[queue]: the index of its first record, or NOTHING. Queues: cells, seconds of the ring, blocks, piles, ends."""
    tails: U32
    pool: U64
    """Records: identity; row and time; arrival and attempts; terms, left, segment and what was before."""
    next_chunk: U32
    freed: I32
    """[second of the ring]: lines that calls set free then."""
    due: I64
    """[cell]: numbers that are due and have not expired."""
    due_by_terms: I64
    eligible_now: I64
    """[priority]"""
    open_since: I64
    """[class]: the start of its open window, FAR while it is closed."""
    open_until: I64
    window: I64
    """[class]: the index of its open or next window."""
    span: I64
    hour_until: I64
    """[class]: until when `hour` is its local hour."""
    hour: I64
    """[class]: local hours since 1970."""
    hour_of_week: U32
    key_high: U64
    """[priority, class]: the key of its first number, next allowed time and due."""
    key_low: U64
    winners: U32
    """[priority, node] of the tournament between classes."""
    stale: U32
    """A stack of the cells whose first number may have changed."""
    is_stale: NDArray[np.bool_]
    results: U32
    """The words of each row's result (record.NumberColumns), flat."""
    begun: I64
    line_seconds: I64
    peak: I64
    eligible: I64
    """[quarter, priority]"""
    waiting: I64
    """[quarter, priority]: the change in the quarter."""
    ended: I64
    """[quarter, ending]"""
    local_hours: I64
    """[local hour, outcome]"""
    few_ends: I64
    """Scratch memory."""
    closed_by: I64
    """[class]: what closes it, or OPEN."""
    wait_seconds: I64
    """[quarter, reason, priority], flat, as in `waits.number_seconds`; empty if waits are not counted."""
    wait_numbers: I64
    counted: U32
    """Marks of a cap and a key: 1 + the times or dates of the latest calls that count, latest first, as many as the cap
    allows; 0 where there were not so many."""


(
    NOW, IN_USE, LINES, LINE_PLACE, CHANGE_PLACE, EXPIRY_PLACE, NEXT_ROW, ALLOWANCE, FREE_CHUNK, CHUNKS,
    ARRIVALS, BEGUN, LOGGED, LATER, CLOSURE_PLACE, STALE,
) = range(16)  # fmt: skip
"""Indices in State.now."""

W24, W27, W30, W31, W32 = np.uint64(24), np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
W40, W56 = np.uint64(40), np.uint64(56)
WAS_REACHED, WAS_HELD = np.uint64(1 << 56), np.uint64(1 << 57)
"""Bits of a record: the number has been reached; a cap has ever held it back."""
GOLDEN_WORD, A_WORD, B_WORD = np.uint64(GOLDEN), np.uint64(MIX_A), np.uint64(MIX_B)
LOW_32 = np.uint64(0xFFFF_FFFF)
LOW_24 = np.uint64(0xFF_FFFF)
LAST_KEY = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
FRESH = np.uint64(1 << 63)
SECONDS_SHIFT = np.uint64(32 - TABLE_BITS)


def is_kept() -> bool:
    """Whether machine code is stored for the next process."""
    stats: Any = advance
    return stats.stats.cache_path is not None


def _prefetch(typing_context: Any, array: Any, place: Any) -> Any:  # noqa: ARG001 (numba's protocol)
    """Let the processor fetch `array.data[place]` in the background; an index beyond the end is harmless."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [address.type], form)
        builder.call(fetch, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Any = intrinsic(_prefetch)


@inner
def mixed(word: Any) -> Any:
    """`luck.mixed` of one word."""
    word = (word ^ (word >> W30)) * A_WORD
    word = (word ^ (word >> W27)) * B_WORD
    return word ^ (word >> W31)


@inner
def natural(number: Integer) -> Integer:
    """The number, of which the compiler then knows that it is not negative."""
    return number & (FAR * FAR - 1)


@inner
def draw(key: Any, counter: Integer) -> Any:
    """`luck.draw` with attempt and stream in one counter."""
    return mixed(key + np.uint64(counter) * GOLDEN_WORD)


# Queues of records: chunks of a pool, linked, freed when they are empty


@inner
def append(queue: Integer, now: I64, heads: U32, tails: U32, next_chunk: U32) -> Integer:
    """Make room for one more record at the queue's end; returns its index in the pool."""
    tail = np.int64(tails[queue])
    if heads[queue] == NOTHING or tail & (CHUNK - 1) == 0:
        chunk = natural(now[FREE_CHUNK])
        if chunk != NOTHING:
            now[FREE_CHUNK] = next_chunk[chunk]
        else:
            chunk = natural(now[CHUNKS])
            now[CHUNKS] += 1
        if heads[queue] == NOTHING:
            heads[queue] = chunk << CHUNK_BITS
        else:
            next_chunk[(tail - 1) >> CHUNK_BITS] = chunk
        tail = chunk << CHUNK_BITS
    tails[queue] = tail + 1
    return tail


@inner
def remove(queue: Integer, now: I64, heads: U32, tails: U32, next_chunk: U32) -> None:
    """Take the first record off a queue that has one; the record itself stays readable until the next append."""
    head = np.int64(heads[queue])
    behind, chunk = head + 1, head >> CHUNK_BITS
    if behind == tails[queue]:
        heads[queue] = NOTHING
    elif behind & (CHUNK - 1) == 0:
        heads[queue] = np.int64(next_chunk[chunk]) << CHUNK_BITS
    else:
        heads[queue] = behind
        return
    next_chunk[chunk] = now[FREE_CHUNK]
    now[FREE_CHUNK] = chunk


@inner
def release(queue: Integer, now: I64, heads: U32, tails: U32, next_chunk: U32) -> None:
    """Empty a queue that has records: its chain of chunks becomes free."""
    last = natural(np.int64(tails[queue]) - 1) >> CHUNK_BITS
    next_chunk[last] = now[FREE_CHUNK]
    now[FREE_CHUNK] = np.int64(heads[queue]) >> CHUNK_BITS
    heads[queue] = NOTHING


# The first number of each open class, and the first of those (rules 5)


@inner
def compete(
    priority: Integer, place: Integer, high: Any, low: Any, tree: Integer, key_high: U64, key_low: U64, winners: U32
) -> None:
    """Enter a class in its priority's tournament with this key."""
    leaves = priority * tree
    key_high[leaves + place] = high
    key_low[leaves + place] = low
    nodes = priority * tree * 2
    node = (tree + place) >> 1
    winner = place
    other = place ^ 1
    while True:
        other_high = key_high[leaves + other]
        if other_high < high or (other_high == high and key_low[leaves + other] < low):
            winner = other
            high = other_high
            low = key_low[leaves + other]
        winners[nodes + node] = winner
        if node == 1:
            return
        other = np.int64(winners[nodes + (node ^ 1)])
        node >>= 1


@inner
def touch(cell: Integer, now: I64, stale: U32, is_stale: NDArray[np.bool_]) -> None:
    """Mark the cell, so that its first number is looked up before the next call begins."""
    if not is_stale[cell]:
        is_stale[cell] = True
        stale[natural(now[STALE])] = cell
        now[STALE] += 1


@inner
def expire(
    row: Integer, closes: Integer, priority: Integer, phase: Integer, results: U32, waiting: I64, ended: I64
) -> None:
    """End a number that has no open second left, at the second from which that is so."""
    quarter = natural(closes + phase) // QUARTER
    results[row * RESULT_WORDS + ENDED] = closes << 2 | EXPIRED
    waiting[quarter, priority] -= 1
    ended[quarter, EXPIRED] += 1


@inner
def file(due: Integer, time: Integer, now: I64, heads: U32, tails: U32, next_chunk: U32, cells: Integer) -> Integer:
    """Make room in the calendar for a number that is due then; returns the index of its record in the pool."""
    block = natural(due) >> BLOCK_BITS
    queue = cells + (due & (RING - 1)) if block <= (time >> BLOCK_BITS) + 1 else cells + RING + block
    return append(queue, now, heads, tails, next_chunk)


@inner
def after(place: Integer, next_chunk: U32) -> Integer:
    """The index of the record after this one in its queue."""
    place += 1
    return place if place & (CHUNK - 1) else np.int64(next_chunk[(place - 1) >> CHUNK_BITS]) << CHUNK_BITS


@inner
def distinct_ends(queue: Integer, heads: U32, tails: U32, next_chunk: U32, pool: U64, few: I64) -> Integer:
    """In how many different seconds the calls of the calendar queue's records ended; `few` gets them, ascending.

    It is also 1 if the ends ascend already, and 0 if there are more than `few` can hold. Records are filed when
    calls begin but scheduled when calls end (rules 6). Numbers with the same retry interval that fall due together
    ended together, so there are about as many ends as intervals.
    """
    place, last, ascending, count = np.int64(heads[queue]), -1, True, 0
    while True:
        end = np.int64(pool[place * RECORD_WORDS + 1] >> W32)
        if end != last:
            ascending &= end > last
            last = end
            known = count
            while known > 0 and few[known - 1] > end:
                known -= 1
            if (known == 0 or few[known - 1] != end) and count >= 0:
                if count == len(few):
                    count = -1
                else:
                    for moved in range(count, known, -1):
                        few[moved] = few[moved - 1]
                    few[known] = end
                    count += 1
        if place + 1 == tails[queue]:
            return 1 if ascending else max(count, 0)
        place = after(place, next_chunk)


@inner
def move(source_queue: Integer, queue: Integer, now: I64, heads: U32, tails: U32, next_chunk: U32, pool: U64) -> None:
    """Move the first record of a queue to the end of another."""
    source = np.int64(heads[source_queue]) * RECORD_WORDS
    w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
    remove(source_queue, now, heads, tails, next_chunk)
    target = append(queue, now, heads, tails, next_chunk) * RECORD_WORDS
    pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3


@inner
def put_in_order(queue: Integer, piles: Integer, now: I64, heads: U32, tails: U32, next_chunk: U32, pool: U64) -> None:
    """Sort the queue's records by the ends of their calls; those that end together keep their order.

    A radix sort over the empty queues from `piles` on: no digit's pile needs more memory than the records had.
    """
    for shift in range(0, TIME_BITS, PILE_BITS):
        while heads[queue] != NOTHING:
            end = pool[np.int64(heads[queue]) * RECORD_WORDS + 1] >> W32
            pile = piles + (np.int64(end) >> shift & (PILES - 1))
            move(queue, pile, now, heads, tails, next_chunk, pool)
        for pile in range(piles, piles + PILES):
            while heads[pile] != NOTHING:
                move(pile, queue, now, heads, tails, next_chunk, pool)


# What numbers wait for (rules 6)


@inner
def enter_in(
    quarter: Integer, reason: Integer, priority: Integer, time: Integer, count: Integer, plan: Plan, state: State
) -> None:
    """`WaitingCounts.enter`, in a known quarter-hour of the simulation; priorities count from 0."""
    place = natural((quarter * REASONS + reason) * PRIORITIES + priority)
    edge = min((quarter + 1) * QUARTER - natural(plan.numbers[START]) % QUARTER, plan.numbers[HORIZON])
    state.wait_seconds[place] += count * (edge - time)
    state.wait_numbers[place] += count


@inner
def enter(reason: Integer, priority: Integer, time: Integer, count: Integer, plan: Plan, state: State) -> None:
    """The same, unless the simulation has ended then."""
    if time < plan.numbers[HORIZON]:
        quarter = natural(time + natural(plan.numbers[START]) % QUARTER) // QUARTER
        enter_in(quarter, reason, priority, time, count, plan, state)


# Caps (rules 6)


@inner
def marks_of(cap: Integer, row: Integer, plan: Plan) -> Integer:
    """Where the marks of the calls begin that a cap counts for a row."""
    keys = plan.caps[cap, CAP_KEYS]
    key = row if keys < 0 else np.int64(plan.cap_keys[keys * plan.numbers[ROWS] + row])
    return natural(plan.caps[cap, CAP_FIRST] + key * plan.caps[cap, CAP_WIDTH])


@inner
def prefetch_marks(row: Integer, plan: Plan, counted: U32) -> None:
    """Fetch the marks of a row by its first cap."""
    first = marks_of(0, row, plan)
    prefetch(counted, first)
    prefetch(counted, first + plan.caps[0, CAP_WIDTH] - 1)


@inner
def count(
    row: Integer, time: Integer, date: Integer, outcome: Integer, redialled: Truth, plan: Plan, counted: U32
) -> None:
    """Count a call with this outcome for all caps that do; `date` is counted from FIRST_DATE on."""
    for cap in range(plan.numbers[CAPS]):
        if plan.cap_counts[cap * plan.numbers[OUTCOMES] + outcome] and not (redialled and plan.caps[cap, CAP_EXEMPTS]):
            first = marks_of(cap, row, plan)
            mark = 1 + (date if plan.caps[cap, CAP_DAYS] > 0 else time)
            for place in range(first, first + plan.caps[cap, CAP_AT_MOST]):
                other = np.int64(counted[place])
                if other < mark:  # by other clocks, dates may be later
                    counted[place] = mark
                    mark = other
                    if mark == 0:
                        break


@inner
def first_on(date: Integer, time: Integer, place: Integer, plan: Plan, state: State) -> Integer:
    """The first second from `time` on at which the local date of a class is this one or later."""
    midnight = (date + plan.numbers[FIRST_DATE]) * DAY - plan.numbers[START]
    span = state.span[place]
    while True:
        end = plan.span_ends[span] - plan.numbers[START]
        if time < end:
            on = max(time, midnight - plan.span_offsets[span])
            if on < end:
                return on
            time = end
        if end >= plan.numbers[DATED]:
            return max(time, midnight - plan.span_offsets[span])
        span += 1


@inner
def allowed(due: Integer, row: Integer, place: Integer, redialled: Truth, plan: Plan, state: State) -> Integer:
    """The first second from `due` on at which no cap forbids a call to a row of a class, by the calls so far."""
    while True:
        before = due
        for cap in range(plan.numbers[CAPS]):
            if not (redialled and plan.caps[cap, CAP_EXEMPTS]):
                oldest = np.int64(state.counted[marks_of(cap, row, plan) + plan.caps[cap, CAP_AT_MOST] - 1]) - 1
                if oldest >= 0:
                    if plan.caps[cap, CAP_DAYS] > 0:
                        due = first_on(oldest + plan.caps[cap, CAP_DAYS], due, place, plan, state)
                    else:
                        due = max(due, oldest + plan.caps[cap, CAP_SECONDS])
        if due == before:
            return due


@inner
def schedule(
    due: Integer,
    row: Integer,
    terms: Integer,
    reason: Integer,
    quarter: Integer,
    now_or_end: Integer,
    redialled: Truth,
    plan: Plan,
    state: State,
) -> Integer:
    """When a number falls due that would at `due`, were there no caps; -1 if it expires, `now_or_end`, instead.

    `reason` is what it waits for until `due`.
    """
    cell = np.int64(plan.terms_cell[terms])
    closes = plan.terms_closes[terms]
    without_caps = due
    if plan.numbers[CAPS] > 0 and due < closes:
        raised = allowed(due, row, cell // PRIORITIES, redialled, plan, state)
        if raised > due:
            due = raised
            state.results[row * RESULT_WORDS + LAST] |= HELD_ONCE
            if due >= min(closes, plan.numbers[HORIZON]):
                state.results[row * RESULT_WORDS + LAST] |= HELD
    if due >= closes:
        state.results[row * RESULT_WORDS + ENDED] = now_or_end << 2 | EXPIRED
        state.ended[quarter, EXPIRED] += 1
        return -1
    state.waiting[quarter, cell % PRIORITIES] += 1
    if plan.counts_waits[0]:
        enter_in(quarter, reason, cell % PRIORITIES, now_or_end, 1, plan, state)
        enter(reason, cell % PRIORITIES, without_caps, -1, plan, state)
        if due > without_caps:
            enter(HELD_BY_CAP, cell % PRIORITIES, without_caps, 1, plan, state)
            enter(HELD_BY_CAP, cell % PRIORITIES, due, -1, plan, state)
    return due


@inner
def held_flag(due: Integer, without_caps: Integer) -> np.uint64:
    """WAS_HELD, if caps have raised a due."""
    return WAS_HELD if due > without_caps else np.uint64(0)


@inner
def write_uncalled(
    target: Integer, row: Integer, since: Integer, due: Integer, terms: Integer, plan: Plan, pool: U64
) -> None:
    """Write the record of a number that was not called yet, scheduled at `since`."""
    segment = np.int64(plan.segments[0 if len(plan.segments) == 1 else row])
    pool[target] = plan.identities[row]
    pool[target + 1] = np.uint64(since) << W32 | np.uint64(row)
    pool[target + 2] = np.uint64(due) << W24
    pool[target + 3] = np.uint64(segment) << W40 | np.uint64(plan.terms_attempts[terms]) << W32 | np.uint64(terms)


@inner
def fresh_cell(row: Integer, plan: Plan) -> Integer:
    """The cell of a row that falls due when it is added; -1 if it does not, or if others may share its caps."""
    if plan.numbers[SHARED]:
        return -1
    time = plan.added[0 if len(plan.added) == 1 else row]
    terms = np.int64(plan.policies[row]) * plan.numbers[TERMS_EACH]
    if plan.terms_start[terms] <= time < plan.terms_closes[terms]:
        return np.int64(plan.terms_cell[terms])
    return -1


@compiled
def count_fresh(plan: Plan, counts: U32) -> None:
    """Count in each cell the rows that fall due when they are added."""
    for row in range(plan.numbers[ROWS]):
        cell = fresh_cell(row, plan)
        if cell >= 0:
            counts[cell] += 1


@compiled
def sort_fresh(plan: Plan, ends: U32) -> None:
    """Write those rows by cell; `ends` holds where the rows of each cell begin, and afterwards where they end."""
    for row in range(plan.numbers[ROWS]):
        cell = fresh_cell(row, plan)
        if cell >= 0:
            plan.fresh_rows[ends[cell]] = row
            ends[cell] += 1


@inner
def due_of(place: Integer, end: Integer, plan: Plan) -> Integer:
    """When the number at this place of `fresh_rows` falls due, if it is one of those that do so later; else FAR."""
    if place >= end:
        return FAR
    ahead = np.int64(plan.fresh_rows[min(place + AHEAD, end - 1)])
    prefetch(plan.identities, ahead)
    prefetch(plan.policies, ahead)
    return plan.terms_start[np.int64(plan.policies[np.int64(plan.fresh_rows[place])]) * plan.numbers[TERMS_EACH]]


@compiled
def settle(plan: Plan, state: State, cells: Integer) -> None:
    """End the numbers that expired while they waited in a queue behind others."""
    horizon, phase = plan.numbers[HORIZON], plan.numbers[START] % QUARTER
    for cell in range(cells):
        for place in range(state.fresh_head[cell], state.fresh_tail[cell]):
            row = np.int64(plan.fresh_rows[place])
            closes = plan.terms_closes[np.int64(plan.policies[row]) * plan.numbers[TERMS_EACH]]
            if closes < horizon:
                expire(row, closes, cell % PRIORITIES, phase, state.results, state.waiting, state.ended)
        state.fresh_head[cell] = state.fresh_tail[cell]
        while state.heads[cell] != NOTHING:
            source = np.int64(state.heads[cell]) * RECORD_WORDS
            closes = plan.terms_closes[np.int64(state.pool[source + 3] & LOW_32)]
            if closes < horizon:
                row = np.int64(state.pool[source + 1] & LOW_32)
                expire(row, closes, cell % PRIORITIES, phase, state.results, state.waiting, state.ended)
            remove(cell, state.now, state.heads, state.tails, state.next_chunk)


@compiled
def count_list(plan: Plan, state: State) -> None:
    """`waits.of_the_list`: count the seconds before numbers were added, and since they have ended."""
    for row in range(plan.numbers[ROWS]):
        priority = np.int64(plan.terms_cell[np.int64(plan.policies[row]) * plan.numbers[TERMS_EACH]]) % PRIORITIES
        added = plan.added[0 if len(plan.added) == 1 else row]
        if added > 0:
            enter_in(0, NOT_ADDED, priority, 0, 1, plan, state)
            enter(NOT_ADDED, priority, added, -1, plan, state)
        ended = np.int64(state.results[row * RESULT_WORDS + ENDED])
        if ended & NOT_ENDED != NOT_ENDED:
            enter(ENDED_BEFORE, priority, ended >> 2, 1, plan, state)


@compiled
def advance(until: Integer, most_calls: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Play every second before `until`, or fewer.

    It also stops after a second with which more than `most_calls` have begun. `log` has room for the calls that are
    logged until then; it has none if none are.
    """
    numbers = plan.numbers
    seed_word = np.uint64(numbers[SEED_WORD])
    start, horizon, pace = numbers[START], numbers[HORIZON], numbers[PACE]
    most_attempts, short_call = numbers[MOST_ATTEMPTS], numbers[SHORT_CALL]
    closing_first, keep_calls, limited = numbers[CLOSING_FIRST] != 0, numbers[KEEP_CALLS] != 0, pace > 0
    outcomes, answered = natural(numbers[OUTCOMES]), numbers[ANSWERED]
    attempt_classes, rules = natural(numbers[ATTEMPT_CLASSES]), natural(numbers[REDIAL_RULES])
    terms_each, tree, rows = natural(numbers[TERMS_EACH]), natural(numbers[TREE]), natural(numbers[ROWS])
    cells, first_local_hour = natural(numbers[CLASSES]) * PRIORITIES, numbers[FIRST_LOCAL_HOUR]
    phase = natural(start) % QUARTER
    some_expire = len(plan.expiring) > 0
    capped, shared, waits = numbers[CAPS] > 0, numbers[SHARED] != 0, plan.counts_waits[0]
    one_added, one_segment = len(plan.added) == 1, len(plan.segments) == 1
    identities, policies, segments = plan.identities, plan.policies, plan.segments
    added, fresh_rows, thresholds = plan.added, plan.fresh_rows, plan.thresholds
    terms_start, terms_closes, terms_cell = plan.terms_start, plan.terms_closes, plan.terms_cell
    now, heads, tails, pool, next_chunk = state.now, state.heads, state.tails, state.pool, state.next_chunk
    ends = natural(len(heads) - RING)
    fresh_head, fresh_tail, results, freed = state.fresh_head, state.fresh_tail, state.results, state.freed
    stale, is_stale, winners = state.stale, state.is_stale, state.winners
    key_high, key_low, few_ends = state.key_high, state.key_low, state.few_ends
    due_count, due_by_terms, eligible_now = state.due, state.due_by_terms, state.eligible_now
    open_since, open_until = state.open_since, state.open_until
    waiting, ended, begun, local_hours = state.waiting, state.ended, state.begun, state.local_hours
    calls_hash = state.calls_hash[0]
    in_use, lines, allowance = now[IN_USE], now[LINES], now[ALLOWANCE]
    calls_begun, arrivals, next_row = now[BEGUN], now[ARRIVALS], now[NEXT_ROW]
    later, later_end = now[LATER], numbers[FRESH_ROWS] + numbers[LATER_ROWS]
    later_due = due_of(later, later_end, plan)
    enough = calls_begun + most_calls
    time = now[NOW]

    while time < until and calls_begun <= enough:
        time = natural(time)
        quarter = (time + phase) // QUARTER
        slot = time & (RING - 1)

        if time & ((1 << BLOCK_BITS) - 1) == 0:  # the calendar takes in its next block
            queue = cells + RING + (time >> BLOCK_BITS) + 1
            while heads[queue] != NOTHING:
                second = np.int64(pool[np.int64(heads[queue]) * RECORD_WORDS + 2] >> W24) & (RING - 1)
                move(queue, cells + second, now, heads, tails, next_chunk, pool)

        # rules 6: calls end
        in_use -= freed[slot]
        freed[slot] = 0
        while shared and heads[ends + slot] != NOTHING:  # their numbers are scheduled by the calls that caps count now
            source = np.int64(heads[ends + slot]) * RECORD_WORDS
            w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
            remove(ends + slot, now, heads, tails, next_chunk)
            row, terms, without_caps = np.int64(w1 & LOW_32), np.int64(w3 & LOW_32), np.int64(w2 >> W24)
            is_first = np.int64(w3 >> W32 & np.uint64(0xFF)) == plan.terms_attempts[terms]
            reason = BEFORE_START if is_first else RETRY_INTERVAL
            falls_due = schedule(without_caps, row, terms, reason, quarter, time, terms % terms_each != 0, plan, state)
            if 0 <= falls_due < horizon:
                target = file(falls_due, time, now, heads, tails, next_chunk, cells) * RECORD_WORDS
                pool[target], pool[target + 1] = w0, w1
                pool[target + 2] = np.uint64(falls_due) << W24 | w2 & LOW_24
                pool[target + 3] = w3 | held_flag(falls_due, without_caps)

        # windows open and close
        while now[CHANGE_PLACE] < len(plan.change_times) and plan.change_times[now[CHANGE_PLACE]] <= time:
            place = np.int64(plan.change_classes[now[CHANGE_PLACE]])
            now[CHANGE_PLACE] += 1
            if open_since[place] < FAR:
                open_since[place] = open_until[place] = FAR
                state.window[place] += 1
                sign = -1
            else:
                open_since[place] = plan.window_starts[state.window[place]]
                open_until[place] = plan.window_ends[state.window[place]]
                sign = 1
            for priority in range(PRIORITIES):
                cell = place * PRIORITIES + priority
                eligible_now[priority] += sign * due_count[cell]
                if heads[cell] != NOTHING or fresh_head[cell] < fresh_tail[cell]:
                    touch(cell, now, stale, is_stale)

        # what closes them changes
        while waits and now[CLOSURE_PLACE] < len(plan.closure_times):
            if plan.closure_times[now[CLOSURE_PLACE]] > time:
                break
            place = np.int64(plan.closure_classes[now[CLOSURE_PLACE]])
            reason = plan.closure_reasons[now[CLOSURE_PLACE]]
            now[CLOSURE_PLACE] += 1
            for priority in range(PRIORITIES):
                due = due_count[place * PRIORITIES + priority]
                if due > 0 and state.closed_by[place] != OPEN:
                    enter(state.closed_by[place], priority, time, -due, plan, state)
                if due > 0 and reason != OPEN:
                    enter(reason, priority, time, due, plan, state)
            state.closed_by[place] = reason

        # numbers expire
        while now[EXPIRY_PLACE] < len(plan.expiring) and terms_closes[plan.expiring[now[EXPIRY_PLACE]]] <= time:
            terms = np.int64(plan.expiring[now[EXPIRY_PLACE]])
            now[EXPIRY_PLACE] += 1
            cell = np.int64(terms_cell[terms])
            due_count[cell] -= due_by_terms[terms]
            if open_since[cell // PRIORITIES] < FAR:
                eligible_now[cell % PRIORITIES] -= due_by_terms[terms]
            elif waits:
                enter(state.closed_by[cell // PRIORITIES], cell % PRIORITIES, time, -due_by_terms[terms], plan, state)
            due_by_terms[terms] = 0
            touch(cell, now, stale, is_stale)

        # lines change
        while now[LINE_PLACE] < len(plan.line_times) and plan.line_times[now[LINE_PLACE]] <= time:
            lines = plan.line_counts[now[LINE_PLACE]]
            now[LINE_PLACE] += 1

        # numbers are added
        while next_row < rows and added[0 if one_added else next_row] <= time:
            row = next_row
            next_row += 1
            terms = np.int64(policies[row]) * terms_each
            cell = np.int64(terms_cell[terms])
            due = max(terms_start[terms], time)
            if shared:
                falls_due = schedule(due, row, terms, BEFORE_START, quarter, time, False, plan, state)
                if 0 <= falls_due < horizon:
                    target = file(falls_due, time, now, heads, tails, next_chunk, cells) * RECORD_WORDS
                    write_uncalled(target, row, time, falls_due, terms, plan, pool)
                    pool[target + 3] |= held_flag(falls_due, due)
                continue
            if due >= terms_closes[terms]:
                results[row * RESULT_WORDS + ENDED] = time << 2 | EXPIRED
                ended[quarter, EXPIRED] += 1
                continue
            waiting[quarter, cell % PRIORITIES] += 1
            if waits and due > time:
                enter_in(quarter, BEFORE_START, cell % PRIORITIES, time, 1, plan, state)
                enter(BEFORE_START, cell % PRIORITIES, due, -1, plan, state)
            if due == time:
                if fresh_head[cell] == fresh_tail[cell] and heads[cell] == NOTHING:
                    touch(cell, now, stale, is_stale)
                fresh_tail[cell] += 1
                due_count[cell] += 1
                due_by_terms[terms] += 1
                if open_since[cell // PRIORITIES] < FAR:
                    eligible_now[cell % PRIORITIES] += 1
                elif waits:
                    enter(state.closed_by[cell // PRIORITIES], cell % PRIORITIES, time, 1, plan, state)

        # numbers that start now join those that are due again
        while later_due <= time:
            row = np.int64(fresh_rows[later])
            later += 1
            terms = np.int64(policies[row]) * terms_each
            target = append(cells + slot, now, heads, tails, next_chunk) * RECORD_WORDS
            write_uncalled(target, row, np.int64(added[0 if one_added else row]), time, terms, plan, pool)
            later_due = due_of(later, later_end, plan)

        # numbers fall due
        coming = np.int64(heads[cells + (slot + SOON & (RING - 1))]) * RECORD_WORDS
        for line in range(0, 8 * RECORD_WORDS, 2 * RECORD_WORDS):
            prefetch(pool, coming + line)
        queue = cells + slot
        if heads[queue] != NOTHING:
            rounds = 1
            if not shared:  # else numbers are filed when they are scheduled, in their order
                rounds = distinct_ends(queue, heads, tails, next_chunk, pool, few_ends)
                if rounds == 0:
                    put_in_order(queue, len(heads) - PILES, now, heads, tails, next_chunk, pool)
                    rounds = 1
            for round_ in range(rounds):
                source = np.int64(heads[queue])
                while True:
                    w1 = pool[source * RECORD_WORDS + 1]
                    if rounds == 1 or np.int64(w1 >> W32) == few_ends[round_]:
                        w3 = pool[source * RECORD_WORDS + 3]
                        terms = np.int64(w3 & LOW_32)
                        cell = np.int64(terms_cell[terms])
                        if heads[cell] == NOTHING and fresh_head[cell] == fresh_tail[cell]:
                            touch(cell, now, stale, is_stale)
                        target = append(cell, now, heads, tails, next_chunk) * RECORD_WORDS
                        pool[target] = pool[source * RECORD_WORDS]
                        pool[target + 1] = np.uint64(time) << W32 | w1 & LOW_32
                        pool[target + 2] = np.uint64(arrivals) << W24 | pool[source * RECORD_WORDS + 2] & LOW_24
                        pool[target + 3] = w3
                        arrivals += 1
                        due_count[cell] += 1
                        due_by_terms[terms] += 1
                        if open_since[cell // PRIORITIES] < FAR:
                            eligible_now[cell % PRIORITIES] += 1
                        elif waits:
                            enter(state.closed_by[cell // PRIORITIES], cell % PRIORITIES, time, 1, plan, state)
                    if source + 1 == tails[queue]:
                        break
                    source = after(source, next_chunk)
            release(queue, now, heads, tails, next_chunk)

        # calls begin
        if limited and time > 0:
            allowance = min(allowance + pace, numbers[MOST_ALLOWANCE])
        while in_use < lines and (not limited or allowance >= ONE_CALL):
            # rules 5: the first number of each cell that changed
            while now[STALE] > 0:
                now[STALE] -= 1
                cell = np.int64(stale[now[STALE]])
                is_stale[cell] = False
                place, priority = cell // PRIORITIES, cell % PRIORITIES
                high = low = LAST_KEY
                since = open_since[place]
                while since < FAR:
                    fresh, head = np.int64(fresh_head[cell]), np.int64(heads[cell])
                    due = FAR
                    if head != NOTHING:
                        due = np.int64(pool[head * RECORD_WORDS + 1] >> W32)
                        low = pool[head * RECORD_WORDS + 2] >> W24
                    is_fresh = False
                    if fresh < fresh_tail[cell]:
                        fresh_row = np.int64(fresh_rows[fresh])
                        fresh_due = np.int64(added[0 if one_added else fresh_row])
                        # a number that falls due in the second of an addition was scheduled before it
                        if fresh_due < due:
                            is_fresh = True
                            due = fresh_due
                            low = FRESH | np.uint64(fresh_row)
                    if due == FAR:
                        break
                    closes = horizon
                    if some_expire and is_fresh:
                        row = fresh_row
                        closes = terms_closes[np.int64(policies[row]) * terms_each]
                    elif some_expire:
                        row = np.int64(pool[head * RECORD_WORDS + 1] & LOW_32)
                        closes = terms_closes[np.int64(pool[head * RECORD_WORDS + 3] & LOW_32)]
                    if closes > time:
                        second = open_until[place] if closing_first else max(due, since)
                        high = np.uint64(second) << W32 | np.uint64(due)
                        break
                    expire(row, closes, priority, phase, results, waiting, ended)
                    low = LAST_KEY
                    if is_fresh:
                        fresh_head[cell] += 1
                    else:
                        remove(cell, now, heads, tails, next_chunk)
                compete(priority, place, high, low, tree, key_high, key_low, winners)

            place = -1
            for level in range(PRIORITIES):
                winner = np.int64(winners[level * tree * 2 + 1])
                if key_high[level * tree + winner] != LAST_KEY:
                    priority, place = level, winner
                    break
            if place < 0:
                break
            cell = place * PRIORITIES + priority
            if key_low[priority * tree + place] >= FRESH:
                fresh = np.int64(fresh_head[cell])
                row = np.int64(fresh_rows[fresh])
                fresh_head[cell] = fresh + 1
                ahead = np.int64(fresh_rows[min(fresh + AHEAD, rows - 1)])
                prefetch(identities, ahead)
                prefetch(policies, ahead)
                if not one_segment:
                    prefetch(segments, ahead)
                prefetch(results, ahead * RESULT_WORDS)
                if capped:
                    prefetch_marks(ahead, plan, state.counted)
                identity = identities[row]
                terms = np.int64(policies[row]) * terms_each
                attempts, left = np.int64(0), np.int64(plan.terms_attempts[terms])
                segment = np.int64(segments[0 if one_segment else row])
                before = np.uint64(0)
            else:
                source = np.int64(heads[cell]) * RECORD_WORDS
                another = source + NEXT * RECORD_WORDS + 1
                ahead = np.int64(pool[another if another < len(pool) else source] & LOW_32)
                prefetch(results, ahead * RESULT_WORDS)
                if capped and ahead < rows:
                    prefetch_marks(ahead, plan, state.counted)
                identity, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
                remove(cell, now, heads, tails, next_chunk)
                row, attempts = np.int64(w1 & LOW_32), np.int64(w2 & LOW_24)
                terms, left = np.int64(w3 & LOW_32), np.int64(w3 >> W32 & np.uint64(0xFF))
                segment, before = np.int64(w3 >> W40 & np.uint64(0xFFFF)), w3 >> W56 << W56
            touch(cell, now, stale, is_stale)
            due_count[cell] -= 1
            due_by_terms[terms] -= 1
            eligible_now[priority] -= 1
            waiting[quarter, priority] -= 1
            if shared:  # others that share a cap may have been called since
                redialled = terms % terms_each != 0
                if allowed(time, row, place, redialled, plan, state) > time:
                    falls_due = schedule(time, row, terms, RETRY_INTERVAL, quarter, time, redialled, plan, state)
                    if 0 <= falls_due < horizon:
                        target = file(falls_due, time, now, heads, tails, next_chunk, cells) * RECORD_WORDS
                        pool[target], pool[target + 1] = identity, np.uint64(time) << W32 | np.uint64(row)
                        pool[target + 2] = np.uint64(falls_due) << W24 | np.uint64(attempts)
                        pool[target + 3] = w3 | held_flag(falls_due, time)
                    continue
            allowance -= ONE_CALL
            in_use += 1
            calls_begun += 1
            attempts += 1
            left -= 1

            # rules 7: luck
            if time >= state.hour_until[place]:
                while start + time >= plan.span_ends[state.span[place]]:
                    state.span[place] += 1
                offset = plan.span_offsets[state.span[place]]
                hour = (start + time + offset) // HOUR
                state.hour[place] = hour
                state.hour_of_week[place] = (hour - FIRST_HOUR) % HOURS_A_WEEK
                next_hour = (hour + 1) * HOUR - offset
                state.hour_until[place] = min(next_hour, plan.span_ends[state.span[place]]) - start
            key = mixed(identity ^ seed_word)
            bits = draw(key, attempts * STREAMS + CALL)
            chance = bits >> W32
            first = segment * attempt_classes + natural(min(attempts, attempt_classes) - 1)
            first = (first * HOURS_A_WEEK + np.int64(state.hour_of_week[place])) * outcomes
            outcome = 0
            for other in range(outcomes - 1):
                outcome += chance >= thresholds[first + other]
            quantile = np.int64((bits & LOW_32) >> SECONDS_SHIFT)
            seconds = np.int64(plan.seconds[(segment * outcomes + outcome) * TABLE_SIZE + quantile])
            end = time + seconds

            # the timeline
            word = np.uint64(seconds << 32 | attempts << 8 | outcome)
            calls_hash += mixed(identity * GOLDEN_WORD + np.uint64(start + time) * A_WORD + word * B_WORD)
            begun[quarter, outcome] += 1
            local_hours[natural(state.hour[place] - first_local_hour), outcome] += 1
            if attempts == 1:
                results[row * RESULT_WORDS + FIRST_CALL] = time
            results[row * RESULT_WORDS + LAST_CALL] = time
            last = attempts << 8 | outcome
            if before & WAS_HELD != np.uint64(0):
                last |= HELD_ONCE
            date, redialled = 0, False
            if capped:
                date = natural(state.hour[place]) // 24 - numbers[FIRST_DATE]
                redialled = rules > 0 and terms % terms_each != 0
                if shared:
                    count(row, time, date, outcome, redialled, plan, state.counted)
            results[row * RESULT_WORDS + LAST] = last
            too_short = outcome == answered and seconds < short_call
            if outcome == answered and not too_short and before & WAS_REACHED == np.uint64(0):
                results[row * RESULT_WORDS + REACHED] = time
                before |= WAS_REACHED
            if keep_calls:
                logged = natural(now[LOGGED])
                log.number[logged], log.attempt[logged], log.time[logged] = row, attempts, time
                log.seconds[logged], log.outcome[logged] = seconds, outcome
                log.redial[logged] = rules > 0 and terms % terms_each != 0
                now[LOGGED] = logged + 1

            # rules 6: what follows when it ends
            freed[end & (RING - 1)] += 1
            if waits:
                enter_in(quarter, IN_CALL, priority, time, 1, plan, state)
            if end >= horizon:
                results[row * RESULT_WORDS + ENDED] = ENDED_IN_CALL
                continue
            rule = -1
            if rules > 0 and not too_short and plan.redial_thresholds[(outcome + 1) * rules - 1] > 0:
                chance = draw(key, attempts * STREAMS + REDIAL) >> W32
                rule = 0
                for other in range(rules):
                    rule += chance >= plan.redial_thresholds[outcome * rules + other]
                rule = plan.redial_first[outcome] + rule if rule < rules else -1
            kind, due = -1, np.int64(0)
            if rule < 0 and not too_short and not plan.retries[outcome]:
                kind = COMPLETED
            elif rule >= 0 and attempts < most_attempts:
                terms = terms // terms_each * terms_each + 1 + rule
                left = np.int64(plan.terms_attempts[terms])
                due = max(end + plan.redial_after[rule], terms_start[terms])
            elif rule < 0 and attempts < most_attempts and left > 0:
                due = end + (
                    plan.retry_seconds[outcome] if plan.retry_seconds[outcome] > 0 else plan.terms_retry[terms]
                )
            else:
                kind = EXHAUSTED
            end_quarter = natural(end + phase) // QUARTER
            if waits:
                enter_in(end_quarter, IN_CALL, priority, end, -1, plan, state)
            if kind >= 0:
                results[row * RESULT_WORDS + ENDED] = end << 2 | kind
                ended[end_quarter, kind] += 1
                continue
            if not shared:
                if capped:  # what the others count changes nothing for a number that has ended, nor the other way round
                    count(row, time, date, outcome, redialled, plan, state.counted)
                reason = BEFORE_START if rule >= 0 else RETRY_INTERVAL
                without_caps = due
                due = schedule(due, row, terms, reason, end_quarter, end, rule >= 0 or redialled, plan, state)
                before |= held_flag(due, without_caps)
            if shared or 0 <= due < horizon:
                if shared:
                    target = append(ends + (end & (RING - 1)), now, heads, tails, next_chunk) * RECORD_WORDS
                else:
                    target = file(due, time, now, heads, tails, next_chunk, cells) * RECORD_WORDS
                pool[target] = identity
                pool[target + 1] = np.uint64(end) << W32 | np.uint64(row)
                pool[target + 2] = np.uint64(due) << W24 | np.uint64(attempts)
                pool[target + 3] = before | np.uint64(segment) << W40 | np.uint64(left) << W32 | np.uint64(terms)

        # on to the next second in which anything can happen
        quarter_end = (quarter + 1) * QUARTER - phase
        edge = min(until, quarter_end, ((time >> BLOCK_BITS) + 1) << BLOCK_BITS)
        if now[CHANGE_PLACE] < len(plan.change_times):
            edge = min(edge, plan.change_times[now[CHANGE_PLACE]])
        if now[EXPIRY_PLACE] < len(plan.expiring):
            edge = min(edge, terms_closes[plan.expiring[now[EXPIRY_PLACE]]])
        if now[LINE_PLACE] < len(plan.line_times):
            edge = min(edge, plan.line_times[now[LINE_PLACE]])
        if waits and now[CLOSURE_PLACE] < len(plan.closure_times):
            edge = min(edge, plan.closure_times[now[CLOSURE_PLACE]])
        if next_row < rows:
            edge = min(edge, added[0 if one_added else next_row])
        edge = min(edge, later_due)
        following = time + 1
        if not limited or in_use >= lines or allowance >= ONE_CALL:  # else pacing alone holds calls back
            slot = following & (RING - 1)
            while following < edge and freed[slot] == 0 and heads[cells + slot] == NOTHING:
                following += 1
                slot = following & (RING - 1)
        if limited:
            allowance = min(allowance + pace * (following - time - 1), numbers[MOST_ALLOWANCE])
        if waits:
            reason = NO_LINES if lines == 0 else FOR_LINE if in_use >= lines else FOR_PACE
            first = natural((quarter * REASONS + reason) * PRIORITIES)
            for priority in range(PRIORITIES):
                state.wait_seconds[first + priority] += eligible_now[priority] * (following - time)
        state.line_seconds[quarter] += in_use * (following - time)
        state.peak[quarter] = max(state.peak[quarter], in_use)
        time = following
        if time in (quarter_end, horizon):
            for priority in range(PRIORITIES):
                state.eligible[quarter, priority] = eligible_now[priority]

    now[NOW], now[IN_USE], now[LINES], now[ALLOWANCE] = time, in_use, lines, allowance
    now[BEGUN], now[ARRIVALS], now[NEXT_ROW], now[LATER] = calls_begun, arrivals, next_row, later
    state.calls_hash[0] = calls_hash
