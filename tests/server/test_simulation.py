"""The methods that only a simulation has."""

import json
from typing import Any

import httpx
import pytest

from engine.server.bodies import Limits
from engine.server.operations import ERRORS
from tests.server.running import CALLS, running


def refusal(answer: httpx.Response) -> Any:
    error = answer.json()
    assert answer.status_code == ERRORS[error["type"]].status
    return error


def test_the_clock_is_read_and_set(client: httpx.Client) -> None:
    assert client.get("/simulation/clock").json() == {"instant": "2026-03-02T14:00:00Z", "speed": 60, "paused": True}

    answer = client.put("/simulation/clock", json={"speed": 600.5, "instant": "2026-03-02T15:00:00Z"})

    assert answer.json() == {"instant": "2026-03-02T15:00:00Z", "speed": 600.5, "paused": True}
    assert client.put("/simulation/clock", json={}).json() == answer.json()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"speed": 0}, "speed"),
        ({"speed": "60"}, "speed"),
        ({"paused": 1}, "paused"),
        ({"instant": 5}, "instant"),
        ({"instant": "yesterday"}, "instant"),
        ({"instant": "2026-03-01T00:00:00Z"}, "instant"),
        ({"pause": True}, "pause"),
    ],
)
def test_a_clock_of_another_form_is_refused(client: httpx.Client, body: Any, path: str) -> None:
    error = refusal(client.put("/simulation/clock", json=body))

    assert (error["type"], error["path"]) == ("invalid.field", path)


def test_time_is_played_to_an_instant_or_by_seconds(client: httpx.Client) -> None:
    client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]).raise_for_status()

    by = client.post("/simulation/advance", json={"by": 7200}).json()
    to = client.post("/simulation/advance", json={"to": "2026-03-02T17:00:00Z"}).json()

    assert (by["from"], by["to"], to["to"]) == ("2026-03-02T14:00:00Z", "2026-03-02T16:00:00Z", "2026-03-02T17:00:00Z")
    assert [each["begun"] for each in (*by["campaigns"], *to["campaigns"])] == [1, 0]


@pytest.mark.parametrize(
    "body", [{}, {"by": 1, "to": "2026-03-02T17:00:00Z"}, {"by": -1}, {"by": 1.5}, {"by": 1 << 60}]
)
def test_a_wait_of_another_form_is_refused(client: httpx.Client, body: Any) -> None:
    assert refusal(client.post("/simulation/advance", json=body))["type"] == "invalid.field"


def test_a_redial_is_asked_for_as_a_script_would(client: httpx.Client) -> None:
    (job,) = client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]).json()
    client.post("/simulation/advance", json={"by": 1}).raise_for_status()

    life = client.post("/simulation/redial", json={"job": job, "fields": {"startAfterMinutes": 60}})

    assert life.json()["campaign"] == 1
    client.post("/simulation/advance", json={"by": 4 * 3600}).raise_for_status()
    reports = client.post(f"{CALLS}/callJob/getReport", json={"phones": [16500000000]}).json()
    assert [each["redialNumber"] for each in reports][:2] == [None, 1]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"job": "1-1", "fields": {}}, "id.not.found"),
        ({"job": "9-1", "fields": {}}, "id.not.found"),
        ({"job": "", "fields": {}}, "id.not.found"),
        ({"job": 1, "fields": {}}, "invalid.field"),
        ({"job": "1-1"}, "invalid.field"),
        ({"job": "1-1", "fields": []}, "invalid.field"),
    ],
)
def test_a_redial_of_another_form_is_refused(client: httpx.Client, body: Any, kind: str) -> None:
    assert refusal(client.post("/simulation/redial", json=body))["type"] == kind


@pytest.mark.parametrize(
    "fields", [{"maxAttempts": 10**18}, {"maxAttempts": -1}, {"x": 1}, {"allowedTime": 1}, {"startAfterMinutes": 1e300}]
)
def test_faulty_fields_of_a_redial_are_refused_and_the_server_goes_on(client: httpx.Client, fields: Any) -> None:
    (job,) = client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]).json()
    client.post("/simulation/advance", json={"by": 1}).raise_for_status()

    error = refusal(client.post("/simulation/redial", json={"job": job, "fields": fields}))

    assert error["path"].startswith("fields")
    assert client.get("/simulation/clock").status_code == 200


def test_jobs_are_found_by_phone_or_id(client: httpx.Client) -> None:
    client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]).raise_for_status()

    for query in ("text=16500000000", "text=1-1", "text=1-1&campaign=1"):
        found = client.get(f"/simulation/jobs?{query}").json()
        assert [each["report"]["callJobId"] for each in found] == ["1-1"]
    assert client.get("/simulation/jobs?text=16500000001").json() == []


@pytest.mark.parametrize("query", ["", "text=1&text=2", "text=1&campaign=x", "text=1&campaign=2", "text=1&campaign=0"])
def test_a_search_of_another_form_is_refused(client: httpx.Client, query: str) -> None:
    assert refusal(client.get(f"/simulation/jobs?{query}"))["type"] == "invalid.field"


def test_a_listener_hears_the_state_as_it_is_and_when_it_changes(client: httpx.Client) -> None:
    with client.stream("GET", "/simulation/events") as events:
        lines = events.iter_lines()
        heard = [next(lines) for _ in range(3)]
        client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]).raise_for_status()
        heard += [next(lines) for _ in range(3)]

    assert events.headers["content-type"].startswith("text/event-stream")
    assert [heard[0], heard[2], heard[3], heard[5]] == ["event: state", "", "event: state", ""]
    states = [json.loads(line.removeprefix("data: ")) for line in (heard[1], heard[4])]
    assert [state["campaigns"][0]["jobs"] for state in states] == [0, 1]
    assert states[0]["clock"] == client.get("/simulation/clock").json()


def test_listeners_beyond_the_most_are_put_off_until_one_goes() -> None:
    with running(Limits(most_listeners=1)) as client:
        with client.stream("GET", "/simulation/events") as events:
            lines = events.iter_lines()
            next(lines)

            refused = client.get("/simulation/events")

            assert refusal(refused)["type"] == "busy"
            assert refused.headers["retry-after"] == "1"
        while True:
            with client.stream("GET", "/simulation/events") as events:
                if events.status_code == 200:
                    break
