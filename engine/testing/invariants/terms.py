"""Terms: what the call policies of a list, and the redials over them, ask of calls, as columns (rules 2)."""

from functools import cached_property
from typing import Any

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


class Terms:
    """What is asked of some calls, or of waits for them: columns of equal length, each made when it is asked for."""

    def __init__(self, of_list: "TermsOfList", numbers: Integers, redials: Integers) -> None:
        self._list = of_list
        self._policies, self._levels = of_list.policies[numbers], redials + 1

    @cached_property
    def start(self) -> Integers:
        """An instant; ALWAYS where none is given."""
        return self._date(self._list.starts, self._list.own_starts, ALWAYS)

    @cached_property
    def finish(self) -> Integers:
        """An instant; NEVER where none is given."""
        return self._date(self._list.finishes, self._list.own_finishes, NEVER)

    @cached_property
    def priority(self) -> Integers:
        """From 1, the first, to 5."""
        return self._list.table[0][self._cells]

    @cached_property
    def attempts(self) -> Integers:
        """The most calls of the series."""
        return self._list.table[1][self._cells]

    @cached_property
    def retry(self) -> Integers:
        """Seconds."""
        return self._list.table[2][self._cells]

    @cached_property
    def week(self) -> Integers:
        """An index in `TermsOfList.weeks`."""
        return self._list.table[3][self._cells]

    @cached_property
    def zone(self) -> Integers:
        """An index in `TermsOfList.zones`."""
        return self._list.table[4][self._cells]

    @cached_property
    def _cells(self) -> Integers:
        undated: Integers = self._list.undated[self._policies]
        return undated * len(self._list.starts) + self._levels

    def _date(self, of_levels: Integers, own: Integers, none: int) -> Integers:
        dates: Integers = own[self._policies]
        if (of_levels == none).all():
            return dates
        of_redials = of_levels[self._levels]
        return np.where(of_redials == none, dates, of_redials)


class TermsOfList:
    """The terms of every number of a list, and of each redial over them; levels are put together here once more."""

    def __init__(self, book: Phonebook, campaign: Campaign, model: OutcomeModel) -> None:
        distinct = book.distinct
        # what is asked of nobody is that of the first policy, so that -1 may stand for a number
        self.policies, self.undated = np.append(book.policies, 0), np.append(distinct.of_undated, 0)
        own_starts, own_finishes = np.append(distinct.starts, ALWAYS), np.append(distinct.finishes, NEVER)
        self.own_starts: Integers = np.where(own_starts == ALWAYS, campaign.starts, own_starts)
        self.own_finishes: Integers = np.where(own_finishes == NEVER, campaign.finishes, own_finishes)
        levels: list[CallPolicy | None] = [None, *model.redials]
        self.starts = np.array([ALWAYS if each is None else each.starts for each in levels])
        self.finishes = np.array([NEVER if each is None else each.finishes for each in levels])
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
        self.table: list[Integers] = [np.ascontiguousarray(column) for column in table.reshape(-1, 5).T]
        self.weeks = tuple(weeks)
        self.zones = tuple(zones)

    def of(self, numbers: Integers, redials: Integers) -> Terms:
        """The terms of numbers, by their rows in the list, under a redial of the outcome model, or their own for -1.

        A number of -1 may stand for nobody: then the terms are those of anybody.
        """
        return Terms(self, numbers, redials)

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
