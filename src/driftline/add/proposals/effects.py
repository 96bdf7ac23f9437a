"""Proposes the effects of operations on rows, if path and response are unambiguous."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from driftline.add.choosing import list_properties
from driftline.add.naming.phrases import split_words
from driftline.checks import describe_duplicates, is_described_unique
from driftline.openapi import (
    Operation,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    join,
    list_branches,
    list_types,
    parse_reference,
)

_KINDS = {"GET": "read", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_NUMBERS = frozenset({"integer", "number"})
_SHAPES = ("enum", "format", "pattern")
_MOST_PAIRS = 300
_KEYS = frozenset({("id",), ("uuid",)})
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
        why = f"a POST to the path of {listing.id} responds with one of its rows"
        rule = _build_words("create", listing, item, None, why)
        unique = _find_unique_field(spec, operation)
        return ({**rule, "unique": [join(unique)]} if unique else rule), why
    match = re.fullmatch(r"(.*)/\{([^{}/]+)\}(/[^{}/]+)?/?", operation.path)
    is_action = match is not None and match[3] is not None
    kind = _KINDS.get(operation.method)
    if is_action:
        kind = "update" if operation.method == "POST" else None
    if match is None or kind is None or operation.find_parameter(match[2], "path") is None:
        return None
    listing_path = listing.path.rstrip("/")
    if match[1] != listing_path and not is_short_path(match[1], listing_path):
        return None
    item = _find_item(spec, operation, row)
    if (item is None and kind != "delete") or not _can_name(spec, operation, match[2], listing):
        return None
    if is_action and match[1] != listing_path:
        return None
    why = f"its path is that of {listing.id} and a parameter that names a row"
    if match[1] != listing_path:
        why = f"its path ends like that of {listing.id}, with a parameter that names a row"
    return _build_words(kind, listing, item, match[2], why), why


def is_short_path(path: str, listing_path: str) -> bool:
    """Return whether a path is that of a listing without the parents.

    For example `/v1/books` for `/v1/authors/{author_id}/books`.
    """
    before, _, noun = path.rpartition("/")
    return (
        bool(noun)
        and "{" not in path
        and listing_path.startswith(before + "/")
        and listing_path.endswith("}/" + noun)
    )


def _find_unique_field(spec: Spec, operation: Operation) -> str | None:
    """Return the field that a conflict is about: "a user with this email already exists".

    Below a parent, values may be unique among its rows only.
    """
    conflict = operation.find_exact_response("409")
    media = operation.body.json if operation.body else None
    if conflict is None or media is None or "{" in operation.path:
        return None
    description = " ".join(split_words(describe_duplicates(operation, conflict)))
    fields = list_properties(spec, media.schema_pointer)
    names = [
        name
        for name, pointer in fields.items()
        if _names_field(description, name)
        or any(
            is_described_unique(str(schema.get("description", "")))
            for _, schema in list_branches(spec, pointer)
        )
    ]
    is_string = len(names) == 1 and list_types(spec, fields[names[0]]) == {"string"}
    return names[0] if is_string else None  # two may be unique together only


def _names_field(description: str, name: str) -> bool:
    """Return whether a description has the name of a field, or of the row that it identifies."""
    words = split_words(name)
    nouns = {words, words[:-1]} if words[-1:] in _KEYS else {words}
    return any(
        noun and re.search(rf"\b{re.escape(' '.join(noun))}s?\b", description) for noun in nouns
    )


def _can_name(spec: Spec, operation: Operation, name: str, listing: Operation) -> bool:
    """Return whether the path parameter can be the id of the rows."""
    parameter, row = operation.find_parameter(name, "path"), _find_row(spec, listing)
    pointer = find_schema_at(spec, row, listing.listing.id) if row and listing.listing else None
    if parameter is None or pointer is None:
        return False
    parameter_schema, id_schema = (
        spec.resolve(parameter.schema_pointer)[1],
        spec.resolve(pointer)[1],
    )
    if not is_object(parameter_schema) or not is_object(id_schema):
        return False
    if parameter_schema.get("type") in _NUMBERS and id_schema.get("type") not in _NUMBERS:
        return False
    keywords: tuple[str, ...] = () if parameter_schema.get("type") in _NUMBERS else _SHAPES
    if split_words(name) == split_words(pointer.rpartition("/")[2]):  # a row may leave its form out
        keywords = tuple(keyword for keyword in keywords if keyword in id_schema)
    return all(
        keyword not in parameter_schema or parameter_schema[keyword] == id_schema.get(keyword)
        for keyword in keywords
    )


def _build_words(
    kind: str, listing: Operation, item: str | None, name: str | None, why: str
) -> dict[str, Any]:
    rule: dict[str, Any] = {"kind": kind, "of": listing.id}
    if item is not None:
        rule["item"] = item
    if name is not None:
        rule["id"] = name
    return {**rule, "x-assumed": f"proposed from the shape of the document: {why}"}


def _find_row(spec: Spec, listing: Operation) -> str | None:
    """Return the location of a row's schema after following references."""
    success = listing.success
    body = success.json.schema_pointer if success and success.json else ""
    items = listing.listing.items if listing.listing else ""
    row_pointer = find_schema_at(spec, body, items + "/0") if body else None
    return spec.resolve(row_pointer)[0] if row_pointer else None


def _is_row(spec: Spec, schema_pointer: str, row: str) -> bool:
    """Return whether a schema is that of a row, or equal to it under another name."""
    pointer, schema = spec.resolve(schema_pointer)
    if pointer == row:
        return True
    return is_object(schema) and "properties" in schema and _are_equal(spec, pointer, row)


def _are_equal(spec: Spec, first: str, second: str) -> bool:
    """Return whether two schemas allow the same values, including their references.

    Generators write one class twice, as `Item-Input` and `Item-Output`.
    """
    return _Comparison(spec).are_same({"$ref": f"#{first}"}, {"$ref": f"#{second}"})


class _Comparison:
    """Compares schemas; a pair under comparison counts as equal."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._pairs: set[tuple[str, str]] = set()

    def are_same(self, first: Any, second: Any) -> bool:
        if is_object(first) and is_object(second):
            if isinstance(first.get("$ref"), str) and isinstance(second.get("$ref"), str):
                return self._are_targets_same(first, second)
            keys = first.keys() - _REMARKS
            return keys == second.keys() - _REMARKS and all(
                self.are_same(first[key], second[key]) for key in keys
            )
        if is_array(first) and is_array(second):
            pairs = zip(first, second, strict=False)
            return len(first) == len(second) and all(self.are_same(*pair) for pair in pairs)
        return type(first) is type(second) and bool(first == second)

    def _are_targets_same(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
        siblings = [{k: v for k, v in schema.items() if k != "$ref"} for schema in (first, second)]
        targets = [parse_reference(schema["$ref"]) for schema in (first, second)]
        pair = (targets[0], targets[1])
        if targets[0] == targets[1] or pair in self._pairs:
            return self.are_same(*siblings)
        if len(self._pairs) > _MOST_PAIRS:
            return False
        self._pairs.add(pair)
        nodes = [self._spec.get_node(target) for target in targets]
        return self.are_same(*siblings) and self.are_same(*nodes)


def _find_item(spec: Spec, operation: Operation, row: str) -> str | None:
    """Return the location of the only row in the response: its body or a field of it."""
    success = operation.success
    body = success.json.schema_pointer if success and success.json else ""
    if not body or _is_row(spec, body, row):
        return "" if body else None
    fields = list_properties(spec, body).items()
    names = [name for name, pointer in fields if _is_row(spec, pointer, row)]
    return join(names[0]) if len(names) == 1 else None
