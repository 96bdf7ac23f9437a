"""Sort values that include the direction, such as `-made` or `made_desc`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driftline.mock import Mock
from driftline.openapi import load
from driftline.openapi.extensions.rules import Order
from driftline.openapi.lint.rules import lint
from driftline.suite.examinations.listings.ordering import order
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Probe
from mocks.calling import call

SPEC = """
openapi: 3.1.0
info: {title: Shelf, version: "1"}
servers: [{url: "https://shelf.example.com", x-env: SHELF_BASE_URL}]
paths:
  /things:
    get:
      operationId: thing.list
      parameters:
        - {name: sort, in: query, explode: false, schema: SCHEMA}
      x-listing:
        items: ""
        id: /id
        page: {style: single}
        size: {fixed: 500}
        order: {by: sort, fields: {made: /made, -made: /made, name_desc: /name}}
      responses:
        "200":
          description: All things.
          content:
            application/json:
              schema:
                type: array
                items:
                  type: object
                  required: [id, made, name]
                  properties: {id: {type: string}, made: {type: integer}, name: {type: string}}
"""
VALUE = "{type: string, enum: [made, -made, name_desc]}"


@pytest.mark.parametrize("schema", [VALUE, f"{{type: array, items: {VALUE}}}"])
def test_the_mock_sorts_by_field_and_direction_of_the_value(tmp_path: Path, schema: str) -> None:
    """The mock sorts by field and direction of the value, and the suite reports no finding."""
    path = tmp_path / "shelf.yaml"
    path.write_text(SPEC.replace("SCHEMA", schema), encoding="utf-8")
    spec = load(path)
    assert lint(spec) == []
    mock = Mock(spec, rows=30)
    for value, field, is_down in (
        ("made", "made", False),
        ("-made", "made", True),
        ("name_desc", "name", True),
    ):
        rows = json.loads(call(mock, "GET", "/things", query={"sort": value}).body)
        values = [row[field] for row in rows]
        assert values == sorted(values, reverse=is_down)
    operation = spec.operations[0]
    probe = Probe(Session(Target.mock(spec)), operation)
    order(probe)
    assert probe.findings == ()
    assert {"-made", "name_desc"} < {
        exchange.request.query.removeprefix("sort=") for exchange in probe.session.take()
    }


def test_with_a_direction_parameter_a_dash_is_part_of_the_name() -> None:
    """With a separate direction parameter, a dash is part of the field name."""
    assert Order({"-made": "/made"}, by="sort").is_descending("-made")
    assert not Order({"-made": "/made"}, by="sort", direction="way").is_descending("-made")
    assert not Order({"made": "/made"}, by="sort").is_descending("made")
    assert Order({"made": "/made"}, descending=True).is_descending("made")
