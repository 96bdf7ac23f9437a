"""The lives of rows: what belongs together in each state, and how time brings them on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
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
    """An API that calls somebody."""
    path = tmp_path / "phone.yaml"
    path.write_text(PHONE)
    spec = load(path)
    assert lint(spec) == []
    return spec


def lives(spec: Spec) -> Iterator[tuple[str, str, Lifecycle]]:
    """The listings of a spec with the pointers of their rows' schemas, and what is told of them."""
    for name, schema in spec.get_node("/components/schemas").items():
        told = schema.get("x-lifecycle")
        for operation in spec.operations:
            if told and operation.listing:
                yield operation.id, f"/components/schemas/{name}", Lifecycle.parse(told)


def moment(value: Any) -> float | None:
    return parse_timestamp(value) if isinstance(value, str) else value / 1000


def consistent(spec: Spec, schema: str, words: Lifecycle, row: dict[str, Any]) -> None:
    """The row has what belongs to its state, nothing that belongs to a later one, and is valid."""
    assert list_violations(spec, schema, row) == []
    state = follow(row, words.field)
    if state not in words.states:
        return
    has_come = True
    for each in words.states:
        for field in words.adds.get(each, ()):
            assert (follow(row, field) not in (None, MISSING)) is has_come, (state, field)
        has_come = has_come and each != state
    if state == words.states[-1] and words.begins and words.ends:
        if follow(row, words.begins) in (None, MISSING):
            return  # nothing to measure from
        begin, end = moment(follow(row, words.begins)), moment(follow(row, words.ends))
        assert begin is not None
        assert end is not None
        assert begin <= end
        if words.duration:
            assert abs(follow(row, words.duration) / words.unit - (end - begin)) < 1


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if [*lives(spec)]])
def test_what_a_call_has_belongs_to_its_state(name: str, seed: int) -> None:
    """At first, and after each of some steps, at the end of which all have come to the last one."""
    spec = SPECS[name]
    mock = Mock(spec, rows=60, seed=seed)
    for listing, schema, words in lives(spec):
        for seconds in (0, 4, 10, 40, 400):
            mock.advance_clock(seconds)
            rows = [row["data"] for row in mock.snapshot()["listings"][listing]]
            assert len(rows) == 60
            for row in rows:
                consistent(spec, schema, words, row)
        assert {follow(row, words.field) for row in rows} & set(words.states) == {words.states[-1]}


def test_a_created_call_rings_is_answered_and_ends(phone: Spec) -> None:
    """By steps: a begin from the first, and at the end an end, a duration and a transcript."""
    mock = Mock(phone, rows=0)
    made = call(mock, "POST", "/calls", body={"to": "me"}).parse_json()
    assert (made["state"], made["begin"] / 1000) == ("RINGING", mock.clock.read_now())
    seen = [made]
    while seen[-1]["state"] != "OVER":
        mock.advance_clock(1)
        (row,) = call(mock, "GET", "/calls").parse_json()
        (shown,) = call(mock, "GET", "/calls", query={"state": row["state"]}).parse_json()
        assert shown == row
        seen.append(row)
    assert list(dict.fromkeys(row["state"] for row in seen)) == ["RINGING", "TALKING", "OVER"]
    assert {row["begin"] for row in seen} == {made["begin"]}
    assert all("transcript" not in row for row in seen[:-1])
    last = seen[-1]
    assert last["transcript"]
    assert abs((last["end"] - last["begin"]) / 1000 - last["duration"]) < 1
    assert 3 + 20 <= len(seen) <= 15 + 300 + 1
    mock.advance_clock(1000)
    assert call(mock, "GET", "/calls").parse_json() == [last]


@given(st.lists(st.floats(0, 100), max_size=12))
@settings(max_examples=25, deadline=None)
def test_many_steps_lead_where_one_does(steps: list[float]) -> None:
    """However time is cut, and in whichever state a call is then."""
    (spec,) = SHARED
    mocks = [Mock(spec, rows=10) for _ in range(2)]
    for mock in mocks:
        call(mock, "POST", "/calls", body={"to": "me"})
    for seconds in steps:
        mocks[0].advance_clock(seconds)
    mocks[1].advance_clock(sum(steps))
    for one, other in zip(
        *(mock.snapshot()["listings"]["call.list"] for mock in mocks), strict=True
    ):
        assert one["data"] == other["data"]


SHARED: list[Spec] = []


@pytest.fixture(autouse=True)
def _shared(phone: Spec) -> None:
    SHARED[:] = [phone]


def test_the_clock_stands_runs_and_runs_faster(phone: Spec) -> None:
    """By real time times its speed; while it stands, nothing moves."""
    now = [1000.0]
    mock = Mock(phone, rows=0)
    mock.clock = attrs.evolve(mock.clock, real=lambda: now[0])
    first = mock.clock.read_now()
    call(mock, "POST", "/calls", body={})
    now[0] += 5000
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "RINGING"
    mock.clock.run(10)
    now[0] += 1.6
    assert mock.clock.read_now() == first + 16
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "TALKING"
    mock.clock.stop()
    now[0] += 5000
    assert (mock.clock.read_now(), mock.clock.speed) == (first + 16, 0)
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "TALKING"
    mock.clock.run()
    now[0] += 300
    assert call(mock, "GET", "/calls").parse_json()[0]["state"] == "OVER"
    mock.reset()
    assert (mock.clock.read_now(), mock.clock.speed) == (first, 0)


def test_what_was_sent_is_not_changed(phone: Spec) -> None:
    """A state that the request chose stays, and the call goes on from there."""
    mock = Mock(phone, rows=0)
    made = call(mock, "POST", "/calls", body={"state": "TALKING"}).parse_json()
    assert (made["state"], "end" in made and made["end"] is not None) == ("TALKING", False)
    lost = call(mock, "POST", "/calls", body={"state": "LOST"}).parse_json()
    mock.advance_clock(301)
    rows = {row["id"]: row for row in call(mock, "GET", "/calls").parse_json()}
    assert rows[made["id"]]["state"] == "OVER"
    assert rows[lost["id"]] == lost


def test_the_clock_is_one_for_all_who_share_a_file(phone: Spec, tmp_path: Path) -> None:
    """And a snapshot says when its calls move on."""
    one, other = (Mock(phone, rows=0, db=tmp_path / "rows.db") for _ in range(2))
    call(one, "POST", "/calls", body={})
    kept = one.snapshot()
    other.advance_clock(15)
    assert one.clock.read_now() == other.clock.read_now()
    assert call(one, "GET", "/calls").parse_json()[0]["state"] == "TALKING"
    third = Mock(phone, rows=0)
    third.load(kept)
    third.advance_clock(15)
    assert call(third, "GET", "/calls").body == call(one, "GET", "/calls").body
    one.close()
    other.close()


WRONG = [
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


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[wrong[1] for wrong in WRONG])
def test_a_life_that_no_row_can_have_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    """By `driftline lint`, each with its place."""
    path = tmp_path / "phone.yaml"
    assert old in PHONE
    path.write_text(PHONE.replace(old, new))
    problems = [str(problem) for problem in lint(load(path))]
    assert any(said in problem for problem in problems), problems
