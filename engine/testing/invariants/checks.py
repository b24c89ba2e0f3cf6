"""The invariants: one function each, over a call log beside its scenario."""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.instants import DAY, NEVER, utc_text
from engine.calling.policy import WEEKDAYS
from engine.calling.rule_hours import RuleHours, closed_at, open_at
from engine.calling.windows import FIRST_MONDAY, last_close
from engine.calling.zones import named_zone
from engine.logs.forms import AS_IT_IS, LogForm
from engine.scenario.scenario import Scenario
from engine.testing.invariants.breach import MOST_WORDED, Breach, Finding, Findings
from engine.testing.invariants.caps import forbidden
from engine.testing.invariants.lives import COMPLETED, EXHAUSTED, REDIALLED
from engine.testing.invariants.logged import NOT_KNOWN, Integers, Log
from engine.testing.invariants.played import Played
from engine.testing.invariants.sweep import LATER

Mask = NDArray[np.bool_]
Words = Callable[[int], tuple[str, str]]
"""What was expected, and what was found, of a call."""
_LIFE = "the outcome, seconds, redial or list row of a call before it"


def broken(
    log: Log | Played,
    scenario: Scenario,
    *,
    form: LogForm = AS_IT_IS,
    numbers: pl.DataFrame | None = None,
    same_luck: bool | None = None,
) -> Findings:
    """Hold a call log against every invariant; `Played` says what a log may be, and what the options mean.

    O(n log n): a million calls take some seconds. A campaign that users paused, or in which they cancelled or redialled
    numbers, may break `lost`, `attempts` and `series`, for a log does not tell their commands.
    """
    played = log if isinstance(log, Played) else Played(
        log, scenario, form=form, numbers=numbers, same_luck=same_luck
    )
    return Findings(tuple(each(played) for each in INVARIANTS))


# When a call may start (rules 2 and 3)


def windows(played: Played) -> Finding:
    """Every call starts in a second that is open for it, by the clock of its customer (rules 3)."""
    local, _ = played.local, played.calls
    return _of_calls(
        played, "windows", 3, _outside(played), played.lives.known, lambda call: (
            "a second that the hours of its call policy and the campaign's rule sets leave open",
            f"{_time_of(int(local[call]))} on a {_weekday(int(local[call]))}",
        ), _LIFE,
    )


def _outside(played: Played) -> Mask:
    own, campaign = played.lives.terms, played.document.campaign
    clocks = [(np.arange(len(played.local)), played.local), *played.terms.other_clocks(played.calls.start, played.clock)]
    outside = np.zeros(len(played.local), np.bool_)
    for rows, local in clocks:
        is_open = played.terms.open_in_week(own.week[rows], local)
        for each in campaign.rules:
            is_open &= open_at(each.rules.hours, local)
        outside[rows] |= ~is_open
    return outside & ~_on_closed_date(played)


def closed_dates(played: Played) -> Finding:
    """No call starts on a closed date of the campaign or of its rule sets, by any clock of its customer (rules 3)."""
    return _of_calls(
        played, "closedDates", 3, _on_closed_date(played), played.lives.known,
        lambda call: ("a date that is not closed", _date_of(int(played.local[call]))), _LIFE,
    )


def _on_closed_date(played: Played) -> Mask:
    campaign = played.document.campaign
    kept = [RuleHours(closed=campaign.closed_dates), *(each.rules.hours for each in campaign.rules)]
    closed = np.zeros(len(played.local), np.bool_)
    clocks = [(np.arange(len(played.local)), played.local), *played.terms.other_clocks(played.calls.start, played.clock)]
    for rows, local in clocks:
        for hours in kept:
            if hours.closed:
                closed[rows] |= closed_at(hours, local)
    return closed


def starts(played: Played) -> Finding:
    """No call starts before its number is added, before its startDateTime, or before the simulation (rules 2)."""
    calls, lives = played.calls, played.lives
    first = (lives.place == 1) & lives.known
    own = np.where(first & (lives.after == NOT_KNOWN), lives.base, np.where(first, lives.terms.start, played.start))
    from_when = np.maximum(own, played.start)
    return _of_calls(
        played, "starts", 2, calls.start < from_when, lives.known | (calls.start < played.start),
        lambda call: (f"no call before {_utc(int(from_when[call]))}", f"{from_when[call] - calls.start[call]:,} s before"),
        _LIFE,
    )


