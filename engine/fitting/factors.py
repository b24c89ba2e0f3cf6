"""Factors: how the answered share of a log depends on local hour, weekday and attempt."""

import math
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import stats

from engine.calling.spoken import WEEKDAYS
from engine.certainty import CONFIDENCE

FEWEST_CALLS = 500
"""The fewest calls for a factor: with a share of a quarter, its interval is then 15 % to either side."""
LATER = 50
"""Attempts after this one count as this one; no policy allows more."""
HOURS = 24
MOST_SHARE = 0.999
"""The largest answered share: a scenario with factors below 1 may not have a share of 1."""
FAR = 100
"""How many times as often as the first attempt another may be answered before it is the base."""
_NORMAL = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
_STEPS = 100
_LEAST = -25.0

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Cells(NamedTuple):
    """Calls counted by [attempt - 1, weekday, hour]; an axis that the log does not have is counted at index 0."""

    calls: Floats
    answered: Floats
    exposure: Floats
    """Expected calls to numbers that can be reached at all: the factors apply to these."""


class Factor(msgspec.Struct, frozen=True):
    """A factor on the answered share, with its 95 % interval."""

    key: str
    """Its name in a scenario: `10-12`, `mon`; or the attempt, with a + if later ones count as it."""
    members: tuple[int, ...]
    """The hours, weekdays (0 for Monday) or attempts (0 for the first)."""
    calls: int
    answered: int
    factor: float
    low: float
    high: float


class Factors(NamedTuple):
    """The answered share and what multiplies it.

    The factors of hours average 1 over the counted calls, and so do those of weekdays; the factor of the attempt `base`
    is 1. So `share` is the share of first calls at an average hour, if the log has attempts, hours and weekdays, and if
    first calls are answered.
    """

    share: float
    low: float
    high: float
    hours: tuple[Factor, ...]
    weekdays: tuple[Factor, ...]
    attempts: tuple[Factor, ...]
    chances: Floats
    """[attempt - 1, weekday, hour]: the fitted chance of an answer, for numbers that can be reached."""
    base: int = 0
    """The attempt whose factor is 1, 0 for the first: see `_first_base`."""

    told_apart: bool = True
    """Whether the calls tell the factors from one another: not if all first attempts, and no others, are on Mondays."""

    @property
    def of_week(self) -> Floats:
        """[weekday, hour]: what multiplies the share."""
        return np.asarray(self.chances[self.base] / self.share)


AXES = ("attempt", "weekday", "hour")
"""What the answered share may depend on."""


def fitted_factors(cells: Cells, minimum: int = FEWEST_CALLS, without: Collection[str] = ()) -> Factors:
    """Fit all factors together, so that an hour with more later attempts does not get a lower factor for them.

    The answered calls of a cell are modelled as a Poisson count. The logarithm of its mean is the sum of a part for the
    hour, one for the weekday and one for the attempt. Newton's method finds the maximum likelihood. The intervals use
    the binomial variance of the calls, which is smaller (the sandwich estimator of Zou, "A modified Poisson regression
    approach to prospective studies with binary data", American Journal of Epidemiology 159, 2004). Hours, weekdays
    and attempts with fewer calls than `minimum` have no factor of their own: see `grouped`. There are no factors of the
    AXES in `without`, nor of one all of whose groups are without an answer.
    """
    families = _families(cells, minimum, without)
    design = _design(cells, families)
    of_calls = design[cells.calls.ravel() > 0]
    told_apart = bool(np.linalg.matrix_rank(of_calls) == of_calls.any(axis=0).sum())
    calls, answered, exposure = (column.ravel() for column in cells)
    logs, covariance = _newton(design, calls, answered, exposure)
    spread = _Spread(logs, covariance, cells, families)
    attempts, weekdays, hours = (spread.factors(family) for family in range(3))
    share, low, high = spread.share()
    chances = np.minimum(np.exp(np.clip(design @ logs, _LEAST, 0)), 1).reshape(cells.calls.shape)
    base = families[0].groups[families[0].base][0] if families[0].groups else 0
    return Factors(share, low, high, hours, weekdays, attempts, chances, base, told_apart)


class _Family(NamedTuple):
    """The groups of one axis that have factors; none if there are fewer than two."""

    groups: list[tuple[int, ...]]
    base: int
    """The group whose part of the logarithm is 0."""
    columns: list[int]
    """[group]: its column of the design; -1 for the base."""


