"""The table of a report for all formats: a row per operation, a column per group of checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import attrs

from driftline.checks import CHECKS, COVERAGE, Check, Finding
from driftline.markup import format_count
from driftline.report.phrases import share
from driftline.report.report import MOCK, RECORDED, Report, ReportedApi

State = Literal["passed", "assumed", "drift", "error", "not-sent", "none", "blank"]

COVERED: Final = "covered"
# The columns from left to right. Any other check has a column of its own.
ORDER: Final = (
    *("spec", "fresh", "examples", "fuzzing", "listing", "auth", "creation", "client"),
    COVERED,
)
_COLUMN_OF: Final = {
    **{check.name: check.column for check in CHECKS},
    COVERAGE: COVERED,
}
_MARKS: Final = {
    "passed": "✓",
    "assumed": "~",
    "drift": "✗",
    "error": "!",
    "blank": "",
    "none": "–",  # noqa: RUF001 - a dash it is
}
_WORDS: Final = {
    "passed": "agrees",
    "assumed": "differs but does not fail the run: assumed, in the baseline or not new",
    "drift": "drift",
    "error": "could not be checked",
    "not-sent": "skipped",
    "none": "does not apply",
    "blank": "",
}


@attrs.frozen
class Cell:
    """The result of the checks of one column for one row; `first` is the finding to link to."""

    state: State
    findings: int = 0
    checks: int = 0
    details: tuple[str, ...] = ()
    coverage: str = ""
    first: Finding | None = None

    @property
    def text(self) -> str:
        """A mark, and the number of findings."""
        if self.state == "not-sent":
            return "skipped"
        if self.coverage and self.state == "passed":
            return self.coverage
        count = f" {self.findings}" if self.findings else ""
        return _MARKS[self.state] + count

    @property
    def words(self) -> str:
        """The result in words, for screen readers."""
        if self.coverage and self.state == "passed":
            return f"{self.coverage} of the documented clauses are covered"
        count = f", findings: {self.findings}" if self.findings else ""
        return _WORDS[self.state] + count


@attrs.frozen
class GridRow:
    """The cells of an operation, or of the API as a whole if `operation` is empty."""

    api: str
    operation: str
    label: str
    note: str
    cells: tuple[Cell, ...]
    requests: int = 0
    seconds: float = 0.0

    @property
    def cost(self) -> str:
        """`120 requests in 1.4 s`; "" if nothing was sent."""
        count = format_count(self.requests, "request")
        return f"{count} in {self.seconds:.1f} s" if self.requests else ""


def list_columns(report: Report) -> list[str]:
    """Return the columns with at least one check of this run."""
    present = {_find_column(check) for check in report.checks}
    standard, custom = [name for name in ORDER if name in present], sorted(present - {*ORDER})
    last = [name for name in standard if name == COVERED]
    return [*(name for name in standard if name != COVERED), *custom, *last]


def build_rows(report: Report) -> list[GridRow]:
    """Return each API, followed by its operations."""
    strays = [check for check in report.checks if check.api not in report.targets]
    name = "files" if all(check.name == "reading" for check in strays) else "suite"
    head = [_build_row(report, "", "", (name, ""), strays)] if strays else []
    return head + [row for api in report.apis for row in _build_api_rows(report, api)]


def _build_api_rows(report: Report, api: ReportedApi) -> Iterator[GridRow]:
    mine = [check for check in report.checks if check.api == api.name]
    api_checks = [check for check in mine if not check.operation]
    yield _build_row(
        report,
        api.name,
        "",
        (api.name, api.target if api.target in {MOCK, RECORDED} else "live"),
        api_checks,
    )
    for line in api.operations:
        checks = [check for check in mine if check.operation == line.id]
        note = f"{line.method} {line.path}"
        yield _build_row(report, api.name, line.id, (line.id, note), checks)


def _build_row(
    report: Report, api: str, operation: str, names: tuple[str, str], checks: Sequence[Check]
) -> GridRow:
    cells = (
        _build_cell(report, [check for check in checks if _find_column(check) == name])
        if _is_applicable(report, name, operation)
        else Cell("blank")
        for name in list_columns(report)
    )
    requests, seconds = (sum(check.requests for check in checks), sum(e.seconds for e in checks))
    return GridRow(api, operation, *names, tuple(cells), requests, seconds)


def _is_applicable(report: Report, column: str, operation: str) -> bool:
    """Return whether a check applies: some are about an API, others about operations."""
    column_checks = [check for check in report.checks if _find_column(check) == column]
    return any(bool(check.operation) == bool(operation) for check in column_checks)


def _find_column(check: Check) -> str:
    return _COLUMN_OF.get(check.name, check.name)


def _build_cell(report: Report, checks: Sequence[Check]) -> Cell:
    findings = {finding.key: finding for check in checks for finding in check.findings}
    details = tuple(f"{c.name}: {c.detail}" for c in checks if c.detail)
    failures = list(filter(report.is_failure, findings.values()))
    drift = bool(failures)
    drift |= any(check.outcome == "drift" and not check.findings for check in checks)
    state = _choose_state(checks, bool(findings), drift)
    covered_share = next((share(check.coverage) for check in checks if check.coverage), "")
    first = next(iter([*failures, *findings.values()]), None)
    return Cell(state, len(findings), len(checks), details, covered_share, first)


def _choose_state(checks: Sequence[Check], has_findings: bool, drift: bool) -> State:
    outcomes = {check.outcome for check in checks}
    if "error" in outcomes:
        return "error"
    if drift:
        return "drift"
    if "not-sent" in outcomes:
        return "not-sent"
    if not outcomes:
        return "none"
    return "assumed" if has_findings else "passed"
