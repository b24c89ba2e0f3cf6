"""Sizings in words: what it takes, how sure that is, or what stands in the way."""

from typing import Any

import msgspec
import pytest

from engine.calling.instants import Instant, unix_seconds
from engine.scenario.document import Goal
from engine.whatif.capacity import Lines, Pace
from engine.whatif.hindrances import Hindrance
from engine.whatif.sizing import Size, SizePoint, Sizing, Sought, Unreachable
from engine.wording.sizings import hindrance_rows, size_text, sizing_document, sizing_headline

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
            "11 lines reach 50.0 % of the list by Mon 2026-03-02 06:00 in 9 of 20 replications (90.0 % wanted).",
            "With other luck it may take from 9 lines to 1,200 lines (95 % confidence).",
        ),
        (
            msgspec.structs.replace(LINES, surely=None, changes={"shifts": [{"lines": 11}]}),
            "11 lines at the busiest hour reach 50.0 % of the list by Mon 2026-03-02 06:00 in 9 of 20 replications "
            "(90.0 % wanted).",
            "With other luck it may take 9 lines or more: more replications can say how much.",
        ),
        (
            sizing("callsPerSecond", Pace(0.4), Pace(0.5), Pace(0.5), at_least=Pace(0.5)),
            "0.5 calls a second reach 50.0 % of the list by Mon 2026-03-02 06:00 in 9 of 20 replications "
            "(90.0 % wanted).",
            "Other luck would not change that (95 % confidence).",
        ),
        (
            sizing("finish", Instant(NOON - 3600), NOON, Instant(NOON + 3600), surely=None),
            "By Mon 2026-03-02 12:01 the lines that there are reach 50.0 % of the list in 9 of 20 replications "
            "(90.0 % wanted).",
            "With other luck it may be Mon 2026-03-02 11:01 or later: more replications can say how much.",
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
    why = unreachable().unreachable
    assert why is not None
    rows = hindrance_rows(why)
    assert rows[0] == ("reached in time", 0.35)
    assert sum(share for _, share in rows) == pytest.approx(1)


def test_one_line_is_a_line() -> None:
    assert size_text(Lines(1), "Z") == "1 line"
    assert sizing_headline(sizing("lines", Lines(1), Lines(1), Lines(2)), "Z").answer.startswith(
        "1 line reaches 50.0 %"
    )


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
