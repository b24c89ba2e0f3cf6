"""Forms: what requests of the Calls API carry, read strictly, and how the API's description tells them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.calling.instants import utc_text
from engine.calling.policy import CallPolicy
from engine.reading.faults import Fault
from engine.server import examples
from engine.server.bodies import KEY, LONGEST_KEY, PHONE_PATTERN, Phone
from engine.server.operations import Link, Parameter

SECONDS = range(10**9, 10**10)
"""Values that are Unix time in seconds, of the years 2001 to 2286: as milliseconds they lie in early 1970."""
LAST_PAGE, LARGEST_PAGE, PAGE_SIZE = 199, 200, 20

Instant = Annotated[int, Meta(description="Unix time in milliseconds", examples=[examples.MORNING])]
PageNumber = Annotated[int, Meta(ge=0, le=LAST_PAGE)]
PageSize = Annotated[int, Meta(ge=1, le=LARGEST_PAGE)]


class NumberToCall(CallPolicy, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A number with its call policy, as `addPhones` takes it."""

    phone: Phone
    payload: Annotated[dict[str, Any] | None, Meta(description="what the script is given; any object")] = None


class Chosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Jobs by id, and all jobs of phones."""

    phones: Annotated[tuple[Phone, ...] | None, Meta(description="a list of phones")] = None
    ids: Annotated[tuple[str, ...] | None, Meta(description="a list of job ids, as text")] = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Neither phones nor ids."""
        if fields.get("phones", ()) is None and fields.get("ids", ()) is None:
            yield Fault((), "neither phones nor ids", '{"phones": […], "ids": […]}, or one of both')


class Paged(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The page that is wanted."""

    page: PageNumber | None = None
    page_size: PageSize | None = None


class JobDates(Paged, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Jobs that were created, and that ended, at instants from … to …, both included."""

    created_at_from: Instant | None = None
    created_at_to: Instant | None = None
    finished_at_from: Instant | None = None
    finished_at_to: Instant | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Seconds in place of milliseconds, or a span that ends before it begins."""
        return _span_faults(fields, "created", "finished")


class CallDates(Paged, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Calls that began, and that ended, at instants from … to …, both included."""

    started_at_from: Instant | None = None
    started_at_to: Instant | None = None
    finished_at_from: Instant | None = None
    finished_at_to: Instant | None = None

    @classmethod
    def faults_among(cls, fields: Mapping[str, Any]) -> Iterable[Fault]:
        """Seconds in place of milliseconds, or a span that ends before it begins."""
        return _span_faults(fields, "started", "finished")


def _span_faults(fields: Mapping[str, Any], *spans: str) -> Iterator[Fault]:
    for name in spans:
        first, last = fields.get(f"{name}_at_from"), fields.get(f"{name}_at_to")
        for edge, instant in (("From", first), ("To", last)):
            if isinstance(instant, int) and instant in SECONDS:
                found = f"{instant}, which is {utc_text(instant // 1000)}"
                yield Fault(
                    (f"{name}At{edge}",), found, f"milliseconds; write {instant * 1000} for {utc_text(instant)}"
                )
        if first is not None and last is not None and first > last:
            yield Fault((f"{name}AtFrom",), f"{first}, which is after {name}AtTo", f"an instant up to {last}")


TOKEN = Parameter(
    name="token",
    where="path",
    required=True,
    meaning="The campaign's token, which the server tells when it starts",
    example=examples.TOKEN,
)
_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"}
_KEY_MEANING = "The same key within 24 hours gives the same answer, and nothing is done again"
KEY_HEADER = Parameter(name=KEY, where="header", schema=_KEY_SCHEMA, meaning=_KEY_MEANING)
KEY_QUERY = Parameter(name=KEY, schema=_KEY_SCHEMA, meaning=f"{_KEY_MEANING}; instead of the header")
NUMBER = (
    Parameter(
        name="phone",
        schema={"type": "string", "pattern": PHONE_PATTERN},
        required=True,
        meaning="The phone; write %2B for +",
        example="16500000000",
    ),
    Parameter(name="gmtZone", meaning="The zone of the customer's clock; write %2B for +", example="-05:00"),
    Parameter(
        name="payload",
        schema={"type": "object", "additionalProperties": {"type": "string"}},
        meaning="Every parameter of another name: it becomes a field of the payload, as text",
        example={"name": "Alex"},
    ),
)
PAGE = (
    Parameter(
        name="page",
        schema={"type": "integer", "minimum": 0, "maximum": LAST_PAGE},
        meaning="The page, from 0; here or in the body",
    ),
    Parameter(
        name="pageSize",
        schema={"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE},
        meaning=f"Reports on a page, {PAGE_SIZE} if it is left out; here or in the body",
    ),
)
ADDING = ("phone.bad.format", "phone.gmtZone.bad.format", "invalid.field", "invalid.call.task.state")
CHOOSING = ("id.not.found", "phone.not.found", "phone.bad.format")
EITHER = {
    "anyOf": [{"required": [name], "properties": {name: {"type": "array"}}} for name in ("phones", "ids")],
}
IDS_ON = {
    "itsReport": Link(operation="getJobReports", body={"ids": ["$response.body#/0"], "phones": []}),
    "itsCalls": Link(operation="getAttemptReports", body={"ids": ["$response.body#/0"], "phones": []}),
    "cancelIt": Link(operation="cancelJobs", body={"ids": ["$response.body#/0"], "phones": []}),
}
ID_ON = {
    "itsReport": Link(operation="getJobReports", body={"ids": ["$response.body"], "phones": []}),
    "itsCalls": Link(operation="getAttemptReports", body={"ids": ["$response.body"], "phones": []}),
    "cancelIt": Link(operation="cancelJobs", body={"ids": ["$response.body"], "phones": []}),
}
