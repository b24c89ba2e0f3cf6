"""What a request carries, read strictly: its body, its form, its query, its idempotence key."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from engine.reading.faults import Fault, InputError, shown
from engine.reading.json_values import MOST_DEPTH, NotJsonError, json_value, nested_too_deep
from engine.reading.typed import read
from engine.server.errors import LONGEST_SHOWN, RefusedError, faulty, invalid_field, refused

HttpRequest = Request[Any, Any, Any]
MIB = 1 << 20
SMALL_BODY = MIB
"""The most bytes of a body that is not a list of numbers: some 80,000 job ids."""
LONGEST_KEY = 255
KEY = "Idempotence-Key"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PHONE_PATTERN = r"^\+?[0-9]{5,15}$"
MOST_PARAMETERS = 1_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""The names of this machine for itself."""
Value = TypeVar("Value")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one server takes on at once."""

    most_body: int = 64 * MIB
    """Bytes of the body of one request."""
    most_in_flight: int = 256 * MIB
    """Bytes of all bodies that have come and were not answered yet; one that goes beyond is answered 503."""
    body_seconds: float = 30.0
    """Seconds within which a body must have come."""
    head_seconds: float = 10.0
    """Seconds within which a request's line and headers must have come."""
    most_listeners: int = 100
    """Listeners to events at the same time."""
    most_connections: int = 1_000
    hosts: tuple[str, ...] = ()
    """Names by which the server may be asked, besides those of the loopback and the address of each connection."""


class Phone(str):
    """A phone as the API takes it: digits as a number or as text."""

    json_schema: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {"type": "integer", "minimum": 10**4, "maximum": 10**15 - 1},
            {"type": "string", "pattern": PHONE_PATTERN},
        ],
        "description": "a phone, as a number or as text",
        "examples": [16500000000],
    }

    @classmethod
    def read(cls, value: object) -> str:
        """The phone as text; InputError if it is neither text nor an integer."""
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)
        raise InputError([Fault((), shown(value), cls.json_schema["description"])])


class Bodies:
    """Reads the bodies of requests, each within its limits and all together within the memory that they may take."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def raw(self, request: HttpRequest, content_type: str, small: bool = False) -> AsyncIterator[bytes]:
        """The bytes of a body, which count as held until the context ends.

        Raises RefusedError: 415 for another content type, 413 for a body that is too large, 408 for one that does not
        come in time, 503 if too much is held already, 400 if the client goes away.
        """
        most = min(SMALL_BODY, self._limits.most_body) if small else self._limits.most_body
        _check_type(request, content_type)
        if int(request.headers.get("content-length", "0")) > most:
            raise _too_large(most, small)
        held = 0
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(self._limits.body_seconds):
                    async for chunk in _chunks(request):
                        if len(body) + len(chunk) > most:
                            raise _too_large(most, small)
                        if self._held + len(chunk) > self._limits.most_in_flight:
                            raise _busy()
                        self._held += len(chunk)
                        held += len(chunk)
                        body += chunk
            except TimeoutError:
                seconds = self._limits.body_seconds
                raise refused(408, "body.late", f"the body did not come within {seconds:g} s; send it faster") from None
            whole = bytes(body)
            body.clear()
            yield whole
        finally:
            self._held -= held

    async def json(self, request: HttpRequest, kind: type[Value], *, optional: bool = False) -> Value:
        """A small JSON body as a `kind`; if `optional`, no body at all is an empty object.

        Raises RefusedError, with every fault of the body.
        """
        if optional and not _has_body(request):
            return read_body(b"{}", kind)
        async with self.raw(request, JSON, small=True) as body:
            return read_body(body, kind)

    async def form(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The fields of a form-encoded body, which may be left out."""
        if not _has_body(request):
            return []
        async with self.raw(request, FORM, small=True) as body:
            return _pairs(body, "form")


async def _chunks(request: HttpRequest) -> AsyncIterator[bytes]:
    """The parts of a body as they come; RefusedError if it ends before it is whole."""
    more = True
    while more:
        message: Any = await request.receive()
        if message["type"] == "http.disconnect":
            raise refused(400, "body.cut.off", "the body ended early; send it whole")
        more = message["more_body"]
        yield message["body"]


