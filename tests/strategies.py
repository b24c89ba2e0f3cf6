"""Hypothesis strategies for small random scenarios, plain values as a scenario file holds them.

Small strategies make up the larger ones, so that a failing scenario shrinks to one number, one outcome and the
fields that matter. Hours and dates are drawn as minutes from the simulation's start, so that windows open and close
and dates come while it runs.
"""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle import WEEKDAYS, Command, instant, zone

Fields = dict[str, Any]
Strategy = st.SearchStrategy[Fields]

MOMENTS = (
    "2026-03-02T10:00:00+00:00",  # a Monday
    "2026-03-06T23:20:00+00:00",  # midnight, and the weekend
    "2026-03-08T06:30:00+00:00",  # New York's clock skips an hour at 07:00 UTC
    "2026-11-01T05:10:00+00:00",  # and repeats one from 05:00 UTC on
    "2026-10-25T00:30:00+00:00",  # London's repeats one at 01:00 UTC
    "2026-04-04T14:30:00+00:00",  # Lord Howe's repeats half an hour at 15:00 UTC
)
ZONES = (
    "Z",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "UTC",
    "+05:30",
    "GMT-3",
    "-0930",
    "+01:02:03",
    "UT-00:00:30",
    "+18",
)
PHONES: tuple[object, ...] = (
    *range(16505550000, 16505550008),
    "16505550000",
    "+16505550000",
    "016505550000",
    "12345",
    "+999999999999999",
)
PAYLOADS: tuple[object, ...] = (
    None,
    {},
    {"tier": 1},
    {"tier": 1.0},
    {"tier": "1"},
    {"tier": True},
    {"a": 1, "tier": 1},
)
PRIORITIES: tuple[object, ...] = (5, 1, 2, 3, 4, 0, 7, "1", 2.0, True, None)


def text_of(at: datetime) -> str:
    """An instant as the documents have it."""
    return at.isoformat().replace("+00:00", "Z")


@st.composite
def beginnings(draw: st.DrawFn) -> datetime:
    """The start of a simulation, to the second."""
    moment = datetime.fromisoformat(draw(st.sampled_from(MOMENTS)))
    return moment + timedelta(seconds=draw(st.sampled_from([0, 1, 299, 1234])))


def instants(start: datetime, first: int, last: int) -> st.SearchStrategy[str]:
    """Instants from minute `first` to minute `last` of the simulation, some of them not on a whole second."""
    seconds = st.integers(first, last).map(lambda minute: minute * 60) | st.integers(first * 60, last * 60)
    return st.builds(
        lambda second, fraction: text_of(start + timedelta(seconds=second, microseconds=fraction)),
        seconds,
        st.sampled_from([0, 0, 0, 500_000]),
    )


def clock_times(start: datetime, zone_name: str) -> st.SearchStrategy[str]:
    """Times of day near the simulation, by the clock that a zone has at its start."""
    local = start.astimezone(zone(zone_name))
    return st.integers(-30, 150).map(lambda minute: f"{local + timedelta(minutes=minute):%H:%M}")


