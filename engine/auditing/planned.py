"""Planned calls: what a scenario lets happen that a rule set forbids, found before any run.

A number could be called at every second that is open for it, whether it will be or not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.auditing.judging import CAP, CLOSED, HOURS
from engine.auditing.offsets import next_difference
from engine.auditing.rule_texts import cap_text
from engine.auditing.whereabouts import whereabouts
from engine.calling.caps import Cap
from engine.calling.hours import Interval, interval_text
from engine.calling.instants import ALWAYS, DAY, HOUR, MINUTE, NEVER
from engine.calling.policies import Policies
from engine.calling.policy import CallPolicy
from engine.calling.rule_hours import RuleHours, closed_at, rule_windows
from engine.calling.rule_sets import NamedRules
from engine.calling.spoken import WEEKDAYS
from engine.calling.windows import Windows, intersection, open_windows
from engine.calling.zones import ZoneName, changing_zone_there, local_seconds, named_zone
from engine.customers.outcomes import MOST_REDIAL_ATTEMPTS
from engine.numbers.phonebook import Phonebook
from engine.reading.notes import Note
from engine.scenario.document import ScenarioDocument
from engine.scenario.scenario import Scenario

PLANNED = {
    **dict.fromkeys(("rules", "rule", "kind", "source", "hours", "redialAfter", "time"), pl.String),
    **dict.fromkeys(("numbers", "dates"), pl.Int64),
    **dict.fromkeys(("first", "why"), pl.String),
}
"""The columns of findings."""


class Possible(NamedTuple):
    """Calls that a scenario lets happen at times that a rule set forbids: alike in their hours and in the rule."""

    rules: NamedRules
    kind: str
    """HOURS or CLOSED."""
    hours: str
    """The hours of the numbers, in words."""
    redial: str | None
    """The outcome after which they are called so; None for their first calls and retries."""
    time: str
    """The local times of a day at which they could be called and must not be."""
    numbers: int
    dates: int
    """On so many local dates."""
    first: int
    """The first such second, on the customer's own wall clock since 1970-01-01."""

    @property
    def local_text(self) -> str:
        """The first such second as a date and a time."""
        return str(np.datetime64(self.first, "s"))


class Forbidden(NamedTuple):
    """Calls that a cap of a rule set may forbid."""

    rules: NamedRules
    cap: Cap
    numbers: int
    why: str


class FixedNumbers(NamedTuple):
    """Numbers with a zone that never changes where people's clocks do."""

    zone: str
    meant: str
    change: int
    """The next instant at which the two differ."""
    numbers: int
    numbers_outside: int
    """Those with open hours that are outside their hours by the other clock, in the four weeks after the change."""
    hours_outside: float
    """Such hours of one number in these weeks, on average over `numbers_outside`."""


class Plan(NamedTuple):
    """What a scenario lets happen, held against rule sets."""

    numbers: int
    held: tuple[tuple[NamedRules, int], ...]
    """Each set with the numbers for which it holds."""
    possible: tuple[Possible, ...]
    forbidden: tuple[Forbidden, ...]
    offsets: tuple[FixedNumbers, ...]
    notes: tuple[Note, ...]
    by_phone: bool

    @property
    def found(self) -> int:
        """How many findings there are."""
        return len(self.possible) + len(self.forbidden)

    def findings(self) -> pl.DataFrame:
        """A row for each finding: what could happen, to how many numbers."""
        rows: list[dict[str, Any]] = [
            {"rules": each["rules"], "rule": each.get("rule", each["kind"]), **each}
            for part in ("possible", "forbidden")
            for each in self.document[part]
        ]
        return pl.DataFrame(rows, schema=PLANNED)

    @property
    def document(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "numbers": self.numbers,
            "found": self.found,
            "ruleSetsByPhone": self.by_phone,
            "ruleSets": [
                {
                    "name": each.name,
                    "title": each.rules.title,
                    "source": each.rules.source,
                    "sure": each.rules.sure,
                    "numbers": numbers,
                }
                for each, numbers in self.held
            ],
            "possible": [
                {
                    "rules": each.rules.name,
                    "kind": each.kind,
                    "source": each.rules.rules.source,
                    "hours": each.hours,
                    "redialAfter": each.redial,
                    "time": each.time,
                    "numbers": each.numbers,
                    "dates": each.dates,
                    "first": each.local_text,
                }
                for each in self.possible
            ],
            "forbidden": [
                {
                    "rules": each.rules.name,
                    "rule": cap_text(each.cap),
                    "kind": CAP,
                    "source": each.rules.rules.source,
                    "numbers": each.numbers,
                    "why": each.why,
                }
                for each in self.forbidden
            ],
            "fixedOffsets": [each._asdict() for each in self.offsets],
        }


