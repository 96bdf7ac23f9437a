"""When a mutant's response is wrong (each time, or now and then), and errors of another shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from driftline.checks import find_undocumented_fields
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock
from driftline.mutation.operators.listings import replace_value
from driftline.mutation.operators.rejections import build_documented_response
from driftline.openapi import MediaType, Operation, Spec, list_violations

_SHAPES: Final[tuple[Any, ...]] = (
    {"detail": "It went wrong."},
    {"error": {"code": "wrong", "message": "It went wrong."}},
    ["It went wrong."],
)
"""What frameworks make of an error by themselves."""

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
    """Respond with this status now and then, as a server that throttles does, and changes that."""
    key = f"rarely {operation.id}"
    count = server.memory[key] = server.memory.get(key, 0) + 1
    if count % EVERY != 1:
        return server.mock.handle(request)
    return change(build_documented_response(server.spec, operation, status))


def replace_error_body(spec: Spec, media: MediaType) -> Callable[[Any], Any] | None:
    """Return what makes another shape of a documented error; None if every shape is allowed."""
    for shape in _SHAPES:
        schema = media.schema_pointer
        is_wrong = list_violations(spec, schema, shape, "response")
        if schema and (is_wrong or any(find_undocumented_fields(spec, schema, shape))):
            return partial(replace_value, shape)
    return None
