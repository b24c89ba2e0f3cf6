"""No option writes over what its command reads, or over a file of someone else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands.dialer import EXAMPLE, ROOT, dialer, names_in

COMMANDS = {
    "run, a picture": ["run", "scenario.yaml", "--svg"],
    "run, faults": ["run", "scenario.yaml", "--faults"],
    "run, a checkpoint": ["run", "scenario.yaml", "--checkpoint"],
    "compare, a picture": ["compare", "scenario.yaml", "--replications", "1", "--grid", "campaign.lines=1", "--svg"],
    "size, faults": ["size", "scenario.yaml", "--replications", "1", "--faults"],
}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with a scenario, its list under a name of ours, a file of ours that is theirs, and a log."""
    shutil.copy(ROOT / "scenarios/call_log.csv", tmp_path)
    shutil.copy(ROOT / "scenarios/api_example.json", tmp_path / "faulty.ndjson")
    (tmp_path / "faulty.ndjson").write_text(
        json.dumps(json.loads((tmp_path / "faulty.ndjson").read_text(encoding="utf-8"))[0]) + "\n"
    )
    text = EXAMPLE.read_text(encoding="utf-8").replace("api_example.json", "faulty.ndjson")
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("output", ["scenario.yaml", "faulty.ndjson"])
def test_an_output_that_is_the_scenario_or_its_list_is_refused(office: Path, command: str, output: str) -> None:
    before = contents(office)

    done = dialer(*COMMANDS[command], output, "--force", cwd=office)

    assert done.returncode == 1
    assert f"{COMMANDS[command][-1]}: found a file that the same command reads; allowed: another file" in done.stderr
    assert contents(office) == before


def test_a_file_for_faults_that_is_a_list_of_a_faulty_scenario_stays(office: Path) -> None:
    text = (office / "scenario.yaml").read_text(encoding="utf-8").replace("lines:", "line:")
    (office / "scenario.yaml").write_text(text, encoding="utf-8")
    before = contents(office)

    done = dialer("run", "scenario.yaml", "--faults", "faulty.ndjson", "--force", cwd=office)

    assert done.returncode == 1
    assert "--faults: found a file that the same command reads" in done.stderr
    assert contents(office) == before


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_file_for_faults_that_an_unreadable_scenario_may_name_stays_unless_it_holds_faults(
    office: Path, command: str
) -> None:
    (office / "scenario.yaml").write_text("numbers: [{file: faulty.ndjson}", encoding="utf-8")
    before = contents(office)

    done = dialer(command, "scenario.yaml", "--faults", "faulty.ndjson", "--force", cwd=office)

    assert done.returncode == 1
    assert "--faults: found a file that an input may name, which cannot be read; allowed: a new file" in done.stderr
    assert contents(office) == before
    for _ in range(2):
        done = dialer(command, "scenario.yaml", "--faults", "found.ndjson", cwd=office)
        assert '"found": "text that is not YAML' in (office / "found.ndjson").read_text(encoding="utf-8")


def test_a_folder_whose_files_a_run_reads_is_refused(office: Path) -> None:
    before = contents(office)

    done = dialer("run", "scenario.yaml", "--out", ".", "--force", cwd=office)

    assert done.returncode == 1
    assert "found a folder whose faulty.ndjson the same command reads; allowed: another folder" in done.stderr
    assert contents(office) == before


def test_a_checkpoint_that_a_run_goes_on_from_is_not_written_over(office: Path) -> None:
    (office / "saved.npz").write_bytes(b"")

    done = dialer("run", "scenario.yaml", "--resume", "saved.npz", "--checkpoint", "./saved.npz", cwd=office)

    assert done.returncode == 1
    assert done.stderr == (
        "saved.npz: --checkpoint: found a file that the same command reads; "
        "allowed: another file, such as saved-2.npz\n"
    )


def test_a_file_of_the_results_is_no_other_output(office: Path) -> None:
    (office / "run").mkdir()
    done = dialer("run", "scenario.yaml", "--out", "run", "--svg", "run/report.html", cwd=office)

    assert done.returncode == 1
    assert "--svg: found a file of the results in run; allowed: another file" in done.stderr
    assert names_in(office / "run") == []


