"""Translates edits from OpenAPI 3.1 to the version of the document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import attrs

from driftline.accept.edits import UnacceptableError
from driftline.openapi import (
    TextEdit,
    is_array,
    is_object,
    join,
    split,
)

Dialect = Literal["2.0", "3.0", "3.1"]
_NULL: Final = {"type": "null"}


def find_dialect(data: Any) -> Dialect:
    """Return the version to translate to: 3.1 stands for all later ones."""
    if is_object(data) and "openapi" not in data:
        return "2.0"
    version = str(data.get("openapi", ""))
    return "3.0" if version == "3" or version.startswith("3.0") else "3.1"


def translate(edits: Sequence[TextEdit], dialect: Dialect) -> list[TextEdit]:
    """Return edits of a document of a version.

    Raises:
        UnacceptableError: the version cannot express it.
    """
    if dialect == "3.1":
        return list(edits)
    return [translated for edit in edits for translated in _translate(edit, dialect)]


def _translate(edit: TextEdit, dialect: Dialect) -> Iterator[TextEdit]:
    *parent_tokens, last = split(edit.pointer)
    parent = join(*parent_tokens)
    null = "x-nullable" if dialect == "2.0" else "nullable"
    if edit.op == "put" and last == "type" and is_array(edit.value):
        yield from _translate_types(edit, parent, null)
    elif edit.op == "append" and last in {"anyOf", "oneOf"} and edit.value == _NULL:
        yield TextEdit(op="put", pointer=f"{parent}/{null}", value=True)
    elif edit.op == "put" and last == "anyOf" and _NULL in edit.value:
        alternatives = [alternative for alternative in edit.value if alternative != _NULL]
        keyword = "allOf" if len(alternatives) == 1 else "anyOf"
        yield attrs.evolve(
            edit, pointer=f"{parent}/{keyword}", value=_downgrade(alternatives, null)
        )
        yield TextEdit(op="put", pointer=f"{parent}/{null}", value=True, after=keyword)
    elif dialect == "2.0" and parent_tokens[-1:] == ["responses"] and edit.op == "put":
        yield attrs.evolve(edit, value=_downgrade_response(edit.value, null))
    elif dialect == "2.0" and (
        parent_tokens[-1:] == ["content"] or "parameters" in {last, *parent_tokens[-1:]}
    ):
        reason = "Swagger 2.0 describes media types and parameters differently"
        raise UnacceptableError(reason, "Edit the document by hand.")
    elif is_object(edit.value):
        yield attrs.evolve(edit, value=_downgrade(edit.value, null))
    else:
        yield edit


def _translate_types(edit: TextEdit, parent: str, null: str) -> Iterator[TextEdit]:
    """Yield the keywords for a list of types: `nullable`, and alternatives for several types."""
    kinds = [kind for kind in edit.value if kind != "null"]
    if "null" in edit.value:
        yield TextEdit(op="put", pointer=f"{parent}/{null}", value=True, after="type")
    if len(kinds) > 1:
        choice = [{"type": kind} for kind in kinds]
        yield TextEdit(op="put", pointer=f"{parent}/anyOf", value=choice, after="type")
        yield TextEdit(op="remove", pointer=edit.pointer)
    elif "null" not in edit.value:
        yield attrs.evolve(edit, value=kinds[0])


def _downgrade(schema: Any, null: str) -> Any:
    """Return a node without lists of types in its schemas."""
    if is_array(schema):
        return [_downgrade(item, null) for item in schema]
    if not is_object(schema):
        return schema
    downgraded = {key: _downgrade(value, null) for key, value in schema.items() if key != "type"}
    if "type" not in schema or is_object(schema["type"]):
        return {
            **({"type": _downgrade(schema["type"], null)} if "type" in schema else {}),
            **downgraded,
        }
    kinds = schema["type"] if is_array(schema["type"]) else [schema["type"]]
    plain = [kind for kind in kinds if kind != "null"]
    null_marker: dict[str, Any] = {null: True} if "null" in kinds else {}
    if len(plain) == 1:
        return {"type": plain[0], **downgraded, **null_marker}
    return {
        **({"anyOf": [{"type": kind} for kind in plain]} if plain else {}),
        **downgraded,
        **null_marker,
    }


def _downgrade_response(response: dict[str, Any], null: str) -> dict[str, Any]:
    """Return a response of Swagger 2.0, which has its media types elsewhere."""
    bodies = list(response.get("content", {}).values())
    schema = {"schema": _downgrade(bodies[0].get("schema", {}), null)} if bodies else {}
    return {"description": response["description"], **schema}
