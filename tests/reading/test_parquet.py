"""Parquet is checked before polars sees it: what it cannot keep is a message, never the end of the process."""

import io
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from engine.reading.faults import InputError
from engine.reading.parquet import parquet_table

ROOT = Path(__file__).parents[2]
OPENS = 50


def written(column: Any, **options: Any) -> bytes:
    """A file of one column."""
    file = io.BytesIO()
    parquet.write_table(pa.table({"told": column}), file, **options)
    return file.getvalue()


def nested(kind: Any, value: Any) -> bytes:
    return written(pa.array([[{"a": value}]], pa.list_(pa.struct([("a", kind)]))))


def damaged(codec: str) -> bytes:
    """A file some of whose pages do not unpack."""
    texts = [f"{number * 7_919}" for number in range(3_000)]
    data = bytearray(written(pa.array(texts), compression=codec, use_dictionary=False))
    for place in range(40, 4_000, 7):
        data[place] ^= 0x5A
    return bytes(data)


TWICE = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
WIDE = pa.decimal256(60, 2)
FAR, LONG = "an instant that no calendar has", "a span that no calendar has"
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a decimal of 256 bits": (lambda: written(pa.array([Decimal(1)], WIDE)), "the type decimal256(60, 2)"),
    "such a decimal in a list": (lambda: nested(WIDE, Decimal(1)), "the type decimal256(60, 2)"),
    "a field twice in a struct": (lambda: written(TWICE), 'the field "a" twice in a struct'),
    "a map by numbers": (lambda: written(pa.array([[(1, 2)]], pa.map_(pa.int64(), pa.int64()))), "a map by int64"),
    "an offset in a list": (lambda: nested(pa.timestamp("us", "+05:30"), 1), "instants with the offset +05:30"),
    "a date of the year 5,000,000": (lambda: written(pa.array([2**31 - 1], pa.date32())), FAR),
    "milliseconds of such a date": (lambda: written(pa.array([86_400_000 * (2**31 - 1)], pa.date64())), FAR),
    "an instant before the year 1": (lambda: written(pa.array([-(2**62)], pa.timestamp("us"))), FAR),
    "an instant in a struct in a list": (lambda: nested(pa.timestamp("ms"), 2**61), FAR),
    "an instant in a map": (lambda: written(pa.array([[("a", 2**61)]], pa.map_(pa.string(), pa.timestamp("ms")))), FAR),
    "the last instant of UTC in a zone": (
        lambda: written(pa.array([datetime(9999, 12, 31, 23, tzinfo=UTC)], pa.timestamp("us", "Asia/Tokyo"))),
        FAR,
    ),
    "a span of ages": (lambda: written(pa.array([2**62], pa.duration("ms"))), LONG),
    "a time of day after midnight": (lambda: written(pa.array([2**40], pa.time64("us"))), "or damaged ("),
    "an unknown zone": (lambda: written(pa.array([1], pa.timestamp("us", "Nowhere/At"))), "or damaged ("),
    "a damaged page of LZ4": (lambda: damaged("lz4"), "or damaged ("),
    "a damaged page of Snappy": (lambda: damaged("snappy"), "or damaged ("),
}
"""What polars would end the process for, or pyarrow, at times, when it exits."""
if int(pa.__version__.partition(".")[0]) >= 25:  # an older pyarrow writes none, and reads them as lists
    REFUSED["a view of lists"] = (lambda: written(pa.array([[1]], pa.list_view(pa.int64()))), "the type list_view")


@pytest.mark.parametrize("what", REFUSED)
def test_what_polars_cannot_keep_is_refused_by_column(what: str) -> None:
    make, found = REFUSED[what]

    with pytest.raises(InputError) as refused:
        parquet_table(make(), "list.parquet")

    [fault] = refused.value.faults
    assert found in fault.found
    assert fault.path == (() if "damaged" in found else ("told",))


def test_every_column_that_is_refused_is_named() -> None:
    table = pa.table({"a": pa.array([Decimal(1)], WIDE), "b": [1], "c": pa.array([2**31 - 1], pa.date32())})
    file = io.BytesIO()
    parquet.write_table(table, file)

    with pytest.raises(InputError) as refused:
        parquet_table(file.getvalue(), "list.parquet")

    assert [fault.path for fault in refused.value.faults] == [("a",), ("c",)]


def test_instants_with_an_offset_are_the_same_instants_in_utc() -> None:
    instant = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    frame = parquet_table(written(pa.array([instant, None], pa.timestamp("us", "+05:30"))), "list.parquet")

    assert frame["told"].to_list() == [instant, None]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (pa.decimal128(38, 0), Decimal(10) ** 37),
        (pa.timestamp("us"), datetime(1, 1, 1)),
        (pa.timestamp("us"), datetime(9999, 12, 31, 23, 59, 59, 999_999)),
        (pa.timestamp("ms", "UTC"), datetime(9999, 12, 31, tzinfo=UTC)),
        (pa.date32(), date(9999, 12, 31)),
        (pa.date32(), date(1, 1, 1)),
        (pa.map_(pa.string(), pa.int64()), {"a": 1}),
        (pa.list_(pa.struct([("a", pa.string())])), [{"a": "b"}]),
        (pa.dictionary(pa.int8(), pa.string()), "a"),
    ],
)
def test_what_polars_keeps_is_read(kind: Any, value: Any) -> None:
    given = list(value.items()) if isinstance(value, dict) else value

    assert parquet_table(written(pa.array([given, None], kind)), "list.parquet")["told"].to_list() == [value, None]


@given(st.data())
def test_a_file_with_damage_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    file = bytearray(nested(pa.timestamp("us", "UTC"), 1_772_000_000_000_000))
    for place in data.draw(st.lists(st.integers(0, len(file) - 1), min_size=1, max_size=4)):
        file[place] = data.draw(st.integers(0, 255))

    with suppress(InputError):
        assert parquet_table(bytes(file), "list.parquet").rows() is not None


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.slow
def test_no_file_aborts_the_process_however_often_it_is_opened(what: str, tmp_path: Path) -> None:
    file = tmp_path / "list.parquet"
    file.write_bytes(REFUSED[what][0]())
    command = [sys.executable, "-m", "engine.cli", "check", str(file)]

    ended = [subprocess.run(command, cwd=ROOT, capture_output=True, check=False) for _ in range(OPENS)]

    assert {each.returncode for each in ended} == {1}
    assert all(b"1 fault" in each.stderr or each.stderr.count(b"\n") == 1 for each in ended)
