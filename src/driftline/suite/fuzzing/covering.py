"""A small set of values that together cover every choice of a schema.

Each optional field is present and absent, each enum value, alternative, type and null occurs, and
bounds are reached. A value is made for a turn; a choice among n options takes option `turn % n` and
passes `turn // n` to the chosen option, so that nested choices are covered as well. Random
values would need many more to cover the same, and are slow to draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice, repeat, zip_longest
from random import Random
from typing import Any, Final

from driftline.checks import may_be_number
from driftline.generate import Literals, ReferenceResolver, collect_literals
from driftline.openapi import (
    Direction,
    Spec,
    find_discriminator,
    find_hidden_keyword,
    get_costs,
    is_array,
    is_documented,
    is_hidden,
    is_object,
    is_valid,
    make_matching,
    pointer as json_pointer,
)
from driftline.suite.fuzzing.scalar_values import list_numbers, make_string

DEEPEST: Final = 6
"""Below this depth, optional parts are omitted, so that recursive schemas end."""
LIMIT: Final = 4 * DEEPEST
_ROOM: Final = 5_000
"""After this many parts of one value, too: ten fields with ten fields each multiply."""
_MOST_PARTS: Final = 30_000
"""After this many parts of all values, no further one is tried."""
_ATTEMPTS: Final = 3
"""How many turns are tried for each value: not every combination is valid."""
_MOST_ITEMS: Final = 50
_ANYTHING: Final[tuple[Any, ...]] = ("text", 1, None, True, {"key": "value"}, [1, "two"], 0.5)
_REMARKS: Final = frozenset(
    {
        *("default", "deprecated", "description", "example", "examples", "externalDocs", "not"),
        *("nullable", "readOnly", "title", "writeOnly", "xml"),
    }
)
"""Keywords that do not restrict a value."""
_FILLER: Final = str(b"text", "ascii")
"""The value of a required field that this part of the schema does not describe.

