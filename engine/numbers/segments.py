"""Segments: which one each number is in, with the call policy that the number has there (rules 2 and 7)."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.calling.policies import Policies, under_levels
from engine.calling.policy import POLICY_FIELDS, CallPolicy
from engine.customers.outcomes import Segment, segment_thresholds
from engine.luck import SEGMENT, draw, luck_key
from engine.numbers.phonebook import Phonebook
from engine.reading.faults import shown
from engine.reading.notes import Note
from engine.words import counted

BLOCK_ROWS = 1 << 20
"""Rows that are handled at a time, so that memory stays small."""


def segments_of(book: Phonebook, thresholds: NDArray[np.uint64], seed: int) -> NDArray[np.int16]:
    """The segment of each number: chosen by its payload, else drawn by the luck of a seed, else 0 (rules 7).

    `thresholds` are those of `segment_thresholds`. O(n), and O(1) if none is drawn.
    """
    if not thresholds.any():
        return book.segments
    drawable = np.array([*range(1, len(thresholds) + 1), 0], np.int16)
    segments = np.empty(len(book), np.int16)
    for first in range(0, len(book), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        draws = draw(luck_key(seed, book.identities[rows]), 0, SEGMENT) >> np.uint64(32)
        drawn = drawable[np.searchsorted(thresholds, draws, side="right")]
        chosen = book.segments[rows]
        segments[rows] = np.where(chosen > 0, chosen, drawn) if chosen.any() else drawn
    return segments


def with_segments(book: Phonebook, segments: Sequence[Segment], seed: int) -> Phonebook:
    """The phonebook in which what a number leaves out comes from its segment (rules 2).

    A distinct policy costs something for each segment in which it occurs, a number next to nothing. Without a segment
    that has a policy it is the same phonebook.
    """
    levels, of_segments = _levels(segments)
    if len(levels) == 1:
        return book
    pairs = np.empty(len(book), np.int64)
    which = _which(book, segments, seed)
    for first in range(0, len(book), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        pairs[rows] = book.policies[rows] * np.int64(len(levels)) + of_segments[which[rows]]
    policies, distinct = under_levels(pairs, book.distinct, levels)
    return Phonebook(**(book._asdict() | {"policies": policies, "distinct": distinct}))


def draws_policies(segments: Sequence[Segment]) -> bool:
    """Whether luck draws numbers into a segment that has a call policy, so that the seed decides who has it."""
    return any(segment.share and segment.policy != CallPolicy() for segment in segments)


def _which(book: Phonebook, segments: Sequence[Segment], seed: int) -> NDArray[np.int16]:
    """The segment of each number; 0 as well for one that is drawn and has no call policy, if none drawn has one."""
    return segments_of(book, segment_thresholds(segments), seed) if draws_policies(segments) else book.segments


def _levels(segments: Sequence[Segment]) -> tuple[list[CallPolicy], NDArray[np.int64]]:
    """The distinct policies of segments, the empty one first; and for each segment, after that of none, its index."""
    indices = {CallPolicy(): 0}
    of_segments = [0, *(indices.setdefault(segment.policy, len(indices)) for segment in segments)]
    return list(indices), np.array(of_segments)


def unused_fields(book: Phonebook, segments: Sequence[Segment], seed: int) -> Iterator[Note]:
    """Notes on what segments say of the call policy that holds for none of the numbers; `book` is without segments."""
    if not len(book) or all(segment.policy == CallPolicy() for segment in segments):
        return
    which = _which(book, segments, seed)
    counts = np.bincount(which, minlength=len(segments) + 1).tolist()
    for index, segment in enumerate(segments, 1):
        fields = segment.policy.to_json()
        if fields and not counts[index]:
            text = f"the call policy of segment {shown(segment.name)} holds for none of the numbers: none is in it"
            yield Note("segment_policy", text, 0)
        elif fields:
            own = book.distinct.some(np.unique(book.policies[which == index]))
            if beaten := [name for name in fields if _all_have(own, name)]:
                holds = f"{'holds' if len(beaten) == 1 else 'hold'} for none of the numbers"
                numbers = counted(counts[index], "number")
                text = f"{', '.join(beaten)} of segment {shown(segment.name)} {holds}: all have their own ({numbers})"
                yield Note("segment_policy", text, counts[index])


_ATTRIBUTES = {field.name: field.attribute for field in POLICY_FIELDS}


def _all_have(policies: Policies, name: str) -> bool:
    """Whether all these policies give a field."""
    if name == "startDateTime":
        return bool((policies.starts != CallPolicy().starts).all())
    if name == "finishDateTime":
        return bool((policies.finishes != CallPolicy().finishes).all())
    own = {policies.undated[index] for index in np.unique(policies.of_undated).tolist()}
    return all(getattr(policy, _ATTRIBUTES[name]) is not None for policy in own)
