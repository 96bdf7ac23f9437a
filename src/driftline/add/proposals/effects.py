"""Proposes the effects of operations on rows, if path and response are unambiguous."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from driftline.add.choosing import list_properties
from driftline.add.naming.phrases import split_words
from driftline.openapi import (
    Operation,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    join,
    list_types,
    parse_reference,
)

_KINDS = {"GET": "read", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_NUMBERS = frozenset({"integer", "number"})
_SHAPES = ("enum", "format", "pattern")
WRAPPERS = ("data", "result", "item")
_TAKEN = re.compile(r"\b(already|duplicate|in use|taken|unique)\b", re.IGNORECASE)
_MOST_PAIRS = 300
_REMARKS = frozenset({"description", "example", "examples", "externalDocs", "title"})


def propose_effect(
    spec: Spec, operation: Operation, listing: Operation
) -> tuple[dict[str, Any], str] | None:
    """Return the `x-effect` of an operation on the rows of `listing`, and why; None in doubt."""
    row = _find_row(spec, listing)
    if row is None:
        return None
    if operation.path == listing.path and operation.method == "POST" and operation.body:
        item = _find_item(spec, operation, row)
        if item is None:
            return None
        why = f"a POST beside {listing.id} responds with such a row"
        words = _build_words("create", listing, item, None, why)
        unique = _find_unique_field(spec, operation)
        return ({**words, "unique": [join(unique)]} if unique else words), why
    below = re.fullmatch(re.escape(listing.path.rstrip("/")) + r"/\{([^{}/]+)\}/?", operation.path)
    kind = _KINDS.get(operation.method)
    if below is None or kind is None or operation.find_parameter(below[1], "path") is None:
        return None
    item = _find_item(spec, operation, row)
    if (item is None and kind != "delete") or not _can_name(spec, operation, below[1], listing):
        return None
    why = f"its path is that of {listing.id} and what names a row"
    return _build_words(kind, listing, item, below[1], why), why


def _find_unique_field(spec: Spec, operation: Operation) -> str | None:
    """Return the field that a conflict is about: "a user with this email already exists"."""
    conflict = next((each for each in operation.responses if each.status == "409"), None)
    media = operation.body.json if operation.body else None
    if conflict is None or media is None or not _TAKEN.search(conflict.description):
        return None
    text = " ".join(split_words(conflict.description))
    named = [
        name
        for name, place in list_properties(spec, media.schema_pointer).items()
        if list_types(spec, place) == {"string"}
        and re.search(rf"\b{re.escape(' '.join(split_words(name)))}\b", text)
    ]
    return named[0] if len(named) == 1 else None  # two may be unique together only


def _can_name(spec: Spec, operation: Operation, name: str, listing: Operation) -> bool:
    """Return whether the path parameter can be the id of the rows."""
    parameter, row = operation.find_parameter(name, "path"), _find_row(spec, listing)
    place = find_schema_at(spec, row, listing.listing.id) if row and listing.listing else None
    if parameter is None or place is None:
        return False
    asked, had = spec.resolve(parameter.schema_pointer)[1], spec.resolve(place)[1]
    if not is_object(asked) or not is_object(had):
        return False
    if asked.get("type") != had.get("type") and asked.get("type") in _NUMBERS:
        return False
    words: tuple[str, ...] = () if asked.get("type") in _NUMBERS else _SHAPES
    if split_words(name) == split_words(place.rpartition("/")[2]):  # a row may leave its form out
        words = tuple(word for word in words if word in had)
    return all(word not in asked or asked[word] == had.get(word) for word in words)


def _build_words(
    kind: str, listing: Operation, item: str | None, name: str | None, why: str
) -> dict[str, Any]:
    words: dict[str, Any] = {"kind": kind, "of": listing.id}
    if item is not None:
        words["item"] = item
    if name is not None:
        words["id"] = name
    return {**words, "x-assumed": f"proposed from the shape of the document: {why}"}


def _find_row(spec: Spec, listing: Operation) -> str | None:
    """Return the location of a row's schema after following references."""
    success = listing.success
    body = success.json.schema_pointer if success and success.json else ""
    items = listing.listing.items if listing.listing else ""
    place = find_schema_at(spec, body, items + "/0") if body else None
    return spec.resolve(place)[0] if place else None


def _is_row(spec: Spec, place: str, row: str) -> bool:
    """Return whether a schema is that of a row, or equal to it under another name."""
    pointer, schema = spec.resolve(place)
    if pointer == row:
        return True
    return is_object(schema) and "properties" in schema and _are_equal(spec, pointer, row)


def _are_equal(spec: Spec, place: str, other: str) -> bool:
    """Return whether two schemas allow the same values, including their references.

    Generators write one class twice, as `Item-Input` and `Item-Output`.
    """
    return _Comparison(spec).are_same({"$ref": f"#{place}"}, {"$ref": f"#{other}"})


class _Comparison:
    """Compares schemas; a pair under comparison counts as equal."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._pairs: set[tuple[str, str]] = set()

    def are_same(self, one: Any, other: Any) -> bool:
        if is_object(one) and is_object(other):
            if isinstance(one.get("$ref"), str) and isinstance(other.get("$ref"), str):
                return self._are_targets_same(one, other)
            keys = one.keys() - _REMARKS
            return keys == other.keys() - _REMARKS and all(
                self.are_same(one[key], other[key]) for key in keys
            )
        if is_array(one) and is_array(other):
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(self.are_same(*pair) for pair in pairs)
        return type(one) is type(other) and bool(one == other)

    def _are_targets_same(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        beside = [{k: v for k, v in each.items() if k != "$ref"} for each in (one, other)]
        targets = [parse_reference(each["$ref"]) for each in (one, other)]
        pair = (targets[0], targets[1])
        if targets[0] == targets[1] or pair in self._pairs:
            return self.are_same(*beside)
        if len(self._pairs) > _MOST_PAIRS:
            return False
        self._pairs.add(pair)
        nodes = [self._spec.get_node(target) for target in targets]
        return self.are_same(*beside) and self.are_same(*nodes)


def _find_item(spec: Spec, operation: Operation, row: str) -> str | None:
    """Return the location of a row in the response."""
    success = operation.success
    body = success.json.schema_pointer if success and success.json else ""
    for pointer in ("", *(join(name) for name in WRAPPERS)) if body else ():
        place = find_schema_at(spec, body, pointer) if pointer else body
        if place and _is_row(spec, place, row):
            return pointer
    return None
