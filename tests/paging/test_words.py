"""Lint and the vocabulary reject wrong settings of a page style."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from generate.minimal import build_json_response, make_document, make_spec

from driftline.openapi.lint.metaschema import build_extension_validator, list_mistakes
from driftline.openapi.lint.rules import lint

ROW = {"type": "object", "properties": {"id": {"type": "string"}}}
BODY = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": ROW},
        "next": {"type": "integer"},
        "more": {"type": "boolean"},
    },
}


def lint_page(page: Any, method: str = "get", **members: Any) -> set[str]:
    """Return the ids of lint's problems with a listing that has this page style."""
    operation: dict[str, Any] = {
        "operationId": "row.list",
        "parameters": [
            {"name": "page", "in": "query", "schema": {"type": "integer"}},
            {"name": "name", "in": "query", "schema": {"type": "string"}},
        ],
        "responses": {"200": build_json_response(copy.deepcopy(BODY))},
        "x-listing": {"items": "/rows", "id": "/id", "page": page, **members},
    }
    if method == "post":
        schema = {"type": "object", "properties": {"cursor": {"type": "integer"}}}
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    spec = make_spec(make_document({"/rows": {method: operation}}))
    return {problem.id for problem in lint(spec) if "listing" in problem.id}


@pytest.mark.parametrize(
    ("page", "method", "expected"),
    [
        ({"style": "link-header", "parameter": "page", "counts": "pages"}, "get", set()),
        ({"style": "link-header", "parameter": "gone"}, "get", {"listing.parameter-unknown"}),
        (
            {"style": "link-header", "parameter": "name", "counts": "pages"},
            "get",
            {"listing.parameter-type"},
        ),
        (
            {"style": "next-url", "parameter": "name", "next": "/next"},
            "get",
            {"listing.cursor-type"},
        ),
        ({"style": "last-row", "parameter": "name", "more": "/more"}, "get", set()),
        ({"style": "cursor", "parameter": "/cursor", "next": "/next"}, "post", set()),
        (
            {"style": "cursor", "parameter": "/gone", "next": "/next"},
            "post",
            {"listing.parameter-unknown"},
        ),
        ({"style": "offset", "parameter": "page"}, "post", {"listing.unsafe-method"}),
    ],
)
def test_settings_that_do_not_fit_the_operation_are_problems(
    page: Any, method: str, expected: set[str]
) -> None:
    """An unknown parameter, a wrong type, a cursor of another type and an unsafe method are
    problems.
    """
    assert lint_page(page, method) == expected


@pytest.mark.parametrize(
    "page",
    [
        {"style": "cursor", "parameter": "name", "next": "/next", "counts": "rows"},
        {"style": "link-header", "parameter": "page", "next": "/next"},
        {"style": "link-header", "parameter": "/page"},
        {"style": "next-url", "parameter": "page"},
        {"style": "last-row"},
        {"style": "offset", "parameter": "/a/b"},
    ],
)
def test_settings_that_the_style_does_not_have_are_rejected(page: Any) -> None:
    """The vocabulary rejects settings that the style does not have."""
    listing = {"items": "/rows", "id": "/id", "page": page}
    assert list_mistakes(build_extension_validator("x-listing"), listing)
    valid_listing = {**listing, "page": {"style": "offset", "parameter": "/start"}}
    assert not list_mistakes(build_extension_validator("x-listing"), valid_listing)
