"""Updates and deletions that damage rows are found, and the field is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from driftline import openapi
from driftline.checks.finding import Check, Finding
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.suite.examinations.rows.creations.creation import check_creation
from driftline.suite.examinations.rows.deletion import check_deletion
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.updates.updates import check_updates
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Probe, examine

NOTES = openapi.load(Path(__file__).with_name("notes.yaml"))
Handle = Callable[[HttpRequest], HttpResponse]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def check(
    operation_id: str,
    examination: Callable[[Probe], None],
    fault: Callable[[Mock], Handle] = lambda mock: mock.handle,
    rows: int = 20,
) -> Check:
    """Run one examination against the notes' mock with a fault."""
    operation = NOTES.find_operation(operation_id)
    assert operation is not None
    with Session(Target.mock(NOTES, handle=fault(Mock(NOTES, rows=rows)))) as session:
        return examine(session, operation, "writes", examination)


def list_findings(check: Check) -> set[tuple[str, str]]:
    return {(finding.id, finding.where) for finding in check.findings}


def change(request: HttpRequest, **fields: Any) -> HttpRequest:
    """Return the request with these fields in its body."""
    body = json.dumps({**json.loads(request.body), **fields}).encode()
    headers = tuple(pair for pair in request.headers if pair[0].lower() != "content-length")
    return attrs.evolve(request, body=body, headers=headers)


def fail_on_method(method: str, respond: Callable[[Mock, HttpRequest], HttpResponse]) -> Any:
    """Return a fault of all requests with one method."""

    def plant_fault(mock: Mock) -> Handle:
        return lambda request: (
            respond(mock, request) if request.method == method else mock.handle(request)
        )

    return plant_fault


@pytest.mark.parametrize("rows", [0, 20])
@pytest.mark.parametrize(
    ("operation", "examination"),
    [
        ("note.update", check_updates),
        ("note.replace", check_updates),
        ("note.delete", check_deletion),
    ],
)
def test_a_correct_server_has_no_finding(operation: str, examination: Any, rows: int) -> None:
    """A correct server has no finding, whether it has rows or the check creates one."""
    result = check(operation, examination, rows=rows)
    assert (result.outcome, result.detail) == ("passed", "")
    assert result.requests > 5


def test_a_default_that_rows_cannot_have_means_no_change(tmp_path: Path) -> None:
    """`default: null` of a field that is never null in rows says nothing about the row."""
    path = tmp_path / "notes.yaml"
    source = Path(__file__).with_name("notes.yaml").read_text()
    stars = "stars: {type: integer, minimum: 0, maximum: 5, default: 1}"
    assert source.count(stars) == 1
    nullable = 'stars: {type: [integer, "null"], minimum: 0, maximum: 5, default: null}'
    path.write_text(source.replace(stars, nullable))
    spec = openapi.load(path)
    operation = spec.find_operation("note.replace")
    assert operation is not None
    with Session(Target.mock(spec, handle=Mock(spec, rows=20).handle)) as session:
        result = examine(session, operation, "writes", check_updates)
    assert list_findings(result) == set()


def test_a_patch_that_resets_another_field_is_found() -> None:
    """A PATCH that resets another field is found, and the finding names that field."""

    def reset(mock: Mock, request: HttpRequest) -> HttpResponse:
        body = json.loads(request.body)
        return mock.handle(request if "tags" in body else change(request, tags=[]))

    result = check("note.update", check_updates, fail_on_method("PATCH", reset))
    assert list_findings(result) == {("effect.field.reset", "tags")}


@pytest.mark.parametrize(
    ("method", "operation", "examination"),
    [("PUT", "note.replace", check_updates), ("POST", "note.create", check_creation)],
)
def test_a_default_that_is_not_used_is_found(method: str, operation: str, examination: Any) -> None:
    """A PUT or a creation that does not use the default of an omitted field is found."""

    def keep(mock: Mock, request: HttpRequest) -> HttpResponse:
        has_stars = "stars" in json.loads(request.body)
        return mock.handle(request if has_stars else change(request, stars=4))

    result = check(operation, examination, fail_on_method(method, keep))
    assert list_findings(result) == {("effect.default.wrong", "stars")}


