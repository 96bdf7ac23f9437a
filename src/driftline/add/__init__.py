"""Adds an API from a third-party document, which stays unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.add.run import Added, find_project, prepare_api
from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.add.plan import OverlayPlan
    from driftline.add.run import EmptyDocument
    from driftline.add.text import find_own_line
    from driftline.add.update import Updated, prepare_update

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
