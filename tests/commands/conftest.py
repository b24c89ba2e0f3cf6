"""Files that a command is given."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.dialer import EXAMPLE, ROOT, dialer


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """The lock of a run, with its scenario and number file in a folder beside."""
    (tmp_path / "scenarios").mkdir()
    for file in (EXAMPLE, ROOT / "scenarios/api_example.json"):
        shutil.copy(file, tmp_path / "scenarios")
    done = dialer("run", "scenarios/api_example.yaml", "--seed", "3", "--out", "runs/first", cwd=tmp_path)
    assert done.returncode == 0
    return tmp_path / "runs/first/scenario.lock.yaml"
