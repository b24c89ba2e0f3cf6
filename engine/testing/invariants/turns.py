"""Turns: whose turn it is, and who was left out (rules 5 and 6)."""

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY, NEVER, utc_text
from engine.calling.rule_hours import in_both
from engine.calling.windows import last_close
from engine.calling.zones import named_zone
from engine.testing.invariants.breach import MOST_WORDED, Breach, Finding
from engine.testing.invariants.lives import COMPLETED, EXHAUSTED
from engine.testing.invariants.logged import NOT_KNOWN, Integers
from engine.testing.invariants.played import Played
from engine.testing.invariants.sweep import LATER
from engine.testing.invariants.wording import LIFE_UNSAID, Mask, breach_of, instant_words, of_calls


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
            f"{first} {own.priority[other]} and due {instant_words(int(due[other]))}",
            f"priority {played.own.priority[call]} and due {instant_words(int(due[_wait_of(played, call)]))}",
        )

    return of_calls(
        played,
        "order",
        5,
        (passed >= 0) & judged,
        judged,
        words,
        f"{LIFE_UNSAID}, or when caps or another rule let it be called",
    )


def _wait_of(played: Played, call: int) -> int:
    return int(np.flatnonzero(played.waits.call == call)[0])


def lost(played: Played) -> Finding:
    """Every number has ended as its calls say, or is pending; and none waits while a line and the pace are free."""
    left, waits = played.swept.left, played.waits
    at = np.full(len(played.book), LATER)
    np.minimum.at(at, waits.number, left)
    expected, when, decided = _endings(played)
    wrong, found = np.zeros(len(at), np.bool_), [""] * 0
    numbers = played.calls.numbers
    if numbers is not None:
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
        return breach_of(played, "lost", 6, number, None, instant, int(own.zone[0]), texts)

    worded = tuple(word(number) for number in bad[:MOST_WORDED].tolist())
    checked = int(known.sum())
    return Finding(
        invariant="lost",
        section=6,
        count=len(bad),
        breaches=worded,
        checked=checked,
        not_checked=len(at) - checked,
        why=f"{LIFE_UNSAID}, or how caps moved it" if checked < len(at) else "",
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
    campaign = played.document.campaign
    closed = campaign.closed_times(played.start // DAY, played.finish // DAY)
    asked, which = np.unique(np.stack((week, zone, finish), axis=1), axis=0, return_inverse=True)
    found = [
        last_close(
            in_both(played.terms.weeks[own], campaign.rule_week),
            named_zone(played.terms.zones[clock]),
            until,
            (played.start, played.finish),
            closed,
        )
        for own, clock, until in asked.tolist()
    ]
    return np.array(found, np.int64)[which.ravel()] if found else np.zeros(0, np.int64)
