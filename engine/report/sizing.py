"""The report of a sizing: which capacities were tried, and how often each met the goal."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from engine.calling.instants import in_zone
from engine.calling.policy import DEFAULT_ZONE
from engine.calling.zones import local_seconds, parse_zone
from engine.report.charts import BLUE, GRID, MARK, Chart, axis, layout, share_axis, share_bars, time_axis
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.report.steps import clock_texts
from engine.results.lock import PROJECT
from engine.whatif.sizing import SizePoint, Sizing, Unreachable, value_text
from engine.words import percent, zone_text

FINISH: Final = "finish"
_ABOUT = {
    "lines": "the fewest lines that reach the goal",
    "callsPerSecond": "the slowest pace that reaches the goal",
    FINISH: "the earliest date that reaches the goal",
}
_LEAST = {"lines": "the fewest that will do", "callsPerSecond": "the slowest that will do"}
_SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z0-9])")
MOST_POINTS = 60
"""Capacities and dates that are shown at most."""
_WORDS = {"lines": "lines", "callsPerSecond": "calls a second", FINISH: "finish"}


def sizing_page(sizing: Sizing, zone_name: str = DEFAULT_ZONE) -> str:
    """The report of a sizing as one HTML file, its dates on the clock of a zone."""
    answer, *more = _SENTENCE_END.split(sizing.sentence)
    figures = (
        _answer_figure(sizing, zone_name),
        KeyFigure("Wanted", percent(sizing.confidence), "of the replications meet the goal"),
        *_at_the_answer(sizing),
    )
    return render(
        Page(
            name=sizing.name or "A campaign",
            about=(_ABOUT[sizing.by],),
            answer=answer,
            more=tuple(more),
            figures=figures,
            sections=tuple(_sections(sizing, zone_name)),
            footer=(
                "The intervals are Wilson's: they hold the true share in 95 of 100 cases.",
                f"made by {PROJECT} {version(PROJECT)}",
            ),
        )
    )


def _sections(sizing: Sizing, zone_name: str) -> Iterator[Section]:
    if sizing.unreachable is not None:
        yield Section("Why it cannot be reached", (_hindrances(sizing.unreachable),))
    if sizing.points or sizing.unreachable is None:
        yield Section("The way to the answer", (_curve(sizing, zone_name),))


def _hindrances(why: Unreachable) -> Exhibit:
    """What keeps numbers from being reached in time."""
    shares = {each.text: each.share for each in why.hindrances}
    texts = [percent(share) for share in shares.values()]
    caption = "Who is not reached in time, and why"
    table = Table(caption, ("reason", "share of the list"), list(zip(shares, texts, strict=True)))
    about = "Share of the list, the mean over the replications"
    title = f"Without any limit {percent(why.reached_share)} of the list are reached in time"
    if not shares:
        return Exhibit(title, about, table)
    return Exhibit(title, about, table, (share_bars("the list", shares, texts, texts),))


def _answer_figure(sizing: Sizing, zone_name: str) -> KeyFigure:
    if sizing.by == FINISH and sizing.answer is not None:
        moment = in_zone(round(sizing.answer), parse_zone(zone_name))
        return KeyFigure(
            "Finish", f"{moment:%a %d %b}", f"{_answer_text(sizing, zone_name)}, the earliest that will do"
        )
    words = _WORDS[sizing.by].capitalize()
    return KeyFigure(words, _answer_text(sizing, zone_name), "" if sizing.answer is None else _LEAST[sizing.by])


def _answer_text(sizing: Sizing, zone_name: str) -> str:
    return "none" if sizing.answer is None else _value_text(sizing, sizing.answer, zone_name)


def _value_text(sizing: Sizing, value: float, zone_name: str) -> str:
    return value_text(FINISH, value, zone_name) if sizing.by == FINISH else f"{value:,.10g}"


def _at_the_answer(sizing: Sizing) -> tuple[KeyFigure, ...]:
    found = [point for point in sizing.points if point.value == sizing.answer]
    return tuple(
        KeyFigure("Met the goal", f"{point.met:,} of {point.replications:,}", _interval_text(point)) for point in found
    )


def _interval_text(point: SizePoint) -> str:
    return f"{percent(point.low)} to {percent(point.high)}"


def _share(point: SizePoint) -> float:
    return point.met / point.replications if point.replications else 0.0


def _curve(sizing: Sizing, zone_name: str) -> Exhibit:
    """The share of replications that met the goal, with its interval, against what was tried."""
    words = _WORDS[sizing.by] + (f" ({zone_text(zone_name)})" if sizing.by == FINISH else "")
    points = _some(sizing)
    table = Table(
        f"Share of the replications that met the goal, by {words}",
        (words, "met the goal", "replications", "share", "95 % interval", "the answer"),
        [
            (
                _value_text(sizing, point.value, zone_name),
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
    title = (
        f"No {words} tried will do"
        if sizing.answer is None
        else f"The goal is met from {_answer_text(sizing, zone_name)} on"
    )
    if sizing.answer is not None and sizing.by != FINISH:
        title = f"The goal is met from {_answer_text(sizing, zone_name)} {words} on"
    x_axis = time_axis(words, fixedrange=True) if sizing.by == FINISH else axis(words, tickformat=",~g")
    y_axis = share_axis("replications that met the goal", range=[-0.03, 1.06])
    look = layout(400, xaxis=x_axis, yaxis=y_axis, hovermode="closest")
    return Exhibit(title, about, table, (Chart(_traces(sizing, points, zone_name), look, _legend(sizing)),))


def _some(sizing: Sizing) -> list[SizePoint]:
    """Of many points some, evenly chosen, the answer among them; by value."""
    points = sorted(sizing.points, key=lambda point: point.value)
    chosen = {round(place) for place in np.linspace(0, len(points) - 1, MOST_POINTS)}
    return [point for place, point in enumerate(points) if place in chosen or point.value == sizing.answer]


def _legend(sizing: Sizing) -> tuple[tuple[str, str], ...]:
    answer = () if sizing.answer is None else (("the answer", MARK),)
    return (("tried", BLUE), *answer)


def _traces(sizing: Sizing, points: list[SizePoint], zone_name: str) -> list[dict[str, Any]]:
    def drawn(value: float) -> float | str:
        return clock_texts(local_seconds(np.array([round(value)]), zone_name))[0] if sizing.by == FINISH else value

    x, shares = [drawn(point.value) for point in points], [_share(point) for point in points]
    colours = [MARK if point.value == sizing.answer else BLUE for point in points]
    hovers = [
        f"{_value_text(sizing, point.value, zone_name)}<br>{point.met:,} of {point.replications:,} met the goal"
        f"<br>{_interval_text(point)}"
        for point in points
    ]
    way = {"type": "scatter", "mode": "lines", "x": x, "y": shares, "hoverinfo": "skip"}
    wanted = {
        "type": "scatter",
        "mode": "lines+markers+text",
        "marker": {"size": 8, "opacity": 0},
        "x": [x[0], x[-1]],
        "y": [sizing.confidence] * 2,
        "line": {"color": MARK, "width": 1.5, "dash": "dot"},
        "text": [f"wanted: {percent(sizing.confidence)}", ""],
        "textposition": "bottom right",
        "textfont": {"color": MARK},
        "hoverinfo": "skip",
    }
    intervals = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place, place],
            "y": [point.low, point.high],
            "line": {"color": colour, "width": 2},
            "hoverinfo": "skip",
        }
        for place, point, colour in zip(x, points, colours, strict=True)
    ]
    marker = {"color": colours, "size": 11, "opacity": 1, "line": {"width": 0}}
    dots = {"type": "scatter", "mode": "markers", "x": x, "y": shares, "marker": marker, "cliponaxis": False}
    return [
        way | {"line": {"color": GRID, "width": 2}},
        wanted,
        *intervals,
        dots | {"hovertext": hovers, "hoverinfo": "text"},
    ]
