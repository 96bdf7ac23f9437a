"""Enums and constants: which of their values a literal type can name."""

from __future__ import annotations

from typing import Any

import attrs

from driftline.generate.prepare.merging import types_of
from driftline.generate.prepare.nodes import At, listed
from driftline.generate.prepare.reasons import Reporter
from driftline.generate.prepare.shapes import ANY, Shape

__all__ = ["EnumValues", "const_shape", "read_enum"]

_PLAIN = frozenset({"string", "boolean", "integer", "number", "null"})


@attrs.frozen
class EnumValues:
    """The values for a literal type, all of one kind, and shapes for the others."""

    literals: list[Any]
    shapes: list[Shape]


def read_enum(schema: dict[str, Any], at: At, reporter: Reporter) -> EnumValues:
    """Return what an `enum` allows, as far as its `type` does."""
    listing = listed(schema.get("enum"))
    kinds = types_of(schema)
    by_type: list[Shape] = [{"type": kind} for kind in kinds or ()] if _are_plain(kinds) else [ANY]
    if not listing:
        reporter.report("client.widened.enum-empty", at.pointer)
        return EnumValues([], by_type)
    fitting = [value for value in listing if kinds is None or _fits(value, kinds)]
    if len(fitting) < len(listing) and any(value is not None for value in listing):
        odd = [value for value in listing if value not in fitting]
        if odd != [None]:
            reporter.report("client.widened.enum-type", at.pointer)
            return EnumValues([], by_type)
        fitting = listing
    return _sorted_out(fitting, at, reporter)


def _sorted_out(listing: list[Any], at: At, reporter: Reporter) -> EnumValues:
    kinds = dict.fromkeys(map(_kind_of, listing))
    null: list[Shape] = [{"type": "null"}] if "null" in kinds else []
    others = [kind for kind in sorted(kinds) if kind != "null"]
    if others in (["string"], ["integer"]):
        return EnumValues(list(dict.fromkeys(v for v in listing if v is not None)), null)
    if others == ["boolean"]:
        values = {value for value in listing if value is not None}
        shape: Shape = {"type": "boolean"} if len(values) > 1 else {"const": values.pop()}
        return EnumValues([], [shape, *null])
    if others:
        reporter.report("client.widened.enum-values", at.pointer)
    if not _PLAIN.issuperset(others):
        return EnumValues([], [ANY])
    return EnumValues([], [*({"type": kind} for kind in others), *null])


def const_shape(schema: dict[str, Any], at: At, reporter: Reporter) -> Shape:
    """Return the shape of one value."""
    value = schema["const"]
    if value is None:
        return {"type": "null"}
    if isinstance(value, (str, int)):
        return {"const": value}
    reporter.report("client.widened.const-value", at.pointer)
    return {"type": "number"} if isinstance(value, float) else ANY


def _are_plain(kinds: list[str] | None) -> bool:
    return kinds is not None and _PLAIN.issuperset(kinds)


def _kind_of(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else "structure"


def _fits(value: Any, kinds: list[str]) -> bool:
    kind = _kind_of(value)
    is_whole = kind == "number" and float(value).is_integer()
    return (
        kind in kinds
        or (kind == "integer" and "number" in kinds)
        or (is_whole and "integer" in kinds)
        or (kind == "structure" and not _PLAIN.issuperset(kinds))
    )
