"""Refusals as the spec documents them, for mutants that say no where they should not."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from driftline.mock import Data, Headers, HttpResponse, build_json_response
from driftline.mutation.operators.query import encode_texts
from driftline.openapi import (
    Header,
    MediaType,
    Operation,
    Response as Documented,
    Spec,
    is_object,
    list_violations,
    split,
)


def build_rejection(spec: Spec, operation: Operation, status: int) -> HttpResponse:
    """Return the response that the operation documents for this status, or RFC 9457's."""
    documented = operation.find_response(status)
    media = documented.json if documented else None
    if media is None or not media.schema_pointer:
        problem = {"type": "about:blank", "title": "Refused", "status": status}
        return build_json_response(status, problem, media_type="application/problem+json")
    return build_json_response(
        status, _make_value(spec, media.schema_pointer), media_type=media.name
    )


def build_documented_response(spec: Spec, operation: Operation, status: int) -> HttpResponse:
    """A response that the operation documents for this status, about nothing in particular."""
    documented = operation.find_response(status)
    media = documented.json if documented else None
    if media is None or not media.schema_pointer:
        return HttpResponse(status, _make_headers(spec, documented))
    body = _make_value(spec, media.schema_pointer)
    return build_json_response(
        status, body, media_type=media.name, headers=_make_headers(spec, documented)
    )


def _make_headers(spec: Spec, documented: Documented | None) -> Headers:
    """Return the headers that have to be there, and how long to wait where it may be said."""
    return tuple(
        (
            header.name,
            "1" if _is_wait(header) else encode_texts(_make_value(spec, header.schema_pointer))[0],
        )
        for header in (documented.headers if documented else ())
        if header.required or _is_wait(header)
    )


def _is_wait(header: Header) -> bool:
    return header.name.lower() == "retry-after"


@lru_cache(maxsize=256)
def _make_value(spec: Spec, schema_pointer: str) -> Any:
    return Data(spec, 0).make_value(schema_pointer, 0)


def make_valid_body(spec: Spec, operation: Operation, media: MediaType) -> Any:
    """Return a body that the operation takes, again and again.

    An example, or one made from the schema.
    """
    examples = (
        example
        for example in media.examples.values()
        if not list_violations(spec, media.schema_pointer, example)
    )
    found = next(examples, None)
    body = _make_value(spec, media.schema_pointer) if found is None else found
    unique = operation.effect.unique if operation.effect else ()
    names = {split(pointer)[0] for pointer in unique}
    less = {k: v for k, v in body.items() if k not in names} if is_object(body) else body
    return body if list_violations(spec, media.schema_pointer, less) else less
