"""Proposes listings and their page styles, if the document is unambiguous.

Proposals are marked as assumed, so a server that differs does not fail a live run.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any, Final

import attrs

from driftline.add.choosing import (
    find_filters,
    find_ranges,
    find_search,
    get_measure,
    list_properties,
)
from driftline.add.naming.phrases import has_name, is_item_path, split_words, strip_extension
from driftline.add.ordering import find_order
from driftline.add.proposals.links import (
    AFTER_ROWS,
    TOTALS,
    find_total_header,
    propose_linked_page,
    propose_page_after_row,
)
from driftline.openapi import (
    Operation,
    Parameter,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    join,
    list_branches,
    list_types,
)

# Names are in snake_case here, and are recognized in any notation.
NUMBERS: Final = ("page", "page_number", "page_no", "page_num", "page_index")
OFFSETS: Final = ("offset", "skip")
CURSORS: Final = (
    "cursor",
    "after",
    "page_token",
    "next_token",
    "next_cursor",
    "continuation_token",
)
SIZES: Final = (
    *("limit", "page_size", "per_page", "size", "max_results", "page_limit", "items_per_page"),
    "take",
)
NEXTS: Final = (
    *("next_cursor", "next_page_token", "next_token", "end_cursor", "continuation_token"),
    "next_page",
)
MORES: Final = ("has_more", "has_next", "has_next_page", "has_next_results", "more")
PAGES: Final = ("total_pages", "page_count", "last_page", "num_pages", "pages")
ENVELOPES: Final = ("pagination", "paging", "meta", "page_info", "data")
LINKS: Final = ("next", "cursors")
"""Objects in an envelope that have the cursor."""
IDS: Final = ("id", "uuid", "_id", "sid")
OTHERS: Final = (
    *("before", "start", "from", "marker", "top", "$top", "$skip", "count"),
    *AFTER_ROWS,
)


@attrs.frozen
class Shape:
    """A response with a list: where the rows are, their id field, and their schema."""

    body: str
    items: str
    id: str
    row: str


def shape(spec: Spec, operation: Operation, items: str | None = None) -> Shape | None:
    """Return the shape of an operation's success, if it has exactly one list of rows."""
    success = operation.success
    body = success.json.schema_pointer if success and success.json else ""
    if not operation.is_read or operation.method != "GET" or not body:
        return None
    arrays = [items] if items is not None else list(_list_arrays(spec, body))
    if len(arrays) != 1:
        return None
    array_pointer = find_schema_at(spec, body, arrays[0]) if arrays[0] else body
    row = (
        find_schema_at(spec, array_pointer, "/0")
        if array_pointer and list_types(spec, array_pointer) == {"array"}
        else None
    )
    if row is None:
        return None
    name = _find_key(spec, operation, row)
    name = name or next((name for name in IDS if _is_plain(spec, row, name)), None)
    return Shape(body, arrays[0], join(name), row) if name else None


def _list_arrays(spec: Spec, body: str) -> Iterator[str]:
    """Yield the pointers of arrays at the top of a response or in one object of it."""
    if list_types(spec, body) == {"array"}:
        yield ""
        return
    for name, pointer in list_properties(spec, body).items():
        if list_types(spec, pointer) == {"array"} and _find_rows(spec, pointer):
            yield join(name)
        elif has_name(name, ENVELOPES):
            for inner, inner_pointer in list_properties(spec, pointer).items():
                if list_types(spec, inner_pointer) == {"array"} and _find_rows(spec, inner_pointer):
                    yield join(name, inner)


def _find_rows(spec: Spec, array_pointer: str) -> bool:
    row = find_schema_at(spec, array_pointer, "/0")
    return row is not None and bool(list_properties(spec, row))


def _find_key(spec: Spec, operation: Operation, row: str) -> str | None:
    """Return the field that has the name of the parameter in the paths of rows.

    `/countries` and `/countries/{IsoCode}` list rows by their `iso_code`.
    """
    start = strip_extension(operation.path) + "/{"
    parameter_names = {
        rest[:-1]
        for candidate in spec.operations
        if (rest := strip_extension(candidate.path).removeprefix(start)).find("}") == len(rest) - 1
        and candidate.path.startswith(start)
    }
    fields = list_properties(spec, row) if len(parameter_names) == 1 else ()
    name_words = split_words(parameter_names.pop()) if fields else ()
    matches = [
        field
        for field in fields
        if split_words(field) == name_words and _is_plain(spec, row, field)
    ]
    return matches[0] if len(matches) == 1 else None


def _is_plain(spec: Spec, row: str, name: str) -> bool:
    pointer = list_properties(spec, row).get(name)
    # Some documents make every field nullable, even the id.
    types = list_types(spec, pointer) - {"null"} if pointer is not None else set[str]()
    return bool(types) and types <= {"string", "integer", "number"}


