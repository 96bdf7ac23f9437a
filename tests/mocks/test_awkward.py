"""Specs with unusual schemas: the mock generates valid responses, or explains why it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from driftline.mock import Mock
from driftline.mock.fake.repair import repair_value
from driftline.openapi import load
from driftline.openapi.schema.validation import list_violations
from mocks.calling import call

SPEC = load(Path(__file__).parent / "specs" / "awkward.yaml")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "at", "name", "card", "bank", "links", "size", "kinds"]), inner
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("path", ["nested", "either", "wrong-example", "closed", "short", "code"])
def test_a_response_is_valid_for_awkward_schemas(path: str, seed: int) -> None:
    """Nested `allOf`, `anyOf` with siblings, a wrong example,
    a closed object and short limits give valid responses.
    """
    operation = next(operation for operation in SPEC.operations if operation.path == f"/{path}")
    response = call(Mock(SPEC, seed=seed), "GET", f"/{path}")
    assert operation.success is not None
    assert operation.success.json is not None
    assert response.status == 200
    assert list_violations(SPEC, operation.success.json.schema_pointer, response.parse_json()) == []


def test_a_schema_that_allows_no_value_is_a_501() -> None:
    """A schema that allows no value gives a 501 response with the location of the schema."""
    response = call(Mock(SPEC), "GET", "/none")
    assert response.status == 501
    assert response.get_header("Content-Type") == "application/problem+json"
    assert "this operation cannot be mocked" in response.parse_json()["detail"]
    assert "awkward.yaml:" in response.parse_json()["detail"]


def test_a_rejection_without_a_documented_body_is_a_problem() -> None:
    """The response has the documented status and a body as in RFC 9457."""
    response = call(Mock(SPEC), "GET", "/none-refused")
    assert response.status == 400
    assert "size" in response.parse_json()["detail"]


@given(value=JSON, name=st.sampled_from(["Nested", "Either", "Closed", "Short", "Impossible"]))
def test_a_repair_never_adds_violations(value: Any, name: str) -> None:
    """`repair_value` reduces the violations or
    returns the value unchanged, and never mutates it.
    """
    pointer = f"/components/schemas/{name}"
    before, original = list_violations(SPEC, pointer, value), repr(value)
    repaired, violations = repair_value(SPEC, pointer, value)
    assert violations == list_violations(SPEC, pointer, repaired)
    assert len(violations) < len(before) or repaired == value
    assert repr(value) == original


def test_a_deleted_resource_is_404_with_those_below_it() -> None:
    """A deleted resource and those below it return
    404 until it is put again or the mock is reset.
    """
    mock = Mock(SPEC)

    def request_status(method: str, path: str) -> int:
        body = {"count": 1} if method == "PUT" else None
        return call(mock, method, path, body=body).status

    assert request_status("DELETE", "/things/7") == 204
    assert request_status("DELETE", "/things/7/") == 204
    assert [request_status("GET", "/things/7"), request_status("GET", "/things/7/parts")] == [
        404,
        404,
    ]
    assert [request_status("GET", "/things/8"), request_status("GET", "/things/7/notes")] == [
        200,
        200,
    ]
    assert [request_status("PUT", "/things/7"), request_status("GET", "/things/7/parts")] == [
        200,
        200,
    ]
    assert [request_status("DELETE", "/things/7"), request_status("GET", "/things/7")] == [204, 404]
    mock.reset()
    assert request_status("GET", "/things/7") == 200


@pytest.mark.parametrize(("count", "status"), [(2**63 - 1, 200), (2**63, 422), (-(2**63) - 1, 422)])
def test_an_integer_that_does_not_fit_its_format_is_rejected(count: int, status: int) -> None:
    """An integer that does not fit in its format is
    rejected with the documented status, here 422.
    """
    assert call(Mock(SPEC), "PUT", "/things/1", body={"count": count}).status == status


def test_an_integer_that_exceeds_int32_violates_format() -> None:
    """An integer that exceeds int32 violates `format`; the limits themselves are valid."""
    operation = SPEC.find_operation("thing.read")
    assert operation is not None
    assert operation.success is not None
    assert operation.success.json is not None
    schema_pointer = operation.success.json.schema_pointer
    (violation,) = list_violations(SPEC, schema_pointer, {"size": 2**31})
    assert (violation.keyword, violation.path, violation.expected) == ("format", "/size", "int32")
    assert list_violations(SPEC, schema_pointer, {"size": 2**31 - 1}) == []
    assert list_violations(SPEC, schema_pointer, {"size": -(2**31)}) == []
