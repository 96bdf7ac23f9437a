"""For the checks of oasdiff's catalogue that are about calls: what is found, and what is not.

Each is an old document, a new one in which something breaks, and a near-twin in which that does
not.
"""

from __future__ import annotations

from typing import Any

from changes_wire.comparing import (
    Json,
    api,
    as_body,
    as_header,
    as_parameter,
    as_response,
    content,
)

Case = tuple[Json, Json, Json]
TEXT: Json = {"type": "string"}


def _paths(**methods: Json) -> Json:
    return {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": methods}


def _at(*paths: str, methods: tuple[str, ...] = ("get", "put")) -> Json:
    operation = {"responses": {"200": {"description": "Done."}}}
    return _paths(**{path: dict.fromkeys(methods, operation) for path in paths})


def _secure(security: list[Json], *, everywhere: bool = False) -> Json:
    """A document whose operation takes these credentials."""
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "same": {"type": "apiKey", "in": "header", "name": "x-key"},
        "token": {"type": "http", "scheme": "bearer"},
        "login": {"type": "oauth2", "flows": {}},
    }
    made = api(
        components={"securitySchemes": schemes}, **({} if everywhere else {"security": security})
    )
    return {**made, "security": security} if everywhere else made


def _security(*, everywhere: bool) -> tuple[Case, Case]:
    """An alternative is gone, or only called otherwise; a scope is needed, or no longer."""

    def doc(security: list[Json]) -> Json:
        return _secure(security, everywhere=everywhere)

    old = doc([{"key": []}, {"token": []}])
    removed = (old, doc([{"token": []}]), doc([{"token": []}, {"same": []}]))
    scopes = [doc([{"login": each}]) for each in (["read"], ["read", "write"], [])]
    return removed, (scopes[0], scopes[1], scopes[2])


def _parameters(*parameters: Json, shared: bool = False, **more: Any) -> Json:
    made = api(**more) if shared else api(parameters=list(parameters), **more)
    if shared:
        made["paths"]["/things/{id}"]["parameters"] = list(parameters)
    return made


