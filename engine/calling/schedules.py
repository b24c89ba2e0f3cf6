"""Schedules: the weeks of many call policies as columns, and their windows found together.

What `windows` finds for one week is found here for thousands at a time, with the same answers: lists in which each
number has hours of its own have as many weeks as numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timezone
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.hours import AllowedTime, Interval, Weekdays, week_of
from engine.calling.instants import ALWAYS, DAY, FIRST_DATED, LAST_DATED, NEVER, WEEK
from engine.calling.windows import (
    FIRST_MONDAY,
    LONGEST_WINDOW,
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
from engine.calling.zones import Zone, offset_spans

BLOCK = 1 << 13
"""So many weeks are handled at a time, so that memory stays small."""
MARGIN = 2 * DAY
"""Windows are looked for so long before and after the time that is asked for; longer ones are looked for alone."""


class Hours(NamedTuple):
    """`allowedDays` and `allowedTime` of many policies, all levels filled in; a row for each."""

    days: Sequence[Weekdays | None]
    times: Sequence[AllowedTime | None]

    def some(self, rows: Iterable[int]) -> "Hours":
        """Those of these rows."""
        rows = list(rows)
        return Hours([self.days[row] for row in rows], [self.times[row] for row in rows])


class Schedules(NamedTuple):
    """Weeks, one after the other: week i has the intervals from firsts[i] to before firsts[i + 1]."""

    starts: NDArray[np.int64]
    """[interval]: local seconds since Monday 00:00, as in `windows.Week`."""
    ends: NDArray[np.int64]
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
    return Schedules(starts[begins], (reached - apart)[last], firsts)


def last_closes(
    hours: Hours,
    of_hours: Instants,
    zones: Sequence[Zone],
    of_zone: NDArray[np.integer],
    finishes: Instants,
    played: tuple[int, int],
    closed: Days = (),
) -> Instants:
    """`windows.last_close` of each row: of its hours and its zone, given as indices, before its finish."""
    closes = np.empty(len(finishes), np.int64)
    for first in range(0, len(finishes), BLOCK):
        rows = slice(first, first + BLOCK)
        found, places = np.unique(of_hours[rows], return_inverse=True)
        schedules = schedules_of(hours.some(found.tolist()))
        last = _last_closes(schedules, places, zones, of_zone[rows], finishes[rows], played, closed)
        left = np.arange(len(last) if closed else 0)
        while len(left):  # what closes on a closed date closed before it
            until = last[left]
            for zone in np.unique(of_zone[rows][left]).tolist():
                there = of_zone[rows][left] == zone
                until[there] = last_on(open_dates(closed, zones[zone]), until[there])
            earlier = until < last[left]
            left, until = left[earlier], until[earlier]
            last[left] = _last_closes(schedules, places[left], zones, of_zone[rows][left], until, played, closed)
        closes[rows] = last
    return closes


def _last_closes(
    schedules: Schedules,
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
        offsets, since = np.zeros(len(asked), np.int64), np.zeros(len(asked), np.int64)
        for zone in np.unique(of_zone[asked]).tolist():
            rows = np.flatnonzero(of_zone[asked] == zone)
            offsets[rows], since[rows] = _offsets_at(zones[zone], last[rows])
        second, place = (last + offsets - FIRST_MONDAY) % WEEK, places[asked]
        apart = np.repeat(np.arange(len(schedules)), schedules.counts) * (2 * WEEK)
        interval = np.searchsorted(schedules.starts + apart, second + place * (2 * WEEK), side="right") - 1
        before = interval < schedules.firsts[place]  # then it is the last of the week before
        interval = np.where(before, schedules.firsts[place + 1] - 1, interval)
        end = np.where(before, schedules.ends[interval] - WEEK, np.minimum(schedules.ends[interval], second + 1))
        closes[asked] = last - second + end
        alone += asked[closes[asked] <= since].tolist()  # it lies before a clock change
    for row in alone:
        week = schedules.week(int(places[row]))
        closes[row] = last_close(week, zones[of_zone[row]], int(finishes[row]), played, closed)
    return closes


def _offsets_at(zone: Zone, instants: Instants) -> tuple[Instants, Instants]:
    """The offset of a zone at each instant, and an instant since which it is the same."""
    assert not isinstance(zone, tuple)  # noqa: S101 (the caller asks for one zone)
    blocks = instants // LONGEST_WINDOW
    offsets, since = np.empty_like(instants), np.empty_like(instants)
    for block in [0] if isinstance(zone, timezone) else np.unique(blocks).tolist():
        rows = slice(None) if isinstance(zone, timezone) else blocks == block
        first = FIRST_DATED - LONGEST_WINDOW if isinstance(zone, timezone) else (block - 1) * LONGEST_WINDOW
        spans = offset_spans(zone, first, (block + 1) * LONGEST_WINDOW)
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
    hours: Hours, zones: Sequence[Zone], of_zone: NDArray[np.integer], start: int, finish: int, closed: Days = ()
) -> Iterator[ManyWindows]:
    """`windows.whole_windows` of each of these hours, in the zone with this index in `zones`, block by block."""
    for first in range(0, len(of_zone), BLOCK):
        places = of_zone[first : first + BLOCK]
        schedules = schedules_of(hours.some(range(first, first + len(places))))
        if len(found := np.unique(places)) == 1 and not isinstance(zones[found[0]], tuple):
            windows = _windows_in_one_zone(schedules, zones[found[0]], start, finish)
        else:
            windows = _windows_in_zones(schedules, zones, places, start, finish)
        yield _on_open_dates(windows, zones, places, start, finish, closed) if closed else windows


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


_NO_WINDOWS = ManyWindows(*(np.zeros(0, np.int64) for _ in range(3)))


def _windows_in_zones(
    schedules: Schedules, zones: Sequence[Zone], places: NDArray[np.integer], start: int, finish: int
) -> ManyWindows:
    parts: list[tuple[Instants, ManyWindows]] = []
    for place in np.unique(places).tolist():
        rows = np.flatnonzero(places == place)
        if isinstance(zones[place], tuple):
            every = [whole_windows(schedules.week(row), zones[place], start, finish) for row in rows.tolist()]
            parts.append((rows, _one_after_the_other(every)))
        else:
            parts.append((rows, _windows_in_one_zone(_some(schedules, rows), zones[place], start, finish)))
    counts = np.zeros(len(schedules), np.int64)
    for rows, part in parts:
        counts[rows] = part.counts
    firsts = np.cumsum(counts) - counts
    starts, ends = np.empty(counts.sum(), np.int64), np.empty(counts.sum(), np.int64)
    for rows, part in parts:
        target = np.repeat(firsts[rows], part.counts) + _within(part.counts)
        starts[target], ends[target] = part.starts, part.ends
    return ManyWindows(starts, ends, counts)


def _some(schedules: Schedules, rows: Instants) -> Schedules:
    counts = schedules.counts[rows]
    source = np.repeat(schedules.firsts[rows], counts) + _within(counts)
    return Schedules(schedules.starts[source], schedules.ends[source], np.concatenate(([0], np.cumsum(counts))))


def _within(counts: Instants) -> Instants:
    """0, 1, … for each count, one after the other."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _one_after_the_other(windows: Iterable[Windows]) -> ManyWindows:
    every = list(windows)
    starts, ends = (np.concatenate([_NO_WINDOWS.starts, *columns]) for columns in zip(*every, strict=True))
    return ManyWindows(starts, ends, np.array([len(each.starts) for each in every], np.int64))


