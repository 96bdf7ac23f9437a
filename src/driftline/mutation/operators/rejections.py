"""Documented rejections and other responses, for mutants that send them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final

from driftline.mock import Data, Headers, HttpRequest, HttpResponse, build_json_response
from driftline.mutation.mutants import BrokenMock
from driftline.mutation.operators.listings.context import replace_value
from driftline.mutation.operators.query import encode_texts
from driftline.openapi import (
    Header,
    MediaType,
    Operation,
    Response as Documented,
    Spec,
    describe_stream,
    find_undocumented_fields,
    is_object,
    is_valid,
    list_violations,
    split,
)


def build_rejection(spec: Spec, operation: Operation, status: int) -> HttpResponse:
    """Return the documented response for this status, or a problem of RFC 9457."""
    documented_response = operation.find_response(status)
    media = documented_response.json if documented_response else None
    if media is None or not media.schema_pointer:
        problem = {"type": "about:blank", "title": "Refused", "status": status}
        return build_json_response(status, problem, media_type="application/problem+json")
    return build_json_response(
        status, _make_value(spec, media.schema_pointer, is_full=True), media_type=media.name
    )


def build_documented_response(spec: Spec, operation: Operation, status: int) -> HttpResponse:
    """Return a documented response for this status with generic content."""
    documented_response = operation.find_response(status)
    media = documented_response.json if documented_response else None
    if media is None or not media.schema_pointer:
        return HttpResponse(status, _make_headers(spec, documented_response))
    body = _make_value(spec, media.schema_pointer, is_full=True)
    return build_json_response(
        status, body, media_type=media.name, headers=_make_headers(spec, documented_response)
    )


def _make_headers(spec: Spec, documented_response: Documented | None) -> Headers:
    """Return the required headers, and Retry-After if it is documented."""
    return tuple(
        (
            header.name,
            "1" if _is_wait(header) else encode_texts(_make_value(spec, header.schema_pointer))[0],
        )
        for header in (documented_response.headers if documented_response else ())
        if header.required or _is_wait(header)
    )


def _is_wait(header: Header) -> bool:
    return header.name.lower() == "retry-after"


@lru_cache(maxsize=256)
def _make_value(spec: Spec, schema_pointer: str, *, is_full: bool = False) -> Any:
    return Data(spec, 0).make_value(schema_pointer, 0, is_full=is_full)


def make_valid_body(spec: Spec, operation: Operation, media: MediaType) -> Any:
    """Return a valid body; the same each time.

    An example, or one made from the schema; of JSON lines, one line.
    """
    if media.kind == "json_lines":
        item = describe_stream(spec, media).data.pointer
        return [_make_value(spec, item) if item else {}]
    examples = (
        example
        for example in media.examples.values()
        if is_valid(spec, media.schema_pointer, example)
    )
    valid_example = next(examples, None)
    body = _make_value(spec, media.schema_pointer) if valid_example is None else valid_example
    unique = operation.effect.unique if operation.effect else ()
    names = {split(pointer)[0] for pointer in unique}
    less = {k: v for k, v in body.items() if k not in names} if is_object(body) else body
    return less if is_valid(spec, media.schema_pointer, less) else body


_SHAPES: Final[tuple[Any, ...]] = (
    {"detail": "It went wrong."},
    {"error": {"code": "wrong", "message": "It went wrong."}},
    ["It went wrong."],
)
"""Error bodies that frameworks generate."""

Change = Callable[[HttpResponse], HttpResponse]
EVERY = 7
"""The first request of an operation gets the rare response, and then every n-th one."""


def change_always(
    status: int, change: Change, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Change every response of this status."""
    response = server.mock.handle(request)
    return change(response) if response.status == status else response


def change_rarely(
    status: int, change: Change, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Respond with this status now and then, as a throttling server does, with a change."""
    key = f"rarely {operation.id}"
    count = server.memory[key] = server.memory.get(key, 0) + 1
    if count % EVERY != 1:
        return server.mock.handle(request)
    return change(build_documented_response(server.spec, operation, status))


def replace_error_body(spec: Spec, media: MediaType) -> Callable[[Any], Any] | None:
    """Return a change to another shape of a documented error; None if any shape is allowed."""
    for shape in _SHAPES:
        schema = media.schema_pointer
        is_wrong = list_violations(spec, schema, shape, "response")
        if schema and (is_wrong or any(find_undocumented_fields(spec, schema, shape))):
            return partial(replace_value, shape)
    return None
