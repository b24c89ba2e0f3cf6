"""Comparing variants of a scenario: means, paired differences, and which of these are beyond doubt."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.certainty import Estimate, beyond_doubt, chance, estimate, largest_rows, student
from engine.progress import Progress, unseen
from engine.reading.faults import Fault, InputError, shown
from engine.reading.typed import LONGEST_SUGGESTED
from engine.results.figures import Kind, figure_named
from engine.scenario.document import Goal, ScenarioDocument
from engine.whatif.changes import changes_of
from engine.whatif.comparison import Compared, Comparison, Difference, VariantFigures, figure_of
from engine.whatif.notes import variants_notes
from engine.whatif.replications import Replication, Runs, reached_band, seeds_of
from engine.whatif.variants import BASE, Variant
from engine.whatif.workers import Workers, play_replications


def compare(
    variants: Sequence[Variant],
    replications: int,
    runs: Runs,
    workers: Workers = Workers(),  # noqa: B008 (a tuple)
    progress: Progress = unseen,
    *,
    waiting: bool = False,
) -> Compared:
    """Play each variant with the same seeds, and compare the figures of each with those of the first, the base.

    With `waiting`, the figures say what numbers wait for. Raises what `play_replications` raises.
    """
    base = variants[0].scenario
    seeds = seeds_of(base, replications)
    scenarios = [variant.scenario for variant in variants]
    played = play_replications(scenarios, seeds, runs, workers, progress, waiting=waiting)
    names = list(dict.fromkeys(name for ours in played for each in ours for name in each.figures))
    tables = [_columns(ours, names) for ours in played]
    differences = _differences(tables, names)
    figures = tuple(
        VariantFigures(
            name=variant.name,
            changes=variant.changes,
            figures={name: _estimate(name, table[name]) for name in names},
            differences=theirs,
            reached=reached_band(variant.scenario, ours),
            digests=tuple(replication.digest for replication in ours),
            changed=changes_of(base, variant.scenario),
            goal=_goal(variant.scenario.document),
        )
        for variant, ours, table, theirs in zip(variants, played, tables, differences, strict=True)
    )
    notes = variants_notes(variants)
    most, least = (_furthest(variants, tables, names, sign) for sign in (1, -1))
    found = Comparison(base.document.name, BASE, replications, seeds, figures, most, least, notes)
    return Compared(found, played)


def _furthest(
    variants: Sequence[Variant], tables: Sequence[Mapping[str, NDArray[np.float64]]], names: Iterable[str], sign: int
) -> dict[str, tuple[str, ...]]:
    """The variants with the most of each figure beyond doubt, or with a sign of -1 with the least."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        values, jumps = sign * np.array([table[name] for table in tables]), figure_named(name).kind in JUMP
        if rows := largest_rows(values, yes_or_no=_is_yes_or_no(name), jumps=jumps):
            found[name] = tuple(variants[row].name for row in rows)
    return found


JUMP: tuple[Kind, ...] = ("instant", "span")
"""The kinds of figures that jump over a night or a weekend, and so are far from normal over replications."""


def _goal(document: ScenarioDocument) -> Goal | None:
    goal = document.goal
    return goal if goal is None or goal.by is not None else msgspec.structs.replace(goal, by=document.finish)


def _estimate(name: str, values: NDArray[np.float64]) -> Estimate:
    return estimate(values, yes_or_no=_is_yes_or_no(name), bounds=figure_named(name).bounds)


def _is_yes_or_no(name: str) -> bool:
    return figure_named(name).kind == "yes-or-no"


def _columns(replications: Sequence[Replication], names: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """The values of each figure; NaN where it was not measured."""
    return {name: np.array([figure_of(each, name) for each in replications], np.float64) for name in names}


def _differences(
    tables: Sequence[Mapping[str, NDArray[np.float64]]], names: Iterable[str]
) -> list[dict[str, Difference]]:
    """The paired differences of each variant from the first; the first has none."""
    found: list[dict[str, Difference]] = [{} for _ in tables]
    for name in names:
        added = [table[name] - tables[0][name] for table in tables[1:]]
        added = [each[~np.isnan(each)] for each in added]
        beyond = beyond_doubt([chance(each, yes_or_no=_is_yes_or_no(name)) for each in added])
        for index, (each, certain) in enumerate(zip(added, beyond, strict=True), start=1):
            found[index][name] = Difference(*student(each), beyond_doubt=certain)
    return found


def figures_measured(base: Variant, runs: Runs, *, waiting: bool = False) -> tuple[str, ...]:
    """The figures that the summary of a scenario has: it is played once, with its own seed."""
    [[first]] = play_replications([base.scenario], seeds_of(base.scenario, 1), runs, Workers(jobs=1), waiting=waiting)
    return tuple(first.figures)


def refuse_unknown_figures(known: Sequence[str], asked: Mapping[str, Sequence[str]]) -> None:
    """Raise InputError for figures that are not known, each under the option that asked for it."""
    faults = [
        Fault((option,), shown(name), _instead(name, known))
        for option, names in asked.items()
        for name in names
        if name not in known
    ]
    if faults:
        raise InputError(faults)


def _instead(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 3) if len(name) <= LONGEST_SUGGESTED else []
    allowed = f"{' or '.join(near)}, perhaps" if near else "a figure of the summary"
    return f"{allowed}; --figure list shows them all"
