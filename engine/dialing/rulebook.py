"""The rulebook: a scenario compiled into what both engines read."""

from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.columns import Coded, distinct
from engine.calling.instants import ALWAYS, DAY, MINUTE, NEVER
from engine.calling.policies import LEFT_OUT, Policies
from engine.calling.policy import (
    DEFAULT_ATTEMPTS,
    DEFAULT_RETRY_MINUTES,
    DEFAULT_ZONE,
    LAST_PRIORITY,
    CallPolicy,
)
from engine.calling.schedules import Hours, KnownWeeks, last_closes, many_whole_windows
from engine.calling.windows import Instants
from engine.calling.zones import ZoneName, named_zone, offset_spans, parse_zone
from engine.customers.outcomes import MOST_REDIAL_ATTEMPTS, OutcomeModel, RedialPolicy, compile_outcomes
from engine.dialing.caps import compile_caps
from engine.dialing.closures import Closures, closures
from engine.dialing.terms import TermsColumns, TermsList, WindowClasses
from engine.numbers.phonebook import Phonebook
from engine.numbers.segments import segments_of
from engine.scenario.document import ScenarioDocument

MOST_COMPILED = 4
"""In so many ways a list is kept compiled, for variants that take turns."""
ONE_CALL = 1000
"""One call, in the thousandths in which pacing is counted."""


class NeverAllowed(NamedTuple):
    """Which numbers can never be called: masks, a row for each number."""

    never_opens: NDArray[np.bool_]
    """No weekday has an interval left."""
    closed_until_finish: NDArray[np.bool_]
    """No open second lies between the instant at which it is added or starts and its finishDateTime."""


