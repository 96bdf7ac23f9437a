"""The file of a history: one line of JSON per run, to which concurrent jobs append.

It also has the deliveries of notifications.

A job locks the file while it appends a line, so lines of concurrent jobs do not mix. A line that a
merge or a killed job tore is skipped.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.errors import FileError, Location, Problem
from driftline.files import make_folder
from driftline.history.run_entry import RunEntry, TrackedClause, read_time
from driftline.openapi import is_object
from driftline.printable import make_printable
from driftline.transaction import lock

MOST_BYTES: Final = 1_000_000
"""The maximum of one line."""
_MOST_FILE: Final = 500_000_000
_HINT: Final = "Pass a file that driftline check --history FILE wrote."


def append_run(path: Path, entry: RunEntry) -> None:
    """Append a run to the file, which is created if missing.

    Raises:
        FileError: it cannot be written, or is a symbolic link.
    """
    line = _format_line(entry.to_dict())
    if len(line) > MOST_BYTES:
        left_out = len(entry.findings) + entry.left_out
        truncated_entry = attrs.evolve(entry, findings=(), left_out=left_out, settled=frozenset())
        line = _format_line(truncated_entry.to_dict())
    _append(path, line)


def append_delivery(path: Path, delivery: MessageDelivery) -> None:
    """Append the delivery of a notification.

    Raises:
        FileError: it cannot be written, or is a symbolic link.
    """
    _append(path, _format_line(delivery.to_dict()))


def _format_line(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode()


def _append(path: Path, line: bytes) -> None:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    try:
        make_folder(path.parent)
        file = os.open(path, flags, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError("not a regular file")
            lock(file)
            _write_line(file, line)
        finally:
            os.close(file)
    except OSError as error:
        message = f"could not be written: {error.strerror or error}"
        raise _build_error(path, message, "Pass a file that can be written.") from None


def _write_line(file: int, line: bytes) -> None:
    """Write a line completely or not at all; a partial line on a full disk is removed."""
    size = os.lseek(file, 0, os.SEEK_END)
    # A line that a merge or a killed job tore ends before ours: empty lines are skipped.
    is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
    unwritten = (b"\n" if is_torn else b"") + line + b"\n"
    try:
        while unwritten:
            unwritten = unwritten[os.write(file, unwritten) :]
    except OSError:
        os.ftruncate(file, size)
        raise


def read_runs(path: Path) -> list[RunEntry]:
    """Read the runs of a file, sorted by time; other lines are skipped.

    Raises:
        FileError: it cannot be read, is too large, or has lines but no run.
    """
    runs, is_empty = _parse_runs(path)
    if not runs and not is_empty:
        raise _build_error(path, "not a history file")
    return runs


def list_tracked(path: Path) -> list[TrackedClause]:
    """Return each finding of the runs in a file, which may not exist yet.

    Raises:
        FileError: it cannot be read, or is too large.
    """
    runs = _parse_runs(path)[0] if path.is_file() else []
    return list({clause.fingerprint: clause for run in runs for clause in run.findings}.values())


def _parse_runs(path: Path) -> tuple[list[RunEntry], bool]:
    """Return the runs of a file, sorted by time, and whether it has no line."""
    runs: dict[bytes, RunEntry] = {}
    line = b""
    for line in _list_lines(path):
        try:
            runs[line] = RunEntry.from_dict(json.loads(line))  # what a merge has twice is one run
        except (ValueError, RecursionError, TypeError):
            continue
    return sorted(runs.values(), key=lambda run: run.time), not line


def read_deliveries(path: Path) -> list[MessageDelivery]:
    """Read the deliveries of notifications, in the order of their runs.

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


def _build_error(path: Path, message: str, hint: str = _HINT) -> FileError:
    return FileError((Problem("history.invalid", Location(path, 0, ""), message, hint),))


VERSION: Final = 1


@attrs.frozen(kw_only=True)
class MessageDelivery:
    """A message to one channel about the run that began at `time`.

    `is_sent` is false after a failure: the channel has received the changes up to the run that
    began at `last_reported`, if any, and not `published`.
    """

    channel: str
    time: datetime
    is_sent: bool
    last_reported: datetime | None = None
    published: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return {
            "delivery": VERSION,
            "channel": self.channel,
            "time": self.time.isoformat(timespec="microseconds"),
            "sent": self.is_sent,
            "known": self.last_reported and self.last_reported.isoformat(timespec="microseconds"),
            "published": list(self.published),
        }

    @classmethod
    def from_dict(cls, data: Any) -> MessageDelivery:
        """Read a line; the file may come from anywhere, so every string is made printable.

        Raises:
            ValueError: it is not a line about a message.
        """
        if not is_object(data) or data.get("delivery") != VERSION:
            raise ValueError("no delivery")
        try:
            return cls(
                channel=str(data["channel"]),
                time=read_time(data["time"]),
                is_sent=bool(data["sent"]),
                last_reported=read_time(data["known"]) if data["known"] else None,
                published=tuple(make_printable(str(item)) for item in data["published"]),
            )
        except KeyError as error:
            raise ValueError(str(error)) from None
