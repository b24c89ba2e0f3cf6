"""Whoever adds a field to CallPolicy is told by a test which place knows nothing of it."""

import re
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
import pytest
from msgspec import Meta

from engine.calling.instants import Instant
from engine.calling.policy import POLICY_FIELDS, CallPolicy, PolicyField, means, policy_fields
from engine.numbers.formats.columns import is_column
from engine.numbers.formats.frames import FIELDS
from engine.numbers.population import Generate
from engine.reading.typed import json_schema
from engine.results.lock import written_out
from engine.scenario.document import ScenarioDocument
from engine.scenario.scenario import Scenario
from tests import oracle
from tests.calling.test_policy import FULL
from tests.campaigns import busy_day

ROOT = Path(__file__).parent.parent.parent
REFERENCE = " ".join((ROOT / "docs/reference/scenario.md").read_text(encoding="utf-8").split())
RULES = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
SCHEMA = json_schema(ScenarioDocument)["$defs"]
SAID = ("starts", "finishes", "week", "attempts", "retry_seconds", "zone_name", "priority")
"""The properties in which a policy says what holds."""

of_each_field = pytest.mark.parametrize("field", POLICY_FIELDS, ids=lambda field: field.name)


def test_the_fields_are_those_of_the_policy_in_their_order() -> None:
    assert [field.attribute for field in POLICY_FIELDS] == list(CallPolicy.__struct_fields__)
    assert [field.name for field in POLICY_FIELDS] == list(FULL)


@of_each_field
def test_the_default_of_a_field_is_what_holds_if_no_level_gives_it(field: PolicyField) -> None:
    given, left_out = CallPolicy.from_json({field.name: field.default}), CallPolicy()

    assert [getattr(given, name) for name in SAID] == [getattr(left_out, name) for name in SAID]


@of_each_field
def test_the_rules_name_a_field_and_what_holds_without_it(field: PolicyField) -> None:
    row = re.search(rf"^\| `{field.name}` \|.*\|(.*)\|$", RULES, re.MULTILINE)

    assert row, f"docs/rules.md, section 2, has no row of {field.name}"
    assert field.otherwise in row[1]


@of_each_field
def test_the_scenario_reference_names_a_field_and_what_holds_without_it(field: PolicyField) -> None:
    assert f"`{field.name}` ({field.otherwise})" in REFERENCE


@of_each_field
def test_the_schema_names_a_field_and_what_holds_without_it(field: PolicyField) -> None:
    assert field.name in SCHEMA["Redial"]["properties"]
    assert SCHEMA["Campaign"]["properties"][field.name]["description"].endswith(
        f". If no level gives it: {field.otherwise}."
    )


@of_each_field
def test_lists_and_made_up_lists_have_a_field(field: PolicyField) -> None:
    assert field.name in FIELDS
    assert is_column(field.name)
    assert field.attribute in Generate.__struct_fields__
    assert field.name in SCHEMA["Generate"]["properties"]


@of_each_field
def test_a_lock_writes_the_default_of_a_field_out(field: PolicyField) -> None:
    campaign = busy_day()["campaign"]
    scenario = Scenario.from_document({**busy_day(), "campaign": {"lines": campaign.get("lines", 1)}})

    assert written_out(scenario, Path())["campaign"][field.name] == field.default


@of_each_field
def test_the_oracle_and_the_strategies_of_the_tests_know_a_field(field: PolicyField) -> None:
    assert field.name in oracle.POLICY_FIELDS
    assert f'"{field.name}"' in (ROOT / "engine/testing/policies.py").read_text(encoding="utf-8")


def added(**fields: Any) -> type[CallPolicy]:
    """A call policy with more fields."""
    more = [(*field, None) for field in fields.items()]
    return cast(type[CallPolicy], msgspec.defstruct("Added", more, bases=(CallPolicy,), kw_only=True, rename="camel"))


@pytest.mark.parametrize(
    ("kind", "form"), [(Annotated[int, Meta(ge=1)], "integer"), (Instant, "string"), (tuple[Instant, ...], None)]
)
def test_a_field_that_is_added_says_which_json_it_is(kind: Any, form: str | None) -> None:
    policy = added(call_again=Annotated[kind | None, means("Whether to call again", 3)])
    if form is None:
        with pytest.raises(TypeError, match="say which JSON"):
            policy_fields(policy)
    else:
        assert PolicyField("callAgain", "call_again", form, 3, "3") in policy_fields(policy)  # type: ignore[arg-type]


def test_a_field_of_which_nothing_is_said_is_refused() -> None:
    with pytest.raises(TypeError, match="say what call_again means"):
        policy_fields(added(call_again=int | None))
