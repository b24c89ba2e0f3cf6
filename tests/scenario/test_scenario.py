"""Scenario files: every fault at once, each with its path and line, and no good input refused."""

import hashlib
import io
import json
import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine import CallPolicy, Scenario, ScenarioError, simulate
from engine.numbers.phonebook import phone_text
from engine.progress import Step
from engine.reading.faults import Fault, InputError
from engine.scenario.changes import assignment, changed

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


# Number files: patterns, columns, numbers left out


def files(folder: Path, **contents: str) -> None:
    for name, content in contents.items():
        (folder / name.replace("_", ".")).write_text(content)


def listed(folder: Path, *parts: dict[str, Any], **more: object) -> Scenario:
    return Scenario.from_document(plain(numbers=[*parts], **more), folder)


def fault_texts(folder: Path, *parts: dict[str, Any], **more: object) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        listed(folder, *parts, **more)
    return [str(fault).replace(f"{folder}/", "") for fault in error.value.faults]


def called(scenario: Scenario) -> dict[str, int]:
    """Each phone, and the minute of the day at which it was added."""
    book = scenario.phonebook
    minutes = [(added - scenario.document.start) // 60 for added in book.added.tolist()]
    return dict(zip(map(phone_text, book.phone_codes.tolist()), minutes, strict=True))


GAPS = """[{"phone": "11111"}, {"phone": "1"}, {"phone": "22222"}, {"phone": "33333", "maxAttempts": "3"},
{"phone": "44444"}]"""
FOUR = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:05:00Z"}


def test_numbers_with_faults_are_left_out_if_asked_and_the_others_arrive_when_they_would_have(tmp_path: Path) -> None:
    files(tmp_path, a_json=GAPS)

    scenario = listed(tmp_path, {"file": "a.json", "added": FOUR, "skipFaulty": True})

    assert called(scenario) == {"11111": 0, "22222": 2, "44444": 4}
    assert scenario.warnings == ("numbers with faults that are left out: 2",)
    assert [(number.file, number.position, number.number) for number in scenario.faulty] == [
        (str(tmp_path / "a.json"), 1, b'{"phone": "1"}'),
        (str(tmp_path / "a.json"), 3, b'{"phone": "33333", "maxAttempts": "3"}'),
    ]
    assert [str(fault).replace(f"{tmp_path}/", "") for number in scenario.faulty for fault in number.faults] == [
        'a.json:1: [1].phone: found "1"; allowed: 5 to 15 digits with an optional leading +',
        'a.json:1: [3].maxAttempts: found "3"; allowed: an integer from 0 to 50',
    ]


@pytest.mark.parametrize("arrivals", ["evenly", "poisson"])
def test_the_luck_and_the_arrivals_of_the_others_do_not_change_with_the_faulty_ones(
    tmp_path: Path, arrivals: str
) -> None:
    good = [{"phone": str(16505550000 + place)} for place in range(8)]
    bad = [{"phone": "1"} if place in (0, 3, 7) else number for place, number in enumerate(good)]
    files(tmp_path, good_json=json.dumps(good), bad_json=json.dumps(bad))

    whole = called(listed(tmp_path, {"file": "good.json", "added": {**FOUR, "arrivals": arrivals}}))
    part = {"added": {**FOUR, "arrivals": arrivals}, "skipFaulty": True}
    left = called(listed(tmp_path, {"file": "bad.json", **part}))

    assert left == {phone: minute for phone, minute in whole.items() if {"phone": phone} in bad}
    assert left == called(listed(tmp_path, {"addPhones": bad, **part}))


@pytest.mark.parametrize(
    ("top", "part", "skips"),
    [(None, None, False), (True, None, True), (True, False, False), (False, True, True), (None, True, True)],
)
def test_what_a_part_says_of_faulty_numbers_comes_before_what_the_scenario_says(
    tmp_path: Path, top: bool | None, part: bool | None, skips: bool
) -> None:
    files(tmp_path, a_csv="phone\n1\n12345\n")
    one = {"file": "a.csv", **({} if part is None else {"skipFaulty": part})}
    more = {} if top is None else {"skipFaulty": top}
    if skips:
        assert called(listed(tmp_path, one, **more)) == {"12345": 0}
    else:
        assert [fault.split(";")[0] for fault in fault_texts(tmp_path, one, **more)] == [
            'a.csv:2: [0].phone: found "1"'
        ]


def test_a_list_of_faulty_numbers_alone_leaves_nobody_to_call(tmp_path: Path) -> None:
    files(tmp_path, a_ndjson='{"phone": "1"}\nx\n')
    scenario = listed(tmp_path, {"file": "a.ndjson", "skipFaulty": True})
    assert len(scenario.phonebook) == 0
    assert [number.number for number in scenario.faulty] == [b'{"phone": "1"}', b"x"]
    assert simulate(scenario).figures.numbers.total == 0


def test_a_file_that_cannot_be_used_as_a_whole_is_a_fault_all_the_same(tmp_path: Path) -> None:
    files(tmp_path, a_json="[", b_csv="number\n12345\n", c_json='[{"phone": "1"}]')
    found = fault_texts(tmp_path, {"file": "?.*", "skipFaulty": True})
    assert [fault.split(" ")[0] for fault in found] == ["a.json:1:", "b.csv:", "b.csv:"]


def test_faulty_priorities_and_duplicates_are_not_counted_among_those_left_out(tmp_path: Path) -> None:
    files(tmp_path, a_json=json.dumps([{"phone": "1", "dialerPriority": 9}, {"phone": "12345", "dialerPriority": 9}]))
    assert listed(tmp_path, {"file": "a.json", "skipFaulty": True}).warnings == (
        "dialerPriority that is not 1 to 5 counts as 5: 1 of the numbers",
        "numbers with faults that are left out: 1",
    )


def test_files_of_a_pattern_arrive_in_the_order_of_their_names_as_if_they_were_one(tmp_path: Path) -> None:
    files(
        tmp_path,
        b_json='[{"phone": "33333"}, {"phone": "44444"}]',
        a_csv="phone\n11111\n22222\n",
        c_ndjson='{"phone": 55555}',
    )
    (tmp_path / "sub").mkdir()
    files(tmp_path / "sub", d_json='[{"phone": "66666"}]')

    scenario = listed(tmp_path, {"file": "?.*", "added": FOUR})

    assert called(scenario) == {"11111": 0, "22222": 1, "33333": 2, "44444": 3, "55555": 4}
    assert [Path(read.file).name for read in scenario.inputs] == ["a.csv", "b.json", "c.ndjson"]
    data = (tmp_path / "a.csv").read_bytes()
    assert scenario.inputs[0][1:] == (len(data), hashlib.sha256(data).hexdigest())
    assert [*called(listed(tmp_path, {"file": "**/*.json"}))] == ["33333", "44444", "66666"]


def test_a_pattern_that_no_file_fits_is_a_fault(tmp_path: Path) -> None:
    assert fault_texts(tmp_path, {"file": "*.csv"}) == [
        "*.csv: found no file that fits the pattern; allowed: a pattern of files that exist"
    ]


def test_columns_give_fields_other_names_in_every_format(tmp_path: Path) -> None:
    columns = {"phone": "Tel.", "gmtZone": "zone"}
    numbers = [{"Tel.": "11111", "zone": "+1"}, {"Tel.": "22222", "zone": None}]
    pl.DataFrame(numbers).write_parquet(tmp_path / "a.parquet")
    files(
        tmp_path,
        a_json=json.dumps(numbers),
        a_ndjson="\n".join(map(json.dumps, numbers)),
        a_csv="zone;Tel.\n+1;11111\n;22222\n",
    )
    for suffix in ("json", "ndjson", "csv", "parquet"):
        book = listed(tmp_path, {"file": f"a.{suffix}", "columns": columns}).phonebook
        assert [phone_text(code) for code in book.phone_codes.tolist()] == ["11111", "22222"]
        assert [book.distinct[policy].gmt_zone for policy in book.policies.tolist()] == ["+01:00", None]


@pytest.mark.parametrize(
    ("part", "fault"),
    [
        (
            {"columns": {"phones": "Tel."}},
            "numbers[0].columns.phones: found an unknown field; allowed: phone, payload, ",
        ),
        ({"columns": {"payload.": "Tel."}}, "numbers[0].columns.payload.: found an unknown field"),
        ({"columns": {"phone": "Tel."}}, 'a.csv: columns.phone: found no column "Tel."; allowed: number'),
        ({"columns": {"phone": 5}}, "numbers[0].columns.phone: found 5; allowed: text"),
        ({"columns": ["Tel."]}, "numbers[0].columns: found"),
        (
            {"columns": {"phone": "number", "gmtZone": "number"}},
            'numbers[0].columns.gmtZone: found "number", which stands for phone already; allowed: a name of its own',
        ),
        ({"skipFaulty": "yes"}, 'numbers[0].skipFaulty: found "yes"; allowed: true or false'),
        ({"file": "a.json", "columns": {"mon": "Monday"}}, "a.json: columns.mon: found a column that only tables have"),
    ],
)
def test_columns_that_are_none_are_refused(tmp_path: Path, part: dict[str, Any], fault: str) -> None:
    files(tmp_path, a_csv="number\n12345\n", a_json="[]")
    assert any(each.startswith(fault) for each in fault_texts(tmp_path, {"file": "a.csv", **part}))


def test_any_field_of_the_payload_and_any_weekday_may_be_a_column_of_another_name(tmp_path: Path) -> None:
    columns = {"payload.plan": "Plan", "payload.a": "A", "payload.zone": "Zone", "mon": "Monday", "default": "Any day"}
    files(tmp_path, a_csv="phone,Plan,A,Zone,Monday,Any day\n12345,gold,b,c,closed,10:00-18:00\n")
    segment = {"name": "gold", "payload": {"plan": "gold", "a": "b", "zone": "c"}}
    book = listed(tmp_path, {"file": "a.csv", "columns": columns}, segments=[segment]).phonebook
    assert book.segments.tolist() == [1]
    assert book.distinct == (CallPolicy.from_json({"allowedTime": {**HOURS, "mon": []}}),)


def test_columns_beside_what_is_no_file_are_refused(tmp_path: Path) -> None:
    part = {"addPhones": [{"phone": "12345"}], "columns": {"phone": "Tel."}}
    assert fault_texts(tmp_path, part) == [
        "numbers[0].columns.phone: found a name without a file; allowed: columns beside file"
    ]


def test_standard_input_can_be_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"phone\n12345\n")))
    assert called(listed(tmp_path, {"file": "-"})) == {"12345": 0}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"phone\n12345\n")))
    assert "numbers[1].file: found standard input a second time; allowed: one part that reads it" in fault_texts(
        tmp_path, {"file": "-"}, {"file": "-"}
    )


