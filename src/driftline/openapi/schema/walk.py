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
    pointers = [schema_pointer]
    for token in json_pointer.split(value_pointer):
        pointers = [
            part
            for pointer in pointers
            for branch, schema in list_branches(spec, pointer)
            for part in _step_into(branch, schema, token)
        ]
        if not pointers:
            return None
    return pointers[0]


# Large documents ask for the same few thousand schemas millions of times.
@lru_cache(maxsize=32_768)
def list_branches(spec: Spec, schema_pointer: str) -> tuple[Located, ...]:
    """Return the schema and all others that apply to the same value (references, branches)."""
    branches: dict[str, dict[str, Any]] = {}
    pending = [schema_pointer]
    while pending:
        pointer = pending.pop(0)
        schema = spec.get_node(pointer)
        if pointer in branches or not is_object(schema):
            continue
        branches[pointer] = schema
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            pending.append(json_pointer.parse_reference(reference))
        for keyword in _ALTERNATIVES:
            alternatives = schema.get(keyword)
            if is_array(alternatives):
                pending += [f"{pointer}/{keyword}/{index}" for index in range(len(alternatives))]
        pending += [f"{pointer}/{condition}" for condition in _CONDITIONS if condition in schema]
    return tuple(branches.items())


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
    pointers = [field, find_schema_at(spec, field, "/0")] if field else []
    branches = (
        branch for pointer in pointers if pointer for branch in list_branches(spec, pointer)
    )
    return any(is_file_schema(schema) for _, schema in branches)


def list_types(spec: Spec, schema_pointer: str) -> set[str]:
    """Return the JSON types of the schema and its branches; empty if they do not restrict it.

    If they only list values, the types of these.
    """
    types: set[str] = set()
    values: list[Any] = []
    for _, schema in list_branches(spec, schema_pointer):
        schema_type = schema.get("type")
        if isinstance(schema_type, str):
            types.add(schema_type)
        elif is_array(schema_type):
            types.update(str(name) for name in schema_type)
        enum = schema.get("enum")
        values += enum if is_array(enum) else ()
        values += [schema["const"]] if "const" in schema else ()
    return types or {name_type(value) for value in values}


def name_type(value: Any) -> str:
    """Return the JSON type of a value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    kinds = ((int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def list_choices(spec: Spec, schema_pointer: str) -> list[Any] | None:
    """Return the values that the schema and its branches list, or None if they do not."""
    choices: list[Any] = []
    has_choices = False
    for _, schema in list_branches(spec, schema_pointer):
        enum = schema.get("enum")
        if is_array(enum):
            choices += enum
            has_choices = True
        elif "const" in schema:
            choices.append(schema["const"])
            has_choices = True
        elif schema.get("type") == "null":
            choices.append(None)
    return choices if has_choices else None


def list_directions(spec: Spec, schema_pointer: str) -> list[Any]:
    """Return the values that the direction of an order can have, as far as they are listed."""
    is_flag = list_types(spec, schema_pointer) - {"null"} == {"boolean"}
    values = [False, True] if is_flag else list_choices(spec, schema_pointer) or []
    return [value for value in values if value is not None]


def iterate_nodes(document: Any) -> Iterator[Located]:
    """Yield every mapping of the document outside examples and defaults."""
    return ((pointer, node) for pointer, node, _ in _list_mappings(document))


def select_clauses(document: Any) -> Iterator[Located]:
    """Return the `nodes` whose keys are OpenAPI keywords, not names that the author chose."""
    mappings = _list_mappings(document)
    return ((pointer, node) for pointer, node, has_names in mappings if not has_names)


def _list_mappings(document: Any) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield the mappings in document order, with their pointers and whether their keys are names.

    A stack instead of recursion: a generator in a generator passes each value through all levels.
    """
    pending: list[tuple[str, Any, bool]] = [("", document, False)]
    while pending:
        pointer, node, has_names = pending.pop()
        children: list[tuple[str, Any, bool]] = []
        if is_object(node):
            yield pointer, node, has_names
            for key, child in node.items():
                if not (is_object(child) or is_array(child)) or (
                    not has_names
                    and (
                        key in VALUES
                        or key.startswith("x-")
                        or (key == "examples" and is_array(child))
                    )
                ):
                    continue
                child_has_names = key in NAMED and not has_names
                children.append((pointer + json_pointer.join(key), child, child_has_names))
        elif is_array(node):
            children += [(f"{pointer}/{index}", child, False) for index, child in enumerate(node)]
        pending += reversed(children)


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


def _list_outside(node: Any, pointer: str = "", *, has_names: bool = False) -> Iterator[Located]:
    """Yield every mapping that is not a schema, inside one, or a table of names."""
    if is_object(node):
        if not has_names:
            yield pointer, node
        for key, child in node.items():
            child_pointer = pointer + json_pointer.join(key)
            is_excluded = not has_names and (
                key in VALUES or key == "schema" or key.startswith("x-")
            )
            if not is_excluded and child_pointer != "/components/schemas":
                yield from _list_outside(
                    child, child_pointer, has_names=key in NAMED and not has_names
                )
    elif is_array(node):
        for index, child in enumerate(node):
            yield from _list_outside(child, f"{pointer}/{index}")


def list_subschemas(schema: Any, pointer: str = "") -> Iterator[Located]:
    """Yield the schema and every schema written inside it, each with its pointer."""
    if not is_object(schema):
        return
    yield pointer, schema
    for child_pointer, subschema in list_own_subschemas(schema, pointer):
        yield from list_subschemas(subschema, child_pointer)


def list_own_subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the schemas that are written directly in a schema, each with its pointer."""
    if not is_object(schema):
        return
    for keyword in _SINGLE:
        if keyword in schema:
            yield f"{pointer}/{keyword}", schema[keyword]
    for keyword in _LISTED:
        schemas = schema.get(keyword)
        if is_array(schemas):
            yield from (
                (f"{pointer}/{keyword}/{index}", item) for index, item in enumerate(schemas)
            )
    for keyword in _NAMED_SCHEMAS:
        schemas_by_name = schema.get(keyword)
        if is_object(schemas_by_name):
            for name, subschema in schemas_by_name.items():
                yield pointer + json_pointer.join(keyword, name), subschema


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
    for keyword in _ALTERNATIVES:
        alternatives = schema.get(keyword)
        pointers = [f"{pointer}/{keyword}/{index}" for index in range(len(alternatives or ()))]
        values = [
            candidate
            for candidate in pointers
            if resolve_schema(spec, candidate).get("type") != "null"
        ]
        if len(values) == 1:
            inner, inner_schema = resolve_value_schema(spec, values[0])
            return inner, {**{k: v for k, v in schema.items() if k != keyword}, **inner_schema}
    kinds = schema.get("type")
    type_names = [name for name in kinds if name != "null"] if is_array(kinds) else []
    return pointer, {**schema, "type": type_names[0]} if len(type_names) == 1 else schema
