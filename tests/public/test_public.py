"""The public Python: what `import engine` hands out, and what it shows of itself."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from polars.testing import assert_frame_equal

import engine
from engine.dialing.live import LiveDialer
from engine.results import result as results
from engine.results.figures import figure_named
from engine.testing.strategies import beginnings, policies
from tests.campaigns import busy_day

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scenario() -> engine.Scenario:
    return engine.Scenario.from_document(busy_day())


@pytest.fixture(scope="module")
def result(scenario: engine.Scenario) -> engine.Result:
    return engine.simulate(scenario, calls=True)


def test_dir_lists_exactly_the_public_names() -> None:
    assert [name for name in dir(engine) if not name.endswith("Error")] == [
        *("CallPolicy", "Comparison", "Dialer", "Fitted", "Result", "Scenario", "Sizing"),
        *("__version__", "compare", "fit", "parse_zone", "simulate", "size"),
    ]
    assert all(hasattr(engine, name) for name in engine.__all__)
    assert engine.__version__.count(".") == 2


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        engine.simulat  # noqa: B018


def test_importing_it_loads_nothing_heavy() -> None:
    code = "import sys, engine; print([name for name in ('numpy', 'polars', 'numba') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"


def test_python_minus_m_engine_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engine", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.startswith("\n Usage: dialer") or "Usage: dialer" in done.stdout


# Figures


def test_every_figure_has_the_type_of_its_kind(result: engine.Result) -> None:
    types = {"counted": int, "yes-or-no": bool, "instant": datetime, "share": float, "measured": float, "span": float}
    names = result.summary["figure"].to_list()
    for name in names:
        value = result[name]
        assert value is None or type(value) is types[figure_named(name).kind], name
    assert {figure_named(name).kind for name in names} == set(types)


def test_instants_are_those_of_the_tables_in_utc(result: engine.Result) -> None:
    first = result.calls["start"].min()

    assert result["first_call_at"] == first
    assert isinstance(first, datetime)
    assert result["first_call_at"].tzinfo is UTC  # type: ignore[union-attr]


def test_a_figure_that_there_is_not_is_named_with_those_that_are_like_it(result: engine.Result) -> None:
    with pytest.raises(KeyError, match=r"there is no figure numbers\.reachd; numbers\.reached"):
        result["numbers.reachd"]
    with pytest.raises(KeyError, match=r"there is no figure calls\.outcome\.answerd"):
        result["calls.outcome.answerd"]


def test_what_nothing_was_counted_or_measured_of_is_a_figure_all_the_same(result: engine.Result) -> None:
    assert "waiting.3.p90" not in result
    assert result["waiting.3.p90"] is None
    assert result["waiting.3.numbers"] == 0
    assert result["numbers.not_reached.cancelled"] == 0


def test_a_result_says_which_figures_it_has(result: engine.Result) -> None:
    assert "goal.met" in result
    assert list(result) == result.summary["figure"].to_list()


# What is played


def test_a_file_is_played_as_its_scenario_is() -> None:
    file = ROOT / "scenarios/api_example.yaml"

    assert engine.simulate(file).digest == engine.simulate(engine.Scenario.load(file)).digest
    assert engine.simulate(str(file)).digest == engine.simulate(file).digest


def test_a_seed_is_that_of_the_scenario_with_this_seed(scenario: engine.Scenario) -> None:
    with_seed = engine.Scenario.from_document(busy_day(seed=8))

    assert engine.simulate(scenario, seed=8).digest == engine.simulate(with_seed).digest
    assert engine.simulate(scenario, seed=8).digest != engine.simulate(scenario).digest


def test_a_result_is_written_with_its_page_and_its_lock_plays_it_again(result: engine.Result, tmp_path: Path) -> None:
    result.write(tmp_path / "out")

    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"report.html", "calls.parquet", "numbers.parquet", "summary.json", "scenario.lock.yaml"} <= names
    assert engine.simulate(tmp_path / "out/scenario.lock.yaml").digest == result.digest


def test_faults_of_a_scenario_are_named_wherever_it_is_given(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("start: 2026-03-02T00:00:00Z\n")
    for door in (engine.simulate, engine.compare, engine.size, engine.Dialer):
        with pytest.raises(engine.ScenarioError, match="finish: found nothing"):
            door(file)


def test_a_comparison_plays_variants_and_grid(scenario: engine.Scenario, tmp_path: Path) -> None:
    comparison = engine.compare(
        scenario,
        variants={"more": {"campaign": {"lines": 8}}},
        grid={"campaign.lines": [2]},
        replications=3,
        runs=tmp_path / "runs",
    )

    assert comparison.names == ("base", "more", "lines=2")
    assert comparison["more"].differences["numbers.reached_share"].mean is not None
    assert comparison.figures["variant"].unique(maintain_order=True).to_list() == list(comparison.names)
    assert len(comparison.replications) == 9
    comparison.write(tmp_path / "out")
    assert (tmp_path / "out/comparison.json").exists()


def test_without_anything_to_compare_a_comparison_says_so(scenario: engine.Scenario) -> None:
    with pytest.raises(engine.ScenarioError, match="whatIf: found nothing to compare"):
        engine.compare(scenario)


@pytest.mark.parametrize("by", ["lines", "callsPerSecond", "finish"])
def test_a_sizing_answers_as_the_command_does(scenario: engine.Scenario, tmp_path: Path, by: Any) -> None:
    sizing = engine.size(scenario, by, replications=3, runs=tmp_path / "runs")

    assert sizing.by == by
    assert sizing.answer is not None
    assert sizing.points["value"].is_sorted()
    sizing.write(tmp_path / "out")
    assert (tmp_path / "out/sizing.json").exists()
    if by == "finish":
        with pytest.raises(ValueError, match="no capacity to take"):
            sizing.sized()
    else:
        assert engine.simulate(sizing.sized())["goal.met"]


def test_a_fit_gives_parts_that_a_scenario_takes(tmp_path: Path, scenario: engine.Scenario) -> None:
    columns = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    fitted = engine.fit(ROOT / "scenarios/call_log.csv", columns=columns, zone="America/Chicago", minimum=200)

    assert engine.simulate(scenario.changed_by(fitted.parts))["numbers.total"] == 300
    assert fitted.check().is_close
    fitted.write(tmp_path / "parts.yaml")
    with pytest.raises(engine.InputError, match="a file that exists already"):
        fitted.write(tmp_path / "parts.yaml")


def test_a_fit_is_never_written_over_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes((ROOT / "scenarios/call_log.csv").read_bytes())
    columns = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    fitted = engine.fit(log, columns=columns, zone="America/Chicago", minimum=200)

    with pytest.raises(engine.InputError, match="the same command reads"):
        fitted.write(log, force=True)

    assert log.read_bytes() == (ROOT / "scenarios/call_log.csv").read_bytes()


# The live dialer


def test_the_result_of_a_dialer_is_that_of_simulate(scenario: engine.Scenario, result: engine.Result) -> None:
    dialer = engine.Dialer(scenario)
    dialer.run_until(dialer.finish)

    live = dialer.result()
    assert (live.digest, live.figures) == (result.digest, result.figures)
    assert_frame_equal(live.calls, result.calls)


def test_the_result_of_a_dialer_is_written_without_a_lock(scenario: engine.Scenario, tmp_path: Path) -> None:
    dialer = engine.Dialer(scenario)
    dialer.run_for(3_600)
    dialer.result().write(tmp_path / "out")

    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert "summary.json" in names
    assert "scenario.lock.yaml" not in names, "no scenario file plays again what was added and cancelled by hand"


def test_the_goal_of_a_dialer_is_open_until_its_time_has_come(scenario: engine.Scenario) -> None:
    dialer = engine.Dialer(scenario)
    dialer.run_for(600)

    result = dialer.result()
    assert result["goal.met"] is None
    assert "Goal open: " in repr(result)

    dialer.run_until("2026-03-02T06:00:00Z")
    assert dialer.result()["goal.met"] is not None


def test_a_goal_without_a_date_is_open_until_the_finish() -> None:
    dialer = engine.Dialer(engine.Scenario.from_document(busy_day(goal={"reached": 1})))
    dialer.run_for(600)

    assert dialer.result()["goal.met"] is None
    dialer.run_until(dialer.finish)
    assert dialer.result()["goal.met"] is False


def test_a_dialer_runs_until_an_instant_in_any_form(scenario: engine.Scenario) -> None:
    dialer = engine.Dialer(scenario)
    dialer.run_until("2026-03-02T01:00:00+01:00")
    dialer.run_until(datetime(2026, 3, 2, 0, 10, tzinfo=UTC))
    dialer.run_for(timedelta(minutes=5))

    assert dialer.now == scenario.document.start + 900
    for wrong in ("2026-03-02", datetime(2026, 3, 2, 1)):
        with pytest.raises(ValueError, match="not an instant with an offset"):
            dialer.run_until(wrong)


def test_what_was_added_to_an_empty_list_is_not_called_empty(tmp_path: Path) -> None:
    dialer = engine.Dialer(engine.Scenario.from_document(busy_day(numbers=[])))
    empty = dialer.result()
    empty.write(tmp_path / "empty")
    assert [*map(str, empty.warnings)] == ["the list is empty: nobody is called"]
    assert "The list is empty." in repr(empty)

    dialer.add([{"phone": 16505550000}])
    assert "empty_list" not in {note.kind for note in dialer.result().warnings}


def test_a_dialer_says_how_many_numbers_are_to_come(scenario: engine.Scenario) -> None:
    dialer = engine.Dialer(scenario)

    assert "0 jobs and 300 numbers to come" in repr(dialer)
    dialer.run_for(1)
    assert "300 jobs, " in repr(dialer)


@pytest.mark.parametrize("door", [engine.compare, engine.size])
def test_no_replications_are_refused(door: Any, scenario: engine.Scenario) -> None:
    with pytest.raises(ValueError, match="0 replications; at least 1 is needed"):
        door(scenario, replications=0)


def test_a_size_that_nobody_looks_for_is_refused(scenario: engine.Scenario) -> None:
    with pytest.raises(ValueError, match="there is no size to look for named line; lines"):
        engine.size(scenario, by="line")  # type: ignore[arg-type]


def test_what_a_live_dialer_played_is_not_taken_for_what_its_scenario_plays(
    scenario: engine.Scenario, tmp_path: Path
) -> None:
    dialer = engine.Dialer(scenario)
    dialer.add([{"phone": 16505550000}])
    dialer.run_until(dialer.finish)
    live = dialer.result().scenario

    def total(played: engine.Scenario) -> float | None:
        compared = engine.compare(played, grid={"campaign.lines": [2]}, replications=1, runs=tmp_path / "runs")
        return compared["base"].figures["numbers.total"].mean

    assert (total(live), total(scenario)) == (301, 300), "kept runs of one are not those of the other"
    engine.simulate(live, seed=9).write(tmp_path / "out")
    assert not (tmp_path / "out/scenario.lock.yaml").exists()
    with pytest.raises(engine.ScenarioError, match="the scenario of which that dialer was made"):
        engine.Dialer(live)


def test_a_grid_of_what_is_not_a_list_is_refused(scenario: engine.Scenario) -> None:
    for values in ("12", 9):
        with pytest.raises(engine.ScenarioError, match=r"grid\.campaign\.lines: found .*; allowed: a list of values"):
            engine.compare(scenario, grid={"campaign.lines": values})  # type: ignore[dict-item]


# What is shown


def shown(scenario: engine.Scenario, result: engine.Result, folder: Path) -> dict[str, Any]:
    dialer = engine.Dialer(scenario)
    dialer.pause()
    columns = {"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"}
    return {
        "scenario": scenario,
        "result": result,
        "comparison": engine.compare(scenario, grid={"campaign.lines": [2]}, replications=2, runs=folder),
        "sizing": engine.size(scenario, replications=2, runs=folder),
        "fitted": engine.fit(ROOT / "scenarios/call_log.csv", columns=columns, zone="America/Chicago"),
        "dialer": dialer,
        "policy": engine.CallPolicy.from_json({"gmtZone": "Z", "allowedDays": ["mon"]}),
    }


def test_everything_shows_itself_in_one_line_and_as_a_card(
    scenario: engine.Scenario, result: engine.Result, tmp_path: Path
) -> None:
    for name, value in shown(scenario, result, tmp_path).items():
        line = repr(value)
        assert "\n" not in line, name
        assert line.startswith(type(value).__name__ + ("." if name == "policy" else "(")), line
        html = value._repr_html_()
        assert html.startswith("<div"), name
        assert name == "dialer" or "<svg" in html, name


def test_a_card_of_a_result_says_the_answer_and_its_notes() -> None:
    document = busy_day(numbers=[{"addPhones": [{"phone": 16505550000, "dialerPriority": 9}]}])
    html = engine.simulate(engine.Scenario.from_document(document))._repr_html_()

    assert "were reached" in html or "Nobody was reached." in html
    assert "dialerPriority that is not 1 to 5 counts as 5: 1 of the numbers" in html


def all_day(*hours: str) -> dict[str, Any]:
    intervals = (text.split("-") for text in hours)
    return {"allowedTime": {"mon": [{"localTimeFrom": start, "localTimeTo": end} for start, end in intervals]}}


@example(all_day("00:00-12:00", "12:00-00:00"))
@example(all_day("00:00-12:00", "12:00-11:59"))
@example(all_day("08:00-22:00", "22:00-08:00"))
@example(all_day("23:58-23:59", "23:59-23:58"))
@given(beginnings().flatmap(policies))
def test_a_policy_is_what_its_line_and_its_fields_read_as(fields: dict[str, Any]) -> None:
    policy = engine.CallPolicy.from_json(fields)

    assert eval(repr(policy), {"CallPolicy": engine.CallPolicy}) == policy  # noqa: S307 (our own text)
    assert engine.CallPolicy.from_json(policy.to_json()) == policy


def test_the_public_classes_are_those_of_the_rooms() -> None:
    assert issubclass(engine.Result, results.Result)
    assert issubclass(engine.Dialer, LiveDialer)
