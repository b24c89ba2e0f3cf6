"""Results of `dialer run --out`: whole or not at all, and played again from their lock."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from tests.campaigns import busy_day
from tests.commands.dialer import EXAMPLE, EXAMPLE_NOTE, ROOT, SPRING, dialer, names_in, unwrapped

RESULTS = [
    *("calls.parquet", "numbers.parquet", "report.html", "scenario.lock.yaml"),
    *("summary.json", "summary.xlsx", "timeline.parquet"),
]


def test_results_go_into_a_folder_that_is_named_last(tmp_path: Path) -> None:
    done = dialer("run", EXAMPLE, "--out", tmp_path / "run", "--calls")

    assert done.returncode == 0
    assert "were reached" in done.stdout
    assert EXAMPLE_NOTE in unwrapped(done.stdout)
    assert done.stderr == f"results are in {tmp_path / 'run'}\n"
    assert names_in(tmp_path) == ["run"]
    assert names_in(tmp_path / "run") == RESULTS


NAMES = [
    "[/x]",
    "[red]x[/red]",
    ":smile:",
    "[link=https://example.org]y[/link]",
    "busy",
    "BUSY",
    "\x1b]0;x\x07",
    "=1+1",
]
"""Names of outcomes that a terminal, or a spreadsheet, takes for something else."""


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A scenario whose outcomes, segments and variants have such names."""
    document = busy_day(
        outcomes={"answered": {"share": 0.2, "seconds": 60}} | {name: {"share": 0.1, "seconds": 9} for name in NAMES},
        segments=[{"name": name, "share": 0.1} for name in NAMES],
        whatIf={"variants": {name: {"campaign": {"lines": 6}} for name in NAMES[:2]}},
    )
    file = tmp_path / "[red]named :smile: &<b>.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


