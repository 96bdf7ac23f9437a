"""The specs that the mock is tested with: those of this project and some of other APIs."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.openapi import Spec, load

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "specs").glob("*.yaml"), *(ROOT / "tests/acceptance/specs").iterdir()])
SPECS = {path.stem: load(path) for path in FILES if path.suffix in {".yaml", ".json"}}


@pytest.fixture(params=SPECS)
def spec(request: pytest.FixtureRequest) -> Spec:
    """Return each of the specs."""
    return SPECS[request.param]


@pytest.fixture
def roark() -> Spec:
    return SPECS["roark"]


@pytest.fixture
def pets() -> Spec:
    return SPECS["pet-store"]
