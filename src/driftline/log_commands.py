"""Workflow commands of GitHub Actions: only driftline writes them, never a foreign string.

The runner interprets each line that begins with `::`, and each `##[` anywhere, as a command that
sets variables, hides text or writes annotations. Strings of specs and servers must not become one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

_START: Final = re.compile(r"^(\s*):(?=:)")
_LINES: Final = re.compile(r"(?<=[\r\n])")
"""The runner ends a line at any of these characters."""


def is_actions(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether this is a job of GitHub Actions."""
    return environ.get("GITHUB_ACTIONS") == "true"


def format_command(name: str, message: str = "", **properties: str) -> str:
    """Return a command with all values escaped."""
    parameters = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    return f"::{name}{' ' if parameters else ''}{parameters}::{_escape(message)}"


def _escape(string: str, more: str = "") -> str:
    # The percent sign comes first, since the others become one.
    for char in f"%\r\n{more}":
        string = string.replace(char, f"%{ord(char):02X}")
    return string


def neutralize(line: str) -> str:
    """Return the line in a form that the runner does not interpret as a command."""
    return _START.sub(r"\1: ", line).replace("##[", "## [")


class _Guarded:
    """A text stream whose lines are never commands."""

    def __init__(self, stream: Any) -> None:
        self.unguarded = stream
        self._pending_piece = ""
        self._at_start = True

    def write(self, string: str) -> int:
        for piece in _LINES.split(self._pending_piece + string):
            self._pending_piece = ""
            # The second colon may come with the next piece.
            if self._at_start and piece.lstrip() == ":":
                self._pending_piece = piece
                break
            self.unguarded.write(neutralize(piece) if self._at_start else _neutralize_inside(piece))
            self._at_start = piece.endswith(("\r", "\n")) or (self._at_start and not piece.strip())
        return len(string)

    def close_line(self) -> None:
        """Write what was held back."""
        self.unguarded.write(self._pending_piece)
        self._pending_piece = ""
        self.unguarded.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unguarded, name)


def _neutralize_inside(string: str) -> str:
    return string.replace("##[", "## [")


@contextmanager
def guard_output(environ: Mapping[str, str] = os.environ) -> Generator[None]:
    """Neutralize all output of the block, in a job of GitHub Actions."""
    if not is_actions(environ) or isinstance(sys.stdout, _Guarded):
        yield
        return
    streams = _Guarded(sys.stdout), _Guarded(sys.stderr)
    sys.stdout, sys.stderr = streams
    try:
        yield
    finally:
        sys.stdout, sys.stderr = (stream.unguarded for stream in streams)
        for guarded in streams:
            guarded.close_line()


def write_command(line: str) -> None:
    """Write a workflow command to standard output."""
    stream = getattr(sys.stdout, "unguarded", sys.stdout)
    stream.write(f"{line}\n")
    stream.flush()