@st.composite
def day_lists(draw: st.DrawFn, start: datetime, zone_name: str) -> list[Fields]:
    """Up to two intervals of one day that do not overlap; the last may go on over midnight."""
    times = clock_times(start, zone_name)
    edges = sorted(draw(st.lists(times, min_size=2, max_size=4, unique=True)))
    edges = edges[: len(edges) // 2 * 2]
    if draw(st.booleans()):
        edges = [*edges[1:], edges[0]]
    return [
        {"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in zip(edges[::2], edges[1::2], strict=True)
    ]


@st.composite
def allowed_times(draw: st.DrawFn, start: datetime, zone_name: str) -> Fields:
    """An `allowedTime` of the days around the simulation's first."""
    today = start.astimezone(zone(zone_name)).weekday()
    days = st.sampled_from([WEEKDAYS[today], WEEKDAYS[today - 6], WEEKDAYS[today - 1]])
    lists = day_lists(start, zone_name)
    others = draw(st.dictionaries(days, lists | lists | st.just([]), max_size=2))
    return {**draw(st.fixed_dictionaries({}, optional={"default": lists}) | lists.map(default_list)), **others}


def default_list(intervals: list[Fields]) -> Fields:
    """An `allowedTime` that is the same each day."""
    return {"default": intervals}


@st.composite
def allowed_days(draw: st.DrawFn, start: datetime) -> list[str]:
    """Weekdays, mostly some around the simulation's first."""
    today = start.weekday()
    near = st.sampled_from([WEEKDAYS[(today + step) % 7] for step in (0, 0, 1, -1)])
    return draw(st.lists(near, max_size=3) | st.just([*WEEKDAYS]))


@st.composite
def policies(draw: st.DrawFn, start: datetime, most_attempts: int = 4) -> Fields:
    """Some fields of a call policy at one level."""
    zone_name = draw(st.sampled_from(ZONES))
    near_finish = instants(start, 41, 160)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "dialerPriority": st.sampled_from(PRIORITIES),
        "maxAttempts": st.integers(2, most_attempts) | st.just(0),
        "retryIntervalInMinutes": st.integers(1, 20),
        "allowedTime": allowed_times(start, zone_name),
        "gmtZone": st.just(zone_name),
        "startDateTime": instants(start, -30, 40),
        "finishDateTime": near_finish | near_finish | instants(start, 10_000, 20_000) | instants(start, -20_000, -31),
        "allowedDays": allowed_days(start),
    }
    names = draw(st.lists(st.sampled_from([*fields]), unique=True, max_size=3))
    if "allowedTime" in names and "gmtZone" not in names and draw(st.booleans()):
        names.append("gmtZone")
    return without_crossed_dates({name: draw(fields[name]) for name in names})


def without_crossed_dates(policy: Fields, above: Fields | None = None) -> Fields:
    """The policy without a finishDateTime that is not after its startDateTime, with the level above filled in."""
    merged = {**(above or {}), **policy}
    if "startDateTime" in merged and "finishDateTime" in merged and merged["startDateTime"] >= merged["finishDateTime"]:
        return {name: value for name, value in policy.items() if not name.endswith("DateTime")}
    return policy


@st.composite
def redials(draw: st.DrawFn, start: datetime) -> Fields:
    """A redial, its share not yet given."""
    policy = draw(policies(start, most_attempts=9))
    way = draw(st.sampled_from(["startAfterMinutes", "startDateTime", "allowedTime"]))
    if way == "startAfterMinutes":
        policy.pop("startDateTime", None)
        policy["startAfterMinutes"] = draw(st.integers(0, 30))
    elif way == "startDateTime":
        policy.pop("finishDateTime", None)
        policy["startDateTime"] = draw(instants(start, -30, 200))
    else:
        policy.setdefault("allowedTime", draw(allowed_times(start, policy.get("gmtZone", "Z"))))
    return policy


def shares(count: int) -> st.SearchStrategy[list[float]]:
    """Shares above 0 that sum to 1."""
    weights = st.lists(st.integers(1, 5), min_size=count, max_size=count)
    return weights.map(lambda each: [weight / sum(each) for weight in each])


SECONDS: st.SearchStrategy[Any] = (
    st.integers(0, 600)
    | st.integers(0, 120)
    | st.sampled_from([0, 1, 60, 300])
    | st.integers(2, 600).map(lambda most: {"quantiles": {"0": 1, "0.5": most / 2, "1": most}})
)


@st.composite
def outcomes(draw: st.DrawFn, start: datetime, *, redialled: bool = True) -> dict[str, Fields]:
    """Outcomes whose shares sum to 1, `answered` among them; each may bring redials."""
    names = draw(st.lists(st.sampled_from(["noAnswer", "busy", "invalid"]), unique=True, max_size=3))
    names.insert(draw(st.integers(0, len(names))), "answered")
    made: dict[str, Fields] = {}
    for name, share in zip(names, draw(shares(len(names))), strict=True):
        outcome: Fields = {"share": share, "seconds": draw(SECONDS)}
        outcome |= draw(
            st.fixed_dictionaries(
                {},
                optional={"retry": st.sampled_from([True, True, False]), "retryIntervalInMinutes": st.integers(1, 25)},
            )
        )
        rules = draw(st.lists(redials(start), max_size=2)) if redialled else []
        if rules:
            rule_shares = draw(shares(len(rules) + draw(st.integers(0, 1))))
            outcome["redials"] = [{"share": share, **rule} for share, rule in zip(rule_shares, rules, strict=False)]
        made[name] = outcome
    return made


FACTORS = st.sampled_from([0, 0.5, 1, 1.5, 3])


@st.composite
def answerings(draw: st.DrawFn, start: datetime) -> Fields:
    """How the share of `answered` moves near the simulation."""
    here = [start.astimezone(zone(zone_name)).hour for zone_name in ZONES]
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
def segments(draw: st.DrawFn, start: datetime, names: list[str], campaign: Fields) -> list[Fields]:
    """Segments by payload and by share, some with a call policy; `names` are those of the outcomes."""
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


def shifts(start: datetime, zone_name: str) -> Strategy:
    """A shift; the whole day, or hours near the simulation that may go over midnight."""
    hours = st.lists(clock_times(start, zone_name), min_size=2, max_size=2, unique=True)
    return st.builds(
        lambda lines, between, days: {
            "lines": lines,
            **({"from": between[0], "to": between[1]} if between else {}),
            **({"days": days} if days is not None else {}),
        },
        st.integers(1, 3),
        st.none() | hours,
        st.none() | allowed_days(start),
    )


HOLIDAYS = (
    {"holidays": "AU", "subdivision": "WA"},  # 2 March 2026
    {"holidays": "AU", "subdivision": "NSW"},  # 4 and 5 April
    {"holidays": "NZ"},  # 26 October
    {"holidays": "FR"},  # 1 November
    {"holidays": "US", "observed": False},  # none near
)
"""Holidays of the moments."""


@st.composite
def closings(draw: st.DrawFn, start: datetime) -> Fields:
    """Closed dates, or none: dates near the simulation by clocks of any zone, and holidays."""
    days = st.sampled_from((0, 0, 1, -1, 0, 1, -1, 2, -2, 16, 40))
    named = days.map(lambda days: f"{start + timedelta(days=days):%Y-%m-%d}")
    dates: st.SearchStrategy[Any] = named | st.sampled_from(HOLIDAYS)
    if draw(st.integers(0, 2)) < 2:
        return {}
    return {"closedDates": draw(st.lists(dates, min_size=1, max_size=4))}


@st.composite
def rule_sets(draw: st.DrawFn, start: datetime) -> Fields:
    """A rule set that matters in a simulation of two hours, in full."""
    dates = st.integers(-1, 1).map(lambda days: f"{start + timedelta(days=days):%Y-%m-%d}")
    time = draw(allowed_times(start, draw(st.sampled_from(["Z", "America/New_York"]))))
    found: Fields = {"title": "drawn", "source": "luck", "sure": "not at all", "allowedTime": time}
    special = draw(st.sampled_from([(), ("holiday",), ("dayBeforeHoliday",), ("holiday", "dayBeforeHoliday")]))
    for key in special:
        hours = draw(allowed_times(start, "Z")).get("default", [])
        found["allowedTime"] = {**found["allowedTime"], key: hours}
    if special:
        found["holidays"] = draw(st.lists(dates, min_size=1, max_size=2))
    found["caps"] = draw(st.lists(caps(), max_size=2))
    found["closedDates"] = draw(st.sampled_from([[], [], draw(st.lists(dates, max_size=1))]))
    return found


@st.composite
def rules(draw: st.DrawFn, start: datetime) -> Fields:
    """Rule sets that a campaign keeps to, or none."""
    return {"rules": draw(st.lists(rule_sets(start), min_size=1, max_size=2))} if not draw(st.integers(0, 3)) else {}


@st.composite
def campaigns(draw: st.DrawFn, start: datetime) -> Fields:
    """A campaign: policy and capacity."""
    policy = draw(policies(start))
    if draw(st.integers(0, 2)) < 2:
        capacity: Fields = {"lines": draw(st.integers(1, 3))}
    else:
        zone_name = policy.get("gmtZone", "Z")
        capacity = {"shifts": draw(st.lists(shifts(start, zone_name), min_size=1, max_size=3))}
    return {**policy, **capacity, **draw(campaign_options()), **draw(closings(start)), **draw(rules(start))}


def campaign_options() -> Strategy:
    """The fields of a campaign beside policy and lines."""
    return st.fixed_dictionaries(
        {},
        optional={
            "callsPerSecond": st.sampled_from([1, 0.3, 0.9, 1.9, 2.5, 0.01, 0.001]),
            "order": st.sampled_from(["nextAllowedTime", "windowClosing"]),
            "maxTotalAttempts": st.integers(1, 5),
            "retryIfShorterThanSeconds": st.sampled_from([0, 60, 61, 300]),
            "caps": st.lists(caps(), max_size=3),
        },
    )


def caps() -> Strategy:
    """A cap that is reached within a simulation; every scenario has the outcome that it may name."""
    most = st.fixed_dictionaries({"atMost": st.sampled_from([1, 1, 2, 3, 5])})
    how_long = st.sampled_from([{"hours": 1}, {"hours": 1}, {"hours": 2}, {"days": 1}, {"days": 2}])
    more = st.fixed_dictionaries(
        {},
        optional={
            "outcomes": st.just(["answered"]),
            "per": st.sampled_from(["phone", "payload.tier"]),
            "redials": st.sampled_from(["exempt", "counted"]),
        },
    )
    return st.builds(lambda *parts: {**parts[0], **parts[1], **parts[2]}, most, how_long, more)


@st.composite
def additions(draw: st.DrawFn, start: datetime, minutes: int) -> Any:
    """When a part of the list is added: an instant, or a span with arrivals."""
    at = draw(instants(start, 0, minutes - 1))
    if draw(st.booleans()):
        return at
    since = datetime.fromisoformat(at)
    until = draw(st.integers(1, int((start + timedelta(minutes=minutes) - since).total_seconds())))
    span = {"from": at, "to": text_of(since + timedelta(seconds=until))}
    return {**span, **draw(st.sampled_from([{}, {"arrivals": "evenly"}, {"arrivals": "poisson"}]))}


@st.composite
def parts(draw: st.DrawFn, start: datetime, minutes: int, campaign: Fields) -> list[Fields]:
    """The list: parts of numbers that share phones, payloads and policies, so that some are duplicates."""
    own = [{}, *draw(st.lists(policies(start), max_size=3))]
    numbers = st.builds(
        lambda phone, payload, policy: {"phone": phone, **payload, **without_crossed_dates(policy, campaign)},
        st.sampled_from(PHONES),
        st.fixed_dictionaries({}, optional={"payload": st.sampled_from(PAYLOADS)}),
        st.sampled_from(own),
    )
    made = []
    for _ in range(draw(st.integers(1, 2))):
        part: Fields = {"addPhones": draw(st.lists(numbers, min_size=1, max_size=10))}
        if draw(st.booleans()):
            part["added"] = draw(additions(start, minutes))
        made.append(part)
    return made


@st.composite
def scenarios(draw: st.DrawFn, *, redialled: bool = True) -> Fields:
    """A scenario of up to two hours and up to twenty numbers that uses every feature."""
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
    return scenario | draw(st.fixed_dictionaries({}, optional={"segments": segments(start, [*made], campaign)}))


@st.composite
def crowds(draw: st.DrawFn) -> Fields:
    """A scenario of many numbers of few kinds that wait for few lines: what matters is who comes first."""
    start = draw(beginnings())
    hours = st.sampled_from(ZONES).flatmap(
        lambda zone_name: st.fixed_dictionaries(
            {"allowedTime": day_lists(start, zone_name).map(default_list), "gmtZone": st.just(zone_name)}
        )
    )
    more = st.fixed_dictionaries(
        {}, optional={"dialerPriority": st.sampled_from([1, 5, 9]), "startDateTime": instants(start, 0, 20)}
    )
    kinds = draw(st.lists(st.builds(lambda when, rest: when | rest, st.just({}) | hours, more), min_size=2, max_size=4))
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


@st.composite
def commands(draw: st.DrawFn, document: Fields) -> list[Command]:
    """What a user does while the scenario is played, in order: pauses, resumes, cancellations."""
    start, finish = instant(document["start"]), instant(document["finish"])
    most = sum(len(part["addPhones"]) for part in document["numbers"])
    one = st.builds(
        Command,
        st.integers(0, (finish - start) // 60).map(lambda minute: start + 60 * minute),
        st.sampled_from(["cancel", "pause", "resume"]),
        st.integers(0, most - 1),
        st.none(),
    )
    return sorted(draw(st.lists(one, min_size=1, max_size=6)), key=lambda command: command.at)


@st.composite
def live_commands(draw: st.DrawFn, document: Fields) -> list[Command]:
    """What a user of a live dialer does while the scenario is played, in order: redials, and a stop now and then."""
    start, finish = instant(document["start"]), instant(document["finish"])
    most = sum(len(part["addPhones"]) for part in document["numbers"])
    at = st.integers(start, finish - 1) | st.integers(0, (finish - start - 1) // 60).map(lambda at: start + 60 * at)
    one = st.builds(
        Command,
        at,
        st.sampled_from(["redial", "redial", "redial", "cancel", "pause", "resume", "stop"]),
        st.integers(0, most - 1),
        redials(datetime.fromisoformat(document["start"])),
    )
    return sorted(draw(st.lists(one, min_size=1, max_size=12)), key=lambda command: command.at)


HOSTILE_PARTS = (
    *(
        "[/x]",
        "[red]",
        "[link=https://example.org]",
        ":smile:",
        "\\",
        "\\u0041",
        "{{7*7}}",
        "%s",
        "]]>",
        "<b>",
        "</script>",
        "&amp;",
    ),
    *(
        "=1+1",
        "+",
        "-",
        "@",
        "'",
        '"',
        ",",
        ";",
        "#",
        ": ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "\0",
        "\a",
        "\b",
        "\x1b[31m",
        "\x1b]0;x\a",
    ),
    *(
        "\x7f",
        "\x85",
        "\x9b31m",
        "\xa0",
        "\xad",
        "\u061c",
        "\u200b",
        "\u200e",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\ufeff",
    ),
    *("\ufffe", "\uffff", "\udc80", "\ud83d", "\U000e0001", "😀", "é", "a", "B", "b" * 40),
)
"""What a terminal, a page, a picture, a spreadsheet or a document may take for something else than text."""


def hostile_names(least: int = 0) -> st.SearchStrategy[str]:
    """Names that do harm, or show something else, where they are not taken as text."""
    return st.lists(st.sampled_from(HOSTILE_PARTS) | st.characters(), min_size=least, max_size=6).map("".join)
