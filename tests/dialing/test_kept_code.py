"""Kept code: whatever happened to the files with machine code, a run ends as ever, and says what it threw away."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.dialing.kept_code import CheckedFiles, KeptCode


def stored(folder: Path) -> CheckedFiles:
    return CheckedFiles(str(folder), "code", ("stamp", 1))


def put(folder: Path) -> list[Path]:
    stored(folder).save("signature", ["machine code"])
    return sorted(folder.iterdir())


def test_what_was_kept_is_found_again(tmp_path: Path) -> None:
    put(tmp_path)

    assert stored(tmp_path).load("signature") == ["machine code"]
    assert stored(tmp_path).load("another") is None


def test_what_was_kept_of_other_source_is_not_found(tmp_path: Path) -> None:
    put(tmp_path)

    assert CheckedFiles(str(tmp_path), "code", ("stamp", 2)).load("signature") is None


def make_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: list[Callable[[Path], object]] = [
    lambda file: file.write_bytes(b""),
    lambda file: file.write_bytes(file.read_bytes()[:-1]),
    lambda file: file.write_bytes(file.read_bytes()[::-1]),
    lambda file: file.write_bytes(bytes(len(file.read_bytes()))),
    lambda file: file.write_bytes(b"cos\nsystem\n(S'exit 3'\ntR."),
    lambda file: file.chmod(0o666),
    make_a_folder,
]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_damaged_is_thrown_away_and_told(tmp_path: Path, damage: Callable[[Path], object], place: int) -> None:
    damage(put(tmp_path)[place])

    with pytest.warns(UserWarning, match="machine code that is damaged is compiled again"):
        assert stored(tmp_path).load("signature") is None


@pytest.mark.parametrize("damage", DAMAGES[:5])
def test_what_is_damaged_is_kept_anew(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    for file in put(tmp_path):
        damage(file)
    with pytest.warns(UserWarning, match="damaged"):
        put(tmp_path)

    assert stored(tmp_path).load("signature") == ["machine code"]


def test_a_function_is_kept_in_such_files(tmp_path: Path) -> None:
    code = "from engine.dialing import kernel; print(type(kernel.advance._cache).__name__)"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == KeptCode.__name__
