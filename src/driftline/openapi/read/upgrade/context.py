"""The shared state of the steps that read one document: problems, extensions and pointers."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.lint.metaschema import (
    build_extension_validator,
    list_mistakes,
    load_vocabulary,
)
from driftline.openapi.pointer import join
from driftline.openapi.read.origins import NodeMoves, Notes

KINDS: Final = (
    *("schemas", "parameters", "headers", "requestBodies", "responses", "examples", "links"),
    *("callbacks", "pathItems", "securitySchemes"),
)
"""The kinds of components, by which a node is known while a document is read."""

_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "on", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "off", "n", "0", "0.0"), False),
}


@attrs.frozen
class Reference:
    """A `$ref` where OpenAPI allows one: its object, its location, and the expected kind."""

    node: dict[str, Any]
    owner: Any
    key: Any
    pointer: str
    kind: str


@attrs.define
class Context:
    """A document while it is read: its data, its problems and its references.

    `is_old`: keywords beside a `$ref` are ignored, as in OpenAPI 3.0 and Swagger. `object_kinds`
    has the kind of every object that was read, by identity.
    """

    data: dict[str, Any]
    notes: Notes
    moves: NodeMoves
    is_old: bool
    is_swagger: bool
    references: list[Reference] = attrs.field(factory=list[Reference])
    object_kinds: dict[int, str] = attrs.field(factory=dict[int, str])
    anchors: dict[str, str] = attrs.field(factory=dict[str, str])
    mappings: list[tuple[dict[str, str], str]] = attrs.field(
        factory=list[tuple[dict[str, str], str]]
    )
    new_names: dict[tuple[str, str], str] = attrs.field(factory=dict[tuple[str, str], str])

    def refer(self, node: dict[str, Any], owner: Any, key: Any, pointer: str, kind: str) -> None:
        """Record that the object is a reference to a node of a kind."""
        self.references.append(Reference(node, owner, key, pointer, kind))


def split_fragment(reference: str) -> list[str]:
    """Return the tokens of a reference within a document; percent-escapes are decoded."""
    return [unquote(token) for token in json_pointer.split(reference.removeprefix("#"))]


def join_tokens(tokens: list[str]) -> str:
    """Return the pointer of tokens that may have percent-escapes."""
    return json_pointer.join(*map(unquote, tokens))


def read_flag(node: dict[str, Any], field: str, pointer: str, notes: Notes) -> bool:
    """Return a member that is true or false; a string that means one of them is replaced.

    YAML 1.2 has only `true` and `false`: `Yes` and `on` are strings. Anything else is removed.
    """
    value = node.get(field)
    if value is None or isinstance(value, bool):
        if value is None:
            node.pop(field, None)
        return value is True
    flag = _FLAGS.get(str(value).strip().lower())
    message = f"{field} is not true or false: {str(value)[:40]!r}"
    if flag is None:
        del node[field]
        hint = "Write true or false; until then, it is ignored."
    else:
        node[field] = flag
        hint = f"Write {str(flag).lower()}, which it is read as."
    notes.warn("flag.not-boolean", pointer + join(field), message, hint)
    return flag is True


@cache
def _list_words() -> frozenset[str]:
    return frozenset(name for name in load_vocabulary()["$defs"] if name.startswith("x-"))


def read_extensions(node: dict[str, Any], pointer: str, notes: Notes) -> None:
    """Validate the extensions of an object, and remove invalid ones."""
    for name in node.keys() & _list_words():
        mistakes = list_mistakes(build_extension_validator(name), node[name])
        extension_pointer = pointer + join(name)
        if mistakes:
            del node[name]
        for mistake in mistakes:
            message = f"{name}: {mistake.message}"
            hint = f"Write {name} as specs/README.md in driftline's repository describes it."
            notes.error("extension.invalid", extension_pointer + mistake.path, message, hint)
