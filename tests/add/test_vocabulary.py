"""Listings and effects are proposed as assumed if they are unambiguous."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from add.documents import change_document
from driftline.add.proposals.propose import propose
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument
from driftline.openapi.lint.rules import lint
from driftline.openapi.pointer import follow
from driftline.openapi.read.load import build_spec
from driftline.openapi.read.overlay import apply_overlay
from driftline.openapi.read.reader import Source

GET = "/paths/~1orders/get"
ROW = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def build_overlaid_spec(document: dict[str, Any]) -> Any:
    content = json.dumps(document).encode()
    document_read = read_document(RawDocument(content, "shop.json"))
    actions = propose(document_read, "shop").actions
    overlay = Source(Path("overlay"), {"actions": list(actions)}, {"": 1})
    base = read_document(RawDocument(content, "shop.json")).source
    spec = build_spec(apply_overlay(base, overlay).source)
    assert lint(spec) == []
    return spec


def build_listing(
    *names: str, body: dict[str, Any] | None = None, **keywords: Any
) -> dict[str, Any]:
    """Return the plain document with a listing that has these query parameters."""

    def change(document: dict[str, Any]) -> None:
        kinds = {"cursor": "string", "after": "string", "status": "string"}
        get = document["paths"]["/orders"]["get"]
        get["parameters"] = [
            {"name": name, "in": "query", "schema": {"type": kinds.get(name, "integer")}}
            for name in names
        ]
        get |= keywords
        schemas = document["components"]["schemas"]
        schemas["Order"] = json.loads(json.dumps(ROW))
        fields = {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}
        schemas["Page"] = {"type": "object", "properties": fields | (body or {})}
        schemas["Page"]["required"] = ["data"]

    return change_document(change)


STRING, FLAG, COUNT = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}
META = {"type": "object", "properties": {"total": COUNT, "has_more": FLAG, "next_cursor": STRING}}
NEXT = {"type": "object", "required": ["after"], "properties": {"after": STRING}}
ECHOED_PAGE = {"type": "object", "properties": {"total": COUNT, "offset": COUNT, "limit": COUNT}}
LISTINGS: dict[str, tuple[dict[str, Any], Any]] = {
    "offset": (
        build_listing("offset", "limit", body={"total": COUNT}),
        {"page": {"style": "offset", "parameter": "offset"}, "size": {"parameter": "limit"}},
    ),
    "offset in the response": (
        build_listing("skip", "limit", body={"meta": ECHOED_PAGE}),
        {
            "page": {"style": "offset", "parameter": "skip"},
            "size": {"parameter": "limit"},
            "total": "/meta/total",
            "echo": {"page": "/meta/offset", "size": "/meta/limit"},
        },
    ),
    "number": (
        build_listing("page", "per_page", body={"has_more": FLAG}),
        {
            "page": {"style": "number", "parameter": "page", "first": 1, "more": "/has_more"},
            "size": {"parameter": "per_page"},
        },
    ),
    "cursor": (
        build_listing("cursor", body={"meta": META}),
        {
            "page": {
                "style": "cursor",
                "parameter": "cursor",
                "next": "/meta/next_cursor",
                "more": "/meta/has_more",
            },
            "total": "/meta/total",
        },
    ),
    "a cursor in an object of the page": (
        build_listing("after", body={"paging": {"type": "object", "properties": {"next": NEXT}}}),
        {"page": {"style": "cursor", "parameter": "after", "next": "/paging/next/after"}},
    ),
    "rows of one alternative": (
        build_listing(body={"data": {"type": "array", "items": {"oneOf": [ROW]}}}),
        {"page": {"style": "single"}},
    ),
    "a page or null": (
        build_listing("cursor", body={"meta": {"anyOf": [META, {"type": "null"}]}}),
        {
            "page": {
                "style": "cursor",
                "parameter": "cursor",
                "next": "/meta/next_cursor",
                "more": "/meta/has_more",
            }
        },
    ),
    "a cursor called like the page": (
        build_listing("cursor", body={"next_page": {"type": ["string", "null"]}}),
        {"page": {"style": "cursor", "parameter": "cursor", "next": "/next_page"}},
    ),
    "after a row": (
        build_listing("after", body={"last_id": STRING, "has_more": FLAG}),
        {"page": {"style": "last-row", "parameter": "after", "more": "/has_more"}},
    ),
    "one page": (build_listing(), {"page": {"style": "single"}}),
    "a cursor that no response has": (build_listing("cursor"), None),
    "a size and no page": (build_listing("limit"), None),
    "two ways": (build_listing("offset", "page"), None),
    "two lists": (
        build_listing(
            body={"more": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}
        ),
        None,
    ),
    "a choice": (
        build_listing(body={"data": {"oneOf": [{"type": "array", "items": ROW}, STRING]}}),
        None,
    ),
    "rows without names": (build_listing(body={"data": {"type": "array", "items": STRING}}), None),
    "fern": (
        build_listing(
            "page",
            **{"x-fern-pagination": {"offset": "$request.page", "results": "$response.data"}},
        ),
        {"page": {"style": "number", "parameter": "page", "first": 1}},
    ),
    "fern's cursor": (
        build_listing(
            "after",
            body={"paging": {"type": "object", "properties": {"to": STRING}}},
            **{
                "x-fern-pagination": {
                    "cursor": "$request.after",
                    "next_cursor": "$response.paging.to",
                    "results": "$response.data",
                }
            },
        ),
        {"page": {"style": "cursor", "parameter": "after", "next": "/paging/to"}},
    ),
    "speakeasy": (
        build_listing(
            "begin",
            "many",
            **{
                "x-speakeasy-pagination": {
                    "type": "offsetLimit",
                    "inputs": [
                        {"name": "begin", "in": "parameters", "type": "offset"},
                        {"name": "many", "in": "parameters", "type": "limit"},
                    ],
                    "outputs": {"results": "$.data"},
                }
            },
        ),
        {"page": {"style": "offset", "parameter": "begin"}, "size": {"parameter": "many"}},
    ),
    "an extension that refers to nothing": (
        build_listing(
            "begin",
            **{"x-fern-pagination": {"offset": "$request.start", "results": "$response.rows"}},
        ),
        {"page": {"style": "single"}},
    ),
}


@pytest.mark.parametrize("case", LISTINGS.values(), ids=LISTINGS)
def test_a_listing_is_proposed_with_the_expected_keywords(case: tuple[dict[str, Any], Any]) -> None:
    """The proposed listing has the expected keywords and is marked as assumed."""
    document, expected_keywords = case
    spec = build_overlaid_spec(document)
    listing = follow(spec.document, f"{GET}/x-listing")
    if expected_keywords is None:
        assert not listing
        return
    assert {key: listing[key] for key in expected_keywords} == expected_keywords
    assert (listing["items"], listing["id"]) == ("/data", "/id")
    assert spec.find_assumption(f"{GET}/x-listing/id")


def test_effects_are_proposed_by_path_and_response() -> None:
    """A POST that returns a row creates it; a method that returns another schema has no effect."""

    def change(document: dict[str, Any]) -> None:
        document.update(build_listing("offset"))
        order = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
        item = document["paths"]["/orders/{id}"]
        item["get"] = json.loads(json.dumps(item["delete"])) | {"operationId": "orders.get"}
        item["put"] = json.loads(json.dumps(item["delete"])) | {"operationId": "orders.put"}
        item["get"]["responses"] = {
            "200": {"description": "It.", "content": order},
            "default": {"description": "No."},
        }
        document["paths"]["/orders"]["post"]["responses"]["201"]["content"] = order

    spec = build_overlaid_spec(change_document(change))
    effects = {
        operation.id: operation.effect and operation.effect.kind for operation in spec.operations
    }
    assert effects == {
        "orders.list": None,
        "orders.create": "create",
        "orders.get": "read",
        "orders.put": None,
        "orders.delete": "delete",
    }
    assert all(
        spec.find_assumption(o.pointer + "/x-effect/kind") for o in spec.operations if o.effect
    )


@pytest.mark.parametrize(
    ("fields", "item"),
    [
        (("order",), "/order"),
        (("data",), "/data"),
        (("order", "next"), None),
        ((), None),
    ],
)
def test_a_row_may_be_the_only_one_in_a_response(fields: tuple[str, ...], item: str | None) -> None:
    """A read returns the row in a field of any name, unless several fields are rows."""

    def change(document: dict[str, Any]) -> None:
        document.update(build_listing("offset"))
        row = {"$ref": "#/components/schemas/Order"}
        schema = {"type": "object", "properties": {"note": STRING, **dict.fromkeys(fields, row)}}
        delete = document["paths"]["/orders/{id}"]["delete"]
        document["paths"]["/orders/{id}"]["get"] = {
            "operationId": "orders.get",
            "parameters": delete["parameters"],
            "responses": {
                "200": {"description": "It.", "content": {"application/json": {"schema": schema}}},
                "default": {"description": "No."},
            },
        }

    spec = build_overlaid_spec(change_document(change))
    (get,) = [operation for operation in spec.operations if operation.id == "orders.get"]
    assert (get.effect.item if get.effect else None) == item


def build_short_paths(*methods: str) -> dict[str, Any]:
    """Return a document with orders below a customer, and rows at a path without the customer."""
    document = build_listing("offset", "limit")
    parameter = document["paths"]["/orders/{id}"]["delete"]["parameters"][0]
    order = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    customer = {"name": "customer_id", "in": "path", "required": True, "schema": STRING}
    orders, item = document["paths"].pop("/orders"), document["paths"]["/orders/{id}"]
    del orders["post"]
    document["paths"]["/customers/{customer_id}/orders"] = orders | {"parameters": [customer]}
    for method in methods:
        item[method] = {"operationId": f"orders.{method}", "parameters": [parameter]}
        item[method]["responses"] = {"200": {"description": "It.", "content": order}}
    return document


@pytest.mark.parametrize("methods", [(), ("get",), ("get", "patch")])
def test_a_row_below_a_parent_may_have_a_path_of_its_own(methods: tuple[str, ...]) -> None:
    """`/orders/{id}` has rows of `/customers/{id}/orders` if one of its methods returns them."""
    spec = build_overlaid_spec(build_short_paths(*methods))
    effects = {o.id: (o.effect.kind, o.effect.of) for o in spec.operations if o.effect}
    kinds = {"get": "read", "patch": "update"}
    proven = {f"orders.{method}": (kinds[method], "orders.list") for method in methods}
    assert effects == (proven | {"orders.delete": ("delete", "orders.list")} if methods else {})


@pytest.mark.parametrize("shape", [{}, {"format": "uuid"}, {"pattern": "^[a-z]+$"}])
def test_a_path_parameter_may_have_a_format_that_the_id_lacks(shape: dict[str, Any]) -> None:
    """A path parameter named like the rows' id is that id, even if it has a format or pattern."""

    def change(document: dict[str, Any]) -> None:
        document.update(build_listing("offset"))
        delete = document["paths"]["/orders/{id}"]["delete"]
        delete["parameters"][0]["schema"] |= shape

    spec = build_overlaid_spec(change_document(change))
    (delete,) = [operation for operation in spec.operations if operation.id == "orders.delete"]
    assert delete.effect is not None
    assert (delete.effect.kind, delete.effect.id) == ("delete", "id")


