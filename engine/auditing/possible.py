"""Possible calls: those that a scenario lets happen at times that a rule set forbids."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine.auditing.groups import Group, span_of, windows_of, without
from engine.auditing.judging import CLOSED, HOURS, in_force
from engine.calling.hours import Interval, interval_text
from engine.calling.instants import DAY
from engine.calling.policy import CallPolicy
from engine.calling.rule_hours import closed_at, rule_windows
from engine.calling.rule_sets import NamedRules
from engine.calling.spoken import WEEKDAYS
from engine.calling.windows import Windows
from engine.calling.zones import ZoneName, local_seconds, named_zone
from engine.scenario.document import ScenarioDocument


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


def possible_calls(document: ScenarioDocument, rules: NamedRules, groups: Iterable[Group]) -> list[Possible]:
    """What a rule set forbids among the open seconds of numbers, the most numbers first.

    Groups with the same hours are one, whatever their zones. The cost grows with the windows of each group.
    """
    if not rules.rules.hours.limits:
        return []
    numbers: Counter[tuple[str, str, str | None, str]] = Counter()
    dates: dict[tuple[str, str, str | None, str], set[int]] = {}
    firsts: dict[tuple[str, str, str | None, str], int] = {}
    for group in groups:
        start, finish = span_of(document, group.policy)
        if start >= finish or not len(group.added):
            continue
        zone = named_zone(group.policy.zone_name)
        allowed = rule_windows(rules.rules.hours, zone, start, finish)
        wrong = without(windows_of(document, group.policy, start, finish), allowed, start, finish)
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
    closes = local_seconds(wrong.ends - 1, first_zone) + 1
    for since, until, finish in zip(opens.tolist(), closes.tolist(), wrong.ends.tolist(), strict=True):
        while since < until:
            day = since // DAY
            end = min(until, (day + 1) * DAY)
            if in_force(np.array([day]), rules)[0]:
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
