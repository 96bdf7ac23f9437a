"""A file of drift events, one JSON object per line, that `driftline observe` reads."""

from __future__ import annotations

import json
import os
from os import PathLike
from pathlib import Path
from threading import Lock

from driftline.runtime.telemetry.drift import DriftEvent

_FLAGS = os.O_CREAT | os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)


class DriftLog:
    """An `on_drift` that appends each event to the file at `path`: `Shop(on_drift=DriftLog(…))`.

    `api` is the name of the spec, as in specs/<api>.yaml. Safe to use in several threads.
    """

    def __init__(self, path: str | PathLike[str], api: str) -> None:
        self._path = Path(path)
        self._api = api
        self._lock = Lock()

    def __call__(self, event: DriftEvent) -> None:
        """Write one line; raises OSError if `path` is a symbolic link or cannot be written."""
        fields = {
            "api": self._api,
            "operation": event.operation,
            "pointer": event.pointer,
            "kind": event.kind,
            "expected": event.expected,
            "got": event.got,
        }
        line = json.dumps(fields) + "\n"
        with (
            self._lock,
            os.fdopen(os.open(self._path, _FLAGS, 0o666), "a", encoding="utf-8") as file,
        ):
            file.write(line)
