"""The workload: the same list, windows, priorities, retries and outcomes for every engine that is measured."""

from typing import Any

from engine.scenario import Scenario

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London",
    "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo",
)  # fmt: skip
SCHEDULES = (
    {"default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}]},
    {
        "default": [
            {"localTimeFrom": "09:00", "localTimeTo": "12:00"},
            {"localTimeFrom": "14:00", "localTimeTo": "20:00"},
        ]
    },
)


def workload(numbers: int) -> dict[str, Any]:
    """A scenario of plain values: 10 zones, 2 weekly schedules, priorities 1 to 5, at most 3 calls, 4 days.

    Lines grow with the list, so that it is called about 2.2 times over and lines are what it waits for.
    """
    return {
        "name": f"workload of {numbers:,} numbers",
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-06T00:00:00Z",
        "seed": 1,
        "campaign": {"lines": max(numbers // 700, 1), "retryIntervalInMinutes": 120, "maxAttempts": 3},
        "numbers": [
            {
                "generate": {
                    "count": numbers // len(SCHEDULES),
                    "gmtZone": dict.fromkeys(ZONES, 1),
                    "dialerPriority": {str(priority): 1 for priority in range(1, 6)},
                    "allowedTime": schedule,
                }
            }
            for schedule in SCHEDULES
        ],
        "outcomes": {
            "answered": {
                "share": 0.25,
                "seconds": {"quantiles": {"0": 0, "0.1": 59, "0.5": 180, "0.9": 551, "1": 4918}},
            },
            "busy": {"share": 0.15, "seconds": 4, "retry": True},
            "noAnswer": {"share": 0.6, "seconds": 30, "retry": True},
        },
    }


def workload_scenario(numbers: int) -> Scenario:
    """The workload, ready to be played."""
    return Scenario.from_document(workload(numbers))
