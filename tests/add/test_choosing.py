"""Filters, orders and searches are proposed if names and types are unambiguous."""

from __future__ import annotations

import json
from typing import Any

import pytest

from add.test_trial import STRING, build_document
from driftline.add.proposals.propose import propose
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument

FLAG, COUNT = {"type": "boolean"}, {"type": "integer"}
UUID = {"type": "string", "format": "uuid"}
STATES = {"type": "string", "enum": ["open", "closed"]}
ROW = {
    "paid": FLAG,
    "shelf": COUNT,
    "state": STATES,
    "shop_id": STRING,
    "buyer": UUID,
    "note": STRING,
    "tags": {"type": "array", "items": STRING},
    "created_at": STRING,
    "limit": COUNT,
    "*": COUNT,  # a name without words
}


def propose_listing(*parameters: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    """Return the proposed `x-listing` of a listing with these query parameters."""
    data = build_document(
        {**ROW, **overrides.pop("row", {})},
        {"item": STRING},
        parameters=[{"in": "query", **p} for p in parameters],
    )
    data["components"]["schemas"]["Page"]["properties"] |= overrides
    result = propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")
    assert result.dropped_proposals == []
    [listing] = [a["update"]["x-listing"] for a in result.actions if "x-listing" in a["update"]]
    return dict(listing)


def make_nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


FILTERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "a flag": ("paid", FLAG, True),
    "a flag or null": ("paid", make_nullable(FLAG), True),
    "an integer or null": ("shelf", {"oneOf": [COUNT, {"type": "null"}]}, True),
    "listed values": ("state", STATES, True),
    "some of the listed values, or null": (
        "state",
        make_nullable({**STATES, "enum": ["open"]}),
        True,
    ),
    "several of the listed values": ("state", {"type": "array", "items": STATES}, True),
    "a UUID or null": ("buyer", {"oneOf": [UUID, {"type": "null"}]}, True),
    "an id": ("shop_id", STRING, True),
    "a string": ("note", STRING, True),
    "a part of a string": ("note", {**STRING, "description": "The prefix of a note."}, False),
    "an item of a list of strings": ("tag", STRING, True),
    "any string where rows have listed values": ("state", STRING, True),
    "other values": ("state", {"type": "string", "enum": ["new"]}, False),
    "another type": ("shelf", STRING, False),
    "a parameter of pages": ("limit", COUNT, False),
    "in brackets": ("filter[state]", STATES, True),
    "by an operator": ("state__in", {"type": "array", "items": STATES}, True),
    "several by a plural": ("states", {"type": "array", "items": STATES}, True),
    "one value by a plural": ("states", STATES, False),
    "in the other case": ("shopId", STRING, True),
    "a default that rows have": ("state", {**STATES, "default": "open"}, True),
    "a default that no row has": ("note", {**STRING, "default": "ALL"}, False),
    "no default": ("note", {**STRING, "default": None}, True),
}


@pytest.mark.parametrize("case", FILTERS)
def test_a_filter_has_the_name_and_values_of_a_field(case: str) -> None:
    """A filter has the name and the values of a field, and values that are equal or not."""
    name, schema, is_filter = FILTERS[case]
    if name == "limit":
        schema = {**schema, "description": "Rows with this limit."}
    parameters = [{"name": name, "schema": schema}]
    if not is_filter and name == "limit":
        parameters.append({"name": "offset", "schema": COUNT})
    listing = propose_listing(*parameters)
    field = "/shop_id" if name == "shopId" else "/state" if "state" in name else f"/{name}"
    field = "/tags" if name == "tag" else field
    filter_rule = {"field": field, "exact": False} if name in {"note", "tag"} else {"field": field}
    assert listing.get("filter") == ({name: filter_rule} if is_filter else None)


