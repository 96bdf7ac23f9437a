"""Documents that contradict themselves have no findings on their own mock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.checks.response import find_flaws
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi.lint.rules import lint
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target

from .documents import build_operation, build_responses, load_document
from .test_false_alarms import format_alarms
from .test_right_documents import ID, check_alone

TEXT = {"type": "string"}
SCHEMAS = "#/components/schemas"
SINGLE = {"x-listing": {"items": "", "id": "/id", "page": {"style": "single"}}}


def show_file(media_type: str, example: Any) -> dict[str, Any]:
    """Return the paths of a download with one media type and one example."""
    media = {"schema": {"type": "string", "format": "binary"}, "example": example}
    response = {"description": "Yes.", "content": {media_type: media}}
    return {"/file": {"get": {"operationId": "file.get", "responses": {"200": response}}}}


@pytest.mark.parametrize(
    ("media_type", "example"),
    [
        ("application/pdf", "The file of the certificate."),
        ("image/png", "https://shop.example/a.png"),
        ("application/xml", "<shop><row></shop>"),
        ("text/csv", "id,name\r\n1\r\n"),
    ],
)
def test_an_example_that_is_not_a_file_is_not_sent(
    media_type: str, example: str, tmp_path: Path
) -> None:
    """The mock does not send an example that is not a file of its media type, and `lint` reports
    it.
    """
    spec = load_document(tmp_path, show_file(media_type, example))
    assert [problem.id for problem in lint(spec) if "not" in problem.message] == ["example.invalid"]
    response = Mock(spec).handle(HttpRequest("GET", "/file"))
    assert (response.status, response.body == example.encode()) == (200, False)
    assert format_alarms(check_alone(spec)) == ""


def test_a_rejection_may_be_a_file(tmp_path: Path) -> None:
    """A rejection may be a file if the document has an image for every status."""
    image = {"description": "A file.", "content": {"image/png": {"schema": {"type": "string"}}}}
    limit = {"name": "size", "in": "query", "required": True, "schema": {"type": "integer"}}
    file = {"operationId": "file.get", "parameters": [limit]}
    paths = {"/file": {"get": {**file, "responses": {"200": image, "400": image}}}}
    spec = load_document(tmp_path, paths)
    assert Mock(spec).handle(HttpRequest("GET", "/file")).status == 400
    assert format_alarms(check_alone(spec)) == ""


def test_a_csv_example_without_a_table_allows_any_columns(tmp_path: Path) -> None:
    """If the example of a CSV file is only a name, any columns are valid."""
    spec = load_document(tmp_path, show_file("text/csv", "rows of the export"))
    table = HttpResponse(200, (("Content-Type", "text/csv"),), b"id,name\r\n1,first\r\n")
    assert format_alarms(check_alone(spec)) == ""
    with Session(Target.mock(spec, handle=lambda _: table)) as session:
        exchange = session.send(spec.operations[0], {})
    assert list(find_flaws(spec, exchange)) == []


def test_a_field_that_is_read_only_in_the_row_may_change(tmp_path: Path) -> None:
    """A field that a request may set but that is `readOnly` in the row need not keep the sent
    value.
    """
    row = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "place": {"type": "string", "readOnly": True},
            "label": {"type": "string"},
        },
    }
    sent = {"type": "object", "properties": {"place": {"type": "string"}}}
    body = {"required": True, "content": {"application/json": {"schema": sent}}}
    about = {"of": "rows.list", "item": ""}
    paths = {
        "/rows": {
            "get": {**SINGLE, **build_operation("rows.list", {"type": "array", "items": row})},
            "post": {
                **build_operation("rows.create", row, requestBody=body),
                "x-effect": {"kind": "create", **about},
            },
        },
        "/rows/{id}": {
            "parameters": [ID],
            "get": {
                **build_operation("rows.get", row),
                "x-effect": {"kind": "read", "id": "id", **about},
            },
            "put": {
                **build_operation("rows.replace", row, requestBody=body),
                "x-effect": {"kind": "update", "id": "id", **about},
            },
            "patch": {
                "operationId": "rows.update",
                "requestBody": body,
                "responses": build_responses(row),
                "x-effect": {"kind": "update", "id": "id", **about},
            },
        },
    }
    assert format_alarms(check_alone(load_document(tmp_path, paths))) == ""


KEYS = {
    "query": {"type": "apiKey", "in": "query", "name": "apikey"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}


@pytest.mark.parametrize(("location", "name"), [("query", "apikey"), ("header", "x-api-key")])
def test_a_credential_that_is_also_a_parameter_is_sent_once(
    location: str, name: str, tmp_path: Path
) -> None:
    """A required parameter that is also the credential is sent once, as the credential."""
    parameter = {"name": name, "in": location, "required": True, "schema": {"type": "string"}}
    parameter["example"] = "YOUR_KEY"
    security: dict[str, list[dict[str, list[str]]]] = {
        "a": [{location: []}],
        "b": [{location: []}, {}],
        "c": [],
    }
    paths: dict[str, Any] = {
        f"/{key}": {
            "get": build_operation(f"{key}.get", {}, parameters=[parameter], security=requirement)
        }
        for key, requirement in security.items()
    }
    paths["/d"] = {
        "parameters": [parameter],
        "get": build_operation("d.get", {}, security=[{location: []}]),
        "put": build_operation("d.put", {}, security=[]),
    }
    spec = load_document(tmp_path, paths, securitySchemes=KEYS)
    assert {operation.id: len(operation.parameters) for operation in spec.operations} == {
        "a.get": 0,
        "b.get": 0,
        "c.get": 1,
        "d.get": 1,
        "d.put": 1,
    }
    problems = [problem for problem in spec.problems if problem.id == "parameter.credential"]
    assert [problem.location.pointer for problem in problems] == [
        "/paths/~1a/get/parameters/0",
        "/paths/~1b/get/parameters/0",
    ]
    assert [operation.security for operation in spec.operations[:2]] == [((location,),)] * 2
    first = attrs.evolve(spec, operations=spec.operations[:2])
    assert format_alarms(check_alone(first)) == ""


def test_keys_that_are_required_parameters_are_sent_together(tmp_path: Path) -> None:
    """Also if the document lists them as alternatives, for each request or for this one."""
    parameters = [
        {"name": scheme["name"], "in": scheme["in"], "required": True, "schema": TEXT}
        for scheme in KEYS.values()
    ]
    both = build_operation("a.get", {}, parameters=parameters)
    both["security"] = [{name: list[str]()} for name in KEYS]
    spec = load_document(tmp_path, {"/a": {"get": both}}, securitySchemes=KEYS)
    (operation,) = spec.operations
    assert not operation.parameters
    assert [set(alternative) for alternative in operation.security] == [KEYS.keys()]
    assert format_alarms(check_alone(spec)) == ""


def test_a_form_whose_schema_is_a_list_accepts_any_fields(tmp_path: Path) -> None:
    """A form whose schema is a list accepts any fields, and the spec has a problem."""
    tasks = {"type": "array", "items": {"type": "object", "properties": {"name": TEXT}}}
    content = {"application/x-www-form-urlencoded": {"schema": {"$ref": f"{SCHEMAS}/Tasks"}}}
    send = build_operation("tasks.send", {}, requestBody={"required": True, "content": content})
    more = {"Tasks": tasks, "Same": {"$ref": f"{SCHEMAS}/Tasks"}}
    spec = load_document(tmp_path, {"/tasks": {"post": send}}, schemas=more)
    assert [problem.id for problem in spec.problems] == ["content.form-without-fields"]
    assert format_alarms(check_alone(spec)) == ""
