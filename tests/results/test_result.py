"""The tables of a result beside the oracle and beside one another."""

import json
import os
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from engine import Result, Scenario, simulate
from engine.progress import Step
from engine.reading.faults import InputError
from engine.results import result as results
from engine.testing.strategies import Fields, crowds, scenarios
from engine.wording.runs import run_document
from tests.campaigns import busy_day
from tests.dice import dice_of
from tests.oracle import Oracle, instant, lines_by_second

QUARTER = 900
slowly = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def play(document: Fields, **how: Any) -> Result:
    return simulate(Scenario.from_document(document), calls=True, **how)


def seconds(column: pl.Series) -> list[int | None]:
    return column.dt.epoch("s").to_list()


@slowly
@given(scenarios() | crowds())
def test_the_timeline_shows_what_the_oracle_saw_at_the_last_second_of_each_quarter_hour(document: Fields) -> None:
    scenario = Scenario.from_document(document)
    seen = Oracle(document, dice_of(scenario)).play()
    timeline = simulate(scenario).timeline
    eligible, waiting = (timeline.select(pl.col(f"^{name}_.$")).rows() for name in ("eligible", "waiting"))
    finish = instant(document["finish"])
    last = [min(quarter + QUARTER, finish) - 1 for quarter in timeline["time"].dt.epoch("s").to_list()]
    assert {at: (list(could), list(wait)) for at, could, wait in zip(last, eligible, waiting, strict=True)} == {
        at: (moment.eligible, moment.waiting) for at, moment in seen.quarters.items()
    }
    assert timeline["lines_in_use_most"].to_list() == list(seen.most_in_use.values())


@slowly
@given(scenarios() | crowds())
def test_the_timeline_averages_the_lines_over_the_seconds_that_were_simulated(document: Fields) -> None:
    start, finish = instant(document["start"]), instant(document["finish"])
    result = play(document)
    lines = lines_by_second(document["campaign"], start, finish)
    calls = list(zip(seconds(result.calls["start"]), result.calls["seconds"].to_list(), strict=True))
    for quarter, average, in_use in result.timeline.select(
        pl.col("time").dt.epoch("s"), "lines", "lines_in_use"
    ).iter_rows():
        since, until = max(quarter, start), min(quarter + QUARTER, finish)
        busy = sum(max(min(begun + lasts, until) - max(begun, since), 0) for begun, lasts in calls if begun is not None)
        assert average == pytest.approx(sum(lines[since - start : until - start]) / (until - since))
        assert in_use == pytest.approx(busy / (until - since))


@slowly
@given(scenarios() | crowds())
def test_each_table_counts_the_same_calls(document: Fields) -> None:
    result = play(document)
    calls, numbers, timeline = result.calls, result.numbers, result.timeline
    assert len(calls) == timeline["calls"].sum() == numbers["attempts"].sum() == result.local_hours["calls"].sum()
    for name in document["outcomes"]:
        count = (calls["outcome"] == name).sum()
        assert count == timeline[f"calls_{name}"].sum() == result.local_hours[f"calls_{name}"].sum()
    begun = calls.group_by(pl.col("start").dt.truncate("15m").alias("time")).len()
    assert dict(timeline.filter(pl.col("calls") > 0).select("time", "calls").rows()) == dict(begun.rows())


@slowly
@given(scenarios() | crowds())
def test_the_numbers_say_what_the_calls_say(document: Fields) -> None:
    result = play(document)
    least = document["campaign"].get("retryIfShorterThanSeconds", 0)
    for number, row in enumerate(result.numbers.iter_rows(named=True)):
        own = result.calls.filter(pl.col("number") == number)
        answered = own.filter((pl.col("outcome") == "answered") & (pl.col("seconds") >= least))
        assert row["attempts"] == len(own)
        assert own["attempt"].to_list() == list(range(1, len(own) + 1))
        assert set(own["phone"]) <= {row["phone"]}
        assert (row["first_call"], row["last_call"]) == (own["start"].min(), own["start"].max())
        assert row["last_outcome"] == (own["outcome"][-1] if len(own) else None)
        assert row["reached_at"] == answered["start"].min()


@slowly
@given(scenarios() | crowds())
def test_numbers_wait_from_the_first_second_at_which_they_could_be_called(document: Fields) -> None:
    scenario = Scenario.from_document(document)
    seen = Oracle(document, dice_of(scenario)).play()
    numbers = simulate(scenario).numbers
    assert seconds(numbers["first_allowed"]) == seen.first_allowed
    called = numbers.filter(pl.col("first_call").is_not_null())
    assert (called["waited"] == (called["first_call"] - called["first_allowed"]).dt.total_seconds()).all()
    assert (called["waited"] >= 0).all()


def by_the_hour(**campaign: Any) -> Fields:
    return {
        "start": "2026-03-02T00:07:00Z",
        "finish": "2026-03-02T03:20:00Z",
        "campaign": {"lines": 2, "retryIntervalInMinutes": 10, "maxAttempts": 3, **campaign},
        "numbers": [
            {"addPhones": [{"phone": "016505550001", "gmtZone": "+05:30"}, {"phone": "16505550002"}]},
        ],
        "outcomes": {"busy": {"share": 1, "seconds": 600, "retry": True}},
    }


