"""Imports of packages whose extra is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("missing", "statement", "extra"),
    [
        ("yaml", "from driftline.openapi import load", "spec"),
        ("yaml", "from driftline.mock import Mock", "mock"),
        ("faker", "from driftline.mock import Mock", "mock"),
    ],
)
def test_a_failed_import_names_the_extra_to_install(
    missing: str, statement: str, extra: str
) -> None:
    """A program that imports the mock or a spec without its extra sees what to install."""
    program = f"import sys; sys.modules[{missing!r}] = None; {statement}"
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    hint = f"Install driftline again with the extra {extra!r}, from where you installed it."
    assert process.stderr.splitlines()[-1] == hint
    assert process.stderr.count("Install") == 1
