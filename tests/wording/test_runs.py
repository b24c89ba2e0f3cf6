"""Runs in words: the shares of the headline are rows of the tables below it."""

import pytest

from engine import Result
from engine.report.run import run_page
from engine.terminal.run import run_report
from engine.wording.figures import AFTER_SHIFTS
from engine.wording.runs import (
    line_figures,
    lines_remark,
    list_counts,
    not_reached_counts,
    outcome_counts,
    run_headline,
    zone_counts,
)
from engine.words import percent, percent_as_written
from tests.report.parsed import parsed
from tests.report.samples import few, played, result_of, result_of_few
from tests.wording.shown import shown


def too_late() -> Result:
    """A run in which not all of the reached are reached in time."""
    return played(few(goal={"reached": 0.5, "by": "2026-03-02T16:00:00Z"}))


def test_a_headline_says_who_was_reached_and_whether_the_goal_was_met() -> None:
    result = result_of_few()
    figures = result.figures
    headline = run_headline(result)
    assert headline.answer.startswith("Goal met: ")
    assert headline.more[0].startswith(f"{percent(figures.numbers.reached_share)} were reached (")
    assert headline.more[1].startswith("The list was done on ")
    assert headline.about[1] == "numbers 600, seed 0"


def test_a_headline_says_what_a_campaign_keeps_to() -> None:
    document = few()
    document["campaign"] |= {
        "rules": ["us-fl"],
        "closedDates": [{"holidays": "US"}],
        "caps": [{"atMost": 1, "days": 1}],
    }
    headline = run_headline(played(document))
    assert headline.about[2] == "rule sets: us-fl; closed dates: holidays of US; caps: at most 1 call in 1 day"


def test_a_headline_says_when_nobody_was_reached_and_the_list_was_not_done() -> None:
    headline = run_headline(result_of("no calls"))
    assert headline.answer.startswith("Goal missed: 0.0 % reached by ")
    assert headline.more[0] == "Nobody was reached."
    assert headline.more[1] == "The list was not done: 600 of the numbers are pending."


@pytest.mark.parametrize("case", ["few", "too late"])
def test_terminal_and_page_say_the_same(case: str) -> None:
    result = too_late() if case == "too late" else result_of_few()
    figures, headline = result.figures, run_headline(result)
    assert figures.goal is not None
    rows = {row.words: row for row in list_counts(figures).rows}
    assert rows["reached"].counted == figures.numbers.reached
    assert percent(rows["reached"].share) in headline.more[0]
    assert ("reached in time" in rows) == (case == "too late")
    assert percent(rows.get("reached in time", rows["reached"]).share) in headline.answer

    terminal, page = shown(run_report(result)), parsed(run_page(result))
    cells = {tuple(cell.text for cell in (*row.find("th"), *row.find("td"))) for row in page.find("tr")}
    for counts in (list_counts(figures), not_reached_counts(figures), outcome_counts(figures)):
        assert counts.caption in terminal
        for row in counts.rows:
            assert f"{row.words} {row.counted:,} {percent(row.share)}" in terminal
            assert (row.words, f"{row.counted:,}", percent(row.share)) in cells
    assert headline.answer in terminal


def test_those_who_end_and_those_who_are_not_reached_add_up_to_the_list() -> None:
    figures = too_late().figures
    reached, in_time, *endings = list_counts(figures).rows
    assert sum(row.counted for row in endings) == figures.numbers.total
    assert in_time.counted < reached.counted
    left = sum(row.counted for row in not_reached_counts(figures).rows)
    assert reached.counted + left == figures.numbers.total


def test_zones_are_counted_where_the_phones_tell_them() -> None:
    assert zone_counts(result_of_few().figures).rows == ()
    asked = zone_counts(result_of("zones by phones").figures).rows
    assert sum(row.counted for row in asked) == 600


def after_the_shift() -> Result:
    """A run in which most calls end after the only shift has."""
    shift = {"from": "10:00", "to": "10:15", "lines": 4}
    campaign = {"gmtZone": "America/New_York", "shifts": [shift]}
    return played(few(campaign=campaign, outcomes={"answered": {"share": 1, "seconds": 840}}))


def test_lines_in_use_after_a_shift_are_explained_where_a_share_may_be_above_100_percent() -> None:
    over, under = after_the_shift(), result_of_few()
    assert (over.figures.lines.occupancy_while_calling or 0) > 1
    assert lines_remark(over.figures) == AFTER_SHIFTS
    assert AFTER_SHIFTS in shown(run_report(over))
    assert [each.text for each in parsed(run_page(over)).find("p")].count(AFTER_SHIFTS) == 2
    assert lines_remark(under.figures) == ""
    assert AFTER_SHIFTS not in run_page(under)


def test_the_page_calls_the_occupancy_while_calling_by_its_title_and_value() -> None:
    result = result_of_few()
    value = dict(line_figures(result))["occupancy while calling"]
    text = " ".join(" ".join(parsed(run_page(result)).find("body")[0].texts).split())
    assert f"Occupancy while calling {value} of the lines" in text
    assert f"While calls were made, {value} of the lines were in use" in text


def test_a_goal_that_is_missed_by_less_than_the_shares_show_says_by_how_many_numbers() -> None:
    result = played(
        few(
            campaign={"lines": 1_000, "callsPerSecond": 1},
            numbers=[{"generate": {"count": 10_000}}],
            outcomes={"answered": {"share": 1, "seconds": 1}},
            goal={"reached": 0.6, "by": "2026-03-02T01:39:59Z"},
        )
    )
    assert result.figures.goal is not None
    assert result.figures.goal.reached_share == 0.5999
    said = run_headline(result).answer
    assert said == "Goal missed by 1 number: 60.0 % reached by Mon 2026-03-02 01:39:59, 60.0 % wanted."
    assert "missed by 1 number" in parsed(run_page(result)).text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.6, "60.0 %"), (1, "100.0 %"), (0.6175, "61.75 %"), (1e-9, "0.0000001 %"), (0.99996, "99.996 %")],
)
def test_a_share_that_a_user_wrote_has_all_of_its_digits(share: float, text: str) -> None:
    assert percent_as_written(share) == text
