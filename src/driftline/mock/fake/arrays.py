"""Makes arrays: the number of items, and the schemas of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftline.mock.fake.merged import Unfakeable, ValueContext
from driftline.openapi import MOST_SIZE

if TYPE_CHECKING:
    from driftline.mock.fake.maker import Maker
    from driftline.mock.fake.merged import MergedSchema, Places

_MORE = 3
"""The maximum is at most the minimum plus this number."""
_FULL = 2
"""The minimum number of items of an array with all optional parts."""
_TRIES = 24
_NONE: Any = object()


def make_array(maker: Maker, merged: MergedSchema, context: ValueContext) -> list[Any]:
    """Return an array; it ends early if no further item can be made and the schema allows that.

    Raises:
        Unfakeable: there are fewer items than required.
    """
    low = merged.find_least("minItems")
    if low > MOST_SIZE:
        raise Unfakeable(merged.key, "too costly to generate: its arrays have too many items")
    contains = tuple(f"{pointer}/contains" for pointer, node in merged.nodes if "contains" in node)
    counts = merged.list_numbers("minContains")
    contains_count = int(max(counts) if counts else 1) if contains else 0
    count = _choose_length(maker, merged, max(low, contains_count), context)
    seen: set[str] | None = (
        set() if any(value is True for value in merged.list_values("uniqueItems")) else None
    )
    result: list[Any] = []
    for position in range(count):
        pointers = merged.find_item(position)
        if position < contains_count:
            pointers = (*contains, *pointers)
        item = _make_item(maker, pointers, context.enter(context.name, count), seen)
        if item is _NONE and len(result) < max(low, contains_count):
            raise Unfakeable(merged.key, "fewer items can be generated than required")
        if item is _NONE:
            break
        result.append(item)
    return result


def _choose_length(maker: Maker, merged: MergedSchema, minimum: int, context: ValueContext) -> int:
    if context.is_lean or _is_end(maker, merged, minimum):
        return minimum
    maximum = max(minimum, merged.prefix)
    maximum += 0 if _is_end(maker, merged, maximum) else _MORE
    limit = merged.find_most("maxItems")
    maximum = maximum if limit is None else max(minimum, min(maximum, limit))
    minimum = max(minimum, min(_FULL, maximum)) if maker.is_full else minimum
    return int(maker.turn(range(minimum, maximum + 1), merged.key))


def _is_end(maker: Maker, merged: MergedSchema, position: int) -> bool:
    """Return whether no item is allowed or described at a position."""
    pointers = merged.find_item(position)
    return not pointers or any(maker.merger.spec.get_node(pointer) is False for pointer in pointers)


def _make_item(maker: Maker, pointers: Places, context: ValueContext, seen: set[str] | None) -> Any:
    """Return an item, or `_NONE` if none can be made, or only duplicates."""
    for _ in range(1 if seen is None else _TRIES):
        try:
            value = maker.make(pointers, context)
        except Unfakeable:
            return _NONE
        if seen is None:
            return value
        key = json.dumps(value, sort_keys=True)
        if key not in seen:
            seen.add(key)
            return value
    return _NONE