@pytest.mark.parametrize(
    ("method", "operation"), [("PATCH", "note.update"), ("PUT", "note.replace")]
)
def test_an_update_that_changes_created_at_is_found(method: str, operation: str) -> None:
    """An update that changes `created_at` is found."""

    def move(mock: Mock, request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        if response.status == 200:
            moved_row = {"id": response.parse_json()["id"], "created_at": "2001-02-03T04:05:06Z"}
            mock.put("note.list", moved_row)
        return response

    result = check(operation, check_updates, fail_on_method(method, move))
    assert list_findings(result) == {("effect.field.reset", "created_at")}


def test_an_update_that_changes_the_id_is_found() -> None:
    """An update whose response has another id than the path is found."""

    def rename(mock: Mock, request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        if response.status != 200:
            return response
        row = {**response.parse_json(), "id": "00000000-0000-4000-8000-0000000d41f7"}
        return attrs.evolve(response, body=json.dumps(row).encode())

    result = check("note.update", check_updates, fail_on_method("PATCH", rename))
    assert list_findings(result) == {("effect.field.reset", "id")}


@pytest.mark.parametrize(
    ("method", "operation"), [("PATCH", "note.update"), ("PUT", "note.replace")]
)
def test_an_update_that_changes_another_row_is_found(method: str, operation: str) -> None:
    """An update that also changes other rows is found."""

    def change_all_rows(mock: Mock, request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        body = json.loads(request.body)
        for row in mock.list_rows("note.list") if response.status == 200 else ():
            if "stars" in body:
                mock.put("note.list", {"id": row["id"], "stars": body["stars"]})
        return response

    assert list_findings(
        check(operation, check_updates, fail_on_method(method, change_all_rows))
    ) == {("effect.field.reset", "stars")}


def test_an_update_that_is_not_stored_is_found() -> None:
    """An update whose response has the new value while the row keeps the old one is found."""

    def forget(mock: Mock, request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        body = json.loads(request.body)
        if response.status == 200 and "stars" in body:
            row = response.parse_json()
            mock.put("note.list", {"id": row["id"], "stars": (row["stars"] + 1) % 6})
        return response

    for method, operation in (("PATCH", "note.update"), ("PUT", "note.replace")):
        result = check(operation, check_updates, fail_on_method(method, forget))
        assert ("effect.field.changed", "stars") in list_findings(result)


@pytest.mark.parametrize(
    ("method", "operation", "examination"),
    [
        ("PATCH", "note.update", check_updates),
        ("DELETE", "note.delete", check_deletion),
    ],
)
def test_a_write_to_a_missing_row_that_succeeds_is_found(
    method: str, operation: str, examination: Any
) -> None:
    """A PATCH or DELETE of a missing row that succeeds is found."""

    def accept(mock: Mock, request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        if response.status != 404:
            return response
        if method == "DELETE":
            return HttpResponse(204, (), b"")
        row = json.dumps(mock.list_rows("note.list")[0]).encode()
        return HttpResponse(200, (("Content-Type", "application/json"),), row)

    result = check(operation, examination, fail_on_method(method, accept))
    assert list_findings(result) == {("effect.missing.accepted", "")}


@pytest.mark.parametrize(
    ("method", "operation", "examination"),
    [
        ("PATCH", "note.update", check_updates),
        ("PUT", "note.replace", check_updates),
        ("DELETE", "note.delete", check_deletion),
    ],
)
def test_a_write_that_fails_is_found(method: str, operation: str, examination: Any) -> None:
    """A write that fails with a server error is found, and the finding names the operation."""
    fail = fail_on_method(method, lambda _, __: HttpResponse(500, (), b""))
    (finding,) = check(operation, examination, fail).findings
    assert (finding.id, finding.operation) == ("response.server-error", operation)


def test_a_server_error_names_the_field() -> None:
    """The message of a server error names the one field that causes it."""

    def fail(mock: Mock, request: HttpRequest) -> HttpResponse:
        fails = b'"due"' in request.body
        return HttpResponse(500, (), b"") if fails else mock.handle(request)

    (finding,) = check("note.update", check_updates, fail_on_method("PATCH", fail)).findings
    assert finding.id == "response.server-error"
    assert "field due" in finding.message


def test_accepted_invalid_updates_are_found() -> None:
    """Accepted updates with a wrong type, a missing field or an unknown field are found."""

    def accept(mock: Mock, request: HttpRequest) -> HttpResponse:
        response = mock.handle(request)
        if response.status != 400:
            return response
        return _find_row(mock)

    def _find_row(mock: Mock) -> HttpResponse:
        row = json.dumps(mock.list_rows("note.list")[0]).encode()
        return HttpResponse(200, (("Content-Type", "application/json"),), row)

    patch_findings = check("note.update", check_updates, fail_on_method("PATCH", accept)).findings
    assert {_get_clause(finding) for finding in patch_findings} >= {
        "type",
        "enum",
        "additionalProperties",
    }
    put_findings = check("note.replace", check_updates, fail_on_method("PUT", accept)).findings
    assert "required" in {_get_clause(finding) for finding in put_findings}


def _get_clause(finding: Finding) -> str:
    assert finding.id == "request.invalid.accepted"
    return finding.location.pointer.rpartition("/")[2]


@given(VALUES)
def test_every_value_is_the_same_as_itself(value: Any) -> None:
    """Every value is the same as itself."""
    assert is_same(value, value)


@pytest.mark.parametrize("number", [10**28, 10**450, "1e400000000", "-1E-9999999999", 1e300])
def test_a_number_of_any_size_is_compared(number: Any) -> None:
    """Numbers of any size can be compared, even if they exceed what arithmetic allows."""
    assert is_same(number, number)
    assert not is_same(0, number)
    assert not is_same(number, 5)


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_strings_are_not_the_same(first_prefix: str, second_prefix: str) -> None:
    """Strings with different letters are not the same."""
    assert is_same(f"a{first_prefix}", f"b{second_prefix}") is False


@pytest.mark.parametrize(
    ("shown_value", "sent_value"),
    [
        (["a"], ["a", "b"]),
        ([], [{"qty": 1}]),
        ([{"id": 1, "qty": 2}], [{"qty": 1}]),
        ([{"text": "a"}], [{"text": "a"}, {"text": "b"}]),
        ({"size": {"unit": "cm"}}, {"size": {"unit": "m"}}),
        ({}, {"a": 1}),
    ],
)
def test_different_lists_and_objects_are_not_the_same(shown_value: Any, sent_value: Any) -> None:
    """Lists that lost items, and objects with other or missing values, are not the same."""
    assert not is_same(shown_value, sent_value)


@pytest.mark.parametrize(
    ("shown_value", "sent_value"),
    [
        ("2024-01-15T10:00:00Z", "2024-01-15T12:00:00+02:00"),
        ("2024-01-15T10:00:00.123000Z", "2024-01-15T10:00:00.123456Z"),
        ("1.50", 1.5),
        ("text", " text "),
        ({"id": 7, "name": "Ada"}, 7),
        ({"a": 1, "b": None}, {"a": 1}),
        ({}, {"a": None}),
        (["b", "a"], ["a", "b"]),
        ([{"id": 1, "qty": 2}, {"id": 2, "qty": 1}], [{"qty": 1}, {"qty": 2}]),
        ([{"qty": 3}], [{"qty": 1}, {"qty": 2}]),
        ([{"text": "a", "qty": 3}], [{"text": "a", "qty": 1}, {"text": "a", "qty": 2}]),
        ("F47AC10B-58CC-4372-A567-0E02B2C3D479", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
    ],
)
def test_another_spelling_of_a_value_is_the_same(shown_value: Any, sent_value: Any) -> None:
    """Values that frameworks rewrite are the same: time zones, decimals, spaces, relations and
    sets.
    """
    assert is_same(shown_value, sent_value)


@pytest.mark.parametrize(
    ("shown_value", "sent_value"),
    [
        *[(None, "text"), (1, True), ([], ["a"]), ("text", "Text"), (None, ["a"])],
        *[({"a": 2}, {"a": 1}), ({}, {"a": 1})],
    ],
)
def test_another_value_is_not_the_same(shown_value: Any, sent_value: Any) -> None:
    """Null for a value, 1 for true, an empty list and other letter case are not the same."""
    assert not is_same(shown_value, sent_value)
