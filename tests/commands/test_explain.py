"""The command `dialer explain`, as its users meet it."""

import json
from pathlib import Path

from engine import simulate
from tests.commands.dialer import EXAMPLE, SPRING, dialer, unwrapped
from tests.report.samples import few

PHONE = "+16505550123"


def test_the_life_of_a_number_is_shown_with_bars_and_a_row_for_each_stretch() -> None:
    done = dialer("explain", SPRING, "+1 (200) 000-3000")

    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "Tue 2026-03-03  hhhhhhhhhhhhhhhhhhhhLLLLLLLL##rrrLLLhhhhhhhhhhhh" in lines
    assert "It was called 3 times and was not reached; it ended on " in unwrapped(done.stdout)
    assert "in a call: attempt 1, noAnswer, 30 s" in unwrapped(done.stdout)


def test_json_holds_stretches_that_follow_each_other_from_start_to_finish() -> None:
    document = json.loads(dialer("explain", SPRING, "12000003000", "--json").stdout)
    [life] = document["lives"]
    stretches = life["stretches"]

    assert [each["end"] for each in stretches[:-1]] == [each["start"] for each in stretches[1:]]
    assert (stretches[0]["start"], stretches[-1]["end"]) == (document["start"], document["finish"])
    assert sum(life["seconds"].values()) == sum(each["seconds"] for each in stretches) == 14 * 86_400
    assert simulate(SPRING).explain("12000003000").to_json() == document


def test_a_phone_that_is_not_on_the_list_is_one_message_with_the_nearest() -> None:
    done = dialer("explain", SPRING, "2000003000")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        'PHONE: found "2000003000", which is not on the list; allowed: a phone of the list; the nearest: +12000003000'
    ]


def test_of_many_numbers_with_one_phone_the_first_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    phones = [{"phone": "+16505550100", "payload": {"job": job}} for job in range(23)]
    document = few(numbers=[{"addPhones": phones}])
    (tmp_path / "many.json").write_text(json.dumps(document), encoding="utf-8")
    done = dialer("explain", tmp_path / "many.json", "+16505550100", "--page", tmp_path / "page.html")

    assert done.stdout.count("from (") == 20
    assert unwrapped(done.stdout).rstrip().endswith("and 3 more numbers with this phone; --json has them all")
    assert "and 3 more numbers with this phone" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_page_is_written_once_and_replaced_only_by_force(tmp_path: Path) -> None:
    [phone] = simulate(EXAMPLE).numbers["phone"].to_list()[:1]
    asked = ("explain", EXAMPLE, phone, "--page", tmp_path / "life.html")

    assert dialer(*asked).returncode == 0
    first = (tmp_path / "life.html").read_text(encoding="utf-8")
    assert first.startswith("<!doctype html>")
    assert dialer(*asked).returncode == 1
    assert dialer(*asked, "--force").returncode == 0


def test_a_page_over_the_scenario_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "scenario.yaml"
    copy.write_text(SPRING.read_text(encoding="utf-8"), encoding="utf-8")

    assert dialer("explain", copy, "12000003000", "--page", copy, "--force").returncode == 1
    assert copy.read_text(encoding="utf-8") == SPRING.read_text(encoding="utf-8")


def test_a_run_tells_on_what_the_time_went_only_if_that_is_asked_for() -> None:
    counted = json.loads(dialer("run", SPRING, "--waiting", "--json").stdout)
    plain = json.loads(dialer("run", SPRING, "--json").stdout)

    assert abs(sum(counted["waits"].values()) - 1) < 1e-9
    assert "waiting for a line" in counted["sentence"]
    assert plain["waits"] is None
    assert plain["digest"] == counted["digest"]
