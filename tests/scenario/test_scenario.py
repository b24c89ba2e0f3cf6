"""Scenarios: read with their lists, every fault at once, each with its path and line."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import Scenario, ScenarioError, simulate
from engine.progress import Step
from tests.scenario.documents import GOOD, HOURS, faults, load, plain, refused


def test_a_scenario_is_loaded_with_its_number_files(tmp_path: Path) -> None:
    scenario = load(tmp_path)
    assert scenario.document.name == "Test"
    assert len(scenario.phonebook) == 2
    assert scenario.warnings == ()


def test_a_scenario_of_plain_values_is_the_same_as_that_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_text(json.dumps(plain()))
    loaded, made = Scenario.load(tmp_path / "scenario.json"), Scenario.from_document(plain())
    assert loaded.document == made.document
    assert simulate(loaded).digest == simulate(made).digest


def test_all_faults_are_named_at_once_with_file_line_and_path(tmp_path: Path) -> None:
    text = (
        GOOD.replace("2026-03-03T00:00:00Z", "2026-03-03T00:00:00")
        .replace("lines: 2", "line: 2")
        .replace("seconds: {constant: 60}", "seconds: {constant: -1}")
        .replace("share: 0.75", "share: three quarters")
    )
    phones = [{"phone": "16505550002"}, {"phone": "1650", "gmtzone": "Z"}]
    assert [fault.split(";")[0] for fault in sorted(refused(tmp_path, text, phones))] == [
        'phones.json:6: [1].phone: found "1650"',
        "phones.json:7: [1].gmtzone: found an unknown field",
        "scenario.yaml:11: outcomes.answered.seconds.constant: found -1",
        'scenario.yaml:13: outcomes.noAnswer.share: found "three quarters"',
        'scenario.yaml:3: finish: found "2026-03-03T00:00:00"',
        "scenario.yaml:4: campaign.lines: found nothing",
        "scenario.yaml:6: campaign.line: found an unknown field",
    ]


def test_a_number_file_that_is_missing_is_named_beside_the_other_faults(tmp_path: Path) -> None:
    found = refused(tmp_path, GOOD.replace("phones.json", "phnes.json").replace("lines: 2", "lines: 0"))
    assert sorted(found) == [
        "phnes.json: found no readable file (No such file or directory); allowed: a file that exists and can be read",
        "scenario.yaml:6: campaign.lines: found 0; allowed: an integer from 1 to 1,000,000",
    ]


def test_a_scenario_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no readable file"):
        Scenario.load(tmp_path / "nothing.yaml")


def test_dates_that_cross_once_the_campaign_is_filled_in_are_a_fault_of_the_number() -> None:
    campaign = {"lines": 1, "finishDateTime": "2026-03-02T12:00:00Z"}
    late = {"startDateTime": "2026-03-02T12:00:00Z"}
    numbers = [{"addPhones": [{"phone": "12345"}, {"phone": "12346", **late}]}, {"generate": {"count": 1, **late}}]
    found, made_up_too = faults(campaign=campaign, numbers=numbers)
    assert made_up_too.startswith("numbers[1].generate.finishDateTime")
    assert found.startswith("numbers[0].addPhones[1].finishDateTime: found 2026-03-02T12:00:00Z, once the campaign's")
    (made_up,) = faults(campaign=campaign, numbers=numbers[1:])
    assert made_up.startswith("numbers[0].generate.finishDateTime: found 2026-03-02T12:00:00Z, once the campaign's")


def test_retries_beyond_the_simulation_and_dates_in_the_year_9999_run() -> None:
    far = {"finishDateTime": "9999-12-31T23:59:59Z", "maxAttempts": 50, "retryIntervalInMinutes": 525_600}
    hours = {"allowedTime": HOURS, "gmtZone": "America/New_York"}
    body = [
        {"phone": "12345", **far},
        {"phone": "12346", **far, **hours},
        {"phone": "12347", "startDateTime": "9999-12-31T00:00:00Z"},
        {"phone": "12348", "finishDateTime": "0001-01-01T00:00:00+18:00", **hours},
    ]
    outcomes = {"busy": {"share": 1, "seconds": 30, "retry": True}}
    result = simulate(Scenario.from_document(plain(numbers=[{"addPhones": body}], outcomes=outcomes)))
    assert result.numbers["ending"].to_list() == ["pending_callback"] * 2 + ["pending_never_called", "expired"]
    assert result.numbers["attempts"].to_list() == [1, 1, 0, 0]


def test_a_retry_beyond_the_simulation_waits_where_no_date_ends_it() -> None:
    outcomes = {"busy": {"share": 1, "seconds": 30, "retry": True, "retryIntervalInMinutes": 525_600}}
    result = simulate(Scenario.from_document(plain(campaign={"lines": 1, "maxAttempts": 2}, outcomes=outcomes)))
    assert result.numbers["ending"].to_list() == ["pending_callback"]


def test_numbers_whose_hours_run_on_into_a_day_that_is_left_out_are_counted() -> None:
    night = {"allowedTime": {"default": [{"localTimeFrom": "22:00", "localTimeTo": "02:00"}]}}
    body = [{"phone": "12345"}, {"phone": "12346", "allowedDays": ["mon", "tue"]}, {"phone": "12347", **night}]
    of_days, of_hours = ({"lines": 1, **own} for own in ({"allowedDays": ["fri"]}, night))

    def notes(campaign: dict[str, Any]) -> tuple[str, ...]:
        scenario = Scenario.from_document(plain(campaign=campaign, numbers=[{"addPhones": body}]))
        return tuple(map(str, scenario.warnings))

    note = "hours past midnight run on into a day that allowedDays leaves out: 1 of the numbers"
    assert notes(of_days) == notes(of_hours) == (note,)
    assert notes({"lines": 1}) == ()


def test_priorities_that_count_as_five_and_duplicates_are_warned_of() -> None:
    outcomes = {
        "answered": {"share": 1, "seconds": 5, "redials": [{"share": 1, "startAfterMinutes": 1, "dialerPriority": "1"}]}
    }
    body = [{"phone": "12345", "dialerPriority": 0}, {"phone": "12346", "dialerPriority": []}, {"phone": "12347"}]
    numbers = [{"addPhones": [*body, {"phone": "+12347"}]}]
    scenario = Scenario.from_document(
        plain(campaign={"lines": 1, "dialerPriority": 7}, outcomes=outcomes, numbers=numbers)
    )
    assert tuple(map(str, scenario.warnings)) == (
        "dialerPriority that is not 1 to 5 counts as 5: 2 of the numbers (0: 1, []: 1)",
        "duplicates within 24 hours are ignored: 1 of the numbers",
        'dialerPriority that is not 1 to 5 counts as 5: 2 of campaign, segments and redials (7, "1")',
    )


def test_a_mapping_of_python_may_have_numbers_for_keys() -> None:
    document = plain()
    document["numbers"] = [{"generate": {"count": 100, "dialerPriority": {1: 5, 5: 95}}}]
    document["answering"] = {"localHours": {9: 0.5}}

    assert len(Scenario.from_document(document).phonebook) == 100


def test_progress_tells_which_file_is_read(tmp_path: Path) -> None:
    load(tmp_path)
    steps: list[Step] = []
    Scenario.load(tmp_path / "scenario.yaml", progress=steps.append)
    reading = f"reading {tmp_path / 'phones.json'}"
    assert steps == [Step(reading), Step(reading, 0, 1, "numbers")]


def test_variants_of_a_scenario_share_its_list(tmp_path: Path) -> None:
    base = load(tmp_path)
    more_lines = base.varied({**base.source, "campaign": {"lines": 3}})
    assert more_lines.phonebook is base.phonebook
    assert more_lines.document.campaign.lines == 3
    later = base.varied({**base.source, "start": "2026-03-02T01:00:00Z"})
    assert later.phonebook is not base.phonebook
    assert base.varied(later.source, [later]).phonebook is later.phonebook
