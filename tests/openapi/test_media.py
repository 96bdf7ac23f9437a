"""Media types and the kinds of body that they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from driftline.media import TRAITS, BodyKind, find_body_kind, get_essence, matches
from driftline.openapi.build import build
from driftline.openapi.read.reader import Source


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/vnd.api+json;version=2", "json"),
        ("application/problem+json", "json"),
        ("application/x-www-form-urlencoded", "form"),
        ("multipart/form-data; boundary=x", "multipart"),
        ("text/event-stream", "event_stream"),
        ("application/x-ndjson", "json_lines"),
        ("text/csv", "text"),
        ("image/svg+xml", "xml"),
        ("audio/wav", "binary"),
        ("application/pdf", "binary"),
        ("", "binary"),
    ],
)
def test_the_kind_of_a_body_depends_on_the_essence_only(name: str, kind: str) -> None:
    """The kind of a body depends only on the media type's essence, not on case or parameters."""
    assert find_body_kind(name) == kind


def test_the_kind_of_a_range_depends_on_its_schema() -> None:
    """The kind of `*/*` depends on its schema: JSON for an object, text for a string, or binary."""
    assert find_body_kind("*/*") == "json"
    assert find_body_kind("*/*", of_range="binary") == "binary"
    assert find_body_kind("image/*") == "binary"
    content = {
        "*/*": {"schema": {"type": "string"}},
        "application/*": {"schema": {"type": "string", "format": "binary"}},
    }
    responses = {"200": {"description": "", "content": content}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Any", "version": "1"},
        "paths": {"/any": {"get": {"operationId": "any.get", "responses": responses}}},
    }
    (operation,) = build(Source(Path("any.yaml"), document, {})).operations
    assert [media.kind for media in operation.responses[0].content] == ["text", "binary"]


def test_the_preferred_media_type_of_a_body_is_sent() -> None:
    """Plain JSON is sent before other JSON, values before forms, and types before ranges."""
    names = ("text/*", "text/csv", "multipart/form-data", "application/scim+json")
    content = {name: {} for name in (*names, "application/json")}
    operation = {"operationId": "any.send", "requestBody": {"content": content}, "responses": {}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Any", "version": "1"},
        "paths": {"/any": {"post": operation}},
    }
    (built_operation,) = build(Source(Path("any.yaml"), document, {})).operations
    assert built_operation.body is not None
    assert [choice.name for choice in built_operation.body.choices] == [
        "application/json",
        *reversed(names),
    ]


def test_matching_ignores_parameters_and_includes_ranges() -> None:
    """A media type matches the same essence or a range that includes it; an empty one matches
    nothing.
    """
    assert matches("text/CSV; charset=utf-8", "text/csv")
    assert matches("text/csv", "text/*")
    assert not matches("application/json", "text/*")
    assert not matches("", "*/*")
    assert get_essence(" Text/CSV ; x=1") == "text/csv"


def test_every_kind_has_its_traits() -> None:
    """Every `BodyKind` has traits, and every name in the traits has that kind."""
    assert TRAITS.keys() == set(get_args(BodyKind))
    for kind, traits in TRAITS.items():
        for name in traits.names:
            examples = {"+": f"application/x{name}", "/": f"{name}x"}
            media_type = examples.get(name[0]) or examples.get(name[-1], name)
            assert find_body_kind(media_type) == kind
