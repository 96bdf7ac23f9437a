"""Brings an API in from a document that others wrote, and keeps that as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.add.run import (
    Added as Added,
    adding as adding,
    project_at as project_at,
)
from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.add.plan import OverlayPlan as OverlayPlan
    from driftline.add.run import EmptyDocument as EmptyDocument
    from driftline.add.text import find_own_line as find_own_line
    from driftline.add.update import (
        Updated as Updated,
        updating as updating,
    )

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__)
