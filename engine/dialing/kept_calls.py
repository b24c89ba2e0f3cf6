"""The calls of a run, taken block by block while it goes on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.dialing.record import CALL, CallColumns, room_for
from engine.writing import errors_naming

BLOCK_CALLS = 1 << 16
"""Calls that are copied or read at a time."""

TakeCalls = Callable[[CallColumns], object]
"""Is given each block of calls, in the order in which they began; its memory is used again once this returns."""
Calls = NDArray[Any]
"""Calls of the type CALL."""


class CallLog(Protocol):
    """What becomes of the calls of a run."""

    count: int
    """Calls taken so far."""

    def take(self, calls: CallColumns) -> None:
        """Take a block of calls, whose memory is used again once it is taken."""

    def blocks(self) -> Iterator[Calls]:
        """All calls so far, for a checkpoint."""

    def columns(self) -> CallColumns | None:
        """All calls; None if they are elsewhere."""


class KeptCalls:
    """Calls that stay in memory, in columns that grow: where the system can move memory, none of it is copied again."""

    def __init__(self) -> None:
        self._room = room_for(BLOCK_CALLS)
        self.count = 0

    def take(self, calls: CallColumns) -> None:
        """Keep a block."""
        count = self.count + len(calls.number)
        if count > len(self._room.number):
            self._resize(count + count // 2)
        copy_calls(calls, self._room.rows(slice(self.count, count)))
        self.count = count

    def blocks(self) -> Iterator[Calls]:
        """All calls so far."""
        for first in range(0, self.count, BLOCK_CALLS):
            yield packed(self._room.rows(slice(first, min(first + BLOCK_CALLS, self.count))))

    def columns(self) -> CallColumns:
        """All calls."""
        self._resize(self.count)
        return self._room

    def _resize(self, calls: int) -> None:
        for column in self._room:
            column.resize(calls, refcheck=False)


class PassedCalls:
    """Calls that are passed on, so that memory does not grow with them.

    The checkpoint `saved` of a run that is saved must have them all: they are kept in the file `kept`, too.
    """

    def __init__(self, to: TakeCalls, saved: Path | None = None, kept: BinaryIO | None = None) -> None:
        self._to, self._saved, self._kept = to, saved, kept
        self.count = 0

    def take(self, calls: CallColumns) -> None:
        """Pass a block on. Raises OSError that names the checkpoint if it cannot be kept."""
        if self._kept is not None and self._saved is not None:
            with errors_naming(self._saved):
                self._kept.write(packed(calls).data)
        self._to(calls)
        self.count += len(calls.number)

    def blocks(self) -> Iterator[Calls]:
        """All calls so far, if they are kept."""
        if self._kept is not None:
            self._kept.seek(0)
            yield from read_calls(self._kept, self.count)

    def columns(self) -> None:
        """None: they are elsewhere."""


@contextmanager
def calls_passed(to: TakeCalls, saved: Path | None) -> Iterator[PassedCalls]:
    """Calls that are passed on, and kept beside the checkpoint `saved` if there is one.

    The file in which they are kept has no name: no end of the process leaves anything of it.
    """
    if saved is None:
        yield PassedCalls(to)
        return
    with errors_naming(saved):
        kept = TemporaryFile(dir=saved.parent)  # noqa: SIM115 (closed below)
    with kept:
        yield PassedCalls(to, saved, kept)


def copy_calls(calls: CallColumns, into: CallColumns) -> None:
    """Copy calls into columns of the same length."""
    columns: Sequence[Calls] = into
    for column, values in zip(columns, calls, strict=True):
        column[:] = values


def packed(calls: CallColumns) -> Calls:
    """Columns as values of the type CALL."""
    made = np.empty(len(calls.number), CALL)
    copy_calls(calls, CallColumns._make(made[name] for name in CallColumns._fields))
    return made


def unpacked(calls: Calls) -> CallColumns:
    """Values of the type CALL as columns."""
    return CallColumns._make(np.ascontiguousarray(calls[name]) for name in CallColumns._fields)


def read_calls(file: Any, count: int) -> Iterator[Calls]:
    """So many calls, from where a file of them stands. Raises ValueError if it ends before."""
    while count:
        some = min(count, BLOCK_CALLS)
        read = file.read(some * CALL.itemsize)
        yield np.frombuffer(read, CALL, some)  # a ValueError if it is shorter
        count -= some
