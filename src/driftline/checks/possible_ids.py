"""Finds the parts of a request whose values must exist on the server: ids and secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from driftline.checks.exchange import Exchange
from driftline.openapi import (
    Operation,
    Spec,
    find_schema_at,
    is_object,
    join,
    list_branches,
    list_references,
    list_types,
)

_SECRET: Final = re.compile(r"(.*_)?(password|passcode|otp|client_?secret|refresh_?token)", re.I)
_ID: Final = re.compile(r".+(_id|_pk|_uuid|Id|ID|Uuid)|parent|owner")
_MISSING: Final = re.compile(
    r"\b(not|n't) (exist|found)|\bno such\b|\bunknown (?!error|field|key|parameter|property)", re.I
)
# A schema with one of these keywords does not accept any id.
_BOUNDS: Final = frozenset({"const", "default", "enum", "maximum", "minimum", "pattern"})


def find_possible_ids(spec: Spec, operation: Operation, exchange: Exchange) -> dict[str, Any]:
    """Return the query parameters and body fields that accept any integer or UUID.

    A string counts if it is called like an id, or like a row of a path: `customer`.

    Parts with `x-reference` are left out: the suite takes their values from rows.
    """
    query = dict(parse_qsl(exchange.request.query, keep_blank_values=True))
    query_ids = {
        parameter.name: query[parameter.name]
        for parameter in operation.parameters
        if parameter.name in query
        and _can_be_id(spec, operation, parameter.schema_pointer, parameter.name)
    }
    return {**query_ids, **dict(_list_fields(spec, operation, exchange))}


def describes_missing_row(operation: Operation, exchange: Exchange) -> bool:
    """Return whether the document has this rejection for a field that names no row.

    A 404 is also the rejection of a row in the path, which the suite knows.
    """
    response = operation.find_response(exchange.status)
    is_about_path = exchange.status in {404, 410} and "{" in operation.path
    is_rejection = 400 <= exchange.status < 500 and exchange.request.body and not is_about_path
    return bool(response and is_rejection and _MISSING.search(response.description))


def find_secrets(exchange: Exchange) -> dict[str, Any]:
    """Return the fields of a body that a login sends, such as a password."""
    string = exchange.request.body.decode(errors="replace")
    body = _read(exchange.request.body) or dict(parse_qsl(string, max_num_fields=100))
    if not any(map(_SECRET.fullmatch, body)):
        return {}
    return {name: body[name] for name in body if name not in {"grant_type", "scope"}}


def _list_fields(spec: Spec, operation: Operation, exchange: Exchange) -> Iterator[tuple[str, Any]]:
    media = operation.body.json if operation.body else None
    body = _read(exchange.request.body)
    for name in body if media and media.schema_pointer else ():
        schema_pointer = find_schema_at(spec, media.schema_pointer, join(name)) if media else None
        if schema_pointer is not None and _can_be_id(spec, operation, schema_pointer, name):
            yield name, body[name]


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if is_object(body) else {}


def _can_be_id(spec: Spec, operation: Operation, schema_pointer: str, name: str) -> bool:
    if list_references(spec, schema_pointer):
        return False
    schemas = [schema for _, schema in list_branches(spec, schema_pointer)]
    if any(_BOUNDS & schema.keys() for schema in schemas):
        return False
    if any(schema.get("type") == "integer" or schema.get("format") == "uuid" for schema in schemas):
        return True
    is_free = all("format" not in schema for schema in schemas)
    is_text = "string" in list_types(spec, schema_pointer)
    is_named = _ID.fullmatch(name) is not None or _is_row_name(spec, operation, name)
    return is_text and is_free and is_named


def _is_row_name(spec: Spec, operation: Operation, name: str) -> bool:
    """Return whether another path has rows of this name: `/customers` has customers."""
    plurals = {f"{name}s", f"{name}es", f"{name.removesuffix('y')}ies"}
    return any(
        segment.lower() in plurals
        for other_operation in spec.operations
        for segment in {*other_operation.path.split("/")} - {*operation.path.split("/")}
    )
