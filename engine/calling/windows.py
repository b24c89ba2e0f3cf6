"""Open windows: the seconds at which calls may start, found from the hours of a week and a zone.

A week is made of `allowedDays` and `allowedTime` (rules 2 and 3): a set of intervals of local wall-clock seconds since
Monday 00:00. The weekday and the time of day alone say whether a wall-clock time is open. So the same week repeats for
as long as a zone keeps its offset. Windows are made for each such span, and joined where they touch. Nothing here
steps through seconds.

A number that may be in any of several zones is open when the week is open in all of them: its windows are the
intersection of the zones' windows.

On closed dates nothing is open: windows are then the intersection of the week's with the stretches of open dates. There
are finitely many closed dates, so the first stretch begins at ALWAYS and the last one ends at NEVER.

The cost grows with the windows found: O(weeks x intervals + offset changes), for each zone; and with the closed dates.
"""

from datetime import tzinfo
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, DAY, EARLIEST, FIRST_DATED, LAST_DATED, LATEST, NEVER, WEEK
from engine.calling.zones import Zone, offset_at, offset_spans

Instants = NDArray[np.int64]

Week = tuple[tuple[int, int], ...]
"""Sorted, disjoint, untouching intervals `[from, to)` of local seconds since Monday 00:00, within one week."""
WHOLE_WEEK: Week = ((0, WEEK),)
Days = tuple[int | tuple[int, int], ...]
"""Closed dates as days since 1970-01-01, and closed parts of dates `[from, to)` in local seconds since then, ascending.

They ascend by their first second; parts may meet dates and each other.
"""
FIRST_MONDAY = 4 * DAY
"""1970-01-05T00:00, the first Monday of Unix time."""
LONGEST_WINDOW = 4 * WEEK
"""Any window is shorter than this, unless the whole week is open: a clock change may skip closed hours.

And without closed dates there is one in any such time.

A window of several zones lies within a window of each, so it is shorter, too. But several zones may have no window for
longer than this.
"""
FAR_APART = 14
"""Closed dates more days apart are looked at one by one: nobody asks for changes of the clock between them."""
SEASONS = 2 * 366 * DAY
"""Two years: what several zones have in common changes with their clocks, which mostly change alike every year."""


class Windows(NamedTuple):
    """Open windows `[starts[i], ends[i])` in Unix seconds: int64 arrays, ascending, never touching."""

    starts: Instants
    ends: Instants


def joined(intervals: list[tuple[int, int]]) -> Week:
    """The union of intervals of a week's seconds; what runs past the end of Sunday goes on at the start of Monday."""
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


def open_windows(week: Week, zone: Zone, start: int, finish: int, closed: Days = ()) -> Windows:
    """The open windows of `week` in `zone` on dates that are not `closed`, cut to `[start, finish)`."""
    if closed:
        return intersection(open_windows(week, zone, start, finish), open_dates(closed, zone))
    if not week or start >= finish:
        return Windows(np.empty(0, np.int64), np.empty(0, np.int64))
    if week == WHOLE_WEEK:
        return Windows(np.array([start]), np.array([finish]))
    if isinstance(zone, tuple):
        return _common_windows(week, zone, start, finish)
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


def _common_windows(week: Week, zones: tuple[tzinfo, ...], start: int, finish: int) -> Windows:
    offsets = {zone: offset_at(zone, start) for zone in zones}
    middle = (min(offsets.values()) + max(offsets.values())) / 2
    common = Windows(np.array([start]), np.array([finish]))
    for zone in sorted(
        zones, key=lambda each: -abs(offsets[each] - middle)
    ):  # outermost first: they have the least in common
        if len(common.starts):
            common = intersection(common, open_windows(week, zone, start, finish))
    return common


def intersection(one: Windows, other: Windows) -> Windows:
    """The windows of the seconds that are in both; they are maximal if the given ones are."""
    return pieces(one, other)[1]


def pieces(one: Windows, other: Windows) -> tuple[Instants, Windows]:
    """What each window of one, in whatever order they are, has in common with the others; and whose piece each is."""
    first = np.searchsorted(other.ends, one.starts, side="right")
    met = np.searchsorted(other.starts, one.ends, side="left") - first
    mine = np.repeat(np.arange(len(met)), met)
    theirs = np.arange(len(mine)) + np.repeat(first - np.cumsum(met) + met, met)
    starts, ends = np.maximum(one.starts[mine], other.starts[theirs]), np.minimum(one.ends[mine], other.ends[theirs])
    return mine, Windows(starts, ends)


