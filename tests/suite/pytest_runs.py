"""Runs `pytest` on a contract suite in a separate process, as a user does."""

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
    """Run `pytest contract_tests` in `folder`, without the variables of the current pytest run."""
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
