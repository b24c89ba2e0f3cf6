"""The default campaign: what the server plays if no scenario is given."""

from typing import Any

from engine.calling.instants import DAY, utc_text

DAYS = 365
LINES = 10


def default_campaign(start: int) -> dict[str, Any]:
    """A scenario of 10 lines without numbers, from `start` (Unix seconds) on for a year.

    Its calls come to what those of the project's first example, a promotion in the United States, come to.
    """
    return {
        "name": "The default campaign",
        "start": utc_text(start),
        "finish": utc_text(start + DAYS * DAY),
        "campaign": {"lines": LINES},
        "numbers": [],
        "outcomes": {
            "answered": {"share": 0.24, "seconds": {"quantiles": {0: 0, 0.1: 59, 0.5: 180, 0.9: 551, 1: 4918}}},
            "voicemail": {"share": 0.18, "seconds": 15, "retry": True},
            "busy": {"share": 0.08, "seconds": 4, "retry": True, "retryIntervalInMinutes": 15},
            "noAnswer": {"share": 0.48, "seconds": 30, "retry": True},
            "invalid": {"share": 0.02, "seconds": 3},
        },
    }
