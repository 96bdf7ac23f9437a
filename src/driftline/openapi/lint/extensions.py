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
    place = operation.pointer + "/x-listing"
    if not operation.is_read and not listing.body_parameters:
        what = f"{operation.id} has x-listing, but {operation.method} may change something"
        hint = "Move x-listing to an operation that only reads."
        yield _build_problem(spec, "listing.unsafe-method", place, what, hint)
    yield from _lint_parameters(spec, operation, listing, place)
    body = _find_response(operation)
    if body is None:
        what = f"{operation.id} has x-listing, but no 2xx response with a JSON schema"
        hint = "Describe the response, or remove x-listing."
        yield _build_problem(spec, "listing.response-missing", place, what, hint)
        return
    yield from _lint_body_pointers(spec, listing, place, body)
    yield from _lint_cursor(spec, operation, listing, place, body)
    items = find_schema_at(spec, body, listing.items)
    row = items and find_schema_at(spec, items, "/0")
    if items and ("array" not in list_types(spec, items) or row is None):
        what = f"x-listing items {listing.items!r} is not an array of objects with a schema"
        hint = "Point to the array of rows."
        yield _build_problem(spec, "listing.items-not-array", place + "/items", what, hint)
    elif row:
        yield from _lint_row_pointers(spec, listing, place, row)
        for each in listing.filters:
            yield from _filter(spec, operation, each, place, row)
    if listing.order:
        yield from _lint_order(spec, operation, listing.order, place + "/order")


def lint_effect(spec: Spec, operation: Operation) -> Iterator[Problem]:
    """Yield the problems of an operation's `x-effect`."""
    effect = operation.effect
    if effect is None:
        return
    place = operation.pointer + "/x-effect"
    listing = spec.find_operation(effect.of) if effect.of else None
    if effect.of and (listing is None or listing.listing is None):
        what = f"x-effect of {effect.of!r} is not an operation with x-listing"
        yield _build_problem(
            spec,
            "effect.listing-unknown",
            place + "/of",
            what,
            "Use the operationId of a listing.",
        )
    if effect.id and operation.find_parameter(effect.id, "path") is None:
        what = f"x-effect id {effect.id!r} is not a path parameter of {operation.id}"
        yield _build_problem(
            spec,
            "effect.parameter-unknown",
            place + "/id",
            what,
            "Use the path parameter with the id of the row.",
        )
    yield from _lint_effect_pointers(spec, operation, effect, place)


def lint_message(spec: Spec, response: Response) -> Iterator[Problem]:
    """Yield a problem if `x-message` points to nothing in the response's body."""
    if response.message is None:
        return
    schema = response.json.schema_pointer if response.json else ""
    place = response.pointer + "/x-message"
    yield from _lint_pointers(spec, "x-message", schema, {place: response.message})


def lint_lifecycle(spec: Spec) -> Iterator[Problem]:
    """Yield the problems of a schema's `x-lifecycle`."""
    schemas = spec.get_node("/components/schemas")
    for name, schema in schemas.items() if json_pointer.is_object(schemas) else ():
        told = schema.get("x-lifecycle") if json_pointer.is_object(schema) else None
        if not json_pointer.is_object(told):
            continue
        row = json_pointer.join("components", "schemas", name)
        place, words = row + "/x-lifecycle", Lifecycle.parse(told)
        yield from _lint_states(spec, words, row, place)
        named = {"field": words.field, "begins": words.begins, "ends": words.ends}
        named["duration"] = words.duration
        pointers = {f"{place}/{key}": value for key, value in named.items() if value}
        for state, fields in words.adds.items():
            for index, field in enumerate(fields):
                pointers[place + json_pointer.join("adds", state, index)] = field
        for field in words.files:
            at = place + json_pointer.join("files", field)
            pointers[at] = field
            url = find_schema_at(spec, row, field)
            if url and "string" not in list_types(spec, url):
                what = f"x-lifecycle file {field!r} is not a string"
                hint = "Point to a field with a URL."
                yield _build_problem(spec, "lifecycle.file-not-string", at, what, hint)
        yield from _lint_pointers(spec, "x-lifecycle", row, pointers, "rows")


