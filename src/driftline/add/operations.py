"""What the steps ask of a document: its operations, and what a `$ref` leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from driftline.add.plan import Plan
from driftline.spec import pointer as json_pointer
from driftline.spec.build import METHODS
from driftline.spec.pointer import is_array, is_object, join

__all__ = ["Found", "operations", "parameters", "resolved"]


@attrs.frozen
class Found:
    """An operation as it stands in the document."""

    method: str
    path: str
    pointer: str
    node: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def item(self) -> str:
        """The pointer of its path."""
        return self.pointer.rpartition("/")[0]


def operations(plan: Plan) -> list[Found]:
    """All operations that the document has now."""
    return list(_operations(plan))


def _operations(plan: Plan) -> Iterator[Found]:
    paths = plan.data.get("paths")
    for path in list(paths) if is_object(paths) else ():
        pointer, item = resolved(plan, join("paths", path))
        for method in METHODS if is_object(item) and path.startswith("/") else ():
            if is_object(item.get(method)):
                yield Found(method, path, f"{pointer}/{method}", item[method])


def resolved(plan: Plan, pointer: str) -> tuple[str, Any]:
    """The pointer and node at `pointer`, once every `$ref` there is followed."""
    seen: set[str] = set()
    node = plan.node(pointer)
    while is_object(node) and isinstance(node.get("$ref"), str) and pointer not in seen:
        seen.add(pointer)
        pointer = json_pointer.of_reference(node["$ref"])
        node = plan.node(pointer)
    return pointer, node


def parameters(plan: Plan, found: Found) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of each parameter of an operation: where it is listed, where it stands, and what it is."""
    seen: set[tuple[str, str]] = set()
    for parent in (found.pointer, found.item):
        listed = plan.node(parent + "/parameters")
        for index in range(len(listed)) if is_array(listed) else ():
            place = f"{parent}/parameters/{index}"
            pointer, node = resolved(plan, place)
            name, kind = (node.get("name"), node.get("in")) if is_object(node) else (None, None)
            if isinstance(name, str) and isinstance(kind, str) and (name, kind) not in seen:
                seen.add((name, kind))
                yield place, pointer, node
