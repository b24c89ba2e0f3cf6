"""The command `dialer fit`, as its users meet it."""

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest
import yaml

from engine import Scenario, simulate
from tests.commands.dialer import ROOT, dialer, unwrapped

LOG = ROOT / "scenarios/call_log.csv"
SPRING = ROOT / "scenarios/spring_promo.yaml"
COLUMNS = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
MAPPED = [text for field, name in COLUMNS.items() for text in ("--column", f"{field}={name}")]
ZONE = ["--zone", "America/Chicago", "--minimum", "200"]


def fit(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return dialer("fit", LOG, *MAPPED, *ZONE, *arguments)


def test_the_log_beside_the_scenarios_is_what_the_simulator_makes_today() -> None:
    words = {"ANSWERED": "answered", "MACHINE": "voicemail", "BUSY": "busy", "NO ANSWER": "noAnswer"}
    calls = simulate(Scenario.load(ROOT / "scenarios/call_log.yaml"), calls=True).calls

    log = pl.read_csv(LOG, schema_overrides={"MSISDN": pl.String})

    assert log["MSISDN"].to_list() == calls["phone"].to_list()
    assert log["Started"].str.to_datetime(time_zone="UTC").to_list() == calls["start"].to_list()
    assert log["Duration"].to_list() == calls["seconds"].to_list()
    outcomes = log["Result"].replace(words | {"INVALID NUMBER": "invalid"}).to_list()
    assert outcomes == calls["outcome"].to_list()


def test_fit_tells_shares_factors_and_who_never_answers() -> None:
    done = fit("--check")

    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "were answered",
        "never answer",
        "Factors by local hour",
        "Factors by attempt",
        "The factors explain",
        "close to the log",
    ):
        assert words in " ".join(done.stdout.split())


def test_json_is_one_document_with_everything() -> None:
    done = fit("--json")

    document = json.loads(done.stdout)
    assert document["parts"].keys() == {"outcomes", "answering", "segments"}
    assert document["fit"]["outcomes"][0]["of_log"].keys() == {"value", "low", "high"}
    assert document["playback"] is None


def test_the_parts_are_written_with_what_they_rest_on(tmp_path: Path) -> None:
    done = fit("--out", tmp_path / "parts.yaml")

    text = (tmp_path / "parts.yaml").read_text()
    assert done.returncode == 0
    assert yaml.safe_load(text).keys() == {"outcomes", "answering", "segments"}
    assert "771 calls, 21.8 % (20.5 to 23.2) of the log" in text
    assert [file.name for file in tmp_path.iterdir()] == ["parts.yaml"]


def test_a_scenario_gets_the_parts_and_keeps_the_rest(tmp_path: Path) -> None:
    before = SPRING.read_bytes()
    spring = tmp_path / "spring.yaml"
    spring.write_bytes(before)

    done = fit("--into", spring, "--out", tmp_path / "fitted.yaml")

    text = (tmp_path / "fitted.yaml").read_text()
    old, new = yaml.safe_load(before), yaml.safe_load(text)
    assert done.returncode == 0, done.stderr
    assert spring.read_bytes() == before
    fitted = ("outcomes", "answering", "segments")
    assert {name: part for name, part in new.items() if name not in fitted} == {
        name: part for name, part in old.items() if name not in fitted
    }
    assert "# the second part of the list comes a week later" in text
    assert new["outcomes"]["answered"]["redials"] == old["outcomes"]["answered"]["redials"]
    assert new["outcomes"]["busy"]["retryIntervalInMinutes"] == 15
    assert dialer("run", tmp_path / "fitted.yaml", "--json").returncode == 0


def test_short_forms_of_a_scenario_stay_as_they_are(tmp_path: Path) -> None:
    short = {"allowedTime": "9-18", "allowedDays": "mon-fri"}
    list_and_span = 'start: "2026-03-02T00:00:00Z"\nfinish: "2026-03-09T00:00:00Z"\nnumbers: [{generate: {count: 9}}]\n'
    outcomes = "outcomes: {answered: {share: 1, seconds: 60}}\n"
    spring = tmp_path / "spring.yaml"
    spring.write_text(list_and_span + yaml.safe_dump({"campaign": {"lines": 1, **short}}) + outcomes)

    done = fit("--into", spring, "--out", tmp_path / "fitted.yaml")

    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "fitted.yaml").read_text())["campaign"] == {"lines": 1, **short}


