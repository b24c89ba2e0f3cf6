"""An address that speaks the Calls API passes; broken, or playing something else, it fails."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.server.tokens import DOCUMENTED
from engine.testing import calls_api, check_against_reference
from engine.testing.protocol import SchedulerError

SCENARIO: dict[str, Any] = {
    "start": "2026-03-08T06:30:00Z",
    "finish": "2026-03-12T06:30:00Z",
    "seed": 3,
    "campaign": {"lines": 1, "gmtZone": "America/New_York", "maxAttempts": 2, "retryIntervalInMinutes": 10},
    "numbers": [],
    "outcomes": {
        "answered": {"share": 0.5, "seconds": 60, "redials": [{"share": 0.5, "startAfterMinutes": 20}]},
        "noAnswer": {"share": 0.5, "seconds": 300, "retry": True},
    },
}


@contextmanager
def served(tmp_path: Path, *program: str) -> Iterator[str]:
    """The address of a server of SCENARIO that runs in a process of its own."""
    file = tmp_path / "scenario.json"
    file.write_bytes(msgspec.json.encode(SCENARIO))
    options = ("--scenario", str(file), "--token", DOCUMENTED, "--port", "0", "--paused")
    command = [sys.executable, *program, "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stderr
            told = re.search(r"http://\S+?(?=/)", process.stdout.readline())
            assert told, process.stderr.read()
            yield told[0]
        finally:
            process.kill()


def test_our_server_passes(tmp_path: Path) -> None:
    with served(tmp_path, "-m", "engine") as address:
        check_against_reference(address, scenario=SCENARIO, examples=20)


def test_a_server_with_a_bug_fails(tmp_path: Path) -> None:
    broken = served(tmp_path, "-m", "tests.testing.broken_server")
    with broken as address, pytest.raises(AssertionError, match="leaves the rules at") as found:
        check_against_reference(address, scenario=SCENARIO, examples=100)

    assert "counted from the call's end" in str(found.value)
    assert str(found.value).count("'phone'") == 1


def test_a_campaign_is_told_by_its_address_and_the_default_one_need_not_be_described() -> None:
    with calls_api() as server:
        check_against_reference(server.url, examples=2)
    with calls_api(SCENARIO) as server:
        check_against_reference(server.campaign(""), scenario=SCENARIO, examples=2)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"seed": 4}, "their luck differs"),
        (
            {"start": "2026-03-08T06:31:00Z"},
            "the address begins at 2026-03-08T06:30:00Z, the scenario at 2026-03-08T06:31",
        ),
    ],
)
def test_an_address_that_plays_another_scenario_is_told(other: dict[str, Any], words: str) -> None:
    with calls_api(SCENARIO) as server, pytest.raises(SchedulerError, match=words):
        check_against_reference(server.campaign(""), scenario=SCENARIO | other, examples=50)


def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(SchedulerError, match="POST /simulation/reset: the address does not answer"):
        check_against_reference("http://127.0.0.1:9", scenario=SCENARIO, examples=1)


def test_what_is_no_address_and_what_has_no_use_for_a_scenario_are_refused() -> None:
    with pytest.raises(ValueError, match=r"found the scheduler 'node my\.js'; allowed: http://host:port"):
        check_against_reference("node my.js")
    with pytest.raises(ValueError, match="only an address plays a scenario"):
        check_against_reference(["node", "my.js"], scenario=SCENARIO)
    numbers = [{"addPhones": [{"phone": 16505550000}]}]
    with pytest.raises(ValueError, match=r"numbers: \[\], for the kit adds them"):
        check_against_reference("http://127.0.0.1:9", scenario=SCENARIO | {"numbers": numbers})
