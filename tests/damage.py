"""Damage: what befalls files on disks, on their way and among people, chosen by a seed."""

import os
import random
import shutil
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

STRANGERS = (
    b"",
    b"\0" * 5_000,
    b"{}",
    b"[" * 5_000,
    b"name: another\n",
    b"\x89PNG\r\n\x1a\n" + bytes(90),
    b"PK\x05\x06" + bytes(18),
    b"\x93NUMPY\x01\0v\0{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999,), }",
    b"cos\nsystem\n(S'exit 3'\ntR.",
    "ungültig".encode("utf-16"),
)
"""Contents of files that are something else."""


def _bits(file: Path, luck: random.Random) -> None:
    data = bytearray(file.read_bytes())
    for _ in range(luck.choice([1, 1, 3, 50])):
        data[luck.randrange(len(data))] ^= 1 << luck.randrange(8)
    file.write_bytes(data)


def _a_byte_near_the_end(file: Path, luck: random.Random) -> None:
    data = bytearray(file.read_bytes())
    data[-luck.randrange(1, min(len(data), 4_000))] = luck.randrange(256)
    file.write_bytes(data)


def _cut(file: Path, luck: random.Random) -> None:
    file.write_bytes(file.read_bytes()[: luck.randrange(file.stat().st_size)])


def _a_part(file: Path, luck: random.Random) -> tuple[bytes, bytes, bytes]:
    """What is before a part, the part, and what is behind it."""
    data = file.read_bytes()
    first, last = sorted(luck.randrange(len(data)) for _ in range(2))
    return data[:first], data[first:last], data[last:]


def _lost(file: Path, luck: random.Random) -> None:
    before, part, behind = _a_part(file, luck)
    file.write_bytes(before + part[luck.randrange(1, 64) :] + behind)


def _twice(file: Path, luck: random.Random) -> None:
    before, part, behind = _a_part(file, luck)
    file.write_bytes(before + part + part + behind)


def _backwards(file: Path, luck: random.Random) -> None:
    before, part, behind = _a_part(file, luck)
    file.write_bytes(before + part[::-1] + behind)


def _zeros(file: Path, luck: random.Random) -> None:
    before, part, behind = _a_part(file, luck)
    file.write_bytes(before + bytes(len(part)) + behind)


def _a_stranger(file: Path, luck: random.Random) -> None:
    file.write_bytes(luck.choice(STRANGERS))


def _a_pipe(file: Path, _: random.Random) -> None:
    file.unlink()
    os.mkfifo(file)


def _a_socket(file: Path, _: random.Random) -> None:
    file.unlink()
    before = Path.cwd()
    os.chdir(file.parent)  # the name of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(file.name)
    finally:
        os.chdir(before)


def _a_folder(file: Path, luck: random.Random) -> None:
    file.unlink()
    file.mkdir()
    if luck.randrange(2):
        (file / "mine.txt").write_text("mine")


def _a_link(file: Path, luck: random.Random) -> None:
    file.unlink()
    file.symlink_to(luck.choice([file.name, "nowhere", "/dev/zero", "/dev/null", str(file.parent)]))


DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (
    *(_bits, _bits, _a_byte_near_the_end, _cut, _lost, _twice, _backwards, _zeros),
    *(_a_stranger, _a_pipe, _a_socket, _a_folder, _a_link),
)


def damage(file: Path, seed: int, others: Sequence[Path] = ()) -> str:
    """Damage a file, or put one of `others` in its place, and say how; the seeds that follow each other differ."""
    luck = random.Random(seed)  # noqa: S311 (which damage it is)
    kind = seed % (len(DAMAGES) + bool(others))
    if kind == len(DAMAGES):
        shutil.copy(luck.choice(others), file)
        return "another's"
    DAMAGES[kind](file, luck)
    return DAMAGES[kind].__name__.strip("_").replace("_", " ")


def seeds(few: int, many: int, start: int = 0) -> list[Any]:
    """Parameters: a few seeds for every day, and many for `pytest -m slow`."""
    slow = (pytest.param(seed, marks=pytest.mark.slow) for seed in range(start + few, start + many))
    return [*range(start, start + few), *slow]
