"""Whether a request is valid depends on its document, not on rows or credentials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.checks import Outgoing
from driftline.openapi import Spec, load
from driftline.suite.fuzzing.failures import is_right

BODY = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}


@pytest.fixture(params=["400", "422"])
def spec(tmp_path: Path, request: pytest.FixtureRequest) -> Spec:
    """Return a spec with one operation that needs a body and a credential, and rejects with one
    status.
    """
    operation: dict[str, Any] = {
        "operationId": "notes.create",
        "security": [{"key": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
        "responses": {"201": {"description": "made"}, request.param: {"description": "wrong"}},
    }
    key = {"type": "apiKey", "in": "header", "name": "X-Key", "x-env": "NOTES_KEY"}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1"},
        "servers": [{"url": "https://notes.example"}],
        "paths": {"/notes": {"post": operation}},
        "components": {"securitySchemes": {"key": key}},
    }
    path = tmp_path / "notes.json"
    path.write_text(json.dumps(document))
    return load(path)


@pytest.mark.parametrize(
    ("body", "right"), [({"name": "a"}, True), ({}, False), ({"name": 1}, False)]
)
def test_a_request_is_valid_or_invalid_by_its_document(
    spec: Spec, body: dict[str, Any], right: bool
) -> None:
    """A request is valid or invalid without a credential and with any documented rejection."""
    headers = (("Content-Type", "application/json"),)
    request = Outgoing("POST", "/notes", "", headers, json.dumps(body).encode())
    assert is_right(spec, request) == right
