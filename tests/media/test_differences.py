"""Changes between two documents in bodies of every kind: items, parts and media types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from changes_wire.comparing import list_change_ids

from media.document import LINES, SSE, build_document

Change = Callable[[Any], object]


def get_request_media(document: Any, path: str, method: str = "post") -> Any:
    """Return the media types of a request body."""
    return document["paths"][path][method]["requestBody"]["content"]


def get_response_media(document: Any, path: str, method: str = "get", status: str = "200") -> Any:
    """Return the media types of a response."""
    return document["paths"][path][method]["responses"][status]["content"]


def get_form_schema(document: Any) -> Any:
    return get_request_media(document, "/sound")["multipart/form-data"]["schema"]


def write_form(document: Any) -> None:
    """Describe the upload as a form without files."""
    body = get_request_media(document, "/sound")
    body["application/x-www-form-urlencoded"] = body.pop("multipart/form-data")


def require_tags(document: Any) -> None:
    get_form_schema(document)["required"].append("tags")


CASES: dict[str, tuple[Change, str]] = {
    "a part of a form is required": (require_tags, "request.required.added"),
    "a form replaces the files": (write_form, "request.media-type.removed"),
    "a binary request takes less": (
        lambda d: get_request_media(d, "/sound/{id}", "put").pop("audio/*"),
        "request.media-type.removed",
    ),
    "a line of a request has another type": (
        lambda d: get_request_media(d, "/lines")[LINES].update(itemSchema={"type": "integer"}),
        "request.type",
    ),
    "a text request is gone": (
        lambda d: get_request_media(d, "/report").pop("text/csv"),
        "request.media-type.removed",
    ),
    "a file is of another kind": (
        lambda d: get_response_media(d, "/sound/{id}").update({"audio/mpeg": {}}),
        "response.media-type.added",
    ),
    "a text response is gone": (
        lambda d: get_response_media(d, "/report").pop("text/csv"),
        "response.media-type.removed",
    ),
    "a stream is gone": (
        lambda d: get_response_media(d, "/chat", "post").pop(SSE),
        "response.media-type.removed",
    ),
    "an event has other data": (
        lambda d: get_response_media(d, "/data")[SSE].update(schema={"type": "integer"}),
        "response.type",
    ),
    "a line has other fields": (
        lambda d: get_response_media(d, "/lines")[LINES]["schema"].update(
            items={"type": "integer"}
        ),
        "response.type",
    ),
    "there is no response without a body": (
        lambda d: d["paths"]["/report"]["post"]["responses"].pop("204"),
        "response.success.removed",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_change_gets_an_id_of_its_kind(case: str) -> None:
    """Each change gets an ID of its kind, and the document does not differ from itself."""
    change, expected = CASES[case]
    old, new = build_document(), build_document()
    assert list_change_ids(old, new) == set()
    change(new)
    change_ids = list_change_ids(old, new)
    assert any(change_id.startswith(expected) for change_id in change_ids), change_ids
