"""Parts of rows such as `/notes/{id}/settings`: the mock returns what was sent to their path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import load

NOTES = load(Path(__file__).parents[1] / "suite" / "notes.yaml")
PATH = "/notes/00000000-0000-4000-8000-000000000001/settings"
OTHER_PATH = PATH.replace("01/", "02/")
SENT = {"theme": "dark", "size": 21, "shared": False}


@pytest.fixture
def mock() -> Mock:
    return Mock(NOTES)


def send(mock: Mock, method: str, path: str = PATH, body: Any = None) -> HttpResponse:
    headers = (("Content-Type", "application/json"),) if body is not None else ()
    content = json.dumps(body).encode() if body is not None else b""
    return mock.handle(HttpRequest(method, path, "", headers, content))


def read(mock: Mock, path: str = PATH) -> Any:
    return send(mock, "GET", path).parse_json()["data"]


def test_a_get_returns_what_was_put(mock: Mock) -> None:
    """A GET returns the fields of the last PUT to its path, and no other path changes."""
    before = read(mock, OTHER_PATH)
    assert read(mock) != SENT
    assert send(mock, "PUT", body=SENT).status == 204
    assert read(mock) == SENT
    assert send(mock, "PUT", body={**SENT, "theme": "light"}).status == 204
    assert read(mock) == {**SENT, "theme": "light"}
    assert read(mock, OTHER_PATH) == before


def test_a_rejected_put_changes_nothing(mock: Mock) -> None:
    """A PUT that the spec rejects leaves the part as it was."""
    send(mock, "PUT", body=SENT)
    assert send(mock, "PUT", body={"theme": "pink", "size": 8}).status == 400
    assert read(mock) == SENT


def test_a_field_that_the_response_does_not_have_is_not_shown(mock: Mock) -> None:
    """An undocumented field of a request is accepted, and not in the response."""
    assert send(mock, "PUT", body={**SENT, "note": "hello"}).status == 204
    assert read(mock) == SENT


def test_a_deleted_part_is_gone_until_the_next_put(mock: Mock) -> None:
    """After a DELETE, a GET returns the documented 404, and after another PUT the new part."""
    send(mock, "PUT", body=SENT)
    assert send(mock, "DELETE").status == 204
    assert send(mock, "GET").status == 404
    assert send(mock, "PUT", body={"theme": "light", "size": 9}).status == 204
    part = read(mock)
    assert (part["theme"], part["size"]) == ("light", 9)


def test_a_reset_restores_the_part(mock: Mock) -> None:
    """A reset of the mock deletes what was sent."""
    before = read(mock)
    send(mock, "PUT", body=SENT)
    mock.reset()
    assert read(mock) == before


def test_parts_are_stored_in_the_file_with_the_rows(tmp_path: Path) -> None:
    """With `db`, the next process reads the part."""
    for body in (SENT, None):
        mock = Mock(NOTES, db=tmp_path / "rows.db")
        if body is not None:
            send(mock, "PUT", body=body)
        assert read(mock) == SENT
        mock.close()
