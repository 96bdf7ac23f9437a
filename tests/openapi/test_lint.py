"""Lint finds each flaw in a table, with its line and message."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.openapi import load
from driftline.openapi.lint.rules import lint

ROOT = Path(__file__).parents[2]
SHOP = Path(__file__).with_name("shop.yaml").read_text("utf-8")
SOUND = (*sorted((ROOT / "specs").glob("*.yaml")), *(ROOT / "tests/acceptance/specs").iterdir())

# What is replaced by what, and what lint then says. The line is that of the mark `#<`, which ends
# the line in which the problem must be seen.
FLAWS = {
    "server": (
        "- url: https://api.example.com",
        "- url: /relative #<",
        "the server '/relative' is not an absolute http or https URL",
    ),
    "server scheme": (
        "- url: https://api.example.com",
        "- url: ftp://api.example.com #<",
        "the server 'ftp://api.example.com' is not an absolute http or https URL",
    ),
    "contradiction": (
        "- clause: /paths/~1orders/get/parameters/1/schema",
        "- clause: /paths/~1orders/get/parameters/9 #<",
        "x-contradictions clause '/paths/~1orders/get/parameters/9' is not in this file",
    ),
    "security names nothing": (
        "operationId: order.create\n      security: [{token: []}]",
        "operationId: order.create\n      security: [{tokens: []}] #<",
        "security requires 'tokens', which is not a security scheme",
    ),
    "no variable": (
        "token: {type: http, scheme: bearer, x-env: SHOP_TOKEN}",
        "token: {type: http, scheme: bearer} #<",
        "no environment variable for the credential 'token'",
    ),
    "a variable of others": (
        "token: {type: http, scheme: bearer, x-env: SHOP_TOKEN}",
        "token: {type: http, scheme: bearer, x-env: AWS_SECRET_ACCESS_KEY} #<",
        "x-env 'AWS_SECRET_ACCESS_KEY' is a reserved variable",
    ),
    "no 401": (
        '      responses:\n        "201"',
        '      responses: #<\n        "201"',
        "order.create needs a credential but documents no 401 response",
        '        "401": {$ref: "#/components/responses/Refused"}\n  /orders/{orderId}',
        "  /orders/{orderId}",
    ),
    "placeholder": (
        "  /orders/{orderId}:\n    get:",
        "  /orders/{orderId}/{part}:\n    get: #<",
        "the path of GET /orders/{orderId}/{part} has {part}, which no path parameter describes",
    ),
    "path parameter": (
        "      parameters:\n        - {name: orderId, in: path,",
        "      parameters:\n        - {name: part, in: path, required: true, schema: {}} #<\n"
        "        - {name: orderId, in: path,",
        "the path of GET /orders/{orderId} has no {part} for its path parameter",
    ),
    "same name in Python": (
        "operationId: order.create",
        "operationId: Order.list #<",
        "Order.list and order.list have the same name in a client: order.list",
    ),
    "near miss": (
        "      x-effect:\n        kind: create",
        "      x-efect: #<\n        kind: create",
        "unknown extension 'x-efect', similar to 'x-effect'",
    ),
    "misplaced word": (
        "    Asked: {type: string,",
        "    Asked: {x-env: ASKED, type: string, #<\n     ",
        "x-env has no effect here",
    ),
    "parameter's example": (
        "default: 10}, example: 5}",
        "default: 10}, example: 500} #<",
        "this example violates its schema: 500 is greater than the maximum of 50",
    ),
    "parameter's default": (
        "enum: [asc, desc], default: asc}}",
        "enum: [asc, desc], default: up}} #<",
        """this default violates its schema: "up" is not one of "asc" or "desc\"""",
    ),
    "request's example": (
        "example: {note: hello}",
        "example: {note: 3} #<",
        'this example violates its schema at /note: 3 is not of types "null", "string"',
    ),
    "response's example": (
        "page: {total: 1, next: null, more: false, count: 1}",
        "page: {total: 1, next: null, more: 1, count: 1} #<",
        'this example violates its schema at /page/more: 1 is not of type "boolean"',
    ),
    "schema's example": (
        "message: {type: string, examples: [no token]}",
        "message: {type: string, examples: [3]} #<",
        'this example violates its schema: 3 is not of type "string"',
    ),
    "listing that writes": (
        "    get:\n      operationId: order.list",
        "    put:\n      operationId: order.list",
        "order.list has x-listing, but PUT may change something",
        "      x-listing:",
        "      x-listing: #<",
        "clause: /paths/~1orders/get",
        "clause: /paths/~1orders/put",
    ),
    "listing without a response": (
        '        "200":\n          description: One page.',
        '        "301":\n          description: One page.',
        "order.list has x-listing, but no 2xx response with a JSON schema",
        "      x-listing:",
        "      x-listing: #<",
    ),
    "unknown parameter": (
        "size: {parameter: limit}",
        "size: {parameter: limits} #<",
        "x-listing names 'limits', which is not a query parameter of order.list",
    ),
    "parameter of a wrong type": (
        "size: {parameter: limit}",
        "size: {parameter: text} #<",
        "x-listing needs 'text' as integer, but its type is string",
    ),
    "cursor of a wrong type": (
        "next: /page/next",
        "next: /page/next #<",
        "the next cursor is string, which 'after' cannot be",
        "{name: after, in: query, schema: {type: string, format: uuid}}",
        "{name: after, in: query, schema: {type: integer}}",
    ),
    "items resolve": (
        "items: /orders\n",
        "items: /order #<\n",
        "x-listing points to '/order', which the schema of the response does not have",
    ),
    "items is an array": (
        "items: /orders\n",
        "items: /page #<\n",
        "x-listing items '/page' is not an array of objects with a schema",
    ),
    "id resolves": (
        "        id: /id\n",
        "        id: /ids #<\n",
        "x-listing points to '/ids', which the schema of the rows does not have",
    ),
    "total resolves": (
        "total: /page/total",
        "total: /page/totals #<",
        "x-listing points to '/page/totals', which the schema of the response does not have",
    ),
    "more resolves": (
        "more: /page/more",
        "more: /more #<",
        "x-listing points to '/more', which the schema of the response does not have",
    ),
    "echo resolves": (
        "count: /page/count",
        "count: /page/counts #<",
        "x-listing points to '/page/counts', which the schema of the response does not have",
    ),
    "searched field resolves": (
        "text: {fields: [/note]}",
        "text: {fields: [/notes]} #<",
        "x-listing points to '/notes', which the schema of the rows does not have",
    ),
    "order's fields": (
        "fields: {made: /made, state: /state}",
        "fields: {made: /made, id: /id} #<",
        "x-listing order.fields has values that 'sort' does not have: id",
    ),
    "order of many fields": (
        "          by: sort\n          direction: way\n          fields:",
        "          direction: way\n          fields: #<\n            ",
        "x-listing order has several fields but no parameter that selects one",
    ),
    "filter's own words": (
        "open: [NEW, PAID]",
        "opened: [NEW, PAID] #<",
        "x-listing filter value 'opened' is not a value of 'state'",
    ),
    "filter's words of the row": (
        "open: [NEW, PAID]",
        "open: [NEW, PAYED] #<",
        "x-listing filter gives 'PAYED', which is not a value of /state",
    ),
    "effect of nothing": (
        "        kind: create\n        of: order.list",
        "        kind: create\n        of: order.read #<",
        "x-effect of 'order.read' is not an operation with x-listing",
    ),
    "effect's item": (
        '        item: ""\n        unique',
        "        item: /data #<\n        unique",
        "x-effect points to '/data', which the schema of the response does not have",
    ),
    "effect's unique fields": (
        "unique: [/note]",
        "unique: [/number] #<",
        "x-effect points to '/number', which the schema of the request does not have",
    ),
    "effect's id": (
        "id: orderId, item",
        "id: order, item",
        "x-effect id 'order' is not a path parameter of order.read",
        'item: ""}\n      responses',
        'item: ""} #<\n      responses',
    ),
    "message": (
        "x-message: /message",
        "x-message: /error #<",
        "x-message points to '/error', which the schema of the response does not have",
    ),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_lint_reports_a_flaw_with_its_line(tmp_path: Path, flaw: str) -> None:
    """Lint reports the flaw with its line, its message and a hint."""
    before, after, message, *more_replacements = FLAWS[flaw]
    source = SHOP
    for old, new in zip(
        [before, *more_replacements[::2]], [after, *more_replacements[1::2]], strict=True
    ):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    line = 1 + [line.endswith("#<") for line in source.splitlines()].index(True)
    file = tmp_path / "shop.yaml"
    file.write_text(source, encoding="utf-8")
    problems = lint(load(file))
    assert (line, message) in [(problem.location.line, problem.message) for problem in problems]
    assert all(problem.location.file == file and problem.hint for problem in problems)


@pytest.mark.parametrize(
    "path", [Path(__file__).with_name("shop.yaml"), *SOUND], ids=lambda p: p.stem
)
def test_a_sound_spec_has_no_problem(path: Path) -> None:
    """Lint finds nothing in the specs of this repository."""
    assert lint(load(path)) == []


def test_a_vendors_own_extension_is_not_a_typo(tmp_path: Path) -> None:
    """A vendor's extension whose name contains one of driftline's is not a problem."""
    file = tmp_path / "shop.yaml"
    own_extensions = (
        "      x-agent-reference: a\n      x-lists: b\n      x-effect:\n        kind: create"
    )
    file.write_text(SHOP.replace("      x-effect:\n        kind: create", own_extensions, 1))
    assert "x-agent-reference" in file.read_text()
    assert lint(load(file)) == []


def test_an_example_of_null_is_no_example(tmp_path: Path) -> None:
    """`example: null`, as generators write it for a schema without an example, is not reported."""
    before = "message: {type: string, examples: [no token]}"
    assert before in SHOP
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.replace(before, "message: {type: string, example: null}"))
    assert list(lint(load(file))) == []
