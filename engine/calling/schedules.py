"""Schedules: the weeks of many call policies as columns, and their windows found together.

What `windows` finds for one week is found here for thousands at a time, with the same answers: lists in which each
number has hours of its own have as many weeks as numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timezone
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.columns import distinct
from engine.calling.hours import AllowedTime, Interval, Weekdays, week_of
from engine.calling.instants import ALWAYS, DAY, FIRST_DATED, LAST_DATED, NEVER, WEEK
from engine.calling.windows import (
    FIRST_MONDAY,
    LONGEST_WINDOW,
    WHOLE_WEEK,
    Days,
    Instants,
    Week,
    Windows,
    last_close,
    last_on,
    open_dates,
    pieces,
    whole_windows,
)
from engine.calling.zones import Zone, offset_at, offset_spans

BLOCK = 1 << 13
"""So many weeks are handled at a time, so that memory stays small."""
BLOCK_ROWS = 1 << 16
"""The same for what needs less memory."""
CALENDAR_WEEKS = 1 << 14
"""Windows are looked for in so many weeks of the calendar at a time, those of all rows together."""
MARGIN = 2 * DAY
"""Windows are looked for so long before and after the time that is asked for; longer ones are looked for alone."""


class Hours(NamedTuple):
    """`allowedDays` and `allowedTime` of many policies, all levels filled in; a row for each."""

    days: Sequence[Weekdays | None]
    times: Sequence[AllowedTime | None]


class Schedules(NamedTuple):
    """Weeks, one after the other: week i has the intervals from firsts[i] to before firsts[i + 1]."""

    starts: NDArray[np.int32]
    """[interval]: local seconds since Monday 00:00, as in `windows.Week`."""
    ends: NDArray[np.int32]
    firsts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.firsts) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """[week]: its intervals."""
        return np.diff(self.firsts)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """[week]: whether all of it is open."""
        first = np.minimum(self.firsts[:-1], len(self.starts) - 1)
        long = self.ends[first] - self.starts[first] == WEEK if len(self.starts) else np.zeros(len(self), np.bool_)
        whole: NDArray[np.bool_] = (self.counts == 1) & long
        return whole

    def week(self, place: int) -> Week:
        """One of the weeks."""
        rows = slice(self.firsts[place], self.firsts[place + 1])
        return tuple(zip(self.starts[rows].tolist(), self.ends[rows].tolist(), strict=True))


NO_SCHEDULES = Schedules(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(1, np.int64))


def schedules_of(hours: Hours) -> Schedules:
    """The weeks of these hours, as `hours.week_of` has them. O(n log n)."""
    daily: list[tuple[Interval, ...]] = []
    odd: list[tuple[int, int]] = []
    daily_weeks, odd_weeks = [], []
    for place, (days, own) in enumerate(zip(*hours, strict=True)):
        if days is None and own is not None and own.count(own[0]) == len(own):
            daily.append(own[0])
            daily_weeks.append(place)
        else:
            week = week_of(days, own)
            odd += week
            odd_weeks += [place] * len(week)
    of_days = _pairs(chain.from_iterable(daily)).reshape(-1, 1, 2) + (np.arange(7) * DAY)[:, None]
    intervals = np.concatenate((of_days.reshape(-1, 2), _pairs(odd)))
    weeks = np.repeat(np.array(daily_weeks, np.int64), [7 * len(own) for own in daily])
    weeks = np.concatenate((weeks, np.array(odd_weeks, np.int64)))
    return _joined(weeks, intervals[:, 0], intervals[:, 1], len(hours.days))


def _pairs(intervals: Iterable[tuple[int, int]]) -> Instants:
    return np.fromiter(chain.from_iterable(intervals), np.int64).reshape(-1, 2)


def _joined(weeks: Instants, starts: Instants, ends: Instants, count: int) -> Schedules:
    """The union of each week's intervals, as `windows.joined` has it."""
    over = np.flatnonzero(ends > WEEK)
    weeks = np.concatenate((weeks, weeks[over]))
    starts, ends = (
        np.concatenate((starts, starts[over] * 0)),
        np.concatenate((np.minimum(ends, WEEK), ends[over] - WEEK)),
    )
    apart = weeks * (2 * WEEK)  # so that no week reaches the next
    order = np.argsort(apart + starts, kind="stable")
    weeks, starts, ends, apart = weeks[order], starts[order], ends[order], apart[order]
    reached = np.maximum.accumulate(ends + apart)
    begins = np.ones(len(starts), np.bool_)
    begins[1:] = (starts + apart)[1:] > reached[:-1]
    last = np.append(begins[1:], True)[: len(begins)]
    firsts = np.concatenate(([0], np.cumsum(np.bincount(weeks[begins], minlength=count))))
    return Schedules(starts[begins].astype(np.int32), (reached - apart)[last].astype(np.int32), firsts)


