"""The operations of an unmodified document of any version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from driftline.add.plan import OverlayPlan
from driftline.openapi import METHODS, is_object, join, pointer as json_pointer


@attrs.frozen
class SourceOperation:
    """An operation in the document.

    `pointer` is below its path, even if the path item is a `$ref` to a shared one, so that overlay
    actions apply to this path only.
    """

    method: str
    path: str
    pointer: str
    node: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


def list_operations(plan: OverlayPlan) -> list[SourceOperation]:
    """Return the current operations of the document."""
    return list(_list_operations(plan))


def _list_operations(plan: OverlayPlan) -> Iterator[SourceOperation]:
    paths = plan.data.get("paths")
    for path in list(paths) if is_object(paths) else ():
        if path.startswith("x-"):
            continue
        pointer = join("paths", path)
        for method in METHODS:
            node = _find_operation(plan, pointer, method)
            if is_object(node):
                yield SourceOperation(method, path, f"{pointer}/{method}", node)


def _find_operation(plan: OverlayPlan, pointer: str, method: str) -> Any:
    """Return the operation at a path, or at the target of its `$ref`."""
    operation: dict[str, Any] | None = None
    seen: set[str] = set()
    item = plan.get_node(pointer)
    while is_object(item):
        node = item.get(method)
        if is_object(node):
            operation = {**node, **(operation or {})}
        reference = item.get("$ref")
        if not isinstance(reference, str) or reference[:1] != "#" or reference in seen:
            break
        seen.add(reference)
        item = plan.get_node(json_pointer.parse_reference(reference))
    return operation


def resolve(plan: OverlayPlan, pointer: str) -> tuple[str, Any]:
    """Return the pointer and node at `pointer` after following `$ref`s."""
    seen: set[str] = set()
    node = plan.get_node(pointer)
    while is_object(node) and str(node.get("$ref", ""))[:1] == "#" and pointer not in seen:
        seen.add(pointer)
        pointer = json_pointer.parse_reference(node["$ref"])
        node = plan.get_node(pointer)
    return pointer, node