DECIMAL = {"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"}
PRICE = {"anyOf": [{"type": "number"}, DECIMAL, {"type": "null"}]}
DAY, TIME = ({"type": "string", "format": format_name} for format_name in ("date", "date-time"))
RANGES: dict[str, tuple[str, dict[str, Any], str, dict[str, Any] | None]] = {
    "a lower bound": ("from_shelf", COUNT, "", {"field": "/shelf", "bound": "lower"}),
    "a minimum is allowed itself": (
        "min_shelf",
        COUNT,
        "",
        {"field": "/shelf", "bound": "lower", "inclusive": True},
    ),
    "an upper bound": ("shelf_to", COUNT, "", {"field": "/shelf", "bound": "upper"}),
    "a bound by its operator": (
        "shelf__gte",
        COUNT,
        "",
        {"field": "/shelf", "bound": "lower", "inclusive": True},
    ),
    "a time without its ending": ("soldAfter", TIME, "", {"field": "/sold_at", "bound": "lower"}),
    "a day for a time": (
        "sold_until",
        DAY,
        "Exclusive.",
        {"field": "/sold_at", "bound": "upper", "inclusive": False},
    ),
    "an inclusive end": (
        "max_shelf",
        COUNT,
        "Shelves less than or equal to this",
        {"field": "/shelf", "bound": "upper", "inclusive": True},
    ),
    "not an inclusive end": (
        "max_shelf",
        COUNT,
        "Not inclusive",
        {"field": "/shelf", "bound": "upper"},
    ),
    "another type": ("min_shelf", STRING, "", None),
    "a default": ("min_shelf", {**COUNT, "default": 0}, "", None),
    "no such field": ("min_price", COUNT, "", None),
    "a string without a time format": ("note_from", STRING, "", None),
    "the only time of the rows": ("since", TIME, "", {"field": "/sold_at", "bound": "lower"}),
    "the only time field, by its type": (
        "date_to",
        DAY,
        "",
        {"field": "/sold_at", "bound": "upper"},
    ),
    "a name unlike the only time field": ("paid_after", TIME, "", None),
    "in brackets": (
        "filter[shelf][lte]",
        COUNT,
        "",
        {"field": "/shelf", "bound": "upper", "inclusive": True},
    ),
    "a decimal string": ("price_from", PRICE, "", {"field": "/price", "bound": "lower"}),
}


@pytest.mark.parametrize("case", RANGES)
def test_a_range_has_the_name_and_the_bound_of_a_field(case: str) -> None:
    """A range has the name of a field, the end that it bounds, and a comparable type."""
    name, schema, description, expected = RANGES[case]
    data = {"name": name, "schema": schema, "description": description}
    row = {"sold_at": TIME, **({"price": DECIMAL} if "price" in str(expected) else {})}
    listing = propose_listing(data, row=row)
    assert listing.get("range") == (None if expected is None else {name: expected})


@pytest.mark.parametrize(
    ("names", "echo"),
    [
        (("page", "pages"), {"page": "/page", "totalPages": "/pages"}),
        (("per_page", "total_pages"), {"size": "/per_page", "totalPages": "/total_pages"}),
        (("size", "count"), None),
        (("number", "total_pages"), {"page": "/number", "totalPages": "/total_pages"}),
        (("number",), None),
        (("number_of_elements",), {"count": "/number_of_elements"}),
    ],
)
def test_echoes_of_the_page_are_proposed_unless_ambiguous(
    names: tuple[str, ...], echo: dict[str, str] | None
) -> None:
    """The page, its size and the number of pages are proposed as echoes, ambiguous counts not."""
    parameters = [{"name": name, "schema": COUNT} for name in ("page", "limit")]
    assert propose_listing(*parameters, **dict.fromkeys(names, COUNT)).get("echo") == echo


@pytest.mark.parametrize(
    ("page", "size"), [("pageIndex", "pageSize"), ("PageNumber", "PerPage"), ("skip", "take")]
)
def test_names_of_pages_are_known_in_any_notation(page: str, size: str) -> None:
    """In camel case as in snake case; the total, too."""
    parameters = [{"name": name, "schema": COUNT} for name in (page, size)]
    listing = propose_listing(*parameters, totalElements=COUNT)
    assert listing["page"]["parameter"] == page
    assert listing["size"] == {"parameter": size}
    assert listing["total"] == "/totalElements"


@pytest.mark.parametrize(("max_page_size", "is_repeated"), [(10, False), (50, True), (100, True)])
def test_no_echo_is_proposed_for_a_page_size_above_its_maximum(
    max_page_size: int, is_repeated: bool
) -> None:
    """An echo of the page size is not proposed if its maximum is below that of the parameter."""
    parameters = [{"name": "page", "schema": COUNT}]
    parameters.append({"name": "limit", "schema": {**COUNT, "maximum": 50}})
    echo = propose_listing(*parameters, per_page={**COUNT, "maximum": max_page_size}).get(
        "echo", {}
    )
    assert ("size" in echo) == is_repeated


