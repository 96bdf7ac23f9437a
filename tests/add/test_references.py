"""`x-reference` is proposed if name, type and listing are unambiguous."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.add.proposals.propose import ProposalResult, propose
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument
from driftline.openapi.lint.rules import lint
from driftline.openapi.read.load import build_spec
from driftline.openapi.read.reader import Source

INTEGER, NUMBER, STRING = {"type": "integer"}, {"type": "number"}, {"type": "string"}
UUID = {"type": "string", "format": "uuid"}


def build_document(
    fields: dict[str, Any], author_id: dict[str, Any], **paths: Any
) -> dict[str, Any]:
    """Return a library with listings of authors and of books with these fields."""

    def build_listing(row: str) -> dict[str, Any]:
        schema = {"type": "array", "items": {"$ref": f"#/components/schemas/{row}"}}
        content = {"application/json": {"schema": schema}}
        return {"get": {"responses": {"200": {"description": "All.", "content": content}}}}

    def build_row_schema(fields: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": ["id"], "properties": fields}

    return {
        "openapi": "3.1.0",
        "info": {"title": "Library", "version": "1"},
        "servers": [{"url": "https://library.example.com"}],
        "paths": {
            "/v1/authors": build_listing("Author"),
            "/v1/books": build_listing("Book"),
            **paths,
        },
        "components": {
            "schemas": {
                "Author": build_row_schema({"id": author_id, "author_id": author_id}),
                "Book": build_row_schema({"id": INTEGER, **fields}),
            }
        },
    }


def propose_for(data: dict[str, Any]) -> ProposalResult:
    return propose(read_document(RawDocument(json.dumps(data).encode(), "it.json")), "it")


def propose_references(data: dict[str, Any]) -> dict[str, str]:
    """Return the listing of each proposed reference by its target."""
    return {
        action["target"]: action["update"]["x-reference"]["of"]
        for action in propose_for(data).actions
        if "x-reference" in action["update"]
    }


FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "an id": ({"author_id": INTEGER}, INTEGER, ""),
    "an id that TypeScript calls a number": ({"author_id": NUMBER}, INTEGER, ""),
    "an id in camel case": ({"authorId": STRING}, STRING, ""),
    "an id that may be null": ({"author_id": {"type": ["integer", "null"]}}, INTEGER, ""),
    "the noun, an integer": ({"author": INTEGER}, INTEGER, ""),
    "the noun, a UUID": ({"author": UUID}, UUID, ""),
    "ids": ({"author_ids": {"type": "array", "items": INTEGER}}, INTEGER, ".items"),
    "nouns": ({"authors": {"type": "array", "items": INTEGER}}, INTEGER, ".items"),
    "the noun, a string that may be a name": ({"author": STRING}, STRING, None),
    "the noun, described as an id": ({"author": {**STRING, "description": "Id of it"}}, STRING, ""),
    "the noun, an item of an object": (
        {
            "notes": {
                "type": "array",
                "items": {"type": "object", "properties": {"author": INTEGER}},
            }
        },
        INTEGER,
        ".items.properties.author",
    ),
    "a number of them": ({"authors": INTEGER}, INTEGER, None),
    "another type": ({"author_id": STRING}, INTEGER, None),
    "an integer of 64 bits": ({"author_id": {**INTEGER, "format": "int64"}}, INTEGER, ""),
    "another format": ({"author_id": UUID}, STRING, None),
    "another noun": ({"editor_id": INTEGER}, INTEGER, None),
    "an object": ({"author": {"type": "object"}}, INTEGER, None),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_refers_to_the_listing_with_its_noun(case: str) -> None:
    """A reference has the noun of the listing's path and the type of its ids."""
    fields, author_id, suffix = FIELDS[case]
    [name] = fields
    references = propose_references(build_document(fields, author_id))
    expected = {f"$.components.schemas.Book.properties.{name}{suffix}": "authors.list"}
    assert references == (expected if suffix is not None else {})


@pytest.mark.parametrize(
    ("extra", "count"), [({}, 1), ({"name": {"type": "string"}}, 0)], ids=["identifier", "row"]
)
def test_a_resource_identifier_refers_to_the_listing_of_its_type(
    extra: dict[str, Any], count: int
) -> None:
    """JSON:API names the kind of a row in `type`; with other fields, it is the row itself."""
    identifier = {"type": {"const": "authors"}, "id": STRING, **extra}
    author = {
        "type": "object",
        "properties": {"data": {"type": "object", "properties": identifier}},
    }
    relationships = {"type": "object", "properties": {"writer": author}}
    references = propose_references(build_document({"relationships": relationships}, STRING))
    assert len(references) == count


def test_the_number_of_a_singular_noun_is_not_a_reference() -> None:
    """`count` is a number, though `/authors/count` responds with rows; only a plural has rows."""
    data = build_document({"count": INTEGER}, INTEGER)
    data["paths"]["/v1/authors/count"] = data["paths"]["/v1/authors"]
    assert propose_references(data) == {}


