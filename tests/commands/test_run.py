"""The command `dialer run` with replications."""

import json
from pathlib import Path

from tests.campaigns import busy_day
from tests.commands.test_cli import dialer


def test_replications_draw_the_band_of_other_luck_into_the_report(tmp_path: Path) -> None:
    (tmp_path / "scenario.json").write_text(json.dumps(busy_day()))
    run = ("run", tmp_path / "scenario.json", "--runs", tmp_path / "runs", "--replications", "5")

    done = dialer(*run, "--out", tmp_path / "out")

    assert done.returncode == 0, done.stderr
    assert "95 % of the replications" in (tmp_path / "out/report.html").read_text()
    assert len(list((tmp_path / "runs").rglob("*.json"))) == 5


def test_replications_without_a_folder_for_the_report_are_wrong_usage() -> None:
    assert dialer("run", "scenarios/spring_promo.yaml", "--replications", "5").returncode == 2
