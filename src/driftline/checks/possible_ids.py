"""The values of a request that a server may have to know: ids of rows, and secrets."""

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
)

_SECRET: Final = re.compile(r"(.*_)?(password|passcode|otp|client_?secret|refresh_?token)", re.I)
# A schema with one of these restricts its values, so it does not identify rows.
_BOUNDS: Final = frozenset({"const", "default", "enum", "maximum", "minimum", "pattern"})


def find_possible_ids(spec: Spec, operation: Operation, exchange: Exchange) -> dict[str, Any]:
    """Return the query parameters and body fields that accept any integer or UUID.

    Parts with `x-reference` are left out: the suite takes their values from rows.
    """
    query = dict(parse_qsl(exchange.request.query, keep_blank_values=True))
    found = {
        parameter.name: query[parameter.name]
        for parameter in operation.parameters
        if parameter.name in query and _can_be_id(spec, parameter.schema_pointer)
    }
    return {**found, **dict(_list_fields(spec, operation, exchange))}


def find_secrets(exchange: Exchange) -> dict[str, Any]:
    """Return the fields of a body that a login sends, such as a password."""
    text = exchange.request.body.decode(errors="replace")
    body = _read(exchange.request.body) or dict(parse_qsl(text, max_num_fields=100))
    if not any(map(_SECRET.fullmatch, body)):
        return {}
    return {name: body[name] for name in body if name not in {"grant_type", "scope"}}


def _list_fields(spec: Spec, operation: Operation, exchange: Exchange) -> Iterator[tuple[str, Any]]:
    media = operation.body.json if operation.body else None
    body = _read(exchange.request.body)
    for name in body if media and media.schema_pointer else ():
        place = find_schema_at(spec, media.schema_pointer, join(name)) if media else None
        if place is not None and _can_be_id(spec, place):
            yield name, body[name]


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if is_object(body) else {}


def _can_be_id(spec: Spec, schema_pointer: str) -> bool:
    if list_references(spec, schema_pointer):
        return False
    schemas = [schema for _, schema in list_branches(spec, schema_pointer)]
    if any(_BOUNDS & schema.keys() for schema in schemas):
        return False
    return any(
        schema.get("type") == "integer" or schema.get("format") == "uuid" for schema in schemas
    )
