"""Enums and constants: the values that a literal type can express."""

from __future__ import annotations

from typing import Any

import attrs

from driftline.generate.prepare.merging import list_types
from driftline.generate.prepare.nodes import SchemaNode, as_array
from driftline.generate.prepare.reasons import Reporter
from driftline.generate.prepare.shapes import ANY, Shape

_PLAIN = frozenset({"string", "boolean", "integer", "number", "null"})


@attrs.frozen
class EnumValues:
    """The values for a literal type, all of one type, and shapes for the others."""

    literals: list[Any]
    shapes: list[Shape]


def read_enum(schema: dict[str, Any], at: SchemaNode, reporter: Reporter) -> EnumValues | None:
    """Return the values of an `enum`; None if they do not restrict the type."""
    listing = as_array(schema.get("enum"))
    kinds = list_types(schema)
    if not listing:
        reporter.report("client.widened.enum-empty", at.pointer)
        return None
    fitting = [value for value in listing if kinds is None or _is_of_type(value, kinds)]
    if len(fitting) < len(listing) and any(value is not None for value in listing):
        unfitting = [value for value in listing if value not in fitting]
        if unfitting != [None]:
            reporter.report("client.widened.enum-type", at.pointer)
            return None
        fitting = listing
    return _sort_values(fitting, at, reporter)


def _sort_values(listing: list[Any], at: SchemaNode, reporter: Reporter) -> EnumValues:
    kinds = dict.fromkeys(map(_name_kind, listing))
    null: list[Shape] = [{"type": "null"}] if "null" in kinds else []
    non_null_kinds = [kind for kind in sorted(kinds) if kind != "null"]
    if non_null_kinds in (["string"], ["integer"]):
        return EnumValues(list(dict.fromkeys(v for v in listing if v is not None)), null)
    if non_null_kinds == ["boolean"]:
        values = {value for value in listing if value is not None}
        shape: Shape = {"type": "boolean"} if len(values) > 1 else {"const": values.pop()}
        return EnumValues([], [shape, *null])
    if non_null_kinds:
        reporter.report("client.widened.enum-values", at.pointer)
    if not _PLAIN.issuperset(non_null_kinds):
        return EnumValues([], [ANY])
    return EnumValues([], [*({"type": kind} for kind in non_null_kinds), *null])


def shape_const(schema: dict[str, Any], at: SchemaNode, reporter: Reporter) -> Shape:
    """Return the shape of one value."""
    value = schema["const"]
    if value is None:
        return {"type": "null"}
    if isinstance(value, (str, int)):
        return {"const": value}
    reporter.report("client.widened.const-value", at.pointer)
    return {"type": "number"} if isinstance(value, float) else ANY


def _name_kind(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else "structure"


def _is_of_type(value: Any, kinds: list[str]) -> bool:
    kind = _name_kind(value)
    is_whole = kind == "number" and float(value).is_integer()
    return (
        kind in kinds
        or (kind == "integer" and "number" in kinds)
        or (is_whole and "integer" in kinds)
        or (kind == "structure" and not _PLAIN.issuperset(kinds))
    )
