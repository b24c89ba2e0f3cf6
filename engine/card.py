"""A card: what a notebook shows of a value, with a headline, key figures and one picture.

Its HTML and SVG are complete in themselves, take the colours of the page around them and load nothing from a network.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from engine.reading.names import visible

WIDTH, LABELS = 560, 150
"""Pixels of a picture, and of the words beside its rows."""
ROW_HEIGHT = 22
MARGIN = 20
"""Pixels on both sides of a picture, for words at its ends."""
CURVE_HEIGHT = 150
BLUE, SOFT = "#2f7fc1", "rgba(47,127,193,0.25)"
GRID = "rgba(128,128,128,0.35)"


def card(headline: str, more: Iterable[str], figures: Mapping[str, str], picture: str = "") -> str:
    """HTML of a headline, of lines below it, of figures by their titles, and of a picture (SVG)."""
    cells = "".join(
        f'<div style="margin:0 1.6em 0.4em 0"><div style="opacity:0.7;font-size:85%">{_escaped(title)}</div>'
        f'<div style="font-size:120%">{_escaped(value)}</div></div>'
        for title, value in figures.items()
    )
    lines = "".join(f"<div>{_escaped(line)}</div>" for line in more)
    return (
        f'<div style="font-family:system-ui,sans-serif;max-width:{WIDTH + 40}px">'
        f'<div style="font-weight:600;font-size:110%">{_escaped(headline)}</div>{lines}'
        f'<div style="display:flex;flex-wrap:wrap;margin:0.6em 0">{cells}</div>{picture}</div>'
    )


class Curve(NamedTuple):
    """A curve from left to right, with the words at the ends of its axes."""

    x: Sequence[float]
    """Ascending."""
    y: Sequence[float]
    most: float
    """The value at the top of the picture; the bottom is 0."""
    title: str
    top: str
    """`most` in words."""
    left: str
    right: str


def curve(drawn: Curve) -> str:
    """SVG of a curve in steps: each value holds until the next."""
    left, right = (drawn.x[0], drawn.x[-1]) if drawn.x else (0.0, 1.0)
    steps = []
    for index, (x, y) in enumerate(zip(drawn.x, drawn.y, strict=True)):
        across = (x - left) / ((right - left) or 1) * WIDTH
        height = CURVE_HEIGHT * (1 - y / (drawn.most or 1))
        steps.append(f"M0,{height:.1f}" if not index else f"H{across:.1f}V{height:.1f}")
    line = f'<path d="{"".join(steps)}" fill="none" stroke="{BLUE}" stroke-width="2"/>' if steps else ""
    frame = f'<path d="M0,0H{WIDTH}M0,{CURVE_HEIGHT}H{WIDTH}" stroke="{GRID}"/>'
    words = (
        _text(0, -6, f"{drawn.title}, up to {drawn.top}")
        + _text(0, CURVE_HEIGHT + 16, drawn.left)
        + _text(WIDTH, CURVE_HEIGHT + 16, drawn.right, anchor="end")
    )
    return _svg(drawn.title, CURVE_HEIGHT + 44, f'<g transform="translate(0,22)">{frame}{line}{words}</g>')


class Interval(NamedTuple):
    """A row of a picture: a value in its interval."""

    label: str
    low: float
    value: float
    high: float
    text: str


def intervals(title: str, rows: Sequence[Interval]) -> str:
    """SVG of values as points in their intervals, on one scale."""
    least = min((row.low for row in rows), default=0.0)
    most = max((row.high for row in rows), default=1.0)
    room = WIDTH - 2 * LABELS

    def across(value: float) -> float:
        return LABELS + (value - least) / ((most - least) or 1) * room

    marks = []
    for index, row in enumerate(rows):
        middle = (index + 0.5) * ROW_HEIGHT
        low, at, high = across(row.low), across(row.value), across(row.high)
        marks.append(
            f'<path d="M{low:.1f},{middle}H{high:.1f}" stroke="{SOFT}" stroke-width="8" stroke-linecap="round"/>'
            f'<circle cx="{at:.1f}" cy="{middle}" r="4" fill="{BLUE}"/>'
            + _text(0, middle + 4, _short(row.label))
            + _text(WIDTH, middle + 4, row.text, anchor="end")
        )
    return _svg(title, len(rows) * ROW_HEIGHT + 4, "".join(marks))


class Strip(NamedTuple):
    """A row of a picture: stretches `[start, end)` on an axis from 0."""

    label: str
    stretches: Sequence[tuple[float, float]]


def strips(title: str, rows: Sequence[Strip], length: float, marks: Mapping[float, str]) -> str:
    """SVG of stretches in rows, on an axis from 0 to `length` with words at `marks`."""
    room = WIDTH - LABELS
    height = len(rows) * ROW_HEIGHT
    parts = []
    for at, word in marks.items():
        x = LABELS + at / length * room
        parts.append(f'<path d="M{x:.1f},0V{height}" stroke="{GRID}"/>' + _text(x, height + 16, word, anchor="middle"))
    for index, row in enumerate(rows):
        top = index * ROW_HEIGHT
        parts.append(_text(0, top + ROW_HEIGHT / 2 + 4, _short(row.label)))
        for start, end in row.stretches:
            x, wide = LABELS + start / length * room, (end - start) / length * room
            parts.append(
                f'<rect x="{x:.1f}" y="{top + 4}" width="{wide:.1f}" height="{ROW_HEIGHT - 8}" rx="3" fill="{BLUE}"/>'
            )
    return _svg(title, height + 24, "".join(parts))


def _svg(title: str, height: float, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{MARGIN} 0 {WIDTH + 2 * MARGIN} {height:g}" role="img" '
        f'style="width:100%;max-width:{WIDTH + 2 * MARGIN}px"><title>{_escaped(title)}</title>{inside}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12" fill="currentColor" '
        f'font-family="system-ui,sans-serif">{_escaped(words)}</text>'
    )


def _escaped(text: str) -> str:
    """A text as HTML and SVG show it, what cannot be seen as an escape."""
    return escape(visible(text))


def _short(label: str) -> str:
    return label if len(label) <= 22 else label[:21] + "…"