def finishes(played: Played) -> Finding:
    """No call starts at or after its finishDateTime, or the end of the simulation (rules 1 and 2)."""
    calls, lives = played.calls, played.lives
    until = np.minimum(np.where(lives.known, lives.terms.finish, NEVER), played.finish)
    return _of_calls(
        played, "finishes", 2, calls.start >= until, lives.known | (calls.start >= played.finish),
        lambda call: (f"no call from {_utc(int(until[call]))} on", f"{calls.start[call] - until[call]:,} s after"),
        _LIFE,
    )


# With what (rules 6)


def lines(played: Played) -> Finding:
    """No more calls are in progress than there are lines when a call starts (rules 6); O(n log n)."""
    calls = played.calls
    no_line, _, in_use = played.excess
    there = played.capacity.lines[
        np.maximum(np.searchsorted(played.capacity.instants, calls.start, side="right") - 1, 0)
    ]
    known = np.full(len(calls.start), bool((calls.seconds >= 0).all()))
    inside = (calls.start >= played.start) & (calls.start < played.finish)
    return _of_calls(
        played, "lines", 6, no_line & inside, known,
        lambda call: (f"at most {there[call]:,} calls at once", f"{in_use[call] + 1:,}"),
        "how long every call lasted",
    )


def pace(played: Played) -> Finding:
    """Each call finds an allowance of `callsPerSecond`, counted in exact thousandths (rules 6); O(n)."""
    _, no_pace, _ = played.excess
    thousandths = played.document.campaign.pace
    return _of_calls(
        played, "pace", 6, no_pace, np.ones(len(no_pace), np.bool_),
        lambda _: (f"an allowance of a call, at {thousandths / 1000:g} calls per second", "less than one"), "",
    )


# Who is next (rules 5)


def order(played: Played) -> Finding:
    """No call starts while a number with a smaller key is eligible (rules 5), in the campaign's order.

    Calls at instants at which their number is not eligible are broken elsewhere, and not checked here.
    """
    passed, judged = played.swept.passed, played.swept.judged
    waits, own, due = played.waits, played.waiting, played.held.due

    def words(call: int) -> tuple[str, str]:
        other = int(passed[call])
        phone = str(played.book.phone_codes[waits.number[other]])[1:]
        first = f"the number {phone} (row {waits.number[other]} of the list) before it, with priority"
        return (
            f"{first} {own.priority[other]} and due {_utc(int(due[other]))}",
            f"priority {played.lives.terms.priority[call]} and due {_utc(int(due[_wait_of(played, call)]))}",
        )

    return _of_calls(
        played, "order", 5, (passed >= 0) & judged, judged, words,
        f"{_LIFE}, or when caps or another rule let it be called",
    )


def _wait_of(played: Played, call: int) -> int:
    return int(np.flatnonzero(played.waits.call == call)[0])


# What follows a call (rules 6)


def spacing(played: Played) -> Finding:
    """No call starts before the one before it has ended and its retry interval, or its redial's delay, is over."""
    calls, lives = played.calls, played.lives
    follows = lives.after >= 0
    waits = np.where(lives.after > EXHAUSTED, lives.base, lives.since)
    redialled = lives.after == REDIALLED
    delays = np.array([each.seconds_after for each in played.model.redials] or [0])
    waits = np.where(redialled, lives.since + delays[np.maximum(lives.redial, 0)], waits)
    return _of_calls(
        played, "spacing", 6, follows & (calls.start < waits), lives.known & (follows | (lives.total == 1)),
        lambda call: (
            f"no call before {_utc(int(waits[call]))}",
            f"{waits[call] - calls.start[call]:,} s too early, {calls.start[call] - lives.since[call]:,} s after the end"
            " of the call before",
        ), _LIFE,
    )


def attempts(played: Played) -> Finding:
    """No series has more calls than its maxAttempts, a redial's at most 5, and no number more than maxTotalAttempts."""
    lives = played.lives
    most = played.document.campaign.max_total_attempts or NEVER
    over = (lives.after == EXHAUSTED) | (lives.total > most)
    return _of_calls(
        played, "attempts", 6, over, lives.known | (lives.total > most),
        lambda call: (
            f"at most {most:,} calls to the number" if lives.total[call] > most
            else f"at most {lives.terms.attempts[call]:,} calls in its series",
            f"call {lives.total[call]:,} to the number" if lives.total[call] > most
            else f"call {lives.place[call]:,} of the series",
        ), _LIFE,
    )


