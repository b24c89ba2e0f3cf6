"""The document: every fault of a scenario file at its place, and no good input refused."""

import pickle
from typing import Any

import pytest

from engine import Scenario, ScenarioError
from engine.reading.faults import Fault
from engine.scenario.changes import changed
from tests.scenario.documents import faults, plain

WRONG: list[tuple[str, object]] = [
    *((path, 5) for path in ("name", "start", "finish", "numbers", "outcomes", "segments", "answering", "whatIf")),
    *((path, "x") for path in ("start", "finish", "seed", "campaign", "numbers", "outcomes", "goal")),
    *((path, None) for path in ("name", "start", "seed", "campaign", "numbers", "outcomes", "answering", "segments")),
    *(("seed", value) for value in (-1, 2**63, 1.5, True)),
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
        (
            {"addPhones": [{"phone": "123456789", "retryIntervalInMinutes": 2**63}]},
            "numbers[0].addPhones[0].retryIntervalInMinutes: found 9223372036854775808; allowed: an integer from 1 to",
        ),
        (
            {"generate": {"count": 1, "retryIntervalInMinutes": {"60": 1, "525601": 1}}},
            "numbers[0].generate.retryIntervalInMinutes: found 525601; allowed: an integer from 1 to 525,600",
        ),
        ({"addPhones": []}, "numbers[0].addPhones: found an empty list"),
        ({"addPhones": {"phone": "12345"}}, "numbers[0].addPhones: found"),
        ({"generate": {"count": 1}, "added": {"from": "2026-03-02T00:00:00Z"}}, "numbers[0].added.to: found nothing"),
    ],
)
def test_parts_of_a_list_that_are_none_are_refused(part: dict[str, Any], fault: str) -> None:
    assert any(each.startswith(fault) for each in faults(numbers=[part]))


def test_shares_that_do_not_sum_to_one_are_a_fault() -> None:
    assert faults(outcomes={"answered": {"share": 0.25, "seconds": 60}}) == [
        "outcomes: found shares that sum to 0.25; allowed: shares that sum to 1"
    ]


def test_null_means_left_out() -> None:
    fields = ("shifts", "callsPerSecond", "maxTotalAttempts", "gmtZone", "allowedDays", "allowedTime", "startDateTime")
    scenario = Scenario.from_document(plain(campaign={"lines": 2, **dict.fromkeys(fields)}, goal=None, whatIf=None))
    assert scenario.document == Scenario.from_document(plain()).document


def test_an_error_survives_the_way_between_processes() -> None:
    error = ScenarioError([Fault(("campaign", "lines"), "nothing", "lines, or shifts", "a.yaml", 3)])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), again.faults, str(again)) == (ScenarioError, error.faults, str(error))


@pytest.mark.parametrize("by", ["2026-03-02T00:00:00Z", "2026-03-03T00:00:01Z"])
def test_a_goal_lies_within_the_simulated_time(by: str) -> None:
    allowed = "an instant after start, 2026-03-02T00:00:00Z, and at most finish, 2026-03-03T00:00:00Z"
    assert faults(goal={"reached": 0.5, "by": by}) == [f"goal.by: found {by}; allowed: {allowed}"]
