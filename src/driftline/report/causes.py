"""Findings by what one change would fix: a cause, with the operations and fields it was seen at.

A finding stays what a baseline accepts and what an exit code counts. A cause is for people: five
operations that share a schema, sixteen fields whose types nobody validates, a renamed field, an API
that requests no credential.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final

import attrs

from driftline.checks import Finding

_ORDER: Final = ("breaking", "additive", "assumed")
_SHAPE: Final = frozenset({"response.required.missing", "response.field.undocumented"})
"""What a renamed field, or an object of another shape, is seen as."""
_BY_API: Final = frozenset(
    {"security.not-enforced", "security.elsewhere-accepted", "security.rejection.status"}
)
_BY_OPERATION: Final = frozenset({"effect.field.reset"})
_BY_PLACE: Final = frozenset({"response.status.undocumented", "response.header.missing"})
"""What every operation has alike, such as a framework's own 422."""


@attrs.frozen
class Cause:
    """Findings with one cause, the most severe first."""

    findings: tuple[Finding, ...]

    @property
    def lead(self) -> Finding:
        """The finding that stands for all."""
        return self.findings[0]

    @property
    def parts(self) -> tuple[Finding, ...]:
        """The other findings."""
        return self.findings[1:]


def group_findings(
    findings: Iterable[Finding], standing: Callable[[Finding], Hashable] = lambda _: None
) -> tuple[Cause, ...]:
    """Return the causes of findings, in the order of the first of each.

    What has another `standing`, such as an accepted finding, is never in one cause with the rest.
    """
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        key = standing(finding), finding.severity == "assumed", _find_cause(finding)
        groups.setdefault(key, []).append(finding)
    return tuple(Cause(tuple(sorted(group, key=_rank))) for group in groups.values())


def _rank(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _find_cause(finding: Finding) -> Hashable:
    """Return what is the same in all findings of one cause."""
    pointer = finding.location.pointer
    holder, _, keyword = pointer.rpartition("/")
    if finding.id in _BY_API:
        return finding.api, finding.id
    if finding.id in _BY_OPERATION:
        return finding.api, finding.id, finding.operation
    if finding.id in _BY_PLACE:
        return finding.api, finding.id, finding.where
    if finding.id == "request.invalid.accepted" and keyword == "type":
        # Whoever validates the types of one field validates those of all.
        return finding.api, finding.id, finding.operation, keyword
    if finding.id in _SHAPE:
        return finding.api, "shape", holder
    return finding.api, finding.id, pointer, finding.where.rpartition(".")[2]
