"""Closed dates: local dates on which nobody is called, named one by one or as the holidays of a country (rules 3)."""

from datetime import date
from typing import Any, ClassVar, Self

import msgspec

from engine.reading.faults import Fault, InputError, shown
from engine.reading.typed import read

EPOCH_DAY = date(1970, 1, 1).toordinal()


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
            if isinstance(value, str) and len(value) == 10:
                return cls(date.fromisoformat(value).toordinal() - EPOCH_DAY)
        except ValueError:
            pass
        raise InputError([Fault((), shown(value), cls.json_schema["description"])])

    def to_json(self) -> str:
        """The text that reads as this date."""
        return date.fromordinal(self + EPOCH_DAY).isoformat()


class Holidays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The public holidays of a country, or of a part of it."""

    holidays: str
    """The country's two letters, as the library `holidays` has them."""
    subdivision: str | None = None
    """A part of the country, such as CA."""
    observed: bool = True
    """Whether the days on which holidays are observed that fall on a weekend are holidays, too."""


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
                        "holidays": {"type": "string"},
                        "subdivision": {"type": "string"},
                        "observed": {"type": "boolean"},
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
