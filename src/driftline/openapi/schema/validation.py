"""Validates JSON values against the schemas of a spec, and returns the violated clauses.

jsonschema-rs does the work (JSON Schema 2020-12, formats asserted). This module adds the pointer of
the clause in the spec, and looks into `anyOf: [schema, null]` for the relevant error.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from threading import Lock
from typing import Any, Self
from urllib.parse import quote

import attrs
import jsonschema_rs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Spec
from driftline.openapi.schema.applied import Direction, apply, find_source_clause
from driftline.openapi.schema.formats import TEXTS, Format, has_widths

BOUNDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties"),
)
"""The keywords that narrow a type, and that no type of Python knows."""
_MOST_SLIPS = 50
_MOST_TEXT = 50_000_000
"""Characters that the messages about one value may have."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


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

    With a direction, properties excluded in it (`readOnly`, `writeOnly`) are not required. A
    discriminator selects the branch whose clauses are reported.
    """
    validator = _VALIDATORS.get(spec, _find_target(spec, schema_pointer), direction)
    try:
        errors = validator.collect_errors(value)
    except UnicodeEncodeError:
        errors = validator.collect_errors(_replace_surrogates(value))
    return [
        _build_violation(spec, found, schema_pointer)
        for error in errors
        for found in list_reasons(error)
    ]


def _replace_surrogates(value: Any) -> Any:
    """Return a value without lone surrogates, which JSON allows and no validator can read."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


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


@attrs.frozen(eq=False)
class _SchemaValidator:
    """A compiled schema with its number of objects and the length of its longest `enum`."""

    compiled: jsonschema_rs.Draft202012Validator
    weight: int
    longest: int

    @classmethod
    def build(cls, spec: Spec, root: dict[str, Any]) -> Self:
        nodes = list(json_pointer.walk_objects(root))
        lists = (node.get("enum", node.get("const")) for node in nodes)
        longest = max((len(repr(values)) for values in lists if values), default=0)
        return cls(_compile(spec, root), len(nodes), longest)

    def collect_errors(self, value: Any) -> list[jsonschema_rs.ValidationError]:
        """Return the errors of a value, or only the first if all of them would fill the memory.

        The library builds all errors at once, and each repeats the whole `enum`.
        """
        if not self.is_too_long(value):
            return list(self.compiled.iter_errors(value))
        try:
            self.compiled.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [error]
        return []

    def is_too_long(self, value: Any) -> bool:
        """Return whether one error per part of a value could fill the memory."""
        return (
            self.longest > 1_000
            and self.longest * sum(1 for _ in json_pointer.walk(value)) > _MOST_TEXT
        )


