"""`engine.testing.invariants`: what a call log breaks of the rules."""

from datetime import date, datetime, timedelta, timezone
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


def test_the_row_of_the_list_is_found_by_phone_where_the_log_leaves_it_out() -> None:
    calls = [FIRST | {"number": None}, SECOND | {"number": 0}, SECOND | {"number": 1, "start": "2026-03-02T10:00:00Z"}]

    found = finding(broken(pl.DataFrame(calls), two_numbers()), "duplicates")

    assert [(each.row, each.found.split()[-3:]) for each in found.breaches] == [(2, ["of", "another", "phone"])]


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


def test_a_lazy_frame_is_a_log_as_the_frame_is(run: Result) -> None:
    found = broken(run.calls.lazy(), run.scenario, numbers=run.numbers.lazy())

    assert not found
    assert (finding(found, "order").checked, finding(found, "lost").checked) == (2, 2)


@pytest.mark.parametrize("log", [[FIRST], FIRST, None, 7], ids=lambda log: type(log).__name__)
def test_what_is_no_log_is_refused_with_what_to_give_instead(log: Any) -> None:
    with pytest.raises(
        InputError, match=r"log: found a \w+; allowed: a polars frame, such as polars.DataFrame\(rows\)"
    ):
        Played(log, two_numbers())


def test_endings_in_a_list_are_refused() -> None:
    with pytest.raises(InputError, match="numbers: found a list; allowed: a polars frame"):
        Played(pl.DataFrame([FIRST]), two_numbers(), numbers=[{"ending": "completed"}])  # type: ignore[arg-type]


def test_times_without_a_zone_are_refused() -> None:
    frame = pl.DataFrame([FIRST]).with_columns(
        pl.col("start").str.to_datetime(time_zone="UTC").dt.replace_time_zone(None)
    )

    for naive in (frame, pl.DataFrame([FIRST | {"start": "2026-03-02T09:00:00"}])):
        with pytest.raises(InputError, match=r"start: found .*an instant with an offset"):
            Played(naive, two_numbers())


@pytest.mark.parametrize(
    "start", [float("nan"), 1e30, 1772442000000, -5, None, "yesterday", date(2026, 3, 2), "2026-03-02"], ids=str
)
def test_what_is_no_start_is_refused_with_its_row(start: object) -> None:
    frame = pl.DataFrame({"phone": [FIRST["phone"]], "start": [start]})

    with pytest.raises(InputError, match=r"start: found .* in row 0; allowed: an instant"):
        Played(frame, two_numbers())


@pytest.mark.parametrize("phone", ["abc", "", None, 1, float("nan")], ids=str)
def test_what_is_no_phone_is_refused_with_its_row(phone: object) -> None:
    frame = pl.DataFrame({"phone": pl.Series([12025550101, phone], strict=False), "start": [1772442000] * 2})

    with pytest.raises(InputError, match=r"phone: found .* in row 1; allowed: a phone"):
        Played(frame, two_numbers())


def test_a_column_that_is_missing_is_named_with_those_that_are_there() -> None:
    with pytest.raises(InputError, match=r"start: found no such column; allowed: .*this one has phone"):
        Played(pl.DataFrame({"phone": [12025550101]}), two_numbers())


@pytest.mark.parametrize(
    "spelled",
    [
        {"phone": 12025550102.0},
        {"phone": "+1 (202) 555-0102"},
        {"start": 1772442000},
        {"start": 1772442000.5},
        {"start": datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=1)))},
        {"start": "Mon, 02 Mar 2026 04:00:00 -0500"},
        {"seconds": timedelta(seconds=60)},
        {"seconds": 60.4},
    ],
    ids=str,
)
def test_a_call_may_be_spelled_in_many_ways(spelled: ROW) -> None:
    calls = Played(pl.DataFrame([FIRST | spelled]), two_numbers()).calls

    assert (calls.number[0], calls.start[0], calls.seconds[0]) == (1, 1772442000, 60)


def test_phones_that_are_written_otherwise_do_not_change_those_beside_them() -> None:
    calls = Played(pl.DataFrame([FIRST, SECOND | {"phone": "+1 202 555 0101"}, FIRST]), two_numbers()).calls

    assert calls.code.tolist() == [112025550102, 112025550102, 112025550101]
    assert calls.number.tolist() == [1, 1, 0]


def test_calls_of_a_table_of_other_numbers_are_refused() -> None:
    run = simulate(two_numbers(), calls=True)

    for numbers in (run.numbers.head(1), run.numbers.drop("ending"), run.numbers.with_columns(ended_at=pl.lit("x"))):
        with pytest.raises(InputError, match="for each of the 2 numbers of the list"):
            broken(run.calls, two_numbers(), numbers=numbers)


def redialled(seed: int) -> Scenario:
    """Some numbers whose calls bring redials by luck."""
    answered = {"share": 0.5, "seconds": 60, "redials": [{"share": 0.5, "startAfterMinutes": 5}]}
    return Scenario.from_document(
        {
            "start": "2026-03-02T09:00:00Z",
            "finish": "2026-03-02T15:00:00Z",
            "seed": seed,
            "campaign": {"lines": 2, "maxAttempts": 2},
            "numbers": [{"generate": {"count": 40}}],
            "outcomes": {"answered": answered, "busy": {"share": 0.5, "seconds": 30, "retry": True}},
        }
    )


def test_a_run_has_the_luck_of_its_own_seed_and_a_log_has_none(tmp_path: Path) -> None:
    run = simulate(redialled(1), calls=True)
    run.write(tmp_path / "run")

    for log in (run, tmp_path / "run", run.calls):
        assert not broken(log, redialled(2))
    assert finding(broken(run, redialled(2)), "spacing").not_checked == 0
    assert broken(run.calls, redialled(2), same_luck=True)


def test_a_call_behind_one_without_retry_is_of_the_redial_that_it_brought() -> None:
    spacing = finding(broken(simulate(redialled(1), calls=True).calls, redialled(1)), "spacing")

    assert spacing.not_checked == 0


def test_a_scenario_may_be_a_file() -> None:
    scenario = Path(__file__).parents[2] / "scenarios/api_example.yaml"

    assert not broken(simulate(Scenario.load(scenario), calls=True), scenario)
