"""Merges all schemas that apply to one value.

`$ref`, `allOf` and chosen alternatives add schemas to a value. A `MergedSchema` combines them: the
strictest bounds, the remaining types, and for each member its schemas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from driftline.mock.fake.merged import TYPES, Choice, Located, MergedSchema, Option, Places
from driftline.mock.rows.memo import remember
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
    join,
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
        self._hiding = find_hidden_keyword(direction)
        self._apart: dict[str, bool] = {}
        self._hidden: dict[Places, bool] = {}
        self._merged: dict[tuple[Places, tuple[Option, ...], tuple[str, ...]], MergedSchema] = {}

    def is_hidden(self, places: Places) -> bool:
        """Return whether a member is excluded in this direction."""
        found = self._hidden.get(places)
        if found is None:
            found = self._hiding is not None and any(
                is_hidden(self.spec.document, self.spec.get_node(place), self._hiding)
                for place in places
            )
            remember(self._hidden, places, found, _REMEMBERED)
        return found

    def are_apart(self, choice: Choice) -> bool:
        """Return whether a required member has different values in each alternative.

        Then only one can match.
        """
        if choice.key not in self._apart:
            parts = [self.merge(option.places) for option in choice.options]
            names = set(parts[0].required).intersection(*(part.required for part in parts))
            self._apart[choice.key] = any(self._has_own_values(parts, name) for name in names)
        return self._apart[choice.key]

    def _has_own_values(self, parts: Sequence[MergedSchema], name: str) -> bool:
        seen: set[str] = set()
        for part in parts:
            values = self.merge(part.find_member(name)).values
            texts = {_to_text(value) for value in values or ()}
            if values is None or part.types != frozenset({"object"}) or texts & seen:
                return False
            seen |= texts
        return True

    def merge(
        self, places: Places, chosen: tuple[Option, ...] = (), done: tuple[str, ...] = ()
    ) -> MergedSchema:
        """Return the combination of the schemas and the chosen options.

        `done` has the choices that are already made.
        """
        about = places, chosen, done
        found = self._merged.get(about)
        if found is None:
            found = self._build(places, chosen, frozenset(done))
            remember(self._merged, about, found, _REMEMBERED)
        return found

    def _build(
        self, places: Places, chosen: tuple[Option, ...], done: frozenset[str]
    ) -> MergedSchema:
        waiting = [*places, *(place for option in chosen for place in option.places)]
        nodes: dict[str, dict[str, Any]] = {}
        is_closed = False
        while waiting:
            pointer = waiting.pop(0)
            node = self.spec.get_node(pointer)
            is_closed = is_closed or node is False
            if pointer in nodes or not is_object(node):
                continue
            nodes[pointer] = node
            waiting = [*_list_parts(pointer, node), *waiting]
        located = tuple(nodes.items())
        tags = tuple(tag for option in chosen for tag in option.tags)
        key = next(
            (pointer for pointer, node in located if "$ref" not in node or len(node) > 1),
            places[0] if places else "",
        )
        types = _intersect_types(located)
        values, excluded = _intersect_values(located)
        if values is not None:
            values = [
                each for each in values if _list_types_of(each) & types and each not in excluded
            ]
            values = self._keep_valid(located, values)
            types = frozenset(types & {kind for each in values for kind in _list_types_of(each)})
        tags = (
            *tags,
            *(each for each in self._list_implied_tags(nodes) if each[0] not in dict(tags)),
        )
        choices = () if values is not None else self._list_choices(located, done, frozenset(nodes))
        return MergedSchema(
            key=key,
            nodes=located,
            tags=tags,
            choices=tuple(choices),
            types=types,
            values=None if values is None else tuple(values),
            excluded=tuple(excluded),
            is_closed=is_closed,
        )

    def _keep_valid(self, nodes: Sequence[tuple[str, Any]], values: list[Any]) -> list[Any]:
        """Return the listed values that all schemas allow."""
        others = {"enum", "const", "type", "nullable", "title", "description", "$ref", "default"}
        judges = [
            pointer
            for pointer, node in nodes
            if any(key not in others and not key.startswith("x-") for key in node)
        ]
        return [
            each
            for each in values
            if not any(
                list_violations(self.spec, pointer, each, self.direction) for pointer in judges
            )
        ]

    def _list_implied_tags(self, nodes: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Return the tags of a schema composed of a base with an unused discriminator."""
        for pointer, node in nodes.items():
            rule = node.get("discriminator")
            name = rule.get("propertyName") if is_object(rule) else None
            if not isinstance(name, str) or "oneOf" in node or "anyOf" in node:
                continue
            mapping = rule.get("mapping") if is_object(rule) else None
            own = [each for each in nodes if each != pointer and each.count("/") == 3]
            keys = [
                key
                for key, target in (mapping.items() if is_object(mapping) else ())
                if isinstance(target, str)
                and target.rpartition("/")[2] in map(_name_component, own)
            ]
            tags = keys or [_name_component(each) for each in own[:1]]
            allowed = list_tag_values(self.spec.document, node, name)
            fitting = [tag for tag in tags if allowed is None or tag in allowed]
            if fitting:
                yield name, tuple(fitting)

    def _list_choices(
        self,
        nodes: Sequence[Located],
        done: frozenset[str],
        known: frozenset[str],
    ) -> Iterator[Choice]:
        for pointer, node in nodes:
            selecting = find_discriminator(self.spec.document, node)
            for word in ("anyOf", "oneOf"):
                key = f"{pointer}/{word}"
                listed = node.get(word)
                if not is_array(listed) or not listed or key in done:
                    continue
                options = [Option((f"{key}/{index}",)) for index in range(len(listed))]
                if selecting is not None and selecting.keyword == word:
                    options = [
                        attrs.evolve(option, tags=((selecting.property, tags),)) if tags else option
                        for option, tags in zip(options, selecting.tags, strict=True)
                    ]
                yield Choice(key, word, tuple(options))
            yield from _list_conditions(pointer, node, done)
            yield from self._list_subtypes(pointer, node, done, known)

    def _list_subtypes(
        self, pointer: str, node: dict[str, Any], done: frozenset[str], known: frozenset[str]
    ) -> Iterator[Choice]:
        """Yield the schemas that the discriminator of a base selects, as options."""
        key = f"{pointer}/discriminator"
        targets = {} if key in done else find_subtypes(self.spec.document, pointer, node)
        name = node["discriminator"]["propertyName"] if targets else ""
        if any(target in known and target != pointer for target in targets.values()):
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


