"""The setting of a sizing: what the scenario gives it to work with."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from engine.calling.hours import AllowedTime, Weekdays, week_of
from engine.calling.rule_hours import narrowed
from engine.calling.windows import WHOLE_WEEK, Week
from engine.scenario.campaign import Campaign
from engine.scenario.scenario import Scenario

MOST_HOURS = 2
"""So many different hours of a list are told one by one."""


class ListHours(NamedTuple):
    """Hours in which numbers may be called, by the customers' clocks."""

    days: Weekdays | None
    times: AllowedTime | None
    share: float
    """The share of the list that has them."""


class Setting(NamedTuple):
    """The list, what its call policies allow, and the capacity as the scenario has it."""

    start: int
    """Unix seconds."""
    finish: int
    numbers: int
    attempts: tuple[int, int]
    """The fewest and the most attempts that call policies of the list allow."""
    hours: tuple[ListHours, ...]
    """The most frequent hours of the list that rule sets leave, most frequent first."""
    other_hours: float
    """The share of the list that has yet other hours."""
    lines: int
    """At the busiest hour."""
    shifts: bool
    """Whether the lines change with shifts."""
    calls_per_second: float | None
    campaign: Campaign
    """Whose rule sets, closed dates and caps calls keep to."""


def setting_of(scenario: Scenario) -> Setting:
    """What a scenario gives a search to work with. Call policies count with what the campaign fills in (rules 2)."""
    document, book = scenario.document, scenario.phonebook
    campaign, distinct = document.campaign, book.distinct
    numbers_with = np.bincount(distinct.of_undated[book.policies], minlength=len(distinct.undated)).tolist()
    attempts: set[int] = set()
    weeks: Counter[Week] = Counter()
    first_with: dict[Week, tuple[Weekdays | None, AllowedTime | None]] = {}
    for own, count in zip(distinct.undated, numbers_with, strict=True):
        if count:
            policy = own.under(campaign)
            attempts.add(policy.attempts)
            days, times = policy.allowed_days, policy.allowed_time
            if campaign.rule_week != WHOLE_WEEK:
                days, times = None, narrowed(days, times, campaign.rule_week)
            week = week_of(days, times)
            weeks[week] += count
            first_with.setdefault(week, (days, times))
    numbers, told = len(book), weeks.most_common(MOST_HOURS)
    return Setting(
        start=int(document.start),
        finish=int(document.finish),
        numbers=numbers,
        attempts=(min(attempts, default=0), max(attempts, default=0)),
        hours=tuple(ListHours(*first_with[week], count / numbers) for week, count in told),
        other_hours=(numbers - sum(count for _, count in told)) / max(numbers, 1),
        lines=scenario.most_lines,
        shifts=campaign.shifts is not None,
        calls_per_second=campaign.calls_per_second,
        campaign=campaign,
    )
