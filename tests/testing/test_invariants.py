"""`engine.testing.invariants`: what a call log breaks of the rules."""

from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.invariants import Planted, planted
from engine import Scenario, simulate
from engine.reading.faults import InputError
from engine.results.result import Result
from engine.scenario.expectations import Invariant
from engine.testing.invariants import INVARIANTS, Breach, Finding, Findings, Played, broken
from engine.testing.strategies import crowds, scenarios

CALLS = 3_000


def finding(found: Findings, invariant: str) -> Finding:
    """What one invariant says."""
    return next(each for each in found.each if each.invariant == invariant)


def test_every_invariant_has_a_name_of_its_own(log: Planted) -> None:
    names = [each.invariant for each in broken(log.calls, log.scenario).each]

    assert len(set(names)) == len(names) == len(INVARIANTS)
    assert names == [each.__name__ for each in INVARIANTS]
    assert [*get_args(Invariant)] == ["all", *names], "a scenario file may expect each of them"


@pytest.fixture(scope="module")
def log() -> Planted:
    return planted(CALLS)


@settings(max_examples=40, deadline=None)
@given(scenarios() | crowds())
def test_the_engines_break_nothing(document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)

    found = broken(simulate(scenario, "reference", calls=True), scenario)

    assert not found, str(found)


@settings(max_examples=20, deadline=None)
@given(scenarios() | crowds(), st.sets(st.sampled_from(["number", "attempt", "seconds", "outcome", "redial"])))
def test_a_log_that_says_less_breaks_no_more(document: dict[str, Any], unsaid: set[str]) -> None:
    scenario = Scenario.from_document(document)
    calls = simulate(scenario, "reference", calls=True).calls.drop(unsaid)

    found = broken(calls, scenario, same_luck=False)

    assert not found, str(found)


def test_each_planted_breach_is_found_by_its_invariant_and_nothing_else(log: Planted) -> None:
    found = broken(log.calls, log.scenario)

    assert {each.invariant: [breach.phone for breach in each.breaches] for each in found.each} == {
        invariant: [phone] for invariant, phone in log.phones.items()
    }
    assert found.count == len(log.phones)


def two_numbers() -> Scenario:
    """Two numbers that are called once each, of which the second comes first."""
    return Scenario.from_document(
        {
            "start": "2026-03-02T09:00:00Z",
            "finish": "2026-03-02T12:00:00Z",
            "campaign": {"lines": 1, "maxAttempts": 2, "retryIntervalInMinutes": 10},
            "numbers": [
                {
                    "addPhones": [
                        {"phone": "12025550101", "gmtZone": "America/New_York"},
                        {"phone": "12025550102", "dialerPriority": 1},
                    ]
                }
            ],
            "outcomes": {"answered": {"share": 1, "seconds": 60}, "busy": {"share": 0, "seconds": 30, "retry": True}},
        }
    )


ROW = dict[str, Any]
FIRST: ROW = {"phone": "12025550102", "start": "2026-03-02T09:00:00Z", "seconds": 60, "outcome": "answered"}
SECOND: ROW = {"phone": "12025550101", "start": "2026-03-02T09:01:00Z", "seconds": 60, "outcome": "answered"}


def test_a_log_of_two_calls_that_keeps_the_rules_breaks_nothing() -> None:
    assert not broken(pl.DataFrame([FIRST, SECOND]), two_numbers())


def test_a_breach_is_a_sentence_with_section_row_and_both_clocks() -> None:
    early = SECOND | {"start": "2026-03-02T09:00:30Z"}

    [breach] = broken(pl.DataFrame([FIRST, early]), two_numbers()).breaches

    assert breach == Breach(
        invariant="lines",
        section=6,
        phone="12025550101",
        number=0,
        row=1,
        instant="2026-03-02T09:00:30Z",
        local="2026-03-02 04:00:30 America/New_York",
        expected="at most 1 calls at once",
        found="2",
    )
    assert str(breach) == (
        "Row 1, the call to 12025550101 at 2026-03-02T09:00:30Z (2026-03-02 04:00:30 America/New_York) breaks lines "
        "(rules 6): expected at most 1 calls at once; found 2."
    )


def test_a_number_of_lower_priority_that_is_called_first_breaks_the_order() -> None:
    swapped = [SECOND | {"start": FIRST["start"]}, FIRST | {"start": SECOND["start"]}]

    found = broken(pl.DataFrame(swapped), two_numbers())

    assert [(each.invariant, each.row) for each in found.breaches] == [("order", 0)]


def test_what_a_log_does_not_say_is_not_checked() -> None:
    found = broken(pl.DataFrame([FIRST, SECOND]).drop("seconds"), two_numbers())

    assert not found
    lines = finding(found, "lines")
    assert (lines.checked, lines.not_checked, lines.why) == (0, 2, "how long every call lasted")


def test_calls_after_one_of_an_unknown_outcome_are_not_checked_for_their_spacing() -> None:
    calls = [FIRST | {"outcome": "odd"}, SECOND, FIRST | {"start": "2026-03-02T09:02:30Z"}]

    spacing = finding(broken(pl.DataFrame(calls), two_numbers()), "spacing")

    assert (spacing.count, spacing.checked, spacing.not_checked) == (0, 2, 1)


def test_breaches_beyond_the_most_that_are_worded_are_counted() -> None:
    strangers = [
        SECOND | {"phone": f"1202555{place:04}", "start": f"2026-03-02T10:{place:02}:00Z"} for place in range(30)
    ]

    duplicates = finding(broken(pl.DataFrame([FIRST, SECOND, *strangers]), two_numbers()), "duplicates")

    assert (duplicates.count, len(duplicates.breaches)) == (30, 20)


def test_a_second_life_of_a_phone_that_was_accepted_once_is_a_duplicate() -> None:
    calls = [FIRST | {"attempt": 1}, SECOND | {"attempt": 1}]
    calls.append(FIRST | {"attempt": 1, "start": "2026-03-02T10:00:00Z"})

    found = broken(pl.DataFrame(calls), two_numbers())

    assert [(each.invariant, each.row) for each in found.breaches] == [("duplicates", 2)]


def test_an_ending_that_the_calls_do_not_tell_is_a_lost_number() -> None:
    scenario = two_numbers()
    result = simulate(scenario, calls=True)
    numbers = result.numbers.with_columns(ending=pl.lit("exhausted"))

    found = broken(result.calls, scenario, numbers=numbers)

    assert {each.invariant for each in found.breaches} == {"lost"}
    assert "expected completed at 2026-03-02T09:02:00Z; found exhausted" in str(found.breaches[0])


@pytest.fixture(scope="module")
def run() -> Result:
    return simulate(two_numbers(), calls=True)


@pytest.mark.parametrize("suffix", ["folder", "parquet", "ndjson", "csv"])
def test_a_log_is_read_from_a_folder_or_a_file(run: Result, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.{suffix}"
    text = run.calls.with_columns(pl.col("start").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if suffix == "folder":
        run.write(path)
    elif suffix == "parquet":
        run.calls.write_parquet(path)
    elif suffix == "ndjson":
        text.write_ndjson(path)
    else:
        text.write_csv(path)

    found = broken(path, run.scenario)

    assert not found
    assert finding(found, "order").checked == 2


def test_times_without_a_zone_are_refused() -> None:
    frame = pl.DataFrame([FIRST]).with_columns(
        pl.col("start").str.to_datetime(time_zone="UTC").dt.replace_time_zone(None)
    )

    with pytest.raises(InputError, match="times without a zone"):
        Played(frame, two_numbers())
