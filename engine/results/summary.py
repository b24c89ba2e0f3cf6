"""The summary: the figures of a run."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import NEVER, unix_seconds, utc_text
from engine.calling.windows import Instants
from engine.dialing.record import (
    CALLBACK,
    COMPLETED,
    ENDINGS,
    EXPIRED,
    NEVER_CALLED,
    NO_INSTANT,
    PRIORITIES,
    QUARTER,
    NumberColumns,
    Record,
)
from engine.dialing.rulebook import Rulebook
from engine.dialing.waits import LISTED, WAIT_REASONS
from engine.numbers.phonebook import Phonebook
from engine.numbers.places.placing import Placing
from engine.results.figures import TEXTS, Figure, figure_named, is_group
from engine.results.reasons import REASONS, reason_named
from engine.scenario.document import Goal


class NumberFigures(msgspec.Struct, frozen=True):
    """What became of the list; shares are of `total`."""

    total: int
    reached: int
    """Numbers with an answered call that was not too short."""
    reached_share: float
    ending: dict[str, int]
    ending_share: dict[str, float]
    not_reached: dict[str, int]
    """Numbers that were not reached, by reason."""
    held_back: int
    """Numbers that a cap has held back at least once."""
    duplicates_ignored: int

    @property
    def pending(self) -> int:
        """Numbers that had not ended when the simulation did."""
        return sum(count for ending, count in self.ending.items() if ending.startswith("pending"))


class CallFigures(msgspec.Struct, frozen=True):
    """Calls begun."""

    total: int
    per_number: float
    outcome: dict[str, int]
    outcome_share: dict[str, float]
    most_attempts: int
    """The most calls to one number."""


class LineFigures(msgspec.Struct, frozen=True):
    """The work of the lines."""

    hours_available: float
    hours_in_use: float
    occupancy: float | None
    """Hours in use divided by hours available."""
    occupancy_while_calling: float | None
    """The same over the quarter-hours in which a line was in use."""
    most_in_use: int


class WaitingFigures(msgspec.Struct, frozen=True):
    """Seconds from the first instant at which numbers could be called to their first call, of those that got one."""

    numbers: int
    mean: float
    median: int
    p90: int
    p99: int


class GoalFigures(msgspec.Struct, frozen=True):
    """How far the run reached the scenario's goal."""

    reached_share: float
    """The share of the list that was reached before the goal's `by`, or at all without it."""
    met: bool | None
    """None where it is open: a live dialer has not come to the goal's `by` yet."""
    reached_at: str | None
    """When the goal's share of the list was reached, in time or later; None if it never was."""


class Summary(msgspec.Struct, frozen=True):
    """The figures of a run. Instants are ISO 8601 in UTC; None where nothing could be measured."""

    digest: str
    numbers: NumberFigures
    calls: CallFigures
    lines: LineFigures
    waiting: dict[str, WaitingFigures]
    """By priority, for the priorities that were called."""
    done_at: str | None
    """When the last number ended; None if numbers are pending."""
    first_call_at: str | None
    last_call_at: str | None
    last_reached_at: str | None
    goal: GoalFigures | None = None
    zones: Placing | None = None
    """Zones by phone; None unless the campaign says `gmtZone: fromPhone`."""
    waits: dict[str, float] | None = None
    """By reason (rules 6), the share of the time that all numbers spent on the list; None if it was not counted."""


