"""Reasons: why numbers were not reached, and how they ended, in words."""

from typing import Literal

Cause = Literal["windows", "attempts", "time"]


ENDING_WORDS = {
    "completed": "completed by a final outcome",
    "exhausted": "no attempts left",
    "expired": "finish date or last window passed",
    "cancelled": "cancelled",
    "pending_never_called": "pending, never called",
    "pending_callback": "pending, waiting for a callback",
    "pending_in_call": "pending, in a call",
}


REASON_WORDS = {
    "never_opens": "its policy never opens",
    "closed_until_finish_date": "no open hour before its finish date",
    "expired_never_called": "no line was free before its finish date",
    "expired": "called in vain until its finish date",
    "closed_until_simulation_ends": "no open hour before the simulation ends",
    "exhausted": "called in vain, no attempts left",
    "cancelled": "cancelled",
    "pending_never_called": "no line was free before the simulation ends",
    "pending_callback": "waiting for a callback",
    "pending_in_call": "in a call when the simulation ends",
}


def reason_text(reason: str) -> str:
    """Why numbers were not reached, by the name that the summary gives it."""
    return REASON_WORDS.get(reason) or f"ended by {reason.removeprefix('completed_')}"


CAUSES: dict[str, Cause] = {
    "never_opens": "windows",
    "closed_until_finish_date": "windows",
    "closed_until_simulation_ends": "windows",
    "expired_never_called": "windows",
    "reached_late": "time",
    "pending_never_called": "time",
    "pending_callback": "time",
    "pending_in_call": "time",
}
"""Why numbers were not reached, by the reason of the summary; the others had their attempts."""
