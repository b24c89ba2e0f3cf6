"""Bodies: lists of numbers as JSON, in which text that repeats is read only once.

A list has few distinct policies. Each number is cut into the raw texts of its fields. Many numbers differ only in the
values of phone and payload: the first of them is read with all checks, and the others get its policy. Payloads are
read only where they matter.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn, overload

import msgspec
import numpy as np

from engine.calling.policy import POLICY_FIELDS
from engine.numbers.formats.frames import FIELDS, Frame, Shape, alike, frame_of, may_be_payload, shape_of
from engine.numbers.formats.respelled import number_of_country, respelled, spelling_notes
from engine.numbers.intake import UNPLACED, FaultyNumber, Intake, Number, NumberList, Rows
from engine.numbers.payloads import payload_id, payload_ids, text_id, value_id
from engine.numbers.phonebook import phone_text
from engine.progress import Progress, Step, unseen
from engine.reading.collector import collector_put_off
from engine.reading.faults import LONGEST_SHOWN, Fault, InputError, Path, shortened, shown
from engine.reading.json_values import (
    MOST_DEPTH,
    NotJsonError,
    any_json_value,
    array_items,
    count_of_items,
    json_value_around,
    lines_of,
    nested_too_deep,
)

ARRAY = "an array of numbers, [{phone: …}, …]"
BLOCK = 1 << 14
"""Numbers between two reports of progress."""
MOST_WITH_LINES, LONGEST_WITH_LINES = 1_000, 100_000
"""So many faulty numbers, up to so many bytes each, have the line of each fault; others the line where they begin."""
PLUS, NEWLINE, BRACE = ord("+"), ord("\n"), ord("{")
TOO_DEEP = f"JSON nested at most {MOST_DEPTH} deep"
MOST_KNOWN = 100_000
"""The most texts of policies that are remembered."""
LONGEST_NUMBER = 1 << 20
"""The most bytes of a number in such a body: read, it takes some fifty times as many."""
MOST_FAULTY = 1_000
"""Of the body of a running dialer, which is refused whole, so many numbers with faults are read, and no more."""
MANY, SHORTEST_NUMBER = 10_000, len('{"phone":10000}')
"""A body of more than so many values is looked at before it is split, for each takes the memory of many bytes."""
MOST_AT_ONCE = 1_000
"""The texts of so many policies are remembered when they come first; those of others when they come again."""
MANY_OWN = 100
"""When `_Reader._own` is so high, the text around values is looked at first."""
MOST_SHAPES = 8
"""The most orders of fields that are remembered for numbers of one policy and one length."""
_ARRAY_BEGINS = re.compile(rb"\s*\[").match
_WRAPPED = re.compile(rb'\s*\{\s*"[A-Za-z]+"\s*:\s*\[')
Text = msgspec.Raw | bytes
ReadNumber = Callable[[object, Path, str | None], Number | tuple[Fault, ...]]
_policy_texts = attrgetter(*(field.name for field in POLICY_FIELDS))
_OPENING = rb'(\s*\{\s*%b\s*:\s*"?\+?)[0-9]{5,15}(("|,)\s*,?\s*%b\s*:\s*\{)'


def read_values(body: object, intake: Intake, file: str | None = None, path: Path = ()) -> NumberList:
    """The body of `addPhones` as plain values; InputError if it is not a list, or an empty one."""
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
            faulty.append(FaultyNumber(file, position, json_text(number), read))
    positions, phones, own, segments, payloads, changed = (np.array(rows, np.int64).reshape(-1, 6)).T
    policies = own.astype(np.int32)
    return NumberList(
        given=len(body),
        positions=positions,
        phones=phones,
        policies=policies,
        segments=segments.astype(np.int16),
        payload_ids=lambda wanted, field=None: (
            payloads[wanted]
            if field is None
            else payload_ids((body[position].get("payload") for position in positions[wanted]), field)
        ),
        faulty=faulty,
        changed_priorities=intake.changed_counts(changed),
        phone_zones=intake.zones_of_phones(phones, policies, segments),
    )


def json_text(value: object) -> bytes:
    """JSON text of a value to show it; something close if JSON cannot hold it."""
    try:
        return msgspec.json.encode(value)
    except (ValueError, RecursionError, TypeError):  # half of a surrogate pair, or not a plain value
        return shown(value).encode("utf-8", "backslashreplace")


def read_json(
    data: bytes,
    intake: Intake,
    file: str,
    columns: Mapping[str, str] = {},
    progress: Progress = unseen,
    country: str | None = None,
) -> NumberList:
    """The body of `addPhones` as JSON text in UTF-8; InputError if it cannot be read as a whole.

    With a `country`, phones are read as people there write them.
    """
    _check_names(columns, file)
    raws = _items(data, file)
    if not raws:
        raise InputError([Fault((), "an empty list", "at least one number", file, 1)])
    numbers = _Reader(intake, file, columns, None, well_formed=True, country=country).read(raws, progress)
    return numbers._replace(faulty=list(_with_lines(numbers.faulty, raws, data))) if numbers.faulty else numbers


def read_body(data: bytes, intake: Intake) -> NumberList:
    """The body of `addPhones` as it comes to a running dialer, in UTF-8; InputError with all faults.

    Those are the faults of the first MOST_FAULTY numbers that have some. The list may be empty. Faults have no file and
    no line. The text is not kept: payloads are read at once.
    """
    try:
        data.decode()
    except UnicodeDecodeError as error:
        found = f"a byte that is not UTF-8 at position {error.start}"
        raise InputError([Fault((), found, "JSON in UTF-8")]) from None
    if not data.strip():
        raise InputError([Fault((), "an empty body", ARRAY)])
    most = len(data) // SHORTEST_NUMBER + 1
    if data.count(b",") >= max(MANY, most) and (count := count_of_items(data)) > most:
        raise InputError([Fault((), f"{count:,} values, most of them too short for a number", ARRAY)])
    reader = _Reader(intake, None, {}, None, well_formed=True, most_faulty=MOST_FAULTY, longest=LONGEST_NUMBER)
    numbers = reader.read(_items(data, None), unseen)
    if numbers.faulty:
        faults = (fault for number in numbers.faulty for fault in number.faults)
        raise FaultyBodyError(faults, numbers.faulty[0].number)
    rows = np.arange(len(numbers.phones))
    payloads = {field: numbers.payload_ids(rows, field) for field in (None, *intake.shared_fields)}
    return numbers._replace(payload_ids=lambda wanted, field=None: payloads[field][wanted])


def _items(data: bytes, file: str | None) -> Sequence[Text]:
    """The texts of an array's items; InputError if the text is not an array in JSON."""
    try:
        return array_items(data)
    except msgspec.ValidationError:
        wrapped = _WRAPPED.match(data)
        found = f"an object around the array, {shown_text(data)}" if wrapped else shown_text(data)
        allowed = f"the array itself, {ARRAY.removeprefix('an array of numbers, ')}" if wrapped else ARRAY
        if file and not wrapped and data.lstrip()[:1] == b"{":
            allowed = f"{ARRAY}; name a file of one number a line .ndjson"
        raise InputError([Fault((), found, allowed, file, 1 if file else None)]) from None
    except NotJsonError as error:
        if file is None:
            fault = Fault((), str(error) + (f", line {error.line}" if error.line else ""), "JSON")
        elif data.lstrip()[:1] == b"{":
            allowed = f"{ARRAY}; name a file of one number a line .ndjson"
            fault = Fault((), "objects that are not in an array", allowed, file, 1)
        else:
            fault = Fault((), str(error), "JSON", file, error.line)
        raise InputError([fault]) from None
    except RecursionError:
        raise InputError([Fault((), "values nested too deep", TOO_DEEP, file)]) from None