class _Group(NamedTuple):
    """Numbers that are called alike: the windows of their calls, and when they are added."""

    policy: CallPolicy
    redial: str | None
    added: NDArray[np.int64]
    """Ascending."""


def planned(
    scenario: Scenario,
    rules: Sequence[NamedRules],
    *,
    by_phone: bool = False,
    meaning: Mapping[str, str] | None = None,
) -> Plan:
    """Hold a scenario against rule sets before it is played; `by_phone` and `meaning` as for `audit`.

    The cost grows with the distinct call policies and with the days that are simulated.
    """
    document, book = scenario.document, scenario.phonebook
    where = whereabouts(book.phone_codes) if by_phone else None
    held: list[tuple[NamedRules, int]] = []
    possible: list[Possible] = []
    forbidden: list[Forbidden] = []
    notes: list[Note] = []
    for each in rules:
        rows = np.arange(len(book)) if where is None else np.flatnonzero(where.within(each.rules.where))
        held.append((each, len(rows)))
        groups = list(_groups(document, book, rows))
        possible += _possible(document, each, groups)
        for cap in each.rules.caps:
            forbidden += _over(document, each, cap, groups, meaning or {}, notes)
        if each.rules.consent_from is not None and len(rows):
            text = f"{each.name}: calls from {each.rules.consent_from.to_json()} on need a consent, which no list shows"
            if int(document.finish) // DAY >= each.rules.consent_from:
                notes.append(Note("consent", text, len(rows)))
    if by_phone:
        text = (
            "rule sets are guessed from phones, by the geography of numbering plans: people keep phones when they move"
        )
        notes.append(Note("rules_by_phone", text))
    everyone = list(_groups(document, book, np.arange(len(book))))
    return Plan(
        numbers=len(book),
        held=tuple(held),
        possible=tuple(possible),
        forbidden=tuple(forbidden),
        offsets=tuple(_fixed(document, everyone)),
        notes=tuple(notes),
        by_phone=by_phone,
    )


def _groups(document: ScenarioDocument, book: Phonebook, rows: NDArray[np.int64]) -> Iterator[_Group]:
    """Some numbers by their call policies with all levels filled in; and once more for each redial with own hours."""
    policies = book.policies[rows]
    order = np.argsort(policies, kind="stable")
    added, policies = book.added[rows][order], policies[order]
    firsts = np.flatnonzero(np.diff(policies, prepend=-1))
    alike: dict[CallPolicy, list[NDArray[np.int64]]] = {}
    distinct: Policies = book.distinct
    for first, last in zip(firsts.tolist(), [*firsts[1:].tolist(), len(order)], strict=True):
        own = distinct[int(policies[first])].under(document.campaign)
        alike.setdefault(own, []).append(added[first:last])
    groups = [(policy, np.sort(np.concatenate(parts))) for policy, parts in alike.items()]
    for policy, own_added in groups:
        yield _Group(policy, None, own_added)
    for name, outcome in document.outcomes.items():
        for redial in outcome.redials:
            if redial.allowed_days is None and redial.allowed_time is None and redial.gmt_zone is None:
                continue
            for policy, own_added in groups:
                yield _Group(_without_share(redial).under(policy), name, own_added)


def _without_share(redial: CallPolicy) -> CallPolicy:
    fields = {name: getattr(redial, name) for name in CallPolicy.__struct_fields__}
    return CallPolicy(**fields)


def _span(document: ScenarioDocument, policy: CallPolicy) -> tuple[int, int]:
    """The part of the simulation that the dates of a policy allow."""
    starts = int(document.start) if policy.starts == ALWAYS else max(int(document.start), policy.starts)
    finishes = int(document.finish) if policy.finishes == NEVER else min(int(document.finish), policy.finishes)
    return starts, finishes


def _windows(document: ScenarioDocument, policy: CallPolicy, start: int, finish: int) -> Windows:
    """The open windows of a policy: those of its hours without the campaign's closed dates."""
    zone = named_zone(policy.zone_name)
    own = open_windows(policy.week, zone, start, finish)
    closed = document.campaign.closed_dates
    return intersection(own, rule_windows(RuleHours(closed=closed), zone, start, finish)) if closed else own


