"""Decides whether a value of one alternative may match another one, too.

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
    source: View, target: View, views: tuple[SchemaViews, SchemaViews], depth: int = _DEEPEST
) -> bool:
    """Return whether some value of `source` also matches `target`.

    True where that is unclear.

    `views` are those of the document of either.
    """
    kinds = source.kinds, target.kinds
    if (
        source.is_impossible
        or target.is_impossible
        or (None not in kinds and not _have_common_value(*kinds))
    ):
        return False
    values = source.list_values(), target.list_values()
    if values[0] is not None and values[1] is not None and not values[0].keys() & values[1].keys():
        return False
    formats = [{str(n.value) for n in view.keywords.get("format", ())} for view in (source, target)]
    if all(formats) and not formats[0] & formats[1] and formats[0] | formats[1] <= _EXCLUSIVE:
        return False
    if depth and source.kinds == target.kinds == frozenset({"object"}):
        return not any(_list_conflicts(source, target, views, depth))
    return True


def _have_common_value(
    source_kinds: frozenset[str] | None, target_kinds: frozenset[str] | None
) -> bool:
    sides = [
        {"number" if kind == "integer" else kind for kind in kinds or ()}
        for kinds in (source_kinds, target_kinds)
    ]
    return bool(sides[0] & sides[1])


def _list_conflicts(
    source: View, target: View, views: tuple[SchemaViews, SchemaViews], depth: int
) -> Iterator[bool]:
    """Yield the reasons why no object of `source` matches `target`."""
    source_fields, target_fields = _collect_fields(source), _collect_fields(target)
    required = _list_required(source)
    if not _is_open(source):
        yield bool(_list_required(target) - source_fields.keys())
    if any(node.value is False for node in target.keywords.get("additionalProperties", ())):
        yield bool(required - target_fields.keys()) and "patternProperties" not in target.keywords
    for name in source_fields.keys() & target_fields.keys():
        value = views[0].build(Schema(tuple(source_fields[name])))
        target_value = views[1].build(Schema(tuple(target_fields[name])))
        # A constant identifies an alternative, even if the document does not require it.
        if name in required or (_is_constant(value) and _is_constant(target_value)):
            yield not can_match(value, target_value, views, depth - 1)


def _is_constant(view: View) -> bool:
    values = view.list_values()
    return values is not None and len(values) == 1


def _collect_fields(view: View) -> dict[str, list[Node]]:
    fields: dict[str, list[Node]] = {}
    for node in view.keywords.get("properties", ()):
        for name, field in node.list_members():
            fields.setdefault(name, []).append(field)
    return fields


def _list_required(view: View) -> set[str]:
    lists = view.keywords.get("required", ())
    return {str(item.value) for node in lists for item in node.list_items()}


def _is_open(view: View) -> bool:
    """Return whether the schema describes additional fields, so that clients may send them."""
    additional_values = (node.value for node in view.keywords.get("additionalProperties", ()))
    return "patternProperties" in view.keywords or any(
        value is not False for value in additional_values
    )
