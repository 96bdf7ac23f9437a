"""Cases for the checks of oasdiff's catalogue that concern operations rather than schemas.

Each case is an old document, a new one that breaks client code, and a near-twin that does not.
"""

from __future__ import annotations

from typing import Any

from changes_wire.comparing import (
    STRING,
    Json,
    as_body,
    as_header,
    as_parameter,
    as_response,
    build_api,
    build_content,
)

Case = tuple[Json, Json, Json]


def _build_document(**methods: Json) -> Json:
    return {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": methods}


def _build_paths(*paths: str, methods: tuple[str, ...] = ("get", "put")) -> Json:
    operation = {"responses": {"200": {"description": "Done."}}}
    return _build_document(**{path: dict.fromkeys(methods, operation) for path in paths})


def _build_secured_api(security: list[Json], *, everywhere: bool = False) -> Json:
    """Return a document whose operation has these security requirements."""
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "same": {"type": "apiKey", "in": "header", "name": "x-key"},
        "token": {"type": "http", "scheme": "bearer"},
        "login": {"type": "oauth2", "flows": {}},
    }
    document = build_api(
        components={"securitySchemes": schemes}, **({} if everywhere else {"security": security})
    )
    return {**document, "security": security} if everywhere else document


def _build_security_cases(*, everywhere: bool) -> tuple[Case, Case]:
    """Return cases of a removed or renamed alternative, and of an added or removed scope."""

    def build_document(security: list[Json]) -> Json:
        return _build_secured_api(security, everywhere=everywhere)

    old = build_document([{"key": []}, {"token": []}])
    removed_cases = (
        old,
        build_document([{"token": []}]),
        build_document([{"token": []}, {"same": []}]),
    )
    scopes = [build_document([{"login": scopes}]) for scopes in (["read"], ["read", "write"], [])]
    return removed_cases, (scopes[0], scopes[1], scopes[2])


def _build_api_with_parameters(
    *parameters: Json, for_all_methods: bool = False, **keywords: Any
) -> Json:
    document = (
        build_api(**keywords)
        if for_all_methods
        else build_api(parameters=list(parameters), **keywords)
    )
    if for_all_methods:
        document["paths"]["/things/{id}"]["parameters"] = list(parameters)
    return document


def _build_query_parameter(name: str, **keywords: Any) -> Json:
    return {"name": name, "in": "query", "schema": STRING, **keywords}


def _build_streamed_api(*, request: bool, schema: Any) -> Json:
    """Return a document whose body is a stream of items (OpenAPI 3.2)."""
    media_types = {"application/jsonl": {} if schema is None else {"itemSchema": schema}}
    if request:
        return build_api("3.2.0", requestBody={"content": media_types})
    return build_api("3.2.0", responses={"200": {"description": "Done.", "content": media_types}})


def _build_api_with_statuses(*statuses: str) -> Json:
    return build_api(responses={status: {"description": "Done."} for status in statuses})


def _build_api_with_media_types(*names: str, request: bool = False) -> Json:
    media_types = {name: {"schema": STRING} for name in names}
    if request:
        return build_api(requestBody={"content": media_types})
    return build_api(responses={"200": {"description": "Done.", "content": media_types}})


def _build_api_without_schema(*, request: bool) -> Json:
    media_types: Json = {"application/json": {}}
    if request:
        return build_api(requestBody={"content": media_types})
    return build_api(responses={"200": {"description": "Done.", "content": media_types}})


def _build_api_with_webhooks(*names: str, description: str = "") -> Json:
    operation = {"description": description, "responses": {"200": {"description": "Done."}}}
    return {**build_api(), "webhooks": {name: {"post": operation} for name in names}}


def _build_object_in_header(required: list[str], schema: Json = STRING) -> Json:
    object_schema = {
        "type": "object",
        "properties": {"a": schema, "b": STRING},
        "required": required,
    }
    return as_parameter(object_schema, "header", "X-Thing")


_SECURITY_REMOVED, _SCOPE = _build_security_cases(everywhere=False)
_ALL_REMOVED, _ALL_SCOPE = _build_security_cases(everywhere=True)
_WITHOUT_CONTENT = build_api(responses={"200": {"description": "Done."}})