def test_a_name_of_two_parameters_is_not_a_filter() -> None:
    """A name of two parameters is not proposed as a filter, since `x-listing` has only the name."""
    note = {"name": "note", "schema": STRING}
    assert propose_listing(note)["filter"]
    assert "filter" not in propose_listing(note, {**note, "in": "header"})


def test_a_filter_may_be_the_id_of_an_inner_row() -> None:
    """`author_id` filters by `/author/id` if the row has an author with an id."""
    author = {"type": "object", "required": ["id"], "properties": {"id": COUNT}}
    data = build_document({**ROW, "author": author}, {"item": STRING}, parameters=[])
    operation = next(iter(data["paths"].values()))["get"]
    operation["parameters"] = [
        {"in": "query", "name": name, "schema": COUNT} for name in ("author_id", "shop_key")
    ]
    result = propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")
    [listing] = [a["update"]["x-listing"] for a in result.actions if "x-listing" in a["update"]]
    assert listing["filter"] == {"author_id": {"field": "/author/id"}}


ASC = {"type": "string", "enum": ["asc", "desc"]}
ORDERS: dict[str, tuple[list[dict[str, Any]], Any]] = {
    "fields and a direction": (
        [
            {"name": "sort", "schema": {"type": "string", "enum": ["shelf", "created_at"]}},
            {"name": "order", "schema": ASC},
        ],
        {
            "by": "sort",
            "direction": "order",
            "fields": {"shelf": "/shelf", "created_at": "/created_at"},
        },
    ),
    "signs": (
        [{"name": "ordering", "schema": {"type": "string", "enum": ["shelf", "-shelf"]}}],
        {"by": "ordering", "fields": {"shelf": "/shelf", "-shelf": "/shelf"}},
    ),
    "signs in a list": (
        [
            {
                "name": "ordering",
                "explode": False,
                "schema": {
                    "type": "array",
                    "items": {"type": "string", "enum": ["created_at", "-created_at"]},
                },
            }
        ],
        {
            "by": "ordering",
            "fields": {"created_at": "/created_at", "-created_at": "/created_at"},
        },
    ),
    "words": (
        [{"name": "sort", "schema": {"type": "string", "enum": ["createdAt:asc", "SHELF:desc"]}}],
        {"by": "sort", "fields": {"createdAt:asc": "/created_at", "SHELF:desc": "/shelf"}},
    ),
    "a direction by a field that is named": (
        [
            {
                "name": "order",
                "schema": ASC,
                "description": "Sort order by the `created_at` timestamp.",
            }
        ],
        {"direction": "order", "fields": {"created_at": "/created_at"}},
    ),
    "a direction by nothing": ([{"name": "order", "schema": ASC}], None),
    "a value that is no field": (
        [{"name": "sort", "schema": {"type": "string", "enum": ["shelf", "relevance"]}}],
        {"by": "sort", "fields": {"shelf": "/shelf"}},
    ),
    "no value that is a field": (
        [{"name": "sort", "schema": {"type": "string", "enum": ["newest", "relevance"]}}],
        None,
    ),
    "any value": ([{"name": "sort", "schema": STRING}], None),
    "a default and quoted values": (
        [
            {
                "name": "order",
                "schema": {**STRING, "default": "shelf"},
                "description": "One of `shelf`, `-shelf`, or `anything`.",
            },
            {"name": "sort_dir", "schema": {**STRING, "default": "asc"}},
        ],
        {"by": "order", "direction": "sort_dir", "fields": {"shelf": "/shelf", "-shelf": "/shelf"}},
    ),
    "a description that lists fields": (
        [
            {
                "name": "sort",
                "schema": STRING,
                "description": "By shelf or created_at (minus: down).",
            }
        ],
        {
            "by": "sort",
            "fields": {
                name: f"/{name.lstrip('-')}"
                for name in ("shelf", "created_at", "-shelf", "-created_at")
            },
        },
    ),
    "a description that lists something else": (
        [{"name": "sort", "schema": STRING, "description": "The shelf, or nothing; up or down."}],
        None,
    ),
    "a pattern": (
        [
            {"name": "sort_by", "schema": {**STRING, "pattern": "^(shelf|created_at)$"}},
            {"name": "order", "schema": {**STRING, "pattern": "^(asc|desc)$"}},
        ],
        {
            "by": "sort_by",
            "direction": "order",
            "fields": {"shelf": "/shelf", "created_at": "/created_at"},
        },
    ),
    "a flag": (
        [
            {"name": "sort", "schema": {"type": "string", "enum": ["shelf"]}},
            {"name": "sortDescending", "schema": {"type": "boolean", "default": False}},
        ],
        {"by": "sort", "direction": "sortDescending", "fields": {"shelf": "/shelf"}},
    ),
    "a field and its direction": (
        [{"name": "sort", "schema": {"type": "string", "enum": ["shelf,asc", "shelf,desc"]}}],
        {"by": "sort", "fields": {"shelf,asc": "/shelf", "shelf,desc": "/shelf"}},
    ),
    "a pattern with a sign": (
        [{"name": "sort", "schema": {**STRING, "pattern": "^-?(shelf)$"}}],
        {"by": "sort", "fields": {"shelf": "/shelf", "-shelf": "/shelf"}},
    ),
}


