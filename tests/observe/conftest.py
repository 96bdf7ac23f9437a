"""Specs and mocks for the tests of recorded traffic."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from driftline.mock import Mock
from driftline.observe import run
from driftline.openapi import Spec, load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", autouse=True)
def _specs_are_read_once() -> Iterator[None]:
    """Cache loaded specs, as loading takes longer than judging a small recording."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "load", cache(load))
        yield


@pytest.fixture(scope="session")
def roark() -> Spec:
    return load(ROOT / "specs" / "roark.yaml")


@pytest.fixture
def mock(roark: Spec) -> Mock:
    return Mock(roark, rows=30)
