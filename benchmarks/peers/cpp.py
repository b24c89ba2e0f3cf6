"""A hand-written C++ dialer on three heaps, and a bare loop in C, compiled with the machine's own compiler."""

import math
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from engine.customers.durations import TABLE_SIZE
from engine.dialing.rulebook import Rulebook
from engine.luck import GOLDEN, WORD, mixed
from engine.scenario.scenario import Scenario

SOURCE = Path(__file__).with_name("heap.cpp")
LIMIT = Path(__file__).with_name("limit.c")


def compiler() -> str | None:
    """The path of a C++ compiler, or None where the machine has none."""
    return shutil.which("g++") or shutil.which("clang++") or shutil.which("c++")


def build(folder: Path, source: Path = SOURCE) -> Path:
    """Compile the peer, or the limit, into `folder`; its program."""
    program = folder / source.stem
    language = ["-std=c++17"] if source.suffix == ".cpp" else ["-std=gnu11", "-x", "c"]
    subprocess.run([str(compiler()), "-O3", "-march=native", *language, "-o", str(program), str(source)], check=True)
    return program


def write_input(scenario: Scenario, file: Path) -> None:
    """Write a scenario that the peer can follow (lines, windows, priorities, retries, outcomes) as it reads it."""
    document, book = scenario.document, scenario.phonebook
    rulebook = Rulebook(document)
    terms = [rulebook.terms[rulebook.terms_of(policy)] for policy in book.distinct]
    seed_word = int(np.uint64(mixed((rulebook.seed + GOLDEN) & WORD)).astype(np.int64))
    lines, model = int(rulebook.lines.lines[0]), rulebook.model
    scalars = [
        rulebook.start,
        rulebook.finish,
        lines,
        terms[0].retry_seconds,
        terms[0].attempts,
        seed_word,
        TABLE_SIZE,
        len(model.names),
    ]
    with file.open("wb") as out:
        _put(out, scalars, np.int64)
        _put(out, book.identities, np.uint64)
        _put(out, np.array([each.window_class for each in terms])[book.policies], np.uint32)
        _put(out, np.array([each.priority for each in terms])[book.policies], np.int8)
        _put(out, model.thresholds[0, 0].ravel(), np.uint64)
        _put(out, model.seconds[0].ravel(), np.uint32)
        _put(out, model.retries, np.int8)
        _put(out, [len(rulebook.classes)], np.int64)
        for each in rulebook.classes:
            _put(out, each.starts, np.int64)
            _put(out, each.ends, np.int64)
            _put(out, [span.end for span in each.spans], np.int64)
            _put(out, [span.offset for span in each.spans], np.int64)


def _put(out: BinaryIO, values: ArrayLike, kind: DTypeLike) -> None:
    array = np.ascontiguousarray(values, kind)
    out.write(np.uint64(array.size).tobytes())
    out.write(array.tobytes())


class Played(NamedTuple):
    """What a program did; reading its input is not timed."""

    calls: int
    digest: int
    seconds: float
    processor_seconds: float = math.nan
    """Not a number if the program does not tell."""


def play(program: Path, file: Path) -> Played:
    """Run the peer."""
    done = subprocess.run([str(program), str(file)], check=True, capture_output=True, text=True)
    calls, digest, *seconds = done.stdout.split()
    return Played(int(calls), int(digest), *map(float, seconds))
