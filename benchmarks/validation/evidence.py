"""Evidence: figures of the engine and of theory, with the criterion by which they agree."""

from collections.abc import Iterator, Sequence
from math import floor, inf, log10
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

CONFIDENCE = 0.99
"""The chance that every interval of a page holds its theory, if the engine does what theory says."""


class Sizes(NamedTuple):
    """How much is played."""

    cases: int
    """Of each section that plays queues or looks at hours: the first ones."""
    replications: int
    customers: int
    """Of a replication of a queue, after the warm-up, at least and on average."""
    relaxations: int
    """Relaxation times of the queue that a replication lasts at least, so that its sums are nearly normal."""
    numbers: int
    """Of lists whose numbers do not hinder each other."""
    jobs: int
    """Of lists that are worked off."""


FULL = Sizes(cases=100, replications=24, customers=60_000, relaxations=300, numbers=400_000, jobs=20_000)
QUICK = Sizes(cases=3, replications=10, customers=6_000, relaxations=60, numbers=20_000, jobs=1_000)


class Estimate(NamedTuple):
    """A measured figure with its standard error; `freedom` is that of the t distribution, infinite for the normal."""

    value: float
    error: float
    freedom: float = inf

    def interval(self, misses: float) -> tuple[float, float]:
        """The interval that misses the truth with this probability."""
        half = self.error * float(stats.t.isf(misses / 2, self.freedom))
        return self.value - half, self.value + half


class Figure(NamedTuple):
    """A figure that theory gives and chance blurs."""

    labels: tuple[str, ...]
    theory: float
    measured: Estimate

    def chance(self) -> float:
        """How probable it is to measure so far off, if theory holds."""
        if not self.measured.error:
            return float(self.measured.value == self.theory)
        away = abs(self.measured.value - self.theory) / self.measured.error
        return 2 * float(stats.t.sf(away, self.measured.freedom))


class Fit(NamedTuple):
    """Counts beside the shares that theory gives: Pearson's chi-square."""

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    shares: tuple[float, ...]

    def statistic(self) -> float:
        """The sum of squared differences over what is expected."""
        expected = np.array(self.shares) * sum(self.counts)
        return float(((np.array(self.counts) - expected) ** 2 / expected).sum())

    def chance(self) -> float:
        """How probable it is to measure so far off, if theory holds."""
        return float(stats.chi2.sf(self.statistic(), len(self.counts) - 1))


class Fact(NamedTuple):
    """What theory proves to the second, whatever the luck: `cells` show it."""

    cells: tuple[str, ...]
    holds: bool


class Section(NamedTuple):
    """A part of the page: what theory says, with its source, and tables of evidence."""

    title: str
    text: str
    columns: tuple[str, ...]
    """Names of the labels, or of the cells of facts."""
    rows: Sequence[Figure | Fit | Fact]


class Verdict(NamedTuple):
    """What a page comes to."""

    intervals: int
    misses: float
    """The chance that one interval may miss, so that together they miss with at most 1 - CONFIDENCE (Bonferroni)."""
    facts: int
    outside: tuple[tuple[str, ...], ...]
    """The labels of the figures that lie outside, the cells of the facts that do not hold."""
    within_95: int
    """How many figures lie within an interval of 95 % of their own: for the reader, not for the verdict."""


def verdict(sections: Sequence[Section]) -> Verdict:
    """Whether figures lie within intervals that all hold together, and facts hold."""
    rows = [row for section in sections for row in section.rows]
    blurred = [row for row in rows if not isinstance(row, Fact)]
    facts = [row for row in rows if isinstance(row, Fact)]
    misses = (1 - CONFIDENCE) / max(len(blurred), 1)

    def outside() -> Iterator[tuple[str, ...]]:
        for section in sections:
            for row in section.rows:
                if isinstance(row, Fact):
                    if not row.holds:
                        yield section.title, *row.cells
                elif row.chance() < misses:
                    yield section.title, *row.labels

    return Verdict(len(blurred), misses, len(facts), tuple(outside()), sum(row.chance() >= 0.05 for row in blurred))


def ratio(parts: ArrayLike, wholes: ArrayLike) -> Estimate:
    """The ratio of two sums over independent replications, such as all waiting over all customers.

    The error is that of the residuals (Law, "Simulation Modeling and Analysis", 5th edition, section 9.5.3).
    """
    part, whole = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    value = part.sum() / whole.sum()
    error = np.std(part - value * whole, ddof=1) / np.sqrt(len(part)) / whole.mean()
    return Estimate(float(value), float(error), len(part) - 1)


def mean(values: ArrayLike) -> Estimate:
    """The mean of figures of independent replications."""
    return ratio(values, np.ones(len(np.asarray(values))))


def share(count: int, total: int, theory: float) -> Estimate:
    """A share of independent numbers; the error is what theory says, which is right also where all counts are small."""
    return Estimate(count / total, float(np.sqrt(theory * (1 - theory) / total)))


def figure(value: float) -> str:
    """A figure to four digits, as people write it."""
    if value == 0:
        return "0"
    places = max(3 - floor(log10(abs(value))), 0)
    return f"{value:,.{places}f}"


def percent(share: float, places: int = 0) -> str:
    """A share as people write it: `95 %`."""
    return f"{share * 100:.{places}f} %"
