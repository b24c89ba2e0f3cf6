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
from engine.whatif.search import Sizer, earliest_date, smallest_capacity
from engine.whatif.sizing import Size
from engine.whatif.workers import Workers
from engine.wording.sizings import SOUGHT_WORDS, met_text, size_value_text, sizing_headline
from engine.words import percent

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
        """A row for each size that was tried: `value`, replications that met the goal, and the share's interval."""
        rows = [
            (float(point.value), point.met, point.replications, point.low, point.high) for point in self.found.points
        ]
        columns = {
            "value": pl.Float64,
            "met": pl.Int64,
            "replications": pl.Int64,
            "low": pl.Float64,
            "high": pl.Float64,
        }
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
        """A card for notebooks: the answer, and how often each size that was tried met the goal."""
        found, zone = self.found, self._zone
        words = sizing_headline(found, zone)
        rows = [
            Interval(
                f"{size_value_text(point.value, zone)} {'←' if point.value == found.answer else ''}".strip(),
                point.low,
                point.met / point.replications,
                point.high,
                met_text(point),
            )
            for point in found.points_of(MOST_DRAWN)
        ]
        figures = {
            "wanted": f"{percent(found.goal.reached)} of the list",
            "in replications": percent(found.goal.confidence),
        }
        left = len(found.points) - len(rows)
        title = f"share of the replications that met the goal, by {SOUGHT_WORDS[found.by]}"
        title += f" ({left:,} more were tried)" if left else ""
        return card(
            words.answer,
            [*words.more, words.context, *words.notes, f"{title}, with 95 % intervals:"],
            figures,
            intervals(title, rows),
        )
