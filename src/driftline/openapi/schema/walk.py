"""Finds the schema of a part of a value, through `$ref` and alternatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import is_array, is_object

# Values, not clauses: nothing below these keys belongs to OpenAPI or driftline.
VALUES = frozenset({"x-assumed", "example", "default", "const", "enum", "value"})
# The keys of these mappings are names that the author chose, not keywords.
NAMED = frozenset(
    {
        *("callbacks", "content", "encoding", "examples", "headers", "links", "mapping"),
        *("parameters", "pathItems", "paths", "requestBodies", "responses", "schemas", "scopes"),
        *("securitySchemes", "variables", "webhooks"),
        *("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"),
    }
)

Located = tuple[str, dict[str, Any]]

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("then", "else")

# The keywords with subschemas: one, a list, or by name.
_SINGLE = (
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
)
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED_SCHEMAS = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")


def find_parameter_schema(spec: Spec, operation: Operation, name: str) -> str | None:
    """Return the pointer of the schema of a parameter or body field in `x-listing`."""
    if not name.startswith("/"):
        parameter = operation.find_parameter(name) or operation.find_parameter(name, "header")
        return parameter.schema_pointer if parameter else None
    request = operation.body.json if operation.body else None
    return find_schema_at(spec, request.schema_pointer, name) if request else None


def find_schema_at(spec: Spec, schema_pointer: str, value_pointer: str) -> str | None:
    """Return the pointer of the schema of a part of a value, or None if there is none.

    `schema_pointer` is the schema of the whole value, `value_pointer` the part of the value. The
    result is the pointer within properties or items; a `$ref` there is not followed. A member that
    only `additionalProperties` allows is found there.
    """
    if spec.get_node(schema_pointer) is json_pointer.MISSING:
        return None
    places = [schema_pointer]
    for token in json_pointer.split(value_pointer):
        places = [
            found
            for place in places
            for branch, schema in list_branches(spec, place)
            for found in _step_into(branch, schema, token)
        ]
        if not places:
            return None
    return places[0]


# Large documents ask for the same few thousand schemas millions of times.
@lru_cache(maxsize=32_768)
def list_branches(spec: Spec, schema_pointer: str) -> tuple[Located, ...]:
    """Return the schema and all others that apply to the same value (references, branches)."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [schema_pointer]
    while waiting:
        pointer = waiting.pop(0)
        schema = spec.get_node(pointer)
        if pointer in found or not is_object(schema):
            continue
        found[pointer] = schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            waiting.append(json_pointer.parse_reference(reference))
        for word in _ALTERNATIVES:
            listed = schema.get(word)
            if is_array(listed):
                waiting += [f"{pointer}/{word}/{index}" for index in range(len(listed))]
        waiting += [f"{pointer}/{word}" for word in _CONDITIONS if word in schema]
    return tuple(found.items())


def _step_into(pointer: str, schema: dict[str, Any], token: str) -> Iterator[str]:
    properties = schema.get("properties")
    if is_object(properties) and token in properties:
        yield pointer + json_pointer.join("properties", token)
    elif schema.get("additionalProperties") is True or is_object(
        schema.get("additionalProperties")
    ):
        yield pointer + "/additionalProperties"
    if token.isdecimal():
        first = schema.get("prefixItems")
        if is_array(first) and json_pointer.follow(first, "/" + token) is not json_pointer.MISSING:
            yield f"{pointer}/prefixItems/{token}"
        elif is_object(schema.get("items")):
            yield pointer + "/items"


