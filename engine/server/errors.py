"""Refusals: the errors with which the server answers, in the words of the Calls API."""

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.numbers.formats.bodies import MOST_FAULTY
from engine.reading.faults import Fault, path_text, shown

LONGEST_SHOWN = 60
"""The longest text that an error repeats as it was given."""
SHOWN_FAULTS = 100
"""The most faults of one body that an answer lists."""


class FaultReport(msgspec.Struct, frozen=True):
    """One fault of a request: where it is, what was found there, and what is allowed."""

    path: str
    found: str
    allowed: str


class ApiError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Why a request was refused. `type` is for programs, `message` for people; other fields belong to some types."""

    type: str
    message: str
    phone: Any = None
    """The phone as it was given: of `phone.bad.format` and `phone.gmtZone.bad.format`."""
    gmt_zone: Any = None
    """The zone as it was given: of `phone.gmtZone.bad.format`."""
    phones_duplicates: list[str] = []
    """Phones that were added already: of `phone.duplicated`."""
    state: str = ""
    """The campaign's status: of `invalid.call.task.state`."""
    path: str = ""
    """Where the value stands in the request: of `invalid.field`."""
    ids: list[str] = []
    """Job ids that are not there: of `id.not.found`."""
    phones: list[str] = []
    """Phones that are not there: of `phone.not.found`."""
    faults: list[FaultReport] = []
    """The faults of the request, the first 100 of them; `faultsCount` says how many were found."""
    faults_count: int = 0


class RefusedError(Exception):
    """A request that is refused: an HTTP status of 400 or more, and the error to answer with."""

    def __init__(self, status: int, error: ApiError) -> None:
        super().__init__(f"{status} {error.type}: {error.message}")
        self.status = status
        self.error = error


def refused(status: int, kind: str, message: str, **details: Any) -> RefusedError:
    """A refusal with one of the types of the Calls API, or one of ours."""
    return RefusedError(status, ApiError(type=kind, message=message, **details))


def invalid_field(path: str, message: str) -> RefusedError:
    """The refusal of a value that has no type of its own in the Calls API; `path` says where it stands."""
    return refused(400, "invalid.field", message, path=path)


def unknown_token() -> RefusedError:
    """The answer to every token that names no campaign."""
    return refused(404, "invalid.token", "no campaign has this token; the server tells its tokens when it starts")


def full() -> RefusedError:
    """The answer while nothing can be kept."""
    message = "the server cannot keep anything: its disk is full or fails; nothing of this request was done; try again"
    return refused(503, "storage.full", message)


def internal() -> RefusedError:
    """The answer to a request at which the server has failed."""
    return refused(500, "internal.error", "the server has failed at this request; it told why on standard error")


_TYPES = {
    "phone": "phone.bad.format",
    "gmtZone": "phone.gmtZone.bad.format",
    "allowedTime": "invalid.call.allowed.time",
    "allowedDays": "invalid.call.allowed.time",
}


def faulty(faults: Sequence[Fault], number: Any = None, *, brief: bool = False) -> RefusedError:
    """The refusal of a body for its faults; its type is that of the first one, which belongs to `number`, if any.

    With `brief` only the message tells of the others.
    """
    first = faults[0]
    field = next((part for part in first.path if isinstance(part, str)), "")
    kind = _TYPES.get(field, "invalid.field")
    given = number if isinstance(number, dict) else {}
    details: dict[str, Any] = {}
    if kind.startswith("phone."):
        details["phone"] = _given(given, "phone")
    if kind == "phone.gmtZone.bad.format":
        details["gmt_zone"] = _given(given, "gmtZone")
    if kind == "invalid.field":
        details["path"] = path_text(first.path)
    beyond = ", and perhaps more" if len(faults) >= MOST_FAULTY else " in all"
    more = f"; {len(faults):,} faults{beyond}" if len(faults) > 1 else ""
    return refused(
        400,
        kind,
        f"{first}{more}",
        faults=[] if brief else [_report(fault) for fault in faults[:SHOWN_FAULTS]],
        faults_count=0 if brief else len(faults),
        **details,
    )


def _report(fault: Fault) -> FaultReport:
    return FaultReport(path_text(fault.path), fault.found, fault.allowed)


def _given(number: dict[str, Any], field: str) -> Any:
    """The value as it was given, or as a message shows it if it is long or no text or number."""
    value = number.get(field)
    text = isinstance(value, str) and len(value) <= LONGEST_SHOWN
    short = text or (isinstance(value, int) and abs(value) < 1 << 63)
    return value if value is None or short else shown(value)
