"""A file of JSON lines to which a long run appends its results."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from driftline.files import MOST_OF_RUN, open_journal, read_file


def read_entries(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the entries of an earlier run; truncated or too deeply nested lines are skipped."""
    if not path.is_file():
        return
    for line in read_file(path, MOST_OF_RUN).decode("utf-8", "replace").splitlines():
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


@contextmanager
def open_append(path: Path, *, fresh: bool) -> Generator[Callable[[dict[str, Any]], None]]:
    """Write each entry immediately, so that the run can be interrupted at any time."""
    with open_journal(path, fresh=fresh) as file:
        if not fresh and path.stat().st_size and not path.read_bytes().endswith(b"\n"):
            file.write("\n")

        def keep(entry: dict[str, Any]) -> None:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

        yield keep
