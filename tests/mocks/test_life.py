"""Lifecycles of rows: consistent fields in each state, and transitions over time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.mock import Mock
from driftline.openapi import Spec, load
from driftline.openapi.extensions.rules import Lifecycle, parse_timestamp
from driftline.openapi.lint.rules import lint
from driftline.openapi.pointer import MISSING, follow
from driftline.openapi.schema.validation import list_violations
from mocks.calling import call
from mocks.conftest import SPECS

PHONE = """
openapi: 3.1.0
info: {title: Phone, version: "1"}
servers: [{url: "https://api.example.com", x-env: PHONE_BASE_URL}]
paths:
  /calls:
    get:
      operationId: call.list
      externalDocs: {url: "https://example.com/docs"}
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {name: state, in: query, schema: {type: string}}
      x-listing:
        items: ""
        id: /id
        page: {style: number, parameter: page, first: 1}
        size: {fixed: 500}
        filter: {state: {field: /state}}
      responses:
        "200":
          description: Some calls.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Call"}}
    post:
      operationId: call.create
      externalDocs: {url: "https://example.com/docs"}
      x-effect: {kind: create, of: call.list, item: ""}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewCall"}}}
      responses:
        "201":
          description: The call.
          content: {application/json: {schema: {$ref: "#/components/schemas/Call"}}}
components:
  schemas:
    NewCall:
      type: object
      properties:
        to: {type: string}
        state: {type: string}
    Call:
      type: object
      required: [id, begin]
      properties:
        id: {type: string, format: uuid}
        to: {type: string}
        state: {type: string, enum: [RINGING, TALKING, OVER, LOST]}
        begin: {type: integer}
        end: {type: [integer, "null"]}
        duration: {type: number}
        transcript: {type: string}
      x-lifecycle:
        field: /state
        states: [RINGING, TALKING, OVER]
        created: RINGING
        lasts: {TALKING: [20, 300]}
        adds: {OVER: [/end, /duration, /transcript]}
        begins: /begin
        ends: /end
        duration: /duration
        unit: s
