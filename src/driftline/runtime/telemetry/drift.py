"""Drift events: differences between a response and its document, and the file that lists them."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import attrs

from driftline.printable import make_printable

_logger = logging.getLogger("driftline")

DriftKind = Literal[
    "field.missing",
    "field.null",
    "field.undocumented",
    "enum.undocumented",
    "type.mismatch",
    "format.mismatch",
]


@attrs.frozen
class DriftEvent:
    """One difference between a response and its document.

    `pointer` is the JSON pointer in the body. `got` is the name of a type, never a value of the
    response, except undocumented enum values that look like a code.
    """

    operation: str
    pointer: str
    kind: DriftKind
    expected: str
    got: str

    def __str__(self) -> str:
        location = f"{self.operation} {self.pointer or '/'}"
        return make_printable(
            f"{self.kind} at {location}: expected {self.expected}, got {self.got}"
        )


OnDrift = Callable[[DriftEvent], None]


class DecodingContext:
    """The decoding of one response: the current position, and the differences so far.

    `redact` removes credentials from quoted parts of the response. An object `open_depth` levels
    deep may have fields that its model does not: an alternative documents them.
    """

    __slots__ = ("on_drift", "open_depth", "operation", "path", "redact")

    on_drift: OnDrift | None
    operation: str
    path: list[str | int]
    redact: Callable[[str], str]
    open_depth: int

    def __init__(
        self,
        operation: str,
        on_drift: OnDrift | None = None,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.operation = operation
        self.on_drift = on_drift
        self.redact = redact
        self.path = []
        self.open_depth = -1

    def note_drift(self, kind: DriftKind, expected: str, value: Any) -> None:
        """Record a difference at the current position; the value is unchanged."""
        names = (self.redact(part) if isinstance(part, str) else str(part) for part in self.path)
        tokens = (name.replace("~", "~0").replace("/", "~1") for name in names)
        pointer = "".join("/" + token for token in tokens)
        value = self.redact(value) if isinstance(value, str) else value
        event = DriftEvent(self.operation, pointer, kind, expected, _name_type(kind, value))
        _logger.warning("%s", event)
        if self.on_drift is not None:
            self.on_drift(event)


_JSON_TYPES = {
    "NoneType": "null",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "str": "string",
    "list": "array",
    "dict": "object",
}


def _name_type(kind: DriftKind, value: Any) -> str:
    if kind == "field.missing":
        return "nothing"
    code = isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z_-]{0,63}", value)
    if kind == "enum.undocumented" and code:
        return repr(value)
    return _JSON_TYPES.get(type(value).__name__, type(value).__name__)


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
