"""Changes: values of a scenario replaced by path or by patch."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.reading.document import parse_value
from engine.reading.faults import Fault, InputError, Path, shown


def changed(value: Any, path: str, new: object) -> Any:
    """A copy of plain values with the one at `path` (`campaign.lines`, `numbers.0.generate.count`) set to `new`.

    A step into a list is a position, or the `name` of an item: `segments.vip.dialerPriority`. Mappings that are missing
    on the path are made; InputError if the path leads through anything else.
    """
    step, *further = steps(path)
    rest = ".".join(further)
    position = _position(value, step)
    if position is not None:
        return [
            *value[:position],
            changed(value[position], rest, new) if rest else new,
            *value[position + 1 :],
        ]
    if not isinstance(value, dict) or not step:
        raise InputError(
            [
                Fault(
                    (path,),
                    f"a path through {shown(value)}",
                    "a path of the scenario, such as campaign.lines",
                )
            ]
        )
    return {**value, step: changed(value.get(step, {}), rest, new) if rest else new}


def _position(value: object, step: str) -> int | None:
    """The position in a list to which a step leads; None if it leads nowhere, or the value is not a list."""
    if not isinstance(value, list):
        return None
    if step.isdecimal():
        return int(step) if int(step) < len(value) else None
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    return names.index(step) if step in names else None


def place_of(value: Any, path: str) -> Path:
    """The path of plain values that a text leads to: positions are integers, also where an item is named."""
    place: Path = ()
    for step in steps(path):
        position = _position(value, step)
        found: str | int = position if position is not None else int(step) if step.isdecimal() else step
        place += (found,)
        if isinstance(value, list):
            value = value[position] if position is not None else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return place


def steps(path: str) -> list[str]:
    """The steps of a path: `numbers`, `0`, `generate` of `numbers.0.generate` or `numbers[0].generate`."""
    return path.replace("[", ".").replace("]", "").split(".")


def assignment(text: str) -> tuple[str, object]:
    """The path and the value of a text such as `campaign.lines=400`; InputError if it has no path or no `=`."""
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise InputError([Fault((text,), "no assignment", "a path, = and a value, such as campaign.lines=400")])
    return path.strip(), parse_value(value) if value.strip() else ""


def merged(value: Any, patch: Any, *, keep: bool = False) -> tuple[Any, list[Path]]:
    """A value with a JSON merge patch applied, and the paths of nulls in the patch that removed nothing (RFC 7396).

    With `keep` those nulls are set instead. A mapping in place of a list whose items have a `name`, such as that of
    segments, is one of patches by name: new names come last, a null takes an item out.
    """
    if not isinstance(patch, dict):
        return patch, []
    if named := _by_name(value):
        items, nulls = merged(named, patch, keep=keep)
        return [{"name": name, **item} if isinstance(item, dict) else item for name, item in items.items()], nulls
    result = dict(value) if isinstance(value, dict) else {}
    not_removed: list[Path] = []
    for name, part in patch.items():
        if part is not None:
            result[name], inner = merged(result.get(name), part, keep=keep)
            not_removed += [(name, *path) for path in inner]
        elif name in result:
            del result[name]
        else:
            not_removed.append((name,))
            if keep:
                result[name] = None
    return result, not_removed


def _by_name(value: object) -> dict[str, Any]:
    """The items of a list by their names; nothing if it is not a list of items that have one each."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return {}
    return {each["name"]: each for each in value} if have_names(value) else {}


def have_names(parts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the parts of a list have a `name` each, by which they can be told apart."""
    names = [part.get("name") for part in parts]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
