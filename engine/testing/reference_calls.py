"""What a scheduler of one's own is told of a scenario, and the reference engine's calls with their luck."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from engine.calling.caps import Cap, payload_fields
from engine.calling.closed_dates import ClosedDates, closed_around
from engine.calling.hours import AllowedTime
from engine.calling.instants import ALWAYS, DAY, HOUR, MINUTE, NEVER
from engine.calling.policy import CallPolicy
from engine.calling.rule_hours import DAY_BEFORE, HOLIDAY, RuleTime
from engine.calling.spoken import WEEKDAYS
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.luck import REDIAL, draw, luck_key
from engine.numbers.payloads import payload_id
from engine.numbers.phonebook import phone_code, phone_text
from engine.scenario.scenario import Scenario

Fields = dict[str, Any]


class ReferenceCall(NamedTuple):
    """A call that the reference engine makes."""

    number: int
    """The id of the addition, from 0 in the order of additions; ignored duplicates are counted, too."""
    attempt: int
    start: int
    """Unix seconds."""
    seconds: int
    outcome: str
    redial: Fields | None
    """What a scheduler is told of the redial that the call brings."""


class ReferenceRun(NamedTuple):
    """A scenario as a scheduler is told it, beside the calls that the rules ask for."""

    scenario: Scenario
    start: int
    finish: int
    campaign: Fields
    """The message that begins a campaign."""
    additions: list[tuple[int, Fields]]
    """Every addition at its instant (Unix seconds), in order; duplicates among them."""
    calls: list[ReferenceCall]
    """In the order in which they begin."""
    rows: dict[int, int]
    """[number]: its row in the phonebook; none for ignored duplicates."""


def reference_run(document: Fields) -> ReferenceRun:
    """Play a scenario by the reference engine; `document` is that of a scenario file as plain values.

    Raises ScenarioError with every fault. Lists in files and made-up lists are left out of the protocol: ValueError if
    the scenario has any.
    """
    if any("addPhones" not in part for part in document["numbers"]):
        raise ValueError("a scheduler is not driven through lists in files or made-up lists")
    scenario = Scenario.from_document(document)
    rulebook = Rulebook(scenario.document)
    dialer = ReferenceDialer(rulebook, keep_calls=True)
    dialer.add(scenario.phonebook)
    dialer.run_until(rulebook.finish)
    additions, numbers = _additions(scenario, document)
    return ReferenceRun(
        scenario=scenario,
        start=int(rulebook.start),
        finish=int(rulebook.finish),
        campaign=_campaign(scenario, document),
        additions=additions,
        calls=_calls(scenario, rulebook, dialer, numbers),
        rows={number: row for row, number in enumerate(numbers)},
    )


def _campaign(scenario: Scenario, document: Fields) -> Fields:
    campaign, start, finish = scenario.document.campaign, scenario.document.start, scenario.document.finish
    given = document["campaign"]

    def dates(named: ClosedDates) -> list[str]:
        closed = closed_around(named, start // DAY, finish // DAY)
        return [f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}" for day in closed]

    return {
        "type": "campaign",
        "start": int(start),
        "finish": int(finish),
        "gmtZone": str(campaign.zone_name),
        "lines": campaign.lines,
        "shifts": given.get("shifts"),
        "callsPerSecond": given.get("callsPerSecond"),
        "order": campaign.order,
        "maxTotalAttempts": campaign.max_total_attempts,
        "retryIfShorterThanSeconds": campaign.retry_if_shorter_than_seconds,
        "caps": [_plain_cap(cap) for cap in campaign.every_cap],
        "closedDates": dates(campaign.closed_dates),
        "rules": [
            {
                **_plain_rule_time(each.rules.allowed_time or RuleTime(None)),
                "holidays": dates(each.rules.holidays),
                "closedDates": dates(each.rules.closed_dates),
            }
            for each in campaign.rules
        ],
        "outcomes": {
            name: {
                "retry": outcome.get("retry") is True,
                "retryIntervalInMinutes": outcome.get("retryIntervalInMinutes"),
            }
            for name, outcome in document["outcomes"].items()
        },
    }


def _plain_cap(cap: Cap) -> Fields:
    """A cap with every field filled in."""
    return {
        "atMost": cap.at_most,
        "hours": cap.hours,
        "days": cap.days,
        "outcomes": None if cap.outcomes is None else [*cap.outcomes],
        "per": str(cap.per),
        "redials": cap.redials,
    }


def _plain_rule_time(time: RuleTime) -> Fields:
    """The hours of a rule set: those of the weekdays, and those for special dates; null where there are none."""
    special = {HOLIDAY: time.holiday, DAY_BEFORE: time.day_before}
    return {
        "allowedTime": _plain_hours(range(7), time.weekdays),
        **{name: None if hours is None else _intervals(hours[0]) for name, hours in special.items()},
    }


def _additions(scenario: Scenario, document: Fields) -> tuple[list[tuple[int, Fields]], list[int]]:
    """Every addition with its instant, in order; and those that are accepted."""
    book, campaign = scenario.phonebook, scenario.document.campaign
    listed: list[tuple[int, Fields]] = []
    for part, read_part in zip(document["numbers"], scenario.document.numbers, strict=True):
        numbers = part["addPhones"]
        instants = [int(scenario.document.start)] * len(numbers)
        if read_part.added is not None:
            instants = read_part.added.instants(len(numbers)).tolist()
        listed += zip(instants, numbers, strict=True)
    listed.sort(key=itemgetter(0))
    fields = payload_fields(campaign.every_cap)
    places = [0 if cap.per.field is None else 1 + fields.index(cap.per.field) for cap in campaign.every_cap]
    shared = {place: book.shared_by(place).tolist() for place in places}
    first: dict[tuple[object, ...], int] = {}
    accepted_at: dict[int, int] = {}
    made: list[tuple[int, Fields]] = []
    accepted: list[int] = []
    for number, (instant, given) in enumerate(listed):
        code, payload = phone_code(given["phone"]), given.get("payload")
        own = CallPolicy.from_json({name: value for name, value in given.items() if name not in ("phone", "payload")})
        same = first.setdefault((code, own, payload_id(payload)), number)
        told = {"number": number, "phone": phone_text(code or 0), "payload": payload, "sameAs": same}
        since = accepted_at.get(same)
        if since is None or instant - since >= DAY:
            row, accepted_at[same] = len(accepted), instant
            accepted.append(number)
            own = book.distinct[int(book.policies[row])]  # with what its segment says
            told["capKeys"] = [str(shared[place][row]) for place in places]
        else:
            told["capKeys"] = [""] * len(places)
        made.append((instant, told | {"policy": plain_policy(own.under(campaign))}))
    return made, accepted


def plain_policy(policy: CallPolicy) -> Fields:
    """A call policy with every field filled in, as a scheduler is told it."""
    return {
        "startDateTime": None if policy.starts == ALWAYS else int(policy.starts),
        "finishDateTime": None if policy.finishes == NEVER else int(policy.finishes),
        "allowedTime": _plain_hours(policy.allowed_days, policy.allowed_time),
        "retryIntervalInMinutes": int(policy.retry_seconds) // MINUTE,
        "maxAttempts": policy.attempts,
        "gmtZone": str(policy.zone_name),
        "dialerPriority": policy.priority,
    }


def _plain_hours(days: Iterable[int] | None, time: AllowedTime | None) -> Fields:
    """The seven days, each with its hours; without a `time` all day on these days."""
    hours: Fields = {name: [] for name in WEEKDAYS}
    for day in range(7) if days is None else days:
        hours[WEEKDAYS[day]] = _intervals(((0, DAY),) if time is None else time[day])
    return hours


def _intervals(times: Iterable[tuple[int, int]]) -> list[Fields]:
    return [
        {"localTimeFrom": _clock(opens), "localTimeTo": _clock(closes if closes <= DAY else closes - DAY)}
        for opens, closes in times
    ]


def _clock(time: int) -> str:
    return f"{time // HOUR:02}:{time % HOUR // MINUTE:02}"


def _calls(scenario: Scenario, rulebook: Rulebook, dialer: ReferenceDialer, numbers: list[int]) -> list[ReferenceCall]:
    if dialer.history is None:
        raise ValueError("the dialer keeps no calls")
    columns, book, model = dialer.history.call_columns(rulebook.start), scenario.phonebook, rulebook.model
    keys = luck_key(rulebook.seed, book.identities).tolist()
    made = []
    for row, attempt, start, seconds, index in zip(
        columns.number.tolist(),
        columns.attempt.tolist(),
        (rulebook.start + time for time in columns.time.tolist()),
        columns.seconds.tolist(),
        columns.outcome.tolist(),
        strict=True,
    ):
        name, thresholds = model.names[index], model.redial_thresholds[index].tolist()
        rule = bisect_right(thresholds, draw(keys[row], attempt, REDIAL) >> 32)
        too_short = index == model.answered and seconds < rulebook.short_call
        redial = None
        if rule < len(thresholds) and not too_short:
            brought = model.redials[model.first_redial[index] + rule]
            own = book.distinct[int(book.policies[row])].under(scenario.document.campaign)
            redial = {"startAfterMinutes": brought.start_after_minutes or 0, "policy": plain_policy(brought.under(own))}
        made.append(ReferenceCall(numbers[row], attempt, start, seconds, name, redial))
    return made