def _families(cells: Cells, minimum: int, without: Collection[str]) -> list[_Family]:
    """The families of AXES, with the columns of the design that they take from 1 on.

    Attempts that were never answered say nothing of hours and weekdays: their calls do not count for these.
    """
    families: list[_Family] = []
    column = 1
    telling = cells.calls
    for axis, name in enumerate(AXES):
        found = grouped(telling, axis, minimum) if axis else _attempt_groups(telling, minimum)
        answered, calls = (_by_group(each, axis, found) for each in (cells.answered, cells.calls))
        groups = [] if name in without or not answered.any() else found
        base = 0
        if groups and axis == 0:
            base = _first_base(answered, calls)
            silent = [member for group, count in zip(groups, answered, strict=True) if not count for member in group]
            telling = telling.copy()
            telling[silent] = 0
        places = iter(range(column, column + max(len(groups) - 1, 0)))
        families.append(_Family(groups, base, [-1 if place == base else next(places) for place in range(len(groups))]))
        has_rest = bool(groups) and sum(map(len, groups)) < cells.calls.shape[axis]
        column += max(len(groups) - 1, 0) + has_rest
    return families


def _by_group(counts: Floats, axis: int, groups: list[tuple[int, ...]]) -> Floats:
    by_member = counts.sum(axis=tuple(other for other in range(3) if other != axis))
    return np.array([by_member[list(group)].sum() for group in groups])


def _first_base(answered: Floats, calls: Floats) -> int:
    """The first attempt; if another is answered more than FAR times as often, the attempt with the most answers.

    A factor is divided by the share of the base: one that was never answered, or once by chance, is none.
    """
    shares = answered / np.maximum(calls, 1)
    return 0 if shares[0] * FAR > shares.max() else int(answered.argmax())


def grouped(calls: Floats, axis: int, minimum: int) -> list[tuple[int, ...]]:
    """The weekdays (axis 1) or ranges of hours (axis 2) that get factors; none if only one would.

    A weekday gets a factor if it has `minimum` calls. Neighbouring hours are joined until they have so many. Hours that
    are left at the end of a run join the range before; a whole run with fewer calls gets no factor.
    """
    by_member = calls.sum(axis=tuple(other for other in range(3) if other != axis))
    groups: list[tuple[int, ...]]
    if axis == 1:
        groups = [(day,) for day in range(len(by_member)) if by_member[day] >= minimum]
    else:
        groups = [group for run in _runs(by_member) for group in _ranges(by_member, run, minimum)]
    return groups if len(groups) > 1 else []


def _runs(by_member: Floats) -> Iterator[range]:
    """The runs of neighbouring hours that have calls."""
    first = None
    for member in range(len(by_member) + 1):
        if member < len(by_member) and by_member[member] > 0:
            first = member if first is None else first
        elif first is not None:
            yield range(first, member)
            first = None


def _ranges(by_member: Floats, run: Sequence[int], minimum: int) -> list[tuple[int, ...]]:
    ranges: list[tuple[int, ...]] = []
    group: tuple[int, ...] = ()
    for member in run:
        group = (*group, member)
        if by_member[list(group)].sum() >= minimum:
            ranges.append(group)
            group = ()
    if group and ranges:
        ranges[-1] += group
    return ranges


def _attempt_groups(calls: Floats, minimum: int) -> list[tuple[int, ...]]:
    """The first attempts that have `minimum` calls each; the last group holds all later ones, as in an engine."""
    by_attempt = calls.sum(axis=(1, 2))
    most = len(by_attempt)
    own = 0
    while own < most and by_attempt[own] >= minimum:
        own += 1
    if own < 2:
        return []
    return [*((attempt,) for attempt in range(own - 1)), tuple(range(own - 1, most))]


def _design(cells: Cells, families: list[_Family]) -> Floats:
    """The design matrix, [cell, parameter].

    The first column is 1 for all cells; then each group of a family but its base has a column. Cells that are in no
    group of a family have a column of their own, the last of the family.
    """
    shape = cells.calls.shape
    columns = [np.ones(shape)]
    for axis, family in enumerate(families):
        rest = set(range(shape[axis])) - {member for group in family.groups for member in group}
        others = [group for place, group in enumerate(family.groups) if place != family.base]
        for group in [*others, *([tuple(sorted(rest))] if family.groups and rest else [])]:
            column = np.zeros(shape)
            column[(slice(None),) * axis + (list(group),)] = 1
            columns.append(column)
    return np.stack([column.ravel() for column in columns], axis=1)


