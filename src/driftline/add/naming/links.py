"""What names an operation by its id: links, and driftline's own extensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftline.add.plan import OverlayPlan
from driftline.openapi import is_array, is_object, join

_DATA = frozenset({"example", "examples", "default", "enum", "const", "value"})
"""Below these stands data, which names no operation."""
_SCHEMAS = frozenset({"schema", "schemas", "definitions"})
"""Below these stand schemas, where a field may be called `links`."""
_RULES = frozenset({"x-effect", "x-reference"})


def rename_references(plan: OverlayPlan, renamed: Mapping[str, str]) -> None:
    """Let links, `x-effect` and `x-reference` name operations by their new ids."""
    if not renamed:
        return
    for pointer, key, old in list(_list_references(plan.data, "")):
        if old in renamed:
            why = f"The operation {old!r} is called {renamed[old]} here."
            plan.set(pointer, key, renamed[old], why)


def _list_references(
    node: Any, pointer: str, *, is_schema: bool = False
) -> Iterator[tuple[str, str, str]]:
    """Yield where an operation is named: the pointer of the object, its key, and the id."""
    if is_array(node):
        for index, entry in enumerate(node):
            yield from _list_references(entry, f"{pointer}/{index}", is_schema=is_schema)
        return
    for key, value in node.items() if is_object(node) else ():
        below = pointer + join(key)
        if key == "links" and not is_schema:
            yield from _list_links(value, below)
        elif key in _RULES and is_object(value) and isinstance(value.get("of"), str):
            yield below, "of", value["of"]
        elif key not in _DATA and not key.startswith("x-"):
            is_below = is_schema or key in _SCHEMAS
            yield from _list_references(value, below, is_schema=is_below)


def _list_links(links: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    for name, link in links.items() if is_object(links) else ():
        if is_object(link) and isinstance(link.get("operationId"), str):
            yield pointer + join(name), "operationId", link["operationId"]
