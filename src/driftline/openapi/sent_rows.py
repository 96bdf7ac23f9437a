"""Rows in the envelope of a request, as JSON:API has them: `{"data": {"attributes": {…}}}`."""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi.pointer import MISSING, follow, is_object

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
