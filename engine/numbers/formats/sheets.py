"""Sheets: lists of numbers as rows of a table (CSV, Excel or Parquet).

Columns have the names of the API's fields. An empty cell is a field left out. `10:00-18:00` in `allowedTime` holds for
every day, a column `mon` has the hours of Mondays, and a column `payload.plan` has a field of the payload. Rows with
the same policy cells are grouped, and the policy of each group is read once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.calling.meant import means_nothing, meant_hours, names_days
from engine.calling.policy import POLICY_FIELDS, PolicyError
from engine.calling.spoken import CLOSED, HOURS_FORM, spoken_days, spoken_hours
from engine.numbers.formats.bodies import json_text
from engine.numbers.formats.columns import DAY_COLUMNS, PAYLOAD, Named, named
from engine.numbers.formats.forms import AS_IT_IS, FileForm
from engine.numbers.formats.respelled import number_of_country, spelling_notes
from engine.numbers.intake import UNPLACED, FaultyNumber, Intake, Number, NumberList, Rows, no_payloads
from engine.numbers.payloads import payload_ids
from engine.numbers.phonebook import phone_code
from engine.numbers.places.spelled_phones import spelled_phones
from engine.reading.faults import Fault, InputError, shown
from engine.reading.json_values import NotJsonError, any_json_value, json_value, nested_too_deep
from engine.reading.notes import Note
from engine.reading.tables import Table

INTEGERS = frozenset(field.name for field in POLICY_FIELDS if field.form == "integer")
NESTED = frozenset(field.name for field in POLICY_FIELDS if field.form in ("array", "object"))
"""Fields that are lists or objects; a cell holds them as JSON or as words."""
_ONES = 10 ** np.arange(16)
"""[digits]: a 1 before so many digits."""
_INTEGER = re.compile(r"\s*(-?[0-9]{1,4000})(?:\.0+)?\s*")


def read_sheet(table: Table, intake: Intake, file: str, form: FileForm = AS_IT_IS) -> NumberList:
    """The numbers of a table, one in each row; InputError for columns that are unknown, missing or there twice."""
    if not table.given:
        other = table.other_sheets or (f"; or another encoding than {form.encoding}" if form.encoding else "")
        raise InputError([Fault((), "an empty list", f"at least one number{other}", file)])
    sheet = named(table.frame, file, form, table.other_sheets)
    notes: list[Note] = []
    if sheet.ignored:
        left_out = f"columns that are left out: {', '.join(map(shown, sheet.ignored))}"
        notes.append(Note("columns", left_out, len(sheet.ignored)))
    spelled = None
    if form.country is not None:
        spelled, extensions, doubled = spelled_phones(sheet.frame["phone"], form.country)
        notes += spelling_notes(extensions, doubled)
    numbers = _Reader(sheet, table, intake, file, spelled, form.country).read()._replace(notes=tuple(notes))
    if not table.faulty:
        return numbers
    faulty = [FaultyNumber(file, row.position, json_text(row.text), (row.fault,)) for row in table.faulty]
    return numbers._replace(
        given=table.given, faulty=sorted([*numbers.faulty, *faulty], key=lambda number: number.position)
    )


class _Reader:
    def __init__(
        self, sheet: Named, table: Table, intake: Intake, file: str, spelled: pl.Series | None, country: str | None
    ) -> None:
        """`spelled` are the phones as people in `country` wrote them, with its code; None if they are as they stand."""
        self._spelled = spelled
        self._country = country
        self._sheet = sheet.frame
        self._titles = sheet.titles
        self._positions = table.positions
        self._lines = table.lines
        self._intake = intake
        self._file = file
        columns = sheet.frame.columns
        self._payload = [name for name in columns if name == "payload" or name.startswith(PAYLOAD)]
        self._policy = [name for name in columns if name != "phone" and name not in self._payload]

    def read(self) -> NumberList:
        """The numbers of all rows."""
        phones = _phones(self._sheet["phone"] if self._spelled is None else self._spelled)
        firsts, group = _groups(self._sheet, self._policy)
        distinct = self._sheet[firsts].rows(named=True)
        read = [self._policy_of({name: row[name] for name in self._policy}) for row in distinct]
        policies = np.array([index for index, _ in read], np.int32)[group]
        good = (phones > 0) & (policies >= 0) & self._payloads_are_objects()
        rows = np.flatnonzero(good)
        segments = self._segments(good)
        phone_zones = self._intake.zones_of_phones(phones[rows], policies[rows], segments[rows])
        if phone_zones is not None and (unplaced := phone_zones == UNPLACED).any():
            good[rows[unplaced]] = False
            rows, phone_zones = rows[~unplaced], phone_zones[~unplaced]
        return NumberList(
            given=len(good),
            positions=self._positions[rows],
            phones=phones[rows],
            policies=policies[rows],
            segments=segments[rows],
            payload_ids=lambda wanted, field=None: self._payload_ids(rows[wanted], field),
            faulty=[self._faulty(row) for row in np.flatnonzero(~good).tolist()],
            changed_priorities=self._intake.changed_counts(
                np.array([changed for _, changed in read], np.int64)[group[rows]]
            ),
            phone_zones=phone_zones,
        )

    def _policy_of(self, cells: Mapping[str, Any]) -> tuple[int, int]:
        """The index of the policy of such cells, -1 if it has faults; and what `Intake.changed_priority` says."""
        fields, faults = _policy_fields(cells)
        priority = fields.get("dialerPriority")
        try:
            index = -1 if faults else self._intake.policy(fields)
        except PolicyError:
            index = -1
        return index, self._intake.changed_priority(priority) if index >= 0 else 0

    def _payloads_are_objects(self) -> NDArray[np.bool_]:
        if self._payload != ["payload"]:
            return np.ones(self._sheet.height, np.bool_)
        return np.array([_payload(row) is not None for row in self._payload_rows()], np.bool_)

    def _payload_rows(self, rows: Rows | None = None) -> Iterator[dict[str, Any]]:
        sheet = self._sheet.select(self._payload)
        return (sheet if rows is None else sheet[rows]).iter_rows(named=True)

    def _payload_ids(self, rows: Rows, field: str | None) -> Rows:
        if not self._payload:
            return no_payloads(rows)
        firsts, group = _groups(self._sheet[rows], self._payload)
        return payload_ids(map(_payload, self._payload_rows(rows[firsts])), field)[group]

    def _segments(self, good: NDArray[np.bool_]) -> NDArray[np.int16]:
        segments = self._intake.segments
        looked_at = [name for name in self._payload if name == "payload" or name[len(PAYLOAD) :] in segments.fields]
        if not looked_at:
            return np.zeros(self._sheet.height, np.int16)
        if looked_at == ["payload"]:
            rows = zip(self._payload_rows(), good, strict=True)
            return np.array([segments.of(_payload(cells)) if fine else 0 for cells, fine in rows], np.int16)
        firsts, group = _groups(self._sheet, looked_at)
        distinct = self._sheet[firsts].select(looked_at).iter_rows(named=True)
        return np.array([segments.of(_payload(cells)) for cells in distinct], np.int16)[group]

    def _faulty(self, row: int) -> FaultyNumber:
        cells = self._sheet.row(row, named=True)
        position = int(self._positions[row])
        number, faults = _policy_fields({name: cells[name] for name in self._policy})
        faults = [fault.under(position) for fault in faults]
        if self._payload:
            payload = _payload({name: cells[name] for name in self._payload})
            number["payload"] = _plain(cells["payload"]) if payload is None else payload
        if (phone := _plain(cells["phone"])) is not None:
            number["phone"] = phone
        if self._country is None or self._spelled is None:
            read = self._intake.number(number, (position,), self._file)
        else:
            read = number_of_country(
                number,
                (position,),
                self._file,
                digits=self._spelled[row],
                country=self._country,
                intake=self._intake,
            )
        if not isinstance(read, Number):
            faults += read
        line = None if self._lines is None else int(self._lines[row])
        placed = tuple(self._placed(fault, line) for fault in faults)
        return FaultyNumber(self._file, position, json_text(number), placed)

    def _placed(self, fault: Fault, line: int | None) -> Fault:
        """The fault with its file and line, and with the title of its column where that is not the field's name."""
        title = self._titles.get(str(fault.path[1])) if len(fault.path) > 1 else None
        return msgspec.structs.replace(fault, file=self._file, line=line, column=title)


