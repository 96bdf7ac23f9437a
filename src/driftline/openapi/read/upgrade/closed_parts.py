"""Opens the parts of a schema that forbid the fields of its other parts.

`additionalProperties: false` sees only the properties beside it. Generators of .NET and people put
it into both parts of an `allOf`, and mean that the whole has no other fields: by the letter, no
value with a field of the other part is valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from driftline.openapi.pointer import follow, is_array, is_object, parse_reference
from driftline.openapi.read.upgrade.context import Context
from driftline.openapi.schema.patterns import matches_pattern
from driftline.openapi.schema.walk import iterate_nodes

_MOST_PARTS: Final = 200
_HINT: Final = (
    "Remove it, and write unevaluatedProperties: false beside the allOf that combines them."
)
_COMBINING: Final = frozenset({"$ref", "allOf", "anyOf", "oneOf"})
Part = tuple[str, dict[str, Any]]
"""A schema with its pointer."""


def open_closed_parts(context: Context) -> None:
    """Remove `additionalProperties: false` where it forbids a field of another part."""
    forbidden_names: dict[str, tuple[dict[str, Any], str]] = {}
    undescribed_names: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for pointer, node in iterate_nodes(context.data):
        if _COMBINING.isdisjoint(node) or node.keys() == {"$ref"}:
            continue
        composition = _Composition(context.data, (pointer, node))
        for part_pointer, part, name in composition.list_forbidden():
            forbidden_names.setdefault(part_pointer, (part, name))
            undescribed_names[pointer] = node, composition.list_undescribed()
    for pointer, (node, name) in forbidden_names.items():
        del node["additionalProperties"]
        message = f"additionalProperties: false forbids `{name[:60]}` of another part"
        context.notes.warn("schema.closed-part", pointer, message, _HINT)
    for node, undescribed in undescribed_names.values():
        if undescribed:
            properties = node.get("properties")
            described = properties if is_object(properties) else {}
            node["properties"] = {**described, **{name: {} for name in undescribed}}


class _Composition:
    """The fields that the parts of one schema describe and require."""

    def __init__(self, data: dict[str, Any], root: Part) -> None:
        self.parts = list(_list_parts(data, root))
        self.described: dict[str, None] = {}
        self.required: dict[str, None] = {}
        if any(node.get("additionalProperties") is False for _, node in self.parts):
            self._collect(self.parts)
            for branch in _list_branches(self.parts):
                self._collect(_list_parts(data, branch))

    def _collect(self, parts: Iterable[Part]) -> None:
        for _, node in parts:
            properties, required = node.get("properties"), node.get("required")
            if is_object(properties):
                names = [name for name, schema in properties.items() if schema is not False]
                self.described |= dict.fromkeys(names)
            if is_array(required):
                self.required |= dict.fromkeys(name for name in required if isinstance(name, str))

    def list_forbidden(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield each part that forbids a field of another one, and the field."""
        names = self.described | self.required
        for pointer, node in self.parts:
            name = _find_forbidden(node, names)
            if name is not None:
                yield pointer, node, name

    def list_undescribed(self) -> list[str]:
        """Return the required fields that no part describes."""
        return [name for name in self.required if name not in self.described]


def _list_parts(data: dict[str, Any], root: Part) -> Iterator[Part]:
    """Yield a schema and all that apply together with it, through `$ref` and `allOf`."""
    seen, pending = {root[0]}, [root]
    while pending and len(seen) < _MOST_PARTS:
        pointer, node = pending.pop(0)
        yield pointer, node
        reference, members = node.get("$ref"), node.get("allOf")
        targets = [
            (f"{pointer}/allOf/{index}", member)
            for index, member in enumerate(members if is_array(members) else ())
        ]
        if isinstance(reference, str) and reference.startswith("#"):
            target = parse_reference(reference)
            targets.append((target, follow(data, target)))
        new = [(at, target) for at, target in targets if at not in seen and is_object(target)]
        seen.update(at for at, _ in new)
        pending += new


def _list_branches(parts: list[Part]) -> Iterator[Part]:
    for pointer, node in parts:
        for keyword in ("oneOf", "anyOf"):
            branches = node.get(keyword)
            for index, branch in enumerate(branches if is_array(branches) else ()):
                if is_object(branch):
                    yield f"{pointer}/{keyword}/{index}", branch


def _find_forbidden(node: dict[str, Any], names: dict[str, None]) -> str | None:
    """Return a field of other parts that this one forbids, or None."""
    if node.get("additionalProperties") is not False:
        return None
    properties, patterns = node.get("properties"), node.get("patternProperties")
    own_names = properties if is_object(properties) else {}
    return next(
        (
            name
            for name in names
            if name not in own_names
            and not any(
                matches_pattern(pattern, name, otherwise=True)
                for pattern in (patterns if is_object(patterns) else ())
            )
        ),
        None,
    )
