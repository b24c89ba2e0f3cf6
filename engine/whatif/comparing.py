"""Holding variants of a scenario against each other: means, paired differences, and which are beyond doubt."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from engine.certainty import CONFIDENCE, wilson
from engine.reading.faults import Fault, InputError, shown
from engine.scenario.scenario import Scenario
from engine.whatif.comparison import (
    YES_OR_NO,
    Band,
    Compared,
    Comparison,
    Difference,
    Estimate,
    VariantFigures,
    figure_of,
)
from engine.whatif.replications import Replication, Runs, moments, seeds_of
from engine.whatif.variants import BASE, Variant
from engine.whatif.workers import Progress, Workers, play_replications

DOUBT = 0.05
"""The chance that any variant differs beyond doubt in a figure where in truth none does."""


def compare(
    variants: Sequence[Variant],
    replications: int,
    runs: Runs,
    workers: Workers = Workers(),  # noqa: B008 (a tuple)
    progress: Progress | None = None,
) -> Compared:
    """Play each variant with the same seeds, and hold the figures of each against those of the first, the base.

    Raises what `play_replications` raises.
    """
    base = variants[0].scenario
    seeds = seeds_of(base, replications)
    played = play_replications([variant.scenario for variant in variants], seeds, runs, workers, progress)
    names = list(dict.fromkeys(name for ours in played for each in ours for name in each.figures))
    tables = [_columns(ours, names) for ours in played]
    differences = _differences(tables, names)
    figures = tuple(
        VariantFigures(
            name=variant.name,
            changes=variant.changes,
            figures={name: estimate(table[name], yes_or_no=name in YES_OR_NO) for name in names},
            differences=theirs,
            reached=reached_band(variant.scenario, ours),
            digests=tuple(replication.digest for replication in ours),
        )
        for variant, ours, table, theirs in zip(variants, played, tables, differences, strict=True)
    )
    return Compared(Comparison(base.document.name, BASE, replications, seeds, figures), played)


def _columns(replications: Sequence[Replication], names: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """The values of each figure; NaN where it was not measured."""
    return {name: np.array([figure_of(each, name) for each in replications], np.float64) for name in names}


def estimate(values: NDArray[np.float64], *, yes_or_no: bool = False) -> Estimate:
    """The mean of values, NaN left out, with Student's interval, or with Wilson's for values of 0 and 1."""
    known = values[~np.isnan(values)]
    if yes_or_no and len(known):
        return Estimate(float(known.mean()), *wilson(int(known.sum()), len(known)), len(known))
    return Estimate(*_student(known), len(known))


def _student(known: NDArray[np.float64]) -> tuple[float | None, float | None, float | None]:
    if not len(known):
        return None, None, None
    mean = float(known.mean())
    if len(known) == 1:
        return mean, None, None
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known)))
    return mean, mean - half, mean + half


def _differences(
    tables: Sequence[Mapping[str, NDArray[np.float64]]], names: Iterable[str]
) -> list[dict[str, Difference]]:
    """The paired differences of each variant to the first; of the first, none."""
    found: list[dict[str, Difference]] = [{} for _ in tables]
    for name in names:
        added = [table[name] - tables[0][name] for table in tables[1:]]
        added = [each[~np.isnan(each)] for each in added]
        beyond = beyond_doubt([chance(each, yes_or_no=name in YES_OR_NO) for each in added])
        for place, (each, certain) in enumerate(zip(added, beyond, strict=True), start=1):
            found[place][name] = Difference(*_student(each), beyond_doubt=certain)
    return found


def chance(differences: NDArray[np.float64], *, yes_or_no: bool) -> float:
    """How likely chance alone makes such differences: Student's paired test, or of yes and no the sign test."""
    if yes_or_no:
        gained, lost = int((differences > 0).sum()), int((differences < 0).sum())
        return float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    if len(differences) < 2:
        return 1.0
    if np.ptp(differences) == 0:
        # the test divides by the spread; differences that are all the same are told by their signs
        return float(stats.binomtest(0, len(differences)).pvalue) if differences[0] else 1.0
    return float(stats.ttest_1samp(differences, 0).pvalue)


def beyond_doubt(chances: Sequence[float]) -> list[bool]:
    """Which of several differences are beyond doubt together: the method of S. Holm (1979)."""
    beyond = [False] * len(chances)
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[place] > DOUBT / (len(chances) - rank):
            break
        beyond[place] = True
    return beyond


def reached_band(scenario: Scenario, replications: Sequence[Replication]) -> Band:
    """The share of the list that replications of a scenario reached over time."""
    total = max(len(scenario.phonebook), 1)
    shares = np.array([replication.reached for replication in replications]) / total
    low, high = np.quantile(shares, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    mean = shares.mean(axis=0)
    lows, means, highs = (tuple(column.tolist()) for column in (low, mean, high))
    return Band(moments(scenario.document), lows, means, highs)


def asked_figures(base: Variant, asked: Sequence[str], runs: Runs) -> None:
    """Raise InputError for figures that no summary of this scenario has, before anything else is played."""
    if asked:
        seeds = seeds_of(base.scenario, 1)
        [[first]] = play_replications([base.scenario], seeds, runs, Workers(jobs=1))
        known = list(first.figures)
        if unknown := [name for name in asked if name not in known]:
            raise InputError(
                Fault(("--figure",), shown(name), ", ".join(difflib.get_close_matches(name, known, 3, 0.4) or known))
                for name in unknown
            )
