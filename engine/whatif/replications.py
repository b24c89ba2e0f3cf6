"""Replications: what comparisons and sizings keep of a scenario played with one seed."""

import errno
import hashlib
import json
import os
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import platformdirs

from engine.certainty import CONFIDENCE
from engine.dialing.record import NO_INSTANT, QUARTER
from engine.dialing.simulation import EngineName
from engine.numbers.phonebook import Phonebook
from engine.reading.contents import open_regular
from engine.reading.faults import Fault, InputError
from engine.results.lock import versions_of, written_out
from engine.results.result import simulate
from engine.results.summary import figures_by_name
from engine.scenario.document import ScenarioDocument
from engine.scenario.scenario import Scenario
from engine.writing import whole_file

MOST_MOMENTS = 400
"""The most instants at which a replication counts the numbers reached."""
UNPLAYED_PARTS = ("name", "whatIf", "expect", "lock", "seed")
"""Parts of a scenario that do not change what is played with a given seed."""
MOST_KEPT = 1 << 24
"""The most bytes that a kept run can have; it has some thousands."""
MOST_SEED = 2**63 - 1
DEFAULT_FOLDER = platformdirs.user_cache_path("dialer", appauthor=False) / "runs"


class Replication(msgspec.Struct, frozen=True):
    """What a run with one seed came to."""

    digest: str
    figures: dict[str, float | None]
    """Each figure of the summary by its dotted name; instants in Unix seconds, None where nothing was measured."""
    reached: tuple[int, ...]
    """How many numbers were reached before each of the scenario's `moments`."""


class Band(msgspec.Struct, frozen=True):
    """The share of the list that was reached before each of some instants.

    `times` are Unix seconds; `mean` is over the replications, and 95 % of them lie from `low` to `high`.
    """

    times: tuple[int, ...]
    low: tuple[float, ...]
    mean: tuple[float, ...]
    high: tuple[float, ...]


