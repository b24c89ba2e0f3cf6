"""The report of a sizing: the sizes that were tried, and how often each met the goal."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.calling.instants import Instant, in_zone
from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import local_seconds, parse_zone
from engine.certainty import Estimate
from engine.release import made_by
from engine.report.charts import BLUE, GREY, GRID, MARK, Chart, axis, layout, share_axis, share_bars, time_axis
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.report.steps import clock_texts
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought
from engine.wording.sizings import (
    SETTING_CAPTION,
    SOUGHT_WORDS,
    folded_text,
    hindrance_rows,
    hindrances_caption,
    met_text,
    next_minute,
    range_text,
    reached_text,
    setting_rows,
    size_text,
    size_value_text,
    sizing_headline,
    spared_text,
)
from engine.words import percent, percent_as_written, zone_text

_LEAST: dict[Sought, str] = {
    "lines": "the fewest that are enough",
    "callsPerSecond": "the slowest that is enough",
    "finish": "the earliest that is enough",
}
_WORDS: dict[Sought, str] = {**SOUGHT_WORDS, "finish": "finish"}
MOST_POINTS = 60
"""The most sizes that are drawn."""
DECADE = 10
"""Sizes of which the largest drawn is more than so many times the smallest have a logarithmic axis."""
MOST_TICKS = 8
"""The most sizes that are written below a chart."""


def sizing_page(sizing: Sizing, zone_name: str = DEFAULT_ZONE) -> str:
    """The report of a sizing as one HTML file, with dates on the clock of a zone."""
    point = sizing.point
    figures = (
        _answer_figure(sizing, zone_name),
        KeyFigure("Wanted", percent_as_written(sizing.goal.confidence), "of the replications meet the goal"),
        *(() if point is None else (KeyFigure("Met the goal", met_text(point), _interval_text(point)),)),
        *(() if point is None or point.reached is None else (_reached_figure(sizing, point.reached),)),
    )
    return render(
        Page(
            headline=sizing_headline(sizing, zone_name),
            figures=figures,
            sections=tuple(_sections(sizing, zone_name)),
            footer=(
                "Intervals hold the true share in 95 of 100 cases: Wilson's for replications, Student's for the list. "
                "A size that was stopped has none for its replications: when it stops depends on them.",
                f"made by {made_by()}",
            ),
        )
    )


def _sections(sizing: Sizing, zone_name: str) -> Iterator[Section]:
    if sizing.unreachable is not None:
        yield Section("Why it cannot be reached", (_hindrances(sizing, zone_name),))
    if sizing.points or sizing.unreachable is None:
        yield Section("The sizes that were tried", (_curve(sizing, zone_name),))
    if sizing.hindrances:
        yield Section("Who is reached", (_hindrances(sizing, zone_name),))
    if rows := setting_rows(sizing, zone_name):
        table = Table(SETTING_CAPTION, ("what", "in the scenario"), rows, words=(1,))
        note = "" if sizing.points else spared_text(sizing)
        yield Section(SETTING_CAPTION, (Exhibit("The scenario", "", table, note=note),))


def _hindrances(sizing: Sizing, zone_name: str) -> Exhibit:
    """Who is reached in time, and why the others are not."""
    rows = hindrance_rows(sizing)
    texts = [(words, percent(share)) for words, share in rows]
    table = Table(hindrances_caption(sizing, zone_name), ("reason", "share of the list"), texts)
    title = f"{_played_with(sizing, zone_name)} {texts[0][1]} of the list are reached in time"
    about = "Share of the list, the mean over the replications"
    hindered = dict(rows[1:])
    if not hindered:
        return Exhibit(title, about, table)
    shares = [percent(share) for share in hindered.values()]
    return Exhibit(title, about, table, (share_bars("the list", hindered, shares, shares),))


def _played_with(sizing: Sizing, zone_name: str) -> str:
    """The capacity with which those who are not reached were counted."""
    if sizing.answer is not None:
        return f"With {size_text(sizing.answer, zone_name)}"
    if sizing.by == "finish":
        return "With the lines that there are"
    if sizing.unreachable is None or sizing.unreachable.other_limit is None:
        return "Without any limit"
    return f"Without a limit to the {'lines' if sizing.by == 'lines' else 'pace'}"


def _answer_figure(sizing: Sizing, zone_name: str) -> KeyFigure:
    label, answer = _WORDS[sizing.by].capitalize(), sizing.answer
    if answer is None:
        return KeyFigure(label, "none")
    value, note = size_value_text(answer, zone_name), _LEAST[sizing.by]
    if isinstance(answer, Instant):
        return KeyFigure(label, f"{in_zone(next_minute(answer), parse_zone(zone_name)):%a %d %b}", f"{value}, {note}")
    return KeyFigure(label, value, note)


def _interval_text(point: SizePoint) -> str:
    return "stopped" if point.low is None or point.high is None else range_text(point.low, point.high)


def _reached_figure(sizing: Sizing, reached: Estimate) -> KeyFigure:
    value, wanted = percent(reached.mean), f"{percent_as_written(sizing.goal.reached)} wanted"
    interval = "" if reached.low is None or reached.high is None else f"{range_text(reached.low, reached.high)}, "
    return KeyFigure("Reached in time", value, f"{interval}{wanted}")


def _curve(sizing: Sizing, zone_name: str) -> Exhibit:
    """The share of replications that met the goal, and the share of the list reached, against what was tried."""
    words = _WORDS[sizing.by] + (f" ({zone_text(zone_name)})" if sizing.by == "finish" else "")
    points = sizing.points_of(MOST_POINTS)
    table = _points_table(sizing, words, zone_name)
    about = f"Share of the replications that met the goal, by {words}, with 95 % intervals"
    if not points:
        return Exhibit("Nothing was tried", about, table)
    title = f"No {words} that were tried are enough"
    if sizing.answer is not None:
        unit = "" if sizing.by == "finish" else f" {words}"
        title = f"The goal is met from {size_value_text(sizing.answer, zone_name)}{unit} on"
        missed = sum(each.value > sizing.answer and _is_missed(each, sizing.goal.confidence) for each in sizing.points)
        if sizing.unlimited_share is not None:
            title = f"The goal is met with {size_text(sizing.answer, zone_name)}, and not without a limit"
        elif missed:  # more lines do not always reach more
            larger = f"{missed:,} of the larger sizes that were tried"
            title = f"The goal is met with {size_text(sizing.answer, zone_name)}, but not with {larger}"
    charts: tuple[Chart, ...] = (_met_chart(sizing, points, words, zone_name),)
    if all(point.reached for point in points):
        about = f"Replications that met the goal, and the list reached in time, by {words}, with 95 % intervals"
        charts += (_reached_chart(sizing, points, words, zone_name),)
    folded = folded_text(sizing, points, zone_name)
    note = " ".join(
        remark for remark in (folded and f"{folded} The table lists them all.", spared_text(sizing)) if remark
    )
    return Exhibit(title, about, table, charts, note)


def _is_missed(point: SizePoint, confidence: float) -> bool:
    """Whether too few replications can still meet the goal: a size above the answer may be stopped before."""
    left = max(point.planned - point.replications, 0)
    return (point.met + left) / (point.replications + left) < confidence


def _points_table(sizing: Sizing, words: str, zone_name: str) -> Table:
    """All sizes that were tried."""
    with_reached = sizing.by != "finish"
    reached = ("reached in time (95 % interval)",) if with_reached else ()
    columns = (words, "met the goal", "replications", "share", "95 % interval", *reached)
    rows = [
        (
            size_value_text(point.value, zone_name),
            f"{point.met:,}",
            f"{point.replications:,}",
            percent(point.share),
            _interval_text(point),
            *((reached_text(point.reached),) if with_reached else ()),
            "yes" if point.value == sizing.answer else "",
        )
        for point in sizing.points
    ]
    caption = f"All {len(rows):,} that were tried, by {words}"
    return Table(caption, (*columns, "the answer"), rows, words=(len(columns),))


def _met_chart(sizing: Sizing, points: Sequence[SizePoint], words: str, zone_name: str) -> Chart:
    y_axis = share_axis("replications that met the goal", range=[-0.03, 1.06])
    drawn = [_Drawn(point, point.share, point.low, point.high, f"{met_text(point)} met the goal") for point in points]
    return _chart(sizing, drawn, sizing.goal.confidence, words, y_axis, zone_name)


def _reached_chart(sizing: Sizing, points: Sequence[SizePoint], words: str, zone_name: str) -> Chart:
    drawn = [
        _Drawn(point, reached.mean, reached.low, reached.high, "of the list reached in time")
        for point in points
        if (reached := point.reached) and reached.mean is not None
    ]
    y_axis = share_axis("share of the list reached in time")
    return _chart(sizing, drawn, sizing.goal.reached, words, y_axis, zone_name)


class _Drawn(NamedTuple):
    """A size as a dot, with its interval if it has one."""

    point: SizePoint
    share: float
    low: float | None
    high: float | None
    words: str


def _chart(
    sizing: Sizing, drawn: Sequence[_Drawn], wanted: float, words: str, y_axis: dict[str, Any], zone_name: str
) -> Chart:
    """Shares against sizes, with the line that is wanted; the axis is logarithmic where the sizes span decades."""
    x_axis = time_axis(words, fixedrange=True)
    if sizing.by != "finish":
        x_axis = axis(words, tickformat=",~r", nticks=MOST_TICKS)
        if drawn[-1].point.value > DECADE * drawn[0].point.value:
            x_axis |= {"type": "log", "dtick": "D2"}
        elif sizing.by == "lines" and drawn[-1].point.value - drawn[0].point.value < MOST_TICKS:
            x_axis |= {"dtick": 1}  # there are no half lines
    look = layout(400, xaxis=x_axis, yaxis=y_axis, hovermode="closest")
    return Chart(_traces(sizing, drawn, wanted, zone_name), look, _legend(sizing, drawn))


def _legend(sizing: Sizing, drawn: Sequence[_Drawn]) -> tuple[tuple[str, str], ...]:
    stopped = (("stopped when it was settled", GREY),) if any(each.point.stopped for each in drawn) else ()
    answer = () if sizing.answer is None else (("the answer", MARK),)
    return (("tried", BLUE), *stopped, *answer)


def _colour(sizing: Sizing, point: SizePoint) -> str:
    return MARK if point.value == sizing.answer else GREY if point.stopped else BLUE


def _traces(sizing: Sizing, drawn: Sequence[_Drawn], wanted: float, zone_name: str) -> list[dict[str, Any]]:
    def at(value: Size) -> float | str:
        return clock_texts(local_seconds(np.array([value]), zone_name))[0] if isinstance(value, Instant) else value

    x, shares = [at(each.point.value) for each in drawn], [each.share for each in drawn]
    colours = [_colour(sizing, each.point) for each in drawn]
    hovers = [
        f"{size_value_text(each.point.value, zone_name)}<br>{percent(each.share)} {each.words}<br>"
        + ("stopped" if each.low is None or each.high is None else range_text(each.low, each.high))
        for each in drawn
    ]
    curve = {"type": "scatter", "mode": "lines", "x": x, "y": shares, "hoverinfo": "skip"}
    line = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "marker": {"size": 8, "opacity": 0},
        "x": [x[0], x[-1]],
        "y": [wanted] * 2,
        "line": {"color": MARK, "width": 1.5, "dash": "dot"},
        "text": [f"wanted: {percent_as_written(wanted)}", ""],
        "textposition": "bottom right",
        "textfont": {"color": MARK},
        "hoverinfo": "skip",
    }
    intervals = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place, place],
            "y": [each.low, each.high],
            "line": {"color": colour, "width": 2},
            "hoverinfo": "skip",
        }
        for place, each, colour in zip(x, drawn, colours, strict=True)
        if each.low is not None
    ]
    marker = {"color": colours, "size": 11, "opacity": 1, "line": {"width": 0}}
    dots = {"type": "scatter", "mode": "markers", "x": x, "y": shares, "marker": marker, "cliponaxis": False}
    return [
        curve | {"line": {"color": GRID, "width": 2}},
        line,
        *intervals,
        dots | {"hovertext": hovers, "hoverinfo": "text"},
    ]