A separate object, to distinguish it from an intended string.
"""
_TYPES_BY_KEYWORD: Final = {
    "properties": "object",
    "additionalProperties": "object",
    "required": "object",
    "items": "array",
    "prefixItems": "array",
    "pattern": "string",
    "format": "string",
    "minLength": "string",
    "maxLength": "string",
    "minimum": "number",
    "maximum": "number",
}


def cover(
    spec: Spec, schema_pointer: str, count: int, direction: Direction | None = None
) -> Iterator[Any]:
    """Yield up to `count` different values that the schema allows, the same ones each time.

    Yields nothing if no valid value could be made, or only a too costly one.
    """
    if get_costs(spec).find_problem(schema_pointer) is not None:
        return
    maker = _Maker(spec, find_hidden_keyword(direction))
    tried_keys: set[str] = set()
    remaining = count
    for turn in range(_ATTEMPTS * count):
        value = maker.make_value(schema_pointer, turn)
        key = repr(value)
        if key in tried_keys:
            continue
        tried_keys.add(key)
        if _is_allowed(spec, schema_pointer, value, direction):
            yield value
            remaining -= 1
        if not remaining or maker.part_count > _MOST_PARTS:
            return


def _is_allowed(spec: Spec, pointer: str, value: Any, direction: Direction | None) -> bool:
    """Return whether a value is valid, and has no undocumented field in a response.

    If two parts of a schema describe a field, either may allow any value.
    """
    if direction == "response":
        return is_documented(spec, pointer, value)
    return is_valid(spec, pointer, value, direction)


@lru_cache(maxsize=16)
def _collect_tags(spec: Spec) -> Literals:
    """Return the discriminator values of each schema."""
    return collect_literals(ReferenceResolver(spec.document))


_Field = tuple[int, str, str, bool]


class _Maker:
    """Makes values of one document; properties with the keyword `hidden` are left out."""

    def __init__(self, spec: Spec, hidden: str) -> None:
        self._spec = spec
        self._hidden_keyword = hidden
        self._tags = _collect_tags(spec)
        self._costs = get_costs(spec)
        self._fields: dict[str, list[_Field]] = {}
        self._max_parts = _ROOM
        self.part_count = 0

    def make_value(self, pointer: str, turn: int) -> Any:
        """Return the value of a turn; it may be invalid."""
        self._max_parts = self.part_count + _ROOM
        return self.make(pointer, turn, 0)

    def _is_lean(self, depth: int) -> bool:
        """Return whether optional parts are omitted."""
        return depth > DEEPEST or self.part_count > self._max_parts

    def make(self, pointer: str, turn: int, depth: int) -> Any:
        """Return a part of a value."""
        self.part_count += 1
        pointer, schema = self._spec.resolve(pointer)
        if depth > LIMIT or self._costs.find_problem(pointer) is not None:
            return None
        if not is_object(schema):
            return _ANYTHING[turn % len(_ANYTHING)]
        if "const" in schema:
            return schema["const"]
        if is_array(schema.get("enum")) and schema["enum"]:
            return schema["enum"][turn % len(schema["enum"])]
        values = list(self._list_parts(pointer, schema, turn, depth))
        objects = [value for value in values if is_object(value)]
        if objects:
            merged: dict[str, Any] = {}
            for value in objects:
                merged = _merge(merged, value)
            for name in [name for name, member in merged.items() if member is _FILLER]:
                member_pointer = self._find_member(pointer, name)
                if member_pointer is not None:
                    merged[name] = self.make(member_pointer, turn, depth + 1)
            return merged | self._choose_tags(schema, merged, objects[0])
        return values[0] if values else _ANYTHING[turn % len(_ANYTHING)]

    def _find_member(self, pointer: str, name: str, depth: int = 0) -> str | None:
        """Return the schema of a field, which any part of the schema of an object describes."""
        pointer, schema = self._spec.resolve(pointer)
        if not is_object(schema) or depth > DEEPEST:
            return None
        properties = schema.get("properties")
        if is_object(properties) and name in properties:
            return pointer + json_pointer.join("properties", name)
        parts = (
            self._find_member(f"{pointer}/{keyword}/{index}", name, depth + 1)
            for keyword in ("allOf", "oneOf", "anyOf")
            for index in range(len(schema.get(keyword, ())))
        )
        return next((part for part in parts if part is not None), None)

    def _choose_tags(
        self, schema: dict[str, Any], value: Mapping[str, Any], first: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the discriminator values for a schema, by property.

        `first` is the value of its branch, if it has any, and selects the branch.
        """
        discriminator = find_discriminator(self._spec.document, schema)
        branch_tag = (
            {discriminator.property: first[discriminator.property]}
            if discriminator and discriminator.property in first
            else {}
        )
        tags = self._tags.get(id(schema), {}).items()
        return branch_tag | {
            name: allowed_tags[0]
            for name, allowed_tags in tags
            if allowed_tags and name in value and value[name] not in allowed_tags
        }

    def _list_parts(
        self, pointer: str, schema: dict[str, Any], turn: int, depth: int
    ) -> Iterator[Any]:
        """Yield a value for each part of a schema that restricts values."""
        for keyword in ("oneOf", "anyOf"):
            if is_array(schema.get(keyword)) and schema[keyword]:
                yield self._make_branch(pointer, schema, keyword, turn, depth)
        for index, part in enumerate(schema.get("allOf", ())):
            if is_object(part) and part.keys() - _REMARKS:
                yield self.make(f"{pointer}/allOf/{index}", turn, depth + 1)
        kind = schema.get("type")
        if is_array(kind) and kind:
            kind, turn = kind[turn % len(kind)], turn // len(kind)
        if kind is None:
            kind = next(
                (_TYPES_BY_KEYWORD[name] for name in schema if name in _TYPES_BY_KEYWORD), ""
            )
        if kind:
            yield self._make_typed(str(kind), pointer, schema, turn, depth)

    def _make_branch(
        self, pointer: str, schema: dict[str, Any], keyword: str, turn: int, depth: int
    ) -> Any:
        options = schema[keyword]
        # At depth, the last alternative is chosen, which usually ends the recursion.
        index = turn % len(options) if depth < DEEPEST else len(options) - 1
        value = self.make(f"{pointer}/{keyword}/{index}", turn // len(options), depth + 1)
        if isinstance(value, str) and may_be_number(self._spec, pointer):
            return ("17", "0.5")[turn // len(options) % 2]
        discriminator = find_discriminator(self._spec.document, schema)
        if discriminator is not None and is_object(value):
            tags = discriminator.tags[index] if discriminator.keyword == keyword else ()
            if tags and value.get(discriminator.property) not in tags:
                value[discriminator.property] = tags[0]
        return value

    def _make_typed(
        self, kind: str, pointer: str, schema: dict[str, Any], turn: int, depth: int
    ) -> Any:
        if kind == "object":
            return self._make_object(pointer, schema, turn, depth)
        if kind == "array":
            return self._make_array(pointer, schema, turn, depth)
        if kind == "string":
            return make_string(schema, turn)
        if kind in {"integer", "number"}:
            numbers = list(list_numbers(schema, is_integer=kind == "integer"))
            return numbers[turn % len(numbers)]
        return turn % 2 == 0 if kind == "boolean" else None

    def _make_object(self, pointer: str, schema: dict[str, Any], turn: int, depth: int) -> Any:
        if pointer not in self._fields:
            self._fields[pointer] = list(self._list_fields(pointer, schema))
        value: dict[str, Any] = {}
        for index, name, field_pointer, is_required in self._fields[pointer]:
            is_omitted = turn == 1 or self._is_lean(depth) or (turn > 1 and (index + turn) % 5 == 4)
            if is_required or not is_omitted:
                field_turn = turn + index if turn > 1 else turn
                value[name] = self.make(field_pointer, field_turn, depth + 1)
        properties = schema.get("properties")
        for name in schema.get("required", ()):
            if not is_object(properties) or name not in properties:
                has_schema = is_object(schema.get("additionalProperties"))
                member_pointer = f"{pointer}/additionalProperties"
                value[name] = self.make(member_pointer, turn, depth + 1) if has_schema else _FILLER
        self._add_members(pointer, schema, value, turn, depth)
        return value

    def _list_fields(self, pointer: str, schema: dict[str, Any]) -> Iterator[_Field]:
        """Yield index, name, pointer and whether it is required of each field to be made."""
        required, keyword = schema.get("required", ()), self._hidden_keyword
        properties = schema.get("properties")
        for index, (name, member) in enumerate(properties.items() if is_object(properties) else ()):
            if keyword and is_hidden(self._spec.document, member, keyword):
                continue
            field_pointer = pointer + json_pointer.join("properties", name)
            is_required = name in required
            if is_required or self._costs.find_problem(field_pointer) is None:
                yield index, name, field_pointer, is_required

    def _add_members(
        self, pointer: str, schema: dict[str, Any], value: dict[str, Any], turn: int, depth: int
    ) -> None:
        """Add members that the schema does not name: as many as required, or one of each kind."""
        minimum, maximum = schema.get("minProperties", 0), schema.get("maxProperties", LIMIT)
        kinds = len(schema.get("patternProperties", ()))
        kinds += is_object(schema.get("additionalProperties"))
        target_count = (
            minimum if turn == 1 or self._is_lean(depth) else max(minimum, len(value) + kinds)
        )
        if len(value) >= min(target_count, maximum):
            return
        for number, (name, member_pointer) in enumerate(
            self._name_members(pointer, schema, turn, target_count)
        ):
            if name not in value:
                value[name] = (
                    self.make(member_pointer, turn + number, depth + 1)
                    if member_pointer
                    else _FILLER
                )
            if len(value) >= min(target_count, maximum):
                return

    def _name_members(
        self, pointer: str, schema: dict[str, Any], turn: int, count: int
    ) -> Iterator[tuple[str, str]]:
        """Yield names of further members, and the pointer of each member's schema ("": none)."""
        additional = schema.get("additionalProperties")
        member_pointer = f"{pointer}/additionalProperties" if is_object(additional) else ""
        if "propertyNames" in schema:
            rule = f"{pointer}/propertyNames"
            yield from (
                (str(self.make(rule, turn + n, 0)), member_pointer) for n in range(2 * count)
            )
        sources: list[Iterator[tuple[str, str]]] = []
        for pattern in schema.get("patternProperties", ()):
            names = make_matching(pattern, Random(turn))  # noqa: S311 - the same each time
            sources.append(
                zip(names, repeat(pointer + json_pointer.join("patternProperties", pattern)))
            )
        if additional is not False:
            sources.append((f"key{number}", member_pointer) for number in range(count))
        turns = zip_longest(*(islice(source, count) for source in sources))
        yield from (member for round_ in turns for member in round_ if member)

    def _make_array(self, pointer: str, schema: dict[str, Any], turn: int, depth: int) -> Any:
        minimum = schema.get("minItems", 0)
        maximum = schema.get("maxItems", max(minimum, 2))
        target_count = minimum if self._is_lean(depth) else (1, 0, 2)[turn % 3]
        first = schema.get("prefixItems", ())
        items: list[Any] = [
            self.make(f"{pointer}/prefixItems/{index}", turn, depth + 1)
            for index in range(min(len(first), max(minimum, _MOST_ITEMS)))
        ]
        if "items" in schema and len(items) == len(first) and schema["items"] is not False:
            for number in range(min(max(target_count, minimum), maximum, _MOST_ITEMS) - len(items)):
                items.append(self.make(pointer + "/items", turn // 3 + number, depth + 1))
        return items


def _merge(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the fields of two parts; a described field replaces a filler."""
    merged = dict(first)
    for name, member in second.items():
        earlier = first.get(name)
        if is_object(earlier) and is_object(member):
            merged[name] = _merge(earlier, member)
        elif name not in first or member is not _FILLER:
            merged[name] = member
    return merged
