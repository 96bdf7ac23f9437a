"""The outcome of regenerating or releasing as data for all formats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from driftline import __version__
from driftline.changes.release.changelog import Entry, build_entry, format_entry
from driftline.changes.release.version import Bump
from driftline.changes.wire import Change, Document
from driftline.changes.wire.report import DiffReport

SCHEMA_VERSION: Final = 1


@attrs.frozen
class File:
    """A written file, and what was done to it; `path` is as displayed."""

    done: Literal["added", "removed", "changed"]
    path: str


@attrs.frozen
class Step:
    """A later check: types or contract suite; `detail` is its output."""

    name: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    detail: str


@attrs.frozen(kw_only=True)
class Outcome:
    """The written files, and the changes for client code on the wire and in Python.

    `unknown` lists parts that could not be compared, with the reason. `bump` is None without a
    version, and if there is nothing to release.
    """

    wire: DiffReport
    python: DiffReport
    apis: tuple[str, ...]
    files: tuple[File, ...] = ()
    unknown: tuple[str, ...] = ()
    bump: Bump | None = None
    steps: tuple[Step, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Both kinds, those in Python first."""
        return (*self.python.changes, *self.wire.changes)

    @property
    def entry(self) -> Entry:
        """The changelog entry."""
        return build_entry(self.changes, self.apis)

    @property
    def exit_code(self) -> int:
        """2 if a step could not run, or else 1 if a step failed, or else 0."""
        outcomes = {step.outcome for step in self.steps}
        return 2 if "error" in outcomes else int("failed" in outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; release.schema.json describes it."""
        return {
            "schema_version": SCHEMA_VERSION,
            "driftline": __version__,
            "exit_code": self.exit_code,
            "apis": list(self.apis),
            "files": [attrs.asdict(file) for file in self.files],
            "wire": self.wire.to_dict(),
            "python": self.python.to_dict(),
            "unknown": list(self.unknown),
            "bump": attrs.asdict(self.bump) if self.bump else None,
            "changelog": format_entry(self.entry),
            "steps": [attrs.asdict(step) for step in self.steps],
        }


@attrs.frozen
class ReleaseSide:
    """One side of a comparison: documents by API, and the folder of the clients with its name.

    `unreadable_apis` has the APIs whose document could not be read, and why.
    """

    name: str
    documents: Mapping[str, Document]
    clients: Path
    display_path: str
    unreadable_apis: Mapping[str, str] = {}


def relativize(path: Path) -> Path:
    """Return a path relative to the current folder, if it is below it."""
    cwd = Path.cwd()
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path
