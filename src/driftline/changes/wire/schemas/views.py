"""Reads schemas in any notation: `$ref`, `allOf` and `null` are resolved.

A `Schema` is one or more schema nodes that apply together, and its `View` is their combination. A
schema and a `$ref` to it have the same view.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import attrs

from driftline.changes.wire.source.document import Document, Node
from driftline.openapi import is_array, is_object, name_type

CHOICES: Final = ("anyOf", "oneOf")
ANNOTATIONS: Final = frozenset(
    {
        *("$anchor", "$comment", "$defs", "$id", "$schema", "definitions", "description"),
        *("example", "examples", "externalDocs", "title", "xml", "x-assumed"),
    }
)
"""Keywords that no request or response depends on."""
_NOTES = frozenset({"type", "default", "deprecated", "readOnly", "writeOnly", "discriminator"})
_DEEPEST = 60
_LARGEST = 4000


def _deduplicate(parts: Iterable[Node]) -> tuple[Node, ...]:
    """Return each schema once, even if several references lead to it."""
    nodes_by_pointer = {node.pointer: node for node in map(_open_reference, parts)}
    return tuple(nodes_by_pointer.values())


def _open_reference(node: Node) -> Node:
    for _ in range(20):
        reference = node.value.get("$ref") if is_object(node.value) else None
        if not isinstance(reference, str) or set(node.value) - ANNOTATIONS - {"$ref"}:
            return node
        node = node.resolve_reference(reference)
    return node


@attrs.frozen(eq=False)
class Schema:
    """Schema nodes that all apply to one value; without nodes, every value is allowed.

    `owner_node` is the node that would contain a missing schema. `excluded_choices` are the
    pointers of choices (`anyOf`, `oneOf`) that are left out. If `compared_type` is not empty, only
    its values are compared. `is_null_ignored`: whether null is allowed is compared elsewhere.
    """

    parts: tuple[Node, ...] = attrs.field(converter=_deduplicate)
    owner_node: Node | None = None
    excluded_choices: frozenset[str] = frozenset()
    compared_type: str = ""
    is_null_ignored: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """A key that is equal for the same schemas of one document."""
        pointers = frozenset(part.pointer for part in self.parts)
        if not pointers and self.owner_node:
            return (self.owner_node.pointer,)
        return (pointers, self.excluded_choices, self.compared_type, self.is_null_ignored)


@attrs.frozen(eq=False)
class Alternatives:
    """The alternatives of an `anyOf` or `oneOf`, except `null`."""

    node: Node
    keyword: str
    alternatives: tuple[Node, ...]
    null: bool


@attrs.define(eq=False)
class View:
    """The combination of several schemas. `keywords` has the nodes of each in document order.

    `types`: None allows all; `enums`: all lists of allowed values; `is_impossible`: no value
    is allowed.
    """

    node: Node | None = None
    types: frozenset[str] | None = None
    keywords: dict[str, list[Node]] = attrs.field(factory=dict[str, list[Node]])
    enums: list[list[tuple[Any, Node]]] = attrs.field(factory=list[list[tuple[Any, Node]]])
    choices: list[Alternatives] = attrs.field(factory=list[Alternatives])
    is_impossible: bool = False

    @property
    def is_any(self) -> bool:
        """Whether every value is allowed."""
        has_keywords = any(keyword not in _NOTES for keyword in self.keywords)
        is_restricted = has_keywords or self.enums or self.choices or self.is_impossible
        return self.types is None and not is_restricted

    @property
    def kinds(self) -> frozenset[str] | None:
        """The types except `null`; without types, those of the enumerated values."""
        types = self.types
        if types is None and self.enums:
            types = frozenset(name_type(value) for value, _ in self.enums[0])
        return None if types is None else types - {"null"}

    @property
    def null(self) -> bool:
        """Whether null is allowed."""
        if self.is_impossible:
            return False
        allows_null = all(any(value is None for value, _ in values) for values in self.enums)
        return (self.types is None or "null" in self.types) and allows_null

    def find_first(self, keyword: str) -> Node | None:
        """Return the first node of a keyword, or None."""
        nodes = self.keywords.get(keyword)
        return nodes[0] if nodes else None

    def has_flag(self, keyword: str) -> bool:
        """Return whether a keyword is true anywhere."""
        return any(node.value is True for node in self.keywords.get(keyword, ()))

    def list_values(self) -> dict[str, tuple[Any, Node]] | None:
        """Return the enumerated values except null, by their JSON; None without an enumeration."""
        if not self.enums:
            return None
        tables = [
            {json.dumps(value, sort_keys=True): (value, node) for value, node in values}
            for values in self.enums
        ]
        common_keys = set(tables[0]).intersection(*tables[1:])
        return {
            key: entry for key, entry in tables[0].items() if key in common_keys and key != "null"
        }


class SchemaViews:
    """The views of the schemas of one document, each made once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._views: dict[tuple[Any, ...], View] = {}
        self._fingerprints: dict[str, str] = {}
        self._depth = 0

    def build(self, schema: Schema) -> View:
        """Return the view of a schema.

        Raises:
            SpecError: schemas are nested too deeply.
        """
        key = schema.key
        if key not in self._views:
            if self._depth > _DEEPEST:
                pointer = schema.parts[0].pointer
                message = "schemas are nested too deeply in one another here"
                raise self.document.build_error(pointer, message, "Give one of them a type.")
            self._views[key] = View()  # a recursive schema adds nothing to itself
            self._depth += 1
            try:
                self._views[key] = _ViewBuilder(self, schema).view
            finally:
                self._depth -= 1
        return self._views[key]

    def get_fingerprint(self, node: Node) -> str:
        """Return the fingerprint of a schema, which is computed once."""
        if node.pointer not in self._fingerprints:
            self._fingerprints[node.pointer] = compute_fingerprint(node)
        return self._fingerprints[node.pointer]


