"""Compares one request with the spec: violations, and undocumented parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from driftline.checks.exchange import Exchange, format_response
from driftline.checks.finding import Flaw
from driftline.checks.observation import ObservedSchema, observe_field
from driftline.checks.request_arguments import Pairs, parse_json, read_arguments
from driftline.checks.response import collapse
from driftline.media import to_json
from driftline.openapi import (
    MISSING,
    MediaType,
    Operation,
    Parameter,
    Spec,
    Violation,
    describe,
    find_undocumented_fields,
    is_object,
    list_violations,
    resolve_schema,
    split,
)

# The statuses with which servers reject an invalid request.
REJECTIONS = frozenset({400, 422})


@attrs.frozen
class ParsedRequest:
    """A parsed request: its arguments, undocumented parts, and violations.

    It is not `is_whole` without a required header or body, which the recording may have omitted.
    """

    arguments: Mapping[str, Any]
    undocumented_parts: Pairs
    faults: tuple[Flaw, ...]
    is_whole: bool = True


def parse_request(spec: Spec, operation: Operation, exchange: Exchange) -> ParsedRequest | None:
    """Return the parsed request; None if it does not belong to the operation."""
    try:
        arguments, extra = read_arguments(spec, operation, exchange.request)
    except ValueError:
        return None
    faults = [
        flaw
        for parameter in operation.parameters
        for flaw in _judge_parameter(spec, parameter, arguments, exchange)
    ]
    faults += _judge_body(spec, operation, exchange)
    is_complete = all(
        parameter.name in arguments
        for parameter in operation.parameters
        if parameter.required and parameter.location in {"header", "cookie"}
    )
    lacks_body = operation.body and operation.body.required and not exchange.request.body
    return ParsedRequest(arguments, extra, tuple(faults), is_complete and not lacks_body)


def is_wrong(spec: Spec, exchange: Exchange) -> bool:
    """Return whether a request violates a schema, so that a rejection is correct."""
    operation = spec.find_operation(exchange.operation)
    request = parse_request(spec, operation, exchange) if operation else None
    return request is not None and bool(request.faults)


def request_flaws(
    spec: Spec, operation: Operation, exchange: Exchange, request: ParsedRequest
) -> Iterator[Flaw]:
    """Yield undocumented parts of a request, and disagreements between server and spec.

    Parts that a recording may omit, such as headers, are not flaws.
    """
    if exchange.ok:
        yield from request.faults
    new = [
        *_judge_unknown_parameters(operation, exchange, request),
        *_judge_unknown_fields(spec, operation, exchange, request),
    ]
    yield from new
    is_valid = request.is_whole and not request.faults and not new
    if (
        is_valid
        and exchange.status in REJECTIONS
        and not _can_be_rejected(operation, exchange, request)
    ):
        yield Flaw(
            kind="request.valid.rejected",
            pointer=operation.pointer,
            message="the server rejected a request that the spec allows",
            expected="2xx",
            got=format_response(exchange),
        )


def _can_be_rejected(operation: Operation, exchange: Exchange, request: ParsedRequest) -> bool:
    """Return whether the reason of a rejection may be in the server's rows.

    A page or a key that does not exist, or does.
    """
    listing, effect = operation.listing, operation.effect
    if listing and not request.arguments.keys().isdisjoint(listing.page.parameters):
        return True
    key = operation.idempotency_key
    header_names = {name.lower() for name, _ in exchange.request.headers}
    return bool(effect and effect.unique) or (key is not None and key.lower() in header_names)


def _judge_parameter(
    spec: Spec, parameter: Parameter, arguments: Mapping[str, Any], exchange: Exchange
) -> Iterator[Flaw]:
    label = f"the {parameter.location} parameter {parameter.name}"
    if parameter.name not in arguments:
        if parameter.required and parameter.location == "query":
            yield _build_fault(
                parameter, exchange, f"{label} is missing", "a rejection (4xx)", "required"
            )
        return
    value = arguments[parameter.name]
    is_array = resolve_schema(spec, parameter.schema_pointer).get("type") == "array"
    if spec.get_node(parameter.schema_pointer) is MISSING or (is_array and value in ([], [""])):
        return
    for violation in _list_violations(spec, parameter.schema_pointer, value)[:1]:
        message = f"{label} violates {violation.keyword}: {describe(value)}"
        expected = f"a rejection (4xx); {violation.keyword}: {describe(violation.expected)}"
        yield _build_fault(parameter, exchange, message, expected, violation.keyword)


def _build_fault(
    parameter: Parameter, exchange: Exchange, message: str, expected: str, keyword: str
) -> Flaw:
    return Flaw(
        kind="request.invalid.accepted",
        pointer=parameter.pointer,
        message=f"the server accepted a request that the spec rejects: {message}",
        expected=expected,
        got=str(exchange.status),
        where=parameter.name,
        keyword=keyword,
    )


def _list_violations(spec: Spec, pointer: str, value: Any) -> list[Violation]:
    """Return the violations of a value; a number out of bounds has the right type."""
    violations = list_violations(spec, pointer, value, "request")
    if not violations or not isinstance(value, str):
        return violations
    try:
        number = parse_json(value.encode())
    except ValueError:
        return violations
    if isinstance(number, bool) or not isinstance(number, int | float):
        return violations
    number_violations = list_violations(spec, pointer, number)
    return (
        violations
        if any(violation.keyword == "type" for violation in number_violations)
        else number_violations
    )


def _judge_body(spec: Spec, operation: Operation, exchange: Exchange) -> Iterator[Flaw]:
    media, content = _find_media_type(operation, exchange), exchange.request.body
    if media is None or not content or operation.body is None:
        return
    pointer = operation.body.pointer
    try:
        value = parse_json(to_json(content, media.name))
    except (ValueError, RecursionError):
        yield _build_body_fault(pointer, exchange, "it is not JSON", "", clause="a JSON document")
        return
    for violation in list_violations(spec, media.schema_pointer, value, "request"):
        path = violation.path
        if violation.keyword == "required":
            path = f"{path}/{violation.expected}"
        where = collapse(path)
        reason = f"{where or 'it'} violates {violation.keyword}"
        expected = f"{violation.keyword}: {describe(violation.expected)}"
        yield _build_body_fault(
            pointer, exchange, reason, where, clause=expected, keyword=violation.keyword
        )


def _build_body_fault(
    pointer: str, exchange: Exchange, reason: str, where: str, *, clause: str, keyword: str = ""
) -> Flaw:
    return Flaw(
        kind="request.invalid.accepted",
        pointer=pointer,
        message=f"the server accepted a request that the spec rejects: body: {reason}",
        expected=f"a rejection (4xx); {clause}",
        got=str(exchange.status),
        where=where,
        keyword=keyword,
    )


def _find_media_type(operation: Operation, exchange: Exchange) -> MediaType | None:
    """Return the JSON media type of the body, if that is what was sent."""
    kinds = (v for n, v in exchange.request.headers if n.lower() == "content-type")
    media_type = next(kinds, "application/json").partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or media_type.endswith("+json")
    media = operation.body.json if operation.body and is_json else None
    return media if media and media.schema_pointer else None


def _judge_unknown_parameters(
    operation: Operation, exchange: Exchange, request: ParsedRequest
) -> Iterator[Flaw]:
    query = [parameter for parameter in operation.parameters if parameter.location == "query"]
    if any(parameter.schema.get("type") == "object" and parameter.explode for parameter in query):
        return  # each of its fields is a parameter of its own on the wire
    documented_names = ", ".join(parameter.name for parameter in query)
    for name in dict.fromkeys(name for name, _ in request.undocumented_parts):
        yield Flaw(
            kind="request.parameter.undocumented",
            pointer=operation.pointer,
            message=f"query parameter `{name}` is not documented",
            expected=f"only {documented_names}" if documented_names else "no query",
            got=f"{name}, response {exchange.status}",
            where=name,
            observed=_observe_texts(
                [value for key, value in request.undocumented_parts if key == name]
            ),
        )


def _observe_texts(values: Sequence[str]) -> ObservedSchema:
    """Return the common type of the values of a query parameter."""
    kinds = {
        "integer": r"-?\d{1,18}",
        "number": r"-?\d{1,18}(\.\d{1,18})?",
        "boolean": "true|false",
    }
    fitting = (
        kind for kind, form in kinds.items() if all(re.fullmatch(form, value) for value in values)
    )
    item = {"type": next(fitting, "string")}
    return ObservedSchema(schema=item if len(values) == 1 else {"type": "array", "items": item})


def _judge_unknown_fields(
    spec: Spec, operation: Operation, exchange: Exchange, request: ParsedRequest
) -> Iterator[Flaw]:
    media, content = _find_media_type(operation, exchange), exchange.request.body
    if media is None or not content or request.faults:
        return
    value = parse_json(to_json(content, media.name))
    if not is_object(value):
        return
    for stranger in find_undocumented_fields(spec, media.schema_pointer, value):
        where = collapse(stranger.path)
        yield Flaw(
            kind="request.field.undocumented",
            pointer=stranger.clause,
            message=f"request body field `{where}` is not documented",
            expected="only documented fields",
            got=describe(stranger.value),
            where=where,
            observed=observe_field(split(stranger.path)[-1], stranger.value),
        )
