"""Operations, as the OpenAPI document describes them: what each takes, its errors, examples."""

from typing import Any, NamedTuple

import msgspec


class ErrorType(NamedTuple):
    """A type of errors: its status, and when it is answered."""

    status: int
    when: str


ERRORS = {
    "invalid.request": ErrorType(400, "what was sent is not HTTP/1.1"),
    "invalid.field": ErrorType(400, "a value is missing or not allowed; `path` says where, `faults` lists them all"),
    "phone.bad.format": ErrorType(400, "the phone is not one; `phone` repeats it"),
    "phone.gmtZone.bad.format": ErrorType(400, "the zone is not one; `phone` and `gmtZone` repeat them"),
    "phone.duplicated": ErrorType(400, "the phone was added already; `phonesDuplicates` lists it"),
    "invalid.call.allowed.time": ErrorType(400, "days or hours in which calls may start are not right"),
    "invalid.call.task.state": ErrorType(400, "the campaign's state, in `state`, does not allow it"),
    "id.not.found": ErrorType(400, "there is no job of an id; `ids` lists them"),
    "phone.not.found": ErrorType(400, "there is no job of a phone; `phones` lists them"),
    "body.cut.off": ErrorType(400, "the body ended before it was whole"),
    "list.changed": ErrorType(409, "a scenario's number file is not as it was when the server started"),
    "simulation.reset": ErrorType(400, "the simulation was reset before the instant was reached"),
    "host.refused": ErrorType(403, "the Host header does not name this server"),
    "origin.refused": ErrorType(403, "a page of another site asks"),
    "invalid.token": ErrorType(404, "no campaign has this token"),
    "not.found": ErrorType(404, "there is no such path"),
    "method.not.allowed": ErrorType(405, "the path has other methods; the Allow header lists them"),
    "head.late": ErrorType(408, "the request did not come in time"),
    "body.late": ErrorType(408, "the body did not come in time"),
    "body.too.large": ErrorType(413, "the body is larger than the server takes"),
    "unsupported.content.type": ErrorType(415, "the body is of another content type or encoding"),
    "head.too.large": ErrorType(431, "the request's line and headers are too long"),
    "internal.error": ErrorType(500, "the server failed; its log says how"),
    "busy": ErrorType(503, "the server has too much to do; come again after `Retry-After` seconds"),
    "server.ending": ErrorType(503, "the server ends"),
    "storage.full": ErrorType(503, "the disk takes no more; nothing of the request was done"),
}
"""Every type of errors that the server answers with."""
OF_ALL = (
    "invalid.request",
    "host.refused",
    "origin.refused",
    "head.late",
    "head.too.large",
    "internal.error",
    "busy",
    "server.ending",
    "storage.full",
)
"""The types of errors that every operation has."""
OF_TOKENS = ("invalid.token", "not.found", "method.not.allowed")
"""The types of errors of operations with a token, which may be empty or have a slash."""
OF_BODIES = ("invalid.field", "body.cut.off", "body.late", "body.too.large", "unsupported.content.type")
"""The types of errors of operations with a body."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an operation, in its query, its headers or its path."""

    name: str
    where: str = "query"
    schema: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})
    meaning: str = ""
    required: bool = False
    example: Any = None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that goes on with what another one answered."""

    operation: str
    body: Any = None
    parameters: dict[str, str] = {}


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation, as the OpenAPI document describes it."""

    tag: str
    summary: str
    errors: tuple[str, ...] = ()
    """The types of its own errors; those of all operations, of tokens and of bodies are not repeated."""
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    """The type of its JSON body."""
    body_rule: dict[str, Any] = {}
    """What a JSON Schema says of its body beside the type."""
    body_optional: bool = False
    form: tuple[Parameter, ...] = ()
    """The fields of its form-encoded body."""
    body_examples: dict[str, Any] = {}
    answer: str = ""
    """What the answer is, in words."""
    answer_example: Any = None
    links: dict[str, Link] = {}
