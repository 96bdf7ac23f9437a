"""Any value in place of a schema: every operation is generated in bounded time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from examples import count_examples
from generate.minimal import build_json_response, make_document, make_spec
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


def _extend(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    wrapped_schemas = st.tuples(st.sampled_from(list(WRAPPERS.values())), inner)
    return st.one_of(
        wrapped_schemas.map(lambda pair: pair[0](pair[1])),
        st.dictionaries(NAMES, inner, max_size=4).map(lambda p: {"properties": p}),
        st.lists(inner, max_size=3).map(lambda members: {"allOf": members}),
        st.lists(inner, max_size=3).map(lambda members: {"oneOf": members, "title": "Same"}),
        st.tuples(inner, st.sampled_from(KEYWORDS), GARBAGE).map(_spoil),
    )


def _spoil(parts: tuple[Any, str, Any]) -> Any:
    schema, keyword, value = parts
    return {**schema, keyword: value} if isinstance(schema, dict) else schema


SCHEMA = st.recursive(LEAVES, _extend, max_leaves=12)


@settings(max_examples=count_examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(thing_schema=SCHEMA, other_schema=SCHEMA, parameter=SCHEMA, response=SCHEMA)
def test_any_schema_can_be_generated(
    thing_schema: Any, other_schema: Any, parameter: Any, response: Any
) -> None:
    """No schema, however unusual or recursive, loses an operation or fails the generator."""
    paths = {
        "/a": {
            "post": {
                "operationId": "a.create",
                "parameters": [{"name": "p", "in": "query", "schema": {"items": parameter}}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"items": thing_schema}}}
                },
                "responses": {"200": build_json_response({"items": response})},
            }
        }
    }
    spec = make_spec(
        make_document(paths, {**SCHEMAS, "Thing": thing_schema, "Other": other_schema})
    )
    generator_input = prepare(spec)
    parse_result = parse(spec.name, generator_input.document, build_config(Path()))
    assert parse_result.widened_parts == []
    assert [operation.operation.id for operation in generator_input.operations.values()] == [
        "a.create"
    ]


def test_deep_and_doubling_schemas_become_any() -> None:
    """Schemas that double at each level or nest thousands deep become `Any` in bounded time."""
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
    spec = make_spec(
        make_document({}, {**doubling, "D200": {}, **chain, "C3000": {}, **fields, "F3000": {}})
    )
    generator_input = prepare(spec)
    ids = {problem.id for problem in generator_input.problems}
    assert ids == {"client.widened.too-large"}
    assert len(generator_input.models) == 3000
    assert len(str(generator_input.document)) < 2_000_000


def test_an_object_with_thousands_of_fields_is_widened() -> None:
    """An object with more than 2,000 fields is
    widened, as the generator compares all field names.
    """
    fields = {f"f{number}": {"type": "string"} for number in range(2_001)}
    schemas = {
        "Many": {"properties": fields},
        "Most": {"properties": dict(list(fields.items())[:-1])},
        "Named": {"properties": {"a": {}}, "required": list(fields)},
    }
    generator_input = prepare(make_spec(make_document({}, schemas)))
    assert [(problem.id, problem.location.pointer) for problem in generator_input.problems] == [
        ("client.widened.too-large", "/components/schemas/Many"),
        ("client.widened.too-large", "/components/schemas/Named"),
    ]
    assert set(generator_input.models) == {"Most"}
