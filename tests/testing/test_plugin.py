"""The plugin for pytest makes a test of each scenario, and of each variant, that expects something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.testing.plugin import OPTION

SCENARIO = """\
start: 2026-03-02T00:00:00Z
finish: 2026-03-03T00:00:00Z
campaign: {lines: 2, allowedTime: 9-20}
numbers: [{generate: {count: 10}}]
outcomes: {answered: {share: 1, seconds: 60}}
"""
EXPECTING = SCENARIO + "expect: {figures: {calls.total: 10, numbers.reached_share: {atLeast: 1}}}\n"
WITH_VARIANTS = (
    SCENARIO
    + """\
whatIf:
  variants:
    one line:
      campaign: {lines: 1}
      expect: {figures: {lines.most_in_use: 2, calls.total: 10}, digest: "0000000000000000"}
    three: {campaign: {lines: 3}}
"""
)


def pytest_of(folder: Path, *arguments: str, alone: bool = True) -> tuple[int, str]:
    """The exit status and the output of pytest on a folder of scenarios, started in an empty folder.

    Other plugins that are installed take seconds to load: unless `alone`, they are there, and ours as they are.
    """
    (folder.parent / "empty").mkdir(exist_ok=True)
    plugins = ["-p", "engine.testing.plugin"] if alone else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *plugins, *arguments, OPTION, str(folder)],
        cwd=folder.parent / "empty",
        env=os.environ | ({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if alone else {}),
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scenarios" / "later").mkdir(parents=True)
    return tmp_path / "scenarios"


def test_scenarios_that_come_to_what_they_expect_pass_and_others_are_counted(folder: Path) -> None:
    (folder / "good.yaml").write_text(EXPECTING)
    (folder / "later" / "more.yml").write_text(EXPECTING)
    (folder / "plain.yaml").write_text(SCENARIO)
    (folder / "list.csv").write_text("phone\nexpect\n")
    status, output = pytest_of(folder, "-v", alone=False)
    assert status == 0, output
    assert output.count("PASSED") == 2
    assert "good.yaml::expect PASSED" in output
    assert f"dialer scenarios in {folder}: 2 with `expect:`, 1 files without" in output


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of scenarios of which four fail; one run for all tests that read it, for a run takes seconds."""
    folder = tmp_path_factory.mktemp("failing") / "scenarios"
    folder.mkdir()
    (folder / "variants.yaml").write_text(WITH_VARIANTS + "expect: {figures: {lines.most_in_use: 2}}\n")
    (folder / "faulty.yaml").write_text(EXPECTING.replace("lines: 2", "lines: many").replace("calls.total", "calls"))
    (folder / "unknown.yaml").write_text(EXPECTING.replace("calls.total", "calls"))
    (folder / "kept.yaml").write_text(SCENARIO + "expect: {invariants: [all]}\n")
    (folder / "magic.yaml").write_text(SCENARIO + "expect: {invariants: [windows, magic]}\n")
    status, output = pytest_of(folder, "-v")
    assert status == 1, output
    assert "4 failed, 2 passed" in output
    assert "Traceback" not in output
    assert "plugin.py" not in output
    return output


def test_a_variant_is_held_to_what_it_expects_itself_and_all_is_told_that_it_misses(failing: str) -> None:
    assert "variants.yaml::expect PASSED" in failing
    assert " variants.yaml: expect[one line] " in failing
    assert "lines.most_in_use: expected 2; found 1\ndigest: expected 0000000000000000; found" in failing


def test_faults_of_a_scenario_are_its_tests_failure(failing: str) -> None:
    assert "faulty.yaml:3: campaign.lines: found " in failing
    assert "unknown.yaml:6: expect.figures.calls: found an unknown figure" in failing


def test_invariants_are_held_and_those_that_there_are_not_are_named(failing: str) -> None:
    assert "kept.yaml::expect PASSED" in failing
    assert 'magic.yaml:6: expect.invariants[1]: found "magic"; allowed: all or attempts' in failing


def test_a_file_that_cannot_be_read_and_a_folder_that_is_not_there_are_said(folder: Path) -> None:
    (folder / "torn.yaml").write_text("expect: [")
    (folder / "wide.yaml").write_text(EXPECTING, "utf-16")
    status, output = pytest_of(folder)
    assert status == 2
    assert "torn.yaml:1: found text that is not YAML" in output
    assert "wide.yaml: found a byte that is not UTF-8" in output
    status, output = pytest_of(folder / "nowhere")
    assert status == pytest.ExitCode.USAGE_ERROR
    assert "nowhere: found nothing there; write a folder of scenario files" in output


def test_tests_that_are_named_run_alone(folder: Path) -> None:
    (folder / "variants.yaml").write_text(WITH_VARIANTS + "expect: {figures: {lines.most_in_use: 2}}\n")
    (folder / "later" / "OTHER.YAML").write_text(EXPECTING)
    _, output = pytest_of(folder, "-v", f"{folder / 'variants.yaml'}::expect", str(folder / "later"))
    assert "2 passed" in output, output
    assert "variants.yaml::expect PASSED" in output
    assert "OTHER.YAML::expect PASSED" in output


def test_the_engine_is_not_loaded_by_runs_of_pytest_that_do_not_ask_for_it() -> None:
    code = "import sys, engine.testing.plugin; print([name for name in sys.modules if name in ('numpy', 'polars')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
