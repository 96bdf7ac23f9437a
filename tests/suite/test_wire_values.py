"""Values of parameters that a request can represent, and documents without any such value."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from driftline.checks.finding import Check
from driftline.generate.render import render
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite
from driftline.suite.run_state import explain
from driftline.suite.wire_values import choose_value, is_sendable

from .documents import build_operation, load_document

STRING = {"type": "string"}
NAMED_OBJECT: dict[str, Any] = {"type": "object", "properties": {"name": STRING}}
NULL: dict[str, Any] = {"type": ["string", "null"], "enum": [None]}
MAP: dict[str, Any] = {"type": "object", "additionalProperties": STRING}
LISTS: dict[str, Any] = {"type": "array", "items": {"type": "array", "items": STRING}}
BARE_ENUM: dict[str, Any] = {"enum": [True, False, 0, 1]}
LOCATIONS = ("query", "path", "header", "cookie")


def load_spec_with(folder: Path, schema: Any, location: str = "query", **keywords: Any) -> Spec:
    """Return the spec of a document whose only operation has one parameter `p`."""
    parameter = {"name": "p", "in": location, "required": True, "schema": schema, **keywords}
    path = "/things/{p}" if location == "path" else "/things"
    operation = build_operation("things.get", NAMED_OBJECT, parameters=[parameter])
    return load_with_client(folder, {path: {"get": operation}})


def load_with_client(
    folder: Path, paths: Mapping[str, Any], **components: Mapping[str, Any]
) -> Spec:
    """Return the spec of a document in its own project, with its generated client."""
    (folder / "specs").mkdir()
    (folder / "generated").mkdir()
    spec = load_document(folder / "specs", paths, **components)
    render(spec, folder / "generated" / spec.client_package)
    return spec


def check_own_mock(spec: Spec, folder: Path) -> list[Check]:
    """Run every check of a document on its own mock and assert that nothing is found."""
    checks = run_suite(Project(folder), [spec])
    assert explain([finding for check in checks for finding in check.findings]) == ""
    assert [check.detail for check in checks if check.outcome == "error"] == []
    return checks


@pytest.mark.parametrize(
    ("schema", "location", "value", "can_be_sent"),
    [
        (NULL, "query", None, False),
        (MAP, "query", {}, False),
        (MAP, "query", {"a": "b"}, True),
        ({"type": "array", "items": STRING}, "query", [], False),
        ({"type": "array", "items": STRING}, "query", ["a", "b,c"], True),
        ({"type": "array", "items": STRING}, "cookie", ["a", "b"], True),
        (STRING, "path", "", False),
        (STRING, "path", "..", False),
        (STRING, "path", "a/b, c", True),
        (BARE_ENUM, "query", True, True),
        (BARE_ENUM, "header", 1, True),
        ({"enum": ["a"]}, "query", "b", False),
    ],
)
def test_a_value_can_be_sent_if_the_server_reads_the_same(
    schema: Any, location: str, value: Any, can_be_sent: bool, tmp_path: Path
) -> None:
    """A value can be sent if the server reads the same value from the request."""
    spec = load_spec_with(tmp_path, schema, location)
    operation = spec.operations[0]
    assert is_sendable(spec, operation, operation.parameters[0], value) is can_be_sent


@pytest.mark.parametrize(
    ("style", "explode"), [("label", True), ("label", False), ("matrix", True)]
)
def test_a_list_in_a_path_is_written_in_its_style(
    style: str, explode: bool, tmp_path: Path
) -> None:
    """The suite writes lists in paths with the prefixes and separators that the mock reads."""
    spec = load_spec_with(
        tmp_path, {"type": "array", "items": STRING}, "path", style=style, explode=explode
    )
    operation = spec.operations[0]
    assert is_sendable(spec, operation, operation.parameters[0], ["a b", "c"])


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"inner": NAMED_OBJECT, "more": NAMED_OBJECT},
        {"list": {"type": "array", "items": NAMED_OBJECT}},
    ],
)
def test_an_object_without_required_fields_is_sent_with_one(
    members: dict[str, Any], tmp_path: Path
) -> None:
    """An object without required fields is sent with one field, since `{}` leaves no trace."""
    schema = {**NAMED_OBJECT, "properties": {**members, **NAMED_OBJECT["properties"]}}
    spec = load_spec_with(tmp_path, schema)
    operation = spec.operations[0]
    value, can_be_sent = choose_value(spec, operation, operation.parameters[0], {})
    assert can_be_sent
    assert value


@pytest.mark.parametrize("location", LOCATIONS)
@pytest.mark.parametrize(
    "schema",
    [NULL, MAP, NAMED_OBJECT, LISTS, BARE_ENUM, {"type": "object", "additionalProperties": False}],
    ids=["null", "map", "object", "lists", "bare-enum", "closed"],
)
def test_a_parameter_raises_no_false_alarm(schema: Any, location: str, tmp_path: Path) -> None:
    """A required parameter without a value that can be sent has no findings on the mock."""
    check_own_mock(load_spec_with(tmp_path, schema, location), tmp_path)


def test_a_default_outside_its_schema_is_not_sent(tmp_path: Path) -> None:
    """A default outside its schema, which `driftline lint` reports, is not sent and causes no
    finding.
    """
    schema = {"type": "string", "enum": ["a", "b"], "default": "c"}
    check_own_mock(load_spec_with(tmp_path, schema, required=False), tmp_path)


@pytest.mark.parametrize(
    "schema",
    [{"type": "null"}, {"const": None}, {"anyOf": [{"type": "integer"}, {"type": "null"}]}],
)
def test_none_is_sent_as_null_where_a_body_is_required(schema: Any, tmp_path: Path) -> None:
    """The client writes `null`, and the mock accepts it."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    spec = load_with_client(
        tmp_path,
        {"/things": {"post": build_operation("things.put", NAMED_OBJECT, requestBody=body)}},
    )
    checks = check_own_mock(spec, tmp_path)
    assert [check.name for check in checks if check.outcome != "passed"] == []


