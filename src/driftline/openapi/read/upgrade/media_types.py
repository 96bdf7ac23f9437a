"""Reads the names of media types, the examples of a media type, and the schema of a form."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from driftline.openapi.pointer import (
    MISSING,
    follow,
    is_example_reference,
    is_object,
    join,
    parse_reference,
    split,
)
from driftline.openapi.read.upgrade.context import Context

_SHORT_NAMES: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
    "html": "text/html",
}
_COMBINING: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf"})
_NAME: Final = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(\s*;.*)?")


def read_media_type_names(
    context: Context, content: dict[str, Any], pointer: str
) -> dict[str, Any]:
    """Return the content of a body or response by media types that exist, in its order.

    `*` and `json` are short for one, and `application/json, text/csv` names two. `pointer` is that
    of the body or response.
    """
    media_types: dict[str, Any] = {}
    for name, media in content.items():
        names = _read_names(name)
        if names != [name]:
            media_pointer = pointer + join("content", name)
            message = f"not a media type: {name!r}"
            hint = f"Write {' and '.join(names)}, as it is read."
            context.notes.warn("content.media-type-invalid", media_pointer, message, hint)
        for number, media_type in enumerate(names):
            if media_type != name:
                context.moves.note(
                    pointer + join("content", media_type), pointer + join("content", name)
                )
            media_types.setdefault(media_type, copy.deepcopy(media) if number else media)
    return media_types


def _read_names(name: str) -> list[str]:
    if "/" not in name:
        return [_SHORT_NAMES.get(name.strip().lower(), "*/*")]
    parts = [part.strip() for part in re.split("[|,]", name)]
    return parts if len(parts) > 1 and all(map(_NAME.fullmatch, parts)) else [name]


def follow_example(context: Context, node: dict[str, Any], field: str, pointer: str) -> None:
    """Replace the value at `field` of `node` by its target, if it is nothing but a `$ref`.

    Only examples of the document are targets: a value could contain itself otherwise. Any other
    value is removed, with a problem.
    """
    value = node.get(field)
    if not is_example_reference(value):
        return
    reference = str(value["$ref"])
    target = _find_example(context.data, parse_reference(reference))
    if target is not MISSING:
        node[field] = target
        return
    del node[field]
    if reference.startswith("#"):  # the others have a problem since they were not found as files
        message = f"$ref {reference[:120]!r} of an example has no target"
        hint = "Correct the name; the example is ignored."
        context.notes.warn("ref.dangling", pointer + join(field), message, hint)


def _find_example(document: Any, pointer: str) -> Any:
    """Return the value of an example in the components, or a part of it; MISSING without one."""
    tokens = split(pointer) if pointer.startswith("/components/examples/") else []
    target = follow(document, pointer) if len(tokens) > 2 else MISSING
    if len(tokens) == 3 and is_object(target):
        target = target.get("value", MISSING)
    return MISSING if is_example_reference(target) else target


def require_fields(context: Context, node: dict[str, Any], pointer: str) -> None:
    """Make the schema of a form an object: a form has fields and nothing else."""
    schema = node.get("schema")
    target = _find_plain_target(context.data, schema)
    if not is_object(target) or _COMBINING & target.keys():
        return
    kinds = target.get("type", ())
    if "object" in kinds or (target is not schema and not kinds):
        return
    node["schema"] = {"type": "object"}
    if kinds:
        message = "the schema of a form is not an object; any fields are allowed"
        hint = "Describe the fields as properties of an object."
        context.notes.warn("content.form-without-fields", f"{pointer}/schema", message, hint)


def _find_plain_target(data: dict[str, Any], schema: Any) -> Any:
    """Return the schema that a plain reference leads to, which need not be read yet."""
    seen: set[int] = set()
    while is_object(schema) and schema.keys() == {"$ref"} and id(schema) not in seen:
        seen.add(id(schema))
        reference = schema["$ref"]
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        schema = follow(data, parse_reference(reference))
    return schema
