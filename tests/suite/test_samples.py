"""Requests are generated if a document has no example of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from driftline.checks import build_outgoing
from driftline.generate.prepare import prepare
from driftline.openapi import Operation, Spec, load
from driftline.openapi.schema.validation import list_violations
from driftline.suite.given_values import change_body
from driftline.suite.http.session import NotChecked, Session
from driftline.suite.http.target import Target
from driftline.suite.samples import (
    create_row,
    list_existing_ids,
    make_sample,
    make_samples,
    make_value,
    name_arguments,
)
from driftline.suite.unique_values import vary_strings

from .documents import build_operation, load_document

SCHEMAS: dict[str, Any] = {
    "Code": {"type": "string", "pattern": "^SK[0-9a-f]{32}$"},
    "Short": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5, "minLength": 2},
    "Pair": {
        "type": "object",
        "required": ["code", "month"],
        "properties": {
            "code": {"$ref": "#/components/schemas/Code"},
            "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
        },
    },
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    """Return the spec of a document with these schemas and one operation."""
    file: Path = tmp_path_factory.mktemp("samples") / "made.json"
    ok = {"description": "Yes."}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Made", "version": "1"},
        "servers": [{"url": "https://made.example"}],
        "paths": {"/it": {"get": {"operationId": "it.read", "responses": {"200": ok}}}},
        "components": {"schemas": SCHEMAS},
    }
    file.write_text(json.dumps(document))
    return load(file)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_generated_string_matches_its_pattern(spec: Spec, name: str) -> None:
    """A generated string matches the pattern and lengths of its schema."""
    pointer = f"/components/schemas/{name}"
    assert list_violations(spec, pointer, make_value(spec, pointer)) == []


COSTLY: dict[str, dict[str, Any]] = {
    "many items": {"type": "array", "minItems": 1_000_000_000, "items": {"type": "integer"}},
    "a long string": {"type": "string", "minLength": 2_000_000_000},
    "many in many": {
        "type": "array",
        "minItems": 1000,
        "items": {"type": "array", "minItems": 1000, "items": {"type": "integer"}},
    },
}


@pytest.mark.parametrize("schema", COSTLY.values(), ids=COSTLY)
def test_a_value_that_is_too_large_is_not_generated(schema: dict[str, Any], tmp_path: Path) -> None:
    """A value that is too large to generate is reported as not checked."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Hotel", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Rooms": schema}},
    }
    path = tmp_path / "hotel.json"
    path.write_text(json.dumps(document))
    with pytest.raises(NotChecked, match="too costly"):
        make_value(load(path), "/components/schemas/Rooms")


def test_arguments_have_the_names_of_the_generated_client(tmp_path: Path) -> None:
    """Two parameters with one name are both in the sample, named as in the generated client."""
    parameters = [
        {"name": "id", "in": location, "required": True, "schema": {"type": "string"}}
        for location in ("query", "path", "header")
    ]
    item = {"get": build_operation("things.get", {"type": "object"}, parameters=parameters)}
    spec = load_document(tmp_path, {"/things/{id}": item})
    sample = make_sample(Session(Target.mock(spec)), spec.operations[0])
    [operation_inputs] = prepare(spec).operations.values()
    assert name_arguments(spec.operations[0], sample.arguments).keys() == {
        parameter.key for parameter in operation_inputs.parameters.values()
    }


@pytest.mark.parametrize("locations", [("query", "path"), ("path", "query")])
def test_a_value_fits_both_parameters_of_a_name(tmp_path: Path, locations: tuple[str, str]) -> None:
    """If two parameters share a name, one value fits both: an integer, if one of them is an
    integer.
    """
    parameters = [
        {"name": "id", "in": location, "required": True, "schema": {"type": kind}}
        for location, kind in zip(locations, ("integer", "string"), strict=True)
    ]
    item = {"get": build_operation("things.get", {"type": "object"}, parameters=parameters)}
    spec = load_document(tmp_path, {"/things/{id}": item})
    sample = make_sample(Session(Target.mock(spec)), spec.operations[0])
    assert type(sample.arguments["id"]) is int


def create_note(session: Session) -> tuple[Operation, Mapping[str, Any], Any]:
    """Create a note; return the operation that deletes it, the note's parents and its id."""
    session.start()
    deletion = session.spec.operations[-1]
    assert deletion.effect is not None
    row_id = create_row(session, deletion.effect)
    return deletion, session.created_rows.find_parents("notes.list", row_id), row_id


def test_parents_of_a_created_row_fit_the_delete_operation(tmp_path: Path) -> None:
    """The parents of a created row also satisfy the parameters of the operation that deletes it."""
    string_schema: dict[str, Any] = {"type": "string"}
    row = {"type": "object", "required": ["id"], "properties": {"id": string_schema}}
    user = {"name": "user", "in": "path", "required": True}
    paths = {
        "/users/{user}/notes": {
            "parameters": [{**user, "schema": string_schema}],
            "get": {
                **build_operation("notes.list", {"type": "array", "items": row}),
                "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
            },
            "post": {
                **build_operation("notes.create", row),
                "x-effect": {"kind": "create", "of": "notes.list", "item": ""},
            },
        },
        "/users/{user}/notes/{id}": {
            "parameters": [
                {**user, "schema": {**string_schema, "format": "uuid"}},
                {**user, "name": "id", "schema": string_schema},
            ],
            "delete": {
                "operationId": "notes.delete",
                "responses": {"204": {"description": "Gone."}},
                "x-effect": {"kind": "delete", "of": "notes.list", "id": "id"},
            },
        },
    }
    session = Session(Target.mock(load_document(tmp_path, paths)))
    deletion, parents, row_id = create_note(session)
    assert session.send(deletion, {**parents, "id": row_id}).ok


