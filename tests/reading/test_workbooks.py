"""A workbook whose sheet would take too much memory is refused before it is read."""

import io
import zipfile
from collections.abc import Callable
from functools import partial

import pytest
import xlsxwriter

from engine.reading.faults import InputError
from engine.reading.workbooks import check_workbook

LAST_ROW, LAST_COLUMN = 1 << 20, 1 << 14


def workbook(*cells: tuple[int, int]) -> bytes:
    """A workbook with something in some cells, each given by its row and its column from 0."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, column in cells:
            sheet.write(row, column, 1)
    return data.getvalue()


def of_rows(rows: str) -> bytes:
    """A workbook whose only sheet has these rows, as XML."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    return data.getvalue()


FAR = f'<row r="{LAST_ROW}"><c r="AB{LAST_ROW}"><v>1</v></c></row>'
EMPTY_ROWS = '<row r="1" spans="1:2"/>' * 300_000


@pytest.mark.parametrize(
    "made",
    [
        partial(workbook, (0, 0), (LAST_ROW - 1, LAST_COLUMN - 1)),
        partial(workbook, (0, 30), (LAST_ROW - 1, 0)),
        partial(of_rows, FAR),
        partial(of_rows, FAR.replace("<c r=", "<c s='>' r = ").replace('"', "'")),
        partial(of_rows, FAR.replace("<", "<x:").replace("<x:/", "</x:")),
        partial(of_rows, EMPTY_ROWS + f"<row>{'<c><v>1</v></c>' * 1_000}</row>"),
        partial(of_rows, f'<row r="{LAST_ROW}">{"<c><v>1</v></c>" * 100}</row>'),
    ],
)
def test_cells_far_apart_are_refused(made: Callable[[], bytes]) -> None:
    with pytest.raises(
        InputError, match=r"found a sheet of [0-9,]+ rows and [0-9,]+ columns in .* at most 4,194,304 ce"
    ):
        check_workbook(made(), "the list")


@pytest.mark.parametrize(
    "made",
    [
        partial(workbook, (0, 0), (LAST_ROW - 1, 2)),
        partial(workbook, (0, LAST_COLUMN - 1), (200, 0)),
        partial(of_rows, f'<row r="{LAST_ROW}"><c r="XFD{LAST_ROW}" s="1"/></row>'),
        partial(of_rows, EMPTY_ROWS + "<row><c><v>1</v></c></row>"),
        partial(workbook),
        lambda: b"no archive",
    ],
)
def test_what_takes_little_memory_is_not_refused(made: Callable[[], bytes]) -> None:
    check_workbook(made(), "the list")


def test_a_place_that_lies_across_two_blocks_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.reading.contents.BLOCK", 16)

    with pytest.raises(InputError, match="1,048,576 rows and 28 columns"):
        check_workbook(of_rows(FAR), "the list")
