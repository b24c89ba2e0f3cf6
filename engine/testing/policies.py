"""Strategies for call policies at any level, those of redials among them."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from engine.testing.clocks import MONDAY, Fields, allowed_days, allowed_times, instants, kept, zones

PRIORITIES: tuple[object, ...] = (5, 1, 2, 3, 4, 0, 7, "1", 2.0, True, None)


@kept
@st.composite
def policies(draw: st.DrawFn, start: datetime = MONDAY, most_attempts: int = 4) -> Fields:
    """Some fields of a call policy at one level, three or four at most, whose dates and hours lie near `start`.

    >>> from hypothesis import find
    >>> find(policies(), lambda policy: policy.get("maxAttempts", 1) > 2)["maxAttempts"]
    3
    """
    zone = draw(zones())
    fields = _fields(start, zone, most_attempts)
    names = draw(_NAMES)
    if "allowedTime" in names and "gmtZone" not in names and draw(st.booleans()):
        names.append("gmtZone")
    return without_crossed_dates({name: draw(fields[name]) for name in names})


@kept
def _fields(start: datetime, zone: str, most_attempts: int) -> dict[str, st.SearchStrategy[Any]]:
    near_finish = instants(start, 41, 160)
    return {
        "dialerPriority": st.sampled_from(PRIORITIES),
        "maxAttempts": st.integers(2, most_attempts) | st.just(0),
        "retryIntervalInMinutes": st.integers(1, 20),
        "allowedTime": allowed_times(start, zone),
        "gmtZone": st.just(zone),
        "startDateTime": instants(start, -30, 40),
        "finishDateTime": near_finish | near_finish | instants(start, 10_000, 20_000) | instants(start, -20_000, -31),
        "allowedDays": allowed_days(start),
    }


_NAMES = st.lists(st.sampled_from([*_fields(MONDAY, "Z", 4)]), unique=True, max_size=3)


def without_crossed_dates(policy: Fields, above: Fields | None = None) -> Fields:
    """The policy without a finishDateTime that is not after its startDateTime, with the level above filled in."""
    merged = {**(above or {}), **policy}
    if "startDateTime" in merged and "finishDateTime" in merged and merged["startDateTime"] >= merged["finishDateTime"]:
        return {name: value for name, value in policy.items() if not name.endswith("DateTime")}
    return policy


@kept
@st.composite
def redials(draw: st.DrawFn, start: datetime = MONDAY) -> Fields:
    """A redial: a call policy with a start of its own. Of an outcome it has a share, too, which is not yet given.

    >>> from hypothesis import find
    >>> find(redials(), lambda redial: True)
    {'startAfterMinutes': 0}
    """
    policy = draw(policies(start, most_attempts=9))
    begins = draw(st.sampled_from(["startAfterMinutes", "startDateTime", "allowedTime"]))
    if begins == "startAfterMinutes":
        policy.pop("startDateTime", None)
        policy["startAfterMinutes"] = draw(st.integers(0, 30))
    elif begins == "startDateTime":
        policy.pop("finishDateTime", None)
        policy["startDateTime"] = draw(instants(start, -30, 200))
    else:
        policy.setdefault("allowedTime", draw(allowed_times(start, policy.get("gmtZone", "Z"))))
    return policy
