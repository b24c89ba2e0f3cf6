"""Closures: why a window class is closed, from one instant to the next (rules 3)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY, WEEK
from engine.calling.windows import Days, Instants, Week, Windows, joined, open_dates, whole_windows
from engine.calling.zones import Zone
from engine.dialing.terms import WindowClass
from engine.dialing.waits import CLOSED_DATE, DAY_NOT_ALLOWED, OUTSIDE_HOURS

OPEN = -1


class Closures(NamedTuple):
    """Stretches of the simulation in which a window class is open, or closed for one reason."""

    since: Instants
    """When each begins, ascending; the first one with the simulation, the last one ends with it."""
    why: NDArray[np.int64]
    """OPEN, CLOSED_DATE, DAY_NOT_ALLOWED or OUTSIDE_HOURS."""


def closures(windows: WindowClass, week: Week, zone: Zone, closed: Days, start: int, finish: int) -> Closures:
    """When and why a class with this week is closed in `[start, finish)`; `windows` are when it is open.

    It is closed by a date if one of its zones has it, else by its day if in one of them the weekday has no open hour at
    all, else by its hours. O(windows).
    """
    whole_days = joined([(day, day + DAY) for day in range(0, WEEK, DAY) if _meets(week, day, day + DAY)])
    dates, days = open_dates(closed, zone), whole_windows(whole_days, zone, start, finish)
    opens = Windows(np.array(windows.starts, np.int64), np.array(windows.ends, np.int64))
    edges = np.unique(np.concatenate([np.array([start]), *opens, *dates, *days]))
    since = edges[(edges >= start) & (edges < finish)]
    reasons = np.where(_within(days, since), OUTSIDE_HOURS, DAY_NOT_ALLOWED)
    why = np.where(_within(opens, since), OPEN, np.where(_within(dates, since), reasons, CLOSED_DATE))
    changes = np.concatenate(([True], why[1:] != why[:-1]))
    return Closures(since[changes], why[changes])


def _meets(week: Week, start: int, end: int) -> bool:
    return any(first < end and last > start for first, last in week)


def _within(windows: Windows, instants: Instants) -> NDArray[np.bool_]:
    """Whether each instant lies in one of the windows."""
    if not len(windows.starts):
        return np.zeros(len(instants), np.bool_)
    places = np.searchsorted(windows.starts, instants, side="right") - 1
    return (places >= 0) & (instants < windows.ends[np.maximum(places, 0)])
