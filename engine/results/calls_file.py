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

GROUP_CALLS = 1 << 18
"""Calls that are written together, as a row group of the file; so many fill while as many are written."""


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
        self._schema = pa.schema(
            {
                "phone": pa.string(),
                "number": pa.int64(),
                "attempt": pa.int32(),
                "start": pa.timestamp("us", "UTC"),
                "seconds": pa.int32(),
                "outcome": pa.dictionary(pa.int32(), pa.string()),
                "redial": pa.bool_(),
            }
        )
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
        self._filled, self._group = 0, room_for(GROUP_CALLS)
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def take(self, calls: CallColumns) -> None:
        """Write calls, though perhaps later. Raises what the writing of earlier ones raised."""
        taken = 0
        while taken < len(calls.number):
            some = calls.rows(slice(taken, taken + GROUP_CALLS - self._filled))
            filled = self._filled + len(some.number)
            copy_calls(some, self._group.rows(slice(self._filled, filled)))
            self._filled, taken = filled, taken + len(some.number)
            if filled == GROUP_CALLS:
                self._begin_group()

    def finish(self) -> None:
        """Write what is left, and the end of the file."""
        self._begin_group()
        self._end_group()
        self._writer.close()

    def stop(self) -> None:
        """Write nothing more."""
        self._thread.shutdown(cancel_futures=True)
        self._writer.is_open = False  # else it would write an end when it is forgotten

    def _begin_group(self) -> None:
        self._end_group()
        self._writing = self._thread.submit(self._write, self._group.rows(slice(self._filled)))
        self._filled, self._group = 0, room_for(GROUP_CALLS)

    def _end_group(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _write(self, calls: CallColumns) -> None:
        import pyarrow as pa

        columns = (
            phone_texts(phone_codes(self._identities[calls.number])),
            calls.number.astype(np.int64),
            calls.attempt.view(np.int32),
            (calls.time + self._start) * 1_000_000,
            calls.seconds.view(np.int32),
            pa.DictionaryArray.from_arrays(calls.outcome.astype(np.int32), self._outcomes),
            calls.redial,
        )
        arrays = [pa.array(column, kind) for column, kind in zip(columns, self._schema.types, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


def phone_texts(codes: NDArray[np.int64]) -> Any:
    """The digits of phones by their codes, as an array of pyarrow's."""
    import pyarrow as pa
    from pyarrow import compute

    one = 10 ** (len(str(codes.max(initial=1))) - 1)
    if codes.min(initial=one * 2) >= one + one // 10:  # equally long, and without leading zeros
        return compute.cast(pa.array(codes - one), pa.string())
    return compute.utf8_slice_codeunits(compute.cast(pa.array(codes), pa.string()), 1)
