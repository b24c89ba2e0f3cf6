"""What is known of an operation besides its handler: what it takes, which errors it has, and examples of both."""

from typing import Any

import msgspec


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of an operation, in its query, its headers or its path."""

    name: str
    where: str = "query"
    schema: dict[str, Any] = msgspec.field(default_factory=lambda: {"type": "string"})
    meaning: str = ""
    required: bool = False
    example: Any = None
    free: bool = False
    """Whether it stands for parameters of any other name."""


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
    """The types of its own errors; those that every operation has are not repeated."""
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    """The type of its JSON body."""
    body_optional: bool = False
    form: tuple[Parameter, ...] = ()
    """The fields of its form-encoded body, which may be left out."""
    body_examples: dict[str, Any] = {}
    answer: str = ""
    """What the answer is, in words."""
    answer_example: Any = None
    links: dict[str, Link] = {}
