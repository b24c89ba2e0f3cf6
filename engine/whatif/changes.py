"""What a variant changes: the paths at which it differs from the base, with the base's value and its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from engine.reading.faults import Path, path_text
from engine.results.lock import written_out
from engine.scenario.changes import have_names
from engine.scenario.scenario import Scenario

LONGEST_LIST = 50
"""Lists of more parts are one value, and are not compared part by part."""
APART = ("whatIf", "expect", "lock")
"""Parts that are not compared: no variant has those of the base."""


class Change(msgspec.Struct, frozen=True):
    """A value that differs from the base's: as its file gives it, else the default; None where there is none."""

    path: str
    before: Any
    after: Any


def changes_of(base: Scenario, variant: Scenario) -> tuple[Change, ...]:
    """Every value that differs, in the order of the base's file; parts of lists by their names, if they have names.

    A default that one side writes and the other leaves out does not differ.
    """
    ours, theirs = ({name: part for name, part in each.source.items() if name not in APART} for each in (base, variant))
    found = list(_differing((), ours, theirs))
    of_base, of_variant = (
        written_out(scenario, scenario.folder) if any(ends[side] is msgspec.UNSET for _, *ends in found) else {}
        for side, scenario in enumerate((base, variant))
    )
    changes = (
        Change(path_text(path), _or_default(before, path, of_base), _or_default(after, path, of_variant))
        for path, before, after in found
    )
    return tuple(change for change in changes if not _are_equal(change.before, change.after))


def _differing(path: Path, before: Any, after: Any) -> Iterator[tuple[Path, Any, Any]]:
    """The paths of the smallest parts that differ, with both values; UNSET where a value is left out."""
    if _are_equal(before, after):
        return
    found: list[tuple[Path, Any, Any]] = []
    for ours, theirs in _parts(before, after):
        for step in dict.fromkeys((*ours, *theirs)):
            found += _differing((*path, step), ours.get(step, msgspec.UNSET), theirs.get(step, msgspec.UNSET))
    yield from found or [(path, before, after)]


def _are_equal(before: Any, after: Any) -> bool:
    """Whether two values mean the same in a scenario: `1` and `1.0` do, `1` and `true` do not (rules 4)."""
    if before is after:
        return True
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(_are_equal(before[name], after[name]) for name in before)
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(map(_are_equal, before, after))
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _parts(before: Any, after: Any) -> Iterator[tuple[Mapping[str | int, Any], Mapping[str | int, Any]]]:
    """Both values by the steps to their parts, if those of all values that are given are of the same kind."""
    given = [value for value in (before, after) if _is_given(value)]
    if all(isinstance(value, Mapping) for value in given):
        yield before if _is_given(before) else {}, after if _is_given(after) else {}
    elif all(map(_is_short_list_of_parts, given)):
        named = all(map(have_names, given))
        ours, theirs = (_by_step(value if _is_given(value) else (), named=named) for value in (before, after))
        yield ours, theirs


def _is_given(value: Any) -> bool:
    return value is not None and value is not msgspec.UNSET


def _is_short_list_of_parts(value: Any) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > LONGEST_LIST:
        return False
    return all(isinstance(part, Mapping) for part in value)


def _by_step(parts: Sequence[Mapping[str, Any]], *, named: bool) -> dict[str | int, Any]:
    return {part["name"] if named else place: part for place, part in enumerate(parts)}


def _or_default(value: Any, path: Path, filled: Any) -> Any:
    """The value; if it is left out, the one at the path where every default is filled in."""
    if value is not msgspec.UNSET:
        return value
    for step in path:
        if isinstance(filled, list) and isinstance(step, str):
            filled = next((part for part in filled if isinstance(part, Mapping) and part.get("name") == step), None)
        elif isinstance(filled, Mapping):
            filled = filled.get(step)
        elif isinstance(filled, list) and isinstance(step, int) and step < len(filled):
            filled = filled[step]
        else:
            return None
    return filled
