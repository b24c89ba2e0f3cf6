"""Names go through every output as text: nothing in them is run, read as markup, or sent to a terminal as control."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fastexcel
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import Scenario, simulate
from engine.fitting.fit import fit
from engine.fitting.scenario_text import parts_text
from engine.logs.call_log import read_call_log
from engine.logs.forms import LogForm
from engine.reading.document import json_text, parse_document
from engine.reading.names import RUN_BY_SPREADSHEETS, is_halved, visible
from engine.report.folders import write_comparison
from engine.report.run import run_page
from engine.report.workbook import run_workbook
from engine.results.lock import lock_text
from engine.terminal.comparison import comparison_report
from engine.terminal.console import PlainConsole
from engine.terminal.fit import fit_report
from engine.terminal.run import run_report
from engine.terminal.tables import write_svg
from engine.whatif.comparing import compare
from engine.whatif.replications import Runs
from engine.whatif.variants import Variant
from engine.whatif.workers import Workers
from tests.campaigns import busy_day
from tests.hostile_names import hostile_names
from tests.report.parsed import charts_of, parsed

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Each example plays a campaign, and draws all that is drawn of it."""
LOG = LogForm(columns={"phone": "MSISDN", "start": "Started", "seconds": "Duration", "outcome": "Result"})


whole_names = hostile_names(1).filter(lambda name: not is_halved(name))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A campaign in which everything that has a name has a hostile one."""
    names = draw(st.lists(whole_names, min_size=2, max_size=4, unique=True))
    outcomes = {name: {"share": 0.7 / len(names), "seconds": 20} for name in names if name != "answered"}
    rest = 1 - sum(each["share"] for each in outcomes.values())
    return busy_day(
        name=draw(hostile_names()),
        outcomes={"answered": {"share": rest, "seconds": 60}, **outcomes},
        segments=[{"name": name, "share": 0.1} for name in names],
        numbers=[{"generate": {"count": 20}}],
    )


def told(report: Any) -> str:
    """What a terminal with colours is sent."""
    text = io.StringIO()
    PlainConsole(file=text, width=200, force_terminal=True, color_system="truecolor").print(report)
    return text.getvalue()


def controls(text: str) -> set[str]:
    """What cannot be seen in a text, without the ends of its lines and the colours of the terminal."""
    return {each for each in re.sub(r"\x1b\[[0-9;]*m", "", text) if each != "\n" and not each.isprintable()}


def texts_of(picture: Path) -> str:
    """The text in a picture, which is XML."""
    return "".join(ElementTree.fromstring(picture.read_bytes()).itertext()).replace("\xa0", " ")  # noqa: S314 (our own)


@FEW
@given(documents())
def test_a_run_shows_names_as_text_in_every_output(tmp_path: Path, document: dict[str, Any]) -> None:
    scenario = Scenario.from_document(document)
    result = simulate(scenario, engine="reference")
    drawn = tmp_path / "run.svg"
    recording = PlainConsole(record=True, width=200, file=io.StringIO())
    recording.print(run_report(result))
    write_svg(recording, drawn, document["name"])

    report, lock = told(run_report(result)), lock_text(scenario, result.digest, tmp_path)
    page = parsed(run_page(result))

    assert controls(report) == controls(texts_of(drawn)) == controls(lock) == set()
    assert (
        controls(json_text(result.summary_document))
        == controls(repr(result))
        == controls(scenario._repr_html_())
        == set()
    )
    assert controls("".join(page.texts)) == set()
    assert len(page.find("script")) == 3
    assert not page.find("b")
    for chart in charts_of(page):
        assert not [each for trace in chart["data"] if controls(each := trace.get("name", ""))]
    for name in document["outcomes"]:
        assert visible(name).strip()[:20] in report
    assert (
        parse_document(lock.encode(), "lock", json_text=False).value["outcomes"].keys() == document["outcomes"].keys()
    )


@FEW
@given(documents())
def test_a_workbook_of_any_names_is_whole_and_shows_them(document: dict[str, Any]) -> None:
    book = run_workbook(simulate(Scenario.from_document(document), engine="reference"))

    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        for part in parts.namelist():
            ElementTree.fromstring(parts.read(part))  # noqa: S314 (our own)
            assert b"<f>" not in parts.read(part)
    sheets = fastexcel.read_excel(book)
    shown = [row[0] for row in sheets.load_sheet("Outcomes", header_row=None, dtypes="string").to_polars().rows()]
    assert {visible(name) for name in document["outcomes"]} >= {*shown[1:]} - {None}
    assert sheets.load_sheet("Timeline", header_row=None).to_polars().height > 1


@FEW
@given(documents(), st.lists(whole_names, min_size=1, max_size=3, unique=True))
def test_a_comparison_shows_names_as_text_in_every_output(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("compared")
    base = Scenario.from_document(document)
    others = [Variant(name, {name: {name: name}}, base) for name in names if name != "base"]
    compared = compare([Variant("base", {}, base), *others], 1, Runs(folder / "runs"), Workers(jobs=1))

    write_comparison(compared, base, folder / "out")

    page = parsed((folder / "out/report.html").read_text(encoding="utf-8"))
    assert (
        controls(told(comparison_report(compared.comparison, "UTC", ["numbers.reached"], "numbers.reached"))) == set()
    )
    assert controls("".join(page.texts)) == set()
    assert not page.find("b")
    assert controls((folder / "out/comparison.json").read_text(encoding="utf-8")) == set()
    for cell in cells(folder / "out/variants.csv"):
        assert cell.isprintable()
        assert not cell.startswith(RUN_BY_SPREADSHEETS) or re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", cell)


def cells(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="") as read:
        for row in csv.reader(read):
            yield from row


@pytest.fixture(scope="module")
def fitted() -> Any:
    return fit(read_call_log(Path("scenarios/call_log.csv"), LOG), 200)


@FEW
@given(hostile_names(1))
def test_the_name_of_a_log_stays_in_its_comment(fitted: Any, name: str) -> None:
    text = parts_text(fitted, name)

    assert parse_document(text.encode(), "fitted", json_text=False).value == fitted.parts
    assert controls(text) == set()
    assert controls(told(fit_report(fitted, name))) == set()
