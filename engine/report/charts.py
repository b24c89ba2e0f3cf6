"""Charts: pictures for plotly.js as plain values, in colours that colour-blind people can distinguish.

They use the colours of the light page. A dark page replaces them by those of `DARK`.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.customers.outcomes import ANSWERED
from engine.reading.names import visible

INK, QUIET, GRID, PAPER = "#1d2733", "#5a6776", "#e3e8ee", "#ffffff"
BLUE, BAND = "#1f6fb2", "#c9dff2"
GREY, MARK = "#98a2ae", "#b3452c"
OTHER_COLOURS = ("#e5a23d", "#c4608f", "#a9b8c9", "#3f9e86", "#7c66b5", "#c9c04a", "#6bbbd8")
"""Colours of outcomes other than `answered`, and of variants other than the base, in their order."""
PRIORITY_COLOURS = ("#123f6d", "#2a6fa8", "#5c9bd1", "#9ac3e4", "#cbdeee")
HEAT = ("#eef4fa", "#9cc4e4", "#2a6fa9", "#0f3459")
DARK = {
    INK: "#e4e9ef",
    QUIET: "#9fabb8",
    GRID: "#2c3642",
    PAPER: "#161c23",
    BLUE: "#5aaaf0",
    BAND: "#24445f",
    GREY: "#7f8a97",
    MARK: "#f0835f",
    **dict(
        zip(
            OTHER_COLOURS,
            ("#e9b158", "#df86ae", "#67788c", "#56bfa4", "#a08be0", "#d6ce63", "#7ccde9"),
            strict=True,
        )
    ),
    **dict(zip(PRIORITY_COLOURS, ("#d9ebfb", "#a3cff4", "#66a8de", "#3d78aa", "#2f5a80"), strict=True)),
    **dict(zip(HEAT, ("#1d2733", "#24527c", "#4f9be0", "#d3e9fc"), strict=True)),
}


def shade(colour: str) -> str:
    """A transparent colour, for a band."""
    red, green, blue = (int(colour[digit : digit + 2], 16) for digit in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.2)"


DARK |= {shade(colour): shade(DARK[colour]) for colour in (INK, BLUE, *OTHER_COLOURS)}
REST = "all others"
"""The outcomes that are drawn together if there are more outcomes than colours."""
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
LONGEST_NAME = 30
ROW_HEIGHT = 50
LINE_HEIGHT = 15
LONGEST_LINE = 44
"""So many characters of the words above a row stand on one line: more would be cut on a phone."""


class Chart(NamedTuple):
    """A picture: plotly's traces and layout."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    legend: tuple[tuple[str, str], ...] = ()
    """The meaning of colours, if the picture does not say it: words, each with a colour."""
    x: Sequence[object] = ()
    """The x that traces without their own share."""

    @property
    def spec(self) -> dict[str, Any]:
        """The values for the page's script."""
        return {"data": self.data, "layout": self.layout, "x": list(self.x)}

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.layout["height"])


def short(name: str) -> str:
    """A user's name, cut if it is too long for a chart or a title."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def plain(text: str) -> str:
    """Text that plotly shows literally, and does not read as tags, entities or formulas."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")


class OutcomeGroup(NamedTuple):
    """Outcomes that are drawn as one."""

    name: str
    colour: str
    outcomes: tuple[str, ...]


def outcome_groups(calls: Mapping[str, int]) -> list[OutcomeGroup]:
    """The groups in which outcomes are drawn: `answered` in a colour of its own, then the others.

    If there are more others than colours, those with the most calls have a colour each.
    """
    others = [name for name in calls if name != ANSWERED]
    most = sorted(others, key=lambda name: -calls[name])[: len(OTHER_COLOURS)]
    apart = [name for name in others if name in most]
    rest = tuple(name for name in others if name not in most)
    return [
        *([OutcomeGroup(ANSWERED, BLUE, (ANSWERED,))] if ANSWERED in calls else []),
        *(OutcomeGroup(name, colour, (name,)) for name, colour in zip(apart, OTHER_COLOURS, strict=False)),
        *([OutcomeGroup(REST, GREY, rest)] if rest else []),
    ]


