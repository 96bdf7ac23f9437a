"""The effects of a new version: on the wire, in Python, and on the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.changes.release.effects import ReleaseEffects, compare_sides
    from driftline.changes.release.make import compare_with_base
    from driftline.changes.release.outcome import Outcome, Side, Step, relativize
    from driftline.changes.release.regenerate import regenerate
    from driftline.changes.release.version import PARTS, Part
    from driftline.changes.rules import PYTHON_RULES, RULES
    from driftline.changes.wire.change import SEVERITIES, Change
    from driftline.changes.wire.change_rules import FAIL_ON, ChangeRules, FailOn, load_change_rules
    from driftline.changes.wire.report import DiffReport, report
    from driftline.changes.wire.source.document import Document
    from driftline.changes.wire.source.git import Repository
    from driftline.changes.wire.source.sources import Both, find_sides, read_file

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