def test_progress_tells_which_file_is_read(tmp_path: Path) -> None:
    load(tmp_path)
    steps: list[Step] = []
    Scenario.load(tmp_path / "scenario.yaml", progress=steps.append)
    reading = f"reading {tmp_path / 'phones.json'}"
    assert steps == [Step(reading), Step(reading, 0, 1, "numbers")]


@pytest.mark.parametrize("by", ["2026-03-02T00:00:00Z", "2026-03-03T00:00:01Z"])
def test_a_goal_lies_within_the_simulated_time(by: str) -> None:
    allowed = "an instant after start, 2026-03-02T00:00:00Z, and at most finish, 2026-03-03T00:00:00Z"
    assert faults(goal={"reached": 0.5, "by": by}) == [f"goal.by: found {by}; allowed: {allowed}"]


def test_variants_of_a_scenario_share_its_list(tmp_path: Path) -> None:
    base = load(tmp_path)
    more_lines = base.varied({**base.source, "campaign": {"lines": 3}})
    assert more_lines.phonebook is base.phonebook
    assert more_lines.document.campaign.lines == 3
    later = base.varied({**base.source, "start": "2026-03-02T01:00:00Z"})
    assert later.phonebook is not base.phonebook
    assert base.varied(later.source, [later]).phonebook is later.phonebook
