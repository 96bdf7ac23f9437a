"""Refusals as the spec documents them, for mutants that say no where they should not."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from driftline.mock import Response
from driftline.mock.fake.data import Data
from driftline.mock.http.messages import Headers, json_response
from driftline.mutation.operators.query import texts_of
from driftline.openapi.model import Header, MediaType, Operation, Spec
from driftline.openapi.model import Response as Documented
from driftline.openapi.pointer import is_object, split
from driftline.openapi.schema.validation import violations

__all__ = ["documented_answer", "refused", "right_body"]


def refused(spec: Spec, operation: Operation, status: int) -> Response:
    """The answer that the operation documents for this status, or RFC 9457's."""
    documented = operation.response(status)
    media = documented.json if documented else None
    if media is None or not media.schema_pointer:
        problem = {"type": "about:blank", "title": "Refused", "status": status}
        return json_response(status, problem, media_type="application/problem+json")
    return json_response(status, _value(spec, media.schema_pointer), media_type=media.name)


def documented_answer(spec: Spec, operation: Operation, status: int) -> Response:
    """An answer that the operation documents for this status, about nothing in particular."""
    documented = operation.response(status)
    media = documented.json if documented else None
    if media is None or not media.schema_pointer:
        return Response(status, _headers(spec, documented))
    body = _value(spec, media.schema_pointer)
    return json_response(status, body, media_type=media.name, headers=_headers(spec, documented))


def _headers(spec: Spec, documented: Documented | None) -> Headers:
    """The headers that have to be there, and how long to wait where it may be said."""
    return tuple(
        (header.name, "1" if _is_wait(header) else texts_of(_value(spec, header.schema_pointer))[0])
        for header in (documented.headers if documented else ())
        if header.required or _is_wait(header)
    )


def _is_wait(header: Header) -> bool:
    return header.name.lower() == "retry-after"


@lru_cache(maxsize=256)
def _value(spec: Spec, schema_pointer: str) -> Any:
    return Data(spec, 0).value(schema_pointer, 0)


def right_body(spec: Spec, operation: Operation, media: MediaType) -> Any:
    """A body that the operation takes, again and again: an example, or one made from the schema."""
    examples = (
        example
        for example in media.examples.values()
        if not violations(spec, media.schema_pointer, example)
    )
    found = next(examples, None)
    body = _value(spec, media.schema_pointer) if found is None else found
    unique = operation.effect.unique if operation.effect else ()
    names = {split(pointer)[0] for pointer in unique}
    less = {k: v for k, v in body.items() if k not in names} if is_object(body) else body
    return body if violations(spec, media.schema_pointer, less) else less
