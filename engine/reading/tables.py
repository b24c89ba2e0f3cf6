"""Tables: CSV and Parquet files read into polars frames."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import polars as pl

from engine.reading.contents import BLOCK, fail
from engine.reading.faults import Fault, InputError

SEPARATORS = ",;\t|"
_QUOTE = ord('"')
_HEADER = re.compile(rb'(?:[^"\r\n]+|"[^"]*")+')


def csv_table(data: bytes, name: str, known: Callable[[Sequence[str]], int]) -> pl.DataFrame:
    """The table of a CSV text, with text in every cell; InputError if it is not CSV.

    `known` counts how many of some titles belong to columns that are wanted: the separator that gives the most of them
    is used.
    """
    data = data.lstrip(b"\r\n")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    header = _HEADER.match(data)
    titles = {separator: _titles(header[0] if header else b"", separator) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda each: (known(titles[each]), len(titles[each])))
    _check_quotes(data, separator, name)
    twice = sorted({title for title in titles[separator] if titles[separator].count(title) > 1})
    if twice:
        raise InputError([Fault((title,), "a column title used twice", "each title once", name, 1) for title in twice])
    try:
        return pl.read_csv(data, infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError as error:
        _csv_fault(data, separator, str(error).splitlines()[0], name)


def _titles(header: bytes, separator: str) -> list[str]:
    try:
        first = pl.read_csv(header, has_header=False, infer_schema=False, separator=separator)
    except pl.exceptions.PolarsError:
        return []
    return [title or "" for title in first.row(0)]


def _check_quotes(data: bytes, separator: str, name: str) -> None:
    """InputError unless quotes enclose cells and are doubled within them: polars may read others in any manner."""
    text = np.frombuffer(data, np.uint8)
    opens, closes = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    opens[list(b'"\n' + separator.encode())] = True
    closes[list(b'"\r\n' + separator.encode())] = True
    inside, last = False, 0
    for first in range(0, len(text), BLOCK):
        quotes = first + np.flatnonzero(text[first : first + BLOCK] == _QUOTE)
        opening, closing = quotes[int(inside) :: 2], quotes[int(not inside) :: 2]
        closing = closing[closing < len(text) - 1]
        wrong = [
            *opening[(opening > 0) & ~opens[text[opening - 1]]][:1].tolist(),
            *closing[~closes[text[closing + 1]]][:1].tolist(),
        ]
        if wrong:
            _quote_fault(data, min(wrong), name)
        inside ^= len(quotes) % 2 == 1
        last = int(quotes[-1]) if len(quotes) else last
    if inside:
        _quote_fault(data, last, name)


def _quote_fault(data: bytes, at: int, name: str) -> NoReturn:
    allowed = "cells without quotes, or with quotes at both ends and every quote within doubled"
    fail("a quote within a cell, or one that is never closed", allowed, name, data.count(b"\n", 0, at) + 1)


def _csv_fault(data: bytes, separator: str, reason: str, name: str) -> NoReturn:
    """Name the first line that does not fit the header; `reason` is reported if every line fits."""
    rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator)
    try:
        width = len(next(rows))
        for row in rows:
            if len(row) > width:
                fail(f"{len(row)} cells", f"{width}, as many as the header has", name, rows.line_num)
    except csv.Error:  # a cell that is longer than the module takes
        pass
    fail(f"text that is not CSV ({reason.strip()})", "CSV with a header", name)


def parquet_table(data: bytes, name: str) -> pl.DataFrame:
    """The table of a Parquet file, read by pyarrow: a damaged file raises an error there, but would crash polars."""
    import pyarrow as pa  # loaded only for such a file, for it takes long
    from pyarrow import parquet

    try:
        table = parquet.read_table(pa.BufferReader(data)).replace_schema_metadata()
        table.validate(full=True)
        for field in table.schema:
            _check_names(field)
        return pl.DataFrame(table)
    except MemoryError:
        raise
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0][:200]
        fail(f"a file that is not Parquet, or damaged ({reason})", "a Parquet file", name)


def _check_names(field: Any) -> None:
    """UnicodeDecodeError if the name of an Arrow field, or of one within it, is not text, which would crash polars."""
    _ = field.name
    for within in getattr(field.type, "fields", None) or [getattr(field.type, "value_field", None)]:
        if within is not None:
            _check_names(within)
