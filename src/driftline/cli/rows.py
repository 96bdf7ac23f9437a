"""Files with the rows of mocks: a snapshot of each API, by its name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from driftline.errors import UsageError
from driftline.files import replace
from driftline.mock import Mock
from driftline.openapi import is_object


def load_rows(mocks: Sequence[Mock], path: Path) -> None:
    """Load the snapshots in a file; APIs without a mock are ignored.

    Raises:
        UsageError: the file is not a snapshot of these APIs, or breaks a spec.
    """
    remedy = "Name a file written by --snapshot."
    try:
        data: Any = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: could not read the snapshot: {error}", remedy) from None
    found = [mock for mock in mocks if is_object(data) and mock.spec.name in data]
    if not found:
        names = ", ".join(mock.spec.name for mock in mocks)
        raise UsageError(f"{path}: no snapshot of {names}", remedy)
    try:
        loads = [mock.prepare_load(data[mock.spec.name]) for mock in found]
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", error.hint) from None
    for load in loads:
        load()


def write_rows(mocks: Sequence[Mock], path: Path) -> None:
    """Write a snapshot of each mock atomically.

    Raises:
        UsageError: the file is not writable.
    """
    text = json.dumps({mock.spec.name: mock.snapshot() for mock in mocks}, indent=1)
    try:
        replace({path: text + "\n"})
    except OSError as error:
        remedy = "Name a writable file."
        raise UsageError(
            f"{path}: could not write the snapshot: {error.strerror}", remedy
        ) from None
