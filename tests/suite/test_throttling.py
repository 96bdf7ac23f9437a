"""The suite waits for servers that throttle, and documented throttling is not a finding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.openapi import Operation, Spec
from driftline.project import Project
from driftline.suite.http.session import ATTEMPTS, MOST_FAILURES, BudgetExhausted, Session
from driftline.suite.http.target import Target
from driftline.suite.run import run_suite

ROOT = Path(__file__).resolve().parents[2]
BODY = b'{"message": "slow down"}'
JSON = ("Content-Type", "application/json")


class Throttling:
    """A mock that responds with 429 to the first request and then to one in `interval`."""

    def __init__(self, mock: Mock, interval: int, *headers: tuple[str, str]) -> None:
        self.mock, self.every, self.headers = mock, interval, (JSON, *headers)
        self.requests = 0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests += 1
        if self.requests % self.every == 1 % self.every:
            return HttpResponse(429, self.headers, BODY)
        return self.mock.handle(request)

    def reset(self) -> None:
        self.mock.reset()


def find_listing(spec: Spec) -> Operation:
    return next(operation for operation in spec.operations if operation.listing)


@pytest.mark.parametrize("headers", [(("Retry-After", "3"),), ()], ids=["with a wait", "without"])
def test_documented_throttling_is_not_a_finding(headers: Any, specs: dict[str, Spec]) -> None:
    """Every check sends throttled requests again and has no findings."""
    spec = specs["revox"]
    throttling = Throttling(Mock(spec), 5, *headers)
    checks = run_suite(Project(ROOT), [spec], handles={spec.name: throttling})
    assert [finding for check in checks for finding in check.findings] == []
    assert {check.outcome for check in checks} == {"passed"}


@pytest.mark.parametrize(
    ("headers", "pauses"),
    [((("Retry-After", "7"),), [7.0, 7.0]), ((("Retry-After", "3600"),), []), ((), [])],
    ids=["seconds", "too long", "not said"],
)
def test_retry_after_of_a_live_server_is_followed(
    headers: Any, pauses: list[float], specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live server's Retry-After is followed up to a limit, and each attempt is counted."""
    spec = specs["revox"]
    naps: list[float] = []
    session = open_live_session(spec, Throttling(Mock(spec), 1, *headers), monkeypatch, naps.append)
    with session, pytest.raises(BudgetExhausted, match="429"):
        session.send(find_listing(spec), {"page": 1, "page_size": 5})
    assert naps == pauses
    assert session.sent_count == len(pauses) + 1 <= ATTEMPTS


def test_the_response_after_the_wait_is_checked(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A throttled request to a live server is sent again, and both responses are checked."""
    spec = specs["revox"]
    mock, naps = Mock(spec), list[float]()
    session = open_live_session(
        spec, Throttling(mock, 9, ("Retry-After", "2")), monkeypatch, naps.append
    )
    with session:
        assert session.send(find_listing(spec), {"page": 1, "page_size": 5}).ok
        assert [exchange.status for exchange in session.take()] == [429, 200]
    assert naps == [2.0]


def test_a_server_that_only_throttles_gets_no_more_requests(
    specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three throttled requests in a row, a live server gets no more requests."""
    spec = specs["revox"]
    throttling = Throttling(Mock(spec), 1, ("Retry-After", "1"))
    session = open_live_session(spec, throttling, monkeypatch, list[float]().append)
    with session:
        for _ in range(MOST_FAILURES + 2):
            with pytest.raises(BudgetExhausted, match="429"):
                session.send(find_listing(spec), {"page": 1, "page_size": 5})
    assert throttling.requests == MOST_FAILURES * ATTEMPTS


def open_live_session(
    spec: Spec,
    handle: Callable[[HttpRequest], HttpResponse],
    monkeypatch: pytest.MonkeyPatch,
    sleep: Callable[[float], None],
) -> Session:
    """Return a session that treats `handle` as a live server and calls `sleep` to wait."""
    target = Target.mock(spec, handle=handle)
    monkeypatch.setattr(Target, "is_mock", False)
    return Session(target, rate=1000, sleep=sleep)
