"""Variants: a scenario, and others that differ from it in what a user wants to compare."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import msgspec

from engine.progress import Progress, unseen
from engine.reading.contents import STANDARD_INPUT
from engine.reading.document import Document, parse_value, read_document
from engine.reading.faults import Fault, InputError, Path, shown
from engine.reading.names import HALVED, WHOLE, is_halved
from engine.reading.typed import read
from engine.scenario.changes import changed, merged, place_of, steps
from engine.scenario.document import ScenarioDocument, ScenarioError, WhatIf
from engine.scenario.scenario import Scenario
from engine.whatif.changes import APART

BASE = "base"
"""The name of the scenario itself among its variants."""
MOST_VARIANTS = 1_000
OF_THE_BASE = {
    "whatIf": "variants without variants of their own",
    "lock": "a variant without a lock",
    "seed": "nothing: all variants share the luck of each seed, and --replications N plays N seeds",
}
"""Parts that a variant cannot change, and what is allowed instead."""

Grid = Mapping[str, Sequence[Any]]


class Variant(NamedTuple):
    """A scenario that is compared."""

    name: str
    changes: dict[str, Any]
    """What differs from the base: values by path for a variant of the grid, else a merge patch (RFC 7396)."""
    scenario: Scenario


def load_variants(
    path: FilePath,
    changes: Mapping[str, object] | None = None,
    grid: Grid | None = None,
    progress: Progress = unseen,
) -> tuple[Variant, ...]:
    """A scenario file with its variants, and one for each combination of the values of its grid; the base first.

    `changes` sets values of the base by path, as `Scenario.load` does. With `grid`, this is compared instead of the
    file's `whatIf`. Variants with the same list share it. Raises ScenarioError with the
    faults of the scenario or, if it has none, with every fault of its variants.
    """
    return variants_in(path, Scenario.load(path, changes, progress), changes, grid, progress)


def variants_in(
    path: FilePath,
    base: Scenario,
    changes: Mapping[str, object] | None = None,
    grid: Grid | None = None,
    progress: Progress = unseen,
) -> tuple[Variant, ...]:
    """`load_variants` of a file from which the base was loaded with these changes."""
    try:
        return variants_of(base, grid=grid, progress=progress)
    except ScenarioError as error:
        read_once = path == FilePath(STANDARD_INPUT)
        document = Document("standard input", "", base.source) if read_once else read_document(path)
        document.replaced = tuple(place_of(document.value, each) for each in changes or ())
        raise ScenarioError(
            msgspec.structs.replace(fault, path=("--grid", *fault.path[1:])) if grid else document.located(fault)
            for fault in error.faults
        ) from None


def variants_of(
    base: Scenario,
    *,
    variants: Mapping[str, Mapping[str, Any]] | None = None,
    grid: Grid | None = None,
    progress: Progress = unseen,
) -> tuple[Variant, ...]:
    """A scenario with variants of it: merge patches by name, and one for each combination of a grid's values.

    Without either, those of the scenario's `whatIf`. Raises ScenarioError with every fault of the variants.
    """
    what_if = base.document.what_if
    if scalars := [
        path for path, values in (grid or {}).items() if isinstance(values, str) or not hasattr(values, "__iter__")
    ]:
        raise ScenarioError(Fault(("grid", path), shown((grid or {})[path]), "a list of values") for path in scalars)
    if variants or grid:
        patches = {name: dict(patch) for name, patch in (variants or {}).items()}
        what_if = WhatIf(variants=patches, grid={path: tuple(values) for path, values in (grid or {}).items()})
    if what_if is None or not (what_if.variants or what_if.grid):
        allowed = "whatIf with variants or a grid, or --grid campaign.lines=200,300"
        raise ScenarioError([Fault(("whatIf",), "nothing to compare", allowed)])
    making = _Making(base, progress)
    making.patch(what_if.variants)
    making.combine(what_if.grid, ("grid",) if grid else ("whatIf", "grid"))
    if making.faults:
        raise ScenarioError(making.faults)
    return (Variant(BASE, {}, base), *making.variants)


class _Making:
    """Makes variants of a base, and keeps their faults."""

    def __init__(self, base: Scenario, progress: Progress) -> None:
        self.variants: list[Variant] = []
        self.faults: list[Fault] = []
        self._base = base
        self._source = {name: part for name, part in base.source.items() if name not in APART}
        self._made: list[Scenario] = []
        self._progress = progress

    def patch(self, patches: Mapping[str, dict[str, Any]]) -> None:
        """A variant for each merge patch."""
        for name, patch in patches.items():
            path = ("whatIf", "variants", name)
            if name in ("", BASE):
                self.faults.append(Fault(path, "the name of the scenario itself", "another name"))
            if is_halved(name):
                self.faults.append(Fault(path, HALVED, WHOLE))
            value, not_removed = merged(self._source, patch)
            faults = [Fault((part,), "a change", OF_THE_BASE[part]) for part in patch if part in OF_THE_BASE]
            faults += [Fault((part,), "a path", _within_one_another(part)) for part in patch if "." in part]
            scenario, found = (None, []) if faults else self._scenario(value)
            found = [msgspec.structs.replace(fault, path=_named(value, patch, fault.path)) for fault in found]
            faults += [*found, *self._useless_nulls(patch, not_removed)]
            self.faults += [_with_remedy(fault).under(*path) for fault in faults]
            if scenario:
                self.variants.append(Variant(name, patch, scenario))

    def _useless_nulls(self, patch: dict[str, Any], not_removed: Sequence[Path]) -> Iterable[Fault]:
        """Faults of nulls that could never remove anything: `not_removed` are the paths of those that did not."""
        names = [each["name"] for each in self._source.get("segments", ()) if isinstance(patch.get("segments"), dict)]
        if not_removed:
            yield from (
                Fault(path, "null for a segment that is not there", ", ".join(names))
                for path in not_removed
                if names and path[0] == "segments" and len(path) == 2
            )
            kept, _ = merged(self._source, patch, keep=True)
            _, faults = read(kept, ScenarioDocument)
            places = ((fault, _named(kept, patch, fault.path)) for fault in faults)
            yield from (msgspec.structs.replace(fault, path=path) for fault, path in places if path in not_removed)

    def combine(self, grid: Grid, path_of_grid: Path) -> None:
        """A variant for each combination of the grid's values."""
        faults: list[Fault] = []
        for path, values in grid.items():
            # faults of single values are reported once, and not for each combination with the value
            faults += [fault.under(path) for fault in _misuse(path, values)] or self._alone(path, values)
        if (count := math.prod(map(len, grid.values()))) > MOST_VARIANTS:
            faults.append(Fault((), f"{count:,} combinations", f"at most {MOST_VARIANTS:,}"))
        if faults or not grid:
            self.faults += [fault.under(*path_of_grid) for fault in faults]
            return
        names = _short_names(grid)
        for combination in itertools.product(*grid.values()):
            chosen = dict(zip(grid, combination, strict=True))
            name = " ".join(f"{names[path]}={_value_text(value)}" for path, value in chosen.items())
            scenario, found = self._with(chosen)
            if any(name == made.name for made in self.variants):
                found.append(Fault((), "a second variant of this name", "each name and each value once"))
            if is_halved(name):
                found.append(Fault((), HALVED, WHOLE))
            self.faults += [fault.under(*path_of_grid, name) for fault in found]
            if scenario:
                self.variants.append(Variant(name, chosen, scenario))

    def _alone(self, path: str, values: Sequence[Any]) -> list[Fault]:
        """The faults of each value at a path; faults of the path itself are listed once."""
        prefix = place_of(self._source, path)
        found: dict[Fault, list[int]] = {}
        for position, value in enumerate(values):
            for fault in self._with({path: value})[1]:
                at_value = fault.path[: len(prefix)] == prefix
                within = msgspec.structs.replace(fault, path=fault.path[len(prefix) :] if at_value else fault.path)
                found.setdefault(within, []).append(position)
        return [
            fault.under(*((path,) if len(positions) == len(values) else (path, position)))
            for fault, positions in found.items()
            for position in (positions[:1] if len(positions) == len(values) else positions)
        ]

    def _with(self, values: Mapping[str, Any]) -> tuple[Scenario | None, list[Fault]]:
        value: Any = self._source
        try:
            for path, new in values.items():
                value = changed(value, path, new)
        except InputError as error:
            return None, [msgspec.structs.replace(fault, path=()) for fault in error.faults]
        return self._scenario(value)

    def _scenario(self, value: dict[str, Any]) -> tuple[Scenario | None, list[Fault]]:
        try:
            scenario = self._base.varied(value, self._made, self._progress)
        except ScenarioError as error:
            # faults of plain values have an empty file name; those of number files have their own
            return None, [msgspec.structs.replace(fault, file=fault.file or None) for fault in error.faults]
        self._made.append(scenario)
        return scenario, []


