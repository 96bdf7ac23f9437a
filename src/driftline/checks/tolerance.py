"""Deviations from the document that are tolerated, since a correct server may show them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from urllib.parse import parse_qsl

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Flaw
from driftline.checks.request import parse_request
from driftline.checks.request_arguments import parse_json, read_arguments
from driftline.media import matches, to_json
from driftline.openapi import (
    Operation,
    PathTemplate,
    Spec,
    find_schema_at,
    find_undocumented_fields,
    is_array,
    is_object,
    is_valid,
    join,
    list_branches,
    list_types,
    resolve_schema,
)

UNDOCUMENTED = "response.status.undocumented"
_FORMATS = [
    "binary",
    "byte",
    "date",
    "date-time",
    "double",
    "duration",
    "e164",
    "email",
    "float",
    "hostname",
    "idn-email",
    "idn-hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "password",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
]
# HTTP, a proxy or a router may send these, whatever an operation documents.
_ALWAYS = frozenset({405, 406, 408, 413, 414, 429, 431})
_OF_CREDENTIALS = frozenset({401, 403})
_OF_ROWS = frozenset({404, 410})
_OF_FORM = frozenset({400, 411, 415, 422})
STATE_REJECTIONS = frozenset({409, 412, 423, 428})
"""Statuses that reject a valid request because of the existing rows."""
_LONGEST_URL = 4_000
"""Servers and proxies limit the line of a request to 4,094 or 8,190 characters, or more."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_WHOLE = re.compile(r"-?\d+")
_LARGEST = 2**63
_WHOLE_DIGITS = 6
"""A decimal of a database has at least this many digits before the point, and two after it."""
_SHAPES = frozenset({"const", "enum", "format", "pattern"})
_NAMES = re.compile(
    r"(.*_)?(sort(ing|_?by|_?field|_?key)?|order(ing|_?by)?|fields|expand|embed|include)",
    re.IGNORECASE,
)
# Cursors have these names if no `x-listing` declares the parameter.
_CURSOR = re.compile(
    r"(.*_)?(cursor|page_?token|next_?token|continuation(_?token)?|marker)|"
    r"(starting_|ending_)?(after|before)",
    re.IGNORECASE,
)


def is_tolerated(spec: Spec, exchange: Exchange, flaw: Flaw) -> bool:
    """Return whether a flaw of a response is tolerated: an ordinary undocumented rejection.

    If a document describes no rejection of a kind, its status is unknown; if it describes one, the
    status must match. A request that is valid for another operation at the path gets the response
    of that operation.
    """
    operation = spec.find_operation(exchange.operation)
    if operation is None:
        return False
    if _is_right_for_another(spec, operation, exchange) or _is_short_page(spec, exchange, flaw):
        return True
    if flaw.kind == UNDOCUMENTED and 200 <= exchange.status < 300:
        return not any(
            response.matches(exchange.status) or response.status[:1] in "23"
            for response in operation.responses
        )
    if not 400 <= exchange.status < 500:
        return False
    if exchange.status == 404 and _may_miss_route(spec, operation, exchange):
        return True
    if flaw.kind != UNDOCUMENTED:
        # The framework rejects an unreadable request before the service receives it.
        is_own = is_unreadable(exchange) or _adds_detail(spec, operation, exchange, flaw)
        return exchange.status in _OF_FORM and is_own
    status = exchange.status
    if status in _ALWAYS:
        return True
    if status in _OF_CREDENTIALS:
        return bool(operation.security) and not _documents(operation, _OF_CREDENTIALS)
    if status in _OF_ROWS:
        names_row = "{" in operation.path or _has_page_argument(operation, exchange)
        return names_row and not _documents(operation, _OF_ROWS)
    return is_undocumented_rejection(operation, exchange, flaw) and _is_wrong(
        spec, operation, exchange
    )


def _is_short_page(spec: Spec, exchange: Exchange, flaw: Flaw) -> bool:
    """Return whether a page or a selection has fewer rows than the schema says.

    The rows end on the last page, and few may meet a condition, whatever their `minItems`.
    """
    operation = spec.find_operation(exchange.operation)
    listing = operation.listing if operation else None
    response = operation.find_response(exchange.status) if operation else None
    media = response.json if response else None
    if listing is None or media is None or not flaw.pointer.endswith("/minItems"):
        return False
    rows = find_schema_at(spec, media.schema_pointer, listing.items)
    names = {name for name, _ in parse_qsl(exchange.request.query, keep_blank_values=True)}
    return flaw.pointer == f"{rows}/minItems" and not names.isdisjoint(listing.parameters)


def is_undocumented_rejection(operation: Operation, exchange: Exchange, flaw: Flaw) -> bool:
    """Return whether an invalid request got a rejection that is not documented."""
    return (
        flaw.kind == UNDOCUMENTED
        and exchange.status in _OF_FORM
        and not _documents(operation, _OF_FORM)
    )


