"""Plans the edits of specs for findings, one after the other, and the new texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import attrs

from driftline.accept.edits import (
    EditedDocument,
    Proposal,
    RejectedFinding,
    SpecEdit,
    UnacceptableError,
)
from driftline.accept.placement import Placement, open_placement
from driftline.accept.proposals import MISSING_OPERATION, propose
from driftline.checks import EDITABLE, FOLLOWING, Finding, is_editable, merge_observations
from driftline.errors import UsageError
from driftline.markup import shorten
from driftline.openapi import MISSING, EditError, Spec, edit_data
from driftline.printable import make_printable
from driftline.report import compute_fingerprint, group_findings

_LONGEST: Final = 200
_ALL_MISSING: Final = (
    "the server has no operation of the API",
    "Check its URL. If the API is gone, delete its spec and its client.",
)


@attrs.frozen
class AcceptancePlan:
    """The edits, the findings without an edit, and the new text of each changed file.

    `originals` are the previous texts of these files.
    """

    edits: tuple[SpecEdit, ...] = ()
    rejections: tuple[RejectedFinding, ...] = ()
    contents: Mapping[Path, str] = attrs.field(factory=dict[Path, str])
    originals: Mapping[Path, str] = attrs.field(factory=dict[Path, str])

    @property
    def apis(self) -> tuple[str, ...]:
        """The APIs whose specs change."""
        return tuple(dict.fromkeys(edit.api for edit in self.edits if edit.proposal.edits))


def build_plan(
    specs: Sequence[Spec],
    findings: Sequence[Finding],
    *,
    reported_findings: Sequence[Finding] = (),
    reason: str = "",
    day: date,
) -> AcceptancePlan:
    """Propose an edit for each finding, in order; one edit may settle several.

    If all operations of an API are missing, they are kept: its URL may be wrong. The reported
    findings are all findings of the report, among which some may have the same cause.

    Raises:
        SpecError: a file of a spec cannot be read.
    """
    edits: list[SpecEdit] = []
    rejections: list[RejectedFinding] = []
    contents: dict[Path, str] = {}
    originals: dict[Path, str] = {}
    for spec in specs:
        api_findings = [finding for finding in findings if finding.api == spec.name]
        if not api_findings:
            continue
        planner = _Planner(spec, open_placement(spec), reason, day)
        missing = {
            candidate.operation for candidate in api_findings if candidate.id == MISSING_OPERATION
        }
        if missing >= {operation.id for operation in spec.operations}:
            rejections += [RejectedFinding(candidate, *_ALL_MISSING) for candidate in api_findings]
            continue
        for finding in sorted(api_findings, key=_rank):
            planner.add(finding, _gather_evidence(finding, api_findings))
        edits += _find_roots(spec, planner.edits, reported_findings or api_findings)
        rejections += planner.rejections
        contents |= planner.placement.contents
        originals |= planner.placement.originals
    api_names = {spec.name for spec in specs}
    rejections += [
        RejectedFinding(finding, f"unknown API {finding.api!r}", "Pass its directory with --specs.")
        for finding in findings
        if finding.api not in api_names
    ]
    return AcceptancePlan(tuple(edits), tuple(rejections), contents, originals)


def _find_roots(
    spec: Spec, edits: Sequence[SpecEdit], findings: Sequence[Finding]
) -> list[SpecEdit]:
    """Return the edits, each with the finding without an edit that it may be a consequence of."""
    paths = {(spec.name, operation.id): operation.path for operation in spec.operations}
    own_findings = [finding for finding in findings if finding.api == spec.name]
    roots = {
        part.key: cause.lead
        for cause in group_findings(own_findings, paths=paths)
        for part in cause.parts
        if not is_editable(cause.lead)
    }
    return [attrs.evolve(edit, root=roots.get(edit.findings[0].key)) for edit in edits]


class _Planner:
    """Edits one spec, finding by finding."""

    def __init__(self, spec: Spec, placement: Placement, reason: str, day: date) -> None:
        self.placement = placement
        self.edits: list[SpecEdit] = []
        self.rejections: list[RejectedFinding] = []
        self._rejection_by_operation: dict[str, RejectedFinding] = {}
        self._api, self._reason, self._day = spec.name, reason, day
        self._document = self._original_document = spec.document

    def add(self, finding: Finding, evidence: Finding) -> None:
        """Edit the spec for a finding; `evidence` has all observations of its clause."""
        if self._follow(finding):
            return
        if finding.operation in self._rejection_by_operation:
            self.rejections.append(
                attrs.evolve(self._rejection_by_operation[finding.operation], finding=finding)
            )
            return
        try:
            proposal = propose(EditedDocument(self._document), evidence)
            self._apply(finding, proposal)
        except UnacceptableError as error:
            if self._is_removed(finding) and self._join(finding):
                return
            rejection = RejectedFinding(finding, error.reason, error.hint)
            self.rejections.append(rejection)
            if finding.id == MISSING_OPERATION:
                self._rejection_by_operation[finding.operation] = rejection

    def _apply(self, finding: Finding, proposal: Proposal) -> None:
        document = self._document
        try:
            for edit in proposal.edits:
                document = edit_data(document, edit)
        except (EditError, KeyError) as error:
            raise UnacceptableError(str(error), "Run driftline check again.") from None
        if not proposal.edits and self._join(finding):
            return
        reason = describe_origin(finding, proposal, self._reason, self._day)
        self.placement.place(proposal.edits, reason)
        self._document = document
        self.edits.append(SpecEdit(self._api, (finding,), proposal))

    def _is_removed(self, finding: Finding) -> bool:
        """Return whether an earlier edit removed the clause, which another operation may share."""
        pointer = finding.location.pointer
        now, before = EditedDocument(self._document), EditedDocument(self._original_document)
        return now.get(pointer) is MISSING and before.get(pointer) is not MISSING

    def _follow(self, finding: Finding) -> bool:
        """Return whether an edit about the same operation settles the finding.

        This holds for errors of the client, for another rejection without evidence, and for all
        findings of a removed operation.
        """
        is_unevident = finding.id in EDITABLE and not is_editable(finding)
        for index, edit in enumerate(self.edits):
            lead = edit.findings[0]
            is_same_kind = is_unevident and lead.id == finding.id
            is_settled = finding.id in FOLLOWING or is_same_kind or lead.id == MISSING_OPERATION
            if is_settled and any(
                earlier.operation == finding.operation for earlier in edit.findings
            ):
                self.edits[index] = attrs.evolve(edit, findings=(*edit.findings, finding))
                return True
        return False

    def _join(self, finding: Finding) -> bool:
        """Add the finding to an earlier edit that settles it; return whether there is one."""
        for index, edit in enumerate(self.edits):
            first = edit.findings[0]
            if (first.id, first.location.pointer) == (finding.id, finding.location.pointer):
                self.edits[index] = attrs.evolve(edit, findings=(*edit.findings, finding))
                return True
        return False


def _gather_evidence(finding: Finding, findings: Sequence[Finding]) -> Finding:
    """Return the finding with what several operations observed of its clause.

    One edit then settles them all: the widest bound, every value, each type of a field.
    """

    def identify(candidate: Finding) -> tuple[object, ...]:
        sites = {observation.site for observation in candidate.observed}
        return (
            candidate.id,
            candidate.location.pointer,
            candidate.where.rpartition(".")[2],
            frozenset(sites),
        )

    alike = (candidate for candidate in findings if identify(candidate) == identify(finding))
    observations = merge_observations(
        observation for candidate in alike for observation in candidate.observed
    )
    return attrs.evolve(finding, observed=observations)


def _rank(finding: Finding) -> int:
    """Rank findings: first those whose edits resolve others, last those that others may resolve."""
    if finding.id == MISSING_OPERATION:
        return 0
    is_unevident = finding.id in EDITABLE and not is_editable(finding)
    return 2 if finding.id in FOLLOWING or is_unevident else 1


def describe_origin(finding: Finding, proposal: Proposal, reason: str, day: date) -> str:
    """Return one line for the spec: the edit, date, reason and finding."""
    why = reason or (f"seen in {finding.source}" if finding.source else "as the server responds")
    mark = compute_fingerprint(finding)[:8]
    description = f"{proposal.summary}: {why} (accepted {day.isoformat()}, {finding.id} {mark})"
    line = re.sub(r"\s+", " ", make_printable(description)).strip()
    return shorten(line[:1].upper() + line[1:], _LONGEST)


_SHORTEST: Final = 6


def select_findings(findings: Sequence[Finding], names: Sequence[str]) -> list[Finding]:
    """Return the findings that `names` select: finding ids, APIs, or fingerprints (their start).

    Raises:
        UsageError: a name selects no finding.
    """
    if not names:
        return list(findings)
    selection: list[Finding] = []
    for name in names:
        fitting = [finding for finding in findings if _is_named(finding, name)]
        if not fitting:
            hint = "Pass a finding id, an API, or the first digits of a fingerprint."
            raise UsageError(f"no finding in the report matches {name!r}", hint)
        selection += [finding for finding in fitting if finding not in selection]
    return [finding for finding in findings if finding in selection]


def _is_named(finding: Finding, name: str) -> bool:
    if name in {finding.id, finding.api}:
        return True
    return len(name) >= _SHORTEST and compute_fingerprint(finding).startswith(name)
