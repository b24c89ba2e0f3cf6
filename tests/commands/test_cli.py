"""The command `dialer`, as its users meet it: a process with two streams and an exit status."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.numbers.formats import layouts
from tests.numbers.formats.layouts import COMPRESSIONS, Layout, Numbers

ROOT = Path(__file__).parents[2]
SPRING = ROOT / "scenarios/spring_promo.yaml"
EXAMPLE = ROOT / "scenarios/api_example.yaml"
Completed = subprocess.CompletedProcess[str]


def dialer(*arguments: str | Path, cwd: Path = ROOT, given: bytes = b"") -> Completed:
    command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, env=environment, input=given)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


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


def test_a_name_that_no_text_can_hold_is_shown_with_its_escapes(written: Callable[[str, str | bytes], Path]) -> None:
    text = SPRING.read_text().replace("name: Spring", 'name: "half \\ud800"  #')

    done = dialer("run", written("scenario.yaml", text))

    assert done.returncode == 0, done.stderr
    assert "half \\ud800" in done.stdout


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
    for words in ("in one zone", "in several", "not told, called by zoneIfUnknown"):
        assert words in done.stdout
    assert "note: phones that tell no zone are called by the clock of America/New_York: 1 of the numbers" in done.stderr


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


# Results in a folder

RESULTS = [
    *("calls.parquet", "numbers.parquet", "report.html", "scenario.lock.yaml"),
    *("summary.json", "timeline.parquet"),
]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_results_go_into_a_folder_that_is_named_last(tmp_path: Path) -> None:
    done = dialer("run", EXAMPLE, "--out", tmp_path / "run", "--calls")

    assert done.returncode == 0
    assert "were reached" in done.stdout
    assert done.stderr == f"results are in {tmp_path / 'run'}\n"
    assert names_in(tmp_path) == ["run"]
    assert names_in(tmp_path / "run") == RESULTS


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
        "allowed: a new or an empty folder; --force replaces the results in another\n"
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
    assert done.stderr == f"{tmp_path / 'file/run'}: no results can be written (Not a directory)\n"
    assert names_in(tmp_path) == ["file"]


@pytest.mark.parametrize("most_bytes", [0, 1_000, 20_000])
def test_a_full_disk_is_one_clear_message_and_leaves_nothing(tmp_path: Path, most_bytes: int) -> None:
    """A limit to the size of files stands for the disk: 0 stops the first file, 1,000 bytes a later one."""
    command = [sys.executable, "-m", "engine.cli", "run", str(SPRING), "--out", str(tmp_path / "deep/run")]
    command += ["--set", "numbers.0.generate.count=1000", "--set", "numbers.1.generate.count=1000"]

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
    assert done.stderr == f"{tmp_path / 'deep/run'}: no results can be written (File too large)\n"
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


def test_a_killed_run_leaves_all_of_its_results_or_none(tmp_path: Path) -> None:
    began = time.monotonic()
    digest = json.loads(dialer("run", *MODEST, "--json", "--out", tmp_path / "whole").stdout)["digest"]
    takes = time.monotonic() - began
    assert_complete(tmp_path / "whole", digest)
    fractions = random.Random(7)  # noqa: S311 (moments, not secrets)
    for kill in range(10):
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
        out = tmp_path / left.name.removeprefix(".").removesuffix(".part")
        assert dialer("run", *MODEST, "--out", out).returncode == 0
        assert_complete(out, digest)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("name", ["calls.parquet", "scenario.lock.yaml"])
def test_a_run_that_is_killed_while_it_writes_is_replaced_by_the_next(tmp_path: Path, name: str) -> None:
    hidden, out = tmp_path / ".run.part", tmp_path / "run"
    running = started(*MODEST, "--out", out)
    while not (hidden / name).exists() and running.poll() is None:
        os.sched_yield()
    running.kill()
    running.communicate()
    assert names_in(tmp_path) in (["run"], [".run.part"])

    digest = json.loads(dialer("run", *MODEST, "--json", "--out", out, "--force").stdout)["digest"]

    assert names_in(tmp_path) == ["run"]
    assert_complete(out, digest)


def test_an_interrupt_while_results_are_written_leaves_none(tmp_path: Path) -> None:
    running = started(*MODEST, "--out", tmp_path / "run")
    while not (tmp_path / ".run.part/numbers.parquet").exists() and running.poll() is None:
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


# A run that is played again


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """The lock of a run, with its scenario and number file in a folder beside."""
    (tmp_path / "scenarios").mkdir()
    for file in (EXAMPLE, ROOT / "scenarios/api_example.json"):
        shutil.copy(file, tmp_path / "scenarios")
    done = dialer("run", "scenarios/api_example.yaml", "--seed", "3", "--out", "runs/first", cwd=tmp_path)
    assert done.returncode == 0
    return tmp_path / "runs/first/scenario.lock.yaml"


def test_a_lock_plays_the_same_run_again_from_anywhere(lock: Path, tmp_path: Path) -> None:
    again = dialer("run", lock.relative_to(tmp_path), "--json", cwd=tmp_path)

    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == lock.with_name("summary.json").read_text(encoding="utf-8")
    assert json.loads(again.stdout)["seed"] == 3


def test_a_lock_is_a_good_scenario_to_check(lock: Path) -> None:
    done = dialer("check", lock)

    assert (done.returncode, done.stderr) == (0, "")
    assert "good: a scenario; numbers 1" in done.stdout


def test_a_lock_whose_number_file_changed_says_so_before_and_after(lock: Path, tmp_path: Path) -> None:
    phones = tmp_path / "scenarios/api_example.json"
    phones.write_text(phones.read_text(encoding="utf-8").replace("16500000000", "16500000001"), encoding="utf-8")

    done = dialer("run", lock)

    before, after = done.stderr.splitlines()
    assert done.returncode == 1
    assert before == ("note: changed since the run was locked: ../../scenarios/api_example.json, of the same size")
    assert after.startswith(f"{lock}: the digest is ")
    assert after.endswith(", as locked; changed since then: ../../scenarios/api_example.json, of the same size")
    assert "were reached" in done.stdout


def test_a_lock_with_another_seed_says_so_and_succeeds(lock: Path) -> None:
    done = dialer("run", lock, "--seed", "4")

    assert done.returncode == 0
    assert done.stderr == (
        "note: the scenario was changed by --set or --seed, so its digest is not compared with the locked one\n"
    )


# Lists of numbers

LIST: Numbers = [
    {"phone": "+16505550000", "payload": {"name": 'käse, "x"\n😀'}, "gmtZone": "America/New_York", "maxAttempts": 3},
    {"phone": 16505550001, "allowedDays": ["mon", "tue"]},
    {"phone": "16505550000", "payload": {"name": 'käse, "x"\n😀'}, "gmtZone": "America/New_York", "maxAttempts": 3},
]


@pytest.mark.parametrize(
    "data",
    [
        layouts.json_of(LIST, indent=1),
        layouts.lines_of(LIST),
        b"\xef\xbb\xbf" + layouts.csv_of(LIST, Layout(separator=";", payload_columns=True)),
        COMPRESSIONS[".gz"](layouts.nested_parquet_of([{**number, "payload": {}} for number in LIST])),
    ],
    ids=["json", "ndjson", "csv", "parquet.gz"],
)
def test_check_reads_any_format_from_standard_input(data: bytes) -> None:
    done = dialer("check", "-", given=data)

    assert (done.returncode, done.stdout) == (0, "-: good: numbers 2, call policies 2\n")
    assert done.stderr == "note: -: duplicates within 24 hours are ignored: 1 of the numbers\n"


def test_run_reads_its_list_from_standard_input_and_leaves_faulty_numbers_out(
    written: Callable[[str, str | bytes], Path],
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("api_example.json", '"-"\n    skipFaulty: true')
    scenario = written("scenario.yaml", text)
    numbers = [*LIST, {"phone": "12"}]

    done, other = (
        dialer("run", scenario, "--json", given=data) for data in (layouts.json_of(numbers), layouts.lines_of(numbers))
    )

    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["numbers"]["total"] == 2
    assert "numbers with faults that are left out: 1" in document["warnings"]
    assert done.stdout == other.stdout


UNREADABLE = {
    "deep.json": b"[" * 100_000,
    "cut.json": b'[{"phone": "12345", "payload": {"a": "\\ud83',
    "odd.ndjson": b'{"phone": "1\x1b[2J\\ud800"}\n',
    "quote.csv": b'phone,note\n12345,"\n',
    "bytes.csv": b"a;b\rc\x00d\xff",
    "empty.csv": b"",
    "zeros.parquet": b"PAR1" + bytes(40) + b"PAR1",
    "name.parquet": layouts.parquet_of(pl.DataFrame({"phone": ["12345"]})).replace(b"phone", b"\xffhone"),
    "cut.json.gz": COMPRESSIONS[".gz"](b"[1, 2]")[:-9],
    "cut.csv.zst": COMPRESSIONS[".zst"](b"phone\n12345\n" * 99)[:-9],
}


def test_numbers_that_cannot_be_read_are_a_line_each_and_no_library_below_says_anything(
    written: Callable[[str, str | bytes], Path],
) -> None:
    files = [written(name, data) for name, data in UNREADABLE.items()]

    done = dialer("check", *files)

    assert (done.returncode, done.stdout) == (1, "")
    *lines, last = done.stderr.splitlines()
    assert last == f"{len(files)} faults"
    for file, line in zip(files, lines, strict=True):
        assert line.startswith(f"{file}:")
        assert line.isprintable()
        assert "; allowed: " in line


def test_of_many_faults_the_first_are_shown_and_all_are_counted_by_kind(
    written: Callable[[str, str | bytes], Path], tmp_path: Path
) -> None:
    bad = '{"phone": "1", "maxAttempts": 51}\n{"phone": "12345", "color": "red"}\n{}\n' * 10
    file = written("list.ndjson", bad)

    done = dialer("check", file, "--faults", tmp_path / "faults.ndjson")
    lines = done.stderr.splitlines()

    assert done.returncode == 1
    assert lines[0] == f'{file}:1: [0].phone: found "1"; allowed: 5 to 15 digits with an optional leading +'
    assert lines[19] == f"{file}:15: [14].phone: found nothing; allowed: 5 to 15 digits with an optional leading +"
    assert lines[20:] == [
        "40 faults",
        "         10  phone: allowed: 5 to 15 digits with an optional leading +",
        "         10  maxAttempts: allowed: an integer from 0 to 50",
        "         10  color: an unknown field",
        "         10  phone: nothing",
        "the first 20 are shown; --faults FILE writes them all, --json prints them",
    ]
    every = [json.loads(line) for line in (tmp_path / "faults.ndjson").read_text(encoding="utf-8").splitlines()]
    assert len(every) == 40
    assert every[-1] == {
        "file": str(file),
        "line": 30,
        "path": "[29].phone",
        "found": "nothing",
        "allowed": "5 to 15 digits with an optional leading +",
    }
    document = json.loads(dialer("check", file, "--json").stdout)
    assert document["faults"] == every
    assert document["kinds"] == {
        "phone: allowed: 5 to 15 digits with an optional leading +": 10,
        "maxAttempts: allowed: an integer from 0 to 50": 10,
        "color: an unknown field": 10,
        "phone: nothing": 10,
    }


def test_faults_of_a_run_are_written_whole_or_not_at_all(
    written: Callable[[str, str | bytes], Path], tmp_path: Path
) -> None:
    written("phones.json", '[{"phone": "1\\ud800"}]')
    text = EXAMPLE.read_text(encoding="utf-8").replace("api_example.json", "phones.json")
    scenario = written("scenario.yaml", text)

    assert dialer("run", scenario, "--faults", tmp_path / "faults.ndjson").returncode == 1
    (fault,) = (tmp_path / "faults.ndjson").read_text(encoding="utf-8").splitlines()
    assert json.loads(fault)["path"] == "[0].phone"

    done = dialer("run", scenario, "--faults", tmp_path / "missing" / "faults.ndjson")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No such file or directory" in done.stderr


def test_faults_that_check_cannot_write_are_one_clear_message(written: Callable[[str, str | bytes], Path]) -> None:
    file = written("list.csv", "phone\n1\n")

    done = dialer("check", file, "--faults", file.parent / "missing" / "faults.ndjson")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No such file or directory" in done.stderr


def test_check_tells_every_file_apart(written: Callable[[str, str | bytes], Path]) -> None:
    good, bad = written("good.csv", "phone\n12345\n"), written("bad.csv", "phone\n1\n")

    done = dialer("check", good, bad, good.parent / "missing.parquet")

    assert done.returncode == 1
    assert done.stdout == f"{good}: good: numbers 1, call policies 1\n"
    assert done.stderr.splitlines() == [
        f'{bad}:2: [0].phone: found "1"; allowed: 5 to 15 digits with an optional leading +',
        f"{good.parent / 'missing.parquet'}: found no readable file (No such file or directory); "
        "allowed: a file that exists and can be read",
        "2 faults",
    ]
