"""Rows in the envelope of a request, as JSON:API has them: `{"data": {"attributes": {…}}}`."""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import MISSING, follow, is_object
from driftline.openapi.schema.walk import find_schema_at

ATTRIBUTES: Final = "attributes"
"""The object with the fields of a row of JSON:API."""


def find_sent_row(body: Any, item: str | None) -> Any:
    """Return the row that a body has where the response has it, or the body itself."""
    row = follow(body, item) if item else MISSING
    return row if is_object(row) else body


def locate_fields(body: Any, item: str | None) -> str:
    """Return where a body has the fields of its row: `/data/attributes`, or "" at the top."""
    if not item:
        return ""
    locations = (f"{item}/{ATTRIBUTES}", item)
    return next((pointer for pointer in locations if is_object(follow(body, pointer))), "")


def keep_attributes(row: Any, body: Any, changes: dict[str, Any]) -> None:
    """Add the attributes of a row that a body does not send to those of its changes."""
    if ATTRIBUTES not in changes:
        return
    sent = {n: v for n, v in changes[ATTRIBUTES].items() if n in body[ATTRIBUTES]}
    changes[ATTRIBUTES] = {**row[ATTRIBUTES], **sent}


def find_item_schema(spec: Spec, operation: Operation) -> str | None:
    """Return the schema of the row in the success of an operation."""
    media = operation.success.json if operation.success else None
    item = operation.effect.item if operation.effect else None
    return (
        None if media is None or item is None else find_schema_at(spec, media.schema_pointer, item)
    )