def _check_names(columns: Mapping[str, str], file: str) -> None:
    """InputError if `columns` maps fields that only tables have."""
    faults = [
        Fault((f"columns.{field}",), "a column that only tables have", ", ".join(FIELDS), file)
        for field in columns
        if field not in FIELDS
    ]
    if faults:
        raise InputError(faults)


def _with_lines(faulty: Sequence[FaultyNumber], raws: Sequence[Text], data: bytes) -> Iterator[FaultyNumber]:
    """The faulty numbers of an array's text, with the lines of their faults."""
    reached, at, line, counted = 0, 0, 1, 0
    for index, number in enumerate(faulty):
        for raw in raws[reached : number.position]:
            at = data.index(raw, at) + len(raw)
        at = data.index(number.number, at)
        reached, line, counted = number.position, line + data.count(b"\n", counted, at), at
        searched = index < MOST_WITH_LINES and b"\n" in number.number and len(number.number) <= LONGEST_WITH_LINES
        inner = lines_of(number.number.decode()) if searched else None
        lines = [line - 1 + inner.of(fault.path[1:]) if inner else line for fault in number.faults]
        placed = [msgspec.structs.replace(fault, line=each) for fault, each in zip(number.faults, lines, strict=True)]
        yield number._replace(faults=tuple(placed))


