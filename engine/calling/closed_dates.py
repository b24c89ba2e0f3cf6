"""Closed dates: local dates on which nobody is called, named one by one or as the holidays of a country (rules 3)."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.reading.faults import Fault, InputError, shown
from engine.reading.typed import filled, near, read

if TYPE_CHECKING:
    from holidays import HolidayBase

EPOCH_DAY = date(1970, 1, 1).toordinal()
COUNTRY = "the two letters of a country, such as US"
PART = "a part of the country, such as CA; in quotes if it is a number"
OBSERVED = "whether days on which holidays of a weekend are observed are holidays, too"
YEARS_AROUND = 2
"""Windows reach beyond a simulation, and finish dates may lie there: so many years of holidays are known there."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class LocalDate(int):
    """A date on a customer's own wall clock, as days since 1970-01-01."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "format": "date",
        "description": "a date such as 2026-12-25",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The date of `YYYY-MM-DD`; InputError for anything else."""
        try:
            if isinstance(value, str) and _DATE.fullmatch(value):
                return cls(date.fromisoformat(value).toordinal() - EPOCH_DAY)
        except ValueError:
            pass
        raise InputError([Fault((), shown(value), f"{cls.json_schema['description']}{_remedy(value)}")])

    def to_json(self) -> str:
        """The text that reads as this date."""
        return date.fromordinal(self + EPOCH_DAY).isoformat()


def _remedy(value: object) -> str:
    """How to write what people write instead of a date."""
    if isinstance(value, str) and _DATE.match(value) and value[10:11] in ("T", " "):
        return "; leave out the time and the offset: it is a whole day of each customer's own clock"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z]{2,3}([-_ ]\w+)?", value):
        return "; holidays are written {holidays: US}, with {subdivision: CA} for those of a part of the country"
    return ""


class Holidays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The public holidays of a country, or of a part of it."""

    holidays: Annotated[str, Meta(description=COUNTRY)]
    """The country's two letters, as the library `holidays` has them."""
    subdivision: Annotated[str, Meta(description=PART)] | None = None
    """A part of the country, such as CA."""
    observed: bool = True
    """Whether the days on which holidays are observed that fall on a weekend are holidays, too."""

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """A country, or a part of it, that the library does not know."""
        country, part = fields.get("holidays"), fields.get("subdivision")
        if country is None:
            return
        from holidays import country_holidays  # put off: it takes long to load, and few scenarios name holidays
        from holidays.registry import COUNTRIES

        codes = {code for _, code, *_ in COUNTRIES.values()}
        if country not in codes:
            before, dash, behind = re.sub("[ _]", "-", country).partition("-")
            if dash and before.upper() in codes and part is None:
                allowed = f"{before.upper()}, with subdivision: {behind.upper()}"
            else:
                names = {_plain(each): names[1] for key, names in COUNTRIES.items() for each in (key, *names)}
                allowed = _meant(country, names) + COUNTRY
            yield Fault(("holidays",), shown(country), allowed)
        elif part is not None:
            calendar = country_holidays(country)
            parts: tuple[str, ...] = calendar.subdivisions
            if part in parts:
                return
            names = {_plain(each): each for each in parts}
            for code, aliases in calendar.get_subdivision_aliases().items():
                names |= {_plain(each): code for each in aliases}
            listed = f"one of {', '.join(parts)}" if parts else f"nothing: the library has no parts of {country}"
            yield Fault(("subdivision",), shown(part), _meant(part, names) + listed)


def _plain(name: str) -> str:
    """A name without what people write in different ways."""
    return re.sub(r"[\W_]", "", name).lower()


def _meant(name: str, known: Mapping[str, str]) -> str:
    """The code that a name may stand for, as the beginning of what a message allows; nothing if none is close."""
    exact = known.get(_plain(name))
    close = None if exact else near(_plain(name), known)
    code = exact or (known[close.removesuffix(", perhaps")] if close else None)
    return f"{code}, perhaps; or " if code else ""


