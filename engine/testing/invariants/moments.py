"""Moments: when a call may start, by its customer's clock, its dates and closed dates (rules 2 and 3)."""

import numpy as np

from engine.calling.instants import NEVER
from engine.calling.rule_hours import RuleHours, closed_at, open_at
from engine.testing.invariants.breach import Finding
from engine.testing.invariants.logged import NOT_KNOWN
from engine.testing.invariants.played import Played
from engine.testing.invariants.wording import (
    LIFE_UNSAID,
    Mask,
    date_words,
    instant_words,
    of_calls,
    time_words,
    weekday_words,
)


def windows(played: Played) -> Finding:
    """Every call starts in a second that is open for it, by the clock of its customer (rules 3)."""
    local, _ = played.local, played.calls
    return of_calls(
        played,
        "windows",
        3,
        _outside(played),
        played.lives.known,
        lambda call: (
            "a second that the hours of its call policy and the campaign's rule sets leave open",
            f"{time_words(int(local[call]))} on a {weekday_words(int(local[call]))}",
        ),
        LIFE_UNSAID,
    )


def _outside(played: Played) -> Mask:
    own, campaign = played.own, played.document.campaign
    clocks = [
        (np.arange(len(played.local)), played.local),
        *played.terms.other_clocks(played.calls.start, played.clock),
    ]
    outside = np.zeros(len(played.local), np.bool_)
    for rows, local in clocks:
        is_open = played.terms.open_in_week(own.week[rows], local)
        for each in campaign.rules:
            is_open &= open_at(each.rules.hours, local)
        outside[rows] |= ~is_open
    return outside & ~_on_closed_date(played)


def closed_dates(played: Played) -> Finding:
    """No call starts on a closed date of the campaign or of its rule sets, by any clock of its customer (rules 3)."""
    return of_calls(
        played,
        "closed_dates",
        3,
        _on_closed_date(played),
        played.lives.known,
        lambda call: ("a date that is not closed", date_words(int(played.local[call]))),
        LIFE_UNSAID,
    )


def _on_closed_date(played: Played) -> Mask:
    campaign = played.document.campaign
    kept = [RuleHours(closed=campaign.closed_dates), *(each.rules.hours for each in campaign.rules)]
    closed = np.zeros(len(played.local), np.bool_)
    clocks = [
        (np.arange(len(played.local)), played.local),
        *played.terms.other_clocks(played.calls.start, played.clock),
    ]
    for rows, local in clocks:
        for hours in kept:
            if hours.closed:
                closed[rows] |= closed_at(hours, local)
    return closed


def starts(played: Played) -> Finding:
    """No call starts before its number is added, before its startDateTime, or before the simulation (rules 2)."""
    calls, lives = played.calls, played.lives
    first = (lives.place == 1) & lives.known
    own = np.where(first & (lives.after == NOT_KNOWN), lives.base, np.where(first, played.own.start, played.start))
    from_when = np.maximum(own, played.start)
    return of_calls(
        played,
        "starts",
        2,
        calls.start < from_when,
        lives.known | (calls.start < played.start),
        lambda call: (
            f"no call before {instant_words(int(from_when[call]))}",
            f"{from_when[call] - calls.start[call]:,} s before",
        ),
        LIFE_UNSAID,
    )


def finishes(played: Played) -> Finding:
    """No call starts at or after its finishDateTime, or the end of the simulation (rules 1 and 2)."""
    calls, lives = played.calls, played.lives
    until = np.minimum(np.where(lives.known, played.own.finish, NEVER), played.finish)
    return of_calls(
        played,
        "finishes",
        2,
        calls.start >= until,
        lives.known | (calls.start >= played.finish),
        lambda call: (
            f"no call from {instant_words(int(until[call]))} on",
            f"{calls.start[call] - until[call]:,} s after",
        ),
        LIFE_UNSAID,
    )
