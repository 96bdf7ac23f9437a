"""The record of one run: its findings, the checked APIs, and its coverage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import attrs

from driftline.checks import Finding
from driftline.openapi import is_array, is_object
from driftline.printable import make_printable
from driftline.report import SEVERITIES, Report, compute_fingerprint

VERSION: Final = 1
MOST: Final = 500
"""Maximum findings of one run that are stored; of the others, only the number."""
_LONGEST: Final = 160


@attrs.frozen(kw_only=True)
class TrackedClause:
    """A finding without values of a server."""

    fingerprint: str
    id: str
    severity: str
    api: str
    operation: str
    where: str
    pointer: str
    file: str
    line: int
    counts: bool

    @classmethod
    def build(cls, finding: Finding, *, counts: bool) -> TrackedClause:
        """Record a finding; `counts` says whether it made the run fail."""
        location = finding.location
        return cls(
            fingerprint=compute_fingerprint(finding),
            id=finding.id,
            severity=finding.severity,
            api=finding.api,
            operation=finding.operation[:_LONGEST],
            where=finding.where[:_LONGEST],
            pointer=location.pointer[:_LONGEST],
            file=location.file.as_posix()[-_LONGEST:],
            line=location.line,
            counts=counts,
        )

    @property
    def name(self) -> str:
        """Return operation, id and place, in one line."""
        return " ".join(filter(None, (self.api, self.operation, self.id, self.where)))


@attrs.frozen(kw_only=True)
class RunEntry:
    """One run. `settled` are the APIs that were checked completely.

    `unchecked` are the fingerprints of earlier findings of these APIs that a recording could not
    show again.
    `targets` names the server or mock of each API, `coverage` the exercised and all clauses.
    `left_out` is the number of findings that are not stored.
    """

    time: datetime
    version: str
    exit_code: int
    targets: dict[str, str]
    settled: frozenset[str]
    findings: tuple[TrackedClause, ...] = ()
    left_out: int = 0
    coverage: dict[str, tuple[int, int]] = attrs.field(factory=dict[str, tuple[int, int]])
    unchecked: frozenset[str] = frozenset()

    def has_checked(self, clause: TrackedClause) -> bool:
        """Return whether the run would have the finding if its cause were still there."""
        return clause.api in self.settled and clause.fingerprint not in self.unchecked

    @classmethod
    def build(cls, report: Report, earlier: Iterable[TrackedClause] = ()) -> RunEntry:
        """Record a report; `earlier` are the findings of the runs before it."""
        findings = report.findings
        stored_clauses = [
            TrackedClause.build(f, counts=report.is_failure(f)) for f in findings[:MOST]
        ]
        return cls(
            time=report.started,
            version=report.version,
            exit_code=report.exit_code,
            targets=dict(report.targets),
            settled=report.settled if len(stored_clauses) == len(findings) else frozenset(),
            findings=tuple(stored_clauses),
            left_out=len(findings) - len(stored_clauses),
            coverage=_count_coverage(report),
            unchecked=frozenset(
                clause.fingerprint
                for clause in earlier
                if clause.api in report.settled
                and not report.has_checked(clause.api, clause.operation, clause.id, clause.where)
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return {
            "history": VERSION,
            "time": self.time.isoformat(timespec="microseconds"),
            "driftline": self.version,
            "exit_code": self.exit_code,
            "targets": self.targets,
            "settled": sorted(self.settled),
            "findings": [attrs.asdict(clause) for clause in self.findings],
            "left_out": self.left_out,
            "coverage": {api: list(counts) for api, counts in self.coverage.items()},
            "unchecked": sorted(self.unchecked),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RunEntry:
        """Read a line; the file may come from anywhere, so every string is made printable.

        Raises:
            ValueError: it is not a line of a history.
        """
        try:
            if data["history"] != VERSION:
                raise ValueError(f"history {data['history']!r}")
            return cls(
                time=read_time(data["time"]),
                version=_read_text(data["driftline"]),
                exit_code=_read_count(data["exit_code"]),
                targets={_read_text(k): _read_text(v) for k, v in data["targets"].items()},
                settled=frozenset(map(_read_text, data["settled"])),
                findings=tuple(_read_clauses(data["findings"])),
                left_out=_read_count(data["left_out"]),
                coverage={
                    _read_text(api): (_read_count(covered), _read_count(total))
                    for api, (covered, total) in data["coverage"].items()
                },
                unchecked=frozenset(map(_read_text, data.get("unchecked", ()))),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(str(error)) from None


def _read_clauses(rows: Any) -> Iterator[TrackedClause]:
    for row in rows if is_array(rows) else ():
        if is_object(row):
            field_names = (
                "fingerprint",
                "id",
                "severity",
                "api",
                "operation",
                "where",
                "pointer",
                "file",
            )
            fields = {name: _read_text(row[name]) for name in field_names}
            if fields["severity"] not in SEVERITIES:
                raise ValueError(f"severity {fields['severity']}")
            yield TrackedClause(**fields, line=_read_count(row["line"]), counts=bool(row["counts"]))


def read_time(string: str) -> datetime:
    """Return a time with its zone, so that any two can be compared.

    Raises:
        ValueError: it is not one.
    """
    time = datetime.fromisoformat(string)
    if time.tzinfo is None:
        raise ValueError("no time zone")
    return time


def _read_count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10**9:
        raise ValueError("not a count")
    return value


def _read_text(value: Any) -> str:
    return make_printable(str(value))


def _count_coverage(report: Report) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for check in report.checks:
        if check.coverage is not None:
            covered, total = counts.get(check.api, (0, 0))
            more = len(check.coverage.evidence)
            counts[check.api] = (covered + check.coverage.covered, total + more)
    return counts
