"""Adds an API from a third-party document, which stays unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.add.run import (
    StagedApi as StagedApi,
    find_project as find_project,
    prepare_api as prepare_api,
)
from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.add.plan import OverlayPlan as OverlayPlan
    from driftline.add.run import EmptyDocument as EmptyDocument
    from driftline.add.text import find_own_line as find_own_line
    from driftline.add.update import StagedUpdate as StagedUpdate, prepare_update as prepare_update

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
