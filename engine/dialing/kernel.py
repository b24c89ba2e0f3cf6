"""The kernel: the rules of the dialer, compiled to machine code.

It makes the same calls as the reference engine, and uses what numbers share (docs/background/engine.md says more):

- Numbers of one window class and priority (a *cell*) wait in one queue. They fall due in order, so a queue is sorted by
  (due, sequence) by itself. When a window opens or closes, one entry of a tournament moves, and not the numbers.
- Numbers that fall due while their window is open are in order whatever their cells: one queue holds a priority's.
- All calls of a second begin together and none ends within it, so a batch of them is chosen, and then played.
- Luck depends on nothing that happens during a call, so what a call comes to is known when it begins. The number is
  filed under the second at which it falls due again, and the line under the second at which it is free. Nothing else
  is kept of a call in progress.
- Numbers that were not called yet wait in the order of their cells; a place in it is a number's *rank*. After a call
  they are records of 32 bytes, moved by value in chunks, so memory is read and written in runs.

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
from engine.dialing.digest import END_BIT
from engine.dialing.machine_code import by_address, call, compiled, inner, step
from engine.dialing.record import (
    ATTEMPTS,
    CALLBACK,
    COMPLETED,
    ENDED,
    ENDED_IN_CALL,
    ENDED_PENDING,
    EXHAUSTED,
    EXPIRED,
    FIRST_CALL,
    HELD,
    HELD_ONCE,
    LAST,
    LAST_CALL,
    NEVER_CALLED,
    NOT_ENDED,
    PRIORITIES,
    QUARTER,
    REACHED,
    RESULT_WORDS,
    CallColumns,
)
from engine.dialing.record import IN_CALL as ENDED_BY_FINISH
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
QUEUE_BITS = 2
QUEUE_WORDS = 1 << QUEUE_BITS
HEAD, TAIL, LATEST, DISORDERED = range(QUEUE_WORDS)
"""Words of a queue. HEAD: the index of its first record, or NOTHING. TAIL: one after its last, 0 if it is empty.
LATEST: the end of the call of the record that was filed last. DISORDERED: not 0 if the ends of calls do not ascend."""
BATCH = 128
"""The most calls that are chosen before they are played."""
BATCH_WORDS = 8
"""A number of the batch: its record, its cell, and what its call comes to."""
CALLED, RULE = 5, 6
"""Words of the batch: a call, as `draw_luck` has it; and 1 + the rule by which it asks for a redial, or 0."""
AHEAD = 8
"""How many numbers before its turn the columns of a number that was not called yet are fetched."""
CACHED_WORDS = 1 << 16
"""Words of terms that stay in the cache."""
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
    order: U32
    """[rank]: the row. First the rows that are due when they are added, by cell; then those that fall due later, by
    the second of it; then those that never do; and AHEAD of no meaning."""
    identities: U64
    """[row]"""
    policies: U32
    """[row]"""
    segments: NDArray[np.uint16]
    """[row], or a single value for all."""
    policy_rows: U32
    """[policy]: how many rows it has."""
    added: I32
    """[row]: seconds, ascending; or a single value for all rows."""
    terms: I64
    """[terms, word], flat: what one line of memory holds of each, by the words named below."""
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
    calls: U32
    """[segment, outcome, TABLE_SIZE], flat: the seconds, below the bits that tell what a call comes to."""
    quantiles: U32
    """[segment, outcome], flat: the mask of a quantile, 0 where all are the same: then one line of memory is read."""
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
    rare: I64
    """[step]: the address of its machine code, by the places named below; no part of the scenario."""


(
    SEED_WORD, START, HORIZON, PACE, MOST_ALLOWANCE, MOST_ATTEMPTS, SHORT_CALL, CLOSING_FIRST, OUTCOMES, ANSWERED,
    ATTEMPT_CLASSES, REDIAL_RULES, TERMS_EACH, CLASSES, TREE, FIRST_LOCAL_HOUR, ROWS, FRESH_ROWS, LATER_ROWS,
    KEEP_CALLS, CAPS, SHARED, FIRST_DATE, DATED, COUNTED, FIRST_SECOND,
) = range(26)  # fmt: skip
"""Indices in Plan.numbers. SHARED: numbers may share a cap, so a number is scheduled when its call
ends, and its caps are asked again when its turn comes."""
CAP_AT_MOST, CAP_SECONDS, CAP_DAYS, CAP_EXEMPTS, CAP_KEYS, CAP_FIRST, CAP_WIDTH, CAP_FIELDS = range(8)
"""Indices in Plan.caps: CAP_KEYS is a row of `cap_keys`, or -1 if a row is its own key; the marks of a key begin at
CAP_FIRST + key * CAP_WIDTH of State.counted."""

TERMS_BITS = 2
TERMS_WORDS = 1 << TERMS_BITS
STARTS, CLOSES, RETRY, CELL = range(TERMS_WORDS)
"""Words of terms. CLOSES: FAR or later for never. CELL: 5 x window class + priority - 1; below it, in SERIES_BITS, the
calls of a series."""
SERIES_BITS = 8
TAKE_IN_BLOCK, HAPPEN, DRAW_REDIALS, WRITE_LOG, COUNT_WAITS, COUNT_FOR_CAPS, RARE_STEPS = range(7)
"""Indices in Plan.rare."""


@by_address
class State(NamedTuple):
    """All that changes during a run."""

    now: I64
    """The scalars, by the places named below."""
    calls_hash: U64
    """The part of the calls in the digest."""
    fresh_head: U32
    """[cell]: the rank of its first number that was not called yet and waits."""
    fresh_tail: U32
    """[cell]: one after its last that was added."""
    queues: U32
    """[queue, word], flat. Queues: cells, seconds of the ring, blocks, piles, ends."""
    pool: U64
    """Records: identity; rank and time; arrival and attempts; terms, left, segment and what was before."""
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
    keys: U64
    """[priority, class, half], flat: the key of its first number, next allowed time and due, then sequence."""
    winners: U32
    """[priority, node] of the tournament between classes."""
    stale: U32
    """A stack of the cells whose first number may have changed."""
    is_stale: NDArray[np.bool_]
    results: U32
    """[rank]: the words of its result (record.NumberColumns), flat; and words of nobody. Where nothing was written
    stands 0, so 1 is added to the times of calls; no call ends at once, so ENDED is not 0 otherwise."""
    batch: U64
    """[number, word], flat: scratch memory for the calls of a second."""
    begun: I64
    line_seconds: I64
    peak: I64
    eligible: I64
    """[quarter, priority]"""
    waiting: I64
    """[quarter, priority]: the change in the quarter."""
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
    ARRIVALS, BEGUN, LOGGED, LATER, CLOSURE_PLACE, EVENT, STALE,
) = range(17)  # fmt: skip
"""Indices in State.now. EVENT: the next second in which something happens that is known beforehand."""

W8, W24, W27, W30, W31, W32 = np.uint64(8), np.uint64(24), np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
W40, W56 = np.uint64(40), np.uint64(56)
HELD_SHIFT = np.uint64(27)
"""From WAS_HELD to HELD_ONCE."""
WAS_REACHED, WAS_HELD = np.uint64(1 << 56), np.uint64(1 << 57)
"""Bits of a record: the number has been reached; a cap has ever held it back."""
GOLDEN_WORD, A_WORD, B_WORD = np.uint64(GOLDEN), np.uint64(MIX_A), np.uint64(MIX_B)
LOW_32 = np.uint64(0xFFFF_FFFF)
LOW_24, LOW_16, LOW_8 = np.uint64(0xFF_FFFF), np.uint64(0xFFFF), np.uint64(0xFF)
END_BIT_WORD = np.uint64(END_BIT)
KEPT_BITS = ~np.uint64(0) << W40
"""What a record keeps after a call: its segment, and what was before."""
ATTEMPTS_BITS, FIRST_ATTEMPT = LOW_24 << W8, np.uint64(1 << 8)
MOST_SECONDS = np.uint64(RING - 1)
IN_DIGEST = MOST_SECONDS << W32 | LOW_32
"""The seconds, attempts and outcome of a call; what it comes to follows from them."""
COMPLETES, IS_TOO_SHORT, REACHES = np.uint64(1 << 61), np.uint64(1 << 62), np.uint64(1 << 63)
"""Bits of a call: nothing follows it but for a redial; it was answered for too short a while; or for long enough."""
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


@step
def mixed(word: Any) -> Any:
    """`luck.mixed` of one word."""
    word = (word ^ (word >> W30)) * A_WORD
    word = (word ^ (word >> W27)) * B_WORD
    return word ^ (word >> W31)


@step
def natural(number: Integer) -> Integer:
    """The number, of which the compiler then knows that it is not negative."""
    return number & (FAR * FAR - 1)


@step
def draw(key: Any, counter: Integer) -> Any:
    """`luck.draw` with attempt and stream in one counter."""
    return mixed(key + np.uint64(counter) * GOLDEN_WORD)


# Terms


@step
def own_terms(row: Integer, plan: Plan) -> Integer:
    """The terms of a row's own policy."""
    return np.int64(plan.policies[row]) * natural(plan.numbers[TERMS_EACH])


