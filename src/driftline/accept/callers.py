"""The lines of client code that no longer type-check with a changed client."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import attrs

from driftline.errors import Location
from driftline.printable import make_printable
from driftline.project import Project

_LINE: Final = re.compile(r"(.+?):(\d+):(?:\d+:)? error: (.*)")


@attrs.frozen
class CallSite:
    """A line of client code, and the error of mypy."""

    location: Location
    message: str


def find_broken_calls(
    project: Project, clients: Path, callers: Sequence[Path]
) -> tuple[tuple[CallSite, ...] | None, str]:
    """Return the errors that the code has with `clients`, but not with the current clients.

    If mypy cannot run, return None and the reason.
    """
    if find_spec("mypy") is None:
        return None, "mypy is not installed; run: pip install mypy"
    before = _list_errors(project, project.generated, callers)
    after = _list_errors(project, clients, callers)
    if isinstance(before, str) or isinstance(after, str):
        return None, before if isinstance(before, str) else str(after)
    earlier_counts = Counter(before)
    sites: list[CallSite] = []
    for site in after:
        if earlier_counts[site]:
            earlier_counts[site] -= 1
        else:
            sites.append(site)
    return tuple(sites), ""


def _list_errors(project: Project, clients: Path, callers: Sequence[Path]) -> list[CallSite] | str:
    """Run mypy with the project's settings and cache; return the errors, or why it failed."""
    options = ["--no-error-summary", "--no-pretty", "--hide-error-context"]
    code, output = run_mypy(
        project, clients, [*options, *(str(path.resolve()) for path in callers)]
    )
    if code > 1:
        line = output.strip().partition("\n")[0]
        return f"mypy could not run: {make_printable(line)}"
    return list(_parse_errors(output, clients))


def run_mypy(project: Project, clients: Path, arguments: Sequence[str]) -> tuple[int, str]:
    """Run mypy with the settings of the project; return its exit code and output."""
    search_path = os.pathsep.join(filter(None, (str(clients), os.environ.get("MYPYPATH"))))
    completed = subprocess.run(  # noqa: S603 - no shell; the paths are the caller's own
        [sys.executable, "-m", "mypy", *arguments],
        cwd=project.root,
        env={**os.environ, "MYPYPATH": search_path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return completed.returncode, completed.stdout or completed.stderr


def _parse_errors(output: str, clients: Path) -> list[CallSite]:
    sites: list[CallSite] = []
    for line in output.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or Path(match[1]).resolve().is_relative_to(clients.resolve()):
            continue
        location = Location(Path(match[1]), int(match[2]), "")
        sites.append(CallSite(location, make_printable(match[3])))
    return sites
