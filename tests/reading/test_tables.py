"""Tables: Excel sheets say what a CSV of the same cells says, and encodings are told or found."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.reading import contents
from engine.reading.faults import InputError
from engine.reading.table_forms import AS_IT_IS, TableForm
from engine.reading.tables import Table, csv_table, excel_table


def known(titles: Sequence[str]) -> int:
    return sum(title in ("phone", "n") for title in titles)


def workbook(sheets: dict[str, Sequence[Sequence[Any]]], first_row: int = 0, first_column: int = 0) -> bytes:
    """A workbook of these sheets, whose rows begin at a cell."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows, first_row):
                for column, cell in enumerate(row, first_column):
                    if isinstance(cell, dt.timedelta):
                        sheet.write_datetime(place, column, cell, book.add_format({"num_format": "[h]:mm:ss"}))
                    elif isinstance(cell, dt.time):
                        sheet.write_datetime(place, column, cell, book.add_format({"num_format": "hh:mm"}))
                    elif isinstance(cell, str) and cell:
                        sheet.write_string(place, column, cell)  # also one that begins as a formula does
                    elif cell is not None:
                        sheet.write(place, column, cell)
    return data.getvalue()


def read(rows: Sequence[Sequence[Any]], form: TableForm = AS_IT_IS) -> Table:
    return excel_table(workbook({"Sheet 1": rows}), "f.xlsx", known, form)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (16505550100, "16505550100"),
        (16505550100.0, "16505550100"),
        ("016505550100", "016505550100"),
        (2.5, "2.5"),
        (True, "true"),
        ("9:00", "9:00"),
        (dt.time(9, 0), "09:00:00"),
        (dt.time(23, 59, 58), "23:59:58"),
        (dt.timedelta(hours=30, minutes=2), "30:02:00"),
        (dt.datetime(2026, 3, 2, 9, 30, 15), "2026-03-02 09:30:15"),
        ("two\nlines", "two\nlines"),
        (None, None),
        ("", None),
    ],
)
def test_a_cell_is_the_text_that_a_user_sees(cell: Any, text: str | None) -> None:
    table = read([["phone", "n"], [1, cell], [2, "x"]])
    assert table.frame["n"].to_list() == [text, "x"]


@pytest.mark.parametrize("where", [{}, {"first_row": 3}, {"first_column": 2}, {"first_row": 7, "first_column": 1}])
def test_rows_are_counted_as_the_sheet_counts_them(where: dict[str, int]) -> None:
    rows: list[list[Any]] = [["phone", "n"], [1, 2], [None, None], [3, 4]]
    table = excel_table(workbook({"Sheet 1": rows}, **where), "f.xlsx", known)
    first = where.get("first_row", 0) + 1
    assert table.lines is not None
    assert table.lines.tolist() == [first + 1, first + 3]
    assert table.positions.tolist() == [0, 1]


def test_a_sheet_is_the_first_one_or_the_one_that_is_named() -> None:
    data = workbook({"One": [["phone"], [1]], "Two": [["phone"], [2]]})
    assert excel_table(data, "f", known).frame.rows() == [("1",)]
    assert excel_table(data, "f", known, TableForm(sheet="Two")).frame.rows() == [("2",)]
    with pytest.raises(InputError, match='sheet: found "Three"; allowed: "One", "Two"'):
        excel_table(data, "f", known, TableForm(sheet="Three"))


def test_the_other_sheets_are_named_where_the_first_one_may_not_be_meant() -> None:
    data = workbook({"Cover": [], "Two": [["phone"], [2]], "Three": []})
    with pytest.raises(InputError, match=r'an empty sheet; .*; or another sheet by .*--sheet NAME.*: "Two", "Three"'):
        excel_table(data, "f", known)
    assert '"Two"' in excel_table(workbook({"One": [["a"], [1]], "Two": []}), "f", known).other_sheets
    assert not excel_table(data, "f", known, TableForm(sheet="Two")).other_sheets
    assert not excel_table(workbook({"One": [["a"], [1]]}), "f", known).other_sheets


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([], "f.xlsx: found an empty sheet; allowed: a sheet with a header and rows"),
        ([["phone", "phone"], [1, 2]], "f.xlsx:1: phone: found a column title used twice; allowed: each title once"),
        (
            [[16505550100], [16505550101]],
            'f.xlsx:1: found a first row that looks like data ("16505550100"); all',
        ),
    ],
)
def test_a_sheet_that_is_no_table_is_one_message(rows: Sequence[Sequence[Any]], fault: str) -> None:
    with pytest.raises(InputError) as error:
        read(rows)
    assert str(error.value).startswith(fault)


