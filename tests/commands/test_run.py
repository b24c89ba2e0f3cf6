"""The command `dialer run`, as its users meet it."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.campaigns import busy_day
from tests.commands.dialer import EXAMPLE, LIST, SPRING, dialer, unwrapped
from tests.numbers.formats import layouts


def test_a_name_that_no_text_can_hold_is_shown_with_its_escapes(written: Callable[[str, str | bytes], Path]) -> None:
    text = SPRING.read_text().replace("name: Spring", 'name: "half \\ud800"  #')

    done = dialer("run", written("scenario.yaml", text))

    assert done.returncode == 0, done.stderr
    assert "half \\ud800" in done.stdout


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
    for said in ("in one zone", "in several", "by the clock of America/New_York"):
        assert said in done.stdout
    assert (
        "note: phones whose zone is not known are called by the clock of America/New_York: 1 of the numbers"
        in unwrapped(done.stdout)
    )
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
    assert done.stderr == "--set.campaign.line: found an unknown field; allowed: lines, perhaps\n"


def test_faults_say_which_option_they_come_from() -> None:
    done = dialer("run", SPRING, "--set", "start=2027-01-01T00:00:00Z", "--set", "campaign.lines", "--seed", "5")
    assert done.stderr.startswith("--set.campaign.lines: found no assignment")

    done = dialer("run", SPRING, "--set", "start=2027-01-01T00:00:00Z", "--seed", str(2**63))
    seed, finish, added, *_ = sorted(done.stderr.splitlines(), key=lambda line: "--seed" not in line)
    assert seed.startswith("--seed: found 9223372036854775808")
    assert "finish: found 2026-03-16T00:00:00Z, with start, seed changed; allowed: an instant after start" in finish
    assert "numbers[1].added: found 2026-03-09T13:00:00Z, with start, seed changed; allowed: from start" in added


def test_a_fault_of_a_value_that_set_gives_names_no_place_in_the_file() -> None:
    done = dialer("run", SPRING, "--set", "campaign.lines=many")

    assert done.returncode == 1
    assert '--set.campaign.lines: found "many"; allowed' in done.stderr
    assert str(SPRING) not in done.stderr


def test_every_without_a_checkpoint_is_wrong_usage() -> None:
    done = dialer("run", SPRING, "--every", "6h")

    assert done.returncode == 2
    assert "--every: add --checkpoint FILE" in done.stderr


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


def test_a_missing_file_is_one_clear_message() -> None:
    done = dialer("run", "missing.yaml")

    assert done.returncode == 1
    assert (
        done.stderr == "missing.yaml: found no readable file (No such file or directory); "
        "allowed: a file that exists and can be read\n"
    )


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
    left_out = {"kind": "faulty", "text": "numbers with faults that are left out: 1", "count": 1}
    assert left_out in document["warnings"]
    assert f"note: {left_out['text']}\n" in done.stderr
    assert done.stdout == other.stdout


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


def test_replications_draw_the_band_of_other_luck_into_the_report(tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_text(json.dumps(busy_day()))
    run = ("run", tmp_path / "scenario.json", "--runs", tmp_path / "runs", "--replications", "5")

    done = dialer(*run, "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert "95 % of the replications" in (tmp_path / "out/report.html").read_text()
    assert len(list((tmp_path / "runs").rglob("*.json"))) == 5


def test_replications_without_a_folder_for_the_report_are_wrong_usage() -> None:
    assert dialer("run", "scenarios/spring_promo.yaml", "--replications", "5").returncode == 2