def _lint_states(spec: Spec, words: Lifecycle, row: str, place: str) -> Iterator[Problem]:
    field = find_schema_at(spec, row, words.field)
    known = list_choices(spec, field) if field else None
    for index, state in enumerate(words.states):
        if known is not None and state not in known:
            what = f"x-lifecycle state {state!r} is not a value of {words.field}"
            yield _build_problem(
                spec,
                "lifecycle.state-unknown",
                f"{place}/states/{index}",
                what,
                "Correct or remove it.",
            )
    named = [("adds fields in", json_pointer.join("adds", state), state) for state in words.adds]
    named += [("has a time for", json_pointer.join("lasts", state), state) for state in words.lasts]
    named += [("creates rows in", "/created", words.created)] if words.created else []
    for phrase, below, state in named:
        if state not in words.states:
            what = f"x-lifecycle {phrase} {state!r}, which is not one of its states"
            hint = "Correct or remove it."
            yield _build_problem(spec, "lifecycle.state-unknown", place + below, what, hint)


def _build_problem(spec: Spec, name: str, pointer: str, message: str, hint: str) -> Problem:
    return Problem(name, spec.locate(pointer), message, hint)


def _find_response(operation: Operation) -> str | None:
    success = operation.success
    return (success.json.schema_pointer or None) if success and success.json else None


def _lint_pointers(
    spec: Spec, word: str, schema: str, pointers: dict[str, str], whole: str = "response"
) -> Iterator[Problem]:
    """Yield a problem for each pointer that does not exist in `schema`."""
    for place, pointer in pointers.items():
        if not schema or find_schema_at(spec, schema, pointer) is None:
            what = f"{word} points to {pointer!r}, which the schema of the {whole} does not have"
            yield _build_problem(
                spec,
                "extension.pointer-unresolved",
                place,
                what,
                "Correct the pointer, or describe the field.",
            )


def _lint_parameters(
    spec: Spec, operation: Operation, listing: Listing, place: str
) -> Iterator[Problem]:
    for where, name, wanted in _list_named_parameters(listing):
        schema = find_parameter_schema(spec, operation, name)
        if schema is None:
            kind = "field of the request" if name.startswith("/") else "query parameter"
            what = f"x-listing names {name!r}, which is not a {kind} of {operation.id}"
            remedy = "Describe the parameter, or correct the name."
            yield _build_problem(spec, "listing.parameter-unknown", place + where, what, remedy)
            continue
        has = list_types(spec, schema) - {"null"}
        if has == {"array"} and where == "/order/by":
            has = list_types(spec, find_schema_at(spec, schema, "/0") or schema)
        if wanted and has and not has & wanted:
            types = ", ".join(sorted(has))
            what = f"x-listing needs {name!r} as {min(wanted)}, but its type is {types}"
            yield _build_problem(
                spec,
                "listing.parameter-type",
                place + where,
                what,
                "Correct its type, or name another parameter.",
            )


def _list_named_parameters(listing: Listing) -> Iterator[tuple[str, str, set[str]]]:
    """Yield each parameter that the listing names.

    With its location and its possible types (empty: any).
    """
    number, text = {"integer", "number"}, {"string"}
    page, size, order = listing.page, listing.size, listing.order
    for parameter in page.parameters:
        yield "/page/parameter", parameter, number if page.first_value is not None else set()
    if size.parameter:
        yield "/size/parameter", size.parameter, number
    if order and order.by:
        yield "/order/by", order.by, text
    if order and order.direction:
        yield "/order/direction", order.direction, text
    for filtered in listing.filters:
        yield json_pointer.join("filter", filtered.parameter), filtered.parameter, set()
    for bounded in listing.ranges:
        yield json_pointer.join("range", bounded.parameter), bounded.parameter, number | text
    for search in listing.searches:
        yield json_pointer.join("search", search.parameter), search.parameter, text


def _lint_cursor(
    spec: Spec, operation: Operation, listing: Listing, place: str, body: str
) -> Iterator[Problem]:
    """Yield a problem if the next cursor or URL of the response cannot be one."""
    name, page = str(listing.page.parameter), listing.page
    schema = find_parameter_schema(spec, operation, name)
    given = find_schema_at(spec, body, page.next) if page.next else None
    if schema is None or given is None:
        return
    takes, gives = list_types(spec, schema), list_types(spec, given) - {"null"}
    if page.is_followed:
        takes, name = {"string"}, "a URL"
    elif "number" in takes:
        takes.add("integer")
    if takes and gives and (page.is_followed or "string" not in takes) and not takes & gives:
        what = f"the next cursor is {', '.join(sorted(gives))}, which {name!r} cannot be"
        yield _build_problem(
            spec, "listing.cursor-type", place + "/page/next", what, "Correct one of the two types."
        )


