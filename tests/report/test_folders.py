"""The folders of comparisons and sizings: whole, with the sentence that the faces say."""

import json
import os
from pathlib import Path

import polars as pl
import pytest

from engine import Scenario
from engine.reading.faults import InputError
from engine.report.folders import write_comparison, write_sizing
from engine.whatif.comparing import compare
from engine.whatif.comparison import Compared
from engine.whatif.replications import Runs
from engine.whatif.variants import Variant
from engine.whatif.workers import Workers
from engine.wording.comparisons import comparison_headline
from engine.wording.sizings import sizing_headline
from tests.campaigns import busy_day
from tests.report.parsed import parsed
from tests.report.samples import sizing

BASE = Scenario.from_document(busy_day())


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    six = Variant("six", {}, BASE.varied(busy_day(campaign={"lines": 6})))
    return compare([Variant("base", {}, BASE), six], 3, Runs(tmp_path_factory.mktemp("runs")), Workers(jobs=1))


def answer_in(page: Path) -> str:
    paragraphs = parsed(page.read_text(encoding="utf-8")).find("p")
    return next(each for each in paragraphs if each.attributes.get("class") == "answer").text


def test_a_comparison_is_written_with_its_tables_a_lock_and_a_page(compared: Compared, tmp_path: Path) -> None:
    write_comparison(compared, BASE, tmp_path / "out")

    names = {file.name for file in (tmp_path / "out").iterdir()}
    tables = {"variants.csv", "replications.parquet"}
    assert names == {"comparison.json", "scenario.lock.yaml", "report.html", *tables}
    assert len(pl.read_parquet(tmp_path / "out/replications.parquet")) == 6
    with pytest.raises(InputError, match="results of an earlier run"):
        write_comparison(compared, BASE, tmp_path / "out")


def test_the_document_and_the_page_of_a_comparison_say_the_same(compared: Compared, tmp_path: Path) -> None:
    write_comparison(compared, BASE, tmp_path, "calls.total", force=True)

    document = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    headline = comparison_headline(compared.comparison, "calls.total", "Z")
    assert [variant["name"] for variant in document["variants"]] == ["base", "six"]
    assert document["sentence"] == headline.text
    assert answer_in(tmp_path / "report.html") == headline.answer


@pytest.mark.parametrize("answer", [3, None])
def test_the_document_and_the_page_of_a_sizing_say_the_same(answer: float | None, tmp_path: Path) -> None:
    found = sizing(answer=answer)
    write_sizing(found, tmp_path / "out")

    document = json.loads((tmp_path / "out/sizing.json").read_text(encoding="utf-8"))
    headline = sizing_headline(found, "Z")
    assert document["sentence"] == headline.text
    assert answer_in(tmp_path / "out/report.html") == headline.answer


def test_a_comparison_is_written_into_a_folder_whose_name_is_not_utf_8(compared: Compared, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")

    write_comparison(compared, BASE, folder)

    assert {"variants.csv", "replications.parquet"} < {each.name for each in folder.iterdir()}
