"""Listings and effects are proposed where nothing is in doubt, and there only, as assumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from add.documents import changed
from driftline.add.propose import propose
from driftline.spec.build import build
from driftline.spec.lint import lint
from driftline.spec.overlay import applied
from driftline.spec.pointer import follow
from driftline.spec.reader import Source, parse

GET = "/paths/~1orders/get"
ROW = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def spec_of(document: dict[str, Any]) -> Any:
    found = propose(parse(Path("shop.json"), json.dumps(document)), "shop")
    overlay = Source(Path("overlay"), {"actions": list(found.actions)}, {"": 1})
    source = applied(parse(Path("shop.json"), json.dumps(document)), overlay).source
    spec = build(source)
    assert lint(spec) == []
    return spec


def listed(*names: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The plain document, with orders that are listed, and query parameters of these names."""

    def change(document: dict[str, Any]) -> None:
        kinds = {"cursor": "string", "after": "string", "status": "string"}
        get = document["paths"]["/orders"]["get"]
        get["parameters"] = [
            {"name": name, "in": "query", "schema": {"type": kinds.get(name, "integer")}}
            for name in names
        ]
        get |= more
        schemas = document["components"]["schemas"]
        schemas["Order"] = json.loads(json.dumps(ROW))
        fields = {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}
        schemas["Page"] = {"type": "object", "properties": fields | (body or {})}
        schemas["Page"]["required"] = ["data"]

    return changed(change)


TEXT, FLAG, COUNT = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}
META = {"type": "object", "properties": {"total": COUNT, "has_more": FLAG, "next_cursor": TEXT}}
LISTINGS: dict[str, tuple[dict[str, Any], Any]] = {
    "offset": (
        listed("offset", "limit", body={"total": COUNT}),
        {"page": {"style": "offset", "parameter": "offset"}, "size": {"parameter": "limit"}},
    ),
    "number": (
        listed("page", "per_page", body={"has_more": FLAG}),
        {
            "page": {"style": "number", "parameter": "page", "first": 1, "more": "/has_more"},
            "size": {"parameter": "per_page"},
        },
    ),
    "cursor": (
        listed("cursor", body={"meta": META}),
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
    "one page": (listed(), {"page": {"style": "single"}}),
    "a cursor that no answer gives": (listed("cursor"), None),
    "a size and no page": (listed("limit"), None),
    "two ways": (listed("offset", "page"), None),
    "two lists": (
        listed(body={"more": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}),
        None,
    ),
    "a choice": (listed(body={"data": {"oneOf": [{"type": "array", "items": ROW}, TEXT]}}), None),
    "rows without names": (listed(body={"data": {"type": "array", "items": TEXT}}), None),
    "fern": (
        listed(
            "page",
            **{"x-fern-pagination": {"offset": "$request.page", "results": "$response.data"}},
        ),
        {"page": {"style": "number", "parameter": "page", "first": 1}},
    ),
    "fern's cursor": (
        listed(
            "after",
            body={"paging": {"type": "object", "properties": {"to": TEXT}}},
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
        listed(
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
    "an extension about what is not there": (
        listed(
            "begin",
            **{"x-fern-pagination": {"offset": "$request.start", "results": "$response.rows"}},
        ),
        {"page": {"style": "single"}},
    ),
}


@pytest.mark.parametrize("case", LISTINGS.values(), ids=LISTINGS)
def test_a_listing_is_proposed_or_not(case: tuple[dict[str, Any], Any]) -> None:
    """The words, and a mark by which a live server that differs is no drift of the vendor's."""
    document, wanted = case
    spec = spec_of(document)
    words = follow(spec.document, f"{GET}/x-listing")
    if wanted is None:
        assert not words
        return
    assert {key: words[key] for key in wanted} == wanted
    assert (words["items"], words["id"]) == ("/data", "/id")
    assert spec.assumed(f"{GET}/x-listing/id")


def test_effects_are_proposed_by_path_and_answer() -> None:
    """A POST that answers such a row creates it; what answers another schema has no effect."""

    def change(document: dict[str, Any]) -> None:
        document.update(listed("offset"))
        order = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
        item = document["paths"]["/orders/{id}"]
        item["get"] = json.loads(json.dumps(item["delete"])) | {"operationId": "orders.get"}
        item["put"] = json.loads(json.dumps(item["delete"])) | {"operationId": "orders.put"}
        item["get"]["responses"] = {
            "200": {"description": "It.", "content": order},
            "default": {"description": "No."},
        }
        document["paths"]["/orders"]["post"]["responses"]["201"]["content"] = order

    spec = spec_of(changed(change))
    effects = {each.id: each.effect and each.effect.kind for each in spec.operations}
    assert effects == {
        "orders.list": None,
        "orders.create": "create",
        "orders.get": "read",
        "orders.put": None,
        "orders.delete": "delete",
    }
    assert all(spec.assumed(o.pointer + "/x-effect/kind") for o in spec.operations if o.effect)