@step
def starts_of(terms: Integer, plan: Plan) -> Integer:
    """When numbers of these terms may be called first."""
    return plan.terms[natural(terms << TERMS_BITS) + STARTS]


@step
def closes_of(terms: Integer, plan: Plan) -> Integer:
    """From when they cannot be called any more."""
    return plan.terms[natural(terms << TERMS_BITS) + CLOSES]


@step
def retry_of(terms: Integer, plan: Plan) -> Integer:
    """The seconds from the end of a call to the next."""
    return plan.terms[natural(terms << TERMS_BITS) + RETRY]


@step
def cell_of(terms: Integer, plan: Plan) -> Integer:
    """The cell in which they wait."""
    return natural(plan.terms[natural(terms << TERMS_BITS) + CELL] >> SERIES_BITS)


@step
def prefetch_terms(terms: Integer, plan: Plan, state: State) -> None:
    """Fetch what is kept of them, where terms are too many for the cache."""
    if len(plan.terms) > CACHED_WORDS:
        prefetch(plan.terms, terms << TERMS_BITS)
        if len(plan.expiring) > 0:
            prefetch(state.due_by_terms, terms)


@step
def series_of(terms: Integer, plan: Plan) -> Integer:
    """The calls of a series."""
    return plan.terms[natural(terms << TERMS_BITS) + CELL] & ((1 << SERIES_BITS) - 1)


# Queues of records: chunks of a pool, linked, freed when they are empty


@step
def fetch_chunk(place: Integer, pool: U64) -> None:
    """Fetch the chunk of records that begins with this one, if there is any."""
    if place < NOTHING:
        for line in range(0, CHUNK * RECORD_WORDS, 8):
            prefetch(pool, place * RECORD_WORDS + line)


@step
def fetch_terms(place: Integer, plan: Plan, state: State) -> None:
    """Fetch what is kept of the terms of a chunk's records from this one on, where terms are too many for the cache."""
    if place < NOTHING and len(plan.terms) > CACHED_WORDS:
        for record in range(place, (place | CHUNK - 1) + 1):
            prefetch_terms(np.int64(state.pool[record * RECORD_WORDS + 3] & LOW_32), plan, state)


@step
def append(queue: Integer, now: I64, queues: U32, next_chunk: U32) -> Integer:
    """Make room for one more record at the queue's end; returns its index in the pool."""
    header = natural(queue) * QUEUE_WORDS
    tail = np.int64(queues[header + TAIL])
    if tail & (CHUNK - 1) == 0:
        chunk = natural(now[FREE_CHUNK])
        if chunk != NOTHING:
            now[FREE_CHUNK] = next_chunk[chunk]
        else:
            chunk = natural(now[CHUNKS])
            now[CHUNKS] += 1
        if queues[header + HEAD] == NOTHING:
            queues[header + HEAD] = chunk << CHUNK_BITS
        else:
            next_chunk[(tail - 1) >> CHUNK_BITS] = chunk
        tail = chunk << CHUNK_BITS
    queues[header + TAIL] = tail + 1
    return tail


@step
def remove(queue: Integer, now: I64, queues: U32, next_chunk: U32) -> None:
    """Take the first record off a queue that has one; the record itself stays readable until the next append."""
    header = natural(queue) * QUEUE_WORDS
    head = np.int64(queues[header + HEAD])
    behind, chunk = head + 1, head >> CHUNK_BITS
    if behind == queues[header + TAIL]:
        queues[header + HEAD], queues[header + TAIL] = NOTHING, 0
    elif behind & (CHUNK - 1) == 0:
        queues[header + HEAD] = np.int64(next_chunk[chunk]) << CHUNK_BITS
    else:
        queues[header + HEAD] = behind
        return
    next_chunk[chunk] = now[FREE_CHUNK]
    now[FREE_CHUNK] = chunk


@inner
def release(queue: Integer, now: I64, queues: U32, next_chunk: U32) -> None:
    """Empty a queue that has records: its chain of chunks becomes free."""
    header = natural(queue) * QUEUE_WORDS
    last = natural(np.int64(queues[header + TAIL]) - 1) >> CHUNK_BITS
    next_chunk[last] = now[FREE_CHUNK]
    now[FREE_CHUNK] = np.int64(queues[header + HEAD]) >> CHUNK_BITS
    queues[header + HEAD], queues[header + TAIL] = NOTHING, 0
    queues[header + LATEST], queues[header + DISORDERED] = 0, 0


# The first number of each open class, and the first of those (rules 5)


@step
def comes_before(high: Any, low: Any, other_high: Any, other_low: Any) -> Any:
    """Whether a key is smaller than another."""
    return (high < other_high) | ((high == other_high) & (low < other_low))


@step
def compete(priority: Integer, place: Integer, high: Any, low: Any, tree: Integer, keys: U64, winners: U32) -> None:
    """Enter a class in its priority's tournament with this key. It has no branches, for who wins cannot be foreseen."""
    leaves = priority * tree
    keys[(leaves + place) * 2], keys[(leaves + place) * 2 + 1] = high, low
    nodes = priority * tree * 2
    node = (tree + place) >> 1
    winner = place
    other = place ^ 1
    while True:
        other_high, other_low = keys[(leaves + other) * 2], keys[(leaves + other) * 2 + 1]
        is_first = comes_before(other_high, other_low, high, low)
        winner = other if is_first else winner
        high = other_high if is_first else high
        low = other_low if is_first else low
        winners[nodes + node] = winner
        if node == 1:
            return
        other = np.int64(winners[nodes + (node ^ 1)])
        node >>= 1


@step
def runner_up(priority: Integer, place: Integer, tree: Integer, keys: U64, winners: U32) -> tuple[Any, Any]:
    """The key of who would win a tournament without its winner, the class at this place."""
    leaves, nodes = priority * tree, priority * tree * 2
    node, other = tree + place, place ^ 1
    high = low = LAST_KEY
    while True:
        other_high, other_low = keys[(leaves + other) * 2], keys[(leaves + other) * 2 + 1]
        is_first = comes_before(other_high, other_low, high, low)
        high = other_high if is_first else high
        low = other_low if is_first else low
        node >>= 1
        if node == 1:
            return high, low
        other = np.int64(winners[nodes + (node ^ 1)])


@step
def first_half(due: Integer, since: Integer, until: Integer, closing_first: Truth) -> Any:
    """The first half of a key: the next allowed time, or when the window closes; and the due instant."""
    return np.uint64(until if closing_first else max(due, since)) << W32 | np.uint64(due)


@step
def key_of_queue(
    queue: Integer, since: Integer, until: Integer, closing_first: Truth, queues: U32, pool: U64
) -> tuple[Any, Any]:
    """The key of the first number of a queue in a window; LAST_KEY if there is none."""
    head = np.int64(queues[natural(queue) * QUEUE_WORDS + HEAD])
    if head == NOTHING:
        return LAST_KEY, LAST_KEY
    due = np.int64(pool[head * RECORD_WORDS + 1] >> W32)
    return first_half(due, since, until, closing_first), pool[head * RECORD_WORDS + 2] >> W24


@step
def key_of_fresh(
    rank: Integer, since: Integer, until: Integer, closing_first: Truth, order: U32, added: I32
) -> tuple[Any, Any]:
    """The key of a number that was not called yet: it comes after those that fall due in the second of its addition."""
    row = np.int64(order[rank])
    due = np.int64(added[0 if len(added) == 1 else row])
    return first_half(due, since, until, closing_first), FRESH | np.uint64(row)


@inner
def touch(cell: Integer, now: I64, stale: U32, is_stale: NDArray[np.bool_]) -> None:
    """Mark the cell, so that its first number is looked up before the next call begins."""
    if not is_stale[cell]:
        is_stale[cell] = True
        stale[natural(now[STALE])] = cell
        now[STALE] += 1


