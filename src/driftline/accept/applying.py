"""Writes accepted edits: specs and clients together; then runs the check again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import attrs

from driftline.accept.effects import StagedProject
from driftline.accept.plan import AcceptancePlan
from driftline.checks import Finding
from driftline.errors import DriftlineError, UsageError
from driftline.generate import keep_project_files
from driftline.project import Project
from driftline.report import Report
from driftline.transaction import Move, commit, lock


@attrs.frozen
class AcceptanceResult:
    """The report of the check afterwards, and the accepted findings that still occur."""

    report: Report
    remaining_findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        return 1 if self.remaining_findings else self.report.exit_code


def apply_plan(
    project: Project,
    specs: Path,
    plan: AcceptancePlan,
    staged: StagedProject,
    recheck: Callable[[], Report],
) -> AcceptanceResult:
    """Move the staged specs and clients into the project, and check again.

    Raises:
        OSError: a file could not be moved; nothing was changed.
        UsageError: a parent folder is a symbolic link, or the check could not run afterwards.
    """
    commit_plan(project, specs, plan, staged)
    try:
        report = recheck()
    except DriftlineError as error:
        message = f"the edits are written, but the check afterwards could not run: {error}"
        raise UsageError(message, "Run driftline check once that is fixed.") from None
    accepted = {_identify(finding) for edit in plan.edits for finding in edit.findings}
    remaining = tuple(finding for finding in report.findings if _identify(finding) in accepted)
    return AcceptanceResult(report, remaining)


def commit_plan(project: Project, specs: Path, plan: AcceptancePlan, staged: StagedProject) -> None:
    """Move the staged specs and clients into the project, all or none.

    Raises:
        OSError: a file could not be moved; nothing was changed.
        UsageError: a parent folder is a symbolic link, or a spec has changed meanwhile.
    """
    for spec in staged.specs:
        package = spec.client_package
        keep_project_files(project.generated / package, staged.project.generated / package)
    folder = os.open(project.root, os.O_RDONLY)
    try:
        lock(folder)  # of two commands at once, the second would undo the edits of the first
        _reject_changed(plan)
        commit(staged.folder, _list_moves(project, specs, plan, staged))
    finally:
        os.close(folder)


def _reject_changed(plan: AcceptancePlan) -> None:
    """Reject a spec that changed after it was read."""
    for path, original in plan.originals.items():
        if path.read_bytes() != original.encode():
            message = f"{path.name} was changed meanwhile; nothing was written"
            raise UsageError(message, "Run driftline accept again.")


def _list_moves(
    project: Project, specs: Path, plan: AcceptancePlan, staged: StagedProject
) -> list[Move]:
    specs_folder = specs.relative_to(project.root)
    moves = [
        Move(
            f"generated/{spec.client_package}",
            project.generated.relative_to(project.root).joinpath(spec.client_package).as_posix(),
        )
        for spec in staged.specs
    ]
    for path in plan.contents:
        inner = path.relative_to(specs)
        moves.append(Move(f"specs/{inner.as_posix()}", (specs_folder / inner).as_posix()))
    return moves


def _identify(finding: Finding) -> tuple[str, str, str, str]:
    """Return the identity of a finding across edits of the spec.

    Without its clause, whose pointer may change.
    """
    return finding.api, finding.operation, finding.id, finding.where