CALLS: dict[str, Case] = {
    "api-security-removed": _SECURITY_REMOVED,
    "api-security-scope-added": _SCOPE,
    "api-global-security-removed": _ALL_REMOVED,
    "api-global-security-scope-added": _ALL_SCOPE,
    "api-path-removed-without-deprecation": (
        _build_paths("/a/{id}", "/b"),
        _build_paths("/b"),
        _build_paths("/b", "/a/{key}"),
    ),
    "api-path-removed-before-sunset": (
        _build_paths("/a", "/b"),
        _build_paths("/b"),
        _build_paths("/b", "/a"),
    ),
    "api-removed-without-deprecation": (
        _build_paths("/a"),
        _build_paths("/a", methods=("get",)),
        _build_paths("/a", methods=("put", "get", "post")),
    ),
    "api-removed-before-sunset": (
        _build_paths("/a"),
        _build_paths("/a", methods=("put",)),
        _build_paths("/a", methods=("put", "get")),
    ),
    "request-body-added-required": (
        build_api(),
        build_api(requestBody={"content": build_content(STRING), "required": True}),
        build_api(requestBody={"content": build_content(STRING)}),
    ),
    "request-body-became-required": (
        as_body(STRING),
        build_api(requestBody={"content": build_content(STRING), "required": True}),
        build_api(requestBody={"content": build_content(STRING), "required": False}),
    ),
    "request-body-removed": (
        as_body(STRING),
        build_api(),
        as_body({**STRING, "title": "text"}),
    ),
    "request-body-media-type-removed": (
        _build_api_with_media_types("text/plain", "application/json", request=True),
        _build_api_with_media_types("application/json", request=True),
        _build_api_with_media_types("application/JSON; charset=utf-8", "text/*", request=True),
    ),
    "request-body-media-type-schema-added": (
        _build_api_without_schema(request=True),
        as_body(STRING),
        as_body({}),
    ),
    "response-body-media-type-schema-removed": (
        as_response(STRING),
        _build_api_without_schema(request=False),
        as_response({**STRING, "title": "text"}),
    ),
    "request-body-media-type-item-schema-added": (
        _build_streamed_api(request=True, schema=None),
        _build_streamed_api(request=True, schema=STRING),
        _build_streamed_api(request=True, schema={}),
    ),
    "response-body-media-type-item-schema-removed": (
        _build_streamed_api(request=False, schema=STRING),
        _build_streamed_api(request=False, schema=None),
        _build_streamed_api(request=False, schema={**STRING, "title": "line"}),
    ),
    "response-body-media-type-item-schema-removed-untyped": (
        _build_streamed_api(request=False, schema={"enum": ["a"]}),
        _build_streamed_api(request=False, schema=None),
        _build_streamed_api(request=False, schema={"const": "a"}),
    ),
    "new-required-request-parameter": (
        _build_api_with_parameters(_build_query_parameter("a")),
        _build_api_with_parameters(
            _build_query_parameter("a"), _build_query_parameter("b", required=True)
        ),
        _build_api_with_parameters(_build_query_parameter("b"), _build_query_parameter("a")),
    ),
    "new-required-request-default-parameter-to-existing-path": (
        _build_api_with_parameters(_build_query_parameter("a"), for_all_methods=True),
        _build_api_with_parameters(
            _build_query_parameter("a"),
            _build_query_parameter("b", required=True),
            for_all_methods=True,
        ),
        _build_api_with_parameters(
            _build_query_parameter("a"), _build_query_parameter("b"), for_all_methods=True
        ),
    ),
    "new-request-path-parameter": (
        _build_api_with_parameters(_build_query_parameter("a")),
        _build_api_with_parameters(
            _build_query_parameter("a"),
            {"name": "id", "in": "path", "required": True, "schema": STRING},
        ),
        _build_api_with_parameters(_build_query_parameter("a", deprecated=True)),
    ),
    "new-required-request-header-property": (
        _build_object_in_header([]),
        as_parameter(
            {
                "type": "object",
                "properties": {"a": STRING, "b": STRING, "c": STRING},
                "required": ["c"],
            },
            "header",
            "X-Thing",
        ),
        as_parameter(
            {"type": "object", "properties": {"a": STRING, "b": STRING, "c": STRING}},
            "header",
            "X-Thing",
        ),
    ),
    "request-header-property-became-required": (
        _build_object_in_header(["b"]),
        _build_object_in_header(["a", "b"]),
        _build_object_in_header([]),
    ),
    "request-header-property-became-enum": (
        _build_object_in_header([]),
        _build_object_in_header([], {**STRING, "enum": ["a"]}),
        _build_object_in_header([], {**STRING, "default": "a"}),
    ),
    "request-parameter-removed": (
        _build_api_with_parameters(_build_query_parameter("a"), _build_query_parameter("b")),
        _build_api_with_parameters(_build_query_parameter("b")),
        _build_api_with_parameters(
            _build_query_parameter("b"), _build_query_parameter("a", deprecated=True)
        ),
    ),
    "request-parameter-removed-before-sunset": (
        _build_api_with_parameters(
            _build_query_parameter("a", **{"x-sunset": "2999-01-01", "deprecated": True})
        ),
        _build_api_with_parameters(),
        _build_api_with_parameters(_build_query_parameter("a")),
    ),
    "request-parameter-became-required": (
        _build_api_with_parameters(_build_query_parameter("a")),
        _build_api_with_parameters(_build_query_parameter("a", required=True)),
        _build_api_with_parameters(_build_query_parameter("a", required=False)),
    ),
    "response-header-became-optional": (
        as_header(STRING, required=True),
        as_header(STRING),
        as_header(STRING, required=True, description="It is there."),
    ),
    "required-response-header-removed": (
        as_header(STRING, required=True),
        _WITHOUT_CONTENT,
        as_header(STRING, required=False),
    ),
    "optional-response-header-removed": (
        as_header(STRING),
        _WITHOUT_CONTENT,
        as_header(STRING, required=True),
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
        as_header(STRING),
        as_header({"type": ["string", "null"]}),
        as_header({"type": ["string"]}),
    ),
    "response-media-type-removed": (
        _build_api_with_media_types("text/plain", "application/json"),
        _build_api_with_media_types("application/json"),
        _build_api_with_media_types("application/json; charset=utf-8", "text/plain"),
    ),
    "response-media-type-name-generalized": (
        _build_api_with_media_types("text/plain"),
        _build_api_with_media_types("text/*"),
        _build_api_with_media_types("Text/Plain"),
    ),
    "response-success-status-removed": (
        _build_api_with_statuses("200", "201"),
        _build_api_with_statuses("201"),
        _build_api_with_statuses("201", "2XX"),
    ),
    "webhook-removed": (
        _build_api_with_webhooks("a", "b"),
        _build_api_with_webhooks("b"),
        _build_api_with_webhooks("b", "a", description="Now!"),
    ),
}
