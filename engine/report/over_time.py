"""Exhibits over time: calls, lines, waiting numbers, numbers reached."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.instants import DAY
from engine.calling.zones import local_seconds
from engine.customers.outcomes import ANSWERED
from engine.dialing.record import PRIORITIES
from engine.report.charts import (
    BAND,
    BLUE,
    INK,
    MARK,
    PRIORITY_COLOURS,
    QUIET,
    Chart,
    count_axis,
    layout,
    outcome_groups,
    plain,
    shade,
    share_axis,
    short,
    time_axis,
)
from engine.report.page import Exhibit, Table
from engine.report.steps import AN_HOUR, MOST_DRAWN, MOST_ROWS, Step, Timeline, clock_texts, step_for
from engine.results.result import Result
from engine.whatif.replications import Band
from engine.wording.figures import AFTER_SHIFTS, figure_text
from engine.words import moment_text, percent, percent_as_written, zone_text

HEIGHT = 340
NEARLY = 1e-9
"""Averages of lines that differ by less are the same."""
MOST_OF_A_BAND = 500
"""The most instants of a band that are drawn."""


def calls_over_time(result: Result, timeline: Timeline) -> Exhibit:
    """Calls begun in each step, by outcome."""
    calls = result.figures.calls
    step, groups = _drawn_step(timeline), outcome_groups(calls.outcome)
    about = f"Calls begun each {step.name}, by outcome. {_clock(timeline)}"
    rows_step, rows = _table_rows(timeline)
    rows = rows.filter(pl.col("calls") > 0)
    counts = [rows["calls"], *(_together(rows, group.outcomes) for group in groups)]
    table = Table(
        f"Calls begun each {rows_step.name}, by outcome; those without calls are left out",
        (_clock_column(timeline, rows_step), "calls", *(group.name for group in groups)),
        _cells(rows, rows_step, [[f"{count:,}" for count in column] for column in counts]),
    )
    if not calls.total:
        return Exhibit("No call was made", about, table)
    steps = timeline.stepped(step)
    traces = [_stepped_area(each.name, _together(steps, each.outcomes).to_list(), each.colour) for each in groups]
    look = layout(HEIGHT, xaxis=_times(timeline), yaxis=count_axis(f"calls begun per {step.name}"))
    title = f"{calls.total:,} calls were made"
    if ANSWERED in calls.outcome:
        share = percent(calls.outcome_share[ANSWERED])
        title = f"{calls.outcome[ANSWERED]:,} of {calls.total:,} calls were answered, {share}"
    legend = tuple((group.name, group.colour) for group in groups)
    return Exhibit(title, about, table, (Chart(traces, look, legend, _edges(steps, step)),), _repeated(timeline))


def _together(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    return frame.select(pl.sum_horizontal(f"calls_{name}" for name in names)).to_series()


def _stepped_area(name: str, values: list[Any], colour: str) -> dict[str, Any]:
    """An area of a stack; each value is constant over its step."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(short(name)),
        "y": [*values, values[-1]],
        "stackgroup": "all",
        "line": {"width": 0, "shape": "hv", "color": colour},
        "fillcolor": colour,
        "hovertemplate": "%{y:,}",
    }


def lines_over_time(result: Result, timeline: Timeline) -> Exhibit:
    """Lines in use against lines available."""
    figures = result.figures.lines
    step = _drawn_step(timeline)
    about = f"Lines in use and lines available, on average each {step.name}. {_clock(timeline)}"
    rows_step, rows = _table_rows(timeline)
    rows = rows.filter((pl.col("lines") > 0) | (pl.col("lines_in_use") > 0))
    shares = [_share(used, lines) for used, lines in zip(rows["lines_in_use"], rows["lines"], strict=True)]
    columns = [
        *([f"{value:,.1f}" for value in rows[name]] for name in ("lines", "lines_in_use")),
        [f"{value:,}" for value in rows["lines_in_use_most"]],
        shares,
    ]
    table = Table(
        f"Lines each {rows_step.name}; those without lines are left out",
        (_clock_column(timeline, rows_step), "available", "in use", "most in use", "share in use"),
        _cells(rows, rows_step, columns),
    )
    steps = timeline.stepped(step)
    in_use = _stepped_line("in use", steps["lines_in_use"].round(2).to_list(), BLUE, 1.5)
    in_use |= {"fill": "tozeroy", "fillcolor": BAND}
    available = _stepped_line("available", steps["lines"].round(2).to_list(), QUIET, 1.5)
    look = layout(HEIGHT, xaxis=_times(timeline), yaxis=count_axis("lines"))
    title = "No line was in use"
    if figures.occupancy_while_calling is not None:
        share = figure_text("lines.occupancy_while_calling", figures.occupancy_while_calling, timeline.zone_name)
        title = f"While calls were made, {share} of the lines were in use"
    legend = (("in use", BLUE), ("available", QUIET))
    remarks = (
        AFTER_SHIFTS if (rows["lines_in_use"] > rows["lines"] + NEARLY).any() else "",
        "" if timeline.whole else "Days after the last on which anything happened are not shown.",
    )
    note = " ".join(remark for remark in remarks if remark)
    return Exhibit(title, about, table, (Chart([in_use, available], look, legend, _edges(steps, step)),), note)


