"""Open windows: the hours of a week and a zone to the seconds at which calls may start.

A week is what sections 2 and 3 of the rules leave of `allowedDays` and `allowedTime`: a set of intervals of local
wall-clock seconds, Monday 00:00 being 0. Because a wall-clock time is open or not by its weekday and time of day
alone, a zone's stretch of constant offset is the same week again and again, shifted; windows are cut from those
stretches and joined where they touch. Nothing here steps through seconds.

The cost is that of the windows found: O(weeks x intervals + offset changes).
"""

from datetime import tzinfo
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, DAY, FIRST_DATED, LAST_DATED, NEVER, WEEK
from engine.calling.zones import offset_spans

Instants = NDArray[np.int64]

Week = tuple[tuple[int, int], ...]
"""Sorted, disjoint, untouching intervals `[from, to)` of local seconds since Monday 00:00, within one week."""
WHOLE_WEEK: Week = ((0, WEEK),)
FIRST_MONDAY = 4 * DAY
"""1970-01-05T00:00, the first Monday of Unix time."""
LONGEST_WINDOW = 4 * WEEK
"""A window of a week that is not whole is shorter than this, even where a clock change skips its closed hours."""


LAST_LOOKED_AT = 7_258_118_400
"""The year 2200. Several zones may agree in some weeks of the year alone, or from some year on: all are looked at."""


class Windows(NamedTuple):
    """Open windows `[starts[i], ends[i])` in Unix seconds: int64 arrays, ascending, never touching."""

    starts: Instants
    ends: Instants


def joined(intervals: list[tuple[int, int]]) -> Week:
    """The union of intervals of a week's seconds; what runs past Sunday's end goes on at Monday's start."""
    pieces = [
        piece for start, end in intervals for piece in ((start, min(end, WEEK)), (0, end - WEEK)) if piece[0] < piece[1]
    ]
    union: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return tuple(union)


def open_windows(week: Week, zone: tzinfo, start: int, finish: int) -> Windows:
    """The open windows of `week` in `zone`, cut to `[start, finish)`."""
    if not week or start >= finish:
        return Windows(np.empty(0, np.int64), np.empty(0, np.int64))
    if week == WHOLE_WEEK:
        return Windows(np.array([start]), np.array([finish]))
    hours = np.array(week, np.int64)
    starts, ends = [], []
    for since, until, offset in offset_spans(zone, start, finish):
        first, last = (since + offset - FIRST_MONDAY) // WEEK, (until - 1 + offset - FIRST_MONDAY) // WEEK
        mondays = FIRST_MONDAY - offset + WEEK * np.arange(first, last + 1, dtype=np.int64)
        starts.append(np.maximum((mondays[:, None] + hours[:, 0]).ravel(), since))
        ends.append(np.minimum((mondays[:, None] + hours[:, 1]).ravel(), until))
    opens, closes = np.concatenate(starts), np.concatenate(ends)
    kept = opens < closes
    opens, closes = opens[kept], closes[kept]
    apart = opens[1:] > closes[:-1]
    return (
        Windows(opens[np.concatenate(([True], apart))], closes[np.concatenate((apart, [True]))])
        if len(opens)
        else Windows(opens, closes)
    )


def open_in_all(week: Week, zones: tuple[tzinfo, ...], start: int, finish: int) -> Windows:
    """When `week` is open in every one of the zones at once, cut to `[start, finish)`."""
    starts, ends = open_windows(week, zones[0], start, finish)
    for zone in zones[1:]:
        others = open_windows(week, zone, start, finish)
        moments = np.unique(np.concatenate((starts, ends, others.starts, others.ends)))
        both = _is_open(Windows(starts, ends), moments) & _is_open(others, moments)
        edges = np.diff(np.concatenate(([False], both, [False])).astype(np.int8))
        starts, ends = moments[np.flatnonzero(edges == 1)], moments[np.flatnonzero(edges == -1)]
    return Windows(starts, ends)


def _is_open(windows: Windows, moments: Instants) -> NDArray[np.bool_]:
    places = np.searchsorted(windows.ends, moments, side="right")
    return (places < len(windows.ends)) & (np.append(windows.starts, NEVER)[places] <= moments)


@cache
def whole_windows(week: Week, zones: tuple[tzinfo, ...], start: int, finish: int) -> Windows:
    """The windows that meet `[start, finish)`, whole: not cut at its ends.

    A window without a start begins at ALWAYS, one without an end ends at NEVER (rules 3).
    """
    if week == WHOLE_WEEK:
        return Windows(np.array([ALWAYS]), np.array([NEVER]))
    starts, ends = open_in_all(week, zones, start - LONGEST_WINDOW, finish + LONGEST_WINDOW)
    meets = (ends > start) & (starts < finish)
    return Windows(starts[meets], ends[meets])


@cache
def last_close(week: Week, zones: tuple[tzinfo, ...], finish: int) -> int:
    """The instant from which on no open second is left before `finish`: the end of the last window, cut there.

    ALWAYS if the week never opens, or not in all of several zones at once since 1970; NEVER if `finish` is.
    """
    if not week:
        return ALWAYS
    if week == WHOLE_WEEK or (finish >= NEVER and len(zones) == 1):
        return finish
    if finish >= NEVER:
        return NEVER if len(open_in_all(week, zones, 0, LAST_LOOKED_AT).ends) else ALWAYS
    finish = min(max(finish, FIRST_DATED), LAST_DATED)
    ends = open_in_all(week, zones, finish - LONGEST_WINDOW, finish).ends
    if not len(ends) and len(zones) > 1:
        ends = open_in_all(week, zones, min(finish, 0), finish).ends
    return int(ends[-1]) if len(ends) else ALWAYS


def next_open(week: Week, zones: tuple[tzinfo, ...], instant: int) -> int | None:
    """The first open second at or after `instant`, or None if the week never opens or the calendar ends first."""
    if not week or instant >= LAST_DATED:
        return None
    starts = open_in_all(week, zones, instant, instant + LONGEST_WINDOW).starts
    if not len(starts) and len(zones) > 1:
        starts = open_in_all(week, zones, instant, max(instant, LAST_LOOKED_AT)).starts
    return int(starts[0]) if len(starts) else None
