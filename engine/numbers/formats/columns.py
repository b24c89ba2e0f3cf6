"""Columns: which columns of a table are which fields of a number.

Titles are the names of the API's fields, whatever their case and whatever blanks, `_` or `-` stand in them; or a user
says which column is which.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from engine.calling.spoken import DAY_NAMES, WEEKDAYS
from engine.numbers.formats.forms import FileForm
from engine.numbers.formats.frames import FIELDS
from engine.numbers.places.spelled_phones import countries
from engine.reading.faults import Fault, InputError, shown
from engine.reading.tables import TITLE_OF_COLUMN

DAY_COLUMNS = (*WEEKDAYS, "default")
PAYLOAD = "payload."
FIELD_NAMES = ", ".join((*FIELDS, *DAY_COLUMNS, PAYLOAD + "…"))
_MOST_NAMED = 6
_WHOLE = r"\A(\+?[0-9]+)\.0\z"
_LONGEST_SUGGESTED = 100
_MOST_ABOVE = 20
"""Rows in which the titles are looked for that are not in the first one."""
_PHONES = ("phone", "mobil", "telefon", "teléfono", "rufnummer")


class Named(NamedTuple):
    """A table whose columns are named as the API's fields."""

    frame: pl.DataFrame
    titles: Mapping[str, str]
    """What the file calls the fields that it calls otherwise."""
    ignored: Sequence[str] = ()
    """The titles of columns that are left out because a user says so."""


def is_column(name: str) -> bool:
    """Whether tables have a column of this name: a field, a weekday, or a field of the payload."""
    return name in (*FIELDS, *DAY_COLUMNS) or (name.startswith(PAYLOAD) and name != PAYLOAD)


def known_columns(titles: Sequence[str], form: FileForm) -> int:
    """How many of these titles belong to columns that are fields."""
    mapped = {title for titles in _mapped(form).values() for title in titles}
    return sum(title in mapped or field_of(title) is not None for title in titles)


def field_of(title: str) -> str | None:
    """The field that a title names; None if it names none."""
    if is_column(title):
        return title
    plain = _plain(title)
    if plain.startswith(PAYLOAD) and "." in title:
        name = title[title.index(".") + 1 :].strip()
        return PAYLOAD + name if name else None
    return _BY_PLAIN_NAME.get(plain)


def named(frame: pl.DataFrame, file: str, form: FileForm, other_sheets: str = "") -> Named:
    """The table with its columns named as the API's fields; InputError with every fault of the columns.

    `other_sheets` is what a user may write who means another sheet.
    """
    faults: list[Fault] = []
    sources = _sources(frame.columns, form, file, faults)
    taken = {title for titles in sources.values() for title in titles}
    others, seconds = [], []
    for title in frame.columns:
        if title in taken:
            continue
        field = field_of(title)
        if field is None:
            others.append(title)
        elif field in sources:
            seconds.append(Fault((title,), f"a second column for {field}", "one", file))
        else:
            sources[field] = [title]
    others = [title for title in others if not _is_empty_and_without_title(frame, title)]
    if form.other_columns == "payload":
        for title in others:
            if PAYLOAD + title in sources:
                seconds.append(Fault((title,), f"a second column for {PAYLOAD}{title}", "one", file))
            sources.setdefault(PAYLOAD + title, [title])
    elif form.other_columns is None and others:
        faults.append(_unknown(others, file))
    faults += seconds
    if "phone" not in sources and not any(fault.path == ("columns.phone",) for fault in faults):
        faults.append(Fault(("phone",), "no such column", _phone_form(frame) + other_sheets, file))
    faults += [
        Fault(("phone",), f"a column of {frame[title].dtype}, which loses digits of phones", "text or Int64", file)
        for title in sources.get("phone", ())
        if frame[title].dtype.is_float() and frame[title].dtype != pl.Float64
    ]
    if "payload" in sources and any(field.startswith(PAYLOAD) for field in sources):
        faults.append(Fault(("payload",), "columns of its fields as well", "either payload or payload.…", file))
    if faults:
        raise InputError(faults)
    columns = [_cells(frame, titles).alias(field) for field, titles in sources.items()]
    titles = {field: " and ".join(titles) for field, titles in sources.items() if field_of(titles[0]) != field}
    return Named(frame.select(columns), titles, others if form.other_columns == "ignore" else ())


def form_faults(form: FileForm) -> Iterator[Fault]:
    """What is wrong with what a user says of a file, by itself."""
    yield from (fault.under("columns", field) for field, fault in column_faults(form.columns))
    if form.country is not None and form.country not in countries():
        near = difflib.get_close_matches(form.country.upper(), countries(), 1)
        yield Fault(("country",), shown(form.country), f"two letters of a country, such as {near[0] if near else 'US'}")


def column_faults(columns: Mapping[str, object]) -> Iterator[tuple[str, Fault]]:
    """What is wrong with a mapping of fields to titles by itself, by field."""
    for field, title in columns.items():
        if not is_column(field):
            swapped = (
                f"{{{title}: {field}}}, perhaps: the field comes first"
                if isinstance(title, str) and is_column(title)
                else ""
            )
            yield field, Fault((), "an unknown field", swapped or _near_field(field) or FIELD_NAMES)
        elif not isinstance(title, str) and field != "phone":
            yield field, Fault((), f"several columns, {shown(title)}", "one; only a phone is made of several")
        elif isinstance(title, list | tuple) and len(set(title)) < len(title):
            yield field, Fault((), f"a column twice, {shown(title)}", "each column once")
        elif (first := next(each for each in columns if columns[each] == title)) != field:
            yield field, Fault((), f"{shown(title)}, which is the column of {first} already", "another column")


