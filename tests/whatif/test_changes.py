"""What a variant changes, held against what its scenario file says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine import Scenario
from engine.whatif.changes import LONGEST_LIST, Change, changes_of
from engine.whatif.variants import variants_of
from tests.report.samples import FEW, few


def changed(patch: dict[str, Any], **base: Any) -> tuple[Change, ...]:
    """The changes of a variant that is a patch of the few."""
    scenario = Scenario.from_document(few(**base))
    first, variant = variants_of(scenario, variants={"it": patch})
    return changes_of(first.scenario, variant.scenario)


def test_a_value_is_told_with_its_path_the_one_of_the_base_and_its_own() -> None:
    patch = {"campaign": {"lines": 8, "maxAttempts": 3}, "outcomes": {"noAnswer": {"seconds": 25}}}
    assert changed(patch) == (Change("campaign.lines", 4, 8), Change("outcomes.noAnswer.seconds", 30, 25))


def test_parts_of_a_list_are_told_by_their_place() -> None:
    hours = [{"localTimeFrom": "12:00", "localTimeTo": "18:00"}]
    path = "campaign.allowedTime.default[0].localTimeFrom"
    assert changed({"campaign": {"allowedTime": {"default": hours}}}) == (Change(path, "10:00", "12:00"),)


def test_parts_of_a_list_that_have_names_are_told_by_them() -> None:
    dead = {"name": "dead", "share": 0.1, "outcomes": {"answered": {"share": 0}}}
    keen = {"name": "keen", "share": 0.2, "outcomes": {"answered": {"share": 0.6}}}
    found = changed({"segments": [keen, dead | {"share": 0.3}]}, segments=[dead, keen])
    assert found == (Change("segments.dead.share", 0.1, 0.3),)


def test_a_value_that_one_side_leaves_out_is_told_as_the_default() -> None:
    assert changed({"campaign": {"order": "windowClosing", "maxAttempts": None}}) == (
        Change("campaign.maxAttempts", 3, 1),
        Change("campaign.order", "nextAllowedTime", "windowClosing"),
    )


def test_a_value_without_a_default_is_none_where_it_is_left_out() -> None:
    assert changed({"goal": {"by": None}, "campaign": {"callsPerSecond": 5}}) == (
        Change("campaign.callsPerSecond", None, 5),
        Change("goal.by", "2026-03-04T00:00:00Z", None),
    )


def test_a_variant_that_sets_what_the_base_has_changes_nothing() -> None:
    assert changed({"campaign": FEW["campaign"]}) == ()


def test_a_variant_that_writes_a_default_which_the_base_leaves_out_changes_nothing() -> None:
    assert changed({"campaign": {"order": "nextAllowedTime"}}) == ()


def test_a_list_whose_parts_only_change_places_is_told_whole() -> None:
    parts = [{"name": name, "share": 0.1, "outcomes": {"answered": {"share": 0}}} for name in ("one", "two")]
    assert changed({"segments": parts[::-1]}, segments=parts) == (Change("segments", parts, parts[::-1]),)


def test_a_long_list_is_one_value() -> None:
    phones = [{"phone": f"{place:011}"} for place in range(LONGEST_LIST + 1)]
    [change] = changed({"numbers": [{"addPhones": phones}]}, numbers=[{"addPhones": phones[:-1]}])
    assert (change.path, change.before, change.after) == ("numbers[0].addPhones", phones[:-1], phones)


@given(st.fixed_dictionaries({}, optional={"lines": st.integers(1, 9), "maxAttempts": st.integers(1, 9)}))
def test_every_value_that_is_told_differs_and_every_one_that_differs_is_told(values: dict[str, int]) -> None:
    grid = {f"campaign.{name}": [value] for name, value in values.items()} or {"campaign.lines": [4]}
    base, variant = variants_of(Scenario.from_document(few()), grid=grid)
    told = {each.path: (each.before, each.after) for each in changes_of(base.scenario, variant.scenario)}
    assert told == {
        f"campaign.{name}": (FEW["campaign"][name], value)
        for name, value in values.items()
        if value != FEW["campaign"][name]
    }


def test_a_value_of_a_payload_that_becomes_yes_is_a_change_and_another_spelling_of_a_number_is_none() -> None:
    segments = [{"name": "one", "payload": {"plan": 1}, "dialerPriority": 2}]
    assert changed({"segments": {"one": {"payload": {"plan": 1.0}}}}, segments=segments) == ()
    [told] = changed({"segments": {"one": {"payload": {"plan": True}}}}, segments=segments)
    assert (told.path, told.before, told.after) == ("segments.one.payload.plan", 1, True)
    assert told.after is True