class _ViewBuilder:
    """Reads the parts of one schema into one view."""

    def __init__(self, views: SchemaViews, schema: Schema) -> None:
        self.views, self.schema = views, schema
        self.view = View()
        seen: set[str] = set()
        pending = list(schema.parts)
        while pending:
            node = pending.pop(0)
            if node.pointer not in seen:
                seen.add(node.pointer)
                pending += self.add_node(node)
        if schema.compared_type:
            self.restrict_types(frozenset({schema.compared_type}))
        if self.view.node is None:
            self.view.node = schema.parts[0] if schema.parts else schema.owner_node

    def add_node(self, node: Node) -> list[Node]:
        """Add the keywords of one schema, and return the schemas that apply with it."""
        value = node.value
        if isinstance(value, bool):
            self.view.is_impossible |= not value
            return []
        if not is_object(value):
            return []
        reference = value.get("$ref")
        if self.view.node is None and "$ref" not in value:
            self.view.node = node
        self.collect_types(node, value)
        self.collect_values(node, value)
        for keyword in CHOICES:
            if keyword in value and f"{node.pointer}/{keyword}" not in self.schema.excluded_choices:
                self.add_choice(node.get(keyword), keyword)
        for key in value:
            is_relevant = key not in _READ_SEPARATELY and (
                not key.startswith("x-") or key == _EXTENSIBLE
            )
            if is_relevant and not _has_no_effect(key, value[key]):
                name, keyword_node = _modernize(node.get(key), key)
                self.view.keywords.setdefault(name, []).append(keyword_node)
        follow = [node.resolve_reference(reference)] if isinstance(reference, str) else []
        return follow + node.get("allOf").list_items()

    def restrict_types(self, types: frozenset[str] | None) -> None:
        """Keep only the types that are allowed so far and in `types`."""
        current = self.view.types
        if current is None or types is None:
            self.view.types = types if current is None else current
            return
        common = {kind for kind in current if kind in types or _is_within(kind, types)}
        self.view.types = frozenset(common | {kind for kind in types if _is_within(kind, current)})

    def collect_types(self, node: Node, value: dict[str, Any]) -> None:
        type_value = value.get("type")
        if type_value is not None:
            self.view.keywords.setdefault("type", []).append(node.get("type"))
        if isinstance(type_value, str):
            self.restrict_types(frozenset({type_value}))
        elif is_array(type_value):
            self.restrict_types(frozenset(str(kind) for kind in type_value))

    def collect_values(self, node: Node, value: dict[str, Any]) -> None:
        if is_array(value.get("enum")):
            self.view.enums.append([(item.value, item) for item in node.get("enum").list_items()])
        if "const" in value:
            self.view.enums.append([(value["const"], node.get("const"))])

    def add_choice(self, choice: Node, keyword: str) -> None:
        """Add a choice; if all but null is one schema or enumerated values, it is none."""
        alternatives = choice.list_items()
        rest = tuple(alternative for alternative in alternatives if not _is_null(alternative))
        null = len(rest) < len(alternatives)
        values = [_list_values(alternative) for alternative in rest]
        if len(rest) == 1:
            alone = Schema(rest, excluded_choices=self.schema.excluded_choices)
            self.include(self.views.build(alone), null=null)
        elif rest and all(values):
            pairs = [pair for branch in values for pair in branch]
            if keyword == "oneOf":  # which rejects what two alternatives accept
                counts = Counter(json.dumps(value, sort_keys=True) for value, _ in pairs)
                pairs = [pair for pair in pairs if counts[json.dumps(pair[0], sort_keys=True)] < 2]
            self.view.enums.append([*pairs, (None, choice)] if null else pairs)
        elif rest:
            self.view.choices.append(Alternatives(choice, keyword, rest, null))
        elif alternatives:
            self.restrict_types(frozenset({"null"}))

    def include(self, other: View, *, null: bool) -> None:
        types = other.types
        self.restrict_types(types | {"null"} if null and types is not None else types)
        none = [(None, other.node)] if null and other.node else []
        self.view.enums += [[*values, *none] for values in other.enums]
        for keyword, nodes in other.keywords.items():
            self.view.keywords.setdefault(keyword, []).extend(nodes)
        choices = other.choices
        self.view.choices += (
            [attrs.evolve(choice, null=True) for choice in choices] if null else choices
        )
        self.view.is_impossible |= other.is_impossible
        if self.view.node is None or not self.view.keywords:
            self.view.node = other.node or self.view.node


