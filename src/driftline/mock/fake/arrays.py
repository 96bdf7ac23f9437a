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
"""So many items are there at least, if all that may be there is there."""
_TRIES = 24
_NONE: Any = object()


def make_array(maker: Maker, merged: MergedSchema, spot: ValueContext) -> list[Any]:
    """Return an array; it ends early if no further item can be made and the schema allows that.

    Raises:
        Unfakeable: there are fewer items than required.
    """
    low = merged.find_least("minItems")
    if low > MOST_SIZE:
        raise Unfakeable(merged.key, "too costly to fake: its arrays have too many items")
    contains = tuple(f"{place}/contains" for place, node in merged.nodes if "contains" in node)
    counts = merged.list_numbers("minContains")
    needed = int(max(counts) if counts else 1) if contains else 0
    count = _choose_length(maker, merged, max(low, needed), spot)
    seen: set[str] | None = (
        set() if any(each is True for each in merged.list_values("uniqueItems")) else None
    )
    result: list[Any] = []
    for position in range(count):
        places = merged.find_item(position)
        if position < needed:
            places = (*contains, *places)
        item = _make_item(maker, places, spot.enter(spot.name, count), seen)
        if item is _NONE and len(result) < max(low, needed):
            raise Unfakeable(merged.key, "fewer items can be made than required")
        if item is _NONE:
            break
        result.append(item)
    return result


def _choose_length(maker: Maker, merged: MergedSchema, least: int, spot: ValueContext) -> int:
    if spot.is_lean or _is_end(maker, merged, least):
        return least
    most = max(least, merged.prefix)
    most += 0 if _is_end(maker, merged, most) else _MORE
    limit = merged.find_most("maxItems")
    most = most if limit is None else max(least, min(most, limit))
    least = max(least, min(_FULL, most)) if maker.is_full else least
    return int(maker.turn(range(least, most + 1), merged.key))


def _is_end(maker: Maker, merged: MergedSchema, position: int) -> bool:
    """Return whether no item is allowed or described at a position."""
    places = merged.find_item(position)
    return not places or any(maker.merger.spec.get_node(place) is False for place in places)


def _make_item(maker: Maker, places: Places, spot: ValueContext, seen: set[str] | None) -> Any:
    """Return an item, or `_NONE` if none can be made, or only duplicates."""
    for _ in range(1 if seen is None else _TRIES):
        try:
            value = maker.make(places, spot)
        except Unfakeable:
            return _NONE
        if seen is None:
            return value
        text = json.dumps(value, sort_keys=True)
        if text not in seen:
            seen.add(text)
            return value
    return _NONE
