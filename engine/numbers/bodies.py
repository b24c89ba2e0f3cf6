"""Bodies: lists of numbers as JSON, read without reading what is the same again and again.

A list has few distinct policies. Each number is cut into the raw texts of its fields, and only the first number of
those whose policy texts are the same is read in earnest; the others have its policy, and a phone of their own.
Payloads are read only where something looks at them.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

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
PLUS = ord("+")
NO_OR_OBJECT = (b"n", b"{")
"""How the JSON text of a payload begins."""
Text = msgspec.Raw | bytes
_policy_texts = attrgetter(*POLICY_FIELDS)


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
        raise InputError([json_fault(error, data, file)]) from None
    except RecursionError:
        raise InputError([Fault((), "values nested too deep", "JSON nested less than 500 deep", file)]) from None
    if not raws:
        raise InputError([Fault((), "an empty list", "at least one number", file, 1)])
    numbers = _Reader(intake, file, columns, None).read(raws, progress)
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
    try:
        raws: Sequence[Text] = msgspec.json.Decoder(msgspec.Raw).decode_lines(data)
        lines = None
    except (msgspec.DecodeError, RecursionError):  # tell it of each line by itself
        numbered = [(place + 1, line) for place, line in enumerate(data.split(b"\n")) if line.strip()]
        raws, lines = [line for _, line in numbered], [place for place, _ in numbered]
    if not raws:
        raise InputError([Fault((), "an empty list", "at least one number", file)])
    if lines is None and len(raws) != data.count(b"\n") + (not data.endswith(b"\n")):
        lines = [place + 1 for place, line in enumerate(data.split(b"\n")) if line.strip()]
    return _Reader(intake, file, columns, lines or range(1, len(raws) + 1)).read(raws, progress)


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


class _Reader:
    """Reads the raw texts of one file's numbers."""

    def __init__(self, intake: Intake, file: str, columns: Mapping[str, str], lines: Sequence[int] | None) -> None:
        self._intake = intake
        self._file = file
        self._lines = lines
        self._columns = columns
        fields: Any = [(field, msgspec.Raw, msgspec.Raw()) for field in FIELDS]
        names = {field: columns.get(field, field) for field in FIELDS}
        kind = msgspec.defstruct("RawNumber", fields, rename=names, forbid_unknown_fields=True, gc=False)
        self._cut: Callable[[Text], Any] = msgspec.json.Decoder(kind).decode
        self._policies: dict[tuple[int, bytes], tuple[int, bool]] = {}
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
        cut, known, segments = self._cut, self._policies, self._intake.segments
        rows: list[tuple[int, int, int, int, bool]] = []
        for position, raw in enumerate(raws, first):
            key = None
            try:
                number = cut(raw)
                phone, payload = number.phone, number.payload
                policy = b"|".join(_policy_texts(number))
                # What stands between the texts is part of the key: a field that is there twice makes it longer.
                key = (len(raw) - len(policy) - len(phone) - len(payload), policy)
                place, changed = known[key]
                text = bytes(phone)
                digits = text if text[:1] != b'"' else text[2:-1] if text[1] == PLUS else text[1:-1]
                fits = not len(payload) or bytes(payload)[:1] in NO_OR_OBJECT
                if fits and digits.isdigit() and 5 <= len(digits) <= 15:
                    segment = segments.of(msgspec.json.decode(payload)) if segments and len(payload) else 0
                    rows.append((position, int(b"1" + digits), place, segment, changed))
                    continue
            except (msgspec.DecodeError, RecursionError, KeyError):
                pass
            strict = self._strict(position, raw)
            if isinstance(strict, Number):
                rows.append((position, strict.phone, strict.policy, strict.segment, strict.changed_priority))
                if key:
                    known[key] = strict.policy, strict.changed_priority
            else:
                self._faulty.append(FaultyNumber(self._file, position, bytes(raw), strict))
        return np.array(rows, np.int64).reshape(-1, 5).T

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
