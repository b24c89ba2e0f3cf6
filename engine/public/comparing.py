"""Comparing variants from Python: a comparison that shows itself."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl

from engine.card import Interval, card, intervals
from engine.progress import Progress, unseen
from engine.public.running import scenario_of, unknown
from engine.reading.names import visible
from engine.reading.notes import Note
from engine.scenario.scenario import Scenario
from engine.whatif import comparison as comparisons
from engine.whatif.comparing import compare as hold_against_each_other
from engine.whatif.comparison import Compared, VariantFigures
from engine.whatif.replications import open_runs
from engine.whatif.variants import Variant, variants_of
from engine.whatif.workers import Workers
from engine.wording.comparisons import comparison_headline, headline_figure, sorted_variants
from engine.wording.figures import figure_text, figure_title


def compare(
    scenario: Scenario | str | PathLike[str],
    *,
    variants: Mapping[str, Mapping[str, Any]] | None = None,
    grid: Mapping[str, Sequence[Any]] | None = None,
    replications: int = 20,
    seed: int | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    runs: str | PathLike[str] | None = None,
    waiting: bool = False,
    progress: Progress = unseen,
) -> "Comparison":
    """Play a scenario and its variants with the same seeds, and compare their figures.

    `variants` are JSON merge patches of the scenario file, by name (RFC 7396). `grid` has values by path, of which
    every combination is played. Without either, those of the scenario's `whatIf` are played. Each is played with
    `replications` seeds, from the scenario's own or from `seed` on. Runs are played on all processors, in `jobs`
    processes, or on the Dask cluster with the scheduler `dask`. Each is kept in the folder `runs`, or in the user's
    cache, and never played twice. With `waiting`, the figures say what numbers wait for. Raises ScenarioError with
    every fault of the scenario and its variants, and
    UnfinishedError if it is interrupted.

    >>> compare("scenarios/spring_promo.yaml", grid={"campaign.maxAttempts": [1, 2]}, replications=2).names
    ('base', 'maxAttempts=1', 'maxAttempts=2')
    """
    if replications < 1:
        raise ValueError(f"{replications} replications; at least 1 is needed")
    made = variants_of(scenario_of(scenario, seed), variants=variants, grid=grid)
    folder = None if runs is None else Path(runs)
    workers = Workers(jobs, dask)
    compared = hold_against_each_other(made, replications, open_runs(folder), workers, progress, waiting=waiting)
    return Comparison(made, compared)


class Comparison:
    """What the figures of a scenario came to in each of its variants, the base first.

    >>> comparison = compare("scenarios/api_example.yaml", grid={"campaign.lines": [1, 2]}, replications=2)
    >>> comparison["lines=2"].differences["calls.total"].mean
    0.0
    """

    def __init__(self, variants: Sequence[Variant], compared: Compared) -> None:
        self.variants = tuple(variants)
        """The variants, each with its name, its changes and its scenario."""
        self.compared = compared

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variants, `base` first."""
        return tuple(variant.name for variant in self.variants)

    def __getitem__(self, name: str) -> VariantFigures:
        """What a variant came to: `figures` by dotted name, and `differences` from the base; KeyError if there is none.

        Each is a mean with its 95 % interval; a difference says whether it is beyond doubt.
        """
        by_name = dict(zip(self.names, self.compared.comparison.variants, strict=True))
        if name not in by_name:
            raise KeyError(unknown("variant", name, by_name))
        return by_name[name]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.names)

    @property
    def figures(self) -> pl.DataFrame:
        """A row for each figure of each variant: its mean with its interval, and the difference to the base."""
        return comparisons.figures_table(self.compared.comparison)

    @property
    def replications(self) -> pl.DataFrame:
        """A row for each replication of each variant: `variant`, `seed`, `digest`, and a column for each figure."""
        return comparisons.replications_table(self.compared)

    def write(self, folder: str | PathLike[str], *, force: bool = False) -> None:
        """Write the folder of `dialer compare --out`: all of it, or nothing.

        Raises InputError if results are there already and `force` is not given, and OSError if something cannot be
        written.
        """
        from engine.report.folders import write_comparison  # loads what draws the page

        write_comparison(self.compared, self.variants[0].scenario, Path(folder), force=force)

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What to know of the input before the figures are believed."""
        return self.compared.comparison.warnings

    @property
    def _zone(self) -> str:
        return self.variants[0].scenario.document.campaign.zone_name

    def __repr__(self) -> str:
        comparison = self.compared.comparison
        words = comparison_headline(comparison, headline_figure(comparison), self._zone)
        return visible(f"Comparison({words.name!r}: {words.text})")

    def _repr_html_(self) -> str:
        """A card for notebooks: the answer, and its figure in each variant with its interval."""
        comparison, zone = self.compared.comparison, self._zone
        figure = headline_figure(comparison)
        words = comparison_headline(comparison, figure, zone)
        rows = []
        for variant in sorted_variants(comparison, figure):
            estimate = variant.figures.get(figure)
            if estimate is None or estimate.mean is None:
                continue
            low, high = (estimate.mean if end is None else end for end in (estimate.low, estimate.high))
            rows.append(Interval(variant.name, low, estimate.mean, high, figure_text(figure, estimate.mean, zone)))
        figures = {"variants": f"{len(self.variants):,}", "replications": f"{comparison.replications:,}"}
        title = figure_title(figure)
        return card(
            words.answer,
            [*words.more, words.context, *words.notes, f"{title}, with 95 % intervals:"],
            figures,
            intervals(title, rows),
        )
