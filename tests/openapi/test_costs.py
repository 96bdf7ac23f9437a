"""Schemas of which no value can be made are reported, once, where they lead back to themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, Mock
from driftline.openapi import Spec, load
from driftline.openapi.lint.values import lint_costs
from driftline.openapi.schema.validation import find_broken, list_violations
from driftline.suite import cover


def spec_of(folder: Path, schemas: dict[str, Any], wanted: str) -> Spec:
    """Return a spec whose one operation responds with the schema `wanted`."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{wanted}"}}}
    answer = {"200": {"description": "It.", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": answer}}},
        "components": {"schemas": schemas},
    }
    path = folder / "shop.json"
    path.write_text(json.dumps(document))
    return load(path)


def node(name: str, *, required: bool = True) -> dict[str, Any]:
    """Return an object with a field of another schema."""
    fields = {"next": {"$ref": f"#/components/schemas/{name}"}}
    return {"type": "object", "properties": fields, "required": ["next"] if required else []}


@pytest.mark.parametrize(
    ("schemas", "places"),
    [
        ({"A": node("A")}, ["/components/schemas/A"]),
        ({"A": node("B"), "B": node("A")}, ["/components/schemas/A"]),
        ({"A": node("B"), "B": node("B")}, ["/components/schemas/B"]),
        ({"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}, []),
        ({"A": node("A", required=False)}, []),
        ({"A": {"anyOf": [node("A"), {"type": "null"}]}}, []),
        ({"A": node("B"), "B": {"type": ["object", "null"], **node("A")} | {"type": "null"}}, []),
    ],
)
def test_a_schema_that_always_contains_itself_is_a_warning(
    tmp_path: Path, schemas: dict[str, Any], places: list[str]
) -> None:
    """One problem for each loop; none for a loop that can end. All else of the document is used."""
    spec = spec_of(tmp_path, schemas, "A")
    problems = [each for each in lint_costs(spec) if each.id == "schema.no-finite-value"]
    assert [each.location.pointer for each in problems] == places
    assert {each.severity for each in problems} <= {"warning"}


def test_too_large_a_value_is_a_warning(tmp_path: Path) -> None:
    """At the clause that asks for it, however many schemas lead there."""
    huge = {"type": "string", "minLength": 10**9}
    spec = spec_of(tmp_path, {"A": node("B"), "B": huge}, "A")
    problems = list(lint_costs(spec))
    assert [(each.id, each.severity) for each in problems] == [("schema.too-costly", "warning")]
    assert problems[0].location.pointer == "/components/schemas/B"


def test_no_value_is_made_that_is_too_costly(tmp_path: Path) -> None:
    """Thirty objects, each with two of the next, are 2^30: nobody begins with one."""
    twice = {
        f"L{n}": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {key: {"$ref": f"#/components/schemas/L{n + 1}"} for key in ("a", "b")},
        }
        for n in range(30)
    }
    maybe = {
        "type": "object",
        "properties": {
            "many": {"$ref": "#/components/schemas/L0"},
            "long": {"type": "string", "minLength": 10**10},
            "few": {"type": "string"},
        },
    }
    spec = spec_of(tmp_path, {**twice, "L30": {"type": "string"}, "Maybe": maybe}, "L0")
    assert list(cover(spec, "/components/schemas/L0", 1)) == []
    assert list(cover(spec, "/components/schemas/L28", 1)) != []
    fields = {name for each in cover(spec, "/components/schemas/Maybe", 5) for name in each}
    assert fields == {"few"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": [f"f{n}" for n in range(20_000)]},
        {"type": "object", "minProperties": 20_000},
        {"type": "array", "prefixItems": [{"type": "null"}] * 20_000, "minItems": 20_000},
        {"type": "array", "minItems": 20_000},
    ],
)
def test_a_value_of_many_members_is_too_costly(tmp_path: Path, schema: dict[str, Any]) -> None:
    """However short its members are, and whether they are described or not."""
    spec = spec_of(tmp_path, {"A": schema}, "A")
    assert [each.id for each in lint_costs(spec)] == ["schema.too-costly"]
    assert list(cover(spec, "/components/schemas/A", 1)) == []


def test_few_of_many_optional_items_are_made(tmp_path: Path) -> None:
    """20,000 described items, all optional, are made in part."""
    long = {"type": "array", "prefixItems": [{"type": "string"}] * 20_000, "items": {}}
    (value,) = cover(spec_of(tmp_path, {"A": long}, "A"), "/components/schemas/A", 1)
    assert 0 < len(value) <= 50


def test_messages_about_one_value_do_not_fill_the_memory(tmp_path: Path) -> None:
    """Each would repeat an `enum` of 40,000 characters: one violation stands for 10,000."""
    long = {"type": "array", "items": {"enum": [list(range(8_000))]}}
    spec = spec_of(tmp_path, {"A": long}, "A")
    pointer = "/components/schemas/A"
    assert len(list_violations(spec, pointer, [1, 2, 3])) == 3
    (violation,) = list_violations(spec, pointer, list(range(10_000)))
    assert violation.path == "/0"
    assert list_violations(spec, pointer, [list(range(8_000))] * 10) == []
    assert find_broken(spec, [(pointer, [1] * 10_000), (pointer, [])]) == [0]


def test_a_pattern_for_names_is_not_tried_for_ever(tmp_path: Path) -> None:
    """The mock asks which patterns of the document a documented field has to match."""
    name = "a" * 60 + "!"
    schema = {
        "type": "object",
        "patternProperties": {"^(a|aa)+$": {"type": "integer"}, "!$": {"const": 7}},
        "properties": {name: {}},
        "required": [name],
    }
    mock = Mock(spec_of(tmp_path, {"A": schema}, "A"))
    assert json.loads(mock.handle(HttpRequest("GET", "/a", "", ())).body)[name] == 7


def test_a_value_that_alternatives_multiply_is_neither_made_nor_validated(tmp_path: Path) -> None:
    """Ten levels down it would be validated 3^10 times, with an error each time; a value that is
    less deep is validated as ever."""
    levels = {f"L{n}": {"oneOf": [node(f"L{n + 1}")] * 3} for n in range(14)}
    spec = spec_of(tmp_path, {**levels, "L14": {"type": "string"}}, "L0")
    assert [each.id for each in lint_costs(spec)] == ["schema.too-costly"]
    assert Mock(spec).handle(HttpRequest("GET", "/a")).status == 501
    value: Any = 1
    for _ in range(14):
        value = {"next": value}
    assert list_violations(spec, "/components/schemas/L0", value) == []
    assert find_broken(spec, [("/components/schemas/L0", value)]) == []
    assert list_violations(spec, "/components/schemas/L0", {"next": 1})