def test_a_log_and_the_scenario_beside_it_are_not_written_over(office: Path) -> None:
    before = contents(office)

    log = dialer("fit", "call_log.csv", "--out", "call_log.csv", "--force", cwd=office)
    into = dialer("fit", "call_log.csv", "--into", "scenario.yaml", "--out", "./scenario.yaml", "--force", cwd=office)
    faults = dialer("fit", "call_log.csv", "--faults", "call_log.csv", "--force", cwd=office)
    checked = dialer("check", "faulty.ndjson", "--faults", "faulty.ndjson", "--force", cwd=office)
    piped = dialer("check", "scenario.yaml", "--faults", "faulty.ndjson", "--force", cwd=office)

    for done in (log, into, faults, checked, piped):
        assert done.returncode == 1
        assert "found a file that the same command reads" in done.stderr
    assert contents(office) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_of_someone_else_stays_without_force(office: Path, command: str) -> None:
    done = dialer(*COMMANDS[command], "notes.txt", cwd=office)

    assert done.returncode == 1
    assert "found a file that exists already; allowed: a new file, or --force to replace it" in done.stderr
    assert (office / "notes.txt").read_text() == "mine"


def test_force_replaces_a_file_and_files_of_ours_need_none(office: Path) -> None:
    forced = dialer("run", "scenario.yaml", "--svg", "notes.txt", "--force", cwd=office)
    again = dialer("run", "scenario.yaml", "--svg", "notes.txt", cwd=office)
    (office / "bad.csv").write_text("phone\n1\n")
    faults = [dialer("check", "bad.csv", "--faults", "faults", cwd=office) for _ in range(2)]
    run = ("run", "scenario.yaml", "--checkpoint", "saved.npz", "--every", "3d")
    saved = [dialer(*run, cwd=office) for _ in range(2)]

    assert (forced.returncode, again.returncode) == (0, 0), forced.stderr + again.stderr
    assert "found a file that exists" not in "".join(done.stderr for done in (*faults, *saved))
    assert [done.returncode for done in saved] == [0, 0]


def test_force_without_an_output_is_wrong_usage(office: Path) -> None:
    assert dialer("check", "scenario.yaml", "--force", cwd=office).returncode == 2
    assert dialer("run", "scenario.yaml", "--force", cwd=office).returncode == 2


def started(*arguments: str | Path, **streams: Any) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)], cwd=ROOT, env=environment, text=True, **streams
    )


