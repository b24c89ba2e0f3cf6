"""The file of a run's calls, written while the run goes on."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.dialing.kept_calls import TakeCalls, copy_calls
from engine.dialing.record import CallColumns, room_for
from engine.numbers.phonebook import Phonebook, phone_codes
from engine.writing import errors_naming

BLOCK_CALLS = 1 << 15
"""Calls that are made columns of the file at a time: they stay in the cache meanwhile."""
GROUP_BLOCKS = 8
"""Blocks that are written together, as a row group of the file; as many fill while they are written."""
FOUR_DIGITS = np.array([f"{number:04}" for number in range(10_000)], "S4").view(np.uint32)
"""The digits of each number below 10,000, which take as much room as an integer."""


@contextmanager
def calls_written(file: Path, phonebook: Phonebook, outcomes: Sequence[str], start: int) -> Iterator[TakeCalls]:
    """What takes the calls of a run that starts at `start` and writes them as Parquet: the table `Result.calls`.

    The file is whole when this is left without an error. An OSError names the file if it cannot be written.
    """
    with errors_naming(file):
        opened = file.open("wb")
    groups = _Groups(opened, phonebook, outcomes, start)

    def take(calls: CallColumns) -> None:
        with errors_naming(file):
            groups.take(calls)

    try:
        yield take
        with errors_naming(file):
            groups.finish()
    finally:
        groups.stop()
        with errors_naming(file):
            opened.close()


class _Groups:
    """Writes calls a row group at a time, in a thread of its own, while the next group fills."""

    def __init__(self, file: BinaryIO, phonebook: Phonebook, outcomes: Sequence[str], start: int) -> None:
        import pyarrow as pa  # loaded only for such a file, for it takes long
        from pyarrow import parquet

        self._identities, self._start = phonebook.identities, np.int64(start)
        self._outcomes = pa.array(outcomes, pa.string())
        columns = {
            "phone": pa.string(),
            "number": pa.int64(),
            "attempt": pa.int32(),
            "start": pa.timestamp("us", "UTC"),
            "seconds": pa.int32(),
            "outcome": pa.dictionary(pa.int32(), pa.string()),
            "redial": pa.bool_(),
        }
        # To say of each value that it is there would cost an eighth of the time.
        self._schema = pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns.items()])
        self._writer = parquet.ParquetWriter(
            file,
            self._schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=["outcome"],
            column_encoding={"number": "DELTA_BINARY_PACKED"},
            write_statistics=["number", "attempt", "start", "seconds"],
            store_schema=False,  # what pyarrow would add makes outcomes of some readers a type of its own
        )
        self._room, self._filled = room_for(BLOCK_CALLS), 0
        self._blocks: list[Any] = []
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def take(self, calls: CallColumns) -> None:
        """Write calls, though perhaps later. Raises what the writing of earlier ones raised."""
        taken = 0
        while taken < len(calls.number):
            some = calls.rows(slice(taken, taken + BLOCK_CALLS - self._filled))
            filled = self._filled + len(some.number)
            copy_calls(some, self._room.rows(slice(self._filled, filled)))
            self._filled, taken = filled, taken + len(some.number)
            if filled == BLOCK_CALLS:
                self._end_block()
            if len(self._blocks) == GROUP_BLOCKS:
                self._begin_group()

    def finish(self) -> None:
        """Write what is left, and the end of the file."""
        self._end_block()
        self._begin_group()
        self._end_group()
        self._writer.close()

    def stop(self) -> None:
        """Write nothing more."""
        self._thread.shutdown(cancel_futures=True)
        self._writer.is_open = False  # else it would write an end when it is forgotten

    def _end_block(self) -> None:
        self._blocks.append(self._columns(self._room.rows(slice(self._filled))))
        self._filled = 0

    def _begin_group(self) -> None:
        import pyarrow as pa

        self._end_group()
        group = pa.Table.from_batches(self._blocks, self._schema)
        self._writing = self._thread.submit(self._writer.write_table, group)
        self._blocks = []

    def _end_group(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _columns(self, calls: CallColumns) -> Any:
        """Calls as a batch of pyarrow's, in memory of its own."""
        import pyarrow as pa

        columns = (
            phone_texts(phone_codes(self._identities[calls.number])),
            calls.number.astype(np.int64),
            calls.attempt.astype(np.int32),
            (calls.time + self._start) * 1_000_000,
            calls.seconds.astype(np.int32),
            pa.DictionaryArray.from_arrays(calls.outcome.astype(np.int32), self._outcomes),
            calls.redial,
        )
        arrays = [pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)


def phone_texts(codes: NDArray[np.int64]) -> Any:
    """The digits of phones by their codes, as an array of pyarrow's."""
    import pyarrow as pa
    from pyarrow import compute

    one = 10 ** (len(str(codes.max(initial=1))) - 1)
    if not len(codes) or codes.min() < one:  # of several lengths
        return compute.utf8_slice_codeunits(compute.cast(pa.array(codes), pa.string()), 1)
    digits = len(str(one)) - 1
    ends = np.arange(0, len(codes) * digits + 1, digits, dtype=np.int32)
    return pa.StringArray.from_buffers(len(codes), pa.py_buffer(ends), pa.py_buffer(_digits(codes - one, digits)))


def _digits(numbers: NDArray[np.int64], digits: int) -> NDArray[np.uint8]:
    """The digits of numbers one behind the other, each with leading zeros up to so many, which are at least 4.

    Four digits are written at once, those on the left first: what they overwrite is written after them.
    """
    left, fours = numbers.view(np.uint64), []
    for _ in range(0, digits, 4):
        higher = left // np.uint64(10_000)
        fours.append(FOUR_DIGITS[(left - higher * np.uint64(10_000)).view(np.int64)])
        left = higher
    text = np.empty(3 + len(numbers) * digits, np.uint8)  # up to 3 zeros too many stand before the first one
    for place, four in reversed(list(enumerate(fours))):
        np.ndarray(len(numbers), np.uint32, text.data, digits - 1 - 4 * place, (digits,))[:] = four
    return text[3:]
