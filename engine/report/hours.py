"""Exhibits by hour of the week: calls, and their answered share."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.instants import HOUR
from engine.certainty import largest_count, largest_share
from engine.customers.outcomes import ANSWERED
from engine.report.charts import HEAT, INK, Chart, axis, layout
from engine.report.page import Exhibit, Table
from engine.results.result import Result
from engine.words import percent

FEW_CALLS = 20
"""The fewest calls of an hour whose share is drawn: with fewer it would be mostly chance."""
SHORTEST_CALL = 1
"""Seconds of the shortest call (rules 6); a redial comes when the call that brings it has ended."""
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def calls_by_hour(result: Result) -> Exhibit:
    """Calls begun, by weekday and hour of the customers' own clocks."""
    week = _week(result)
    about = "Calls begun by weekday and hour, each by its customer's own clock"
    rows = [(_hour_text(day, hour), f"{calls:,}") for day, hour, calls, *_ in week.iter_rows()]
    table = Table("Calls by weekday and hour; hours without calls are left out", ("hour", "calls"), rows)
    if week.is_empty():
        return Exhibit("No call was made", about, table, wide=False)
    hovers = {(day, hour): f"{_hour_text(day, hour)}<br>{calls:,} calls" for day, hour, calls, *_ in week.iter_rows()}
    values = {(day, hour): calls for day, hour, calls, *_ in week.iter_rows()}
    chart = _heat(values, hovers, "calls", ",~f")
    most = largest_count(_apart(week["calls"], result, week))
    title = "Calls begun, by weekday and hour"
    if most is not None:
        day, hour, *_ = week.row(most)
        title = f"Most calls began on {WEEKDAY_NAMES[day]}s from {_hours(hour)}"
    return Exhibit(title, about, table, (chart,), wide=False)


def answers_by_hour(result: Result) -> Exhibit:
    """The share of calls that is answered, by weekday and hour of the customers' own clocks."""
    week = _week(result)
    about = "Share of the calls answered, by weekday and hour of the customers' own clocks"
    rows = [
        (_hour_text(day, hour), f"{answered:,}", f"{calls:,}", percent(answered / calls))
        for day, hour, calls, answered, _ in week.iter_rows()
    ]
    caption = "Calls answered by weekday and hour; hours without calls are left out"
    table = Table(caption, ("hour", "answered", "calls", "share answered"), rows)
    enough = week.filter(pl.col("calls") >= FEW_CALLS)
    if enough.is_empty():
        return Exhibit(f"No hour has the {FEW_CALLS} calls that a share needs", about, table, wide=False)
    shares = {(day, hour): round(answered / calls, 4) for day, hour, calls, answered, _ in enough.iter_rows()}
    hovers = {
        (day, hour): f"{_hour_text(day, hour)}<br>{percent(answered / calls)}: {answered:,} of {calls:,} calls"
        for day, hour, calls, answered, _ in enough.iter_rows()
    }
    most = largest_share(_apart(enough["answered"], result, week), _apart(enough["calls"], result, week))
    title = "Share of the calls answered, by weekday and hour"
    if most is not None:
        day, hour, calls, answered, _ = enough.row(most)
        title = f"Most often answered on {WEEKDAY_NAMES[day]}s from {_hours(hour)}: {percent(answered / calls)}"
    note = f"Hours with fewer than {FEW_CALLS} calls are left blank." if len(enough) < len(week) else ""
    return Exhibit(title, about, table, (_heat(shares, hovers, "answered", ".0%"),), note, wide=False)


def _week(result: Result) -> pl.DataFrame:
    """The hours with calls: `day` (0 is Monday), `hour`, `calls`, `answered`, and on how many `days` they were made."""
    hours = result.local_hours
    answered = pl.col(f"calls_{ANSWERED}") if f"calls_{ANSWERED}" in hours.columns else pl.lit(0, pl.Int64)
    return (
        hours.select(
            (pl.col("hour").dt.weekday() - 1).alias("day"),
            pl.col("hour").dt.hour().alias("of_day"),
            "calls",
            answered.alias("answered"),
        )
        .group_by("day", "of_day")
        .agg(pl.col("calls", "answered").sum(), pl.len().alias("days"))
        .filter(pl.col("calls") > 0)
        .sort("day", "of_day")
    )


def _apart(counts: pl.Series, result: Result, week: pl.DataFrame) -> NDArray[np.int64]:
    """Counts of calls as if no two of an hour were to one number: calls to one number are often alike.

    They are divided by the most calls that retries and redials leave to a number in an hour of the week.
    """
    rulebook, times = result.rulebook, week["days"].to_numpy().max()
    retries: NDArray[np.int64] = np.concatenate((rulebook.terms.columns.retry_seconds, rulebook.model.retry_seconds))
    between = [*retries[retries > 0].tolist(), *(SHORTEST_CALL + after for after in rulebook.redial_after)]
    in_one_hour = -(-HOUR // min(between, default=HOUR))
    return counts.to_numpy() // max(min(in_one_hour * int(times), result.figures.calls.most_attempts), 1)


def _hours(hour: int) -> str:
    return f"{hour:02}:00 to {hour + 1:02}:00"


def _hour_text(day: int, hour: int) -> str:
    return f"{WEEKDAY_NAMES[day][:3]} {_hours(hour)}"


def _heat(values: dict[tuple[int, int], Any], hovers: dict[tuple[int, int], str], unit: str, form: str) -> Chart:
    """A cell for each hour, darker for more; rows are weekdays, from Monday."""
    hours = range(min(hour for _, hour in values), max(hour for _, hour in values) + 1)
    days = range(7)
    low = min(values.values()) if unit == "answered" else 0
    cells = {
        "type": "heatmap",
        "x": [f"{hour:02}" for hour in hours],
        "y": [WEEKDAY_NAMES[day][:3] for day in days],
        "z": [[values.get((day, hour)) for hour in hours] for day in days],
        "text": [[hovers.get((day, hour), "") for hour in hours] for day in days],
        "hoverinfo": "text",
        "hoverongaps": False,
        "xgap": 2,
        "ygap": 2,
        "zmin": low,
        "zmax": max(values.values()),
        "colorscale": [[index / (len(HEAT) - 1), colour] for index, colour in enumerate(HEAT)],
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "tickformat": form,
            "nticks": 5,
            "tickfont": {"size": 12, "color": INK},
            "title": {"text": unit, "font": {"size": 12}},
        },
    }
    look = layout(
        330,
        xaxis=axis("hour of the day, by the customer's clock", type="category", showgrid=False),
        yaxis=axis("", type="category", autorange="reversed", showgrid=False),
        hovermode="closest",
    )
    return Chart([cells], look)