def _share(part: float, whole: float) -> str:
    return percent(part / whole) if whole else "-"


def _stepped_line(name: str, values: list[Any], colour: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "y": [*values, values[-1]],
        "line": {"width": width, "shape": "hv", "color": colour},
        "hovertemplate": "%{y:,.1f}",
    }


def backlog_over_time(timeline: Timeline) -> Exhibit:
    """Numbers that wait for a call, by priority."""
    step = _drawn_step(timeline)
    about = f"Numbers waiting for a first or another call at the end of each {step.name}, by priority. "
    about += _clock(timeline)
    frame = timeline.frame
    used = [name for name in (f"waiting_{each + 1}" for each in range(PRIORITIES)) if frame[name].max()]
    names = [f"priority {name[-1]}" for name in used]
    rows_step, rows = _table_rows(timeline)
    changed = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in used) if used else pl.lit(False)
    rows = rows.filter(changed.fill_null(True))
    totals = rows.select(pl.sum_horizontal(pl.lit(0), *used)).to_series() if used else pl.Series([], dtype=pl.Int64)
    columns = [[f"{count:,}" for count in column] for column in (totals, *(rows[name] for name in used))]
    table = Table(
        f"Numbers waiting at the end of each {rows_step.name}; those without a change are left out",
        (_clock_column(timeline, rows_step), "waiting", *names),
        _cells(rows, rows_step, columns),
    )
    if not used:
        return Exhibit("No number waited at the end of a quarter-hour", about, table)
    steps = timeline.stepped(step)
    colours = [PRIORITY_COLOURS[int(name[-1]) - 1] for name in used]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "y": steps[column].to_list(),
            "stackgroup": "all",
            "line": {"width": 0, "color": colour},
            "fillcolor": colour,
            "hovertemplate": "%{y:,}",
        }
        for name, column, colour in zip(names, used, colours, strict=True)
    ]
    look = layout(HEIGHT, xaxis=_times(timeline), yaxis=count_axis("numbers waiting"))
    waiting = frame.select(pl.sum_horizontal(used)).to_series().to_list()
    left = f"{waiting[-1]:,} at the end" if waiting[-1] else "none at the end"
    title = f"At most {max(waiting):,} numbers waited for a call, {left}"
    legend = tuple(zip(names, colours, strict=True))
    ends = clock_texts(steps["local"].to_numpy() + step.seconds)
    return Exhibit(title, about, table, (Chart(traces, look, legend, ends),), _repeated(timeline))


def reached_over_time(result: Result, timeline: Timeline, band: Band | None) -> Exhibit:
    """The share of the list that is reached before each instant, with the band of replications."""
    total = result.figures.numbers.total
    step = _drawn_step(timeline)
    about = f"Share of the list reached by the end of each {step.name}. {_clock(timeline)}"
    rows_step, rows = _table_rows(timeline)
    rows = rows.with_columns(pl.col("reached").cum_sum().alias("so_far")).filter(pl.col("reached") > 0)
    so_far = rows["so_far"].to_list()
    band_columns = () if band is None else ("mean of the replications", "95 % of them")
    band_cells = (
        [] if band is None else _band_cells(band, timeline.zone_name, rows["local"].to_numpy() + rows_step.seconds)
    )
    table = Table(
        f"Numbers reached each {rows_step.name}; those without any are left out",
        (_clock_column(timeline, rows_step), "reached", "reached so far", "share of the list", *band_columns),
        _cells(
            rows,
            rows_step,
            [
                [f"{count:,}" for count in rows["reached"]],
                [f"{count:,}" for count in so_far],
                [_share(count, total) for count in so_far],
                *band_cells,
            ],
        ),
    )
    if not total:
        return Exhibit("The list is empty", about, table)
    steps = timeline.stepped(step)
    local = steps["local"].to_numpy()
    x = clock_texts(np.append(local[:1], local + step.seconds))
    shares = [0.0, *(steps["reached"].cum_sum() / total).round(5).to_list()]
    line = _line("this run" if band else "reached", shares, INK if band else BLUE) | {"x": x}
    traces = [*([] if band is None else band_traces(band, timeline.zone_name, "mean of the replications", BLUE)), line]
    marks = _goal(result, timeline, x)
    times = _times(timeline, max((x[-1], *(mark["x"][-1] for mark in marks))))
    legend: tuple[tuple[str, str], ...] = ()
    highest = max((0.01, shares[-1], *(mark["y"][-1] for mark in marks), *(band.high[-1:] if band else ())))
    if band is not None:
        legend = (("this run", INK), ("mean of the replications", BLUE), ("95 % of the replications", shade(BLUE)))
    look = layout(HEIGHT, xaxis=times, yaxis=share_axis("reached, share of the list", range=[0, 1.06 * highest]))
    return Exhibit(_reached_title(result, timeline), about, table, (Chart([*traces, *marks], look, legend),))