@pytest.mark.parametrize("case", ORDERS)
def test_an_order_is_proposed_where_each_value_is_a_field(case: str) -> None:
    """An order is proposed if its values name fields, perhaps with a direction."""
    parameters, expected = ORDERS[case]
    assert propose_listing(*parameters).get("order") == expected


@pytest.mark.parametrize(
    ("summary", "order"),
    [
        (
            "List orders, newest first.",
            {"fields": {"created_at": "/created_at"}, "descending": True},
        ),
        ("Oldest orders first", {"fields": {"created_at": "/created_at"}}),
        ("List orders, sorted by note", {"fields": {"note": "/note"}}),
        ("Ordered by created at.", None),
        ("Sorted by note (descending)", {"fields": {"note": "/note"}, "descending": True}),
        ("They can be sorted by note.", None),
        ("The first orders", None),
    ],
)
def test_an_order_may_be_described(summary: str, order: Any) -> None:
    """What is newest was created last, and what is sorted by a field has its order."""
    data = build_document(ROW, {"item": STRING}, summary=summary)
    result = propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")
    [listing] = [a["update"]["x-listing"] for a in result.actions if "x-listing" in a["update"]]
    assert listing.get("order") == order


def test_the_newest_events_happened_last() -> None:
    """A row that is not created, such as an event, has the time when it happened."""
    rows = {"kind": STRING, "at": {"type": "string", "format": "date-time"}}
    data = build_document(rows, {"item": STRING}, summary="The newest first")
    result = propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")
    [listing] = [a["update"]["x-listing"] for a in result.actions if "x-listing" in a["update"]]
    assert listing["order"] == {"fields": {"at": "/at"}, "descending": True}


def test_choices_of_nested_fields_are_proposed() -> None:
    """JSON:API has the fields of a row in `attributes`."""
    attributes = {"type": "object", "properties": {"state": STATES, "title": STRING}}
    listing = propose_listing(
        {"name": "filter[state]", "schema": STATES},
        {"name": "sort", "schema": {"type": "string", "enum": ["title", "-title"]}},
        row={"attributes": attributes},
    )
    assert listing["filter"]["filter[state]"]["field"] in {"/attributes/state", "/state"}
    assert listing["order"]["fields"] == {
        "title": "/attributes/title",
        "-title": "/attributes/title",
    }