def summarize(
    goal: Goal | None, rulebook: Rulebook, phonebook: Phonebook, record: Record, placing: Placing | None = None
) -> Summary:
    """The figures of a record."""
    became, quarters = _became(record.numbers), record.quarters
    reached_at = _known(became.reached_at)
    first_allowed = rulebook.first_allowed(phonebook)
    calls = quarters.begun.sum(axis=0)
    total = len(phonebook)
    endings = np.bincount(became.ending, minlength=len(ENDINGS))
    return Summary(
        digest=f"{record.digest:016x}",
        numbers=NumberFigures(
            total=total,
            reached=len(reached_at),
            reached_share=_share(len(reached_at), total),
            ending=dict(zip(ENDINGS, endings.tolist(), strict=True)),
            ending_share={name: _share(count, total) for name, count in zip(ENDINGS, endings.tolist(), strict=True)},
            not_reached=_not_reached(rulebook, phonebook, became, first_allowed),
            held_back=int(np.count_nonzero(record.numbers.held_once)),
            duplicates_ignored=phonebook.duplicates,
        ),
        calls=CallFigures(
            total=int(calls.sum()),
            per_number=_share(int(calls.sum()), total),
            outcome=dict(zip(rulebook.model.names, calls.tolist(), strict=True)),
            outcome_share={
                name: _share(count, int(calls.sum()))
                for name, count in zip(rulebook.model.names, calls.tolist(), strict=True)
            },
            most_attempts=int(became.attempts.max(initial=0)),
        ),
        lines=_lines(rulebook, record),
        waiting=_waiting(rulebook, phonebook, became.first_call, first_allowed),
        done_at=_last(became.ended_at) if (became.ended_at != NO_INSTANT).all() else None,
        first_call_at=_first(became.first_call),
        last_call_at=_last(became.last_call),
        last_reached_at=_last(reached_at),
        goal=None if goal is None else _goal(goal, reached_at, total, rulebook.finish),
        zones=placing,
        waits=None if record.waits is None else _waits(record.waits),
    )


class _Became(NamedTuple):
    """What became of each number, as `NumberColumns` has it; each column is made once."""

    ending: NDArray[np.int8]
    ended_at: Instants
    attempts: NDArray[np.uint32]
    first_call: Instants
    last_call: Instants
    last_outcome: NDArray[np.int16]
    reached_at: Instants
    held: NDArray[np.bool_]


def _became(columns: NumberColumns) -> _Became:
    ending, ended_at = columns.ends()
    calls = columns.attempts, columns.first_call, columns.last_call, columns.last_outcome
    return _Became(ending, ended_at, *calls, columns.reached_at, columns.held)


def _waits(waits: NDArray[np.int64]) -> dict[str, float]:
    seconds = {
        reason.name: int(waits[:, place].sum()) for place, reason in enumerate(WAIT_REASONS) if place not in LISTED
    }
    total = sum(seconds.values())
    return {name: _share(count, total) for name, count in seconds.items()}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _known(instants: Instants) -> Instants:
    return np.compress(instants != NO_INSTANT, instants)


def _first(instants: Instants) -> str | None:
    known = _known(instants)
    return utc_text(int(known.min())) if len(known) else None


def _last(instants: Instants) -> str | None:
    last = int(instants.max(initial=NO_INSTANT))
    return None if last == NO_INSTANT else utc_text(last)


