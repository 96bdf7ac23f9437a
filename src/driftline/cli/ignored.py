"""The problems that a project ignores, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from driftline.errors import UsageError
from driftline.openapi import problem_kinds
from driftline.project import ProjectConfiguration, load_configuration

_HINT = 'Write the id and a reason: "path.ambiguous" = "both are served by one handler".'


def read_ignored(root: Path) -> Mapping[str, str]:
    """Return by id why a project ignores a kind of problem.

    The table is `ignore` in driftline.toml, or `tool.driftline.ignore` in pyproject.toml.

    Raises:
        FileError: the file is invalid.
        UsageError: an unknown id, or a missing reason.
    """
    configuration = load_configuration(root)
    ignored: Mapping[str, str] = configuration.sections.get("ignore", {})
    for name, reason in ignored.items():
        _validate(configuration, name, reason)
    return ignored


def _validate(configuration: ProjectConfiguration, name: str, reason: object) -> None:
    place = configuration.locate("ignore", name)
    if name not in problem_kinds():
        raise UsageError(f"{place}: unknown problem {name!r} in `ignore`", _HINT)
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"{place}: {name} is ignored without a reason", _HINT)
