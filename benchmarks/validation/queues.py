"""Queues: customers come as a Poisson process, and wait as Erlang, Pollaczek, Khinchine, Cobham and Little say."""

from collections.abc import Callable, Iterator, Mapping
from math import ceil, sqrt
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from benchmarks.validation import theory
from benchmarks.validation.evidence import Estimate, Fact, Figure, Fit, Section, Sizes, figure, mean, percent, ratio
from benchmarks.validation.theory import Moments
from engine.calling.instants import DAY, utc_text
from engine.dialing.record import QUARTER
from engine.results.result import Result, simulate
from engine.scenario.scenario import Scenario

START = 1_767_225_600  # 2026-01-01T00:00:00Z
TALK = 3_600
"""Mean seconds of a call for one line."""
LONG_TALK = 9_000
"""Mean seconds of a call for several lines: long, so that it hardly matters that the clock counts whole seconds."""
DRAIN = 60 * DAY
"""Time after the last customer, in which everybody who waits is called."""
SPRING_PROMO = Path(__file__).parents[2] / "scenarios/spring_promo.yaml"
BANK = {0.0: 0, 0.1: 59, 0.5: 180, 0.9: 551, 1.0: 4918}
"""Quantiles of 41,188 real calls, those of `scenarios/spring_promo.yaml`."""

MOST_STARTS = 1 << 17
"""Quarter-hours among which the start of a replication is drawn: some four years."""

Tick = Callable[[str], None]
"""Called after each replication with what was played."""


class Queue(NamedTuple):
    """Customers for some lines."""

    name: str
    lines: int
    occupancy: float
    talk: Moments
    outcomes: Mapping[str, Any]
    priorities: Mapping[int, float] = {5: 1.0}
    """The share of the customers that have each."""

    @property
    def rate(self) -> float:
        """Customers a second."""
        return self.lines * self.occupancy / self.talk.mean

    @property
    def relaxation(self) -> float:
        """The relaxation time in seconds (Odoni and Roth, 1983, for one line as fast as all of them)."""
        return self.talk.square / self.talk.mean / (2.8 * self.lines * (1 - sqrt(self.occupancy)) ** 2)

    @property
    def warm_up(self) -> float:
        """Seconds until it has forgotten that it was empty: twenty mean calls and ten relaxation times."""
        return 20 * self.talk.mean + 10 * self.relaxation


def exponential(
    name: str, lines: int, occupancy: float, priorities: Mapping[int, float] = MappingProxyType({5: 1.0})
) -> Queue:
    """M/M/c."""
    talk = TALK if lines == 1 else LONG_TALK
    outcomes = {"answered": {"share": 1, "seconds": {"exponential": talk}}}
    return Queue(name, lines, occupancy, theory.exponential(talk), outcomes, priorities)


ERLANG = tuple(
    exponential(f"{lines} line{'s' * (lines > 1)}, {percent(occupancy)}", lines, occupancy)
    for lines, occupancy in (
        *((1, 0.5), (5, 0.6), (20, 0.8), (100, 0.9)),
        *((1, 0.9), (5, 0.8), (20, 0.9), (100, 0.95)),
    )
)
MULTIPLES = (0.5, 1.0, 2.0)
"""The t of P(W > t) in the tables, in mean waits of those that wait."""
CURVE = tuple(quarter / 4 for quarter in range(17))
"""The same for the picture."""

CONSTANT = {"answered": {"share": 1, "seconds": TALK}}
ONE_LINE = (
    Queue("constant", 1, 0.8, theory.constant(TALK), CONSTANT),
    exponential("exponential", 1, 0.8),
    Queue(
        "quantiles of 41,188 real calls",
        1,
        0.8,
        theory.quantiles(BANK),
        {"answered": {"share": 1, "seconds": {"quantiles": {f"{at:g}": seconds for at, seconds in BANK.items()}}}},
    ),
    Queue(
        "a quarter exponential, three quarters constant and short",
        1,
        0.8,
        theory.mixture((0.25, 0.75), (theory.exponential(TALK), theory.constant(300))),
        {
            "answered": {"share": 0.25, "seconds": {"exponential": TALK}},
            "noAnswer": {"share": 0.75, "seconds": 300},
        },
    ),
)
SHARES = {1: 0.2, 3: 0.3, 5: 0.5}
COBHAM = (
    exponential("1 line, exponential", 1, 0.8, SHARES),
    Queue("1 line, constant", 1, 0.9, theory.constant(TALK), CONSTANT, SHARES),
    exponential("10 lines, exponential", 10, 0.9, SHARES),
    exponential("50 lines, exponential", 50, 0.95, {1: 0.1, 2: 0.2, 3: 0.4, 4: 0.2, 5: 0.1}),
)
LITTLE = (
    exponential("20 lines, exponential", 20, 0.9),
    exponential("10 lines, three priorities", 10, 0.9, SHARES),
)
QUEUES = (*ERLANG, *ONE_LINE, *COBHAM, *LITTLE)