def _groups(sheet: pl.DataFrame, names: Sequence[str]) -> tuple[Rows, Rows]:
    """Groups of rows with equal cells in these columns: the first row of each group, and the group of each row."""
    if not names or not sheet.height:
        return np.zeros(min(sheet.height, 1), np.int64), np.zeros(sheet.height, np.int64)
    numbered = sheet.select(names).with_row_index("row")
    first = numbered.select(pl.col("row").first().over(names)).to_series().to_numpy()
    firsts = np.flatnonzero(first == np.arange(len(first)))
    groups = np.zeros(len(first), np.int32)
    groups[firsts] = np.arange(len(firsts))
    return firsts, groups[first]


def _phones(column: pl.Series) -> Rows:
    """The code of each phone; 0 if it is not a phone (phonebook.phone_code)."""
    if column.dtype.is_float():
        column = column.cast(pl.Int64, strict=False).set(column != column.floor(), None)
    if column.dtype.is_integer():
        values = column.cast(pl.Int64, strict=False).fill_null(0).to_numpy()
        phones = np.where((values >= _ONES[4]) & (values < _ONES[15]), values, 0)
        return np.where(phones, phones + _ONES[np.searchsorted(_ONES, phones, "right")], 0)
    if column.dtype != pl.String:
        return np.array([phone_code(_plain(cell)) or 0 for cell in column], np.int64)
    digits = column.str.strip_prefix("+")
    codes = _codes(digits)
    if codes.null_count() > digits.null_count():  # some are whole floats, perhaps
        codes = _codes(digits.str.replace(r"\.0+\z", ""))
    return codes.fill_null(0).to_numpy()


