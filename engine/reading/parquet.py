"""Parquet files read into polars frames, once every type and instant in them is known to be one that polars keeps."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from engine.reading.contents import fail
from engine.reading.faults import Fault, InputError, shown

_OFFSET = re.compile(r"[+-]\d\d:?\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = (
    (instant - _EPOCH) // timedelta(seconds=1)
    for instant in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
)
_DAY = 86_400
_WIDEST_DECIMAL = 128
"""Bits."""
_LONGEST = _LAST - _FIRST
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_INSTANTS = "dates and instants in the years 1 to 9999, and spans no longer than these"


def parquet_table(data: bytes, name: str) -> pl.DataFrame:
    """The table of a Parquet file; InputError if it is none, or if it has a type or an instant that is not read.

    pyarrow reads it, for a damaged file raises an error there, but would crash polars. Instants with an offset such as
    `+05:30` become the same instants in UTC.
    """
    import pyarrow as pa  # loaded only for such a file, for it takes long
    from pyarrow import parquet

    try:
        # in this thread alone: after an error in a thread of pyarrow's own, the process at times aborts when it exits
        file = parquet.ParquetFile(pa.BufferReader(data), pre_buffer=False)
        table = file.read(use_threads=False).replace_schema_metadata()
        table.validate(full=True)
        table = _with_known_zones(table)
        faults = [
            Fault((title,), *found, name)
            for title, column in zip(table.schema.names, table.columns, strict=True)
            if (found := next(_wrong_types(column.type), None) or next(_wrong_instants(column), None))
        ]
        frame = None if faults else pl.DataFrame(table)
    except MemoryError:
        raise
    except (pa.ArrowException, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        reason = (str(error).splitlines() or ["no reason given"])[0][:200]
        fail(f"a file that is not Parquet, or damaged ({reason})", "a Parquet file", name)
    if frame is None:
        raise InputError(faults)
    return frame


def _with_known_zones(table: Any) -> Any:
    """The table with columns of instants in UTC where they have an offset, which polars does not know as a zone."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and _OFFSET.fullmatch(field.type.tz or ""):
            column = table.column(place).cast(pa.timestamp(field.type.unit, "UTC"))
            table = table.set_column(place, field.name, column)
    return table


def _wrong_types(kind: Any) -> Iterator[tuple[str, str]]:
    """What is found and allowed where a type, or one within it, is one that polars may not keep.

    UnicodeDecodeError if the name of a field within it is not text.
    """
    from pyarrow import types

    fields = _within(kind)
    names = [field.name for field in fields]
    if types.is_struct(kind):
        for twice in sorted({each for each in names if names.count(each) > 1}):
            yield f"the field {shown(twice)} twice in a struct", "each field once"
    if types.is_map(kind) and not types.is_string(kind.key_type):
        yield f"a map by {kind.key_type}", "a map whose keys are text"
    if types.is_timestamp(kind) and _OFFSET.fullmatch(kind.tz or ""):
        yield f"instants with the offset {kind.tz} within other values", "instants in UTC"
    for field in fields:
        yield from _wrong_types(field.type)
    if not fields and not _is_kept(kind):
        yield f"the type {kind}", "text, numbers with up to 38 digits, dates, instants, and lists and structs of these"


def _within(kind: Any) -> list[Any]:
    """The fields of which a type is made."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_struct(kind):
        return list(kind)
    if types.is_map(kind):
        return [kind.key_field, kind.item_field]
    if types.is_list(kind) or types.is_large_list(kind) or (types.is_fixed_size_list(kind) and kind.list_size):
        return [kind.value_field]
    if types.is_dictionary(kind):
        return [pa.field("", kind.value_type)]
    if isinstance(kind, pa.BaseExtensionType):
        return [pa.field("", kind.storage_type)]
    return []


def _is_kept(kind: Any) -> bool:
    from pyarrow import types

    if types.is_decimal(kind):
        return bool(kind.bit_width <= _WIDEST_DECIMAL)
    return any(
        is_such(kind)
        for is_such in (
            *(types.is_null, types.is_boolean, types.is_integer, types.is_floating),
            *(types.is_string, types.is_large_string, types.is_string_view),
            *(types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary),
            *(types.is_date, types.is_time, types.is_timestamp, types.is_duration),
            *(types.is_struct, types.is_map),
        )
    )


def _wrong_instants(column: Any) -> Iterator[tuple[str, str]]:
    """What is found and allowed where a column of pyarrow's, or a value within it, holds what no calendar has."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind = column.type
    if types.is_struct(kind):
        for part in column.flatten():
            yield from _wrong_instants(part)
    elif types.is_map(kind):
        for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
            yield from _wrong_instants(chunk.items)
    elif types.is_dictionary(kind):
        yield from _wrong_instants(column.cast(kind.value_type))
    elif isinstance(kind, pa.BaseExtensionType):
        yield from _wrong_instants(column.cast(kind.storage_type))
    elif _within(kind):
        yield from _wrong_instants(compute.list_flatten(column))
    elif types.is_date(kind) or types.is_timestamp(kind) or types.is_duration(kind):
        ends = compute.min_max(column.cast(pa.int32() if types.is_date32(kind) else pa.int64()))
        first, last = _bounds(kind)
        if any(end.is_valid and not first <= _seconds(end.as_py(), kind) <= last for end in ends.values()):
            yield f"{'a span' if types.is_duration(kind) else 'an instant'} that no calendar has", _INSTANTS


def _seconds(value: int, kind: Any) -> int:
    """The whole seconds of a date, an instant or a span, as the type keeps it."""
    from pyarrow import types

    if types.is_date32(kind):
        return value * _DAY
    return value // _UNITS["ms" if types.is_date64(kind) else kind.unit]


def _bounds(kind: Any) -> tuple[int, int]:
    """The least and the most seconds that Python keeps, a day from these ends where a zone may move them."""
    from pyarrow import types

    if types.is_duration(kind):
        return -_LONGEST, _LONGEST
    moved = _DAY if types.is_timestamp(kind) and kind.tz not in (None, "UTC") else 0
    return _FIRST + moved, _LAST - moved
