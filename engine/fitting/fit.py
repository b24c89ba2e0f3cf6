"""Fitting: the outcome model of a scenario, made from a call log."""

from itertools import combinations
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from engine.certainty import wilson
from engine.customers.outcomes import ANSWERED, Answering, Outcome, Segment, SegmentOutcome
from engine.fitting.factors import AXES, FEWEST_CALLS, Cells, Factor, Factors, fitted_factors
from engine.fitting.histories import LogHistories, cell_indices_of, counted_cells
from engine.fitting.never_answering import FEWEST_ATTEMPTS, NeverAnswering, estimate
from engine.fitting.talk_times import TalkTimes, talk_times
from engine.logs.call_log import CallLog
from engine.logs.words import INVALID
from engine.progress import Progress, Step, unseen
from engine.reading.faults import Fault, InputError

DEAD = "dead"
"""The name of the segment that never answers."""
FEWEST_ANSWERS = 50
"""With fewer answered calls only their share is fitted, and no factors."""
ROUNDS = 3
"""How often factors and the never-answering are fitted in turn: each needs the other."""
RETRIED = 0.01
"""An outcome is retried if at least this share of its calls is followed by another."""
_SHARE_DIGITS, _FACTOR_DIGITS = 6, 4
_LEAST_EXPECTED = 5
_FEWER_AND_FEWER = tuple(each for count in range(len(AXES) + 1) for each in combinations(reversed(AXES), count))
"""Which factors are left out in turn until the parts play the log back."""
_MOST_OFF = 0.05
"""How far the answers that a scenario expects of the log's calls may be off, as a share of them."""
_MOST_FACTOR = 1_000

Floats = NDArray[np.float64]


class Estimate(msgspec.Struct, frozen=True):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


class OutcomeFit(msgspec.Struct, frozen=True):
    """One outcome, in the log and in the scenario."""

    name: str
    calls: int
    of_log: Estimate
    """Its share of all calls in the log, with Wilson's interval."""
    share: Estimate
    """Its share in the scenario, where all factors are 1: of calls to numbers that can be reached."""
    talk_times: TalkTimes
    retry: bool


class Agreement(msgspec.Struct, frozen=True):
    """How well the answered calls by weekday and hour agree with the factors: Pearson's chi-square."""

    chi_square: float
    freedom: int
    p_value: float
    cells: int
    """How many weekdays and hours have enough calls to be compared."""


class Fit(msgspec.Struct, frozen=True):
    """The parts of a scenario, with their intervals and how well they fit."""

    calls: int
    answered: int
    outcomes: tuple[OutcomeFit, ...]
    hours: tuple[Factor, ...]
    weekdays: tuple[Factor, ...]
    attempts: tuple[Factor, ...]
    never_answering: NeverAnswering | None
    """None if the log does not say enough; the scenario has it only if it is beyond doubt."""
    agreement: Agreement | None
    notes: tuple[str, ...]

    @property
    def parts(self) -> dict[str, Any]:
        """The parts of a scenario file as plain values: `outcomes`, `answering` and `segments`."""
        shares = _rounded_shares([outcome.share.value for outcome in self.outcomes])
        outcomes = {
            outcome.name: {"share": share, "seconds": outcome.talk_times.document}
            | ({"retry": True} if outcome.retry else {})
            for outcome, share in zip(self.outcomes, shares, strict=True)
        }
        answering: dict[str, Any] = {}
        if self.hours:
            answering["localHours"] = {factor.key: _rounded(factor.factor) for factor in self.hours}
        if self.weekdays:
            answering["weekdays"] = {factor.key: _rounded(factor.factor) for factor in self.weekdays}
        if self.attempts:
            answering["attempts"] = [_rounded(factor.factor) for factor in self.attempts]
        segments = []
        if self.never_answering is not None and self.never_answering.is_beyond_doubt:
            share = round(self.never_answering.share, _SHARE_DIGITS)
            segments.append({"name": DEAD, "share": share, "outcomes": {ANSWERED: {"share": 0.0}}})
        return {"outcomes": outcomes, "answering": answering, "segments": segments}


