"""Validates JSON values against the schemas of a spec, and returns the violated clauses.

jsonschema-rs does the work (JSON Schema 2020-12, formats asserted). This module adds the pointer of
the clause in the spec, and looks into `anyOf: [schema, null]` for the relevant error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Spec
from driftline.openapi.schema.applied import Direction, find_source_clause
from driftline.openapi.schema.repetition import get_repetitions
from driftline.openapi.schema.validators import (
    DIALECT,
    Validators,
    collect_needed,
    compile_schema,
    get_validators,
    is_too_long,
    measure_longest_list,
    to_reference,
)

BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties"),
)
"""The keywords that narrow a type, and that no type of Python knows."""


@attrs.frozen
class Violation:
    """A value that violates a clause.

    `path` is the JSON pointer of the value, `clause` that of the violated keyword in the spec. If
    the keyword is behind a `$ref`, `site` is the pointer of the schema with the `$ref`.
    """

    path: str
    clause: str
    keyword: str
    message: str
    expected: Any
    got: Any
    site: str = ""


def list_violations(
    spec: Spec, schema_pointer: str, value: Any, direction: Direction | None = None
) -> list[Violation]:
    """Return every violation of the schema at `schema_pointer` of `spec` in `value`.

    Several alternatives of a `oneOf` may match. With a direction, properties excluded in it
    (`readOnly`, `writeOnly`) are not required. A discriminator selects the branch whose clauses are
    reported.
    """
    validators, target = get_validators(spec, direction), _find_target(spec, schema_pointer)
    try:
        errors, depth = validators.collect_errors(target, value)
    except UnicodeEncodeError:
        errors, depth = validators.collect_errors(target, _replace_surrogates(value))
    return [
        _build_violation(spec, reason, schema_pointer, depth)
        for error in errors
        for reason in list_reasons(error)
    ]


def is_valid(
    spec: Spec, schema_pointer: str, value: Any, direction: Direction | None = None
) -> bool:
    """Return whether `list_violations` finds none, which takes a tenth of its time."""
    return _accepts(get_validators(spec, direction), _find_target(spec, schema_pointer), value)


def _accepts(validators: Validators, target: str, value: Any) -> bool:
    try:
        return validators.accepts(target, value)
    except UnicodeEncodeError:
        return validators.accepts(target, _replace_surrogates(value))


def _replace_surrogates(value: Any) -> Any:
    """Return a value without lone surrogates, which JSON allows and no validator can read."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


@lru_cache(maxsize=16_384)
def _find_target(spec: Spec, pointer: str) -> str:
    """Return the target of a schema that is only a reference.

    All such schemas share a validator.
    """
    seen: set[str] = set()
    while pointer not in seen:
        seen.add(pointer)
        node = spec.get_node(pointer)
        reference = node.get("$ref") if json_pointer.is_object(node) and len(node) == 1 else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        target = json_pointer.parse_reference(reference)
        if spec.get_node(target) is json_pointer.MISSING:
            break
        pointer = target
    return pointer


def find_broken(spec: Spec, values: Sequence[tuple[str, Any]]) -> list[int]:
    """Return the indexes of the values that the schema at their pointer rejects.

    One validator checks all of them, and compiles each schema of the spec once. Where the errors of
    all could fill the memory, each value is only accepted or rejected. Values that are too costly
    to validate are not checked.
    """
    repetitions = get_repetitions(spec)
    names = {pointer: None for pointer, _ in values}
    numbers = {pointer: str(number) for number, pointer in enumerate(names)}
    schemas = {
        number: {"items": {"$ref": to_reference(pointer)}} for pointer, number in numbers.items()
    }
    instance: dict[str, list[Any]] = {}
    indexes: dict[str, list[int]] = {}
    for index, (pointer, value) in enumerate(values):
        if repetitions.is_too_deep(pointer, value):
            continue
        instance.setdefault(numbers[pointer], []).append(value)
        indexes.setdefault(numbers[pointer], []).append(index)
    if not instance:
        return []
    root = {**spec.document, "$schema": DIALECT, "properties": schemas}
    if is_too_long(measure_longest_list(root), instance):
        accepts = get_validators(spec, None).accepts
        return [n for n, (pointer, value) in enumerate(values) if not accepts(pointer, value)]
    broken_indexes = {
        indexes[str(error.instance_path[0])][int(error.instance_path[1])]
        for error in compile_schema(spec, root).iter_errors(instance)
    }
    return sorted(broken_indexes)


