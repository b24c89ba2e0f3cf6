"""Outcomes: what calls come to, by segment, attempt and local hour of the week (rules 7)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.calling.instants import MINUTE
from engine.calling.policy import LONGEST_MINUTES, CallPolicy, RetryMinutes
from engine.calling.spoken import WEEKDAYS
from engine.customers.durations import Durations, Seconds, quantile_table
from engine.reading.faults import Fault, Path, shown
from engine.reading.names import HALVED, WHOLE, is_halved

ANSWERED = "answered"
"""The outcome that reaches a customer; `answering` and `retryIfShorterThanSeconds` apply to it."""
CERTAIN = 1 << 32
"""The threshold, for 32-bit draws, of a probability of 1."""
MOST_REDIAL_ATTEMPTS = 5
MOST_OUTCOMES = 256
"""The most outcomes that the byte of a number's result can hold."""
ALL_DAYS = len(WEEKDAYS)
HOURS_A_WEEK = 24 * ALL_DAYS
_TOLERANCE = 1e-6

Share = Annotated[float, Meta(ge=0, le=1, description="a share from 0 to 1")]
Factor = Annotated[float, Meta(ge=0, le=1000, description="a factor of at least 0, such as 0.9")]


class RedialPolicy(CallPolicy, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a redial says: a call policy of its own for a new series of calls, and when that begins (rules 6)."""

    start_after_minutes: Annotated[int, Meta(ge=0, le=LONGEST_MINUTES)] | None = None
    max_attempts: Annotated[int, Meta(ge=0, description="an integer of at least 0; above 5 counts as 5")] | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """No start and no hours, or two starts (rules 6)."""
        yield from super().faults_among(fields)
        starts = ("start_after_minutes", "start_date_time", "allowed_time")
        given = [name for name in starts if fields.get(name) is not None]
        if not given and fields.keys() >= set(starts):  # none of them has a fault of its own
            yield Fault((), "a redial without a start", "startAfterMinutes, startDateTime or allowedTime")
        if given[:2] == ["start_after_minutes", "start_date_time"]:
            yield Fault(("startAfterMinutes",), "startDateTime as well", "one start")

    @property
    def seconds_after(self) -> int:
        """It is due at the earliest so many seconds after the end of the call that brings it."""
        return (self.start_after_minutes or 0) * MINUTE


class Redial(RedialPolicy, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A redial that a share of the calls brings."""

    share: Share


class Outcome(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a share of the calls comes to; it ends the number unless `retry` is true."""

    share: Share
    seconds: Seconds | Durations
    retry: bool = False
    retry_interval_in_minutes: RetryMinutes | None = None
    redials: tuple[Redial, ...] = ()

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Redials whose shares sum to more than 1."""
        total = sum(redial.share for redial in fields.get("redials", ()))
        if total > 1 + _TOLERANCE:
            yield Fault(("redials",), f"shares that sum to {total:g}", "at most 1")


class Answering(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Factors that multiply the share of `answered`; the other outcomes share the rest in the same proportions."""

    local_hours: Annotated[dict[str, Factor], Meta(description='a mapping of hours such as "10-12" to factors')] = {}
    weekdays: Annotated[dict[str, Factor], Meta(description="a mapping of weekdays to factors")] = {}
    attempts: Annotated[tuple[Factor, ...], Meta(description="a list of factors, the first call's first")] = ()

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Hours that are not hours or overlap, and unknown days."""
        taken: dict[int, str] = {}
        for key in fields.get("local_hours", ()):
            hours = hour_range(key)
            if not hours:
                yield Fault(("localHours", key), shown(key), "hours from 0 to 24, such as 10-12 or 22-6")
            elif twice := sorted({taken[hour] for hour in hours if hour in taken}):
                yield Fault(("localHours", key), f"hours that {' and '.join(twice)} holds as well", "each hour once")
            taken.update(dict.fromkeys(hours, key))
        for key in fields.get("weekdays", ()):
            if key not in WEEKDAYS:
                yield Fault(("weekdays", key), "an unknown day", " ".join(WEEKDAYS))

    def factors(self) -> NDArray[np.float64]:
        """Factors by [attempt - 1, local hour of the week from Monday]; the last row holds for later attempts, too."""
        week = np.ones((ALL_DAYS, 24))
        for key, factor in self.local_hours.items():
            week[:, hour_range(key)] *= factor
        for key, factor in self.weekdays.items():
            week[WEEKDAYS.index(key)] *= factor
        return np.outer(self.attempts or (1.0,), week.ravel())


def hour_range(text: str) -> list[int]:
    """The hours that `10-12` (10 and 11), `22-6` (over midnight) or `9` mean; an empty list for anything else."""
    match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", text, re.ASCII)
    if not match:
        return []
    first = int(match[1])
    last = first + 1 if match[2] is None else int(match[2])
    if first > 23 or last > 24 or first == last:
        return []
    return [hour % 24 for hour in range(first, last if first < last else last + 24)]


class SegmentOutcome(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one outcome differs in a segment."""

    share: Share | None = None
    seconds: Seconds | Durations | None = None


class Segment(CallPolicy, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Customers who differ: those whose payload has these values, or a share of all others, drawn by luck.

    The fields of its call policy hold for its numbers that leave them out, before those of the campaign (rules 2).
    """

    name: str
    share: Share | None = None
    payload: (
        Annotated[dict[str, Any], Meta(min_length=1, description="a mapping of payload fields to values")] | None
    ) = None
    outcomes: dict[str, SegmentOutcome] = msgspec.field(default_factory=dict)

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Not exactly one of share and payload."""
        yield from super().faults_among(fields)
        if {"share", "payload"} <= fields.keys() and (fields["share"] is None) == (fields["payload"] is None):
            yield Fault((), "both or neither of share and payload", "one of the two")

    @property
    def policy(self) -> CallPolicy:
        """Its call policy alone."""
        return CallPolicy(**{name: getattr(self, name) for name in CallPolicy.__struct_fields__})


class OutcomeModel(NamedTuple):
    """The outcome model compiled: what both engines read.

    Segment 0 holds the numbers of no segment; `segments[i]` of the scenario is segment i + 1.
    """

    names: tuple[str, ...]
    """`answered` first, then the others by name: draws run over them in this order (rules 7)."""
    thresholds: NDArray[np.uint64]
    """[segment, attempt - 1 (the last for later ones, too), local hour of the week, outcome]: cumulative, of 2**32."""
    seconds: NDArray[np.uint32]
    """[segment, outcome, TABLE_SIZE]: quantiles of the duration in seconds."""
    retries: NDArray[np.bool_]
    """[outcome]: whether a call with this outcome is retried; the outcome is final otherwise."""
    retry_seconds: NDArray[np.int64]
    """[outcome]: its own retry interval in seconds; 0 where the policy's holds."""
    redial_thresholds: NDArray[np.uint64]
    """[outcome, redial rule]: cumulative, of 2**32; a draw at or above the last brings no redial."""
    redials: tuple[Redial, ...]
    """Every redial rule, outcome by outcome."""
    first_redial: NDArray[np.int64]
    """[outcome]: the index in `redials` of its first rule."""
    answered: int
    """The index of `answered` in `names`; -1 if there is no such outcome."""
    segment_thresholds: NDArray[np.uint64]
    """[segment of the scenario]: cumulative, of 2**32; a segment chosen by payload adds 0."""


def model_faults(outcomes: Mapping[str, Outcome], answering: Answering, segments: Sequence[Segment]) -> Iterable[Fault]:
    """What is wrong between outcomes, factors and segments; paths begin at the scenario."""
    if len(outcomes) > MOST_OUTCOMES:
        yield Fault(("outcomes",), f"{len(outcomes):,} outcomes", f"at most {MOST_OUTCOMES}")
    named: dict[Path, str] = {("outcomes", name): name for name in outcomes}
    named |= {("segments", index, "name"): segment.name for index, segment in enumerate(segments)}
    yield from (Fault(path, HALVED, WHOLE) for path, name in named.items() if is_halved(name))
    total = sum(outcome.share for outcome in outcomes.values())
    if abs(total - 1) > _TOLERANCE:
        yield Fault(("outcomes",), f"shares that sum to {total:.6g}", "shares that sum to 1")
        return
    if answering != Answering() and ANSWERED not in outcomes:
        yield Fault(("answering",), f"no outcome named {ANSWERED}", f"factors where outcomes has {ANSWERED}")
    faulty = False
    for index, segment in enumerate(segments):
        for fault in _segment_faults(segment, outcomes):
            faulty = True
            yield fault.under("segments", index)
    names = [segment.name for segment in segments]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(("segments", index, "name"), shown(name), "a name that no other segment has")
    drawn = sum(segment.share or 0 for segment in segments)
    if drawn > 1 + _TOLERANCE:
        yield Fault(("segments",), f"shares that sum to {drawn:g}", "at most 1")
    if not faulty and ANSWERED in outcomes and answering.factors().min() < 1:
        answered = list(outcomes).index(ANSWERED)
        for index, kind in enumerate((None, *segments)):
            if _segment_shares(outcomes, kind)[answered] > 1 - _TOLERANCE:
                path = ("outcomes", ANSWERED, "share") if kind is None else ("segments", index - 1)
                yield Fault(path, f"{ANSWERED} with share 1", "a share below 1 where answering has factors below 1")


def _segment_faults(segment: Segment, outcomes: Mapping[str, Outcome]) -> Iterable[Fault]:
    unknown = [name for name in segment.outcomes if name not in outcomes]
    yield from (Fault(("outcomes", name), "an unknown outcome", ", ".join(outcomes)) for name in unknown)
    given = {name: own.share for name, own in segment.outcomes.items() if own.share is not None and name in outcomes}
    total = sum(given.values())
    rest = sum(outcome.share for name, outcome in outcomes.items() if name not in given)
    if total > 1 + _TOLERANCE or (rest <= 0 and total < 1 - _TOLERANCE):
        allowed = "shares that sum to 1" if rest <= 0 else "shares that sum to at most 1"
        yield Fault(("outcomes",), f"shares that sum to {total:.6g}", allowed)


def _segment_shares(outcomes: Mapping[str, Outcome], segment: Segment | None) -> NDArray[np.float64]:
    """Shares in a segment: its own where it gives them; the other outcomes share the rest in proportion."""
    shares = np.array([outcome.share for outcome in outcomes.values()])
    if segment is not None:
        own = [segment.outcomes.get(name, SegmentOutcome()).share for name in outcomes]
        given = np.array([share is not None for share in own])
        taken = sum(share for share in own if share is not None)
        rest = shares[~given].sum()
        shares = np.where(given, [share or 0.0 for share in own], shares * (max(1 - taken, 0) / rest if rest else 0))
    return np.asarray(shares / shares.sum(), np.float64)


def names_in_order(outcomes: Iterable[str]) -> tuple[str, ...]:
    """The names of outcomes in the order in which draws run over them: `answered`, then the others by name."""
    return tuple(sorted(outcomes, key=lambda name: (name != ANSWERED, name)))


def compile_outcomes(
    outcomes: Mapping[str, Outcome], answering: Answering, segments: Sequence[Segment]
) -> OutcomeModel:
    """The tables of an outcome model that has no faults."""
    names = names_in_order(outcomes)
    outcomes = {name: outcomes[name] for name in names}
    answered = 0 if ANSWERED in outcomes else -1
    kinds = (None, *segments)
    most_rules = max((len(outcome.redials) for outcome in outcomes.values()), default=0)
    redial_shares = np.zeros((len(names), most_rules))
    for index, outcome in enumerate(outcomes.values()):
        redial_shares[index, : len(outcome.redials)] = [redial.share for redial in outcome.redials]
    counts = [len(outcome.redials) for outcome in outcomes.values()]
    return OutcomeModel(
        names=names,
        thresholds=np.stack([_thresholds(_segment_shares(outcomes, kind), answering, answered) for kind in kinds]),
        seconds=np.stack([_segment_seconds(outcomes, kind) for kind in kinds]),
        retries=np.array([outcome.retry for outcome in outcomes.values()]),
        retry_seconds=np.array(
            [(outcome.retry_interval_in_minutes or 0) * MINUTE for outcome in outcomes.values()], np.int64
        ),
        redial_thresholds=_cumulative(redial_shares),
        redials=tuple(redial for outcome in outcomes.values() for redial in outcome.redials),
        first_redial=np.cumsum([0, *counts[:-1]], dtype=np.int64),
        answered=answered,
        segment_thresholds=segment_thresholds(segments),
    )


def segment_thresholds(segments: Sequence[Segment]) -> NDArray[np.uint64]:
    """See `OutcomeModel.segment_thresholds`."""
    return _cumulative(np.array([segment.share or 0.0 for segment in segments]))


def _thresholds(shares: NDArray[np.float64], answering: Answering, answered: int) -> NDArray[np.uint64]:
    factors = answering.factors()
    moved = np.broadcast_to(shares, (*factors.shape, len(shares))).copy()
    if answered >= 0 and shares[answered] < 1:
        reached = np.minimum(shares[answered] * factors, 1)
        moved *= ((1 - reached) / (1 - shares[answered]))[..., None]
        moved[..., answered] = reached
    thresholds = _cumulative(moved)
    thresholds[..., -1] = CERTAIN
    return thresholds


def _segment_seconds(outcomes: Mapping[str, Outcome], segment: Segment | None) -> NDArray[np.uint32]:
    own = segment.outcomes if segment else {}
    return np.stack(
        [
            quantile_table(
                outcome.seconds if (override := own.get(name, SegmentOutcome()).seconds) is None else override
            )
            for name, outcome in outcomes.items()
        ]
    )


def _cumulative(shares: NDArray[np.float64]) -> NDArray[np.uint64]:
    return np.minimum(np.rint(np.cumsum(shares, axis=-1) * CERTAIN), CERTAIN).astype(np.uint64)
