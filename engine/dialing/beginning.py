"""The beginning: the state of a run before its first second, where nobody has been called."""

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import HOUR
from engine.calling.sorting import rows_by
from engine.dialing.closures import OPEN
from engine.dialing.kernel.plan import (
    CLOSES,
    COUNTED,
    FAR,
    FIRST_SECOND,
    FRESH_ROWS,
    HORIZON,
    LATER_ROWS,
    MOST_ALLOWANCE,
    ROWS,
    SHARED,
    STARTS,
    TERMS_EACH,
    TERMS_WORDS,
    TREE,
    Plan,
)
from engine.dialing.kernel.rows import count_fresh, rank_fresh
from engine.dialing.kernel.state import (
    ALLOWANCE,
    BATCH,
    BATCH_WORDS,
    BLOCK_BITS,
    CHUNK,
    FREE_CHUNK,
    NOTHING,
    PILES,
    RECORD_WORDS,
    RING,
    SCALARS,
    State,
)
from engine.dialing.kernel.tournaments import LAST_KEY
from engine.dialing.planning import FURTHEST_LOCAL, in_lines
from engine.dialing.record import PRIORITIES, quarters_in
from engine.dialing.rulebook import Rulebook
from engine.dialing.waits import REASONS

BLOCK_ROWS = 1 << 20
"""Rows that are handled at a time, so that memory stays small."""


def state_of(rulebook: Rulebook, plan: Plan, results: NDArray[np.uint32], spans: NDArray[np.int64]) -> State:
    """The state before any row is ranked. `spans` has the index of each window class's first span.

    `results` is memory of zeros for the results of all rows and of nobody, RESULT_WORDS for each.
    """
    numbers = plan.numbers
    horizon, rows = rulebook.finish - rulebook.start, int(numbers[ROWS])
    classes, tree = len(rulebook.classes), int(numbers[TREE])
    cells, outcomes = PRIORITIES * classes, len(rulebook.model.names)
    quarters = quarters_in(rulebook.start, rulebook.finish)
    waited = quarters * REASONS * PRIORITIES if plan.counts_waits[0] else 0
    seconds, blocks = int(numbers[FIRST_SECOND]), (horizon >> BLOCK_BITS) + 3
    queues = seconds + RING + blocks + PILES + (RING if numbers[SHARED] else 0)
    # One chunk in part for each queue, and one for each CHUNK numbers; as many again where all of them fall due in one
    # second, for its queue is set free when all have gone to their cells. Memory is taken only when a chunk is used.
    chunks = 2 * (rows // CHUNK) + min(rows, queues) + 1
    local_hours = (horizon + 2 * FURTHEST_LOCAL) // HOUR + 2
    now = np.zeros(SCALARS, np.int64)
    now[FREE_CHUNK] = NOTHING
    now[ALLOWANCE] = numbers[MOST_ALLOWANCE]
    firsts = rulebook.classes.columns.firsts[:-1]
    keys, winners = _tournaments(tree, np.unique(rulebook.terms.columns.priority).tolist())
    return State(
        now=now,
        calls_hash=np.zeros(1, np.uint64),
        fresh_head=np.zeros(cells, np.uint32),
        fresh_tail=np.zeros(cells, np.uint32),
        queues=np.tile(np.array([NOTHING, 0, 0, 0], np.uint32), queues),
        pool=in_lines(chunks * CHUNK * RECORD_WORDS, np.uint64),
        next_chunk=np.empty(chunks, np.uint32),
        freed=np.zeros(RING, np.int32),
        due=np.zeros(cells, np.int64),
        due_by_terms=np.zeros(len(plan.terms) // TERMS_WORDS, np.int64),
        eligible_now=np.zeros(PRIORITIES, np.int64),
        open_since=np.full(classes, FAR, np.int64),
        open_until=np.full(classes, FAR, np.int64),
        window=firsts.astype(np.int64),
        span=spans.copy(),
        hour_until=np.full(classes, -1, np.int64),
        hour=np.zeros(classes, np.int64),
        hour_of_week=np.zeros(classes, np.uint32),
        keys=keys,
        winners=winners,
        stale=np.zeros(cells, np.uint32),
        is_stale=np.zeros(cells, np.bool_),
        results=results,
        batch=np.zeros(BATCH * BATCH_WORDS, np.uint64),
        begun=np.zeros((quarters, outcomes), np.int64),
        line_seconds=np.zeros(quarters, np.int64),
        peak=np.zeros(quarters, np.int64),
        eligible=np.zeros((quarters, PRIORITIES), np.int64),
        waiting=np.zeros((quarters, PRIORITIES), np.int64),
        local_hours=np.zeros((local_hours, outcomes), np.int64),
        few_ends=np.zeros(8, np.int64),
        closed_by=np.full(classes, OPEN, np.int64),
        wait_seconds=np.zeros(waited, np.int64),
        wait_numbers=np.zeros(waited, np.int64),
        counted=np.zeros(numbers[COUNTED], np.uint32),
    )


def _tournaments(tree: int, priorities: list[int]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """The keys and winners of the priorities' tournaments before any class has entered.

    The memory of a priority that nobody has is not touched, but for the winner that it never gets.
    """
    keys = np.zeros((PRIORITIES, tree, 2), np.uint64)
    winners = np.zeros((PRIORITIES, tree * 2), np.uint32)
    keys[:, 0] = LAST_KEY
    nodes = np.arange(tree * 2)
    levels = np.frexp(nodes)[1]  # the bit lengths
    leftmost = (nodes << (tree.bit_length() - np.maximum(levels, 1))) - tree  # of the node's leaves
    for priority in priorities:
        keys[priority - 1] = LAST_KEY
        winners[priority - 1] = leftmost
    return keys.ravel(), winners.ravel()


def ranked(plan: Plan, cells: int) -> NDArray[np.uint32]:
    """Put the rows of a plan in order; returns where the ranks of each cell begin.

    Where numbers may share a cap, all are scheduled as they are added, and a row is its rank.
    """
    counts, rows = np.zeros(cells, np.uint32), len(plan.policies)
    count_fresh(plan, counts)
    firsts, fresh = (np.cumsum(counts) - counts).astype(np.uint32), int(counts.sum())
    rank_fresh(plan, firsts.copy())
    if fresh < rows:
        later = np.zeros(0, np.uint32) if plan.numbers[SHARED] else _later(plan)
        never = np.ones(rows, np.bool_)
        never[plan.order[:fresh]] = False
        never[later] = False
        plan.numbers[LATER_ROWS] = len(later)
        plan.order[fresh:rows] = np.concatenate([later, np.flatnonzero(never)])
    plan.numbers[FRESH_ROWS] = fresh
    return firsts


def _later(plan: Plan) -> NDArray[np.uint32]:
    """The rows that fall due after they are added, by the second of it."""
    each, horizon = int(plan.numbers[TERMS_EACH]), int(plan.numbers[HORIZON])
    own = plan.terms.reshape(-1, TERMS_WORDS)[::each]
    starts = own[:, STARTS].copy()
    coming = (starts > plan.added.min()) & (starts < own[:, CLOSES]) & (starts < horizon)
    rows = []
    for first in range(0, len(plan.policies), BLOCK_ROWS):
        policies = plan.policies[first : first + BLOCK_ROWS]
        later = coming[policies]
        if len(plan.added) > 1:
            later &= starts[policies] > plan.added[first : first + BLOCK_ROWS]
        rows.append(np.flatnonzero(later).astype(np.uint32) + np.uint32(first))
    found = np.concatenate(rows)
    return found[rows_by(starts[plan.policies[found]])]
