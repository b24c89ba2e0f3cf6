"""Sizings in words: what it takes, how sure that is, or what stands in the way."""

from typing import Any

import msgspec
import pytest

from engine.calling.instants import Instant, unix_seconds
from engine.calling.policy import CallPolicy
from engine.calling.spoken import spoken_days, spoken_time
from engine.certainty import Estimate
from engine.report.sizing import sizing_page
from engine.scenario.document import Goal
from engine.whatif.capacity import Lines, Pace
from engine.whatif.hindrances import Hindrance
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought, Unreachable
from engine.wording.sizings import (
    folded_text,
    hindrance_rows,
    met_share_text,
    reached_text,
    setting_rows,
    size_text,
    size_value_text,
    sizing_document,
    sizing_headline,
    spared_text,
    week_text,
)
from tests.report.parsed import parsed
from tests.report.samples import SETTING

GOAL = Goal(reached=0.5, by=Instant(unix_seconds("2026-03-02T06:00:00Z")), confidence=0.9)
NOON = Instant(unix_seconds("2026-03-02T12:00:29Z"))


def sizing(by: Sought, *sizes: Size, **parts: Any) -> Sizing:
    """A search that tried some sizes, of which the second is the answer."""
    points = tuple(SizePoint(size, 9 * place, 20, 0.1, 0.9) for place, size in enumerate(sizes))
    found = Sizing("A few", GOAL, by, sizes[1], points, at_least=sizes[0], surely=sizes[2])
    return msgspec.structs.replace(found, **parts)


LINES = sizing("lines", Lines(9), Lines(11), Lines(1200))


def unreachable(by: Sought = "lines", **parts: Any) -> Sizing:
    hindrances = (
        Hindrance("exhausted", "attempts", 0.3),
        Hindrance("completed_invalid", "attempts", 0.05),
        Hindrance("never_opens", "windows", 0.2),
        Hindrance("reached_late", "time", 0.1),
    )
    why = msgspec.structs.replace(Unreachable(0.35, hindrances, 0.0), **parts)
    return Sizing("A few", GOAL, by, None, (), unreachable=why)


@pytest.mark.parametrize(
    ("found", "answer", "more"),
    [
        (
            LINES,
            "11 lines reach at least 50.0 % of the list by Mon 2026-03-02 06:00 in 9 of 20 replications "
            "(90.0 % wanted).",
            "With other luck it may take from 9 lines to 1,200 lines (95 % confidence).",
        ),
        (
            msgspec.structs.replace(LINES, surely=None, changes={"shifts": [{"lines": 11}]}),
            "11 lines at the busiest hour reach at least 50.0 % of the list by Mon 2026-03-02 06:00 "
            "in 9 of 20 replications (90.0 % wanted).",
            "With other luck it may take 9 lines or more: more replications can say how much.",
        ),
        (
            sizing("callsPerSecond", Pace(0.4), Pace(0.5), Pace(0.5), at_least=Pace(0.5)),
            "0.5 calls a second reach at least 50.0 % of the list by Mon 2026-03-02 06:00 in 9 of 20 replications "
            "(90.0 % wanted).",
            "Other luck would not change that (95 % confidence).",
        ),
        (
            sizing("finish", Instant(NOON - 3600), NOON, Instant(NOON + 3600), surely=None),
            "By Mon 2026-03-02 12:01 the lines that there are reach at least 50.0 % of the list "
            "in 9 of 20 replications (90.0 % wanted).",
            "With other luck it may be Mon 2026-03-02 11:01 or later: more replications can say how much.",
        ),
        (
            sizing("lines", Lines(9), Lines(11), Lines(12), at_least=Lines(11), surely=None),
            "11 lines reach at least 50.0 % of the list by Mon 2026-03-02 06:00 in 9 of 20 replications "
            "(90.0 % wanted).",
            "With other luck it may take more. More replications can say how much.",
        ),
    ],
)
def test_an_answer_is_a_sentence_and_how_sure_it_is_another(found: Sizing, answer: str, more: str) -> None:
    headline = sizing_headline(found, "Z")
    assert (headline.answer, headline.more) == (answer, (more,))


