"""Schemas whose clauses exclude each other are reported; other schemas are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, Mock
from driftline.openapi import Spec, load
from driftline.openapi.lint.rules import lint

STRING = {"type": "string"}


def build_spec(folder: Path, schema: dict[str, Any]) -> Spec:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
    responses = {"200": {"description": "It.", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}}},
        "components": {"schemas": {"A": schema}},
    }
    path = folder / "shop.json"
    path.write_text(json.dumps(document, indent=1))
    return load(path)


def find_pointers(spec: Spec) -> list[str]:
    problems = [problem for problem in lint(spec) if problem.id == "schema.impossible"]
    return [problem.location.pointer.removeprefix("/components/schemas/A") for problem in problems]


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "numbers": ({"type": "integer", "minimum": 5, "maximum": 4}, "/minimum"),
    "lengths": ({**STRING, "minLength": 3, "maxLength": 2}, "/minLength"),
    "items": ({"type": "array", "minItems": 2, "maxItems": 1}, "/minItems"),
    "members": ({"type": "object", "minProperties": 2, "maxProperties": 1}, "/minProperties"),
    "a pattern that is too short": ({**STRING, "pattern": "^[a-z]$", "minLength": 2}, "/minLength"),
    "a pattern that is too long": ({**STRING, "pattern": "[0-9]{8}", "maxLength": 6}, "/maxLength"),
    "within a field": (
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {**STRING, "minLength": 9, "maxLength": 1}},
        },
        "/properties/a/minLength",
    ),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_clauses_that_exclude_each_other_are_reported(tmp_path: Path, case: str) -> None:
    """The problem is at one of the clauses, and the mock responds with 501 and the same reason."""
    schema, pointer = IMPOSSIBLE[case]
    spec = build_spec(tmp_path, schema)
    assert find_pointers(spec) == [pointer]
    [problem] = [problem for problem in lint(spec) if problem.id == "schema.impossible"]
    assert problem.location.line > 1
    response = Mock(spec).handle(HttpRequest("GET", "/a", "", ()))
    assert response.status == 501
    reason = problem.message.removeprefix("no value satisfies the schema: ")
    assert reason in json.loads(response.body)["detail"]


POSSIBLE: dict[str, dict[str, Any]] = {
    "null": {"type": ["integer", "null"], "minimum": 5, "maximum": 4},
    "any other type": {"minLength": 3, "maxLength": 2},
    "the bound itself": {"type": "integer", "minimum": 5, "maximum": 5},
    "a pattern without anchors": {**STRING, "pattern": "[a-z]", "minLength": 2},
    "a pattern with one anchored branch": {**STRING, "pattern": "^a$|b", "minLength": 2},
    "a pattern of an unmatched group": {**STRING, "pattern": r"^(?:(aaa)|b)\1$", "maxLength": 1},
    "a pattern of any length": {**STRING, "pattern": "^[a-z]+$", "minLength": 2},
}


@pytest.mark.parametrize("case", POSSIBLE)
def test_satisfiable_schemas_are_not_reported(tmp_path: Path, case: str) -> None:
    """A schema that null, another type or another alternative satisfies is not reported."""
    assert find_pointers(build_spec(tmp_path, POSSIBLE[case])) == []


def test_an_optional_field_that_cannot_exist_is_omitted(tmp_path: Path) -> None:
    """An optional field without a valid value is omitted, and the operation is mocked."""
    impossible = {**STRING, "minLength": 3, "maxLength": 2}
    schema = {"type": "object", "properties": {"a": impossible, "b": STRING}, "required": ["b"]}
    response = Mock(build_spec(tmp_path, schema)).handle(HttpRequest("GET", "/a", "", ()))
    assert response.status == 200
    assert set(json.loads(response.body)) == {"b"}
