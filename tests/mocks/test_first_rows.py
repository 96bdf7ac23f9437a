"""The initial rows of a listing: generated on first use, each with a unique ID."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from driftline.errors import UsageError
from driftline.mock import HttpRequest, Mock
from driftline.mock.rows.seed_rows import find_row_schema
from driftline.openapi import Spec, load
from mocks.calling import call

STRING = {"type": "string"}
LISTING = {
    "items": "/items",
    "id": "/id",
    "page": {"style": "single", "first": 0},
    "size": {"fixed": 100},
}


def _build_spec(tmp_path: Path, **ids: Any) -> Spec:
    """Return a spec with a listing for each ID schema;
    `""` makes its rows impossible to generate.
    """
    paths: dict[str, Any] = {}
    for name, schema in ids.items():
        id_schema = {"type": "string", "minLength": 2 * 10**9} if schema == "" else schema
        row = {"type": "object", "properties": {"id": id_schema, "note": STRING}}
        row["required"] = ["id", "note"] if schema == "" else ["note"]
        body = {"type": "object", "properties": {"items": {"type": "array", "items": row}}}
        content = {"application/json": {"schema": {**body, "required": ["items"]}}}
        paths[f"/{name}"] = {
            "get": {
                "operationId": f"{name}.list",
                "x-listing": LISTING,
                "responses": {"200": {"description": "ok", "content": content}},
            }
        }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": paths,
    }
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(document))
    return load(path)


def _list_ids(mock: Mock, name: str) -> list[Any]:
    response = mock.handle(HttpRequest("GET", f"/{name}"))
    assert response.status == 200, response.body
    return [row["id"] for row in response.parse_json()["items"]]


@pytest.mark.parametrize(
    ("schema", "count"),
    [
        ({**STRING, "pattern": "^PN(.*)$", "examples": ["PN123bc"]}, 40),
        ({**STRING, "pattern": "^[A-Z]{2}[0-9a-f]{32}$", "maxLength": 34}, 40),
        ({"type": ["string", "null"]}, 40),
        ({"type": "integer", "minimum": 1}, 40),
        ({**STRING, "enum": ["a", "b", "c"]}, 3),
        ({**STRING, "const": "only"}, 1),
    ],
)
def test_row_ids_are_unique(tmp_path: Path, schema: Any, count: int) -> None:
    """Row IDs are unique even if optional, nullable
    or limited; a listing has no more rows than IDs.
    """
    mock = Mock(_build_spec(tmp_path, orders=schema), rows=40)
    ids = _list_ids(mock, "orders")
    assert len(ids) == len(set(ids)) == count
    assert None not in ids


def test_a_listing_that_cannot_be_generated_is_a_501(tmp_path: Path) -> None:
    """A listing that cannot be generated returns 501 with the reason, and the others work."""
    mock = Mock(_build_spec(tmp_path, orders=STRING, notes=""), rows=3)
    assert len(_list_ids(mock, "orders")) == 3
    response = mock.handle(HttpRequest("GET", "/notes"))
    assert response.status == 501
    assert "too costly to generate" in response.parse_json()["detail"]


def test_a_listing_whose_id_is_impossible_is_a_501(tmp_path: Path) -> None:
    """If `allOf` makes the ID impossible, the listing returns 501 with the reason."""
    spec = _build_spec(tmp_path, a=STRING)
    row = spec.get_node(find_row_schema(spec, spec.operations[0]))
    row["allOf"] = [{"additionalProperties": {"type": "object"}, "properties": {"note": True}}]
    response = Mock(spec).handle(HttpRequest("GET", "/a"))
    assert response.status == 501
    assert "another clause excludes 'id'" in response.parse_json()["detail"]


def test_rows_are_the_same_in_any_order_of_requests(tmp_path: Path) -> None:
    """Rows are the same in memory and in a file, after a reset, and in any order of requests."""
    spec = _build_spec(tmp_path, orders=STRING, notes=STRING)
    first = Mock(spec, rows=5)
    orders, notes = _list_ids(first, "orders"), _list_ids(first, "notes")
    second = Mock(spec, rows=5, db=tmp_path / "rows.db")
    assert _list_ids(second, "notes") == notes
    assert _list_ids(second, "orders") == orders
    for mock in (first, second):
        mock.reset()
        assert _list_ids(mock, "orders") == orders
        assert mock.count_rows() == {"orders.list": 5, "notes.list": 5}
        mock.close()


def test_a_snapshot_has_all_listings(tmp_path: Path) -> None:
    """A snapshot includes listings that were never
    requested; listings it lacks are empty after loading.
    """
    mock = Mock(_build_spec(tmp_path, orders=STRING, notes=STRING), rows=2)
    snapshot = mock.snapshot()
    assert {name: len(rows) for name, rows in snapshot["listings"].items()} == {
        "orders.list": 2,
        "notes.list": 2,
    }
    del snapshot["listings"]["notes.list"]
    mock.load(snapshot)
    assert (len(_list_ids(mock, "orders")), _list_ids(mock, "notes")) == (2, [])


def test_rows_generated_late_have_the_current_state(roark: Spec) -> None:
    """Rows generated late have the state that they would have if generated at the start."""
    early, late = Mock(roark, rows=30), Mock(roark, rows=30)
    call(early, "GET", "/v1/call")
    for mock in (early, late):
        mock.advance_clock(60)
    assert early.list_rows("call.list") == late.list_rows("call.list")


@pytest.fixture
def row_database(tmp_path: Path) -> tuple[Spec, Path]:
    spec, path = _build_spec(tmp_path, orders=STRING), tmp_path / "rows.db"
    mock = Mock(spec, rows=2, db=path)
    _list_ids(mock, "orders")
    mock.close()
    return spec, path


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON entry BEGIN DELETE FROM api; END",
        "CREATE VIEW v AS SELECT * FROM entry",
        "CREATE TABLE more (a)",
        "DROP TABLE gone",
    ],
)
def test_a_file_with_foreign_changes_is_rejected(
    row_database: tuple[Spec, Path], statement: str
) -> None:
    """A database with changed tables, views or triggers is rejected."""
    spec, path = row_database
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(UsageError, match="unexpected tables, views or triggers"):
        Mock(spec, db=path)


def test_a_database_behind_a_symbolic_link_is_rejected(
    row_database: tuple[Spec, Path], tmp_path: Path
) -> None:
    """A database behind a symbolic link is rejected."""
    spec, path = row_database
    link = tmp_path / "link.db"
    link.symlink_to(path)
    with pytest.raises(UsageError, match="symbolic link"):
        Mock(spec, db=link)


def load_things(folder: Path, schema: Any, row_id: Any) -> Spec:
    """Return a spec with a listing whose rows are created, and read by ID."""
    body = {"type": "object", "properties": {"items": {"type": "array", "items": schema}}}

    def respond(status: str, node: Any) -> dict[str, Any]:
        content = {"application/json": {"schema": node}}
        return {status: {"description": "ok", "content": content}}

    list_operation = {"operationId": "things.list", "x-listing": LISTING}
    create_operation = {
        "operationId": "things.create",
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "x-effect": {"kind": "create", "of": "things.list", "item": ""},
    }
    read_operation = {
        "operationId": "things.get",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": row_id}],
        "x-effect": {"kind": "read", "of": "things.list", "id": "id", "item": ""},
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {
            "/things": {
                "get": {
                    **list_operation,
                    "responses": respond("200", {**body, "required": ["items"]}),
                },
                "post": {**create_operation, "responses": respond("201", schema)},
            },
            "/things/{id}": {"get": {**read_operation, "responses": respond("200", schema)}},
        },
    }
    path = folder / "shop.json"
    path.write_text(json.dumps(document))
    return load(path)


@pytest.mark.parametrize("row", ["object", ["object", "null"]])
def test_an_integer_id_is_found_by_a_string_parameter(tmp_path: Path, row: Any) -> None:
    """A row with an integer ID is found by a string path parameter; rows may be null."""
    schema = {"type": row, "required": ["id"], "properties": {"id": {"type": "integer"}}}
    mock = Mock(load_things(tmp_path, schema, STRING), rows=20)
    rows = mock.handle(HttpRequest("GET", "/things")).parse_json()["items"]
    ids = [row["id"] for row in rows if row]
    assert ids
    assert {type(row_id) for row_id in ids} == {int}
    assert mock.handle(HttpRequest("GET", f"/things/{ids[0]}")).parse_json()["id"] == ids[0]


def test_a_created_row_has_an_id_that_its_path_allows(tmp_path: Path) -> None:
    """A created row gets an ID that matches the format of its path parameter."""
    schema = {"type": "object", "required": ["id"], "properties": {"id": STRING}}
    mock = Mock(load_things(tmp_path, schema, {"type": "string", "format": "uuid"}))
    headers = (("Content-Type", "application/json"),)
    response = mock.handle(HttpRequest("POST", "/things", headers=headers, body=b"{}"))
    row_id = response.parse_json()["id"]
    assert mock.handle(HttpRequest("GET", f"/things/{row_id}")).parse_json()["id"] == row_id
