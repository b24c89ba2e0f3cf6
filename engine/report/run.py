"""The report of a run: who is reached and when, how busy the lines are, why others are not reached."""

import numpy as np

from engine.certainty import largest_count
from engine.release import made_by
from engine.report.charts import BLUE, Chart, count_axis, rows_layout, share_bars
from engine.report.hours import answers_by_hour, calls_by_hour
from engine.report.over_time import backlog_over_time, calls_over_time, lines_over_time, reached_over_time
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.report.steps import timeline_of
from engine.results.result import Result
from engine.results.summary import Summary
from engine.whatif.replications import Band
from engine.wording.figures import figure_title, time_unit
from engine.wording.runs import (
    LINES_CAPTION,
    WAITS_CAPTION,
    Counts,
    goal_verdict,
    line_figures,
    lines_remark,
    list_counts,
    not_reached_counts,
    outcome_counts,
    run_headline,
    waits,
    waits_counts,
    zone_counts,
)
from engine.wording.waits import waits_sentences
from engine.words import moment_text, percent, percent_as_written, span_text, whole_minute


def run_page(result: Result, band: Band | None = None) -> str:
    """The report of a run as one HTML file; `band` is that of its replications, if these were played."""
    figures, timeline = result.figures, timeline_of(result)
    reached = (reached_over_time(result, timeline, band), _not_reached(result))
    sections = (
        Section("Reached", reached),
        Section("Calls and lines", (calls_over_time(result, timeline), lines_over_time(result, timeline))),
        Section("Waiting", (backlog_over_time(timeline), _waiting(result), *_waits(result))),
        Section("Hours of the customers", (calls_by_hour(result), answers_by_hour(result))),
        Section("Figures", _tables(result)),
    )
    return render(
        Page(
            headline=run_headline(result),
            figures=_key_figures(result),
            sections=sections,
            footer=(
                "Drag in a chart over time to look closer, double-click to see all of it again. "
                "Every quarter-hour is in timeline.parquet, every figure in summary.json.",
                f"digest {figures.digest}, made by {made_by()}",
            ),
        )
    )


def _key_figures(result: Result) -> tuple[KeyFigure, ...]:
    figures, start, zone_name = result.figures, result.document.start, result.document.campaign.zone_name
    work = dict(line_figures(result))
    occupancy = figure_title("lines.occupancy_while_calling")
    done = KeyFigure("List done", "not yet", f"{figures.numbers.pending:,} pending")
    if figures.done_at is not None:
        instant = whole_minute(figures.done_at)
        done = KeyFigure("List done in", span_text(instant - start), f"on {moment_text(instant, zone_name)}")
    return (
        *_goal(result),
        KeyFigure("Reached", percent(figures.numbers.reached_share), f"{figures.numbers.reached:,} numbers"),
        done,
        KeyFigure("Calls", f"{figures.calls.total:,}", f"{work[figure_title('calls.per_number')]} a number"),
        KeyFigure("Most lines in use", f"{figures.lines.most_in_use:,}", "at once"),
        KeyFigure(occupancy.capitalize(), work[occupancy], "of the lines"),
    )


def _goal(result: Result) -> tuple[KeyFigure, ...]:
    goal, wanted = result.figures.goal, result.document.goal
    if goal is None or wanted is None:
        return ()
    shares = f"{percent(goal.reached_share)} in time, {percent_as_written(wanted.reached)} wanted"
    return (KeyFigure("Goal", goal_verdict(result), shares),)


def _not_reached(result: Result) -> Exhibit:
    numbers, counts = result.figures.numbers, not_reached_counts(result.figures)
    rows = sorted(counts.rows, key=lambda row: -row.counted)
    table = _count_table(counts._replace(rows=tuple(rows)), "share of the list")
    about = "Numbers that were not reached, by reason, as a share of the list"
    if not rows:
        return Exhibit("Nobody was left out" if numbers.total else "The list is empty", about, table)
    drawn = rows[:MOST_BARS]
    chart = share_bars(
        "the list",
        {row.words: row.share for row in drawn},
        [percent(row.share) for row in drawn],
        [f"{row.counted:,} numbers" for row in drawn],
    )
    total = sum(row.counted for row in rows)
    title = f"{total:,} were not reached, most of them: {rows[0].words}"
    if len(rows) > 1 and largest_count(np.array([rows[0].counted, total - rows[0].counted])) != 0:
        title = f"{total:,} were not reached, for several reasons"
    return Exhibit(title, about, table, (chart,))


