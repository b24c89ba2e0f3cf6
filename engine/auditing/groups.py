"""Groups: the numbers of a scenario that are called alike, with the seconds that are open for them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import ALWAYS, NEVER
from engine.calling.policies import Policies
from engine.calling.policy import CallPolicy
from engine.calling.rule_hours import RuleHours, rule_windows
from engine.calling.windows import Windows, intersection, open_windows
from engine.calling.zones import named_zone
from engine.numbers.phonebook import Phonebook
from engine.scenario.document import ScenarioDocument

_OTHERWISE_OPEN = ("allowed_days", "allowed_time", "gmt_zone", "finish_date_time")
"""The fields with which a redial may call in seconds that are closed to the number's other calls."""


class Group(NamedTuple):
    """Numbers that are called alike: the windows of their calls, and when they are added."""

    policy: CallPolicy
    redial: str | None
    added: NDArray[np.int64]
    """Ascending."""


def groups(document: ScenarioDocument, book: Phonebook, rows: NDArray[np.int64]) -> Iterator[Group]:
    """Some numbers by their call policies, all levels filled in; and again for each redial that may come otherwise."""
    policies = book.policies[rows]
    order = np.argsort(policies, kind="stable")
    added, policies = book.added[rows][order], policies[order]
    firsts = np.flatnonzero(np.diff(policies, prepend=-1))
    alike: dict[CallPolicy, list[NDArray[np.int64]]] = {}
    distinct: Policies = book.distinct
    lasts = np.append(firsts, len(order))[1:]
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        own = distinct[int(policies[first])].under(document.campaign)
        alike.setdefault(own, []).append(added[first:last])
    groups = [(policy, np.sort(np.concatenate(parts))) for policy, parts in alike.items()]
    for policy, own_added in groups:
        yield Group(policy, None, own_added)
    for name, outcome in document.outcomes.items():
        for redial in outcome.redials:
            if not any(getattr(redial, name) is not None for name in _OTHERWISE_OPEN):
                continue
            for policy, own_added in groups:
                yield Group(_without_share(redial).under(policy), name, own_added)


def _without_share(redial: CallPolicy) -> CallPolicy:
    fields = {name: getattr(redial, name) for name in CallPolicy.__struct_fields__}
    return CallPolicy(**fields)


def span_of(document: ScenarioDocument, policy: CallPolicy) -> tuple[int, int]:
    """The part of the simulation that the dates of a policy allow."""
    starts = int(document.start) if policy.starts == ALWAYS else max(int(document.start), policy.starts)
    finishes = int(document.finish) if policy.finishes == NEVER else min(int(document.finish), policy.finishes)
    return starts, finishes


def windows_of(document: ScenarioDocument, policy: CallPolicy, start: int, finish: int) -> Windows:
    """The open windows of a policy: its hours without what closed dates and rule sets of the campaign close."""
    zone, campaign = named_zone(policy.zone_name), document.campaign
    found = open_windows(policy.week, zone, start, finish)
    kept = (RuleHours(closed=campaign.closed_dates), *(each.rules.hours for each in campaign.rules))
    for hours in kept:
        if hours.limits:
            found = intersection(found, rule_windows(hours, zone, start, finish))
    return found


def without(windows: Windows, others: Windows, start: int, finish: int) -> Windows:
    """The seconds of windows that are in none of the others."""
    starts, ends = np.concatenate(([start], others.ends)), np.concatenate((others.starts, [finish]))
    between = starts < ends
    return intersection(windows, Windows(starts[between], ends[between]))