def test_segments_with_a_call_policy_stay_without_their_outcomes(tmp_path: Path) -> None:
    vip = {"name": "vip", "payload": {"tier": "vip"}, "allowedTime": "9-18"}
    segment = json.dumps({**vip, "outcomes": {"answered": {"share": 0.9}}})
    text = SPRING.read_text().replace("segments:\n", f"segments:\n  - {segment}\n")
    (tmp_path / "vip.yaml").write_text(text)
    (tmp_path / "there").mkdir()

    for out in ("fitted.yaml", "there/fitted.yaml"):
        done = fit("--into", tmp_path / "vip.yaml", "--out", tmp_path / out)

        assert done.returncode == 0, done.stderr
        kept, fitted = yaml.safe_load((tmp_path / out).read_text())["segments"]
        assert kept == vip
        assert fitted["share"] != 0.12


def test_number_files_are_found_from_another_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()

    done = fit("--into", ROOT / "scenarios/formats.yaml", "--out", tmp_path / "there/fitted.yaml")

    assert done.returncode == 0, done.stderr
    assert dialer("check", tmp_path / "there/fitted.yaml").returncode == 0


def test_a_scenario_with_short_forms_gets_the_parts(tmp_path: Path) -> None:
    scenario = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-09T00:00:00Z",
        "campaign": {"lines": 5, "allowedTime": "9-18", "allowedDays": "mon-fri"},
        "numbers": [{"generate": {"count": 10, "allowedTime": "9-18"}}],
        "outcomes": {"answered": {"share": 1, "seconds": 60}},
    }
    (tmp_path / "short.yaml").write_text(yaml.safe_dump(scenario))
    (tmp_path / "there").mkdir()

    for out in ("fitted.yaml", "there/fitted.yaml"):
        done = fit("--into", tmp_path / "short.yaml", "--out", tmp_path / out)

        assert done.returncode == 0, done.stderr
        assert yaml.safe_load((tmp_path / out).read_text())["campaign"]["allowedTime"] == "9-18"
        assert dialer("check", tmp_path / out).returncode == 0


def test_a_file_that_is_there_is_replaced_by_force_alone(tmp_path: Path) -> None:
    file = tmp_path / "parts.yaml"
    file.write_text("mine")

    refused = fit("--out", file)
    kept = file.read_text()
    forced = fit("--out", file, "--force")

    assert (refused.returncode, kept) == (1, "mine")
    assert "a file that exists already" in refused.stderr
    assert forced.returncode == 0
    assert file.read_text() != "mine"


def test_the_scenario_that_is_given_is_never_replaced(tmp_path: Path) -> None:
    spring = tmp_path / "spring.yaml"
    spring.write_bytes(SPRING.read_bytes())

    done = fit("--into", spring, "--out", spring, "--force")

    assert done.returncode == 1
    assert spring.read_bytes() == SPRING.read_bytes()


def test_the_list_of_the_scenario_is_never_written(tmp_path: Path) -> None:
    scenario, numbers = tmp_path / "from_list.yaml", tmp_path / "list.csv"
    numbers.write_text("phone\n16505550100\n")
    text = SPRING.read_text()
    parts = text.index("numbers:"), text.index("outcomes:")
    scenario.write_text(f"{text[: parts[0]]}numbers: [{{file: list.csv}}]\n{text[parts[1] :]}")

    done = fit("--into", scenario, "--out", numbers, "--force")

    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        f"{numbers}: found a list of the scenario; allowed: another file",
    )
    assert numbers.read_text() == "phone\n16505550100\n"


def test_a_list_without_a_file_is_none_that_could_be_written(tmp_path: Path) -> None:
    scenario = tmp_path / "made_up.yaml"
    scenario.write_text(
        SPRING.read_text().replace("numbers:\n  - generate:", "numbers:\n  - file: null\n    generate:")
    )
    assert "file: null" in scenario.read_text()

    done = fit("--into", scenario, "--out", tmp_path / "fitted.yaml")

    assert done.returncode == 0, done.stderr


