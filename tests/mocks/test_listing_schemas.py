"""Schemas of a listing: page size limits and parameter defaults."""

from __future__ import annotations

import yaml
from generate.minimal import make_spec

from driftline.mock import HttpRequest, Mock

DOCUMENT = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example"}]
paths:
  /orders:
    get:
      operationId: order.list
      parameters:
        - {name: status, in: query, schema: {$ref: "#/components/schemas/Status"}}
        - {name: kind, in: query, schema: {type: [string, "null"], default: null}}
      x-listing:
        items: ""
        id: /id
        page: {style: single}
        filter:
          status: {field: /status}
          kind: {field: /kind}
      responses:
        "200":
          description: All orders.
          content:
            application/json:
              schema:
                type: array
                maxItems: 3
                items:
                  type: object
                  required: [id, status]
                  properties:
                    id: {type: string}
                    kind: {enum: [a, b]}
                    status: {$ref: "#/components/schemas/Status"}
components:
  schemas:
    Status: {type: string, enum: [OPEN, CLOSED], default: CLOSED}
"""


def _list_statuses(query: str) -> list[str]:
    mock = Mock(make_spec(yaml.safe_load(DOCUMENT)), rows=100)
    rows = mock.handle(HttpRequest("GET", "/orders", query)).parse_json()
    return [row["status"] for row in rows]


def test_page_has_no_more_rows_than_its_schema_allows() -> None:
    """A page has at most `maxItems` rows."""
    assert len(_list_statuses("status=OPEN")) == 3


def test_default_of_a_parameter_filters() -> None:
    """A parameter's default behind `$ref` filters
    the listing if omitted; a null default does not.
    """
    assert _list_statuses("") == ["CLOSED"] * 3
    assert _list_statuses("kind=a") == ["CLOSED"] * 3
