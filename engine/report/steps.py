"""Steps: the timeline on the campaign's wall clock, in steps long enough to be drawn or read."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.instants import DAY, HOUR, WEEK
from engine.calling.zones import local_seconds
from engine.dialing.record import QUARTER
from engine.results.result import Result

MOST_DRAWN = 1_500
"""The most steps of a chart: more could not be distinguished, and would make the page large."""
MOST_ROWS = 360
"""The most steps of a table."""
MONDAY = 4 * DAY
"""1970-01-05, a Monday, in seconds."""


class Step(NamedTuple):
    """A length of local time."""

    name: str
    seconds: int


QUARTER_HOUR, AN_HOUR, A_DAY = Step("quarter-hour", QUARTER), Step("hour", HOUR), Step("day", DAY)
A_WEEK, A_MONTH = Step("week", WEEK), Step("month", 30 * DAY)
STEPS = (QUARTER_HOUR, AN_HOUR, A_DAY, A_WEEK, A_MONTH)


def step_for(seconds: int, most: int, shortest: Step = QUARTER_HOUR) -> Step:
    """The shortest step of which at most so many cover a span; months if none is long enough."""
    allowed = STEPS[STEPS.index(shortest) :]
    return next((step for step in allowed if seconds <= most * step.seconds), A_MONTH)


def clock_texts(local: NDArray[np.int64], step: Step = QUARTER_HOUR) -> list[str]:
    """Local seconds as dates, with the time of day where the step is shorter than a day."""
    moments = local.astype("datetime64[s]")
    if step == A_MONTH:
        return [str(text) for text in np.datetime_as_string(moments, unit="M")]
    if step.seconds >= DAY:
        return [str(text) for text in np.datetime_as_string(moments, unit="D")]
    return [str(text).replace("T", " ") for text in np.datetime_as_string(moments, unit="m")]


def floored(local: NDArray[np.int64], step: Step) -> NDArray[np.int64]:
    """The local second at which the step of each moment begins; weeks begin on Monday."""
    if step == A_MONTH:
        months = local.astype("datetime64[s]").astype("datetime64[M]")
        return months.astype("datetime64[s]").astype(np.int64)
    origin = MONDAY if step == A_WEEK else 0
    return (local - origin) // step.seconds * step.seconds + origin


class Timeline(NamedTuple):
    """The part of a result's timeline in which anything happens, on the campaign's clock."""

    frame: pl.DataFrame
    """`Result.timeline` with two more columns: `local` seconds, and the `seconds` of each row that were simulated."""
    zone_name: str
    whole: bool
    """Whether it is all of the simulated time."""
    repeats: bool
    """Whether the clock is put back in it, so that some local time occurs twice."""

    @property
    def seconds(self) -> int:
        """The simulated time in it."""
        return int(self.frame["seconds"].sum())

    def stepped(self, step: Step) -> pl.DataFrame:
        """A row for each step: `local`, its first local second, and the timeline's columns.

        Counts of events are summed, counts of waiting numbers are those of the step's last second, lines are averages.
        """
        counted = [name for name in self.frame.columns if name.startswith(("calls", "ended_"))]
        calls = pl.col(*counted, "reached", "seconds")
        lines = pl.col("lines", "lines_in_use")
        steps = pl.Series("step", floored(self.frame["local"].to_numpy(), step))
        return (
            self.frame.with_columns(steps, lines * pl.col("seconds"))
            .group_by("step")
            .agg(calls.sum(), lines.sum(), pl.col("lines_in_use_most").max(), pl.col("^(waiting|eligible)_.$").last())
            .sort("step")
            .with_columns(lines / pl.col("seconds"))
            .rename({"step": "local"})
        )


def timeline_of(result: Result) -> Timeline:
    """A result's timeline until the end of the day on which the last thing happened."""
    zone_name, start, finish = result.document.campaign.zone_name, result.document.start, result.document.finish
    frame = result.timeline
    times = frame["time"].dt.epoch("s").to_numpy()
    local = local_seconds(times, zone_name)
    happens = frame.select(pl.sum_horizontal("calls", "lines_in_use", "^waiting_.$", "^ended_.*$") > 0).to_series()
    last = happens.arg_true().max()
    kept = len(frame)
    if isinstance(last, int):
        midnight = (local[last] // DAY + 1) * DAY
        kept = max(int(np.argmax(local >= midnight)) if (local >= midnight).any() else kept, last + 1)
    seconds = np.minimum(times + QUARTER, finish) - np.maximum(times, start)
    shown = frame.with_columns(pl.Series("local", local), pl.Series("seconds", seconds))[:kept]
    return Timeline(shown, zone_name, kept == len(frame), bool((np.diff(local[:kept]) < QUARTER).any()))
