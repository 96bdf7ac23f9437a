"""Compares `x-listing`, `x-effect`, `x-lifecycle` and `x-message` with the spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from driftline.errors import Problem
from driftline.openapi import pointer as json_pointer
from driftline.openapi.extensions.rules import Effect, Filter, Lifecycle, Listing, Order
from driftline.openapi.model import Operation, Parameter, Response, Spec
from driftline.openapi.schema.walk import (
    find_parameter_schema,
    find_schema_at,
    list_choices,
    list_types,
)


def lint_listing(spec: Spec, operation: Operation) -> Iterator[Problem]:
    """Yield the problems of an operation's `x-listing`."""
    listing = operation.listing
    if listing is None:
        return
    pointer = operation.pointer + "/x-listing"
    if not operation.is_read and not listing.body_parameters:
        message = f"{operation.id} has x-listing, but {operation.method} may change something"
        hint = "Move x-listing to an operation that only reads."
        yield _build_problem(spec, "listing.unsafe-method", pointer, message, hint)
    yield from _lint_parameters(spec, operation, listing, pointer)
    body = _find_response(operation)
    if body is None:
        message = f"{operation.id} has x-listing, but no 2xx response with a JSON schema"
        hint = "Describe the response, or remove x-listing."
        yield _build_problem(spec, "listing.response-missing", pointer, message, hint)
        return
    yield from _lint_body_pointers(spec, listing, pointer, body)
    yield from _lint_cursor(spec, operation, listing, pointer, body)
    items = find_schema_at(spec, body, listing.items)
    row = items and find_schema_at(spec, items, "/0")
    if items and ("array" not in list_types(spec, items) or row is None):
        message = f"x-listing items {listing.items!r} is not an array of objects with a schema"
        hint = "Point to the array of rows."
        yield _build_problem(spec, "listing.items-not-array", pointer + "/items", message, hint)
    elif row:
        yield from _lint_row_pointers(spec, listing, pointer, row)
        for condition in listing.filters:
            yield from _filter(spec, operation, condition, pointer, row)
    if listing.order:
        yield from _lint_order(spec, operation, listing.order, pointer + "/order")


def lint_effect(spec: Spec, operation: Operation) -> Iterator[Problem]:
    """Yield the problems of an operation's `x-effect`."""
    effect = operation.effect
    if effect is None:
        return
    pointer = operation.pointer + "/x-effect"
    listing = spec.find_operation(effect.of) if effect.of else None
    if effect.of and (listing is None or listing.listing is None):
        message = f"x-effect of {effect.of!r} is not an operation with x-listing"
        yield _build_problem(
            spec,
            "effect.listing-unknown",
            pointer + "/of",
            message,
            "Use the operationId of a listing.",
        )
    if effect.id and operation.find_parameter(effect.id, "path") is None:
        message = f"x-effect id {effect.id!r} is not a path parameter of {operation.id}"
        yield _build_problem(
            spec,
            "effect.parameter-unknown",
            pointer + "/id",
            message,
            "Use the path parameter with the id of the row.",
        )
    yield from _lint_effect_pointers(spec, operation, effect, pointer)


def lint_message(spec: Spec, response: Response) -> Iterator[Problem]:
    """Yield a problem if `x-message` points to nothing in the response's body."""
    if response.message is None:
        return
    schema = response.json.schema_pointer if response.json else ""
    pointer = response.pointer + "/x-message"
    yield from _lint_pointers(spec, "x-message", schema, {pointer: response.message})


def lint_lifecycle(spec: Spec) -> Iterator[Problem]:
    """Yield the problems of a schema's `x-lifecycle`."""
    schemas = spec.get_node("/components/schemas")
    for name, schema in schemas.items() if json_pointer.is_object(schemas) else ():
        data = schema.get("x-lifecycle") if json_pointer.is_object(schema) else None
        if not json_pointer.is_object(data):
            continue
        row = json_pointer.join("components", "schemas", name)
        pointer, lifecycle = row + "/x-lifecycle", Lifecycle.parse(data)
        yield from _lint_states(spec, lifecycle, row, pointer)
        targets = {"field": lifecycle.field, "duration": lifecycle.duration}
        targets |= {"begins": lifecycle.begins, "ends": lifecycle.ends}
        pointers = {f"{pointer}/{key}": value for key, value in targets.items() if value}
        for state, fields in lifecycle.adds.items():
            for index, field in enumerate(fields):
                pointers[pointer + json_pointer.join("adds", state, index)] = field
        for field in lifecycle.files:
            at = pointer + json_pointer.join("files", field)
            pointers[at] = field
            url = find_schema_at(spec, row, field)
            if url and "string" not in list_types(spec, url):
                message = f"x-lifecycle file {field!r} is not a string"
                hint = "Point to a field with a URL."
                yield _build_problem(spec, "lifecycle.file-not-string", at, message, hint)
        yield from _lint_pointers(spec, "x-lifecycle", row, pointers, "rows")