def _sources(titles: Sequence[str], form: FileForm, file: str, faults: list[Fault]) -> dict[str, list[str]]:
    """The titles of the fields that a user maps."""
    by_plain: dict[str, list[str]] = {}
    for title in titles:
        by_plain.setdefault(_plain(title), []).append(title)
    sources: dict[str, list[str]] = {}
    for field, wanted in _mapped(form).items():
        found = []
        for name in wanted:
            alike = [name] if name in titles else by_plain.get(_plain(name), [])
            if len(alike) == 1:
                found += alike
            else:
                near = difflib.get_close_matches(name, titles, 1)
                allowed = f"{shown(near[0])}, perhaps" if near else _listed(titles)
                faults.append(Fault((f"columns.{field}",), f"no column {shown(name)}", allowed, file))
        if found:
            sources[field] = found
    return sources


def _mapped(form: FileForm) -> dict[str, list[str]]:
    return {field: [titles] if isinstance(titles, str) else [*titles] for field, titles in form.columns.items()}


def _cells(frame: pl.DataFrame, titles: Sequence[str]) -> pl.Series | pl.Expr:
    """The cells of a column; of several, their texts one after the other, without the `.0` of a whole number."""
    columns = [_column(frame, title) for title in titles]
    if len(columns) == 1:
        return columns[0]
    cells = [column.fill_nan(None) if column.dtype.is_float() else column for column in columns]
    texts = [pl.lit(cell.cast(pl.String).str.replace(_WHOLE, "$1")) for cell in cells]
    return pl.when(pl.any_horizontal(text.is_not_null() for text in texts)).then(
        pl.concat_str(texts, ignore_nulls=True)
    )


def _column(frame: pl.DataFrame, title: str) -> pl.Series:
    """The cells of a column, without its title: titles such as `*` and `^a$` stand for several columns to polars."""
    return frame[title].rename("")


def _is_empty_and_without_title(frame: pl.DataFrame, title: str) -> bool:
    without = title == TITLE_OF_COLUMN.format(frame.columns.index(title) + 1)
    column = _column(frame, title)
    if column.dtype == pl.String:
        column = column.set(column.str.strip_chars() == "", None)
    return without and column.null_count() == frame.height


def _unknown(titles: Sequence[str], file: str) -> Fault:
    found = "an unknown column" if len(titles) == 1 else f"{len(titles)} unknown columns"
    near = [f"{shown(title)} is {field}, perhaps" for title in titles if (field := _near_field(title))]
    found += ": " + ", ".join(f"{shown(title)}" for title in titles[:_MOST_NAMED])
    found += ", …" if len(titles) > _MOST_NAMED else ""
    allowed = (
        f"{FIELD_NAMES}; map others with columns: {{FIELD: TITLE}} in a scenario, --column FIELD=TITLE for a command; "
        "or put them all into the payload, or leave them out: otherColumns: payload or ignore, --other-columns"
    )
    return Fault((), found + (f" ({'; '.join(near[:2])})" if near else ""), allowed, file)


def _phone_form(frame: pl.DataFrame) -> str:
    near = next((title for title in frame.columns if _near_field(title) == "phone"), None)
    plain = near is not None and near.isprintable() and len(near) <= _LONGEST_SUGGESTED
    title, perhaps = (near, ", perhaps") if plain else ("TITLE", "")
    option = f"phone={title}" if title == "TITLE" else shown(f"phone={title}")
    form = f"a column phone; or map one in columns: {{phone: {title}}} or --column {option}{perhaps}"
    cells = (cell for row in frame.head(_MOST_ABOVE).iter_rows() for cell in row if isinstance(cell, str))
    lower = None if plain else next((cell for cell in cells if _near_field(cell) == "phone"), None)
    return (
        form
        if lower is None
        else f"{form}; or delete the rows above the titles, of which {shown(lower)} is one, perhaps"
    )


def _near_field(title: str) -> str | None:
    """The field that a title may mean."""
    if len(title) > _LONGEST_SUGGESTED:
        return None
    plain = _plain(title)
    if any(word in plain for word in _PHONES) or plain in ("msisdn", "tel", "number", "cell"):
        return "phone"
    if "zone" in plain:
        return "gmtZone"
    near = difflib.get_close_matches(plain, _BY_PLAIN_NAME, 1, 0.75)
    return _BY_PLAIN_NAME[near[0]] if near else None


def _listed(titles: Sequence[str]) -> str:
    text = ", ".join(titles)
    return text if len(text) <= 300 else text[:299] + "…"


def _plain(title: str) -> str:
    return "".join(title.casefold().replace("_", "").replace("-", "").split())


_BY_PLAIN_NAME = DAY_NAMES | {_plain(field): field for field in (*FIELDS, *DAY_COLUMNS)}
