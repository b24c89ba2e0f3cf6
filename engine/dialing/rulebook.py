"""The rulebook: a scenario compiled into what both engines read."""

from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from operator import itemgetter
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, NEVER
from engine.calling.policy import CallPolicy
from engine.calling.windows import Instants, Week, last_close, whole_windows
from engine.calling.zones import OffsetSpan, ZoneName, named_zone, offset_spans, parse_zone
from engine.customers.outcomes import MOST_REDIAL_ATTEMPTS, OutcomeModel, RedialPolicy, compile_outcomes
from engine.luck import SEGMENT, draw, luck_key
from engine.numbers.phonebook import Phonebook
from engine.scenario.document import ScenarioDocument

ONE_CALL = 1000
"""One call, in the thousandths in which pacing is counted."""
BLOCK_ROWS = 1 << 20
"""Rows that are handled at a time, so that memory stays small."""
_START, _DAYS, _HOURS = (
    CallPolicy.__struct_fields__.index(name) for name in ("start_date_time", "allowed_days", "allowed_time")
)


class WindowClass(NamedTuple):
    """The windows of all numbers with the same zone and the same week: they open and close together."""

    starts: list[int]
    """Starts of the open windows that meet the simulation, not cut at its ends; Unix seconds."""
    ends: list[int]
    spans: tuple[OffsetSpan, ...]
    """The zone's offsets over the simulation; of several zones, those of the first by name (rules 7)."""

    def next_open(self, instant: int) -> int:
        """The first open second at or after `instant` in a window that meets the simulation, or NEVER; O(log n)."""
        index = bisect_right(self.ends, instant)
        return max(self.starts[index], instant) if index < len(self.ends) else NEVER