@pytest.mark.parametrize(
    ("parameter_type", "id_type", "expected"),
    [("number", "integer", True), ("integer", "number", True), ("number", "string", False)],
)
def test_a_number_in_a_path_matches_an_integer_id(
    parameter_type: str, id_type: str, *, expected: bool
) -> None:
    """A `number` in a path matches an integer id and the reverse, but not a string."""

    def change(document: dict[str, Any]) -> None:
        document.update(build_listing("offset"))
        order = document["components"]["schemas"]["Order"]
        order["properties"]["id"] = {"type": id_type}
        delete = document["paths"]["/orders/{id}"]["delete"]
        delete["parameters"][0]["schema"] = {"type": parameter_type}

    spec = build_overlaid_spec(change_document(change))
    (delete,) = [operation for operation in spec.operations if operation.id == "orders.delete"]
    assert (delete.effect is not None) is expected


def with_field(
    field: dict[str, Any], parameter_schema: dict[str, Any], name: str = "state"
) -> dict[str, Any]:
    """Return a listing whose rows have a field, and a parameter with its name and this schema."""
    document = build_listing("offset", "limit")
    document["components"]["schemas"]["Order"]["properties"][name] = field
    parameter = {"name": name, "in": "query", "schema": parameter_schema}
    document["paths"]["/orders"]["get"]["parameters"].append(parameter)
    return document


