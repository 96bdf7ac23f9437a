"""Groups findings by cause: one change would fix all of them.

Baselines and exit codes refer to findings. Causes are for people: five operations that share a
schema, sixteen fields whose types are not validated, a renamed field, an API without
authentication.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from driftline.checks import Finding
from driftline.report.consequences import (
    SHAPE,
    Paths,
    is_consequence,
    list_locations,
    list_root_locations,
)

_ORDER: Final = ("breaking", "additive", "assumed")
_BY_API: Final = frozenset(
    {"security.not-enforced", "security.elsewhere-accepted", "security.rejection.status"}
)
_BY_OPERATION: Final = frozenset(
    {
        "effect.default.wrong",
        "effect.field.changed",
        "effect.field.reset",
        "listing.order.wrong",
        "listing.row.lost",
    }
)
_BY_LOCATION: Final = frozenset({"response.status.undocumented", "response.header.missing"})
"""Findings that all operations share, such as a framework's own 422."""
_OF_CONTENT_TYPE: Final = frozenset(
    {"response.content-type.missing", "response.content-type.undocumented"}
)
"""Findings that all responses share, since a framework or one handler of errors writes them."""
_Key = tuple[Hashable, Hashable]
"""The partition of a cause's findings, and the key that they share."""


@attrs.frozen
class Cause:
    """Findings of one cause: the most severe first, consequences last."""

    findings: tuple[Finding, ...]

    @property
    def lead(self) -> Finding:
        """The finding that represents the cause."""
        return self.findings[0]

    @property
    def parts(self) -> tuple[Finding, ...]:
        """The other findings."""
        return self.findings[1:]


def group_findings(
    findings: Iterable[Finding],
    get_partition: Callable[[Finding], Hashable] = lambda _: None,
    paths: Paths = MappingProxyType({}),
) -> tuple[Cause, ...]:
    """Return the causes of findings, in the order of their first finding.

    Findings for which `get_partition` differs, such as those in the baseline, are in different
    causes.
    """
    groups: dict[_Key, list[Finding]] = {}
    for finding in findings:
        key = (get_partition(finding), finding.severity == "assumed"), _find_cause(finding)
        groups.setdefault(key, []).append(finding)
    causes = {key: Cause(tuple(sorted(group, key=_rank))) for key, group in groups.items()}
    return _join_consequences(causes, paths)


def _join_consequences(causes: Mapping[_Key, Cause], paths: Paths) -> tuple[Cause, ...]:
    """Move causes that are consequences of another cause into that one."""
    findings_by_key = {key: list(cause.findings) for key, cause in causes.items()}
    roots: dict[_Key, _Key] = {}
    candidates = _index_roots(causes, paths)
    for key, cause in causes.items():
        possible_roots = {
            number: candidate
            for location in list_root_locations(cause.lead, paths)
            for number, candidate in candidates.get((key[0], location), ())
        }
        for _, root_key in sorted(possible_roots.items()):
            if root_key == key or _find_root(roots, root_key) == key:
                continue
            root = causes[root_key]
            if all(any(is_consequence(p, r, paths) for r in root.findings) for p in cause.findings):
                roots[key] = root_key
                break
    for key in roots:
        findings_by_key[_find_root(roots, key)] += causes[key].findings
        del findings_by_key[key]
    return tuple(Cause(tuple(findings)) for findings in findings_by_key.values())


def _index_roots(
    causes: Mapping[_Key, Cause], paths: Paths
) -> Mapping[tuple[Hashable, Hashable], list[tuple[int, _Key]]]:
    """Return the numbered causes by partition, and by the locations of their consequences."""
    index: dict[tuple[Hashable, Hashable], list[tuple[int, _Key]]] = {}
    for number, (key, cause) in enumerate(causes.items()):
        for location in {
            root_location
            for root in cause.findings
            for root_location in list_locations(root, paths)
        }:
            index.setdefault((key[0], location), []).append((number, key))
    return index


def _find_root(roots: Mapping[_Key, _Key], key: _Key) -> _Key:
    while key in roots:
        key = roots[key]
    return key


def _rank(finding: Finding) -> int:
    return _ORDER.index(finding.severity)


def _find_cause(finding: Finding) -> Hashable:
    """Return the key that all findings of one cause share."""
    pointer = finding.location.pointer
    owner_pointer, _, keyword = pointer.rpartition("/")
    if finding.id in _BY_API:
        return finding.api, finding.id
    if finding.id in _BY_OPERATION:
        return finding.api, finding.id, finding.operation
    if finding.id in _OF_CONTENT_TYPE:
        return finding.api, finding.id, finding.expected, finding.got.partition(":")[0]
    if finding.id in _BY_LOCATION:
        return finding.api, finding.id, finding.where
    if finding.id == "request.invalid.accepted" and keyword in {"format", "type"}:
        # A server that validates the type of one field usually validates all of them.
        return finding.api, finding.id, finding.operation, keyword
    if finding.id in SHAPE:
        return finding.api, "shape", owner_pointer
    return finding.api, finding.id, pointer, finding.where.rpartition(".")[2]
