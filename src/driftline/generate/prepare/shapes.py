"""The few shapes of schemas that openapi-python-client always parses, and how they combine.

A shape is `{}` (anything), a type with or without a format, a `const`, an array of a shape, a
`$ref` to a class, or an `anyOf` of these, without a union in a union.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Shape = dict[str, Any]
ANY: Shape = {}


def build_key(shape: Shape) -> str:
    """Return a string that is equal for equal shapes."""
    return json.dumps(shape, sort_keys=True)


def build_union(members: Iterable[Shape]) -> Shape:
    """Return the shape of values of any of `members`."""
    shapes: dict[str, Shape] = {}
    for member in members:
        for shape in member.get("anyOf", [member]):
            if not shape:
                return ANY
            shapes.setdefault(build_key(shape), shape)
    if len(shapes) == 1:
        return next(iter(shapes.values()))
    return {"anyOf": list(shapes.values())} if shapes else ANY


def build_array(item: Shape) -> Shape:
    """Return the shape of arrays of `item`."""
    return {"type": "array", "items": item}


def measure_size(shape: Shape) -> int:
    """Return the number of nested shapes."""
    if "anyOf" in shape:
        return 1 + sum(measure_size(member) for member in shape["anyOf"])
    return 1 + measure_size(shape["items"]) if "items" in shape else 1