UNIVERSAL_PATTERNS: Final = ("", ".*", "^.*$", "^.*", ".*$", "[\\s\\S]*", "^[\\s\\S]*$")
"""Patterns that every string matches."""
_SCHEMAS = ("additionalProperties", "contentSchema", "else", "items", "propertyNames", "then")
_ZERO_BY_DEFAULT = ("minLength", "minItems", "minProperties", "uniqueItems", "deprecated")
_FORMATS: Final = {
    "binary": ("contentMediaType", "application/octet-stream"),
    "byte": ("contentEncoding", "base64"),
}
"""Formats of OpenAPI 3.0 for which 3.1 has keywords of JSON Schema."""
_EXTENSIBLE = "x-extensible-enum"
_READ_SEPARATELY = ANNOTATIONS | {"$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const"}


def _modernize(node: Node, keyword: str) -> tuple[str, Node]:
    """Return a keyword and its value as OpenAPI 3.1 writes them."""
    if keyword == "format" and isinstance(node.value, str) and node.value in _FORMATS:
        name, value = _FORMATS[node.value]
        return name, node.as_value(value)
    return keyword, node


def _has_no_effect(keyword: str, value: Any) -> bool:
    """Return whether a keyword with this value changes nothing."""
    if keyword in _SCHEMAS:
        return value is True or value == {}
    if keyword == "pattern":
        return value in UNIVERSAL_PATTERNS
    if keyword in _ZERO_BY_DEFAULT:
        return value is False or value == 0
    return keyword in ("properties", "required", "patternProperties") and value in ([], {})