STATES: dict[str, Any] = {"type": "string", "enum": ["OPEN", "DONE"]}
OR_NULL: dict[str, Any] = {"anyOf": [STATES, {"type": "null"}]}
INTEGER: dict[str, Any] = {"type": "integer"}
FILTERS: dict[str, tuple[dict[str, Any], bool]] = {
    "the same values": (with_field(STATES, STATES), True),
    "behind a nullable union": (with_field(OR_NULL, OR_NULL), True),
    "some of its values": (with_field(STATES, {"type": "string", "enum": ["OPEN"]}), True),
    "a list of its values": (with_field(STATES, {"type": "array", "items": OR_NULL}), True),
    "booleans": (with_field({"type": ["boolean", "null"]}, {"type": "boolean"}), True),
    "integers": (with_field(INTEGER, {"anyOf": [INTEGER, {"type": "null"}]}), True),
    "a number that does not name a row": (
        with_field({"type": "number"}, {"type": "number"}),
        False,
    ),
    "other values": (with_field(STATES, {"type": "string", "enum": ["ALL"]}), False),
    "a number and a string": (with_field(INTEGER, STRING), False),
    "a flag and a number": (with_field(INTEGER, {"type": "boolean"}), False),
}


@pytest.mark.parametrize("case", FILTERS.values(), ids=FILTERS)
def test_a_filter_needs_the_name_and_values_of_a_field(case: tuple[dict[str, Any], bool]) -> None:
    """A parameter with the name and values of a field is a filter; the name does not suffice."""
    document, is_filter = case
    listing = follow(build_overlaid_spec(document).document, f"{GET}/x-listing")
    assert listing.get("filter") == ({"state": {"field": "/state"}} if is_filter else None)


