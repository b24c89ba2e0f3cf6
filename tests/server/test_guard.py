"""The guard: other hosts and other sites' pages are refused."""

import httpx
import pytest

from engine.server.bodies import Limits
from tests.server.running import CALLS, head, running, sent

EVERY_KIND = ("/", "/schema", "/nope", f"{CALLS}/status", "/api/calls/campaign/x/status", "/simulation/clock")


def error_of(answer: httpx.Response) -> str:
    return str(answer.json()["type"])


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:8080", "[::1]"])
def test_the_loopback_is_known_by_all_its_names(server: httpx.Client, host: str) -> None:
    assert server.get(f"{CALLS}/status", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "localhost:", "", "127.0.0.2"]
)
@pytest.mark.parametrize("path", EVERY_KIND)
def test_another_host_name_is_refused(server: httpx.Client, host: str, path: str) -> None:
    answer = server.get(path, headers={"host": host})

    assert (answer.status_code, error_of(answer)) == (403, "host.refused")


def test_a_host_that_is_missing_or_given_twice_is_refused(server: httpx.Client) -> None:
    assert sent(server, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 403")
    assert sent(server, head("GET", "/", "Host: localhost", "Connection: close")).startswith(b"HTTP/1.1 403")


def test_a_name_that_was_allowed_is_known() -> None:
    with running(Limits(hosts=("Dialer.Example",))) as client:
        assert client.get("/simulation/clock", headers={"host": "dialer.example:81"}).status_code == 200


def test_a_page_of_this_server_may_ask(server: httpx.Client) -> None:
    origin = str(server.base_url).rstrip("/")

    answer = server.get(f"{CALLS}/status", headers={"origin": origin, "sec-fetch-site": "same-origin"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", EVERY_KIND)
def test_a_page_of_another_origin_is_refused(server: httpx.Client, headers: dict[str, str], path: str) -> None:
    answer = server.get(path, headers=headers)

    assert (answer.status_code, error_of(answer)) == (403, "origin.refused")


@pytest.mark.parametrize("path", EVERY_KIND)
@pytest.mark.parametrize("dest", ["document", "iframe"])
def test_a_link_of_another_site_leads_to_pages_only(server: httpx.Client, path: str, dest: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": dest}

    answer = server.get(path, headers=headers)

    assert (answer.status_code != 403) == (path in ("/", "/schema") and dest == "document")


@pytest.mark.parametrize("path", EVERY_KIND)
def test_every_answer_says_how_to_treat_it(server: httpx.Client, path: str) -> None:
    headers = server.get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
