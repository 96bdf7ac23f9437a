"""When a mutant's answer is wrong: each time, or now and then if the mock never gives it."""

from __future__ import annotations

from collections.abc import Callable

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock
from driftline.mutation.operators.rejections import build_documented_response
from driftline.openapi.model import Operation

__all__ = ["EVERY", "Change", "change_always", "change_rarely"]

Change = Callable[[HttpResponse], HttpResponse]
EVERY = 7
"""The first request of an operation gets the rare answer, and then each one of so many."""


def change_always(
    status: int, change: Change, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Changes every answer of this status."""
    response = server.mock.handle(request)
    return change(response) if response.status == status else response


def change_rarely(
    status: int, change: Change, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Answers with this status now and then, as a server that throttles does, and changes that."""
    key = f"rarely {operation.id}"
    count = server.memory[key] = server.memory.get(key, 0) + 1
    if count % EVERY != 1:
        return server.mock.handle(request)
    return change(build_documented_response(server.spec, operation, status))
