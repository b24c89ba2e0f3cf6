"""The report of a run: who is reached and when, how busy the lines are, who is not reached and why."""

from importlib.metadata import version

from engine.report.charts import BLUE, Chart, count_axis, rows_layout, share_bars
from engine.report.hours import answers_by_hour, calls_by_hour
from engine.report.over_time import backlog_over_time, calls_over_time, lines_over_time, reached_over_time
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.report.steps import timeline_of
from engine.results.lock import PROJECT
from engine.results.reasons import ENDING_WORDS, reason_text
from engine.results.result import Result
from engine.whatif.replications import Band
from engine.wording.figures import time_unit
from engine.wording.headlines import headline
from engine.words import moment_text, percent, span_text, whole_minute


def run_page(result: Result, band: Band | None = None) -> str:
    """The report of a run as one HTML file; `band` is what replications of it came to, if they were played."""
    words, timeline = headline(result), timeline_of(result)
    reached = (reached_over_time(result, timeline, band), _not_reached(result))
    sections = (
        Section("Reached", reached),
        Section("Calls and lines", (calls_over_time(result, timeline), lines_over_time(result, timeline))),
        Section("Waiting", (backlog_over_time(timeline), _waiting(result))),
        Section("Hours of the customers", (calls_by_hour(result), answers_by_hour(result))),
        Section("Figures", (_endings(result), _outcomes(result), _line_hours(result), *_zones(result))),
    )
    return render(
        Page(
            name=words.name,
            about=(words.span, words.size),
            answer=words.answer,
            more=words.more,
            figures=_key_figures(result),
            sections=sections,
            footer=(
                "Drag in a chart over time to look closer, double-click to see all of it again. "
                "Every quarter-hour is in timeline.parquet, every figure in summary.json.",
                f"digest {result.figures.digest}, made by {PROJECT} {version(PROJECT)}",
            ),
        )
    )


def _key_figures(result: Result) -> tuple[KeyFigure, ...]:
    figures, start, zone_name = result.figures, result.document.start, result.document.campaign.zone_name
    lines = figures.lines
    pending = sum(count for ending, count in figures.numbers.ending.items() if ending.startswith("pending"))
    done = KeyFigure("List done", "not yet", f"{pending:,} pending")
    if figures.done_at is not None:
        instant = whole_minute(figures.done_at)
        done = KeyFigure("List done in", span_text(instant - start), f"on {moment_text(instant, zone_name)}")
    return (
        KeyFigure("Reached", percent(figures.numbers.reached_share), f"{figures.numbers.reached:,} numbers"),
        done,
        KeyFigure("Calls", f"{figures.calls.total:,}", f"{figures.calls.per_number:.2f} a number"),
        KeyFigure("Most lines in use", f"{lines.most_in_use:,}", "at once"),
        KeyFigure("Occupancy", percent(lines.occupancy_while_calling), "of the lines, while calling"),
    )


def _not_reached(result: Result) -> Exhibit:
    numbers = result.figures.numbers
    reasons = sorted(numbers.not_reached.items(), key=lambda item: -item[1])
    rows = [(reason_text(reason), f"{count:,}", percent(count / numbers.total)) for reason, count in reasons]
    table = Table("Who was not reached, and why", ("reason", "numbers", "share of the list"), rows)
    about = "Numbers that were not reached, by reason, as a share of the list"
    if not reasons:
        return Exhibit("Nobody was left out" if numbers.total else "The list is empty", about, table)
    shares = {words: count / numbers.total for (words, _, _), (_, count) in zip(rows, reasons, strict=True)}
    drawn = dict(list(shares.items())[:MOST_BARS])
    counts = [f"{row[1]} numbers" for row in rows][:MOST_BARS]
    chart = share_bars("the list", drawn, [row[2] for row in rows][:MOST_BARS], counts)
    first = rows[0][0]
    title = f"{sum(numbers.not_reached.values()):,} were not reached, most of them: {first}"
    if shares[first] * 2 <= sum(shares.values()):
        title = f"{sum(numbers.not_reached.values()):,} were not reached, for several reasons"
    return Exhibit(title, about, table, (chart,))


