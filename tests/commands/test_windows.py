"""The command `dialer windows`, as its users meet it."""

import json

from tests.commands.dialer import EXAMPLE, ROOT, dialer


def test_windows_are_shown_in_the_policys_zone() -> None:
    done = dialer(
        "windows",
        "--policy",
        ROOT / "scenarios/policy.json",
        "--from",
        "2026-03-06T00:00:00Z",
        "--to",
        "2026-03-10T00:00:00Z",
        "--json",
    )

    assert json.loads(done.stdout) == {
        "zone": "America/New_York",
        "windows": [
            {"opens": "2026-03-06T15:00:00Z", "closes": "2026-03-06T23:00:00Z"},
            {"opens": "2026-03-09T14:00:00Z", "closes": "2026-03-09T15:30:00Z"},
            {"opens": "2026-03-09T17:00:00Z", "closes": "2026-03-09T18:30:00Z"},
        ],
    }


def test_windows_names_every_fault_of_its_options() -> None:
    done = dialer("windows", "--policy", EXAMPLE, "--from", "yesterday", "--to", "2026-03-10")

    assert done.returncode == 1
    assert "--from: found " in done.stderr
    assert "--to: found " in done.stderr
