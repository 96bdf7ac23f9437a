"""The soak test: correct responses pass, and each kind of fault is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.soak.asking import Question
from bench.soak.ledger import ClientOutcome, Ledger
from bench.soak.run import soak
from bench.soak.served import Line

CREATE_QUESTION = Question(
    7, "roark", "/v1/call", method="POST", body={"properties": {"soak": "7"}}
)
PAGE = Question(8, "roark", "/v1/call")
CREATED_ROW = {"data": {"id": "a"}}
ROW = {"id": "a", "properties": {"soak": "7"}}


def test_a_killed_mock_loses_no_call(tmp_path: Path) -> None:
    """A short run with one killed mock loses no call and reports no fault."""
    messages: list[str] = []
    result = soak(tmp_path, 4, 1, 40, messages.append)
    # So short a run says nothing of memory.
    assert [fault for fault in result.faults if not fault.startswith("memory")] == []
    assert result.requests > 20
    assert result.created > 250
    assert len(messages) == 1


@pytest.mark.parametrize(
    ("outcome", "line", "faults"),
    [
        (ClientOutcome(PAGE, 200), Line(200, ()), 0),
        (ClientOutcome(PAGE, 503), Line(503, ("roark: 503",)), 0),
        (ClientOutcome(PAGE, 503), Line(503, ()), 1),
        (ClientOutcome(PAGE, None, error="ReadError"), Line(None, ("reset=body",)), 0),
        (ClientOutcome(PAGE, None, error="ReadError"), Line(200, ()), 1),
        (ClientOutcome(PAGE, None, error="ReadError", at_kill=True), Line(200, ()), 0),
        (ClientOutcome(PAGE, 404), Line(404, ()), 1),
    ],
)
def test_a_failure_that_no_rule_explains_is_a_fault(
    outcome: ClientOutcome, line: Line, faults: int
) -> None:
    """A failure that no rule or kill explains is a fault."""
    ledger = Ledger({8: [line]})
    ledger.judge(outcome)
    assert len(ledger.faults) == faults


def test_a_reset_after_a_response_may_lose_the_next_request() -> None:
    """A lost request after `reset=after` is not a fault if the mock never read it."""
    outcome = ClientOutcome(PAGE, None, error="ReadError", before=6)
    reset = [Line(200, ("reset=after",))]
    for lines, faults in (({6: reset}, 0), ({6: reset, 8: [Line(200, ())]}, 1), ({}, 1)):
        ledger = Ledger(lines)
        ledger.judge(outcome)
        assert len(ledger.faults) == faults


def test_two_log_lines_for_one_request_are_a_fault() -> None:
    """Two log lines for one request are a fault."""
    ledger = Ledger({8: [Line(200, ()), Line(200, ())]})
    ledger.judge(ClientOutcome(PAGE, 200))
    assert ledger.faults == ["answered 2 times: request 8, GET roark/v1/call: 200"]


@pytest.mark.parametrize(
    ("outcome", "line", "rows", "expected_fault"),
    [
        (ClientOutcome(CREATE_QUESTION, 200, CREATED_ROW), Line(200, ()), [ROW], None),
        (ClientOutcome(CREATE_QUESTION, 200, CREATED_ROW), Line(200, ()), [], "lost"),
        (
            ClientOutcome(CREATE_QUESTION, 200, CREATED_ROW),
            Line(200, ()),
            [ROW, {**ROW, "id": "b"}],
            "created 2 times",
        ),
        (
            ClientOutcome(CREATE_QUESTION, 200, CREATED_ROW),
            Line(200, ()),
            [ROW, ROW],
            "call a is listed 2 times",
        ),
        (ClientOutcome(CREATE_QUESTION, 503), Line(503, ("503",)), [], None),
        (ClientOutcome(CREATE_QUESTION, 503), Line(503, ("503",)), [ROW], "created, and refused"),
        (
            ClientOutcome(CREATE_QUESTION, None, error="ReadError"),
            Line(None, ("reset=before",)),
            [ROW],
            None,
        ),
        (
            ClientOutcome(CREATE_QUESTION, None, error="ReadError"),
            Line(None, ("reset=before",)),
            [],
            "and lost",
        ),
        (ClientOutcome(CREATE_QUESTION, None, error="ReadError"), None, [], None),
        (ClientOutcome(CREATE_QUESTION, None, error="ReadError"), None, [ROW], None),
        (ClientOutcome(PAGE, 200), Line(200, ()), [ROW], "never asked for"),
    ],
)
def test_an_executed_create_is_listed_once(
    outcome: ClientOutcome,
    line: Line | None,
    rows: list[dict[str, object]],
    expected_fault: str | None,
) -> None:
    """An executed create is listed once, and a rejected one is not listed."""
    ledger = Ledger({outcome.question.number: [line]} if line else {})
    ledger.note(outcome)
    ledger.check_rows(rows)
    assert (expected_fault in ledger.faults[0]) if expected_fault else ledger.faults == []
