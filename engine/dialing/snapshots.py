"""Snapshots: the state of a live dialer as bytes, from which it goes on.

A snapshot is a word that says what it is, a hash of the rest, and the rest: arrays as numpy's `savez` writes them,
without pickle. Call policies are in it as JSON. Reading one executes nothing.
"""

import io
import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.calling.policy import POLICY_FIELDS, CallPolicy
from engine.calling.zones import ZoneName
from engine.reading.faults import Fault, InputError
from engine.reading.json_values import json_value
from engine.release import made_by
from engine.scenario.scenario import Scenario

FORMAT = 2
"""The version of the format: it goes up when the meaning of the arrays changes."""
ALLOWED = "a snapshot that a live dialer of this scenario made"
_WORD = b"dialer snapshot\n"
_HASH_BYTES = 32

Arrays = dict[str, NDArray[Any]]
"""Columns by name: nothing in them changes any more."""


def encoded(scenario: Scenario, arrays: Arrays) -> bytes:
    """The snapshot that holds these arrays; any thread may make it."""
    file = io.BytesIO()
    marks = {"versions": np.array(_versions()), "scenario": np.array(_hash_of(scenario))}
    np.savez(file, allow_pickle=False, **marks, **arrays)
    return b"".join((_WORD, blake2b(file.getbuffer(), digest_size=_HASH_BYTES).digest(), file.getbuffer()))


def decoded(scenario: Scenario, snapshot: bytes) -> Arrays:
    """The arrays of a snapshot; InputError if it is damaged, or of another version or scenario."""
    start = len(_WORD) + _HASH_BYTES
    view = memoryview(snapshot)
    if snapshot[: len(_WORD)] != _WORD:
        _refuse("bytes that are not a snapshot")
    if blake2b(view[start:], digest_size=_HASH_BYTES).digest() != snapshot[len(_WORD) : start]:
        _refuse("a snapshot that is damaged or cut short")
    with np.load(io.BytesIO(view[start:]), allow_pickle=False) as saved:
        if (versions := str(saved["versions"])) != _versions():
            _refuse(f"a snapshot of {versions}", f"one of {_versions()}")
        if str(saved["scenario"]) != _hash_of(scenario):
            _refuse("a snapshot of another scenario")
        return {name: saved[name] for name in saved.files if name not in ("versions", "scenario")}


def _refuse(found: str, allowed: str = ALLOWED) -> NoReturn:
    raise InputError([Fault((), found, allowed)])


def _versions() -> str:
    return f"{made_by()}, format {FORMAT}"


def _hash_of(scenario: Scenario) -> str:
    """A hash of what a scenario says and of the number files that it has read."""
    said = json.dumps([scenario.source, [file.sha256 for file in scenario.inputs]], sort_keys=True, default=str)
    return blake2b(said.encode("utf-8", "backslashreplace"), digest_size=_HASH_BYTES).hexdigest()


def text_column(value: object) -> NDArray[np.uint8]:
    """A plain value as a column of JSON text."""
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def plain_value(column: NDArray[Any]) -> Any:
    """The plain value of a column of JSON text."""
    return json_value(column.tobytes().decode())


def policies_column(policies: Iterable[CallPolicy]) -> NDArray[np.uint8]:
    """Call policies as a column of JSON text."""
    return text_column([CallPolicy.to_json(policy) for policy in policies])


def policies_of(column: NDArray[Any]) -> list[CallPolicy]:
    """The call policies of a column of JSON text.

    They are not judged once more: a redial may start when the number has finished, and a placed number has a zone that
    no file can name.
    """
    return [CallPolicy(**_attributes(fields)) for fields in plain_value(column)]


def _attributes(fields: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    for field in POLICY_FIELDS:
        if field.name == "gmtZone" and field.name in fields:
            attributes[field.attribute] = ZoneName(fields[field.name])
        elif field.name in fields:
            alone = CallPolicy.from_json({field.name: fields[field.name]})
            attributes[field.attribute] = getattr(alone, field.attribute)
    return attributes