def layout(height: int, **more: Any) -> dict[str, Any]:
    """The look that all charts share: no title, no box, quiet axes."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8, "pad": 4},
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": GRID, "font": {"family": FONT, "size": 13, "color": INK}},
    } | more


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its unit in its title."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": QUIET}, "standoff": 8},
        "automargin": True,
        "gridcolor": GRID,
        "linecolor": GRID,
        "zeroline": False,
        "tickfont": {"size": 12, "color": QUIET},
        "fixedrange": True,
    } | more


def count_axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of counts, from zero."""
    return axis(title, rangemode="tozero", tickformat=",~f", nticks=6, **more)


def share_axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of shares, as percentages."""
    return axis(title, tickformat=",.0%", nticks=6, **more)


def time_axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of dates and wall-clock times; dragging along it zooms in."""
    formats = [
        {"dtickrange": [None, 43_200_000], "value": "%H:%M<br>%a %-d %b"},
        {"dtickrange": [43_200_000, 604_799_999], "value": "%a<br>%-d %b"},
        {"dtickrange": [604_800_000, "M1"], "value": "%-d %b<br>%Y"},
        {"dtickrange": ["M1", "M12"], "value": "%b<br>%Y"},
        {"dtickrange": ["M12", None], "value": "%Y"},
    ]
    look = {"type": "date", "tickformatstops": formats, "hoverformat": "%a %Y-%m-%d %H:%M", "fixedrange": False}
    return axis(title, **(look | {"showgrid": False, "ticks": "outside", "ticklen": 4, "tickcolor": GRID} | more))


def row_labels(texts: Iterable[str]) -> list[dict[str, Any]]:
    """Words above each row of a chart, at its left edge, so that long ones fit on a phone."""
    return [
        {
            "text": text,
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": row,
            "yref": "y",
            "yanchor": "bottom",
            "yshift": 9,
            "showarrow": False,
            "align": "left",
            "font": {"size": 12, "color": INK},
        }
        for row, text in enumerate(texts)
    ]


def rows_layout(texts: Sequence[str], x_axis: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The axis of a chart with one row for each thing, words above it, the first on top."""
    lines = max((text.count("<br>") for text in texts), default=0)
    hidden = {"visible": False, "range": [len(texts) - 0.5, -0.8], "fixedrange": True}
    return layout(
        len(texts) * (ROW_HEIGHT + lines * LINE_HEIGHT) + 70,
        xaxis=x_axis,
        yaxis=hidden,
        hovermode="closest",
        annotations=row_labels(texts),
        **more,
    )


def share_bars(of: str, shares: Mapping[str, float], texts: Sequence[str], counts: Sequence[str]) -> Chart:
    """A bar in each row, with its name and its share above it; the count is shown on hover."""
    data = {
        "type": "bar",
        "orientation": "h",
        "x": list(shares.values()),
        "y": list(range(len(shares))),
        "width": 0.26,
        "marker": {"color": BLUE},
        "hovertext": [f"{plain(name)}<br>{count}" for name, count in zip(shares, counts, strict=True)],
        "hoverinfo": "text",
    }
    labels = [f"<b>{text}</b>  {_broken(name)}" for name, text in zip(shares, texts, strict=True)]
    x_axis = share_axis(f"share of {of}", showgrid=False, range=[0, max((*shares.values(), 0.001)) * 1.02])
    return Chart([data], rows_layout(labels, x_axis))


def _broken(words: str) -> str:
    """Words on lines that fit on a phone."""
    return "<br>".join(map(plain, textwrap.wrap(words, LONGEST_LINE, break_on_hyphens=False))) or plain(words)
