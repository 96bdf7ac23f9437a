"""`x-reference` is proposed where a name, a type and a listing leave no doubt, and there only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from driftline.add.proposals.propose import ProposalResult, propose
from driftline.add.source.document import read_document
from driftline.add.source.fetch import RawDocument

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
UUID = {"type": "string", "format": "uuid"}


def document(fields: dict[str, Any], author_id: dict[str, Any], **paths: Any) -> dict[str, Any]:
    """A library with a listing of authors and one of books, whose rows have these fields."""

    def listing(row: str) -> dict[str, Any]:
        schema = {"type": "array", "items": {"$ref": f"#/components/schemas/{row}"}}
        content = {"application/json": {"schema": schema}}
        return {"get": {"responses": {"200": {"description": "All.", "content": content}}}}

    def rows(fields: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": ["id"], "properties": fields}

    return {
        "openapi": "3.1.0",
        "info": {"title": "Library", "version": "1"},
        "servers": [{"url": "https://library.example.com"}],
        "paths": {"/v1/authors": listing("Author"), "/v1/books": listing("Book"), **paths},
        "components": {
            "schemas": {
                "Author": rows({"id": author_id, "author_id": author_id}),
                "Book": rows({"id": INTEGER, **fields}),
            }
        },
    }


def propose_for(data: dict[str, Any]) -> ProposalResult:
    return propose(read_document(RawDocument(json.dumps(data).encode(), "it.json")), "it")


def references(data: dict[str, Any]) -> dict[str, str]:
    """Return the listing of each reference by its target."""
    return {
        action["target"]: action["update"]["x-reference"]["of"]
        for action in propose_for(data).actions
        if "x-reference" in action["update"]
    }


FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "an id": ({"author_id": INTEGER}, INTEGER, ""),
    "an id in camel case": ({"authorId": TEXT}, TEXT, ""),
    "an id that may be null": ({"author_id": {"type": ["integer", "null"]}}, INTEGER, ""),
    "the noun, an integer": ({"author": INTEGER}, INTEGER, ""),
    "the noun, a UUID": ({"author": UUID}, UUID, ""),
    "ids": ({"author_ids": {"type": "array", "items": INTEGER}}, INTEGER, ".items"),
    "nouns": ({"authors": {"type": "array", "items": INTEGER}}, INTEGER, ".items"),
    "the noun, a string that may be a name": ({"author": TEXT}, TEXT, None),
    "the noun, described as an id": ({"author": {**TEXT, "description": "Id of it"}}, TEXT, ""),
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
    "another type": ({"author_id": TEXT}, INTEGER, None),
    "another format": ({"author_id": UUID}, TEXT, None),
    "another noun": ({"editor_id": INTEGER}, INTEGER, None),
    "an object": ({"author": {"type": "object"}}, INTEGER, None),
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields_are_references_without_a_doubt(case: str) -> None:
    """The name has the noun of the listing's path, and the type is that of its ids."""
    fields, author_id, where = FIELDS[case]
    [name] = fields
    found = references(document(fields, author_id))
    expected = {f"$.components.schemas.Book.properties.{name}{where}": "authors.list"}
    assert found == (expected if where is not None else {})


def test_two_listings_of_one_noun_are_a_doubt() -> None:
    """A name that fits two collections names neither."""
    data = document({"author_id": INTEGER}, INTEGER)
    data["paths"]["/v1/archive/authors"] = data["paths"]["/v1/authors"]
    assert references(data) == {}


def _reader(name: str) -> dict[str, Any]:
    parameter = {"name": name, "in": "path", "required": True, "schema": INTEGER}
    return {"get": {"parameters": [parameter], "responses": {"200": {"description": "It."}}}}


def test_a_path_parameter_refers_to_the_noun_before_it() -> None:
    """In `/authors/{x}/notes`, x is an author, if it is called an id or an author."""
    paths = {
        "/v1/authors/{id}/notes": _reader("id"),
        "/v1/authors/{author}/prizes": _reader("author"),
        "/v1/authors/{author_pk}/awards": _reader("author_pk"),
        "/v1/authors/{year}/statistics": _reader("year"),
    }
    found = references(document({}, INTEGER, **paths))
    assert found == {
        "$.paths['/v1/authors/{id}/notes'].get.parameters[0].schema": "authors.list",
        "$.paths['/v1/authors/{author}/prizes'].get.parameters[0].schema": "authors.list",
        "$.paths['/v1/authors/{author_pk}/awards'].get.parameters[0].schema": "authors.list",
    }


