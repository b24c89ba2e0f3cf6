"""Played: a call log beside its scenario, as columns from which each invariant is decided."""

from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.caps import Cap
from engine.calling.instants import DAY, NEVER
from engine.calling.rule_hours import in_both
from engine.calling.sorting import rows_by
from engine.calling.windows import whole_windows
from engine.calling.zones import named_zone
from engine.customers.outcomes import compile_outcomes
from engine.logs.forms import AS_IT_IS, LogForm
from engine.scenario.campaign import WINDOW_CLOSING
from engine.scenario.scenario import Scenario
from engine.testing.invariants.caps import Counted, Held, counted_calls, held_back
from engine.testing.invariants.lives import Chain, Ends, Lives, Waits, chained, ends_of, lives_of, waits_of
from engine.testing.invariants.logged import NOT_KNOWN, Integers, Log, logged_calls
from engine.testing.invariants.sweep import LATER, Begun, Capacity, Cells, Excess, Queue, excess, sweep
from engine.testing.invariants.terms import Terms, TermsOfList


class Swept(NamedTuple):
    """What the sweep found, in the order in which `Played.waits` has waits."""

    passed: Integers
    """[call]: the wait that it passed over, or NOT_KNOWN."""
    judged: NDArray[np.bool_]
    """[call]: whether its place in the order is known."""
    left: Integers
    """[wait]: when it was left beside a free line, or LATER."""


