"""Plain values read into typed structs, with every fault named.

`msgspec` describes the types and gives their JSON Schema, but stops at the first fault. Here the same types are
read to the end. Three things make a type say more than its fields:

- a class with a classmethod `read(value)` reads itself from a plain value and raises InputError (a leaf: an
  instant, a zone, hours); its class attribute `json_schema` is its part of the JSON Schema;
- a struct with a classmethod `faults_among(fields)` is asked what is wrong between fields; it gets those that
  were read without fault and the defaults of those left out, so that one fault never hides another;
- `Meta(description=…)` on a type says what a fault names as allowed.
"""

import difflib
import math
import re
from collections.abc import Hashable, Iterable, Iterator
from functools import cache
from inspect import cleandoc
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from engine.reading.faults import Fault, InputError, Path, shown

MOST_UNKNOWN = 100
"""So many unknown fields of one mapping are named, and the others counted."""
LONGEST_SUGGESTED = 60
"""For an unknown field with a longer name, no similar field is suggested."""
T = TypeVar("T")
_FAULTY: Any = object()


def read(value: object, kind: type[T]) -> tuple[T | None, list[Fault]]:
    """The value as a `kind` and no faults, or None and all faults with paths from `value` down."""
    faults: list[Fault] = []
    result = _read(value, _type_info(cast(Hashable, kind)), (), faults)
    return (None if faults else result), faults


def filled(value: Any, kind: type) -> Any:
    """A value that reads as a `kind` without fault, with the default of each field that it leaves out, at every level.

    The result is a plain value, too. Fields are in the type's order, keys of mappings in the value's. A leaf may have
    a classmethod `filled(value)` of its own; other leaves stay as they are.
    """
    return _filled(value, _type_info(cast(Hashable, kind)))


def field_paths(kind: type) -> list[str]:
    """The dotted paths of the fields of a struct and of the structs within it; none of what is in lists."""
    return [*_field_paths(_type_info(cast(Hashable, kind)))]


def _field_paths(kind: inspect.Type) -> Iterator[str]:
    match kind:
        case inspect.Metadata(type=inner):
            yield from _field_paths(inner)
        case inspect.UnionType(types=types):
            for each in types:
                yield from _field_paths(each)
        case inspect.StructType(cls=leaf, fields=fields) if not hasattr(leaf, "read"):
            for field in fields:
                within = [f"{field.encode_name}.{path}" for path in _field_paths(field.type)]
                yield from within or (field.encode_name,)


def json_schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of a type, leaves included."""
    schema = _even(msgspec.json.schema(kind, schema_hook=_leaf_schema))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def json_schemas(kinds: Iterable[Any], reference: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The JSON Schemas of types, leaves included, and those of the structs to which they refer, by name.

    `reference` says how they refer, such as `#/components/schemas/{name}`.
    """
    schemas, structs = msgspec.json.schema_components(kinds, schema_hook=_leaf_schema, ref_template=reference)
    return _even(list(schemas)), _even(structs)


