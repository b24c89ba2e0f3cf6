"""Reasons: why numbers were not reached, in words and by cause; also the words for how numbers ended."""

from functools import cache
from typing import Literal, NamedTuple

Cause = Literal["windows", "lines", "attempts", "caps", "time"]
"""What kept a number from being reached: when calls are allowed, lines or pace, attempts, caps, or the dates."""


class Reason(NamedTuple):
    """Why numbers were not reached."""

    name: str
    """Its name in the summary; in a family of reasons, braces stand for the outcome of the last call."""
    words: str
    cause: Cause


REACHED_LATE = Reason("reached_late", "reached, but too late", "time")
"""For numbers that were reached, but not before the goal's date; sizings have it, summaries do not."""

REASONS = (
    Reason("never_opens", "its policy never opens", "windows"),
    Reason("closed_until_finish_date", "no open hour before its finish date", "windows"),
    Reason("expired_held_back", "a cap held it back until its finish date", "caps"),
    Reason("expired_outranked", "lines were busy with higher priorities before its finish date", "lines"),
    Reason("expired_never_called", "no line was free before its finish date", "lines"),
    Reason("expired", "called, not reached by its finish date", "attempts"),
    Reason("closed_until_simulation_ends", "no open hour before the simulation ends", "windows"),
    Reason("completed_{outcome}", "ended by {outcome}", "attempts"),
    Reason("exhausted", "called, not reached, no attempts left", "attempts"),
    Reason("cancelled", "cancelled", "attempts"),
    Reason("pending_held_back", "a cap holds it back until the simulation ends", "caps"),
    Reason("pending_outranked", "lines were busy with higher priorities before the simulation ends", "lines"),
    Reason("pending_never_called", "no line was free before the simulation ends", "lines"),
    Reason("pending_callback", "waiting for the next call", "time"),
    Reason("pending_in_call", "in a call when the simulation ends", "time"),
)
"""Every reason of a summary; for a number, the first one that holds counts."""

ENDING_WORDS = {
    "completed": "completed by a final outcome",
    "exhausted": "no attempts left",
    "expired": "finish date or last window passed",
    "cancelled": "cancelled",
    "pending_never_called": "pending, never called",
    "pending_callback": "pending, waiting for the next call",
    "pending_in_call": "pending, in a call",
}
"""How numbers end, each by its name in `dialing.record.ENDINGS`."""


@cache
def reason_named(name: str) -> Reason:
    """The reason, or its family, of a name; LookupError if there is none."""
    for reason in (*REASONS, REACHED_LATE):
        before, braces, _ = reason.name.partition("{")
        if name.startswith(before) if braces else name == before:
            return reason
    raise LookupError(f"no reason is named {name}")