@pytest.mark.parametrize(
    ("found", "answer", "more"),
    [
        (
            unreachable(dead_share=0.12),
            "No number of lines reaches the goal: without a limit 35.0 % are reached by Mon 2026-03-02 06:00, "
            "50.0 % wanted.",
            (
                "It is not the capacity: of the list 35.0 % are called but not reached, 20.0 % are not allowed to be "
                "called in time, 10.0 % are reached too late or are pending at the end.",
                "12.0 % of the list never answer.",
            ),
        ),
        (
            unreachable(other_limit="callsPerSecond"),
            "No number of lines reaches the goal: without a limit 35.0 % are reached by Mon 2026-03-02 06:00, "
            "50.0 % wanted.",
            ("The pace is what limits it: without callsPerSecond there would be enough lines.",),
        ),
        (
            unreachable("callsPerSecond", other_limit="lines"),
            "No pace reaches the goal: without a limit 35.0 % are reached by Mon 2026-03-02 06:00, 50.0 % wanted.",
            ("The lines are what limits it: dialer size SCENARIO finds how many it takes.",),
        ),
        (
            unreachable("finish", hindrances=(Hindrance("pending_callback", "time", 0.65),)),
            "The goal is not reached before the simulation ends often enough: 35.0 % are reached, 50.0 % wanted.",
            ("Not reached: of the list 65.0 % are reached too late or are pending at the end.",),
        ),
    ],
)
def test_what_keeps_the_goal_from_being_reached_is_said(found: Sizing, answer: str, more: tuple[str, ...]) -> None:
    headline = sizing_headline(found, "Z")
    assert (headline.answer, headline.more) == (answer, more)


def test_the_share_of_the_sentence_is_the_first_row_of_the_reasons() -> None:
    rows = hindrance_rows(unreachable())
    assert rows[0] == ("reached in time", 0.35)
    assert sum(share for _, share in rows) == pytest.approx(1)


def test_one_line_is_a_line() -> None:
    assert size_text(Lines(1), "Z") == "1 line"
    assert sizing_headline(sizing("lines", Lines(1), Lines(1), Lines(2)), "Z").answer.startswith(
        "1 line reaches at least 50.0 %"
    )


def test_a_sentence_writes_a_pace_as_its_table_does() -> None:
    for pace in (Pace(0.004), Pace(1.5), Pace(1_000), Pace(1_230_000)):
        assert size_text(pace, "Z") == f"{size_value_text(pace, 'Z')} calls a second"
    assert size_text(Pace(1_230_000), "Z") == "1,230,000 calls a second"


def test_the_document_of_a_sizing_holds_plain_numbers_and_words() -> None:
    document = sizing_document(sizing("finish", Instant(NOON - 9), NOON, Instant(NOON + 9)), "Z")
    assert document["answer"] == 1_772_452_829
    assert [point["value"] for point in document["points"]] == [NOON - 9, NOON, NOON + 9]
    assert all(type(point["value"]) is int for point in document["points"])
    assert type(sizing_document(sizing("callsPerSecond", Pace(1), Pace(2), Pace(3)), "Z")["answer"]) is float
    assert document["sentence"].startswith("By Mon 2026-03-02 12:01 the lines")
    assert (document["confidence"], document["goal"]["reached"]) == (0.9, 0.5)
    [first, *_] = sizing_document(unreachable(), "Z")["unreachable"]["hindrances"]
    assert first == {
        "reason": "exhausted",
        "text": "called, not reached, no attempts left",
        "cause": "attempts",
        "share": 0.3,
    }


def tried(value: int, met: int, replications: int, planned: int = 20) -> SizePoint:
    low, high = (0.5, 1.0) if replications == planned else (None, None)
    return SizePoint(Lines(value), met, replications, low, high, planned, Estimate(0.486, 0.481, 0.4914, replications))


def test_a_size_that_was_stopped_says_so_in_place_of_an_interval() -> None:
    assert met_share_text(tried(3, 6, 12)) == "6 of 12, stopped"
    assert met_share_text(tried(3, 15, 20)) == "15 of 20 (50.0 to 100.0 %)"


def test_the_share_reached_comes_with_its_interval_where_there_is_one() -> None:
    assert reached_text(tried(3, 6, 12).reached) == "48.6 % (48.1 to 49.1 %)"
    assert reached_text(Estimate(0.486, None, None, 1)) == "48.6 %"
    assert reached_text(None) == "-"


def test_what_is_not_shown_is_counted_where_it_lies() -> None:
    found = sizing("lines", *(Lines(value) for value in (1, 2, 3, 4, 5, 90)))
    _, second, third, fourth, fifth, last = found.points
    assert folded_text(found, found.points, "Z") == ""
    assert folded_text(found, (second, third, fourth, fifth, last), "Z") == "1 more was tried, below 2 lines."
    three = "3 more were tried: 1 below 2 lines, 1 between, 1 above 5 lines."
    assert folded_text(found, (second, fourth, fifth), "Z") == three
    dates = sizing("finish", *(Instant(NOON + 3600 * hour) for hour in range(3)))
    assert folded_text(dates, dates.points[1:], "Z") == "1 more was tried, before Mon 2026-03-02 13:01."


