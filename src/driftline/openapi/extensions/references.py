"""References to existing rows in a value, as `x-reference` in its schema declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, Final

import attrs

from driftline.openapi.model import Operation, Parameter, Spec
from driftline.openapi.paths import PathTemplate
from driftline.openapi.pointer import is_array, is_object, join
from driftline.openapi.schema.walk import find_schema_at, list_branches, list_types

REFERENCE: Final = "x-reference"
_ITEM: Final = "[]"
_DEEPEST: Final = 5
_MOST_SCHEMAS: Final = 400
"""The maximum number of schemas of a value that are searched: documents may be endless."""


@attrs.frozen
class RowReference:
    """A part of a value that is the ID of a row of the listing `of`.

    `path` leads to it, with `[]` for each item of an array. `pointer` is the location of its
    schema.
    """

    path: tuple[str, ...]
    of: str
    pointer: str

    @property
    def name(self) -> str:
        """The path as messages write it: `lines[].product`."""
        return "".join(s if s == _ITEM else f".{s}" for s in self.path).removeprefix(".")

    def list_values(self, value: Any) -> list[Any]:
        """Return the IDs in a value; nulls are skipped."""
        values = [value]
        for step in self.path:
            values = [inner for part in values for inner in _step_into(part, step)]
        return [candidate for candidate in values if _is_id(candidate)]

    def replace(self, value: Any, replacement: Callable[[Any], Any]) -> Any:
        """Return a copy of a value with each ID replaced."""
        return _replace(value, self.path, replacement)


def list_references(spec: Spec, schema_pointer: str) -> tuple[RowReference, ...]:
    """Return the references in values of a schema, down to a limited depth."""
    return _find_references(spec, schema_pointer) if schema_pointer else ()


def fill_references(
    spec: Spec, schema_pointer: str, value: Any, choose: Callable[[RowReference, Any], Any]
) -> Any:
    """Return a copy of a value with the IDs of other rows replaced by `choose`."""
    for reference in list_references(spec, schema_pointer):
        value = reference.replace(value, partial(choose, reference))
    return value


def find_id_schema(spec: Spec, listing: Operation) -> str | None:
    """Return the location of the schema of a listing's row IDs."""
    return find_field_schema(spec, listing, listing.listing.id) if listing.listing else None


def find_field_schema(spec: Spec, listing: Operation, pointer: str = "") -> str | None:
    """Return the location of the schema of a listing's rows, or of a field of them."""
    success, rule = listing.success, listing.listing
    body = success.json.schema_pointer if success and success.json else ""
    return find_schema_at(spec, body, f"{rule.items}/0{pointer}") if rule and body else None


def find_parent_fields(
    spec: Spec, operation: Operation, listing: Operation
) -> tuple[tuple[str, str], ...]:
    """Return pairs of a path parameter and the field of the listing's rows with the same id.

    `/users/{id}/orders` lists the orders whose `user_id` is `id`: both refer to rows of one
    listing, and no other field does.
    """
    row = find_field_schema(spec, listing)
    fields = [
        reference for reference in list_references(spec, row or "") if len(reference.path) == 1
    ]
    pairs: list[tuple[str, str]] = []
    for parameter in operation.parameters:
        of = parameter.location == "path" and parse_reference_rule(spec, parameter.schema_pointer)
        field_names = [field.path[0] for field in fields if field.of == of]
        if len(field_names) == 1:
            pairs.append((parameter.name, join(field_names[0])))
    return tuple(pairs)


def list_parents(spec: Spec, operation: Operation) -> tuple[tuple[str, str], ...]:
    """Return the parents in the path of an operation on one row, as `find_parent_fields` does."""
    effect = operation.effect
    listing = spec.find_operation(effect.of) if effect and effect.of and effect.id else None
    if effect is None or listing is None or listing.listing is None:
        return ()
    pairs = find_parent_fields(spec, operation, listing)
    return tuple(pair for pair in pairs if pair[0] != effect.id)


def list_path_parents(spec: Spec, operation: Operation) -> tuple[str, ...]:
    """Return the parents in the path of a row's listing, which its rows need not name.

    Only a documented 404 says that a row is not found below another parent.
    """
    effect = operation.effect
    listing = spec.find_operation(effect.of) if effect and effect.of and effect.id else None
    if listing is None or all(response.status != "404" for response in operation.responses):
        return ()
    parents = {*PathTemplate(listing.path).names} & {*PathTemplate(operation.path).names}
    return tuple(
        parameter.name
        for parameter in operation.parameters
        if parameter.location == "path"
        and parameter.name in parents
        and parse_reference_rule(spec, parameter.schema_pointer)
    )


def find_required_parent(spec: Spec, operation: Operation) -> tuple[Parameter, str] | None:
    """Return the path parameter of the row above, and its listing, if a 404 is documented.

    Of a listing or creation below it, such as `/users/{id}/orders`.
    """
    is_below = operation.listing or (operation.effect and operation.effect.kind == "create")
    name = (PathTemplate(operation.path).names or ("",))[-1]
    parameter = operation.find_parameter(name, "path")
    if parameter is None or not is_below or not operation.documents_missing:
        return None
    of = parse_reference_rule(spec, parameter.schema_pointer)
    return (parameter, of) if of else None


def parse_reference_rule(spec: Spec, schema_pointer: str) -> str | None:
    """Return the listing named by `x-reference` of a schema or of a schema it includes."""
    for _, schema in list_branches(spec, schema_pointer):
        rule = schema.get(REFERENCE)
        if is_object(rule) and isinstance(rule.get("of"), str):
            return str(rule["of"])
    return None


@lru_cache(maxsize=4096)
def _find_references(spec: Spec, schema_pointer: str) -> tuple[RowReference, ...]:
    listings = {operation.id for operation in spec.operations if operation.listing}
    return tuple(reference for reference in _walk(spec, schema_pointer) if reference.of in listings)


def _walk(spec: Spec, schema_pointer: str) -> Iterator[RowReference]:
    """Yield references, outermost fields first."""
    pending: list[tuple[tuple[str, ...], str]] = [((), schema_pointer)]
    yielded_paths: set[tuple[str, ...]] = set()
    for _ in range(_MOST_SCHEMAS):
        if not pending:
            return
        path, pointer = pending.pop(0)
        of = parse_reference_rule(spec, pointer)
        if (
            of is not None
            and "array" not in list_types(spec, pointer)
            and path not in yielded_paths
        ):
            yielded_paths.add(path)
            yield RowReference(path, of, pointer)
        if len(path) < _DEEPEST:
            pending += [
                ((*path, step), child_pointer) for step, child_pointer in _list_below(spec, pointer)
            ]


def _list_below(spec: Spec, schema_pointer: str) -> Iterator[tuple[str, str]]:
    for pointer, schema in list_branches(spec, schema_pointer):
        properties = schema.get("properties")
        for name in properties if is_object(properties) else ():
            yield name, pointer + join("properties", name)
        if is_object(schema.get("items")):
            yield _ITEM, f"{pointer}/items"


def _step_into(value: Any, step: str) -> list[Any]:
    if step == _ITEM:
        return value if is_array(value) else []
    return [value[step]] if is_object(value) and step in value else []


def _replace(value: Any, path: tuple[str, ...], replacement: Callable[[Any], Any]) -> Any:
    if not path:
        return replacement(value) if _is_id(value) else value
    step, rest = path[0], path[1:]
    if step == _ITEM:
        return [_replace(item, rest, replacement) for item in value] if is_array(value) else value
    if not is_object(value) or step not in value:
        return value
    return {**value, step: _replace(value[step], rest, replacement)}


def _is_id(value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
