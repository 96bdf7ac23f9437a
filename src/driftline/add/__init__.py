"""Brings an API in from a document that others wrote, and keeps that as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.add.run import Added, adding, project_at
from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.add.plan import OverlayPlan
    from driftline.add.proposals.configuration import read_configuration
    from driftline.add.run import EmptyDocument
    from driftline.add.update import Updated, updating

__all__ = [
    "Added",
    "EmptyDocument",
    "OverlayPlan",
    "Updated",
    "adding",
    "project_at",
    "read_configuration",
    "updating",
]

_MODULES = {
    "EmptyDocument": "run",
    "OverlayPlan": "plan",
    "Updated": "update",
    "read_configuration": "proposals.configuration",
    "updating": "update",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
