"""Merges all schemas that apply to one value.

`$ref`, `allOf` and chosen alternatives add schemas to a value. A `MergedSchema` combines them: the
strictest bounds, the remaining types, and for each member its schemas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import attrs

from driftline.mock.fake.merged import TYPES, Choice, Located, MergedSchema, Option, Places, Tags
from driftline.mock.memo import remember
from driftline.openapi import (
    MISSING,
    Direction,
    Spec,
    find_discriminator,
    find_hidden_keyword,
    find_subtypes,
    is_array,
    is_hidden,
    is_object,
    is_string_property,
    join,
    list_component_tags,
    list_tag_values,
    list_violations,
    parse_reference,
)

_REMEMBERED = 5_000
_IMPLIED = (
    ("object", ("properties", "required", "minProperties", "additionalProperties")),
    ("object", ("patternProperties", "propertyNames")),
    ("array", ("items", "prefixItems", "minItems", "contains", "uniqueItems")),
    ("string", ("pattern", "minLength", "maxLength", "format")),
    ("number", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")),
)
_NUMERIC_FORMATS = {"int32": "integer", "int64": "integer", "float": "number", "double": "number"}


class Merger:
    """Merges the schemas of one spec, with a cache."""

    def __init__(self, spec: Spec, direction: Direction | None) -> None:
        self.spec = spec
        self.direction: Direction | None = direction
        self._hidden_keyword = find_hidden_keyword(direction)
        self._apart_by_choice: dict[str, bool] = {}
        self._hidden_by_pointers: dict[Places, bool] = {}
        self._merged_schemas: dict[
            tuple[Places, tuple[Option, ...], tuple[str, ...]], MergedSchema
        ] = {}

    def is_hidden(self, pointers: Places) -> bool:
        """Return whether a member is excluded in this direction."""
        is_excluded = self._hidden_by_pointers.get(pointers)
        if is_excluded is None:
            is_excluded = bool(self._hidden_keyword) and any(
                is_hidden(self.spec.document, self.spec.get_node(pointer), self._hidden_keyword)
                for pointer in pointers
            )
            remember(self._hidden_by_pointers, pointers, is_excluded, _REMEMBERED)
        return is_excluded

    def are_apart(self, choice: Choice) -> bool:
        """Return whether a required member has different values in each alternative.

        Then only one can match.
        """
        if choice.key not in self._apart_by_choice:
            parts = [self.merge(option.schemas) for option in choice.options]
            names = set(parts[0].required).intersection(*(part.required for part in parts))
            self._apart_by_choice[choice.key] = any(
                self._has_own_values(parts, name) for name in names
            )
        return self._apart_by_choice[choice.key]

    def _has_own_values(self, parts: Sequence[MergedSchema], name: str) -> bool:
        seen: set[str] = set()
        for part in parts:
            values = self.merge(part.find_member(name)).values
            strings = {_to_text(value) for value in values or ()}
            if values is None or part.types != frozenset({"object"}) or strings & seen:
                return False
            seen |= strings
        return True

    def merge(
        self, pointers: Places, options: tuple[Option, ...] = (), decided_keys: tuple[str, ...] = ()
    ) -> MergedSchema:
        """Return the combination of the schemas and the chosen options.

        `decided_keys` has the choices that are already made.
        """
        about = pointers, options, decided_keys
        merged = self._merged_schemas.get(about)
        if merged is None:
            merged = self._build(pointers, options, frozenset(decided_keys))
            remember(self._merged_schemas, about, merged, _REMEMBERED)
        return merged

    def _build(
        self, pointers: Places, options: tuple[Option, ...], decided_keys: frozenset[str]
    ) -> MergedSchema:
        pending = [*pointers, *(pointer for option in options for pointer in option.schemas)]
        nodes: dict[str, dict[str, Any]] = {}
        is_closed = False
        while pending:
            pointer = pending.pop(0)
            node = self.spec.get_node(pointer)
            is_closed = is_closed or node is False
            if pointer in nodes or not is_object(node):
                continue
            nodes[pointer] = node
            pending = [*_list_parts(pointer, node), *pending]
        located = tuple(nodes.items())
        tags = tuple(tag for option in options for tag in option.tags)
        key = next(
            (pointer for pointer, node in located if "$ref" not in node or len(node) > 1),
            pointers[0] if pointers else "",
        )
        values, excluded = _intersect_values(located)
        types = _intersect_types(located, has_values=values is not None)
        if values is not None:
            values = [v for v in values if _list_types_of(v) & types and v not in excluded]
            values = self._keep_valid(located, values)
            types = frozenset(types & {kind for value in values for kind in _list_types_of(value)})
        implied = self._list_implied_tags(nodes)
        tags = (*tags, *(tag for tag in implied if tag[0] not in dict(tags)))
        choices = (
            self._list_choices(located, decided_keys, frozenset(nodes)) if values is None else ()
        )
        return MergedSchema(
            key=key,
            nodes=located,
            tags=tags,
            choices=tuple(choices),
            types=types,
            values=None if values is None else tuple(values),
            excluded=tuple(excluded),
            is_closed=is_closed,
            own_tags=self._find_own_tags(pointers),
        )

    def _find_own_tags(self, pointers: Places) -> Tags:
        """Return the tags that discriminators elsewhere have for the component of a value."""
        tags: dict[str, tuple[str, ...]] = {}
        for pointer in pointers:
            target, _ = self.spec.resolve(pointer)
            tags |= _list_component_tags(self.spec).get(target, {})
        return tuple(tags.items())

    def _keep_valid(self, nodes: Sequence[tuple[str, Any]], values: list[Any]) -> list[Any]:
        """Return the listed values that all schemas allow."""
        neutral = {"enum", "const", "type", "nullable", "title", "description", "$ref", "default"}
        judges = [
            pointer
            for pointer, node in nodes
            if any(key not in neutral and not key.startswith("x-") for key in node)
        ]
        return [
            value
            for value in values
            if not any(
                list_violations(self.spec, pointer, value, self.direction) for pointer in judges
            )
        ]

    def _list_implied_tags(self, nodes: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Return the tags of a schema composed of a base with an unused discriminator."""
        for pointer, node in nodes.items():
            rule = node.get("discriminator")
            name = rule.get("propertyName") if is_object(rule) else None
            if not isinstance(name, str) or "oneOf" in node or "anyOf" in node:
                continue
            if not is_string_property(self.spec.document, node, name):
                continue
            mapping = rule.get("mapping") if is_object(rule) else None
            components = [
                component
                for component in nodes
                if component != pointer and component.count("/") == 3
            ]
            keys = [
                key
                for key, target in (mapping.items() if is_object(mapping) else ())
                if isinstance(target, str)
                and target.rpartition("/")[2] in map(_name_component, components)
            ]
            tags = keys or [_name_component(component) for component in components[:1]]
            allowed_tags = list_tag_values(self.spec.document, node, name)
            fitting = [tag for tag in tags if allowed_tags is None or tag in allowed_tags]
            if fitting:
                yield name, tuple(fitting)

    def _list_choices(
        self,
        nodes: Sequence[Located],
        decided_keys: frozenset[str],
        merged_pointers: frozenset[str],
    ) -> Iterator[Choice]:
        for pointer, node in nodes:
            selecting = find_discriminator(self.spec.document, node)
            for keyword in ("anyOf", "oneOf"):
                key = f"{pointer}/{keyword}"
                alternatives = node.get(keyword)
                if not is_array(alternatives) or not alternatives or key in decided_keys:
                    continue
                options = [Option((f"{key}/{index}",)) for index in range(len(alternatives))]
                if selecting is not None and selecting.keyword == keyword:
                    options = [
                        attrs.evolve(option, tags=((selecting.property, tags),)) if tags else option
                        for option, tags in zip(options, selecting.tags, strict=True)
                    ]
                yield Choice(key, keyword, tuple(options))
            yield from _list_conditions(pointer, node, decided_keys)
            yield from self._list_subtypes(pointer, node, decided_keys, merged_pointers)

    def _list_subtypes(
        self,
        pointer: str,
        node: dict[str, Any],
        decided_keys: frozenset[str],
        merged_pointers: frozenset[str],
    ) -> Iterator[Choice]:
        """Yield the schemas that the discriminator of a base selects, as options."""
        key = f"{pointer}/discriminator"
        targets = {} if key in decided_keys else find_subtypes(self.spec.document, pointer, node)
        name = node["discriminator"]["propertyName"] if targets else ""
        if any(target in merged_pointers and target != pointer for target in targets.values()):
            return
        options = [
            Option((target,), ((str(name), (tag,)),))
            for tag, target in targets.items()
            if self.spec.get_node(target) is not MISSING
        ]
        if options:
            yield Choice(key, "discriminator", tuple(options))


