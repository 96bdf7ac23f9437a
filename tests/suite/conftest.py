"""Specs, mocks and sessions for the tests of the contract suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from driftline import openapi
from driftline.checks.finding import Check
from driftline.mock import Mock
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.run import run_suite

ROOT = Path(__file__).resolve().parents[2]
APIS = ("revox", "roark", "zudu")


@pytest.fixture(scope="session")
def specs() -> dict[str, Spec]:
    """Load the project's own specs, by name."""
    return {path.stem: openapi.load(path) for path in openapi.find(ROOT / "specs")}


@pytest.fixture(scope="session")
def roark(specs: dict[str, Spec]) -> Spec:
    return specs["roark"]


@pytest.fixture(scope="session")
def check_right_mock(specs: dict[str, Spec]) -> Callable[[str, int], list[Check]]:
    """Return a function that runs the suite against an API's correct mock, once for each seed."""
    return cache(lambda api, seed: run_suite(Project(ROOT), [specs[api]], seed=seed))


@pytest.fixture
def open_session(roark: Spec) -> Iterator[Callable[..., Session]]:
    """Return a function that opens a session with roark's mock, with a fault if one is passed."""
    sessions: list[Session] = []

    def open_session(fault: Callable[..., object] | None = None, seed: int = 0) -> Session:
        mock = Mock(roark, seed=seed)
        handle = fault(mock.handle) if fault else mock.handle
        session = Session(Target.mock(roark, seed=seed, handle=handle))
        sessions.append(session)
        return session

    yield open_session
    for session in sessions:
        session.close()
