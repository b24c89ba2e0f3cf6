"""Scenario files: every fault at once, each with its path and line, and no good input refused."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from engine import Scenario, ScenarioError, simulate
from engine.reading.faults import Fault, InputError
from engine.scenario import assignment, changed

GOOD = """\
name: Test
start: 2026-03-02T00:00:00Z
finish: 2026-03-03T00:00:00Z
campaign:
  gmtZone: America/New_York
  lines: 2
numbers:
  - addPhones: [{phone: "16505550001"}]
  - file: phones.json
outcomes:
  answered: {share: 0.25, seconds: {constant: 60}}
  noAnswer:
    share: 0.75
    seconds: 30
    retry: true
"""


def load(folder: Path, text: str = GOOD, phones: object = None, changes: dict[str, object] | None = None) -> Scenario:
    (folder / "scenario.yaml").write_text(text)
    body = [{"phone": "16505550002"}] if phones is None else phones
    (folder / "phones.json").write_text(json.dumps(body, indent=1))
    return Scenario.load(folder / "scenario.yaml", changes)


def refused(folder: Path, text: str = GOOD, phones: object = None, **changes: object) -> list[str]:
    """The faults, each as text, without the folder."""
    with pytest.raises(ScenarioError) as error:
        load(folder, text, phones, changes)
    return [str(fault).replace(f"{folder}/", "") for fault in error.value.faults]


def plain(**parts: object) -> dict[str, Any]:
    document: dict[str, Any] = {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 2},
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {"answered": {"share": 0.25, "seconds": 60}, "noAnswer": {"share": 0.75, "seconds": 30}},
    }
    return {name: value for name, value in {**document, **parts}.items() if value is not ...}


def faults(**parts: object) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        Scenario.from_document(plain(**parts))
    return [str(fault) for fault in error.value.faults]


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


def test_the_faults_of_an_inline_list_keep_their_place_behind_a_made_up_one() -> None:
    numbers: list[object] = [{"generate": {"count": 5}}, {"addPhones": [{"phone": "1650"}]}]
    for parts in ({"numbers": numbers}, {"numbers": numbers, "finish": "tomorrow"}):
        assert any(fault.startswith("numbers[1].addPhones[0].phone: ") for fault in faults(**parts))


def test_a_number_file_that_is_missing_is_named_beside_the_other_faults(tmp_path: Path) -> None:
    found = refused(tmp_path, GOOD.replace("phones.json", "phnes.json").replace("lines: 2", "lines: 0"))
    assert sorted(found) == [
        "phnes.json: found no readable file (No such file or directory); allowed: a file that exists and can be read",
        "scenario.yaml:6: campaign.lines: found 0; allowed: an integer from 1 to 1,000,000",
    ]


def test_a_scenario_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no readable file"):
        Scenario.load(tmp_path / "nothing.yaml")


@pytest.mark.parametrize(
    ("phones", "fault"),
    [
        ([], "phones.json:1: found an empty list; allowed: at least one number"),
        ({}, "phones.json:1: found {}; allowed: an array of numbers, [{phone: …}, …]"),
        ([{"phone": "1234"}], 'phones.json:3: [0].phone: found "1234"; allowed: 5 to 15 digits with an optional'),
        ([{"phone": "1234567890123456"}], "phones.json:3: [0].phone: found"),
        ([{"phone": "12345", "payload": 5}], "phones.json:4: [0].payload: found 5; allowed: an object"),
    ],
)
def test_number_files_that_are_none_are_refused(tmp_path: Path, phones: object, fault: str) -> None:
    (found,) = refused(tmp_path, GOOD, phones)
    assert found.startswith(fault)


HOURS = {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]}
WRONG: list[tuple[str, object]] = [
    *((path, 5) for path in ("name", "start", "finish", "numbers", "outcomes", "segments", "answering", "whatIf")),
    *((path, "x") for path in ("start", "finish", "seed", "campaign", "numbers", "outcomes", "goal")),
    *((path, None) for path in ("name", "start", "seed", "campaign", "numbers", "outcomes", "answering", "segments")),
    *(("seed", value) for value in (-1, 2**63, 1.0, True)),
    *((f"campaign.{field}", "x") for field in ("lines", "shifts", "callsPerSecond", "order", "maxTotalAttempts")),
    *((f"campaign.{field}", 1.5) for field in ("lines", "maxTotalAttempts", "retryIfShorterThanSeconds", "gmtZone")),
    *((f"campaign.{field}", True) for field in ("lines", "callsPerSecond", "maxAttempts", "retryIntervalInMinutes")),
    *((f"campaign.{field}", -1) for field in ("lines", "callsPerSecond", "maxAttempts", "retryIfShorterThanSeconds")),
    *((f"campaign.{field}", 0) for field in ("lines", "callsPerSecond", "retryIntervalInMinutes", "maxTotalAttempts")),
    *((f"campaign.{field}", []) for field in ("lines", "shifts", "callsPerSecond", "order", "gmtZone", "allowedTime")),
    *((f"campaign.{field}", {}) for field in ("lines", "shifts", "allowedDays", "startDateTime", "maxAttempts")),
    ("campaign.lines", 1_000_001),
    ("campaign.callsPerSecond", 0.0005),
    ("campaign.callsPerSecond", 0.1234),
    ("campaign.callsPerSecond", float("inf")),
    ("campaign.callsPerSecond", float("nan")),
    ("campaign.callsPerSecond", 10**400),
    ("campaign.maxAttempts", 51),
    ("campaign.allowedDays", ["monday"]),
    ("campaign.allowedTime", {"default": [{"localTimeFrom": "10:00", "localTimeTo": "10:00"}]}),
    ("campaign.allowedTime", {"weekend": []}),
    ("campaign.gmtZone", "EST5"),
    ("campaign.finishDateTime", "2026-03-02"),
    ("numbers", []),
    ("numbers.0", "phones.json"),
    ("numbers.0.added", "2026-03-02T00:00:00"),
    ("numbers.0.addPhones", None),
    ("outcomes", {}),
    ("outcomes.answered", 0.25),
    ("outcomes.answered.share", "a quarter"),
    ("outcomes.answered.share", -0.25),
    ("outcomes.answered.share", 1.25),
    ("outcomes.answered.seconds", -1),
    ("outcomes.answered.seconds", 86_401),
    ("outcomes.answered.seconds", None),
    ("outcomes.answered.retry", "yes"),
    ("outcomes.answered.retry", 1),
    ("outcomes.answered.redials", {"share": 1}),
    ("outcomes.answered.retryIntervalInMinutes", 0),
    ("answering.localHours", [1]),
    ("answering.attempts", {"1": 0.5}),
    ("segments", {"name": "dead"}),
    ("goal", {}),
    ("goal.reached", 0),
    ("goal.reached", 1.1),
    ("goal", {"reached": 0.5, "by": "2026-03-10"}),
    ("goal", {"reached": 0.5, "confidence": 1}),
    ("whatIf.variants", ["more lines"]),
    ("whatIf.grid", {"campaign.lines": 200}),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=[f"{path}={value!r}"[:60] for path, value in WRONG])
def test_a_wrong_value_is_a_fault_at_its_place(path: str, value: object) -> None:
    with pytest.raises(ScenarioError) as error:
        Scenario.from_document(changed(plain(), path, value))
    written = path.replace(".0", "[0]")
    assert any(
        str(fault).startswith((written, "numbers[0]: " if "addPhones" in path else written))
        for fault in error.value.faults
    )


UNKNOWN = ["color", "campaign.color", "numbers.0.color", "outcomes.answered.color", "answering.color", "goal.color"]


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_field_is_a_fault_at_its_place(path: str) -> None:
    with pytest.raises(ScenarioError) as error:
        Scenario.from_document(changed(plain(goal={"reached": 0.5}), path, 1))
    (fault,) = error.value.faults
    assert str(fault).startswith(f"{path.replace('.0', '[0]')}: found an unknown field; allowed: ")


def test_a_field_that_is_nearly_known_is_suggested() -> None:
    assert faults(campaign={"lines": 1, "callPerSecond": 2}) == [
        "campaign.callPerSecond: found an unknown field; allowed: callsPerSecond, perhaps"
    ]


REQUIRED = ["start", "finish", "campaign", "numbers", "outcomes"]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_field_that_is_missing_is_named(name: str) -> None:
    (fault,) = faults(**{name: ...})
    assert fault.startswith(f"{name}: found nothing; allowed: ")


@pytest.mark.parametrize("document", [None, [], "scenario", 5])
def test_a_document_that_is_no_mapping_is_refused(document: object) -> None:
    with pytest.raises(ScenarioError, match="allowed: a mapping of name, start, finish"):
        Scenario.from_document(document)


@pytest.mark.parametrize(
    ("start", "finish", "fault"),
    [
        ("2026-03-03T00:00:00Z", "2026-03-02T00:00:00Z", "an instant after start, 2026-03-03T00:00:00Z"),
        ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "an instant after start"),
        ("2026-03-02T01:00:00Z", "2026-03-02T02:00:00+01:00", "an instant after start"),
        ("2026-03-02T00:00:00Z", "2046-03-18T00:00:00Z", "at most 7,320 days (20 years)"),
        ("9998-03-02T00:00:00Z", "9999-03-02T00:00:00Z", "an instant from 1970 to 2200"),
        ("1969-12-31T00:00:00Z", "1970-01-02T00:00:00Z", "an instant from 1970 to 2200"),
    ],
)
def test_a_span_that_cannot_be_simulated_is_refused(start: str, finish: str, fault: str) -> None:
    assert any(fault in each for each in faults(start=start, finish=finish))


def test_twenty_years_can_be_simulated() -> None:
    document = Scenario.from_document(plain(start="2026-03-02T00:00:00Z", finish="2046-03-17T00:00:00Z")).document
    assert document.finish - document.start == 7_320 * 86_400


@pytest.mark.parametrize(
    ("campaign", "fault"),
    [
        ({}, "campaign.lines: found nothing; allowed: lines, or shifts"),
        (
            {"lines": 1, "shifts": [{"lines": 1}]},
            "campaign.shifts: found lines as well; allowed: one of lines and shifts",
        ),
        ({"shifts": []}, "campaign.shifts: found []"),
        ({"shifts": [{"days": ["mon"]}]}, "campaign.shifts[0].lines: found nothing"),
        (
            {"shifts": [{"lines": 1, "from": "08:00"}]},
            "campaign.shifts[0].to: found nothing; allowed: both from and to",
        ),
        (
            {"shifts": [{"lines": 1, "to": "08:00"}]},
            "campaign.shifts[0].from: found nothing; allowed: both from and to",
        ),
        (
            {"shifts": [{"lines": 1, "from": "08:00", "to": "08:00"}]},
            "campaign.shifts[0].to: found the same time as from",
        ),
        ({"shifts": [{"lines": 1, "from": "8:00", "to": "24:00"}]}, 'campaign.shifts[0].from: found "8:00"'),
        ({"shifts": [{"lines": 0}]}, "campaign.shifts[0].lines: found 0"),
        (
            {"lines": 1, "callsPerSecond": 1.2345},
            "campaign.callsPerSecond: found 1.2345; allowed: at most three decimals",
        ),
        (
            {"lines": 1, "startDateTime": "2026-03-03T00:00:00Z", "finishDateTime": "2026-03-02T00:00:00Z"},
            "campaign.finishDateTime: found 2026-03-02T00:00:00Z; allowed: an instant after startDateTime",
        ),
    ],
)
def test_campaigns_that_are_none_are_refused(campaign: dict[str, Any], fault: str) -> None:
    assert any(each.startswith(fault) for each in faults(campaign=campaign))


@pytest.mark.parametrize("pace", [0.001, 0.3, 1.005, 2, 1_000_000])
def test_a_pace_of_three_decimals_is_counted_in_thousandths(pace: float) -> None:
    campaign = Scenario.from_document(plain(campaign={"lines": 1, "callsPerSecond": pace})).document.campaign
    assert campaign.pace == round(pace * 1000)


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        ({}, "numbers[0]: found nothing; allowed: one of file, addPhones, generate"),
        ({"file": "a.json", "generate": {"count": 1}}, "numbers[0]: found file and generate; allowed: one of"),
        ({"addPhones": [{"phone": "12345"}], "added": "2026-03-01T00:00:00Z"}, "numbers[0].added: found 2026-03-01"),
        ({"addPhones": [{"phone": "12345"}], "added": "2026-03-03T00:00:00Z"}, "numbers[0].added: found 2026-03-03"),
        (
            {"generate": {"count": 1}, "added": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:01Z"}},
            "numbers[0].added: found",
        ),
        (
            {"addPhones": [{"phone": "123456789", "phones": 1}]},
            "numbers[0].addPhones[0].phones: found an unknown field",
        ),
        ({"addPhones": []}, "numbers[0].addPhones: found an empty list"),
        ({"addPhones": {"phone": "12345"}}, "numbers[0].addPhones: found"),
        ({"generate": {"count": 1}, "added": {"from": "2026-03-02T00:00:00Z"}}, "numbers[0].added.to: found nothing"),
    ],
)
def test_parts_of_a_list_that_are_none_are_refused(part: dict[str, Any], fault: str) -> None:
    assert any(each.startswith(fault) for each in faults(numbers=[part]))


def test_dates_that_cross_once_the_campaign_is_filled_in_are_a_fault_of_the_number() -> None:
    campaign = {"lines": 1, "finishDateTime": "2026-03-02T12:00:00Z"}
    late = {"startDateTime": "2026-03-02T12:00:00Z"}
    numbers = [{"addPhones": [{"phone": "12345"}, {"phone": "12346", **late}]}, {"generate": {"count": 1, **late}}]
    found, made_up_too = faults(campaign=campaign, numbers=numbers)
    assert made_up_too.startswith("numbers[1].generate.finishDateTime")
    assert found.startswith("numbers[0].addPhones[1].finishDateTime: found 2026-03-02T12:00:00Z, once the campaign's")
    (made_up,) = faults(campaign=campaign, numbers=numbers[1:])
    assert made_up.startswith("numbers[0].generate.finishDateTime: found 2026-03-02T12:00:00Z, once the campaign's")


def test_shares_that_do_not_sum_to_one_are_a_fault() -> None:
    assert faults(outcomes={"answered": {"share": 0.25, "seconds": 60}}) == [
        "outcomes: found shares that sum to 0.25; allowed: shares that sum to 1"
    ]


# What looks odd and is not


def test_retries_beyond_the_simulation_and_dates_in_the_year_9999_run() -> None:
    far = {"finishDateTime": "9999-12-31T23:59:59Z", "maxAttempts": 50, "retryIntervalInMinutes": 10**30}
    hours = {"allowedTime": HOURS, "gmtZone": "America/New_York"}
    body = [
        {"phone": "12345", **far},
        {"phone": "12346", **far, **hours},
        {"phone": "12347", "startDateTime": "9999-12-31T00:00:00Z"},
        {"phone": "12348", "finishDateTime": "0001-01-01T00:00:00+18:00", **hours},
    ]
    outcomes = {"busy": {"share": 1, "seconds": 30, "retry": True}}
    result = simulate(Scenario.from_document(plain(numbers=[{"addPhones": body}], outcomes=outcomes)))
    assert result.numbers["ending"].to_list() == ["expired", "expired", "pending_never_called", "expired"]
    assert result.numbers["attempts"].to_list() == [1, 1, 0, 0]


def test_a_retry_beyond_the_simulation_waits_where_no_date_ends_it() -> None:
    outcomes = {"busy": {"share": 1, "seconds": 30, "retry": True, "retryIntervalInMinutes": 10**30}}
    result = simulate(Scenario.from_document(plain(campaign={"lines": 1, "maxAttempts": 2}, outcomes=outcomes)))
    assert result.numbers["ending"].to_list() == ["pending_callback"]


def test_null_means_left_out() -> None:
    fields = ("shifts", "callsPerSecond", "maxTotalAttempts", "gmtZone", "allowedDays", "allowedTime", "startDateTime")
    scenario = Scenario.from_document(plain(campaign={"lines": 2, **dict.fromkeys(fields)}, goal=None, whatIf=None))
    assert scenario.document == Scenario.from_document(plain()).document


def test_priorities_that_count_as_five_and_duplicates_are_warned_of() -> None:
    outcomes = {
        "answered": {"share": 1, "seconds": 5, "redials": [{"share": 1, "startAfterMinutes": 1, "dialerPriority": "1"}]}
    }
    body = [{"phone": "12345", "dialerPriority": 0}, {"phone": "12346", "dialerPriority": []}, {"phone": "12347"}]
    numbers = [{"addPhones": [*body, {"phone": "+12347"}]}]
    scenario = Scenario.from_document(
        plain(campaign={"lines": 1, "dialerPriority": 7}, outcomes=outcomes, numbers=numbers)
    )
    assert scenario.warnings == (
        "dialerPriority that is not 1 to 5 counts as 5: 2 of the numbers",
        "duplicates within 24 hours are ignored: 1 of the numbers",
        "dialerPriority that is not 1 to 5 counts as 5: 2 of campaign and redials",
    )


# Changes from the command line


def test_a_change_replaces_a_value_before_anything_is_checked(tmp_path: Path) -> None:
    changes: dict[str, object] = {
        "campaign.lines": 7,
        "outcomes.noAnswer.share": 0.5,
        "outcomes.answered.share": 0.5,
        "numbers.1": {"generate": {"count": 3}},
        "answering.attempts": [0.5],
    }
    scenario = load(tmp_path, changes=changes)
    assert scenario.document.campaign.lines == 7
    assert scenario.document.answering.attempts == (0.5,)
    assert len(scenario.phonebook) == 4


def test_the_faults_of_a_change_stand_at_its_path(tmp_path: Path) -> None:
    (found,) = refused(tmp_path, **{"campaign.lines": "many"})
    assert found.startswith('scenario.yaml:6: campaign.lines: found "many"')


def test_a_change_leaves_the_value_it_was_made_of_alone() -> None:
    value = {"a": [{"b": 1}]}
    assert changed(value, "a.0.b", 2) == {"a": [{"b": 2}]}
    assert changed(value, "a[0].b", 2) == {"a": [{"b": 2}]}
    assert changed(value, "c.d", 3) == {"a": [{"b": 1}], "c": {"d": 3}}
    assert value == {"a": [{"b": 1}]}


@pytest.mark.parametrize("path", ["a.1.b", "a.x", "a.0.b.c", "", ".a", "a..b"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises(InputError, match="a path of the scenario"):
        changed({"a": [{"b": 1}]}, path, 2)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("campaign.lines=400", "campaign.lines", 400),
        ("campaign.callsPerSecond = 2.5", "campaign.callsPerSecond", 2.5),
        ("name=a=b", "name", "a=b"),
        ("name=", "name", ""),
        ("campaign.allowedDays=[mon, tue]", "campaign.allowedDays", ["mon", "tue"]),
        ("campaign.gmtZone=null", "campaign.gmtZone", None),
    ],
)
def test_an_assignment_is_a_path_and_a_value(text: str, path: str, value: object) -> None:
    assert assignment(text) == (path, value)


@pytest.mark.parametrize("text", ["campaign.lines", "", "=4"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no assignment"):
        assignment(text)


def test_an_error_survives_the_way_between_processes() -> None:
    error = ScenarioError([Fault(("campaign", "lines"), "nothing", "lines, or shifts", "a.yaml", 3)])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), again.faults, str(again)) == (ScenarioError, error.faults, str(error))


def test_a_mapping_of_python_may_have_numbers_for_keys() -> None:
    document = plain()
    document["numbers"] = [{"generate": {"count": 100, "dialerPriority": {1: 5, 5: 95}}}]
    document["answering"] = {"localHours": {9: 0.5}}

    assert len(Scenario.from_document(document).phonebook) == 100