def _reached_title(result: Result, timeline: Timeline) -> str:
    reached, frame = result.figures.numbers.reached, timeline.frame
    if not reached:
        return "Nobody was reached"
    half = int((frame["reached"].cum_sum() * 2 < reached).sum())
    end = int(frame["time"].dt.epoch("s")[half]) + 900
    by = moment_text(min(end, result.document.finish), timeline.zone_name)
    return f"{percent(result.figures.numbers.reached_share)} were reached, half of them by {by}"


def _line(name: str, shares: list[float], colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(short(name)),
        "y": shares,
        "line": {"width": 2.5, "color": colour},
        "hovertemplate": "%{y:.1%}",
    }


def band_traces(band: Band, zone_name: str, name: str, colour: str) -> list[dict[str, Any]]:
    """The mean of replications over time, and the range in which 95 % of them lie."""
    some = slice(None, None, -(-len(band.times) // MOST_OF_A_BAND) or 1)
    x = clock_texts(local_seconds(np.array(band.times[some], np.int64), zone_name))
    low, mean, high = ([round(share, 4) for share in shares[some]] for shares in (band.low, band.mean, band.high))
    edge = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0, "color": colour}, "hoverinfo": "skip"}
    return [
        edge | {"y": low},
        edge | {"y": high, "fill": "tonexty", "fillcolor": shade(colour)},
        _line(name, mean, colour) | {"x": x, "line": {"width": 2, "color": colour}},
    ]


def _band_cells(band: Band, zone_name: str, local: NDArray[np.int64]) -> list[list[str]]:
    """The mean and the range of a band at local seconds."""
    clock = np.maximum.accumulate(local_seconds(np.array(band.times, np.int64), zone_name))
    low, mean, high = (np.interp(local, clock, shares) for shares in (band.low, band.mean, band.high))
    ranges = [f"{percent(since)} to {percent(until)}" for since, until in zip(low, high, strict=True)]
    return [[percent(share) for share in mean], ranges]


def _goal(result: Result, timeline: Timeline, x: Sequence[str]) -> list[dict[str, Any]]:
    """The goal as a line: the share to reach, and the instant before which."""
    goal = result.document.goal
    if goal is None:
        return []
    end = x[-1] if goal.by is None else clock_text(goal.by, timeline.zone_name)
    return [goal_trace(goal.reached, x[0], end)]


def clock_text(instant: int, zone_name: str) -> str:
    """An instant on the wall clock of a zone, as plotly reads it."""
    return clock_texts(local_seconds(np.array([instant], np.int64), zone_name))[0]


def goal_trace(reached: float, start: str, end: str, of: str = "") -> dict[str, Any]:
    """A goal as a line: the share to reach, and the end of it, before which it is to be reached."""
    text = f"goal{of}: {percent_as_written(reached)}"
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [start, end],
        "y": [reached] * 2,
        "line": {"width": 1.5, "color": MARK, "dash": "dot"},
        "marker": {"size": [8, 11], "symbol": "diamond", "color": MARK, "opacity": [0, 1], "line": {"width": 0}},
        "text": [text, ""],
        "textposition": "top right",
        "textfont": {"color": MARK},
        "cliponaxis": False,
        "hovertemplate": f"{text}<extra></extra>",
    }


def _drawn_step(timeline: Timeline) -> Step:
    return step_for(timeline.seconds, MOST_DRAWN)


def _table_rows(timeline: Timeline) -> tuple[Step, pl.DataFrame]:
    step = step_for(timeline.seconds, MOST_ROWS, AN_HOUR)
    return step, timeline.stepped(step)


def _cells(rows: pl.DataFrame, step: Step, columns: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    return list(zip(_row_texts(rows["local"].to_numpy(), step), *columns, strict=True))


def _row_texts(local: NDArray[np.int64], step: Step) -> list[str]:
    texts = clock_texts(local, step)
    if step.seconds > DAY:
        return texts
    weekdays = local.astype("datetime64[s]").astype("datetime64[D]").astype(np.int64)
    return [
        f"{['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'][day % 7]} {text}"
        for day, text in zip(weekdays, texts, strict=True)
    ]


def _clock(timeline: Timeline) -> str:
    return f"Times are those of {zone_text(timeline.zone_name)}."


def _clock_column(timeline: Timeline, step: Step) -> str:
    return f"{step.name} from ({zone_text(timeline.zone_name)})"


def _repeated(timeline: Timeline) -> str:
    return "When the clock is put back, the hour that occurs twice is shown once." if timeline.repeats else ""


def _edges(steps: pl.DataFrame, step: Step) -> list[str]:
    local = steps["local"].to_numpy()
    return clock_texts(np.append(local, local[-1:] + step.seconds))


def _times(timeline: Timeline, until: str = "") -> dict[str, Any]:
    """The axis of the timeline, extended to a later moment if needed."""
    local = timeline.frame["local"].to_numpy()
    first, last = clock_texts(local[[0, -1]] + np.array([0, 900]))
    return time_axis(f"time, {zone_text(timeline.zone_name)}", range=[first, max(last, until)])
