"""The rulebook: a scenario compiled to what both engines read, once per distinct policy and window class."""

from bisect import bisect_right
from copy import copy
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, MINUTE, NEVER
from engine.calling.policy import CallPolicy
from engine.calling.windows import Instants, Week, last_close, whole_windows
from engine.calling.zones import OffsetSpan, ZoneName, named_zone, offset_spans, parse_zone
from engine.customers.outcomes import MOST_REDIAL_ATTEMPTS, OutcomeModel, compile_outcomes
from engine.luck import SEGMENT, draw, luck_key
from engine.numbers.phonebook import Phonebook
from engine.scenario.document import ScenarioDocument

ONE_CALL = 1000
"""Pacing is counted in thousandths of a call."""
BLOCK_ROWS = 1 << 20
"""Rows of which something is worked out at a time, so that what is needed for it stays small."""


class WindowClass(NamedTuple):
    """What numbers with the same zone and the same week share: they open and close together."""

    starts: list[int]
    """Starts of the open windows that meet the simulation, whole; Unix seconds."""
    ends: list[int]
    spans: tuple[OffsetSpan, ...]
    """The zone's offsets over the simulation; those of the first by name where there are several (rules 7)."""

    def next_open(self, instant: int) -> int:
        """The first open second at or after `instant` in a window that meets the simulation, or NEVER; O(log n)."""
        place = bisect_right(self.ends, instant)
        return max(self.starts[place], instant) if place < len(self.ends) else NEVER


class Terms(NamedTuple):
    """A call policy with all its levels filled in, compiled; instants and intervals in seconds."""

    start: int
    """No call before this instant; ALWAYS if none is given."""
    closes: int
    """The instant from which on no open second is left before its finishDateTime; NEVER, or ALWAYS if none ever is."""
    priority: int
    attempts: int
    """Calls of a series in all."""
    retry_seconds: int
    window_class: int


class NeverAllowed(NamedTuple):
    """Which numbers, by their rows, can never be called."""

    never_opens: NDArray[np.bool_]
    """No weekday has an interval left."""
    closed_until_finish: NDArray[np.bool_]
    """No open second lies between the instant it is added or starts, and its finishDateTime."""


class Rulebook:
    """A scenario compiled. Policies may be added while an engine runs; everything else stands."""

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
        self.redial_after = [(redial.start_after_minutes or 0) * MINUTE for redial in self.model.redials]
        self.classes: list[WindowClass] = []
        self.terms: list[Terms] = []
        """Those of a policy, then those of each redial rule under it, policy after policy."""
        self._campaign = campaign
        self._class_places: dict[tuple[Week, str], int] = {}
        self._terms_places: dict[CallPolicy, int] = {}

    def until(self, finish: int) -> "Rulebook":
        """The same rulebook for a simulation that finishes at an earlier instant; what either learns is its own."""
        shorter = copy(self)
        shorter.finish = finish
        shorter.classes, shorter.terms = self.classes.copy(), self.terms.copy()
        shorter._class_places, shorter._terms_places = self._class_places.copy(), self._terms_places.copy()
        return shorter

    def terms_of(self, policy: CallPolicy) -> int:
        """The place in `terms` of a number's own policy; those of redial rule r follow at 1 + r."""
        place = self._terms_places.setdefault(policy, len(self.terms))
        if place == len(self.terms):
            merged = policy.under(self._campaign)
            self.terms.append(self._compile(merged, merged.attempts))
            for redial in self.model.redials:
                derived = redial.under(merged)
                self.terms.append(self._compile(derived, min(derived.attempts, MOST_REDIAL_ATTEMPTS)))  # rules 6
        return place

    def _compile(self, policy: CallPolicy, attempts: int) -> Terms:
        zone = named_zone(policy.zone_name)
        return Terms(
            start=policy.starts,
            closes=last_close(policy.week, zone, policy.finishes, (self.start, self.finish)),
            priority=policy.priority,
            attempts=attempts,
            retry_seconds=policy.retry_seconds,
            window_class=self._class_of(policy.week, policy.zone_name),
        )

    def _class_of(self, week: Week, zone_name: str) -> int:
        place = self._class_places.setdefault((week, zone_name), len(self.classes))
        if place == len(self.classes):
            windows = whole_windows(week, named_zone(zone_name), self.start, self.finish)
            spans = offset_spans(parse_zone(ZoneName(zone_name).ids[0]), self.start, self.finish)
            self.classes.append(WindowClass(windows.starts.tolist(), windows.ends.tolist(), spans))
        return place

    def segments_of(self, phonebook: Phonebook) -> NDArray[np.int16]:
        """The segment of each number: that of its payload, else one drawn by luck, else 0 (rules 7)."""
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
            place = np.searchsorted(instants, moments, side="right") - 1
            return sums[place] + lines[place] * (moments - instants[place])

        return until(ends) - until(starts)

    def never_allowed(self, phonebook: Phonebook) -> "NeverAllowed":
        """The numbers of a list that can never be called, and why."""
        terms = [self.terms[self.terms_of(policy)] for policy in phonebook.distinct]
        closes = np.array([each.closes for each in terms], np.int64)[phonebook.policies]
        due = np.maximum(phonebook.added, np.array([each.start for each in terms], np.int64)[phonebook.policies])
        return NeverAllowed(
            never_opens=closes == ALWAYS,
            closed_until_finish=(closes != ALWAYS) & (due >= closes) & (closes != NEVER),
        )

    def first_allowed(self, phonebook: Phonebook) -> Instants:
        """The first instant at which each number may be called; NEVER if there is none before the simulation ends."""
        terms = [self.terms[self.terms_of(policy)] for policy in phonebook.distinct]

        def first(place: int, added: int) -> int:
            opens = self.classes[terms[place].window_class].next_open(max(added, terms[place].start))
            return opens if opens < min(terms[place].closes, self.finish) else NEVER

        added, policies = phonebook.added, phonebook.policies
        if not len(added):  # there may be policies all the same: of numbers that were left out for their phones
            return np.zeros(0, np.int64)
        if added[0] == added[-1]:  # they ascend
            by_policy = [first(place, int(added[0])) for place in range(len(terms))]
            return np.array(by_policy, np.int64)[policies]
        new = np.concatenate(([True], added[1:] != added[:-1]))
        instants = added[new].tolist()
        pairs: NDArray[np.int64] = policies * np.int64(len(instants)) + (np.cumsum(new) - 1)
        if len(terms) * len(instants) <= len(added):
            every = [first(place, instant) for place in range(len(terms)) for instant in instants]
            of_pair: NDArray[np.int64] = np.array(every, np.int64)
            return of_pair[pairs]
        distinct, which = np.unique(pairs, return_inverse=True)
        places, moments = np.divmod(distinct, len(instants))
        each = [first(place, instants[moment]) for place, moment in zip(places.tolist(), moments.tolist(), strict=True)]
        return np.array(each, np.int64)[which]
