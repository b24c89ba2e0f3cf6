"""Comparison: what the figures of a scenario come to in each of its variants, replication by replication."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from engine.answers.folder import REPORT_NAME, Writer, write_folder
from engine.answers.lock import LOCK_NAME, lock_text
from engine.answers.playing import Progress, Workers, play_replications
from engine.answers.replications import Replication, Runs, moments, seeds_of
from engine.answers.variants import BASE, Variant
from engine.reading.document import json_text
from engine.reading.faults import Fault, InputError, shown
from engine.scenario import Scenario

CONFIDENCE = 0.95
"""Of every interval."""
DOUBT = 0.05
"""The chance that any variant differs beyond doubt in a figure where in truth none does."""
YES_OR_NO = ("goal.met",)
"""Figures that are 0 or 1 in each replication."""
COUNTED = ("numbers.", "calls.outcome.", "calls.outcome_share.")
"""How figures begin that a run leaves out if there was nothing to count: reasons, outcomes of other variants."""


class Estimate(msgspec.Struct, frozen=True):
    """The mean of a figure over the replications in which it was measured, with its 95 % interval.

    Instants are Unix seconds. The mean is None if no replication measured it, the interval if a single one did.
    """

    mean: float | None
    low: float | None
    high: float | None
    replications: int


class Difference(msgspec.Struct, frozen=True):
    """What a variant adds to the base's figure: the mean over replications with the same luck, with its 95 % interval.

    None where no replication measured both. `beyond_doubt` says that the difference is not one of chance.
    """

    mean: float | None
    low: float | None
    high: float | None
    beyond_doubt: bool


class Band(msgspec.Struct, frozen=True):
    """The share of the list that was reached before each of some instants.

    `times` are Unix seconds; `mean` is over the replications, and 95 % of them lie from `low` to `high`.
    """

    times: tuple[int, ...]
    low: tuple[float, ...]
    mean: tuple[float, ...]
    high: tuple[float, ...]


class VariantFigures(msgspec.Struct, frozen=True):
    """What a variant came to."""

    name: str
    changes: dict[str, Any]
    """What differs from the base: values by path for a variant of the grid, else a merge patch (RFC 7396)."""
    figures: dict[str, Estimate]
    """By the dotted name of the figure."""
    differences: dict[str, Difference]
    """To the base; of the base itself there are none."""
    reached: Band
    digests: tuple[str, ...] = ()
    """Of each replication, in the order of the seeds."""


class Comparison(msgspec.Struct, frozen=True):
    """Variants of a scenario side by side, the base first."""

    name: str
    base: str
    replications: int
    seeds: tuple[int, ...]
    variants: tuple[VariantFigures, ...]


class Compared(NamedTuple):
    """A comparison, and the replications it was made of."""

    comparison: Comparison
    replications: list[list[Replication]]
    """A list a variant, in the order of the seeds."""


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


def figure_of(replication: Replication, name: str) -> float | None:
    """A figure of a replication; what only others counted is 0, what only others measured is None."""
    counted = name.startswith(COUNTED) or name.endswith(".numbers")
    return replication.figures.get(name, 0.0 if counted else None)


def estimate(values: NDArray[np.float64], *, yes_or_no: bool = False) -> Estimate:
    """The mean of values, NaN left out, with Student's interval, or with Wilson's for values of 0 and 1."""
    known = values[~np.isnan(values)]
    if yes_or_no and len(known):
        wilson = stats.binomtest(int(known.sum()), len(known)).proportion_ci(CONFIDENCE, method="wilson")
        return Estimate(float(known.mean()), float(wilson.low), float(wilson.high), len(known))
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


def figures_table(comparison: Comparison) -> pl.DataFrame:
    """A row for each figure of each variant: its estimate, and the paired difference to the base."""
    rows = [
        {
            "variant": variant.name,
            "figure": name,
            **msgspec.structs.asdict(figure),
            **{f"difference_{part}": value for part, value in _parts(variant.differences.get(name)).items()},
        }
        for variant in comparison.variants
        for name, figure in variant.figures.items()
    ]
    numbers = dict.fromkeys(("mean", "low", "high", *(f"difference_{end}" for end in _ENDS)), pl.Float64)
    return pl.DataFrame(rows, schema_overrides=numbers, infer_schema_length=None)


_ENDS = ("mean", "low", "high")


def _parts(difference: Difference | None) -> dict[str, Any]:
    if difference is None:
        return dict.fromkeys((*_ENDS, "beyond_doubt"))
    return msgspec.structs.asdict(difference)


def replications_table(compared: Compared) -> pl.DataFrame:
    """A row for each replication of each variant: `variant`, `seed`, `digest`, and a column for each figure."""
    comparison, names = compared.comparison, list(compared.comparison.variants[0].figures)
    rows = [
        {"variant": variant.name, "seed": seed, "digest": each.digest} | {name: figure_of(each, name) for name in names}
        for variant, ours in zip(comparison.variants, compared.replications, strict=True)
        for seed, each in zip(comparison.seeds, ours, strict=True)
    ]
    columns = {"variant": pl.String, "seed": pl.Int64, "digest": pl.String} | dict.fromkeys(names, pl.Float64)
    return pl.DataFrame(rows, schema=columns)


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


def write_comparison(
    compared: Compared, base: Variant, folder: Path, *, force: bool = False, report: str | None = None
) -> None:
    """Write the comparison (JSON), a table of it (CSV), its replications (Parquet) and the base's lock into a folder.

    `report`, the page of the comparison, is put beside them. All of them whole, or nothing. Raises InputError if
    results are there already and `force` is not given, and OSError if something cannot be written.
    """
    lock = lock_text(base.scenario, int(compared.replications[0][0].digest, 16), folder)
    text = json_text(msgspec.to_builtins(compared.comparison)) + "\n"
    files: dict[str, Writer] = {
        "variants.csv": lambda file: figures_table(compared.comparison).write_csv(file),
        "replications.parquet": lambda file: replications_table(compared).write_parquet(file),
        "comparison.json": lambda file: file.write_bytes(text.encode()),
        LOCK_NAME: lambda file: file.write_bytes(lock.encode()),
    }
    if report is not None:
        files[REPORT_NAME] = lambda file: file.write_bytes(report.encode())
    write_folder(folder, files, force=force)
