"""What a new version changes: on the wire, for Python callers, and in the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.changes.python.rules import PYTHON_RULES
    from driftline.changes.release.bump import PARTS, Part
    from driftline.changes.release.effects import ReleaseEffects, compare_sides
    from driftline.changes.release.make import compare_with_base
    from driftline.changes.release.outcome import Outcome, Step
    from driftline.changes.release.regenerate import regenerate
    from driftline.changes.release.side import Side, relativize
    from driftline.changes.wire.change import SEVERITIES, Change
    from driftline.changes.wire.change_rules import (
        FAIL_ON,
        ChangeRules,
        FailOn,
        load_change_rules,
    )
    from driftline.changes.wire.formats.terminal import STYLES
    from driftline.changes.wire.report import DiffReport, report
    from driftline.changes.wire.rules import RULES
    from driftline.changes.wire.source.document import Document
    from driftline.changes.wire.source.git import Repository
    from driftline.changes.wire.source.read import read_file
    from driftline.changes.wire.source.sources import Both, find_sides

__all__ = [
    "FAIL_ON",
    "PARTS",
    "PYTHON_RULES",
    "RULES",
    "SEVERITIES",
    "STYLES",
    "Both",
    "Change",
    "ChangeRules",
    "DiffReport",
    "Document",
    "FailOn",
    "Outcome",
    "Part",
    "ReleaseEffects",
    "Repository",
    "Side",
    "Step",
    "compare_sides",
    "compare_with_base",
    "find_sides",
    "load_change_rules",
    "read_file",
    "regenerate",
    "relativize",
    "report",
]

_MODULES = {
    "Both": "wire.source.sources",
    "Change": "wire.change",
    "ChangeRules": "wire.change_rules",
    "DiffReport": "wire.report",
    "Document": "wire.source.document",
    "FAIL_ON": "wire.change_rules",
    "FailOn": "wire.change_rules",
    "Outcome": "release.outcome",
    "PARTS": "release.bump",
    "PYTHON_RULES": "python.rules",
    "Part": "release.bump",
    "RULES": "wire.rules",
    "ReleaseEffects": "release.effects",
    "Repository": "wire.source.git",
    "SEVERITIES": "wire.change",
    "STYLES": "wire.formats.terminal",
    "Side": "release.side",
    "Step": "release.outcome",
    "compare_sides": "release.effects",
    "compare_with_base": "release.make",
    "find_sides": "wire.source.sources",
    "load_change_rules": "wire.change_rules",
    "read_file": "wire.source.read",
    "regenerate": "release.regenerate",
    "relativize": "release.side",
    "report": "wire.report",
}

if not TYPE_CHECKING:  # or else a type checker would take any name for an export
    __getattr__ = load_later(__name__, _MODULES)
