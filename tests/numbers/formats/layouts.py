"""The same list of numbers in every format and layout that number files may have."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import xlsxwriter
import zstandard
from hypothesis import strategies as st

from engine.testing.strategies import ZONES
from tests.oracle import POLICY_FIELDS, WEEKDAYS

Fields = dict[str, Any]
Numbers = Sequence[Fields]

DAYS = (*WEEKDAYS, "default")
ODD_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4) | st.sampled_from(
    [
        "",
        " ",
        " a ",
        "a,b;c\td",
        'say "so"',
        '"',
        '""',
        "a\nb",
        "a\r\nb",
        "\r",
        "'",
        "😀 käse",
        "null",
        "{}",
        "1",
        "\\",
        "\\n",
    ]
)
KEYS = st.sampled_from(["name", "a b", "a,b", "a;b", 'a"b', "a\nb", "ключ", "😀", "phone", "payload", "mon", " "])

ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(ODD_TEXT, inner, max_size=2),
    max_leaves=4,
)
ANY_PAYLOADS = st.dictionaries(ODD_TEXT, ANY_VALUE, max_size=3)
TEXT_PAYLOADS = st.dictionaries(KEYS, ODD_TEXT, max_size=3)
"""What columns `payload.…` of a CSV can say: a cell is text, and one without text is a field left out."""
COLUMN_TYPES: dict[str, Any] = {
    "name": pl.String,
    "n": pl.Int64,
    "share": pl.Float64,
    "vip": pl.Boolean,
    "tags": pl.List(pl.String),
    "inner": pl.Struct({"x": pl.Int64, "y": pl.String}),
}
TYPED_PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "name": ODD_TEXT,
        "n": st.integers(-(2**63), 2**63 - 1),
        "share": st.floats(allow_nan=False, allow_infinity=False),
        "vip": st.booleans(),
        "tags": st.lists(ODD_TEXT, max_size=2),
        "inner": st.fixed_dictionaries({}, optional={"x": st.integers(-9, 9), "y": ODD_TEXT}),
    },
)
"""What columns of Parquet can say: a field has one type, and null is a field left out."""

PHONES = st.sampled_from(
    ["16505550000", "+16505550000", 16505550000, "016505550000", "0016505550000", "12345", 12345, "+999999999999999"]
)
CLOCKS = [f"{hour:02}:{minute:02}" for hour in (0, 9, 12, 18, 23) for minute in (0, 59)]


def _intervals(times: Sequence[str]) -> list[Fields]:
    edges = sorted(times)[: len(times) // 2 * 2]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [{"localTimeFrom": opens, "localTimeTo": closes} for opens, closes in pairs]


HOURS = st.dictionaries(
    st.sampled_from(DAYS), st.lists(st.sampled_from(CLOCKS), max_size=5, unique=True).map(_intervals), max_size=3
)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "startDateTime": st.sampled_from(["2026-03-02T09:00:00Z", "2026-03-02T04:00:00.5-05:00"]) | st.none(),
        "finishDateTime": st.sampled_from(["2026-03-04T09:00:00Z", "9999-12-31T23:59:59+18:00"]) | st.none(),
        "allowedDays": st.lists(st.sampled_from(WEEKDAYS), max_size=4) | st.none(),
        "allowedTime": HOURS | st.none(),
        "retryIntervalInMinutes": st.sampled_from([1, 60, 525_600]) | st.none(),
        "maxAttempts": st.sampled_from([0, 1, 50]) | st.none(),
        "gmtZone": st.sampled_from(ZONES) | st.none(),
        "dialerPriority": st.sampled_from([1, 3, 5, 0, 7, "high"]) | st.none(),
    },
)


@st.composite
def lists(draw: st.DrawFn, payloads: st.SearchStrategy[Fields], kinds: st.SearchStrategy[Fields] = POLICIES) -> Numbers:
    """Some numbers that share phones, payloads and policies, so that some are duplicates."""
    own = draw(st.lists(kinds, min_size=1, max_size=3))
    bodies = draw(st.lists(payloads | st.none(), min_size=1, max_size=3))
    payload = st.fixed_dictionaries({}, optional={"payload": st.sampled_from(bodies)})
    number = st.builds(
        lambda phone, body, kind: {"phone": phone, **body, **kind}, PHONES, payload, st.sampled_from(own)
    )
    return draw(st.lists(number, min_size=1, max_size=6))


# Compression

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


# JSON


def json_of(numbers: Numbers, *, indent: int | None = None, ascii_only: bool = False) -> bytes:
    """The body of `addPhones`."""
    return json.dumps(numbers, indent=indent, ensure_ascii=ascii_only).encode()


def lines_of(numbers: Numbers, end: str = "\n", *, ascii_only: bool = False) -> bytes:
    """A number a line."""
    return "".join(json.dumps(number, ensure_ascii=ascii_only) + end for number in numbers).encode()


# Tables


class Layout(NamedTuple):
    """How a table says hours, days and payloads."""

    plain_hours: bool = False
    """`10:00-18:00`, and columns for weekdays, where that can say it; else JSON text."""
    day_words: str = ""
    """What stands between weekdays; JSON text if there is nothing."""
    payload_columns: bool = False
    """Columns `payload.…`, else one column with JSON text."""
    by_polars: bool = False
    separator: str = ","
    line_end: str = "\n"
    bom: bytes = b""
    all_quoted: bool = False


LAYOUTS = st.builds(
    Layout,
    plain_hours=st.booleans(),
    day_words=st.sampled_from(["", ",", ", ", " ", ";"]),
    payload_columns=st.just(False),
    by_polars=st.booleans(),
    separator=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    bom=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    all_quoted=st.booleans(),
)


def cells_of(number: Fields, layout: Layout) -> dict[str, str]:
    """The cells of a number, texts by column; fields that are left out have none."""
    cells = {"phone": str(number["phone"])}
    payload = number.get("payload")
    if payload is not None and layout.payload_columns:
        cells |= {f"payload.{key}": value for key, value in payload.items()}
    elif payload is not None:
        cells["payload"] = json.dumps(payload, ensure_ascii=False)
    for field in POLICY_FIELDS:
        value = number.get(field)
        if value is None:
            continue
        if field == "allowedTime":
            cells |= _hours_cells(value, layout)
        elif field == "allowedDays":
            cells |= _days_cells(value, layout)
        else:
            cells[field] = str(value)
    return cells


def _hours_cells(hours: Fields, layout: Layout) -> dict[str, str]:
    if not layout.plain_hours or not hours:  # no column says that there are no hours at all
        return {"allowedTime": json.dumps(hours)}
    column = {"default": "allowedTime" if len(hours) == 1 else "default"}
    return {
        column.get(day, day): ", ".join(f"{each['localTimeFrom']}-{each['localTimeTo']}" for each in intervals)
        or "closed"
        for day, intervals in hours.items()
    }


def _days_cells(days: Sequence[str], layout: Layout) -> dict[str, str]:
    if not layout.day_words:
        return {"allowedDays": json.dumps(days)}
    return {"allowedDays": layout.day_words.join(days)} if days else {}


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns that some row has."""
    return [*dict.fromkeys(column for row in rows for column in row)]