def test_a_noun_that_fits_two_listings_is_not_a_reference() -> None:
    """A noun that fits two listings is not proposed as a reference."""
    data = build_document({"author_id": INTEGER}, INTEGER)
    data["paths"]["/v1/archive/authors"] = data["paths"]["/v1/authors"]
    assert propose_references(data) == {}


def build_reader_path(name: str) -> dict[str, Any]:
    parameter = {"name": name, "in": "path", "required": True, "schema": INTEGER}
    return {"get": {"parameters": [parameter], "responses": {"200": {"description": "It."}}}}


def test_a_path_parameter_refers_to_the_noun_before_it() -> None:
    """In `/authors/{x}/notes`, `x` refers to an author if it is named like an id or an author."""
    paths = {
        "/v1/authors/{id}/notes": build_reader_path("id"),
        "/v1/authors/{author}/prizes": build_reader_path("author"),
        "/v1/authors/{author_pk}/awards": build_reader_path("author_pk"),
        "/v1/authors/{year}/statistics": build_reader_path("year"),
    }
    references = propose_references(build_document({}, INTEGER, **paths))
    assert references == {
        "$.paths['/v1/authors/{id}/notes'].get.parameters[0].schema": "authors.list",
        "$.paths['/v1/authors/{author}/prizes'].get.parameters[0].schema": "authors.list",
        "$.paths['/v1/authors/{author_pk}/awards'].get.parameters[0].schema": "authors.list",
    }


def test_a_parameter_that_other_paths_share_is_not_a_reference() -> None:
    """A parameter that paths of different nouns share is not a reference."""
    path_item = {"parameters": [{"$ref": "#/components/parameters/Id"}]}
    operation = {"responses": {"200": {"description": "It."}}}
    data = build_document({}, INTEGER)
    data["components"]["parameters"] = {
        "Id": {"name": "id", "in": "path", "required": True, "schema": INTEGER}
    }
    data["paths"]["/v1/authors/{id}/notes"] = {**path_item, "get": operation}
    assert propose_references(data) == {"$.components.parameters.Id.schema": "authors.list"}
    data["paths"]["/v1/shelves/{id}/notes"] = {**path_item, "get": operation}
    assert propose_references(data) == {}


@pytest.mark.parametrize(("kind", "count"), [(NUMBER, 0), (INTEGER, 0), (STRING, 1)])
def test_lint_reports_a_reference_of_an_incompatible_type(kind: dict[str, Any], count: int) -> None:
    """Lint reports a reference whose type cannot equal the id's type."""
    data = build_document({"author_id": {**INTEGER, "x-reference": {"of": "authors.list"}}}, kind)
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    data["paths"]["/v1/authors"]["get"] |= {"operationId": "authors.list", "x-listing": listing}
    spec = build_spec(Source(Path("it"), data, {"": 1}))
    assert [problem.id for problem in lint(spec)].count("reference.type") == count


def test_a_reference_whose_values_cannot_be_ids_is_dropped() -> None:
    """A reference whose values cannot be ids is dropped."""
    small, large = {**INTEGER, "maximum": 5}, {**INTEGER, "minimum": 100}
    result = propose_for(build_document({"author_id": small}, large))
    assert [
        (dropped_proposal.operation, dropped_proposal.part)
        for dropped_proposal in result.dropped_proposals
    ] == [("author_id", "x-reference")]


def test_swagger_references_are_at_the_locations_of_swagger() -> None:
    """References of a Swagger 2.0 document are at its own locations."""
    row = {"type": "object", "properties": {"id": INTEGER, "author_id": INTEGER}}

    def build_listing(name: str) -> dict[str, Any]:
        schema = {"type": "array", "items": {"$ref": f"#/definitions/{name}"}}
        return {"get": {"responses": {"200": {"description": "All.", "schema": schema}}}}

    parameter = {"name": "author_id", "in": "path", "required": True, "type": "integer"}
    responses = {"responses": {"200": {"description": "It."}}}
    text_parameter = {"name": "text", "in": "formData", "required": True, "type": "string"}
    notes = {"get": {"parameters": [parameter], **responses}}
    pages = {"post": {"parameters": [text_parameter, parameter], **responses}}
    # Parameters that become a body leave the list; the ones after them keep their place.
    tags = {"parameters": [text_parameter, parameter], "post": responses}
    data = {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1"},
        "host": "old.example.com",
        "paths": {
            "/authors": build_listing("Author"),
            "/books": build_listing("Book"),
            "/authors/{author_id}/notes": notes,
            "/authors/{author_id}/pages": pages,
            "/authors/{author_id}/tags": tags,
        },
        "definitions": {
            "Author": {"type": "object", "properties": {"id": INTEGER}},
            "Book": row,
        },
    }
    assert propose_references(data) == {
        "$.definitions.Book.properties.author_id": "authors.list",
        "$.paths['/authors/{author_id}/notes'].get.parameters[0]": "authors.list",
        "$.paths['/authors/{author_id}/pages'].post.parameters[1]": "authors.list",
        "$.paths['/authors/{author_id}/tags'].parameters[1]": "authors.list",
    }


