"""The workload: the same list, windows, priorities, retries and outcomes for every engine that is measured."""

from typing import Any

from engine.scenario.scenario import Scenario

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London",
    "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo",
    "Africa/Cairo", "Africa/Lagos", "America/Bogota", "America/Halifax", "America/Mexico_City",
    "Asia/Dhaka", "Asia/Dubai", "Asia/Karachi", "Asia/Manila", "Asia/Singapore",
    "Atlantic/Reykjavik", "Australia/Perth", "Europe/Athens", "Pacific/Auckland", "Pacific/Honolulu",
)  # fmt: skip
SCHEDULES = (
    [("10:00", "18:00")],
    [("09:00", "12:00"), ("14:00", "20:00")],
)
CLASSES = {10: (5, 2), 20: (10, 2), 500: (25, 20), 5_000: (25, 200)}
"""Window classes, and the zones and weekly schedules that make them."""
ANSWERED = {"share": 0.25, "seconds": {"quantiles": {"0": 0, "0.1": 59, "0.5": 180, "0.9": 551, "1": 4918}}}


def schedules(count: int) -> list[dict[str, Any]]:
    """Weekly schedules; beyond the first two, each opens some minutes after the one before."""
    apart = min(15, 600 // count)
    opens = [divmod(480 + place * apart, 60) for place in range(count - 2)]
    listed = [*SCHEDULES, *([(f"{hour:02}:{minute:02}", "19:00")] for hour, minute in opens)]
    return [
        {"default": [{"localTimeFrom": start, "localTimeTo": end} for start, end in hours]} for hours in listed[:count]
    ]


def workload(numbers: int, classes: int = 20) -> dict[str, Any]:
    """A scenario of plain values: window classes of several zones, priorities 1 to 5, at most 3 calls, 4 days.

    Lines grow with the list, so that it is called about 2.3 times over and lines are what it waits for.
    """
    zones, weeks = CLASSES[classes]
    return {
        "name": f"workload of {numbers:,} numbers",
        "start": "2026-03-02T00:00:00Z",
        "finish": "2026-03-06T00:00:00Z",
        "seed": 1,
        "campaign": {"lines": max(numbers // 700, 1), "retryIntervalInMinutes": 120, "maxAttempts": 3},
        "numbers": [
            {
                "generate": {
                    "count": numbers // weeks,
                    "gmtZone": dict.fromkeys(ZONES[:zones], 1),
                    "dialerPriority": {str(priority): 1 for priority in range(1, 6)},
                    "allowedTime": week,
                }
            }
            for week in schedules(weeks)
        ],
        "outcomes": {
            "answered": ANSWERED,
            "busy": {"share": 0.15, "seconds": 4, "retry": True},
            "noAnswer": {"share": 0.6, "seconds": 30, "retry": True},
        },
    }


def workload_with_everything(numbers: int) -> dict[str, Any]:
    """The workload with redials, shifts, pacing, factors, a dead segment and retry intervals of outcomes."""
    document = workload(numbers, 10)
    lines = document["campaign"].pop("lines")
    document["campaign"] |= {
        "shifts": [
            {"from": "00:00", "to": "12:00", "lines": lines},
            {"from": "12:00", "to": "00:00", "lines": lines},
            {"from": "06:00", "to": "20:00", "lines": max(lines // 10, 1)},
        ],
        "callsPerSecond": max(numbers // 100, 1),
        "maxTotalAttempts": 6,
        "retryIfShorterThanSeconds": 5,
    }
    redial = {"share": 0.06, "startAfterMinutes": 60, "dialerPriority": 1, "maxAttempts": 2}
    document["outcomes"]["answered"] = {**ANSWERED, "redials": [redial]}
    document["outcomes"]["busy"] |= {"retryIntervalInMinutes": 15}
    document["answering"] = {
        "localHours": {"9-12": 0.9, "12-17": 1.0, "17-20": 1.3},
        "weekdays": {"tue": 1.1},
        "attempts": [1.0, 0.8, 0.65],
    }
    document["segments"] = [{"name": "dead", "share": 0.12, "outcomes": {"answered": {"share": 0}}}]
    return document


def workload_scenario(numbers: int, classes: int = 20) -> Scenario:
    """The workload, ready to be played."""
    return Scenario.from_document(workload(numbers, classes))