def is_file_schema(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema is that of a file."""
    return schema.get("format") == "binary" or "contentMediaType" in schema


def is_file_field(spec: Spec, form: str, name: str) -> bool:
    """Return whether a field of the schema `form` is a file or a list of files."""
    field = find_schema_at(spec, form, json_pointer.join(name))
    places = [field, find_schema_at(spec, field, "/0")] if field else []
    branches = (branch for place in places if place for branch in list_branches(spec, place))
    return any(is_file_schema(schema) for _, schema in branches)


def list_types(spec: Spec, schema_pointer: str) -> set[str]:
    """Return the JSON types of the schema and its branches; empty if they do not restrict it.

    If they only list values, the types of these.
    """
    found: set[str] = set()
    values: list[Any] = []
    for _, schema in list_branches(spec, schema_pointer):
        named = schema.get("type")
        if isinstance(named, str):
            found.add(named)
        elif is_array(named):
            found.update(str(each) for each in named)
        listed = schema.get("enum")
        values += listed if is_array(listed) else ()
        values += [schema["const"]] if "const" in schema else ()
    return found or {name_type(each) for each in values}


def name_type(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    kinds = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def list_choices(spec: Spec, schema_pointer: str) -> list[Any] | None:
    """Return the values that the schema and its branches list, or None if they do not."""
    found: list[Any] = []
    closed = False
    for _, schema in list_branches(spec, schema_pointer):
        listed = schema.get("enum")
        if is_array(listed):
            found += listed
            closed = True
        elif "const" in schema:
            found.append(schema["const"])
            closed = True
        elif schema.get("type") == "null":
            found.append(None)
    return found if closed else None


def iterate_nodes(document: Any) -> Iterator[Located]:
    """Yield every mapping of the document outside examples and defaults."""
    return ((pointer, node) for pointer, node, _ in _list_mappings(document, "", named=False))


def select_clauses(document: Any) -> Iterator[Located]:
    """Return the `nodes` whose keys are OpenAPI keywords, not names that the author chose."""
    mappings = _list_mappings(document, "", named=False)
    return ((pointer, node) for pointer, node, named in mappings if not named)


def _list_mappings(
    node: Any, pointer: str, *, named: bool
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    if is_object(node):
        yield pointer, node, named
        for key, child in node.items():
            if key == "examples" and is_array(child) and not named:
                continue
            if named or not (key in VALUES or key.startswith("x-")):
                below = key in NAMED and not named
                yield from _list_mappings(child, pointer + json_pointer.join(key), named=below)
    elif is_array(node):
        for index, child in enumerate(node):
            yield from _list_mappings(child, f"{pointer}/{index}", named=False)


def list_roots(document: Any) -> Iterator[Located]:
    """Yield every schema that is not inside another schema."""
    for pointer, node in _list_outside(document):
        yield from ((f"{pointer}/{key}", node[key]) for key in ("schema",) if key in node)
    components = json_pointer.follow(document, "/components/schemas")
    for name, schema in components.items() if is_object(components) else ():
        yield json_pointer.join("components", "schemas", name), schema


def list_holders(document: Any) -> Iterator[Located]:
    """Return every parameter, header and media type that has a schema."""
    return ((pointer, node) for pointer, node in _list_outside(document) if "schema" in node)


def _list_outside(node: Any, pointer: str = "", *, named: bool = False) -> Iterator[Located]:
    """Yield every mapping that is not a schema, inside one, or a table of names."""
    if is_object(node):
        if not named:
            yield pointer, node
        for key, child in node.items():
            below = pointer + json_pointer.join(key)
            word = not named and (key in VALUES or key == "schema" or key.startswith("x-"))
            if not word and below != "/components/schemas":
                yield from _list_outside(child, below, named=key in NAMED and not named)
    elif is_array(node):
        for index, child in enumerate(node):
            yield from _list_outside(child, f"{pointer}/{index}")


def list_subschemas(schema: Any, pointer: str = "") -> Iterator[Located]:
    """Yield the schema and every schema written inside it, each with its pointer."""
    if not is_object(schema):
        return
    yield pointer, schema
    for place, each in list_own_subschemas(schema, pointer):
        yield from list_subschemas(each, place)


def list_own_subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the schemas that are written directly in a schema, each with its pointer."""
    if not is_object(schema):
        return
    for word in _SINGLE:
        if word in schema:
            yield f"{pointer}/{word}", schema[word]
    for word in _LISTED:
        listed = schema.get(word)
        if is_array(listed):
            yield from ((f"{pointer}/{word}/{index}", each) for index, each in enumerate(listed))
    for word in _NAMED_SCHEMAS:
        named = schema.get(word)
        if is_object(named):
            for name, each in named.items():
                yield pointer + json_pointer.join(word, name), each


def resolve_schema(spec: Spec, pointer: str) -> Mapping[str, Any]:
    """Return the schema at `pointer`, `$ref`s followed; an empty one by default."""
    _, schema = spec.resolve(pointer)
    return schema if is_object(schema) else {}


def resolve_value_schema(spec: Spec, pointer: str) -> tuple[str, Mapping[str, Any]]:
    """Return the schema of a non-null value, and its pointer.

    Generators write an optional string as `anyOf: [string, null]`, or as a list of types.
    """
    pointer, schema = spec.resolve(pointer)
    if not is_object(schema):
        return pointer, {}
    for word in _ALTERNATIVES:
        listed = schema.get(word)
        places = [f"{pointer}/{word}/{index}" for index in range(len(listed or ()))]
        values = [each for each in places if resolve_schema(spec, each).get("type") != "null"]
        if len(values) == 1:
            inner, found = resolve_value_schema(spec, values[0])
            return inner, {**{k: v for k, v in schema.items() if k != word}, **found}
    kinds = schema.get("type")
    named = [each for each in kinds if each != "null"] if is_array(kinds) else []
    return pointer, {**schema, "type": named[0]} if len(named) == 1 else schema
