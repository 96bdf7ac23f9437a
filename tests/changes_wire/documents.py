"""Hypothesis strategies of OpenAPI documents: varied, sound, and with recursive schemas."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
NAMES = ("Account", "Call", "Node", "Page")
FIELDS = ("id", "name", "status", "parent", "items", "a/b", "ü")
TEXTS = st.sampled_from(("A", "B", "C", ""))
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


def references() -> st.SearchStrategy[Json]:
    return st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/components/schemas/{name}"})


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.builds(
        lambda fields, needed, more: {
            "type": "object",
            "properties": fields,
            **({"required": [name for name in fields if name in needed]} if needed else {}),
            **more,
        },
        st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
        st.sets(st.sampled_from(FIELDS), max_size=3),
        st.one_of(
            st.just({}),
            inner.map(lambda schema: {"additionalProperties": schema}),
            st.just({"additionalProperties": False, "minProperties": 1}),
        ),
    )


def _within(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        _objects(inner),
        inner.map(lambda schema: {"type": "array", "items": schema, "maxItems": 5}),
        lists.map(lambda listed: {"type": "array", "prefixItems": listed, "items": False}),
        lists.map(lambda listed: {"anyOf": listed}),
        lists.map(lambda listed: {"oneOf": [*listed, {"type": "null"}]}),
        lists.map(lambda listed: {"allOf": listed}),
        inner.map(lambda schema: {"not": schema}),
        inner.map(lambda schema: {"if": schema, "then": {"required": ["id"]}}),
    )


def schemas() -> st.SearchStrategy[Any]:
    """Any schema, of which parts may refer to components, and these to each other."""
    leaves = st.one_of(st.sampled_from(SCALARS), references())
    return st.recursive(leaves, _within, max_leaves=6)


def parameters() -> st.SearchStrategy[list[Json]]:
    one = st.builds(
        lambda name, place, schema, required: {
            "name": name,
            "in": place,
            "schema": schema,
            "required": required,
        },
        st.sampled_from(("limit", "page", "q")),
        st.sampled_from(("query", "header", "cookie")),
        schemas(),
        st.booleans(),
    )
    return st.lists(one, max_size=3, unique_by=lambda each: (each["name"], each["in"]))


def _content(schema: Any) -> Json:
    return {"application/json": {"schema": schema}}


def operations() -> st.SearchStrategy[Json]:
    return st.builds(
        lambda asked, body, answers, security: {
            "parameters": asked,
            **({"requestBody": {"content": _content(body)}} if body is not None else {}),
            "responses": {
                status: {"description": "", "content": _content(schema)}
                for status, schema in answers.items()
            },
            **({"security": security} if security is not None else {}),
        },
        parameters(),
        st.none() | schemas(),
        st.dictionaries(st.sampled_from(("200", "201", "4XX", "default")), schemas(), max_size=2),
        st.none() | st.lists(st.sampled_from(({"key": []}, {"login": ["a"]}, {})), max_size=2),
    )


def documents() -> st.SearchStrategy[Json]:
    """An OpenAPI 3.1 document of a few operations."""
    methods = st.dictionaries(st.sampled_from(("get", "post", "put")), operations(), max_size=2)
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
        st.tuples(*(schemas() for _ in NAMES)),
    )
