"""Workbooks: how much memory their sheets take once they are read, told before a library reads them.

The library that reads a sheet holds every cell from the first to the last, so that two cells far apart take gigabytes.
"""

import re
from functools import reduce

from engine.reading.contents import LIFT, archive_parts, fail, most_expanded

CELL_BYTES = 32
"""What the library takes for a cell, also for an empty one."""
_FAR_CELL = {digits: re.compile(rb'<(?:\w+:)?c(?! r="[A-Z][0-9]{1,%d}")[\s/>]' % digits) for digits in (5, 6)}
"""A cell beyond column Z, or in a row of more digits, or one that says its place in another manner or not at all."""
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_PLACE = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]""")
_COLUMN_OF_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})[0-9]{1,7}["'](?![^<>]*/>)""")
_ROW_OF_CELL = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]{1,3}([0-9]{1,7})["'](?![^<>]*/>)""")
"""Only of cells with something in them: one that has a style alone ends at once, and is not read."""
_ROW_NUMBER = re.compile(rb"""\sr\s*=\s*["']([0-9]{1,7})["']""")


def check_workbook(data: bytes, name: str) -> None:
    """InputError if a workbook (OOXML) is damaged, or would take too much memory; other formats are not looked at."""
    most = most_expanded(len(data)) // CELL_BYTES
    far = _FAR_CELL[6 if most >= 26 * 10**6 else 5]
    sheets: dict[str, _Sheet] = {}
    for part, block in archive_parts(data, name):
        sheet = sheets.setdefault(part, _Sheet(far))
        sheet.take(block)
        if sheet.rows * sheet.columns > most:
            found = f"a sheet of {sheet.rows:,} rows and {sheet.columns:,} columns in {len(data):,} bytes"
            allowed = f"at most {most:,} cells in a file of this size, the empty ones before the last one too; {LIFT}"
            fail(found, allowed, name)


class _Sheet:
    """The cells of a sheet, as far as its XML was read; any other file of a workbook has few."""

    def __init__(self, far: re.Pattern[bytes]) -> None:
        self.rows = 1
        """How many there are up to the last one with something in it."""
        self.columns = 1
        self._far = far
        self._begun_rows = 0
        self._cells_of_row = 0
        self._rest = b""

    def take(self, block: bytes) -> None:
        """Take in the next part of the XML, up to its last whole tag."""
        whole = self._rest + block
        end = whole.rfind(b">") + 1 or len(whole)
        whole, self._rest = whole[:end], whole[end:]
        begun = len(_ROW.findall(whole))
        if self._far.search(whole):
            self.columns = max([self.columns, *map(_column, {*_COLUMN_OF_CELL.findall(whole)})])
            self.rows = max([self.rows, *map(int, _ROW_OF_CELL.findall(whole))])
            if len(_CELL.findall(whole)) > len(_PLACE.findall(whole)):  # some stand where the one before them ends
                cells = [len(_CELL.findall(row)) for row in _ROW.split(whole)]
                self.columns = max(self.columns, self._cells_of_row + cells[0], *cells)
                self.rows = max(self.rows, self._begun_rows + begun, *map(int, _ROW_NUMBER.findall(whole)))
                self._cells_of_row = cells[-1] + (0 if begun else self._cells_of_row)
        self._begun_rows += begun


def _column(letters: bytes) -> int:
    """The number of a column, from 1: 28 for `AB`."""
    return reduce(lambda number, letter: number * 26 + letter - ord("A") + 1, letters.upper(), 0)
