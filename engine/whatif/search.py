"""The search for the smallest capacity, or the earliest date, with which a scenario reaches its goal."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from engine.calling.instants import Instant
from engine.certainty import wilson
from engine.results.notes import run_notes
from engine.scenario.document import Goal
from engine.scenario.scenario import Scenario
from engine.whatif.capacity import By, Capacity, capacity
from engine.whatif.hindrances import dead_share, hindrances
from engine.whatif.replications import Replication
from engine.whatif.setting import setting_of
from engine.whatif.sizing import Sizing, Sought, Unreachable, goal_of, size_point
from engine.whatif.tries import Sizer, Tries, Try, met

OTHER: dict[By, By] = {"lines": "callsPerSecond", "callsPerSecond": "lines"}
NEIGHBOURS = 8
"""The search ends when so many smaller capacities in a row have failed."""


def smallest_capacity(scenario: Scenario, by: By, sizer: Sizer) -> Sizing:
    """The fewest lines, or the slowest pace, with which enough replications reach the goal.

    All capacities share the luck of each seed. The first one that is tried has no limit: it shows
    whether there is an answer at all. Then the search doubles or halves the scenario's own capacity, and bisects. More
    capacity may do harm, where calls end sooner and retries come at worse hours (R. L. Graham 1969 describes such
    anomalies), so some smaller neighbours of the answer are tried, too. Where customers answer more at some hours, it
    may do so much that a small capacity is enough and no limit is not: then each doubling is tried. No replication is
    played that cannot change what is found, but all of those of the answer and of its next smaller neighbour. Raises
    ScenarioError if there is no goal, and what `Players.play` raises.
    """
    goal, ladder, search = goal_of(scenario), capacity(scenario, by), Tries(sizer)
    needed = _needed(goal, sizer.replications)
    limitless = search.add(ladder.with_fields(ladder.unlimited()), "no limit")
    unlimited = limitless.in_full()
    start, top = ladder.start, len(ladder.values) - 1
    most = top if by == "lines" else None  # so many lines limit nothing
    tries: dict[int, Try] = {}

    def tried(index: int) -> Try:
        if index not in tries:
            value = ladder.at(index)
            sized = ladder.with_fields(ladder.fields(value))
            tries[index] = limitless if index == most else search.add(sized, f"{value:g} {by}")
        return tries[index]

    harmful = met(unlimited) < needed
    if harmful:
        doubled = range((top + 1).bit_length() + 1) if _hours_differ(scenario) else ()
        by_doubling = (min(2**power - 1, top) for power in doubled)
        some = next((index for index in by_doubling if tried(index).meets(needed)), None)
        if some is None:
            return _nothing_will_do(scenario, ladder, unlimited, search, needed)
        start = top = some
    elif by == "lines" and scenario.document.campaign.shifts is None:
        # with as many lines as were in use at most, no call waits that did not wait without a limit
        top = min(top, round(max(each.figures["lines.most_in_use"] or 1 for each in unlimited)) - 1)
    answer = first_index(lambda index: tried(index).meets(needed), start, top, NEIGHBOURS)
    if answer is None:  # even the largest value, by rounded shifts or the limit of a million, is less than no limit
        return _nothing_will_do(scenario, ladder, unlimited, search, needed)
    maybe, surely = _fewest_met(goal, sizer.replications, high=True), _fewest_met(goal, sizer.replications, high=False)

    def has(index: int, wanted: int) -> bool:
        # whether it is enough is settled as well, so that no share of few replications says otherwise
        tried(index).meets(needed)
        return tried(index).meets(wanted)

    at_least = first_index(lambda index: has(index, maybe), answer, top)
    enough = None  # if not even all replications that there are would do
    if surely <= sizer.replications:
        enough = first_index(lambda index: has(index, surely), answer, top)
    if answer > 0:
        tried(answer - 1).in_full()
    played = tried(answer).in_full()
    return _found(
        scenario,
        by,
        search,
        answer=ladder.at(answer),
        points=tuple(
            size_point(ladder.at(index), each.met, sizer.replications, each.played)
            for index, each in sorted(tries.items())
            if each.played
        ),
        at_least=None if at_least is None else ladder.at(at_least),
        surely=None if enough is None else ladder.at(enough),
        changes=ladder.fields(ladder.values[answer]),
        hindrances=hindrances(played, "goal.reached_share"),
        unlimited_share=_mean_share(unlimited, "goal.reached_share") if harmful else None,
    )


def _hours_differ(scenario: Scenario) -> bool:
    """Whether more or fewer are answered at some hours, so that more capacity may move calls to worse ones."""
    answering = scenario.document.answering
    return bool(answering.local_hours or answering.weekdays)


def first_index(holds: Callable[[int], bool], start: int, top: int, neighbours: int = 0) -> int | None:
    """The first index from 0 to `top` from which on `holds` is true; None if it is false at `top`.

    From `start` it steps by doubling, then bisects; then smaller indices are tried until `neighbours` in a row fail.
    """
    index = min(start, top)
    below, above = -1, top
    if holds(index):
        above = index
        while above > 0 and holds(index := (above - 1) // 2):
            above = index
        below = index if index < above else below
    else:
        below = index
        while below < top and not holds(index := min(2 * below + 1, top)):
            below = index
        above = index
        if below == top:
            return None
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if holds(middle) else (middle, above)
    lower = above
    while lower > 0 and above - lower < neighbours:
        lower -= 1
        above = lower if holds(lower) else above
    return above


def earliest_date(scenario: Scenario, sizer: Sizer) -> Sizing:
    """The earliest instant before which enough replications reach the goal's share, with the capacity that there is.

    The goal's own `by` does not count. Raises ScenarioError if there is no goal, and what `Players.play` raises.
    """
    goal, search, planned = goal_of(scenario), Tries(sizer), sizer.replications
    needed = _needed(goal, planned)
    played = search.add(scenario, "the capacity that there is").in_full()
    reached_at = (each.figures["goal.reached_at"] for each in played)
    dates = sorted(Instant(instant + 1) for instant in reached_at if instant is not None)
    points = [size_point(date, bisect_right(dates, date), planned) for date in sorted(set(dates))]
    answer = dates[needed - 1] if needed <= len(dates) else None
    reached = "numbers.reached_share"
    why = None
    if answer is None:
        why = Unreachable(
            reached_share=_mean_share(played, reached),
            hindrances=hindrances(played, reached),
            dead_share=dead_share(scenario),
            met=len(dates),
            replications=planned,
        )
    maybe, surely = _fewest_met(goal, planned, high=True), _fewest_met(goal, planned, high=False)
    return _found(
        scenario,
        "finish",
        search,
        answer=answer,
        points=tuple(points),
        at_least=next((point.value for point in points if point.met >= maybe), None),
        surely=next((point.value for point in points if point.met >= surely), None),
        unreachable=why,
    )


def _needed(goal: Goal, replications: int) -> int:
    return math.ceil(Fraction(str(goal.confidence)) * replications)


def _fewest_met(goal: Goal, replications: int, *, high: bool) -> int:
    """How many replications must meet the goal for this end of Wilson's interval to be as high as the confidence.

    Both ends rise with the count. One more than there are replications if even all of them are not enough.
    """
    end = int(high)
    return bisect_left(range(replications + 1), goal.confidence, key=lambda count: wilson(count, replications)[end])


def _mean_share(played: Sequence[Replication], figure: str) -> float:
    return sum(each.figures[figure] or 0.0 for each in played) / len(played)


def _nothing_will_do(
    scenario: Scenario, ladder: Capacity, unlimited: Sequence[Replication], search: Tries, needed: int
) -> Sizing:
    other = OTHER[ladder.by]
    fields = {**ladder.unlimited(), **capacity(scenario, other).unlimited()}
    freed = False
    if other == "lines" or scenario.document.campaign.pace:  # it may be the other one that limits
        free = search.add(ladder.with_fields(fields), "no limit at all")
        freed = free.meets(needed)
        unlimited = unlimited if freed else free.in_full()
    why = Unreachable(
        reached_share=_mean_share(unlimited, "goal.reached_share"),
        hindrances=hindrances(unlimited, "goal.reached_share"),
        dead_share=dead_share(scenario),
        other_limit=other if freed else None,
        met=met(unlimited),
        replications=len(unlimited),
    )
    return _found(scenario, ladder.by, search, answer=None, points=(), unreachable=why)


def _found(scenario: Scenario, by: Sought, search: Tries, **parts: Any) -> Sizing:
    """What a search found, with what every sizing says of its scenario and its runs."""
    return Sizing(
        name=scenario.document.name,
        goal=goal_of(scenario),
        by=by,
        **parts,
        played=search.played,
        planned=search.planned,
        setting=setting_of(scenario),
        warnings=run_notes(scenario),
    )