def read_lines(
    data: bytes,
    intake: Intake,
    file: str,
    columns: Mapping[str, str] = {},
    progress: Progress = unseen,
    country: str | None = None,
) -> NumberList:
    """Numbers as JSON objects, one on each line; blank lines are skipped. InputError if there are none.

    With a `country`, phones are read as people there write them.
    """
    _check_names(columns, file)
    if _is_array(data):
        raise InputError(
            [Fault((), "an array of numbers", "an object on each line; or a name that ends in .json", file, 1)]
        )
    lines = _Lines(data)
    if not lines:
        raise InputError([Fault((), "an empty list", "at least one number", file)])
    return _Reader(intake, file, columns, lines.numbers, country=country).read(lines, progress)


def _is_array(data: bytes) -> bool:
    """Whether the whole text is one array in JSON."""
    if not _ARRAY_BEGINS(data):
        return False
    try:
        return bool(array_items(data))
    except (msgspec.ValidationError, NotJsonError, RecursionError):
        return False


class FaultyBodyError(InputError):
    """A body with faults, and the text of the first number that has one."""

    def __init__(self, faults: Iterable[Fault], number: bytes) -> None:
        super().__init__(faults)
        self.number = number


class _Lines(Sequence[bytes]):
    """The lines of a text that are not blank; each is cut out when it is used."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        text = np.frombuffer(data, np.uint8)
        blocks = range(0, len(data), 1 << 24)
        ends = [first + np.flatnonzero(text[first : first + (1 << 24)] == NEWLINE) for first in blocks]
        self._ends = np.concatenate([*ends, [len(data)]]).astype(np.int64)
        self._starts = np.concatenate([[0], self._ends[:-1] + 1])
        filled = self._starts < self._ends
        filled[filled] = text[self._starts[filled]] == BRACE
        for index in np.flatnonzero(~filled).tolist():
            filled[index] = bool(data[self._starts[index] : self._ends[index]].strip())
        self._starts, self._ends = self._starts[filled], self._ends[filled]
        self.numbers = (np.flatnonzero(filled) + 1).tolist()
        """Their line numbers in the text, from 1."""

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...

    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        starts, ends = self._starts[index].tolist(), self._ends[index].tolist()
        if not isinstance(index, slice):
            return self._data[starts:ends]
        return [self._data[start:end] for start, end in zip(starts, ends, strict=True)]


def shown_text(data: bytes) -> str:
    """The beginning of a text, for a message."""
    return shortened(" ".join(data[: LONGEST_SHOWN + 1].decode("utf-8", "replace").split()))


class _Opening(NamedTuple):
    """How numbers of most lists begin: with a phone and then a payload. Such numbers need not be cut into fields."""

    before_phone: bytes
    before_payload: bytes
    """The text between the phone's digits and the payload's first field."""
    stop: bytes
    """The first character of that."""


def _is_flat(payload: bytes) -> bool:
    """Whether the first brace that closes in a payload is the payload's own."""
    return payload.count(b"{") == 1 and b"\\" not in payload and payload.count(b'"') % 2 == 0