def test_a_sheet_without_a_header_is_read_by_the_titles_that_are_given() -> None:
    table = read([[16505550100, 3]], TableForm(header=("phone", "n")))
    assert table.frame.rows() == [("16505550100", "3")]
    with pytest.raises(InputError, match="found 2 columns; allowed: 1, as many as the header that is given has"):
        read([[16505550100, 3]], TableForm(header=("phone",)))


CELLS = st.none() | st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters='"'), min_size=1)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(10**4, 10**15 - 1), CELLS), min_size=1, max_size=5))
def test_a_sheet_and_a_csv_of_the_same_cells_are_the_same(rows: list[tuple[int, str | None]]) -> None:
    sheet = read([["phone", "n"], *rows])
    texts = pl.DataFrame(
        [(str(phone), cell) for phone, cell in rows], {"phone": pl.String, "n": pl.String}, orient="row"
    )
    file = csv_table(texts.cast(pl.String).write_csv().encode(), "f.csv", known)
    assert sheet.frame.rows() == file.frame.rows()
    assert sheet.lines is not None
    assert file.lines is not None
    assert sheet.lines.tolist() == file.lines.tolist()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\r\n,\0\ufeff'), min_size=1))
def test_a_byte_order_mark_tells_the_encoding(text: str) -> None:
    plain = f'phone,n\n1,"{text}"\n'
    expected = csv_table(plain.encode(), "f", known).frame.rows()
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        assert csv_table(plain.encode(encoding), "f", known).frame.rows() == expected
        assert csv_table(plain.encode(encoding), "f", known, TableForm(encoding=encoding)).frame.rows() == expected


PARTS = ("1", "x", "", " ", '" "', '""', '"q"', '"a,b"', '"two\nlines"', '"d""d"', "é")
ROWS = st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(",".join), max_size=5)


@settings(deadline=None, max_examples=400)
@example(["phone,n", "1,x", "2", "3,x,"], "\n", "")
@example(["phone", "1", " ", '" "', "2"], "\n", "")
@example(["phone", ", ", "2"], "\n", "")
@given(
    st.builds(lambda header, rows: [header, *rows], st.sampled_from(["phone", "phone,n"]), ROWS),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
)
def test_a_row_is_read_in_the_same_way_whatever_the_others_are(rows: list[str], line_end: str, end: str) -> None:
    text = line_end.join(rows)

    alone = csv_table((text + end).encode(), "f", known)
    beside = csv_table(f"{text}{line_end}1,2,3".encode(), "f", known)  # such a row has every other one read by itself

    assert beside.frame.rows() == alone.frame.rows()
    assert beside.lines is not None
    assert alone.lines is not None
    assert beside.lines.tolist() == alone.lines.tolist()
    assert list(beside.faulty[:-1]) == list(alone.faulty)
    assert beside.faulty[-1].fault.line == text.count("\n") + 2


FAILED = ("#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#VALUE!", "#NULL!")


@pytest.mark.parametrize(("first_row", "first_column"), [(0, 0), (3, 2)])
def test_a_formula_that_failed_is_what_excel_shows_and_no_empty_cell(first_row: int, first_column: int) -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write_row(first_row, first_column, ["phone", "n"])
        for place, shows in enumerate(FAILED, first_row + 1):
            sheet.write_string(place, first_column, str(place))
            sheet.write_formula(place, first_column + 1, "=1", None, shows)
        sheet.write_string(first_row + 9, first_column, "9")
    table = excel_table(data.getvalue(), "f.xlsx", known)
    assert table.frame["n"].to_list() == [*FAILED, None]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('phone,"n\n1,2\n3,4"', None),
        ('phone,"n\n16505550100,2\n16505550101,4"', "a quote in the header that is closed in another row"),
        ('phone,n 5"\n16505550100,7"', "a quote within a title"),
        ('phone,n 5"', "a quote in the header that is never closed"),
    ],
)
def test_a_quote_of_the_header_hides_no_rows(header: str, found: str | None) -> None:
    text = f"sep=,\n{header}\n16505550102,5\n".encode()
    if found is None:  # a title of several lines
        assert csv_table(text, "f", known).frame.height == 1
    else:
        with pytest.raises(InputError, match=f"f:2: found {found}; allowed: cells without quotes"):
            csv_table(text, "f", known)


def test_rows_may_end_with_carriage_returns_and_cells_hold_line_feeds() -> None:
    table = csv_table(b'\r\rphone,n\r1,"a\nb"\r2,c\r', "f", known)
    assert table.frame.rows() == [("1", "a\nb"), ("2", "c")]
    assert table.lines is not None
    assert table.lines.tolist() == [4, 6]
    assert csv_table(b"sep=;\rphone;n\r1;a,b\r", "f", known).frame.rows() == [("1", "a,b")]


