"""Whatever signal ends a command at whatever moment, the same command again gives what it would have given."""

import hashlib
import random
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import polars as pl
import psutil
import pytest

from tests.commands.dialer import ROOT, SPRING
from tests.commands.test_ending import SHARED, left_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's signals and devices")]

KILLS = 20
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP)
LIST = ("--set", "numbers.0.generate.count=40000", "--set", "campaign.shifts.0.lines=150")
JOBS = ("--replications", "6", "--jobs", "2", "--runs", "runs")
COLUMNS = ("phone=MSISDN", "start=Started", "seconds=Duration", "outcome=Result")
LOG = [part for column in COLUMNS for part in ("--column", column)]
COMMANDS: dict[str, tuple[str | Path, ...]] = {
    "run": ("run", SPRING, *LIST, "--json"),
    "run --out": ("run", SPRING, *LIST, "--json", "--calls", "--out", "out", "--svg", "a.svg"),
    "run --out --force": ("run", SPRING, *LIST, "--json", "--out", "out", "--force", "--replications", "3", *JOBS[-2:]),
    "run --checkpoint": ("run", SPRING, *LIST, "--json", "--checkpoint", "a.npz", "--every", "1d"),
    "compare": ("compare", SPRING, "--grid", "campaign.maxAttempts=2,4", *JOBS, "--json", "--out", "out", "--force"),
    "size": ("size", ROOT / "docs/tutorial/renewals.yaml", *JOBS, "--json", "--out", "out", "--force"),
    "fit": (
        "fit",
        "log.parquet",
        *LOG,
        "--zone",
        "America/Chicago",
        "--check",
        "--json",
        "--out",
        "fit.yaml",
        "--force",
    ),
    "windows": (
        *("windows", "--policy", ROOT / "scenarios/policy.json", "--json"),
        *("--from", "2026-01-01T00:00:00Z", "--to", "2126-01-01T00:00:00Z"),
    ),
    "check": ("check", "list.csv", "--json", "--faults", "faults.ndjson", "--force"),
}


class Office(NamedTuple):
    """A folder in which commands are given, with their inputs, and one for what is temporary."""

    folder: Path

    @property
    def temporary(self) -> Path:
        """Where it puts temporary files."""
        return self.folder / "temporary"

    def started(self, *arguments: str | Path) -> "subprocess.Popen[bytes]":
        """The command, running."""
        command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
        environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary)}
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            return subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=err, env=environment)

    def said(self, name: str) -> bytes:
        """What it wrote to a stream so far."""
        return (self.folder / name).read_bytes()

    def hidden(self) -> list[str]:
        """Names of ours that nobody should see when all is done."""
        return sorted(path.name for path in self.folder.rglob(".*") if "dialer" in path.name)

    def results(self) -> dict[str, object]:
        """What stands in files: the summaries and tables of a folder, and other files by their content."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.suffix in KINDS]
        return {path.relative_to(self.folder).as_posix(): _content(path) for path in files}


KINDS = {".json", ".yaml", ".parquet", ".csv", ".svg", ".html", ".xlsx", ".ndjson"}


def _content(path: Path) -> object:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).hash_rows().sum()
    if path.suffix == ".xlsx":
        return None  # it holds the time at which it was made
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "temporary").mkdir()
    log = pl.read_csv(ROOT / "scenarios/call_log.csv", infer_schema=False)
    pl.concat([log] * 10).write_parquet(tmp_path / "log.parquet")
    phones = "".join(f"1650555{number:04}{number % 7}\n" for number in range(200_000))
    (tmp_path / "list.csv").write_text(f"phone\n{phones}x\n")
    return Office(tmp_path)


def ended(running: "subprocess.Popen[bytes]", seconds: float, sent: signal.Signals) -> Sequence[psutil.Process]:
    """Send a signal after some seconds, and wait for the end; the processes that the command had begun."""
    with suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    began: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        began = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(sent)
    running.wait()
    return began


@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_command_again_gives_what_it_would_have_given(command: str, office: Office) -> None:
    luck = random.Random(command)  # noqa: S311 (when it is killed)
    alone = office.started(*COMMANDS[command])
    began = psutil.Process(alone.pid).create_time()
    status = alone.wait()
    seconds = (office.folder / "stdout").stat().st_mtime - began
    whole, files = office.said("stdout"), office.results()
    assert whole
    assert office.hidden() == []
    killed = 0
    for kill in range(2 * KILLS):
        moment = luck.uniform(0, seconds)
        _forget(office, command, kill)
        before = office.results()
        running = office.started(*COMMANDS[command])
        sent = SIGNALS[kill % len(SIGNALS)]
        processes = ended(running, moment, sent)
        assert left_of(processes) == []
        if running.returncode == status:
            seconds = moment  # it was done already: the first run found less in the system's memory
        else:
            killed += 1
        assert running.returncode in (status, -sent, 128 + sent), office.said("stderr").decode()
        assert b"Traceback" not in office.said("stderr")
        assert running.returncode == status or office.said("stdout") in (b"", whole) or command == "windows"
        if sent != signal.SIGKILL:
            assert list(office.temporary.iterdir()) == [], office.said("stderr").decode()
            assert office.hidden() == []
            assert [each for each in SHARED.iterdir() if re.search(rf"\b{running.pid}\b", each.name)] == []
        for name, content in office.results().items():
            assert content in (files.get(name), before.get(name)) or name.startswith("runs/"), name

        arguments = [*COMMANDS[command]]
        if command == "run --checkpoint" and (office.folder / "a.npz").exists():
            arguments += ["--resume", "a.npz", "--checkpoint", "b.npz"]
        if command == "run --out":  # it came so late, perhaps, that the results are there, whole, and are kept
            _forget(office, command, kill)
        again = office.started(*arguments)
        assert again.wait() == status, office.said("stderr").decode()
        assert office.said("stdout") == whole
        assert office.results() == files
        assert office.hidden() == []
        assert list(office.temporary.iterdir()) == []
        if killed == KILLS:
            break
    assert killed == KILLS


def _forget(office: Office, command: str, kill: int) -> None:
    """Remove what a run left, as `--out` and kept runs need it; every other time, `--force` finds older results."""
    for name in ("a.svg", "a.npz", "b.npz", "runs", "out"):
        path = office.folder / name
        if name == "out" and "--force" in COMMANDS[command] and kill % 2:
            continue
        if path.is_dir():
            for each in sorted(path.rglob("*"), reverse=True):
                each.rmdir() if each.is_dir() else each.unlink()
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
