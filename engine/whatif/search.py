"""The search for the smallest capacity, or the earliest date, with which a scenario reaches its goal."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec

from engine.calling.instants import Instant
from engine.progress import Progress, Step, unseen
from engine.results.notes import run_notes
from engine.scenario.document import Goal
from engine.scenario.scenario import Scenario
from engine.whatif.capacity import By, Capacity, capacity
from engine.whatif.hindrances import dead_share, hindrances
from engine.whatif.replications import Replication, Runs, seeds_of
from engine.whatif.sizing import SizePoint, Sizing, Unreachable, goal_of, size_point
from engine.whatif.workers import Workers, play_replications

OTHER: dict[By, By] = {"lines": "callsPerSecond", "callsPerSecond": "lines"}
NEIGHBOURS = 8
"""The search ends when so many smaller capacities in a row have failed."""
TRIES = 20
"""About so many capacities are tried."""


class Sizer(NamedTuple):
    """How capacities are tried: the replications of each, where they are played and where they are kept."""

    replications: int
    runs: Runs
    workers: Workers = Workers()
    progress: Progress = unseen

    def play(self, scenario: Scenario, label: str, tries: int = TRIES) -> list[Replication]:
        """The replications of a scenario, one of so many `tries`. Raises what `play_replications` raises."""

        def report(step: Step) -> None:
            self.progress(msgspec.structs.replace(step, what=label))

        seeds = seeds_of(scenario, self.replications)
        [played] = play_replications([scenario], seeds, self.runs, self.workers, report, tries)
        return played


def smallest_capacity(scenario: Scenario, by: By, sizer: Sizer) -> Sizing:
    """The fewest lines, or the slowest pace, with which enough replications reach the goal.

    All capacities share the luck of each seed. The first one that is tried has no limit: it shows
    whether there is an answer at all. Then the search doubles or halves the scenario's own capacity, and bisects. More
    capacity may do harm, where calls end sooner and retries come at worse hours (R. L. Graham 1969 describes such
    anomalies), so some smaller neighbours of the answer are tried, too. Raises ScenarioError if there is no goal,
    and what `play_replications` raises.
    """
    goal, ladder = goal_of(scenario), capacity(scenario, by)
    needed = _needed(goal, sizer)
    unlimited = sizer.play(ladder.with_fields(ladder.unlimited()), "no limit")
    if _met(unlimited) < needed:
        return _nothing_will_do(scenario, ladder, unlimited, sizer)
    points: dict[int, SizePoint] = {}

    def tried(index: int) -> SizePoint:
        if index not in points:
            value = ladder.at(index)
            played = sizer.play(ladder.with_fields(ladder.fields(value)), f"{value:g} {by}")
            points[index] = size_point(value, _met(played), len(played))
        return points[index]

    top = len(ladder.values) - 1
    if by == "lines" and scenario.document.campaign.shifts is None:
        # with as many lines as were in use at most, no call waits that did not wait without a limit
        top = min(top, round(max(each.figures["lines.most_in_use"] or 1 for each in unlimited)) - 1)
    answer = first_index(lambda index: tried(index).met >= needed, ladder.start, top, NEIGHBOURS)
    if answer is None:  # even the largest value, by rounded shifts or the limit of a million, is less than no limit
        return _nothing_will_do(scenario, ladder, unlimited, sizer)
    at_least = first_index(lambda index: tried(index).high >= goal.confidence, answer, top)
    surely = first_index(lambda index: tried(index).low >= goal.confidence, answer, top)
    return Sizing(
        name=scenario.document.name,
        goal=goal,
        by=by,
        answer=ladder.at(answer),
        points=tuple(points[index] for index in sorted(points)),
        at_least=None if at_least is None else ladder.at(at_least),
        surely=None if surely is None else ladder.at(surely),
        changes=ladder.fields(ladder.values[answer]),
        warnings=run_notes(scenario),
    )


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

    The goal's own `by` does not count. Raises ScenarioError if there is no goal, and what `play_replications` raises.
    """
    goal = goal_of(scenario)
    needed = _needed(goal, sizer)
    played = sizer.play(scenario, "the capacity that there is", tries=1)
    reached_at = (each.figures["goal.reached_at"] for each in played)
    dates = sorted(Instant(instant + 1) for instant in reached_at if instant is not None)
    points = [size_point(date, sum(each <= date for each in dates), len(played)) for date in sorted(set(dates))]
    answer = dates[needed - 1] if needed <= len(dates) else None
    why = None
    if answer is None:
        reached = "numbers.reached_share"
        why = Unreachable(_mean_share(played, reached), hindrances(played, reached), dead_share(scenario))
    return Sizing(
        name=scenario.document.name,
        goal=goal,
        by="finish",
        answer=answer,
        points=tuple(points),
        at_least=next((point.value for point in points if point.high >= goal.confidence), None),
        surely=next((point.value for point in points if point.low >= goal.confidence), None),
        unreachable=why,
        warnings=run_notes(scenario),
    )


def _needed(goal: Goal, sizer: Sizer) -> int:
    return math.ceil(Fraction(str(goal.confidence)) * sizer.replications)


def _met(played: Sequence[Replication]) -> int:
    return sum(each.figures["goal.met"] == 1 for each in played)


def _mean_share(played: Sequence[Replication], figure: str) -> float:
    return sum(each.figures[figure] or 0.0 for each in played) / len(played)


def _nothing_will_do(scenario: Scenario, ladder: Capacity, unlimited: Sequence[Replication], sizer: Sizer) -> Sizing:
    goal, other = goal_of(scenario), OTHER[ladder.by]
    fields = {**ladder.unlimited(), **capacity(scenario, other).unlimited()}
    limited = other == "lines" or scenario.document.campaign.pace
    freed = limited and _met(sizer.play(ladder.with_fields(fields), "no limit at all")) >= _needed(goal, sizer)
    why = Unreachable(
        reached_share=_mean_share(unlimited, "goal.reached_share"),
        hindrances=hindrances(unlimited, "goal.reached_share"),
        dead_share=dead_share(scenario),
        other_limit=other if freed else None,
    )
    return Sizing(scenario.document.name, goal, ladder.by, None, (), unreachable=why, warnings=run_notes(scenario))
