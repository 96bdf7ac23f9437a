"""Values that may have to be ids of rows, and rejections that are not drift on a live server."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.checks.possible_ids import describes_missing_row, find_possible_ids
from driftline.checks.tolerance import can_be_rejected, is_absent_value, is_unclear
from driftline.openapi import Spec
from driftline.suite.fuzzing.covering import cover
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Probe

from .documents import build_operation, load_document

BODY = {
    "type": "object",
    "required": ["brand"],
    "properties": {
        "brand": {"type": "integer"},
        "owner": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
        "stock": {"type": "integer", "minimum": 0},
        "name": {"type": "string"},
        "price": {"type": "string", "format": "decimal"},
    },
}
FILTER = {"name": "brand", "in": "query", "schema": {"type": "integer"}}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    """Return a spec with one operation that has an optional filter and an optional body."""
    create = {
        **build_operation("row.create", {}, parameters=[FILTER]),
        "requestBody": {"content": {"application/json": {"schema": BODY}}},
    }
    return load_document(tmp_path_factory.mktemp("ids"), {"/rows": {"post": create}})


def send(query: str = "", body: object = None) -> Exchange:
    """Return the exchange of a rejected request."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = (("Content-Type", "application/json"),)
    request = Outgoing("POST", "/rows", query, headers, content)
    return Exchange("row.create", request, "http://x", 400, headers, b"{}", 0.0)


def test_integers_and_uuids_without_bounds_may_be_ids(spec: Spec) -> None:
    """Integers and UUIDs without bounds may be ids, in query and body; strings may not."""
    (create,) = spec.operations
    body = {"brand": 1, "owner": "x", "stock": 2, "name": "a", "other": 3}
    possible_ids = find_possible_ids(spec, create, send("brand=7&limit=3", body))
    assert possible_ids == {"brand": 1, "owner": "x"}
    assert find_possible_ids(spec, create, send("brand=7")) == {"brand": "7"}


@pytest.mark.parametrize(
    ("path", "status", "description", "expected"),
    [
        ("/rows", "422", "The product does not exist.", True),
        ("/rows", "404", "No such product.", True),
        ("/rows", "422", "The request is invalid.", False),
        ("/rows/{id}", "404", "Row not found", False),
    ],
)
def test_a_documented_rejection_excuses_a_missing_row(
    tmp_path: Path, path: str, status: str, description: str, *, expected: bool
) -> None:
    """A documented rejection of a missing row excuses it, unless a 404 may be about the path."""
    operation = build_operation("row.create", {})
    operation["responses"][status] = {"description": description}
    (create,) = load_document(tmp_path, {path: {"post": operation}}).operations
    exchange = attrs.evolve(send(body={"a": 1}), status=int(status))
    assert describes_missing_row(create, exchange) is expected


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("", {"name": "a\0b"}, True),
        ("", None, True),
        ("", {"brand": 1, "price": ""}, True),
        ("", {"brand": 1, "name": "a"}, False),
    ],
)
def test_a_server_may_reject_nul_and_missing_bodies(
    spec: Spec, query: str, body: object, *, expected: bool
) -> None:
    """A server may reject NUL, a missing body with required fields, and an invalid decimal."""
    (create,) = spec.operations
    assert can_be_rejected(spec, create, send(query, body)) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("", True), ("null", True), ("null,", True), ("0", False), ("x", False)]
)
def test_an_empty_value_is_an_absent_value(value: str, *, expected: bool) -> None:
    """An empty value and `null` count as absent; other values do not."""
    assert is_absent_value(value) is expected


def test_a_string_named_like_a_listing_may_be_an_id(tmp_path: Path) -> None:
    """A string field named like a listing or ending in `id` may be an id; other strings may not."""
    fields = {name: {"type": "string"} for name in ("customer", "tax_id", "title")}
    body = {"type": "object", "properties": fields}
    create = {
        **build_operation("row.create", {}),
        "requestBody": {"content": {"application/json": {"schema": body}}},
    }
    paths = {"/rows": {"post": create}, "/customers": {"get": build_operation("customer.list", {})}}
    spec = load_document(tmp_path, paths)
    created_operation = spec.find_operation("row.create")
    assert created_operation is not None
    assert set(
        find_possible_ids(spec, created_operation, send("", dict.fromkeys(fields, "text")))
    ) == {
        "customer",
        "tax_id",
    }


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("", {"cost": "text"}, True),
        ("", {"cost": 2}, False),
        ("", {"cost": 19.99}, False),
        ("", {"cost": 5.3e-109}, True),
        ("", {"cost": 12_345_678}, True),
        ("least=text", None, True),
        ("tags=", None, True),
        ("title=" + "x" * 10_000, None, True),
        ("title=x", None, False),
    ],
)
def test_unclear_values_may_be_rejected(
    query: str, body: object, *, expected: bool, tmp_path: Path
) -> None:
    """Rejections of unclear values, such as strings next to numbers, extreme decimals, empty lists
    and long URLs, are not judged.
    """
    either = {"anyOf": [{"type": "number"}, {"type": "string"}]}
    schemas = {"least": either, "title": {"type": "string"}, "tags": {"type": "array"}}
    query_parameters = [{"name": n, "in": "query", "schema": s} for n, s in schemas.items()]
    create = {
        **build_operation("row.create", {}, parameters=query_parameters),
        "requestBody": {
            "content": {
                "application/json": {"schema": {"type": "object", "properties": {"cost": either}}}
            }
        },
    }
    spec = load_document(tmp_path, {"/rows": {"post": create}})
    (operation,) = spec.operations
    assert is_unclear(spec, operation, send(query, body)) == expected
    assert operation.body is not None
    assert operation.body.json is not None
    values = list(cover(spec, f"{operation.body.json.schema_pointer}/properties/cost", 8))
    assert {float(value) for value in values if isinstance(value, str)} == {17.0, 0.5}


def test_the_called_operation_excuses_its_rejection(tmp_path: Path) -> None:
    """In a sequence, a possible id of the operation that was called excuses the rejection."""
    get = build_operation("rows.list", {}, parameters=[FILTER])
    paths = {"/rows": {"get": get}, "/brands": {"post": build_operation("brands.create", {})}}
    rows_spec = load_document(tmp_path, paths)
    create = rows_spec.find_operation("brands.create")
    request = Outgoing("GET", "/rows", "brand=-7", (), b"")
    exchange = Exchange("rows.list", request, "http://x", 400, (), b"{}", 0.0)
    assert create is not None
    with Session(Target.connect(rows_spec, "http://127.0.0.1:9/made")) as session:
        probe = Probe(session, create)
        probe.report_rejection(exchange, "the server rejected a request that the spec allows")
    assert not probe.findings
    assert '"rows.list.brand"' in probe.unchecked
