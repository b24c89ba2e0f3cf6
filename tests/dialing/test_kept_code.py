"""Kept code: whatever happened to the files with machine code, a run ends as ever, and says what it threw away."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.dialing.kept_code import CheckedFiles, KeptCode

ROOT = Path(__file__).parents[2]


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


@pytest.mark.filterwarnings("ignore:.*is compiled again, which takes")
@pytest.mark.parametrize("place", [0, 1])
def test_what_stands_in_the_place_of_code_stays_and_the_run_goes_on(tmp_path: Path, place: int) -> None:
    file = put(tmp_path)[place]
    make_a_folder(file)

    with pytest.warns(UserWarning, match=rf"{file.name}: machine code cannot be kept \(Is a directory\)"):
        put(tmp_path)

    assert file.is_dir()
    assert len(list(tmp_path.iterdir())) == 2


def played(folder: Path) -> "subprocess.CompletedProcess[str]":
    """A run of the compiled engine whose machine code is kept in a folder."""
    command = [
        sys.executable,
        "-m",
        "engine.cli",
        "run",
        "scenarios/api_example.yaml",
        "--engine",
        "compiled",
        "--json",
    ]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the code of a run, and what the run said."""
    folder = tmp_path_factory.mktemp("code")
    return folder, played(folder).stdout


@pytest.mark.slow
@pytest.mark.parametrize("damage", range(len(DAMAGES)))
def test_a_run_says_what_it_always_says_whatever_befell_its_code(
    compiled: tuple[Path, str], tmp_path: Path, damage: int
) -> None:
    folder, whole = tmp_path / "code", compiled[1]
    shutil.copytree(compiled[0], folder)
    files = sorted(folder.rglob("*.checked*.nb?"))
    assert len(files) > 3
    for file in files[damage % 2 :: 2]:
        DAMAGES[damage](file)

    first, again = played(folder), played(folder)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert first.stdout == again.stdout == whole
    assert "machine code that is damaged is compiled again" in first.stderr
    assert ("machine code" in again.stderr) == (DAMAGES[damage] is make_a_folder)


def test_a_function_is_kept_in_such_files(tmp_path: Path) -> None:
    code = "from engine.dialing.kernel.seconds import advance; print(type(advance._cache).__name__)"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == KeptCode.__name__
