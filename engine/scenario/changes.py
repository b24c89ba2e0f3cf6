"""Changes: a scenario's plain values with others put in by path or by patch."""

from typing import Any

from engine.reading.document import parse_value
from engine.reading.faults import Fault, InputError, Path, shown


def changed(value: Any, place: str, new: object) -> Any:
    """A copy of plain values with the one at `place` (`campaign.lines`, `numbers.0.generate.count`) set to `new`.

    Mappings that are missing on the way are made; InputError if the way leads through anything else.
    """
    step, *further = steps(place)
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
                    (place,),
                    f"a way through {shown(value)}",
                    "a path of the scenario, such as campaign.lines",
                )
            ]
        )
    return {**value, step: changed(value.get(step, {}), rest, new) if rest else new}


def steps(place: str) -> list[str]:
    """The steps of a path: `numbers`, `0`, `generate` of `numbers.0.generate` or `numbers[0].generate`."""
    return place.replace("[", ".").replace("]", "").split(".")


def assignment(text: str) -> tuple[str, object]:
    """The path and the value of `campaign.lines=400`; InputError if the text is no such thing."""
    place, equals, value = text.partition("=")
    if not equals or not place:
        raise InputError([Fault((text,), "no assignment", "a path, = and a value, such as campaign.lines=400")])
    return place.strip(), parse_value(value) if value.strip() else ""


def merged(value: Any, patch: Any, *, keep: bool = False) -> tuple[Any, list[Path]]:
    """A value with a JSON merge patch applied, and the paths of nulls in the patch that removed nothing (RFC 7396).

    With `keep` those nulls are set instead.
    """
    if not isinstance(patch, dict):
        return patch, []
    result = dict(value) if isinstance(value, dict) else {}
    vain: list[Path] = []
    for name, part in patch.items():
        if part is not None:
            result[name], inner = merged(result.get(name), part, keep=keep)
            vain += [(name, *path) for path in inner]
        elif name in result:
            del result[name]
        else:
            vain.append((name,))
            if keep:
                result[name] = None
    return result, vain
