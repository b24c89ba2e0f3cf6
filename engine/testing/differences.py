"""The first difference between a scheduler and the reference engine, in words."""

from pprint import pformat

from engine.calling.instants import utc_text
from engine.explaining.lives import Lived, lives_of
from engine.testing.protocol import Fields
from engine.testing.reference_calls import ReferenceRun
from engine.wording.reasons import wait_text

_SECTIONS = {
    "not_added": "rules 6, the order within one instant",
    "before_start": "rules 5 and 6: due at its start",
    "retry_interval": "rules 6: due after the retry interval, counted from the call's end",
    "held_by_cap": "rules 6, caps",
    "closed_date": "rules 3, closed dates",
    "day_not_allowed": "rules 3",
    "outside_hours": "rules 3",
    "no_lines": "rules 6, lines and shifts",
    "line": "rules 5, who comes first, and 6, lines",
    "pace": "rules 6, pacing",
    "in_call": "rules 6: a number is in one call at a time",
    "ended": "rules 6, the end of a number",
}


def told(
    run: ReferenceRun, document: Fields, now: int, wanted: list[int], answered: list[int] | None, wish: int | None
) -> str:
    """What differs at a second, and why the reference engine did what it did.

    `wanted` and `answered` are the ids of additions; nothing is `answered` by a scheduler that was not asked, because
    it had last asked for the second `wish`, or for none.
    """
    lines = [f"the scheduler leaves the rules at {utc_text(now)} ({now})", ""]
    if answered is None:
        asked = "it waited for something to happen" if wish is None else f"it asked for {utc_text(wish)} next"
        lines.append(f"The scheduler was not asked in this second: {asked}.")
    theirs = _named(run, answered or [])
    lines.append(f"The reference engine calls {_named(run, wanted)}; the scheduler calls {theirs}.")
    for number in [each for each in wanted if each not in (answered or [])]:
        before = _stretch(run, number, now - 1)
        waited = f"until then it was {_words(before)}" if before is not None else "it is the first second"
        why = _SECTIONS[before.reason] if before is not None else "rules 5"
        lines.append(f"- number {number} is called, for {waited}, and now nothing holds it back ({why}).")
    for number in [each for each in answered or [] if each not in wanted]:
        during = _stretch(run, number, now)
        if during is None:
            lines.append(f"- number {number} is not called, for it is an ignored duplicate (rules 4).")
        else:
            lines.append(f"- number {number} is not called, for it is {_words(during)} ({_SECTIONS[during.reason]}).")
    return "\n".join([*lines, "", "scenario = " + pformat(document, width=110, sort_dicts=False)])


def _words(stretch: Lived) -> str:
    since = f"since {utc_text(stretch.start)}"
    return f"{wait_text(stretch.reason)}, {since}, with priority {stretch.priority}"


def _named(run: ReferenceRun, numbers: list[int]) -> str:
    phones = [f"number {number} (+{run.additions[number][1]['phone']})" for number in numbers]
    return " and ".join(phones) if phones else "nobody"


def _stretch(run: ReferenceRun, number: int, at: int) -> Lived | None:
    """What a number does at a second by the reference engine; None before the start, and of ignored duplicates."""
    if number not in run.rows or at < run.start:
        return None
    lives = lives_of(run.scenario, run.additions[number][1]["phone"]).lives
    life = next(each for each in lives if each.row == run.rows[number])
    return next(each for each in life.stretches if each.start <= at < each.end)