def propose_listing(spec: Spec, operation: Operation) -> tuple[dict[str, Any], str] | None:
    """Return the proposed `x-listing` of an operation, and why; None in doubt."""
    response_shape = shape(spec, operation)
    if response_shape is None:
        return None
    page, why = _page(spec, operation, response_shape)
    if page is None:
        return None
    rule: dict[str, Any] = {"items": response_shape.items, "id": response_shape.id}
    total = _find_field(spec, response_shape, TOTALS, {"integer"}) or _count(spec, response_shape)
    if total and page["style"] != "single":
        rule["total"] = total
    elif (header := find_total_header(spec, operation)) and page["style"] != "single":
        rule["totalHeader"] = header
    rule["page"] = page
    size = _find_named_parameter(spec, operation, SIZES, {"integer", "number"})
    if size and page["style"] != "single":
        rule["size"] = {"parameter": size.name}
    choices: dict[str, Any] = {
        "echo": _find_echoes(spec, operation, response_shape, page, size),
        **_find_choices(spec, operation, response_shape.row),
    }
    attributes = list_properties(spec, response_shape.row).get("attributes")
    if attributes and list_types(spec, attributes) == {"object"}:  # as JSON:API nests them
        inner = _find_choices(spec, operation, attributes)
        choices |= {key: _move(value, "/attributes") for key, value in inner.items() if value}
    rule |= {keyword: value for keyword, value in choices.items() if value}
    rule["x-assumed"] = f"proposed from the shape of the document: {why}"
    return rule, why


def _find_choices(spec: Spec, operation: Operation, row: str) -> dict[str, Any]:
    """Return the filters, ranges, order and searches by fields of a schema."""
    return {
        "filter": dict(find_filters(spec, operation, row)),
        "range": dict(find_ranges(spec, operation, row)),
        "order": find_order(spec, operation, row),
        "search": dict(find_search(spec, operation, row)),
    }


def _move(rule: Any, prefix: str) -> Any:
    """Return a rule with the pointers to fields in an object of the rows."""
    if is_object(rule):
        return {name: _move(value, prefix) for name, value in rule.items()}
    if is_array(rule):
        return [_move(value, prefix) for value in rule]
    return prefix + rule if isinstance(rule, str) and rule.startswith("/") else rule


def _find_echoes(
    spec: Spec,
    operation: Operation,
    response_shape: Shape,
    page: dict[str, Any],
    size: Parameter | None,
) -> dict[str, str]:
    """Return where the response has page or offset, size and number of pages."""
    if page["style"] not in {"number", "offset"}:
        return {}
    pages = (*NUMBERS, "current_page") if page["style"] == "number" else OFFSETS
    names = {
        "page": (page["parameter"], *pages),
        "size": (size.name, "page_size", "per_page") if size else (),
        "totalPages": PAGES if size else (),
        "count": ("number_of_elements",),
    }
    pointers = {
        key: _find_field(spec, response_shape, candidates, {"integer"})
        for key, candidates in names.items()
    }
    if pointers["totalPages"] and not pointers["page"]:  # beside it, it is that of the page
        pointers["page"] = _find_field(spec, response_shape, ("number",), {"integer"})
    parameter_schemas = {
        parameter.name: parameter.schema_pointer for parameter in operation.parameters
    }
    request_schemas = {
        "page": parameter_schemas[page["parameter"]],
        "size": size.schema_pointer if size else "",
    }
    return {
        key: pointer
        for key, pointer in pointers.items()
        if pointer
        and (
            key not in request_schemas
            or _can_repeat(spec, request_schemas[key], response_shape.body, pointer)
        )
    }


def _can_repeat(spec: Spec, request_schema: str, body: str, pointer: str) -> bool:
    """Return whether a field of the response allows what the request may ask for."""
    response_schema = find_schema_at(spec, body, pointer)
    return response_schema is not None and _get_maximum(spec, request_schema) <= _get_maximum(
        spec, response_schema
    )


def _get_maximum(spec: Spec, schema_pointer: str) -> float:
    return min(
        (s["maximum"] for _, s in list_branches(spec, schema_pointer) if "maximum" in s),
        default=inf,
    )