class Terms(NamedTuple):
    """A call policy with all levels filled in, compiled; instants in Unix seconds, intervals in seconds."""

    start: int
    """No call starts before this instant; ALWAYS if none is given."""
    closes: int
    """From this instant no open second is left before its finishDateTime; NEVER, or ALWAYS if there never is one."""
    priority: int
    attempts: int
    """Calls of a series in all."""
    retry_seconds: int
    window_class: int


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
        self.classes: list[WindowClass] = []
        self.terms: list[Terms] = []
        """For each policy its own terms, then the terms of each redial rule under it; and those of further redials."""
        self._campaign = campaign
        self._class_indices: dict[tuple[Week, str], int] = {}
        self._terms_indices: dict[CallPolicy, int] = {}
        self._own: dict[int, CallPolicy] = {}
        self._alike: dict[tuple[object, ...], Terms] = {}
        """Terms by all of a policy but its start, so that policies which differ in that alone are compiled once."""
        self._further: dict[CallPolicy, int] = {}

    def until(self, finish: int) -> "Rulebook":
        """The same rulebook for a simulation that finishes at an earlier instant; what either learns is its own."""
        shorter = copy(self)
        shorter.finish = finish
        shorter.classes, shorter.terms = self.classes.copy(), self.terms.copy()
        shorter._class_indices, shorter._terms_indices = self._class_indices.copy(), self._terms_indices.copy()
        shorter._own, shorter._further = self._own.copy(), self._further.copy()
        shorter._alike = {}
        return shorter

    def terms_of(self, policy: CallPolicy) -> int:
        """The index in `terms` of a number's own policy; the terms of redial rule r are at 1 + r after it."""
        index = self._terms_indices.setdefault(policy, len(self.terms))
        if index == len(self.terms):
            self._own[index] = policy
            self.terms.append(self._terms_of_own(policy))
            if self.model.redials:
                merged = policy.under(self._campaign)
                self.terms += [self._compile_redial(redial.under(merged)) for redial in self.model.redials]
        return index

    def _terms_of_own(self, policy: CallPolicy) -> Terms:
        values = list(msgspec.structs.astuple(policy))
        values[_START] = None
        values[_DAYS], values[_HOURS] = id(policy.allowed_days), id(policy.allowed_time)  # they live as long as it does
        known = self._alike.get(tuple(values))
        if known is None:
            merged = policy.under(self._campaign)
            known = self._alike[tuple(values)] = self._compile(merged, merged.attempts)
        start = self._campaign.starts if policy.start_date_time is None else int(policy.start_date_time)
        return known if known.start == start else known._replace(start=start)

    def terms_of_redial(self, policy: int, redial: RedialPolicy) -> int:
        """The index in `terms` of a redial that is none of the rules, over the policy with this index in `terms`."""
        derived = redial.under(self._own[policy].under(self._campaign))
        most = min(derived.attempts, MOST_REDIAL_ATTEMPTS)
        return self._terms_of_series(msgspec.structs.replace(derived, max_attempts=most))

    def _terms_of_series(self, policy: CallPolicy) -> int:
        index = self._further.setdefault(policy, len(self.terms))
        if index == len(self.terms):
            self.terms.append(self._compile_redial(policy))
        return index

    def learned(self) -> list[tuple[CallPolicy, bool]]:
        """The policies that it was asked for, in this order, and whether each is that of a further redial."""
        own = [(index, policy, False) for policy, index in self._terms_indices.items()]
        further = [(index, policy, True) for policy, index in self._further.items()]
        return [(policy, redialled) for _, policy, redialled in sorted(own + further, key=itemgetter(0))]

    def learn(self, learned: Iterable[tuple[CallPolicy, bool]]) -> None:
        """Compile what another rulebook of the same scenario has `learned`: all indices are then the same."""
        for policy, redialled in learned:
            if redialled:
                self._terms_of_series(policy)
            else:
                self.terms_of(policy)

    def _compile_redial(self, policy: CallPolicy) -> Terms:
        return self._compile(policy, min(policy.attempts, MOST_REDIAL_ATTEMPTS))  # rules 6

    def _compile(self, policy: CallPolicy, attempts: int) -> Terms:
        return Terms(
            start=policy.starts,
            closes=self._last_close(policy),
            priority=policy.priority,
            attempts=attempts,
            retry_seconds=policy.retry_seconds,
            window_class=self._class_of(policy.week, policy.zone_name),
        )

    def _last_close(self, policy: CallPolicy) -> int:
        zone = named_zone(policy.zone_name)
        return last_close(policy.week, zone, policy.finishes, (self.start, self.finish))

    def _class_of(self, week: Week, zone_name: str) -> int:
        index = self._class_indices.setdefault((week, zone_name), len(self.classes))
        if index == len(self.classes):
            windows = whole_windows(week, named_zone(zone_name), self.start, self.finish)
            spans = offset_spans(parse_zone(ZoneName(zone_name).ids[0]), self.start, self.finish)
            self.classes.append(WindowClass(windows.starts.tolist(), windows.ends.tolist(), spans))
        return index

    def segments_of(self, phonebook: Phonebook) -> NDArray[np.int16]:
        """The segment of each number: chosen by its payload, else drawn by luck, else 0 (rules 7)."""
        thresholds = self.model.segment_thresholds
        if not len(thresholds):
            return phonebook.segments
        segments = np.empty(len(phonebook), np.int16)
        for first in range(0, len(phonebook), BLOCK_ROWS):
            rows = slice(first, first + BLOCK_ROWS)
            draws = draw(luck_key(self.seed, phonebook.identities[rows]), 0, SEGMENT) >> np.uint64(32)
            drawn = np.searchsorted(thresholds, draws, side="right") + 1
            drawn[drawn > len(thresholds)] = 0
            chosen = phonebook.segments[rows]
            segments[rows] = np.where(chosen > 0, chosen, drawn)
        return segments

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
        closing: dict[tuple[object, ...], int] = {}
        last, starts = np.zeros(len(phonebook.distinct), np.int64), np.zeros(len(phonebook.distinct), np.int64)
        for index, policy in enumerate(phonebook.distinct):  # those with the same hours and finish close alike
            alike = (id(policy.allowed_days), id(policy.allowed_time), policy.gmt_zone, policy.finish_date_time)
            closes_at = closing.get(alike)
            if closes_at is None:
                merged = policy.under(self._campaign)
                closes_at = closing[alike] = self._last_close(merged)
            last[index] = closes_at
            starts[index] = self._campaign.starts if policy.start_date_time is None else policy.start_date_time
        closes = last[phonebook.policies]
        due = np.maximum(phonebook.added, starts[phonebook.policies])
        return NeverAllowed(
            never_opens=closes == ALWAYS,
            closed_until_finish=(closes != ALWAYS) & (due >= closes) & (closes != NEVER),
        )

    def first_allowed(self, phonebook: Phonebook) -> Instants:
        """The first instant at which each number may be called; NEVER if there is none before the simulation ends."""
        terms = [self.terms[self.terms_of(policy)] for policy in phonebook.distinct]

        def first(index: int, added: int) -> int:
            opens = self.classes[terms[index].window_class].next_open(max(added, terms[index].start))
            return opens if opens < min(terms[index].closes, self.finish) else NEVER

        added, policies = phonebook.added, phonebook.policies
        if not len(added):  # there may still be policies, of numbers that were left out for their faults
            return np.zeros(0, np.int64)
        if added[0] == added[-1]:  # all are the same, for they ascend
            by_policy = [first(index, int(added[0])) for index in range(len(terms))]
            return np.array(by_policy, np.int64)[policies]
        new = np.concatenate(([True], added[1:] != added[:-1]))
        instants = added[new].tolist()
        pairs: NDArray[np.int64] = policies * np.int64(len(instants)) + (np.cumsum(new) - 1)
        if len(terms) * len(instants) <= len(added):
            every = [first(index, instant) for index in range(len(terms)) for instant in instants]
            of_pair: NDArray[np.int64] = np.array(every, np.int64)
            return of_pair[pairs]
        distinct, which = np.unique(pairs, return_inverse=True)
        indices, moments = np.divmod(distinct, len(instants))
        each = [
            first(index, instants[moment]) for index, moment in zip(indices.tolist(), moments.tolist(), strict=True)
        ]
        return np.array(each, np.int64)[which]
