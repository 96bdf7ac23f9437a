"""Compiles schemas for validation by jsonschema-rs (JSON Schema 2020-12, formats asserted)."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from itertools import islice
from threading import RLock
from typing import Any, Self
from urllib.parse import quote

import attrs
import jsonschema_rs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Spec
from driftline.openapi.schema.applied import Direction, apply, find_applied_pointer
from driftline.openapi.schema.formats import TEXTS, Format, has_widths
from driftline.openapi.schema.repetition import get_repetitions
from driftline.openapi.schema.walk import list_roots, list_subschemas

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LISTS = ("enum", "const", "required", "dependentRequired")
_MOST_SLIPS = 50
_MOST_TEXT = 50_000_000
"""Characters that the messages about one value may have."""
_MOST_NODES = 8_000
"""With more nodes, validating the whole document is faster than single ones."""


@attrs.frozen(eq=False)
class SchemaValidator:
    """A compiled schema with its number of objects and the length of its longest list."""

    compiled_schema: jsonschema_rs.Draft202012Validator
    weight: int
    longest_list: int

    @classmethod
    def build(cls, spec: Spec, root: dict[str, Any]) -> Self:
        weight = sum(1 for _ in json_pointer.walk_objects(root))
        return cls(compile_schema(spec, root), weight, measure_longest_list(root))

    def collect_errors(self, value: Any) -> list[jsonschema_rs.ValidationError]:
        """Return the errors of a value, or only the first if all of them would fill the memory.

        The library builds all errors at once. Each repeats the whole `enum`, or the whole value for
        each name that is required and missing.
        """
        if not self.is_too_long(value):
            return list(self.compiled_schema.iter_errors(value))
        try:
            self.compiled_schema.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [error]
        return []

    def is_too_long(self, value: Any) -> bool:
        """Return whether one error per part of a value could fill the memory."""
        return is_too_long(self.longest_list, value)


def measure_longest_list(root: Any) -> int:
    """Return the number of characters of the longest list that an error would repeat."""
    nodes = json_pointer.walk_objects(root)
    lists = (node[keyword] for node in nodes for keyword in _LISTS if node.get(keyword))
    return max((len(repr(values)) for values in lists), default=0)


def is_too_long(longest: int, value: Any) -> bool:
    """Return whether one error per part of a value could fill the memory."""
    return longest > 1_000 and longest * sum(1 for _ in json_pointer.walk(value)) > _MOST_TEXT


class Validators:
    """The validators of one spec in one direction.

    Strict ones allow only values that match exactly one alternative of each `oneOf`. Each has a
    copy of everything that its schema refers to, which may be most of a large document. Beyond a
    limit, one of the whole document takes their place: it compiles each schema once.
    """

    def __init__(self, spec: Spec, direction: Direction | None, *, is_strict: bool) -> None:
        self._spec = spec
        self._direction: Direction | None = direction
        self._is_strict = is_strict
        self._validators: dict[str, SchemaValidator] = {}
        self._free_nodes = _MOST_NODES
        self._document_validator: SchemaValidator | None = None
        self._schema_numbers: dict[str, str] = {}
        self._applied_schemas: dict[str, Any] = {}
        self._lock = RLock()

    def collect_errors(self, pointer: str, value: Any) -> tuple[list[Any], int]:
        """Return the errors of a value by a schema, and how deep the value is in their paths.

        A value that is too costly to validate has none.
        """
        if self.accepts(pointer, value):
            return [], 0
        number = self._schema_numbers.get(pointer)
        if (
            number is not None
            and self._document_validator is not None
            and not self._document_validator.is_too_long(value)
        ):
            return self._document_validator.collect_errors({number: value}), 1
        return self.get(pointer).collect_errors(value), 0

    def accepts(self, pointer: str, value: Any) -> bool:
        """Return whether a value has no errors, which takes a tenth of the time to list them."""
        if get_repetitions(self._spec).is_too_deep(pointer, value):
            return True
        self._prepare(pointer)
        number = self._schema_numbers.get(pointer)
        if number is not None and self._document_validator is not None:
            return self._document_validator.compiled_schema.is_valid({number: value})
        return self.get(pointer).compiled_schema.is_valid(value)

    def _prepare(self, pointer: str) -> None:
        """Compile the whole document if a schema refers to more than the limit."""
        with self._lock:
            if not self._schema_numbers and pointer not in self._validators:
                needed = map(self._spec.get_node, collect_needed(self._spec, pointer))
                nodes = (node for schema in needed for node in json_pointer.walk_objects(schema))
                if any(True for _ in islice(nodes, _MOST_NODES, None)):
                    self._compile_whole()

    def get(self, pointer: str) -> SchemaValidator:
        """Return the validator of one schema, compiled at first use."""
        with self._lock:
            validator = self._validators.get(pointer)
            if validator is None:
                validator = self._build(pointer)
                self._validators[pointer] = validator
                self._free_nodes -= validator.weight
            if self._free_nodes < 0 and len(self._validators) > 1:
                self._validators, self._free_nodes = {}, _MOST_NODES
                if not self._schema_numbers:
                    self._compile_whole()
            return validator

    def _compile_whole(self) -> None:
        document = apply(self._spec.document, "", self._direction, is_strict=self._is_strict)
        applied_pointers = {
            pointer: find_applied_pointer(document, pointer)
            for root_pointer, root in list_roots(self._spec.document)
            for pointer, schema in list_subschemas(root, root_pointer)
            # Items of tuples may be many, and are hardly ever validated alone.
            if "/prefixItems/" not in pointer
            and (pointer == root_pointer or _has_inner_references(schema))
        }
        numbers = {
            pointer: str(number)
            for number, (pointer, applied_pointer) in enumerate(applied_pointers.items())
            if json_pointer.follow(document, applied_pointer) is not json_pointer.MISSING
        }
        schemas = {
            number: {"$ref": to_reference(applied_pointers[pointer])}
            for pointer, number in numbers.items()
        }
        compiled_document = {**document, "$schema": DIALECT, "properties": schemas}
        with suppress(jsonschema_rs.ValidationError):  # then each schema on its own
            self._document_validator = _build_without_slips(self._spec, compiled_document)
        self._schema_numbers = numbers

    def _build(self, schema_pointer: str) -> SchemaValidator:
        part = self._extract_part(schema_pointer)
        applied_pointer = find_applied_pointer(part, schema_pointer)
        root = {**part, "$schema": DIALECT, "$ref": to_reference(applied_pointer)}
        if json_pointer.follow(root, applied_pointer) is json_pointer.MISSING:
            # Below a property that is not validated in this direction.
            del root["$ref"]
            root["allOf"] = [self._apply(schema_pointer)]
        return _build_without_slips(self._spec, root)

    def _extract_part(self, schema_pointer: str) -> dict[str, Any]:
        """Return the part of the document that a schema refers to, with the same pointers.

        Each validator keeps a copy of its document, and there are many.
        """
        part: dict[str, Any] = {}
        pointers = sorted(collect_needed(self._spec, schema_pointer), key=len)
        placed: set[str] = set()
        for pointer in pointers:
            tokens = json_pointer.split(pointer)
            ancestors = (json_pointer.join(*tokens[:count]) for count in range(len(tokens)))
            if any(ancestor in placed for ancestor in ancestors):
                continue
            placed.add(pointer)
            owner = part
            for token in tokens[:-1]:
                owner = owner.setdefault(token, {})
            owner[tokens[-1]] = self._apply(pointer)
        return part

    def _apply(self, pointer: str) -> Any:
        """Return a component as it applies in the direction, rewritten once."""
        if pointer not in self._applied_schemas:
            schema = apply(self._spec.document, pointer, self._direction, is_strict=self._is_strict)
            self._applied_schemas[pointer] = schema
        return self._applied_schemas[pointer]


def get_validators(
    spec: Spec, direction: Direction | None, *, is_strict: bool = False
) -> Validators:
    """Return the shared validators of a spec; both directions share them where they are equal."""
    return _build_validators(spec, direction if _has_directions(spec) else None, is_strict)


@lru_cache(maxsize=8)
def _build_validators(spec: Spec, direction: Direction | None, is_strict: bool) -> Validators:
    return Validators(spec, direction, is_strict=is_strict)


def release_validators() -> None:
    """Free the compiled schemas of all specs; what is needed again is compiled again.

    Those of a large document take 200 MB.
    """
    _build_validators.cache_clear()


@lru_cache(maxsize=256)
def _has_directions(spec: Spec) -> bool:
    nodes = json_pointer.walk_objects(spec.document)
    return any(node.get(word) is True for node in nodes for word in ("readOnly", "writeOnly"))


def _has_inner_references(schema: dict[str, Any]) -> bool:
    """Return whether a validator of the schema alone would need a copy of other schemas.

    What is only a reference shares the validator of its target.
    """
    is_reference = len(schema) == 1 and "$ref" in schema
    return not is_reference and any(True for _ in json_pointer.iterate_references(schema))


def to_reference(pointer: str) -> str:
    return "#" + quote(pointer, safe="/~")


def _build_without_slips(spec: Spec, root: dict[str, Any]) -> SchemaValidator:
    """Compile a schema without its invalid keywords.

    Raises:
        ValidationError: it cannot be compiled.
    """
    for _ in range(_MOST_SLIPS):
        try:
            return SchemaValidator.build(spec, root)
        except jsonschema_rs.ValidationError as error:
            path = list(error.instance_path)
            if not path:
                raise
            root = _drop_keyword(root, path)
    return SchemaValidator.build(spec, root)


def compile_schema(spec: Spec, root: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Compile a schema, whose references lead into `root` itself."""
    if _has_widths(spec):
        keywords: dict[str, Any] = {"format": Format}
        return jsonschema_rs.Draft202012Validator(root, keywords=keywords)
    return jsonschema_rs.Draft202012Validator(root, validate_formats=True, formats=TEXTS)


def _drop_keyword(node: Any, path: list[Any]) -> Any:
    """Return the schema without an invalid keyword, whose meaning is unknown."""
    first, *rest = path
    if json_pointer.is_array(node):
        return [_drop_keyword(e, rest) if i == first and rest else e for i, e in enumerate(node)]
    if rest:
        return {**node, first: _drop_keyword(node[first], rest)}
    return {key: value for key, value in node.items() if key != first}


@lru_cache(maxsize=256)
def _has_widths(spec: Spec) -> bool:
    return has_widths(spec.document)


def collect_needed(spec: Spec, schema_pointer: str) -> set[str]:
    """Return a pointer and all that it refers to, directly or not."""
    pointers: set[str] = set()
    pending = [schema_pointer]
    while pending:
        pointer = pending.pop()
        node = spec.get_node(pointer) if pointer else None
        if pointer in pointers or node is None or node is json_pointer.MISSING:
            continue
        pointers.add(pointer)
        references = json_pointer.iterate_references(node)
        pending += (json_pointer.parse_reference(r) for r in references if r.startswith("#/"))
    return pointers
