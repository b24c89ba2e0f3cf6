"""A comparison: what the figures of a scenario came to in each of its variants."""

from typing import Any, NamedTuple

import msgspec
import polars as pl

from engine.certainty import Estimate
from engine.reading.notes import Note
from engine.results.figures import figure_named
from engine.scenario.document import Goal
from engine.whatif.changes import Change
from engine.whatif.replications import Band, Replication


class Difference(msgspec.Struct, frozen=True):
    """A variant's figure minus the base's: the mean over replications with the same luck, with its 95 % interval.

    None where no replication measured both. `beyond_doubt` says that chance does not explain the difference.
    """

    mean: float | None
    low: float | None
    high: float | None
    beyond_doubt: bool

    @property
    def is_zero(self) -> bool:
        """Whether each replication differs by exactly nothing."""
        return self.mean == 0 and not self.low and not self.high


class VariantFigures(msgspec.Struct, frozen=True):
    """What a variant came to."""

    name: str
    changes: dict[str, Any]
    """What differs from the base: values by path for a variant of the grid, else a merge patch (RFC 7396)."""
    figures: dict[str, Estimate]
    """The estimates, by the dotted name of the figure."""
    differences: dict[str, Difference]
    """The differences from the base; the base itself has none."""
    reached: Band
    digests: tuple[str, ...] = ()
    """The digest of each replication, in the order of the seeds."""
    changed: tuple[Change, ...] = ()
    """Each value that differs from the base's, with both."""
    goal: Goal | None = None
    """The goal, with the instant by which it is to be met."""

    def __repr__(self) -> str:
        return f"VariantFigures({self.name!r}: {len(self.figures)} figures)"

    def mean(self, figure: str) -> float | None:
        """The mean of a figure over the replications; None where it was not measured."""
        estimate = self.figures.get(figure)
        return None if estimate is None else estimate.mean

    def is_the_same(self, figure: str) -> bool:
        """Whether the figure is that of the base in each replication; the base is the same as itself."""
        difference = self.differences.get(figure)
        return not self.differences or (difference is not None and difference.is_zero)

    def is_beyond_doubt(self, figure: str, sign: int = 0) -> bool:
        """Whether the figure differs from the base's beyond doubt; with a sign, whether it is larger or smaller."""
        difference = self.differences.get(figure)
        if difference is None or not difference.beyond_doubt:
            return False
        return not sign or (difference.mean or 0.0) * sign > 0


class Comparison(msgspec.Struct, frozen=True):
    """Variants of a scenario side by side, the base first."""

    name: str
    base: str
    replications: int
    seeds: tuple[int, ...]
    variants: tuple[VariantFigures, ...]
    most: dict[str, tuple[str, ...]] = {}
    """The variant with more of a figure than each other one beyond doubt, with those that are equal to it in each
    replication; a figure of which there is none, or of which all have the same, is left out."""
    least: dict[str, tuple[str, ...]] = {}
    """The same for less of a figure."""
    warnings: tuple[Note, ...] = ()
    """What to know of the input before the figures are believed; with the variants' names if it is not so in all."""


class Compared(NamedTuple):
    """A comparison, and the replications it was made of."""

    comparison: Comparison
    replications: list[list[Replication]]
    """A list for each variant, in the order of the seeds."""


def figure_of(replication: Replication, name: str) -> float | None:
    """A figure of a replication without which it counts as 0 if it is a count, and as None if it is a measure."""
    return replication.figures.get(name, 0.0 if figure_named(name).is_zero_where_absent else None)


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
