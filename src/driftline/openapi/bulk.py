"""Operations that create several rows at once: `POST /orders/bulk`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import attrs

from driftline.openapi.extensions.references import find_id_schema
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import join
from driftline.openapi.schema.walk import find_schema_at, list_branches, list_types

_CREATED: Final = "201"
_CHOICES: Final = frozenset({"anyOf", "oneOf"})


@attrs.frozen
class BulkCreation:
    """Where the rows are in the request and in the response; their schema, and their listing."""

    sent: str
    created: str
    row: str
    of: str


def find_bulk_creation(spec: Spec, operation: Operation) -> BulkCreation | None:
    """Return where the rows of a bulk creation are, or None.

    That is a POST that responds to an array of objects with 201 and an array of rows of a listing.
    200 or 207 may stand for rows of which some were rejected, and so may a second array.
    """
    is_plain = operation.effect is None and operation.listing is None
    return _find(spec, operation.id) if operation.method == "POST" and is_plain else None


@lru_cache(maxsize=4096)
def _find(spec: Spec, operation_id: str) -> BulkCreation | None:
    operation = spec.find_operation(operation_id)
    success, body = (operation.success, operation.body) if operation else (None, None)
    if success is None or success.status != _CREATED or success.json is None:
        return None
    if body is None or body.json is None:
        return None
    sent = _find_array(spec, body.json.schema_pointer)
    created = _find_array(spec, success.json.schema_pointer)
    of = _find_listing(spec, created[1]) if created else None
    if sent is None or created is None or of is None:
        return None
    return BulkCreation(sent[0], created[0], created[1], of)


def _find_array(spec: Spec, schema_pointer: str) -> tuple[str, str] | None:
    """Return where the only array of objects is in a body, and the schema of its items."""
    if not schema_pointer:
        return None
    pointer = ""
    if list_types(spec, schema_pointer) == {"object"}:
        branches = [schema for _, schema in list_branches(spec, schema_pointer)]
        names = [name for schema in branches for name in schema.get("properties", {})]
        if len(names) != 1 or any(_CHOICES & schema.keys() for schema in branches):
            return None
        pointer = join(names[0])
    array = find_schema_at(spec, schema_pointer, pointer) if pointer else schema_pointer
    item = find_schema_at(spec, array, "/0") if array else None
    if array is None or item is None or list_types(spec, array) != {"array"}:
        return None
    return (pointer, spec.resolve(item)[0]) if list_types(spec, item) == {"object"} else None


def _find_listing(spec: Spec, schema_pointer: str) -> str | None:
    """Return the listing whose rows have a schema, or one that is written twice."""
    schema = spec.get_node(schema_pointer)
    for operation in spec.operations:
        id_schema = find_id_schema(spec, operation)
        row = id_schema.rpartition("/properties/")[0] if id_schema else None
        if row is not None and (row == schema_pointer or spec.get_node(row) == schema):
            return operation.id
    return None