"""


@pytest.fixture
def phone(tmp_path: Path) -> Spec:
    """Return the spec of an API of phone calls with a lifecycle."""
    path = tmp_path / "phone.yaml"
    path.write_text(PHONE)
    spec = load(path)
    assert lint(spec) == []
    return spec


def list_lifecycles(spec: Spec) -> Iterator[tuple[str, str, Lifecycle]]:
    """Yield each listing with the pointer of its row schema and its lifecycle."""
    for name, schema in spec.get_node("/components/schemas").items():
        keywords = schema.get("x-lifecycle")
        for operation in spec.operations:
            if keywords and operation.listing:
                yield operation.id, f"/components/schemas/{name}", Lifecycle.parse(keywords)


def parse_time(value: Any) -> float | None:
    return parse_timestamp(value) if isinstance(value, str) else value / 1000


def check_consistency(spec: Spec, schema: str, lifecycle: Lifecycle, row: dict[str, Any]) -> None:
    """Check that a row is valid and has the fields of its state but none of later states."""
    assert list_violations(spec, schema, row) == []
    state = follow(row, lifecycle.field)
    if state not in lifecycle.states:
        return
    has_come = True
    for earlier_state in lifecycle.states:
        for field in lifecycle.adds.get(earlier_state, ()):
            assert (follow(row, field) not in (None, MISSING)) is has_come, (state, field)
        has_come = has_come and earlier_state != state
    if state == lifecycle.states[-1] and lifecycle.begins and lifecycle.ends:
        if follow(row, lifecycle.begins) in (None, MISSING):
            return  # nothing to measure from
        begin, end = (
            parse_time(follow(row, lifecycle.begins)),
            parse_time(follow(row, lifecycle.ends)),
        )
        assert begin is not None
        assert end is not None
        assert begin <= end
        if lifecycle.duration:
            assert abs(follow(row, lifecycle.duration) / lifecycle.unit - (end - begin)) < 1


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if [*list_lifecycles(spec)]])
def test_rows_are_consistent_with_their_state(name: str, seed: int) -> None:
    """Rows are consistent with their state at first
    and after each step, and all reach the last state.
    """
    spec = SPECS[name]
    mock = Mock(spec, rows=60, seed=seed)
    for listing, schema, lifecycle in list_lifecycles(spec):
        for seconds in (0, 4, 10, 40, 400):
            mock.advance_clock(seconds)
            rows = [row["data"] for row in mock.snapshot()["listings"][listing]]
            assert len(rows) == 60
            for row in rows:
                check_consistency(spec, schema, lifecycle, row)
        assert {follow(row, lifecycle.field) for row in rows} & set(lifecycle.states) == {
            lifecycle.states[-1]
        }


def test_a_created_call_passes_through_its_states(phone: Spec) -> None:
    """A created call passes through its states and
    ends with an end, a duration and a transcript.
    """
    mock = Mock(phone, rows=0)
    created_call = call(mock, "POST", "/calls", body={"to": "me"}).parse_json()
    assert (created_call["state"], created_call["begin"] / 1000) == (
        "RINGING",
        mock.clock.read_now(),
    )
    history = [created_call]
    while history[-1]["state"] != "OVER":
        mock.advance_clock(1)
        (row,) = call(mock, "GET", "/calls").parse_json()
        (listed_call,) = call(mock, "GET", "/calls", query={"state": row["state"]}).parse_json()
        assert listed_call == row
        history.append(row)
    assert list(dict.fromkeys(row["state"] for row in history)) == ["RINGING", "TALKING", "OVER"]
    assert {row["begin"] for row in history} == {created_call["begin"]}
    assert all("transcript" not in row for row in history[:-1])
    last = history[-1]
    assert last["transcript"]
    assert abs((last["end"] - last["begin"]) / 1000 - last["duration"]) < 1
    assert 3 + 20 <= len(history) <= 15 + 300 + 1
    mock.advance_clock(1000)
    assert call(mock, "GET", "/calls").parse_json() == [last]


@given(st.lists(st.floats(0, 100), max_size=12))
@settings(max_examples=count_examples(25), deadline=None)
def test_many_clock_steps_equal_one_step(steps: list[float]) -> None:
    """Advancing the clock in any steps gives the same rows as one step."""
    (spec,) = SPECS_IN_USE
    mocks = [Mock(spec, rows=10) for _ in range(2)]
    for mock in mocks:
        call(mock, "POST", "/calls", body={"to": "me"})
    for seconds in steps:
        mocks[0].advance_clock(seconds)
    mocks[1].advance_clock(sum(steps))
    for one_step_row, many_steps_row in zip(
        *(mock.snapshot()["listings"]["call.list"] for mock in mocks), strict=True
    ):
        assert one_step_row["data"] == many_steps_row["data"]


SPECS_IN_USE: list[Spec] = []


@pytest.fixture(autouse=True)
def _shared(phone: Spec) -> None:
    SPECS_IN_USE[:] = [phone]


def test_the_clock_stops_or_follows_real_time_at_its_speed(phone: Spec) -> None:
    """The clock follows real time times its speed, and stands still while stopped."""
    seconds = [1000.0]
    mock = Mock(phone, rows=0)
    mock.clock = attrs.evolve(mock.clock, real=lambda: seconds[0])
    first = mock.clock.read_now()
    call(mock, "POST", "/calls", body={})
    seconds[0] += 5000
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "RINGING"
    mock.clock.run(10)
    seconds[0] += 1.6
    assert mock.clock.read_now() == first + 16
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "TALKING"
    mock.clock.stop()
    seconds[0] += 5000
    assert (mock.clock.read_now(), mock.clock.speed) == (first + 16, 0)
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "TALKING"
    mock.clock.run()
    seconds[0] += 300
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "OVER"
    mock.reset()
    assert (mock.clock.read_now(), mock.clock.speed) == (first, 0)


def test_a_state_set_by_the_request_is_kept(phone: Spec) -> None:
    """A state set by the request is kept, and the lifecycle continues from it."""
    mock = Mock(phone, rows=0)
    talking_call = call(mock, "POST", "/calls", body={"state": "TALKING"}).parse_json()
    assert (talking_call["state"], "end" in talking_call and talking_call["end"] is not None) == (
        "TALKING",
        False,
    )
    lost_call = call(mock, "POST", "/calls", body={"state": "LOST"}).parse_json()
    mock.advance_clock(301)
    rows = {row["id"]: row for row in call(mock, "GET", "/calls").parse_json()}
    assert rows[talking_call["id"]]["state"] == "OVER"
    assert rows[lost_call["id"]] == lost_call


def test_mocks_that_share_a_file_share_its_clock(phone: Spec, tmp_path: Path) -> None:
    """Mocks that share a file share its clock, and a snapshot keeps the times of transitions."""
    first, second = (Mock(phone, rows=0, db=tmp_path / "rows.db") for _ in range(2))
    call(first, "POST", "/calls", body={})
    snapshot = first.snapshot()
    second.advance_clock(15)
    assert first.clock.read_now() == second.clock.read_now()
    assert call(first, "GET", "/calls").parse_json()[0]["state"] == "TALKING"
    third = Mock(phone, rows=0)
    third.load(snapshot)
    third.advance_clock(15)
    assert call(third, "GET", "/calls").body == call(first, "GET", "/calls").body
    first.close()
    second.close()


WRONG_LIFECYCLES = [
    ("field: /state", "field: /mood", "x-lifecycle points to '/mood'"),
    (
        "[RINGING, TALKING, OVER]",
        "[RINGING, TALKING, DONE]",
        "x-lifecycle state 'DONE' is not a valu",
    ),
    ("adds: {OVER:", "adds: {GONE:", "adds fields in 'GONE', which is not one of its states"),
    ("created: RINGING", "created: GONE", "creates rows in 'GONE', which is not one of its states"),
    ("/transcript]", "/words]", "x-lifecycle points to '/words'"),
]


@pytest.mark.parametrize(
    ("old", "new", "expected_problem"), WRONG_LIFECYCLES, ids=[case[1] for case in WRONG_LIFECYCLES]
)
def test_lint_reports_an_inconsistent_lifecycle(
    tmp_path: Path, old: str, new: str, expected_problem: str
) -> None:
    """`driftline lint` reports each inconsistency of a lifecycle."""
    path = tmp_path / "phone.yaml"
    assert old in PHONE
    path.write_text(PHONE.replace(old, new))
    problems = [str(problem) for problem in lint(load(path))]
    assert any(expected_problem in problem for problem in problems), problems