MOST_BARS = 12
"""Bars that are drawn; the table has them all."""


def _waiting(result: Result) -> Exhibit:
    waiting = result.figures.waiting
    table = Table(
        "First allowed to first call, by priority",
        ("priority", "numbers called", "mean", "median", "90 % within", "99 % within"),
        [
            (
                f"priority {priority}",
                f"{each.numbers:,}",
                *(span_text(span) for span in (each.mean, each.median, each.p90, each.p99)),
            )
            for priority, each in waiting.items()
        ],
    )
    about = "From the first instant at which a number could be called to its first call, of the numbers called"
    if not waiting:
        return Exhibit("Nobody was called", about, table)
    seconds, unit = time_unit(max(each.p99 for each in waiting.values()))
    labels = [f"<b>Priority {priority}</b>  half within {span_text(each.median)}" for priority, each in waiting.items()]
    data: list[dict[str, object]] = []
    for place, each in enumerate(waiting.values()):
        spans = (each.median, each.p90, each.p99)
        shares = ("half", "90 %", "99 %")
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": [span / seconds for span in spans],
                "y": [place] * len(spans),
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
    slowest = max(waiting, key=lambda priority: waiting[priority].median)
    title = f"Half of priority {slowest} waited {span_text(waiting[slowest].median)} or longer for their first call"
    x_axis = count_axis(f"waited, {unit}")
    note = "The dots are the median and the 90 % quantile, the stroke at the end is the 99 % quantile."
    return Exhibit(title, about, table, (Chart(data, rows_layout(labels, x_axis)),), note)


def _endings(result: Result) -> Exhibit:
    numbers = result.figures.numbers
    rows = [
        (ENDING_WORDS[ending], f"{count:,}", percent(numbers.ending_share[ending]))
        for ending, count in numbers.ending.items()
        if count
    ]
    table = Table("What became of the list", ("ending", "numbers", "share"), rows)
    return Exhibit(table.caption, "", table, wide=False)


def _outcomes(result: Result) -> Exhibit:
    calls = result.figures.calls
    rows = [(name, f"{count:,}", percent(calls.outcome_share[name])) for name, count in calls.outcome.items()]
    table = Table("What calls came to", ("outcome", "calls", "share"), [*rows, ("in all", f"{calls.total:,}", "")])
    return Exhibit(table.caption, "", table, wide=False)


def _line_hours(result: Result) -> Exhibit:
    lines, calls = result.figures.lines, result.figures.calls
    rows = [
        ("hours of lines available", f"{lines.hours_available:,.0f}"),
        ("hours of lines in use", f"{lines.hours_in_use:,.0f}"),
        ("occupancy", percent(lines.occupancy)),
        ("occupancy while calling", percent(lines.occupancy_while_calling)),
        ("most lines in use at once", f"{lines.most_in_use:,}"),
        ("calls a number", f"{calls.per_number:.2f}"),
        ("most calls to one number", f"{calls.most_attempts:,}"),
        ("duplicates ignored", f"{result.figures.numbers.duplicates_ignored:,}"),
    ]
    return Exhibit("Lines and attempts", "", Table("Lines and attempts", ("figure", "value"), rows), wide=False)


def _zones(result: Result) -> tuple[Exhibit, ...]:
    zones, total = result.figures.zones, result.figures.numbers.total
    if zones is None:
        return ()
    counts = {
        "in one zone": zones.in_one_zone,
        "in several, called when all are open": zones.in_several_zones,
        "not told, called by zoneIfUnknown": zones.not_placed,
    }
    rows = [(words, f"{count:,}", percent(count / total)) for words, count in counts.items() if count]
    table = Table("Zones told by the phones", ("phones", "numbers", "share"), rows)
    return (Exhibit(table.caption, "", table, wide=False),)
