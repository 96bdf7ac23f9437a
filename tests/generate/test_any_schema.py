"""Whatever stands where a schema belongs: all operations are generated, in bounded time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generate.minimal import document_of, json_response, spec_of
from generate.test_types import SCHEMAS, TYPES, WRAPPERS
from hypothesis import HealthCheck, given, settings, strategies as st

from driftline.generate.parsing import build_config, parse
from driftline.generate.prepare import prepare

NAMES = st.sampled_from(
    ["a", "A", "a b", "a-b", "a_b", "class", "Model", "", "$", "日本", "x" * 90]
)
REFERENCES = st.sampled_from([*SCHEMAS, "Thing", "Other"]).map(
    lambda name: {"$ref": f"#/components/schemas/{name}"}
)
GARBAGE = st.sampled_from([None, 1, "text", [], [1], {}, {"": None}, True, False])
KEYWORDS = [
    *("type", "enum", "const", "items", "prefixItems", "properties", "required", "allOf", "anyOf"),
    *("oneOf", "additionalProperties", "patternProperties", "discriminator", "title", "format"),
    *("description", "default", "readOnly", "$ref"),
]
LEAVES = st.one_of(
    st.sampled_from([schema for schema, *_ in TYPES.values()]),
    REFERENCES,
    st.dictionaries(st.sampled_from(KEYWORDS), GARBAGE, max_size=3),
)


def _grow(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    wrapped = st.tuples(st.sampled_from(list(WRAPPERS.values())), inner)
    return st.one_of(
        wrapped.map(lambda pair: pair[0](pair[1])),
        st.dictionaries(NAMES, inner, max_size=4).map(lambda p: {"properties": p}),
        st.lists(inner, max_size=3).map(lambda members: {"allOf": members}),
        st.lists(inner, max_size=3).map(lambda members: {"oneOf": members, "title": "Same"}),
        st.tuples(inner, st.sampled_from(KEYWORDS), GARBAGE).map(_spoil),
    )


def _spoil(parts: tuple[Any, str, Any]) -> Any:
    schema, keyword, value = parts
    return {**schema, keyword: value} if isinstance(schema, dict) else schema


SCHEMA = st.recursive(LEAVES, _grow, max_leaves=12)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(thing=SCHEMA, other=SCHEMA, parameter=SCHEMA, response=SCHEMA)
def test_any_schema_can_be_generated(thing: Any, other: Any, parameter: Any, response: Any) -> None:
    """No schema, however odd or recursive, costs an operation or trips the generator."""
    paths = {
        "/a": {
            "post": {
                "operationId": "a.create",
                "parameters": [{"name": "p", "in": "query", "schema": {"items": parameter}}],
                "requestBody": {"content": {"application/json": {"schema": {"items": thing}}}},
                "responses": {"200": json_response({"items": response})},
            }
        }
    }
    spec = spec_of(document_of(paths, {**SCHEMAS, "Thing": thing, "Other": other}))
    prepared = prepare(spec)
    parsed = parse(spec.name, prepared.document, build_config(Path()))
    assert parsed.widened == []
    assert [each.operation.id for each in prepared.operations.values()] == ["a.create"]


def test_deep_and_doubling_schemas_are_cut() -> None:
    """Aliases that double at each step, or go on for thousands, become `Any` in good time."""
    doubling = {
        f"D{i}": {
            "anyOf": [
                {"type": "array", "items": {"$ref": f"#/components/schemas/D{i + 1}"}},
                {
                    "type": "array",
                    "items": {
                        "anyOf": [{"$ref": f"#/components/schemas/D{i + 1}"}, {"type": "null"}]
                    },
                },
            ]
        }
        for i in range(200)
    }
    chain = {
        f"C{i}": {"type": "array", "items": {"$ref": f"#/components/schemas/C{i + 1}"}}
        for i in range(3000)
    }
    fields = {
        f"F{i}": {"properties": {"next": {"$ref": f"#/components/schemas/F{i + 1}"}}}
        for i in range(3000)
    }
    spec = spec_of(
        document_of({}, {**doubling, "D200": {}, **chain, "C3000": {}, **fields, "F3000": {}})
    )
    prepared = prepare(spec)
    ids = {problem.id for problem in prepared.problems}
    assert ids == {"client.widened.too-large"}
    assert len(prepared.models) == 3000
    assert len(str(prepared.document)) < 2_000_000


def test_an_object_of_thousands_of_fields_is_no_class() -> None:
    """The generator compares all names of a class with each other, so thousands take minutes."""
    fields = {f"f{number}": {"type": "string"} for number in range(2_001)}
    schemas = {
        "Many": {"properties": fields},
        "Most": {"properties": dict(list(fields.items())[:-1])},
        "Named": {"properties": {"a": {}}, "required": list(fields)},
    }
    prepared = prepare(spec_of(document_of({}, schemas)))
    assert [(each.id, each.location.pointer) for each in prepared.problems] == [
        ("client.widened.too-large", "/components/schemas/Many"),
        ("client.widened.too-large", "/components/schemas/Named"),
    ]
    assert set(prepared.models) == {"Most"}
