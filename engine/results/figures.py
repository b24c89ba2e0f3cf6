"""The figures of a summary: the name, title, kind and unit of each."""

from functools import cache
from math import inf
from typing import Literal, NamedTuple

from engine.dialing.record import ENDINGS, PRIORITIES
from engine.results.reasons import REASONS

Kind = Literal["counted", "measured", "share", "instant", "span", "yes-or-no"]
"""A count; a measured amount; a share from 0 to 1; Unix seconds; a length of time in seconds; 1 or 0."""


class Figure(NamedTuple):
    """A figure of the summary, or a family of them."""

    pattern: str
    """Its dotted name. In a family, braces stand for that in which the members differ: an outcome, a priority."""
    title: str
    """Its title, on the terminal, in the page and in the documentation."""
    kind: Kind
    unit: str
    """What is counted or measured; for a share, the whole of which it is a share."""

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the braces of the pattern, in them and after them; the last two are empty without any."""
        before, _, rest = self.pattern.partition("{")
        family, _, after = rest.partition("}")
        return before, family, after

    @property
    def family(self) -> str:
        """That in which the members of a family differ; empty for a single figure."""
        return self.parts[1]

    def member(self, name: str) -> str | None:
        """The part of a dotted name that the braces of the pattern stand for; None if it is not of this family."""
        before, family, after = self.parts
        inside = name[len(before) : len(name) - len(after)]
        return inside if family and name == before + inside + after else None

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that it can be."""
        if self.kind == "instant":
            return -inf, inf
        # calls that go on after a shift use lines that are no longer available (rules 6)
        is_part = self.kind == "share" and not self.pattern.startswith("lines.")
        return 0.0, 1.0 if is_part or self.kind == "yes-or-no" else inf

    @property
    def is_zero_where_absent(self) -> bool:
        """Whether a run without the figure counts as 0, and not as a run in which it was not measured (rules 8).

        A run counts no calls of an outcome that its scenario does not have, and their share of all calls is 0.
        """
        return self.kind == "counted" or (self.kind == "share" and bool(self.family))


FIGURES = (
    Figure("numbers.total", "numbers on the list", "counted", "numbers"),
    Figure("numbers.reached", "numbers reached", "counted", "numbers"),
    Figure("numbers.reached_share", "share of the list reached in the end", "share", "the list"),
    Figure("numbers.ending.{ending}", "numbers: {ending}", "counted", "numbers"),
    Figure("numbers.ending_share.{ending}", "share of the list: {ending}", "share", "the list"),
    Figure("numbers.not_reached.{reason}", "not reached: {reason}", "counted", "numbers"),
    Figure("numbers.held_back", "numbers held back by caps", "counted", "numbers"),
    Figure("numbers.duplicates_ignored", "duplicates ignored", "counted", "numbers"),
    Figure("calls.total", "calls", "counted", "calls"),
    Figure("calls.per_number", "calls a number", "measured", "calls"),
    Figure("calls.outcome.{outcome}", "calls: {outcome}", "counted", "calls"),
    Figure("calls.outcome_share.{outcome}", "share of the calls: {outcome}", "share", "the calls"),
    Figure("calls.most_attempts", "most calls to one number", "counted", "calls"),
    Figure("lines.hours_available", "hours of lines available", "measured", "hours"),
    Figure("lines.hours_in_use", "hours of lines in use", "measured", "hours"),
    Figure("lines.occupancy", "occupancy", "share", "the hours of lines available"),
    Figure(
        "lines.occupancy_while_calling",
        "occupancy while calling",
        "share",
        "the hours of lines available while calling",
    ),
    Figure("lines.most_in_use", "most lines in use at once", "counted", "lines"),
    Figure("waiting.{priority}.numbers", "priority {priority}: numbers called", "counted", "numbers"),
    Figure("waiting.{priority}.mean", "priority {priority}: mean wait for the first call", "span", "seconds"),
    Figure("waiting.{priority}.median", "priority {priority}: median wait for the first call", "span", "seconds"),
    Figure("waiting.{priority}.p90", "priority {priority}: 90 % get their first call within", "span", "seconds"),
    Figure("waiting.{priority}.p99", "priority {priority}: 99 % get their first call within", "span", "seconds"),
    Figure("done_at", "list done at", "instant", "Unix seconds"),
    Figure("first_call_at", "first call at", "instant", "Unix seconds"),
    Figure("last_call_at", "last call at", "instant", "Unix seconds"),
    Figure("last_reached_at", "last number reached at", "instant", "Unix seconds"),
    Figure("goal.reached_share", "share of the list reached in time", "share", "the list"),
    Figure("goal.met", "goal met", "yes-or-no", "1 or 0"),
    Figure("goal.reached_at", "share of the goal reached at", "instant", "Unix seconds"),
    Figure("zones.in_one_zone", "numbers whose phones are in one zone", "counted", "numbers"),
    Figure("zones.in_several_zones", "numbers whose phones may be in several zones", "counted", "numbers"),
    Figure("zones.not_placed", "numbers whose phones have no known zone", "counted", "numbers"),
    Figure("zones.not_placed_plans.{plan}", "numbers that the plan {plan} does not place", "counted", "numbers"),
    Figure("zones.numbers.{zone}", "numbers in {zone}", "counted", "numbers"),
    Figure("waits.{wait}", "time on the list: {wait}", "share", "the time that numbers are on the list"),
)
"""Every figure that a summary may hold, in its order."""

TEXTS = ("digest", "zones.not_placed_zone")
"""The fields of a summary that are not figures."""

MAIN_FIGURES = (
    "goal.met",
    "numbers.reached_share",
    "done_at",
    "lines.occupancy_while_calling",
    "calls.total",
)
"""The figures that are shown first."""

_ALONE = {figure.pattern: figure for figure in FIGURES if not figure.family}
_FAMILIES = tuple(figure for figure in FIGURES if figure.family)
_GROUPS = {figure.pattern.partition(".")[0] for figure in FIGURES if "." in figure.pattern}


@cache
def figure_named(name: str) -> Figure:
    """The figure, or its family, of a dotted name; LookupError if no summary has it."""
    if name in _ALONE:
        return _ALONE[name]
    for family in _FAMILIES:
        if family.member(name) is not None:
            return family
    raise LookupError(f"no figure of a summary is named {name}")


_MEMBERS = {
    "ending": {*ENDINGS},
    "priority": {str(priority + 1) for priority in range(PRIORITIES)},
    "reason": {reason.name for reason in REASONS},
}
"""What the members of families differ in that every run has, also where a summary leaves them out."""


def names_of_every_run() -> list[str]:
    """The names of the figures; of a family whose members depend on the scenario, what they all begin with."""
    names = []
    for figure in FIGURES:
        before, family, after = figure.parts
        if family not in _MEMBERS:
            names.append(before)
        for member in sorted(_MEMBERS.get(family, ())):
            known, depends, _ = member.partition("{")
            names.append(before + known + ("" if depends else after))
    return names


def is_of_every_run(name: str) -> bool:
    """Whether a figure is of a family that every run has, so that a summary without it counted or measured nothing."""
    return any(family.member(name) in _MEMBERS.get(family.family, ()) for family in _FAMILIES)


def is_group(name: str) -> bool:
    """Whether this is the name of a group of figures, such as `goal`."""
    return name in _GROUPS
