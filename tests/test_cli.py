"""The command `dialer`, as its users meet it: a process with two streams and an exit status."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SPRING = ROOT / "scenarios/spring_promo.yaml"
EXAMPLE = ROOT / "scenarios/api_example.yaml"
Completed = subprocess.CompletedProcess[str]


def dialer(*arguments: str | Path, cwd: Path = ROOT) -> Completed:
    command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)})


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, content: str | bytes) -> Path:
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


def test_help_names_every_command() -> None:
    done = dialer("--help")

    assert done.returncode == 0
    assert all(command in done.stdout for command in ("run", "check", "windows", "schema"))


def test_help_loads_nothing_heavy() -> None:
    heavy = {"numpy", "polars", "scipy", "rich", "yaml", "msgspec"}
    code = f"import sys, engine.cli; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_run_tells_who_was_reached_and_why_others_were_not() -> None:
    done = dialer("run", SPRING)

    assert done.returncode == 0
    for words in (
        "were reached",
        "What became of the list",
        "occupancy",
        "99 %",
        "Who was not reached",
        "Calls by day",
    ):
        assert words in done.stdout
    assert done.stderr == ""


def test_run_tells_where_numbers_were_placed_by_their_phones() -> None:
    done = dialer("run", "scenarios/from_phone.yaml")

    assert done.returncode == 0
    for words in ("in one zone", "in several", "called by the clock of UTC"):
        assert words in done.stdout
    assert "note: phones that tell no zone are called by the clock of Z: 1 of the numbers" in done.stderr


def test_run_with_json_prints_one_document_and_nothing_else() -> None:
    done = dialer("run", EXAMPLE, "--json")

    document = json.loads(done.stdout)
    assert document["numbers"]["total"] == 1
    assert document["calls"]["total"] == 1
    assert document["digest"]


def test_set_and_seed_change_what_is_played() -> None:
    plain = json.loads(dialer("run", SPRING, "--json").stdout)
    other = json.loads(dialer("run", SPRING, "--json", "--seed", "8", "--set", "campaign.maxAttempts=1").stdout)

    assert other["seed"] == 8
    assert other["calls"]["per_number"] < plain["calls"]["per_number"]


def test_a_change_of_a_field_that_is_none_is_refused() -> None:
    done = dialer("run", SPRING, "--set", "campaign.line=5")

    assert done.returncode == 1
    assert "campaign.line: found an unknown field; allowed: lines, perhaps" in done.stderr


def test_the_picture_of_a_run_is_written_whole(tmp_path: Path) -> None:
    picture = tmp_path / "run.svg"

    done = dialer("run", EXAMPLE, "--svg", picture)

    assert done.returncode == 0
    assert picture.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert [file.name for file in tmp_path.iterdir()] == ["run.svg"]


def test_a_picture_that_cannot_be_written_is_one_clear_message(tmp_path: Path) -> None:
    done = dialer("run", EXAMPLE, "--svg", tmp_path / "missing" / "run.svg")

    assert done.returncode == 1
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_fault_of_a_scenario_and_its_number_file_is_told_at_once(
    written: Callable[[str, str | bytes], Path],
) -> None:
    written("phones.json", '[\n  {"phone": "1234"},\n  {"phone": 16500000000, "alowedTime": {}}\n]')
    file = written(
        "bad.yaml",
        "start: 2026-03-02T00:00:00\nfinish: x\ncampaign: {lines: 0}\nnumbers:\n  - file: phones.json\n"
        "outcomes:\n  answered: {share: 0.5, seconds: 60}\n",
    )

    done = dialer("run", file)

    assert done.returncode == 1
    assert f"{file}:1: start: found " in done.stderr
    assert f"{file}:2: finish: found " in done.stderr
    assert f"{file}:3: campaign.lines: found 0; allowed: an integer from 1 to 1,000,000" in done.stderr
    assert "outcomes: found shares that sum to 0.5; allowed: shares that sum to 1" in done.stderr
    assert 'phones.json:2: [0].phone: found "1234"; allowed: 5 to 15 digits' in done.stderr
    assert "phones.json:3: [1].alowedTime: found an unknown field; allowed: allowedTime, perhaps" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"# only a comment\n", "nothing but comments"),
        (b"\x00\x01\xff\xfe", "no UTF-8 text"),
        (b"a: [1, 2", "not YAML"),
        (b"just words", "a mapping of"),
        (
            b"a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
            + b"".join(b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(99, 110)),
            "expand without end",
        ),
    ],
)
def test_a_file_that_is_no_scenario_is_one_clear_message(
    written: Callable[[str, str | bytes], Path], content: bytes, words: str
) -> None:
    done = dialer("check", written("scenario.yaml", content))

    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_one_clear_message() -> None:
    done = dialer("run", "missing.yaml")

    assert done.returncode == 1
    assert (
        done.stderr == "missing.yaml: found no readable file (No such file or directory); "
        "allowed: a file that exists and can be read\n"
    )


def test_check_with_json_lists_faults_with_their_places(written: Callable[[str, str | bytes], Path]) -> None:
    file = written("phones.json", '[{"phone": "12345"},\n {"phone": "1234567890123456", "maxAttempts": "3"}]')

    done = dialer("check", file, EXAMPLE, "--json")

    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(fault["line"], fault["path"]) for fault in document["faults"]] == [
        (2, "[1].phone"),
        (2, "[1].maxAttempts"),
    ]
    assert [report["file"] for report in document["files"]] == [str(EXAMPLE)]


def test_check_counts_priorities_that_count_as_5_and_numbers_that_can_never_be_called(
    written: Callable[[str, str | bytes], Path],
) -> None:
    written("phones.json", '[{"phone": 123456, "dialerPriority": "high"}, {"phone": 1234567, "allowedTime": {}}]')
    text = EXAMPLE.read_text(encoding="utf-8").replace("api_example.json", "phones.json")

    done = dialer("check", written("scenario.yaml", text))

    assert done.returncode == 0
    assert "dialerPriority that is not 1 to 5 counts as 5: 1 of the numbers" in done.stderr
    assert "numbers that can never be called: 1, their policy never opens" in done.stderr


def test_windows_are_shown_in_the_policys_zone() -> None:
    done = dialer(
        "windows",
        "--policy",
        ROOT / "scenarios/policy.json",
        "--from",
        "2026-03-06T00:00:00Z",
        "--to",
        "2026-03-10T00:00:00Z",
        "--json",
    )

    assert json.loads(done.stdout) == {
        "zone": "America/New_York",
        "windows": [
            {"opens": "2026-03-06T15:00:00Z", "closes": "2026-03-06T23:00:00Z"},
            {"opens": "2026-03-09T14:00:00Z", "closes": "2026-03-09T15:30:00Z"},
            {"opens": "2026-03-09T17:00:00Z", "closes": "2026-03-09T18:30:00Z"},
        ],
    }


def test_windows_names_every_fault_of_its_options() -> None:
    done = dialer("windows", "--policy", EXAMPLE, "--from", "yesterday", "--to", "2026-03-10")

    assert done.returncode == 1
    assert "--from: found " in done.stderr
    assert "--to: found " in done.stderr


def test_wrong_usage_exits_with_2() -> None:
    assert dialer("run").returncode == 2
    assert dialer("run", EXAMPLE, "--engine", "warp").returncode == 2
