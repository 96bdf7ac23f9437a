"""Values that frameworks accept although JSON Schema does not, such as `"3"` for a number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final
from urllib.parse import urlencode

import attrs

from driftline.checks import Exchange, Outgoing, is_absent_value, parse_json, parse_pairs
from driftline.openapi import (
    WIDTHS,
    Operation,
    Spec,
    find_schema_at,
    follow,
    is_array,
    is_object,
    is_valid,
    join,
    list_branches,
    list_types,
)

_TRUTHS: Final = frozenset(
    {"0", "1", "f", "false", "n", "no", "off", "on", "t", "true", "y", "yes"}
)
_REJECTIONS: Final = frozenset({"400", "422", "default"})
_LANGUAGES: Final = ("lang", "language", "locale")
_NUMBER: Final = re.compile(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*")
_INTEGER: Final = re.compile(r"[+-]?\d{1,400}")
_TIMES: Final = {"date": "2024-01-15", "date-time": "2024-01-15T10:00:00Z"}
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def read_leniently(spec: Spec, operation: Operation, request: Outgoing) -> Outgoing:
    """Return the request as a lenient framework reads it.

    A scalar stands for the documented type if its text does, a number for a time, an empty query
    value for none, and so does a page, flag or language that no rejection is documented for; any
    value or none for an open object without required fields; and JSON is JSON, whatever the
    Content-Type says, unless a 415 is documented.
    """
    try:
        query = urlencode([*_read_query(spec, operation, request.query)])
    except ValueError:
        return request
    media = operation.body.json if operation.body else None
    if media is not None and not request.body and allows_nothing(spec, media.schema_pointer):
        request = attrs.evolve(request, body=b"{}")
    if media is None or not request.body:
        return attrs.evolve(request, query=query)
    try:
        body: Any = parse_json(request.body)
    except (ValueError, RecursionError):
        return attrs.evolve(request, query=query)
    if media.schema_pointer:
        is_nothing = not is_object(body) and may_be_nothing(spec, media.schema_pointer)
        body = {} if is_nothing else _read_value(spec, media.schema_pointer, body)
    headers = request.headers
    if not any(response.status == "415" for response in operation.responses):
        other_headers = (pair for pair in headers if pair[0].lower() != "content-type")
        headers = (*other_headers, ("Content-Type", media.name))
    return attrs.evolve(request, query=query, headers=headers, body=json.dumps(body).encode())


def widen_characters(request: Outgoing) -> Outgoing:
    """Return the request with two letters for each character that UTF-16 writes as two units.

    Many languages count these units, where JSON Schema counts characters.
    """
    try:
        body: Any = parse_json(request.body) if request.body else None
        pairs = list(parse_pairs(request.query))
    except (ValueError, RecursionError):
        return request
    wider_pairs, wider_body = [(name, _widen(value)) for name, value in pairs], _widen(body)
    if wider_pairs != pairs:
        request = attrs.evolve(request, query=urlencode(wider_pairs))
    if wider_body != body:
        request = attrs.evolve(request, body=json.dumps(wider_body).encode())
    return request


def _widen(value: Any) -> Any:
    if isinstance(value, str):
        return _ASTRAL.sub("xx", value)
    if is_object(value):
        return {name: _widen(member) for name, member in value.items()}
    return list(map(_widen, value)) if is_array(value) else value


def fill_nulls(operation: Operation, exchange: Exchange) -> Outgoing:
    """Return the request with the `0`, `false` or `""` that its response shows for a null.

    Validators that coerce types make such a value of null; a null that is kept is not replaced.
    """
    item = operation.effect.item if operation.effect else None
    try:
        sent_body, shown_row = parse_json(exchange.request.body), follow(exchange.json, item or "")
    except (ValueError, RecursionError):
        return exchange.request
    filled_body = _fill_nulls(sent_body, shown_row)
    if filled_body == sent_body:
        return exchange.request
    return attrs.evolve(exchange.request, body=json.dumps(filled_body).encode())


def _fill_nulls(sent: Any, returned: Any) -> Any:
    if sent is None and isinstance(returned, str | int | float) and not returned:
        return returned
    if is_object(sent) and is_object(returned):
        return {name: _fill_nulls(member, returned.get(name)) for name, member in sent.items()}
    if is_array(sent) and is_array(returned) and len(sent) == len(returned):
        return [_fill_nulls(*pair) for pair in zip(sent, returned, strict=True)]
    return sent


def allows_nothing(spec: Spec, pointer: str) -> bool:
    """Return whether a body that is absent may be read as an object without fields."""
    return bool(pointer) and is_valid(spec, pointer, {}, "request")


def may_be_nothing(spec: Spec, pointer: str) -> bool:
    """Return whether any value may be read as an object without fields, since none is required."""
    schemas = [schema for _, schema in list_branches(spec, pointer)]
    keywords = {"required", "minProperties", "oneOf", "anyOf", "discriminator"}
    is_strict = any(
        keywords & schema.keys() or schema.get("additionalProperties") is False
        for schema in schemas
    )
    return list_types(spec, pointer) == {"object"} and not is_strict


def _read_query(spec: Spec, operation: Operation, query: str) -> Iterator[tuple[str, str]]:
    defaulted = _list_defaulted(spec, operation)
    for name, string in parse_pairs(query):
        parameter = operation.find_parameter(name, "query")
        if is_absent_value(string):
            continue
        schema_pointer = parameter.schema_pointer if parameter else ""
        value = (
            _read_scalar(spec, schema_pointer, string, is_query=True) if schema_pointer else string
        )
        is_read = parameter is None or is_valid(spec, parameter.schema_pointer, value)
        if name in defaulted and not is_read:
            continue
        yield name, value if isinstance(value, str) else json.dumps(value)


def _list_defaulted(spec: Spec, operation: Operation) -> set[str]:
    """Return the parameters that a server may ignore where their value is wrong.

    Only without a documented rejection: those of pages, flags (as django-filter does), and the
    language, which is a preference.
    """
    if any(response.status in _REJECTIONS for response in operation.responses):
        return set()
    listing = operation.listing
    pages = (*listing.page.parameters, listing.size.parameter) if listing else ()
    flags = (
        parameter.name
        for parameter in operation.parameters
        if list_types(spec, parameter.schema_pointer) - {"null"} == {"boolean"}
    )
    return {*filter(None, pages), *flags, *_LANGUAGES}


def _read_value(spec: Spec, pointer: str, value: Any) -> Any:
    if is_object(value):
        pointers = {name: find_schema_at(spec, pointer, join(name)) for name in value}
        return {
            name: _read_value(spec, field_pointer, value[name]) if field_pointer else value[name]
            for name, field_pointer in pointers.items()
        }
    item = find_schema_at(spec, pointer, "/0") if is_array(value) else None
    if is_array(value):
        return [_read_value(spec, item, element) if item else element for element in value]
    return _read_scalar(spec, pointer, value)


def _read_scalar(spec: Spec, pointer: str, value: Any, *, is_query: bool = False) -> Any:
    if value is None or is_valid(spec, pointer, value, "request"):
        return value
    for reading in _list_readings(spec, pointer, value, is_query=is_query):
        if is_valid(spec, pointer, reading, "request"):
            return reading
    return value


def _list_readings(spec: Spec, pointer: str, value: Any, *, is_query: bool) -> Iterator[Any]:
    """Yield the values that a framework may read; many filters by a number accept fractions."""
    types = list_types(spec, pointer)
    string = json.dumps(value) if isinstance(value, bool) else str(value).strip()
    if "boolean" in types and string.lower() in _TRUTHS:
        yield True
    formats = [str(schema.get("format")) for _, schema in list_branches(spec, pointer)]
    for width in (WIDTHS[format_name] for format_name in formats if format_name in WIDTHS):
        if _INTEGER.fullmatch(string):  # many languages have larger ones, too
            limit = 1 << (width - 1)
            yield max(-limit, min(limit - 1, int(string)))
    if isinstance(value, str) and _NUMBER.fullmatch(string) and isfinite(float(string)):
        yield float(string)
        yield int(float(string)) if float(string).is_integer() or is_query else float(string)
    if "integer" in types and isinstance(value, bool):
        yield int(value)
    for time in (_TIMES[format_name] for format_name in formats if format_name in _TIMES):
        if _NUMBER.fullmatch(string) or _DATE.fullmatch(string):
            yield time
    yield string
