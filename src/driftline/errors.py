"""What can stop driftline's own tools (generate, mock, check) from doing their work.

The tree, every branch of which the command line turns into one message and exit code 2:

    DriftlineError
    ├── SpecError          a spec cannot be read, or breaks a rule: file, line and remedy each
    ├── FileError          a baseline or an earlier report cannot be used: file, line and remedy
    ├── RecordingError     recorded traffic cannot be read, or breaks off
    ├── UsageError         a name, option or folder that does not exist
    ├── GenerationError    the generator warned, failed, or dropped something
    └── TargetError        the server under test cannot be reached, or a port cannot be opened

What generated clients raise is another tree: see `driftline.runtime.errors`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

__all__ = [
    "DriftlineError",
    "FileError",
    "GenerationError",
    "Location",
    "RecordingError",
    "SpecError",
    "SpecProblem",
    "TargetError",
    "UsageError",
]


@attrs.frozen
class Location:
    """A place in a spec: the file, the 1-based line and the JSON pointer of a node."""

    file: Path
    line: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON data; `from_dict` is the inverse."""
        return {"file": self.file.as_posix(), "line": self.line, "pointer": self.pointer}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Location:
        return cls(Path(data["file"]), data["line"], data["pointer"])


@attrs.frozen
class SpecProblem:
    """One thing wrong with a spec, and how to mend it."""

    location: Location
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.location}: {self.what}. {self.remedy}"


class DriftlineError(Exception):
    """Whatever stops a tool: its text names what is wrong, where, and how to mend it."""


@attrs.frozen
class SpecError(DriftlineError):
    """A spec that cannot be used, with every problem found in it."""

    problems: tuple[SpecProblem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@attrs.frozen
class FileError(DriftlineError):
    """A file beside the specs that cannot be used, with every problem found in it."""

    problems: tuple[SpecProblem, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@attrs.frozen
class RecordingError(DriftlineError):
    """A file of recorded traffic that is none, or that breaks off; what came before was judged."""

    file: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}. {self.remedy}"


@attrs.frozen
class UsageError(DriftlineError):
    """A name, option or folder that does not exist."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}"


@attrs.frozen
class GenerationError(DriftlineError):
    """The client of `api` was not generated; the tree that was there is untouched."""

    api: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.api}: {self.what}. {self.remedy}"


@attrs.frozen
class TargetError(DriftlineError):
    """A server that cannot be reached, or a port that cannot be opened."""

    target: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.target}: {self.what}. {self.remedy}"
