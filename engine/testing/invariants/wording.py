"""Wording: breaches of calls made into findings, with what was expected and found."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.calling.instants import DAY, NEVER, utc_text
from engine.calling.spoken import WEEKDAYS
from engine.calling.windows import FIRST_MONDAY
from engine.testing.invariants.breach import MOST_WORDED, Breach, Finding
from engine.testing.invariants.played import Played

Mask = NDArray[np.bool_]
Words = Callable[[int], tuple[str, str]]
"""What was expected, and what was found, of a call."""
LIFE_UNSAID = "the outcome, seconds, redial or list row of a call before it"


def of_calls(
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
            breach_of(
                played, invariant, section, number, call, int(calls.start[call]), int(played.clock[call]), words(call)
            )
        )
    checked = int(known.sum())
    return Finding(
        invariant=invariant,
        section=section,
        count=len(bad),
        breaches=tuple(worded),
        checked=checked,
        not_checked=len(known) - checked,
        why=why if checked < len(known) else "",
    )


def breach_of(
    played: Played,
    invariant: str,
    section: int,
    number: int,
    call: int | None,
    instant: int,
    zone: int,
    texts: tuple[str, str],
) -> Breach:
    """The breach of a call, or of a number if no call is at fault; `zone` is an index in the zones of the terms."""
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
        local=f"{date_words(local)} {time_words(local)} {name}",
        expected=texts[0],
        found=texts[1],
    )


def instant_words(instant: int) -> str:
    """An instant in UTC."""
    return utc_text(instant) if abs(instant) < NEVER else "ever"


def date_words(local: int) -> str:
    """The date of a wall-clock second."""
    return str(np.datetime64(local // DAY, "D"))


def time_words(local: int) -> str:
    """The time of day of a wall-clock second."""
    return f"{local % DAY // 3600:02}:{local % 3600 // 60:02}:{local % 60:02}"


def weekday_words(local: int) -> str:
    """The weekday of a wall-clock second."""
    return WEEKDAYS[(local - FIRST_MONDAY) // DAY % 7]