class Played(NamedTuple):
    """A replication: what came of it, and of it the customers that came after the warm-up."""

    result: Result
    steady: slice
    """The quarter-hours from the warm-up to the last customer."""
    waits: NDArray[np.float64]
    priorities: NDArray[np.int8]


def play(queue: Queue, sizes: Sizes, seed: int, *, calls: bool = False) -> Played:
    """One replication, with luck, arrivals and priorities of its own."""
    # A Poisson process has a Poisson count. Its instants are the list's, not luck's: another start draws others.
    count_word, start_word = np.random.PCG64(seed).random_raw(2).tolist()  # the same in every version of numpy
    start = START + start_word % MOST_STARTS * QUARTER
    warm_up = round(queue.warm_up)
    lasting = max(sizes.customers / queue.rate, sizes.relaxations * queue.relaxation)
    arriving = ceil((warm_up + lasting) / QUARTER) * QUARTER
    count = int(stats.poisson.ppf((count_word + 0.5) / 2.0**64, queue.rate * arriving))
    generate = {
        "count": count,
        "seed": seed,
        "dialerPriority": {str(each): part for each, part in queue.priorities.items()},
    }
    scenario = Scenario.from_document(
        {
            "start": utc_text(start),
            "finish": utc_text(start + arriving + DRAIN),
            "seed": seed,
            "campaign": {"lines": queue.lines},
            "numbers": [
                {
                    "generate": generate,
                    "added": {"from": utc_text(start), "to": utc_text(start + arriving), "arrivals": "poisson"},
                }
            ],
            "outcomes": dict(queue.outcomes),
        }
    )
    result = simulate(scenario, "compiled", calls=calls)
    numbers = result.numbers
    if numbers["ending"].ne("completed").any():
        raise AssertionError(f"{queue.name}: somebody waited longer than {DRAIN:,} seconds")
    came = numbers["added"].dt.epoch("s").to_numpy() >= start + warm_up
    return Played(
        result=result,
        steady=slice(ceil(warm_up / QUARTER), arriving // QUARTER),
        waits=numbers["waited"].cast(pl.Float64).to_numpy()[came],
        priorities=numbers["priority"].to_numpy()[came],
    )


def replications(queue: Queue, sizes: Sizes, seed: int, tick: Tick, *, calls: bool = False) -> Iterator[Played]:
    """Independent replications of a queue."""
    first = (seed * 100 + QUEUES.index(queue)) * 1_000
    for place in range(sizes.replications):
        yield play(queue, sizes, first + place, calls=calls)
        tick(queue.name)


class Curve(NamedTuple):
    """P(W > t) of one queue, for the picture."""

    name: str
    seconds: list[float]
    theory: list[float]
    measured: list[Estimate]


def waiting(sizes: Sizes, seed: int, tick: Tick) -> tuple[Section, list[Curve]]:
    """Erlang C."""
    rows: list[Figure] = []
    curves = []
    for queue in ERLANG[: sizes.cases]:
        talk = queue.talk.mean
        unit = talk / (queue.lines * (1 - queue.occupancy))
        times = [round(unit * multiple) for multiple in (*MULTIPLES, *CURVE)]
        sums = []
        for played in replications(queue, sizes, seed, tick):
            beyond = [int((played.waits > each).sum()) for each in times]
            in_use = float(played.result.timeline["lines_in_use"][played.steady].to_numpy().mean())
            sums.append((len(played.waits), float(played.waits.sum()), in_use, int((played.waits > 0).sum()), *beyond))
        customers, waited, in_use_of, *longer = (list(column) for column in zip(*sums, strict=True))
        label = (str(queue.lines), percent(queue.occupancy))
        share = theory.erlang_c(queue.lines, queue.occupancy)
        mean_wait = theory.mean_wait(queue.lines, queue.occupancy, talk)
        rows += [
            Figure((*label, "share that waits"), share, ratio(longer[0], customers)),
            Figure((*label, "mean wait, s"), mean_wait, ratio(waited, customers)),
        ]
        shares = [theory.waiting_longer(queue.lines, queue.occupancy, talk, each) for each in times]
        measured = [ratio(counts, customers) for counts in longer[1:]]
        picked = len(MULTIPLES)
        rows += [
            Figure((*label, f"share that waits longer than {at:,} s"), value, estimate)
            for at, value, estimate in zip(times[:picked], shares[:picked], measured[:picked], strict=True)
        ]
        rows.append(Figure((*label, "lines in use"), queue.lines * queue.occupancy, mean(in_use_of)))
        curves.append(
            Curve(
                queue.name,
                list(map(float, times[picked:])),
                shares[picked:],
                measured[picked:],
            )
        )
    text = f"""\
Numbers come as a Poisson process and calls last exponential times: the queue M/M/c. The share that waits and the waits
are Erlang's formula C (Erlang, 1917); the lines in use are load and nothing else. Calls last {LONG_TALK:,} seconds on
average, and {TALK:,} where there is one line."""
    return Section("Waiting: Erlang C", text, ("lines", "occupancy", "figure"), rows), curves


def one_line(sizes: Sizes, seed: int, tick: Tick) -> Section:
    """Pollaczek and Khinchine."""
    rows = []
    for queue in ONE_LINE[: sizes.cases]:
        sums = [(played.waits.sum(), len(played.waits)) for played in replications(queue, sizes, seed, tick)]
        label = (queue.name, percent(queue.occupancy), "mean wait, s")
        expected = theory.one_line_wait(queue.occupancy, queue.talk)
        rows.append(Figure(label, expected, ratio(*zip(*sums, strict=True))))
    text = """\
One line, calls that last as they like: the queue M/G/1. The mean wait needs no more than the mean of the calls' times
and of their squares (Pollaczek, 1930; Khinchine, 1932)."""
    return Section("Waiting for one line: Pollaczek and Khinchine", text, ("calls", "occupancy", "figure"), rows)


def priorities(sizes: Sizes, seed: int, tick: Tick) -> Section:
    """Cobham."""
    rows = []
    for queue in COBHAM[: sizes.cases]:
        residual = (
            theory.residual_of_one(queue.occupancy, queue.talk)
            if queue.lines == 1
            else theory.residual_of_many(queue.lines, queue.occupancy, queue.talk.mean)
        )
        expected = theory.priority_waits(residual, [queue.occupancy * part for part in queue.priorities.values()])
        sums = [
            [
                (played.waits[played.priorities == each].sum(), (played.priorities == each).sum())
                for each in queue.priorities
            ]
            for played in replications(queue, sizes, seed, tick)
        ]
        for each, value, column in zip(queue.priorities, expected, zip(*sums, strict=True), strict=True):
            label = (queue.name, percent(queue.occupancy), f"mean wait of priority {each}, s")
            rows.append(Figure(label, value, ratio(*zip(*column, strict=True))))
    text = """\
Numbers of several priorities for the same lines: the one of the first priority is called first, and no call is cut off
(Cobham, 1954, for one line and any calls, and for many lines and exponential ones)."""
    return Section("Waiting by priority: Cobham", text, ("queue", "occupancy", "figure"), rows)


def little(sizes: Sizes, seed: int, tick: Tick) -> list[Section]:
    """Little's law, between the tables of a run."""
    rows: list[Figure | Fit | Fact] = []
    facts: list[Figure | Fit | Fact] = []
    for queue in LITTLE[: sizes.cases]:
        backlog: dict[int, list[tuple[float, float]]] = {each: [] for each in queue.priorities}
        for result, *_ in replications(queue, sizes, seed, tick, calls=True):
            seconds = result.document.finish - result.document.start
            for each, pairs in backlog.items():
                waited = int(result.numbers.filter(pl.col("priority") == each)["waited"].sum())
                pairs.append((float(result.timeline[f"waiting_{each}"].to_numpy().mean()), waited / seconds))
        facts.append(line_seconds(f"{queue.name}, one replication", result))
        for each, pairs in backlog.items():
            sampled, expected = np.array(pairs).T
            apart = mean(sampled - expected)
            measured = Estimate(float(sampled.mean()), apart.error, apart.freedom)
            rows.append(Figure((queue.name, f"waiting, priority {each}"), float(expected.mean()), measured))
    facts.append(line_seconds("scenarios/spring_promo.yaml", simulate(Scenario.load(SPRING_PROMO), calls=True)))
    backlog_text = """\
The mean number of those who wait is the rate at which they come times their mean wait (Little, 1961). The theory is
taken from the table of numbers, the figure from the timeline, which looks at the backlog once a quarter-hour; the
interval is that of the difference between the two over the replications."""
    lines_text = """\
The mean number of lines in use is the rate of calls times their mean length. Over a whole run that is no matter of
chance: the line-seconds of the timeline are the seconds of the calls (up to the finish), every one."""
    columns = ("run", "calls", "mean length, s", "rate x mean", "lines in use by the timeline", "line-seconds apart")
    return [
        Section("Backlog: Little's law", backlog_text, ("queue", "mean number"), rows),
        Section("Lines in use: Little's law", lines_text, columns, facts),
    ]


def line_seconds(name: str, result: Result) -> Fact:
    """The line-seconds of a run by its timeline and by its calls."""
    start, finish = result.document.start, result.document.finish
    begun, lasted = result.calls["start"].dt.epoch("s").to_numpy(), result.calls["seconds"].to_numpy()
    by_calls = int((np.minimum(begun + lasted, finish) - begun).sum())
    # START and all spans are whole quarter-hours, so that each row of the timeline stands for 900 seconds
    in_use = float(result.timeline["lines_in_use"].to_numpy().sum()) * QUARTER
    by_timeline = round(in_use)
    calls, seconds = len(begun), finish - start
    length = by_calls / calls
    cells = (
        name,
        f"{calls:,}",
        figure(length),
        figure(calls / seconds * length),
        figure(by_timeline / seconds),
        f"{by_timeline - by_calls:,}",
    )
    return Fact(cells, by_timeline == by_calls)