def _lint_states(spec: Spec, lifecycle: Lifecycle, row: str, pointer: str) -> Iterator[Problem]:
    field = find_schema_at(spec, row, lifecycle.field)
    choices = list_choices(spec, field) if field else None
    for index, state in enumerate(lifecycle.states):
        if choices is not None and state not in choices:
            message = f"x-lifecycle state {state!r} is not a value of {lifecycle.field}"
            yield _build_problem(
                spec,
                "lifecycle.state-unknown",
                f"{pointer}/states/{index}",
                message,
                "Correct or remove it.",
            )
    mentions = [
        ("adds fields in", json_pointer.join("adds", state), state) for state in lifecycle.adds
    ]
    mentions += [
        ("has a time for", json_pointer.join("lasts", state), state) for state in lifecycle.lasts
    ]
    mentions += [("creates rows in", "/created", lifecycle.created)] if lifecycle.created else []
    for phrase, suffix, state in mentions:
        if state not in lifecycle.states:
            message = f"x-lifecycle {phrase} {state!r}, which is not one of its states"
            hint = "Correct or remove it."
            yield _build_problem(spec, "lifecycle.state-unknown", pointer + suffix, message, hint)


def _build_problem(spec: Spec, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, spec.locate(pointer), message, hint)


def _find_response(operation: Operation) -> str | None:
    success = operation.success
    return (success.json.schema_pointer or None) if success and success.json else None


def _lint_pointers(
    spec: Spec, extension: str, schema: str, pointers: dict[str, str], owner: str = "response"
) -> Iterator[Problem]:
    """Yield a problem for each pointer that does not exist in `schema`."""
    for clause, pointer in pointers.items():
        if not schema or find_schema_at(spec, schema, pointer) is None:
            message = (
                f"{extension} points to {pointer!r}, which the schema of the {owner} does not have"
            )
            yield _build_problem(
                spec,
                "extension.pointer-unresolved",
                clause,
                message,
                "Correct the pointer, or describe the field.",
            )


def _lint_parameters(
    spec: Spec, operation: Operation, listing: Listing, pointer: str
) -> Iterator[Problem]:
    for suffix, name, expected_types in _list_named_parameters(listing):
        schema = find_parameter_schema(spec, operation, name)
        if schema is None:
            kind = "field of the request" if name.startswith("/") else "query parameter"
            message = f"x-listing names {name!r}, which is not a {kind} of {operation.id}"
            hint = "Describe the parameter, or correct the name."
            yield _build_problem(spec, "listing.parameter-unknown", pointer + suffix, message, hint)
            continue
        actual_types = list_types(spec, schema) - {"null"}
        if actual_types == {"array"} and suffix == "/order/by":
            actual_types = list_types(spec, find_schema_at(spec, schema, "/0") or schema)
        if expected_types and actual_types and not actual_types & expected_types:
            types = ", ".join(sorted(actual_types))
            message = f"x-listing needs {name!r} as {min(expected_types)}, but its type is {types}"
            yield _build_problem(
                spec,
                "listing.parameter-type",
                pointer + suffix,
                message,
                "Correct its type, or name another parameter.",
            )


def _list_named_parameters(listing: Listing) -> Iterator[tuple[str, str, set[str]]]:
    """Yield each parameter that the listing names.

    With its location and its possible types (empty: any).
    """
    number, string = {"integer", "number"}, {"string"}
    page, size, order = listing.page, listing.size, listing.order
    for parameter in page.parameters:
        yield "/page/parameter", parameter, number if page.first_value is not None else set()
    if size.parameter:
        yield "/size/parameter", size.parameter, number
    if order and order.by:
        yield "/order/by", order.by, string
    if order and order.direction:
        yield "/order/direction", order.direction, string | {"boolean"}
    for filtered in listing.filters:
        yield json_pointer.join("filter", filtered.parameter), filtered.parameter, set()
    for bounded in listing.ranges:
        yield json_pointer.join("range", bounded.parameter), bounded.parameter, number | string
    for search in listing.searches:
        yield json_pointer.join("search", search.parameter), search.parameter, string


def _lint_cursor(
    spec: Spec, operation: Operation, listing: Listing, pointer: str, body: str
) -> Iterator[Problem]:
    """Yield a problem if the next cursor or URL of the response cannot be one."""
    name, page = str(listing.page.parameter), listing.page
    schema = find_parameter_schema(spec, operation, name)
    cursor_schema = find_schema_at(spec, body, page.next) if page.next else None
    if schema is None or cursor_schema is None:
        return
    takes, gives = list_types(spec, schema), list_types(spec, cursor_schema) - {"null"}
    if page.is_followed:
        takes, name = {"string"}, "a URL"
    elif "number" in takes:
        takes.add("integer")
    if takes and gives and (page.is_followed or "string" not in takes) and not takes & gives:
        message = f"the next cursor is {', '.join(sorted(gives))}, which {name!r} cannot be"
        yield _build_problem(
            spec,
            "listing.cursor-type",
            pointer + "/page/next",
            message,
            "Correct one of the two types.",
        )


