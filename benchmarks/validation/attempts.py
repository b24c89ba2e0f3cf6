"""Attempts: numbers that are called until a call ends them, as the geometric distribution says."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.validation import theory
from benchmarks.validation.evidence import Estimate, Figure, Fit, Section, Sizes, share
from benchmarks.validation.queues import START, Tick
from engine.calling.instants import DAY, utc_text
from engine.results.result import simulate
from engine.scenario.scenario import Scenario


class Kind(NamedTuple):
    """Customers who are alike: their share of the list; by attempt, the chance to answer and the chance to end."""

    share: float
    answers: Sequence[float]
    ends: Sequence[float]


class Case(NamedTuple):
    """A list and the parts of its scenario, and what theory makes of it."""

    name: str
    scenario: Mapping[str, Any]
    kinds: tuple[Kind, ...]


NO_ANSWER = {"seconds": 1, "retry": True}
ANSWERED = {"seconds": 1}
FACTORS = (1.0, 0.8, 0.65)
DEAD = {"name": "dead", "share": 0.12, "outcomes": {"answered": {"share": 0}}}
CASES = (
    Case(
        "30 % answer",
        {"outcomes": {"answered": {"share": 0.3} | ANSWERED, "noAnswer": {"share": 0.7} | NO_ANSWER}},
        (Kind(1.0, [0.3] * 5, [0.3] * 5),),
    ),
    Case(
        "24 % answer, 12 % of the list is dead",
        {
            "outcomes": {"answered": {"share": 0.24} | ANSWERED, "noAnswer": {"share": 0.76} | NO_ANSWER},
            "segments": [DEAD],
        },
        (Kind(0.88, [0.24] * 8, [0.24] * 8), Kind(0.12, [0.0] * 8, [0.0] * 8)),
    ),
    Case(
        "24, 19.2 and then 15.6 % answer, 12 % of the list is dead",
        {
            "outcomes": {"answered": {"share": 0.24} | ANSWERED, "noAnswer": {"share": 0.76} | NO_ANSWER},
            "answering": {"attempts": FACTORS},
            "segments": [DEAD],
        },
        (
            Kind(0.88, [0.24, 0.192, *[0.156] * 4], [0.24, 0.192, *[0.156] * 4]),
            Kind(0.12, [0.0] * 6, [0.0] * 6),
        ),
    ),
    Case(
        "24 % answer, 2 % are invalid, 12 % of the list is dead",
        {
            "outcomes": {
                "answered": {"share": 0.24} | ANSWERED,
                "invalid": {"share": 0.02, "seconds": 1},
                "noAnswer": {"share": 0.74} | NO_ANSWER,
            },
            "segments": [DEAD],
        },
        # where nobody answers, the others share the rest in proportion
        (Kind(0.88, [0.24] * 10, [0.26] * 10), Kind(0.12, [0.0] * 10, [0.02 / 0.76] * 10)),
    ),
)


def attempts(sizes: Sizes, seed: int, tick: Tick) -> Section:
    """The truncated geometric distribution."""
    rows: list[Figure | Fit] = []
    for place, case in enumerate(CASES):
        most = len(case.kinds[0].ends)
        result = simulate(scenario_of(case, sizes.numbers, seed * 100 + place), "compiled")
        tick(case.name)
        made, reached = result.numbers["attempts"].to_numpy(), result.figures.numbers.reached
        shares = sum(kind.share * np.array(theory.attempts(kind.ends)) for kind in case.kinds)
        calls = np.arange(1, most + 1)
        mean = float((calls * shares).sum())
        deviation = float(np.sqrt((calls**2 * shares).sum() - mean**2))
        answering = sum(kind.share * theory.answering(kind.answers, kind.ends) for kind in case.kinds)
        label = (case.name, str(most))
        rows += [
            Figure((*label, "calls a number"), mean, Estimate(float(made.mean()), deviation / len(made) ** 0.5)),
            Figure((*label, "share reached"), answering, share(reached, len(made), answering)),
            Fit(
                (*label, "numbers by their calls"),
                tuple(np.bincount(made, minlength=most + 1)[1:].tolist()),
                tuple(np.asarray(shares).tolist()),
            ),
        ]
    text = f"""\
{sizes.numbers:,} numbers, with lines and hours for all of them. A number is called until a call ends it or its attempts
are used up: the geometric distribution, cut off at `maxAttempts`; a mixture of several where a segment never
answers."""
    return Section("Attempts: the geometric distribution", text, ("list", "attempts at most", "figure"), rows)


def scenario_of(case: Case, numbers: int, seed: int) -> Scenario:
    """The case as a scenario in which nothing but luck decides."""
    return Scenario.from_document(
        {
            "start": utc_text(START),
            "finish": utc_text(START + 2 * DAY),
            "seed": seed,
            "campaign": {"lines": 1_000_000, "maxAttempts": len(case.kinds[0].ends), "retryIntervalInMinutes": 1},
            "numbers": [{"generate": {"count": numbers}}],
            **case.scenario,
        }
    )