class KnownWeeks:
    """Weeks that came so far, each once; more may come."""

    def __init__(self, within: Week = WHOLE_WEEK) -> None:
        self._within = Windows(*np.array(within, np.int64).reshape(-1, 2).T) if within != WHOLE_WEEK else None
        """What weeks are narrowed to, if to anything."""
        self._places: dict[bytes, int] = {}
        self.schedules = NO_SCHEDULES

    def copy(self) -> "KnownWeeks":
        """The same weeks; what either learns is its own."""
        other = KnownWeeks()
        other._within, other._places, other.schedules = self._within, self._places.copy(), self.schedules
        return other

    def places_of(self, hours: Hours) -> NDArray[np.int32]:
        """The place in `schedules` of the week of each of these hours. O(n log n)."""
        places, new = [np.zeros(0, np.int32)], [self.schedules]
        for first in range(0, len(hours.days), BLOCK):
            some = schedules_of(Hours(hours.days[first : first + BLOCK], hours.times[first : first + BLOCK]))
            if self._within is not None:
                some = _narrowed(some, self._within)
            known = len(self._places)
            intervals = np.stack((some.starts, some.ends), axis=1).tobytes()
            edges = (some.firsts * 2 * some.starts.itemsize).tolist()
            keys = [intervals[start:end] for start, end in pairwise(edges)]
            found = np.array([self._places.setdefault(key, len(self._places)) for key in keys], np.int32)
            places.append(found)
            firsts, _ = distinct(found, len(self._places))
            new.append(_some(some, firsts[found[firsts] >= known]))
        if len(self._places) > len(self.schedules):
            self.schedules = _one_behind_the_other(new)
        return np.concatenate(places)


def _narrowed(schedules: Schedules, within: Windows) -> Schedules:
    """What each week has in common with one of them."""
    mine, left = pieces(Windows(schedules.starts.astype(np.int64), schedules.ends.astype(np.int64)), within)
    week = np.repeat(np.arange(len(schedules)), schedules.counts)[mine]
    counts = np.bincount(week, minlength=len(schedules))
    firsts = np.concatenate(([0], np.cumsum(counts)))
    return Schedules(left.starts.astype(np.int32), left.ends.astype(np.int32), firsts)


def _one_behind_the_other(parts: Sequence[Schedules]) -> Schedules:
    starts, ends = np.concatenate([part.starts for part in parts]), np.concatenate([part.ends for part in parts])
    counts = np.concatenate([part.counts for part in parts])
    return Schedules(starts, ends, np.concatenate(([0], np.cumsum(counts))))


def last_closes(
    schedules: Schedules,
    of_week: NDArray[np.integer],
    zones: Sequence[Zone],
    of_zone: NDArray[np.integer],
    finishes: Instants,
    played: tuple[int, int],
    closed: Days = (),
) -> Instants:
    """`windows.last_close` of each row: of its week and its zone, given as indices, before its finish."""
    closes = np.empty(len(finishes), np.int64)
    apart = _apart(schedules)
    for first in range(0, len(finishes), BLOCK_ROWS):
        rows = slice(first, first + BLOCK_ROWS)
        places = of_week[rows].astype(np.int64)
        last = _last_closes(schedules, apart, places, zones, of_zone[rows], finishes[rows], played, closed)
        left = np.arange(len(last) if closed else 0)
        while len(left):  # what closes on a closed date closed before it
            until = last[left]
            for zone in np.unique(of_zone[rows][left]).tolist():
                there = of_zone[rows][left] == zone
                until[there] = last_on(open_dates(closed, zones[zone]), until[there])
            earlier = until < last[left]
            left, until = left[earlier], until[earlier]
            last[left] = _last_closes(schedules, apart, places[left], zones, of_zone[rows][left], until, played, closed)
        closes[rows] = last
    return closes


def _apart(schedules: Schedules) -> Instants:
    """The starts of all weeks' intervals, ascending: those of each week lie far behind those of the one before."""
    return np.repeat(np.arange(len(schedules)) * (2 * WEEK), schedules.counts) + schedules.starts


