"""The effects of a new version: on the wire, in Python, and on the release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later

if TYPE_CHECKING:
    from driftline.changes.release.effects import (
        ReleaseEffects as ReleaseEffects,
        compare_sides as compare_sides,
    )
    from driftline.changes.release.make import compare_with_base as compare_with_base
    from driftline.changes.release.outcome import (
        Outcome as Outcome,
        ReleaseSide as ReleaseSide,
        Step as Step,
        relativize as relativize,
    )
    from driftline.changes.release.regenerate import regenerate as regenerate
    from driftline.changes.release.version import PARTS as PARTS, Part as Part
    from driftline.changes.rules import PYTHON_RULES as PYTHON_RULES, RULES as RULES
    from driftline.changes.wire.change import SEVERITIES as SEVERITIES, Change as Change
    from driftline.changes.wire.change_rules import (
        FAIL_ON as FAIL_ON,
        ChangeRules as ChangeRules,
        FailOn as FailOn,
        load_change_rules as load_change_rules,
    )
    from driftline.changes.wire.report import DiffReport as DiffReport, report as report
    from driftline.changes.wire.source.document import Document as Document
    from driftline.changes.wire.source.git import Repository as Repository
    from driftline.changes.wire.source.sources import (
        ComparedDocuments as ComparedDocuments,
        find_sides as find_sides,
        read_file as read_file,
    )

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
