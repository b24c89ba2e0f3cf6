"""How commands end: at signals, with their workers and temporary files, and where nobody reads or writes."""

import fcntl
import os
import shlex
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.commands.dialer import EXAMPLE, ROOT, SPRING, dialer, names_in

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's signals and devices")

LONG = ("--set", "numbers.0.generate.count=2000000", "--set", "campaign.callsPerSecond=1000")
ENDED = "the same command goes on from there\n"
SHARED = Path("/dev/shm")  # noqa: S108 (its names are looked at)
FULL = "No space left on device"


def started(*arguments: str | Path, temporary: Path | None = None) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT), **({"TMPDIR": str(temporary)} if temporary else {})}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, env=environment)


def shell(command: str) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of `dialer …`, with its redirections."""
    whole = command.replace("dialer ", f"{shlex.quote(sys.executable)} -m engine.cli ")
    return subprocess.run(["bash", "-c", whole], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607


def wait_until_saved(file: Path, running: "subprocess.Popen[str]") -> None:
    while not file.exists() and running.poll() is None:
        os.sched_yield()


def with_workers(tmp_path: Path) -> tuple["subprocess.Popen[str]", list[psutil.Process]]:
    """A long comparison whose worker processes play, and all processes that it began."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    runs = tmp_path / "runs"
    asked = ("--grid", "campaign.shifts.0.lines=100,200", "--replications", "500", "--jobs", "2", "--json")
    running = started("compare", SPRING, *asked, "--runs", runs, temporary=temporary)
    while len(list(runs.rglob("*.json"))) < 2 and running.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=0.02)
    return running, psutil.Process(running.pid).children(recursive=True)


def left_of(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=60)[1]


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_that_says_how_far_it_came(sent: signal.Signals, status: int, tmp_path: Path) -> None:
    saved = tmp_path / "run.npz"
    running = started("run", SPRING, *LONG, "--json", "--checkpoint", saved, "--every", "2h")
    wait_until_saved(saved, running)
    running.send_signal(sent)
    output, messages = running.communicate()

    assert running.returncode == status, messages
    assert output == ""
    assert messages.splitlines()[-1].startswith("interrupted: 2026-03-")
    assert "Traceback" not in messages
    assert names_in(tmp_path) == ["run.npz"]


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_keeps_the_runs_that_are_done_and_ends_the_workers(
    sent: signal.Signals, status: int, tmp_path: Path
) -> None:
    running, began = with_workers(tmp_path)
    running.send_signal(sent)
    _, messages = running.communicate()

    kept = len(list((tmp_path / "runs").rglob("*.json")))
    assert running.returncode == status, messages
    assert messages.endswith(f"interrupted: {kept} of 1,500 runs are kept; {ENDED}")
    assert left_of(began) == []
    assert names_in(tmp_path / "temporary") == []
    assert [each for each in SHARED.iterdir() if str(running.pid) in each.name] == []


def test_a_signal_to_the_whole_group_is_told_as_a_signal(tmp_path: Path) -> None:
    running, began = with_workers(tmp_path)
    for process in (*began, psutil.Process(running.pid)):  # the parent last: it must not take this for a failure
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGHUP)
    _, messages = running.communicate()

    assert running.returncode == 129, messages
    assert messages.endswith(ENDED)
    assert left_of(began) == []


def test_workers_end_with_a_parent_that_is_killed_and_nothing_of_it_stays(tmp_path: Path) -> None:
    running, began = with_workers(tmp_path)
    assert len(began) >= 2
    running.kill()
    running.communicate()

    assert left_of(began) == []
    assert names_in(tmp_path / "temporary") == []


def test_a_hangup_that_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    saved = tmp_path / "run.npz"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = started("run", SPRING, *LONG, "--json", "--checkpoint", saved, "--every", "2h")
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_until_saved(saved, running)
    running.send_signal(signal.SIGHUP)
    running.send_signal(signal.SIGTERM)
    running.communicate()

    assert running.returncode == 143


def test_a_second_signal_does_not_cut_off_the_tidying(tmp_path: Path) -> None:
    running, began = with_workers(tmp_path)
    for _ in range(20):
        with suppress(ProcessLookupError):
            running.send_signal(signal.SIGTERM)
        time.sleep(0)
    _, messages = running.communicate()

    assert running.returncode == 143, messages
    assert left_of(began) == []
    assert names_in(tmp_path / "temporary") == []


def test_an_interrupt_amid_code_that_is_made_of_text_ends_with_a_status() -> None:
    code = "from engine.commands.ending import orderly_end\nwith orderly_end(): exec('raise KeyboardInterrupt')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (130, "interrupted: no result was written\n")


def test_check_says_that_it_was_interrupted() -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "engine.cli", "check", "-"]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as running:
        assert running.stdin
        assert running.stderr
        running.stdin.write(b"[")
        running.stdin.flush()
        while _unread(running.stdin.fileno()):
            os.sched_yield()
        running.send_signal(signal.SIGTERM)
        assert running.wait() == 143
        assert running.stderr.read() == b"interrupted: no result was written\n"


def _unread(pipe: int) -> int:
    """How many bytes nobody has read yet from a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize(
    "command",
    [
        "dialer --help",
        "dialer schema",
        f"dialer run {EXAMPLE}",
        f"dialer run {EXAMPLE} --json",
        f"dialer check {EXAMPLE}",
        "dialer windows --policy scenarios/policy.json --from 2026-03-06T00:00:00Z --to 2026-03-10T00:00:00Z",
    ],
)
def test_a_full_standard_output_is_told_in_one_message(command: str) -> None:
    done = shell(f"{command} >/dev/full")

    assert done.returncode == 1
    *notes, message = done.stderr.splitlines()
    assert message == f"standard output cannot be written ({FULL})"
    assert all(note.startswith("note: ") for note in notes)


def test_a_reader_who_leaves_is_told_in_one_message() -> None:
    done = shell("set -o pipefail; dialer schema | true; exit ${PIPESTATUS[0]}")

    assert done.returncode == 1
    assert done.stderr == "standard output cannot be written (its reader has closed it)\n"


def test_a_standard_output_that_is_closed_is_told_before_anything_is_played(tmp_path: Path) -> None:
    done = shell(f"dialer run {EXAMPLE} --out {tmp_path / 'run'} >&-")

    assert done.returncode == 1
    assert done.stderr == "standard output cannot be written (it is closed; > /dev/null prints to nowhere)\n"
    assert names_in(tmp_path) == []


def test_a_standard_input_that_is_closed_is_told_where_it_is_needed() -> None:
    done = shell("dialer check - <&-")

    assert done.returncode == 1
    assert done.stderr == "standard input: found nothing: it is closed; allowed: a file, or a pipe that gives one\n"
    assert shell(f"dialer check {EXAMPLE} <&-").returncode == 0


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_a_command_goes_on_although_its_notes_cannot_be_shown(redirection: str) -> None:
    done = shell(f"dialer run {EXAMPLE} --json {redirection}")

    assert done.returncode == 0
    assert done.stdout == dialer("run", EXAMPLE, "--json").stdout


@pytest.mark.parametrize(
    ("option", "others"),
    [
        ("--svg", ""),
        ("--checkpoint", "--engine compiled"),
        ("--out", ""),
        ("--faults", "--set campaign.lines=x"),
    ],
)
def test_a_disk_that_is_full_is_told_with_the_file_that_was_written(option: str, others: str, tmp_path: Path) -> None:
    file = tmp_path / "written"
    done = shell(f"ulimit -f 0; dialer run {EXAMPLE} --json {others} {option} {file} >/dev/null")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"{file}: ")
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert names_in(tmp_path) == []
