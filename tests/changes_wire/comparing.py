"""Documents written in Python, and comparisons of two of them."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from driftline.changes.wire import Change, Document, compare
from driftline.openapi.read.reader import parse
from driftline.openapi.read.upgrade.document import read_document

Json = dict[str, Any]
OBJECT: Json = {"type": "object"}
STRING: Json = {"type": "string"}


def build_document(data: Any, name: str = "shop.json", *, is_read: bool = False) -> Document:
    """Return the data as a document from a file of this name.

    The data is used as it is, so that tests may omit irrelevant parts; with `is_read` it is read
    like a user's document.
    """
    source = parse(Path(name), json.dumps(data, indent=1))
    return Document.build(read_document(source) if is_read else source, "shop")


def changes(old: Json, new: Json) -> list[Change]:
    """Return the changes between two documents, normalizing older versions first."""
    is_read = any("nullable" in json.dumps(document) or is_old(document) for document in (old, new))
    documents = (
        build_document(old, "old.json", is_read=is_read),
        build_document(new, "new.json", is_read=is_read),
    )
    return compare(*documents)


def is_old(data: Json) -> bool:
    """Return whether a document is OpenAPI 3.0."""
    return str(data["openapi"]).startswith("3.0")


def list_change_ids(old: Json, new: Json) -> set[str]:
    """Return the IDs of the changes between two documents."""
    return {change.id for change in changes(old, new)}


def build_api(version: str = "3.1.0", *, components: Json | None = None, **operation: Any) -> Json:
    """Return a document with one operation, PUT /things/{id}."""
    operation_object = {"responses": {"200": {"description": "Done."}}, **deepcopy(operation)}
    return {
        "openapi": version,
        "info": {"title": "Shop", "version": "1"},
        "paths": {"/things/{id}": {"put": operation_object}},
        "components": deepcopy(components or {}),
    }


def build_content(schema: Any, media: str = "application/json") -> Json:
    """Return content of one media type."""
    return {media: {"schema": schema}}


def as_body(schema: Any, **keywords: Any) -> Json:
    """Return a document with the schema as its request body."""
    return build_api(requestBody={"content": build_content(schema)}, **keywords)


def as_response(schema: Any, **keywords: Any) -> Json:
    """Return a document with the schema as its response body."""
    return build_api(
        responses={"200": {"description": "Done.", "content": build_content(schema)}}, **keywords
    )


def as_parameter(schema: Any, location: str = "query", name: str = "q", **keywords: Any) -> Json:
    """Return a document with the schema as a parameter."""
    return build_api(parameters=[{"name": name, "in": location, "schema": schema, **keywords}])


def as_header(schema: Any, **keywords: Any) -> Json:
    """Return a document with the schema as a response header."""
    header = {"schema": schema, **keywords}
    return build_api(responses={"200": {"description": "Done.", "headers": {"X-Rest": header}}})


def wrap_in_object(schema: Any) -> Json:
    """Return an object schema whose field `p` has the schema."""
    return {"type": "object", "properties": {"p": schema}}
