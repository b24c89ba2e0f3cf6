"""Campaigns: a call policy and a capacity that belong together."""

from typing import Any

import pytest

from engine import Scenario
from tests.scenario.documents import faults, plain


@pytest.mark.parametrize(
    ("campaign", "fault"),
    [
        ({}, "campaign.lines: found nothing; allowed: lines, or shifts"),
        (
            {"lines": 1, "shifts": [{"lines": 1}]},
            "campaign.shifts: found lines as well; allowed: one of lines and shifts",
        ),
        (
            {"lines": 1, "callsPerSecond": 1.2345},
            "campaign.callsPerSecond: found 1.2345; allowed: at most three decimals",
        ),
        (
            {"lines": 1, "retryIntervalInMinutes": 525_601},
            "campaign.retryIntervalInMinutes: found 525601; allowed: an integer from 1 to 525,600",
        ),
        (
            {"lines": 1, "retryIfShorterThanSeconds": 86_401},
            "campaign.retryIfShorterThanSeconds: found 86401; allowed: an integer from 0 to 86,400",
        ),
        (
            {"lines": 1, "closedDates": ["2026-12-25", {"holidays": "UK"}]},
            'campaign.closedDates[1].holidays: found "UK"; allowed: GB, perhaps; or the two letters of a country',
        ),
        (
            {"lines": 1, "closedDates": "2026-12-25"},
            'campaign.closedDates: found "2026-12-25"; allowed: a list of dates such as 2026-12-25 and of {holidays',
        ),
        (
            {"lines": 1, "startDateTime": "2026-03-03T00:00:00Z", "finishDateTime": "2026-03-02T00:00:00Z"},
            "campaign.finishDateTime: found 2026-03-02T00:00:00Z; allowed: an instant after startDateTime",
        ),
    ],
)
def test_campaigns_that_are_none_are_refused(campaign: dict[str, Any], fault: str) -> None:
    assert any(each.startswith(fault) for each in faults(campaign=campaign))


@pytest.mark.parametrize("pace", [0.001, 0.3, 1.005, 2, 1_000_000])
def test_a_pace_of_three_decimals_is_counted_in_thousandths(pace: float) -> None:
    campaign = Scenario.from_document(plain(campaign={"lines": 1, "callsPerSecond": pace})).document.campaign
    assert campaign.pace == round(pace * 1000)
