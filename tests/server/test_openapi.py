"""The OpenAPI document says what the server does."""

import ast
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from engine.server.operations import ERRORS

SERVER = Path("engine/server")


@pytest.fixture(scope="module")
def document(server: httpx.Client) -> Any:
    return server.get("/schema/openapi.json").json()


def operations(document: Any) -> list[Any]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def valid(document: Any, schema: Any, value: object) -> None:
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
    validator.validate(value)


def test_every_type_of_errors_in_the_code_is_described_with_its_status() -> None:
    found: dict[str, set[object]] = {}
    for file in SERVER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refused":
                status, kind = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(kind, ast.Constant):
                    found.setdefault(str(kind.value), set()).add(status.value)

    assert {kind: {ERRORS[kind].status} for kind in found} == found


def test_examples_are_as_their_schemas_say(document: Any) -> None:
    for operation in operations(document):
        bodies = operation.get("requestBody", {}).get("content", {})
        for content in bodies.values():
            for example in content["examples"].values():
                valid(document, content["schema"], example["value"])
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                examples = content.get(
                    "examples", {"example": {"value": content["example"]}} if "example" in content else {}
                )
                for example in examples.values():
                    valid(document, content["schema"], example["value"])
                assert examples or status == "200"


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: Any) -> None:
    names = [operation["operationId"] for operation in operations(document)]

    assert len(set(names)) == len(names) == 23
    for operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}


def test_links_lead_to_operations(document: Any) -> None:
    names = {operation["operationId"] for operation in operations(document)}
    links = [
        link["operationId"]
        for operation in operations(document)
        for link in operation["responses"]["200"].get("links", {}).values()
    ]

    assert links
    assert set(links) <= names


def test_the_example_of_adding_numbers_is_that_of_the_documentation(server: httpx.Client, document: Any) -> None:
    add = document["paths"]["/api/calls/campaign/{token}/addPhones"]["post"]
    (example,) = add["requestBody"]["content"]["application/json"]["examples"].values()

    assert example["value"] == httpx.Response(200, content=Path("scenarios/api_example.json").read_bytes()).json()
    path = f"/api/calls/campaign/{add['parameters'][0]['example']}/addPhones"
    assert server.post(path, json=example["value"]).status_code == 200
