"""One client for all tests of client changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from driftline.generate import generate
from driftline.openapi import load
from driftline.project import Project

SPEC = Path(__file__).parents[1] / "openapi" / "shop.yaml"


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of the generated client."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "specs").mkdir()
    shutil.copy(SPEC, folder / "specs")
    generate(Project(folder), [load(folder / "specs" / "shop.yaml")])
    return folder / "generated"