def test_a_scenario_with_faults_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    spring = tmp_path / "spring.yaml"
    spring.write_text(SPRING.read_text().replace("lines: 18", "lines: many"))

    done = fit("--into", spring, "--out", tmp_path / "fitted.yaml")

    assert done.returncode == 1
    assert f"{spring}:17: campaign.shifts[0].lines" in done.stderr
    assert not (tmp_path / "fitted.yaml").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"outcome,seconds\nbusy,4\n", "found 1 call; allowed: at least 100 calls"),
        (b"outcome,seconds\n" + b"gone,4\n" * 200, 'unknown outcome: "gone" 200 times; allowed: --outcome WORD=NAME'),
        (b"outcome,seconds\n" + b"busy,-4\n" * 200, "negative seconds in 200 calls (lines 2, 3, 4, 5, 6, …)"),
        (b"16505550100,4,busy\n" * 200, 'a first row that looks like data ("16505550100")'),
        ("outcome,seconds,Größe\n".encode("latin-1") + b"busy,4,1\n" * 200, "--encoding cp1252 of a command"),
        (b"result,duration\n" + b"busy,4\n" * 200, "--column outcome=NAME with one of: result, duration"),
        (b"outcome,seconds\n" + b"busy,soon\n" * 200, "no number in 200 calls"),
        (b"", "an empty file"),
    ],
)
def test_a_bad_log_is_told_and_nothing_is_written(tmp_path: Path, content: bytes, told: str) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(content)

    done = dialer("fit", log, "--out", tmp_path / "parts.yaml")

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "parts.yaml").exists()


@pytest.mark.parametrize("arguments", [["--force"], ["--into", "x.yaml"], ["--column", "start"], ["--outcome", "=x"]])
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    assert fit(*arguments).returncode == 2


MASTER = (
    '"","1000","1650555{0:04}","from-internal","A","SIP/1","SIP/2","Dial","x","2026-03-02 09:{1:02}:50",'
    '"2026-03-02 09:{1:02}:55","2026-03-02 09:59:15",{2},250,"{3}","DOCUMENTATION","1772.{0}",""\n'
)


def rows(*cells: str, count: int = 200) -> str:
    return "".join(f"{cells[place % len(cells)]}\n" for place in range(count))


def test_an_export_without_a_header_is_read_by_its_layout(tmp_path: Path) -> None:
    log = tmp_path / "Master.csv"
    log.write_text("".join(MASTER.format(n, n % 60, 265, "ANSWERED" if n % 3 else "NO ANSWER") for n in range(300)))

    plain, asterisk = dialer("fit", log), dialer("fit", log, "--layout", "asterisk", "--json")

    assert plain.returncode == 1
    assert 'a first row that looks like data ("1000")' in plain.stderr
    assert "--header with the titles of its 18 columns; or --layout asterisk" in plain.stderr
    assert asterisk.returncode == 0, asterisk.stderr
    assert json.loads(asterisk.stdout)["fit"]["answered"] == 200


def test_layouts_are_listed_with_their_columns_and_words() -> None:
    shown, as_json = dialer("fit", "--layout", "list"), dialer("fit", "--layout", "list", "--json")

    assert (shown.returncode, as_json.returncode) == (0, 0)
    for words in ("asterisk", "Master.csv", "disposition", "ININ-OUTBOUND-BUSY", "Source: "):
        assert words in shown.stdout
    assert json.loads(as_json.stdout)["twilio"]["outcomes"]["no-answer"] == "noAnswer"


