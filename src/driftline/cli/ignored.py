"""The problems that a project ignores, each with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from driftline.errors import UsageError
from driftline.openapi.lint.problem_kinds import problem_kinds
from driftline.openapi.pointer import is_object

__all__ = ["read_ignored"]

_HINT = 'Write the id and a reason: "path.ambiguous" = "both are served by one handler".'


def read_ignored(root: Path) -> Mapping[str, str]:
    """Return by id why a project ignores a kind of problem.

    The table is `ignore` in driftline.toml, or `tool.driftline.ignore` in pyproject.toml.

    Raises:
        UsageError: invalid TOML, an unknown id, or a missing reason.
    """
    for name, tables in (("driftline.toml", ()), ("pyproject.toml", ("tool", "driftline"))):
        path = root / name
        if not path.is_file():
            continue
        try:
            found: Any = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: invalid TOML: {error}", "Correct the file.") from None
        for table in (*tables, "ignore"):
            found = found.get(table, {}) if is_object(found) else {}
        if found:
            return _validate(path, found)
    return {}


def _validate(path: Path, found: Any) -> dict[str, str]:
    for name, reason in found.items() if is_object(found) else ():
        if name not in problem_kinds():
            raise UsageError(f"{path}: unknown problem {name!r} in `ignore`", _HINT)
        if not isinstance(reason, str) or not reason.strip():
            raise UsageError(f"{path}: {name} is ignored without a reason", _HINT)
    if not is_object(found):
        raise UsageError(f"{path}: `ignore` is not a table", _HINT)
    return found
