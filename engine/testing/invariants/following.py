"""Following: what may follow a call, and to whom one may go at all (rules 4 and 6)."""

import numpy as np

from engine.calling.instants import NEVER
from engine.testing.invariants.breach import Finding
from engine.testing.invariants.caps import forbidden
from engine.testing.invariants.lives import COMPLETED, EXHAUSTED, REDIALLED
from engine.testing.invariants.logged import NOT_KNOWN
from engine.testing.invariants.played import Played
from engine.testing.invariants.wording import LIFE_UNSAID, instant_words, of_calls


def spacing(played: Played) -> Finding:
    """No call starts before the one before it has ended and its retry interval, or its redial's delay, is over."""
    calls, lives = played.calls, played.lives
    follows = lives.after >= 0
    waits = np.where(lives.after > EXHAUSTED, lives.base, lives.since)
    redialled = lives.after == REDIALLED
    delays = np.array([each.seconds_after for each in played.model.redials] or [0])
    waits = np.where(redialled, lives.since + delays[np.maximum(lives.redial, 0)], waits)
    return of_calls(
        played,
        "spacing",
        6,
        follows & (calls.start < waits),
        lives.known & (follows | (lives.total == 1)),
        lambda call: (
            f"no call before {instant_words(int(waits[call]))}",
            f"{waits[call] - calls.start[call]:,} s too early: "
            f"{calls.start[call] - lives.since[call]:,} s after the end of the call before",
        ),
        LIFE_UNSAID,
    )


def attempts(played: Played) -> Finding:
    """No series has more calls than its maxAttempts, a redial's at most 5, and no number more than maxTotalAttempts."""
    lives = played.lives
    most = played.document.campaign.max_total_attempts or NEVER
    over = (lives.after == EXHAUSTED) | (lives.total > most)
    return of_calls(
        played,
        "attempts",
        6,
        over,
        lives.known | (lives.total > most),
        lambda call: (
            f"at most {most:,} calls to the number"
            if lives.total[call] > most
            else f"at most {played.own.attempts[call]:,} calls in its series",
            f"call {lives.total[call]:,} to the number"
            if lives.total[call] > most
            else f"call {lives.place[call]:,} of the series",
        ),
        LIFE_UNSAID,
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

    return of_calls(played, "series", 6, ended | miscounted | mislabelled, lives.known, words, LIFE_UNSAID)


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

    return of_calls(played, "caps", 6, over >= 0, known, words, f"every outcome, or {LIFE_UNSAID}")


# Whom the list has (rules 4), and what became of it


def duplicates(played: Played) -> Finding:
    """Every call is to an addition that was accepted: not to a duplicate of one, and to nobody else (rules 4)."""
    calls = played.calls
    known = calls.stranger | (calls.number >= 0) | (calls.attempt >= 0)
    once_more = "one more life of the phone than it has, or the row of another phone"
    return of_calls(
        played,
        "duplicates",
        4,
        calls.stranger,
        known,
        lambda call: (
            "a number that the list has accepted by then",
            once_more if calls.code[call] in played.book.phone_codes else "a phone that is not on the list",
        ),
        "attempts, or the row of the list",
    )
