"""Closed forms: what theory says about a queue, about attempts, about a list that is worked off.

Plain functions of plain numbers that share no code with the engine. Times are seconds, a load is the mean number of
lines that the calls would take if there were enough (erlangs), an occupancy is the load of one line.
"""

import heapq
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import exp
from typing import NamedTuple


class Moments(NamedTuple):
    """The mean of a time and of its square."""

    mean: float
    square: float


def constant(seconds: float) -> Moments:
    """A time that is always the same."""
    return Moments(seconds, seconds**2)


def exponential(mean: float) -> Moments:
    """An exponential time."""
    return Moments(mean, 2 * mean**2)


def quantiles(points: Mapping[float, float]) -> Moments:
    """A time by its quantiles, even between two of them: each piece is a uniform time."""
    pieces = [(right[0] - left[0], left[1], right[1]) for left, right in pairwise(sorted(points.items()))]
    return Moments(
        sum(share * (low + high) / 2 for share, low, high in pieces),
        sum(share * (low**2 + low * high + high**2) / 3 for share, low, high in pieces),
    )


def mixture(shares: Sequence[float], parts: Sequence[Moments]) -> Moments:
    """A time that is one of several, each with its share."""
    mixed = [
        sum(share * moment for share, moment in zip(shares, each, strict=True)) for each in zip(*parts, strict=True)
    ]
    return Moments(*mixed)


def erlang_c(lines: int, occupancy: float) -> float:
    """The share of customers that find every line taken in M/M/c (Erlang, 1917).

    By way of his formula B, whose recursion does not overflow (Cooper, "Introduction to Queueing Theory", 1981, 3.3).
    """
    load, blocked = lines * occupancy, 1.0
    for line in range(1, lines + 1):
        blocked = load * blocked / (line + load * blocked)
    return blocked / (1 - occupancy * (1 - blocked))


def mean_wait(lines: int, occupancy: float, talk: float) -> float:
    """The mean wait in M/M/c of all customers, those that do not wait included (Erlang, 1917)."""
    return erlang_c(lines, occupancy) * talk / (lines * (1 - occupancy))


def waiting_longer(lines: int, occupancy: float, talk: float, seconds: float) -> float:
    """The share of customers that wait longer in M/M/c, first come, first served (Erlang, 1917)."""
    return erlang_c(lines, occupancy) * exp(-lines * (1 - occupancy) * seconds / talk)


def one_line_wait(occupancy: float, talk: Moments) -> float:
    """The mean wait in M/G/1 (Pollaczek, 1930; Khinchine, 1932)."""
    return residual_of_one(occupancy, talk) / (1 - occupancy)


def residual_of_one(occupancy: float, talk: Moments) -> float:
    """The mean time that the call in progress, if any, still takes when a newcomer comes (M/G/1)."""
    return occupancy * talk.square / (2 * talk.mean)


def residual_of_many(lines: int, occupancy: float, talk: float) -> float:
    """The mean time until the first line is free, 0 if one is free, when a newcomer comes (M/M/c)."""
    return erlang_c(lines, occupancy) * talk / lines


def priority_waits(residual: float, occupancies: Sequence[float]) -> list[float]:
    """The mean waits by priority, the first served first, no call cut off (Cobham, 1954).

    `occupancies` are those that the calls of each priority bring. Exact for M/G/1, and for M/M/c if calls of every
    priority take equally long.
    """
    waits, before = [], 0.0
    for occupancy in occupancies:
        waits.append(residual / ((1 - before) * (1 - before - occupancy)))
        before += occupancy
    return waits


def attempts(ends: Sequence[float]) -> list[float]:
    """The shares of numbers with 1, 2, … calls: the geometric distribution, cut off at the last attempt.

    `ends[k]` is the chance that call k + 1 ends the number; after the last one there is none (Feller, "An
    Introduction to Probability Theory", volume 1, VI.8).
    """
    shares, left = [], 1.0
    for chance in ends[:-1]:
        shares.append(left * chance)
        left *= 1 - chance
    return [*shares, left]


def answering(answers: Sequence[float], ends: Sequence[float]) -> float:
    """The share of numbers that answer one of their calls; `answers[k]` is the chance that call k + 1 is answered."""
    reached, left = 0.0, 1.0
    for answer, end in zip(answers, ends, strict=True):
        reached += left * answer
        left *= 1 - end
    return reached


class Job(NamedTuple):
    """A number's own time: in calls, and in pauses between the end of a call and the earliest start of the next."""

    calls: int
    pauses: int


def makespan_bounds(jobs: Sequence[Job], lines: int) -> tuple[float, float]:
    """The least and most seconds in which `lines` that never idle while somebody waits work a list off.

    Not less than the work divided by the lines, nor than the longest number alone. For the upper bound take the number
    that is done last: it is in a call, or in a pause, or it waits, and while it waits every line works on calls of
    others. So its waits are at most (work - its calls) / lines. Without pauses that is the bound of Graham (1969).
    """
    work = sum(job.calls for job in jobs)
    longest = max(job.calls + job.pauses for job in jobs)
    most = max((work - job.calls) / lines + job.calls + job.pauses for job in jobs)
    return max(work / lines, longest), most


def list_schedule(seconds: Sequence[int], lines: int) -> int:
    """The makespan if each line that is free takes the next job of the list (Graham, 1969)."""
    free = [0] * lines
    for each in seconds:
        heapq.heapreplace(free, free[0] + each)
    return max(free)
