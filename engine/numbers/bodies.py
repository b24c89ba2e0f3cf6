"""Bodies: lists of numbers as JSON, read without reading what is the same again and again.

A list has few distinct policies. Each number is cut into the raw texts of its fields, and only the first number of
those whose policy texts are the same is read in earnest; the others have its policy, and a phone of their own.
Payloads are read only where something looks at them.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np

from engine.calling.policy import CallPolicy
from engine.numbers.intake import FaultyNumber, Intake, Number, NumberList, Rows
from engine.numbers.payloads import payload_id, text_id
from engine.reading.document import MOST_CHARACTERS_WITH_LINES, Document, NotJsonError, json_value
from engine.reading.faults import Fault, InputError, Path, shown

POLICY_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(CallPolicy))
FIELDS = ("phone", "payload", *POLICY_FIELDS)
"""The fields of a number, as the API names them."""
ARRAY = "an array of numbers, [{phone: …}, …]"
BLOCK = 1 << 14
"""Numbers after which progress is told."""
Progress = Callable[[int], None]
"""Told how many numbers have been read, again and again."""
Key = bytes | tuple[int, bytes] | None
Text = msgspec.Raw | bytes
_policy_texts = attrgetter(*POLICY_FIELDS)
_OPENING = rb'(\s*\{\s*%b\s*:\s*"?\+?)[0-9]{5,15}(("|,)\s*,?\s*%b\s*:\s*\{)'


def read_values(body: object, intake: Intake, file: str | None = None, path: Path = ()) -> NumberList:
    """The body of `addPhones` as plain values; InputError if it is no list, or an empty one."""
    if not isinstance(body, list):
        raise InputError([Fault(path, shown(body), ARRAY, file)])
    if not body:
        raise InputError([Fault(path, "an empty list", "at least one number", file)])
    rows, faulty = [], []
    for position, number in enumerate(body):
        read = intake.number(number, (*path, position), file)
        if isinstance(read, Number):
            rows.append((position, *read))
        else:
            faulty.append(FaultyNumber(file, position, _json_text(number), read))
    positions, phones, policies, segments, payloads, changed = (np.array(rows, np.int64).reshape(-1, 6)).T
    return NumberList(
        given=len(body),
        positions=positions,
        phones=phones,
        policies=policies.astype(np.int32),
        segments=segments.astype(np.int16),
        payload_ids=lambda wanted: payloads[wanted],
        faulty=faulty,
        changed_priorities=int(changed.sum()),
    )


def _json_text(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, RecursionError):
        return shown(value).encode("utf-8", "backslashreplace")


def read_json(
    data: bytes, intake: Intake, file: str, columns: Mapping[str, str] = {}, progress: Progress | None = None
) -> NumberList:
    """The body of `addPhones` as JSON text in UTF-8; InputError if it is none."""
    try:
        raws = msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        raise InputError([Fault((), shown_text(data), ARRAY, file, 1)]) from None
    except msgspec.DecodeError as error:
        fault = json_fault(error, data, file)
        if data.lstrip()[:1] == b"{":
            allowed = f"{ARRAY}; a file of one number a line is .ndjson"
            fault = Fault((), "objects that are in no array", allowed, file, 1)
        raise InputError([fault]) from None
    except RecursionError:
        raise InputError([Fault((), "values nested too deep", "JSON nested less than 500 deep", file)]) from None
    if not raws:
        raise InputError([Fault((), "an empty list", "at least one number", file, 1)])
    numbers = _Reader(intake, file, columns).read(raws, progress)
    if not numbers.faulty or len(data) > MOST_CHARACTERS_WITH_LINES:
        return numbers
    document = Document(file, data.decode(), None)
    return numbers._replace(faulty=[_with_lines(number, document) for number in numbers.faulty])


def _with_lines(number: FaultyNumber, document: Document) -> FaultyNumber:
    placed = [msgspec.structs.replace(fault, line=document.line(fault.path)) for fault in number.faults]
    return number._replace(faults=tuple(placed))


def read_lines(
    data: bytes, intake: Intake, file: str, columns: Mapping[str, str] = {}, progress: Progress | None = None
) -> NumberList:
    """One number a line, each a JSON object; blank lines are skipped. InputError if there is none."""
    raws: Sequence[Text] = []
    with suppress(msgspec.DecodeError, RecursionError):  # then each line is told of by itself
        raws = msgspec.json.Decoder(msgspec.Raw).decode_lines(data)
    lines: Sequence[int] = range(1, len(raws) + 1)
    well_formed = True
    if len(raws) != data.count(b"\n") + (not data.endswith(b"\n")):
        numbered = [(place + 1, line) for place, line in enumerate(data.split(b"\n")) if line.strip()]
        lines = [place for place, _ in numbered]
        if len(raws) != len(lines):
            raws, well_formed = [line for _, line in numbered], False
    if not raws:
        raise InputError([Fault((), "an empty list", "at least one number", file)])
    return _Reader(intake, file, columns, lines, well_formed=well_formed).read(raws, progress)


def json_fault(error: msgspec.DecodeError, data: bytes, file: str) -> Fault:
    """What is wrong with text that is no JSON, and on which line."""
    message, _, place = str(error).partition(" (byte ")
    message = message.removeprefix("JSON is malformed: ")
    at = int(place.rstrip(")")) if place else len(data)
    return Fault((), f"text that is not JSON ({message.lower()})", "JSON", file, data.count(b"\n", 0, at) + 1)


def shown_text(data: bytes) -> str:
    """The beginning of a text that is something else than it should be."""
    text = data[:61].decode("utf-8", "replace")
    return text if len(text) <= 60 else text[:57] + "…"


def _is_flat(payload: bytes) -> bool:
    """Whether the first brace that closes in a payload is the payload's own."""
    return payload.count(b"{") == 1 and b"\\" not in payload and payload.count(b'"') % 2 == 0