def test_a_parameter_that_is_shared_by_other_paths_is_none() -> None:
    """What stands once for `/authors/{id}/notes` and `/shelves/{id}/notes` names no author."""
    shared = {"parameters": [{"$ref": "#/components/parameters/Id"}]}
    answer = {"responses": {"200": {"description": "It."}}}
    data = document({}, INTEGER)
    data["components"]["parameters"] = {
        "Id": {"name": "id", "in": "path", "required": True, "schema": INTEGER}
    }
    data["paths"]["/v1/authors/{id}/notes"] = {**shared, "get": answer}
    assert references(data) == {"$.components.parameters.Id.schema": "authors.list"}
    data["paths"]["/v1/shelves/{id}/notes"] = {**shared, "get": answer}
    assert references(data) == {}


def test_a_reference_that_no_id_fits_is_dropped() -> None:
    """The mock has no author whose id the field could be."""
    small, large = {**INTEGER, "maximum": 5}, {**INTEGER, "minimum": 100}
    result = propose_for(document({"author_id": small}, large))
    assert [(each.operation, each.part) for each in result.dropped] == [
        ("author_id", "x-reference")
    ]


def test_swagger_has_references_where_it_has_its_schemas() -> None:
    """The overlay changes the document as it came, in whatever version that is."""
    row = {"type": "object", "properties": {"id": INTEGER, "author_id": INTEGER}}

    def listing(name: str) -> dict[str, Any]:
        schema = {"type": "array", "items": {"$ref": f"#/definitions/{name}"}}
        return {"get": {"responses": {"200": {"description": "All.", "schema": schema}}}}

    parameter = {"name": "author_id", "in": "path", "required": True, "type": "integer"}
    done = {"responses": {"200": {"description": "It."}}}
    text = {"name": "text", "in": "formData", "required": True, "type": "string"}
    notes = {"get": {"parameters": [parameter], **done}}
    pages = {"post": {"parameters": [text, parameter], **done}}
    # Parameters that become a body leave the list; the ones after them keep their place.
    tags = {"parameters": [text, parameter], "post": done}
    data = {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1"},
        "host": "old.example.com",
        "paths": {
            "/authors": listing("Author"),
            "/books": listing("Book"),
            "/authors/{author_id}/notes": notes,
            "/authors/{author_id}/pages": pages,
            "/authors/{author_id}/tags": tags,
        },
        "definitions": {
            "Author": {"type": "object", "properties": {"id": INTEGER}},
            "Book": row,
        },
    }
    assert references(data) == {
        "$.definitions.Book.properties.author_id": "authors.list",
        "$.paths['/authors/{author_id}/notes'].get.parameters[0]": "authors.list",
        "$.paths['/authors/{author_id}/pages'].post.parameters[1]": "authors.list",
        "$.paths['/authors/{author_id}/tags'].parameters[1]": "authors.list",
    }


def test_rows_are_named_by_what_their_paths_say() -> None:
    """Where `/authors/{slug}` has an author, its slug is what other rows refer to, not its id."""
    data = document({"author": TEXT}, INTEGER)
    slug = {"type": "string", "pattern": "^[a-z]{3,9}$"}
    data["components"]["schemas"]["Author"]["properties"]["slug"] = TEXT
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Author"}}}
    parameter = {"name": "slug", "in": "path", "required": True, "schema": slug}
    data["paths"]["/v1/authors/{slug}"] = {
        "get": {
            "parameters": [parameter],
            "responses": {"200": {"description": "It.", "content": content}},
        }
    }
    actions = [each["update"] for each in propose_for(data).actions]
    listings = [each["x-listing"]["id"] for each in actions if "x-listing" in each]
    effects = [each["x-effect"]["id"] for each in actions if "x-effect" in each]
    assert (sorted(listings), effects) == (["/id", "/slug"], ["slug"])
    assert references(data) == {"$.components.schemas.Book.properties.author": "authors.list"}
