"""Specs that are hard to follow: the mock makes what they allow, and says where that is nothing."""

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
def test_an_answer_is_what_the_schema_allows(path: str, seed: int) -> None:
    """Nested allOf, properties beside anyOf, a wrong example, a closed object, names too long."""
    operation = next(each for each in SPEC.operations if each.path == f"/{path}")
    answer = call(Mock(SPEC, seed=seed), "GET", f"/{path}")
    assert operation.success is not None
    assert operation.success.json is not None
    assert answer.status == 200
    assert list_violations(SPEC, operation.success.json.schema_pointer, answer.parse_json()) == []


def test_where_nothing_is_allowed_the_answer_says_so() -> None:
    """501, with the clause's place in the document: no crash, and nothing that breaks the spec."""
    answer = call(Mock(SPEC), "GET", "/none")
    assert answer.status == 501
    assert answer.get_header("Content-Type") == "application/problem+json"
    assert "this operation cannot be mocked" in answer.parse_json()["detail"]
    assert "awkward.yaml:" in answer.parse_json()["detail"]


def test_a_refusal_that_the_spec_allows_no_body_for_is_a_problem() -> None:
    """The status is the documented one, the body that of RFC 9457."""
    answer = call(Mock(SPEC), "GET", "/none-refused")
    assert answer.status == 400
    assert "size" in answer.parse_json()["detail"]


@given(value=JSON, name=st.sampled_from(["Nested", "Either", "Closed", "Short", "Impossible"]))
def test_mending_never_makes_it_worse(value: Any, name: str) -> None:
    """What is right stays, what is wrong has fewer faults or stays; the value given is kept."""
    pointer = f"/components/schemas/{name}"
    before, kept = list_violations(SPEC, pointer, value), repr(value)
    made, left = repair_value(SPEC, pointer, value)
    assert left == list_violations(SPEC, pointer, made)
    assert len(left) < len(before) or made == value
    assert repr(value) == kept


def test_what_was_deleted_is_gone_with_all_below_it() -> None:
    """Without an effect too: 404 where it is documented, until it is put back or all is reset."""
    mock = Mock(SPEC)

    def status(method: str, path: str) -> int:
        body = {"count": 1} if method == "PUT" else None
        return call(mock, method, path, body=body).status

    assert status("DELETE", "/things/7") == 204
    assert status("DELETE", "/things/7/") == 204
    assert [status("GET", "/things/7"), status("GET", "/things/7/parts")] == [404, 404]
    assert [status("GET", "/things/8"), status("GET", "/things/7/notes")] == [200, 200]
    assert [status("PUT", "/things/7"), status("GET", "/things/7/parts")] == [200, 200]
    assert [status("DELETE", "/things/7"), status("GET", "/things/7")] == [204, 404]
    mock.reset()
    assert status("GET", "/things/7") == 200


@pytest.mark.parametrize(("count", "status"), [(2**63 - 1, 200), (2**63, 422), (-(2**63) - 1, 422)])
def test_whole_numbers_have_a_width(count: int, status: int) -> None:
    """A number that does not fit in int64 is rejected; 422 is documented for that, 400 is not."""
    assert call(Mock(SPEC), "PUT", "/things/1", body={"count": count}).status == status


def test_an_answer_with_a_number_too_wide_breaks_the_clause_of_its_format() -> None:
    """The clause that is named is `format`; texts keep theirs."""
    operation = SPEC.find_operation("thing.read")
    assert operation is not None
    assert operation.success is not None
    assert operation.success.json is not None
    place = operation.success.json.schema_pointer
    (found,) = list_violations(SPEC, place, {"size": 2**31})
    assert (found.keyword, found.path, found.expected) == ("format", "/size", "int32")
    assert list_violations(SPEC, place, {"size": 2**31 - 1}) == []
    assert list_violations(SPEC, place, {"size": -(2**31)}) == []
