"""Narrow terminals: every figure of every table is whole in a real one, tmux, at any width."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.campaigns import busy_day
from tests.commands.dialer import ROOT

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
HOURS = r"^ {16}[0-9]{2}[- ].*calls$"
"""The head of the picture of hours, which is no figure, and gives way."""


def figures(shown: str) -> Counter[str]:
    """The words with a digit, and how often each stands there; a path is no figure."""
    words = re.sub(HOURS, "", shown, flags=re.MULTILINE).split()
    return Counter(word for word in words if re.search("^[^/]*[0-9][^/]*$", word))


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    folder = tmp_path_factory.mktemp("narrow")
    scenario, runs = folder / "scenario.json", ["--jobs", "1", "--runs", str(folder / "runs")]
    grid = {"campaign.maxAttempts": [2, 4], "campaign.retryIntervalInMinutes": [7, 1234]}
    goal = {"reached": 0.5, "confidence": 0.8}
    scenario.write_text(json.dumps(busy_day(whatIf={"grid": grid}, goal=goal)))
    titles = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    columns = [word for field, title in titles.items() for word in ("--column", f"{field}={title}")]
    every_figure = ["--figure", "done_at", "--figure", "calls.total", "--figure", "goal.met"]
    return [
        ["run", str(scenario)],
        ["compare", str(scenario), "--replications", "3", *every_figure, *runs],
        ["size", str(scenario), "--replications", "5", *runs],
        ["check", str(scenario), "scenarios/spring_promo.yaml"],
        ["fit", "scenarios/call_log.csv", *columns, "--zone", "America/Chicago", "--minimum", "100"],
        ["windows", "--policy", "scenarios/policy.json", "--from", "2026-03-02T00:00Z", "--to", "2026-03-09T00:00Z"],
    ]


@pytest.fixture(scope="module")
def wide(commands: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return on_tmux(commands, 200, tmp_path_factory.mktemp("wide"))


@pytest.mark.parametrize("width", [*(pytest.param(each, marks=pytest.mark.slow) for each in (120, 60)), 80, 40])
def test_every_figure_of_every_command_is_whole(
    commands: list[list[str]], wide: list[str], width: int, tmp_path: Path
) -> None:
    narrow = on_tmux(commands, width, tmp_path)

    for [command, *_], ours, whole in zip(commands, narrow, wide, strict=True):
        assert figures(whole), command
        assert not figures(whole) - figures(ours), f"{command}:\n{ours}"
        assert "…" not in ours


def on_tmux(commands: list[list[str]], width: int, folder: Path) -> list[str]:
    """What a terminal of this width holds after each command."""
    tmux = ["tmux", "-L", f"dialer-{os.getpid()}-{width}"]
    dialer = shlex.join([sys.executable, "-m", "engine.cli"])
    script = folder / "commands.sh"
    capture = shlex.join([*tmux, "capture-pane", "-p", "-S", "-"])
    script.write_text(
        "".join(
            f"{dialer} {shlex.join(command)} 2>{folder}/{number}.err; echo $? >{folder}/{number}.rc\n"
            f"{capture} >{folder}/{number}\nclear; {shlex.join([*tmux, 'clear-history'])}\n"
            for number, command in enumerate(commands)
        )
        + shlex.join([*tmux, "wait-for", "-S", "done"])
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    environment = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES", "TMUX")}
    started = ["-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", "150", "sh", str(script)]
    subprocess.run([*tmux, *started], cwd=ROOT, env=environment, check=True)
    subprocess.run([*tmux, "wait-for", "done"], env=environment, check=True, timeout=600)
    for number, command in enumerate(commands):
        status = (folder / f"{number}.rc").read_text().strip()
        assert status == "0", f"{command}: {(folder / f'{number}.err').read_text()}"
    return [(folder / f"{number}").read_text() for number in range(len(commands))]