def series(played: Played) -> Finding:
    """No call follows one that ended its number; attempts and redials are counted as rules 6 say."""
    calls, lives = played.calls, played.lives
    ended = lives.after == COMPLETED
    miscounted = (calls.attempt >= 0) & (calls.attempt != lives.total)
    flag = (lives.redial >= 0).astype(np.int8)
    mislabelled = (calls.redial >= 0) & (calls.redial != flag)

    def words(call: int) -> tuple[str, str]:
        if ended[call]:
            return "no call after one that ended the number", f"call {lives.total[call]:,} to it"
        if miscounted[call]:
            return f"attempt {lives.total[call]}", f"attempt {calls.attempt[call]}"
        return f"a call of {'a redial' if flag[call] else 'no redial'}", "the opposite"

    return _of_calls(played, "series", 6, ended | miscounted | mislabelled, lives.known, words, _LIFE)


def caps(played: Played) -> Finding:
    """No call starts while a cap forbids it, by the calls before it (rules 6)."""
    calls = played.calls
    over = np.full(len(calls.start), NOT_KNOWN)
    known = np.ones(len(calls.start), np.bool_)
    for place, cap in reversed(list(enumerate(played.caps))):
        over[forbidden(played.counted, cap)] = place
        if cap.outcomes is not None:
            known &= bool((calls.outcome >= 0).all())
        if cap.days is not None or cap.redials == "exempt" or cap.per.field is not None:
            known &= played.lives.known
    def words(call: int) -> tuple[str, str]:
        cap = played.caps[over[call]]
        span = f"{cap.hours} hours" if cap.hours is not None else f"{cap.days} dates"
        which = f" with {' or '.join(cap.outcomes)}" if cap.outcomes else ""
        return f"at most {cap.at_most:,} calls{which} in {span} to one {cap.per}", "one more"

    return _of_calls(played, "caps", 6, over >= 0, known, words, f"every outcome, or {_LIFE}")


# Whom the list has (rules 4), and what became of it


def duplicates(played: Played) -> Finding:
    """Every call is to an addition that was accepted: not to a duplicate of one, and to nobody else (rules 4)."""
    calls = played.calls
    known = calls.stranger | (calls.number >= 0) | (calls.attempt >= 0)
    return _of_calls(
        played, "duplicates", 4, calls.stranger, known,
        lambda _: ("a number that the list has accepted by then", "one more life of the phone, or none on the list"),
        "attempts, or the row of the list",
    )


def lost(played: Played) -> Finding:
    """Every number has ended as its calls say, or is pending; and none waits while a line and the pace are free."""
    left, waits = played.swept.left, played.waits
    at = np.full(len(played.book), LATER)
    np.minimum.at(at, waits.number, left)
    expected, when, decided = _endings(played)
    wrong, found = np.zeros(len(at), np.bool_), [""] * 0
    numbers = played.calls.numbers
    if numbers is not None and len(numbers) == len(at) and {"ending", "ended_at"} <= set(numbers.columns):
        endings = np.array(numbers["ending"].to_list(), dtype=object)
        ended = numbers["ended_at"].dt.epoch("s").fill_null(NEVER).to_numpy()
        wrong = decided & (endings != "cancelled") & ((endings != expected) | (ended != when))
        found = endings.tolist()
    known = played.ends.told & (decided | (at < LATER))
    bad = np.flatnonzero(((at < LATER) | wrong) & known)

    def word(number: int) -> Breach:
        if at[number] < LATER:
            instant, texts = int(at[number]), ("a call, for a line and the pace are free", "none")
        else:
            instant = int(when[number] if when[number] < NEVER else played.finish)
            moment = f" at {utc_text(int(when[number]))}" if when[number] < NEVER else ""
            texts = (f"{expected[number]}{moment}", f"{found[number]}")
            if found[number] == expected[number]:
                texts = (texts[0], "another instant")
        own = played.terms.of(np.array([number]), np.array([NOT_KNOWN]))
        return _breach(played, "lost", 6, number, None, instant, int(own.zone[0]), texts)

    worded = tuple(word(number) for number in bad[:MOST_WORDED].tolist())
    checked = int(known.sum())
    return Finding(
        invariant="lost", section=6, count=len(bad), breaches=worded, checked=checked,
        not_checked=len(at) - checked, why=f"{_LIFE}, or how caps moved it" if checked < len(at) else "",
    )