def test_a_path_may_name_a_created_row_without_its_parent(tmp_path: Path) -> None:
    """The suite sends no argument that the operation lacks, such as the parent of a row."""
    string_schema: dict[str, Any] = {"type": "string"}
    row = {"type": "object", "required": ["id"], "properties": {"id": string_schema}}
    names = {
        name: {"name": name, "in": "path", "required": True, "schema": string_schema}
        for name in ("user", "id")
    }
    delete = {"operationId": "notes.delete", "responses": {"204": {"description": "Gone."}}}
    paths = {
        "/users/{user}/notes": {
            "parameters": [names["user"]],
            "get": {
                **build_operation("notes.list", {"type": "array", "items": row}),
                "x-listing": {"items": "", "id": "/id", "page": {"style": "single"}},
            },
            "post": {
                **build_operation("notes.create", row),
                "x-effect": {"kind": "create", "of": "notes.list", "item": ""},
            },
        },
        "/notes/{id}": {
            "parameters": [names["id"]],
            "delete": delete | {"x-effect": {"kind": "delete", "of": "notes.list", "id": "id"}},
        },
    }
    session = Session(Target.mock(load_document(tmp_path, paths)))
    deletion, parents, row_id = create_note(session)
    assert parents.keys() == {"user"}
    (sample,) = make_samples(session, deletion, {**parents, "id": row_id})
    assert sample.arguments == {"id": row_id}
    assert session.send(deletion, sample.arguments).ok


@pytest.mark.parametrize("path", ["/things", "/things/"])
def test_a_path_below_a_row_has_an_id_of_the_listing(tmp_path: Path, path: str) -> None:
    """The parameter of a path below a row is an id from the listing, even with a final slash."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    listing = {"items": "", "id": "/id", "page": {"style": "single"}}
    list_operation = build_operation("things.list", {"type": "array", "items": row})
    parts = build_operation("things.list_parts", {"type": "array"})
    id_parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {
        path: {"get": {**list_operation, "x-listing": listing}},
        "/things/{id}/parts": {"get": {**parts, "parameters": [id_parameter]}},
    }
    session = Session(Target.mock(load_document(tmp_path, paths)))
    parent_operation, child = session.spec.operations
    assert make_sample(session, child).arguments["id"] in list_existing_ids(
        session, parent_operation
    )


def test_integers_and_equal_floats_are_different_bodies(tmp_path: Path) -> None:
    """15 and 15.0 are different bodies, although they are equal in Python."""
    body = {"requestBody": {"content": {"application/json": {"schema": {}}}}}
    spec = load_document(tmp_path, {"/things": {"post": {**build_operation("make", {}), **body}}})
    session, (make,) = Session(Target.mock(spec)), spec.operations
    request = build_outgoing(spec, make, {}, {"size": 15.0}, {})
    changed_request = change_body(session, make, request, lambda _: {"size": 15})
    assert changed_request.body == b'{"size": 15}'
    assert change_body(session, make, request, lambda body: body) == request


def test_each_object_of_a_list_gets_different_strings(tmp_path: Path) -> None:
    """Each object of a list gets different strings, since they may have to be unique."""
    item = {"type": "object", "properties": {"sku": {"type": "string", "maxLength": 12}}}
    schema = {"type": "array", "items": item}
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    spec = load_document(tmp_path, {"/things": {"post": {**build_operation("make", {}), **body}}})
    rows = [{"sku": "a"}, {"sku": "a"}, {"sku": "a"}]
    varied_rows = vary_strings(spec, spec.operations[0], rows, "driftline-1")
    assert len({row["sku"] for row in [*rows, *varied_rows]}) == 4


def test_a_form_without_a_schema_has_no_fields(tmp_path: Path) -> None:
    """The body of a form without a schema is an empty mapping, not a string."""
    content: dict[str, Any] = {"application/x-www-form-urlencoded": {}}
    item = {"post": build_operation("things.send", {}, requestBody={"content": content})}
    spec = load_document(tmp_path, {"/things": item})
    assert make_sample(Session(Target.mock(spec)), spec.operations[0]).body == {}


def test_a_body_is_generated_where_the_simplest_is_invalid(tmp_path: Path) -> None:
    """A valid body is generated if the simplest one lacks a field that another part requires."""
    fields = {name: {"type": "integer"} for name in ("id", "size", "width", "depth", "needed")}
    schema = {"allOf": [{"type": "object", "properties": fields}, {"required": ["needed"]}]}
    content = {"application/json": {"schema": schema}}
    item = {"post": build_operation("things.send", {}, requestBody={"content": content})}
    spec = load_document(tmp_path, {"/things": item})
    assert "needed" in make_sample(Session(Target.mock(spec)), spec.operations[0]).body


def test_a_varied_decimal_in_a_string_remains_a_number(tmp_path: Path) -> None:
    """A varied decimal in a string remains a number, although its pattern allows `""`."""
    price = {"type": "string", "pattern": r"^-?\d{0,2}(?:\.\d{0,2})?$"}
    schema = {"type": "object", "properties": {"price": price}}
    body = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    spec = load_document(tmp_path, {"/things": {"post": {**build_operation("make", {}), **body}}})
    for number in range(20):
        varied_row = vary_strings(
            spec, spec.operations[0], {"price": "12.5"}, f"driftline-{number}"
        )
        assert float(varied_row["price"]) is not None
