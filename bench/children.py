"""Fresh processes that measure themselves."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench.figures import CannotMeasure
from bench.pages import ROOT


def read_output(*arguments: str) -> str:
    """Return the output of a new Python process.

    Raises:
        CannotMeasure: it fails, or is not done after ten minutes.
    """
    command = [sys.executable, *arguments]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
        )
    except subprocess.TimeoutExpired:
        raise CannotMeasure(f"{' '.join(arguments)} was not done after ten minutes") from None
    if done.returncode:
        reason = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise CannotMeasure(reason[-1])
    return done.stdout


def report(*arguments: str) -> Any:
    """Return the output of a new Python process as JSON."""
    return json.loads(read_output(*arguments))