def _windows_in_one_zone(schedules: Schedules, zone: Zone, start: int, finish: int) -> ManyWindows:
    assert not isinstance(zone, tuple)  # noqa: S101 (the caller asks for one zone)
    earliest, latest = start - MARGIN, finish + MARGIN
    weeks, opens, closes = [], [], []
    for since, until, offset in offset_spans(zone, earliest, latest):
        first, last = (since + offset - FIRST_MONDAY) // WEEK, (until - 1 + offset - FIRST_MONDAY) // WEEK
        counts = schedules.counts * (last + 1 - first)
        week = np.repeat(np.arange(len(schedules)), counts)
        monday, interval = np.divmod(_within(counts), schedules.counts[week])
        interval += schedules.firsts[week]
        monday = FIRST_MONDAY - offset + WEEK * (monday + first)
        begins = np.maximum(monday + schedules.starts[interval], since)
        ends = np.minimum(monday + schedules.ends[interval], until)
        kept = begins < ends
        weeks.append(week[kept])
        opens.append(begins[kept])
        closes.append(ends[kept])
    week, begins, ends = weeks[0], opens[0], closes[0]
    if len(weeks) > 1:
        week = np.concatenate(weeks)
        order = np.argsort(week, kind="stable")
        week, begins, ends = week[order], np.concatenate(opens)[order], np.concatenate(closes)[order]
    apart = np.ones(len(week), np.bool_)
    apart[1:] = (week[1:] != week[:-1]) | (begins[1:] > ends[:-1])
    lasts = np.append(apart[1:], True)[: len(apart)]
    week, begins, ends = week[apart], begins[apart], ends[lasts]
    meets = (ends > start) & (begins < finish)
    week, begins, ends = week[meets], begins[meets], ends[meets]
    cut = np.unique(week[(begins == earliest) | (ends == latest)])  # such windows may be longer
    if not len(cut):
        return ManyWindows(begins, ends, np.bincount(week, minlength=len(schedules)))
    left = ~np.isin(week, cut)
    counts = np.bincount(week[left], minlength=len(schedules))
    longer = _one_after_the_other(whole_windows(schedules.week(row), zone, start, finish) for row in cut.tolist())
    week = np.concatenate((week[left], np.repeat(cut, longer.counts)))
    order = np.argsort(week, kind="stable")
    counts[cut] = longer.counts
    begins, ends = np.concatenate((begins[left], longer.starts)), np.concatenate((ends[left], longer.ends))
    return ManyWindows(begins[order], ends[order], counts)
