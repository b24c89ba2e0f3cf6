"""Sizing from Python: the lines, the pace or the date that it takes, as a value that shows itself."""

from os import PathLike
from pathlib import Path
from typing import Literal

import polars as pl

from engine.card import Interval, card, intervals
from engine.progress import Progress, unseen
from engine.public.running import scenario_of, unknown
from engine.reading.notes import Note
from engine.scenario.scenario import Scenario
from engine.whatif import sizing as sizings
from engine.whatif.replications import open_runs
from engine.whatif.search import earliest_date, smallest_capacity
from engine.whatif.sizing import Size, SizePoint
from engine.whatif.tries import Sizer
from engine.whatif.workers import Workers
from engine.wording.sizings import SOUGHT_WORDS, folded_text, met_text, size_value_text, sizing_headline
from engine.words import percent, percent_as_written

MOST_DRAWN = 12
"""The most sizes that a card draws."""


def size(
    scenario: Scenario | str | PathLike[str],
    by: Literal["lines", "callsPerSecond", "finish"] = "lines",
    *,
    replications: int = 40,
    seed: int | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    runs: str | PathLike[str] | None = None,
    progress: Progress = unseen,
) -> "Sizing":
    """Find the fewest lines, the slowest pace or the earliest date with which a scenario reaches its goal.

    `by` is what is looked for; `finish` is the date for the lines that there are. The other arguments are those of
    `compare`. Raises ScenarioError if the scenario has faults, or no goal.

    >>> sizing = size("scenarios/spring_promo.yaml", by="finish", replications=2)
    >>> sizing.by, len(sizing.points)
    ('finish', 2)
    """
    if by not in SOUGHT_WORDS:
        raise ValueError(unknown("size to look for named", by, SOUGHT_WORDS))
    if replications < 1:
        raise ValueError(f"{replications} replications; at least 1 is needed")
    loaded = scenario_of(scenario, seed)
    folder = None if runs is None else Path(runs)
    sizer = Sizer(replications, open_runs(folder), Workers(jobs, dask), progress)
    found = earliest_date(loaded, sizer) if by == "finish" else smallest_capacity(loaded, by, sizer)
    return Sizing(loaded, found)


class Sizing:
    """What a search for the smallest capacity, or for the earliest date, found.

    >>> sizing = size("docs/tutorial/renewals.yaml", replications=2)
    >>> sizing.answer
    5
    >>> sizing.sized()
    Scenario('Renewals': 2,997 numbers, 5 lines, 2026-03-02T13:00:00Z to 2026-03-05T05:00:00Z)
    """

    def __init__(self, scenario: Scenario, found: sizings.Sizing) -> None:
        self.scenario = scenario
        self.found = found
        """All that was found, as plain structs: how sure it is, the goal, or why nothing is enough."""

    @property
    def by(self) -> str:
        """What was looked for: `lines`, `callsPerSecond` or `finish`."""
        return self.found.by

    @property
    def answer(self) -> Size | None:
        """The fewest lines, the slowest pace, or the earliest date in Unix seconds; None if none is enough."""
        return self.found.answer

    @property
    def points(self) -> pl.DataFrame:
        """A row for each size that was tried.

        `value`, the replications that `met` the goal, of so many `replications` that were played and `planned`, the
        interval of the share that met it from `low` to `high` (null if not all were played), and the mean share of the
        list that was `reached` in time, with its interval from `reached_low` to `reached_high` (null for dates).
        """
        columns = {
            "value": pl.Float64,
            "met": pl.Int64,
            "replications": pl.Int64,
            "planned": pl.Int64,
            "low": pl.Float64,
            "high": pl.Float64,
            "reached": pl.Float64,
            "reached_low": pl.Float64,
            "reached_high": pl.Float64,
        }
        rows = [
            (
                *(float(point.value), point.met, point.replications, point.planned, point.low, point.high),
                *((None, None, None) if (share := point.reached) is None else (share.mean, share.low, share.high)),
            )
            for point in self.found.points
        ]
        return pl.DataFrame(rows, schema=columns, orient="row")

    def sized(self) -> Scenario:
        """The scenario with the capacity that was found; ValueError if none is enough, or if a date was looked for."""
        if not self.found.changes:
            why = "a date was looked for" if self.by == "finish" else "no capacity reaches the goal"
            raise ValueError(f"there is no capacity to take: {why}")
        return self.scenario.changed_by({f"campaign.{field}": value for field, value in self.found.changes.items()})

    def write(self, folder: str | PathLike[str], *, force: bool = False) -> None:
        """Write the folder of `dialer size --out`: all of it, or nothing.

        Raises InputError if results are there already and `force` is not given, and OSError if something cannot be
        written.
        """
        from engine.report.folders import write_sizing  # loads what draws the page

        write_sizing(self.found, Path(folder), self._zone, force=force)

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What to know of the input before the answer is believed."""
        return self.found.warnings

    @property
    def _zone(self) -> str:
        return self.scenario.document.campaign.zone_name

    def __repr__(self) -> str:
        words = sizing_headline(self.found, self._zone)
        return f"Sizing({words.name!r}: {words.text})"

    def _repr_html_(self) -> str:
        """A card for notebooks: the answer, and what the sizes around it reach."""
        found, zone = self.found, self._zone
        words, points = sizing_headline(found, zone), found.points_of(MOST_DRAWN)
        what = "list that is reached in time" if self.by != "finish" else "replications that met the goal"
        title = f"share of the {what}, by {SOUGHT_WORDS[found.by]}"
        remarks = (f"{title}, with 95 % intervals:", folded_text(found, points, zone))
        figures = {
            "wanted": f"{percent_as_written(found.goal.reached)} of the list",
            "in replications": percent_as_written(found.goal.confidence),
        }
        return card(
            words.answer,
            [*words.more, words.context, *words.notes, *(remark for remark in remarks if remark)],
            figures,
            intervals(title, [_drawn(point, found.answer, zone) for point in points]),
        )


def _drawn(point: SizePoint, answer: Size | None, zone_name: str) -> Interval:
    """A size as a row of the card: what it reaches, or for a date how many replications met the goal."""
    label = f"{size_value_text(point.value, zone_name)} {'←' if point.value == answer else ''}".strip()
    if point.reached is None or point.reached.mean is None:
        low, high = (point.share if end is None else end for end in (point.low, point.high))
        return Interval(label, low, point.share, high, met_text(point))
    mean = point.reached.mean
    low, high = (mean if end is None else end for end in (point.reached.low, point.reached.high))
    return Interval(label, low, mean, high, f"{percent(mean)}, met {met_text(point)}")
