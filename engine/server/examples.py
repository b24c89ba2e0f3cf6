"""The examples of the OpenAPI document: one job of the documentation's own number, from its addition to its reports."""

from typing import Any

TOKEN = "8231.7056.1b131df1"  # noqa: S105 (the documentation's own, which opens a simulation)
JOB = "1-0"
PHONE = "16500000000"
MIDNIGHT, MORNING = 1_772_427_600_000, 1_772_460_000_000
"""The midnight of 2026-03-02 in New York, and nine in the morning, in Unix milliseconds."""
NUMBERS: Any = [
    {
        "phone": 16500000000,
        "payload": {"name": "Alex", "age": 34},
        "allowedTime": {
            "mon": [
                {"localTimeFrom": "10:00", "localTimeTo": "11:30"},
                {"localTimeFrom": "13:00", "localTimeTo": "14:30"},
            ],
            "default": [{"localTimeFrom": "10:00", "localTimeTo": "18:00"}],
        },
        "retryIntervalInMinutes": 120,
        "maxAttempts": 0,
        "gmtZone": "-05:00",
    }
]
CHOSEN: Any = {"phones": [16500000000], "ids": [JOB]}
JOB_DATES: Any = {"createdAtFrom": MIDNIGHT, "createdAtTo": MIDNIGHT + 86_399_999, "page": 0, "pageSize": 20}
CALL_DATES: Any = {"startedAtFrom": MIDNIGHT, "startedAtTo": MIDNIGHT + 86_399_999, "page": 0, "pageSize": 20}
JOB_REPORT: Any = {
    "callJobId": JOB,
    "redialNumber": None,
    "phone": PHONE,
    "attemptsCount": 1,
    "jobStatus": "longCallWithResult",
    "createdAt": MORNING,
    "finishedAt": MORNING + 3_652_000,
    "callDuration": 52,
    "reportData": None,
}
ATTEMPT_REPORT: Any = {
    "callJobId": JOB,
    "redialNumber": None,
    "phone": PHONE,
    "attemptNumber": 1,
    "jobStatus": "longCallWithResult",
    "callResult": "answered",
    "callDuration": 52,
    "startedAt": MORNING + 3_600_000,
    "finishedAt": MORNING + 3_652_000,
    "reportData": None,
}
CAMPAIGN_REPORT: Any = {
    "id": "1",
    "name": "spring promo",
    "startTime": MORNING,
    "endTime": MORNING + 604_800_000,
    "status": "inProcess",
    "maxSimultaneousCalls": 10,
    "shortReport": {
        "totalNumbers": 1,
        "processedNumbers": 0,
        "usedTalkingTime": 0,
        "inProcessCalls": 0,
        "retryCalls": 0,
    },
}
CLOCK: Any = {"instant": "2026-03-02T14:00:00Z", "speed": 60.0, "paused": True}
ADVANCED: Any = {
    "from": "2026-03-02T14:00:00Z",
    "to": "2026-03-02T18:00:00Z",
    "campaigns": [
        {
            "campaign": 1,
            "name": "spring promo",
            "begun": 1,
            "outcomes": {"answered": 1},
            "ended": {"completed": 1},
            "reached": 1,
        }
    ],
}
JOB_LIFE: Any = {
    "campaign": 1,
    "report": JOB_REPORT,
    "priority": 5,
    "attempts_left": 0,
    "due": None,
    "next_allowed": None,
    "calls": [ATTEMPT_REPORT],
}
