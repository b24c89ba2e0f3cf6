"""A comparison: what the figures of a scenario came to in each of its variants."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl

from engine.certainty import Estimate
from engine.reading.document import json_text
from engine.results.folder import REPORT_NAME, Writer, text_file, write_folder
from engine.results.lock import LOCK_NAME, lock_text
from engine.scenario.scenario import Scenario
from engine.whatif.replications import Band, Replication

YES_OR_NO = ("goal.met",)
"""Figures that are 0 or 1 in each replication."""
COUNTED = ("numbers.", "calls.outcome.", "calls.outcome_share.")
"""How figures begin that a run leaves out if there was nothing to count: reasons, outcomes of other variants."""


class Difference(msgspec.Struct, frozen=True):
    """What a variant adds to the base's figure: the mean over replications with the same luck, with its 95 % interval.

    None where no replication measured both. `beyond_doubt` says that the difference is not one of chance.
    """

    mean: float | None
    low: float | None
    high: float | None
    beyond_doubt: bool


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


def figure_of(replication: Replication, name: str) -> float | None:
    """A figure of a replication; what only others counted is 0, what only others measured is None."""
    counted = name.startswith(COUNTED) or name.endswith(".numbers")
    return replication.figures.get(name, 0.0 if counted else None)


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


def write_comparison(
    compared: Compared, base: Scenario, folder: Path, *, force: bool = False, report: str | None = None
) -> None:
    """Write the comparison (JSON), a table of it (CSV), its replications (Parquet) and the base's lock into a folder.

    `report`, the page of the comparison, is put beside them. All of them whole, or nothing. Raises InputError if
    results are there already and `force` is not given, and OSError if something cannot be written.
    """
    lock = lock_text(base, int(compared.replications[0][0].digest, 16), folder)
    files: dict[str, Writer] = {
        "variants.csv": lambda file: figures_table(compared.comparison).write_csv(file),
        "replications.parquet": lambda file: replications_table(compared).write_parquet(file),
        "comparison.json": text_file(json_text(msgspec.to_builtins(compared.comparison)) + "\n"),
        LOCK_NAME: text_file(lock),
    }
    if report is not None:
        files[REPORT_NAME] = text_file(report)
    write_folder(folder, files, force=force)