def _lint_body_pointers(spec: Spec, listing: Listing, place: str, body: str) -> Iterator[Problem]:
    named = {
        "/items": listing.items,
        "/total": listing.total,
        "/page/next": listing.page.next,
        "/page/more": listing.page.more,
        **{json_pointer.join("echo", fact): value for fact, value in listing.echo.items()},
    }
    pointers = {place + where: value for where, value in named.items() if value is not None}
    yield from _lint_pointers(spec, "x-listing", body, pointers)


def _lint_row_pointers(spec: Spec, listing: Listing, place: str, row: str) -> Iterator[Problem]:
    fields: Mapping[str, str] = listing.order.fields if listing.order else {}
    named = {
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
    pointers = {place + where: value for where, value in named.items()}
    yield from _lint_pointers(spec, "x-listing", row, pointers, "rows")


def _lint_order(spec: Spec, operation: Operation, order: Order, place: str) -> Iterator[Problem]:
    known = _list_parameter_choices(spec, operation.find_parameter(order.by)) if order.by else None
    unknown = set(order.fields) - known if known is not None else ()
    if unknown:
        named = ", ".join(sorted(unknown))
        what = f"x-listing order.fields has values that {order.by!r} does not have: {named}"
        yield _build_problem(
            spec,
            "listing.order-values",
            place + "/fields",
            what,
            "Correct the values, or list them in the parameter.",
        )
    if order.by is None and len(order.fields) != 1:
        what = "x-listing order has several fields but no parameter that selects one"
        yield _build_problem(
            spec,
            "listing.order-ambiguous",
            place + "/fields",
            what,
            "Set `by` to the parameter, or keep one field.",
        )


def _filter(
    spec: Spec, operation: Operation, each: Filter, place: str, row: str
) -> Iterator[Problem]:
    where = place + json_pointer.join("filter", each.parameter, "values")
    known = _list_parameter_choices(spec, operation.find_parameter(each.parameter))
    field = find_schema_at(spec, row, each.field)
    listed = list_choices(spec, field) if field else None
    for key, values in (each.values or {}).items():
        if known is not None and key not in known:
            what = f"x-listing filter value {key!r} is not a value of {each.parameter!r}"
            yield _build_problem(
                spec,
                "listing.filter-value",
                where + json_pointer.join(key),
                what,
                "Correct or remove it.",
            )
        for index, value in enumerate(values):
            if listed is not None and value not in listed:
                what = f"x-listing filter gives {value!r}, which is not a value of {each.field}"
                yield _build_problem(
                    spec,
                    "listing.filter-value",
                    where + json_pointer.join(key, index),
                    what,
                    "Correct or remove it.",
                )


def _list_parameter_choices(spec: Spec, parameter: Parameter | None) -> set[str] | None:
    """Return the possible values of a parameter or its items, as written in a query."""
    if parameter is None:
        return None
    items = find_schema_at(spec, parameter.schema_pointer, "/0")
    found = list_choices(spec, items or parameter.schema_pointer)
    return None if found is None else {_format_value(value) for value in found if value is not None}


def _format_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _lint_effect_pointers(
    spec: Spec, operation: Operation, effect: Effect, place: str
) -> Iterator[Problem]:
    if effect.item is not None:
        pointers = {place + "/item": effect.item}
        yield from _lint_pointers(spec, "x-effect", _find_response(operation) or "", pointers)
    request = operation.body.json if operation.body else None
    unique = {f"{place}/unique/{index}": field for index, field in enumerate(effect.unique)}
    schema = request.schema_pointer if request else ""
    yield from _lint_pointers(spec, "x-effect", schema, unique, "request")
    if effect.tag is not None:
        where, tag = place + "/tag", {place + "/tag": effect.tag}
        yield from _lint_pointers(spec, "x-effect", schema, tag, "request")
        found = find_schema_at(spec, schema, effect.tag) if schema else None
        if found and list_types(spec, found) and "string" not in list_types(spec, found):
            what = f"x-effect tag {effect.tag!r} is not a string"
            yield _build_problem(
                spec,
                "effect.tag-not-string",
                where,
                what,
                "Point to a field that can have any string.",
            )