MOST_BARS = 12
"""The most bars that are drawn; the table has them all."""


def _waiting(result: Result) -> Exhibit:
    waiting = result.figures.waiting
    table = Table(
        f"{WAITS_CAPTION}, by priority",
        ("priority", "numbers called", "mean", "median", "90 % within", "99 % within"),
        waits(result.figures),
    )
    about = "From the first instant at which a number could be called to its first call, of the numbers called"
    if not waiting:
        return Exhibit("Nobody was called", about, table)
    seconds, unit = time_unit(max(each.p99 for each in waiting.values()))
    labels = [f"<b>Priority {priority}</b>  half within {span_text(each.median)}" for priority, each in waiting.items()]
    data: list[dict[str, object]] = []
    for row, each in enumerate(waiting.values()):
        spans = (each.median, each.p90, each.p99)
        shares = ("half", "90 %", "99 %")
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": [span / seconds for span in spans],
                "y": [row] * len(spans),
                "line": {"color": BLUE, "width": 2},
                "marker": {
                    "color": BLUE,
                    "size": [13, 9, 9],
                    "symbol": ["circle", "circle", "line-ns-open"],
                    "opacity": 1,
                    "line": {"width": [0, 0, 2], "color": BLUE},
                },
                "cliponaxis": False,
                "hovertext": [f"{share} within {span_text(span)}" for share, span in zip(shares, spans, strict=True)],
                "hoverinfo": "text",
            }
        )
    whose = "each priority" if len(waiting) > 1 else "the numbers called"
    longest = span_text(max(each.median for each in waiting.values()))
    title = f"Half of {whose} got their first call within {longest}"
    x_axis = count_axis(f"waited, {unit}")
    note = "The dots are the median and the 90 % quantile, the stroke at the end is the 99 % quantile."
    return Exhibit(title, about, table, (Chart(data, rows_layout(labels, x_axis)),), note)


def _tables(result: Result) -> tuple[Exhibit, ...]:
    figures = result.figures
    zones = () if figures.zones is None else (_counts(zone_counts(figures)),)
    return (_counts(list_counts(figures)), _outcomes(figures), _line_figures(result), *zones)


def _waits(result: Result) -> tuple[Exhibit, ...]:
    """What the time on the list went to, if that was counted."""
    counts = waits_counts(result)
    if not counts.rows:
        return ()
    chart = share_bars(
        "the time on the list",
        {row.words: row.share for row in counts.rows},
        [percent(row.share) for row in counts.rows],
        [f"{row.counted:,} hours of numbers" for row in counts.rows],
    )
    title, limit = waits_sentences(result)
    about = (
        "The time from the addition of each number to its end, summed over the numbers, by what it did or waited for"
    )
    return (Exhibit(title, about, _count_table(counts, "share of the time"), (chart,), limit),)


def _count_table(counts: Counts, share: str = "share") -> Table:
    rows = [(row.words, f"{row.counted:,}", percent(row.share)) for row in counts.rows]
    return Table(counts.caption, (counts.what, counts.unit, share), rows)


def _counts(counts: Counts) -> Exhibit:
    return Exhibit(counts.caption, "", _count_table(counts), wide=False)


def _outcomes(figures: Summary) -> Exhibit:
    table = _count_table(outcome_counts(figures))
    table = table._replace(rows=[*table.rows, ("in all", f"{figures.calls.total:,}", "")])
    return Exhibit(table.caption, "", table, wide=False)


def _line_figures(result: Result) -> Exhibit:
    table = Table(LINES_CAPTION, ("figure", "value"), line_figures(result))
    return Exhibit(table.caption, "", table, note=lines_remark(result.figures), wide=False)
