"""Rows in the envelope of a request, as JSON:API has them: `{"data": {"attributes": {…}}}`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import follow, is_object, split
from driftline.openapi.schema.walk import find_schema_at, list_branches
from driftline.openapi.value_paths import list_defaults

ATTRIBUTES: Final = "attributes"
"""The object with the fields of a row of JSON:API."""
_RESOURCE: Final = frozenset({"attributes", "id", "links", "meta", "relationships", "type"})
"""What a row of JSON:API has."""
_BESIDE: Final = frozenset({"included", "jsonapi", "links", "meta"})
"""What JSON:API has beside the row."""


def locate_row(spec: Spec, operation: Operation, body: Any) -> str:
    """Return where a body has its row, if the response has it there, too, or ""."""
    item = find_envelope(spec, operation)
    return item if item and is_object(follow(body, item)) else ""


def find_sent_row(spec: Spec, operation: Operation, body: Any) -> Any:
    """Return the row that a body has where the response has it, or the body itself."""
    return follow(body, locate_row(spec, operation, body))


def locate_fields(spec: Spec, operation: Operation, body: Any) -> str:
    """Return where a body has the fields of its row: `/data/attributes`, or "" at the top."""
    location = locate_row(spec, operation, body)
    attributes = f"{location}/{ATTRIBUTES}"
    return attributes if location and is_object(follow(body, attributes)) else location


def find_envelope(spec: Spec, operation: Operation) -> str:
    """Return where a request has its row, if it has nothing else and the response has it there."""
    return _find_envelope(spec, operation.id)


@lru_cache(maxsize=4096)
def _find_envelope(spec: Spec, name: str) -> str:
    operation = spec.find_operation(name)
    media = operation.body.json if operation and operation.body else None
    item = operation.effect.item if operation and operation.effect else None
    if media is None or not media.schema_pointer or not item:
        return ""
    branches = list_branches(spec, media.schema_pointer)
    names = {name for _, schema in branches for name in schema.get("properties", {})}
    return item if split(item)[0] in names and names <= {split(item)[0]} | _BESIDE else ""


def keep_attributes(row: Mapping[str, Any], body: Any, changes: dict[str, Any]) -> None:
    """Add the attributes of a row of JSON:API that a body does not send to those that change."""
    stored, sent, changed = (part.get(ATTRIBUTES) for part in (row, body, changes))
    is_resource = row.keys() <= _RESOURCE
    if is_resource and is_object(stored) and is_object(sent) and is_object(changed):
        changes[ATTRIBUTES] = {**stored, **{n: v for n, v in changed.items() if n in sent}}


def add_defaults(spec: Spec, operation: Operation, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sent row with the defaults of omitted fields."""
    media = operation.body.json if operation.body else None
    envelope = find_envelope(spec, operation)
    schema = find_schema_at(spec, media.schema_pointer, envelope) if media else None
    defaults = list_defaults(spec, schema) if schema else {}
    return {**{name: default for name, (_, default) in defaults.items()}, **row}


def find_item_schema(spec: Spec, operation: Operation) -> str | None:
    """Return the schema of the row in the success of an operation."""
    media = operation.success.json if operation.success else None
    item = operation.effect.item if operation.effect else None
    return (
        None if media is None or item is None else find_schema_at(spec, media.schema_pointer, item)
    )