def matches_exactly(
    spec: Spec, schema_pointer: str, value: Any, direction: Direction | None = None
) -> bool:
    """Return whether a value also matches exactly one alternative of each `oneOf`.

    All other functions let several match: many documents write `oneOf` for `anyOf`, and a
    documented form is not an error of the sender.
    """
    if not _has_one_of(spec, schema_pointer):
        return is_valid(spec, schema_pointer, value, direction)
    validators = get_validators(spec, direction, is_strict=True)
    return _accepts(validators, _find_target(spec, schema_pointer), value)


@lru_cache(maxsize=16_384)
def _has_one_of(spec: Spec, pointer: str) -> bool:
    needed = map(spec.get_node, collect_needed(spec, pointer))
    return any("oneOf" in node for schema in needed for node in json_pointer.walk_objects(schema))


def list_reasons(error: Any) -> Iterator[Any]:
    """Yield the error, or those of the branch of anyOf/oneOf that the value comes closest to.

    That is the only branch of the value's type, or the only one with errors only at deeper levels.
    """
    branches = getattr(error.kind, "context", None)
    if not branches:
        yield error
        return
    depth = len(list(error.instance_path))
    relevant = [branch for branch in branches if not all(_is_type_error(e, depth) for e in branch)]
    if len(relevant) > 1:
        relevant = [branch for branch in relevant if all(_measure_depth(e) > depth for e in branch)]
    if len(relevant) != 1:
        yield error
        return
    for inner in relevant[0]:
        yield from list_reasons(inner)


def _is_type_error(error: Any, depth: int) -> bool:
    return list(error.schema_path)[-1:] == ["type"] and _measure_depth(error) == depth


def _measure_depth(error: Any) -> int:
    return len(list(error.instance_path))


def _build_violation(spec: Spec, error: Any, schema_pointer: str, depth: int) -> Violation:
    clause = find_source_clause(spec.document, json_pointer.join(*error.schema_path))
    expected = json_pointer.follow(spec.document, clause)
    keyword = json_pointer.split(clause)[-1]
    message = error.message
    if keyword == "required":
        expected = error.kind.property
    elif keyword == "oneOf":
        message = f"{describe(error.instance)} matches no alternative of oneOf"
    return Violation(
        path=json_pointer.join(*list(error.instance_path)[depth:]),
        clause=clause,
        keyword=keyword,
        message=message,
        expected=expected,
        got=error.instance,
        site=_find_site(spec, list(error.evaluation_path)[2 * depth :], schema_pointer),
    )


def _find_site(spec: Spec, steps: Sequence[Any], schema_pointer: str) -> str:
    """Return the schema whose `$ref` directly leads to the schema with the violated keyword."""
    if len(steps) < 2 or steps[-2] != "$ref":
        return ""
    pointer = schema_pointer if len(steps) == 2 else _find_target(spec, schema_pointer)
    for step in steps[1:-2]:
        node = spec.get_node(pointer)
        if step == "$ref" and json_pointer.is_object(node) and isinstance(node.get("$ref"), str):
            pointer = json_pointer.parse_reference(node["$ref"])
        elif step != "$ref":
            pointer = find_source_clause(spec.document, pointer + json_pointer.join(step))
    node = spec.get_node(pointer)
    return pointer if json_pointer.is_object(node) and "$ref" in node else ""


def describe(value: Any, limit: int = 120) -> str:
    """Return a value as short JSON, cut at `limit` characters."""
    string = json.dumps(value, ensure_ascii=False, default=str)
    return string if len(string) <= limit else string[: limit - 1] + "…"