@pytest.mark.slow
@pytest.mark.parametrize("before", [False, True], ids=["--out", "--out --force"])
def test_a_run_that_is_killed_at_any_moment_leaves_the_old_or_the_new_whole(tmp_path: Path, before: bool) -> None:
    work, kept = tmp_path / "work", tmp_path / "kept"
    work.mkdir()
    if before:
        assert dialer("run", EXAMPLE, "--calls", "--seed", "5", "--out", kept).returncode == 0
        (kept / "notes.txt").write_text("mine")
    command = ("run", EXAMPLE, "--out", work / "run", "--force")
    assert dialer(*command[:2], "--out", tmp_path / "whole").returncode == 0
    old = contents(kept) if before else {}
    new = contents(tmp_path / "whole")
    states, moment, answer = set(), 0, "killed"
    running = started("tests.commands.killed", work, *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdin is not None
    assert running.stdout is not None
    while answer == "killed":
        shutil.rmtree(work)
        work.mkdir()
        if before:
            shutil.copytree(kept, work / "run")
        moment += 1
        running.stdin.write(f"{moment}\n")
        running.stdin.flush()
        answer = next(line.strip() for line in running.stdout if line.strip() in ("killed", "done"))
        now = contents(work / "run") if (work / "run").exists() else {}
        state = "old" if now == old else "new"
        if state == "new":
            assert now.pop("notes.txt", None) == (b"mine" if before else None)
            assert (now.keys(), now["summary.json"]) == (new.keys(), new["summary.json"]), moment
        states.add(state)
    running.communicate()
    assert states == {"old", "new"}


LOG = ["--column", "phone=MSISDN", "--column", "start=Started", "--column", "seconds=Duration"]
LOG += ["--column", "outcome=Result", "--zone", "America/Chicago"]
GRID = ["--grid", "campaign.lines=1,2", "--replications", "2", "--jobs", "1", "--runs"]
WRITERS = {
    "run --svg": ["run", str(EXAMPLE), "--svg", "a.svg"],
    "run --checkpoint": ["run", str(EXAMPLE), "--checkpoint", "a.npz", "--every", "5d"],
    "run --faults": ["run", str(EXAMPLE), "--set", "campaign.lines=x", "--faults", "a.ndjson"],
    "check --faults": ["check", str(ROOT / "scenarios/call_log.csv"), "--faults", "a.ndjson"],
    "fit --out": ["fit", str(ROOT / "scenarios/call_log.csv"), *LOG, "--out", "a.yaml"],
    "compare --out": ["compare", str(EXAMPLE), *GRID, "runs", "--out", "a"],
    "size --out": ["size", str(EXAMPLE), "--set", 'goal={"reached":0.1}', *GRID[2:], "runs", "--out", "a"],
    "run --out --calls": ["run", str(EXAMPLE), "--calls", "--out", "a"],
}


def told_of(folder: Path) -> dict[str, object]:
    """What stands in a folder, but for what is hidden and for what tells the time of its making."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    seen = {name: path for name, path in files.items() if not any(part.startswith(".") for part in name.parts)}
    return {str(name): path.read_bytes() * (path.suffix in TOLD) for name, path in seen.items()}


TOLD = {".svg", ".ndjson", ".yaml", ".json"}


@pytest.mark.slow
@pytest.mark.parametrize("command", WRITERS)
def test_whatever_a_command_writes_is_the_old_or_the_new_whole_after_a_kill_at_any_moment(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, kept, new = tmp_path / "work", tmp_path / "kept", tmp_path / "new"
    written = [*WRITERS[command], "--force"]
    for folder, seed in ((kept, "5"), (new, "6")):
        folder.mkdir()
        dialer(*written, *(["--seed", seed] if written[0] in ("run", "compare", "size") else []), cwd=folder)
        shutil.rmtree(folder / "runs", ignore_errors=True)
    written += ["--seed", "6"] if written[0] in ("run", "compare", "size") else []
    states = [told_of(kept), told_of(new)]
    assert all(states)
    shutil.copytree(kept, work)
    monkeypatch.chdir(work)
    environment = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    process = [sys.executable, "-m", "tests.commands.killed", str(work), *written]
    moment, answer = 0, "killed"
    with subprocess.Popen(
        process, env=environment, text=True, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        while answer == "killed":
            moment += 1
            running.stdin.write(f"{moment}\n")
            running.stdin.flush()
            answer = next(line.strip() for line in running.stdout if line.strip() in ("killed", "done"))
            shutil.rmtree(work / "runs", ignore_errors=True)
            assert told_of(work) in states, moment
        running.stdin.close()
    assert told_of(work) == states[1]
    assert moment > 3  # it opens a hidden file, gives it the rights of the old one, and its name


@pytest.mark.slow
@pytest.mark.parametrize("force", [[], ["--force"]])
def test_of_twenty_pairs_of_runs_into_one_folder_at_once_one_wins_and_the_other_says_so(
    tmp_path: Path, force: list[str]
) -> None:
    for pair in range(20):
        out = tmp_path / f"run {pair}"
        both = [
            started(
                "engine.cli",
                "run",
                EXAMPLE,
                "--seed",
                str(seed),
                "--out",
                out,
                *force,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for seed in (1, 2)
        ]
        said = [running.communicate()[1] for running in both]
        ends = [running.returncode for running in both]
        seed = json.loads((out / "summary.json").read_text(encoding="utf-8"))["seed"]
        assert 0 in ends
        for number, end in enumerate(ends):
            if end:
                assert "found a folder that" in said[number]
                assert seed != number + 1
        assert f"seed: {seed}" in (out / "scenario.lock.yaml").read_text(encoding="utf-8")
        assert len(contents(out)) == 6
    assert not list(tmp_path.glob(".*"))