@inner
def expire(rank: Integer, closes: Integer, priority: Integer, phase: Integer, results: U32, waiting: I64) -> None:
    """End a number that has no open second left, at the second from which that is so."""
    results[rank * RESULT_WORDS + ENDED] = closes << 2 | EXPIRED
    waiting[natural(closes + phase) // QUARTER, priority] -= 1


@step
def append_ended(queue: Integer, end: Integer, now: I64, queues: U32, next_chunk: U32) -> Integer:
    """`append` to a second or a block of the calendar; notes whether the ends of calls ascend in it."""
    header = natural(queue) * QUEUE_WORDS
    queues[header + DISORDERED] |= end < np.int64(queues[header + LATEST])
    queues[header + LATEST] = end
    return append(queue, now, queues, next_chunk)


@step
def file(
    due: Integer, end: Integer, time: Integer, now: I64, queues: U32, next_chunk: U32, first_second: Integer
) -> Integer:
    """Make room in the calendar for a number that is due then, after a call with this end; its record's index."""
    block = natural(due) >> BLOCK_BITS
    queue = due & (RING - 1) if block <= (time >> BLOCK_BITS) + 1 else RING + block
    queue += first_second
    return append_ended(queue, end, now, queues, next_chunk)


@step
def after(place: Integer, next_chunk: U32) -> Integer:
    """The index of the record after this one in its queue."""
    place += 1
    return place if place & (CHUNK - 1) else np.int64(next_chunk[(place - 1) >> CHUNK_BITS]) << CHUNK_BITS


@inner
def distinct_ends(queue: Integer, queues: U32, next_chunk: U32, pool: U64, few: I64) -> Integer:
    """In how many different seconds the calls of the calendar queue's records ended; `few` gets them, ascending.

    It is also 1 if the ends ascend already, and 0 if there are more than `few` can hold. Records are filed when
    calls begin but scheduled when calls end (rules 6). Numbers with the same retry interval that fall due together
    ended together, so there are about as many ends as intervals.
    """
    place, last, ascending, count = np.int64(queues[queue * QUEUE_WORDS + HEAD]), -1, True, 0
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
        if place + 1 == queues[queue * QUEUE_WORDS + TAIL]:
            return 1 if ascending else max(count, 0)
        place = after(place, next_chunk)


@inner
def move(source_queue: Integer, queue: Integer, now: I64, queues: U32, next_chunk: U32, pool: U64) -> None:
    """Move the first record of a queue to the end of another."""
    source = np.int64(queues[source_queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
    w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
    remove(source_queue, now, queues, next_chunk)
    target = append(queue, now, queues, next_chunk) * RECORD_WORDS
    pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3


@inner
def put_in_order(queue: Integer, piles: Integer, now: I64, queues: U32, next_chunk: U32, pool: U64) -> None:
    """Sort the queue's records by the ends of their calls; those that end together keep their order.

    A radix sort over the empty queues from `piles` on: no digit's pile needs more memory than the records had.
    """
    for shift in range(0, TIME_BITS, PILE_BITS):
        while queues[queue * QUEUE_WORDS + HEAD] != NOTHING:
            end = pool[np.int64(queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS + 1] >> W32
            pile = piles + (np.int64(end) >> shift & (PILES - 1))
            move(queue, pile, now, queues, next_chunk, pool)
        for pile in range(piles, piles + PILES):
            while queues[pile * QUEUE_WORDS + HEAD] != NOTHING:
                move(pile, queue, now, queues, next_chunk, pool)


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
def reason_of(w3: Any, terms: Integer, plan: Plan) -> Integer:
    """What a number waits for that was called, by its record's last word: the start of a redial, or a retry."""
    return BEFORE_START if np.int64(w3 >> W32 & LOW_8) == series_of(terms, plan) else RETRY_INTERVAL


@step
def schedule(
    due: Integer,
    rank: Integer,
    terms: Integer,
    reason: Integer,
    quarter: Integer,
    now_or_end: Integer,
    plan: Plan,
    state: State,
) -> Integer:
    """When a number falls due that would at `due`, were there no caps; -1 if it expires, `now_or_end`, instead.

    `reason` is what it waits for until `due`.
    """
    cell = cell_of(terms, plan)
    closes = closes_of(terms, plan)
    without_caps = due
    if plan.numbers[CAPS] > 0 and due < closes:
        raised = allowed(due, rank, cell // PRIORITIES, terms % plan.numbers[TERMS_EACH] != 0, plan, state)
        if raised > due:
            due = raised
            state.results[rank * RESULT_WORDS + LAST] |= HELD_ONCE
            if due >= min(closes, plan.numbers[HORIZON]):
                state.results[rank * RESULT_WORDS + LAST] |= HELD
    if due >= closes:
        state.results[rank * RESULT_WORDS + ENDED] = now_or_end << 2 | EXPIRED
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
    target: Integer, rank: Integer, since: Integer, due: Integer, terms: Integer, plan: Plan, pool: U64
) -> None:
    """Write the record of a number that was not called yet, scheduled at `since`."""
    row = np.int64(plan.order[rank])
    segment = np.int64(plan.segments[0 if len(plan.segments) == 1 else row])
    pool[target] = plan.identities[row]
    pool[target + 1] = np.uint64(since) << W32 | np.uint64(rank)
    pool[target + 2] = np.uint64(due) << W24
    pool[target + 3] = np.uint64(segment) << W40 | np.uint64(series_of(terms, plan)) << W32 | np.uint64(terms)


# The ranks of rows


@step
def fresh_cell(row: Integer, policies: U32, plan: Plan) -> Integer:
    """The cell of a row that falls due when it is added; -1 if it does not, or if others may share its caps."""
    time = plan.added[0 if len(plan.added) == 1 else row]
    terms = np.int64(policies[row]) * natural(plan.numbers[TERMS_EACH])
    is_fresh = (starts_of(terms, plan) <= time) & (time < closes_of(terms, plan)) & (plan.numbers[SHARED] == 0)
    return cell_of(terms, plan) if is_fresh else -1


@compiled
def count_fresh(plan: Plan, counts: U32) -> None:
    """Count the rows of each policy; and in each cell those that fall due when they are added."""
    policies, of_policies = plan.policies, plan.policy_rows
    for row in range(plan.numbers[ROWS]):
        of_policies[policies[row]] += 1
        cell = fresh_cell(row, policies, plan)
        if cell >= 0:
            counts[cell] += 1


@compiled
def rank_fresh(plan: Plan, ends: U32) -> None:
    """Put those rows in order; `ends` holds where the ranks of each cell begin, and afterwards where they end."""
    policies, order = plan.policies, plan.order
    for row in range(plan.numbers[ROWS]):
        cell = fresh_cell(row, policies, plan)
        if cell >= 0:
            rank = np.int64(ends[cell])
            ends[cell] = rank + 1
            order[rank] = row


@step
def write_row(rank: Integer, row: Integer, results: U32, rows: U32, ended: I64, identities: U64, start: Integer) -> Any:
    """Write a result as a record has it, and count the number's end; returns its part of the digest (rules 9).

    NO_TIME and ENDED_PENDING stand where nothing was written. The digest is that of `digest.ends_hash`.
    """
    source, target = rank * RESULT_WORDS, row * RESULT_WORDS
    for word in range(ENDED):
        rows[target + word] = np.int64(results[source + word]) - 1
    end, last = np.int64(results[source + ENDED]), np.int64(results[source + LAST])
    end = ENDED_PENDING if end == 0 else end
    rows[target + ENDED], rows[target + LAST] = end, last
    kind, instant = end & NOT_ENDED, start + (end >> 2)
    if kind == NOT_ENDED:
        kind = CALLBACK if last >> 8 & ATTEMPTS > 0 else NEVER_CALLED
        kind = ENDED_BY_FINISH if end == ENDED_IN_CALL else kind
        instant = -1
    else:
        ended[natural((end >> 2) + natural(start) % QUARTER) // QUARTER, kind] += 1
    word = np.uint64(kind) | END_BIT_WORD
    return mixed(identities[row] * GOLDEN_WORD + np.uint64(instant) * A_WORD + word * B_WORD)


@compiled
def write_rows(plan: Plan, results: U32, ends: U32, first: Integer, until: Integer, rows: U32, ended: I64) -> Any:
    """Write the results of some rows that are due when they are added into `rows`, and count their ends.

    `ends` holds where those of each cell begin that were not written yet, and afterwards how far they were. So memory
    is read in as many streams as there are cells, and written in one. Returns the part of the ends in the digest.
    """
    policies, identities, start, total = plan.policies, plan.identities, plan.numbers[START], np.uint64(0)
    for row in range(first, until):
        cell = fresh_cell(row, policies, plan)
        if cell >= 0:
            rank = np.int64(ends[cell])
            ends[cell] = rank + 1
            prefetch(results, (rank + AHEAD) * RESULT_WORDS)
            total += write_row(rank, row, results, rows, ended, identities, start)
    return total


@compiled
def write_others(plan: Plan, results: U32, rows: U32, ended: I64) -> Any:
    """The same for all other rows."""
    order, identities, start, total = plan.order, plan.identities, plan.numbers[START], np.uint64(0)
    for rank in range(plan.numbers[FRESH_ROWS], plan.numbers[ROWS]):
        total += write_row(rank, np.int64(order[rank]), results, rows, ended, identities, start)
    return total


@inner
def due_of(place: Integer, end: Integer, plan: Plan) -> Integer:
    """When the number at this rank falls due, if it is one of those that do so after they are added; else FAR."""
    if place >= end:
        return FAR
    return starts_of(own_terms(np.int64(plan.order[place]), plan), plan)


@compiled
def settle(plan: Plan, state: State) -> None:
    """End the numbers that expired as they were added, or while they waited in a queue behind others."""
    numbers, results = plan.numbers, state.results
    horizon, phase = numbers[HORIZON], numbers[START] % QUARTER
    if not numbers[SHARED]:
        for rank in range(numbers[FRESH_ROWS] + numbers[LATER_ROWS], numbers[ROWS]):
            row = np.int64(plan.order[rank])
            terms = own_terms(row, plan)
            time = np.int64(plan.added[0 if len(plan.added) == 1 else row])
            if max(starts_of(terms, plan), time) >= closes_of(terms, plan) and time < horizon:
                results[rank * RESULT_WORDS + ENDED] = time << 2 | EXPIRED
    for cell in range(natural(numbers[CLASSES]) * PRIORITIES):
        for rank in range(state.fresh_head[cell], state.fresh_tail[cell]):
            closes = closes_of(own_terms(np.int64(plan.order[rank]), plan), plan)
            if closes < horizon:
                expire(rank, closes, cell % PRIORITIES, phase, results, state.waiting)
        state.fresh_head[cell] = state.fresh_tail[cell]
    for queue in range(numbers[FIRST_SECOND]):
        while state.queues[queue * QUEUE_WORDS + HEAD] != NOTHING:
            source = np.int64(state.queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
            terms = np.int64(state.pool[source + 3] & LOW_32)
            closes, priority = closes_of(terms, plan), cell_of(terms, plan) % PRIORITIES
            if closes < horizon:
                rank = np.int64(state.pool[source + 1] & LOW_32)
                expire(rank, closes, priority, phase, results, state.waiting)
            remove(queue, state.now, state.queues, state.next_chunk)


@compiled
def count_list(plan: Plan, state: State) -> None:
    """`waits.of_the_list`: count the seconds before numbers were added, and since they have ended."""
    for rank in range(plan.numbers[ROWS]):
        row = np.int64(plan.order[rank])
        priority = cell_of(own_terms(row, plan), plan) % PRIORITIES
        added = np.int64(plan.added[0 if len(plan.added) == 1 else row])
        if added > 0:
            enter_in(0, NOT_ADDED, priority, 0, 1, plan, state)
            enter(NOT_ADDED, priority, added, -1, plan, state)
        ended = np.int64(state.results[rank * RESULT_WORDS + ENDED])
        if ended & NOT_ENDED != NOT_ENDED and ended != 0:
            enter(ENDED_BEFORE, priority, ended >> 2, 1, plan, state)


# A second (rules 6), step by step


@compiled
def take_in_block(time: Integer, plan: Plan, state: State) -> None:
    """The calendar takes in its next block, and holds its seconds one by one."""
    queues, pool = state.queues, state.pool
    first_second = natural(plan.numbers[FIRST_SECOND])
    block = first_second + RING + (time >> BLOCK_BITS) + 1
    while queues[block * QUEUE_WORDS + HEAD] != NOTHING:
        source = np.int64(queues[block * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
        remove(block, state.now, queues, state.next_chunk)
        second = first_second + (np.int64(w2 >> W24) & (RING - 1))
        target = append_ended(second, np.int64(w1 >> W32), state.now, queues, state.next_chunk) * RECORD_WORDS
        pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3


@step
def end_calls(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Lines become free. If caps are shared, the numbers are scheduled now, by the calls that caps count now."""
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    slot = time & (RING - 1)
    now[IN_USE] -= state.freed[slot]
    state.freed[slot] = 0
    if plan.numbers[SHARED]:
        first_second = natural(plan.numbers[FIRST_SECOND])
        ends = natural((len(queues) >> QUEUE_BITS) - RING) + slot
        while queues[ends * QUEUE_WORDS + HEAD] != NOTHING:
            source = np.int64(queues[ends * QUEUE_WORDS + HEAD]) * RECORD_WORDS
            w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
            remove(ends, now, queues, next_chunk)
            rank, terms, without_caps = np.int64(w1 & LOW_32), np.int64(w3 & LOW_32), np.int64(w2 >> W24)
            due = schedule(without_caps, rank, terms, reason_of(w3, terms, plan), quarter, time, plan, state)
            if 0 <= due < plan.numbers[HORIZON]:
                target = file(due, time, time, now, queues, next_chunk, first_second) * RECORD_WORDS
                pool[target], pool[target + 1] = w0, w1
                pool[target + 2] = np.uint64(due) << W24 | w2 & LOW_24
                pool[target + 3] = w3 | held_flag(due, without_caps)


@inner
def change_windows(time: Integer, plan: Plan, state: State) -> None:
    """Windows open and close."""
    now, open_since, open_until = state.now, state.open_since, state.open_until
    cells = natural(plan.numbers[CLASSES]) * PRIORITIES
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
            state.eligible_now[priority] += sign * state.due[cell]
            if not is_empty(cell, cells, state.queues, state.fresh_head, state.fresh_tail):
                touch(cell, now, state.stale, state.is_stale)


@inner
def change_closures(time: Integer, plan: Plan, state: State) -> None:
    """It changes what closes the classes that are closed."""
    now = state.now
    while now[CLOSURE_PLACE] < len(plan.closure_times):
        if plan.closure_times[now[CLOSURE_PLACE]] > time:
            break
        place = np.int64(plan.closure_classes[now[CLOSURE_PLACE]])
        reason = plan.closure_reasons[now[CLOSURE_PLACE]]
        now[CLOSURE_PLACE] += 1
        for priority in range(PRIORITIES):
            due = state.due[place * PRIORITIES + priority]
            if due > 0 and state.closed_by[place] != OPEN:
                enter(state.closed_by[place], priority, time, -due, plan, state)
            if due > 0 and reason != OPEN:
                enter(reason, priority, time, due, plan, state)
        state.closed_by[place] = reason


@inner
def expire_terms(time: Integer, plan: Plan, state: State) -> None:
    """Numbers expire: they are counted out by their terms, and leave their queues later."""
    now, expiring = state.now, plan.expiring
    while now[EXPIRY_PLACE] < len(expiring) and closes_of(np.int64(expiring[now[EXPIRY_PLACE]]), plan) <= time:
        terms = np.int64(expiring[now[EXPIRY_PLACE]])
        now[EXPIRY_PLACE] += 1
        cell, due = cell_of(terms, plan), state.due_by_terms[terms]
        place, priority = cell // PRIORITIES, cell % PRIORITIES
        state.due[cell] -= due
        if state.open_since[place] < FAR:
            state.eligible_now[priority] -= due
        elif plan.counts_waits[0]:
            enter(state.closed_by[place], priority, time, -due, plan, state)
        state.due_by_terms[terms] = 0
        touch(cell, now, state.stale, state.is_stale)


@step
def add(terms: Integer, count: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Numbers of these terms are added, and fall due now, or when they start."""
    now, cell = state.now, cell_of(terms, plan)
    place, priority = cell // PRIORITIES, cell % PRIORITIES
    due = max(starts_of(terms, plan), time)
    if due >= closes_of(terms, plan):
        return
    state.waiting[quarter, priority] += count
    if due > time:
        if plan.counts_waits[0]:
            enter_in(quarter, BEFORE_START, priority, time, count, plan, state)
            enter(BEFORE_START, priority, due, -count, plan, state)
        return
    if is_empty(cell, natural(plan.numbers[CLASSES]) * PRIORITIES, state.queues, state.fresh_head, state.fresh_tail):
        touch(cell, now, state.stale, state.is_stale)
    state.fresh_tail[cell] += count
    state.due[cell] += count
    state.due_by_terms[terms] += count
    if state.open_since[place] < FAR:
        state.eligible_now[priority] += count
    elif plan.counts_waits[0]:
        enter(state.closed_by[place], priority, time, count, plan, state)


@inner
def add_numbers(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Numbers are added: all of a policy at once, if all of the list are."""
    numbers, now, added = plan.numbers, state.now, plan.added
    rows, each, shared = natural(numbers[ROWS]), natural(numbers[TERMS_EACH]), numbers[SHARED] != 0
    if len(added) == 1 and not shared and now[NEXT_ROW] < rows and added[0] <= time:
        now[NEXT_ROW] = rows
        for policy in range(len(plan.policy_rows)):
            if plan.policy_rows[policy] > 0:
                add(policy * each, np.int64(plan.policy_rows[policy]), time, quarter, plan, state)
    while now[NEXT_ROW] < rows and added[0 if len(added) == 1 else now[NEXT_ROW]] <= time:
        row = natural(now[NEXT_ROW])
        now[NEXT_ROW] += 1
        terms = own_terms(row, plan)
        if not shared:
            add(terms, 1, time, quarter, plan, state)
            continue
        due = max(starts_of(terms, plan), time)  # a row is its rank
        falls_due = schedule(due, row, terms, BEFORE_START, quarter, time, plan, state)
        if 0 <= falls_due < numbers[HORIZON]:
            first_second = natural(numbers[FIRST_SECOND])
            target = file(falls_due, time, time, now, state.queues, state.next_chunk, first_second) * RECORD_WORDS
            write_uncalled(target, row, time, falls_due, terms, plan, state.pool)
            state.pool[target + 3] |= held_flag(falls_due, due)


@inner
def is_empty(cell: Integer, cells: Integer, queues: U32, fresh_head: U32, fresh_tail: U32) -> Truth:
    """Whether no number competes for its cell, once the window is open."""
    of_cell, returned = queues[cell * QUEUE_WORDS + HEAD], queues[(cells + cell) * QUEUE_WORDS + HEAD]
    return of_cell == NOTHING and returned == NOTHING and fresh_head[cell] == fresh_tail[cell]


@inner
def start_numbers(time: Integer, plan: Plan, state: State) -> None:
    """Numbers that start now, after they were added, join those that are due again."""
    numbers, now = plan.numbers, state.now
    later_end = numbers[FRESH_ROWS] + numbers[LATER_ROWS]
    while now[LATER] < later_end:
        rank = natural(now[LATER])
        row = np.int64(plan.order[rank])
        terms = own_terms(row, plan)
        if starts_of(terms, plan) > time:
            break
        now[LATER] += 1
        coming = np.int64(plan.order[rank + AHEAD])
        prefetch(plan.identities, coming)
        prefetch(plan.policies, coming)
        prefetch_terms(own_terms(np.int64(plan.order[rank + AHEAD // 2]), plan), plan, state)
        since = np.int64(plan.added[0 if len(plan.added) == 1 else row])
        second = natural(numbers[FIRST_SECOND]) + (time & (RING - 1))
        target = append_ended(second, since, now, state.queues, state.next_chunk) * RECORD_WORDS
        write_uncalled(target, rank, since, time, terms, plan, state.pool)


@step
def fall_due(time: Integer, plan: Plan, state: State) -> None:
    """Numbers fall due: they leave the calendar in the order in which they were scheduled.

    If their window is open, they join the queue of their priority, else that of their cell.
    """
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    first_second, slot = natural(plan.numbers[FIRST_SECOND]), time & (RING - 1)
    fetch_chunk(np.int64(queues[(first_second + (slot + SOON & (RING - 1))) * QUEUE_WORDS + HEAD]), pool)
    fetch_terms(np.int64(queues[(first_second + (slot + SOON // 2 & (RING - 1))) * QUEUE_WORDS + HEAD]), plan, state)
    queue = first_second + slot
    header = natural(queue) * QUEUE_WORDS
    if queues[header + HEAD] == NOTHING:
        return
    rounds = 1
    if queues[header + DISORDERED] != 0 and not plan.numbers[SHARED]:  # else they were filed as they were scheduled
        rounds = distinct_ends(queue, queues, next_chunk, pool, state.few_ends)
        if rounds == 0:
            piles = natural((len(queues) >> QUEUE_BITS) - PILES)
            put_in_order(queue, piles, now, queues, next_chunk, pool)
            rounds = 1
    never_prompt, some_expire = plan.numbers[CLOSING_FIRST] != 0, len(plan.expiring) > 0
    prompt = first_second - PRIORITIES
    arrivals = now[ARRIVALS]
    last = np.int64(queues[header + TAIL]) - 1
    for round_ in range(rounds):
        source = np.int64(queues[header + HEAD])
        while True:
            if source & (CHUNK - 1) == 0:
                fetch_chunk(np.int64(next_chunk[source >> CHUNK_BITS]) << CHUNK_BITS, pool)
            from_ = source * RECORD_WORDS
            w1 = pool[from_ + 1]
            if rounds == 1 or np.int64(w1 >> W32) == state.few_ends[round_]:
                w0, w2, w3 = pool[from_], pool[from_ + 2], pool[from_ + 3]
                terms = np.int64(w3 & LOW_32)
                cell = cell_of(terms, plan)
                place, priority = cell // PRIORITIES, cell % PRIORITIES
                state.due[cell] += 1
                if some_expire:
                    state.due_by_terms[terms] += 1
                to = prompt + priority
                if state.open_since[place] == FAR:
                    to = cell
                    if plan.counts_waits[0]:
                        enter(state.closed_by[place], priority, time, 1, plan, state)
                else:
                    state.eligible_now[priority] += 1
                    if never_prompt:
                        to = cell
                        touch(cell, now, state.stale, state.is_stale)
                target = append(to, now, queues, next_chunk) * RECORD_WORDS
                pool[target] = w0
                pool[target + 1] = np.uint64(time) << W32 | w1 & LOW_32
                pool[target + 2] = np.uint64(arrivals) << W24 | w2 & LOW_24
                pool[target + 3] = w3
                arrivals += 1
            if source == last:
                break
            source = after(source, next_chunk)
    now[ARRIVALS] = arrivals
    release(queue, now, queues, next_chunk)


# Calls begin: a batch is chosen, then played


@step
def renew(cell: Integer, time: Integer, plan: Plan, state: State) -> None:
    """Enter the first number of a cell in its priority's tournament; those that have expired leave the cell."""
    numbers, queues, pool, fresh_head = plan.numbers, state.queues, state.pool, state.fresh_head
    closing_first, some_expired = numbers[CLOSING_FIRST] != 0, state.now[EXPIRY_PLACE] > 0
    place, priority = cell // PRIORITIES, cell % PRIORITIES
    since, until = state.open_since[place], state.open_until[place]
    returned = natural(numbers[CLASSES]) * PRIORITIES + cell
    high = low = LAST_KEY
    while since < FAR:
        high, low = key_of_queue(cell, since, until, closing_first, queues, pool)
        queue = cell
        other_high, other_low = key_of_queue(returned, since, until, closing_first, queues, pool)
        if comes_before(other_high, other_low, high, low):
            high, low, queue = other_high, other_low, returned
        rank = np.int64(fresh_head[cell])
        if rank < state.fresh_tail[cell]:
            other_high, other_low = key_of_fresh(rank, since, until, closing_first, plan.order, plan.added)
            if comes_before(other_high, other_low, high, low):
                high, low = other_high, other_low
        if not some_expired or high == LAST_KEY:
            break
        source = np.int64(queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        if low >= FRESH:
            terms = own_terms(np.int64(plan.order[rank]), plan)
        else:
            terms, rank = np.int64(pool[source + 3] & LOW_32), np.int64(pool[source + 1] & LOW_32)
        closes = closes_of(terms, plan)
        if closes > time:
            break
        expire(rank, closes, priority, natural(numbers[START]) % QUARTER, state.results, state.waiting)
        if low >= FRESH:
            fresh_head[cell] += 1
        else:
            remove(queue, state.now, queues, state.next_chunk)
        high = low = LAST_KEY
    compete(priority, place, high, low, natural(numbers[TREE]), state.keys, state.winners)


@step
def take(queue: Integer, cell: Integer, target: Integer, plan: Plan, state: State) -> None:
    """The first number of a queue leaves it for this place of the batch."""
    queues, pool, batch = state.queues, state.pool, state.batch
    head = np.int64(queues[queue * QUEUE_WORDS + HEAD])
    if head & (CHUNK - 1) == 0:
        fetch_chunk(np.int64(state.next_chunk[head >> CHUNK_BITS]) << CHUNK_BITS, pool)
        fetch_terms(head, plan, state)
    source = head * RECORD_WORDS
    w0, w1, w2, w3 = pool[source], pool[source + 1], pool[source + 2], pool[source + 3]
    batch[target], batch[target + 1], batch[target + 2], batch[target + 3] = w0, w1, w2, w3
    batch[target + 4] = np.uint64(cell)
    remove(queue, state.now, queues, state.next_chunk)
    rank = np.int64(w1 & LOW_32)
    prefetch(state.results, rank * RESULT_WORDS)
    if plan.numbers[CAPS] > 0:
        prefetch_marks(rank, plan, state.counted)
    state.due[cell] -= 1
    if len(plan.expiring) > 0:
        state.due_by_terms[np.int64(w3 & LOW_32)] -= 1


@step
def take_prompt(
    priority: Integer, high: Any, low: Any, chosen: Integer, most: Integer, time: Integer, plan: Plan, state: State
) -> Integer:
    """Numbers that fell due while their window was open leave their priority's queue, while they come before this key.

    They go to the batch; or back to their cells, if the window has closed since. Returns how many the batch has then.
    """
    now, queues, pool, next_chunk = state.now, state.queues, state.pool, state.next_chunk
    queue = natural(plan.numbers[FIRST_SECOND] - PRIORITIES + priority)
    cells, some_expired = natural(plan.numbers[CLASSES]) * PRIORITIES, now[EXPIRY_PLACE] > 0
    while chosen < most and queues[queue * QUEUE_WORDS + HEAD] != NOTHING:
        source = np.int64(queues[queue * QUEUE_WORDS + HEAD]) * RECORD_WORDS
        w1, w2, w3 = pool[source + 1], pool[source + 2], pool[source + 3]
        due = w1 >> W32
        key = due << W32 | due
        if key > high or (key == high and w2 >> W24 > low):
            break
        cell = cell_of(np.int64(w3 & LOW_32), plan)
        if np.int64(due) < state.open_since[cell // PRIORITIES]:
            w0, returned = pool[source], cells + cell
            remove(queue, now, queues, next_chunk)
            changes = queues[returned * QUEUE_WORDS + HEAD] == NOTHING
            target = append(returned, now, queues, next_chunk) * RECORD_WORDS
            pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3
            if changes:
                touch(cell, now, state.stale, state.is_stale)
                break
            continue
        if some_expired:
            closes = closes_of(np.int64(w3 & LOW_32), plan)
            if closes <= time:
                phase = natural(plan.numbers[START]) % QUARTER
                rank = np.int64(w1 & LOW_32)
                expire(rank, closes, priority, phase, state.results, state.waiting)
                remove(queue, now, queues, next_chunk)
                continue
        take(queue, cell, natural(chosen) * BATCH_WORDS, plan, state)
        chosen += 1
    return chosen


@step
def take_fresh(rank: Integer, cell: Integer, target: Integer, plan: Plan, state: State) -> None:
    """A number that was not called yet goes to this place of the batch."""
    batch, one_segment = state.batch, len(plan.segments) == 1
    row, coming = np.int64(plan.order[rank]), np.int64(plan.order[rank + AHEAD])
    prefetch_terms(own_terms(np.int64(plan.order[rank + AHEAD // 2]), plan), plan, state)
    prefetch(plan.identities, coming)
    prefetch(plan.policies, coming)
    if not one_segment:
        prefetch(plan.segments, coming)
    prefetch(state.results, (rank + AHEAD) * RESULT_WORDS)
    if plan.numbers[CAPS] > 0:
        prefetch_marks(rank, plan, state.counted)
    terms = own_terms(row, plan)
    segment = np.int64(plan.segments[0 if one_segment else row])
    left = series_of(terms, plan)
    batch[target], batch[target + 1], batch[target + 2] = plan.identities[row], np.uint64(rank), np.uint64(0)
    batch[target + 3] = np.uint64(segment) << W40 | np.uint64(left) << W32 | np.uint64(terms)
    batch[target + 4] = np.uint64(cell)
    state.due[cell] -= 1
    if len(plan.expiring) > 0:
        state.due_by_terms[terms] -= 1


@step
def take_run(cell: Integer, chosen: Integer, most: Integer, time: Integer, plan: Plan, state: State) -> Integer:
    """Numbers of the cell that comes first go to the batch, until others come before; returns how many it has then.

    These are numbers of its own queue, of those that returned to it, or of those that were not called yet. None of
    them has expired; the first that has ends the run.
    """
    numbers, queues, pool, added = plan.numbers, state.queues, state.pool, plan.added
    closing_first, some_expired = numbers[CLOSING_FIRST] != 0, state.now[EXPIRY_PLACE] > 0
    tree, cells = natural(numbers[TREE]), natural(numbers[CLASSES]) * PRIORITIES
    place, priority = cell // PRIORITIES, cell % PRIORITIES
    since, until = state.open_since[place], state.open_until[place]
    rank, end = np.int64(state.fresh_head[cell]), np.int64(state.fresh_tail[cell])
    own_low = state.keys[(priority * tree + place) * 2 + 1]
    queue = -1
    high, low = runner_up(priority, place, tree, state.keys, state.winners)
    for number in range(3):  # the other queues from which the next may come
        if number == 2:
            other = natural(numbers[FIRST_SECOND]) - PRIORITIES + priority
            other_high, other_low = key_of_queue(other, 0, until, closing_first, queues, pool)
        else:
            other = number * cells + cell
            other_high, other_low = key_of_queue(other, since, until, closing_first, queues, pool)
        if other_low == own_low:
            queue = other
        elif comes_before(other_high, other_low, high, low):
            high, low = other_high, other_low
    if queue < 0:
        while True:
            take_fresh(rank, cell, natural(chosen) * BATCH_WORDS, plan, state)
            chosen, rank = chosen + 1, rank + 1
            if chosen == most or rank == end:
                break
            if some_expired:
                terms = own_terms(np.int64(plan.order[rank]), plan)
                if closes_of(terms, plan) <= time:
                    break
            own_high, own_low = key_of_fresh(rank, since, until, closing_first, plan.order, added)
            if comes_before(high, low, own_high, own_low):
                break
        state.fresh_head[cell] = rank
        return chosen
    if rank < end:
        other_high, other_low = key_of_fresh(rank, since, until, closing_first, plan.order, added)
        if comes_before(other_high, other_low, high, low):
            high, low = other_high, other_low
    while True:
        take(queue, cell, natural(chosen) * BATCH_WORDS, plan, state)
        chosen += 1
        if chosen == most:
            break
        own_high, own_low = key_of_queue(queue, since, until, closing_first, queues, pool)
        if not comes_before(own_high, own_low, high, low):
            break
        if some_expired:
            head = np.int64(queues[queue * QUEUE_WORDS + HEAD])
            if closes_of(np.int64(pool[head * RECORD_WORDS + 3] & LOW_32), plan) <= time:
                break
    return chosen


@step
def choose(most: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> Integer:
    """The first numbers of all leave their queues for the batch, at most so many (rules 5); returns how many did."""
    now, keys, tree = state.now, state.keys, natural(plan.numbers[TREE])
    shared = plan.numbers[SHARED] != 0
    chosen = priority = 0
    while chosen < most:
        while priority < PRIORITIES and state.eligible_now[priority] == 0:
            priority += 1
        if priority == PRIORITIES:
            break
        while now[STALE] > 0:
            now[STALE] -= 1
            cell = np.int64(state.stale[now[STALE]])
            state.is_stale[cell] = False
            renew(cell, time, plan, state)
        before, level = chosen, priority
        place = np.int64(state.winners[priority * tree * 2 + 1])
        leaf = (priority * tree + place) * 2
        high, low = keys[leaf], keys[leaf + 1]
        chosen = take_prompt(priority, high, low, chosen, most, time, plan, state)
        if now[STALE] == 0 and chosen < most:
            if high == LAST_KEY:
                priority += 1
            else:
                cell = place * PRIORITIES + priority
                chosen = take_run(cell, chosen, most, time, plan, state)
                touch(cell, now, state.stale, state.is_stale)
        state.eligible_now[level] -= chosen - before
        state.waiting[quarter, level] -= chosen - before
        if shared and chosen > before and put_off(before * BATCH_WORDS, time, quarter, plan, state):
            chosen = before
    return chosen


@inner
def put_off(source: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> Truth:
    """Schedule the number at this place of the batch anew if a cap forbids the call now; returns whether one does.

    Others that share a cap may have been called since it was scheduled.
    """
    batch, pool = state.batch, state.pool
    rank, w3, place = np.int64(batch[source + 1] & LOW_32), batch[source + 3], np.int64(batch[source + 4]) // PRIORITIES
    terms = np.int64(w3 & LOW_32)
    redialled = terms % plan.numbers[TERMS_EACH] != 0
    if allowed(time, rank, place, redialled, plan, state) <= time:
        return False
    falls_due = schedule(time, rank, terms, RETRY_INTERVAL, quarter, time, plan, state)
    if 0 <= falls_due < plan.numbers[HORIZON]:
        first_second = natural(plan.numbers[FIRST_SECOND])
        target = file(falls_due, time, time, state.now, state.queues, state.next_chunk, first_second) * RECORD_WORDS
        pool[target], pool[target + 1] = batch[source], np.uint64(time) << W32 | np.uint64(rank)
        pool[target + 2] = np.uint64(falls_due) << W24 | batch[source + 2] & LOW_24
        pool[target + 3] = w3 | held_flag(falls_due, time)
    return True


@inner
def come_to_hour(place: Integer, instant: Integer, plan: Plan, state: State) -> None:
    """Find the local hour of a class at an instant of Unix time."""
    while instant >= plan.span_ends[state.span[place]]:
        state.span[place] += 1
    offset = plan.span_offsets[state.span[place]]
    hour = (instant + offset) // HOUR
    state.hour[place] = hour
    state.hour_of_week[place] = (hour - FIRST_HOUR) % HOURS_A_WEEK
    next_hour = (hour + 1) * HOUR - offset
    state.hour_until[place] = min(next_hour, plan.span_ends[state.span[place]]) - plan.numbers[START]


@step
def draw_luck(chosen: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """What the calls of the batch come to (rules 7), which the timeline and the digest count."""
    numbers, batch, thresholds = plan.numbers, state.batch, plan.thresholds
    seed_word, start = np.uint64(numbers[SEED_WORD]), numbers[START]
    outcomes, attempt_classes = natural(numbers[OUTCOMES]), natural(numbers[ATTEMPT_CLASSES])
    first_local_hour = numbers[FIRST_LOCAL_HOUR]
    begins, calls_hash = np.uint64(start + time) * A_WORD, state.calls_hash[0]
    for number in range(chosen):
        source = number * BATCH_WORDS
        identity, attempts = batch[source], np.int64(batch[source + 2] & LOW_24) + 1
        segment, place = np.int64(batch[source + 3] >> W40 & LOW_16), natural(np.int64(batch[source + 4])) // PRIORITIES
        if time >= state.hour_until[place]:
            come_to_hour(place, start + time, plan, state)
        key = mixed(identity ^ seed_word)
        bits = draw(key, attempts * STREAMS + CALL)
        chance = bits >> W32
        first = segment * attempt_classes + natural(min(attempts, attempt_classes) - 1)
        first = (first * HOURS_A_WEEK + np.int64(state.hour_of_week[place])) * outcomes
        outcome = 0
        for other in range(outcomes - 1):
            outcome += chance >= thresholds[first + other]
        outcome = natural(outcome)
        table = natural(segment * outcomes + outcome)
        quantile = np.int64((bits & LOW_32) >> SECONDS_SHIFT) & np.int64(plan.quantiles[table])
        word = np.uint64(plan.calls[table * TABLE_SIZE + quantile]) << W32 | np.uint64(attempts << 8 | outcome)
        calls_hash += mixed(identity * GOLDEN_WORD + begins + (word & IN_DIGEST) * B_WORD)
        batch[source + CALLED], batch[source + RULE] = word, 0
        state.begun[quarter, outcome] += 1
        state.local_hours[natural(state.hour[place] - first_local_hour), outcome] += 1
    state.calls_hash[0] = calls_hash


@compiled
def draw_redials(chosen: Integer, plan: Plan, state: State) -> None:
    """Which calls of the batch ask for a redial, and by which rule of their outcome (rules 7)."""
    numbers, batch = plan.numbers, state.batch
    seed_word, rules = np.uint64(numbers[SEED_WORD]), natural(numbers[REDIAL_RULES])
    for number in range(chosen):
        source = number * BATCH_WORDS
        word = batch[source + CALLED]
        outcome, _, attempts = call_of(word)
        if word & IS_TOO_SHORT != 0 or plan.redial_thresholds[(outcome + 1) * rules - 1] == 0:
            continue
        chance = draw(mixed(batch[source] ^ seed_word), attempts * STREAMS + REDIAL) >> W32
        rule = 0
        for other in range(rules):
            rule += chance >= plan.redial_thresholds[outcome * rules + other]
        if rule < rules:
            batch[source + RULE] = 1 + plan.redial_first[outcome] + rule


@step
def call_of(word: Any) -> tuple[Integer, Integer, Integer]:
    """The outcome, the seconds and the attempts of a call of the batch."""
    return np.int64(word & LOW_8), np.int64(word >> W32 & MOST_SECONDS), np.int64(word >> W8 & LOW_24)


@step
def completes(word: Any, rule: Integer) -> Truth:
    """Whether nothing follows a call (rules 6)."""
    return (word & COMPLETES != np.uint64(0)) & (rule == 0)


@step
def goes_on(word: Any, left: Integer, rule: Integer, most_attempts: Integer) -> Truth:
    """Whether a number waits for another call, with so many left in its series after this one."""
    is_allowed = (np.int64(word >> W8 & LOW_24) < most_attempts) & ((rule > 0) | (left > 0))
    return is_allowed & (not completes(word, rule))


@compiled
def write_log(chosen: Integer, time: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Write the calls of the batch down."""
    batch, each, first = state.batch, natural(plan.numbers[TERMS_EACH]), natural(state.now[LOGGED])
    for number in range(chosen):
        source, logged = number * BATCH_WORDS, first + number
        outcome, seconds, attempts = call_of(batch[source + CALLED])
        log.number[logged] = plan.order[np.int64(batch[source + 1] & LOW_32)]
        log.attempt[logged], log.time[logged] = attempts, time
        log.seconds[logged], log.outcome[logged] = seconds, outcome
        log.redial[logged] = each > 1 and np.int64(batch[source + 3] & LOW_32) % each != 0
    state.now[LOGGED] = first + chosen


@compiled
def count_for_caps(chosen: Integer, time: Integer, plan: Plan, state: State) -> None:
    """Count the calls of the batch for caps.

    If numbers share none, what caps count changes nothing for a number that has ended.
    """
    numbers, batch, shared = plan.numbers, state.batch, plan.numbers[SHARED] != 0
    each, horizon = natural(numbers[TERMS_EACH]), numbers[HORIZON]
    for number in range(chosen):
        source = number * BATCH_WORDS
        word, w3, rule = batch[source + CALLED], batch[source + 3], np.int64(batch[source + RULE])
        outcome, seconds, _ = call_of(word)
        left, terms = np.int64(w3 >> W32 & LOW_8) - 1, np.int64(w3 & LOW_32)
        if shared or (goes_on(word, left, rule, numbers[MOST_ATTEMPTS]) and time + seconds < horizon):
            place = natural(np.int64(batch[source + 4])) // PRIORITIES
            date = natural(state.hour[place]) // 24 - numbers[FIRST_DATE]
            rank = np.int64(batch[source + 1] & LOW_32)
            count(rank, time, date, outcome, each > 1 and terms % each != 0, plan, state.counted)


@compiled
def count_calls_as_waits(chosen: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Count how long the calls of the batch last."""
    horizon, phase = plan.numbers[HORIZON], natural(plan.numbers[START]) % QUARTER
    for number in range(chosen):
        source = number * BATCH_WORDS
        priority = natural(np.int64(state.batch[source + 4])) % PRIORITIES
        end = time + np.int64(state.batch[source + CALLED] >> W32 & MOST_SECONDS)
        enter_in(quarter, IN_CALL, priority, time, 1, plan, state)
        if end < horizon:
            enter_in(natural(end + phase) // QUARTER, IN_CALL, priority, end, -1, plan, state)


@step
def follow(chosen: Integer, time: Integer, plan: Plan, state: State) -> Integer:
    """The results of the calls of the batch, and what follows when they end (rules 6).

    Numbers that wait for another call stay in the batch, with what their records need; returns how many.
    """
    numbers, batch, results, freed = plan.numbers, state.batch, state.results, state.freed
    horizon, most_attempts, each = numbers[HORIZON], numbers[MOST_ATTEMPTS], natural(numbers[TERMS_EACH])
    nobody, waiting = natural(numbers[ROWS]) * RESULT_WORDS, 0
    for number in range(chosen):
        source = number * BATCH_WORDS
        word, w3, rule = batch[source + CALLED], batch[source + 3], np.int64(batch[source + RULE])
        rank, outcome = np.int64(batch[source + 1] & LOW_32), np.int64(word & LOW_8)
        terms, left = np.int64(w3 & LOW_32), np.int64(w3 >> W32 & LOW_8) - 1
        end = time + np.int64(word >> W32 & MOST_SECONDS)
        freed[end & (RING - 1)] += 1
        going_on, in_time = goes_on(word, left, rule, most_attempts), end < horizon

        # its result; what does not change is not read
        result = rank * RESULT_WORDS
        is_first = word & ATTEMPTS_BITS == FIRST_ATTEMPT
        is_reached = (word & REACHES != np.uint64(0)) & (w3 & WAS_REACHED == np.uint64(0))
        kind = COMPLETED if completes(word, rule) else EXHAUSTED
        ended = ENDED_PENDING if going_on else end << 2 | kind
        results[(result if is_first else nobody) + FIRST_CALL] = time + 1
        results[result + LAST_CALL] = time + 1
        results[(result if is_reached else nobody) + REACHED] = time + 1
        results[result + ENDED] = ended if in_time else ENDED_IN_CALL
        results[result + LAST] = np.int64(word & LOW_32) | np.int64((w3 & WAS_HELD) >> HELD_SHIFT)

        # its record, if it waits for another call
        own = plan.retry_seconds[outcome]
        due = end + (own if own > 0 else retry_of(terms, plan))
        if rule > 0:
            terms = natural(terms // each * each + rule)
            left = series_of(terms, plan)
            due = max(end + plan.redial_after[rule - 1], np.int64(starts_of(terms, plan)))
        target = natural(waiting) * BATCH_WORDS
        batch[target] = batch[source]
        batch[target + 1] = np.uint64(end) << W32 | np.uint64(rank)
        batch[target + 2] = np.uint64(due) << W24 | word >> W8 & LOW_24
        kept = w3 & KEPT_BITS | np.uint64(is_reached) << W56
        batch[target + 3] = kept | np.uint64(left) << W32 | np.uint64(terms)
        waiting += in_time & going_on
    return waiting


@step
def play(chosen: Integer, time: Integer, quarter: Integer, plan: Plan, state: State, log: CallColumns) -> Integer:
    """Play the calls of the batch; how many of its numbers wait for another call. They stay in it."""
    draw_luck(chosen, time, quarter, plan, state)
    if plan.numbers[REDIAL_RULES] > 0:
        call(plan.rare[DRAW_REDIALS], chosen, plan, state)
    if plan.numbers[KEEP_CALLS] != 0:
        call(plan.rare[WRITE_LOG], chosen, time, plan, state, log)
    if plan.counts_waits[0]:
        call(plan.rare[COUNT_WAITS], chosen, time, quarter, plan, state)
    if plan.numbers[CAPS] > 0:
        call(plan.rare[COUNT_FOR_CAPS], chosen, time, plan, state)
    return follow(chosen, time, plan, state)


@step
def file_batch(going_on: Integer, time: Integer, plan: Plan, state: State) -> None:
    """Schedule the numbers of the batch, and file them in the calendar under the seconds in which they fall due."""
    numbers, now, queues, next_chunk = plan.numbers, state.now, state.queues, state.next_chunk
    batch, pool = state.batch, state.pool
    horizon, phase, shared = numbers[HORIZON], natural(numbers[START]) % QUARTER, numbers[SHARED] != 0
    first_second = natural(numbers[FIRST_SECOND])
    for number in range(going_on):
        source = number * BATCH_WORDS
        w0, w1, w2, w3 = batch[source], batch[source + 1], batch[source + 2], batch[source + 3]
        end, due = np.int64(w1 >> W32), np.int64(w2 >> W24)
        if shared:
            ends = natural((len(queues) >> QUEUE_BITS) - RING)
            target = append(ends + (end & (RING - 1)), now, queues, next_chunk) * RECORD_WORDS
        else:
            rank, terms = np.int64(w1 & LOW_32), np.int64(w3 & LOW_32)
            end_quarter = natural(end + phase) // QUARTER
            without_caps = due
            due = schedule(due, rank, terms, reason_of(w3, terms, plan), end_quarter, end, plan, state)
            if not 0 <= due < horizon:
                continue
            w2 = np.uint64(due) << W24 | w2 & LOW_24
            w3 |= held_flag(due, without_caps)
            target = file(due, end, time, now, queues, next_chunk, first_second) * RECORD_WORDS
        pool[target], pool[target + 1], pool[target + 2], pool[target + 3] = w0, w1, w2, w3


@step
def begin_calls(time: Integer, quarter: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Calls begin while lines are free, pacing allows and numbers are eligible.

    All calls of a second begin together and none ends within it. So a batch is chosen, and then played.
    """
    numbers, now = plan.numbers, state.now
    limited = numbers[PACE] > 0
    if limited and time > 0:
        now[ALLOWANCE] = min(now[ALLOWANCE] + numbers[PACE], numbers[MOST_ALLOWANCE])
    largest = 1 if numbers[SHARED] else BATCH  # each call counts for the caps of the next
    while True:
        most = min(now[LINES] - now[IN_USE], largest)
        if limited:
            most = min(most, now[ALLOWANCE] // ONE_CALL)
        if most <= 0:
            return
        chosen = choose(most, time, quarter, plan, state)
        if chosen == 0:
            return
        now[IN_USE] += chosen
        now[BEGUN] += chosen
        now[ALLOWANCE] -= chosen * ONE_CALL
        going_on = play(chosen, time, quarter, plan, state, log)
        file_batch(going_on, time, plan, state)
        if chosen < most:
            return


@compiled
def happen(time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """What is known beforehand to happen in this second happens; then the next such second is found."""
    numbers, now = plan.numbers, state.now
    change_windows(time, plan, state)
    if plan.counts_waits[0]:
        change_closures(time, plan, state)
    expire_terms(time, plan, state)
    while now[LINE_PLACE] < len(plan.line_times) and plan.line_times[now[LINE_PLACE]] <= time:
        now[LINES] = plan.line_counts[now[LINE_PLACE]]
        now[LINE_PLACE] += 1
    add_numbers(time, quarter, plan, state)
    start_numbers(time, plan, state)

    quarter_end = (quarter + 1) * QUARTER - natural(numbers[START]) % QUARTER
    event = min(numbers[HORIZON], quarter_end, ((time >> BLOCK_BITS) + 1) << BLOCK_BITS)
    if now[CHANGE_PLACE] < len(plan.change_times):
        event = min(event, plan.change_times[now[CHANGE_PLACE]])
    if now[EXPIRY_PLACE] < len(plan.expiring):
        event = min(event, closes_of(np.int64(plan.expiring[now[EXPIRY_PLACE]]), plan))
    if now[LINE_PLACE] < len(plan.line_times):
        event = min(event, plan.line_times[now[LINE_PLACE]])
    if plan.counts_waits[0] and now[CLOSURE_PLACE] < len(plan.closure_times):
        event = min(event, plan.closure_times[now[CLOSURE_PLACE]])
    if now[NEXT_ROW] < numbers[ROWS]:
        event = min(event, plan.added[0 if len(plan.added) == 1 else now[NEXT_ROW]])
    now[EVENT] = min(event, due_of(now[LATER], numbers[FRESH_ROWS] + numbers[LATER_ROWS], plan))


@step
def go_on(until: Integer, time: Integer, quarter: Integer, plan: Plan, state: State) -> None:
    """Go to the next second in which anything can happen, at most to `until`, and count what holds until then."""
    numbers, now, freed, queues = plan.numbers, state.now, state.freed, state.queues
    pace, in_use, allowance = numbers[PACE], now[IN_USE], now[ALLOWANCE]
    edge, following = min(until, now[EVENT]), time + 1
    if pace == 0 or in_use >= now[LINES] or allowance >= ONE_CALL:  # else pacing alone holds calls back
        first_second = natural(numbers[FIRST_SECOND])
        slot = following & (RING - 1)
        while following < edge and freed[slot] == 0 and queues[(first_second + slot) * QUEUE_WORDS + HEAD] == NOTHING:
            following += 1
            slot = following & (RING - 1)
    if pace > 0:
        now[ALLOWANCE] = min(allowance + pace * (following - time - 1), numbers[MOST_ALLOWANCE])
    if plan.counts_waits[0]:
        reason = NO_LINES if now[LINES] == 0 else FOR_LINE if in_use >= now[LINES] else FOR_PACE
        first = natural((quarter * REASONS + reason) * PRIORITIES)
        for priority in range(PRIORITIES):
            state.wait_seconds[first + priority] += state.eligible_now[priority] * (following - time)
    state.line_seconds[quarter] += in_use * (following - time)
    state.peak[quarter] = max(state.peak[quarter], in_use)
    now[NOW] = following
    if following == now[EVENT]:  # each quarter ends with one
        for priority in range(PRIORITIES):
            state.eligible[quarter, priority] = state.eligible_now[priority]


@compiled
def advance(until: Integer, most_calls: Integer, plan: Plan, state: State, log: CallColumns) -> None:
    """Play every second before `until`, or fewer.

    It also stops after a second with which more than `most_calls` have begun. `log` has room for the calls that are
    logged until then; it has none if none are.
    """
    now, phase = state.now, natural(plan.numbers[START]) % QUARTER
    enough = now[BEGUN] + most_calls
    while now[NOW] < until and now[BEGUN] <= enough:
        time = natural(now[NOW])
        quarter = (time + phase) // QUARTER
        if time & ((1 << BLOCK_BITS) - 1) == 0:
            call(plan.rare[TAKE_IN_BLOCK], time, plan, state)
        end_calls(time, quarter, plan, state)
        if time >= now[EVENT]:
            call(plan.rare[HAPPEN], time, quarter, plan, state)
        fall_due(time, plan, state)
        begin_calls(time, quarter, plan, state, log)
        go_on(until, time, quarter, plan, state)