class ClosedDates(tuple[LocalDate | Holidays, ...]):
    """Closed dates as a scenario names them."""

    __slots__ = ()
    json_schema: ClassVar[dict[str, Any]] = {
        "type": "array",
        "items": {
            "anyOf": [
                LocalDate.json_schema,
                {
                    "type": "object",
                    "properties": {
                        "holidays": {"type": "string", "description": COUNTRY},
                        "subdivision": {"type": ["string", "null"], "description": PART, "default": None},
                        "observed": {"type": "boolean", "description": OBSERVED, "default": True},
                    },
                    "required": ["holidays"],
                    "additionalProperties": False,
                },
            ]
        },
        "description": "a list of dates such as 2026-12-25 and of {holidays: US}",
    }

    @classmethod
    def read(cls, value: object) -> Self:
        """The dates and holidays of a list; InputError with every fault in it."""
        if isinstance(value, cls):
            return value
        if not isinstance(value, list | tuple):
            raise InputError([Fault((), shown(value), cls.json_schema["description"])])
        faults: list[Fault] = []
        dates: list[LocalDate | Holidays] = []
        for index, each in enumerate(value):
            found: LocalDate | Holidays | None
            found, wrong = read(each, Holidays) if isinstance(each, dict) else read(each, LocalDate)
            faults += [fault.under(index) for fault in wrong]
            if found is not None:
                dates.append(found)
        if faults:
            raise InputError(faults)
        return cls(dates)

    @classmethod
    def filled(cls, value: Iterable[Any]) -> list[Any]:
        """The plain value, with what its holidays leave out filled in."""
        return [filled(each, Holidays) if isinstance(each, dict) else each for each in value]

    @property
    def name_holidays(self) -> bool:
        """Whether the library says some of them."""
        return any(isinstance(each, Holidays) for each in self)


def closed_days(dates: ClosedDates, first: int, last: int) -> NDArray[np.int64]:
    """The closed dates in `[first, last]`, as days since 1970-01-01: int64, ascending, each once.

    Of holidays, those that the library `holidays` knows; `years_without` says in which years it knows none.
    """
    days: set[int] = set()
    for each in dates:
        days.update((int(each),) if isinstance(each, LocalDate) else _days_of(each, _year(first), _year(last)))
    return np.array(sorted(day for day in days if first <= day <= last), np.int64)


def closed_around(dates: ClosedDates, start: int, finish: int) -> tuple[int, ...]:
    """The closed dates of a simulation from one day to another, given since 1970-01-01 (rules 3).

    All dates that are named, and the holidays of the years simulated, of two years before and of two after.
    """
    named = {int(each) for each in dates if isinstance(each, LocalDate)}
    years = (_year(start) - YEARS_AROUND, _year(finish) + YEARS_AROUND)
    return tuple(sorted(named.union(*(_days_of(each, *years) for each in dates if isinstance(each, Holidays)))))


def years_without(holidays: Holidays, first: int, last: int) -> list[int]:
    """The years between two days, given since 1970-01-01, in which the library knows no holiday, ascending.

    Of most countries it knows those until 2100. Of some it knows that there are none, as of Ukraine under martial law.
    """
    years = range(_year(first), _year(last) + 1)
    known = {_year(day) for day in _days_of(holidays, years.start, years.stop - 1)}
    return [year for year in years if year not in known]


def _year(day: int) -> int:
    return date.fromordinal(min(max(day + EPOCH_DAY, 1), date.max.toordinal())).year


@cache
def _days_of(holidays: Holidays, first_year: int, last_year: int) -> tuple[int, ...]:
    """The holidays of these years, ascending."""
    from holidays import country_holidays  # put off, as above

    def calendar(years: Iterable[int]) -> "HolidayBase":
        country, part, observed = holidays.holidays, holidays.subdivision, holidays.observed
        return country_holidays(country, subdiv=part, years=years, observed=observed)

    known = calendar(())
    # Those of January may be observed in December: the library has them in either year
    days = calendar(range(max(first_year - 1, known.start_year), min(last_year + 1, known.end_year) + 1))
    return tuple(sorted(day.toordinal() - EPOCH_DAY for day in days if first_year <= day.year <= last_year))
