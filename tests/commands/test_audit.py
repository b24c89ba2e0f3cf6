"""The command `dialer audit`, as its users meet it."""

import csv
import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.dialer import ROOT, Completed, dialer, unwrapped

Write = Callable[[str, str | bytes], Path]
LOG = """\
MSISDN,Started,Result
13052000100,2026-03-02T19:59:59-05:00,ANSWERED
13052000100,2026-03-02T20:00:00-05:00,NO ANSWER
12127360100,2026-03-02T20:30:00-05:00,BUSY
"""
COLUMNS = ("--column", "phone=MSISDN", "--column", "start=Started", "--column", "outcome=Result")
EVENING = """\
start: 2026-03-02T05:00:00Z
finish: 2026-03-04T05:00:00Z
campaign: {lines: 2, gmtZone: America/New_York, allowedTime: 19-21, maxAttempts: 5, retryIntervalInMinutes: 10}
numbers: [{generate: {count: 12}}]
outcomes:
  answered: {share: 0.2, seconds: 60}
  noAnswer: {share: 0.8, seconds: 20, retry: true}
"""


@pytest.fixture
def log(written: Write) -> Path:
    return written("log.csv", LOG)


@pytest.fixture
def evening(written: Write) -> Path:
    return written("evening.yaml", EVENING)


