"""A version of a project's specs and clients, to be compared with another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from driftline.changes.wire import Document


@attrs.frozen
class Side:
    """Its documents by API, and the folder of its clients with what that is called.

    `lost` has the APIs whose document could not be read, and why.
    """

    name: str
    documents: Mapping[str, Document]
    clients: Path
    shown: str
    lost: Mapping[str, str] = {}


def relativize(path: Path) -> Path:
    """Return a path relative to the current folder, if it is below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
