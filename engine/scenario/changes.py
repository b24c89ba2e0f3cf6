"""Changes: values of a scenario replaced by path or by patch."""

from typing import Any

from engine.reading.document import parse_value
from engine.reading.faults import Fault, InputError, Path, shown


def changed(value: Any, path: str, new: object) -> Any:
    """A copy of plain values with the one at `path` (`campaign.lines`, `numbers.0.generate.count`) set to `new`.

    Mappings that are missing on the path are made; InputError if the path leads through anything else.
    """
    step, *further = steps(path)
    rest = ".".join(further)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        position = int(step)
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

    With `keep` those nulls are set instead.
    """
    if not isinstance(patch, dict):
        return patch, []
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
