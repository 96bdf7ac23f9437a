"""Operations at one path that only a fragment distinguishes: the Accept header chooses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, Mock
from driftline.openapi import build_spec
from driftline.openapi.read.reader import Source

BODY = {"type": "object", "properties": {"stream": {"type": "boolean"}}}


def build_operation(name: str, media_type: str) -> dict[str, Any]:
    """Return an operation with a JSON body, and a response of this media type."""
    return {
        "operationId": name,
        "requestBody": {"content": {"application/json": {"schema": BODY}}},
        "responses": {
            "200": {"description": "A reply.", "content": {media_type: {"schema": BODY}}}
        },
    }


MOCK = Mock(
    build_spec(
        Source(
            Path("chats"),
            {
                "openapi": "3.1.0",
                "info": {"title": "Chats", "version": "1"},
                "servers": [{"url": "https://chats.example.com"}],
                "paths": {
                    "/chats": {"post": build_operation("chat.send", "application/json")},
                    "/chats#stream": {"post": build_operation("chat.stream", "text/event-stream")},
                },
            },
            {"": 1},
        )
    )
)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, application/json;q=0.5", "text/event-stream"),
        ("application/json, text/event-stream;q=0.5", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_accept_chooses_among_operations_of_a_path(accept: str, expected: str) -> None:
    """A request is for the operation whose response it accepts most; by default the first."""
    headers = (("Accept", accept), ("Content-Type", "application/json"))
    response = MOCK.handle(HttpRequest("POST", "/chats", "", headers, b"{}"))
    assert response.status == 200
    assert (response.get_header("Content-Type") or "").startswith(expected)
