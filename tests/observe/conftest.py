"""Specs and mocks for the tests of passive runs."""

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
    """Reading a spec takes longer than judging a small recording by it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "load", cache(load))
        yield


@pytest.fixture(scope="session")
def roark() -> Spec:
    return load(ROOT / "specs" / "roark.yaml")


@pytest.fixture
def mock(roark: Spec) -> Mock:
    return Mock(roark, rows=30)
