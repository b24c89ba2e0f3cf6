"""The methods of the Calls API over HTTP."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.server.operations import ERRORS
from engine.server.tokens import DOCUMENTED
from tests.server.running import CALLS, CRM_CALLS, START, head, sent

EXAMPLE = Path("scenarios/api_example.json").read_text(encoding="utf-8")
PHONE = "16500000000"


def refusal(answer: httpx.Response) -> Any:
    error = answer.json()
    assert answer.status_code == ERRORS[error["type"]].status
    assert error["message"]
    return error


def add(client: httpx.Client, *phones: int) -> list[str]:
    answer = client.post(f"{CALLS}/addPhones", json=[{"phone": phone} for phone in phones])
    assert answer.status_code == 200
    ids: list[str] = answer.json()
    return ids


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_request_of_the_documentation_works_as_it_stands(client: httpx.Client) -> None:
    request = ["curl", "--silent", "--request", "POST", str(client.base_url.join(f"{CALLS}/addPhones"))]

    answer = subprocess.run(
        [*request, "--header", "Content-Type: application/json", "--data-raw", EXAMPLE],
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout == '["1-0"]'


def test_a_fault_refuses_the_whole_body_and_is_named(client: httpx.Client) -> None:
    answer = client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}, {"phone": 12}])

    error = refusal(answer)
    assert (error["type"], error["phone"]) == ("phone.bad.format", 12)
    assert error["faults"][0]["path"] == "[1].phone"
    assert client.get(CALLS).json()["shortReport"]["totalNumbers"] == 0


@pytest.mark.parametrize("way", ["query", "form", "both"])
def test_one_number_is_added_by_its_parameters(client: httpx.Client, way: str) -> None:
    own, more = {"phone": PHONE, "gmtZone": "+03:00"}, {"name": "Жанна & Co", "empty": ""}
    query = {"query": own | more, "form": {}, "both": own}[way]
    form = {"query": None, "form": own | more, "both": more}[way]

    answer = client.post(f"{CRM_CALLS}/addPhone", params=query, data=form)

    assert answer.json() == "1-0"
    assert refusal(client.post(f"{CRM_CALLS}/addPhone", data=own | more))["type"] == "phone.duplicated"
    assert client.post(f"{CRM_CALLS}/addPhone", data=own | more | {"empty": "x"}).json() == "1-1"


def test_one_number_is_added_by_the_query_alone(client: httpx.Client) -> None:
    number = {"phone": PHONE, "name": "Alex"}

    assert client.get(f"{CRM_CALLS}/addPhone", params=number).json() == "1-0"
    assert refusal(client.get(f"{CRM_CALLS}/addPhone", params=number))["phonesDuplicates"] == [PHONE]
    assert client.get(f"{CRM_CALLS}/test/addPhone", params=number).json() == "1-1"


def test_a_key_in_the_query_of_a_get_is_not_payload(client: httpx.Client) -> None:
    number = {"phone": PHONE, "name": "Alex"}

    first = client.get(f"{CRM_CALLS}/addPhone", params=number | {"Idempotence-Key": "a"}).json()

    assert client.get(f"{CRM_CALLS}/addPhone", params=number | {"Idempotence-Key": "a"}).json() == first
    assert client.get(f"{CRM_CALLS}/addPhone", params=number, headers={"idempotence-key": "a"}).json() == first


def test_a_key_twice_is_refused(client: httpx.Client) -> None:
    answer = client.get(
        f"{CRM_CALLS}/addPhone", params={"phone": PHONE, "Idempotence-Key": "a"}, headers={"idempotence-key": "a"}
    )

    assert refusal(answer)["path"] == "Idempotence-Key"


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_a_key_is_text_that_can_be_printed(client: httpx.Client, key: str) -> None:
    answer = client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}], headers={"idempotence-key": key})

    assert refusal(answer)["path"] == "Idempotence-Key"


@pytest.mark.parametrize(
    ("query", "form"), [("phone=1&phone=2", ""), ("phone=1", "phone=1"), ("phone=1&name=a&name=b", "")]
)
def test_a_parameter_more_than_once_is_refused(client: httpx.Client, query: str, form: str) -> None:
    answer = client.post(
        f"{CRM_CALLS}/addPhone?{query}",
        content=form,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    error = refusal(answer)
    assert error["type"] == "invalid.field"
    assert error["path"] in ("phone", "name")


@pytest.mark.parametrize(("name", "kind"), [("phone", "phone.bad.format"), ("gmtZone", "phone.gmtZone.bad.format")])
def test_a_plus_that_became_a_space_is_explained(client: httpx.Client, name: str, kind: str) -> None:
    error = refusal(client.get(f"{CRM_CALLS}/addPhone?{name}=+03:00"))

    assert error["type"] == kind
    assert "%2B" in error["message"]


@pytest.mark.parametrize("query", ["phone=%ff", "phone", "phone=1&&name=a", "&".join(f"a{i}=1" for i in range(1_001))])
def test_a_query_that_cannot_be_read_is_refused(client: httpx.Client, query: str) -> None:
    assert refusal(client.get(f"{CRM_CALLS}/addPhone?{query}"))["type"] == "invalid.field"


@pytest.mark.parametrize("method", ["callJob/getReport", "callAttempt/getReport", "callJob/cancel"])
def test_jobs_are_chosen_by_phone_as_a_number_or_text_and_by_id(client: httpx.Client, method: str) -> None:
    ids = add(client, 16500000000, 16500000001, 16500000002)
    chosen = {"phones": [16500000000, "+16500000001"], "ids": [ids[2]]}
    client.post("/simulation/advance", json={"by": 1}).raise_for_status()

    answer = client.post(f"{CALLS}/{method}", json=chosen)

    found = [each if isinstance(each, str) else each["callJobId"] for each in answer.json()]
    assert sorted(found) == ids


@pytest.mark.parametrize("method", ["callJob/getReport", "callAttempt/getReport", "callJob/cancel"])
@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, None),
        ([], None),
        ({"phones": None, "ids": None}, None),
        ({"phones": 16500000000}, "phones"),
        ({"phones": [True]}, "phones[0]"),
        ({"ids": ["1-0", 1]}, "ids[1]"),
        ({"ids": [], "idx": []}, "idx"),
    ],
)
def test_a_choice_of_another_form_is_refused(client: httpx.Client, method: str, body: Any, path: str | None) -> None:
    error = refusal(client.post(f"{CALLS}/{method}", json=body))

    assert (error["type"], error.get("path")) == ("invalid.field", path)


def test_jobs_and_phones_that_are_not_there_are_named(client: httpx.Client) -> None:
    ids = refusal(client.post(f"{CALLS}/callJob/getReport", json={"ids": ["1-0", "2-1", "?"]}))
    phones = refusal(client.post(f"{CALLS}/callJob/getReport", json={"phones": [16500000000]}))

    assert (ids["type"], ids["ids"]) == ("id.not.found", ["1-0", "2-1", "?"])
    assert (phones["type"], phones["phones"]) == ("phone.not.found", [PHONE])


BY_DATE = ("callJob/getReportByDate", "callJob/getUnfinished", "callAttempt/getReportByDate")


@pytest.mark.parametrize("method", BY_DATE)
def test_a_page_is_the_first_of_twenty_unless_it_is_said(client: httpx.Client, method: str) -> None:
    assert client.post(f"{CALLS}/{method}").json() == {"items": [], "pagination": {"page": 0, "pageSize": 20}}
    assert client.post(f"{CALLS}/{method}", json={}).json()["pagination"] == {"page": 0, "pageSize": 20}


@pytest.mark.parametrize("method", BY_DATE)
def test_a_page_is_said_in_the_query_or_in_the_body(client: httpx.Client, method: str) -> None:
    in_query = client.post(f"{CALLS}/{method}?page=199&pageSize=200")
    in_body = client.post(f"{CALLS}/{method}", json={"page": 199, "pageSize": 200})
    in_each = client.post(f"{CALLS}/{method}?page=199", json={"pageSize": 200})
    in_both = client.post(f"{CALLS}/{method}?page=199", json={"page": 199})

    assert [each.json()["pagination"] for each in (in_query, in_body, in_each)] == [{"page": 199, "pageSize": 200}] * 3
    assert refusal(in_both)["path"] == "page"


@pytest.mark.parametrize("method", BY_DATE)
@pytest.mark.parametrize(("name", "value"), [("page", -1), ("page", 200), ("pageSize", 0), ("pageSize", 201)])
def test_a_page_has_bounds(client: httpx.Client, method: str, name: str, value: int) -> None:
    for answer in (
        client.post(f"{CALLS}/{method}?{name}={value}"),
        client.post(f"{CALLS}/{method}", json={name: value}),
        client.post(f"{CALLS}/{method}?{name}=x"),
        client.post(f"{CALLS}/{method}", json={name: "1"}),
    ):
        assert refusal(answer)["path"] == name


def test_jobs_are_filtered_by_their_dates(client: httpx.Client) -> None:
    add(client, 16500000000)
    client.post("/simulation/advance", json={"by": 3600}).raise_for_status()
    add(client, 16500000001)

    def created(**span: int) -> list[str]:
        items = client.post(f"{CALLS}/callJob/getReportByDate", json=span).json()["items"]
        return [each["callJobId"] for each in items]

    assert created(createdAtFrom=START * 1000) == ["1-0", "1-1"]
    assert created(createdAtTo=START * 1000) == ["1-0"]
    assert created(createdAtFrom=START * 1000 + 1) == ["1-1"]
    assert created(finishedAtFrom=0, finishedAtTo=START * 1000) == []


def test_calls_are_filtered_by_their_dates(client: httpx.Client) -> None:
    add(client, 16500000000)
    client.post("/simulation/advance", json={"by": 10}).raise_for_status()

    def begun(**span: int) -> int:
        return len(client.post(f"{CALLS}/callAttempt/getReportByDate", json=span).json()["items"])

    assert begun(startedAtFrom=START * 1000, startedAtTo=START * 1000 + 9_999) == 1
    assert begun(startedAtFrom=START * 1000 + 10_000) == 0


def test_the_status_is_told_alone(client: httpx.Client) -> None:
    assert client.get(f"{CALLS}/status").json() == client.get(CALLS).json()["status"]


def test_a_campaign_is_paused_resumed_and_stopped(client: httpx.Client) -> None:
    client.post("/simulation/advance", json={"by": 1}).raise_for_status()
    for control, status in (("pause", "paused"), ("resume", "inProcess"), ("stop", "finished")):
        answer = client.post(f"{CALLS}/control/{control}")

        assert (answer.status_code, answer.content) == (200, b"")
        assert client.get(f"{CALLS}/status").json() == status
    error = refusal(client.post(f"{CALLS}/addPhones", json=[{"phone": 16500000000}]))
    assert (error["type"], error["state"]) == ("invalid.call.task.state", "finished")


UNKNOWN = ("8231.7056.1b131df0", "x", "x" * 9_000, "..", ".", "%00", "%2e%2e", "%D0%B6", "%ff", "8231.7056.1b131df1%20")


@pytest.mark.parametrize("token", UNKNOWN, ids=range(len(UNKNOWN)))
def test_an_unknown_token_has_one_answer(server: httpx.Client, token: str) -> None:
    asked = (
        ("GET", f"/api/calls/campaign/{token}"),
        ("GET", f"/api/calls/campaign/{token}/status"),
        ("POST", f"/api/calls/campaign/{token}/addPhones"),
        ("POST", f"/api/calls/campaign/{token}/control/stop"),
        ("POST", f"/api/crmCalls/campaign/{token}/addPhone"),
        ("GET", f"/api/crmCalls/campaign/{token}/test/addPhone"),
    )

    answers = [sent(server, head(*each, "Connection: close", "Content-Length: 1"), b"\xff") for each in asked]

    assert {each.partition(b"\r\n")[0] for each in answers} == {b"HTTP/1.1 404 Not Found"}
    assert {each.partition(b"\r\n\r\n")[2] for each in answers} == {
        b'{"type":"invalid.token","message":"no campaign has this token; the server tells its tokens when it starts"}'
    }


def test_a_path_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert refusal(client.get("/api/calls"))["type"] == "not.found"


def test_a_method_that_is_not_there_is_told_with_those_that_are(client: httpx.Client) -> None:
    answer = client.delete(f"{CRM_CALLS}/addPhone")

    assert refusal(answer)["type"] == "method.not.allowed"
    assert answer.headers["allow"] == "GET, OPTIONS, POST"


@pytest.mark.parametrize(
    "token",
    [
        DOCUMENTED[:-1],
        DOCUMENTED[:-1] + "2",
        DOCUMENTED + "1",
        "x",
        "x" * 5_000,
        "%00",
        "%ED%A0%80",
        "%3Cscript%3E",
        "%E2%80%AE",
    ],
)
def test_every_token_that_names_no_campaign_gets_the_same_answer(client: httpx.Client, token: str) -> None:
    unknown = client.post("/api/calls/campaign/unknown/addPhones", json=[])
    answer = client.post(f"/api/calls/campaign/{token}/addPhones", json=[])
    assert (answer.status_code, answer.content) == (unknown.status_code, unknown.content) == (404, unknown.content)
    assert answer.json()["type"] == "invalid.token"


@pytest.mark.parametrize(
    ("body", "path", "told"),
    [
        ({"createdAtFrom": 1_772_460_000}, "createdAtFrom", "write 1772460000000 for 2026-03-02T14:00:00Z"),
        ({"finishedAtTo": 1_772_460_000}, "finishedAtTo", "1772460000, which is 1970-01-21T12:21:00Z"),
        ({"createdAtFrom": 2_000_000_000_000, "createdAtTo": 1}, "createdAtFrom", "which is after createdAtTo"),
    ],
)
def test_a_span_in_seconds_or_backwards_is_refused(client: httpx.Client, body: Any, path: str, told: str) -> None:
    error = client.post(f"{CALLS}/callJob/getReportByDate", json=body).json()
    assert (error["type"], error["path"]) == ("invalid.field", path)
    assert told in error["message"]


def test_a_body_of_values_too_short_for_numbers_is_refused_before_it_is_split(client: httpx.Client) -> None:
    body = b"[" + b"{}," * 1_200_000 + b"1]"
    error = client.post(f"{CALLS}/addPhones", content=body, headers={"Content-Type": "application/json"}).json()
    assert error["type"] == "invalid.field"
    assert "found 1,200,001 values, most of them too short for a number" in error["message"]


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"", "an empty body"), (b" ", "an empty body"), (b'[{"phon": 16500000000}]', "phone, perhaps")],
)
def test_a_usual_mistake_is_told_so(client: httpx.Client, body: bytes, told: str) -> None:
    answer = client.post(f"{CALLS}/addPhones", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert told in str(answer.json())


def test_a_request_without_a_content_type_is_told_so(client: httpx.Client) -> None:
    answer = client.post(f"{CALLS}/addPhones", content=b"[]")
    assert answer.status_code == 415
    assert answer.json()["message"].startswith("there is no Content-Type; allowed: application/json")