def fit(log: CallLog, minimum: int = FEWEST_CALLS, progress: Progress = unseen) -> Fit:
    """Fit the parts of a scenario to a log.

    An hour, a weekday or an attempt has a factor of its own if the log holds `minimum` calls of it. Factors with which
    the parts would not play the log back are left out, which a note says. Raises InputError if the log has no seconds
    for an outcome, or if it is played back by no parts at all.
    """
    progress(Step("fitting durations"))
    times = _all_talk_times(log)
    why = ""
    for without in _FEWER_AND_FEWER:
        made = _fitted(log, minimum, times, progress, _LeftOut(without, why))
        if isinstance(made, Fit):
            return made
        why = why or made
    allowed = "a log of more calls, or a larger --minimum"
    raise InputError([Fault((), "calls that no model plays back", allowed, log.file)])


class _LeftOut(NamedTuple):
    """Factors that are left out, though there are calls enough."""

    axes: tuple[str, ...]
    why: str


def _fitted(log: CallLog, minimum: int, times: list[TalkTimes], progress: Progress, without: _LeftOut) -> Fit | str:
    """The parts without some of the factors; or why they are of no use."""
    notes = list(log.notes)
    moving = _moving(log, minimum, progress, notes, without)
    base = _base_share(log, moving)
    outcomes = _outcomes(log, base, times, _retries(log, notes))
    factors = moving.factors if moving else None
    made = Fit(
        calls=log.calls,
        answered=int(log.answered.sum()),
        outcomes=outcomes,
        hours=factors.hours if factors else (),
        weekdays=factors.weekdays if factors else (),
        attempts=factors.attempts if factors else (),
        never_answering=moving.never_answering if moving else None,
        agreement=None,
        notes=tuple(notes),
    )
    if moving is None:
        return made
    if not moving.factors.told_apart:
        return "the calls do not tell them from the other factors"
    if not _plays_back(made, moving.cells):
        return "with them the scenario would not play the log back"
    return msgspec.structs.replace(made, agreement=_agreement(made, moving.cells))


def _all_talk_times(log: CallLog) -> list[TalkTimes]:
    known = ~np.isnan(log.seconds)
    missing = [name for index, name in enumerate(log.names) if not (known & (log.outcome == index)).any()]
    if missing:
        raise InputError(
            Fault(
                ("seconds",),
                f"no seconds of any call with the outcome {name}",
                f"seconds of at least one of its calls; or how long they last, such as --seconds {name}=20",
                log.file,
            )
            for name in missing
        )
    return [talk_times(log.seconds[log.outcome == index]) for index in range(len(log.names))]


class _Moving(NamedTuple):
    """What the answered share depends on."""

    factors: Factors
    never_answering: NeverAnswering | None
    cells: Cells


def _moving(log: CallLog, minimum: int, progress: Progress, notes: list[str], without: _LeftOut) -> _Moving | None:
    answered = int(log.answered.sum())
    if answered == log.calls:
        notes.append("every call of the log was answered: no factors, and no estimate of the never-answering")
        return None
    if not answered:
        notes.append("no word of the log means answered: --outcome WORD=answered says which one does, if one does")
    if answered < FEWEST_ANSWERS:
        notes.append(
            f"{answered:,} answered calls are too few for factors and the never-answering: it takes {FEWEST_ANSWERS}"
        )
        return None
    progress(Step("fitting factors by hour, weekday and attempt"))
    indices = cell_indices_of(log)
    histories = LogHistories(log, indices)
    cells = counted_cells(log, indices)
    factors = fitted_factors(cells, minimum, without.axes)
    found = None
    if factors.base:
        first, base = factors.attempts[0], factors.base + 1
        notes.append(
            f"first attempts were hardly ever answered ({first.answered:,} of {first.calls:,} calls): the share in the "
            f"scenario is that of attempt {base}, whose factor is 1; the never-answering are not estimated"
        )
    elif "attempt" in without.axes:
        notes.append("the never-answering are not estimated without factors by attempt")
    elif histories.bare is None or not histories.bare.tells_enough:
        notes.append(
            "the never-answering are not estimated: this takes attempts, or phones and starts, of at least 100 numbers "
            f"that were called {FEWEST_ATTEMPTS} times without an answer and of 100 that answered"
        )
    else:
        if histories.left_out:
            notes.append(
                f"numbers whose first calls the log does not hold are left out of that estimate: {histories.left_out:,}"
            )
        progress(Step("estimating the numbers that never answer"))
        moving = _with_never_answering(log, histories, factors, minimum, without)
        factors, found, cells = moving.factors, moving.never_answering, moving.cells
        if found is not None and not found.is_beyond_doubt:
            most = f"0 to {found.high * 100:.1f} %"
            notes.append(
                f"that some numbers never answer is not beyond doubt ({most} of all): there is no segment of them"
            )
    _note_missing(log, factors, minimum, notes, without)
    return _Moving(factors, found, cells)


