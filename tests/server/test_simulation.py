"""The methods that only a simulation has."""

import json
import socket
from typing import Any

import httpx
import pytest

from engine.calling.instants import utc_text
from engine.scenario.scenario import Scenario
from engine.server.bodies import Limits
from engine.server.default_campaign import default_campaign
from engine.server.opening import open_new
from engine.server.operations import ERRORS
from engine.server.serving import serving
from engine.server.tokens import DOCUMENTED
from tests.server.running import CALLS, START, head, running


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
        ({"job": "1-0", "fields": {}}, "id.not.found"),
        ({"job": "9-1", "fields": {}}, "id.not.found"),
        ({"job": "", "fields": {}}, "id.not.found"),
        ({"job": 1, "fields": {}}, "invalid.field"),
        ({"job": "1-0"}, "invalid.field"),
        ({"job": "1-0", "fields": []}, "invalid.field"),
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

    for query in ("text=16500000000", "text=1-0", "text=1-0&campaign=1"):
        found = client.get(f"/simulation/jobs?{query}").json()
        assert [each["report"]["callJobId"] for each in found] == ["1-0"]
    assert client.get("/simulation/jobs?text=16500000001").json() == []


@pytest.mark.parametrize("query", ["", "text=1&text=2", "text=1&campaign=x", "text=1&campaign=2", "text=1&campaign=0"])
def test_a_search_of_another_form_is_refused(client: httpx.Client, query: str) -> None:
    assert refusal(client.get(f"/simulation/jobs?{query}"))["type"] == "invalid.field"


def test_a_listener_hears_the_state_as_it_is_and_when_it_changes(client: httpx.Client) -> None:
    with client.stream("GET", "/simulation/events") as events:
        lines = events.iter_lines()
        heard = [next(lines) for _ in range(3)]
        client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]).raise_for_status()
        while '"jobs":1,' not in heard[-2]:
            heard += [next(lines) for _ in range(3)]

    assert events.headers["content-type"].startswith("text/event-stream")
    assert set(heard[::3]) == {"event: state"}
    assert set(heard[2::3]) == {""}
    state = json.loads(heard[1].removeprefix("data: "))
    assert state["campaigns"][0]["jobs"] == 0
    assert state["clock"] == client.get("/simulation/clock").json()


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


def test_time_stands_where_a_client_goes_away() -> None:
    scenario = Scenario.from_document({**default_campaign(START), "finish": "2046-01-01T00:00:00Z"})
    opened = open_new([scenario], [DOCUMENTED], paused=True)
    body = b'{"to": "2046-01-01T00:00:00Z"}'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    try:
        with serving(opened.clerk, Limits()) as url, httpx.Client(base_url=url) as client:
            with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as connection:
                connection.sendall(head("POST", "/simulation/advance", *headers) + body)
                while instant(client) == utc_text(START):
                    pass
            before, after = "", instant(client)
            while before != after:  # to the end, if nobody stops it
                before, after = after, instant(client)
        assert after < "2046-01-01T00:00:00Z"
    finally:
        opened.clerk.close()


def instant(client: httpx.Client) -> str:
    """The instant that the clock tells."""
    return str(client.get("/simulation/clock").json()["instant"])