def _last_closes(
    schedules: Schedules,
    apart: Instants,
    places: Instants,
    zones: Sequence[Zone],
    of_zone: NDArray[np.integer],
    finishes: Instants,
    played: tuple[int, int],
    closed: Days,
) -> Instants:
    """`last_close` of each row, but for closed dates where the zone is one, or the whole week is open."""
    never, whole = (schedules.counts == 0)[places], schedules.whole[places]
    closes = np.where(never, ALWAYS, np.where(whole, finishes, NEVER))
    simple = np.array([not isinstance(zone, tuple) for zone in zones], np.bool_)[of_zone]
    alone = np.flatnonzero(~simple & ~never & ~whole).tolist()
    asked = np.flatnonzero(simple & ~never & ~whole & (finishes < NEVER))
    if len(asked):
        last = np.clip(finishes[asked], FIRST_DATED, LAST_DATED) - 1
        offsets, since = _offsets_in(zones, of_zone[asked], last)
        second, place = (last + offsets - FIRST_MONDAY) % WEEK, places[asked]
        interval = np.searchsorted(apart, second + place * (2 * WEEK), side="right") - 1
        before = interval < schedules.firsts[place]  # then it is the last of the week before
        interval = np.where(before, schedules.firsts[place + 1] - 1, interval)
        end = np.where(before, schedules.ends[interval] - WEEK, np.minimum(schedules.ends[interval], second + 1))
        closes[asked] = last - second + end
        alone += asked[closes[asked] <= since].tolist()  # it lies before a clock change
    for row in alone:
        week = schedules.week(int(places[row]))
        closes[row] = last_close(week, zones[of_zone[row]], int(finishes[row]), played, closed)
    return closes


def _offsets_in(zones: Sequence[Zone], of_zone: NDArray[np.integer], instants: Instants) -> tuple[Instants, Instants]:
    """`_offsets_at` of each row in its zone; once for a zone whose clock does not change between the instants."""
    ends = np.array([instants.min(), instants.max()])
    offsets, since = np.zeros(len(zones), np.int64), np.zeros(len(zones), np.int64)
    changing = []
    for zone in np.flatnonzero(np.bincount(of_zone)).tolist():
        (offsets[zone], _), (since[zone], last) = _offsets_at(zones[zone], ends)
        if since[zone] != last:
            changing.append(zone)
    offsets, since = offsets[of_zone], since[of_zone]
    for zone in changing:
        rows = np.flatnonzero(of_zone == zone)
        offsets[rows], since[rows] = _offsets_at(zones[zone], instants[rows])
    return offsets, since


def _offsets_at(zone: Zone, instants: Instants) -> tuple[Instants, Instants]:
    """The offset of a zone at each instant, and an instant since which it is the same."""
    assert not isinstance(zone, tuple)  # noqa: S101 (the caller asks for one zone)
    if isinstance(zone, timezone):
        return np.full(len(instants), offset_at(zone, 0)), np.full(len(instants), FIRST_DATED - LONGEST_WINDOW)
    blocks = instants // LONGEST_WINDOW
    earliest = int(blocks.min())
    used = np.flatnonzero(np.bincount(blocks - earliest)) + earliest
    offsets, since = np.empty_like(instants), np.empty_like(instants)
    for block in used.tolist():
        rows = blocks == block if len(used) > 1 else slice(None)
        spans = offset_spans(zone, (block - 1) * LONGEST_WINDOW, (block + 1) * LONGEST_WINDOW)
        which = np.searchsorted([span.start for span in spans], instants[rows], side="right") - 1
        offsets[rows] = np.array([span.offset for span in spans])[which]
        since[rows] = np.array([span.start for span in spans])[which]
    return offsets, since


class ManyWindows(NamedTuple):
    """The windows of many weeks, those of one after the other."""

    starts: Instants
    ends: Instants
    counts: Instants
    """[week]: its windows."""