def _page(spec: Spec, operation: Operation, listed: Shape) -> tuple[dict[str, Any] | None, str]:
    article = "an" if listed.id[1:2].lower() in set("aeiou") else "a"
    reason = f"an array of rows with {article} {listed.id[1:]}"
    number = _find_named_parameter(spec, operation, NUMBERS, {"integer", "number"})
    offset = _find_named_parameter(spec, operation, OFFSETS, {"integer", "number"})
    cursor = _find_named_parameter(spec, operation, CURSORS, {"string"})
    if sum(p is not None for p in (number, offset, cursor)) > 1:
        return None, ""
    more = _find_field(spec, listed, MORES, {"boolean"})
    rest = {"more": more} if more else {}
    parameter = number or offset or cursor
    counting: dict[str, Any] = {}
    if number:
        counting = {"counts": "pages", "first": _find_first(number)}
    elif offset:
        counting = {"counts": "rows"}
    linked = parameter and propose_linked_page(spec, operation, listed.body, parameter, counting)
    if parameter and linked:
        return {**linked[0], **rest}, f"{reason}, {linked[1]} and the parameter {parameter.name}"
    follow = cursor and _find_field(spec, listed, (cursor.name, *NEXTS), {"string"})
    after = None if number or offset or follow else propose_page_after_row(operation, more)
    if after:
        return after[0], f"{reason}, {after[1]}"
    if cursor:
        rule = {"style": "cursor", "parameter": cursor.name, "next": follow, **rest}
        reason += f", {follow} and the parameter {cursor.name}"
        return (rule, reason) if follow else (None, "")
    if offset:
        rule = {"style": "offset", "parameter": offset.name, **rest}
        return rule, f"{reason}, and the parameter {offset.name}"
    if number:
        page: dict[str, Any] = {"style": "number", "parameter": number.name}
        page |= {"first": _find_first(number), **rest}
        return page, f"{reason}, and the parameter {number.name}"
    names = [
        p.name
        for p in operation.parameters
        if get_measure(spec, p.schema_pointer) != "time"  # the begin of a range, not of a page
    ]
    page_names = (*NUMBERS, *OFFSETS, *CURSORS, *SIZES, *OTHERS)
    # The response to `GET /rooms/{id}` is a room, whatever lists it contains.
    is_row = bool(listed.items) and is_item_path(operation.path)
    if is_row or any(has_name(name, page_names) for name in names):
        return None, ""
    return {"style": "single"}, f"{reason}, but no parameter that requests a page"


def _find_first(parameter: Parameter) -> int:
    for keyword in ("default", "minimum"):
        value: Any = parameter.schema.get(keyword)
        if type(value) is int and value in (0, 1):
            return value
    return 1


def _find_named_parameter(
    spec: Spec, operation: Operation, names: tuple[str, ...], expected_types: set[str]
) -> Parameter | None:
    optional = [p for p in operation.parameters if p.location == "query" and not p.required]
    for parameter in (p for name in names for p in optional if has_name(p.name, (name,))):
        kinds = list_types(spec, parameter.schema_pointer) - {"null"}
        if kinds and kinds <= expected_types:
            return parameter
    return None


def _find_field(
    spec: Spec, response_shape: Shape, names: tuple[str, ...], expected_types: set[str]
) -> str | None:
    """Return the pointer of a member at the top of the response or in its envelopes.

    Counts and flags are whole numbers, even where a document says only `number`.
    """
    for envelope, fields in _list_envelopes(spec, response_shape.body):
        for name in (field for name in names for field in fields if has_name(field, (name,))):
            types = list_types(spec, fields[name]) - {"null"}
            if {"integer" if kind == "number" else kind for kind in types} == expected_types:
                return envelope + join(name)
    return None


def _list_envelopes(spec: Spec, body: str) -> list[tuple[str, dict[str, str]]]:
    """Return the fields of a response, and those of each object in it that describes a page."""
    fields = list_properties(spec, body) if list_types(spec, body) == {"object"} else {}
    inner = _list_objects(spec, "", fields, ENVELOPES)
    links = [entry for at, names in inner for entry in _list_objects(spec, at, names, LINKS)]
    return [("", fields), *inner, *links]


def _list_objects(
    spec: Spec, at: str, fields: dict[str, str], object_names: tuple[str, ...]
) -> list[tuple[str, dict[str, str]]]:
    """Return the fields of each object of these names, and where it is."""
    return [
        (at + join(name), list_properties(spec, pointer))
        for object_name in object_names
        for name, pointer in fields.items()
        if has_name(name, (object_name,)) and list_types(spec, pointer) - {"null"} == {"object"}
    ]


def _count(spec: Spec, response_shape: Shape) -> str | None:
    """Return the location of `count` if it is the total: beside links to pages, or as described."""
    for _, fields in _list_envelopes(spec, response_shape.body):
        names, count = fields.keys(), fields.get("count")
        description = str(spec.resolve(count)[1].get("description", "")) if count else ""
        # Django REST framework, and Django Ninja.
        is_total = {"count", "next", "previous"} <= names or names == {"count", "items"}
        if is_total or description.lower().startswith("total"):
            return _find_field(spec, response_shape, ("count",), {"integer"})
    return None