def _lines(rulebook: Rulebook, record: Record) -> LineFigures:
    quarters = record.quarters
    edges = (rulebook.start // QUARTER + np.arange(len(quarters.peak) + 1)) * QUARTER
    edges = np.clip(edges, rulebook.start, rulebook.finish)
    available = rulebook.line_seconds(edges[:-1], edges[1:])
    in_use, in_all = int(quarters.line_seconds.sum()), int(available.sum())
    calling = int(available[quarters.line_seconds > 0].sum())
    return LineFigures(
        hours_available=in_all / 3600,
        hours_in_use=in_use / 3600,
        occupancy=in_use / in_all if in_all else None,
        occupancy_while_calling=in_use / calling if calling else None,
        most_in_use=int(quarters.peak.max(initial=0)),
    )


def _waiting(
    rulebook: Rulebook, phonebook: Phonebook, first_call: Instants, first_allowed: Instants
) -> dict[str, WaitingFigures]:
    terms = rulebook.terms_of_all(phonebook.distinct)
    by_policy = rulebook.terms.columns.priority[terms]
    called = first_call != NO_INSTANT
    priorities = np.where(called, by_policy[phonebook.policies], 0)
    waits = first_call - first_allowed
    figures = {}
    for priority in range(1, PRIORITIES + 1):
        waited = np.sort(np.compress(priorities == priority, waits))  # numpy finds quantiles sooner then
        if not len(waited):
            continue
        median, p90, p99 = np.quantile(waited, [0.5, 0.9, 0.99], method="inverted_cdf").tolist()
        figures[str(priority)] = WaitingFigures(len(waited), float(waited.mean()), int(median), int(p90), int(p99))
    return figures


def _not_reached(rulebook: Rulebook, phonebook: Phonebook, became: _Became, first_allowed: Instants) -> dict[str, int]:
    """How many numbers were not reached for each reason; for a number, the first reason that holds counts."""
    left = became.reached_at == NO_INSTANT
    holds = _holds(rulebook, phonebook, became, first_allowed)
    counts = {}
    for reason in sorted(holds, key=lambda name: REASONS.index(reason_named(name))):
        counts[reason] = int(np.count_nonzero(holds[reason] & left))
        left &= ~holds[reason]
    return {reason: count for reason, count in counts.items() if count}


def _holds(
    rulebook: Rulebook, phonebook: Phonebook, became: _Became, first_allowed: Instants
) -> dict[str, NDArray[np.bool_]]:
    """For each reason, whether it holds for a number: [row of the phonebook]."""
    never, ending, last_outcome = rulebook.never_allowed(phonebook), became.ending, became.last_outcome
    completed = {
        f"completed_{name}": (ending == COMPLETED) & (last_outcome == index)
        for index, name in enumerate(rulebook.model.names)
    }
    endings = {name: ending == index for index, name in enumerate(ENDINGS) if index != COMPLETED}
    outranked = _outranked(rulebook, phonebook, became, first_allowed)
    return {
        "never_opens": never.never_opens,
        "closed_until_finish_date": never.closed_until_finish,
        "expired_held_back": (ending == EXPIRED) & became.held,
        "pending_held_back": ((ending == NEVER_CALLED) | (ending == CALLBACK)) & became.held,
        "expired_outranked": (ending == EXPIRED) & outranked,
        "pending_outranked": (ending == NEVER_CALLED) & outranked,
        "expired_never_called": (ending == EXPIRED) & (became.attempts == 0),
        "closed_until_simulation_ends": (ending == NEVER_CALLED) & (first_allowed == NEVER),
        **completed,
        **endings,
    }


def _outranked(rulebook: Rulebook, phonebook: Phonebook, became: _Became, first_allowed: Instants) -> NDArray[np.bool_]:
    """Whether numbers were never called while lines called those of higher priorities, and no others: [row].

    It counts from the first instant at which a number could be called. A number counts with the last priority that it
    may have, with that of its redials.
    """
    called = became.attempts > 0
    if called.all():
        return ~called
    terms = rulebook.terms_of_all(phonebook.distinct)
    series = rulebook.terms.columns.priority[terms[:, np.newaxis] + np.arange(1 + len(rulebook.model.redials))]
    own, last = series[phonebook.policies, 0], series.max(axis=1, initial=0)[phonebook.policies]
    calls = (np.compress(last == priority, became.last_call) for priority in range(PRIORITIES + 1))
    latest = np.array([each.max(initial=NO_INSTANT) for each in calls])  # the latest call to each priority
    higher = np.maximum.accumulate(latest)[own - 1]
    others = np.maximum.accumulate(latest[::-1])[::-1][own]
    outranked: NDArray[np.bool_] = ~called & (first_allowed <= higher) & (others < first_allowed)
    return outranked


def _goal(goal: Goal, reached_at: NDArray[np.int64], total: int, finish: int) -> GoalFigures:
    in_time = len(reached_at) if goal.by is None else int((reached_at < goal.by).sum())
    wanted = goal.wanted(total)
    enough = wanted <= len(reached_at) and total > 0
    is_open = goal.by is not None and finish < goal.by
    return GoalFigures(
        reached_share=_share(in_time, total),
        met=True if in_time >= wanted and total else None if is_open else False,
        reached_at=utc_text(int(np.partition(reached_at, wanted - 1)[wanted - 1])) if enough else None,
    )


def figures_by_name(summary: Summary) -> dict[str, float | None]:
    """Each figure by its dotted name, such as `numbers.reached_share`; instants in Unix seconds.

    Groups that a scenario does not have are left out. Raises LookupError if a figure is not in the table of figures.
    """

    def walk(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, float | None]]:
        for key, item in value.items():
            name = prefix + key
            if isinstance(item, Mapping):
                yield from walk(item, f"{name}.")
            elif name not in TEXTS and not (item is None and is_group(name)):
                yield name, _number(item, figure_named(name))

    return dict(walk(msgspec.to_builtins(summary), ""))


def _number(value: Any, figure: Figure) -> float | None:
    if value is None:
        return None
    return float(unix_seconds(value) if figure.kind == "instant" else value)