class Played:
    """A call log and its scenario: what every invariant is decided from. It does not change."""

    def __init__(
        self,
        log: Log,
        scenario: Scenario | str | Path,
        *,
        form: LogForm = AS_IT_IS,
        numbers: pl.DataFrame | pl.LazyFrame | None = None,
        same_luck: bool = False,
    ) -> None:
        """Read the log; InputError if it cannot be read.

        `log` is a run's result or its folder; or a polars frame, or a CSV, Excel, Parquet or NDJSON file, with `phone`
        and `start` (an instant), and where it has them `seconds`, `outcome` (the scenario's words), `attempt`, `redial`
        (whether the call is of a redial's series), `number` (the row of the list, from 0) and `brings` (which redial of
        its outcome the call brings, from 0; null for none). `form` says how a file of another system is written.
        `numbers` has `ending` and `ended_at` for each number of the list. With `same_luck` the scenario's seed tells
        which calls bring which redials; of a result, and of its folder, its own seed does.
        """
        self.scenario = scenario if isinstance(scenario, Scenario) else Scenario.load(Path(scenario))
        self.document = self.scenario.document
        self.book = self.scenario.phonebook
        self.start, self.finish = int(self.document.start), int(self.document.finish)
        self.model = compile_outcomes(self.document.outcomes, self.document.answering, self.document.segments)
        seed = self.document.seed if same_luck else None
        self.calls = logged_calls(log, self.book, self.model.names, form=form, numbers=numbers, seed=seed)
        self.terms = TermsOfList(self.book, self.document.campaign, self.model)

    @cached_property
    def chain(self) -> Chain:
        """The calls to each number, one behind the other."""
        return chained(self.calls, self.document, self.book, self.model, self.terms)

    @cached_property
    def lives(self) -> Lives:
        """What the calls before each call say of it."""
        return lives_of(self.chain, self.calls, self.book, self.terms)

    @cached_property
    def own(self) -> Terms:
        """[call]: what its series asks, where it is known."""
        return self.terms.of(self.calls.number, self.lives.redial)

    @cached_property
    def ends(self) -> Ends:
        """[number]: how far the log tells its life."""
        return ends_of(self.chain, self.calls, self.book)

    @cached_property
    def waits(self) -> Waits:
        """The stretches in which numbers wait."""
        return waits_of(self.chain, self.ends, self.calls, self.book, self.terms, self.finish)

    @cached_property
    def local(self) -> Integers:
        """[call]: seconds since 1970-01-01 on the clock of its series; of UTC where that is not known."""
        return self.terms.local(self.calls.start, self.clock)

    @cached_property
    def clock(self) -> Integers:
        """[call]: the zone of its series, an index in `terms.zones`; NOT_KNOWN where that is not known."""
        return np.where(self.lives.known, self.own.zone, NOT_KNOWN)

    @cached_property
    def waiting(self) -> Terms:
        """[wait]: what it asks."""
        return self.terms.of(self.waits.number, self.waits.redial)

    @cached_property
    def counted(self) -> Counted:
        """The calls as caps count them."""
        return counted_calls(self.calls, self.lives, self.own, self.book, self.caps, self.model.names, self.terms)

    @property
    def caps(self) -> tuple[Cap, ...]:
        """Those of the campaign, then those of its rule sets."""
        return self.document.campaign.every_cap

    @cached_property
    def held(self) -> Held:
        """[wait]: when caps let it be due."""
        if not self.caps:
            return Held(self.waits.base, np.full(len(self.waits.base), NEVER))
        return held_back(self.counted, self.caps, self.waits, self.terms, self.waiting)

    @cached_property
    def begun(self) -> Begun:
        """The calls, each at least a second long."""
        end = self.calls.start + np.maximum(self.calls.seconds, 1)
        return Begun(self.calls.start, end, rows_by(end))

    @cached_property
    def capacity(self) -> Capacity:
        """Lines of the campaign."""
        instants, lines = self.document.campaign.lines_over(self.start, self.finish)
        return Capacity(instants.astype(np.int64), lines.astype(np.int64))

    @cached_property
    def excess(self) -> Excess:
        """What the calls took too much of lines and pace."""
        return excess(self.begun, self.capacity, self.document.campaign.pace, self.start)

    @cached_property
    def sequence(self) -> Integers:
        """The waits in the order in which they were scheduled: calls end before numbers are added, in one instant."""
        waits = self.waits
        is_added = waits.behind == NOT_KNOWN
        by_whom = rows_by(np.where(is_added, waits.number, waits.behind))
        return by_whom[rows_by((2 * waits.since + is_added)[by_whom])]

    @cached_property
    def swept(self) -> Swept:
        """Who was passed over, and who was left beside a free line."""
        queue, cells, order = self._queue()
        campaign = self.document.campaign
        found = sweep(
            self.begun,
            self.excess,
            self.capacity,
            campaign.pace,
            (self.start, self.finish),
            queue,
            cells,
            closing_first=campaign.order == WINDOW_CLOSING,
            watches_lines=bool((self.calls.seconds >= 0).all()),
        )
        left = np.full(len(order), LATER)
        left[order] = found.left
        passed = np.where(found.passed < 0, NOT_KNOWN, np.append(order, 0)[found.passed])
        return Swept(passed, found.judged, left)

    def _queue(self) -> tuple[Queue, Cells, Integers]:
        waits, own, due = self.waits, self.waiting, self.held.due
        pairs = own.week * len(self.terms.zones) + own.zone
        classes, of_class = _numbered(pairs)
        cell_keys, cell = _numbered(of_class * 5 + own.priority - 1)
        by_due = self.sequence[rows_by(due[self.sequence])]
        rank = _places(by_due)
        order = by_due[rows_by(cell[by_due])]
        leaves = np.minimum(own.finish, self.held.until)[order]
        ranked_due = due[order]
        place = _places(order)
        of_call = np.full(len(self.calls.start), -1)
        ended = waits.call >= 0
        of_call[waits.call[ended]] = place[ended]
        leaving = np.flatnonzero(leaves < self.finish)
        queue = Queue(
            cell=cell[order].astype(np.int64),
            due=ranked_due,
            rank=rank[order],
            leaves=leaves,
            by_due=place[by_due],
            by_leave=leaving[rows_by(leaves[leaving])],
            of_call=of_call,
        )
        window_class = cell_keys // 5
        return queue, self._cells(classes, window_class, cell_keys % 5 + 1, queue.cell), order

    def _cells(self, classes: Integers, window_class: Integers, priority: Integers, cell: Integers) -> Cells:
        changes: list[NDArray[np.int64]] = []
        for index, pair in enumerate(classes.tolist()):
            opens, closes = self.windows(*divmod(pair, len(self.terms.zones)))
            at = np.maximum(np.concatenate((opens, closes)), self.start)
            later = np.full(len(opens), LATER)
            since, until = np.concatenate((opens, later)), np.concatenate((closes, later))
            changes.append(np.stack((at, np.full(len(at), index), since, until)))
        every = np.concatenate(changes, axis=1) if changes else np.zeros((4, 0), np.int64)
        every = every[:, every[0] < self.finish]
        every = every[:, np.argsort(every[0], kind="stable")]
        change, changed, since, until = (np.ascontiguousarray(column) for column in every)
        return Cells(
            firsts=np.searchsorted(cell, np.arange(len(priority) + 1)).astype(np.int64),
            priority=priority.astype(np.int64),
            of_class=np.searchsorted(window_class, np.arange(len(classes) + 1)).astype(np.int64),
            window_class=window_class.astype(np.int64),
            change=change,
            changed=changed,
            since=since,
            until=until,
        )

    def windows(self, week: int, zone: int) -> tuple[Integers, Integers]:
        """The open windows of a week in a zone that meet the simulation, not cut at its ends (rules 3)."""
        campaign = self.document.campaign
        closed = campaign.closed_times(self.start // DAY, self.finish // DAY)
        own = in_both(self.terms.weeks[week], campaign.rule_week)
        found = whole_windows(own, named_zone(self.terms.zones[zone]), self.start, self.finish, closed)
        return found.starts, found.ends


def _numbered(keys: Integers) -> tuple[Integers, Integers]:
    """The integers that occur, ascending, and the index of each row's among them."""
    if int(keys.max(initial=0)) > 8 * len(keys):
        return np.unique(keys, return_inverse=True)
    occurs = np.bincount(keys) > 0
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[keys]


def _places(rows: Integers) -> Integers:
    """[row]: its place in an order of all rows."""
    places = np.empty(len(rows), np.int64)
    places[rows] = np.arange(len(rows))
    return places