COMMANDS = {
    "run": ("run",),
    "compare": ("compare", "--replications", "2", "--jobs", "1", "--runs", "runs"),
    "size": ("size", "--replications", "2", "--jobs", "1", "--runs", "runs"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_names_are_text_on_the_terminal_and_lose_no_results(command: str, named: Path, tmp_path: Path) -> None:
    done = dialer(*COMMANDS[command], named, "--out", tmp_path / "out", "--svg", tmp_path / "a.svg", cwd=tmp_path)

    assert done.returncode == 0
    assert done.stderr.endswith(f"results are in {tmp_path / 'out'}\n")
    assert "report.html" in names_in(tmp_path / "out")
    assert all(line.isprintable() for line in (done.stdout + done.stderr).split("\n"))
    assert command == "size" or all(name in done.stdout for name in NAMES[:2])
    picture = ElementTree.fromstring((tmp_path / "a.svg").read_bytes())  # noqa: S314 (our own)
    assert f"dialer {command} {named.name}" in "".join(picture.itertext()).replace("\xa0", " ")


@pytest.mark.parametrize("command", COMMANDS)
def test_results_are_written_before_they_are_shown(command: str, named: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "engine.cli", *COMMANDS[command], str(named), "--out", str(tmp_path / "out")]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            arguments, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False, env={"PYTHONPATH": str(ROOT)}
        )

    assert done.returncode != 0
    assert "report.html" in names_in(tmp_path / "out")


def test_the_report_is_whole(tmp_path: Path) -> None:
    dialer("run", EXAMPLE, "--out", tmp_path / "run")
    page = (tmp_path / "run/report.html").read_text(encoding="utf-8")

    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert "were reached (1), the last of them on Mon" in page


def test_the_summary_is_what_json_prints(tmp_path: Path) -> None:
    done = dialer("run", EXAMPLE, "--out", tmp_path / "run", "--json")

    assert done.stdout == (tmp_path / "run/summary.json").read_text(encoding="utf-8")
    assert names_in(tmp_path / "run") == RESULTS[1:]


@pytest.mark.parametrize("flag", ["--calls", "--force"])
def test_flags_of_results_without_a_folder_are_wrong_usage(flag: str) -> None:
    done = dialer("run", EXAMPLE, flag)

    assert done.returncode == 2
    assert f"Invalid value for {flag}: add --out DIR" in done.stderr


def test_results_that_are_there_are_replaced_only_by_force(tmp_path: Path) -> None:
    first = dialer("run", EXAMPLE, "--out", tmp_path / "run")
    again = dialer("run", EXAMPLE, "--out", tmp_path / "run", "--seed", "3")
    forced = dialer("run", EXAMPLE, "--out", tmp_path / "run", "--seed", "3", "--force", "--json")

    assert (first.returncode, again.returncode, forced.returncode) == (0, 1, 0)
    assert again.stdout == ""
    assert again.stderr == (
        f"{tmp_path / 'run'}: found a folder that is not empty; "
        "allowed: a new or empty folder, or --force (force=True in Python) to replace the results in it\n"
    )
    assert (tmp_path / "run/summary.json").read_text(encoding="utf-8") == forced.stdout


def test_a_folder_that_is_not_empty_is_a_fault_in_json_too(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    done = dialer("run", EXAMPLE, "--out", tmp_path, "--json")

    assert done.returncode == 1
    assert [fault["found"] for fault in json.loads(done.stdout)["faults"]] == ["a folder that is not empty"]


def test_a_folder_that_cannot_be_made_is_one_clear_message_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    done = dialer("run", EXAMPLE, "--out", tmp_path / "file/run")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"{tmp_path / 'file/run'}: results cannot be written (Not a directory)\n"
    assert names_in(tmp_path) == ["file"]


@pytest.mark.parametrize(("most_bytes", "more"), [(0, []), (1_000, []), (20_000, []), (1_000, ["--calls"])])
def test_a_full_disk_is_one_clear_message_and_leaves_nothing(tmp_path: Path, most_bytes: int, more: list[str]) -> None:
    """A limit to the size of files stands for the disk: 0 stops the first file, 1,000 bytes a later one."""
    command = [sys.executable, "-m", "engine.cli", "run", str(SPRING), "--out", str(tmp_path / "deep/run")]
    command += ["--set", "numbers.0.generate.count=1000", "--set", "numbers.1.generate.count=1000", *more]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
    )

    assert done.returncode == 1
    assert done.stderr == f"{tmp_path / 'deep/run'}: results cannot be written (File too large)\n"
    assert names_in(tmp_path) == []


def started(*arguments: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "engine.cli", "run", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


MODEST = (SPRING, "--set", "numbers.0.generate.count=3000", "--set", "numbers.1.generate.count=1000", "--calls")


def assert_complete(folder: Path, digest: str) -> None:
    assert names_in(folder) == RESULTS
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["digest"] == digest
    assert f"digest: {digest}" in (folder / "scenario.lock.yaml").read_text(encoding="utf-8")
    assert pl.read_parquet(folder / "numbers.parquet").height == 4_000
    assert pl.read_parquet(folder / "calls.parquet").height == summary["calls"]["total"]
    assert pl.read_parquet(folder / "timeline.parquet")["calls"].sum() == summary["calls"]["total"]


@pytest.mark.slow
def test_a_killed_run_leaves_all_of_its_results_or_none(tmp_path: Path) -> None:
    began = time.monotonic()
    digest = json.loads(dialer("run", *MODEST, "--json", "--out", tmp_path / "whole").stdout)["digest"]
    takes = time.monotonic() - began
    assert_complete(tmp_path / "whole", digest)
    fractions = random.Random(7)  # noqa: S311 (moments, not secrets)
    for kill in range(5):
        out = tmp_path / f"run {kill}"
        running = started(*MODEST, "--out", out)
        try:
            running.communicate(timeout=fractions.uniform(0.3, 1.05) * takes)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
        if out.exists():
            assert_complete(out, digest)
    for left in [path for path in tmp_path.iterdir() if path.name.startswith(".")]:
        out = tmp_path / left.name.removeprefix(".").partition(".dialer-")[0]
        assert dialer("run", *MODEST, "--out", out, "--force").returncode == 0
        assert_complete(out, digest)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", ["calls.parquet", "scenario.lock.yaml"])
def test_a_run_that_is_killed_while_it_writes_is_replaced_by_the_next(tmp_path: Path, name: str) -> None:
    out = tmp_path / "run"
    running = started(*MODEST, "--out", out)
    while not [*tmp_path.glob(f".run.dialer-*.part/new/{name}")] and running.poll() is None:
        os.sched_yield()
    running.kill()
    running.communicate()
    left = [path.name for path in tmp_path.glob(".run.dialer-*.part")]

    done = dialer("run", *MODEST, "--json", "--out", out, "--force")
    digest = json.loads(done.stdout)["digest"]

    for hidden in left:
        assert f"note: {out}: a run that was killed left {hidden}, which is removed now\n" in done.stderr
    assert names_in(tmp_path) == ["run"]
    assert_complete(out, digest)


def test_an_interrupt_while_results_are_written_leaves_none(tmp_path: Path) -> None:
    running = started(*MODEST, "--out", tmp_path / "run")
    while not [*tmp_path.glob(".run.dialer-*.part/new/numbers.parquet")] and running.poll() is None:
        os.sched_yield()
    running.send_signal(signal.SIGINT)
    _, messages = running.communicate()

    assert running.returncode == 130
    assert messages == "interrupted: no result was written\n"
    assert names_in(tmp_path) == []


def test_a_resumed_run_writes_the_same_results(tmp_path: Path) -> None:
    saved, out = tmp_path / "saved.npz", tmp_path / "run"
    whole = dialer("run", *MODEST, "--json", "--checkpoint", saved, "--every", "9d", "--out", tmp_path / "whole")

    resumed = dialer("run", *MODEST, "--json", "--resume", saved, "--out", out)

    assert resumed.stdout == whole.stdout
    assert_complete(out, json.loads(whole.stdout)["digest"])
    assert pl.read_parquet(out / "calls.parquet").equals(pl.read_parquet(tmp_path / "whole/calls.parquet"))


def test_a_checkpoint_may_lie_in_the_folder_of_the_results(tmp_path: Path) -> None:
    done = dialer("run", *MODEST, "--checkpoint", tmp_path / "saved.npz", "--every", "9d", "--out", tmp_path)

    assert done.returncode == 0
    assert names_in(tmp_path) == sorted(["saved.npz", *RESULTS])


def test_a_lock_plays_the_same_run_again_from_anywhere(lock: Path, tmp_path: Path) -> None:
    again = dialer("run", lock.relative_to(tmp_path), "--json", cwd=tmp_path)

    assert (again.returncode, again.stderr) == (0, f"{EXAMPLE_NOTE}\n")
    assert again.stdout == lock.with_name("summary.json").read_text(encoding="utf-8")
    assert json.loads(again.stdout)["seed"] == 3


def test_a_lock_whose_number_file_changed_says_so_before_and_after(lock: Path, tmp_path: Path) -> None:
    phones = tmp_path / "scenarios/api_example.json"
    phones.write_text(phones.read_text(encoding="utf-8").replace("16500000000", "16500000001"), encoding="utf-8")

    done = dialer("run", lock)

    [after] = done.stderr.splitlines()
    assert done.returncode == 1
    before = "note: changed since the run was locked: ../../scenarios/api_example.json, of the same size"
    assert before in unwrapped(done.stdout)
    assert after.startswith(f"{lock}: the digest is ")
    assert after.endswith(", as locked; changed since then: ../../scenarios/api_example.json, of the same size")
    assert "were reached" in done.stdout


def test_a_lock_with_another_seed_says_so_and_succeeds(lock: Path) -> None:
    done = dialer("run", lock, "--seed", "4")

    assert done.returncode == 0
    note = "note: the scenario was changed by --set or --seed, so its digest is not compared with the locked one"
    assert note in unwrapped(done.stdout)
    assert done.stderr == ""
