"""Makespan: a list for which there are too few lines is done no sooner and no later than theory allows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from benchmarks.validation.evidence import Fact, Section, Sizes, figure
from benchmarks.validation.queues import BANK, START, Tick
from benchmarks.validation.theory import Job, list_schedule, makespan_bounds
from engine.calling.instants import utc_text
from engine.results.result import Result, simulate
from engine.scenario.document import LONGEST_DAYS
from engine.scenario.scenario import Scenario

RETRY = 60
"""Minutes between the attempts of a number, for lists with several attempts."""


class List(NamedTuple):
    """A list to work off."""

    name: str
    outcomes: Mapping[str, Any]
    attempts: int = 1


LISTS = (
    List("180 s each", {"answered": {"share": 1, "seconds": 180}}),
    List("exponential, 180 s on average", {"answered": {"share": 1, "seconds": {"exponential": 180}}}),
    List(
        "quantiles of 41,188 real calls",
        {"answered": {"share": 1, "seconds": {"quantiles": {f"{at:g}": seconds for at, seconds in BANK.items()}}}},
    ),
    List(
        "exponential, up to 4 attempts",
        {
            "answered": {"share": 0.3, "seconds": {"exponential": 180}},
            "noAnswer": {"share": 0.7, "seconds": 30, "retry": True},
        },
        attempts=4,
    ),
)
LINES = (1, 7, 50, 400)


def makespans(sizes: Sizes, seed: int, tick: Tick) -> Section:
    """Bounds, and for lists of one call a number the schedule itself."""
    rows = []
    for each in LISTS:
        for lines in LINES:
            rows.append(worked_off(each, lines, None, sizes.jobs, seed))
            tick(each.name)
        rows.append(worked_off(each, LINES[-1], LINES[-1], sizes.jobs, seed))
    text = f"""\
{sizes.jobs:,} numbers that are all there at the start, no windows, and lines that never idle while a number could be
called. The list cannot be done before the work divided by the lines, nor before the longest number is done when it
never waits, its calls and the {RETRY} minutes between them taken together. It is done at the latest when Graham (1969)
says: the number that is done last waits only while all lines work for others. Where a number has one call, Graham's
list schedule is known to the second: a line that is free takes the next number. A pace of as many calls a second as
there are lines never binds, because no call is shorter than a second."""
    columns = ("calls", "lines", "calls a second", "at least, s", "engine, s", "at most, s", "list schedule, s")
    return Section("Makespan: work divided by lines", text, columns, rows)


def worked_off(each: List, lines: int, pace: int | None, numbers: int, seed: int) -> Fact:
    """One list on some lines."""
    result = played(each, lines, pace, numbers, seed)
    jobs = jobs_of(result)
    least, most = makespan_bounds(jobs, lines)
    makespan = int((result.calls["start"].dt.epoch("s") + result.calls["seconds"]).to_numpy().max()) - START
    schedule = list_schedule([job.calls for job in jobs], lines) if each.attempts == 1 else None
    cells = (
        each.name,
        f"{lines:,}",
        "" if pace is None else f"{pace:,}",
        figure(least),
        f"{makespan:,}",
        figure(most),
        "" if schedule is None else f"{schedule:,}",
    )
    return Fact(cells, least <= makespan <= most and schedule in (None, makespan))


def played(each: List, lines: int, pace: int | None, numbers: int, seed: int) -> Result:
    """The run, to its end."""
    scenario = Scenario.from_document(
        {
            "start": utc_text(START),
            "finish": utc_text(START + LONGEST_DAYS // 10 * 86_400),
            "seed": seed,
            "campaign": {
                "lines": lines,
                "callsPerSecond": pace,
                "maxAttempts": each.attempts,
                "retryIntervalInMinutes": RETRY,
            },
            "numbers": [{"generate": {"count": numbers}}],
            "outcomes": dict(each.outcomes),
        }
    )
    result = simulate(scenario, "compiled", calls=True)
    if result.figures.done_at is None:
        raise AssertionError(f"{each.name} on {lines} lines was not done in time")
    return result


def jobs_of(result: Result) -> list[Job]:
    """Each number's own time, in the order of the list."""
    by_number = result.calls.group_by("number").agg(pl.len().alias("calls"), pl.col("seconds").sum()).sort("number")
    return [
        Job(seconds, (calls - 1) * RETRY * 60) for calls, seconds in by_number.select("calls", "seconds").iter_rows()
    ]