def moments(document: ScenarioDocument) -> tuple[int, ...]:
    """The instants, in Unix seconds, at which replications count the numbers reached: every quarter-hour or more."""
    start, finish = int(document.start), int(document.finish)
    step = QUARTER * -(-(finish - start) // (QUARTER * (MOST_MOMENTS - 1)))
    return (*range(start, finish, step), finish)


def seeds_of(scenario: Scenario, replications: int) -> tuple[int, ...]:
    """The seeds of the replications: the scenario's own, and those that follow it."""
    first = scenario.document.seed
    return tuple((first + index) % (MOST_SEED + 1) for index in range(replications))


def replicate(scenario: Scenario, seed: int, engine_name: EngineName = "auto", *, waiting: bool = False) -> Replication:
    """Play the scenario with the luck of a seed; with `waiting`, its figures say what numbers wait for."""
    result = simulate(scenario.with_seed(seed), engine_name, waiting=waiting)
    reached_at = result.record.numbers.reached_at
    reached_at = np.sort(reached_at[reached_at != NO_INSTANT])
    return Replication(
        digest=result.figures.digest,
        figures=figures_by_name(result.figures),
        reached=tuple(np.searchsorted(reached_at, moments(scenario.document)).tolist()),
    )


def scenario_key(scenario: Scenario, *, waiting: bool = False) -> str:
    """A hash of all that a run depends on but its seed: the scenario, its number files, the code, the versions.

    Runs in which it is counted what numbers wait for have more figures, and so another key.
    """
    source = {name: part for name, part in written_out(scenario, scenario.folder).items() if name not in UNPLAYED_PARTS}
    inputs = [(file.size, file.sha256) for file in scenario.inputs]
    if not scenario.replayable:  # the list came together in a live dialer, and `source` does not hold it
        inputs.append((len(scenario.phonebook), _phonebook_hash(scenario.phonebook)))
    counted = ["waiting"] if waiting else []
    parts = json.dumps([source, inputs, sorted(versions_of(scenario).items()), code_hash(), *counted])
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest()


def _phonebook_hash(book: Phonebook) -> str:
    columns = (book.identities, book.policies, book.segments, book.added, book.shared)
    hashed = hashlib.blake2b(repr(book.distinct).encode(), digest_size=16)
    for column in columns:
        hashed.update(np.ascontiguousarray(column).data)
    return hashed.hexdigest()


@cache
def code_hash() -> str:
    """A hash of the simulator's own source, so that runs of other code are not taken for runs of this one."""
    folder = Path(__file__).parent.parent
    code = hashlib.blake2b(digest_size=8)
    for file in sorted(folder.rglob("*.py")):
        code.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return code.hexdigest()


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of a file of kept runs."""

    checksum: str
    """A hash of the key, the seed and the run: the file of another run, or a changed one, has another."""
    run: msgspec.Raw


class Runs(NamedTuple):
    """The folder in which finished replications are kept, one in each file, so that none is played twice."""

    folder: Path | None
    """None: nothing is kept."""
    asked: bool = True
    """Whether the user named the folder: then a run that cannot be kept is an error, else it is a note."""

    def find(self, key: str, seed: int) -> Replication | None:
        """The replication if it was kept; None if not, or if its file is damaged or that of another run."""
        if self.folder is None:
            return None
        try:
            with open_regular(_file(self.folder, key, seed)) as file:
                kept = msgspec.json.decode(file.read(MOST_KEPT), type=Kept)
            if kept.checksum != _checksum(key, seed, bytes(kept.run)):
                return None
            return msgspec.json.decode(kept.run, type=Replication)
        except (OSError, ValueError, msgspec.DecodeError, RecursionError):
            return None

    def is_there(self, key: str, seed: int) -> bool:
        """Whether there is a file for a replication, a damaged one perhaps."""
        return self.folder is not None and os.path.lexists(_file(self.folder, key, seed))

    def keep(self, key: str, seed: int, replication: Replication) -> "Runs":
        """Keep a replication, whole or not at all; returns where the next ones are kept.

        Raises OSError if it cannot be written into a folder that was asked for.
        """
        try:
            self._write(key, seed, replication)
        except OSError as error:
            if self.asked or self.folder is None:
                raise
            return _nowhere(self.folder, error)
        return self

    def _write(self, key: str, seed: int, replication: Replication) -> None:
        if self.folder is None:
            return
        file = _file(self.folder, key, seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink():
            file.unlink()  # what it leads to is not ours to write
        with whole_file(file) as written:
            run = msgspec.json.encode(replication)
            written.write(msgspec.json.encode(Kept(_checksum(key, seed, run), msgspec.Raw(run))))


def _file(folder: Path, key: str, seed: int) -> Path:
    return folder / key[:2] / key[2:] / f"{seed}.json"


def _checksum(key: str, seed: int, run: bytes) -> str:
    return hashlib.blake2b(f"{key} {seed} ".encode() + run, digest_size=16).hexdigest()


def open_runs(folder: Path | None = None) -> Runs:
    """The kept runs of a folder; InputError if it cannot be written.

    Without a folder they are those of the user's cache; if that cannot be written, a warning says that none is kept.
    """
    chosen = DEFAULT_FOLDER if folder is None else folder
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        if not os.access(chosen, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        if folder is None:
            return _nowhere(chosen, error)
        found = f"{chosen}, which cannot be written ({error.strerror or error})"
        raise InputError([Fault(("--runs",), found, "a folder that can be written")]) from None
    return Runs(chosen, asked=folder is not None)


def _nowhere(folder: Path, error: OSError) -> Runs:
    why = error.strerror or error
    warnings.warn(f"runs are not kept: {folder} cannot be written ({why}); --runs DIR keeps them there", stacklevel=3)
    return Runs(None)


def reached_band(scenario: Scenario, replications: Sequence[Replication]) -> Band:
    """The share of the list that replications of a scenario reached over time."""
    total = max(len(scenario.phonebook), 1)
    shares = np.array([replication.reached for replication in replications]) / total
    low, high = np.quantile(shares, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    mean = shares.mean(axis=0)
    lows, means, highs = (tuple(column.tolist()) for column in (low, mean, high))
    return Band(moments(scenario.document), lows, means, highs)