def csv_of(numbers: Numbers, layout: Layout) -> bytes:
    """A CSV as the csv module or polars writes it; an empty cell is one without quotes."""
    rows = [cells_of(number, layout) for number in numbers]
    columns = columns_of(rows)
    if layout.by_polars:
        frame = pl.DataFrame(
            [{column: row.get(column) for column in columns} for row in rows], dict.fromkeys(columns, pl.String)
        )
        style: Any = "always" if layout.all_quoted and all(len(row) == len(columns) for row in rows) else "necessary"
        text = frame.write_csv(separator=layout.separator, line_terminator=layout.line_end, quote_style=style)
        return layout.bom + text.encode()
    written = io.StringIO()
    # The module quotes None where it quotes all and leaves an empty text bare where it quotes what must be.
    needs_quotes = layout.all_quoted or any(value == "" for row in rows for value in row.values())
    writer = csv.writer(written, delimiter=layout.separator, lineterminator=layout.line_end)
    if not needs_quotes:
        writer.writerows([columns, *([row.get(column) for column in columns] for row in rows)])
        return layout.bom + written.getvalue().encode()
    for row in [dict(zip(columns, columns, strict=True)), *rows]:
        quoted = ['"' + row[column].replace('"', '""') + '"' if column in row else "" for column in columns]
        written.write(layout.separator.join(quoted) + layout.line_end)
    return layout.bom + written.getvalue().encode()


def xlsx_of(numbers: Numbers, layout: Layout) -> bytes:
    """A workbook of text cells; it cannot say an empty text."""
    rows = [cells_of(number, layout) for number in numbers]
    columns = columns_of(rows)
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([dict(zip(columns, columns, strict=True)), *rows]):
            for column, name in enumerate(columns):
                if name in row:
                    sheet.write_string(place, column, row[name])
    return written.getvalue()


def flat_parquet_of(numbers: Numbers, layout: Layout) -> bytes:
    """A Parquet file of text columns."""
    rows = [cells_of(number, layout) for number in numbers]
    columns = columns_of(rows)
    return parquet_of(
        pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], dict.fromkeys(columns, pl.String))
    )


INTERVALS = pl.List(pl.Struct({"localTimeFrom": pl.String, "localTimeTo": pl.String}))
NESTED_TYPES: dict[str, Any] = {
    **dict.fromkeys(POLICY_FIELDS, pl.String),
    "phone": pl.String,
    "payload": pl.Struct(COLUMN_TYPES),
    "allowedTime": pl.Struct(dict.fromkeys(DAYS, INTERVALS)),
    "allowedDays": pl.List(pl.String),
    "maxAttempts": pl.Int64,
}


def nested_parquet_of(numbers: Numbers, *, floats: bool = False, payload_columns: bool = False) -> bytes:
    """A Parquet file of typed columns: lists and structs as they are; whole numbers perhaps as floats."""
    types = {**NESTED_TYPES, "maxAttempts": pl.Float64 if floats else pl.Int64}
    types |= {f"payload.{name}": kind for name, kind in COLUMN_TYPES.items()}
    rows = []
    for number in numbers:
        row = {name: value for name, value in number.items() if value is not None}
        texts = {name: str(row[name]) for name in row if types[name] == pl.String}
        if payload_columns:
            texts |= {f"payload.{name}": value for name, value in (row.pop("payload", None) or {}).items()}
        rows.append({**row, **texts})
    columns = columns_of(rows)
    frame = pl.DataFrame(
        [{name: row.get(name) for name in columns} for row in rows], {name: types[name] for name in columns}
    )
    return parquet_of(frame)


def parquet_of(frame: pl.DataFrame) -> bytes:
    """The bytes of a table as Parquet."""
    written = io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()
