"""Requests that schemathesis makes of the OpenAPI document: none fails, and every answer is a documented one."""

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import checks

from engine.server.tokens import DOCUMENTED

CHECKED = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.unsupported_method,
]
SETTINGS = settings(
    derandomize=True,
    deadline=None,
    database=None,
    stateful_step_count=8,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


@pytest.fixture(scope="module")
def schema(server: httpx.Client) -> Any:
    """The document, without the events, which do not end."""
    config = schemathesis.Config.from_dict({"parameters": {"token": DOCUMENTED}})
    document = server.base_url.join("/schema/openapi.json")
    return schemathesis.openapi.from_url(str(document), config=config).exclude(path="/simulation/events")


@pytest.mark.parametrize("examples", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_every_operation_answers_as_it_is_documented(client: httpx.Client, schema: Any, examples: int) -> None:
    operations = [each.ok() for each in schema.get_all_operations()]
    assert len(operations) == 22
    for operation in operations:
        cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in MODES])
        client.post("/simulation/reset").raise_for_status()

        @settings(SETTINGS, max_examples=examples)
        @given(case=cases)
        def answers(case: Any) -> None:
            case.call_and_validate(checks=CHECKED)

        answers()


@pytest.mark.parametrize("examples", [12, pytest.param(100, marks=pytest.mark.slow)])
def test_what_one_operation_answers_leads_to_others(client: httpx.Client, schema: Any, examples: int) -> None:
    answered: set[tuple[str, int]] = set()

    class Client(schema.as_state_machine()):  # type: ignore[misc]
        """Follows the document's links."""

        def setup(self) -> None:
            client.post("/simulation/reset").raise_for_status()

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            answered.add((case.operation.definition.raw["operationId"], response.status_code))
            case.validate_response(response, checks=CHECKED)

    run_state_machine_as_test(Client, settings=settings(SETTINGS, max_examples=examples))

    assert answered & {("addPhones", 200), ("addPhone", 200), ("addPhoneByQuery", 200), ("testAddPhone", 200)}
    assert answered & {("getJobReports", 200), ("getAttemptReports", 200), ("cancelJobs", 200)}
