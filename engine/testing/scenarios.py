"""Strategies for whole scenarios, and for what the user of a live dialer does while one is played."""

from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from engine.calling.instants import unix_seconds
from engine.testing.bodies import parts
from engine.testing.campaigns import campaign_options, campaigns, closings
from engine.testing.clocks import Fields, beginnings, every_day, hours, instants, text_of, zones
from engine.testing.customers import SECONDS, answerings, outcomes, segments
from engine.testing.policies import redials


@st.composite
def scenarios(draw: st.DrawFn, *, redialled: bool = True) -> Fields:
    """A scenario of up to two hours and up to twenty numbers that uses every feature.

    Without `redialled` no call brings a redial. `engine.Scenario.from_document` reads it.

    >>> from hypothesis import find
    >>> smallest = find(scenarios(), lambda scenario: True)
    >>> smallest["numbers"], smallest["campaign"], smallest["outcomes"]
    ([{'addPhones': [{'phone': 16505550000}]}], {'lines': 1}, {'answered': {'share': 1.0, 'seconds': 0}})
    """
    start = draw(beginnings())
    minutes = draw(st.sampled_from([120, 20, 60]))
    campaign = draw(campaigns(start))
    made = draw(outcomes(start, redialled=redialled))
    scenario: Fields = {
        "start": text_of(start),
        "finish": text_of(start + timedelta(minutes=minutes)),
        "seed": draw(st.integers(0, 1000)),
        "campaign": campaign,
        "numbers": draw(parts(start, minutes, campaign)),
        "outcomes": made,
    }
    if len(made) > 1:
        scenario |= draw(st.fixed_dictionaries({}, optional={"answering": answerings(start)}))
    return scenario | draw(st.fixed_dictionaries({}, optional={"segments": segments(start, (*made,), campaign)}))


@st.composite
def crowds(draw: st.DrawFn) -> Fields:
    """A scenario of an hour, and many numbers of few kinds that wait for few lines: what matters is who comes first."""
    start = draw(beginnings())
    opens = zones().flatmap(
        lambda zone: st.fixed_dictionaries({"allowedTime": hours(start, zone).map(every_day), "gmtZone": st.just(zone)})
    )
    more = st.fixed_dictionaries(
        {}, optional={"dialerPriority": st.sampled_from([1, 5, 9]), "startDateTime": instants(start, 0, 20)}
    )
    kinds = draw(st.lists(st.builds(lambda when, rest: when | rest, st.just({}) | opens, more), min_size=2, max_size=4))
    count = draw(st.integers(4, 12))
    series = st.fixed_dictionaries(
        {"lines": st.integers(1, 2), "maxAttempts": st.integers(2, 6), "retryIntervalInMinutes": st.integers(1, 12)}
    )
    seconds = st.sampled_from([1, 20, 60, 299, 600])
    redial = {"share": draw(st.sampled_from([0.5, 1])), **draw(redials(start))}
    no_answer = {"share": 0.75, "seconds": draw(seconds), "retry": True}
    return draw(st.fixed_dictionaries({}, optional={"answering": answerings(start)})) | {
        "start": text_of(start),
        "finish": text_of(start + timedelta(minutes=60)),
        "seed": draw(st.integers(0, 1000)),
        "campaign": draw(series) | draw(campaign_options()) | draw(closings(start)),
        "numbers": [
            {"addPhones": [{"phone": 16505550000 + place, **draw(st.sampled_from(kinds))} for place in range(count)]}
        ],
        "outcomes": {
            "answered": {"share": 0.25, "seconds": draw(SECONDS), "redials": [redial]},
            "noAnswer": no_answer | draw(st.sampled_from([{}, {"retryIntervalInMinutes": 7}])),
        },
    }


class Command(NamedTuple):
    """What a user does just before the second `at` (Unix time) is played."""

    at: int
    action: str
    """`pause`, `resume`, `cancel`, `redial` or `stop`."""
    job: int = 0
    """Of `cancel` and `redial`: the id of the job, which may not be there yet."""
    fields: Fields | None = None
    """Of `redial`: its fields."""


@st.composite
def commands(draw: st.DrawFn, scenario: Fields) -> list[Command]:
    """What a user does while the scenario is played, in order: pauses, resumes, cancellations."""
    start, finish = unix_seconds(scenario["start"]), unix_seconds(scenario["finish"])
    most = sum(len(part["addPhones"]) for part in scenario["numbers"])
    one = st.builds(
        Command,
        st.integers(0, (finish - start) // 60).map(lambda minute: start + 60 * minute),
        st.sampled_from(["cancel", "pause", "resume"]),
        st.integers(0, most - 1),
        st.none(),
    )
    return sorted(draw(st.lists(one, min_size=1, max_size=6)), key=lambda command: command.at)


@st.composite
def live_commands(draw: st.DrawFn, scenario: Fields) -> list[Command]:
    """What a user of a live dialer does while the scenario is played, in order: redials, and a stop now and then."""
    start, finish = unix_seconds(scenario["start"]), unix_seconds(scenario["finish"])
    most = sum(len(part["addPhones"]) for part in scenario["numbers"])
    at = st.integers(start, finish - 1) | st.integers(0, (finish - start - 1) // 60).map(lambda at: start + 60 * at)
    one = st.builds(
        Command,
        at,
        st.sampled_from(["redial", "redial", "redial", "cancel", "pause", "resume", "stop"]),
        st.integers(0, most - 1),
        redials(datetime.fromisoformat(scenario["start"])),
    )
    return sorted(draw(st.lists(one, min_size=1, max_size=12)), key=lambda command: command.at)