def words_of(page: Path) -> str:
    """What a page says, without its scripts and its tags."""
    body = re.sub(r"<(script|style).*?</\1>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return unwrapped(html.unescape(re.sub("<[^>]*>", "", body.replace("><", "> <"))))


def audited(*arguments: str | Path) -> Completed:
    return dialer("audit", *arguments)


def test_findings_in_a_log_are_shown_by_rule_and_the_status_is_1(log: Path) -> None:
    done = audited(log, "--rules", "us-fl", *COLUMNS)

    assert done.returncode == 1
    shown = unwrapped(done.stdout)
    assert "3 calls held against us-fl" in shown
    assert "2 findings in 3 calls, of 1 rule." in shown
    assert "us-fl hours 13052000100 2026-03-02 20:00:00 2026-03-03 01:00:00Z" in shown


def test_the_status_is_0_if_nothing_is_found(log: Path) -> None:
    done = audited(log, "--rules", "us-tcpa", *COLUMNS)

    assert (done.returncode, done.stderr) == (0, "")
    assert "No call breaks these rules." in done.stdout


def test_findings_are_one_json_document(log: Path) -> None:
    done = audited(log, "--rules", "us-fl", "--by-phone", *COLUMNS, "--json")

    document = json.loads(done.stdout)
    assert document["found"] == 1
    assert document["ruleSetsByPhone"] is True
    assert [each["findings"] for each in document["rules"]] == [1, 0]
    assert document["findings"] == [
        {
            "rules": "us-fl",
            "rule": "hours",
            "kind": "hours",
            "source": "Fla. Stat. 501.616(6)",
            "phone": "13052000100",
            "start": "2026-03-03T01:00:00Z",
            "local": "2026-03-02T20:00:00",
            "zone": None,
            "outcome": "noAnswer",
            "guessed": "rules",
        }
    ]


def test_findings_are_written_as_csv(log: Path, tmp_path: Path) -> None:
    done = audited(log, "--rules", "us-fl", *COLUMNS, "--out", tmp_path / "found.csv")

    with (tmp_path / "found.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["rule"], row["phone"], row["local"]) for row in rows] == [
        ("hours", "13052000100", "2026-03-02T20:00:00"),
        ("hours", "12127360100", "2026-03-02T20:30:00"),
    ]
    assert f"the findings are in {tmp_path / 'found.csv'}" in done.stderr


def test_a_file_that_is_there_is_not_replaced_without_force(log: Path, tmp_path: Path) -> None:
    (tmp_path / "found.csv").write_text("mine")

    done = audited(log, "--rules", "us-fl", *COLUMNS, "--out", tmp_path / "found.csv")

    assert done.returncode == 1
    assert (tmp_path / "found.csv").read_text() == "mine"


def test_a_scenario_is_held_against_rules_before_it_is_played(evening: Path) -> None:
    done = audited(evening, "--rules", "us-fl")

    assert done.returncode == 1
    shown = unwrapped(done.stdout)
    assert "12 numbers could be called at 20:00 by their clock, first on 2026-03-02 at 20:00." in shown
    (over,) = json.loads(audited(evening, "--rules", "us-fl", "--json").stdout)["forbidden"]
    assert over["why"] == "maxAttempts 5 with 10 min between: call 4 could come too soon"
    assert (over["rule"], over["numbers"]) == ("at most 3 calls in 24 hours", 12)


def test_the_calls_of_a_run_are_held_against_rules(evening: Path, tmp_path: Path) -> None:
    dialer("run", evening, "--calls", "--out", tmp_path / "run")

    of_folder = json.loads(audited(tmp_path / "run", "--rules", "us-fl", "--json").stdout)
    of_table = json.loads(audited(tmp_path / "run/calls.parquet", "--rules", "us-fl", "--json").stdout)

    assert of_folder["found"] > 0
    assert of_folder["findings"] == of_table["findings"]
    assert {each["zone"] for each in of_folder["findings"]} == {"America/New_York"}


def test_a_campaign_that_names_rules_keeps_to_them(written: Write, tmp_path: Path) -> None:
    file = written("evening.yaml", EVENING.replace("campaign: {", "campaign: {rules: [us-fl], "))
    dialer("run", file, "--calls", "--out", tmp_path / "run")

    done = audited(tmp_path / "run", "--rules", "us-fl")
    planned = audited(file)

    assert (done.returncode, planned.returncode) == (0, 0)
    assert "12 numbers held against us-fl, before any run" in unwrapped(planned.stdout)


def test_a_run_without_its_calls_says_how_to_keep_them(evening: Path, tmp_path: Path) -> None:
    dialer("run", evening, "--out", tmp_path / "run")

    done = audited(tmp_path / "run", "--rules", "us-fl")

    assert done.returncode == 1
    assert "no calls.parquet; allowed: the folder of a run's results, written by dialer run --calls" in done.stderr


def test_the_rule_sets_are_listed_with_sources_and_how_sure_they_are() -> None:
    shown = unwrapped(audited("--list").stdout)
    document = json.loads(audited("--list", "--json").stdout)

    assert (
        "us-fl Florida, calls to sell every day: 08:00-20:00 at most 3 calls in 24 hours Fla. Stat. 501.616(6)" in shown
    )
    assert "in force since 2021-07-01" in shown
    assert len(document) == 10
    assert document["us-fl"]["caps"] == [{"atMost": 3, "hours": 24}]


def test_a_file_of_ones_own_is_a_rule_set(log: Path, written: Write) -> None:
    ours = written("ours.yaml", "title: Ours\nsource: contract\nsure: quite\nallowedTime: 9-19\n")

    done = audited(log, "--rules", ours, *COLUMNS, "--json")

    assert json.loads(done.stdout)["found"] == 3
    assert "ours  Ours" in audited("--list", "--rules", ours).stdout


def test_faults_of_rule_sets_are_named(log: Path, written: Write) -> None:
    bad = written("bad.yaml", "title: Ours\nallowedTime: 9-99\n")

    done = audited(log, "--rules", "us-flo", "--rules", bad, *COLUMNS)

    assert done.returncode == 1
    assert '--rules[0]: found the rule set "us-flo"; allowed: us-fl, perhaps' in done.stderr
    assert f"{bad}:1: source: found nothing" in done.stderr
    assert f"{bad}:2: allowedTime" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a scenario, a run or a call log; or --list"),
        (("log.csv",), "name a rule set, such as us-fl; or --by-phone; --list shows them"),
        (("evening.yaml", "--rules", "us-fl", "--zone", "Z"), "it is for a call log, and evening.yaml is a scenario"),
        (("log.csv", "--rules", "us-fl", "--force"), "add --out FILE or --page FILE, the file to write"),
    ],
)
@pytest.mark.usefixtures("log", "evening")
def test_wrong_usage_says_what_to_do(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = dialer("audit", *arguments, cwd=tmp_path)

    assert done.returncode == 2
    assert message in unwrapped(done.stderr)


def test_an_outcome_that_does_not_occur_is_a_fault(evening: Path) -> None:
    done = audited(evening, "--rules", "fr", "--outcome", "REFUSED=refusal")

    assert done.returncode == 1
    assert "--outcome REFUSED: found an outcome that does not occur; allowed: answered, noAnswer" in done.stderr


def test_a_scenario_of_the_project_can_be_audited_by_phone() -> None:
    done = audited(ROOT / "scenarios/spring_promo.yaml", "--by-phone", "--json")

    assert done.returncode in (0, 1)
    assert json.loads(done.stdout)["ruleSetsByPhone"] is True


def test_the_page_of_a_log_has_findings_by_rule_and_each_finding(log: Path, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    done = audited(log, "--rules", "us-fl", *COLUMNS, "--page", page)

    assert done.returncode == 1
    assert f"the page is in {page}" in unwrapped(done.stderr)
    text = words_of(page)
    assert "2 findings in 3 calls, of 1 rule." in text
    assert "us-fl hours 2 3 Fla. Stat. 501.616(6)" in text
    assert "13052000100 2026-03-02 20:00:00 2026-03-03 01:00:00Z" in text


def test_the_page_of_a_scenario_has_what_could_happen(evening: Path, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    audited(evening, "--rules", "us-fl", "--page", page)

    text = words_of(page)
    assert "12 numbers could be called at 20:00 by their clock" in text
    assert "When numbers could be called and must not be" in text
    assert "Who could get more calls than allowed" in text


def test_a_page_over_the_log_is_refused_and_the_log_stays(log: Path) -> None:
    done = audited(log, "--rules", "us-fl", *COLUMNS, "--page", log, "--force")

    assert done.returncode == 1
    assert log.read_text() == LOG