class _Validators:
    """The recently used validators, within a limit of memory.

    Each has a copy of everything that its schema refers to, which may be most of a large document.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Any, _SchemaValidator] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def get(self, spec: Spec, pointer: str, direction: Direction | None) -> _SchemaValidator:
        """Return the validator of a schema, compiled at first use."""
        about = spec, pointer, direction
        with self._lock:
            if about in self._held:
                self._held.move_to_end(about)
                return self._held[about]
        validator = _build_validator(spec, pointer, direction)
        with self._lock:
            if about not in self._held:
                self._held[about] = validator
                self._weight += validator.weight
            while self._weight > self._most and len(self._held) > 1:
                _, gone = self._held.popitem(last=False)
                self._weight -= gone.weight
        return validator


_VALIDATORS = _Validators(40_000)
"""About 100 MB of validators, at two kilobytes a node."""


def find_broken(spec: Spec, values: Sequence[tuple[str, Any]]) -> list[int]:
    """Return the indexes of the values that the schema at their pointer rejects.

    One validator checks all of them, and compiles each schema of the spec once.
    """
    names = {pointer: None for pointer, _ in values}
    numbers = {pointer: str(number) for number, pointer in enumerate(names)}
    schemas = {
        number: {"items": {"$ref": "#" + quote(pointer, safe="/~")}}
        for pointer, number in numbers.items()
    }
    instance: dict[str, list[Any]] = {}
    indexes: dict[str, list[int]] = {}
    for index, (pointer, value) in enumerate(values):
        instance.setdefault(numbers[pointer], []).append(value)
        indexes.setdefault(numbers[pointer], []).append(index)
    root = {**spec.document, "$schema": DIALECT, "properties": schemas}
    validator = _SchemaValidator.build(spec, root)
    if validator.is_too_long(instance):
        one = partial(_VALIDATORS.get, spec, direction=None)
        return [n for n, (at, value) in enumerate(values) if one(at).collect_errors(value)]
    found = {
        indexes[str(error.instance_path[0])][int(error.instance_path[1])]
        for error in validator.compiled.iter_errors(instance)
    }
    return sorted(found)


def _build_validator(
    spec: Spec, schema_pointer: str, direction: Direction | None
) -> _SchemaValidator:
    reference = "#" + quote(schema_pointer, safe="/~")
    root = {**_extract_part(spec, schema_pointer, direction), "$schema": DIALECT, "$ref": reference}
    if json_pointer.follow(root, schema_pointer) is json_pointer.MISSING:
        # An alternative of a rewritten schema may have another index there.
        del root["$ref"]
        root["allOf"] = [_apply_direction(spec, schema_pointer, direction)]
    for _ in range(_MOST_SLIPS):
        try:
            return _SchemaValidator.build(spec, root)
        except jsonschema_rs.ValidationError as error:
            place = list(error.instance_path)
            if not place:
                raise
            root = _drop_keyword(root, place)
    return _SchemaValidator.build(spec, root)


def _compile(spec: Spec, root: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    if _has_widths(spec):
        keywords: dict[str, Any] = {"format": Format}
        return jsonschema_rs.Draft202012Validator(root, keywords=keywords)
    return jsonschema_rs.Draft202012Validator(root, validate_formats=True, formats=TEXTS)


def _drop_keyword(node: Any, place: list[Any]) -> Any:
    """Return the schema without an invalid keyword, whose meaning is unknown."""
    first, *rest = place
    if json_pointer.is_array(node):
        return [_drop_keyword(e, rest) if i == first and rest else e for i, e in enumerate(node)]
    if rest:
        return {**node, first: _drop_keyword(node[first], rest)}
    return {key: each for key, each in node.items() if key != first}


def is_overlap(spec: Spec, violation: Violation, direction: Direction | None = None) -> bool:
    """Return whether a value violates `oneOf` only because several alternatives match it.

    Many documents write `oneOf` for `anyOf`; a documented form is not an error of the sender.
    """
    if violation.keyword != "oneOf" or not json_pointer.is_array(violation.expected):
        return False
    places = (f"{violation.clause}/{index}" for index in range(len(violation.expected)))
    return any(not list_violations(spec, place, violation.got, direction) for place in places)


def is_valid(
    spec: Spec, schema_pointer: str, value: Any, direction: Direction | None = None
) -> bool:
    """Return whether a schema allows a value; several alternatives of a `oneOf` may match."""
    found = list_violations(spec, schema_pointer, value, direction)
    return all(is_overlap(spec, each, direction) for each in found)


@lru_cache(maxsize=256)
def _has_widths(spec: Spec) -> bool:
    return has_widths(spec.document)


def _extract_part(spec: Spec, schema_pointer: str, direction: Direction | None) -> dict[str, Any]:
    """Return the part of the document that a schema refers to, with the same pointers.

    Each validator keeps a copy of its document, and there are many.
    """
    made: dict[str, Any] = {}
    wanted = sorted(_collect_needed(spec, schema_pointer), key=len)
    placed: set[str] = set()
    for pointer in wanted:
        tokens = json_pointer.split(pointer)
        above = (json_pointer.join(*tokens[:count]) for count in range(len(tokens)))
        if any(each in placed for each in above):
            continue
        placed.add(pointer)
        owner = made
        for token in tokens[:-1]:
            owner = owner.setdefault(token, {})
        owner[tokens[-1]] = _apply_direction(spec, pointer, direction)
    return made


@lru_cache(maxsize=16384)
def _apply_direction(spec: Spec, pointer: str, direction: Direction | None) -> Any:
    """Return the components as they apply in a direction, each rewritten once."""
    return apply(spec.document, pointer, direction)


def _collect_needed(spec: Spec, schema_pointer: str) -> set[str]:
    found: set[str] = set()
    waiting = [schema_pointer]
    while waiting:
        pointer = waiting.pop()
        node = spec.get_node(pointer) if pointer else None
        if pointer in found or node is None or node is json_pointer.MISSING:
            continue
        found.add(pointer)
        references = json_pointer.iterate_references(node)
        waiting += (json_pointer.parse_reference(r) for r in references if r.startswith("#/"))
    return found


def list_reasons(error: Any) -> Iterator[Any]:
    """Yield the error, or those of the branch of anyOf/oneOf that the value comes closest to.

    That is the only branch of the value's type, or the only one with errors only at deeper levels.
    """
    branches = getattr(error.kind, "context", None)
    if not branches:
        yield error
        return
    here = len(list(error.instance_path))
    relevant = [each for each in branches if not all(_is_type_error(e, here) for e in each)]
    if len(relevant) > 1:
        relevant = [each for each in relevant if all(_measure_depth(e) > here for e in each)]
    if len(relevant) != 1:
        yield error
        return
    for inner in relevant[0]:
        yield from list_reasons(inner)


def _is_type_error(error: Any, here: int) -> bool:
    return list(error.schema_path)[-1:] == ["type"] and _measure_depth(error) == here


def _measure_depth(error: Any) -> int:
    return len(list(error.instance_path))


def _build_violation(spec: Spec, error: Any, schema_pointer: str) -> Violation:
    clause = find_source_clause(spec.document, json_pointer.join(*error.schema_path))
    expected = json_pointer.follow(spec.document, clause)
    keyword = json_pointer.split(clause)[-1]
    if keyword == "required":
        expected = error.kind.property
    return Violation(
        path=json_pointer.join(*error.instance_path),
        clause=clause,
        keyword=keyword,
        message=error.message,
        expected=expected,
        got=error.instance,
        site=_find_site(spec, error, schema_pointer),
    )


def _find_site(spec: Spec, error: Any, schema_pointer: str) -> str:
    """Return the schema whose `$ref` directly leads to the schema with the violated keyword."""
    steps = list(error.evaluation_path)
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
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"
