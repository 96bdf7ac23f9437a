"""Hypothesis strategies of valid OpenAPI documents, including recursive schemas."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
NAMES = ("Account", "Call", "Node", "Page")
FIELDS = ("id", "name", "status", "parent", "items", "a/b", "ü")
STRINGS = st.sampled_from(("A", "B", "C", ""))
SCALARS: tuple[Json, ...] = (
    {"type": "string"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9},
    {"type": "string", "enum": ["A", "B", "C"]},
    {"const": "A"},
    {"type": ["string", "null"], "default": None},
    {"type": "integer", "minimum": 0, "exclusiveMaximum": 10, "default": 3},
    {"type": "number", "multipleOf": 0.5},
    {"type": "boolean", "deprecated": True},
    {"type": "string", "readOnly": True},
    {"type": "string", "writeOnly": True},
    {"enum": ["A", 1, None, True]},
    {"type": ["integer", "string"]},
    {},
)


def draw_references() -> st.SearchStrategy[Json]:
    return st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/components/schemas/{name}"})


def _draw_objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.builds(
        lambda fields, required_names, keywords: {
            "type": "object",
            "properties": fields,
            **(
                {"required": [name for name in fields if name in required_names]}
                if required_names
                else {}
            ),
            **keywords,
        },
        st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
        st.sets(st.sampled_from(FIELDS), max_size=3),
        st.one_of(
            st.just({}),
            inner.map(lambda schema: {"additionalProperties": schema}),
            st.just({"additionalProperties": False, "minProperties": 1}),
        ),
    )


def _extend(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        _draw_objects(inner),
        inner.map(lambda schema: {"type": "array", "items": schema, "maxItems": 5}),
        lists.map(lambda schemas: {"type": "array", "prefixItems": schemas, "items": False}),
        lists.map(lambda schemas: {"anyOf": schemas}),
        lists.map(lambda schemas: {"oneOf": [*schemas, {"type": "null"}]}),
        lists.map(lambda schemas: {"allOf": schemas}),
        inner.map(lambda schema: {"not": schema}),
        inner.map(lambda schema: {"if": schema, "then": {"required": ["id"]}}),
    )


def draw_schemas() -> st.SearchStrategy[Any]:
    """Draw schemas whose parts may refer to components, and these to each other."""
    leaves = st.one_of(st.sampled_from(SCALARS), draw_references())
    return st.recursive(leaves, _extend, max_leaves=6)


def draw_parameters() -> st.SearchStrategy[list[Json]]:
    drawn_parameters = st.builds(
        lambda name, location, schema, required: {
            "name": name,
            "in": location,
            "schema": schema,
            "required": required,
        },
        st.sampled_from(("limit", "page", "q")),
        st.sampled_from(("query", "header", "cookie")),
        draw_schemas(),
        st.booleans(),
    )
    return st.lists(
        drawn_parameters,
        max_size=3,
        unique_by=lambda parameter: (parameter["name"], parameter["in"]),
    )


def _build_content(schema: Any) -> Json:
    return {"application/json": {"schema": schema}}


def draw_operations() -> st.SearchStrategy[Json]:
    return st.builds(
        lambda drawn_parameters, body, responses, security: {
            "parameters": drawn_parameters,
            **({"requestBody": {"content": _build_content(body)}} if body is not None else {}),
            "responses": {
                status: {"description": "", "content": _build_content(schema)}
                for status, schema in responses.items()
            },
            **({"security": security} if security is not None else {}),
        },
        draw_parameters(),
        st.none() | draw_schemas(),
        st.dictionaries(
            st.sampled_from(("200", "201", "4XX", "default")), draw_schemas(), max_size=2
        ),
        st.none() | st.lists(st.sampled_from(({"key": []}, {"login": ["a"]}, {})), max_size=2),
    )


def documents() -> st.SearchStrategy[Json]:
    """Draw OpenAPI 3.1 documents of a few operations."""
    methods = st.dictionaries(
        st.sampled_from(("get", "post", "put")), draw_operations(), max_size=2
    )
    paths = st.sampled_from(("/calls", "/calls/{id}", "/pages"))
    return st.builds(
        lambda items, components: {
            "openapi": "3.1.0",
            "info": {"title": "Shop", "version": "1"},
            "servers": [{"url": "https://api.example.com"}],
            "paths": items,
            "components": {
                "schemas": dict(zip(NAMES, components, strict=True)),
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                    "login": {"type": "oauth2", "flows": {}},
                },
            },
        },
        st.dictionaries(paths, methods, max_size=2),
        st.tuples(*(draw_schemas() for _ in NAMES)),
    )
