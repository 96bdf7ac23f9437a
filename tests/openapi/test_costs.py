"""Schemas without a finite value or with too large values are reported once, at the clause."""

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


def build_spec(folder: Path, schemas: dict[str, Any], schema_name: str) -> Spec:
    """Return a spec whose one operation responds with the schema `schema_name`."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema_name}"}}}
    responses = {"200": {"description": "It.", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}}},
        "components": {"schemas": schemas},
    }
    path = folder / "shop.json"
    path.write_text(json.dumps(document))
    return load(path)


def build_node(name: str, *, required: bool = True) -> dict[str, Any]:
    """Return an object with a field of another schema."""
    fields = {"next": {"$ref": f"#/components/schemas/{name}"}}
    return {"type": "object", "properties": fields, "required": ["next"] if required else []}


@pytest.mark.parametrize(
    ("schemas", "expected_pointers"),
    [
        ({"A": build_node("A")}, ["/components/schemas/A"]),
        ({"A": build_node("B"), "B": build_node("A")}, ["/components/schemas/A"]),
        ({"A": build_node("B"), "B": build_node("B")}, ["/components/schemas/B"]),
        ({"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}, []),
        ({"A": build_node("A", required=False)}, []),
        ({"A": {"anyOf": [build_node("A"), {"type": "null"}]}}, []),
        (
            {
                "A": build_node("B"),
                "B": {"type": ["object", "null"], **build_node("A")} | {"type": "null"},
            },
            [],
        ),
    ],
)
def test_a_schema_that_always_contains_itself_is_a_warning(
    tmp_path: Path, schemas: dict[str, Any], expected_pointers: list[str]
) -> None:
    """Each loop of required fields is one warning; a loop that can end causes none."""
    spec = build_spec(tmp_path, schemas, "A")
    problems = [problem for problem in lint_costs(spec) if problem.id == "schema.no-finite-value"]
    assert [problem.location.pointer for problem in problems] == expected_pointers
    assert {problem.severity for problem in problems} <= {"warning"}


def test_too_large_a_value_is_a_warning(tmp_path: Path) -> None:
    """A value that is too large is one warning, at the clause that requires it."""
    huge = {"type": "string", "minLength": 10**9}
    spec = build_spec(tmp_path, {"A": build_node("B"), "B": huge}, "A")
    problems = list(lint_costs(spec))
    assert [(problem.id, problem.severity) for problem in problems] == [
        ("schema.too-costly", "warning")
    ]
    assert problems[0].location.pointer == "/components/schemas/B"


def test_values_that_are_too_costly_are_not_generated(tmp_path: Path) -> None:
    """A value with 2^30 objects is not generated, and optional fields of that size are omitted."""
    doubling_schemas = {
        f"L{n}": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {key: {"$ref": f"#/components/schemas/L{n + 1}"} for key in ("a", "b")},
        }
        for n in range(30)
    }
    optional_schema = {
        "type": "object",
        "properties": {
            "many": {"$ref": "#/components/schemas/L0"},
            "long": {"type": "string", "minLength": 10**10},
            "few": {"type": "string"},
        },
    }
    spec = build_spec(
        tmp_path, {**doubling_schemas, "L30": {"type": "string"}, "Maybe": optional_schema}, "L0"
    )
    assert list(cover(spec, "/components/schemas/L0", 1)) == []
    assert list(cover(spec, "/components/schemas/L28", 1)) != []
    fields = {name for value in cover(spec, "/components/schemas/Maybe", 5) for name in value}
    assert fields == {"few"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": [f"f{n}" for n in range(20_000)]},
        {"type": "object", "minProperties": 20_000},
        {"type": "array", "minItems": 20_000},
    ],
)
def test_a_value_of_many_members_is_too_costly(tmp_path: Path, schema: dict[str, Any]) -> None:
    """A value with many members is too costly, whether or not the schema describes them."""
    spec = build_spec(tmp_path, {"A": schema}, "A")
    assert [problem.id for problem in lint_costs(spec)] == ["schema.too-costly"]
    assert list(cover(spec, "/components/schemas/A", 1)) == []


def test_few_of_many_optional_items_are_generated(tmp_path: Path) -> None:
    """Of 2,000 optional items in `prefixItems`, at most 50 are generated."""
    long = {"type": "array", "prefixItems": [{"type": "string"}] * 2_000, "items": {}}
    (value,) = cover(build_spec(tmp_path, {"A": long}, "A"), "/components/schemas/A", 1)
    assert 0 < len(value) <= 50


def test_only_the_first_of_many_long_messages_is_reported(tmp_path: Path) -> None:
    """If many violations have long messages, only the first one is reported."""
    long = {"type": "array", "items": {"enum": [list(range(8_000))]}}
    spec = build_spec(tmp_path, {"A": long}, "A")
    pointer = "/components/schemas/A"
    assert len(list_violations(spec, pointer, [1, 2, 3])) == 3
    (violation,) = list_violations(spec, pointer, list(range(10_000)))
    assert violation.path == "/0"
    assert list_violations(spec, pointer, [list(range(8_000))] * 10) == []
    assert find_broken(spec, [(pointer, [1] * 10_000), (pointer, [])]) == [0]


def test_a_pattern_for_names_costs_little(tmp_path: Path) -> None:
    """Patterns for property names are matched without exponential time."""
    name = "a" * 60 + "!"
    schema = {
        "type": "object",
        "patternProperties": {"^(a|aa)+$": {"type": "integer"}, "!$": {"const": 7}},
        "properties": {name: {}},
        "required": [name],
    }
    mock = Mock(build_spec(tmp_path, {"A": schema}, "A"))
    assert json.loads(mock.handle(HttpRequest("GET", "/a", "", ())).body)[name] == 7


def test_a_value_with_too_many_alternatives_is_neither_generated_nor_validated(
    tmp_path: Path,
) -> None:
    """A schema with too many nested alternatives is neither generated nor validated; a value with
    few levels is validated.
    """
    levels = {f"L{n}": {"oneOf": [build_node(f"L{n + 1}")] * 3} for n in range(14)}
    spec = build_spec(tmp_path, {**levels, "L14": {"type": "string"}}, "L0")
    assert [problem.id for problem in lint_costs(spec)] == ["schema.too-costly"]
    assert Mock(spec).handle(HttpRequest("GET", "/a")).status == 501
    value: Any = 1
    for _ in range(14):
        value = {"next": value}
    assert list_violations(spec, "/components/schemas/L0", value) == []
    assert find_broken(spec, [("/components/schemas/L0", value)]) == []
    assert list_violations(spec, "/components/schemas/L0", {"next": 1})


def nest(keyword: str, levels: int) -> Any:
    """Return a schema that nests the keyword this many levels deep."""
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {keyword: schema}
    return schema


MANY_SCHEMAS = [{"type": "string"}] * 3_001
LARGE: dict[str, dict[str, Any]] = {
    "items": {"type": "array", "prefixItems": MANY_SCHEMAS, "items": False},
    "draft-4 items": {"type": "array", "items": MANY_SCHEMAS},
    "alternatives": {"type": ["string", "null"], "anyOf": MANY_SCHEMAS},
    "properties": {"type": "object", "properties": dict(enumerate(MANY_SCHEMAS))},
    "patterns": {"type": "object", "patternProperties": {f"^x{n}$": {} for n in range(3_001)}},
    "long value": {"type": "string", "enum": ["x" * 500_000]},
    "many values": {"type": "string", "enum": [f"{n:0500}" for n in range(2_000)]},
    "large value": {"const": list(range(100_000))},
    "negations": {"type": "array", **nest("not", 15)},
}


@pytest.mark.parametrize("large", LARGE.values(), ids=LARGE)
def test_only_the_type_of_a_schema_that_is_too_large_is_read(
    tmp_path: Path, large: dict[str, Any]
) -> None:
    """A schema that is too large is reduced to its type, with a warning at its clause."""
    owner = {"type": "object", "properties": {"large": large, "n": {"enum": [1]}}}
    spec = build_spec(tmp_path, {"A": owner}, "A")
    pointer = "/components/schemas/A/properties/large"
    problems = [problem for problem in spec.problems if problem.id == "schema.too-large"]
    assert [(problem.location.pointer, problem.severity) for problem in problems] == [
        (pointer, "warning")
    ]
    assert spec.get_node(pointer) == ({"type": large["type"]} if "type" in large else {})
    assert spec.get_node("/components/schemas/A/properties/n") == {"enum": [1]}


def test_a_schema_that_excludes_a_large_one_is_cut_too(tmp_path: Path) -> None:
    """A `not` with a schema that is too large is removed, since a reduced one would reject more."""
    large = {"type": "object", "properties": {"b": {"type": "string", "anyOf": MANY_SCHEMAS}}}
    spec = build_spec(
        tmp_path, {"A": {"type": "array", "items": {"title": "B", "not": large}}}, "A"
    )
    assert spec.get_node("/components/schemas/A") == {"type": "array", "items": {"title": "B"}}


def test_sizes_of_large_documents_are_not_too_large(tmp_path: Path) -> None:
    """An enum of 3,000 names, 300 properties, 500 alternatives and ten levels are not too large."""
    schemas = {
        "Zones": {"type": "string", "enum": [f"Continent/City_{n}" for n in range(3_000)]},
        "Row": {"type": "object", "properties": {f"p{n}": {"type": "null"} for n in range(300)}},
        "Any": {"oneOf": [{"const": n} for n in range(500)]},
        "Deep": {"type": "array", "items": nest("items", 10)},
    }
    spec = build_spec(tmp_path, schemas, "Row")
    assert not [problem for problem in spec.problems if problem.id == "schema.too-large"]
    assert len(spec.get_node("/components/schemas/Zones/enum")) == 3_000