def _query(name: str, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": TEXT, **more}


def _stream(*, request: bool, schema: Any) -> Json:
    """A body that is a row of items (OpenAPI 3.2)."""
    made = {"application/jsonl": {} if schema is None else {"itemSchema": schema}}
    if request:
        return api("3.2.0", requestBody={"content": made})
    return api("3.2.0", responses={"200": {"description": "Done.", "content": made}})


def _statuses(*statuses: str) -> Json:
    return api(responses={status: {"description": "Done."} for status in statuses})


def _media(*names: str, request: bool = False) -> Json:
    made = {name: {"schema": TEXT} for name in names}
    if request:
        return api(requestBody={"content": made})
    return api(responses={"200": {"description": "Done.", "content": made}})


def _bodiless(*, request: bool) -> Json:
    made: Json = {"application/json": {}}
    if request:
        return api(requestBody={"content": made})
    return api(responses={"200": {"description": "Done.", "content": made}})


def _hooks(*names: str, description: str = "") -> Json:
    operation = {"description": description, "responses": {"200": {"description": "Done."}}}
    return {**api(), "webhooks": {name: {"post": operation} for name in names}}


def _header_object(required: list[str], schema: Json = TEXT) -> Json:
    both = {"type": "object", "properties": {"a": schema, "b": TEXT}, "required": required}
    return as_parameter(both, "header", "X-Thing")


_REMOVED, _SCOPE = _security(everywhere=False)
_ALL_REMOVED, _ALL_SCOPE = _security(everywhere=True)
_GONE = api(responses={"200": {"description": "Done."}})

CALLS: dict[str, Case] = {
    "api-security-removed": _REMOVED,
    "api-security-scope-added": _SCOPE,
    "api-global-security-removed": _ALL_REMOVED,
    "api-global-security-scope-added": _ALL_SCOPE,
    "api-path-removed-without-deprecation": (
        _at("/a/{id}", "/b"),
        _at("/b"),
        _at("/b", "/a/{key}"),
    ),
    "api-path-removed-before-sunset": (_at("/a", "/b"), _at("/b"), _at("/b", "/a")),
    "api-removed-without-deprecation": (
        _at("/a"),
        _at("/a", methods=("get",)),
        _at("/a", methods=("put", "get", "post")),
    ),
    "api-removed-before-sunset": (
        _at("/a"),
        _at("/a", methods=("put",)),
        _at("/a", methods=("put", "get")),
    ),
    "request-body-added-required": (
        api(),
        api(requestBody={"content": content(TEXT), "required": True}),
        api(requestBody={"content": content(TEXT)}),
    ),
    "request-body-became-required": (
        as_body(TEXT),
        api(requestBody={"content": content(TEXT), "required": True}),
        api(requestBody={"content": content(TEXT), "required": False}),
    ),
    "request-body-removed": (
        as_body(TEXT),
        api(),
        as_body({**TEXT, "title": "text"}),
    ),
    "request-body-media-type-removed": (
        _media("text/plain", "application/json", request=True),
        _media("application/json", request=True),
        _media("application/JSON; charset=utf-8", "text/*", request=True),
    ),
    "request-body-media-type-schema-added": (
        _bodiless(request=True),
        as_body(TEXT),
        as_body({}),
    ),
    "response-body-media-type-schema-removed": (
        as_response(TEXT),
        _bodiless(request=False),
        as_response({**TEXT, "title": "text"}),
    ),
    "request-body-media-type-item-schema-added": (
        _stream(request=True, schema=None),
        _stream(request=True, schema=TEXT),
        _stream(request=True, schema={}),
    ),
    "response-body-media-type-item-schema-removed": (
        _stream(request=False, schema=TEXT),
        _stream(request=False, schema=None),
        _stream(request=False, schema={**TEXT, "title": "line"}),
    ),
    "response-body-media-type-item-schema-removed-untyped": (
        _stream(request=False, schema={"enum": ["a"]}),
        _stream(request=False, schema=None),
        _stream(request=False, schema={"const": "a"}),
    ),
    "new-required-request-parameter": (
        _parameters(_query("a")),
        _parameters(_query("a"), _query("b", required=True)),
        _parameters(_query("b"), _query("a")),
    ),
    "new-required-request-default-parameter-to-existing-path": (
        _parameters(_query("a"), shared=True),
        _parameters(_query("a"), _query("b", required=True), shared=True),
        _parameters(_query("a"), _query("b"), shared=True),
    ),
    "new-request-path-parameter": (
        _parameters(_query("a")),
        _parameters(_query("a"), {"name": "id", "in": "path", "required": True, "schema": TEXT}),
        _parameters(_query("a", deprecated=True)),
    ),
    "new-required-request-header-property": (
        _header_object([]),
        as_parameter(
            {"type": "object", "properties": {"a": TEXT, "b": TEXT, "c": TEXT}, "required": ["c"]},
            "header",
            "X-Thing",
        ),
        as_parameter(
            {"type": "object", "properties": {"a": TEXT, "b": TEXT, "c": TEXT}},
            "header",
            "X-Thing",
        ),
    ),
    "request-header-property-became-required": (
        _header_object(["b"]),
        _header_object(["a", "b"]),
        _header_object([]),
    ),
    "request-header-property-became-enum": (
        _header_object([]),
        _header_object([], {**TEXT, "enum": ["a"]}),
        _header_object([], {**TEXT, "default": "a"}),
    ),
    "request-parameter-removed": (
        _parameters(_query("a"), _query("b")),
        _parameters(_query("b")),
        _parameters(_query("b"), _query("a", deprecated=True)),
    ),
    "request-parameter-removed-before-sunset": (
        _parameters(_query("a", **{"x-sunset": "2999-01-01", "deprecated": True})),
        _parameters(),
        _parameters(_query("a")),
    ),
    "request-parameter-became-required": (
        _parameters(_query("a")),
        _parameters(_query("a", required=True)),
        _parameters(_query("a", required=False)),
    ),
    "response-header-became-optional": (
        as_header(TEXT, required=True),
        as_header(TEXT),
        as_header(TEXT, required=True, description="It is there."),
    ),
    "required-response-header-removed": (
        as_header(TEXT, required=True),
        _GONE,
        as_header(TEXT, required=False),
    ),
    "optional-response-header-removed": (
        as_header(TEXT),
        _GONE,
        as_header(TEXT, required=True),
    ),
    "response-header-type-changed": (
        as_header({"type": "boolean"}),
        as_header({"type": "integer"}),
        as_header({"type": ["boolean"]}),
    ),
    "response-header-type-generalized": (
        as_header({"type": "integer"}),
        as_header({"type": "number"}),
        as_header({"type": "integer", "format": "int32"}),
    ),
    "response-header-became-nullable": (
        as_header(TEXT),
        as_header({"type": ["string", "null"]}),
        as_header({"type": ["string"]}),
    ),
    "response-media-type-removed": (
        _media("text/plain", "application/json"),
        _media("application/json"),
        _media("application/json; charset=utf-8", "text/plain"),
    ),
    "response-media-type-name-generalized": (
        _media("text/plain"),
        _media("text/*"),
        _media("Text/Plain"),
    ),
    "response-success-status-removed": (
        _statuses("200", "201"),
        _statuses("201"),
        _statuses("201", "2XX"),
    ),
    "webhook-removed": (_hooks("a", "b"), _hooks("b"), _hooks("b", "a", description="Now!")),
}