class Rulebook:
    """A scenario compiled. Policies may be added while an engine runs; nothing else changes."""

    def __init__(self, document: ScenarioDocument) -> None:
        campaign = document.campaign
        self.start: int = document.start
        self.finish: int = document.finish
        self.seed = document.seed
        self.order = campaign.order
        self.pace = campaign.pace
        """Thousandths of a call by which the allowance grows each second; 0 for no limit (rules 6)."""
        self.most_allowance = campaign.pace + ONE_CALL - 1
        self.most_attempts = min(campaign.max_total_attempts or NEVER, NEVER)
        self.short_call = campaign.retry_if_shorter_than_seconds
        self.lines = campaign.lines_over(self.start, self.finish)
        self.model: OutcomeModel = compile_outcomes(document.outcomes, document.answering, document.segments)
        self.redial_after = [redial.seconds_after for redial in self.model.redials]
        self.caps = compile_caps(campaign.every_cap, self.model.names)
        self.dated_until = self.finish + (max(cap.days for cap in self.caps) + 3) * DAY if self.caps else self.finish
        """Until when the local dates are known: a cap by dates may hold a number back until then."""
        self.classes = WindowClasses(self.start)
        self.terms = TermsList()
        """For each policy its own terms, then the terms of each redial rule under it; and those of further redials."""
        self.closed_dates = campaign.closed_times(self.start // DAY, self.finish // DAY)
        """Closed dates and closed parts of dates (rules 3)."""
        self.rule_week = campaign.rule_week
        """The local seconds of the week to which the hours of all policies are narrowed (rules 3)."""
        self._campaign = campaign
        self._compiled_for: int = document.finish
        """The finish of the simulation for which terms are compiled."""
        self._zone_indices: dict[str, int] = {}
        self._weeks = KnownWeeks(self.rule_week)
        self._asked: list[tuple[int, Policies]] = []
        """The policies that it was asked for, together if they were, each time behind the index of the first terms."""
        self._listed: tuple[Policies, Instants] = Policies.of(()), np.zeros(0, np.int64)
        """The policies of the last list, and the indices of their terms."""
        self._terms_indices: dict[CallPolicy, int] = {}
        self._indexed = 0
        """How many of `_asked` are in `_terms_indices`."""
        self._further: dict[CallPolicy, int] = {}

    def until(self, finish: int) -> "Rulebook":
        """The same rulebook for a simulation that finishes at an earlier instant; what either learns is its own."""
        shorter = copy(self)
        shorter.finish = finish
        shorter.classes, shorter.terms = self.classes.copy(), self.terms.copy()
        shorter._weeks, shorter._zone_indices = self._weeks.copy(), self._zone_indices.copy()
        shorter._terms_indices = self._terms_indices.copy()
        shorter._asked, shorter._further = self._asked.copy(), self._further.copy()
        return shorter

    def terms_of(self, policy: CallPolicy) -> int:
        """The index in `terms` of a number's own policy; the terms of redial rule r are at 1 + r after it."""
        index = self._known().get(policy)
        return int(self._learn(Policies.of([policy]))[0]) if index is None else index

    def terms_of_all(self, policies: Policies) -> Instants:
        """`terms_of` of each policy of a list; no two of them are equal. It costs little to ask for a list again."""
        if self._listed[0] is policies:
            return self._listed[1]
        if self._asked:
            known = self._known()
            indices = np.array([known.get(policy, -1) for policy in policies], np.int64)
            new = np.flatnonzero(indices < 0)
            if len(new):
                indices[new] = self._learn(policies.some(new))
        else:
            indices = self._learn_list(policies)
        self._listed = policies, indices
        return indices

    def _known(self) -> dict[CallPolicy, int]:
        """The index of each policy that it was asked for."""
        each = 1 + len(self.model.redials)
        for first, policies in self._asked[self._indexed :]:
            self._terms_indices.update((policy, first + place * each) for place, policy in enumerate(policies))
        self._indexed = len(self._asked)
        return self._terms_indices

    def _learn_list(self, policies: Policies) -> Instants:
        """The same for the first policies that it is asked for; what other rulebooks made of them is taken over."""
        level = CallPolicy(**{name: getattr(self._campaign, name) for name in CallPolicy.__struct_fields__})
        span, hours = (self.start, self.finish, self.dated_until), (self.closed_dates, self.rule_week)
        depends_on = (level, *span, *hours, self.model.redials)
        if len(self.terms) or not len(policies):
            return self._learn(policies)
        kept: _Learned | None = policies.compiled.get(depends_on)
        if kept is None:
            indices = self._learn(policies)
            if len(policies.compiled) == MOST_COMPILED:
                policies.compiled.clear()
            policies.compiled[depends_on] = _Learned(self.terms, self.classes, self._weeks, self._zone_indices).copy()
            return indices
        self.terms, self.classes, self._weeks, self._zone_indices = kept.copy()
        self._asked.append((0, policies))
        return np.arange(len(policies)) * (1 + len(self.model.redials))

    def _learn(self, policies: Policies) -> Instants:
        """Compile policies that are new, each with its redials; returns the indices of their terms."""
        first, each = len(self.terms), 1 + len(self.model.redials)
        if len(policies):
            self._asked.append((first, policies))
            self._append(policies.in_order(), None, *self.model.redials)
        return first + each * np.arange(len(policies))

    def terms_of_redial(self, policy: int, redial: RedialPolicy) -> int:
        """The index in `terms` of a redial that is none of the rules, over the policy with this index in `terms`."""
        first, asked = self._asked[bisect_right(self._asked, policy, key=itemgetter(0)) - 1]
        own = asked[(policy - first) // (1 + len(self.model.redials))]
        derived = redial.under(own.under(self._campaign))
        most = min(derived.attempts, MOST_REDIAL_ATTEMPTS)
        return self._terms_of_series(msgspec.structs.replace(derived, max_attempts=most))

    def _terms_of_series(self, policy: CallPolicy) -> int:
        index = self._further.setdefault(policy, len(self.terms))
        if index == len(self.terms):
            self._append(Policies.of([CallPolicy()]), policy)
        return index

    def learned(self) -> list[tuple[CallPolicy, bool]]:
        """The policies that it was asked for, in this order, and whether each is that of a further redial."""
        own = [(first, policy, False) for first, policies in self._asked for policy in policies]
        further = [(index, policy, True) for policy, index in self._further.items()]
        return [(policy, redialled) for _, policy, redialled in sorted(own + further, key=itemgetter(0))]

    def learn(self, learned: Iterable[tuple[CallPolicy, bool]]) -> None:
        """Compile what another rulebook of the same scenario has `learned`: all indices are then the same."""
        for redialled, each in groupby(learned, key=itemgetter(1)):
            policies = [policy for policy, _ in each]
            if redialled:
                for policy in policies:
                    self._terms_of_series(policy)
            else:
                self.terms_of_all(Policies.of(policies))

    # Compiling many policies at once

    def _append(self, policies: Policies, *levels: CallPolicy | None) -> None:
        """Add terms: those of the first policy at each level, then those of the second, and so on."""
        compiled = [self._compiled(policies, level) for level in levels]

        def woven(columns: Iterable[NDArray[Any]]) -> NDArray[Any]:
            return np.stack(tuple(columns), axis=1).ravel()

        weeks, zones = woven(each.weeks for each in compiled), woven(each.zones for each in compiled)
        classes = self._classes_of(weeks, zones).reshape(-1, len(levels))
        self.terms.append(
            TermsColumns(
                start=woven(each.start for each in compiled),
                closes=woven(each.closes for each in compiled),
                priority=woven(each.priority for each in compiled),
                attempts=woven(each.attempts for each in compiled),
                retry_seconds=woven(each.retry_seconds for each in compiled),
                window_class=classes[policies.of_undated].ravel(),
            )
        )

    def _compiled(self, policies: Policies, redial: CallPolicy | None) -> "_Compiled":
        """The policies, or a redial over each of them, over the campaign (rules 2)."""
        weeks, zones, of_undated = (
            self._weeks_of(policies, redial),
            self._zones_of(policies, redial),
            policies.of_undated,
        )
        attempts = self._integers("max_attempts", policies, redial, DEFAULT_ATTEMPTS)
        if redial is not None:
            attempts = np.minimum(attempts, MOST_REDIAL_ATTEMPTS)  # rules 6
        minutes = self._integers("retry_interval_in_minutes", policies, redial, DEFAULT_RETRY_MINUTES)
        priority = self._integers("dialer_priority", policies, redial, LAST_PRIORITY)
        return _Compiled(
            start=self._starts(policies, redial),
            closes=self._closes(policies, weeks, zones, self._finishes(policies, redial)),
            priority=priority.astype(np.int8)[of_undated],
            attempts=attempts[of_undated],
            retry_seconds=(minutes * MINUTE)[of_undated],
            weeks=weeks,
            zones=zones,
        )

    def _integers(
        self, attribute: str, policies: Policies, redial: CallPolicy | None, default: int
    ) -> NDArray[np.int32]:
        """A field of each of `policies.undated`, with what a lower level leaves out filled in (rules 2)."""
        fixed = None if redial is None else getattr(redial, attribute)
        if fixed is not None:
            return np.full(len(policies.undated), fixed, np.int32)
        above, own = getattr(self._campaign, attribute), policies.integers(attribute)
        return np.where(own == LEFT_OUT, np.int32(default if above is None else above), own)

    def _filled(self, attribute: str, policies: Policies, redial: CallPolicy | None, default: Any) -> Coded:
        """The same for a field that does not hold integers."""
        fixed = None if redial is None else getattr(redial, attribute)
        if fixed is not None:
            return Coded((fixed,), np.zeros(len(policies.undated), np.int32))
        above = getattr(self._campaign, attribute)
        return policies.column(attribute).filled(default if above is None else above)

    def _starts(self, policies: Policies, redial: CallPolicy | None) -> Instants:
        """The startDateTime of each policy, filled in likewise; ALWAYS if there is none."""
        if redial is not None and redial.start_date_time is not None:
            return np.full(len(policies), redial.starts)
        return np.where(policies.starts == ALWAYS, self._campaign.starts, policies.starts)

    def _finishes(self, policies: Policies, redial: CallPolicy | None) -> Instants:
        """The finishDateTime of each policy, filled in likewise; NEVER if there is none."""
        if redial is not None and redial.finish_date_time is not None:
            return np.full(len(policies), redial.finishes)
        return np.where(policies.finishes == NEVER, self._campaign.finishes, policies.finishes)

    def _weeks_of(self, policies: Policies, redial: CallPolicy | None) -> NDArray[np.int32]:
        """[undated]: the place in `_weeks` of when it allows calls."""
        days = self._filled("allowed_days", policies, redial, None)
        times = self._filled("allowed_time", policies, redial, None)
        pairs = days.codes * np.int64(len(times.values)) + times.codes
        firsts, places = distinct(pairs, len(days.values) * len(times.values))
        hours = Hours(
            [days.values[place] for place in days.codes[firsts].tolist()],
            [times.values[place] for place in times.codes[firsts].tolist()],
        )
        return self._weeks.places_of(hours)[places]

    def _zones_of(self, policies: Policies, redial: CallPolicy | None) -> NDArray[np.int32]:
        """[undated]: the index of its zone."""
        indices = self._zone_indices
        names, codes = self._filled("gmt_zone", policies, redial, DEFAULT_ZONE)
        return np.array([indices.setdefault(name, len(indices)) for name in names], np.int32)[codes]

    def _closes(
        self, policies: Policies, weeks: NDArray[np.int32], zones: NDArray[np.int32], finishes: Instants
    ) -> Instants:
        """From when no open second is left before the finish of each policy (rules 6)."""
        named = [named_zone(name) for name in self._zone_indices]

        def closes(weeks: NDArray[np.int32], zones: NDArray[np.int32], finishes: Instants) -> Instants:
            played = self.start, self.finish
            return last_closes(self._weeks.schedules, weeks, named, zones, finishes, played, self.closed_dates)

        of_undated = policies.of_undated
        if len(finishes) and (finishes == finishes[0]).all():
            return closes(weeks, zones, np.full(len(weeks), finishes[0]))[of_undated]
        return closes(weeks[of_undated], zones[of_undated], finishes)

    def _classes_of(self, weeks: NDArray[np.int32], zones: NDArray[np.int32]) -> NDArray[np.int32]:
        """The window class of each week in its zone; they are numbered in the order in which they come."""
        names = list(self._zone_indices)
        firsts, which = distinct(
            zones * np.int64(len(self._weeks.schedules)) + weeks, len(names) * len(self._weeks.schedules)
        )
        weeks, zones = weeks[firsts], zones[firsts]
        classes = self.classes.known(weeks, zones)
        new = classes < 0
        if new.any():
            classes[new] = len(self.classes) + np.arange(new.sum(), dtype=np.int32)
            for name in names[len(self.classes.spans) :]:
                first_zone = parse_zone(ZoneName(name).ids[0])
                self.classes.spans.append(offset_spans(first_zone, self.start, self.dated_until))
            weeks, zones, named = weeks[new], zones[new], [named_zone(name) for name in names]
            span = self.start, self.finish
            windows = many_whole_windows(self._weeks.schedules, weeks, named, zones, *span, self.closed_dates)
            self.classes.append(windows, weeks, zones)
        return classes[which]

    def closures(self) -> list[Closures]:
        """When and why each window class is closed during the simulation, O(windows)."""
        named, columns = [named_zone(name) for name in self._zone_indices], self.classes.columns
        return [
            closures(windows, self._weeks.schedules.week(week), named[zone], self.closed_dates, self.start, self.finish)
            for windows, week, zone in zip(self.classes, columns.weeks.tolist(), columns.zones.tolist(), strict=True)
        ]

    def segments_of(self, phonebook: Phonebook) -> NDArray[np.int16]:
        """The segment of each number: chosen by its payload, else drawn by luck, else 0 (rules 7)."""
        return segments_of(phonebook, self.model.segment_thresholds, self.seed)

    def line_seconds(self, starts: Instants, ends: Instants) -> Instants:
        """The line-seconds available in each stretch `[starts[i], ends[i])`, which lie within the simulation."""
        instants, lines = self.lines
        sums = np.concatenate(([0], np.cumsum(lines[:-1] * np.diff(instants))))

        def until(moments: Instants) -> Instants:
            index = np.searchsorted(instants, moments, side="right") - 1
            return sums[index] + lines[index] * (moments - instants[index])

        return until(ends) - until(starts)

    def never_allowed(self, phonebook: Phonebook) -> "NeverAllowed":
        """The numbers of a list that can never be called, and why."""
        listed = phonebook.distinct
        if self._listed[0] is listed and self.finish == self._compiled_for:
            columns, terms = self.terms.columns, self._listed[1]
            last, starts = columns.closes[terms], columns.start[terms]
        else:
            weeks, zones = self._weeks_of(listed, None), self._zones_of(listed, None)
            last = self._closes(listed, weeks, zones, self._finishes(listed, None))
            starts = self._starts(listed, None)
        if (last == NEVER).all():
            none = np.zeros(len(phonebook), np.bool_)
            return NeverAllowed(none, none)
        closes = last[phonebook.policies]
        due = np.maximum(phonebook.added, starts[phonebook.policies])
        return NeverAllowed(
            never_opens=closes == ALWAYS,
            closed_until_finish=(closes != ALWAYS) & (due >= closes) & (closes != NEVER),
        )

    def first_allowed(self, phonebook: Phonebook) -> Instants:
        """The first instant at which each number may be called; NEVER if there is none before the simulation ends."""
        terms = self.terms_of_all(phonebook.distinct)
        columns = self.terms.columns

        def first(places: NDArray[np.int64], added: Instants) -> Instants:
            own = terms[places]
            opens = self.classes.next_open(
                columns.window_class[own], np.maximum(added, columns.start[own]), self.finish
            )
            return np.where(opens < np.minimum(columns.closes[own], self.finish), opens, NEVER)

        added, policies = phonebook.added, phonebook.policies
        if not len(added):  # there may still be policies, of numbers that were left out for their faults
            return np.zeros(0, np.int64)
        if added[0] == added[-1]:  # all are the same, for they ascend
            return first(np.arange(len(terms)), added[:1])[policies]
        new = np.concatenate(([True], added[1:] != added[:-1]))
        instants = added[new]
        pairs: NDArray[np.int64] = policies * np.int64(len(instants)) + (np.cumsum(new) - 1)
        if len(terms) * len(instants) <= len(added):
            places, moments = np.divmod(np.arange(len(terms) * len(instants)), len(instants))
            return first(places, instants[moments])[pairs]
        distinct, which = np.unique(pairs, return_inverse=True)
        places, moments = np.divmod(distinct, len(instants))
        return first(places, instants[moments])[which]


class _Learned(NamedTuple):
    """What a rulebook has compiled."""

    terms: TermsList
    classes: WindowClasses
    weeks: KnownWeeks
    zones: dict[str, int]

    def copy(self) -> "_Learned":
        """The same; what is added to either is its own."""
        return _Learned(self.terms.copy(), self.classes.copy(), self.weeks.copy(), self.zones.copy())


class _Compiled(NamedTuple):
    """Policies compiled, a row for each; as `Terms` has it."""

    start: Instants
    closes: Instants
    priority: NDArray[np.int8]
    attempts: NDArray[np.int32]
    retry_seconds: NDArray[np.int32]
    weeks: NDArray[np.int32]
    """[undated]: the place of its week in those that the rulebook knows."""
    zones: NDArray[np.int32]
    """[undated]: the index of its zone."""
