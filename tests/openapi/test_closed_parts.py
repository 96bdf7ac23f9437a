"""`additionalProperties: false` of one part does not forbid the fields of another part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, Mock
from driftline.openapi import Spec, load

STRING = {"type": "string"}
BASE = {"$ref": "#/components/schemas/Base"}
OPEN = {"type": "object", "required": ["id"], "properties": {"id": STRING}}
CLOSED = {"type": "object", "additionalProperties": False, "properties": {"name": STRING}}


def build_spec(folder: Path, schema: dict[str, Any], base: dict[str, Any]) -> Spec:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/item": {"get": {"responses": {"200": {"description": "It.", "content": content}}}}
        },
        "components": {"schemas": {"Item": schema, "Base": base}},
    }
    path = folder / "shop.json"
    path.write_text(json.dumps(document, indent=1))
    return load(path)


def list_opened(spec: Spec) -> list[str]:
    problems = [problem for problem in spec.problems if problem.id == "schema.closed-part"]
    assert all(problem.location.line > 1 for problem in problems)
    return [problem.location.pointer.removeprefix("/components/schemas") for problem in problems]


OPENED: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "a closed part beside an open base": ({"allOf": [BASE, CLOSED]}, OPEN, ["/Item/allOf/1"]),
    "a closed base and a closed part": (
        {"allOf": [BASE, CLOSED]},
        {**OPEN, "additionalProperties": False},
        ["/Base", "/Item/allOf/1"],
    ),
    "closed beside allOf": ({**CLOSED, "allOf": [BASE]}, OPEN, ["/Item"]),
    "a field that is only required": (
        {"allOf": [{"required": ["id"]}, CLOSED]},
        OPEN,
        ["/Item/allOf/1"],
    ),
    "fields of alternatives": ({**CLOSED, "oneOf": [BASE]}, OPEN, ["/Item"]),
}


@pytest.mark.parametrize("case", OPENED)
def test_the_fields_of_all_parts_are_allowed(tmp_path: Path, case: str) -> None:
    """The mock responds with the fields of all parts, and a problem names the closed part."""
    schema, base, opened = OPENED[case]
    spec = build_spec(tmp_path, schema, base)
    assert sorted(list_opened(spec)) == opened
    response = Mock(spec).handle(HttpRequest("GET", "/item", "", ()))
    assert response.status == 200
    assert "id" in json.loads(response.body)


def test_a_required_field_that_no_part_describes_has_any_value(tmp_path: Path) -> None:
    """A required field that no part describes accepts any value and is known to the client."""
    spec = build_spec(tmp_path, {**CLOSED, "required": ["total"], "allOf": [BASE]}, OPEN)
    assert list_opened(spec) == ["/Item"]
    item = spec.get_node("/components/schemas/Item")
    assert item["properties"] == {"name": STRING, "total": {}}


KEPT: dict[str, dict[str, Any]] = {
    "alone": CLOSED,
    "with all fields": {"allOf": [BASE, {**CLOSED, "properties": {"id": STRING}}]},
    "with a pattern": {"allOf": [BASE, {**CLOSED, "patternProperties": {"^i": STRING}}]},
    "an alternative": {"type": "object", "oneOf": [BASE, CLOSED]},
    "a field that is forbidden": {"allOf": [{"properties": {"id": False}}, CLOSED]},
}


@pytest.mark.parametrize("case", KEPT)
def test_a_schema_that_forbids_no_described_field_stays_closed(tmp_path: Path, case: str) -> None:
    """A schema stays closed if it forbids no described field, or is one of several alternatives."""
    spec = build_spec(tmp_path, KEPT[case], OPEN)
    assert list_opened(spec) == []
    assert json.dumps(spec.document).count('"additionalProperties": false') == 1