def test_a_number_parameter_may_filter_by_an_integer_id() -> None:
    """A parameter of type `number` may filter by an integer id."""
    document = with_field(INTEGER, {"type": "number"}, "buyer_id")
    listing = follow(build_overlaid_spec(document).document, f"{GET}/x-listing")
    assert listing["filter"] == {"buyer_id": {"field": "/buyer_id"}}


@pytest.mark.parametrize(
    ("choices", "values"),
    [
        (["true", "false"], {"true": [True], "false": [False]}),
        (["true"], {"true": [True]}),
        (["true", "false", "any"], None),
        ([True], None),
    ],
)
def test_a_true_or_false_string_may_filter_by_a_boolean(
    choices: list[Any], values: dict[str, list[bool]] | None
) -> None:
    """A parameter with the strings "true" and "false" may filter by a boolean."""
    document = with_field({"type": "boolean"}, {"enum": choices}, "open")
    listing = follow(build_overlaid_spec(document).document, f"{GET}/x-listing")
    rule = {"open": {"field": "/open", "values": values}} if values else None
    assert listing.get("filter") == rule


def test_an_order_has_the_fields_that_its_values_name() -> None:
    """An order has the fields that its values name, and the direction."""
    names = {"type": "string", "enum": ["id", "size"]}
    document = with_field(INTEGER, names, "size")
    get = document["paths"]["/orders"]["get"]
    get["parameters"][-1]["name"] = "sort_by"
    directions = {"type": "string", "enum": ["asc", "desc"]}
    get["parameters"].append({"name": "order", "in": "query", "schema": directions})
    listing = follow(build_overlaid_spec(document).document, f"{GET}/x-listing")
    fields = {"id": "/id", "size": "/size"}
    assert listing["order"] == {"by": "sort_by", "fields": fields, "direction": "order"}
    names["enum"].append("relevance")
    listing = follow(build_overlaid_spec(document).document, f"{GET}/x-listing")
    assert listing["order"] == {"by": "sort_by", "fields": fields, "direction": "order"}


@pytest.mark.parametrize("link_fields", [("next", "previous"), ("next",)])
def test_count_next_to_page_links_is_the_total(link_fields: tuple[str, ...]) -> None:
    """`count` is the total if the response also has links to the next and previous pages."""
    body = {"count": COUNT, **dict.fromkeys(link_fields, STRING)}
    listing = follow(
        build_overlaid_spec(build_listing("page", body=body)).document, f"{GET}/x-listing"
    )
    assert listing.get("total") == ("/count" if len(link_fields) == 2 else None)


@pytest.mark.parametrize("change", [{"description": "One."}, {"maxProperties": 9}])
def test_schemas_that_differ_only_in_annotations_are_equal(change: dict[str, Any]) -> None:
    """Two schemas are equal if they differ only in annotations."""
    document = build_listing("offset")
    schemas = document["components"]["schemas"]
    schemas["OrderDetail"] = json.loads(json.dumps(ROW)) | change
    detail = {"application/json": {"schema": {"$ref": "#/components/schemas/OrderDetail"}}}
    document["paths"]["/orders"]["post"]["responses"]["201"]["content"] = detail
    (create,) = [
        operation
        for operation in build_overlaid_spec(document).operations
        if operation.id == "orders.create"
    ]
    assert (create.effect is not None) == ("description" in change)
