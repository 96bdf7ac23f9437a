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
from driftline.add.naming.phrases import is_item_path, split_words, strip_extension
from driftline.add.ordering import find_order
from driftline.add.proposals.links import (
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
    join,
    list_branches,
    list_types,
)

NUMBERS: Final = ("page", "pageNumber", "page_number", "pageNo", "page_no")
OFFSETS: Final = ("offset", "skip")
CURSORS: Final = (
    *("cursor", "after", "pageToken", "page_token", "nextToken", "next_token"),
    *("nextCursor", "next_cursor", "continuationToken", "continuation_token", "PageToken"),
)
SIZES: Final = (
    *("limit", "pageSize", "page_size", "perPage", "per_page", "size"),
    *("maxResults", "max_results", "pageLimit", "page_limit", "PageSize"),
)
NEXTS: Final = (
    *("nextCursor", "next_cursor", "nextPageToken", "next_page_token", "nextToken"),
    *("next_token", "endCursor", "end_cursor", "continuationToken", "continuation_token"),
)
MORES: Final = (
    *("hasMore", "has_more", "hasNext", "has_next", "hasNextPage", "has_next_page"),
    *("has_next_results", "more"),
)
PAGES: Final = (
    *("totalPages", "total_pages", "pageCount", "page_count", "lastPage", "last_page"),
    *("numPages", "num_pages", "pages"),
)
ENVELOPES: Final = ("pagination", "paging", "meta", "page_info", "pageInfo", "_meta", "data")
IDS: Final = ("id", "uuid", "_id", "sid")
OTHERS: Final = (
    *("before", "start", "from", "marker", "top", "$top", "$skip", "count"),
    "starting_after",
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
    found = [items] if items is not None else list(_list_arrays(spec, body))
    if len(found) != 1:
        return None
    place = find_schema_at(spec, body, found[0]) if found[0] else body
    row = (
        find_schema_at(spec, place, "/0")
        if place and list_types(spec, place) == {"array"}
        else None
    )
    if row is None:
        return None
    name = _find_key(spec, operation, row)
    name = name or next((name for name in IDS if _is_plain(spec, row, name)), None)
    return Shape(body, found[0], join(name), row) if name else None


def _list_arrays(spec: Spec, body: str) -> Iterator[str]:
    """Yield the pointers of arrays at the top of a response or in one object of it."""
    if list_types(spec, body) == {"array"}:
        yield ""
        return
    for name, place in list_properties(spec, body).items():
        if list_types(spec, place) == {"array"} and _find_rows(spec, place):
            yield join(name)
        elif name in ENVELOPES:
            for inner, below in list_properties(spec, place).items():
                if list_types(spec, below) == {"array"} and _find_rows(spec, below):
                    yield join(name, inner)


def _find_rows(spec: Spec, place: str) -> bool:
    row = find_schema_at(spec, place, "/0")
    return row is not None and bool(list_properties(spec, row))


def _find_key(spec: Spec, operation: Operation, row: str) -> str | None:
    """Return the field that has the name of the parameter in the paths of rows.

    `/countries` and `/countries/{IsoCode}` list rows by their `iso_code`.
    """
    start = strip_extension(operation.path) + "/{"
    below = {
        rest[:-1]
        for each in spec.operations
        if (rest := strip_extension(each.path).removeprefix(start)).find("}") == len(rest) - 1
        and each.path.startswith(start)
    }
    fields = list_properties(spec, row) if len(below) == 1 else ()
    wanted = split_words(below.pop()) if fields else ()
    named = [each for each in fields if split_words(each) == wanted and _is_plain(spec, row, each)]
    return named[0] if len(named) == 1 else None


def _is_plain(spec: Spec, row: str, name: str) -> bool:
    place = list_properties(spec, row).get(name)
    # Some documents make every field nullable, even the id.
    types = list_types(spec, place) - {"null"} if place is not None else set[str]()
    return bool(types) and types <= {"string", "integer"}


def propose_listing(spec: Spec, operation: Operation) -> tuple[dict[str, Any], str] | None:
    """Return the proposed `x-listing` of an operation, and why; None in doubt."""
    found = shape(spec, operation)
    if found is None:
        return None
    page, why = _page(spec, operation, found)
    if page is None:
        return None
    words: dict[str, Any] = {"items": found.items, "id": found.id}
    total = _find_field(spec, found, TOTALS, {"integer"}) or _count(spec, found)
    if total and page["style"] != "single":
        words["total"] = total
    elif (header := find_total_header(spec, operation)) and page["style"] != "single":
        words["totalHeader"] = header
    words["page"] = page
    size = _find_named_parameter(spec, operation, SIZES, {"integer", "number"})
    if size and page["style"] != "single":
        words["size"] = {"parameter": size.name}
    choices: dict[str, Any] = {
        "echo": _find_echoes(spec, operation, found, page, size),
        "filter": dict(find_filters(spec, operation, found.row)),
        "range": dict(find_ranges(spec, operation, found.row)),
        "order": find_order(spec, operation, found.row),
        "search": dict(find_search(spec, operation, found.row)),
    }
    words |= {word: each for word, each in choices.items() if each}
    words["x-assumed"] = f"proposed from the shape of the document: {why}"
    return words, why


def _find_echoes(
    spec: Spec, operation: Operation, found: Shape, page: dict[str, Any], size: Parameter | None
) -> dict[str, str]:
    """Return where the response has page or offset, size and number of pages."""
    if page["style"] not in {"number", "offset"}:
        return {}
    pages = (*NUMBERS, "currentPage", "current_page") if page["style"] == "number" else OFFSETS
    names = {
        "page": (page["parameter"], *pages),
        "size": (size.name, "pageSize", "page_size", "perPage", "per_page") if size else (),
        "totalPages": PAGES if size else (),
    }
    pointers = {word: _find_field(spec, found, each, {"integer"}) for word, each in names.items()}
    asked = {each.name: each.schema_pointer for each in operation.parameters}
    sent = {"page": asked[page["parameter"]], "size": size.schema_pointer if size else ""}
    return {
        word: pointer
        for word, pointer in pointers.items()
        if pointer and (word not in sent or _can_repeat(spec, sent[word], found.body, pointer))
    }


def _can_repeat(spec: Spec, sent: str, body: str, pointer: str) -> bool:
    """Return whether a field of the response allows what the request may ask for."""
    place = find_schema_at(spec, body, pointer)
    return place is not None and _get_maximum(spec, sent) <= _get_maximum(spec, place)


def _get_maximum(spec: Spec, place: str) -> float:
    return min((s["maximum"] for _, s in list_branches(spec, place) if "maximum" in s), default=inf)


def _page(spec: Spec, operation: Operation, found: Shape) -> tuple[dict[str, Any] | None, str]:
    article = "an" if found.id[1:2].lower() in set("aeiou") else "a"
    where = f"an array of rows with {article} {found.id[1:]}"
    number = _find_named_parameter(spec, operation, NUMBERS, {"integer", "number"})
    offset = _find_named_parameter(spec, operation, OFFSETS, {"integer", "number"})
    cursor = _find_named_parameter(spec, operation, CURSORS, {"string"})
    if sum(each is not None for each in (number, offset, cursor)) > 1:
        return None, ""
    more = _find_field(spec, found, MORES, {"boolean"})
    rest = {"more": more} if more else {}
    asked = number or offset or cursor
    counting: dict[str, Any] = {}
    if number:
        counting = {"counts": "pages", "first": _find_first(number)}
    elif offset:
        counting = {"counts": "rows"}
    linked = asked and propose_linked_page(spec, operation, found.body, asked, counting)
    if asked and linked:
        return {**linked[0], **rest}, f"{where}, {linked[1]} and the parameter {asked.name}"
    after = None if asked else propose_page_after_row(operation, more)
    if after:
        return after[0], f"{where}, {after[1]}"
    if cursor:
        follow = _find_field(spec, found, (cursor.name, *NEXTS), {"string"})
        words = {"style": "cursor", "parameter": cursor.name, "next": follow, **rest}
        return (
            (words, f"{where}, {follow} and the parameter {cursor.name}") if follow else (None, "")
        )
    if offset:
        words = {"style": "offset", "parameter": offset.name, **rest}
        return words, f"{where}, and the parameter {offset.name}"
    if number:
        page: dict[str, Any] = {"style": "number", "parameter": number.name}
        page |= {"first": _find_first(number), **rest}
        return page, f"{where}, and the parameter {number.name}"
    known = {
        each.name
        for each in operation.parameters
        if get_measure(spec, each.schema_pointer) != "time"  # the begin of a range, not of a page
    }
    # The response to `GET /rooms/{id}` is a room, whatever lists it contains.
    is_row = bool(found.items) and is_item_path(operation.path)
    if is_row or known & {*NUMBERS, *OFFSETS, *CURSORS, *SIZES, *OTHERS}:
        return None, ""
    return {"style": "single"}, f"{where}, but no parameter that requests a page"


def _find_first(parameter: Parameter) -> int:
    for word in ("default", "minimum"):
        value: Any = parameter.schema.get(word)
        if type(value) is int and value in (0, 1):
            return value
    return 1


def _find_named_parameter(
    spec: Spec, operation: Operation, names: tuple[str, ...], wanted: set[str]
) -> Parameter | None:
    for name in names:
        parameter = operation.find_parameter(name)
        if parameter is None or parameter.required:
            continue
        kinds = list_types(spec, parameter.schema_pointer) - {"null"}
        if kinds and kinds <= wanted:
            return parameter
    return None


def _find_field(spec: Spec, found: Shape, names: tuple[str, ...], wanted: set[str]) -> str | None:
    """Return the pointer of a member at the top of the response or in its envelope."""
    for envelope in ("", *ENVELOPES):
        place = find_schema_at(spec, found.body, join(envelope)) if envelope else found.body
        if place is None or list_types(spec, place) - {"null"} != {"object"}:
            continue
        fields = list_properties(spec, place)
        for name in names:
            if name in fields and list_types(spec, fields[name]) - {"null"} == wanted:
                return join(*filter(None, (envelope, name)))
    return None


def _count(spec: Spec, found: Shape) -> str | None:
    """Return the location of `count` if it is the total: beside links to pages, or as described."""
    for envelope in ("", *ENVELOPES):
        place = find_schema_at(spec, found.body, join(envelope)) if envelope else found.body
        names = list_properties(spec, place).keys() if place else set[str]()
        count = find_schema_at(spec, place, "/count") if place else None
        text = str(spec.resolve(count)[1].get("description", "")) if count else ""
        # Django REST framework, and Django Ninja.
        is_total = {"count", "next", "previous"} <= names or names == {"count", "items"}
        if is_total or text.lower().startswith("total"):
            return _find_field(spec, found, ("count",), {"integer"})
    return None
