"""Terms: call policies compiled, as columns; what an engine asks of one is made when it asks."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, DAY, NEVER
from engine.calling.schedules import ManyWindows
from engine.calling.windows import Instants
from engine.calling.zones import OffsetSpan


class WindowClass(NamedTuple):
    """The windows of all numbers with the same zone and the same week: they open and close together."""

    starts: list[int]
    """Starts of the open windows that meet the simulation, not cut at its ends; Unix seconds."""
    ends: list[int]
    spans: tuple[OffsetSpan, ...]
    """The zone's offsets over the simulation; of several zones, those of the first by name (rules 7)."""

    def first_on(self, date: int, instant: int) -> int:
        """The first instant from `instant` on at which the local date is `date` or later; days since 1970-01-01.

        A clock that goes back over midnight shows a date twice.
        """
        for span in self.spans:
            if instant < span.end:
                on = max(instant, date * DAY - span.offset)
                if on < span.end:
                    return on
                instant = span.end
        return max(instant, date * DAY - self.spans[-1].offset)

    def next_open(self, instant: int) -> int:
        """The first open second at or after `instant` in a window that meets the simulation, or NEVER; O(log n)."""
        index = bisect_right(self.ends, instant)
        return max(self.starts[index], instant) if index < len(self.ends) else NEVER


class Terms(NamedTuple):
    """A call policy with all levels filled in, compiled; instants in Unix seconds, intervals in seconds."""

    start: int
    """No call starts before this instant; ALWAYS if none is given."""
    closes: int
    """From this instant no open second is left before its finishDateTime; NEVER, or ALWAYS if there never is one."""
    priority: int
    attempts: int
    """Calls of a series in all."""
    retry_seconds: int
    window_class: int


class TermsColumns(NamedTuple):
    """Many terms: a row for each, with what `Terms` has."""

    start: Instants
    closes: Instants
    priority: NDArray[np.int8]
    attempts: NDArray[np.int32]
    retry_seconds: NDArray[np.int32]
    window_class: NDArray[np.int32]

    def some(self, rows: slice | Instants) -> "TermsColumns":
        """Those of these rows."""
        return TermsColumns(
            self.start[rows],
            self.closes[rows],
            self.priority[rows],
            self.attempts[rows],
            self.retry_seconds[rows],
            self.window_class[rows],
        )


class _Room:
    """Columns with room to grow: what is added is copied once, or a few times if little is added often."""

    def __init__(self, *columns: NDArray[Any]) -> None:
        self.length = 0
        self._columns = list(columns)

    def columns(self) -> list[NDArray[Any]]:
        """What was added so far; it changes no more."""
        return [column[: self.length] for column in self._columns]

    def append(self, *more: NDArray[Any]) -> None:
        """Add some at the end of each column."""
        length = self.length + len(more[0])
        if not self.length:
            self._columns = [
                np.ascontiguousarray(added, column.dtype) for column, added in zip(self._columns, more, strict=True)
            ]
            self.length = length
            return
        if length > len(self._columns[0]):
            room = max(length, 2 * self.length)
            for place, column in enumerate(self._columns):
                self._columns[place] = np.empty(room, column.dtype)
                self._columns[place][: self.length] = column[: self.length]
        for column, added in zip(self._columns, more, strict=True):
            column[self.length : length] = added
        self.length = length

    def copy(self) -> "_Room":
        """The same, which grows by itself: there is no room left in it, so that what is added first moves all of it."""
        other = _Room(*self.columns())
        other.length = self.length
        return other


class TermsList(Sequence[Terms]):
    """Terms in the order in which they were compiled. Each is made once, when it is asked for."""

    def __init__(self) -> None:
        self._room = _Room(*(np.zeros(0, code) for code in ("q", "q", "b", "i", "i", "i")))
        self._made: dict[int, Terms] = {}

    def __len__(self) -> int:
        return self._room.length

    @property
    def columns(self) -> TermsColumns:
        """All of them, as columns."""
        return TermsColumns(*self._room.columns())

    def append(self, more: TermsColumns) -> None:
        """Add some at the end."""
        self._room.append(*more)

    def copy(self) -> "TermsList":
        """The same terms, in a list that grows by itself."""
        other = TermsList()
        other._room, other._made = self._room.copy(), self._made.copy()
        return other

    @overload
    def __getitem__(self, index: int) -> Terms: ...

    @overload
    def __getitem__(self, index: slice) -> list[Terms]: ...

    def __getitem__(self, index: int | slice) -> Terms | list[Terms]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        made = self._made.get(index)
        if made is None:
            if not -len(self) <= index < len(self):
                raise IndexError(index)
            index %= len(self)
            made = self._made.setdefault(index, Terms(*(int(column[index]) for column in self.columns)))
        return made

    def __iter__(self) -> Iterator[Terms]:
        return map(self.__getitem__, range(len(self)))


