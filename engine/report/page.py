"""The page: one HTML file that loads nothing else."""

import base64
import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import NamedTuple

import jinja2
from markupsafe import Markup

from engine.reading.names import visible
from engine.report.charts import DARK, Chart
from engine.wording.headlines import Headline

PLOTLY = "plotly-cartesian.min.js"
"""The part of plotly.js 4.1.1 that draws in two axes, as it is published; the whole is three times as large."""


class Table(NamedTuple):
    """A table of words and figures; the first column names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    words: tuple[int, ...] = ()
    """Columns after the first that hold words, and so are aligned at the left."""
    pairs: bool = False
    """Whether cells after the first may hold two figures, one below the other."""


class Exhibit(NamedTuple):
    """A chart with the table behind it, or the table alone."""

    title: str
    """What it shows: a finding, if there is one."""
    about: str
    """What is drawn, in which units, on which clock."""
    table: Table
    charts: tuple[Chart, ...] = ()
    note: str = ""
    wide: bool = True
    """Whether it takes the whole width of the page."""
    folded: bool = False
    """Whether a table without a chart is folded away until it is asked for."""


class Section(NamedTuple):
    """A heading with its exhibits."""

    title: str
    exhibits: tuple[Exhibit, ...]


class KeyFigure(NamedTuple):
    """A figure in large type."""

    label: str
    value: str
    note: str = ""


class Page(NamedTuple):
    """A page, with the answer first."""

    headline: Headline
    figures: tuple[KeyFigure, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...]


def render(page: Page) -> str:
    """The page as HTML: users' names are always escaped, and nothing is loaded from elsewhere."""
    charts = [chart for section in page.sections for exhibit in section.exhibits for chart in exhibit.charts]
    return _template().render(
        page=page,
        style=Markup(_own("page.css")),  # noqa: S704 (our own file)
        scripts=[Markup(script) for script in _scripts()],  # noqa: S704 (plotly.js and our own file)
        script_hashes=" ".join(f"'sha256-{_hash(script)}'" for script in _scripts()),
        pictures={"charts": [chart.spec for chart in charts], "dark": DARK},
        dark=DARK,
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "separators": (",", ":"), "allow_nan": False}
    environment.filters |= {"unbroken": _unbroken, "in_a_cell": _in_a_cell}
    return environment.from_string(_own("page.html"))


def _shown(value: object) -> object:
    """A value as the page shows it: what cannot be seen in a text is an escape; HTML of our own stays."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?|[\d.,]+ %", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\b\d\d-\d\d\b|[\d.,]+ %|/", re.ASCII)


def _unbroken(text: str) -> Markup:
    """Text in which no line breaks within a date and its time or before a per cent sign."""
    return _kept_together(text, _MOMENT)


def _in_a_cell(text: str) -> Markup:
    """Text for a narrow column: lines may break between a date and its time and behind a slash; our own HTML stays."""
    return text if isinstance(text, Markup) else _kept_together(text, _DATE)


def _kept_together(text: str, pattern: re.Pattern[str]) -> Markup:
    text = visible(text)
    pieces = pattern.split(text)
    found = [_kept(each) for each in pattern.findall(text)]
    joined = (Markup("{}{}").format(*pair) for pair in zip(pieces, [*found, ""], strict=True))
    return Markup("").join(joined)


def _kept(text: str) -> Markup:
    return Markup("/<wbr>") if text == "/" else Markup('<span class="unbroken">{}</span>').format(text)


def _own(name: str) -> str:
    return resources.files("engine.report").joinpath(name).read_text(encoding="utf-8")


@cache
def _scripts() -> tuple[str, str]:
    """The scripts of the page: plotly.js as it is published, then our own."""
    return _own(PLOTLY), _own("page.js")


def _hash(script: str) -> str:
    return base64.b64encode(sha256(script.encode()).digest()).decode()
