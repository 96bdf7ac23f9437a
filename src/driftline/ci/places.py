"""The folder of a project in its repository, since code hosts name files from the root."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from driftline.files import replace
from driftline.markup import format_json


def relativize(root: Path, environ: Mapping[str, str] = os.environ) -> PurePosixPath:
    """Return the path of the folder `root` from the repository's root.

    The root is the runner's checkout, or found by git.
    """
    start = Path(environ.get("GITHUB_WORKSPACE") or root).resolve()
    tops = (folder for folder in (start, *start.parents) if (folder / ".git").exists())
    try:
        return PurePosixPath(root.resolve().relative_to(next(tops, start)).as_posix())
    except ValueError:
        return PurePosixPath()


def move_results(folder: Path, below: PurePosixPath) -> None:
    """Make the paths in report.sarif and gl-code-quality.json relative to the repository's root."""
    if below == PurePosixPath():
        return
    for name, move in (("report.sarif", _move_sarif), ("gl-code-quality.json", _move_issues)):
        file = folder / name
        if file.is_file():
            data: Any = json.loads(file.read_text(encoding="utf-8"))
            move(data, below.as_posix())
            replace({file: format_json(data)})


def _move_sarif(log: Any, below: str) -> None:
    for run in log["runs"]:
        for result in run["results"]:
            for location in result["locations"]:
                artifact = location["physicalLocation"]["artifactLocation"]
                artifact["uri"] = f"{quote(below)}/{artifact['uri']}"


def _move_issues(issues: Any, below: str) -> None:
    for issue in issues:
        issue["location"]["path"] = f"{below}/{issue['location']['path']}"
