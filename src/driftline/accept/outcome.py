"""The result of accepting, as data for all formats."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.accept.applying import AcceptanceResult
from driftline.accept.callers import CallSite
from driftline.accept.edits import RejectedFinding, SpecEdit
from driftline.accept.effects import Effects
from driftline.accept.plan import AcceptancePlan
from driftline.changes import Change
from driftline.checks import Finding
from driftline.markup import format_count, shorten
from driftline.report import compute_fingerprint

SCHEMA_VERSION: Final = 1
_MOST: Final = 5
"""Maximum other affected operations that are named."""


@attrs.frozen
class Hunk:
    """Lines of a file that change together: the first line, removed and added lines."""

    file: str
    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Acceptance:
    """The edits with their lines, the changes for clients, and the findings without an edit.

    `verdict` is None if nothing was written, or else the verdict of the check afterwards.
    """

    edits: tuple[SpecEdit, ...]
    rejections: tuple[RejectedFinding, ...]
    hunks: tuple[Hunk, ...]
    wire: tuple[Change, ...] = ()
    python: tuple[Change, ...] = ()
    unknown: tuple[str, ...] = ()
    calls: tuple[CallSite, ...] | None = None
    note: str = ""
    verdict: str | None = None
    remaining_findings: tuple[Finding, ...] = ()

    @classmethod
    def build(
        cls,
        root: Path,
        plan: AcceptancePlan,
        effects: Effects | None,
        result: AcceptanceResult | None,
    ) -> Acceptance:
        """Collect the effects of a plan; `result` is the result of writing it."""
        changes = effects.changes if effects else None
        return cls(
            edits=plan.edits,
            rejections=plan.rejections,
            hunks=tuple(_list_hunks(root, plan)),
            wire=tuple(changes.wire.changes) if changes else (),
            python=tuple(changes.python.changes) if changes else (),
            unknown=changes.unknown if changes else (),
            calls=effects.calls if effects else None,
            note=effects.note if effects else "",
            verdict=None if result is None else _describe_check(result),
            remaining_findings=result.remaining_findings if result else (),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "schema_version": SCHEMA_VERSION,
            "edits": [
                {
                    "api": edit.api,
                    "summary": edit.proposal.summary,
                    "findings": [_convert_finding(finding) for finding in edit.findings],
                    "root": None if edit.root is None else _convert_finding(edit.root),
                }
                for edit in self.edits
            ],
            "files": [attrs.asdict(hunk) for hunk in self.hunks],
            "wire": [change.to_dict() for change in self.wire],
            "python": [change.to_dict() for change in self.python],
            "unknown": list(self.unknown),
            "calls": None if self.calls is None else [_describe_call(site) for site in self.calls],
            "note": self.note,
            "rejected": [
                {
                    **_convert_finding(rejection.finding),
                    "reason": rejection.reason,
                    "hint": rejection.hint,
                }
                for rejection in self.rejections
            ],
            "written": self.verdict,
            "remaining": [_convert_finding(finding) for finding in self.remaining_findings],
        }


def name_finding(finding: Finding) -> str:
    """Return the short name of a finding for commands: the first digits of its fingerprint."""
    return compute_fingerprint(finding)[:8]


def describe_finding(finding: Finding) -> str:
    """Return a finding in one line: its short name for commands, its id and its location."""
    parts = (name_finding(finding), finding.id, finding.api, finding.operation, finding.where)
    return " ".join(filter(None, parts))


def describe_root(edit: SpecEdit) -> str:
    """Return a warning if the finding of an edit may be a consequence of another one, or ""."""
    if edit.root is None:
        return ""
    root = f"{name_finding(edit.root)} {edit.root.id}"
    return f"This finding probably has the same cause as {root}, which has no edit."


def describe_use(change: Change) -> str:
    """Return the first use that a change affects, and the other affected operations."""
    if not change.uses:
        return ""
    first = change.uses[0]
    other_operations = [
        operation for operation in change.operations if operation != first.operation
    ]
    if not other_operations:
        return str(first)
    more = len(other_operations) - _MOST
    also = f" and {format_count(more, 'other operation')}" if more > 0 else ""
    return f"{first}, also {', '.join(other_operations[:_MOST])}{also}"


def _list_hunks(root: Path, plan: AcceptancePlan) -> Iterator[Hunk]:
    for path, content in plan.contents.items():
        # The old text may be overwritten by now, and be neither on the disk nor in git.
        old, new = plan.originals[path].splitlines(), content.splitlines()
        display_path = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        for tag, i, j, k, n in matcher.get_opcodes():
            if tag != "equal":
                yield Hunk(display_path, k + 1, tuple(old[i:j]), tuple(new[k:n]))


def _describe_check(result: AcceptanceResult) -> str:
    report = result.report
    broken = next((check for check in report.checks if check.outcome == "error"), None)
    if broken is not None:
        return shorten(f"could not check {broken.operation} {broken.name}: {broken.detail}", 300)
    if not report.findings:
        return "no drift"
    return format_count(len(report.findings), "finding")


def _convert_finding(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": compute_fingerprint(finding),
        "id": finding.id,
        "api": finding.api,
        "operation": finding.operation,
        "where": finding.where,
    }


def _describe_call(site: CallSite) -> dict[str, Any]:
    location = site.location
    return {"file": location.file.as_posix(), "line": location.line, "message": site.message}
