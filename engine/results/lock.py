"""The lock: a scenario as it was played, with all that its digest depends on."""

import json
import os
import platform
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from engine.calling.policy import POLICY_FIELDS
from engine.reading.contents import STANDARD_INPUT
from engine.reading.document import MOST_YAML_CHARACTERS, yaml_text
from engine.reading.faults import Fault, InputError
from engine.reading.typed import filled
from engine.release import PROJECT, release
from engine.scenario.document import Lock, LockedFile, ScenarioDocument
from engine.scenario.scenario import Scenario

LOCK_NAME = "scenario.lock.yaml"
_HEADER = f"""\
# {PROJECT}: a run as it was played. `dialer run {LOCK_NAME}` plays it again and compares the digest.
"""


def lock_text(scenario: Scenario, digest: int, folder: Path) -> str:
    """A scenario file for `folder` that plays this scenario again: with every default written out, and the lock.

    Raises InputError if the scenario is longer or nested deeper than a YAML file may be.
    """
    source = written_out(scenario, folder)
    lock = Lock(
        versions=versions_of(scenario),
        inputs=tuple(_inputs(scenario, folder).values()),
        scenario=_scenario_hash(source),
        digest=f"{digest:016x}",
    )
    try:
        text = _HEADER + yaml_text({"lock": msgspec.to_builtins(lock), **source})  # a file cut short keeps its lock
    except RecursionError:
        raise _unlockable("values nested too deep", "values nested less than 300 deep") from None
    if len(text) > MOST_YAML_CHARACTERS:
        allowed = f"at most {MOST_YAML_CHARACTERS:,}; long lists go in files of their own"
        raise _unlockable(f"{len(text):,} characters of YAML", allowed)
    return text


def _unlockable(found: str, allowed: str) -> InputError:
    return InputError([Fault((), found, allowed, LOCK_NAME)])


def written_out(scenario: Scenario, folder: Path) -> dict[str, Any]:
    """What the scenario's file says, with every default filled in, and paths of number files relative to `folder`.

    A default is null where there is none. The values have no lock; playing them gives the scenario's digest.
    """
    source: dict[str, Any] = filled(scenario.source, ScenarioDocument)
    del source["lock"]
    for field in POLICY_FIELDS:
        if source["campaign"][field.name] in (None, []):  # rules 2: an empty allowedDays means left out
            source["campaign"][field.name] = field.default
    for part in source["numbers"]:
        if part["file"] is not None:
            part["file"] = _name_from(folder, scenario.folder / part["file"], part["file"])
        if part["added"] is None:
            part["added"] = source["start"]
    return source


def _name_from(folder: Path, file: Path, given: str) -> str:
    """The path of a file relative to a folder; links to folders are followed, a link at the end is not."""
    if given == STANDARD_INPUT:
        return given
    return os.path.relpath(file.parent.resolve() / file.name, folder.resolve())


def _inputs(scenario: Scenario, folder: Path) -> dict[str, LockedFile]:
    """The number files that were read, by their paths relative to `folder`."""
    files = ((_name_from(folder, Path(file), file), size, digest) for file, size, digest in scenario.inputs)
    return {file: LockedFile(file=file, size=size, sha256=digest) for file, size, digest in files}


def versions_of(scenario: Scenario) -> dict[str, str]:
    """The versions of all that a digest depends on besides the scenario."""
    versions = {PROJECT: release(), "python": platform.python_version(), "tzdata": version("tzdata")}
    asked = {"holidays": scenario.document.campaign.every_date.name_holidays, "phonenumbers": bool(scenario.placing)}
    return versions | {library: version(library) for library, is_asked in asked.items() if is_asked}


def _scenario_hash(source: Mapping[str, Any]) -> str:
    """A hash of everything but the lock. The order of keys counts, for the order of a mix's values does, too.

    The order of outcomes does not count: draws run over them in an order of their own (rules 7).
    """
    played = {name: part for name, part in source.items() if name != "lock"}
    played["outcomes"] = dict(sorted(played["outcomes"].items()))
    return sha256(json.dumps(played).encode()).hexdigest()


def lock_notes(scenario: Scenario) -> list[str]:
    """Notes to show before a scenario with a lock is played: all that changed since it was locked."""
    notes = [f"changed since the run was locked: {change}" for change in _changes(scenario)]
    if _is_another(scenario):
        notes.append("the scenario was changed by --set or --seed, so its digest is not compared with the locked one")
    return notes


def broken_lock(scenario: Scenario, digest: int) -> str | None:
    """What to report if a scenario's digest is not that of its lock: both digests, and all that changed.

    None if they are equal, if there is no lock, or if the user changed the scenario and so wants another run.
    """
    lock = scenario.document.lock
    if lock is None or lock.digest == f"{digest:016x}" or _is_another(scenario):
        return None
    changes = "; ".join(_changes(scenario)) or "nothing that the lock names"
    return f"the digest is {digest:016x} and not {lock.digest}, as locked; changed since then: {changes}"


def _is_another(scenario: Scenario) -> bool:
    """Whether the user changed the locked scenario."""
    lock = scenario.document.lock
    return lock is not None and scenario.changed and lock.scenario != _scenario_hash(scenario.source)


def _changes(scenario: Scenario) -> list[str]:
    """What differs from the lock, in words: versions, number files, the file's other parts."""
    lock = scenario.document.lock
    if lock is None:
        return []
    versions, inputs = versions_of(scenario), _inputs(scenario, scenario.folder)
    changes = [
        f"{name}, from {locked} to {versions.get(name, 'none')}"
        for name, locked in lock.versions.items()
        if versions.get(name) != locked
    ]
    for locked in lock.inputs:
        now = inputs.get(locked.file)
        if now is None:
            changes.append(f"{locked.file}, which is no longer read")
        elif now.size != locked.size:
            changes.append(f"{locked.file}, from {locked.size:,} to {now.size:,} bytes")
        elif now.sha256 != locked.sha256:
            changes.append(f"{locked.file}, of the same size")
    if not scenario.changed and lock.scenario != _scenario_hash(scenario.source):
        changes.append("the scenario itself")
    return changes