def many_whole_windows(
    schedules: Schedules,
    of_week: NDArray[np.integer],
    zones: Sequence[Zone],
    of_zone: NDArray[np.integer],
    start: int,
    finish: int,
    closed: Days = (),
) -> Iterator[ManyWindows]:
    """`windows.whole_windows` of each row: of its week and its zone, given as indices; some rows at a time."""
    earliest, latest = start - MARGIN, finish + MARGIN
    stretches = _stretches(zones, np.unique(of_zone).tolist(), earliest, latest)
    block = max(CALENDAR_WEEKS // (1 + (latest - earliest) // WEEK), 1)
    for first in range(0, len(of_zone), block):
        rows = slice(first, first + block)
        windows = _windows(schedules, of_week[rows], zones, of_zone[rows], stretches, start, finish)
        yield _on_open_dates(windows, zones, of_zone[rows], start, finish, closed) if closed else windows


def _on_open_dates(
    windows: ManyWindows,
    zones: Sequence[Zone],
    of_zone: NDArray[np.integer],
    start: int,
    finish: int,
    closed: Days,
) -> ManyWindows:
    """What is left of whole windows on open dates, where it meets `[start, finish)`; each week has its zone."""
    week = np.repeat(np.arange(len(of_zone)), windows.counts)
    starts, ends, whose = [], [], []
    for zone in np.unique(of_zone).tolist():
        rows = np.flatnonzero(of_zone[week] == zone)
        mine, left = pieces(Windows(windows.starts[rows], windows.ends[rows]), open_dates(closed, zones[zone]))
        meets = (left.ends > start) & (left.starts < finish)
        starts.append(left.starts[meets])
        ends.append(left.ends[meets])
        whose.append(rows[mine[meets]])
    window = np.concatenate(whose)
    order = np.argsort(window, kind="stable")
    counts = np.bincount(week[window], minlength=len(of_zone))
    return ManyWindows(np.concatenate(starts)[order], np.concatenate(ends)[order], counts)


def _some(schedules: Schedules, rows: Instants) -> Schedules:
    counts = schedules.counts[rows]
    source = np.repeat(schedules.firsts[rows], counts) + _within(counts)
    return Schedules(schedules.starts[source], schedules.ends[source], np.concatenate(([0], np.cumsum(counts))))


def _within(counts: Instants) -> Instants:
    """0, 1, … for each count, one after the other."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


class _Stretches(NamedTuple):
    """The weeks of the calendar of each zone, those of one zone after the other; cut where its offset changes."""

    since: Instants
    until: Instants
    mondays: Instants
    """The instant of Monday 00:00, if the offset had not changed since."""
    firsts: Instants
    """[zone]: the place of its first one; and behind the last zone the end of its ones."""


def _stretches(zones: Sequence[Zone], used: Iterable[int], earliest: int, latest: int) -> _Stretches:
    """The stretches that make up `[earliest, latest)`, for the zones that are used and are one."""
    counts, found = np.zeros(len(zones), np.int64), []
    for place in used:
        zone = zones[place]
        if not isinstance(zone, tuple):
            for since, until, offset in offset_spans(zone, earliest, latest):
                weeks = range(since - (since + offset - FIRST_MONDAY) % WEEK, until, WEEK)
                found += [(since, until, monday) for monday in weeks]
                counts[place] += len(weeks)
    columns = np.array(found, np.int64).reshape(-1, 3).T
    return _Stretches(columns[0], columns[1], columns[2], np.concatenate(([0], np.cumsum(counts))))


def _windows(
    schedules: Schedules,
    of_week: NDArray[np.integer],
    zones: Sequence[Zone],
    of_zone: NDArray[np.integer],
    stretches: _Stretches,
    start: int,
    finish: int,
) -> ManyWindows:
    """The windows of each row, found for all of them in one pass; but for a few, which are looked for alone."""
    parts = np.diff(stretches.firsts)[of_zone]
    row = np.repeat(np.arange(len(of_zone)), parts)
    stretch = np.repeat(stretches.firsts[:-1][of_zone], parts) + _within(parts)
    counts = schedules.counts[of_week][row]
    interval = np.repeat(schedules.firsts[:-1][of_week][row], counts) + _within(counts)
    row, stretch = np.repeat(row, counts), np.repeat(stretch, counts)
    mondays = stretches.mondays[stretch]
    begins = np.maximum(mondays + schedules.starts[interval], stretches.since[stretch])
    ends = np.minimum(mondays + schedules.ends[interval], stretches.until[stretch])
    kept = np.flatnonzero(begins < ends)
    row, begins, ends = row[kept], begins[kept], ends[kept]
    apart = np.ones(len(row), np.bool_)
    apart[1:] = (row[1:] != row[:-1]) | (begins[1:] > ends[:-1])
    lasts = np.append(apart[1:], True)[: len(apart)]
    row, begins, ends = row[apart], begins[apart], ends[lasts]
    meets = (ends > start) & (begins < finish)
    row, begins, ends = row[meets], begins[meets], ends[meets]
    alone = np.zeros(len(of_zone), np.bool_)
    alone[row[(begins == start - MARGIN) | (ends == finish + MARGIN)]] = True  # such windows may be longer
    alone |= np.array([isinstance(zone, tuple) for zone in zones], np.bool_)[of_zone]
    if not alone.any():
        return ManyWindows(begins, ends, np.bincount(row, minlength=len(of_zone)))
    others, left = np.flatnonzero(alone), ~alone[row]
    every = [
        whole_windows(schedules.week(week), zones[zone], start, finish)
        for week, zone in zip(of_week[others].tolist(), of_zone[others].tolist(), strict=True)
    ]
    counts = np.bincount(row[left], minlength=len(of_zone))
    counts[others] = [len(each.starts) for each in every]
    row = np.concatenate((row[left], np.repeat(others, counts[others])))
    order = np.argsort(row, kind="stable")
    begins = np.concatenate((begins[left], *(each.starts for each in every)))
    ends = np.concatenate((ends[left], *(each.ends for each in every)))
    return ManyWindows(begins[order], ends[order], counts)