def _list_conditions(pointer: str, node: dict[str, Any], done: frozenset[str]) -> Iterator[Choice]:
    key = f"{pointer}/if"
    if "if" in node and key not in done and ("then" in node or "else" in node):
        kept = (key, f"{pointer}/then") if "then" in node else (key,)
        otherwise = (f"{pointer}/else",) if "else" in node else ()
        yield Choice(key, "if", (Option(kept), Option(otherwise)))
    depending = node.get("dependentSchemas")
    for name in depending if is_object(depending) else ():
        place = pointer + join("dependentSchemas", name)
        if place not in done:
            yield Choice(place, "dependentSchemas", (Option((place,)), Option(())))


def _intersect_types(nodes: Sequence[Located]) -> frozenset[str]:
    """Return the types that all schemas allow.

    If none is named, the types that the keywords are about.
    """
    types = set(TYPES)
    is_named = False
    for _, node in nodes:
        named = node.get("type")
        kinds: set[str] = {named} if isinstance(named, str) else set(named or ())
        if "number" in kinds:
            kinds.add("integer")
        if kinds:
            types &= kinds
            is_named = True
        rule = node.get("not")
        if is_object(rule) and set(rule) == {"type"}:
            ruled_out: Any = rule["type"]
            types -= set(ruled_out) if is_array(ruled_out) else {ruled_out}
    if is_named:
        return frozenset(types)
    implied = {
        kind for _, node in nodes for kind, words in _IMPLIED if any(word in node for word in words)
    }
    formats = {_NUMERIC_FORMATS.get(str(node.get("format"))) for _, node in nodes} - {None}
    implied = {str(kind) for kind in formats} or implied
    return frozenset(types & implied or types)


def _intersect_values(nodes: Sequence[Located]) -> tuple[list[Any] | None, list[Any]]:
    """Return the values that all enums have in common, and the excluded ones."""
    values: list[Any] | None = None
    excluded: list[Any] = []
    for _, node in nodes:
        listed = [node["const"]] if "const" in node else node.get("enum")
        if is_array(listed):
            texts = {_to_text(each) for each in listed}
            values = [
                each for each in (listed if values is None else values) if _to_text(each) in texts
            ]
        rule = node.get("not")
        if is_object(rule):
            excluded += [rule["const"]] if "const" in rule else []
            excluded += rule["enum"] if is_array(rule.get("enum")) else []
    if values is not None:
        values = list({_to_text(each): each for each in values}.values())
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
