"""Small campaigns have only what they were asked for, and are small."""

import pytest
from hypothesis import Phase, given, settings

from engine.calling.instants import DAY
from engine.scenario.scenario import Scenario
from engine.testing.small_campaigns import FEATURES, OF_NUMBERS, small_campaigns, small_lists
from engine.testing.strategies import Fields

FIELDS = {
    "redials": "redials",
    "retries": "maxAttempts",
    "caps": "atMost",
    "closedDates": "closedDates",
    "rules": "rules",
    "shifts": "shifts",
    "pace": "callsPerSecond",
    "windowClosing": "order",
    "maxTotalAttempts": "maxTotalAttempts",
    "shortCalls": "retryIfShorterThanSeconds",
    "hours": "allowedTime",
    "dates": "startDateTime",
    "zones": "gmtZone",
    "priorities": "dialerPriority",
    "lateNumbers": "added",
    "segments": "segments",
}
"""What tells in a scenario that a feature is there."""

OF_RULE_SETS = {"hours", "closedDates"}


@settings(max_examples=20, deadline=None, database=None)
@given(small_campaigns())
def test_a_campaign_is_a_scenario_of_six_numbers_at_most(document: Fields) -> None:
    scenario = Scenario.from_document(document)

    assert 1 <= sum(len(part["addPhones"]) for part in document["numbers"]) <= 6
    assert scenario.document.finish - scenario.document.start <= 3 * DAY


@settings(max_examples=20, deadline=None)
@given(small_campaigns(()))
def test_without_features_there_are_phones_lines_and_calls_alone(document: Fields) -> None:
    assert document.keys() == {"start", "finish", "seed", "campaign", "numbers", "outcomes"}
    assert document["campaign"].keys() == {"lines"}
    assert all(number.keys() == {"phone"} for part in document["numbers"] for number in part["addPhones"])
    assert all(outcome.keys() == {"share", "seconds"} for outcome in document["outcomes"].values())


@pytest.mark.parametrize("feature", FIELDS)
def test_a_feature_alone_is_drawn_and_no_other_one(feature: str) -> None:
    drawn: list[str] = []

    @settings(max_examples=25, deadline=None, database=None, derandomize=True, phases=(Phase.generate,))
    @given(small_campaigns([feature]))
    def draw(document: Fields) -> None:
        drawn.append(repr(document))

    draw()
    found = {name for name, field in FIELDS.items() if any(f"'{field}'" in text for text in drawn)}
    assert found - (OF_RULE_SETS if feature == "rules" else set()) == {feature}


def test_every_feature_is_looked_for_but_those_that_have_no_field_of_their_own() -> None:
    assert {*FEATURES} == {*FIELDS, "outcomeCaps", "duplicates"}
    assert {*OF_NUMBERS} < {*FEATURES}


@settings(max_examples=20, deadline=None)
@given(small_campaigns(["outcomeCaps", "retries", "redials", "lateNumbers"]))
def test_a_cap_on_outcomes_is_never_shared(document: Fields) -> None:
    phones = [number["phone"] for part in document["numbers"] for number in part["addPhones"]]

    assert all(cap.get("per", "phone") == "phone" for cap in document["campaign"].get("caps", []))
    assert len({*phones}) == len(phones)


def test_lists_for_a_campaign_agree_with_its_dates_and_end_with_it() -> None:
    scenario = Scenario.from_document(
        {
            "start": "2026-03-02T10:00:00Z",
            "finish": "2026-03-02T10:45:00Z",
            "campaign": {"lines": 1, "gmtZone": "America/New_York", "startDateTime": "2026-03-02T05:10:00-05:00"},
            "numbers": [],
            "outcomes": {"noAnswer": {"share": 1, "seconds": 60}},
        }
    )

    @settings(max_examples=20, deadline=None, database=None)
    @given(small_lists(scenario, scenario.source))
    def agree(document: Fields) -> None:
        assert Scenario.from_document(document).document.finish <= scenario.document.finish

    agree()
