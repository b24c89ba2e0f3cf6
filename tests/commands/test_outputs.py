"""No option writes over what its command reads, or over a file of someone else."""

import json
import shutil
from pathlib import Path

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
    assert "--checkpoint: found a file that the same command reads" in done.stderr


def test_a_file_of_the_results_is_no_other_output(office: Path) -> None:
    done = dialer("run", "scenario.yaml", "--out", "run", "--svg", "run/report.html", cwd=office)

    assert done.returncode == 1
    assert "--svg: found " in done.stderr
    assert "run" not in names_in(office)


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