def test_references_use_the_field_that_the_path_names() -> None:
    """If `/authors/{slug}` reads an author, references to authors use the slug, in paths, too."""
    data = build_document({"author": STRING}, INTEGER)
    slug = {"type": "string", "pattern": "^[a-z]{3,9}$"}
    data["components"]["schemas"]["Author"]["properties"]["slug"] = STRING
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Author"}}}
    parameter = {"name": "slug", "in": "path", "required": True, "schema": slug}
    data["paths"]["/v1/authors/{slug}"] = {
        "get": {
            "parameters": [parameter],
            "responses": {"200": {"description": "It.", "content": content}},
        }
    }
    actions = [action["update"] for action in propose_for(data).actions]
    listings = [action["x-listing"]["id"] for action in actions if "x-listing" in action]
    effects = [action["x-effect"]["id"] for action in actions if "x-effect" in action]
    assert (sorted(listings), effects) == (["/id", "/slug"], ["slug"])
    data["paths"]["/v1/authors/{slug}/notes"] = build_reader_path("slug")
    data["paths"]["/v1/authors/{slug}/notes"]["get"]["parameters"] = [
        {**parameter, "schema": STRING}
    ]
    assert propose_references(data) == {
        "$.components.schemas.Book.properties.author": "authors.list",
        "$.paths['/v1/authors/{slug}/notes'].get.parameters[0].schema": "authors.list",
    }


SKU = {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}


@pytest.mark.parametrize(("key", "is_proposed"), [(SKU, True), (STRING, False)])
def test_a_field_with_the_pattern_of_a_key_is_a_reference(
    key: dict[str, Any], is_proposed: bool
) -> None:
    """`sku` of an order line refers to `/products/{sku}` if both have the same pattern."""

    def build_content(schema: dict[str, Any]) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    product = {"type": "object", "required": ["sku"], "properties": {"sku": key, "name": STRING}}
    line = {"type": "object", "properties": {"sku": key, "quantity": INTEGER}}
    order = {"type": "object", "properties": {"lines": {"type": "array", "items": line}}}
    rows = build_content({"type": "array", "items": product})
    parameter = {"name": "sku", "in": "path", "required": True, "schema": key}
    response = {"200": {"description": "Yes.", **build_content(product)}}
    data = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {
            "/products": {
                "get": {"responses": {"200": {"description": "All.", **rows}}},
                "post": {"requestBody": build_content(product), "responses": response},
            },
            "/products/{sku}": {"get": {"parameters": [parameter], "responses": response}},
            "/orders": {"post": {"requestBody": build_content(order), "responses": response}},
        },
    }
    targets = [target for target in propose_references(data) if "/orders" in target]
    assert bool(targets) is is_proposed
    assert not [target for target in propose_references(data) if "'/products'" in target]


@pytest.mark.parametrize(
    ("name", "is_proposed"),
    [("Idempotency-Key", True), ("X-Idempotency-Key", True), ("X-Request-ID", False)],
)
def test_the_idempotency_key_header_is_proposed(name: str, is_proposed: bool) -> None:
    """The Idempotency-Key header of a POST is proposed as assumed."""
    header = {"name": name, "in": "header", "schema": STRING}
    post = {"parameters": [header], "responses": {"200": {"description": "Yes."}}}
    data = build_document({}, INTEGER, **{"/v1/orders": {"post": post}})
    updates = [action["update"] for action in propose_for(data).actions]
    proposals = [update for update in updates if "x-idempotency-key" in update]
    assert bool(proposals) is is_proposed
    assert all(update["x-assumed"] for update in proposals)


@pytest.mark.parametrize(
    ("path", "fields", "is_proposed"),
    [
        ("/v1/loans", {"copy_id": UUID}, True),
        ("/v1/loans", {"copy_id": UUID, "author_id": UUID}, False),
        ("/v1/authors/{author_id}/loans", {"copy_id": UUID}, False),
    ],
)
def test_a_field_refers_to_rows_below_others(
    path: str, fields: dict[str, Any], is_proposed: bool
) -> None:
    """`copy_id` refers to `/authors/{author_id}/copies`, unless a request may name the author."""
    copy = {"type": "object", "required": ["id"], "properties": {"id": UUID}}
    rows = {"application/json": {"schema": {"type": "array", "items": copy}}}
    body = {"application/json": {"schema": {"type": "object", "properties": fields}}}
    author = {"name": "author_id", "in": "path", "required": True, "schema": UUID}
    parameters = [author] if "{" in path else []
    responses = {"201": {"description": "Lent."}}
    data = build_document(
        {},
        UUID,
        **{
            "/v1/authors/{author_id}/copies": {
                "parameters": [author],
                "get": {"responses": {"200": {"description": "All.", "content": rows}}},
            },
            path: {
                "parameters": parameters,
                "post": {"requestBody": {"content": body}, "responses": responses},
            },
        },
    )
    proposed = [
        target for target, of in propose_references(data).items() if of == "authors.list_copies"
    ]
    assert bool(proposed) is is_proposed