class _Opening(NamedTuple):
    """How numbers begin in most lists: with a phone, and behind it a payload. Found so, they need not be cut."""

    before_phone: bytes
    before_payload: bytes
    """What stands between the phone's digits and the payload's first field."""
    stop: bytes
    """Its first character."""


class _Reader:
    """Reads the raw texts of one file's numbers."""

    def __init__(
        self,
        intake: Intake,
        file: str,
        columns: Mapping[str, str],
        lines: Sequence[int] | None = None,
        *,
        well_formed: bool = True,
    ) -> None:
        self._intake = intake
        self._file = file
        self._lines = lines
        self._columns = columns
        fields: Any = [(field, msgspec.Raw, msgspec.Raw()) for field in FIELDS]
        names = {field: columns.get(field, field) for field in FIELDS}
        kind = msgspec.defstruct("RawNumber", fields, rename=names, forbid_unknown_fields=True, gc=False)
        self._cut: Callable[[Text], Any] = msgspec.json.Decoder(kind).decode
        self._policies: dict[Key, tuple[int, bool]] = {}
        phone_name, payload_name = (json.dumps(names[field]).encode() for field in ("phone", "payload"))
        pattern = _OPENING % (re.escape(phone_name), re.escape(payload_name))
        self._open = re.compile(pattern).match if well_formed else None
        self._opening: _Opening | None = None
        self._faulty: list[FaultyNumber] = []

    def read(self, raws: Sequence[Text], progress: Progress | None) -> NumberList:
        """All numbers; the texts of their payloads stay where they are until they are asked for."""
        blocks = []
        for first in range(0, len(raws), BLOCK):
            if progress:
                progress(first)
            blocks.append(self._block(first, raws[first : first + BLOCK]))
        positions, phones, policies, segments, changed = np.concatenate(blocks, axis=1)
        return NumberList(
            given=len(raws),
            positions=positions,
            phones=phones,
            policies=policies.astype(np.int32),
            segments=segments.astype(np.int16),
            payload_ids=lambda rows: np.array([self._payload_id(raws[place]) for place in positions[rows]], np.int64),
            faulty=self._faulty,
            changed_priorities=int(changed.sum()),
        )

    def _block(self, first: int, raws: Sequence[Text]) -> Rows:
        """[column, row]: position, phone, policy, segment, whether its priority counts as 5; of those without fault."""
        known, segments = self._policies, self._intake.segments
        rows: list[tuple[int, int, int, int, bool]] = []
        for position, raw in enumerate(raws, first):
            key, digits, payload = self._parts(raw)
            policy = known.get(key)
            if policy and digits:
                segment = segments.of(msgspec.json.decode(payload)) if segments and payload else 0
                rows.append((position, int(b"1" + digits), policy[0], segment, policy[1]))
                continue
            strict = self._strict(position, raw)
            if isinstance(strict, Number):
                rows.append((position, strict.phone, strict.policy, strict.segment, strict.changed_priority))
                if key:
                    known[key] = strict.policy, strict.changed_priority
                if self._open and (begins := self._open(bytes(raw))):
                    self._opening = _Opening(begins[1], begins[2], begins[3])
            else:
                self._faulty.append(FaultyNumber(self._file, position, bytes(raw), strict))
        return np.array(rows, np.int64).reshape(-1, 5).T

    def _parts(self, raw: Text) -> tuple[Key, bytes | None, bytes | None]:
        """A key that numbers share only if their policies are the same, the phone's digits, and the payload.

        The key is None for what must be read in earnest to be understood, the digits for what is no phone. Behind a
        flat payload the rest of the text is the key. If another number, well-formed JSON as it is, has the same rest
        behind its first closing brace, that brace ends its payload too: within a string the quotes of the fields in the
        rest would open where they close, and within an object the rest would end one brace early.
        """
        text = bytes(raw)
        opening = self._opening
        if opening and text.startswith(opening.before_phone):
            phone_at = len(opening.before_phone)
            stop = text.find(opening.stop, phone_at)
            digits = text[phone_at:stop]
            if digits.isdigit() and 5 <= len(digits) <= 15 and text.startswith(opening.before_payload, stop):
                end = text.find(b"}", stop) + 1
                rest = text[end:]
                payload = text[stop + len(opening.before_payload) - 1 : end]
                if rest in self._policies or _is_flat(payload):
                    return rest, digits, payload
        try:
            number = self._cut(raw)
        except (msgspec.DecodeError, RecursionError):
            return None, None, None
        phone, payload, policy = bytes(number.phone), bytes(number.payload), b"|".join(_policy_texts(number))
        # What stands between the texts is part of the key: a field that is there twice makes it longer.
        key = len(text) - len(policy) - len(phone) - len(payload), policy
        digits = phone.strip(b'"').removeprefix(b"+")
        good = digits.isdigit() and 5 <= len(digits) <= 15 and payload[:1] in (b"", b"n", b"{")
        return key, digits if good else None, payload

    def _strict(self, position: int, raw: Text) -> Number | tuple[Fault, ...]:
        """One number read in earnest."""
        line = self._lines[position] if self._lines else None
        try:
            value = json_value(bytes(raw).decode())
        except NotJsonError as error:
            return (Fault((position,), str(error), "JSON", self._file, line),)
        except RecursionError:
            return (Fault((position,), "values nested too deep", "JSON nested less than 500 deep", self._file, line),)
        if isinstance(value, dict) and self._columns:
            value = self._renamed(value)
        read = self._intake.number(value, (position,), self._file)
        return read if isinstance(read, Number) else tuple(msgspec.structs.replace(fault, line=line) for fault in read)

    def _renamed(self, number: dict[str, Any]) -> dict[str, Any]:
        """The number with its fields named as the API names them; one that another column stands for is unknown."""
        fields = {name: f"{name} (see columns)" for name in self._columns}
        fields |= {name: field for field, name in self._columns.items()}
        return {fields.get(name, name): value for name, value in number.items()}

    def _payload_id(self, raw: Text) -> int:
        try:
            return text_id(self._cut(raw).payload)
        except (msgspec.DecodeError, RecursionError):  # half of a surrogate pair, which msgspec does not read
            return payload_id(json_value(bytes(raw).decode()).get(self._columns.get("payload", "payload")))