def _name_component(pointer: str) -> str:
    return pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _list_parts(pointer: str, node: dict[str, Any]) -> Iterator[str]:
    """Yield the schemas that apply together with one."""
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        yield parse_reference(reference)
    parts = node.get("allOf")
    if is_array(parts):
        yield from (f"{pointer}/allOf/{index}" for index in range(len(parts)))


def _list_conditions(
    pointer: str, node: dict[str, Any], decided_keys: frozenset[str]
) -> Iterator[Choice]:
    key = f"{pointer}/if"
    if "if" in node and key not in decided_keys and ("then" in node or "else" in node):
        then = (key, f"{pointer}/then") if "then" in node else (key,)
        otherwise = (f"{pointer}/else",) if "else" in node else ()
        yield Choice(key, "if", (Option(then), Option(otherwise)))
    depending = node.get("dependentSchemas")
    for name in depending if is_object(depending) else ():
        dependent_pointer = pointer + join("dependentSchemas", name)
        if dependent_pointer not in decided_keys:
            yield Choice(
                dependent_pointer, "dependentSchemas", (Option((dependent_pointer,)), Option(()))
            )


def _intersect_types(nodes: Sequence[Located], *, has_values: bool) -> frozenset[str]:
    """Return the types that all schemas allow.

    If none is named, and no values are listed, the types that the keywords are about.
    """
    types = set(TYPES)
    is_named = False
    for _, node in nodes:
        type_value = node.get("type")
        kinds: set[str] = {type_value} if isinstance(type_value, str) else set(type_value or ())
        if "number" in kinds:
            kinds.add("integer")
        if kinds:
            types &= kinds
            is_named = True
        rule = node.get("not")
        if is_object(rule) and set(rule) == {"type"}:
            ruled_out: Any = rule["type"]
            types -= set(ruled_out) if is_array(ruled_out) else {ruled_out}
    if is_named or has_values:
        return frozenset(types)
    implied = {
        kind
        for _, node in nodes
        for kind, keywords in _IMPLIED
        if any(keyword in node for keyword in keywords)
    }
    formats = {_NUMERIC_FORMATS.get(str(node.get("format"))) for _, node in nodes} - {None}
    implied = {str(kind) for kind in formats} or implied
    return frozenset(types & implied or types)


@lru_cache(maxsize=16)
def _list_component_tags(spec: Spec) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return list_component_tags(spec.document)


def _intersect_values(nodes: Sequence[Located]) -> tuple[list[Any] | None, list[Any]]:
    """Return the values that all enums have in common, and the excluded ones."""
    values: list[Any] | None = None
    excluded: list[Any] = []
    for _, node in nodes:
        enum_values = [node["const"]] if "const" in node else node.get("enum")
        if is_array(enum_values):
            strings = {_to_text(value) for value in enum_values}
            values = [
                value
                for value in (enum_values if values is None else values)
                if _to_text(value) in strings
            ]
        rule = node.get("not")
        if is_object(rule):
            excluded += [rule["const"]] if "const" in rule else []
            excluded += rule["enum"] if is_array(rule.get("enum")) else []
    if values is not None:
        values = list({_to_text(value): value for value in values}.values())
    return values, excluded


def _to_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _list_types_of(value: Any) -> set[str]:
    """Return the types of a JSON value."""
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, (int, float)):
        return {"number", "integer"} if float(value).is_integer() else {"number"}
    if isinstance(value, str):
        return {"string"}
    return {"array"} if is_array(value) else {"object"}