def _adds_detail(spec: Spec, operation: Operation, exchange: Exchange, flaw: Flaw) -> bool:
    """Return whether an undocumented field of an error holds a framework's validation details.

    Such a field is a list or an object, since a request may have several mistakes, or part of a
    documented list of them. The path to a mistake has names and indexes, even in a list of strings.
    """
    response = operation.find_response(exchange.status)
    media = response.json if response else None
    if media is None:
        return False
    is_index = flaw.kind == "response.type.wrong" and flaw.got.isdecimal()
    if flaw.where.count("[]") > 1 and is_index and flaw.where.endswith("[]"):
        return _is_wrong(spec, operation, exchange)
    if flaw.kind != "response.field.undocumented":
        return False
    if "[]" in flaw.where:
        return _is_wrong(spec, operation, exchange)
    body = parse_json(exchange.body)
    properties = resolve_schema(spec, media.schema_pointer).get("properties", {})
    extra = body.get(flaw.where) if is_object(body) and properties.keys() & body.keys() else None
    is_detail = is_object(extra) or is_array(extra)
    return is_detail and _is_wrong(spec, operation, exchange)


def can_be_rejected(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Return whether a server may reject a valid request because of its rows.

    A page may be past the end, no database holds NUL, a value may have to be a number or of a
    format that JSON Schema does not know, a field one that nothing documents, and a body may be
    required although the document leaves that out. The names that an order or a choice of fields
    takes are rarely documented.
    """
    if is_unclear(spec, operation, exchange) or _has_page_argument(operation, exchange):
        return True
    if _has_unknown_name(spec, operation, exchange):
        return True
    if _has_unknown_field(spec, operation, exchange):
        return True
    return not exchange.request.body and _needs_body(spec, operation)


def _is_right_for_another(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Return whether a request is valid only for another operation at its path."""
    shape = PathTemplate(operation.path).shape
    other_operations = [
        candidate
        for candidate in spec.operations
        if candidate.method == operation.method
        and candidate.id != operation.id
        and PathTemplate(candidate.path).shape == shape
    ]
    return (
        bool(other_operations)
        and not _is_right(spec, operation, exchange)
        and any(_is_right(spec, other_operation, exchange) for other_operation in other_operations)
    )


def _is_right(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    request = parse_request(spec, operation, exchange)
    return request is not None and not request.faults and request.is_whole


def _may_miss_route(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Return whether a router may not know the path, since its parameters are invalid.

    No service sees such a request; routes of whole numbers often have no sign.
    """
    if "%2f" in exchange.request.path.lower():
        return True
    try:
        values, _ = read_arguments(spec, operation, exchange.request)
    except ValueError:
        return True
    path_values = [
        (parameter, values[parameter.name])
        for parameter in operation.parameters
        if parameter.location == "path"
    ]
    return any(
        (isinstance(value, int) and value < 0)
        or not is_valid(spec, parameter.schema_pointer, value, "request")
        for parameter, value in path_values
    )


def is_absent_value(value: str) -> bool:
    """Return whether a query value is how clients write an absent value: empty, or `null`."""
    return value.strip(",|") in {"", "null"}


def _has_page_argument(operation: Operation, exchange: Exchange) -> bool:
    """Return whether a request asks for a later page, which need not exist."""
    page = operation.listing.page if operation.listing else None
    query = dict(parse_qsl(exchange.request.query))
    if page is None:
        return any(_CURSOR.fullmatch(name) for name in query)
    headers = {
        name: value
        for name, value in exchange.request.headers
        if operation.find_parameter(name, "header") is not None
    }
    value = page.read({**headers, **query})
    if value is None:
        return False
    return not page.is_counted or str(value).removesuffix(".0") != str(page.first_value)


def is_unclear(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Return whether a request is unreadable, or a schema does not say which strings it allows.

    It has a format such as `decimal`, which JSON Schema does not know, or allows numbers too, of as
    many digits as nothing says; an empty query value may be none, and no column takes every number.
    """
    if is_unreadable(exchange) or _has_fraction_in_path(spec, operation, exchange):
        return True
    pairs = parse_qsl(exchange.request.query, keep_blank_values=True)
    schema_pointers = {
        parameter.name: parameter.schema_pointer for parameter in operation.parameters
    }
    if any(
        is_absent_value(value)
        or (
            name in schema_pointers
            and not _NUMBER.fullmatch(value)
            and may_be_number(spec, schema_pointers[name])
        )
        or (
            name in schema_pointers and _is_numeric(spec, schema_pointers[name]) and _is_huge(value)
        )
        for name, value in pairs
    ):
        return True
    media = operation.body.json if operation.body else None
    try:
        body = parse_json(exchange.request.body)
    except (ValueError, RecursionError):
        return False
    if media is None or not media.schema_pointer or not is_object(body):
        return False
    fields = {name: find_schema_at(spec, media.schema_pointer, join(name)) for name in body}
    return any(
        (_may_not_fit(body[name]) and may_be_number(spec, schema_pointer))
        or (_is_huge(body[name]) and _is_numeric(spec, schema_pointer))
        or any(
            s.get("format", "uuid") not in _FORMATS for _, s in list_branches(spec, schema_pointer)
        )
        for name, schema_pointer in fields.items()
        if schema_pointer is not None
    )


def _has_fraction_in_path(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Return whether a path has a fraction or a huge number where the document says `number`.

    Generators that read TypeScript, which has no type of whole numbers, write it for ids. A format
    such as `double` says that fractions are meant.
    """
    values = PathTemplate(operation.path).match(exchange.request.path) or {}
    return any(
        parameter.location == "path"
        and parameter.name in values
        and _is_numeric(spec, parameter.schema_pointer)
        and not any("format" in s for _, s in list_branches(spec, parameter.schema_pointer))
        and (not _WHOLE.fullmatch(values[parameter.name]) or _is_huge(values[parameter.name]))
        for parameter in operation.parameters
    )


def may_be_number(spec: Spec, schema_pointer: str) -> bool:
    """Return whether a string may have to be a number, as those of decimals: either is allowed."""
    schemas = [schema for _, schema in list_branches(spec, schema_pointer)]
    types = list_types(spec, schema_pointer)
    is_either = "string" in types and bool(types & {"integer", "number"})
    return is_either and not any(_SHAPES & schema.keys() for schema in schemas)


def _is_numeric(spec: Spec, schema_pointer: str) -> bool:
    return bool(list_types(spec, schema_pointer) & {"integer", "number"})


def _is_huge(value: object) -> bool:
    """Return whether a number, or its text, is beyond integers of 64 bits."""
    try:
        return abs(Decimal(str(value))) >= _LARGEST
    except InvalidOperation:
        return False


def _may_not_fit(value: object) -> bool:
    """Return whether a decimal may not take a value: a string, or a number of many digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return isinstance(value, str)
    digits, exponent = Decimal(str(value)).as_tuple()[1:]
    return not isinstance(exponent, int) or exponent < -2 or len(digits) + exponent > _WHOLE_DIGITS


def _has_unknown_field(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    media = operation.body.json if operation.body else None
    try:
        body = parse_json(exchange.request.body)
    except (ValueError, RecursionError):
        return False
    schema = media.schema_pointer if media else ""
    return bool(schema) and any(True for _ in find_undocumented_fields(spec, schema, body))


def _has_unknown_name(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Return whether an order or a choice of fields has a value that the schema does not list."""
    query = dict(parse_qsl(exchange.request.query, keep_blank_values=True))
    return any(
        parameter.name in query
        and _NAMES.fullmatch(parameter.name) is not None
        and _may_be_anything(spec, parameter.schema_pointer)
        for parameter in operation.parameters
    )


def _may_be_anything(spec: Spec, schema_pointer: str) -> bool:
    """Return whether a parameter can be any string, or a list of them."""
    pointer = find_schema_at(spec, schema_pointer, "/0") or schema_pointer
    is_shaped = any(_SHAPES & schema.keys() for _, schema in list_branches(spec, pointer))
    return "string" in list_types(spec, pointer) and not is_shaped


def _needs_body(spec: Spec, operation: Operation) -> bool:
    if operation.body is None:
        return False
    _, body = spec.resolve(operation.body.pointer)
    return "required" not in body or all(
        media.schema_pointer and resolve_schema(spec, media.schema_pointer).get("required")
        for media in operation.body.content
    )


def _documents(operation: Operation, statuses: frozenset[int]) -> bool:
    return any(
        response.status == "4XX" or response.status in map(str, statuses)
        for response in operation.responses
    )


def _is_wrong(spec: Spec, operation: Operation, exchange: Exchange) -> bool:
    """Whether the request violates the document, or cannot be read as one of the operation's."""
    if is_unreadable(exchange):
        return True
    if exchange.request.body and not _has_documented_type(operation, exchange):
        return True
    return not _is_right(spec, operation, exchange)


def _has_documented_type(operation: Operation, exchange: Exchange) -> bool:
    content_type = next((v for n, v in exchange.request.headers if n.lower() == "content-type"), "")
    return operation.body is not None and any(
        matches(media.name, content_type) for media in operation.body.content
    )


def is_unreadable(exchange: Exchange) -> bool:
    """Return whether no framework need read it: NUL, a broken JSON body, or a long URL."""
    request = exchange.request
    if len(request.target) > _LONGEST_URL:
        return True
    kinds = (value for name, value in request.headers if name.lower() == "content-type")
    content_type = next(kinds, "")
    try:
        body = to_json(request.body, content_type)  # other bytes than JSON may contain NUL
    except ValueError:
        return True
    if "%00" in request.target or b"\\u0000" in body or b"\0" in body:
        return True
    if not body or "json" not in content_type:
        return False
    try:
        parse_json(body)
    except (ValueError, RecursionError):
        return True
    return False