def _newton(design: Floats, calls: Floats, answered: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """The logarithms of maximum likelihood, and their covariance."""
    there = exposure > 0
    design, calls, answered, exposure = design[there], calls[there], answered[there], exposure[there]
    logs: Floats = np.zeros(design.shape[1])
    logs[0] = np.log(max(answered.sum(), 0.5) / exposure.sum())

    def loss(at: Floats) -> float:
        return float(exposure @ np.exp(np.minimum(design @ at, 5)) - answered @ (design @ at))

    inverse: Floats = np.eye(len(logs))
    for _ in range(_STEPS):
        expected = exposure * np.exp(np.minimum(design @ logs, 5))
        slope = design.T @ (answered - expected)
        inverse = np.asarray(
            np.linalg.pinv(design.T @ (design * expected[:, None]) + 1e-9 * np.eye(len(logs)), hermitian=True),
            np.float64,
        )
        step = np.clip(inverse @ slope, -4, 4)
        while loss(np.asarray(np.maximum(logs + step, _LEAST))) > loss(logs) + 1e-9 and np.abs(step).max() > 1e-10:
            step = step / 2
        logs = np.asarray(np.maximum(logs + step, _LEAST))
        if np.abs(step).max() < 1e-9:
            break
    expected = exposure * np.exp(np.minimum(design @ logs, 5))
    variance = expected * np.clip(1 - expected / calls, 0, 1)
    covariance = inverse @ (design.T @ (design * variance[:, None])) @ inverse
    return logs, covariance


class _Spread:
    """The fitted logarithms as factors with a mean of 1, with intervals by the delta method."""

    def __init__(self, logs: Floats, covariance: Floats, cells: Cells, families: list[_Family]) -> None:
        self._logs = logs
        self._covariance = covariance
        self._cells = cells
        self._families = families

    def _scale(self, axis: int) -> tuple[float, Floats]:
        """The logarithm by which a family's parts exceed factors with a mean of 1, and its gradient."""
        gradient = np.zeros(len(self._logs))
        family = self._families[axis]
        if axis == 0 or not family.groups:
            return 0.0, gradient
        shares = _by_group(self._cells.exposure, axis, family.groups)
        values = np.exp([0.0 if column < 0 else self._logs[column] for column in family.columns])
        total = float(shares @ values)
        for share, value, column in zip(shares, values, family.columns, strict=True):
            if column >= 0:
                gradient[column] = share * value / total
        return float(np.log(total / shares.sum())), gradient

    def factors(self, axis: int) -> tuple[Factor, ...]:
        family = self._families[axis]
        scale, scale_gradient = self._scale(axis)
        calls, answered = (_by_group(each, axis, family.groups) for each in (self._cells.calls, self._cells.answered))
        made = []
        for place, (group, column) in enumerate(zip(family.groups, family.columns, strict=True)):
            gradient = -scale_gradient
            if column >= 0:
                gradient[column] += 1
            log = (self._logs[column] if column >= 0 else 0.0) - scale
            counts = int(calls[place]), int(answered[place])
            factor, low, high = self._interval(log, gradient)
            if not counts[1]:
                others = counts[0] * self._cells.answered.sum() / max(self._cells.exposure.sum(), 1)
                factor, low, high = 0.0, 0.0, -np.log((1 - CONFIDENCE) / 2) / max(others, 1e-9)
            made.append(Factor(_key(axis, group), group, *counts, factor, low, float(high)))
        return tuple(made)

    def share(self) -> tuple[float, float, float]:
        """The answered share where all factors are 1."""
        log, gradient = float(self._logs[0]), np.zeros(len(self._logs))
        gradient[0] = 1
        for family in (1, 2):
            scale, scale_gradient = self._scale(family)
            log += scale
            gradient += scale_gradient
        share, low, high = self._interval(log, gradient)
        return min(share, MOST_SHARE), min(low, MOST_SHARE), min(high, 1.0)

    def _interval(self, log: float, gradient: Floats) -> tuple[float, float, float]:
        deviation = _NORMAL * math.sqrt(max(float(gradient @ self._covariance @ gradient), 0))
        return math.exp(log), math.exp(log - deviation), math.exp(min(log + deviation, 50))


def _key(family: int, group: tuple[int, ...]) -> str:
    if family == 1:
        return WEEKDAYS[group[0]]
    if family == 2:
        return f"{group[0]}-{group[-1] + 1}"
    return f"{group[0] + 1}" + ("+" if len(group) > 1 else "")
