"""Responses to operations without an effect, such as bulk creations."""

from __future__ import annotations

from typing import Any

from driftline.mock.http.messages import HttpResponse
from driftline.mock.response_builder import ResponseBuilder
from driftline.openapi import (
    Operation,
    find_bulk_creation,
    follow,
    is_array,
    is_object,
    is_valid,
    put,
)


def build_success_without_effect(
    responses: ResponseBuilder, operation: Operation, body: Any
) -> HttpResponse:
    """Return the documented success; that of a bulk creation has a row for each that was sent."""
    envelope = responses.build_envelope(operation)
    bulk = find_bulk_creation(responses.spec, operation)
    sent = follow(body, bulk.sent) if bulk else None
    media = operation.success.json if operation.success else None
    if bulk is not None and media is not None and is_array(sent):
        rows = [
            responses.make_item(bulk.row, index, row if is_object(row) else {})
            for index, row in enumerate(sent)
        ]
        filled = put(envelope, bulk.created, rows)
        if is_valid(responses.spec, media.schema_pointer, filled, "response"):
            envelope = filled
    return responses.build_success(operation, envelope)
