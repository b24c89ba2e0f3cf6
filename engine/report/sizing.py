"""The report of a sizing: the sizes that were tried, and how often each met the goal."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.calling.instants import Instant, in_zone
from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import local_seconds, parse_zone
from engine.release import made_by
from engine.report.charts import BLUE, GRID, MARK, Chart, axis, layout, share_axis, share_bars, time_axis
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.report.steps import clock_texts
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought, Unreachable
from engine.wording.sizings import (
    HINDRANCES_CAPTION,
    SOUGHT_WORDS,
    hindrance_rows,
    met_text,
    size_value_text,
    sizing_headline,
)
from engine.words import percent, zone_text

_LEAST: dict[Sought, str] = {
    "lines": "the fewest that are enough",
    "callsPerSecond": "the slowest that is enough",
    "finish": "the earliest that is enough",
}
_WORDS: dict[Sought, str] = {**SOUGHT_WORDS, "finish": "finish"}
MOST_POINTS = 60
"""The most sizes that are shown."""


def sizing_page(sizing: Sizing, zone_name: str = DEFAULT_ZONE) -> str:
    """The report of a sizing as one HTML file, with dates on the clock of a zone."""
    point = sizing.point
    figures = (
        _answer_figure(sizing, zone_name),
        KeyFigure("Wanted", percent(sizing.goal.confidence), "of the replications meet the goal"),
        *(() if point is None else (KeyFigure("Met the goal", met_text(point), _interval_text(point)),)),
    )
    return render(
        Page(
            headline=sizing_headline(sizing, zone_name),
            figures=figures,
            sections=tuple(_sections(sizing, zone_name)),
            footer=(
                "The intervals are Wilson's: they hold the true share in 95 of 100 cases.",
                f"made by {made_by()}",
            ),
        )
    )


def _sections(sizing: Sizing, zone_name: str) -> Iterator[Section]:
    if sizing.unreachable is not None:
        yield Section("Why it cannot be reached", (_hindrances(sizing, sizing.unreachable),))
    if sizing.points or sizing.unreachable is None:
        yield Section("The sizes that were tried", (_curve(sizing, zone_name),))


def _hindrances(sizing: Sizing, why: Unreachable) -> Exhibit:
    """Who is reached in time, and why the others are not."""
    rows = hindrance_rows(why)
    texts = [(words, percent(share)) for words, share in rows]
    table = Table(HINDRANCES_CAPTION, ("reason", "share of the list"), texts)
    limit = "With the lines that there are" if sizing.by == "finish" else "Without any limit"
    title = f"{limit} {percent(why.reached_share)} of the list are reached in time"
    about = "Share of the list, the mean over the replications"
    hindered = dict(rows[1:])
    if not hindered:
        return Exhibit(title, about, table)
    shares = [percent(share) for share in hindered.values()]
    return Exhibit(title, about, table, (share_bars("the list", hindered, shares, shares),))


def _answer_figure(sizing: Sizing, zone_name: str) -> KeyFigure:
    label, answer = _WORDS[sizing.by].capitalize(), sizing.answer
    if answer is None:
        return KeyFigure(label, "none")
    value, note = size_value_text(answer, zone_name), _LEAST[sizing.by]
    if isinstance(answer, Instant):
        return KeyFigure(label, f"{in_zone(answer, parse_zone(zone_name)):%a %d %b}", f"{value}, {note}")
    return KeyFigure(label, value, note)


def _interval_text(point: SizePoint) -> str:
    return f"{percent(point.low)} to {percent(point.high)}"


def _share(point: SizePoint) -> float:
    return point.met / point.replications if point.replications else 0.0


def _curve(sizing: Sizing, zone_name: str) -> Exhibit:
    """The share of replications that met the goal, with its interval, against what was tried."""
    words = _WORDS[sizing.by] + (f" ({zone_text(zone_name)})" if sizing.by == "finish" else "")
    points = sizing.points_of(MOST_POINTS)
    table = Table(
        f"Share of the replications that met the goal, by {words}",
        (words, "met the goal", "replications", "share", "95 % interval", "the answer"),
        [
            (
                size_value_text(point.value, zone_name),
                f"{point.met:,}",
                f"{point.replications:,}",
                percent(_share(point)),
                _interval_text(point),
                "yes" if point.value == sizing.answer else "",
            )
            for point in points
        ],
        words=(5,),
    )
    about = f"Share of the replications that met the goal, by {words}, with 95 % intervals"
    if not points:
        return Exhibit("Nothing was tried", about, table)
    title = f"No {words} that were tried are enough"
    if sizing.answer is not None:
        unit = "" if sizing.by == "finish" else f" {words}"
        title = f"The goal is met from {size_value_text(sizing.answer, zone_name)}{unit} on"
    x_axis = time_axis(words, fixedrange=True) if sizing.by == "finish" else axis(words, tickformat=",~g")
    y_axis = share_axis("replications that met the goal", range=[-0.03, 1.06])
    look = layout(400, xaxis=x_axis, yaxis=y_axis, hovermode="closest")
    return Exhibit(title, about, table, (Chart(_traces(sizing, points, zone_name), look, _legend(sizing)),))


def _legend(sizing: Sizing) -> tuple[tuple[str, str], ...]:
    answer = () if sizing.answer is None else (("the answer", MARK),)
    return (("tried", BLUE), *answer)


def _traces(sizing: Sizing, points: Sequence[SizePoint], zone_name: str) -> list[dict[str, Any]]:
    def drawn(value: Size) -> float | str:
        return clock_texts(local_seconds(np.array([value]), zone_name))[0] if isinstance(value, Instant) else value

    x, shares = [drawn(point.value) for point in points], [_share(point) for point in points]
    colours = [MARK if point.value == sizing.answer else BLUE for point in points]
    hovers = [
        f"{size_value_text(point.value, zone_name)}<br>{met_text(point)} met the goal<br>{_interval_text(point)}"
        for point in points
    ]
    curve = {"type": "scatter", "mode": "lines", "x": x, "y": shares, "hoverinfo": "skip"}
    wanted = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "marker": {"size": 8, "opacity": 0},
        "x": [x[0], x[-1]],
        "y": [sizing.goal.confidence] * 2,
        "line": {"color": MARK, "width": 1.5, "dash": "dot"},
        "text": [f"wanted: {percent(sizing.goal.confidence)}", ""],
        "textposition": "bottom right",
        "textfont": {"color": MARK},
        "hoverinfo": "skip",
    }
    intervals = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [at, at],
            "y": [point.low, point.high],
            "line": {"color": colour, "width": 2},
            "hoverinfo": "skip",
        }
        for at, point, colour in zip(x, points, colours, strict=True)
    ]
    marker = {"color": colours, "size": 11, "opacity": 1, "line": {"width": 0}}
    dots = {"type": "scatter", "mode": "markers", "x": x, "y": shares, "marker": marker, "cliponaxis": False}
    return [
        curve | {"line": {"color": GRID, "width": 2}},
        wanted,
        *intervals,
        dots | {"hovertext": hovers, "hoverinfo": "text"},
    ]
