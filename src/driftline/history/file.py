"""The file of a history: one line of JSON a run, appended by jobs that know nothing of each other.

Beside runs it has deliveries: what became of the messages about them.

A line is written by one call to a file that is open for appending, so lines of concurrent jobs do
not mix. A line that was torn by a full disk or a merge is skipped.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.errors import FileError, Location, Problem
from driftline.files import make_folder
from driftline.history.message_delivery import MessageDelivery
from driftline.history.run_entry import RunEntry

MOST_BYTES: Final = 1_000_000
"""Of one line."""
_MOST_FILE: Final = 500_000_000


def append_run(path: Path, entry: RunEntry) -> None:
    """Append a run to the file, which is created if missing.

    Raises:
        FileError: it cannot be written, or is a symbolic link.
    """
    line = _format_line(entry.to_dict())
    if len(line) > MOST_BYTES:
        left_out = len(entry.findings) + entry.left_out
        bare = attrs.evolve(entry, findings=(), left_out=left_out, settled=frozenset())
        line = _format_line(bare.to_dict())
    _append(path, line)


def append_delivery(path: Path, delivery: MessageDelivery) -> None:
    """Append what became of a message.

    Raises:
        FileError: it cannot be written, or is a symbolic link.
    """
    _append(path, _format_line(delivery.to_dict()))


def _format_line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode()


def _append(path: Path, line: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    try:
        make_folder(path.parent)
        # A line that was torn ends before ours: empty lines are skipped.
        start = b"" if _has_complete_end(path) else b"\n"
        file = os.open(path, flags, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError("not a regular file")
            os.write(file, start + line + b"\n")
        finally:
            os.close(file)
    except OSError as error:
        raise _build_error(path, f"could not be written: {error.strerror or error}") from None


def _has_complete_end(path: Path) -> bool:
    if not path.is_file() or path.is_symlink():
        return True
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read_runs(path: Path) -> list[RunEntry]:
    """Read the runs of a file in the order of their times; lines that are none are skipped.

    Raises:
        FileError: it cannot be read, is too large, or has lines and no run.
    """
    runs: dict[bytes, RunEntry] = {}
    line = b""
    for line in _list_lines(path):
        try:
            runs[line] = RunEntry.from_dict(json.loads(line))  # what a merge has twice is one run
        except (ValueError, RecursionError, TypeError):
            continue
    if line and not runs:
        raise _build_error(path, "no line of a history")
    return sorted(runs.values(), key=lambda run: run.time)


def read_deliveries(path: Path) -> list[MessageDelivery]:
    """Read what became of messages, in the order of their runs.

    Raises:
        FileError: the file cannot be read, or is too large.
    """
    deliveries: list[MessageDelivery] = []
    for line in _list_lines(path):
        try:
            deliveries.append(MessageDelivery.from_dict(json.loads(line)))
        except (ValueError, RecursionError, TypeError):
            continue
    return sorted(deliveries, key=lambda delivery: delivery.time)


def _list_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines that are neither empty nor too long."""
    try:
        if path.stat().st_size > _MOST_FILE:
            raise _build_error(path, "larger than 500 MB")
        with path.open("rb") as file:
            lines = map(bytes.strip, file)
            yield from (line for line in lines if 0 < len(line) <= MOST_BYTES)
    except OSError as error:
        raise _build_error(path, f"could not be read: {error.strerror or error}") from None


def _build_error(path: Path, message: str) -> FileError:
    hint = "Name a file that driftline check --history FILE wrote."
    return FileError((Problem("history.invalid", Location(path, 1, ""), message, hint),))