def _is_within(kind: str, types: frozenset[str]) -> bool:
    return kind == "integer" and "number" in types


def _resolve_bare(node: Node) -> Node:
    """Return the schema behind references and `allOf` lists of one schema."""
    for _ in range(20):
        node = _open_reference(node)
        parts = node.value.get("allOf") if is_object(node.value) else None
        alone = (
            is_array(parts) and len(parts) == 1 and not set(node.value) - ANNOTATIONS - {"allOf"}
        )
        if not alone:
            return node
        node = node.get("allOf").list_items()[0]
    return node


def _is_null(node: Node) -> bool:
    value = _resolve_bare(node).value
    if not is_object(value):
        return False
    return value.get("type") in ("null", ["null"]) or value.get("enum") == [None] or (
        "const" in value and value["const"] is None
    )  # fmt: skip


def _list_values(node: Node) -> list[tuple[Any, Node]]:
    """Return the enumerated values of a schema without other keywords."""
    node = _resolve_bare(node)
    value = node.value
    if not is_object(value) or set(value) - ANNOTATIONS - {"type", "enum", "const"}:
        return []
    if "const" in value:
        return [(value["const"], node.get("const"))]
    enum = value.get("enum")
    return [(item.value, item) for item in node.get("enum").list_items()] if enum else []


def compute_fingerprint(node: Node, *, deep: bool = False) -> str:
    """Return a value that is equal for equal schemas; nested references count by their name.

    `deep`: references are followed, unless they are recursive.
    """
    budget = [_LARGEST if deep else 0]
    return json.dumps(_normalize(_open_reference(node), budget, ()), sort_keys=True, default=str)


def _normalize(node: Node, budget: list[int], ancestors: tuple[str, ...]) -> Any:
    value = node.value
    if is_array(value):
        items = [_normalize(item, budget, ancestors) for item in node.list_items()]
        is_set = node.pointer.endswith(("/required", "/enum", "/type"))
        return sorted(items, key=lambda item: json.dumps(item, default=str)) if is_set else items
    if not is_object(value):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str):
        budget[0] -= 1
        if reference in ancestors:  # by its depth, since names do not matter
            return {"$ref": len(ancestors) - ancestors.index(reference)}
        if budget[0] < 0 or len(ancestors) > _DEEPEST // 2:
            return {"$ref": reference.rpartition("/")[2]}
        return _normalize(
            _open_reference(node.resolve_reference(reference)), budget, (*ancestors, reference)
        )
    keys = sorted(value, key=str)  # the remaining budget must not depend on the order
    if _has_names(node):
        return {key: _normalize(node.get(key), budget, ancestors) for key in keys}
    relevant_keys = (
        key for key in keys if key not in ANNOTATIONS and not _has_no_effect(key, value[key])
    )
    return _unwrap({key: _normalize(node.get(key), budget, ancestors) for key in relevant_keys})


def _unwrap(plain: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with `allOf` of one schema, and a list of one type, written directly."""
    kind: Any = plain.get("type")
    parts: Any = plain.get("allOf")
    if is_array(kind) and len(kind) == 1:
        plain["type"] = kind[0]
    alone = is_array(parts) and len(parts) == 1 and is_object(parts[0])
    if not alone or parts[0].keys() & plain.keys():
        return plain
    return {**{key: value for key, value in plain.items() if key != "allOf"}, **parts[0]}


def _has_names(node: Node) -> bool:
    """Return whether the keys of a node are field names, not keywords."""
    return node.pointer.endswith(("/properties", "/patternProperties", "/dependentSchemas"))