@pytest.mark.parametrize(
    "schema", [False, {"type": "string", "pattern": "^a$", "minLength": 3}, {"not": {}}]
)
def test_a_response_that_cannot_be_generated_is_not_checked(schema: Any, tmp_path: Path) -> None:
    """A response that the mock cannot generate is reported as not checked, not as drift."""
    spec = load_with_client(tmp_path, {"/things": {"get": build_operation("things.get", schema)}})
    details = [check.detail for check in check_own_mock(spec, tmp_path) if check.detail]
    assert any("cannot be mocked" in detail for detail in details)


def test_a_required_field_without_a_schema_is_a_field(tmp_path: Path) -> None:
    """A required field without a schema is a field for the checks and for the client."""
    schema = {**NAMED_OBJECT, "required": ["owner"]}
    spec = load_with_client(tmp_path, {"/things": {"get": build_operation("things.get", schema)}})
    check_own_mock(spec, tmp_path)


def test_operations_that_differ_in_a_fragment_are_both_fuzzed(tmp_path: Path) -> None:
    """Operations whose paths differ only in a fragment are both fuzzed."""
    tag = {"name": "tag", "in": "query", "required": True, "schema": STRING}
    spec = load_with_client(
        tmp_path,
        {
            "/things#list": {"get": build_operation("things.list", NAMED_OBJECT)},
            "/things#tagged": {
                "get": build_operation("things.tagged", NAMED_OBJECT, parameters=[tag])
            },
        },
    )
    checks = check_own_mock(spec, tmp_path)
    assert [check.operation for check in checks if check.name == "fuzzing" and check.requests] == [
        "things.list",
        "things.tagged",
    ]


def test_an_operation_without_a_success_has_no_findings(tmp_path: Path) -> None:
    """An operation without a documented success has no findings on its mock."""
    operation = {"operationId": "things.get", "responses": {"403": {"description": "No."}}}
    check_own_mock(load_with_client(tmp_path, {"/things": {"get": operation}}), tmp_path)


def test_a_documented_body_of_a_204_is_not_expected(tmp_path: Path) -> None:
    """A documented body of a 204 is not expected."""
    operation = build_operation("things.drop", NAMED_OBJECT)
    operation["responses"] = {"204": operation["responses"]["200"]}
    check_own_mock(load_with_client(tmp_path, {"/things": {"delete": operation}}), tmp_path)
