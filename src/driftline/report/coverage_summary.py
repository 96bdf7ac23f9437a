"""Coverage in words: the share of the documented clauses that a run exercised."""

from __future__ import annotations

from collections.abc import Iterator

from driftline.checks import Check, Coverage
from driftline.markup import format_count
from driftline.report.report import Report


def share(coverage: Coverage) -> str:
    """`97 %`; 100 only if nothing is missing."""
    total = len(coverage.evidence)
    return f"{100 * coverage.covered // total if total else 100} %"


def _list_coverage(report: Report) -> Iterator[tuple[Check, Coverage]]:
    for check in report.checks:
        if check.coverage:
            yield check, check.coverage


def summarize_coverage(report: Report) -> str:
    """`Covered: 480 of 513 documented clauses; 33 not covered.`; "" if nothing was counted."""
    found = [coverage for _, coverage in _list_coverage(report)]
    total, seen = sum(len(each.evidence) for each in found), sum(each.covered for each in found)
    if not total:
        return ""
    missing = f"; {total - seen:,} not covered" if total - seen else ""
    return f"Covered: {seen:,} of {format_count(total, 'documented clause')}{missing}."


def list_not_covered(report: Report) -> Iterator[tuple[str, list[str]]]:
    """Yield each operation, and a line for each documented clause that was not covered there."""
    for check, coverage in _list_coverage(report):
        lines = [f"{each.subject}: {each.reason}  {each.location}" for each in coverage.uncovered]
        if lines:
            yield f"{check.api} {check.operation}", lines
