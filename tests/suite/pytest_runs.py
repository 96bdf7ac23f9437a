"""Runs `pytest` on a contract suite in a process of its own, as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from .conftest import ROOT

__all__ = ["run_pytest"]


def run_pytest(
    *arguments: str, environ: Mapping[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """`pytest contract_tests` in `folder`, without what the caller's own run has set."""
    command = [sys.executable, "-m", "pytest", "contract_tests", "-q", "-p", "no:cacheprovider"]
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={**surroundings, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