def test_nobody_is_told_to_leave_all_calls_out(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("outcome,seconds\n" + rows("busy,4 s", count=400))

    done = dialer("fit", log)

    assert done.returncode == 1
    assert "no number in 400 calls" in done.stderr
    assert "--skip-faulty" not in done.stderr


def test_faulty_calls_are_left_out_told_and_written(tmp_path: Path) -> None:
    log, faults = tmp_path / "log.csv", tmp_path / "faults.ndjson"
    log.write_text("outcome,seconds\n" + rows("busy,4", "busy,4", ",4", "busy,-1", count=400))

    refused = dialer("fit", log, "--faults", faults)
    each = [json.loads(line) for line in faults.read_text().splitlines()]
    done = dialer("fit", log, "--skip-faulty", "--faults", faults)

    assert refused.returncode == 1
    assert "note: --skip-faulty leaves faulty calls out and counts them: they have 200 faults" in refused.stderr
    assert "negative seconds in 100 calls (lines 5, 9, 13, 17, 21, …)" in refused.stderr
    assert [fault["line"] for fault in each[:4]] == [4, 5, 8, 9]
    assert len(each) == 200
    assert done.returncode == 0, done.stderr
    assert "note: faulty calls left out: 200 (no outcome 100, negative seconds 100)" in unwrapped(done.stdout)
    assert len(faults.read_text().splitlines()) == 200


def test_a_comma_that_means_two_things_is_refused_until_it_is_said(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("outcome,seconds\n" + rows('answered,"1,007"', "no answer,30"))

    refused, read = dialer("fit", log), dialer("fit", log, "--decimal", ".")

    assert refused.returncode == 1
    assert "--decimal . if 1,007 is 1007 and --decimal , if 1,007 is 1.007" in refused.stderr
    assert "for 1007 s on average" in " ".join(read.stdout.split())


def test_outcomes_that_a_log_never_times_last_as_long_as_is_said(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("outcome,seconds\n" + rows("answered,60", "busy,"))

    refused, done = dialer("fit", log), dialer("fit", log, "--seconds", "busy=4", "--json")

    assert "no seconds of any call with the outcome busy" in refused.stderr
    assert "--seconds busy=20" in refused.stderr
    assert json.loads(done.stdout)["parts"]["outcomes"]["busy"]["seconds"] == 4


def test_the_hours_of_a_scenario_that_the_log_never_saw_are_named(tmp_path: Path) -> None:
    (tmp_path / "always.yaml").write_text(
        "start: 2026-03-02T00:00:00Z\nfinish: 2026-03-09T00:00:00Z\ncampaign: {lines: 5}\n"
        "numbers: [{generate: {count: 5}}]\noutcomes: {answered: {share: 1, seconds: 60}}\n"
    )

    done = fit("--into", tmp_path / "always.yaml", "--out", tmp_path / "fitted.yaml")

    assert done.returncode == 0, done.stderr
    assert "never saw a call, and counts these as average: hours 0-9, 20-24; weekdays sun" in unwrapped(done.stdout)


def test_a_model_that_is_off_its_log_is_not_written_and_the_status_says_so(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    # 1,500 calls to one phone, hour after hour: no campaign calls like that
    calls = (f"16505550100,{1_772_442_000 + 3_600 * n},4,{'no answer' if n % 3 else 'answered'}" for n in range(1_500))
    log.write_text("\n".join(["phone,start,seconds,outcome", *calls]))

    done = dialer("fit", log, "--check", "--out", tmp_path / "parts.yaml")

    assert done.returncode == 1
    assert "the model played back is off the log; nothing was written" in done.stderr
    assert not (tmp_path / "parts.yaml").exists()


def test_a_long_name_never_squeezes_figures_away(tmp_path: Path) -> None:
    log, name = tmp_path / "log.csv", "Q" * 90
    log.write_text("outcome,seconds\n" + rows("answered,60", "away,20"))

    done = dialer("fit", log, "--outcome", f"away={name}", "--check")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("calls 100  of the log 50.0 % (43.1 to 56.9)\n") == 2
    assert "…" not in done.stdout
    assert done.stdout.count("Q") == 3 * len(name)


def test_without_a_log_there_is_nothing_to_fit() -> None:
    done = dialer("fit")

    assert done.returncode == 2
    assert "name a call log" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--column", "seconds=Result"],
        ["--decimal", "x"],
        ["--seconds", "busy=soon"],
        ["--seconds", "busy=90000"],
        ["--seconds", "busy"],
    ],
)
def test_marks_and_seconds_that_are_none_are_wrong_usage(arguments: list[str]) -> None:
    assert fit(*arguments).returncode == 2
