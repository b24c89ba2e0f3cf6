"""Small campaigns on which questions are asked, as plain values of a scenario file."""

from copy import deepcopy
from typing import Any

Fields = dict[str, Any]

BUSY_DAY: Fields = {
    "name": "A busy day",
    "start": "2026-03-02T00:00:00Z",
    "finish": "2026-03-03T00:00:00Z",
    "seed": 3,
    "campaign": {"lines": 4, "maxAttempts": 3, "retryIntervalInMinutes": 60, "callsPerSecond": 1},
    "numbers": [{"generate": {"count": 300, "dialerPriority": {1: 1, 5: 4}}}],
    "outcomes": {
        "answered": {"share": 0.3, "seconds": {"exponential": 120}},
        "busy": {"share": 0.7, "seconds": 20, "retry": True},
    },
    "goal": {"reached": 0.5, "by": "2026-03-02T06:00:00Z"},
}
"""300 numbers, four lines, and half of them to be reached by six in the morning."""


def busy_day(**parts: Any) -> Fields:
    """The busy day with other parts, those of `campaign` put into its own."""
    document = deepcopy(BUSY_DAY)
    document["campaign"] |= parts.pop("campaign", {})
    return document | parts
