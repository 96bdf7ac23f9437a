"""Tags that schemas give themselves, in the `mapping` of the discriminator they are for.

Generators for Swagger 2.0, which has no `mapping`, write `x-…-discriminator-value` into each schema
that builds on a base by `allOf`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from driftline.openapi.pointer import is_array, is_object, join, split

_OWN_TAG: Final = re.compile(r"x-(.*-)?discriminator-value")


def map_own_tags(schemas: dict[str, Any]) -> None:
    """Add the tag that a schema gives itself to the discriminators of its bases."""
    for name, schema in schemas.items():
        tag = _find_own_tag(schema)
        for base in _list_bases(schemas, name) if tag is not None else ():
            discriminator = base.get("discriminator")
            if not is_object(discriminator) or "oneOf" in base or "anyOf" in base:
                continue
            mapping = discriminator.setdefault("mapping", {})
            target = "#" + join("components", "schemas", name)
            if target not in mapping.values():
                mapping.setdefault(tag, target)


def _find_own_tag(schema: Any) -> str | None:
    members = schema.items() if is_object(schema) else ()
    found = (value for word, value in members if _OWN_TAG.fullmatch(word))
    return next((value for value in found if isinstance(value, str)), None)


def _list_bases(schemas: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield the schemas that a component builds on by `allOf`, at any depth."""
    waiting, seen = [name], {name}
    while waiting:
        schema = schemas.get(waiting.pop())
        parts = schema.get("allOf") if is_object(schema) else None
        for part in parts if is_array(parts) else ():
            reference = part.get("$ref") if is_object(part) else None
            base = split(reference[1:])[-1] if isinstance(reference, str) else ""
            if base in schemas and base not in seen and is_object(schemas[base]):
                seen.add(base)
                waiting.append(base)
                yield schemas[base]