class _Reader:
    """Reads the raw texts of one file's numbers."""

    def __init__(
        self,
        intake: Intake,
        file: str | None,
        columns: Mapping[str, str],
        lines: Sequence[int] | None,
        *,
        well_formed: bool = False,
        most_faulty: int = sys.maxsize,
        longest: int = sys.maxsize,
        country: str | None = None,
    ) -> None:
        self._intake = intake
        self._file = file
        self._lines = lines
        self._columns = columns
        self._names = {field: columns.get(field, field) for field in FIELDS}
        self._cut = _cutter(self._names)
        self._known: dict[tuple[int, bytes], list[Shape]] = {}
        names = (re.escape(json.dumps(self._names[field]).encode()) for field in ("phone", "payload"))
        self._opens = re.compile(_OPENING % tuple(names)).match if well_formed else None
        self._opening: _Opening | None = None
        self._frames: list[Frame] = []
        self._own = 0
        """How much more often, of late, numbers had a policy of their own than one that had come before."""
        self._once: set[int] = set()
        """The policies that have come."""
        self._rests: dict[bytes, tuple[int, int]] = {}
        self._faulty: list[FaultyNumber] = []
        self._most_faulty = most_faulty
        self._longest = longest
        self._country = country
        self._extensions = self._doubled = 0

    def read(self, raws: Sequence[Text], progress: Progress) -> NumberList:
        """All numbers; the texts of their payloads are read when they are needed."""
        blocks = []
        for first in range(0, max(len(raws), 1), BLOCK):
            if len(self._faulty) >= self._most_faulty:
                break
            progress(Step(f"reading {self._file}", first, len(raws), "numbers"))
            with collector_put_off():
                blocks.append(self._block(first, raws[first : first + BLOCK]))
        columns = np.concatenate(blocks, axis=1)
        phone_zones = self._intake.zones_of_phones(columns[1], columns[2].astype(np.int32), columns[3])
        if phone_zones is not None and (unplaced := phone_zones == UNPLACED).any():
            self._leave_out(columns[0][unplaced].tolist(), columns[1][unplaced].tolist(), raws)
            columns, phone_zones = columns[:, ~unplaced], phone_zones[~unplaced]
        positions, phones, policies, segments, changed = columns
        return NumberList(
            given=len(raws),
            positions=positions,
            phones=phones,
            policies=policies.astype(np.int32),
            segments=segments.astype(np.int16),
            payload_ids=lambda rows, field=None: np.array(
                [self._payload_id(raws[index], field) for index in positions[rows]], np.int64
            ),
            faulty=self._faulty,
            changed_priorities=self._intake.changed_counts(changed),
            phone_zones=phone_zones,
            notes=spelling_notes(self._extensions, self._doubled),
        )

    def _leave_out(self, positions: Sequence[int], phones: Sequence[int], raws: Sequence[Text]) -> None:
        """Read again, for their faults, numbers whose phones turned out to have no known zone."""
        for position, phone in zip(positions[: self._most_faulty], phones, strict=False):
            text = bytes(raws[position])
            read = self._as_written(position, text, phone_text(phone))
            assert not isinstance(read, Number)  # noqa: S101 (the zone of its phone is still not known)
            self._faulty.append(FaultyNumber(self._file, position, text, read))
        self._faulty.sort(key=attrgetter("position"))

    def _block(self, first: int, raws: Sequence[Text]) -> Rows:
        """Numbers without fault, [column, row]: position, phone, policy, segment, changed priority."""
        segments = self._intake.segments
        rows: list[tuple[int, int, int, int, int]] = []
        texts: Sequence[Text] = raws
        digits: Sequence[str | None] = ()
        if self._country is not None:
            digits, texts, extensions, doubled = respelled(raws, self._cut, self._names["phone"], self._country)
            self._extensions += extensions
            self._doubled += doubled
        for place, raw in enumerate(texts):
            position = first + place
            text = bytes(raw)
            opened = self._open(text) if self._opening else None
            known = opened and self._rests.get(opened[0])
            if opened and known:
                _, phone, payload = opened
                segment = segments.of(any_json_value(payload)) if segments else 0
                rows.append((position, int(b"1" + phone), known[0], segment, known[1]))
                continue
            number = self._number(position, text) if text else self._as_written(position, raws[place], digits[place])
            if isinstance(number, Number):
                rows.append((position, number.phone, number.policy, number.segment, number.changed_priority))
                if opened and _is_flat(opened[2]) and len(self._rests) < MOST_KNOWN:
                    self._rests[opened[0]] = number.policy, number.changed_priority
            else:
                self._faulty.append(FaultyNumber(self._file, position, bytes(raws[place]), number))
                if len(self._faulty) >= self._most_faulty:
                    break
        return np.fromiter(chain.from_iterable(rows), np.int64, 5 * len(rows)).reshape(-1, 5).T

    def _open(self, text: bytes) -> tuple[bytes, bytes, bytes] | None:
        """The rest of a number after its payload, the phone's digits and the payload, if it begins as others do.

        The payload ends with its first closing brace if it is flat. If the same rest follows the first closing brace of
        another number, which is well-formed JSON, that brace ends its payload, too. Within a string, the quotes of the
        fields in the rest would open where they close. Within an object, the rest would end one brace too early.
        """
        opening = self._opening
        if opening and text.startswith(opening.before_phone):
            phone_at = len(opening.before_phone)
            stop = text.find(opening.stop, phone_at)
            digits = text[phone_at:stop]
            if digits.isdigit() and 5 <= len(digits) <= 15 and text.startswith(opening.before_payload, stop):
                end = text.find(b"}", stop) + 1
                return text[end:], digits, text[stop + len(opening.before_payload) - 1 : end]
        return None

    def _number(self, position: int, text: bytes) -> Number | tuple[Fault, ...]:
        """One number, or its faults; read with all checks unless only phone and payload differ from an earlier one."""
        if len(text) > self._longest:
            found, allowed = f"a number of {len(text):,} bytes", f"at most {self._longest:,}"
            return (Fault((position,), found, allowed, self._file),)
        if self._own >= MANY_OWN and (number := self._framed(text)):
            return number
        key, phone, payload = None, b"", b""
        try:
            cut = self._cut(text)
            cut_policy = _policy_texts(cut)
            phone, payload = bytes(cut.phone), bytes(cut.payload)
            digits = phone if phone[:1] != b'"' else phone[2:-1] if phone[1] == PLUS else phone[1:-1]
            if digits.isdigit() and 5 <= len(digits) <= 15 and (not payload or may_be_payload(payload)):
                policy = b"|".join(cut_policy)
                key = (len(text) - len(policy) - len(phone) - len(payload), policy)
                like = alike(self._known.get(key, ()), text, phone, payload)
                if like:
                    self._own = max(self._own - 1, 0)
                    return Number(int(b"1" + digits), like.policy, self._segment(payload), 0, like.changed_priority)
                if self._own < MANY_OWN and (number := self._framed(text)):
                    self._learn(key, text, phone, payload, number)
                    return number
        except (msgspec.DecodeError, RecursionError):
            pass
        read = self._strict(position, text)
        if isinstance(read, Number):
            if key:
                self._learn(key, text, phone, payload, read)
                frame = frame_of(text, self._names, (phone, payload, *map(bytes, cut_policy)))
                if frame and len(self._frames) < MOST_SHAPES:
                    self._frames.append(frame)
            if self._opens and (begins := self._opens(text)):
                self._opening = _Opening(begins[1], begins[2], begins[3])
        return read

    def _segment(self, payload: bytes) -> int:
        """The segment that the text of a payload chooses."""
        segments = self._intake.segments
        return segments.of(any_json_value(payload)) if segments and payload else 0

    def _framed(self, text: bytes) -> Number | None:
        """A number with the same text around its values as an earlier one; None if there is none, or it has a fault."""
        for frame in self._frames:
            texts = frame.cut(text)
            if texts:
                digits, payload, *policy_texts = texts
                known = len(self._intake.distinct)
                read = self._intake.policy_of_texts(zip(frame.places, policy_texts, strict=True))
                if read is None:
                    return None
                policy, changed = read
                self._own = min(self._own + 1, 2 * MANY_OWN) if policy == known else max(self._own - 1, 0)
                segment = self._segment(payload) if frame.groups[1] else 0
                return Number(int(b"1" + digits), policy, segment, 0, changed)
        return None

    def _learn(self, key: tuple[int, bytes], text: bytes, phone: bytes, payload: bytes, number: Number) -> None:
        """Remember the text around phone and payload: a number with the same text has the same policy."""
        comes_often = number.policy in self._once or len(self._once) < MOST_AT_ONCE
        self._once.add(number.policy)
        if not comes_often:
            return
        shapes = self._known.setdefault(key, []) if len(self._known) < MOST_KNOWN else []
        if len(shapes) < MOST_SHAPES and (
            shape := shape_of(text, self._names, phone, payload, number.policy, number.changed_priority)
        ):
            shapes.append(shape)

    def _as_written(self, position: int, raw: Text, digits: str | None) -> Number | tuple[Fault, ...]:
        """One number as it was written, read with all checks; its phone has these digits for people of the country."""
        if self._country is None:
            return self._strict(position, raw)
        read = partial(number_of_country, digits=digits, country=self._country, intake=self._intake)
        return self._checked(position, raw, read)

    def _strict(self, position: int, raw: Text) -> Number | tuple[Fault, ...]:
        """One number, read with all checks."""
        return self._checked(position, raw, self._intake.number)

    def _checked(self, position: int, raw: Text, read_number: ReadNumber) -> Number | tuple[Fault, ...]:
        line = self._lines[position] if self._lines else None
        text = bytes(raw)
        if nested_too_deep(text):
            return (Fault((position,), "values nested too deep", TOO_DEEP, self._file, line),)
        try:
            value = json_value_around(text.decode(), self._names["payload"])
        except NotJsonError as error:
            return (Fault((position,), str(error), "JSON", self._file, line),)
        if isinstance(value, dict) and self._columns:
            value = self._renamed(value)
        read = read_number(value, (position,), self._file)
        return read if isinstance(read, Number) else tuple(msgspec.structs.replace(fault, line=line) for fault in read)

    def _renamed(self, number: dict[str, Any]) -> dict[str, Any]:
        """The number with its fields named as in the API; a name that `columns` replaces is unknown."""
        fields = {name: f"{name} (see columns)" for name in self._columns}
        fields |= {name: field for field, name in self._columns.items()}
        return {fields.get(name, name): value for name, value in number.items()}

    def _payload_id(self, raw: Text, field: str | None) -> int:
        """The id of the payload of a number without fault, or of the value in a field of it."""
        try:
            text = self._cut(raw).payload
            if field is not None:
                return value_id(any_json_value(text) if len(text) else None, field)
            return text_id(text)
        except msgspec.DecodeError:  # half of a surrogate pair, which msgspec does not read
            payload = any_json_value(raw).get(self._names["payload"])
            return payload_id(payload) if field is None else value_id(payload, field)


def _cutter(names: Mapping[str, str]) -> Callable[[Text], Any]:
    """A function that cuts a number into the texts of its fields, by these names; DecodeError if it cannot."""
    fields: Any = [(field, msgspec.Raw, msgspec.Raw()) for field in names]
    try:
        kind = msgspec.defstruct("RawNumber", fields, rename=names, forbid_unknown_fields=True, gc=False)
    except ValueError:  # names that msgspec refuses: with quotes, or the name of another field
        return _cut_nothing
    return msgspec.json.Decoder(kind).decode


def _cut_nothing(_: Text) -> NoReturn:
    raise msgspec.DecodeError
