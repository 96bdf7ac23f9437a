"""Edits of one place that refers to a shared schema, and not of the schema everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftline.accept.edits import Clauses, Proposal
from driftline.checks import describe_shape
from driftline.openapi import (
    TextEdit,
    describe,
    follow,
    is_array,
    is_object,
    iterate_references,
    join,
    parse_reference,
    split,
)


def propose_at_site(clauses: Clauses, site: str, alternative: dict[str, Any]) -> Proposal:
    """Allow an alternative beside the schema that a place refers to."""
    value = alternative.get("enum") or alternative["type"]
    values = value if is_array(value) else [value]
    shown = ", ".join(describe(each) if "enum" in alternative else each for each in values)
    summary = f"allow {shown} in this place"
    node = clauses.require(site)
    if not is_object(node) or "$ref" not in node:
        return Proposal(summary)
    *above, last = split(site)
    if above and above[-1] in {"anyOf", "oneOf"} and last.isdecimal():
        known = clauses.require(join(*above))
        if any(_allows(each, alternative) for each in known):
            return Proposal(summary)
        return Proposal(summary, (TextEdit(op="append", pointer=join(*above), value=alternative),))
    choice = [{"$ref": node["$ref"]}, alternative]
    return Proposal(
        summary,
        (
            TextEdit(op="put", pointer=f"{site}/anyOf", value=choice, after="$ref"),
            TextEdit(op="remove", pointer=f"{site}/$ref"),
        ),
    )


def _allows(known: Any, alternative: dict[str, Any]) -> bool:
    """Return whether a plain type covers an alternative."""
    if not is_object(known) or known.keys() != {"type"}:
        return False
    shapes = (
        map(describe_shape, alternative.get("enum", ())) if "enum" in alternative else [alternative]
    )
    kinds = {kind for shape in shapes for kind in list_types(shape["type"])}
    return kinds <= {*list_types(known["type"])}


def list_types(node: Any) -> list[str]:
    """Return the value of `type` as a list."""
    return node if is_array(node) else [node]


def is_sent(document: Any, schema: str) -> bool:
    """Return whether requests use a schema: what it allows, clients may send."""
    seen: set[str] = set()
    waiting = [parse_reference(each) for each in _list_request_references(document)]
    while waiting:
        pointer = waiting.pop()
        if pointer == schema:
            return True
        if pointer not in seen:
            seen.add(pointer)
            waiting += map(parse_reference, iterate_references(follow(document, pointer)))
    return False


def _list_request_references(document: Any) -> Iterator[str]:
    for item in document.get("paths", {}).values():
        if not is_object(item):
            continue
        yield from iterate_references(item.get("parameters"))
        for operation in item.values():
            if is_object(operation):
                yield from iterate_references(operation.get("parameters"))
                yield from iterate_references(operation.get("requestBody"))
