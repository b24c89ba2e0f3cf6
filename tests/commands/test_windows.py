"""The command `dialer windows`, as its users meet it."""

import json
from pathlib import Path

from tests.commands.dialer import EXAMPLE, ROOT, Completed, dialer, unwrapped

START = "2026-03-06T00:00:00Z"


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
        "warnings": [],
        "windows": [
            {"opens": "2026-03-06T15:00:00Z", "closes": "2026-03-06T23:00:00Z"},
            {"opens": "2026-03-09T14:00:00Z", "closes": "2026-03-09T15:30:00Z"},
            {"opens": "2026-03-09T17:00:00Z", "closes": "2026-03-09T18:30:00Z"},
        ],
    }


def test_a_zone_that_does_not_follow_the_clocks_there_is_told_above_the_windows(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text('{"gmtZone": "-05:00"}')
    asked = ("windows", "--policy", tmp_path / "policy.json", "--from", START, "--to", "2026-03-10T00:00:00Z")

    shown, document = dialer(*asked), json.loads(dialer(*asked, "--json").stdout)

    note = "gmtZone -05:00 never changes, clocks of people there do (America/New_York, perhaps)"
    assert unwrapped(shown.stdout).startswith(f"note: {note} -05:00 ")
    assert document["warnings"] == [{"kind": "fixed_zone", "text": note, "count": None}]


def test_no_window_lies_on_closed_dates_and_holidays() -> None:
    span = ("--from", "2026-12-22T00:00:00Z", "--to", "2026-12-29T00:00:00Z", "--json")
    closed = ("--closed-dates", "2026-12-23,2026-12-24", "--holidays", "us-CA")

    done = dialer("windows", "--policy", ROOT / "scenarios/policy.json", *span, *closed)

    assert [each["opens"] for each in json.loads(done.stdout)["windows"]] == [
        "2026-12-22T15:00:00Z",
        "2026-12-28T15:00:00Z",
        "2026-12-28T18:00:00Z",
    ]


def test_closed_dates_that_are_none_are_faults_of_their_options() -> None:
    done = to("2026-03-10T00:00:00Z", "--closed-dates", "2026-03-09,25.12.2026", "--holidays", "UK,US-XX")

    assert done.returncode == 1
    closed, country, part, count = done.stderr.splitlines()
    assert closed.startswith('--closed-dates: found "25.12.2026"; allowed: a date such as 2026-12-25')
    assert country.startswith('--holidays: found "UK"; allowed: GB, perhaps; or ')
    assert part.startswith('--holidays: found "XX"; allowed: one of AK, ')
    assert count == "3 faults"


def test_holidays_that_nobody_knows_are_told_above_the_windows() -> None:
    done = to("2026-03-10T00:00:00Z", "--holidays", "UA")

    assert unwrapped(done.stdout).startswith("note: no holidays of UA are known in 2026 (name closed dates of these")


def test_windows_names_every_fault_of_its_options() -> None:
    done = dialer("windows", "--policy", EXAMPLE, "--from", "yesterday", "--to", "2026-03-10")

    assert done.returncode == 1
    assert "--from: found " in done.stderr
    assert "--to: found " in done.stderr


def to(finish: str, *options: str) -> Completed:
    return dialer("windows", "--policy", ROOT / "scenarios/policy.json", "--from", START, "--to", finish, *options)


def test_a_table_of_too_many_windows_is_refused_with_what_to_do() -> None:
    done = to("9999-12-30T00:00:00Z")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "--to: found 9999-12-30T00:00:00Z, with more than 10,000 windows; allowed: an instant to which there are at "
        "most 10,000; or --json, which prints any number\n"
    )


def test_json_has_any_number_of_windows_as_one_document() -> None:
    done = to("2066-03-06T00:00:00Z", "--json")

    document = json.loads(done.stdout)
    assert len(document["windows"]) > 10_000
    assert done.stdout == json.dumps(document, indent=2) + "\n"


def test_json_without_windows_is_one_document() -> None:
    done = to("2026-03-06T00:00:01Z", "--json")

    assert done.stdout == json.dumps({"zone": "America/New_York", "warnings": [], "windows": []}, indent=2) + "\n"


def test_a_window_that_is_too_wide_for_the_terminal_is_shown_whole(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        'gmtZone: America/New_York\nallowedTime: {default: [{localTimeFrom: "10:00", localTimeTo: "19:00"}]}'
    )

    done = dialer("windows", "--policy", policy, "--from", "2026-03-06T00:00:00Z", "--to", "2026-03-07T12:00:00Z")

    assert "…" not in done.stdout
    assert "10:00 to 19:00" in done.stdout
    assert "2026-03-07 00:00" in done.stdout
