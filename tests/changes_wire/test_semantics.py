"""Semantics: equivalent documents have no changes, and different ones do."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from changes_wire.comparing import (
    STRING,
    Json,
    as_body,
    as_header,
    as_parameter,
    as_response,
    build_api,
    build_content,
    changes,
    list_change_ids,
)
from driftline.changes.wire import Document, compare
from driftline.errors import SpecError
from driftline.openapi.read.reader import Source

NULLABLE = {"type": ["string", "null"]}
THING_SCHEMA: Json = {"type": "object", "properties": {"a": STRING, "b": {"type": "integer"}}}


def as_component(
    schema: Any, make: Any = as_response, name: str = "Thing", **keywords: Any
) -> Json:
    """Return a document that refers to the schema as a component."""
    reference = {"$ref": f"#/components/schemas/{name}"}
    return make(reference, components={"schemas": {name: schema}}, **keywords)


def convert_to_old_form(document: Json) -> Json:
    """Return the document declared as OpenAPI 3.0."""
    return {**document, "openapi": "3.0.3"}


def request_with(schema: Json, media: str) -> Json:
    return build_api(requestBody={"content": build_content(schema, media)})


def build_response(schema: Json, media: str) -> Json:
    return build_api(
        responses={"200": {"description": "Done.", "content": build_content(schema, media)}}
    )


@pytest.mark.parametrize("make", [as_body, as_response])
@pytest.mark.parametrize(
    ("schema", "equal_schema"),
    [
        (NULLABLE, {"anyOf": [STRING, {"type": "null"}]}),
        (NULLABLE, {"oneOf": [{"type": "null"}, STRING]}),
        ({"enum": ["a", None]}, {"anyOf": [{"enum": ["a"]}, {"type": "null"}]}),
        ({"const": 1}, {"enum": [1]}),
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"enum": ["a", "b"]}, {"oneOf": [{"const": "b"}, {"const": "a", "title": "A"}]}),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
        (THING_SCHEMA, {"allOf": [THING_SCHEMA]}),
        (THING_SCHEMA, {"allOf": [{"type": "object"}, {"properties": THING_SCHEMA["properties"]}]}),
        (
            THING_SCHEMA,
            {**THING_SCHEMA, "description": "A thing.", "examples": [{}], "title": "Thing"},
        ),
        (THING_SCHEMA, {**THING_SCHEMA, "properties": {"b": {"type": "integer"}, "a": STRING}}),
        ({"required": ["a", "b"]}, {"required": ["b", "a"]}),
        ({"anyOf": [STRING, THING_SCHEMA]}, {"anyOf": [THING_SCHEMA, STRING]}),
        ({"type": ["string", "integer"]}, {"type": ["integer", "string"]}),
        ({"type": ["string", "integer"]}, {"oneOf": [STRING, {"type": "integer"}]}),
        ({}, True),
        ({"minLength": 0}, {}),
        ({"minimum": 1}, {"minimum": 1.0}),
        (
            {"type": "integer", "exclusiveMinimum": 0, "maximum": 9.5},
            {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
        ),
        ({"allOf": [{"minimum": 1}, {"minimum": 3}]}, {"minimum": 3}),
        ({"additionalProperties": True}, {"additionalProperties": {}}),
        ({"pattern": ".*"}, {}),
    ],
)
def test_equivalent_schemas_have_no_changes(make: Any, schema: Any, equal_schema: Any) -> None:
    """Equivalent schemas have no changes, in both directions, in requests and responses."""
    assert changes(make(schema), make(equal_schema)) == []
    assert changes(make(equal_schema), make(schema)) == []


@pytest.mark.parametrize("make", [as_body, as_response])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({**STRING, "nullable": True}, NULLABLE),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"type": "number", "maximum": 5, "exclusiveMaximum": False}, {"maximum": 5}),
        ({"enum": ["a"], "type": "string", "nullable": True}, {"enum": ["a", None]}),
    ],
)
def test_keywords_of_3_0_equal_their_3_1_notation(make: Any, old: Json, new: Json) -> None:
    """`nullable` and boolean `exclusiveMinimum` of 3.0 equal their 3.1 notation."""
    new = {"type": old["type"], **new}
    if old.get("nullable"):
        new["type"] = [old["type"], "null"]
    assert changes(convert_to_old_form(make(old)), make(new)) == []
    assert changes(make(new), convert_to_old_form(make(old))) == []


def test_a_file_is_described_by_format_or_by_media_type() -> None:
    """A binary file may be described by `format` or by its media type, except under JSON."""
    binary = {**STRING, "format": "binary"}
    for media in ("application/pdf", "image/*", "audio/mpeg"):
        for make in (request_with, build_response):
            assert changes(make(binary, media), make({}, media)) == []
    assert list_change_ids(
        build_response(binary, "application/json"), build_response({}, "application/json")
    )


def test_nullable_counts_in_3_1_too() -> None:
    """`nullable` also counts in 3.1, where many documents use it."""
    schema = {**STRING, "nullable": True}
    assert changes(convert_to_old_form(as_body(schema)), as_body(schema)) == []
    assert changes(as_body(schema), as_body(NULLABLE)) == []
    assert list_change_ids(as_body(schema), as_body({**schema, "nullable": False})) == {
        "request.null.forbidden"
    }


def test_nullable_all_of_equals_any_of_with_null() -> None:
    """`nullable` beside `allOf` in 3.0 equals `anyOf` with null in 3.1."""
    components = {"components": {"schemas": {"Thing": THING_SCHEMA}}}
    reference = {"$ref": "#/components/schemas/Thing"}
    old = convert_to_old_form(as_response({"nullable": True, "allOf": [reference]}, **components))
    new = as_response({"anyOf": [reference, {"type": "null"}]}, **components)
    assert changes(old, new) == []
    assert list_change_ids(old, as_response(reference, **components)) == {"response.null.forbidden"}


@pytest.mark.parametrize("make", [as_body, as_response])
def test_a_schema_may_move_behind_a_reference(make: Any) -> None:
    """Moving a schema to or from a component, or
    renaming the component, does not change the API.
    """
    assert changes(make(THING_SCHEMA), as_component(THING_SCHEMA, make)) == []
    assert changes(as_component(THING_SCHEMA, make), make(THING_SCHEMA)) == []
    assert (
        changes(as_component(THING_SCHEMA, make), as_component(THING_SCHEMA, make, "Other")) == []
    )


def test_keywords_beside_a_reference_count_only_in_3_1() -> None:
    """Keywords beside `$ref` count in 3.1 and are ignored in 3.0."""
    reference = {"$ref": "#/components/schemas/Text"}
    components = {"components": {"schemas": {"Text": STRING}}}
    old = as_body(reference, **components)
    new = as_body({**reference, "maxLength": 3}, **components)
    assert list_change_ids(old, new) == {"request.bound.tightened"}
    assert list_change_ids(convert_to_old_form(old), convert_to_old_form(new)) == set()


def build_recursive_schema(leaf: Json) -> Json:
    node = {"$ref": "#/components/schemas/Node"}
    children = {"left": node, "right": {"anyOf": [node, {"type": "null"}]}, "leaf": leaf}
    return {"type": "object", "properties": {**children, "more": {"type": "array", "items": node}}}


def test_a_change_in_a_recursive_schema_is_reported_once() -> None:
    """A change in a recursive schema is reported once, at its shortest path."""
    old = as_component(build_recursive_schema({"enum": ["a"]}), name="Node")
    new = as_component(build_recursive_schema({"enum": ["a", "b"]}), name="Node")
    (change,) = changes(old, new)
    assert change.id == "response.enum.value-added"
    assert [str(use) for use in change.uses] == ["PUT /things/{id} 200 body.leaf"]
    assert changes(old, old) == []


def test_unrolling_a_recursive_schema_is_no_change() -> None:
    """Unrolling a recursive schema once does not change the API."""
    schema = build_recursive_schema(STRING)
    unrolled_schema = deepcopy(schema)
    unrolled_schema["properties"]["left"] = build_recursive_schema(STRING)
    assert (
        changes(as_component(schema, name="Node"), as_component(unrolled_schema, name="Node")) == []
    )


def test_schemas_that_consist_of_themselves_are_compared() -> None:
    """Schemas that consist only of themselves are compared without an endless loop."""
    node = {"$ref": "#/components/schemas/Node"}
    for schema in (
        {"allOf": [node]},
        {"anyOf": [node, {"type": "null"}]},
        {"oneOf": [node, STRING]},
    ):
        document = as_component(schema, name="Node")
        assert changes(document, document) == []


def test_a_renamed_path_parameter_is_harmless() -> None:
    """A renamed path parameter is harmless, and its schema is still compared."""

    def build_api_at(path: str, name: str, schema: Json) -> Json:
        parameter = {"name": name, "in": "path", "required": True, "schema": schema}
        document = build_api(parameters=[parameter])
        return {**document, "paths": {path: document["paths"].pop("/things/{id}")}}

    old = build_api_at("/things/{id}", "id", STRING)
    assert list_change_ids(old, build_api_at("/things/{key}", "key", STRING)) == {
        "parameter.renamed"
    }
    change_ids = list_change_ids(
        old, build_api_at("/things/{key}", "key", {**STRING, "maxLength": 3})
    )
    assert change_ids == {"parameter.renamed", "request.bound.tightened"}


def test_one_cause_is_reported_once_with_all_its_uses() -> None:
    """One change of a shared schema is reported once per direction, with all its uses."""
    components = {"schemas": {"Thing": {"enum": ["a", "b"]}}}
    schema = {"$ref": "#/components/schemas/Thing"}
    old = build_api(
        components=components,
        requestBody={"content": build_content(schema)},
        parameters=[{"name": "q", "in": "query", "schema": schema}],
        responses={"200": {"description": "", "content": build_content(schema)}},
    )
    new = deepcopy(old)
    new["components"]["schemas"]["Thing"]["enum"].remove("b")
    changes_by_id = {change.id: change for change in changes(old, new)}
    assert changes_by_id.keys() == {"request.enum.value-removed", "response.enum.value-removed"}
    assert [change.severity for change in changes_by_id.values()] == ["breaking", "harmless"]
    uses = [str(use) for use in changes_by_id["request.enum.value-removed"].uses]
    assert sorted(uses) == ["PUT /things/{id} body", "PUT /things/{id} query q"]


def test_read_only_fields_are_compared_only_in_responses() -> None:
    """Read-only fields are ignored in requests but compared in responses."""
    old = {"properties": {"a": {"readOnly": True, "enum": ["x", "y"]}}, "required": ["a"]}
    new = {"properties": {"a": {"readOnly": True, "enum": ["x"]}}, "required": ["a"]}
    assert changes(as_body(old), as_body(new)) == []
    assert list_change_ids(as_response(old), as_response(new)) == {"response.enum.value-removed"}
    open_ = {"properties": {"a": {"enum": ["x", "y"]}}, "required": ["a"]}
    assert list_change_ids(as_body(open_), as_body(old)) == {"request.field.removed"}
    assert list_change_ids(as_body(old), as_body(open_)) == {"request.required.added"}


def test_a_parameter_may_widen_from_number_to_string() -> None:
    """A parameter or header may widen from number to string, but a JSON body may not."""
    number = {"type": "integer"}
    assert list_change_ids(as_parameter(number), as_parameter(STRING)) == {"request.type.widened"}
    assert list_change_ids(as_body(number), as_body(STRING)) == {"request.type.changed"}
    assert list_change_ids(as_header(number), as_header(STRING)) == {"response.type.widened"}


def test_a_changed_default_breaks_only_requests() -> None:
    """A changed default is breaking in a request and harmless in a response."""
    old, new = {**STRING, "default": "a"}, {**STRING, "default": "b"}
    (change,) = changes(as_parameter(old), as_parameter(new))
    assert (change.id, change.severity) == ("request.default.changed", "breaking")
    assert (change.before, change.after) == ('"a"', '"b"')
    (change,) = changes(as_response(old), as_response(new))
    assert (change.id, change.severity) == ("response.default.changed", "harmless")
    assert changes(as_parameter(old), as_parameter({**old, "description": "a"})) == []


def test_int32_is_narrower_than_int64() -> None:
    """int32 is narrower than int64, and both are narrower than an integer without a format."""
    small, large = {"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}
    assert list_change_ids(as_body(large), as_body(small)) == {"request.type.narrowed"}
    assert list_change_ids(as_body(small), as_body({"type": "integer"})) == {"request.type.widened"}
    assert list_change_ids(as_response(small), as_response(large)) == {"response.type.widened"}


def test_alternatives_are_matched_by_constants_or_fields() -> None:
    """Alternatives are matched by their constants
    or fields, and changes are reported within them.
    """

    def build_animal(kind: str, **fields: Json) -> Json:
        return {"type": "object", "properties": {"kind": {"const": kind}, **fields}}

    cat, dog = (
        build_animal("cat", lives={"type": "integer"}),
        build_animal("dog", lives={"type": "integer"}),
    )
    changed_cat = build_animal("cat", lives={"type": "string"})
    old, new = (
        as_response({"oneOf": [cat, dog]}),
        as_response({"oneOf": [dog, changed_cat]}),
    )
    (change,) = changes(old, new)
    assert change.id == "response.type.changed"
    assert change.uses[0].where == "200 body.lives"


def test_a_new_status_range_covers_a_removed_status() -> None:
    """A new status range or `default` covers a removed status; an existing one does not."""

    def build_statuses(*names: str) -> Json:
        return build_api(responses={name: {"description": ""} for name in names})

    wide, narrow = build_statuses("2XX", "default"), build_statuses("200", "404")
    assert list_change_ids(narrow, wide) == {"response.status.widened"}
    assert list_change_ids(wide, narrow) == {"response.status.narrowed"}
    old = build_statuses("200", "404", "default")
    assert list_change_ids(old, build_statuses("200", "default")) == {"response.error.removed"}
    assert list_change_ids(old, build_statuses("404", "default")) == {"response.success.removed"}


def test_the_directions_of_webhooks_are_reversed() -> None:
    """The body of a webhook counts as a response, and its response as a request."""

    def build_webhook(schema: Json, response_schema: Json) -> Json:
        operation = {
            "requestBody": {"content": build_content(schema)},
            "responses": {"200": {"description": "", "content": build_content(response_schema)}},
        }
        return {**build_api(), "webhooks": {"ended": {"post": operation}}}

    less, wider = {"enum": ["a"]}, {"enum": ["a", "b"]}
    assert list_change_ids(build_webhook(less, STRING), build_webhook(wider, STRING)) == {
        "response.enum.value-added"
    }
    assert list_change_ids(build_webhook(STRING, wider), build_webhook(STRING, less)) == {
        "request.enum.value-removed"
    }


def test_a_change_has_the_lines_of_its_clause() -> None:
    """A change has the lines of its clause; a removed clause has the line of its parent."""
    old, new = (
        as_body({"properties": {"a": STRING, "b": STRING}}),
        as_body({"properties": {"b": STRING}}),
    )
    (change,) = changes(old, new)
    schema = "/paths/~1things~1{id}/put/requestBody/content/application~1json/schema"
    assert change.old.pointer == f"{schema}/properties/a"
    assert change.new.pointer == f"{schema}/properties"
    assert change.old.line == change.new.line + 1


def test_documents_without_line_numbers_can_be_compared() -> None:
    """A document without line numbers can be compared."""
    from pathlib import Path

    document = Document.build(Source(Path("made.json"), build_api(), {}))
    assert compare(document, document) == []


def test_nested_alternatives_are_compared_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nested alternatives are compared without combining
    them all; too many combinations are a `SpecError`.
    """

    def build_level(number: int) -> Json:
        next_level = {"$ref": f"#/components/schemas/L{number - 1}"}
        alternatives = [
            {"properties": {f"{letter}{number}": STRING}, "allOf": [next_level]} for letter in "ab"
        ]
        return {"oneOf": alternatives}

    schemas = {"L0": STRING, **{f"L{number}": build_level(number) for number in range(1, 30)}}
    reference = {"$ref": "#/components/schemas/L29"}
    data = as_response(reference, components={"schemas": schemas})
    other_document = as_response(
        reference, components={"schemas": {**schemas, "L0": {"type": "integer"}}}
    )
    assert "response.type.changed" in list_change_ids(data, other_document)
    monkeypatch.setattr("driftline.changes.wire.schemas.compare.MOST", 20)
    with pytest.raises(SpecError, match="too many combinations"):
        changes(data, other_document)


