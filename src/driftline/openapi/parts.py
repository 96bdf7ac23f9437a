"""Parts of rows such as `/users/{id}/settings`: what a PUT replaces and the GET beside it reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import join
from driftline.openapi.schema.walk import find_schema_at, list_types

_WRAPPERS: Final = ("", "/data", "/result", "/item")


def find_part_reader(spec: Spec, operation: Operation) -> Operation | None:
    """Return the GET of what a PUT without `x-effect` replaces, such as `/users/{id}/settings`.

    If nothing reads that path, it may be a field of the row above, as `/users/{id}/labels`.
    """
    media = operation.body.json if operation.body else None
    is_part = operation.effect is None and not operation.path.endswith("}")
    if operation.method != "PUT" or not is_part or media is None:
        return None
    if "object" not in list_types(spec, media.schema_pointer):
        return None
    row_path = operation.path.rpartition("/")[0]
    for path in (operation.path, row_path) if row_path.endswith("}") else (operation.path,):
        for reader in spec.operations:
            is_reader = reader.path == path and reader.method == "GET" and reader.listing is None
            if is_reader and _find_schema(reader):
                return reader
    return None


def find_part_item(spec: Spec, operation: Operation, names: Iterable[str]) -> str | None:
    """Return the location of the part in the response of an operation: of one of these fields."""
    schema = _find_schema(operation)
    if not schema:
        return None
    fields = [join(name) for name in names]
    return next(
        (w for w in _WRAPPERS if any(find_schema_at(spec, schema, w + field) for field in fields)),
        None,
    )


def _find_schema(operation: Operation) -> str:
    """Return the schema of the successful JSON response, or ""."""
    media = operation.success.json if operation.success else None
    return media.schema_pointer if media else ""
