"""The workbook of a run says what its summary and tables say, on the campaign's clock, and never runs a name."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import fastexcel
import polars as pl

from engine.report.workbook import run_workbook
from engine.results.result import Result, simulate
from engine.results.summary import figures_by_name
from engine.scenario.scenario import Scenario
from engine.wording.figures import figure_title
from engine.wording.runs import run_headline


def result(zone: str = "America/New_York", name: str = "Spring", **changes: Any) -> Result:
    document = {
        "name": name,
        "start": "2026-03-07T12:00:00Z",
        "finish": "2026-03-09T12:00:00Z",
        "campaign": {"lines": 2, "gmtZone": zone, "maxAttempts": 3},
        "numbers": [{"generate": {"count": 40}}],
        "outcomes": {
            "answered": {"share": 0.4, "seconds": 60},
            "=1+1": {"share": 0.6, "seconds": 20, "retry": True},
        },
        **changes,
    }
    return simulate(Scenario.from_document(document))


def sheet(book: bytes, name: str) -> list[tuple[Any, ...]]:
    """The cells of a sheet as text, header and all."""
    return fastexcel.read_excel(book).load_sheet(name, header_row=None, dtypes="string").to_polars().rows()


def test_the_answer_is_that_of_the_terminal() -> None:
    played = result()
    told = [row[0] for row in sheet(run_workbook(played), "Answer")]
    headline = run_headline(played)
    assert told[:2] == ["Spring", headline.answer]
    assert {*headline.more, *headline.about} <= set(told)
    assert "Times are on the clock of America/New_York." in told


def test_every_figure_has_its_title_and_value() -> None:
    played = result()
    rows = {row[2]: row for row in sheet(run_workbook(played), "Figures")[1:]}
    values = figures_by_name(played.figures)
    assert rows.keys() == values.keys()
    assert all(row[0] == figure_title(name) for name, row in rows.items())
    assert int(rows["numbers.reached"][1]) == values["numbers.reached"]
    assert (rows["goal.met"][1] if "goal.met" in rows else None) is None


def test_instants_are_on_the_campaigns_clock_also_where_clocks_change() -> None:
    played = result()
    instants = [row[0] for row in sheet(run_workbook(played), "Timeline")[1:]]
    expected = [
        str(moment.replace(tzinfo=None)) for moment in played.timeline["time"].dt.convert_time_zone("America/New_York")
    ]
    assert instants == expected
    steps = {datetime.fromisoformat(b) - datetime.fromisoformat(a) for a, b in itertools.pairwise(instants)}
    assert steps == {timedelta(minutes=15), timedelta(minutes=75)}, "clocks go forward in that night"


def test_numbers_are_those_of_the_table() -> None:
    played = result()
    rows = sheet(run_workbook(played), "Numbers")
    assert list(rows[0]) == played.numbers.columns
    assert [row[0] for row in rows[1:]] == played.numbers["phone"].to_list()


def test_a_name_is_text_whatever_it_is() -> None:
    book = run_workbook(result(name="=HYPERLINK(1)"))
    assert sheet(book, "Answer")[0][0] == "=HYPERLINK(1)"
    assert "=1+1" in [row[0] for row in sheet(book, "Outcomes")]


def test_a_run_has_one_workbook() -> None:
    assert run_workbook(result()) == run_workbook(result())
    assert run_workbook(result(zone="-05:00")) != run_workbook(result())


def test_a_long_list_is_left_to_its_table() -> None:
    book = run_workbook(result(numbers=[{"generate": {"count": 50_001}}], finish="2026-03-07T13:00:00Z"))
    assert "Numbers" not in fastexcel.read_excel(book).sheet_names
    assert "The numbers are in numbers.parquet: 50,001 of them." in [row[0] for row in sheet(book, "Answer")]
    assert isinstance(result().numbers, pl.DataFrame)
