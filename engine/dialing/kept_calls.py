"""The calls of a run, taken block by block while it goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.dialing.record import CALL, CallColumns
from engine.writing import errors_naming

BLOCK_CALLS = 1 << 16
"""Calls that are read from a file at a time."""

TakeCalls = Callable[[CallColumns], object]
"""Is given each block of calls, in the order in which they began, and may keep its arrays."""
Calls = NDArray[Any]
"""Calls of the type CALL."""


class CallLog(Protocol):
    """What becomes of the calls of a run."""

    count: int
    """Calls taken so far."""

    def take(self, calls: CallColumns) -> None:
        """Take over a block of calls: nobody else changes its arrays."""

    def blocks(self) -> Iterator[Calls]:
        """All calls so far, for a checkpoint."""

    def columns(self) -> CallColumns | None:
        """All calls; None if they are elsewhere."""


class KeptCalls:
    """Calls that stay in memory."""

    def __init__(self) -> None:
        self._blocks: list[CallColumns] = []
        self.count = 0

    def take(self, calls: CallColumns) -> None:
        """Keep a block."""
        self._blocks.append(calls)
        self.count += len(calls.number)

    def blocks(self) -> Iterator[Calls]:
        """All calls so far."""
        return map(packed, self._blocks)

    def columns(self) -> CallColumns:
        """All calls. They are copied once, column by column, and of the blocks nothing stays."""
        if len(self._blocks) != 1:
            columns = [list(parts) for parts in zip(*self._blocks, strict=True)] or [[] for _ in CallColumns._fields]
            self._blocks.clear()
            kept = (np.concatenate([np.empty(0, CALL[name]), *columns.pop(0)]) for name in CallColumns._fields)
            self._blocks.append(CallColumns._make(kept))
        return self._blocks[0]


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


def packed(calls: CallColumns) -> Calls:
    """Columns as values of the type CALL."""
    made = np.empty(len(calls.number), CALL)
    for name, column in zip(CallColumns._fields, calls, strict=True):
        made[name] = column
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
