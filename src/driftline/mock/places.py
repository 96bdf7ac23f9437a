"""Where in a spec the schema of a part of a value stands."""

from __future__ import annotations

from driftline.spec import Spec
from driftline.spec.pointer import join, split

__all__ = ["schema_at"]


def schema_at(spec: Spec, schema_pointer: str, value_pointer: str) -> str | None:
    """The pointer of the schema for what stands at `value_pointer` of a value, or None."""
    tokens = split(value_pointer)
    pointer, schema = spec.resolve(schema_pointer)
    if not tokens:
        return pointer
    if not isinstance(schema, dict):
        return None
    rest = join(*tokens[1:])
    if tokens[0] in schema.get("properties", {}):
        return schema_at(spec, f"{pointer}/properties{join(tokens[0])}", rest)
    if "items" in schema and tokens[0].isdecimal():
        return schema_at(spec, f"{pointer}/items", rest)
    for word in ("allOf", "anyOf", "oneOf"):
        for position in range(len(schema.get(word, ()))):
            found = schema_at(spec, f"{pointer}/{word}/{position}", value_pointer)
            if found is not None:
                return found
    return None
