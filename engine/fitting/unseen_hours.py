"""Unseen hours: the hours and weekdays at which a scenario calls and of which its log says nothing."""

from itertools import pairwise
from pathlib import Path

import numpy as np

from engine.calling.hours import week_of
from engine.calling.instants import HOUR
from engine.calling.spoken import WEEKDAYS
from engine.logs.call_log import CallLog
from engine.reading.document import read_document
from engine.reading.faults import InputError
from engine.scenario.short_forms import read_with_short_forms


def unseen_hours(log: CallLog, scenario: Path) -> str | None:
    """A note on the hours and weekdays of a scenario's campaign that a log never saw; None if there are none.

    Hours are those of the customers' clocks. Raises InputError with every fault of the scenario.
    """
    document = read_document(scenario)
    value, faults = read_with_short_forms(document.value)
    if value is None or faults:
        raise InputError(document.located(fault) for fault in faults)
    opened = np.zeros(len(WEEKDAYS) * 24, np.bool_)
    for start, end in week_of(value.campaign.allowed_days, value.campaign.allowed_time):
        opened[np.arange(start // HOUR, -(-end // HOUR)) % len(opened)] = True
    by_day = opened.reshape(len(WEEKDAYS), 24)
    hours = [] if log.hour is None else sorted({*np.flatnonzero(by_day.any(axis=0)).tolist()} - {*log.hour.tolist()})
    days = []
    if log.weekday is not None:
        days = sorted({*np.flatnonzero(by_day.any(axis=1)).tolist()} - {*log.weekday.tolist()})
    named = ["hours " + _ranges(hours)] if hours else []
    named += ["weekdays " + ", ".join(WEEKDAYS[day] for day in days)] if days else []
    if not named:
        return None
    return f"the scenario calls when the log never saw a call, and counts these as average: {'; '.join(named)}"


def _ranges(hours: list[int]) -> str:
    """Hours as ranges: `9-11, 18-19`."""
    breaks = [place for place, (one, next_one) in enumerate(pairwise(hours), 1) if next_one != one + 1]
    pieces = [hours[first:last] for first, last in pairwise([0, *breaks, len(hours)])]
    return ", ".join(f"{piece[0]}-{piece[-1] + 1}" for piece in pieces)