def test_local_hours_are_those_of_the_customers() -> None:
    hours = play(by_the_hour()).local_hours
    assert hours.select(pl.col("hour").dt.to_string("%a %H"), "calls").rows() == [
        ("Mon 00", 3),
        ("Mon 05", 2),
        ("Mon 06", 1),
    ]


def test_phones_keep_their_leading_zeros_and_zones_their_names() -> None:
    numbers = play(by_the_hour()).numbers
    assert numbers.select("phone", "zone", "priority").rows() == [
        ("016505550001", "+05:30", 5),
        ("16505550002", "Z", 5),
    ]


def test_the_timeline_has_each_quarter_hour_that_was_simulated_once() -> None:
    times = seconds(play(by_the_hour()).timeline["time"])
    assert (times[0], times[-1], len(times)) == (instant("2026-03-02T00:00:00Z"), instant("2026-03-02T03:15:00Z"), 14)
    assert all(after == before + QUARTER for before, after in pairwise(each or 0 for each in times))


def test_calls_that_were_not_kept_are_no_table() -> None:
    result = simulate(Scenario.from_document(by_the_hour()))
    with pytest.raises(ValueError, match="calls=True"):
        _ = result.calls


def test_an_engine_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no engine is named 'fast'"):
        play(by_the_hour(), engine="fast")


def test_progress_is_told_at_the_end_of_each_day() -> None:
    steps: list[Step] = []
    document = {**by_the_hour(), "finish": "2026-03-03T12:00:00Z"}
    result = play(document, progress=steps.append)
    assert [(step.done, step.of, step.unit) for step in steps] == [(1, 2, "days"), (2, 2, "days")]
    assert steps[-1].what == f"playing, {len(result.calls)} calls"


# Files


@settings(slowly, max_examples=20)
@given(scenarios() | crowds())
def test_tables_that_are_written_in_blocks_are_the_tables(document: Fields) -> None:
    result = play(document)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(results, "BLOCK_ROWS", 3)
        result.write(folder)
        for name, table in (("numbers", result.numbers), ("calls", result.calls), ("timeline", result.timeline)):
            assert_frame_equal(pl.read_parquet(f"{folder}/{name}.parquet"), table)


def test_a_list_longer_than_a_block_is_written_whole(tmp_path: Path) -> None:
    document = {**by_the_hour(), "numbers": [{"generate": {"count": results.BLOCK_ROWS + 1}}]}
    simulate(Scenario.from_document(document)).write(tmp_path / "run")
    assert pl.scan_parquet(tmp_path / "run/numbers.parquet").select(pl.len()).collect().item() == 262_145


def test_calls_that_never_were_are_an_empty_table(tmp_path: Path) -> None:
    play(by_the_hour(allowedTime={})).write(tmp_path / "run")
    calls = pl.read_parquet(tmp_path / "run/calls.parquet")
    assert calls.is_empty()
    assert calls.columns == ["phone", "number", "attempt", "start", "seconds", "outcome", "redial"]


def test_results_are_the_tables_the_summary_the_lock_and_the_page(tmp_path: Path) -> None:
    result = simulate(Scenario.from_document(by_the_hour()))
    result.write(tmp_path / "run")
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == [
        "numbers.parquet",
        "report.html",
        "scenario.lock.yaml",
        "summary.json",
        "summary.xlsx",
        "timeline.parquet",
    ]
    summary = (tmp_path / "run/summary.json").read_text(encoding="utf-8")
    assert json.loads(summary) == run_document(result)
    assert summary.endswith("\n}\n")
    assert simulate(Scenario.load(tmp_path / "run/scenario.lock.yaml")).digest == result.digest


def test_results_that_are_there_are_replaced_only_by_force(tmp_path: Path) -> None:
    first, second = play(by_the_hour()), simulate(Scenario.from_document(by_the_hour(lines=1)))
    first.write(tmp_path / "run")
    with pytest.raises(InputError, match="results of an earlier run"):
        second.write(tmp_path / "run")
    second.write(tmp_path / "run", force=True)
    assert json.loads((tmp_path / "run/summary.json").read_text())["digest"] == second.figures.digest
    assert not (tmp_path / "run/calls.parquet").exists()


def test_results_are_written_into_a_folder_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")

    simulate(Scenario.from_document(busy_day()), calls=True).write(folder)

    assert {"numbers.parquet", "timeline.parquet", "calls.parquet"} < {each.name for each in folder.iterdir()}


def test_each_number_that_is_left_out_is_one_line_in_which_nothing_is_hidden(tmp_path: Path) -> None:
    given = {"phone": "x\u202e\u009b\u2028", "payload": {"a": "é"}}
    (tmp_path / "list.json").write_text(json.dumps([given, {"phone": "16505550100"}], indent=2, ensure_ascii=False))
    part = {"file": str(tmp_path / "list.json"), "skipFaulty": True}

    simulate(Scenario.from_document(busy_day(numbers=[part]))).write(tmp_path / "run")

    text = (tmp_path / "run/faulty.ndjson").read_text()
    [line] = text.split("\n")[:-1]
    assert line.isprintable()
    assert json.loads(line)["number"] == given
