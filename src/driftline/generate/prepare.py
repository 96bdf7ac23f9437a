"""The generator's input: the spec without our words, every operation tagged by its resource."""

from __future__ import annotations

import copy
from typing import Any, cast

from driftline.spec import Spec
from driftline.spec.pointer import is_array, is_object

__all__ = ["prepare"]

# Below these stand names that the author chose.
_NAMED = frozenset({"headers", "parameters", "properties", "requestBodies", "schemas"})


def prepare(spec: Spec) -> dict[str, Any]:
    """A copy of the document for openapi-python-client: `client.<tag>.<method>`."""
    document: dict[str, Any] = copy.deepcopy(dict(spec.document))
    for operation in spec.operations:
        node = document["paths"][operation.path][operation.method.lower()]
        node["tags"] = [operation.resource]
    return cast("dict[str, Any]", _without_words(document))


def _joined(node: dict[str, Any]) -> dict[str, Any]:
    """An allOf of one schema is read as that schema: what stands beside it goes into it."""
    beside = {key: node[key] for key in ("properties", "required") if key in node}
    rest = {key: value for key, value in node.items() if key not in beside}
    return {**rest, "allOf": [*node["allOf"], {"type": "object", **beside}]}


def _without_words(node: Any, *, named: bool = False) -> Any:
    """`named` is true below a key such as `properties`, where an x- name is a caller's own."""
    if is_object(node):
        if not named and is_array(node.get("allOf")) and "properties" in node:
            node = _joined(node)
        return {
            key: _without_words(value, named=not named and key in _NAMED)
            for key, value in node.items()
            if named or not key.startswith("x-")
        }
    if is_array(node):
        return [_without_words(item) for item in node]
    return node