def _lint_body_pointers(spec: Spec, listing: Listing, pointer: str, body: str) -> Iterator[Problem]:
    targets = {
        "/items": listing.items,
        "/total": listing.total,
        "/page/next": listing.page.next,
        "/page/more": listing.page.more,
        **{json_pointer.join("echo", fact): value for fact, value in listing.echo.items()},
    }
    pointers = {pointer + suffix: value for suffix, value in targets.items() if value is not None}
    yield from _lint_pointers(spec, "x-listing", body, pointers)


def _lint_row_pointers(spec: Spec, listing: Listing, pointer: str, row: str) -> Iterator[Problem]:
    fields: Mapping[str, str] = listing.order.fields if listing.order else {}
    targets = {
        "/id": listing.id,
        **{json_pointer.join("order", "fields", name): value for name, value in fields.items()},
        **{json_pointer.join("filter", f.parameter, "field"): f.field for f in listing.filters},
        **{json_pointer.join("range", r.parameter, "field"): r.field for r in listing.ranges},
        **{
            json_pointer.join("search", search.parameter, "fields", index): value
            for search in listing.searches
            for index, value in enumerate(search.fields)
        },
    }
    pointers = {pointer + suffix: value for suffix, value in targets.items()}
    yield from _lint_pointers(spec, "x-listing", row, pointers, "rows")


def _lint_order(spec: Spec, operation: Operation, order: Order, pointer: str) -> Iterator[Problem]:
    parameter = operation.find_parameter(order.by) if order.by else None
    choices = _list_parameter_choices(spec, parameter)
    unknown = set(order.fields) - choices if choices is not None else ()
    if unknown:
        names = ", ".join(sorted(unknown))
        message = f"x-listing order.fields has values that {order.by!r} does not have: {names}"
        yield _build_problem(
            spec,
            "listing.order-values",
            pointer + "/fields",
            message,
            "Correct the values, or list them in the parameter.",
        )
    if order.by is None and len(order.fields) != 1:
        message = "x-listing order has several fields but no parameter that selects one"
        yield _build_problem(
            spec,
            "listing.order-ambiguous",
            pointer + "/fields",
            message,
            "Set `by` to the parameter, or keep one field.",
        )


def _filter(
    spec: Spec, operation: Operation, condition: Filter, pointer: str, row: str
) -> Iterator[Problem]:
    values_pointer = pointer + json_pointer.join("filter", condition.parameter, "values")
    parameter_choices = _list_parameter_choices(spec, operation.find_parameter(condition.parameter))
    field = find_schema_at(spec, row, condition.field)
    field_choices = list_choices(spec, field) if field else None
    for key, values in (condition.values or {}).items():
        if parameter_choices is not None and key not in parameter_choices:
            message = f"x-listing filter value {key!r} is not a value of {condition.parameter!r}"
            yield _build_problem(
                spec,
                "listing.filter-value",
                values_pointer + json_pointer.join(key),
                message,
                "Correct or remove it.",
            )
        for index, value in enumerate(values):
            if field_choices is not None and value not in field_choices:
                message = (
                    f"x-listing filter gives {value!r}, which is not a value of {condition.field}"
                )
                yield _build_problem(
                    spec,
                    "listing.filter-value",
                    values_pointer + json_pointer.join(key, index),
                    message,
                    "Correct or remove it.",
                )


def _list_parameter_choices(spec: Spec, parameter: Parameter | None) -> set[str] | None:
    """Return the possible values of a parameter or its items, as written in a query."""
    if parameter is None:
        return None
    items = find_schema_at(spec, parameter.schema_pointer, "/0")
    choices = list_choices(spec, items or parameter.schema_pointer)
    if choices is None:
        return None
    return {_format_value(value) for value in choices if value is not None}


def _format_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lint_effect_pointers(
    spec: Spec, operation: Operation, effect: Effect, pointer: str
) -> Iterator[Problem]:
    if effect.item is not None:
        pointers = {pointer + "/item": effect.item}
        yield from _lint_pointers(spec, "x-effect", _find_response(operation) or "", pointers)
    request = operation.body.json if operation.body else None
    unique = {f"{pointer}/unique/{index}": field for index, field in enumerate(effect.unique)}
    schema = request.schema_pointer if request else ""
    yield from _lint_pointers(spec, "x-effect", schema, unique, "request")
    if effect.tag is not None:
        tag_pointer, tag = pointer + "/tag", {pointer + "/tag": effect.tag}
        yield from _lint_pointers(spec, "x-effect", schema, tag, "request")
        tag_schema = find_schema_at(spec, schema, effect.tag) if schema else None
        types = list_types(spec, tag_schema) if tag_schema else set[str]()
        if types and "string" not in types:
            message = f"x-effect tag {effect.tag!r} is not a string"
            yield _build_problem(
                spec,
                "effect.tag-not-string",
                tag_pointer,
                message,
                "Point to a field that can have any string.",
            )
