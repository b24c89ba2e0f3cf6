"""Strategies for the fields of call policies, drawn to near where a zone's clock jumps."""

from functools import cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.calling.wall_clock import DAYS, EPOCH, Moment

Fields = dict[str, Any]
WHOLE_DAY = [{"localTimeFrom": "00:00", "localTimeTo": "12:00"}, {"localTimeFrom": "12:00", "localTimeTo": "00:00"}]
"""Every second of a day, as a list can say it."""


@cache
def fields(moment: Moment) -> st.SearchStrategy[Fields]:
    """The fields that say when a policy is open, as `addPhones` spells them; none of them need be there."""
    return st.fixed_dictionaries(
        {}, optional={"allowedDays": st.lists(_weekdays(moment), max_size=8), "allowedTime": _allowed_time(moment)}
    )


@cache
def _weekdays(moment: Moment) -> st.SearchStrategy[str]:
    near = [DAYS[(side.weekday() + days) % 7] for side in moment.sides for days in (-1, 0, 1)]
    return st.sampled_from(near) | st.sampled_from(DAYS)


def _allowed_time(moment: Moment) -> st.SearchStrategy[Fields]:
    lists = _hours(moment) | st.just(WHOLE_DAY)
    return st.dictionaries(st.just("default") | _weekdays(moment), lists, max_size=5)


@st.composite
def _hours(draw: st.DrawFn, moment: Moment) -> list[dict[str, str]]:
    """Intervals of one day that do not overlap; some touch, and the last may reach into the next day."""
    times = sorted(draw(st.lists(_minutes(moment), max_size=5, unique=True)))
    pairs = list(pairwise(times))
    intervals = pairs if draw(st.booleans()) else pairs[::2]
    if times and times[-1] > 0 and draw(st.booleans()):
        intervals.append((times[-1], draw(_minutes(moment).filter(lambda minute: minute < times[-1]) | st.just(0))))
    return [
        {"localTimeFrom": _clock_text(start), "localTimeTo": _clock_text(end)}
        for start, end in draw(st.permutations(intervals))
    ]


@cache
def _minutes(moment: Moment) -> st.SearchStrategy[int]:
    jumps = [side.hour * 60 + side.minute for side in moment.sides]
    near = {(jump + minutes) % 1_440 for jump in jumps for minutes in (-60, -30, -1, 0, 1, 2, 30, 60)}
    return st.sampled_from(sorted(near | {0, 1, 1_439})) | st.integers(0, 1_439)


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def days_near(moment: Moment, most: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Closed dates up to `most` days from the moment, often one of the very moment; or none."""
    days = [side.toordinal() - EPOCH.toordinal() for side in moment.sides]
    near = st.sampled_from(days) | st.integers(days[0] - most, days[1] + most)
    return st.lists(near, unique=True, max_size=6).map(lambda each: tuple(sorted(each)))


def seconds_near(moment: Moment, most: int) -> st.SearchStrategy[int]:
    """Instants up to `most` seconds from the moment, often the very moment."""
    return (st.integers(-2, 2) | st.integers(-most, most)).map(lambda seconds: moment.instant + seconds)
