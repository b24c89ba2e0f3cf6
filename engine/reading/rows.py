"""Rows of a CSV text: which are well formed, on which line each begins, and what is wrong with the others.

Quotes enclose cells, and every quote within is doubled (RFC 4180). A row that does not keep to that, or whose number of
cells is not that of the header, is a fault of that row: the next line begins a new row. Only a quote that is never
closed leaves the rest of the text unread.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from engine.reading.contents import BLOCK
from engine.reading.encodings import BAD, bad_bytes

_QUOTE = ord('"')
QUOTE_FORM = "cells without quotes, or with quotes at both ends and every quote within doubled"
_MOST_SHOWN = 200


class Row(NamedTuple):
    """A row with something in it, as it stands in the text."""

    line: int
    """The line on which it begins, from 1."""
    text: str
    """Its text without the end of its line; cells beyond the header's that are empty are left out."""
    found: str = ""
    """What is wrong with it; empty if nothing is."""
    allowed: str = ""


def well_formed(data: bytes, separator: str, table: pl.DataFrame, begin: int = 0) -> bool:
    """Whether every row of the table that polars read from a CSV text after `begin` has as many cells as titles.

    Polars refuses rows with more cells, but for an empty one at the end of the text; it fills up those with fewer.
    """
    if table.width and not table[:, -1].has_nulls():
        return True
    mark = separator.encode()
    last_line = data[max(data.rfind(b"\n", begin) + 1, begin) :] if data.endswith(mark) else b""
    if last_line and last_line.count(mark) != table.width - 1:
        return False
    within = sum(_cells_with(table, separator)) if b'"' in data else 0
    return data.count(mark, begin) - within == table.height * (table.width - 1)


def _cells_with(table: pl.DataFrame, text: str) -> list[int]:
    """How often a text occurs in the cells of each column."""
    counts = table.select(pl.col(pl.String).str.count_matches(text, literal=True).sum())
    return [count or 0 for count in counts.row(0)] if counts.height else []


def quotes_are_in_place(data: bytes, separator: str, begin: int = 0) -> bool:
    """Whether quotes enclose cells and are doubled within them: polars may read others in any manner.

    What stands before `begin` is not looked at.
    """
    text = np.frombuffer(data, np.uint8)[begin:]
    opens, closes = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
    opens[list(b'"\n' + separator.encode())] = True
    closes[list(b'"\r\n' + separator.encode())] = True
    inside = False
    for first in range(0, len(text), BLOCK):
        quotes = first + np.flatnonzero(text[first : first + BLOCK] == _QUOTE)
        opening, closing = quotes[int(inside) :: 2], quotes[int(not inside) :: 2]
        closing = closing[closing < len(text) - 1]
        if (~opens[text[opening[opening > 0] - 1]]).any() or (~closes[text[closing + 1]]).any():
            return False
        inside ^= len(quotes) % 2 == 1
    return not inside


def rows_of(text: str, separator: str, width: int, line: int = 1) -> Iterator[Row]:
    """The rows of a CSV text that are not blank, from its line `line` on; the last is faulty if a quote stays open."""
    mark = re.escape(separator)
    cell = re.compile(rf'"(?:[^"]|"")*+"(?={mark}|\r?\n|\r?\Z)|[^{mark}"\n]*+(?={mark}|\n|\Z)')
    open_ended = re.compile(r'"(?:[^"]|"")*+\Z')
    blanks = " " if separator == "\t" else " \t"
    empty = rf'(?:[{blanks}]*|"[{blanks}]*")'
    too_many = {extra: re.compile(rf"(?:{mark}{empty}){{{extra}}}\Z") for extra in range(1, 65)}
    has_bad_bytes = BAD.search(text) is not None
    at, end_of_text = 0, len(text)
    while at < end_of_text:
        begins, begins_on = at, line
        end = text.find("\n", at)
        end = end_of_text if end < 0 else end
        cells, found = 0, ""
        if text.find('"', at, end) < 0:
            cells = text.count(separator, at, end) + 1
        else:
            while True:
                match = cell.match(text, at)
                if match is None:
                    if open_ended.match(text, at):
                        left = len(text[end + 1 :].splitlines())
                        rest = f"; what follows it cannot be read (lines: {left:,})" if left else ""
                        yield Row(begins_on, _cut(text[begins:end]), f"a quote that is never closed{rest}", QUOTE_FORM)
                        return
                    found = "a quote within a cell"
                    break
                cells, at = cells + 1, match.end()
                if at == end_of_text or text[at] != separator:
                    end = at + text.startswith("\r\n", at)
                    break
                at += 1
        at, line = end + 1, begins_on + text.count("\n", begins, end) + 1
        row = text[begins:end].removesuffix("\r")
        if not row.strip(separator) or not row.strip(blanks):
            continue
        if has_bad_bytes and BAD.search(row):
            yield Row(begins_on, _cut(BAD.sub("\ufffd", row)), *bad_bytes(row))
        elif found:
            yield Row(begins_on, _cut(row), found, QUOTE_FORM)
        elif cells > width and cells - width in too_many and too_many[cells - width].search(row):
            kept = too_many[cells - width].sub("", row)
            if kept.strip(blanks):
                yield Row(begins_on, kept)
        elif cells != width:
            allowed = f"{width}, as many as the header has"
            yield Row(begins_on, _cut(row), f"{cells} cell{'s' if cells > 1 else ''}", allowed)
        else:
            yield Row(begins_on, row)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
