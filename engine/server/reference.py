"""The page that shows the OpenAPI document: made on the server, it needs neither scripts nor a network."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

FOLDER = Path(__file__).parent
STYLE = FOLDER / "reference.css"


def reference_page(document: Mapping[str, Any]) -> str:
    """The page of an OpenAPI document, as HTML."""
    by_tag: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag[operation["tags"][0]].append({"path": path, "method": method.upper(), **operation})
    names = re.compile("|".join(rf"\b{name}\b" for name in document["components"]["schemas"]))
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["type_text"] = lambda schema: Markup(  # noqa: S704 (escaped before)
        names.sub(r'<a href="#type-\g<0>">\g<0></a>', str(escape(type_text(schema))))
    )
    environment.filters["code"] = lambda text: Markup(  # noqa: S704 (escaped before)
        re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    )
    environment.filters["as_json"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    template = environment.from_string((FOLDER / "reference.html").read_text(encoding="utf-8"))
    return template.render(document=document, by_tag=by_tag)


def type_text(schema: Mapping[str, Any]) -> str:
    """A JSON Schema in a few words: its type, and what is allowed of it."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "allOf" in schema:
        return type_text(schema["allOf"][0])
    if "anyOf" in schema:
        return " or ".join(map(type_text, schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(json.dumps(each) for each in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"array of {type_text(schema.get('items', {}))}"
    if kind == "object" and schema.get("additionalProperties"):
        return f"object of {type_text(schema['additionalProperties'])}"
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    bounds = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most"}
    limits = [f"{words} {schema[bound]:,}" for bound, words in bounds.items() if bound in schema]
    return ", ".join([text, *limits])