SEARCHES: dict[str, tuple[str, str, Any]] = {
    "a part of a field": ("note", "A part of the note, in any case.", ["/note"]),
    "fields that are named": ("q", "Orders whose note contains this.", ["/note"]),
    "a text in fields": ("q", "Text in the note, ignoring case.", ["/note"]),
    "two names with one noun": ("q", "Part of the created or shelf at.", ["/created_at"]),
    "several": ("search", "Search in note and created at.", ["/note", "/created_at"]),
    "a syntax": ("q", "A search of note in query syntax.", None),
    "no fields": ("search", "A search term.", None),
    "another name": ("text", "Orders whose note contains this.", None),
}
VAGUE_SEARCHES = {
    "no description": ("search", "", ["/note", "/created_at"]),
    "only the beginning": ("q", "Matches a note by its prefix.", ["/note"]),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_a_search_whose_description_names_its_fields_is_exact(case: str) -> None:
    """A search is exact if the description names its fields and no other rule."""
    name, description, fields = SEARCHES[case]
    listing = propose_listing({"name": name, "schema": STRING, "description": description})
    assert listing.get("search") == ({name: {"fields": fields}} if fields else None)


@pytest.mark.parametrize("case", VAGUE_SEARCHES)
def test_a_search_without_described_fields_is_not_exact(case: str) -> None:
    """A search without a description of its fields is proposed as not exact."""
    name, description, fields = VAGUE_SEARCHES[case]
    listing = propose_listing({"name": name, "schema": STRING, "description": description})
    assert listing.get("search") == {name: {"fields": fields, "exact": False}}


@pytest.mark.parametrize(
    ("page_fields", "total"),
    [
        ({"count": COUNT}, None),
        ({"count": {**COUNT, "description": "Total number of orders."}}, "/count"),
        ({"count": COUNT, "next": STRING, "previous": STRING}, "/count"),
    ],
)
def test_a_count_is_proposed_as_total_only_if_unambiguous(
    page_fields: dict[str, Any], total: str | None
) -> None:
    """`count` is proposed as the total only if it cannot be the number of rows on the page."""
    assert propose_listing({"name": "offset", "schema": COUNT}, **page_fields).get("total") == total


@pytest.mark.parametrize("is_equal", [True, False])
def test_equal_schemas_under_two_names_count_as_one(is_equal: bool) -> None:
    """Two equal schemas, as generators write for input and output, count as one schema."""
    data = build_document({"item": STRING}, {"item": STRING})
    schemas = data["components"]["schemas"]
    inner = {"type": "object", "properties": {"size": COUNT, "parent": {"$ref": "#/x"}}}
    for name in ("Order", "Order-Output"):
        part = json.loads(json.dumps(inner).replace("#/x", f"#/components/schemas/{name}"))
        schemas[f"{name}Part"] = part
        order = json.loads(json.dumps(schemas["Order"]))
        order["properties"]["part"] = {"$ref": f"#/components/schemas/{name}Part"}
        schemas[name] = order
    if not is_equal:
        schemas["Order-OutputPart"]["properties"]["size"] = STRING
    content = data["paths"]["/orders"]["post"]["responses"]["201"]["content"]["application/json"]
    content["schema"] = {"$ref": "#/components/schemas/Order-Output"}
    result = propose(read_document(RawDocument(json.dumps(data).encode(), "shop.json")), "shop")
    kinds = [a["update"]["x-effect"]["kind"] for a in result.actions if "x-effect" in a["update"]]
    assert sorted(kinds) == (["create", "delete"] if is_equal else ["delete"])


@pytest.mark.parametrize("name", ["starting_after", "after_id", "afterId", "last_id"])
def test_starting_after_is_proposed_as_the_last_row_style(name: str) -> None:
    """`starting_after` and similar parameters next to `has_more` are the last-row style."""
    listing = propose_listing({"name": name, "schema": STRING}, has_more=FLAG)
    assert listing["page"] == {"style": "last-row", "parameter": name, "more": "/has_more"}


@pytest.mark.parametrize(
    ("description", "rule"),
    [
        ("Only orders with this note (exact).", {"field": "/note"}),
        ("The note; an exact match is required.", {"field": "/note"}),
        ("Exact match, ignoring case.", {"field": "/note", "exact": False}),
        ("The beginning of the note, or the exact note.", None),
    ],
)
def test_a_filter_by_strings_is_exact_if_it_is_described_so(
    description: str, rule: dict[str, Any] | None
) -> None:
    """A filter by a plain string selects equal ones only if its description says that."""
    listing = propose_listing({"name": "note", "schema": STRING, "description": description})
    assert listing.get("filter") == (None if rule is None else {"note": rule})


def test_a_filter_may_be_one_item_of_a_list_of_documented_values() -> None:
    """`extra` with documented values selects the rows that have one of these `extras`."""
    extra = {"type": "string", "enum": ["gift", "card"]}
    listing = propose_listing(
        {"name": "extra", "schema": extra}, row={"extras": {"type": "array", "items": extra}}
    )
    assert listing["filter"] == {"extra": {"field": "/extras"}}
