"""Edits of one reference to a shared schema, instead of the schema itself."""

from __future__ import annotations

from typing import Any

from driftline.accept.edits import EditedDocument, Proposal
from driftline.checks import describe_shape
from driftline.openapi import (
    TextEdit,
    describe,
    is_array,
    is_object,
    join,
    split,
)


def propose_at_site(clauses: EditedDocument, site: str, alternative: dict[str, Any]) -> Proposal:
    """Propose an alternative beside the referenced schema."""
    value = alternative.get("enum") or alternative["type"]
    values = value if is_array(value) else [value]
    description = ", ".join(describe(item) if "enum" in alternative else item for item in values)
    summary = f"allow {description} at this location"
    node = clauses.require(site)
    *parent_tokens, last = split(site)
    if is_object(node) and "$ref" not in node and is_array(node.get("anyOf")):
        # An earlier edit added an alternative here for another value.
        return _propose_alternative(clauses, f"{site}/anyOf", alternative, summary)
    if not is_object(node) or "$ref" not in node:
        return Proposal(summary)
    if parent_tokens and parent_tokens[-1] in {"anyOf", "oneOf"} and last.isdecimal():
        return _propose_alternative(clauses, join(*parent_tokens), alternative, summary)
    choice = [{"$ref": node["$ref"]}, alternative]
    return Proposal(
        summary,
        (
            TextEdit(op="put", pointer=f"{site}/anyOf", value=choice, after="$ref"),
            TextEdit(op="remove", pointer=f"{site}/$ref"),
        ),
    )


def _propose_alternative(
    clauses: EditedDocument, pointer: str, alternative: dict[str, Any], summary: str
) -> Proposal:
    if any(_allows(entry, alternative) for entry in clauses.require(pointer)):
        return Proposal(summary)
    return Proposal(summary, (TextEdit(op="append", pointer=pointer, value=alternative),))


def _allows(schema: Any, alternative: dict[str, Any]) -> bool:
    """Return whether a plain type covers an alternative."""
    if not is_object(schema) or schema.keys() != {"type"}:
        return False
    shapes = (
        map(describe_shape, alternative.get("enum", ())) if "enum" in alternative else [alternative]
    )
    kinds = {kind for shape in shapes for kind in list_types(shape["type"])}
    return kinds <= {*list_types(schema["type"])}


def list_types(node: Any) -> list[str]:
    """Return the value of `type` as a list."""
    return node if is_array(node) else [node]
