"""Nothing that a file or an option holds breaks the command: it ends with a status and a message, in bounded memory."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.attack.__main__ import Summary
from tests.attack.inputs import write_inputs
from tests.attack.playing import MOST_MEMORY, as_command, play
from tests.commands.dialer import ROOT


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good files of every kind."""
    folder = tmp_path_factory.mktemp("attack") / "inputs"
    folder.mkdir()
    write_inputs(folder)
    return folder


def attack(inputs: Path, seed: int, count: int, shares: int = 1) -> None:
    """Play changed files and options in processes that have loaded the command already."""
    command = [
        sys.executable,
        "-m",
        "tests.attack",
        "--inputs",
        str(inputs),
        "--seed",
        str(seed),
        "--count",
        str(count),
    ]
    environment = {**os.environ, "XDG_CACHE_HOME": str(inputs.parent / "cache")}
    processes = [
        subprocess.Popen(
            [*command, "--share", str(share), "--shares", str(shares)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for share in range(shares)
    ]
    came = [msgspec.json.decode(process.communicate()[0], type=Summary) for process in processes]

    assert [each for summary in came for each in summary.broken] == []
    assert sum(summary.cases for summary in came) == count
    assert max(summary.most_memory for summary in came) <= MOST_MEMORY
    good = sum(summary.statuses.get("0", 0) for summary in came)
    assert 0.05 * count < good < 0.5 * count


def attack_processes(inputs: Path, seed: int, count: int) -> None:
    """Play changed files and options as users do."""
    broken = {
        place: played.wrong for place in range(count) if (played := play(as_command, f"{seed}:{place}", inputs)).wrong
    }
    assert broken == {}


def test_changed_files_and_options_break_nothing(inputs: Path) -> None:
    attack(inputs, seed=14, count=100)
    attack_processes(inputs, seed=140, count=3)


@pytest.mark.slow
def test_twelve_thousand_changed_files_and_options_break_nothing(inputs: Path) -> None:
    attack(inputs, seed=2026, count=12_000, shares=os.cpu_count() or 1)


@pytest.mark.slow
def test_hundreds_of_commands_with_changed_files_and_options_break_nothing(inputs: Path) -> None:
    attack_processes(inputs, seed=1_400, count=300)
