"""Finds the fields of a response that its schema does not name.

JSON Schema allows undocumented properties by default; here they are reported. An object is
open where its schema says so (`additionalProperties`, `unevaluatedProperties`), where it names no
property at all, and where an alternative is the empty schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Spec
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.schema.applied import is_hidden
from driftline.openapi.schema.discriminator import find_subtypes
from driftline.openapi.schema.patterns import matches_pattern
from driftline.openapi.schema.validation import is_valid

# How APIFlask and others describe an object of any names, such as {"<field_name>": [...]}.
_PLACEHOLDER = re.compile(r"<[^<>]+>|\{[^{}]+\}")
_ALTERNATIVE = re.compile(r"/(anyOf|oneOf)/\d+(/|$)")
_REMEMBERED = 4096


@attrs.frozen
class UndocumentedField:
    """An undocumented field: its JSON pointer, its value, and the clause it is missing from."""

    path: str
    value: Any
    clause: str


def find_undocumented_fields(
    spec: Spec, schema_pointer: str, value: Any
) -> Iterator[UndocumentedField]:
    """Yield every field in `value` that the schema at `schema_pointer` does not name."""
    yield from _find_in_row(spec, (schema_pointer,), value)


def is_documented(spec: Spec, schema_pointer: str, value: Any) -> bool:
    """Return whether a response may have a value, and its schema names every field in it."""
    return is_valid(spec, schema_pointer, value, "response") and not any(
        find_undocumented_fields(spec, schema_pointer, value)
    )


def _find_in_row(
    spec: Spec, pointers: tuple[str, ...], value: Any
) -> tuple[UndocumentedField, ...]:
    """Return the undocumented fields of a value; the same rows are listed again and again."""
    cache, content = _get_known(spec), repr(value).encode("utf-8", "surrogatepass")
    key = pointers, blake2b(content, digest_size=16).digest()
    fields = cache.get(key)
    if fields is None:
        if len(cache) >= _REMEMBERED:
            cache.clear()
        fields = cache[key] = tuple(_visit(spec, pointers, value, ""))
    return fields


@lru_cache(maxsize=8)
def _get_known(spec: Spec) -> dict[tuple[tuple[str, ...], bytes], tuple[UndocumentedField, ...]]:
    """Return the cache of results for values of one spec, by their schemas and content."""
    return {}


def _visit(
    spec: Spec, pointers: Sequence[str], value: Any, path: str
) -> Iterator[UndocumentedField]:
    if not (is_array(value) or is_object(value)):
        return
    level = _build_fixed_level(spec, tuple(pointers))
    level = level or _build_level(spec, tuple(_list_parts(spec, pointers, value, set())))
    if is_array(value):
        for index, item in enumerate(value):
            child_pointers = (
                _list_item_schemas(level.schemas, index)
                if index < level.prefix_count
                else level.items
            )
            if is_object(item):
                for field in _find_in_row(spec, tuple(child_pointers), item):
                    yield attrs.evolve(field, path=f"{path}/{index}{field.path}")
            else:
                yield from _visit(spec, child_pointers, item, f"{path}/{index}")
    if not is_object(value):
        return
    for key, child in value.items():
        child_pointers, is_open = level.fields.get(key) or _list_property_schemas(
            level.schemas, key
        )
        if child_pointers and not (is_array(child) or is_object(child)):
            continue
        child_path = path + json_pointer.join(key)
        if not child_pointers and level.first_object and not is_open:
            yield UndocumentedField(child_path, child, level.first_object + "/properties")
        yield from _visit(spec, child_pointers, child, child_path)


def _list_parts(spec: Spec, pointers: Sequence[str], value: Any, seen: set[str]) -> Iterator[str]:
    """Yield the schemas that apply to `value` itself.

    Through `$ref`, `allOf`, `anyOf`, `if`, tags.
    """
    for pointer in pointers:
        links = _find_links(spec, pointer)
        if pointer in seen or links is None:
            continue
        seen.add(pointer)
        yield pointer
        next_pointers = [*links.applied]
        for branches in links.choices:
            fitting = _choose_branches(spec, branches, value)
            # What requires nothing fits nearly everything, and so tells nothing.
            next_pointers += (
                fitting if any(_requires(spec, branch) for branch in fitting) else branches
            )
        if is_object(value):
            next_pointers += [
                links.subtypes[tag]
                for tag in (value.get(links.tag),)
                if isinstance(tag, str) and tag in links.subtypes
            ]
        yield from _list_parts(spec, [*next_pointers, *links.reference], value, seen)


def _choose_branches(spec: Spec, branches: Sequence[str], value: Any) -> list[str]:
    """Return the branches that a value fits.

    A branch that the value cannot fit by its names and tags needs no validator, and neither do
    branches of which one tag selects one: the validators of a large document are too many to keep.
    """
    possible = [branch for branch in branches if _find_marks(spec, branch).may_fit(value)]
    impossible = (branch for branch in branches if branch not in possible)
    if (
        len(possible) == 1
        and _find_marks(spec, possible[0]).has_tag(value)
        and all(_find_marks(spec, branch).has_tag(value) is False for branch in impossible)
    ):
        return possible
    return [branch for branch in possible if is_valid(spec, branch, value, "response")]


@attrs.frozen
class _FitCriteria:
    """The fields that an object needs to fit a schema, and the allowed strings of some of them."""

    required: frozenset[str]
    tags: Mapping[str, frozenset[str]]

    def may_fit(self, value: Any) -> bool:
        """Return whether an object has the names and no other tag."""
        if not is_object(value):
            return True
        return self.required <= value.keys() and self.has_tag(value) is not False

    def has_tag(self, value: Any) -> bool | None:
        """Return whether what an object has of the tags is right; None: it has none."""
        if not is_object(value):
            return None
        result = None
        for name, tags in self.tags.items():
            tag = value.get(name)
            if isinstance(tag, str):
                if tag not in tags:
                    return False
                result = True
        return result


@lru_cache(maxsize=16_384)
def _find_marks(spec: Spec, pointer: str) -> _FitCriteria:
    required, tags = set[str](), dict[str, frozenset[str]]()
    pending, seen = [pointer], set[str]()
    while pending:
        at = pending.pop()
        schema = spec.get_node(at)
        if at in seen or not is_object(schema):
            continue
        seen.add(at)
        fields = schema.get("properties", {})
        required.update(
            name
            for name in schema.get("required", ())
            if not is_hidden(spec.document, fields.get(name), "writeOnly")
        )
        for name, field in fields.items():
            values = field.get("enum", [field.get("const")]) if is_object(field) else None
            if values and all(isinstance(value, str) for value in values):
                tags.setdefault(name, frozenset(values))
        links = _find_links(spec, at)
        pending += [f"{at}/allOf/{index}" for index in range(len(schema.get("allOf", ())))]
        pending += links.reference if links else ()
    return _FitCriteria(frozenset(required), tags)


@lru_cache(maxsize=16_384)
def _requires(spec: Spec, pointer: str) -> bool:
    _, schema = spec.resolve(pointer)
    if not is_object(schema):
        return False
    is_plain = schema.get("type") == "object" or "properties" in schema
    return not is_plain or bool(schema.get("required")) or "allOf" in schema


@attrs.frozen
class _Links:
    """The schemas that apply to the same value: all references, and of `choices` the matching ones.

    `subtypes` are selected by the value of the property `tag`.
    """

    applied: Sequence[str]
    choices: Sequence[Sequence[str]]
    reference: Sequence[str]
    tag: str
    subtypes: Mapping[str, str]


# Thousands of rows have a handful of schemas: what these say is read once.
@lru_cache(maxsize=16_384)
def _find_links(spec: Spec, pointer: str) -> _Links | None:
    """Return None if there is no schema."""
    schema = spec.get_node(pointer)
    if not is_object(schema):
        return None
    always = [f"{pointer}/allOf/{index}" for index in range(len(schema.get("allOf", [])))]
    always += [f"{pointer}/{key}" for key in ("if", "then", "else") if key in schema]
    always += [
        f"{pointer}/dependentSchemas{json_pointer.join(key)}"
        for key in schema.get("dependentSchemas", {})
    ]
    choices = [
        [f"{pointer}/{key}/{index}" for index in range(len(schema[key]))]
        for key in ("anyOf", "oneOf")
        if key in schema
    ]
    has_reference = isinstance(schema.get("$ref"), str)
    subtypes = find_subtypes(spec.document, pointer, schema)
    return _Links(
        always,
        choices,
        [schema["$ref"].removeprefix("#")] if has_reference else [],
        schema["discriminator"]["propertyName"] if subtypes else "",
        subtypes,
    )


@attrs.frozen(eq=False)
class _Level:
    """The schemas of one value by pointer, the first that names fields, and what each says of them.

    The first `prefix_count` items of an array may have schemas of their own, the others have
    `items`.
    """

    schemas: Mapping[str, dict[str, Any]]
    first_object: str
    fields: Mapping[str, tuple[list[str], bool]]
    prefix_count: int
    items: Sequence[str]


# Most schemas hold no alternatives, so that the same ones apply to every row.
@lru_cache(maxsize=16_384)
def _build_fixed_level(spec: Spec, pointers: tuple[str, ...]) -> _Level | None:
    """Return what applies to a value at `pointers`; None if that depends on the value."""
    pending, seen = list(pointers), dict[str, None]()
    while pending:
        pointer = pending.pop(0)
        links = None if pointer in seen else _find_links(spec, pointer)
        if links is None:
            continue
        if links.choices or links.subtypes:
            return None
        seen[pointer] = None
        pending = [*links.applied, *links.reference, *pending]
    return _build_level(spec, tuple(seen))


@lru_cache(maxsize=16_384)
def _build_level(spec: Spec, pointers: tuple[str, ...]) -> _Level:
    schemas = {pointer: spec.get_node(pointer) for pointer in pointers}
    naming = [pointer for pointer, schema in schemas.items() if schema.get("properties")]
    names = {key for pointer in naming for key in schemas[pointer]["properties"]}
    fields = {key: _list_property_schemas(schemas, key) for key in names}
    # A discriminator names its property, too, for every alternative that it selects.
    for schema in schemas.values():
        for name in schema.get("required", ()):  # a field, although nothing describes it
            fields.setdefault(name, ([], True))
        rule = schema.get("discriminator")
        if is_object(rule) and isinstance(rule.get("propertyName"), str):
            fields.setdefault(rule["propertyName"], ([], True))
    prefixed = max((len(schema.get("prefixItems", [])) for schema in schemas.values()), default=0)
    items = _list_item_schemas(schemas, prefixed)
    allows_all = any(not schemas[p] and _ALTERNATIVE.search(p) for p in pointers)
    is_closed = naming and not allows_all and not _needs_other_fields(spec, schemas)
    return _Level(schemas, naming[0] if is_closed else "", fields, prefixed, items)


def _needs_other_fields(spec: Spec, schemas: Mapping[str, dict[str, Any]]) -> bool:
    """Return whether `minProperties` requires more fields than a response can have of the named."""
    fields = {
        name: f for schema in schemas.values() for name, f in schema.get("properties", {}).items()
    }
    shown_count = sum(not is_hidden(spec.document, field, "writeOnly") for field in fields.values())
    needed_count: int = max(schema.get("minProperties", 0) for schema in schemas.values())
    return needed_count > shown_count


def _list_item_schemas(schemas: Mapping[str, dict[str, Any]], index: int) -> list[str]:
    pointers: list[str] = []
    for pointer, schema in schemas.items():
        if index < len(schema.get("prefixItems", [])):
            pointers.append(f"{pointer}/prefixItems/{index}")
        elif is_object(schema.get("items")):
            pointers.append(pointer + "/items")
    return pointers


def _list_property_schemas(
    schemas: Mapping[str, dict[str, Any]], key: str
) -> tuple[list[str], bool]:
    """Return the schemas of the field `key`, and whether a field that none names is allowed."""
    pointers: list[str] = []
    is_open = False
    for pointer, schema in schemas.items():
        local: list[str] = []
        names = schema.get("properties", {})
        local += [
            pointer + "/properties" + json_pointer.join(name)
            for name in ([key] if key in names else filter(_PLACEHOLDER.fullmatch, names))
        ]
        for pattern in schema.get("patternProperties", {}):
            if matches_pattern(pattern, key):
                local.append(pointer + "/patternProperties" + json_pointer.join(pattern))
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if not local and schema.get(keyword, False) is not False:
                is_open = True
                local.append(f"{pointer}/{keyword}")
        pointers += local
    return pointers, is_open