def _busy() -> RefusedError:
    return refused(503, "busy", "the server holds many bodies at present; send this one again later")


def _has_body(request: HttpRequest) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _check_type(request: HttpRequest, allowed: str) -> None:
    given, parameters = request.content_type
    charset = parameters.get("charset", "utf-8").lower()
    if given.lower() != allowed or charset not in ("utf-8", "utf8"):
        header = request.headers.get("content-type", "")
        found = f"the Content-Type is {shown(header)}" if header else "there is no Content-Type"
        raise refused(415, "unsupported.content.type", f"{found}; allowed: {allowed}, in UTF-8")
    if (coding := request.headers.get("content-encoding", "identity").lower()) != "identity":
        raise refused(
            415, "unsupported.content.type", f"the Content-Encoding is {shown(coding)}; send the body as it is"
        )


def _too_large(most: int, small: bool) -> Exception:
    size = f"{most / MIB:g} MiB" if most >= MIB else f"{most:,} bytes"
    more = (
        "ask for fewer at once"
        if small
        else "send fewer numbers at once, or start the server with a higher --most-body"
    )
    return refused(413, "body.too.large", f"a body has at most {size}; {more}")


def read_body(body: bytes, kind: type[Value]) -> Value:
    """JSON text as a `kind`; RefusedError with every fault."""
    value = _plain_value(body)
    result, faults = read(value, kind)
    if result is None:
        raise faulty(faults, value)
    return result


def _plain_value(body: bytes) -> Any:
    """The plain value of JSON text: UTF-8, not nested too deep, no key twice, no half of a surrogate pair."""
    if not body.strip():
        raise faulty([Fault((), "an empty body", "a JSON object")])
    if nested_too_deep(body):
        raise faulty([Fault((), "values nested too deep", f"JSON nested at most {MOST_DEPTH} deep")])
    try:
        value = json_value(body.decode())
        msgspec.msgpack.encode(value)  # as the journal keeps it
    except UnicodeDecodeError as error:
        fault = Fault((), f"bytes that are not UTF-8, from byte {error.start}", "JSON in UTF-8")
    except UnicodeEncodeError:
        fault = Fault((), "half of a surrogate pair", "whole characters")
    except OverflowError:
        fault = Fault((), "an integer of more than 64 bits", "integers from -2^63 to 2^64 - 1")
    except NotJsonError as error:
        fault = Fault((), f"{error}, line {error.line}" if error.line else f"{error}", "JSON")
    else:
        return value
    raise faulty([fault])


def query(request: HttpRequest) -> list[tuple[str, str]]:
    """The parameters of a request's query, in order."""
    return _pairs(request.scope["query_string"], "query")


def _pairs(text: bytes, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            text.decode(),
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except UnicodeError:
        allowed = "UTF-8, percent-encoded"
    except ValueError:
        allowed = f"name=value&name=value, at most {MOST_PARAMETERS:,} of them"
    raise faulty([Fault((where,), "text that cannot be read", allowed)])


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by name; RefusedError if one is repeated."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            path = name if len(name) <= LONGEST_SHOWN else shown(name)
            raise invalid_field(path, f"the parameter {path} is given more than once; give it once")
        given[name] = value
    return given


def key_of(request: HttpRequest, parameters: Mapping[str, str] = {}) -> str | None:
    """The idempotence key, from the header or from these parameters; None if there is none."""
    given = [value.decode("latin-1") for name, value in request.scope["headers"] if name == KEY.lower().encode()]
    given += [parameters[KEY]] if KEY in parameters else []
    if not given:
        return None
    key = given[0]
    if len(given) > 1:
        raise faulty([Fault((KEY,), "the key more than once", "one key, in the header or in the query")])
    if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise faulty([Fault((KEY,), shown(key), f"text of 1 to {LONGEST_KEY} characters that can be printed")])
    return key


def whole_number(parameters: Mapping[str, str], name: str) -> int | None:
    """A parameter as an integer; None if it is left out, RefusedError if it is something else."""
    text = parameters.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise faulty([Fault((name,), shown(text), "an integer")])
    return int(text)