def test_the_runs_that_were_spared_are_told_if_any_were() -> None:
    spared = msgspec.structs.replace(LINES, played=588, planned=1_000)
    assert spared_text(spared).startswith("412 of 1,000 runs were spared: a size is stopped once ")
    assert spared_text(msgspec.structs.replace(LINES, played=40, planned=40)) == ""
    assert sizing_document(spared, "Z")["runs"] == {"played": 588, "planned": 1_000, "text": spared_text(spared)}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "at all hours"),
        ({"allowedTime": "9-18"}, "daily 09:00-18:00"),
        ({"allowedDays": "mon-fri", "allowedTime": "9-12, 14-18"}, "mon-fri 09:00-12:00 14:00-18:00"),
        ({"allowedDays": "mon wed"}, "mon all day, wed all day"),
        ({"allowedDays": "sun", "allowedTime": {"mon-sat": "9-18", "sun": "closed"}}, "never"),
        ({"allowedTime": {"mon-fri": "9-18", "sat": "22-2"}}, "mon-fri 09:00-18:00, sat 22:00-02:00"),
    ],
)
def test_the_hours_of_a_week_are_said_with_like_days_together(fields: dict[str, Any], words: str) -> None:
    policy = CallPolicy.from_json(spoken(fields))
    assert week_text(policy.allowed_days, policy.allowed_time) == words


def spoken(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields as people write them, in the form of the Calls API."""
    forms = {"allowedDays": spoken_days, "allowedTime": spoken_time}
    return {name: forms[name](value) for name, value in fields.items()}


def test_what_is_sized_is_said_in_rows_that_the_document_has_too() -> None:
    found = msgspec.structs.replace(LINES, setting=SETTING)
    rows = setting_rows(found, "Z")
    assert rows == [
        ("numbers", "1,000"),
        ("attempts", "1 to 3, by number"),
        (
            "calls allowed",
            "75.0 % mon-tue all day; 20.0 % at all hours; 5.0 % other hours, by the customers' clocks",
        ),
        ("closed dates", "2026-12-25"),
        ("caps", "at most 3 calls in 24 hours"),
        ("lines", "8 at the busiest hour"),
        ("pace", "0.5 calls a second"),
        ("simulated", "Mon 2026-03-02 00:00 to Tue 2026-03-03 00:00 (UTC)"),
    ]
    assert sizing_document(found, "Z")["setting"] == dict(rows)
    assert setting_rows(LINES, "Z") == []


def test_a_point_of_the_document_holds_the_share_reached_and_the_replications_planned() -> None:
    found = msgspec.structs.replace(LINES, points=(tried(9, 6, 12),))
    assert list(sizing_document(found, "Z")["points"]) == [
        {
            "value": 9,
            "met": 6,
            "replications": 12,
            "low": None,
            "high": None,
            "planned": 20,
            "reached": {"mean": 0.486, "low": 0.481, "high": 0.4914, "replications": 12},
        }
    ]


@pytest.mark.parametrize(
    ("by", "share", "answer"),
    [
        (
            "lines",
            0.52,
            "No number of lines reaches the goal often enough: without a limit it is met in 14 of 20 replications "
            "(90.0 % wanted); on average 52.0 % are reached by Mon 2026-03-02 06:00, 50.0 % wanted.",
        ),
        (
            "finish",
            0.49996,
            "The goal is not reached before the simulation ends often enough: it is met in 14 of 20 replications "
            "(90.0 % wanted); on average 50.0 % are reached, 50.0 % wanted.",
        ),
    ],
)
def test_a_goal_that_too_few_replications_meet_is_not_said_to_fail_by_its_mean(
    by: Sought, share: float, answer: str
) -> None:
    found = unreachable(by, reached_share=share, met=14, replications=20)
    assert sizing_headline(found, "Z").answer == answer


def test_shares_that_a_user_wrote_have_all_of_their_digits() -> None:
    found = msgspec.structs.replace(LINES, goal=Goal(reached=0.99996, confidence=0.9995))
    said = sizing_headline(found, "Z").answer
    assert said == "11 lines reach at least 99.996 % of the list in 9 of 20 replications (99.95 % wanted)."


def test_an_answer_that_more_would_spoil_says_so() -> None:
    found = msgspec.structs.replace(LINES, unlimited_share=0.189)
    harm = "More lines may miss the goal: without a limit 18.9 % are reached, for calls come at worse hours."
    assert sizing_headline(found, "Z").more[-1] == harm
    page = parsed(sizing_page(found))
    assert harm in page.text
    assert "The goal is met with 11 lines, and not without a limit" in [each.text for each in page.find("h3")]
