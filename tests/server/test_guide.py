"""The guide of the server: what it says can be done as it stands."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.testing import CallsApiServer, calls_api_server

__all__ = ["calls_api_server"]
GUIDE = Path("docs/guides/calls_api.md")
TESTING = Path("docs/guides/test_your_integration.md")
DOCUMENTED_HOST = "http://localhost:8080"


def the_curl() -> str:
    """The request of the documentation of `addPhones`, as the guide shows it."""
    commands: list[str] = re.findall(r"^curl --request POST .*?^\]'$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    [command] = commands
    return command


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_documented_request_works_as_it_stands(calls_api_server: CallsApiServer) -> None:
    words = shlex.split(the_curl().replace("\\\n", " ").replace(DOCUMENTED_HOST, calls_api_server.url))
    answer = subprocess.run([*words, "--silent", "--show-error"], capture_output=True, check=True)
    assert msgspec.json.decode(answer.stdout) == ["1-0"]


def test_the_documented_request_has_the_body_of_the_shipped_example() -> None:
    body = shlex.split(the_curl().replace("\\\n", " "))[-1]
    assert msgspec.json.decode(body) == msgspec.json.decode(Path("scenarios/api_example.json").read_bytes())


def test_the_tests_of_the_guide_pass(tmp_path: Path) -> None:
    blocks = re.findall(r"^```text\n# (\w+\.py)\n(.*?)^```$", TESTING.read_text(), re.MULTILINE | re.DOTALL)
    assert [name for name, _ in blocks] == ["reminders.py", "conftest.py", "test_reminders.py"]
    for name, text in blocks:
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
