"""Strategies for what customers do: outcomes, how the share of answers moves, and segments."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from engine.calling.spoken import WEEKDAYS
from engine.calling.zones import parse_zone
from engine.testing.clocks import MONDAY, ZONES, Fields, Strategy
from engine.testing.policies import policies, redials, without_crossed_dates

SECONDS: st.SearchStrategy[Any] = (
    st.integers(0, 600)
    | st.integers(0, 120)
    | st.sampled_from([0, 1, 60, 300])
    | st.integers(2, 600).map(lambda most: {"quantiles": {"0": 1, "0.5": most / 2, "1": most}})
)
"""How long a call lasts: seconds, or quantiles of them."""
FACTORS = st.sampled_from([0, 0.5, 1, 1.5, 3])
_NAMES = st.lists(st.sampled_from(["noAnswer", "busy", "invalid"]), unique=True, max_size=3)
_RETRIES = st.fixed_dictionaries(
    {}, optional={"retry": st.sampled_from([True, True, False]), "retryIntervalInMinutes": st.integers(1, 25)}
)


def shares(count: int) -> st.SearchStrategy[list[float]]:
    """So many shares above 0 that sum to 1."""
    weights = st.lists(st.integers(1, 5), min_size=count, max_size=count)
    return weights.map(lambda each: [weight / sum(each) for weight in each])


@st.composite
def outcomes(draw: st.DrawFn, start: datetime = MONDAY, *, redialled: bool = True) -> dict[str, Fields]:
    """One to four outcomes whose shares sum to 1, `answered` among them; each may bring redials if `redialled`.

    >>> from hypothesis import find
    >>> find(outcomes(), lambda outcomes: True)
    {'answered': {'share': 1.0, 'seconds': 0}}
    """
    names = draw(_NAMES)
    names.insert(draw(st.integers(0, len(names))), "answered")
    made: dict[str, Fields] = {}
    for name, share in zip(names, draw(shares(len(names))), strict=True):
        outcome: Fields = {"share": share, "seconds": draw(SECONDS)}
        outcome |= draw(_RETRIES)
        rules = draw(st.lists(redials(start), max_size=2)) if redialled else []
        if rules:
            rule_shares = draw(shares(len(rules) + draw(st.integers(0, 1))))
            outcome["redials"] = [{"share": share, **rule} for share, rule in zip(rule_shares, rules, strict=False)]
        made[name] = outcome
    return made


@st.composite
def answerings(draw: st.DrawFn, start: datetime = MONDAY) -> Fields:
    """How the share of `answered` moves by local hour, weekday and attempt near `start`."""
    here = [start.astimezone(parse_zone(zone)).hour for zone in ZONES]
    hours = st.sampled_from([f"{hour}-{hour + 1}" for hour in sorted({*here, *((hour + 1) % 24 for hour in here)})])
    days = st.sampled_from([WEEKDAYS[start.weekday()], WEEKDAYS[start.weekday() - 6]])
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "localHours": st.dictionaries(hours, FACTORS, max_size=3),
                "weekdays": st.dictionaries(days, FACTORS, max_size=2),
                "attempts": st.lists(FACTORS, max_size=3),
            },
        )
    )


@st.composite
def segments(
    draw: st.DrawFn, start: datetime = MONDAY, names: tuple[str, ...] = ("answered",), campaign: Fields | None = None
) -> list[Fields]:
    """Up to two segments by payload or by share, some with a call policy.

    `names` are those of the outcomes; the dates of a segment agree with those of the `campaign`.
    """
    own = {"seconds": SECONDS} | ({"share": st.sampled_from([0, 0.5])} if len(names) > 1 else {})
    differences = st.dictionaries(st.just("answered"), st.fixed_dictionaries({}, optional=own))
    kinds = st.fixed_dictionaries({"share": st.sampled_from([0.3, 0.5])}) | st.fixed_dictionaries(
        {"payload": st.sampled_from([{"tier": 1}, {"tier": "1"}, {"a": 1}, {"tier": True}])}
    )
    levels: Strategy = st.just({}) | policies(start)
    each = st.builds(
        lambda kind, outcome, level: {**kind, "outcomes": outcome, **without_crossed_dates(level, campaign)},
        kinds,
        differences,
        levels,
    )
    made = draw(st.lists(each, max_size=2))
    return [{"name": f"segment {place}", **segment} for place, segment in enumerate(made)]
