"""The OpenAPI document, made of the routes, their operations and the types of what they take and answer."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_type_hints

from litestar.handlers import HTTPRouteHandler
from litestar.response import ServerSentEvent
from litestar.router import Router

from engine.reading.typed import json_schemas
from engine.server.answers import State
from engine.server.bodies import FORM, JSON
from engine.server.errors import ApiError
from engine.server.operations import ERRORS, OF_ALL, OF_BODIES, OF_TOKENS, Operation, Parameter

REFERENCE = "#/components/schemas/{name}"
DESCRIPTION = """The methods of the Calls API, and those of the simulation behind it: a clock that runs as fast as you
like, or that stands still until you advance it."""
TAGS = {
    "Numbers": "Add numbers, and cancel their jobs",
    "Reports": "What became of jobs and calls",
    "Campaign": "The campaign of a token",
    "Clock": "Simulated time. The platform does not have it",
    "Script": "What stands for the script of a call. The platform does not have it",
    "Dashboard": "What the dashboard shows. The platform does not have it",
}


class Route(NamedTuple):
    """A method of a path."""

    path: str
    method: str
    name: str
    operation: Operation
    description: str
    answers: Any
    """The type of its answer."""


def routes_of(routers: Iterable[Router]) -> Iterator[Route]:
    """The routes that have an operation."""
    for router in routers:
        for route in router.routes:
            for handler in route.route_handlers if hasattr(route, "route_handlers") else ():
                operation = handler.opt.get("operation") if isinstance(handler, HTTPRouteHandler) else None
                if operation is not None:
                    (method,) = handler.http_methods
                    path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
                    answers = get_type_hints(handler.fn)["return"]
                    name = _camel(handler.handler_name)
                    yield Route(path, method.lower(), name, operation, handler.fn.__doc__ or "", answers)


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these routes."""
    bodies = [route.operation.body for route in routes]
    answers = [State if route.answers is ServerSentEvent else route.answers for route in routes]
    schemas, structs = json_schemas([*bodies, *answers, ApiError], REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for index, route in enumerate(routes):
        described = _operation(route, schemas[index], schemas[len(routes) + index])
        paths.setdefault(route.path, {})[route.method] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Calls API over a simulated clock", "version": version, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": meaning} for name, meaning in TAGS.items()],
        "paths": paths,
        "components": {"schemas": structs},
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _operation(route: Route, body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    operation = route.operation
    described: dict[str, Any] = {
        "operationId": route.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": route.description,
        "parameters": [_parameter(each) for each in operation.parameters],
    }
    if operation.body is not None:
        schema = {"allOf": [body, operation.body_rule]} if operation.body_rule else body
        described["requestBody"] = _body(JSON, schema, operation.body_examples, required=not operation.body_optional)
    if operation.form:
        schema = {
            "type": "object",
            "properties": {each.name: {**each.schema, "description": each.meaning} for each in operation.form},
            "required": [each.name for each in operation.form if each.required],
            "additionalProperties": {"type": "string"},
        }
        described["requestBody"] = _body(FORM, schema, operation.body_examples, required=True)
    described["responses"] = {"200": _answer(route, answer), **dict(_refusals(operation))}
    return described


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "description": parameter.meaning,
        "schema": parameter.schema,
    }
    if parameter.schema.get("type") == "object":
        described |= {"style": "form", "explode": True}
    if parameter.example is not None:
        described["example"] = parameter.example
    return described


def _body(media_type: str, schema: Mapping[str, Any], examples: Mapping[str, Any], required: bool) -> dict[str, Any]:
    shown = {name: {"value": value} for name, value in examples.items()}
    return {"required": required, "content": {media_type: {"schema": schema, "examples": shown}}}


def _answer(route: Route, schema: dict[str, Any]) -> dict[str, Any]:
    operation = route.operation
    described: dict[str, Any] = {"description": operation.answer}
    if route.answers is ServerSentEvent:
        return described | {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
    if route.answers is not type(None):
        content: dict[str, Any] = {"schema": schema}
        if operation.answer_example is not None:
            content["example"] = operation.answer_example
        described["content"] = {JSON: content}
    if operation.links:
        described["links"] = {
            name: {
                "operationId": link.operation,
                "parameters": {"token": "$request.path.token", **link.parameters},
                **({"requestBody": link.body} if link.body is not None else {}),
            }
            for name, link in operation.links.items()
        }
    return described


def _refusals(operation: Operation) -> Iterator[tuple[str, Any]]:
    """The answers that are errors, by status."""
    has_token = any(each.where == "path" for each in operation.parameters)
    has_body = operation.body is not None or bool(operation.form)
    kinds = {*OF_ALL, *operation.errors, *(OF_TOKENS if has_token else ()), *(OF_BODIES if has_body else ())}
    ordered = [kind for kind in ERRORS if kind in kinds]
    for status in sorted({ERRORS[kind].status for kind in ordered}):
        own = [kind for kind in ordered if ERRORS[kind].status == status]
        error = {
            "allOf": [
                {"$ref": REFERENCE.format(name=ApiError.__name__)},
                {"properties": {"type": {"enum": own}}},
            ]
        }
        examples = {kind: {"value": {"type": kind, "message": ERRORS[kind].when}} for kind in own}
        described: dict[str, Any] = {
            "description": "; or ".join(f"`{kind}`: {ERRORS[kind].when}" for kind in own),
            "content": {JSON: {"schema": error, "examples": examples}},
        }
        if status == 503:
            described["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
        if status == 405:
            described["headers"] = {"Allow": {"schema": {"type": "string"}}}
        yield str(status), described
