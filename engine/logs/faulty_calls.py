"""Faulty calls: the rows of a log that cannot be used, one fault for all of a kind and one for each."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.reading.faults import Fault, InputError, shown
from engine.reading.tables import FaultyRow

_SHOWN_LINES = 5


class LogError(InputError):
    """A log with faults, some of them of calls that `skip_faulty` would leave out."""

    def __init__(
        self, faults: Iterable[Fault], kinds: Iterable[Fault] = (), calls: Iterable[Fault] = (), good: int = 0
    ) -> None:
        self.good = good
        """How many calls have no fault."""
        self._parts = (tuple(faults), tuple(kinds), tuple(calls))
        super().__init__((*self._parts[0], *self._parts[1]))

    @property
    def calls(self) -> tuple[Fault, ...]:
        """A fault for each faulty call; `faults` has one for all calls of a kind."""
        return self._parts[2]

    @property
    def each(self) -> tuple[Fault, ...]:
        """Every fault by itself: those of calls, and those that are not."""
        return (*self._parts[0], *self.calls)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self._parts, self.good)


class _Kind(NamedTuple):
    """Rows that are faulty in the same manner."""

    field: str
    rows: NDArray[np.int64]
    cells: pl.Series
    what: str
    allowed: str


class FaultyCalls:
    """The faulty rows of one log; a row may be faulty in several manners."""

    def __init__(self, file: str, height: int, lines: NDArray[np.int64] | None, broken: Sequence[FaultyRow]) -> None:
        self._file = file
        self._lines = lines
        self._broken = broken
        self._kinds: list[_Kind] = []
        self.faulty = np.zeros(height, np.bool_)
        """[row]: whether it is faulty."""

    def add(self, wrong: pl.Series, cells: pl.Series, what: str, allowed: str) -> None:
        """All rows in which `wrong` is true are faulty; `cells` has their text and the name of the field."""
        rows = np.flatnonzero(wrong.fill_null(value=False).to_numpy())
        if len(rows):
            self._kinds.append(_Kind(cells.name, rows, cells, what, allowed))
            self.faulty[rows] = True

    def faulty_in(self, *fields: str) -> NDArray[np.bool_]:
        """[row]: whether one of these fields is faulty."""
        faulty = np.zeros(len(self.faulty), np.bool_)
        for kind in self._kinds:
            if kind.field in fields:
                faulty[kind.rows] = True
        return faulty

    @property
    def count(self) -> int:
        """How many rows are faulty, those that could not be read included."""
        return int(self.faulty.sum()) + len(self._broken)

    def by_kind(self) -> list[Fault]:
        """One fault for all rows that are faulty in the same manner."""
        faults = []
        for allowed in dict.fromkeys(row.fault.allowed for row in self._broken):
            rows = [row for row in self._broken if row.fault.allowed == allowed]
            found = f"{rows[0].fault.found} in {self._where([row.fault.line or row.position + 1 for row in rows])}"
            faults.append(Fault((), found, allowed, self._file, rows[0].fault.line))
        for kind in self._kinds:
            numbers = [self._number(row) for row in kind.rows[: _SHOWN_LINES + 1]]
            cell = kind.cells[int(kind.rows[0])]
            such = f", such as {shown(cell)}" if cell is not None else ""
            found = f"{kind.what} in {self._where(numbers, len(kind.rows))}{such}"
            line = None if self._lines is None else numbers[0]
            faults.append(Fault((kind.field,), found, kind.allowed, self._file, line))
        return faults

    def each(self) -> list[Fault]:
        """A fault for every faulty row and manner, by line."""
        numbered = [
            (self._number(row), Fault((kind.field,), shown(cell), kind.allowed, self._file, self._line(row)))
            for kind in self._kinds
            for row, cell in zip(kind.rows.tolist(), kind.cells.gather(kind.rows), strict=True)
        ]
        numbered += [
            (row.fault.line or row.position + 1, msgspec.structs.replace(row.fault, path=(), file=self._file))
            for row in self._broken
        ]
        return [fault for _, fault in sorted(numbered, key=itemgetter(0))]

    def note(self) -> str:
        """How many calls were left out, and for what."""
        kinds = [f"{kind.what} {len(kind.rows):,}" for kind in self._kinds]
        kinds += [f"rows that are no calls {len(self._broken):,}"] if self._broken else []
        return f"faulty calls left out: {self.count:,} ({', '.join(kinds)})"

    def _number(self, row: int) -> int:
        return int(row) + 1 if self._lines is None else int(self._lines[row])

    def _line(self, row: int) -> int | None:
        return None if self._lines is None else self._number(row)

    def _where(self, numbers: Sequence[int], count: int | None = None) -> str:
        count = len(numbers) if count is None else count
        listed = ", ".join(f"{number:,}" for number in numbers[:_SHOWN_LINES]) + (", …" if count > _SHOWN_LINES else "")
        kind = "row" if self._lines is None else "line"
        return f"{count:,} call{'s' if count > 1 else ''} ({kind}{'s' if count > 1 else ''} {listed})"
