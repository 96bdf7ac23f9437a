"""A user who runs commands, each in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from driftline.checks import Finding
from driftline.report import parse_findings

__all__ = ["User"]


@attrs.define
class User:
    """A user at a terminal; `seconds` is the CPU time of each command and its child processes."""

    folder: Path
    variables: Mapping[str, str]
    seconds: list[tuple[str, float]] = attrs.Factory(list[tuple[str, float]])

    def run(self, *arguments: str) -> tuple[int, str]:
        start_seconds = read_cpu_time()
        process = subprocess.run(
            [sys.executable, "-m", "driftline", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        self.seconds.append((arguments[0], read_cpu_time() - start_seconds))
        return process.returncode, process.stdout + process.stderr

    def check(self, api: str) -> tuple[int, Sequence[Finding]]:
        code, _ = self.run("check", api, "--url", api, "--report", "report")
        data = json.loads((self.folder / "report" / "report.json").read_text())
        return code, parse_findings(data)


def read_cpu_time() -> float:
    """Return the CPU seconds of all child processes that have ended."""
    usage = os.times()
    return usage.children_user + usage.children_system