def test_titles_that_are_given_tell_the_separator() -> None:
    table = csv_table(b"1;Doe, Ann, Dr\n2;Roe\n", "f", known, TableForm(header=("phone", "n")))
    assert table.frame.rows() == [("1", "Doe, Ann, Dr"), ("2", "Roe")]


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (2_999, 16_383), (1_048_575, 30)])
def test_a_sheet_with_a_cell_far_beyond_the_others_is_refused_before_a_table_is_made(row: int, column: int) -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "phone")
        sheet.write(1, 0, "16505550100")
        sheet.write(row, column, "far")

    with pytest.raises(
        InputError, match=f"a sheet of {row + 1:,} rows and {column + 1:,} columns, in which 3 cells are; "
    ):
        excel_table(data.getvalue(), "f.xlsx", known)


PLACES = st.tuples(st.integers(0, 60), st.integers(0, 701))


@settings(deadline=None, max_examples=60)
@given(st.sets(PLACES, min_size=1, max_size=40), st.integers(1, 3_000), st.integers(0, 3))
def test_a_sheet_that_is_surely_dense_is_never_refused_by_counting(
    places: set[tuple[int, int]], most: int, times: int
) -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.set_column(0, 3, 20)
        for row, column in places:
            sheet.write(row, column, 1)
    with zipfile.ZipFile(data) as archive:
        text = archive.read("xl/worksheets/sheet1.xml")
    rows, columns = (max(ends) + 1 for ends in zip(*places, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "SURELY_NO_VAST_TABLE", most)
        patch.setattr(contents, "MOST_PLACES", times)
        assert rows * columns <= max(most, times * len(places)) or not contents._is_surely_dense([text])
    assert contents._is_surely_dense([text]), "so small a sheet is not looked at cell by cell"


def test_a_sheet_whose_last_row_is_far_is_read_as_long_as_a_table_of_it_is_small() -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "phone")
        sheet.write(1_048_575, 0, "16505550100")

    assert excel_table(data.getvalue(), "f.xlsx", known).frame.rows() == [("16505550100",)]


@pytest.mark.parametrize("excel", [False, True])
def test_a_title_that_is_given_twice_is_a_fault(excel: bool) -> None:
    form = TableForm(header=("phone", "n", "n"))
    with pytest.raises(InputError, match="n: found a column title used twice; allowed: each title once"):
        read([[1, 2, 3]], form) if excel else csv_table(b"1,2,3\n", "f", known, form)


@pytest.mark.parametrize("encoding", ["idna", "punycode", "undefined", "rot13"])
def test_an_encoding_that_no_file_has_is_not_known(encoding: str) -> None:
    with pytest.raises(InputError, match=f'encoding: found "{encoding}"; allowed: an encoding such as utf-8'):
        csv_table(b"phone,n\n1,2\n", "f", known, TableForm(encoding=encoding))


@pytest.mark.parametrize("faulty", [b"", b"3,4,5\n"])
@pytest.mark.parametrize("blank", [b",\n", b"\n", b"  \t\n"])
def test_a_row_that_is_empty_counts_for_nothing_whatever_else_the_file_holds(blank: bytes, faulty: bytes) -> None:
    table = csv_table(b'phone,n\n1,a\n , \n"",""\n' + blank + b'2,b,"",\n' + faulty, "f", known)
    assert table.frame.rows() == [("1", "a"), (" ", " "), ("", ""), ("2", "b")]
    assert table.positions.tolist() == [0, 1, 2, 3]
    assert table.lines is not None
    assert table.lines.tolist() == [2, 3, 4, 6]
    assert table.given == (5 if faulty else 4)


@pytest.mark.parametrize("faulty", [b"", b"3,4\n"])
def test_a_line_of_blanks_counts_for_nothing_in_a_table_of_one_column(faulty: bytes) -> None:
    table = csv_table(b'phone\n1\n \t\n2\n""\n' + faulty, "f", known)
    assert (table.frame.rows(), table.positions.tolist()) == ([("1",), ("2",), ("",)], [0, 1, 2])


def test_many_blank_cells_are_read_at_once() -> None:
    text = b"phone\tn\n1" + b"\t" * 2_000 + b"x\n" + b" \t" * 2_000 + b"x\n2\ta\n"
    table = csv_table(text, "f", known)
    assert (table.frame.rows(), table.given) == ([("2", "a")], 3)


def test_a_header_of_very_many_titles_is_read_in_a_time_that_grows_with_them() -> None:
    header = ",".join(f"title {place}" for place in range(200_000)).encode()  # 40 billion comparisons, one by one

    assert csv_table(header + b"\n", "f", known).frame.width == 200_000