def _even(schema: Any) -> Any:
    """A schema whose descriptions have no margin: those of docstrings have one before Python 3.13."""
    if isinstance(schema, list):
        return [_even(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: cleandoc(item) if key == "description" and isinstance(item, str) else _even(item)
        for key, item in schema.items()
    }


def _leaf_schema(leaf: Any) -> dict[str, Any]:
    schema: dict[str, Any] = leaf.json_schema
    return schema


@cache
def _type_info(kind: Hashable) -> inspect.Type:
    return inspect.type_info(kind)


def _read(value: object, kind: inspect.Type, path: Path, faults: list[Fault]) -> Any:
    described = ""
    while isinstance(kind, inspect.Metadata):
        described = (kind.extra_json_schema or {}).get("description", described)
        kind = kind.type
    match kind:
        case inspect.UnionType():
            if value is None and kind.includes_none:
                return None
            return _read(value, _alternative(value, kind), path, faults)
        case inspect.CustomType(cls=leaf) | inspect.StructType(cls=leaf) if hasattr(leaf, "read"):
            try:
                return leaf.read(value)
            except InputError as error:
                faults.extend(fault.under(*path) for fault in error.faults)
                return _FAULTY
        case inspect.StructType():
            return _struct(value, kind, path, faults)
        case inspect.DictType():
            if not isinstance(value, dict) or len(value) < (kind.min_length or 0):
                return _refuse(value, described or "a mapping", path, faults)
            items = {key: _read(item, kind.value_type, (*path, key), faults) for key, item in value.items()}
            return _FAULTY if any(item is _FAULTY for item in items.values()) else items
        case inspect.VarTupleType():
            if not isinstance(value, list | tuple) or len(value) < (kind.min_length or 0):
                return _refuse(value, described or "a list", path, faults)
            row = tuple(_read(item, kind.item_type, (*path, index), faults) for index, item in enumerate(value))
            return _FAULTY if any(item is _FAULTY for item in row) else row
        case inspect.IntType() if isinstance(value, float) and value.is_integer():
            return _read(int(value), kind, path, faults)
        case inspect.FloatType():
            number = _finite(value)
            good = number is not None and _within(number, kind)
            return number if good else _refuse(value, described or _allowed(kind), path, faults)
        case _:
            return value if _fits(value, kind) else _refuse(value, described or _allowed(kind), path, faults)


def _alternative(value: object, kind: inspect.UnionType) -> inspect.Type:
    """The type of a union that fits the value: a mapping, a list or neither; the first if none does."""
    types = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
    shape = dict if isinstance(value, dict) else tuple if isinstance(value, list | tuple) else None
    return next((each for each in types if _shape(each) is shape), types[0])


def _shape(kind: inspect.Type) -> type | None:
    """Whether values of a type are mappings, lists or neither."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.DictType | inspect.StructType):
        return dict
    return tuple if isinstance(kind, inspect.VarTupleType) else None


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name may stand for, as a message says it; None if none is close."""
    close = difflib.get_close_matches(name, known, 1) if len(name) <= LONGEST_SUGGESTED else []
    return f"{close[0]}, perhaps" if close else None


def _struct(value: object, kind: inspect.StructType, path: Path, faults: list[Fault]) -> Any:
    known = {field.encode_name: field for field in kind.fields}
    if not isinstance(value, dict):
        return _refuse(value, "a mapping of " + ", ".join(known), path, faults)
    before = len(faults)
    unknown = [key for key in value if key not in known]
    shown_ones = unknown[:MOST_UNKNOWN]
    faults += [Fault((*path, key), "an unknown field", near(key, known) or ", ".join(known)) for key in shown_ones]
    if len(unknown) > MOST_UNKNOWN:
        faults.append(Fault(path, f"{len(unknown) - MOST_UNKNOWN:,} more unknown fields", ", ".join(known)))
    fields: dict[str, Any] = {}
    for name, field in known.items():
        if name in value:
            fields[field.name] = _read(value[name], field.type, (*path, name), faults)
        elif field.required:
            faults.append(Fault((*path, name), "nothing", _allowed(field.type)))
        else:
            fields[field.name] = (
                field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
            )
    fields = {name: item for name, item in fields.items() if item is not _FAULTY}
    if hasattr(kind.cls, "faults_among"):
        faults.extend(fault.under(*path) for fault in kind.cls.faults_among(fields))
    return kind.cls(**fields) if len(faults) == before else _FAULTY


def _filled(value: Any, kind: inspect.Type) -> Any:
    match kind:
        case inspect.Metadata(type=inner):
            return _filled(value, inner)
        case inspect.UnionType():
            return None if value is None else _filled(value, _alternative(value, kind))
        case inspect.CustomType(cls=leaf) | inspect.StructType(cls=leaf) if hasattr(leaf, "read"):
            return leaf.filled(value) if hasattr(leaf, "filled") else value
        case inspect.StructType():
            given = {field.encode_name: field for field in kind.fields}
            return {
                name: _filled(value[name] if name in value else _default(field), field.type)
                for name, field in given.items()
            }
        case inspect.DictType():
            return {key: _filled(item, kind.value_type) for key, item in value.items()}
        case inspect.VarTupleType():
            return [_filled(item, kind.item_type) for item in value]
    return value


def _default(field: inspect.Field) -> Any:
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    return msgspec.to_builtins(default, enc_hook=_plain)


def _plain(leaf: Any) -> Any:
    """The plain value that reads as a leaf which is a default."""
    return leaf.to_json() if hasattr(leaf, "to_json") else str(leaf)


def _refuse(value: object, allowed: str, path: Path, faults: list[Fault]) -> Any:
    faults.append(Fault(path, shown(value), allowed))
    return _FAULTY


def _finite(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _within(number: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (
        (kind.ge is None or number >= kind.ge)
        and (kind.gt is None or number > kind.gt)
        and (kind.le is None or number <= kind.le)
        and (kind.lt is None or number < kind.lt)
    )


def _fits(value: object, kind: inspect.Type) -> bool:
    match kind:
        case inspect.AnyType():
            return True
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool) and _within(value, kind)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.StrType(pattern=pattern):
            return isinstance(value, str) and (pattern is None or re.search(pattern, value) is not None)
        case inspect.LiteralType(values=words):
            return isinstance(value, str) and value in words
    raise TypeError(f"a {kind} cannot be read")


def _allowed(kind: inspect.Type) -> str:
    """What a value of this type may be, in words."""
    match kind:
        case inspect.Metadata(type=inner):
            described = (kind.extra_json_schema or {}).get("description")
            return described or _allowed(inner)
        case inspect.UnionType(types=types):
            return " or ".join(_allowed(each) for each in types if not isinstance(each, inspect.NoneType))
        case inspect.CustomType(cls=leaf) | inspect.StructType(cls=leaf) if hasattr(leaf, "json_schema"):
            return str(leaf.json_schema["description"])
        case inspect.StructType(fields=fields):
            return "a mapping of " + ", ".join(field.encode_name for field in fields)
        case inspect.IntType(ge=least, le=most):
            return "an integer" + _range(least, most)
        case inspect.FloatType(ge=least, gt=above, le=most):
            return "a number" + (f" above {above:,}" if above is not None else _range(least, most))
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType(values=words):
            return " or ".join(map(str, words))
        case inspect.DictType():
            return "a mapping"
        case inspect.VarTupleType():
            return "a list"
    return "text"


def _range(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    return "" if least is None else f" of at least {least:,}"