def _with_never_answering(
    log: CallLog, histories: LogHistories, factors: Factors, minimum: int, without: _LeftOut
) -> _Moving:
    """Factors and the never-answering fitted in turn, each given the other.

    If the never-answering are not beyond doubt, the factors are those without any, with intervals wide enough for them.
    """
    indices = cell_indices_of(log)

    def refitted(found: NeverAnswering, exposed: Any) -> tuple[Factors, Cells]:
        cells = counted_cells(log, indices, histories.reach(exposed, found))
        return fitted_factors(cells, minimum, without.axes), cells

    for _ in range(ROUNDS):
        exposed = histories.exposed(factors.of_week)
        factors, cells = refitted(estimate(exposed, interval=False), exposed)
    exposed = histories.exposed(factors.of_week)
    found = estimate(exposed)
    taken = found if found.is_beyond_doubt else found.with_share(0.0, exposed)
    factors, cells = refitted(taken, exposed)
    ends = [refitted(found.with_share(end, exposed), exposed)[0] for end in (found.low, found.high)]
    return _Moving(_widened(factors, *ends), found, cells)


def _widened(factors: Factors, low: Factors, high: Factors) -> Factors:
    """Factors with intervals that include the doubt about the never-answering.

    An interval for a known share of the never-answering is widened by as much as the ends of that share's own interval
    move the estimate. The two errors are added, for both come from the same first calls and go the same direction.
    """

    def widened(value: float, ends: tuple[float, float], others: tuple[float, float]) -> tuple[float, float]:
        below = value - ends[0] + max(value - min(others), 0)
        above = ends[1] - value + max(max(others) - value, 0)
        return max(value - below, 0.0), value + above

    def each(one: tuple[Factor, ...], two: tuple[Factor, ...], three: tuple[Factor, ...]) -> tuple[Factor, ...]:
        made = []
        for factor, of_low, of_high in zip(one, two, three, strict=True):
            ends = widened(factor.factor, (factor.low, factor.high), (of_low.factor, of_high.factor))
            made.append(msgspec.structs.replace(factor, low=ends[0], high=ends[1]))
        return tuple(made)

    share_low, share_high = widened(factors.share, (factors.low, factors.high), (low.share, high.share))
    return factors._replace(
        low=share_low,
        high=min(share_high, 1.0),
        hours=each(factors.hours, low.hours, high.hours),
        weekdays=each(factors.weekdays, low.weekdays, high.weekdays),
        attempts=each(factors.attempts, low.attempts, high.attempts),
    )


def _note_missing(log: CallLog, factors: Factors, minimum: int, notes: list[str], without: _LeftOut) -> None:
    """Note which factors are missing, and why."""
    for what, column, groups in (
        ("local hour", log.hour, factors.hours),
        ("weekday", log.weekday, factors.weekdays),
        ("attempt", log.attempt, factors.attempts),
    ):
        if column is None:
            notes.append(f"the log does not have the {what} of a call: no factors by {what}")
        elif what.split()[-1] in without.axes:
            notes.append(f"no factors by {what}: {without.why}")
        elif not groups:
            notes.append(f"no factors by {what}: fewer than two have at least {minimum:,} calls (--minimum)")
        elif what != "attempt" and (rest := int((~np.isin(column, [m for f in groups for m in f.members])).sum())):
            aside = ", unanswered attempts aside" if factors.base else ""
            notes.append(f"calls of a {what} with fewer than {minimum:,} calls{aside}, which has no factor: {rest:,}")


def _base_share(log: CallLog, moving: _Moving | None) -> Estimate:
    """The answered share of the scenario."""
    if moving is None:
        return _wilson(int(log.answered.sum()), log.calls)
    return Estimate(moving.factors.share, moving.factors.low, moving.factors.high)


def _wilson(count: int, of: int) -> Estimate:
    return Estimate(count / of, *wilson(count, of))