def _endings(played: Played) -> tuple[NDArray[np.object_], Integers, Mask]:
    """How each number has ended at the finish, when, and whether that is known."""
    ends, waits, book = played.ends, played.waits, played.book
    expected = np.full(len(book), "pending_never_called", dtype=object)
    when = np.full(len(book), NEVER)
    decided = ends.told.copy()
    called = ends.last >= 0
    if called.any():
        stop = played.begun.end[ends.last]
        in_call = called & (stop >= played.finish)
        over = called & ~in_call
        expected[in_call] = "pending_in_call"
        expected[over] = "pending_callback"
        for kind, name in ((COMPLETED, "completed"), (EXHAUSTED, "exhausted")):
            these = over & (ends.result == kind)
            expected[these], when[these] = name, stop[these]
    open_ended = np.flatnonzero(waits.call == NOT_KNOWN)
    own, due = played.waiting, played.held.due
    number, since = waits.number[open_ended], waits.since[open_ended]
    closes = _closes(played, own.week[open_ended], own.zone[open_ended], own.finish[open_ended])
    at_once = due[open_ended] >= closes
    expired = (closes < NEVER) & (at_once | (closes < played.finish))
    instant = np.where(at_once, since, closes)
    expected[number[expired]], when[number[expired]] = "expired", instant[expired]
    decided[number[played.held.until[open_ended] < played.finish]] = False
    return expected, when, decided


def _closes(played: Played, week: Integers, zone: Integers, finish: Integers) -> Integers:
    """From when no open second is left before each finish (rules 6)."""
    from engine.calling.rule_hours import in_both

    campaign = played.document.campaign
    closed = campaign.closed_times(played.start // DAY, played.finish // DAY)
    asked, which = np.unique(np.stack((week, zone, finish), axis=1), axis=0, return_inverse=True)
    found = [
        last_close(
            in_both(played.terms.weeks[own], campaign.rule_week), named_zone(played.terms.zones[clock]), until,
            (played.start, played.finish), closed,
        )
        for own, clock, until in asked.tolist()
    ]
    return np.array(found, np.int64)[which.ravel()] if found else np.zeros(0, np.int64)


INVARIANTS: tuple[Callable[[Played], Finding], ...] = (
    windows, starts, finishes, closed_dates, lines, pace, order, spacing, attempts, series, caps, duplicates, lost,
)  # fmt: skip
"""All invariants."""


def _of_calls(
    played: Played, invariant: str, section: int, breaks: Mask, known: Mask, words: Words, why: str
) -> Finding:
    """The finding of an invariant of calls: `known` says which of them are decided."""
    bad = np.flatnonzero(breaks & known)
    calls = played.calls
    bad = bad[np.argsort(calls.row[bad], kind="stable")]
    worded = []
    for call in bad[:MOST_WORDED].tolist():
        number = int(calls.number[call])
        worded.append(
            _breach(played, invariant, section, number, call, int(calls.start[call]), int(played.clock[call]), words(call))
        )
    checked = int(known.sum())
    return Finding(
        invariant=invariant, section=section, count=len(bad), breaches=tuple(worded), checked=checked,
        not_checked=len(known) - checked, why=why if checked < len(known) else "",
    )


def _breach(
    played: Played,
    invariant: str,
    section: int,
    number: int,
    call: int | None,
    instant: int,
    zone: int,
    texts: tuple[str, str],
) -> Breach:
    code = played.book.phone_codes[number] if call is None else played.calls.code[call]
    local = int(played.terms.local(np.array([instant]), np.array([zone]))[0])
    name = played.terms.zones[zone] if zone >= 0 else "zone not known"
    return Breach(
        invariant=invariant,
        section=section,
        phone=str(code)[1:],
        number=None if number < 0 else number,
        row=None if call is None else int(played.calls.row[call]),
        instant=utc_text(instant),
        local=f"{_date_of(local)} {_time_of(local)} {name}",
        expected=texts[0],
        found=texts[1],
    )


def _utc(instant: int) -> str:
    return utc_text(instant) if abs(instant) < NEVER else "ever"


def _date_of(local: int) -> str:
    return str(np.datetime64(local // DAY, "D"))


def _time_of(local: int) -> str:
    return f"{local % DAY // 3600:02}:{local % 3600 // 60:02}:{local % 60:02}"


def _weekday(local: int) -> str:
    return WEEKDAYS[(local - FIRST_MONDAY) // DAY % 7]
