"""Progress is shown on standard error, where that is a terminal, and nowhere else."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from engine.commands.progress import progress_shown
from engine.progress import Step, unseen
from tests.commands.dialer import ROOT, dialer

COMMANDS = {
    "run": (["run", "scenarios/api_example.yaml", "--json"], "calls"),
    "check": (["check", "scenarios/api_example.yaml", "--json"], "reading"),
    "fit": (["fit", "results/calls.parquet", "--json", "--minimum", "50"], "estimating"),
}


def on_a_terminal(*arguments: str, folder: Path = ROOT, kept_code: Path | None = None) -> tuple[str, str]:
    """What a command writes to standard output, which is a pipe, and to standard error, which is a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "PYTHONPATH": str(ROOT)}
    if kept_code is not None:
        environment["NUMBA_CACHE_DIR"] = str(kept_code)
    command = [sys.executable, "-m", "engine.cli", *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
        assert running.stdout is not None
        printed = running.stdout.read().decode()
    os.close(ours)
    assert running.returncode == 0, shown.decode()
    return printed, shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("progress")
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    assert dialer("run", "scenarios/from_phone.yaml", "--out", "results", "--calls", cwd=folder).returncode == 0
    return folder


@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_shows_the_progress_and_the_document_goes_to_standard_output(name: str, folder: Path) -> None:
    arguments, what = COMMANDS[name]

    printed, shown = on_a_terminal(*arguments, folder=folder)

    assert json.loads(printed)
    assert what in shown


def test_without_a_terminal_nothing_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_shown() as progress:
        progress(Step("reading", 5, 10, "numbers"))

    assert progress is unseen
    assert capfd.readouterr() == ("", "")


def test_compiling_is_a_step_of_its_own_where_there_is_something_to_compile(tmp_path: Path) -> None:
    arguments = ("run", "scenarios/api_example.yaml", "--engine", "compiled", "--json")

    printed, shown = on_a_terminal(*arguments, kept_code=tmp_path)
    again, shown_again = on_a_terminal(*arguments, kept_code=tmp_path)

    assert "compiling the engine, once (" in shown
    assert "compiling" not in shown_again
    assert again == printed


@pytest.mark.slow  # it compiles anew
def test_compiling_is_told_once_where_processes_play(tmp_path: Path) -> None:
    scenario = tmp_path / "many.yaml"
    scenario.write_text(
        "start: 2026-03-02T09:00:00Z\nfinish: 2026-03-02T10:00:00Z\ncampaign: {lines: 4}\n"
        "outcomes: {answered: {share: 1, seconds: 60}}\nnumbers: [{generate: {count: 30001}}]\n"
    )
    arguments = ("compare", str(scenario), "--grid", "campaign.lines=5", "--replications", "1", "--jobs", "2", "--json")

    printed, shown = on_a_terminal(*arguments, "--runs", str(tmp_path / "runs"), kept_code=tmp_path / "code")

    assert "compiling the engine, once (" in shown
    assert json.loads(printed)["replications"] == 1
