"""Compares one response with the spec: its status, media type, headers and body."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from http import HTTPStatus
from typing import Any

import attrs

from driftline.checks.bulk_rows import find_bulk_flaws
from driftline.checks.exchange import Exchange
from driftline.checks.file_kinds import find_file_flaws
from driftline.checks.finding import Flaw
from driftline.checks.observation import (
    ObservedSchema,
    observe_absence,
    observe_field,
    observe_size,
    observe_type,
    observe_value,
)
from driftline.checks.streamed_items import find_stream_flaws
from driftline.media import STREAM_KINDS, VALUE_KINDS, to_json
from driftline.openapi import (
    BOUNDS,
    Header,
    MediaType,
    Operation,
    Response,
    Spec,
    UndocumentedField,
    Violation,
    describe,
    find_schema_at,
    find_undocumented_fields,
    is_array,
    is_object,
    list_violations,
    pointer as json_pointer,
)
from driftline.runtime import parse_retry_after

_LONGEST_VARIANT = 60
_KINDS = {
    "required": "response.required.missing",
    "type": "response.type.wrong",
    "enum": "response.enum.undocumented",
    "const": "response.enum.undocumented",
    "format": "response.format.wrong",
    "additionalProperties": "response.field.undocumented",
    "unevaluatedProperties": "response.field.undocumented",
    **dict.fromkeys(BOUNDS, "response.bound.exceeded"),
}
INTERNAL_SERVER_ERROR = 500
_BODILESS = frozenset({204, 205, 304})


def find_flaws(spec: Spec, exchange: Exchange) -> Iterator[Flaw]:
    """Yield every violation and undocumented part of a response."""
    operation = spec.find_operation(exchange.operation)
    if operation is None:
        return
    response = operation.find_response(exchange.status)
    is_other = exchange.request.method != operation.method
    if is_other and exchange.status == HTTPStatus.NOT_IMPLEMENTED:
        return  # what RFC 9110 has for a method that a server does not know
    server_error = exchange.status >= 500
    if server_error and (response is None or response.status == "default"):
        yield _build_status_flaw(
            spec, operation, exchange, "response.server-error", "the server failed"
        )
        return
    if is_other:
        return  # nothing is documented about another method
    if response is None or _is_other_rejection(spec, operation, response, exchange.status):
        kind = "response.status.undocumented"
        yield _build_status_flaw(spec, operation, exchange, kind, "undocumented status")
        return
    for header in response.headers:
        yield from _judge_header(spec, header, exchange)
    yield from _judge_content(spec, response, exchange)
    yield from find_bulk_flaws(spec, operation, exchange)


def _is_other_rejection(spec: Spec, operation: Operation, response: Response, status: int) -> bool:
    """Return whether a 422 is only assumed, where a 400 is documented: two words for the same."""
    is_assumed = spec.find_assumption(response.pointer) is not None
    documented = operation.find_exact_response(str(int(HTTPStatus.BAD_REQUEST)))
    return (
        status == HTTPStatus.UNPROCESSABLE_ENTITY
        and is_assumed
        and documented is not None
        and spec.find_assumption(documented.pointer) is None
    )


def find_documented_failure(spec: Spec, exchange: Exchange) -> Iterator[Flaw]:
    """Yield a documented 500 response, which `find_flaws` allows.

    Frameworks document it for every operation, but no request of the suite justifies it.
    """
    operation = spec.find_operation(exchange.operation)
    statuses = {response.status for response in operation.responses} if operation else set[str]()
    if operation and exchange.status == INTERNAL_SERVER_ERROR and statuses & {"500", "5XX"}:
        kind = "response.server-error"
        yield _build_status_flaw(spec, operation, exchange, kind, "the server failed")


def _build_status_flaw(
    spec: Spec, operation: Operation, exchange: Exchange, kind: str, problem: str
) -> Flaw:
    documented_statuses = ", ".join(response.status for response in operation.responses)
    return Flaw(
        kind=kind,
        pointer=operation.pointer + "/responses",
        message=f"{problem}: {exchange.status}",
        expected=documented_statuses,
        got=f"{exchange.status} {exchange.excerpt}".strip(),
        where=str(exchange.status),
        rests_on=_find_assumed_alike(spec, operation, exchange.status),
        observed=_observe_body(exchange),
    )


def _find_assumed_alike(spec: Spec, operation: Operation, status: int) -> str:
    """Return a response of the same class, if the spec only assumes every one of that class.

    If no document describes an error, an undocumented status is not drift of the vendor.
    """
    alike = [response for response in operation.responses if response.status[0] == str(status)[0]]
    assumed = all(spec.find_assumption(response.pointer) for response in alike)
    return alike[0].pointer if alike and assumed else ""


def _judge_content(spec: Spec, response: Response, exchange: Exchange) -> Iterator[Flaw]:
    # HTTP allows no body here, whatever a document describes.
    if not response.content or exchange.request.method == "HEAD" or exchange.status in _BODILESS:
        return
    content_type = exchange.get_header("content-type")
    names = ", ".join(media.name for media in response.content)
    pointer = response.pointer + "/content"
    if content_type is None:
        message = f"the {exchange.status} response has no Content-Type"
        yield Flaw("response.content-type.missing", pointer, message, names, "none")
    media = _find_documented(response, content_type) if content_type else response.json
    if media is None:
        message = f"the {exchange.status} response is not {names}"
        got, observed = f"{content_type}: {exchange.excerpt}", _observe_body(exchange)
        kind = "response.content-type.undocumented"
        yield Flaw(kind, pointer, message, names, got, observed=observed)
        media = response.json if _is_json(exchange) else None
    if media is None:
        return
    if media.kind in VALUE_KINDS:
        yield from _judge_json(spec, media, exchange)
    elif media.kind in STREAM_KINDS:
        yield from find_stream_flaws(spec, media, exchange, partial(_judge_value, spec))
    elif "*" not in media.name:
        yield from find_file_flaws(media, exchange)


def _observe_body(exchange: Exchange) -> ObservedSchema:
    """Return the media type of a response, and the shape of its body if it is JSON."""
    essence = (exchange.get_header("content-type") or "").partition(";")[0].strip().lower()
    return (
        observe_type(exchange.json, essence)
        if _is_json(exchange)
        else ObservedSchema(schema={}, media_type=essence)
    )


def _find_documented(response: Response, content_type: str) -> MediaType | None:
    """Return the documented media type of a response; the most specific of several ranges."""
    essence = content_type.partition(";")[0].strip().lower()
    for media in sorted(response.content, key=lambda media: media.name.count("*")):
        name = media.name.partition(";")[0].strip().lower()
        pattern = re.escape(name).replace(r"\*", "[^/]+")
        if re.fullmatch(pattern, essence):
            return media
    return None


def _is_json(exchange: Exchange) -> bool:
    try:
        return exchange.json is not None
    except ValueError:
        return False


def _judge_json(spec: Spec, media: MediaType, exchange: Exchange) -> Iterator[Flaw]:
    try:
        body = exchange.json
    except ValueError as error:
        message = f"the {exchange.status} response is not JSON: {error}"
        kind = "response.json.unreadable"
        yield Flaw(kind, media.pointer, message, "a JSON document", exchange.excerpt)
        return
    if media.schema_pointer:
        list_sent = cache(partial(_list_sent_strangers, spec, exchange))
        yield from _judge_value(spec, media.schema_pointer, body, list_sent)


def _list_sent_strangers(spec: Spec, exchange: Exchange) -> list[UndocumentedField]:
    """Return the undocumented fields of the request, which a server may repeat."""
    operation = spec.find_operation(exchange.operation)
    media = operation.body.json if operation and operation.body else None
    if media is None or not media.schema_pointer or not exchange.request.body:
        return []
    try:
        request_body = json.loads(to_json(exchange.request.body, media.name))
    except (ValueError, RecursionError):
        return []
    return list(find_undocumented_fields(spec, media.schema_pointer, request_body))


def _is_echo(stranger: UndocumentedField, sent_field: UndocumentedField) -> bool:
    names = [json_pointer.split(field.path)[-1] for field in (stranger, sent_field)]
    return names[0] == names[1] and bool(stranger.value == sent_field.value)


def _judge_value(
    spec: Spec,
    pointer: str,
    value: Any,
    list_sent: Callable[[], Sequence[UndocumentedField]] = tuple,
) -> Iterator[Flaw]:
    """Yield the flaws of a JSON value against the schema at `pointer`.

    `list_sent` returns the undocumented fields of the request, which are no flaws if repeated.
    """
    for violation in list_violations(spec, pointer, value, "response"):
        yield build_violation_flaw(violation, partial(name_place, spec, pointer))
    for stranger in find_undocumented_fields(spec, pointer, value):
        if any(_is_echo(stranger, sent_field) for sent_field in list_sent()):
            continue
        where = name_place(spec, pointer, stranger.path)
        yield Flaw(
            kind="response.field.undocumented",
            pointer=stranger.clause,
            message=f"field `{where}` is not documented",
            expected="only documented fields",
            got=describe(stranger.value),
            where=where,
            observed=observe_field(json_pointer.split(stranger.path)[-1], stranger.value),
        )


def build_violation_flaw(violation: Violation, name: Callable[[str], str] | None = None) -> Flaw:
    """Return the flaw of a violated clause; `name` is for its location."""
    name = name or collapse
    kind = _KINDS.get(violation.keyword, "response.schema.broken")
    path = violation.path
    if violation.keyword == "required":
        where = name(f"{path}/{violation.expected}")
        return Flaw(
            kind=kind,
            pointer=violation.clause,
            message=f"field `{where}` is required but missing",
            expected=f"the field {violation.expected}",
            got=_format_keys(violation.got),
            where=where,
            observed=observe_absence(str(violation.expected)),
        )
    where = name(path)
    return Flaw(
        kind=kind,
        pointer=violation.clause,
        message=f"{where or 'the body'} violates {violation.keyword}",
        expected=f"{violation.keyword}: {describe(violation.expected)}",
        got=describe(violation.got),
        where=where,
        variant=_name_variant(violation),
        observed=_observe_violation(violation),
    )


def _name_variant(violation: Violation) -> str:
    """Return which wrong value it is: its type, or the value itself for an enum."""
    value = violation.got
    if violation.keyword in {"enum", "const"} and not is_object(value) and not is_array(value):
        return describe(value)[:_LONGEST_VARIANT]
    return _name_type(value) if violation.keyword in {"type", "anyOf", "oneOf"} else ""


def _name_type(value: Any) -> str:
    if is_object(value) or is_array(value):
        return "object" if is_object(value) else "array"
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return "string" if isinstance(value, str) else "number"


def _observe_violation(violation: Violation) -> ObservedSchema:
    """Return what the violated clause would have to allow."""
    observe: Callable[[Any], ObservedSchema] = observe_type
    if violation.keyword in {"enum", "const", "anyOf", "oneOf"}:
        observe = observe_value
    elif violation.keyword in BOUNDS:
        observe = observe_size
    return attrs.evolve(observe(violation.got), site=violation.site)


def _judge_header(spec: Spec, header: Header, exchange: Exchange) -> Iterator[Flaw]:
    value = exchange.get_header(header.name)
    if value is None:
        if header.required:
            message = f"the {exchange.status} response has no header {header.name}"
            kind = "response.header.missing"
            yield Flaw(kind, header.pointer, message, header.name, "none", header.name)
        return
    reading_violations = [
        list_violations(spec, header.schema_pointer, reading) for reading in _list_readings(value)
    ]
    if all(reading_violations):
        first = reading_violations[0][0]
        yield Flaw(
            kind="response.header.wrong",
            pointer=first.clause,
            message=f"the header {header.name} violates {first.keyword}",
            expected=f"{first.keyword}: {describe(first.expected)}",
            got=describe(value),
            where=header.name,
            observed=_observe_violation(first),
        )
    elif header.name.lower() == "retry-after" and parse_retry_after(value) is None:
        yield Flaw(
            kind="response.header.wrong",
            pointer=header.pointer,
            message=f"the header {header.name} is neither seconds nor a date",
            expected="seconds or an HTTP date (RFC 9110)",
            got=describe(value),
            where=header.name,
        )


def _list_readings(value: str) -> Iterator[Any]:
    """Yield the possible values of a header: a string, a number, a boolean, a list, JSON."""
    yield value
    if re.fullmatch(r"-?[0-9]{1,300}", value):
        yield int(value)
    elif re.fullmatch(r"-?[0-9]{1,300}\.[0-9]{1,300}", value):
        yield float(value)
    elif value in {"true", "false"}:
        yield value == "true"
    yield [part.strip() for part in value.split(",")]
    if value[:1] in {"{", "["}:  # how flask-smorest says how a list is paged
        with suppress(ValueError, RecursionError):
            yield json.loads(value)


def name_place(spec: Spec, schema_pointer: str, path: str) -> str:
    """Return one name for the parts of a value with the same schema.

    Indexes of rows are omitted, and keys of a map are `*`.
    """
    steps: list[str] = []
    for count, step in enumerate(json_pointer.split(path), 1):
        partial_path = json_pointer.join(*json_pointer.split(path)[:count])
        child_pointer = find_schema_at(spec, schema_pointer, partial_path) or ""
        is_key = (
            child_pointer.endswith("/additionalProperties")
            or "/patternProperties/" in child_pointer[-40:]
        )
        steps.append("*" if is_key and not step.isdecimal() else step)
    return collapse(json_pointer.join(*steps))


def collapse(path: str) -> str:
    """Return a pointer without indexes: `/data/3/agents/0/id` gives `data[].agents[].id`."""
    names = re.sub(r"/\d+(?=/|$)", "[]", path).replace("/", ".").removeprefix(".")
    return names.replace("~1", "/").replace("~0", "~")


def _format_keys(value: Any) -> str:
    return f"only {', '.join(value)}" if is_object(value) and value else describe(value)
