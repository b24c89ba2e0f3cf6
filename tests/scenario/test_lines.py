"""Lines: how many calls can be in progress, and shifts that say when."""

from typing import Any

import pytest

from tests.scenario.documents import faults


@pytest.mark.parametrize(
    ("campaign", "fault"),
    [
        ({"shifts": []}, "campaign.shifts: found []"),
        ({"shifts": [{"days": ["mon"]}]}, "campaign.shifts[0].lines: found nothing"),
        (
            {"shifts": [{"lines": 1, "from": "08:00"}]},
            "campaign.shifts[0].to: found nothing; allowed: both from and to",
        ),
        (
            {"shifts": [{"lines": 1, "to": "08:00"}]},
            "campaign.shifts[0].from: found nothing; allowed: both from and to",
        ),
        (
            {"shifts": [{"lines": 1, "from": "08:00", "to": "08:00"}]},
            "campaign.shifts[0].to: found the same time as from",
        ),
        ({"shifts": [{"lines": 1, "from": "8am", "to": "24:00"}]}, 'campaign.shifts[0].from: found "8am"'),
        ({"shifts": [{"lines": 0}]}, "campaign.shifts[0].lines: found 0"),
    ],
)
def test_shifts_that_are_none_are_refused(campaign: dict[str, Any], fault: str) -> None:
    assert any(each.startswith(fault) for each in faults(campaign=campaign))
