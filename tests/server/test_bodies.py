"""Bodies: how large, how late, how strictly read."""

import threading
from typing import Any

import httpx
import msgspec
import pytest

from engine.server.bodies import SMALL_BODY, Limits
from engine.server.operations import ERRORS
from tests.server.running import CALLS, head, running, sent

REPORTS = f"{CALLS}/callJob/getReport"
JSON = {"content-type": "application/json"}


def refusal(answer: httpx.Response) -> Any:
    error = answer.json()
    assert answer.status_code == ERRORS[error["type"]].status
    return error


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "an empty body"),
        (b"{", "text that is not JSON"),
        (b'{"ids": []} x', "text that is not JSON"),
        (b'{"ids": [], "ids": []}', "twice"),
        (b'{"ids": [NaN]}', "NaN"),
        (b'{"ids": [' + b"9" * 5_000 + b"]}", "digits"),
        (b'{"ids": [-9223372036854775809]}', "64 bits"),
        (b'{"ids": ["\xff"]}', "not UTF-8"),
        (b'\xef\xbb\xbf{"ids": []}', "not JSON"),
        ('{"ids": []}'.encode("utf-16"), "not UTF-8"),
        (b'{"ids": ["\\ud800"]}', "surrogate"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"ids": ' + b"[" * 600 + b"]" * 600 + b"}", "nested too deep"),
    ],
)
def test_json_is_read_strictly(server: httpx.Client, body: bytes, found: str) -> None:
    error = refusal(server.post(REPORTS, content=body, headers=JSON))

    assert error["type"] == "invalid.field"
    assert found in error["faults"][0]["found"]


@pytest.mark.parametrize("body", [b"\xff", b"[" * 100_000, b"{}", b"[]x", b'[{"phone": "\\ud800"}]', b"null", b""])
def test_a_list_of_numbers_that_is_none_is_refused(server: httpx.Client, body: bytes) -> None:
    assert refusal(server.post(f"{CALLS}/addPhones", content=body, headers=JSON))["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
@pytest.mark.parametrize("path", [REPORTS, f"{CALLS}/addPhones"])
def test_a_body_of_another_type_is_refused(server: httpx.Client, headers: dict[str, str], path: str) -> None:
    assert refusal(server.post(path, content=b"{}", headers=headers))["type"] == "unsupported.content.type"


def test_a_charset_may_be_said(server: httpx.Client) -> None:
    headers = {"content-type": "Application/JSON; Charset=UTF-8"}

    assert server.post(REPORTS, content=b'{"ids": []}', headers=headers).json() == []


@pytest.mark.parametrize("counted", [True, False])
def test_a_body_beyond_the_limit_is_refused_with_the_flag_that_raises_it(counted: bool) -> None:
    with running(Limits(most_body=1_000)) as client:
        body = b"[" + b" " * 1_000
        content = body if counted else iter([body[:600], body[600:]])

        error = refusal(client.post(f"{CALLS}/addPhones", content=content, headers=JSON))

        assert error["type"] == "body.too.large"
        assert "1,000 bytes" in error["message"]
        assert "--most-body" in error["message"]


def test_a_body_at_the_limit_is_taken() -> None:
    with running(Limits(most_body=1_000)) as client:
        body = b'[{"phone": 16500000000}]'.ljust(1_000)

        assert client.post(f"{CALLS}/addPhones", content=body, headers=JSON).json() == ["1-0"]


def test_a_body_that_is_no_list_of_numbers_is_small(server: httpx.Client) -> None:
    error = refusal(server.post(REPORTS, content=b" " * (SMALL_BODY + 1), headers=JSON))

    assert error["type"] == "body.too.large"
    assert "1 MiB" in error["message"]


def test_after_a_body_that_was_too_large_the_connection_goes_on(server: httpx.Client) -> None:
    large = head("POST", REPORTS, "Content-Type: application/json", f"Content-Length: {SMALL_BODY * 3}")
    after = head("GET", "/simulation/clock", "Connection: close")

    answer = sent(server, large, b" " * SMALL_BODY * 3, after)

    assert answer.count(b"HTTP/1.1 413") == 1
    assert answer.count(b"HTTP/1.1 200") == 1


def test_a_body_that_is_late_is_refused_and_nothing_happens() -> None:
    with running(Limits(body_seconds=0.2)) as client:
        late = head("POST", f"{CALLS}/addPhones", "Content-Type: application/json", "Content-Length: 100")

        answer = sent(client, late, b'[{"phone": 16500000000}]')

        assert answer.startswith(b"HTTP/1.1 408")
        assert b'"body.late"' in answer
        assert b"connection: close" in answer
        assert client.get(CALLS).json()["shortReport"]["totalNumbers"] == 0


def test_a_body_that_is_cut_off_changes_nothing(server: httpx.Client) -> None:
    server.post("/simulation/reset").raise_for_status()
    cut = head("POST", f"{CALLS}/addPhones", "Content-Type: application/json", "Content-Length: 100")

    sent(server, cut, b'[{"phone": 16500000000}]', ends=True)

    assert server.get(CALLS).json()["shortReport"]["totalNumbers"] == 0


def test_bodies_that_are_too_much_together_are_put_off() -> None:
    with running(Limits(most_in_flight=1_000)) as client:
        begun, end = threading.Event(), threading.Event()

        def slowly() -> Any:
            yield b"[" + b" " * 900
            begun.set()
            end.wait()
            yield b'{"phone": 16500000000}]'

        def send() -> None:
            ids.append(client.post(f"{CALLS}/addPhones", content=slowly(), headers=JSON).json())

        ids: list[Any] = []
        thread = threading.Thread(target=send)
        thread.start()
        begun.wait()
        try:
            while (second := client.post(f"{CALLS}/addPhones", content=b" " * 990, headers=JSON)).status_code != 503:
                pass  # the first part of the other body has not come yet
        finally:
            end.set()
            thread.join()

        assert refusal(second)["type"] == "busy"
        assert second.headers["retry-after"] == "1"
        assert ids == [["1-0"]]
        assert client.post(f"{CALLS}/addPhones", content=b" " * 990, headers=JSON).status_code == 400


def test_half_of_a_surrogate_pair_is_repeated_as_text_that_every_reader_of_json_takes(client: httpx.Client) -> None:
    answer = client.post(f"{CALLS}/addPhones", content=b'[{"phone": "\\ud800"}]', headers=JSON)
    assert answer.status_code == 400
    assert msgspec.json.decode(answer.content)["phone"] == "\\ud800"
