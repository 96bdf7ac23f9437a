"""A request with an idempotency key is executed once while its rows exist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from driftline.mock import HttpRequest, Mock
from driftline.openapi import load

PETS = load(Path(__file__).parents[1] / "acceptance" / "specs" / "pet-store.yaml")
REX = {"name": "Rex", "kind": "dog", "chip": "chip-1"}


def _create(mock: Mock, key: str, body: Any) -> tuple[int, Any]:
    (secret,) = mock.credentials.values()
    headers = (("Content-Type", "application/json"), ("Idempotency-Key", key))
    content = json.dumps(body).encode()
    response = mock.handle(HttpRequest("POST", "/pets", f"key={secret}", headers, content))
    return response.status, response.parse_json()


def test_a_repeated_key_and_body_get_the_same_response() -> None:
    """A repeated key and body get the same response; another key or body is a new request."""
    mock = Mock(PETS, rows=0)
    first = _create(mock, "a", REX)
    assert first[0] == 201
    assert _create(mock, "a", REX) == first
    assert _create(mock, "b", REX)[0] == 409
    assert _create(mock, "a", {**REX, "chip": "chip-2"})[0] == 201
    assert len(mock.snapshot()["listings"]["pets.list"]) == 2


def test_a_rejected_request_is_not_stored_for_its_key() -> None:
    """A rejected request is not stored for its idempotency key."""
    mock = Mock(PETS, rows=0)
    assert _create(mock, "a", {**REX, "name": ""})[0] == 400
    assert _create(mock, "a", REX)[0] == 201


def test_stored_responses_survive_a_restart_but_not_a_reset(tmp_path: Path) -> None:
    """Stored responses survive a restart of a file's mock, and a reset removes them."""
    file = tmp_path / "pets.db"
    mock = Mock(PETS, rows=2, db=file)
    first = _create(mock, "a", REX)
    mock.close()
    reopened_mock = Mock(PETS, rows=2, db=file)
    assert _create(reopened_mock, "a", REX) == first
    reopened_mock.reset()
    assert _create(reopened_mock, "a", REX)[0] == 201
    assert len(reopened_mock.snapshot()["listings"]["pets.list"]) == 3
    reopened_mock.close()
