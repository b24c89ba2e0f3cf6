"""Tries: scenarios whose replications are played as far as the questions about them need."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from engine.progress import Progress, Step, unseen
from engine.scenario.scenario import Scenario
from engine.whatif.replications import Replication, Runs, seeds_of
from engine.whatif.workers import Players, UnfinishedError, Workers

TRIES = 20
"""About so many scenarios are tried by a search."""
MOST_TIMES = 3
"""At once at most so many times the replications are played that are played already."""


class Sizer(NamedTuple):
    """How capacities are tried: the replications of each, where they are played and where they are kept."""

    replications: int
    runs: Runs
    workers: Workers = Workers()
    progress: Progress = unseen


class Try:
    """A scenario that is tried, with the replications that were played so far, in the order of their seeds."""

    def __init__(self, scenario: Scenario, label: str, sizer: Sizer, players: Players) -> None:
        self.played: list[Replication] = []
        self._scenario, self._label, self._sizer, self._players = scenario, label, sizer, players

    @property
    def met(self) -> int:
        """How many of the replications that were played met the goal."""
        return met(self.played)

    def meets(self, wanted: int) -> bool:
        """Whether at least so many of all replications meet the goal; it plays until that is settled."""
        while more := more_to_play(self.met, len(self.played), self._sizer.replications, wanted):
            self._play(more)
        return self.met >= wanted

    def in_full(self) -> list[Replication]:
        """All replications."""
        if left := self._sizer.replications - len(self.played):
            self._play(left)
        return self.played

    def _play(self, more: int) -> None:
        before, planned = len(self.played), self._sizer.replications

        def report(step: Step) -> None:
            counted = msgspec.structs.replace(step, what=self._label, done=before + step.done, of=planned)
            self._sizer.progress(counted)

        seeds = seeds_of(self._scenario, before + more)[before:]
        try:
            [played] = self._players.play([self._scenario], seeds, report)
        except UnfinishedError as stopped:
            raise UnfinishedError(before + stopped.done, planned, stopped.reason) from None
        self.played += played


class Tries:
    """The scenarios that a search tries: each question about one of them plays only what is not settled yet.

    Whether at least `wanted` of all replications meet the goal is settled once so many have, or once too many have
    not (curtailed sampling). So the answers are the same as if all of them were played.
    """

    def __init__(self, sizer: Sizer) -> None:
        self._sizer = sizer
        self._players = Players(sizer.runs, sizer.workers, TRIES)
        self._tries: list[Try] = []

    def add(self, scenario: Scenario, label: str) -> Try:
        """A scenario to try, of which nothing is played yet."""
        self._tries.append(Try(scenario, label, self._sizer, self._players))
        return self._tries[-1]

    @property
    def played(self) -> int:
        """How many runs all questions took."""
        return sum(len(each.played) for each in self._tries)

    @property
    def planned(self) -> int:
        """How many runs it would have been if all that was tried had been played in full."""
        return self._sizer.replications * sum(bool(each.played) for each in self._tries)


def met(played: Sequence[Replication]) -> int:
    """How many replications met the goal."""
    return sum(each.figures["goal.met"] == 1 for each in played)


def more_to_play(met: int, played: int, of: int, wanted: int) -> int:
    """How many replications to play next, to learn whether at least `wanted` of `of` meet the goal; 0 if it is settled.

    As a rule the fewest that can settle it. If it looks as if the goal is met often enough, more of them at once, so
    that processors need not wait for one another so often.

    >>> [more_to_play(*case, of=100, wanted=90) for case in ((0, 0), (11, 11), (0, 11), (55, 55), (80, 90))]
    [11, 33, 0, 35, 1]
    """
    to_succeed, to_fail = wanted - met, of - wanted + 1 - (played - met)
    if to_succeed <= 0 or to_fail <= 0:
        return 0
    fewest = min(to_succeed, to_fail)
    on_track = met * of >= wanted * played
    return max(fewest, min(to_succeed, MOST_TIMES * played)) if on_track else fewest