def _outcomes(log: CallLog, base: Estimate, times: list[TalkTimes], retries: dict[str, bool]) -> tuple[OutcomeFit, ...]:
    """Each outcome; those that are not answered share the rest as in the log, as `answering` does it."""
    answered = int(log.answered.sum())
    made = []
    for index, name in enumerate(log.names):
        calls = int((log.outcome == index).sum())
        if name == ANSWERED:
            share = base
        elif answered == 0:
            share = _wilson(calls, log.calls)
        else:
            among = _wilson(calls, log.calls - answered)
            value = among.value * (1 - base.value)
            below = np.hypot((among.value - among.low) * (1 - base.value), among.value * (base.high - base.value))
            above = np.hypot((among.high - among.value) * (1 - base.value), among.value * (base.value - base.low))
            share = Estimate(value, max(float(value - below), 0.0), min(float(value + above), 1.0))
        made.append(OutcomeFit(name, calls, _wilson(calls, log.calls), share, times[index], retries[name]))
    return tuple(made)


def _retries(log: CallLog, notes: list[str]) -> dict[str, bool]:
    """Which outcomes are retried: those that other calls follow in the log, but never `answered`.

    If the log does not say, or no number was called twice, all but `answered` and `invalid`.
    """
    if log.number is not None and log.attempt is not None:
        order = np.lexsort((log.attempt, log.number))
        followed = np.zeros(log.calls, np.bool_)
        followed[order[:-1]] = np.diff(log.number[order]) == 0
        shares = {name: float(followed[log.outcome == index].mean()) for index, name in enumerate(log.names)}
        if shares.get(ANSWERED, 0) >= RETRIED:
            text = "answered calls that were followed by another (not by retry; perhaps by redials)"
            notes.append(f"{text}: {shares[ANSWERED] * 100:.1f} %")
        if any(share >= RETRIED for name, share in shares.items() if name != ANSWERED):
            return {name: name != ANSWERED and share >= RETRIED for name, share in shares.items()}
    return {name: name not in (ANSWERED, INVALID) for name in log.names}


def model_of(parts: dict[str, Any]) -> tuple[dict[str, Outcome], Answering, tuple[Segment, ...]]:
    """The parts of a scenario as the engine's own values."""
    return (
        msgspec.convert(parts["outcomes"], dict[str, Outcome]),
        msgspec.convert(parts["answering"], Answering),
        tuple(
            Segment(
                name=segment["name"],
                share=segment["share"],
                outcomes={name: SegmentOutcome(**own) for name, own in segment["outcomes"].items()},
            )
            for segment in parts["segments"]
        ),
    )


def _expected(made: Fit, cells: Cells) -> NDArray[np.float64]:
    """The answered calls of each cell that the scenario expects, as an engine draws them."""
    outcomes, answering, _ = model_of(made.parts)
    moved = answering.factors()
    attempts = np.minimum(np.arange(len(cells.calls)), len(moved) - 1)
    chances = np.minimum(outcomes[ANSWERED].share * moved[attempts], 1).reshape(-1, *cells.calls.shape[1:])
    return np.asarray(cells.exposure * chances)


def _plays_back(made: Fit, cells: Cells) -> bool:
    """Whether as many of the log's calls are answered by the scenario as were in the log, with factors in bounds."""
    factors = (*made.hours, *made.weekdays, *made.attempts)
    expected = float(_expected(made, cells).sum())
    return all(factor.factor < _MOST_FACTOR for factor in factors) and (
        abs(expected - made.answered) <= _MOST_OFF * made.answered + 1
    )


def _agreement(made: Fit, cells: Cells) -> Agreement | None:
    """How well the answered calls of each weekday and hour agree with those that the scenario expects."""
    expected = _expected(made, cells).sum(axis=0)
    calls, answered = cells.calls.sum(axis=0), cells.answered.sum(axis=0)
    compared = (expected >= _LEAST_EXPECTED) & (calls - expected >= _LEAST_EXPECTED)
    parameters = 1 + sum(max(len(groups) - 1, 0) for groups in (made.hours, made.weekdays))
    freedom = int(compared.sum()) - parameters
    if freedom < 1:
        return None
    squares = (answered - expected)[compared] ** 2 / (expected * (1 - expected / np.maximum(calls, 1)))[compared]
    chi_square = float(squares.sum())
    return Agreement(chi_square, freedom, float(stats.chi2.sf(chi_square, freedom)), int(compared.sum()))


def _rounded(value: float) -> float:
    return float(f"{min(value, _MOST_FACTOR):.{_FACTOR_DIGITS}g}")


def _rounded_shares(shares: list[float]) -> list[float]:
    """The shares with few digits, so changed that they still sum to 1."""
    rounded = [round(share, _SHARE_DIGITS) for share in shares]
    largest = int(np.argmax(rounded))
    rounded[largest] = round(rounded[largest] + 1 - sum(rounded), _SHARE_DIGITS)
    return rounded
