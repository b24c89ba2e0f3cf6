"""The page of an explanation: a bar for each local day of a number, and a table of its stretches."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from engine.calling.instants import HOUR, MINUTE, in_zone
from engine.calling.zones import parse_zone
from engine.explaining.lives import Life, Lived, Lives
from engine.release import made_by
from engine.report.charts import BAND, BLUE, GREY, GRID, MARK, OTHER_COLOURS, Chart, axis, layout, plain
from engine.report.page import Exhibit, KeyFigure, Page, Section, Table, render
from engine.wording.explanations import (
    MOST_LIVES,
    REASON_WORDS,
    first_zone,
    life_about,
    life_sentences,
    lives_headline,
    more_lives,
    time_spent,
    told,
)
from engine.words import moment_text, percent, span_text, zone_text

COLOURS = {
    "before_start": OTHER_COLOURS[2],
    "retry_interval": OTHER_COLOURS[0],
    "held_by_cap": OTHER_COLOURS[1],
    "closed_date": GREY,
    "day_not_allowed": BAND,
    "outside_hours": GRID,
    "no_lines": OTHER_COLOURS[4],
    "paused": OTHER_COLOURS[5],
    "line": MARK,
    "pace": OTHER_COLOURS[6],
    "in_call": BLUE,
}
"""What is drawn; before a number is added and after it has ended nothing is."""
LEAST_DRAWN = 6 * MINUTE
"""A shorter call is drawn as wide as this, or nobody would see it."""


def lives_page(lives: Lives) -> str:
    """An explanation as one HTML file."""
    sections = tuple(
        Section(life_about(lives, life) if len(lives.lives) > 1 else "Its life", (_life(lives, life),))
        for life in lives.lives[:MOST_LIVES]
    )
    more = (more_lives(lives),) if len(lives.lives) > MOST_LIVES else ()
    drawn = "Its own clock shows the times; calls of less than six minutes are drawn wider."
    footer = (*more, drawn, f"made by {made_by()}")
    return render(Page(lives_headline(lives), _figures(lives.lives[0]), sections, footer))


def _figures(life: Life) -> tuple[KeyFigure, ...]:
    total, spent = time_spent(life)
    return (
        KeyFigure("Calls", f"{len(life.calls)}"),
        *(KeyFigure(span_text(seconds), percent(seconds / total), REASON_WORDS[name]) for name, seconds in spent),
    )


def _life(lives: Lives, life: Life) -> Exhibit:
    zone = first_zone(life)
    rows = [(each.since, each.span, each.words, each.detail) for each in told(life)]
    table = Table("Its stretches", ("from", "for", "it was", "more"), rows, words=(2, 3))
    title = " ".join(life_sentences(life)) if len(lives.lives) > 1 else "What it did, day by day"
    about = f"A bar for each day by the clock of {zone_text(zone)}; {life_about(lives, life)}"
    pieces = list(_pieces(life))
    return Exhibit(title, about, table, (_chart(pieces),) if pieces else ())


class _Piece(NamedTuple):
    """What is drawn of a stretch on one local day."""

    day: date
    since: float
    """Hours of the wall clock."""
    hours: float
    lived: Lived
    text: str


def _pieces(life: Life) -> Iterator[_Piece]:
    name = first_zone(life)
    zone = parse_zone(name)
    for each in life.stretches:
        first = each.start
        while each.reason in COLOURS and first < each.end:
            local = in_zone(first, zone)
            since = local.hour * HOUR + local.minute * MINUTE + local.second
            until = min(each.end, first + 24 * HOUR - since)
            while in_zone(until - 1, zone).date() != local.date():  # the clock goes forward that day
                until -= 15 * MINUTE
            drawn = max(until - first, LEAST_DRAWN) if each.reason == "in_call" else until - first
            text = f"{REASON_WORDS[each.reason]}<br>{moment_text(each.start, name)}, {span_text(each.end - each.start)}"
            if each.outcome is not None:
                text += f"<br>call {each.attempt}: {plain(each.outcome)}"
            yield _Piece(local.date(), since / HOUR, drawn / HOUR, each, text)
            first = until


def _chart(pieces: list[_Piece]) -> Chart:
    days = sorted({piece.day for piece in pieces})
    rows = {day: row for row, day in enumerate(days)}
    data: list[dict[str, Any]] = []
    for name, colour in COLOURS.items():
        own = [piece for piece in pieces if piece.lived.reason == name]
        if own:
            data.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "base": [round(piece.since, 4) for piece in own],
                    "x": [round(piece.hours, 4) for piece in own],
                    "y": [rows[piece.day] for piece in own],
                    "width": 0.7,
                    "marker": {"color": colour},
                    "hovertext": [piece.text for piece in own],
                    "hoverinfo": "text",
                }
            )
    look = layout(
        len(days) * 26 + 70,
        barmode="overlay",
        hovermode="closest",
        xaxis=axis("hour of the day", range=[0, 24], dtick=3, showgrid=True),
        yaxis=axis(
            "",
            tickvals=list(rows.values()),
            ticktext=[f"{day:%a %Y-%m-%d}" for day in days],
            range=[len(days) - 0.5, -0.5],
            showgrid=False,
        ),
    )
    present = {piece.lived.reason for piece in pieces}
    legend = tuple((REASON_WORDS[name], colour) for name, colour in COLOURS.items() if name in present)
    return Chart(data, look, legend)
