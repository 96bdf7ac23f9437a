"""Confirms assumptions: removes `x-assumed` from clauses that a run has exercised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from driftline.accept.edits import Proposal, SpecEdit, UnacceptableError
from driftline.accept.marks import list_mark_removals
from driftline.accept.placement import open_placement
from driftline.accept.plan import AcceptancePlan
from driftline.checks import Coverage, Finding
from driftline.openapi import Spec, TextEdit, is_object, walk


def confirm_assumptions(
    specs: Sequence[Spec],
    findings: Sequence[Finding],
    coverage: Mapping[str, Sequence[Coverage]],
    *,
    reason: str = "",
    day: date,
) -> AcceptancePlan:
    """Remove the mark of each assumption that the run covered without a finding.

    `coverage` has the operations of each API that the run checked.

    Raises:
        SpecError: a file of a spec cannot be read.
    """
    edits: list[SpecEdit] = []
    contents: dict[Path, str] = {}
    originals: dict[Path, str] = {}
    for spec in specs:
        placement = open_placement(spec)
        covered_pointers = [
            evidence.location.pointer
            for entry in coverage.get(spec.name, ())
            for evidence in entry.evidence
            if evidence.first
        ]
        violated_pointers = [
            finding.location.pointer for finding in findings if finding.api == spec.name
        ]
        is_confirmed = partial(_is_confirmed, covered_pointers, violated_pointers)
        for clauses, edit in _list_marks(spec.document, is_confirmed):
            proposal = Proposal(f"confirm the assumption {', '.join(clauses)}", (edit,))
            why = reason or "covered without a finding"
            try:
                placement.place((edit,), f"Confirmed: {why} (accepted {day.isoformat()})")
            except UnacceptableError:
                continue  # a mark that cannot be removed stays
            edits.append(SpecEdit(spec.name, (), proposal))
        contents |= placement.contents
        originals |= placement.originals
    return AcceptancePlan(tuple(edits), (), contents, originals)


def _list_marks(
    document: object, is_confirmed: Callable[[str], bool]
) -> Iterator[tuple[list[str], TextEdit]]:
    """Yield each mark to be removed, with its clauses.

    A mark covers a node, or single keywords.
    """
    for pointer, node in walk(document):
        if is_object(node):
            yield from list_mark_removals(pointer, node.get("x-assumed"), is_confirmed)


def _is_confirmed(
    covered_pointers: Sequence[str], violated_pointers: Sequence[str], clause: str
) -> bool:
    is_covered = any(_is_below(pointer, clause) for pointer in covered_pointers)
    return is_covered and not any(_is_below(pointer, clause) for pointer in violated_pointers)


def _is_below(pointer: str, ancestor: str) -> bool:
    return (pointer + "/").startswith(ancestor + "/")
