"""Documents with unusual rows or parameters have no findings on their own mock."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from driftline.openapi import Operation
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.samples import make_sample, make_samples
from driftline.suite.unique_values import set_row_id

from .documents import build_operation, load_document
from .test_false_alarms import format_alarms
from .test_right_documents import check_alone

STRING = {"type": "string"}


def build_rows(id_schema: Any, **fields: Any) -> dict[str, Any]:
    """Return operations that list rows, create one with a given id, and read one."""
    row = {"type": "object", "required": ["id"], "properties": {"id": id_schema, **fields}}
    body = {"required": True, "content": {"application/json": {"schema": row}}}
    id_parameter = {"name": "id", "in": "path", "required": True, "schema": id_schema}
    return {
        "/rows": {
            "get": {
                "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
                **build_operation("rows.list", {"type": "array", "items": row}),
            },
            "post": {
                "x-effect": {"kind": "create", "of": "rows.list", "item": ""},
                **build_operation("rows.create", row, requestBody=body),
            },
        },
        "/rows/{id}": {
            "get": {
                "x-effect": {"kind": "read", "of": "rows.list", "id": "id"},
                "parameters": [id_parameter],
                **build_operation("rows.get", row),
            }
        },
    }


def build_parameter(location: str, schema: Any, **members: Any) -> dict[str, Any]:
    """Return one operation with a parameter."""
    parameter = {"name": "choice", "in": location, "schema": schema, **members}
    return {
        "/rows": {"get": build_operation("rows.list", {"type": "object"}, parameters=[parameter])}
    }


FLAG = {"type": "boolean"}
COUNT = {"type": "integer"}
DOCUMENTS: Mapping[str, Any] = {
    "clients choose UUIDs": build_rows(
        {"type": "string", "format": "uuid"}, flag=FLAG, count=COUNT
    ),
    "clients choose numbers": build_rows(COUNT, flag=FLAG, count=COUNT),
    "clients choose from a pattern": build_rows({**STRING, "pattern": "^[a-z]{3}$"}, flag=FLAG),
    "a header has values beyond ASCII": build_parameter("header", {**STRING, "enum": ["é", "ö"]}),
    "a cookie is a number with a format": build_parameter("cookie", {**COUNT, "format": "unix"}),
    "a cookie is a date": build_parameter("cookie", {**STRING, "format": "date"}),
}


def test_a_configured_id_does_not_replace_that_of_a_given_row(tmp_path: Path) -> None:
    """A request about a created row has its id; another request has the configured id."""
    spec = load_document(tmp_path, build_rows(COUNT))
    operation = spec.find_operation("rows.get")
    assert isinstance(operation, Operation)
    with Session(Target.mock(spec), values={"id": 3}) as session:
        sample = next(make_samples(session, operation, {"id": 7}))
        assert (sample.arguments["id"], make_sample(session, operation).arguments["id"]) == (7, 3)


def test_a_required_header_that_cannot_be_sent_is_named(tmp_path: Path) -> None:
    """The checks that send are skipped with the reason, and nothing is found."""
    paths = build_parameter("header", {**STRING, "enum": ["é", "ö"]}, required=True)
    checks = check_alone(load_document(tmp_path, paths))
    assert [check.findings for check in checks if check.findings] == []
    details = {check.detail for check in checks if check.outcome == "not-sent"}
    assert any("no value of the header parameter choice can be sent" in text for text in details)
    assert not [check.detail for check in checks if check.outcome == "error"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_mock_of_an_unusual_document_has_no_finding(name: str, tmp_path: Path) -> None:
    """The mock of each document has no finding, and every check can run."""
    checks = check_alone(load_document(tmp_path, DOCUMENTS[name]))
    assert format_alarms(checks) == ""
    assert any(check.requests for check in checks)


@pytest.mark.parametrize(
    "schema",
    [{**STRING, "format": "uuid"}, COUNT, {**STRING, "maxLength": 30}, {**COUNT, "minimum": 5}],
)
def test_two_strings_result_in_two_ids_of_a_body(schema: Any, tmp_path: Path) -> None:
    """Two strings result in two different valid ids, and the other fields of the body stay."""
    spec = load_document(tmp_path, build_rows(schema, count=COUNT))
    operation = spec.find_operation("rows.create")
    assert isinstance(operation, Operation)
    bodies = [set_row_id(spec, operation, {"id": 0, "count": 1}, name) for name in ("a", "b")]
    assert bodies[0]["id"] != bodies[1]["id"]
    assert all(body["id"] and body["count"] == 1 for body in bodies)
