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
    for extension, rule in _iterate_declarations(spec, operation):
        response_shape = shape(spec, operation, rule["items"]) if rule else None
        if rule and response_shape:
            assumed = f"proposed: {extension} does not say which field identifies a row"
            listing = {"items": rule["items"], "id": response_shape.id, **rule}
            return {**listing, "x-assumed": {"id": assumed}}, f"The document's {extension} says so."
    return None


def _iterate_declarations(
    spec: Spec, operation: Operation
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    node = spec.get_node(operation.pointer)
    for extension, read in ((FERN, _read_fern), (SPEAKEASY, _read_speakeasy)):
        declaration = node.get(extension)
        if declaration is True:
            declaration = spec.document.get(extension)
        yield extension, read(operation, declaration) if is_object(declaration) else None


def _parse_pointer(path: object, root: str) -> str | None:
    """Return the pointer of `$response.data.next` or `$.data.next`: `/data/next`."""
    if not isinstance(path, str) or not path.startswith(root):
        return None
    rest = path.removeprefix(root)
    names = re.findall(r"\.([A-Za-z_][A-Za-z0-9_-]*)", rest)
    return join(*names) if "".join(f".{name}" for name in names) == rest else None


def _read_fern(operation: Operation, declaration: dict[str, Any]) -> dict[str, Any] | None:
    items = _parse_pointer(declaration.get("results"), "$response")
    parameter_pointer = _parse_pointer(
        declaration.get("cursor") or declaration.get("offset"), "$request"
    )
    if (
        items is None
        or not parameter_pointer
        or operation.find_parameter(parameter_pointer[1:]) is None
    ):
        return None
    more = _parse_pointer(declaration.get("has-next-page"), "$response")
    rest = {"more": more} if more else {}
    if "cursor" in declaration:
        follow = _parse_pointer(declaration.get("next_cursor"), "$response")
        page = {"style": "cursor", "parameter": parameter_pointer[1:], "next": follow, **rest}
        return {"items": items, "page": page} if follow else None
    step = _parse_pointer(declaration.get("step"), "$request")
    if step and operation.find_parameter(step[1:]):
        page = {"style": "offset", "parameter": parameter_pointer[1:], **rest}
        return {"items": items, "page": page, "size": {"parameter": step[1:]}}
    return {
        "items": items,
        "page": {"style": "number", "parameter": parameter_pointer[1:], "first": 1, **rest},
    }


def _read_speakeasy(operation: Operation, declaration: dict[str, Any]) -> dict[str, Any] | None:
    inputs, outputs = declaration.get("inputs"), declaration.get("outputs")
    if not is_array(inputs) or not is_object(outputs):
        return None
    items = _parse_pointer(outputs.get("results"), "$")
    parameters = {
        entry["type"]: entry["name"]
        for entry in inputs
        if is_object(entry)
        and isinstance(entry.get("type"), str)
        and entry.get("in") == "parameters"
        if isinstance(entry.get("name"), str) and operation.find_parameter(entry["name"])
    }
    if items is None:
        return None
    rule: dict[str, Any] = {"items": items}
    if declaration.get("type") == "cursor" and "cursor" in parameters:
        follow = _parse_pointer(outputs.get("nextCursor"), "$")
        if not follow:
            return None
        rule["page"] = {"style": "cursor", "parameter": parameters["cursor"], "next": follow}
    elif "page" in parameters:
        rule["page"] = {"style": "number", "parameter": parameters["page"], "first": 1}
    elif "offset" in parameters:
        rule["page"] = {"style": "offset", "parameter": parameters["offset"]}
    else:
        return None
    if "limit" in parameters:
        rule["size"] = {"parameter": parameters["limit"]}
    return rule