def test_control_characters_of_names_are_escaped() -> None:
    """Control characters of names are escaped in all texts of a change."""
    evil = "a\x1b[2J\n\u202eb"
    old = as_body({"properties": {evil: {"properties": {evil: STRING}}}})
    new = as_body({"properties": {evil: {"properties": {"c": STRING}}}})
    for change in changes(old, new):
        printed_values = (change.message, change.before, change.after, *map(str, change.uses))
        assert all(printed.isprintable() for printed in printed_values)


def test_missing_servers_equal_the_server_at_the_root() -> None:
    """A missing `servers` equals the server `/`."""
    without_servers = {key: value for key, value in build_api().items() if key != "servers"}
    assert list_change_ids(without_servers, {**without_servers, "servers": [{"url": "/"}]}) == set()
    assert list_change_ids({**without_servers, "servers": [{"url": "/"}]}, without_servers) == set()
    assert list_change_ids(without_servers, {**without_servers, "servers": [{"url": "/v1"}]}) == {
        "server.added"
    }


def test_a_base_path_that_moved_breaks_no_request() -> None:
    """A base path may move between servers and paths, if every path moves with it."""
    in_server_url = {
        **build_api(),
        "servers": [{"url": "https://a.example.com/v1"}, {"url": "/v1"}],
    }
    in_paths = {**build_api(), "servers": [{"url": "https://a.example.com"}, {"url": "/"}]}
    in_paths["paths"] = {f"/v1{path}": item for path, item in in_server_url["paths"].items()}
    assert (
        list_change_ids(in_server_url, in_paths)
        == list_change_ids(in_paths, in_server_url)
        == {"server.path.moved"}
    )
    with_health_in_server_url = {
        **in_server_url,
        "paths": {**in_server_url["paths"], "/health": {"get": {}}},
    }
    with_health_in_paths = {**in_paths, "paths": {**in_paths["paths"], "/health": {"get": {}}}}
    assert {"server.removed", "operation.removed"} <= list_change_ids(
        with_health_in_server_url, with_health_in_paths
    )