def _within_one_another(path: str) -> str:
    """How a merge patch says what a path would: `campaign: {lines: …}` for `campaign.lines`."""
    first, *further = path.split(".")
    inner = "".join(f"{{{step}: " for step in further) + "…" + "}" * len(further)
    return f"mappings within one another, {first}: {inner}"


def _named(value: Any, patch: Any, path: Path) -> Path:
    """The path to a value as a patch has it: items of a list that it patches by their names are named there."""
    named: Path = ()
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return (*named, *path[len(named) :])
        name = value.get("name") if isinstance(step, int) and isinstance(value, dict) else None
        named += (str(name) if isinstance(patch, dict) and name in patch else step,)
        patch = patch.get(named[-1]) if isinstance(patch, dict) else None
    return named


def _misuse(path: str, values: Sequence[Any]) -> Iterable[Fault]:
    part = steps(path)[0]
    if part in OF_THE_BASE:
        yield Fault((), "a change", OF_THE_BASE[part])
    if not values:
        yield Fault((), "no values", "a list of at least one value")


def _with_remedy(fault: Fault) -> Fault:
    """The fault with a hint, if the variant and the base give two fields that exclude each other."""
    remedy = f"; null in the variant removes what the {BASE} has" if fault.found.endswith(" as well") else ""
    return msgspec.structs.replace(fault, allowed=fault.allowed + remedy)


