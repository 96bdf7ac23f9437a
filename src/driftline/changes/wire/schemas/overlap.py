"""Whether a value that is made by one alternative may be accepted by another as well.

It matters for `oneOf`, which rejects a value that two alternatives accept. A value is compared
as clients make it: with the documented fields of its alternative, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from driftline.changes.wire.schemas.views import Schema, SchemaViews, View
from driftline.changes.wire.source.document import Node

_EXCLUSIVE: Final = frozenset({"date", "date-time", "email", "ipv4", "ipv6", "time", "uuid"})
"""Formats no text of which is of another one among them."""
_DEEPEST: Final = 3


def can_match(
    one: View, other: View, views: tuple[SchemaViews, SchemaViews], depth: int = _DEEPEST
) -> bool:
    """Return whether some value that `one` makes is accepted by `other`.

    True where that is unclear.

    `views` are those of the document of either.
    """
    kinds = one.kinds, other.kinds
    if one.never or other.never or (None not in kinds and not _have_common_value(*kinds)):
        return False
    values = one.list_values(), other.list_values()
    if values[0] is not None and values[1] is not None and not values[0].keys() & values[1].keys():
        return False
    formats = [{str(n.value) for n in view.words.get("format", ())} for view in (one, other)]
    if all(formats) and not formats[0] & formats[1] and formats[0] | formats[1] <= _EXCLUSIVE:
        return False
    if depth and one.kinds == other.kinds == frozenset({"object"}):
        return not any(_list_conflicts(one, other, views, depth))
    return True


def _have_common_value(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    sides = [
        {"number" if kind == "integer" else kind for kind in kinds or ()} for kinds in (one, other)
    ]
    return bool(sides[0] & sides[1])


def _list_conflicts(
    one: View, other: View, views: tuple[SchemaViews, SchemaViews], depth: int
) -> Iterator[bool]:
    """Yield what keeps an object of `one` from being one of `other`."""
    own, others = _collect_fields(one), _collect_fields(other)
    needed = _list_required(one)
    if not _is_open(one):
        yield bool(_list_required(other) - own.keys())
    if any(node.value is False for node in other.words.get("additionalProperties", ())):
        yield bool(needed - others.keys()) and "patternProperties" not in other.words
    for name in own.keys() & others.keys():
        value = views[0].build(Schema(tuple(own[name])))
        found = views[1].build(Schema(tuple(others[name])))
        # A constant marks an alternative, even where it was forgotten to require it.
        if name in needed or (_is_constant(value) and _is_constant(found)):
            yield not can_match(value, found, views, depth - 1)


def _is_constant(view: View) -> bool:
    values = view.list_values()
    return values is not None and len(values) == 1


def _collect_fields(view: View) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in view.words.get("properties", ()):
        for name, each in node.list_members():
            found.setdefault(name, []).append(each)
    return found


def _list_required(view: View) -> set[str]:
    lists = view.words.get("required", ())
    return {str(each.value) for node in lists for each in node.list_items()}


def _is_open(view: View) -> bool:
    """Return whether other fields are described too, so that clients may send some."""
    described = (node.value for node in view.words.get("additionalProperties", ()))
    return "patternProperties" in view.words or any(value is not False for value in described)