def _codes(digits: pl.Series) -> pl.Series:
    """A 1 and the digits of each phone, as an integer; null if it is not a phone."""
    codes = ("1" + digits).cast(pl.Int64, strict=False)
    return codes.set(~digits.str.len_bytes().is_between(5, 15), None)


def _plain(cell: object) -> Any:
    """A cell as JSON would hold it; None if it is empty or NaN."""
    match cell:
        case float():
            return None if cell != cell else int(cell) if cell.is_integer() else cell
        case Decimal():
            return _plain(float(cell)) if cell % 1 else int(cell)
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case bytes():
            return cell.decode("utf-8", "replace")
        case dict():
            return {name: plain for name, value in cell.items() if (plain := _plain(value)) is not None}
        case list():
            return [_plain(value) for value in cell]
    return cell


def _payload(cells: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payload of a row's payload cells; None if it is not an object."""
    if "payload" not in cells:
        return {name[len(PAYLOAD) :]: plain for name, cell in cells.items() if (plain := _plain(cell)) is not None}
    value = cells["payload"]
    if isinstance(value, str):
        try:
            value = [] if nested_too_deep(value.encode(), 1) else any_json_value(value)
        except NotJsonError:
            return None
        value = {} if value is None else value
        return value if isinstance(value, dict) else None
    plain = _plain(value)
    return {} if plain is None else plain if isinstance(plain, dict) else None


def _policy_fields(cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of a row's policy cells as plain values, and the faults of cells that cannot be read."""
    fields: dict[str, Any] = {}
    days: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, cell in cells.items():
        value = _plain(cell)
        if value is None:
            continue
        try:
            if name in DAY_COLUMNS:
                days[name] = _hours(value, name)
            elif name == "allowedTime" and isinstance(value, str) and not value.lstrip().startswith("{"):
                days["default"] = _hours(value, name)
            elif name in NESTED and isinstance(value, str):
                fields[name] = _words_or_json(value)
            elif name in INTEGERS and isinstance(value, str) and (match := _INTEGER.fullmatch(value)):
                fields[name] = int(match[1])
            else:
                fields[name] = value
        except InputError as error:
            faults += error.faults
        except NotJsonError as error:
            faults.append(Fault((name,), shown(value), f"JSON ({error})"))
    if {"allowedTime", "default"} <= cells.keys() and None not in (cells["allowedTime"], cells["default"]):
        faults.append(Fault(("default",), "hours in allowedTime as well", "one of the two columns"))
    if days and not isinstance(hours := fields.get("allowedTime", {}), dict):
        faults.append(Fault(("allowedTime",), shown(hours), HOURS_FORM))
    elif days:
        fields["allowedTime"] = {**fields.get("allowedTime", {}), **days}
    return fields, faults


def _words_or_json(text: str) -> Any:
    if text.lstrip()[:1] in ("{", "["):
        if nested_too_deep(text.encode(), 1):
            raise NotJsonError("values nested too deep")
        return json_value(text)
    return spoken_days(text) or ([text] if text.strip() else text)


def _hours(value: object, name: str) -> Any:
    """The intervals of a text such as `9-12, 14:00-18:00`; another value is returned as it is."""
    if not isinstance(value, str):
        return value
    intervals = spoken_hours(value)
    if intervals is None:
        remedy = f"; write {meant}" if (meant := meant_hours(value)) else ""
        if means_nothing(value):
            remedy = f"; leave the cell empty to say nothing, or write {CLOSED} for no hours"
        elif names_days(value):
            remedy = "; days stand in allowedDays, or hours in columns mon to sun"
        raise InputError([Fault((name,), shown(value), HOURS_FORM + remedy)])
    return intervals
