"""The command `dialer`, as its users meet it: a process with two streams and an exit status."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.numbers import layouts
from tests.numbers.layouts import COMPRESSIONS, Layout, Numbers

ROOT = Path(__file__).parent.parent
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