NO_START, NO_END = -(1 << 31), (1 << 31) - 1
"""In place of the times of windows that begin or end beyond the calendar."""


class ClassColumns(NamedTuple):
    """The windows of many classes, those of one after the other; and the zone of each class."""

    starts: NDArray[np.int32]
    """Seconds since the simulation's start, or NO_START."""
    ends: NDArray[np.int32]
    """The same; or NO_END."""
    firsts: Instants
    """[class]: the place of its first window; and behind the last class the end of its windows."""
    weeks: NDArray[np.int32]
    """[class]: the place of its week in those of the rulebook."""
    zones: NDArray[np.int32]
    """[class]: the index of its zone's offsets in `WindowClasses.spans`."""


class WindowClasses(Sequence[WindowClass]):
    """Window classes in the order in which they were compiled. Each is made once, when it is asked for."""

    def __init__(self, start: int) -> None:
        self._start = start
        self.spans: list[tuple[OffsetSpan, ...]] = []
        """The offsets of zones over the simulation."""
        self._windows = _Room(np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._classes = _Room(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
        self._made: dict[int, WindowClass] = {}
        self._indices: dict[tuple[int, int], int] = {}
        """By week and zone, the index of the class; not yet of those that were added since somebody asked."""

    def __len__(self) -> int:
        return self._classes.length

    @property
    def columns(self) -> ClassColumns:
        """All of them, as columns."""
        ends, weeks, zones = self._classes.columns()
        opens, closes = self._windows.columns()
        return ClassColumns(opens, closes, np.concatenate(([0], ends)), weeks, zones)

    def known(self, weeks: NDArray[np.int32], zones: NDArray[np.int32]) -> NDArray[np.int32]:
        """The index of the class of each week in its zone; -1 if there is none yet."""
        if not len(self):
            return np.full(len(weeks), -1, np.int32)
        _, *columns = self._classes.columns()
        added = (column[len(self._indices) :].tolist() for column in columns)
        self._indices.update(zip(zip(*added, strict=True), range(len(self._indices), len(self)), strict=True))
        asked = zip(weeks.tolist(), zones.tolist(), strict=True)
        return np.array([self._indices.get(each, -1) for each in asked], np.int32)

    def append(self, windows: Iterable[ManyWindows], weeks: NDArray[np.int32], zones: NDArray[np.int32]) -> None:
        """Add some at the end; `weeks` are places in those of the rulebook, `zones` indices in `spans`."""
        before = self._windows.length
        near = [(self._times(some.starts), self._times(some.ends), some.counts) for some in windows]
        starts, ends, counts = (np.concatenate(columns) for columns in zip(*near, strict=True))
        self._windows.append(starts, ends)
        self._classes.append(before + np.cumsum(counts), weeks, zones)

    def _times(self, instants: Instants) -> NDArray[np.int32]:
        return np.clip(instants - self._start, NO_START, NO_END).astype(np.int32)

    def copy(self) -> "WindowClasses":
        """The same classes, in a list that grows by itself."""
        other = WindowClasses(self._start)
        other.spans, other._windows, other._classes = self.spans.copy(), self._windows.copy(), self._classes.copy()
        other._made, other._indices = self._made.copy(), self._indices.copy()
        return other

    @overload
    def __getitem__(self, index: int) -> WindowClass: ...

    @overload
    def __getitem__(self, index: slice) -> list[WindowClass]: ...

    def __getitem__(self, index: int | slice) -> WindowClass | list[WindowClass]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        made = self._made.get(index)
        if made is None:
            if not -len(self) <= index < len(self):
                raise IndexError(index)
            index %= len(self)
            (starts, ends), (lasts, _, zones) = self._windows.columns(), self._classes.columns()
            rows = slice(lasts[index - 1] if index else 0, lasts[index])
            opens = [ALWAYS if time == NO_START else time + self._start for time in starts[rows].tolist()]
            closes = [NEVER if time == NO_END else time + self._start for time in ends[rows].tolist()]
            made = WindowClass(opens, closes, self.spans[zones[index]])
            self._made[index] = made
        return made

    def next_open(self, classes: NDArray[np.int32], instants: Instants, finish: int) -> Instants:
        """`WindowClass.next_open` of each of these classes at its instant, before `finish`; NEVER if there is none."""
        starts, ends, firsts, *_ = self.columns
        if not len(starts):
            return np.full(len(classes), NEVER)
        horizon = finish - self._start
        step = horizon + 1  # every window ends after the start
        keys = np.minimum(ends, horizon) + np.repeat(np.arange(len(self)) * step, np.diff(firsts))
        asked = np.clip(instants - self._start, 0, horizon) + classes * np.int64(step)
        window = np.searchsorted(keys, asked, side="right")
        found = np.minimum(window, len(starts) - 1)
        opens = np.maximum(starts[found] + np.int64(self._start), instants)
        return np.where(window < firsts[classes + 1], opens, NEVER)
