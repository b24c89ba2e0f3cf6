"""A scenario shows itself: in a line, and as a card in a notebook."""

from typing import Any

import pytest

from engine import Scenario

DOCUMENT: dict[str, Any] = {
    "name": "Spring <promo>",
    "start": "2026-03-02T09:00:00Z",
    "finish": "2026-03-03T09:00:00Z",
    "seed": 5,
    "campaign": {"lines": 1},
    "numbers": [{"addPhones": [{"phone": 16505550000}]}],
    "outcomes": {"noAnswer": {"share": 1, "seconds": 60}},
}
SHIFTS = [{"lines": 4, "from": "10:00", "to": "14:00"}, {"lines": 2, "from": "12:00", "to": "18:00"}]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "Scenario('Spring <promo>': 1 number, 1 line, 2026-03-02T09:00:00Z to 2026-03-03T09:00:00Z)"),
        (
            {"name": "", "campaign": {"shifts": SHIFTS}, "numbers": [{"generate": {"count": 1200}}]},
            "Scenario(1,200 numbers, 6 lines at the busiest hour, 2026-03-02T09:00:00Z to 2026-03-03T09:00:00Z)",
        ),
    ],
)
def test_a_scenario_is_a_line(change: dict[str, Any], text: str) -> None:
    assert repr(Scenario.from_document(DOCUMENT | change)) == text


def test_a_scenario_is_a_card_with_its_notes() -> None:
    html = Scenario.from_document({**DOCUMENT, "numbers": []})._repr_html_()

    assert "Spring &lt;promo&gt;" in html
    assert "the list is empty: nobody is called" in html
    assert "<svg" in html