@cache
def open_dates(closed: Days, zone: Zone) -> Windows:
    """The seconds whose date is none of `closed`, by the clock of the zone, or of each of several (rules 3).

    The first stretch begins at ALWAYS, the last one ends at NEVER. O(closed dates), for each zone.
    """
    days = [(each * DAY, (each + 1) * DAY) if isinstance(each, int) else each for each in closed]
    parts = np.array(days, np.int64).reshape(-1, 2)
    closes, opens = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for each in zone if isinstance(zone, tuple) else (zone,):
        for near in np.split(parts, np.flatnonzero(np.diff(parts[:, 0]) > FAR_APART * DAY) + 1) if closed else ():
            for since, until, offset in offset_spans(each, int(near[0, 0]) - DAY, int(near[-1, 1]) + DAY):
                closes.append(np.maximum(near[:, 0] - offset, since))
                opens.append(np.minimum(near[:, 1] - offset, until))
    starts, ends = np.concatenate(closes), np.concatenate(opens)
    order = np.argsort(starts, kind="stable")
    order = order[(starts < ends)[order]]
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    apart = starts[1:] > ends[:-1]
    if len(starts):
        starts, ends = starts[np.concatenate(([True], apart))], ends[np.concatenate((apart, [True]))]
    return Windows(np.concatenate(([ALWAYS], ends)), np.concatenate((starts, [NEVER])))


@cache
def whole_windows(week: Week, zone: Zone, start: int, finish: int, closed: Days = ()) -> Windows:
    """The windows that meet `[start, finish)`, not cut at its ends.

    A window without a start begins at ALWAYS, one without an end ends at NEVER (rules 3).
    """
    if closed:
        starts, ends = intersection(whole_windows(week, zone, start, finish), open_dates(closed, zone))
    elif week == WHOLE_WEEK:
        return Windows(np.array([ALWAYS]), np.array([NEVER]))
    else:
        starts, ends = open_windows(week, zone, start - LONGEST_WINDOW, finish + LONGEST_WINDOW)
    meets = (ends > start) & (starts < finish)
    return Windows(starts[meets], ends[meets])


@cache
def last_close(
    week: Week, zone: Zone, finish: int, played: tuple[int, int] = (EARLIEST, LATEST), closed: Days = ()
) -> int:
    """The instant from which no open second is left before `finish`: the end of the last window, cut at `finish`.

    ALWAYS if the week never opens; NEVER if `finish` is NEVER. Hours that several zones have in common are looked for
    in the two years before `finish`, and from the start of `played` (the simulated time) to two years after its end.
    """
    if not week:
        return ALWAYS
    if isinstance(zone, tuple) and week != WHOLE_WEEK:
        return _last_common_close(week, zone, finish, played, closed)
    if closed:
        dates, close = open_dates(closed, zone), last_close(week, zone, finish)
        while (until := int(last_on(dates, np.array([close]))[0])) < close:
            close = last_close(week, zone, until)
        return close
    if week == WHOLE_WEEK:
        return finish
    if finish >= NEVER:
        return NEVER
    finish = min(max(finish, FIRST_DATED), LAST_DATED)
    return int(open_windows(week, zone, finish - LONGEST_WINDOW, finish).ends[-1])


def last_on(dates: Windows, closes: Instants) -> Instants:
    """For each close the same, if the second before it is on an open date; else the end of the last one before it."""
    return np.minimum(closes, dates.ends[np.searchsorted(dates.starts, closes, side="left") - 1])


def _last_common_close(
    week: Week, zones: tuple[tzinfo, ...], finish: int, played: tuple[int, int], closed: Days
) -> int:
    latest = LATEST if finish >= NEVER else min(max(finish, FIRST_DATED), LAST_DATED)
    recent = (latest - LONGEST_WINDOW, latest), (latest - SEASONS, latest - LONGEST_WINDOW)
    for since, until in (*recent, (played[0], min(latest - SEASONS, played[1] + SEASONS))):
        ends = open_windows(week, zones, since, until, closed).ends
        if len(ends):
            return NEVER if finish >= NEVER and since >= latest - SEASONS else int(ends[-1])
    return ALWAYS


def next_open(week: Week, zone: Zone, instant: int, closed: Days = ()) -> int | None:
    """The first open second at or after `instant`, or None if the week never opens or the calendar ends first."""
    if closed:
        dates, second = open_dates(closed, zone), next_open(week, zone, instant)
        while second is not None:
            opens = int(dates.starts[np.searchsorted(dates.ends, second, side="right")])
            if opens <= second:
                break
            second = next_open(week, zone, opens)
        return second
    if not week or instant >= LAST_DATED:
        return None
    looks = (LONGEST_WINDOW,) if isinstance(zone, tzinfo) else (LONGEST_WINDOW, SEASONS, LATEST - instant)
    since = instant
    for ahead in looks:
        starts = open_windows(week, zone, since, instant + ahead).starts
        if len(starts):
            return int(starts[0])
        since = instant + ahead
    return None
