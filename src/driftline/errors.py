"""Errors that stop driftline's own tools (generate, mock, check).

The tree, every branch of which the command line turns into one message and exit code 2:

    DriftlineError
    ├── SpecError          a spec cannot be read, or breaks a rule: file, line and hint each
    ├── FileError          a baseline or an earlier report cannot be used: file, line and hint
    ├── RecordingError     recorded traffic cannot be read, or breaks off
    ├── UsageError         a name, option or folder that does not exist
    ├── GenerationError    a client cannot be generated
    └── TargetError        the server under test cannot be reached, or a port cannot be opened

Generated clients raise the errors of another tree: see `driftline.runtime.errors`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import attrs


@attrs.frozen
class Location:
    """A place in a spec: the file, the 1-based line (0: none) and the JSON pointer of a node."""

    file: Path
    line: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)

    def relative_to(self, folder: Path) -> Location:
        """Return the place with its file relative to a folder, if it is below it."""
        is_below = self.file.is_relative_to(folder)
        file = self.file.relative_to(folder) if is_below else self.file
        return Location(file, self.line, self.pointer)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return {"file": self.file.as_posix(), "line": self.line, "pointer": self.pointer}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Location:
        return cls(Path(data["file"]), data["line"], data["pointer"])


@attrs.frozen
class Problem:
    """A problem of a spec or of a file beside it.

    `id` is stable: code branches on it, `driftline explain` documents it and a project can ignore
    it. An "error" is a mistake to fix; a "warning" says what was read in a tolerant way, or which
    part of the document cannot be used.
    """

    id: str
    location: Location
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.location}: {self.message} [{self.id}]\n  {self.hint}"

    def relative_to(self, folder: Path) -> Problem:
        """Return the problem with its file relative to a folder, if it is below it."""
        return attrs.evolve(self, location=self.location.relative_to(folder))


class DriftlineError(Exception):
    """A failure of a tool of driftline. Its message has the cause, the location and a hint."""


@attrs.frozen
class SpecError(DriftlineError):
    """A spec that cannot be used, with every problem found in it."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@attrs.frozen
class FileError(DriftlineError):
    """A file beside the specs that cannot be used, with every problem found in it."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@attrs.frozen
class _HintedError(DriftlineError):
    """An error with its subject, a message and a hint."""

    def __str__(self) -> str:
        *subject, message, hint = attrs.astuple(self)
        return f"{': '.join([*subject, message])}\n  {hint}"


@attrs.frozen
class RecordingError(_HintedError):
    """A file of recorded traffic that cannot be read, or breaks off; the part before is judged."""

    file: str
    message: str
    hint: str


@attrs.frozen
class UsageError(_HintedError):
    """A name, option or folder that does not exist."""

    message: str
    hint: str


@attrs.frozen
class GenerationError(_HintedError):
    """The client of `api` was not generated; the tree that was there is untouched."""

    api: str
    message: str
    hint: str


@attrs.frozen
class TargetError(_HintedError):
    """A server that cannot be reached, or a port that cannot be opened."""

    target: str
    message: str
    hint: str