def _short_names(grid: Iterable[str]) -> dict[str, str]:
    """A name for each path: its last step, or the whole path where two have the same last step."""
    paths = list(grid)
    last = {path: path.rpartition(".")[2] for path in paths}
    return {path: last[path] if list(last.values()).count(last[path]) == 1 else path for path in paths}


def _value_text(value: object) -> str:
    """A value as it is shown in the name of a variant."""
    return value if isinstance(value, str) else shown(value)


def _values(text: str) -> list[Any]:
    """The values of `200,300`, of `[200, 300]` and of `[],[1]`, two lists; InputError if they are not YAML."""
    if text.startswith("["):
        with suppress(InputError):
            alone: list[Any] = parse_value(text)
            return alone
    values: list[Any] = parse_value(f"[{text}]")
    return values


def grid_of(options: Iterable[str]) -> dict[str, list[Any]]:
    """The values by path of options such as `campaign.lines=200,300`; InputError with every fault."""
    grid: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    for text in options:
        path, _, values = (part.strip() for part in text.partition("="))
        if not path or not values or path in grid:
            faults.append(Fault(("--grid",), shown(text), "each path once, = and values: campaign.lines=200,300"))
            continue
        try:
            grid[path] = _values(values)
        except InputError as error:
            faults += [
                msgspec.structs.replace(fault, path=("--grid", path), file=None, line=None) for fault in error.faults
            ]
    if faults:
        raise InputError(faults)
    return grid
