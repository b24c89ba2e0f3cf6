"""Payloads: the JSON objects that come with numbers, compared as values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.customers.outcomes import Segment
from engine.reading.json_values import any_json_value, finite

NO_PAYLOAD = 0
"""The id of no payload, of `null` and of `{}`."""


def canonical_json(value: object) -> bytes:
    """A text that is equal for equal JSON values: key order and number formats do not count; `1` and `"1"` differ."""
    try:
        return msgspec.json.encode(_decode(msgspec.json.encode(value)), order="sorted")
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can write
        plain = json.loads(json.dumps(value), parse_float=_canonical_float)
        return json.dumps(plain, sort_keys=True).encode()


def _canonical_float(text: str) -> int | float:
    number = finite(text)
    return int(number) if number.is_integer() else number


_decode = msgspec.json.Decoder(float_hook=_canonical_float).decode


def payload_id(payload: Mapping[str, Any] | None) -> int:
    """A 63-bit hash of a payload's value, by which payloads are compared; NO_PAYLOAD for an empty one."""
    return _hashed(canonical_json(payload)) if payload else NO_PAYLOAD


def value_id(payload: Mapping[str, Any] | None, field: str) -> int:
    """A 63-bit hash of the value in a field of a payload; NO_PAYLOAD if it is left out, or null."""
    value = (payload or {}).get(field)
    return NO_PAYLOAD if value is None else _hashed(canonical_json(value)) or 1


def payload_ids(payloads: Iterable[Mapping[str, Any] | None], field: str | None) -> NDArray[np.int64]:
    """The id of each payload; with a field, that of the value in it."""
    ids = map(payload_id, payloads) if field is None else (value_id(payload, field) for payload in payloads)
    return np.fromiter(ids, np.int64)


def text_id(text: bytes | msgspec.Raw) -> int:
    """`payload_id` of a payload that is JSON text, in which the last of equal keys counts."""
    if not len(text):
        return NO_PAYLOAD
    try:
        value = _decode(text)
    except msgspec.DecodeError:
        return payload_id(any_json_value(text))
    return _hashed(msgspec.json.encode(value, order="sorted")) if value else NO_PAYLOAD


def _hashed(canonical: bytes) -> int:
    return int.from_bytes(blake2b(canonical, digest_size=8).digest(), "little") >> 1


class PayloadSegments:
    """The segments of a scenario that are chosen by payload."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self._wanted = [
            (index + 1, {name: canonical_json(value) for name, value in segment.payload.items()})
            for index, segment in enumerate(segments)
            if segment.payload
        ]
        self.with_zone = np.array([False, *(segment.gmt_zone is not None for segment in segments)])
        """[what `of` says]: whether the segment names a zone, so that its numbers need none of their phones."""

    def __bool__(self) -> bool:
        return bool(self._wanted)

    @property
    def fields(self) -> set[str]:
        """The fields of payloads that decide on a segment."""
        return {name for _, wanted in self._wanted for name in wanted}

    def of(self, payload: Mapping[str, Any] | None) -> int:
        """1 + the index of the first segment whose values the payload has; 0 if there is none."""
        for index, wanted in self._wanted:
            has = payload or {}
            if all(name in has and canonical_json(has[name]) == text for name, text in wanted.items()):
                return index
        return 0
