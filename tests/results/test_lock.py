"""A lock plays the same run again from where it lies, or says what is not as it was."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from engine import Scenario, simulate
from engine.reading.document import parse_document
from engine.reading.faults import InputError
from engine.reading.typed import filled
from engine.results.lock import LOCK_NAME, broken_lock, lock_notes, lock_text, written_out
from engine.scenario.document import ScenarioDocument
from engine.testing.strategies import Fields, crowds, scenarios
from tests.damage import damage, seeds

SCENARIOS = Path(__file__).parent.parent.parent / "scenarios"
slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ELSEWHERE = Path("elsewhere")


def lock_of(scenario: Scenario, folder: Path = ELSEWHERE) -> Fields:
    text = lock_text(scenario, simulate(scenario).digest, folder)
    value: Fields = parse_document(text.encode(), LOCK_NAME, json_text=False).value
    return value


@settings(slowly, max_examples=100)
@given(scenarios() | crowds())
def test_a_lock_gives_the_digest_of_the_run_that_was_locked(document: Fields) -> None:
    scenario = Scenario.from_document(document)
    again = Scenario.from_document(lock_of(scenario))
    digest = simulate(again).digest
    assert digest == simulate(scenario).digest
    assert lock_notes(again) == []
    assert broken_lock(again, digest) is None


@settings(slowly, max_examples=50)
@given(scenarios() | crowds())
def test_a_lock_of_a_lock_is_the_same_lock(document: Fields) -> None:
    lock = lock_of(Scenario.from_document(document))
    assert lock_of(Scenario.from_document(lock)) == lock


@settings(slowly, max_examples=50)
@given(scenarios() | crowds())
def test_a_lock_leaves_no_field_out(document: Fields) -> None:
    lock = lock_of(Scenario.from_document(document))
    assert filled(lock, ScenarioDocument) == lock


def plain(**parts: object) -> Fields:
    return {
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "campaign": {"lines": 2},
        "numbers": [{"addPhones": [{"phone": "16505550001"}]}],
        "outcomes": {"answered": {"share": 1, "seconds": {"constant": 60}}},
        **parts,
    }


def test_every_default_is_written_out() -> None:
    lock = lock_of(Scenario.from_document(plain()))
    assert set(lock.pop("lock")) == {"versions", "inputs", "scenario", "digest"}
    assert lock == {
        "name": "",
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-03T00:00:00Z",
        "seed": 0,
        "campaign": {
            "startDateTime": None,
            "finishDateTime": None,
            "allowedDays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "allowedTime": None,
            "retryIntervalInMinutes": 60,
            "maxAttempts": 1,
            "gmtZone": "Z",
            "zoneIfUnknown": None,
            "dialerPriority": 5,
            "lines": 2,
            "shifts": None,
            "callsPerSecond": None,
            "order": "nextAllowedTime",
            "maxTotalAttempts": None,
            "retryIfShorterThanSeconds": 0,
            "closedDates": [],
            "caps": [],
            "rules": [],
        },
        "numbers": [
            {
                "file": None,
                "columns": {},
                "otherColumns": None,
                "header": [],
                "sheet": None,
                "encoding": None,
                "country": None,
                "addPhones": [{"phone": "16505550001"}],
                "generate": None,
                "added": "2026-03-02T00:00:00Z",
                "skipFaulty": None,
            }
        ],
        "outcomes": {
            "answered": {
                "share": 1,
                "seconds": {"constant": 60, "exponential": None, "lognormal": None, "quantiles": None},
                "retry": False,
                "retryIntervalInMinutes": None,
                "redials": [],
            }
        },
        "answering": {"localHours": {}, "weekdays": {}, "attempts": []},
        "segments": [],
        "skipFaulty": False,
        "whatIf": None,
        "goal": None,
        "expect": {"figures": {}, "digest": None, "invariants": []},
    }


def test_holidays_are_written_out_and_their_library_is_locked() -> None:
    def locked(*closed: object) -> Fields:
        return lock_of(Scenario.from_document(plain(campaign={"lines": 2, "closedDates": [*closed]})))

    holidays, dates = locked("2026-12-25", {"holidays": "US"}), locked("2026-12-25")

    assert holidays["campaign"]["closedDates"] == [
        "2026-12-25",
        {"holidays": "US", "subdivision": None, "observed": True},
    ]
    assert holidays["lock"]["versions"].keys() - dates["lock"]["versions"].keys() == {"holidays"}


def test_null_and_no_days_are_defaults_that_were_given() -> None:
    campaign = {"lines": 2, "allowedDays": [], "maxAttempts": None, "gmtZone": None}
    written = written_out(Scenario.from_document(plain(campaign=campaign)), ELSEWHERE)["campaign"]
    assert written["allowedDays"] == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert (written["maxAttempts"], written["gmtZone"]) == (1, "Z")


def test_what_was_given_stays_as_it_was_given() -> None:
    campaign = {"lines": 2, "maxAttempts": 0, "dialerPriority": "first", "gmtZone": "UTC+1", "allowedDays": ["sun"]}
    written = written_out(Scenario.from_document(plain(campaign=campaign)), ELSEWHERE)["campaign"]
    assert {name: written[name] for name in campaign} == campaign


def test_arrivals_of_a_span_are_written_out() -> None:
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T01:00:00Z"}
    scenario = Scenario.from_document(plain(numbers=[{"generate": {"count": 3}, "added": span}]))
    assert written_out(scenario, ELSEWHERE)["numbers"][0]["added"] == {**span, "arrivals": "evenly"}


def test_a_lock_begins_with_its_use() -> None:
    text = lock_text(Scenario.from_document(plain()), 0, ELSEWHERE)
    assert text.startswith("# dialer-engine-simulator: ")
    assert f"`dialer run {LOCK_NAME}`" in text.splitlines()[0]


@pytest.mark.parametrize("file", sorted(path.name for path in SCENARIOS.glob("*.yaml")))
def test_shipped_scenarios_are_locked(file: str) -> None:
    scenario = Scenario.load(SCENARIOS / file, {"seed": 3})
    lock = lock_of(scenario, SCENARIOS)
    again = Scenario.from_document(lock, SCENARIOS)
    assert lock["seed"] == 3
    assert broken_lock(again, simulate(again).digest) is None


# Number files and what changes


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A lock in a folder of its own, its number file in another."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "run").mkdir()
    body = [{"phone": "16505550001"}, {"phone": "16505550002"}]
    (tmp_path / "lists/phones.json").write_text(json.dumps(body))
    document = plain(numbers=[{"file": "lists/phones.json"}])
    (tmp_path / "scenario.json").write_text(json.dumps(document))
    scenario = Scenario.load(tmp_path / "scenario.json")
    lock = tmp_path / "run" / LOCK_NAME
    lock.write_text(lock_text(scenario, simulate(scenario).digest, tmp_path / "run"))
    return lock


def told(lock: Path, changes: dict[str, object] | None = None) -> tuple[list[str], str | None]:
    """What is told before the run, and after it."""
    scenario = Scenario.load(lock, changes)
    return lock_notes(scenario), broken_lock(scenario, simulate(scenario).digest)


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_lock_finds_its_number_files_from_where_it_lies(locked: Path) -> None:
    document = Scenario.load(locked).document
    assert document.numbers[0].file == "../lists/phones.json"
    assert document.lock is not None
    assert [kept.file for kept in document.lock.inputs] == ["../lists/phones.json"]
    assert told(locked) == ([], None)


def test_a_number_file_of_another_size_is_told_before_and_after(locked: Path) -> None:
    (locked.parent.parent / "lists/phones.json").write_text('[{"phone": "16505550003"}]')
    notes, broken = told(locked)
    assert notes == ["changed since the run was locked: ../lists/phones.json, from 52 to 26 bytes"]
    assert broken is not None
    assert broken.endswith("as locked; changed since then: ../lists/phones.json, from 52 to 26 bytes")


def test_a_number_file_of_the_same_size_is_known_by_its_hash(locked: Path) -> None:
    replace(locked.parent.parent / "lists/phones.json", "0002", "0003")
    notes, _ = told(locked)
    assert notes == ["changed since the run was locked: ../lists/phones.json, of the same size"]


def test_a_number_file_that_is_only_spelt_otherwise_breaks_nothing(locked: Path) -> None:
    replace(locked.parent.parent / "lists/phones.json", "}]", "}]\n")
    assert told(locked) == (["changed since the run was locked: ../lists/phones.json, from 52 to 53 bytes"], None)


def test_another_version_is_told(locked: Path) -> None:
    tzdata = Scenario.load(locked).document.lock
    assert tzdata is not None
    now = tzdata.versions["tzdata"]
    replace(locked, f"tzdata: '{now}'", "tzdata: '2020.1'")
    assert told(locked) == ([f"changed since the run was locked: tzdata, from 2020.1 to {now}"], None)


def test_a_scenario_that_was_edited_is_told(locked: Path) -> None:
    replace(locked, "lines: 2", "lines: 1")
    notes, broken = told(locked)
    assert notes == ["changed since the run was locked: the scenario itself"]
    assert broken is not None
    assert broken.endswith("changed since then: the scenario itself")


def test_another_order_of_outcomes_is_the_same_scenario() -> None:
    outcomes = {"answered": {"share": 0.5, "seconds": 60}, "noAnswer": {"share": 0.5, "seconds": 30}}
    lock = lock_of(Scenario.from_document(plain(outcomes=outcomes)))
    lock["outcomes"] = dict(reversed(lock["outcomes"].items()))
    again = Scenario.from_document(lock)
    assert lock_notes(again) == []
    assert broken_lock(again, simulate(again).digest) is None


def test_a_digest_that_nothing_explains_is_told(locked: Path) -> None:
    digest = Scenario.load(locked).document.lock
    assert digest is not None
    replace(locked, digest.digest, "0" * 16)
    notes, broken = told(locked)
    assert notes == []
    assert broken == (
        f"the digest is {digest.digest} and not 0000000000000000, as locked; "
        "changed since then: nothing that the lock names"
    )


@pytest.fixture
def rich(locked: Path) -> Path:
    """A lock with a goal, a made-up list beside a file, and names."""
    document = plain(
        name="Spring",
        numbers=[{"file": "lists/phones.json"}, {"generate": {"count": 40, "gmtZone": {"Z": 1, "UTC+3": 2}}}],
        outcomes={
            "answered": {"share": 0.3, "seconds": {"quantiles": {0: 0, 0.5: 180, 1: 600}}},
            "no answer": {"share": 0.7, "seconds": 30, "retry": True, "retryIntervalInMinutes": 45},
        },
        goal={"reached": 0.4, "by": "2026-03-02T18:00:00Z"},
    )
    document["campaign"] |= {"maxAttempts": 3, "callsPerSecond": 0.25}
    scenario = Scenario.from_document(document, locked.parent.parent)
    locked.write_text(lock_text(scenario, simulate(scenario).digest, locked.parent), encoding="utf-8")
    return locked


@pytest.mark.parametrize("seed", seeds(40, 200))
def test_a_damaged_lock_is_refused_or_told_or_says_what_it_said(rich: Path, seed: int) -> None:
    whole = simulate(Scenario.load(rich)).summary_document
    damage(rich, seed)

    try:
        scenario = Scenario.load(rich)
    except InputError:
        return
    result = simulate(scenario)
    if not lock_notes(scenario) and broken_lock(scenario, result.digest) is None:
        assert result.summary_document == whole


def test_a_lock_that_is_cut_short_anywhere_is_refused_or_told(rich: Path) -> None:
    text = rich.read_text(encoding="utf-8")
    for line in range(1, text.count("\n")):
        rich.write_text("".join(text.splitlines(keepends=True)[:line]), encoding="utf-8")
        with suppress(InputError):
            assert lock_notes(Scenario.load(rich)) == ["changed since the run was locked: the scenario itself"]


def test_a_lock_that_the_user_changes_is_not_compared(locked: Path) -> None:
    notes, broken = told(locked, {"campaign.lines": 1})
    assert notes == ["the scenario was changed by --set or --seed, so its digest is not compared with the locked one"]
    assert broken is None


def test_a_change_that_changes_nothing_leaves_the_lock_in_force(locked: Path) -> None:
    assert told(locked, {"seed": 0}) == ([], None)
    lock = Scenario.load(locked).document.lock
    assert lock is not None
    replace(locked, lock.digest, "f" + lock.digest)
    assert told(locked, {"seed": 0})[1] is not None


def test_standard_input_keeps_its_name() -> None:
    scenario = Scenario.from_document(plain())
    scenario.source["numbers"] = [{"file": "-"}]
    assert written_out(scenario, ELSEWHERE)["numbers"][0]["file"] == "-"


def test_a_link_to_the_folder_leads_to_the_same_files(locked: Path, tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/link").symlink_to(locked.parent)
    scenario = Scenario.load(tmp_path / "scenario.json")
    assert written_out(scenario, tmp_path / "deep/er/link")["numbers"][0]["file"] == "../lists/phones.json"


def deep(levels: int) -> Any:
    return {"payload": deep(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ({"phone": "16505550001", "payload": {"note": "a" * 8_000_000}}, "characters of YAML"),
        ({"phone": "16505550001", "payload": deep(450)}, "values nested too deep"),
    ],
)
def test_a_scenario_that_no_yaml_file_can_hold_is_refused(number: Fields, found: str) -> None:
    scenario = Scenario.from_document(plain())
    scenario.source["numbers"] = [{"addPhones": [number]}]
    with pytest.raises(InputError, match=found):
        lock_text(scenario, 0, ELSEWHERE)
