"""On what the list's time went, in words that the counts support."""

import pytest

from engine import Result, Scenario, simulate
from engine.wording.runs import waits_counts
from engine.wording.waits import waits_sentences
from tests.campaigns import busy_day


def played(**parts: object) -> Result:
    return simulate(Scenario.from_document(busy_day(**parts)), waiting=True)


def test_a_run_without_counts_says_nothing_of_them() -> None:
    result = simulate(Scenario.from_document(busy_day()))

    assert waits_sentences(result) == ()
    assert waits_counts(result).rows == ()
    with pytest.raises(ValueError, match="waiting=True"):
        _ = result.waiting


def test_shares_are_of_the_time_between_additions_and_ends() -> None:
    result = played()
    counts = waits_counts(result)
    on_the_list = result.waiting.filter(~result.waiting["reason"].is_in(["not_added", "ended"]))

    assert sum(row.share for row in counts.rows) == pytest.approx(1)
    assert sum(row.counted for row in counts.rows) == pytest.approx(on_the_list["number_seconds"].sum() / 3600, abs=4)


def test_lines_are_never_the_limit_where_nobody_waits_for_one() -> None:
    assert waits_sentences(played(campaign={"lines": 300, "callsPerSecond": None}))[1].startswith("Lines were never")


def test_the_hours_in_which_lines_were_the_limit_are_named() -> None:
    *_, limit = waits_sentences(played())

    assert limit.startswith("Numbers waited for a line in ")
    assert "of 96 quarter-hours with lines, all of them on Mondays from 00:00 to 0" in limit


def test_days_are_those_of_the_campaigns_clock() -> None:
    days = played(campaign={"gmtZone": "America/New_York"}).waiting["day"].unique().sort().to_list()

    assert [str(day) for day in days] == ["2026-03-01", "2026-03-02"]
