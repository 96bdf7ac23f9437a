"""Converts paging extensions of other client generators to `x-listing`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from driftline.add.proposals.listings import shape
from driftline.openapi import Operation, Spec, is_array, is_object, join

FERN = "x-fern-pagination"
SPEAKEASY = "x-speakeasy-pagination"


def read_extended_listing(spec: Spec, operation: Operation) -> tuple[dict[str, Any], str] | None:
    """Return the `x-listing` of a document's extension, and why."""
    for word, words in _iterate_declarations(spec, operation):
        found = shape(spec, operation, words["items"]) if words else None
        if words and found:
            assumed = f"proposed: {word} does not say what names a row"
            told = {"items": words["items"], "id": found.id, **words}
            return {**told, "x-assumed": {"id": assumed}}, f"The document's {word} says so."
    return None


def _iterate_declarations(
    spec: Spec, operation: Operation
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    node = spec.get_node(operation.pointer)
    for word, read in ((FERN, _read_fern), (SPEAKEASY, _read_speakeasy)):
        told = node.get(word)
        if told is True:
            told = spec.document.get(word)
        yield word, read(operation, told) if is_object(told) else None


def _parse_pointer(path: object, root: str) -> str | None:
    """Return the pointer of `$response.data.next` or `$.data.next`: `/data/next`."""
    if not isinstance(path, str) or not path.startswith(root):
        return None
    rest = path.removeprefix(root)
    names = re.findall(r"\.([A-Za-z_][A-Za-z0-9_-]*)", rest)
    return join(*names) if "".join(f".{name}" for name in names) == rest else None


def _read_fern(operation: Operation, declaration: dict[str, Any]) -> dict[str, Any] | None:
    items = _parse_pointer(declaration.get("results"), "$response")
    asked = _parse_pointer(declaration.get("cursor") or declaration.get("offset"), "$request")
    if items is None or not asked or operation.find_parameter(asked[1:]) is None:
        return None
    more = _parse_pointer(declaration.get("has-next-page"), "$response")
    rest = {"more": more} if more else {}
    if "cursor" in declaration:
        follow = _parse_pointer(declaration.get("next_cursor"), "$response")
        page = {"style": "cursor", "parameter": asked[1:], "next": follow, **rest}
        return {"items": items, "page": page} if follow else None
    step = _parse_pointer(declaration.get("step"), "$request")
    if step and operation.find_parameter(step[1:]):
        page = {"style": "offset", "parameter": asked[1:], **rest}
        return {"items": items, "page": page, "size": {"parameter": step[1:]}}
    return {"items": items, "page": {"style": "number", "parameter": asked[1:], "first": 1, **rest}}


def _read_speakeasy(operation: Operation, declaration: dict[str, Any]) -> dict[str, Any] | None:
    inputs, outputs = declaration.get("inputs"), declaration.get("outputs")
    if not is_array(inputs) or not is_object(outputs):
        return None
    items = _parse_pointer(outputs.get("results"), "$")
    asked = {
        each["type"]: each["name"]
        for each in inputs
        if is_object(each) and isinstance(each.get("type"), str) and each.get("in") == "parameters"
        if isinstance(each.get("name"), str) and operation.find_parameter(each["name"])
    }
    if items is None:
        return None
    words: dict[str, Any] = {"items": items}
    if declaration.get("type") == "cursor" and "cursor" in asked:
        follow = _parse_pointer(outputs.get("nextCursor"), "$")
        if not follow:
            return None
        words["page"] = {"style": "cursor", "parameter": asked["cursor"], "next": follow}
    elif "page" in asked:
        words["page"] = {"style": "number", "parameter": asked["page"], "first": 1}
    elif "offset" in asked:
        words["page"] = {"style": "offset", "parameter": asked["offset"]}
    else:
        return None
    if "limit" in asked:
        words["size"] = {"parameter": asked["limit"]}
    return words
