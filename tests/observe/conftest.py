"""Specs and mocks for the tests of passive runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.mock import Mock
from driftline.spec import Spec, load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def roark() -> Spec:
    return load(ROOT / "specs" / "roark.yaml")


@pytest.fixture
def mock(roark: Spec) -> Mock:
    return Mock(roark, rows=30)