def _without(windows: Windows, others: Windows, start: int, finish: int) -> Windows:
    """The seconds of windows that are in none of the others."""
    starts, ends = np.concatenate(([start], others.ends)), np.concatenate((others.starts, [finish]))
    between = starts < ends
    return intersection(windows, Windows(starts[between], ends[between]))


def _possible(document: ScenarioDocument, rules: NamedRules, groups: Iterable[_Group]) -> list[Possible]:
    if not rules.rules.hours.limits:
        return []
    numbers: Counter[tuple[str, str, str | None, str]] = Counter()
    dates: dict[tuple[str, str, str | None, str], set[int]] = {}
    firsts: dict[tuple[str, str, str | None, str], int] = {}
    for group in groups:
        start, finish = _span(document, group.policy)
        if start >= finish or not len(group.added):
            continue
        zone = named_zone(group.policy.zone_name)
        allowed = rule_windows(rules.rules.hours, zone, start, finish)
        wrong = _without(_windows(document, group.policy, start, finish), allowed, start, finish)
        own: dict[tuple[str, str, str | None, str], int] = {}
        for kind, time, day, opens, last in _pieces(rules, group.policy.zone_name, wrong):
            key = kind, _hours_text(group.policy), group.redial, time
            own[key] = max(own.get(key, last), last)
            dates.setdefault(key, set()).add(day)
            firsts[key] = min(firsts.get(key, opens), opens)
        for key, last in own.items():
            numbers[key] += int(np.searchsorted(group.added, last, side="left"))
    found = [
        Possible(rules, *key, numbers=numbers[key], dates=len(dates[key]), first=firsts[key])
        for key in numbers
        if numbers[key]
    ]
    return sorted(found, key=lambda each: (-each.numbers, each.kind, each.hours, each.time))


def _pieces(rules: NamedRules, zone_name: str, wrong: Windows) -> Iterator[tuple[str, str, int, int, int]]:
    """Forbidden windows cut at midnights: kind, time, local date, first local second, and the instant of their end."""
    first_zone = ZoneName(zone_name).ids[0]
    opens = local_seconds(wrong.starts, first_zone)
    for begin, length, finish in zip(
        opens.tolist(), (wrong.ends - wrong.starts).tolist(), wrong.ends.tolist(), strict=True
    ):
        since, until = begin, begin + length
        while since < until:
            day = since // DAY
            end = min(until, (day + 1) * DAY)
            in_force = (rules.rules.from_ is None or rules.rules.from_ <= day) and (
                rules.rules.until is None or day <= rules.rules.until
            )
            if in_force:
                closed = bool(closed_at(rules.rules.hours, np.array([since]))[0])
                time = interval_text(Interval(since % DAY, (end - 1) % DAY + 1))
                yield CLOSED if closed else HOURS, time, day, since, finish
            since = end


def _hours_text(policy: CallPolicy) -> str:
    """The hours of a policy in words: `09:00-21:30 every day`."""
    if policy.allowed_time is None:
        own_days = policy.allowed_days
        return "at any time" if own_days is None else f"at any time, {_days_text(own_days)}"
    by_hours: dict[str, list[int]] = {}
    for day in policy.allowed_days or range(7):
        own = policy.allowed_time[day]
        if own:
            by_hours.setdefault(", ".join(map(interval_text, own)), []).append(day)
    return "; ".join(f"{hours} {_days_text(own)}" for hours, own in by_hours.items()) or "closed"


def _days_text(days: Sequence[int]) -> str:
    if len(days) == 7:
        return "every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{WEEKDAYS[days[0]]}-{WEEKDAYS[days[-1]]}"
    return " ".join(WEEKDAYS[day] for day in days)


