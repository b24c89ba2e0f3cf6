"""Terms: what the call policies of a list, and the redials over them, ask of calls, as columns (rules 2)."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.hours import week_of
from engine.calling.instants import ALWAYS, NEVER, WEEK
from engine.calling.policy import DEFAULT_ZONE, CallPolicy
from engine.calling.windows import FIRST_MONDAY, Week
from engine.calling.zones import FROM_PHONE, ZoneName, local_seconds
from engine.customers.outcomes import MOST_REDIAL_ATTEMPTS, OutcomeModel
from engine.numbers.phonebook import Phonebook
from engine.scenario.campaign import Campaign

Integers = NDArray[np.int64]
_APART = 2 * WEEK


class Terms(NamedTuple):
    """What is asked of some calls, or of waits for them: columns of equal length."""

    start: Integers
    finish: Integers
    """Instants; ALWAYS and NEVER where none is given."""
    priority: Integers
    attempts: Integers
    retry: Integers
    """Seconds."""
    week: Integers
    """An index in `TermsOfList.weeks`."""
    zone: Integers
    """An index in `TermsOfList.zones`."""


class TermsOfList:
    """The terms of every number of a list, and of each redial over them; levels are put together here once more."""

    def __init__(self, book: Phonebook, campaign: Campaign, model: OutcomeModel) -> None:
        self._policies = book.policies
        distinct = book.distinct
        self._undated = distinct.of_undated
        levels: list[CallPolicy | None] = [None, *model.redials]
        self._own_start = np.where(distinct.starts == ALWAYS, campaign.starts, distinct.starts)
        self._own_finish = np.where(distinct.finishes == NEVER, campaign.finishes, distinct.finishes)
        self._starts = np.array([ALWAYS if each is None else each.starts for each in levels])
        self._finishes = np.array([NEVER if each is None else each.finishes for each in levels])
        weeks: dict[Week, int] = {}
        zones: dict[str, int] = {}
        table = np.zeros((max(len(distinct.undated), 1), len(levels), 5), np.int64)
        for place, own in enumerate(distinct.undated):
            for level, redial in enumerate(levels):
                fields: dict[str, Any] = {
                    name: _first(name, redial, own, campaign) for name in CallPolicy.__struct_fields__
                }
                fields["start_date_time"] = fields["finish_date_time"] = None
                if fields["gmt_zone"] == FROM_PHONE:
                    fields["gmt_zone"] = None
                policy = CallPolicy(**fields)
                week = week_of(policy.allowed_days, policy.allowed_time)
                attempts = policy.attempts if redial is None else min(policy.attempts, MOST_REDIAL_ATTEMPTS)
                table[place, level] = (
                    policy.priority,
                    attempts,
                    policy.retry_seconds,
                    weeks.setdefault(week, len(weeks)),
                    zones.setdefault(policy.gmt_zone or DEFAULT_ZONE, len(zones)),
                )
        self._table = table
        self.weeks = tuple(weeks)
        self.zones = tuple(zones)

    def of(self, numbers: Integers, redials: Integers) -> Terms:
        """The terms of numbers, by their rows in the list, under a redial of the outcome model, or their own for -1."""
        policies, level = self._policies[numbers], redials + 1
        found = self._table[self._undated[policies], level]
        starts, finishes = self._starts[level], self._finishes[level]
        return Terms(
            np.where(starts == ALWAYS, self._own_start[policies], starts),
            np.where(finishes == NEVER, self._own_finish[policies], finishes),
            *(np.ascontiguousarray(found[:, column]) for column in range(5)),
        )

    @cached_property
    def _intervals(self) -> tuple[Integers, Integers, Integers]:
        firsts = np.cumsum([0, *map(len, self.weeks)])
        pairs = np.array([pair for week in self.weeks for pair in week], np.int64).reshape(-1, 2)
        return pairs[:, 0] + _APART * np.repeat(np.arange(len(self.weeks)), np.diff(firsts)), pairs[:, 1], firsts

    def open_in_week(self, week: Integers, local: Integers) -> NDArray[np.bool_]:
        """Whether each wall-clock second is one of its week: by weekday and time of day alone (rules 3)."""
        starts, ends, firsts = self._intervals
        second = (local - FIRST_MONDAY) % WEEK
        place = np.searchsorted(starts, week * _APART + second, side="right") - 1
        found = place >= firsts[week]
        found[found] = second[found] < ends[place[found]]
        return found

    def local(self, instants: Integers, zone: Integers) -> Integers:
        """What the clock of each zone shows, the first by name of several; UTC where the zone is below 0."""
        local = instants.copy()
        for index, name in enumerate(self.zones):
            rows = np.flatnonzero(zone == index)
            local[rows] = local_seconds(instants[rows], ZoneName(name).ids[0])
        return local

    def other_clocks(self, instants: Integers, zone: Integers) -> list[tuple[Integers, Integers]]:
        """Of numbers in several zones: rows, and what each further clock shows."""
        found = []
        for index, name in enumerate(self.zones):
            for other in ZoneName(name).ids[1:]:
                rows = np.flatnonzero(zone == index)
                found.append((rows, local_seconds(instants[rows], other)))
        return found


def _first(name: str, *levels: CallPolicy | None) -> object:
    return next((value for each in levels if each is not None and (value := getattr(each, name)) is not None), None)