def _over(
    document: ScenarioDocument,
    rules: NamedRules,
    cap: Cap,
    groups: Iterable[_Group],
    meaning: Mapping[str, str],
    notes: list[Note],
) -> Iterator[Forbidden]:
    """The numbers whose retries, or whose redials, could be more calls than a cap allows."""
    if any(_at_least_as_strict(own, cap) for own in document.campaign.caps):
        return
    reasons: Counter[str] = Counter()
    counted = _counted(document, cap, meaning)
    if cap.outcomes is not None and not counted:
        words = " or ".join(cap.outcomes)
        text = (
            f"{rules.name} counts calls whose outcome is {words}, which the scenario does not have; say which means it"
        )
        notes.append(Note("outcome", f"{text}: --outcome NAME={cap.outcomes[0]}", 0))
        return
    for group in groups:
        if group.redial is None and len(group.added):
            why = _why(document, group.policy, cap, counted)
            if why is not None:
                reasons[why] += len(group.added)
    yield from (Forbidden(rules, cap, count, why) for why, count in reasons.most_common())


def _counted(document: ScenarioDocument, cap: Cap, meaning: Mapping[str, str]) -> list[str]:
    """The outcomes of a scenario that a cap counts."""
    wanted = cap.outcomes
    return [name for name in document.outcomes if wanted is None or meaning.get(name, name) in wanted]


def _at_least_as_strict(own: Cap, other: Cap) -> bool:
    """Whether what a campaign's cap allows, another allows, too."""
    longer = (own.hours or 0) >= (other.hours or 0) and (own.days or 0) >= (other.days or 0)
    same = (own.hours is None) == (other.hours is None) and own.per == other.per
    wider = own.outcomes is None or (other.outcomes is not None and set(own.outcomes) >= set(other.outcomes))
    as_many = own.redials == "counted" or other.redials == "exempt"
    return own.at_most <= other.at_most and longer and same and wider and as_many


def _why(document: ScenarioDocument, policy: CallPolicy, cap: Cap, counted: Sequence[str]) -> str | None:
    """Why a number may get more calls than a cap allows, in words; None if it cannot by itself."""
    outcomes = [document.outcomes[name] for name in counted]
    all_redials = [redial for outcome in document.outcomes.values() for redial in outcome.redials if redial.share > 0]
    redials = [] if cap.redials == "exempt" else all_redials
    length = (cap.hours or 0) * HOUR if cap.hours is not None else (cap.days or 1) * DAY
    words = cap_text(cap)
    most = min(policy.attempts, document.campaign.max_total_attempts or policy.attempts)
    if cap.outcomes is None:
        retried = [each for each in document.outcomes.values() if each.retry]
        shortest = (
            min(
                (
                    policy.retry_seconds
                    if each.retry_interval_in_minutes is None
                    else each.retry_interval_in_minutes * MINUTE
                )
                for each in retried
            )
            if retried
            else NEVER
        )
        if most > cap.at_most and cap.at_most * shortest < length:
            hours = shortest / HOUR
            return (
                f"maxAttempts {most} with {hours:g} h between: call {cap.at_most + 1} could come too soon for {words}"
            )
        if redials and most + min(MOST_REDIAL_ATTEMPTS, 1) > cap.at_most:
            return f"maxAttempts {most} and a redial could be more calls than {words}"
        return None
    if any(each.retry for each in outcomes) and most > cap.at_most:
        return f"{' or '.join(counted)} is retried: a call behind it could come too soon for {words}"
    if redials and any(redial in outcome.redials for outcome in outcomes for redial in redials):
        return f"{' or '.join(counted)} brings a redial: it could come too soon for {words}"
    return None


def _fixed(document: ScenarioDocument, groups: Iterable[_Group]) -> Iterator[FixedNumbers]:
    """Fixed offsets among the zones of a list, and the hours that go astray when the clocks that are meant change."""
    by_zone: dict[str, list[_Group]] = {}
    for group in groups:
        if group.redial is None and len(group.added):
            by_zone.setdefault(group.policy.zone_name, []).append(group)
    for zone, alike in by_zone.items():
        meant = changing_zone_there(zone)
        change = None if meant is None else next_difference(zone, meant, int(document.start))
        if meant is None or change is None:
            continue
        outside, lost = 0, 0.0
        for group in alike:
            until = change + 4 * 7 * DAY
            by_offset = open_windows(group.policy.week, named_zone(zone), change, until)
            by_clock = open_windows(group.policy.week, named_zone(meant), change, until)
            astray = _without(by_offset, by_clock, change, until)
            seconds = int((astray.ends - astray.starts).sum())
            if seconds:
                outside += len(group.added)
                lost += seconds / HOUR * len(group.added)
        numbers = sum(len(group.added) for group in alike)
        yield FixedNumbers(zone, meant, change, numbers, outside, lost / outside if outside else 0.0)
