"""Tests one mutant: runs the suite until a finding names it, or to the end.

Checks that send nothing to its operations respond as they do to the right mock, and are skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from glob import escape
from time import perf_counter
from typing import Any, Literal

import attrs

from driftline.checks import CHECKS, COVERAGE, Check, Finding
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import Mutant, matches_path
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite import ROWS, OperationFilter, run_suite

Touched = Mapping[tuple[str, str], frozenset[str]]
"""The operations that a check sends requests to, by its own operation and its name."""
Verdict = Literal["killed", "assumed", "misattributed", "survived", "equivalent", "error"]

MOST = 5


@attrs.frozen(kw_only=True)
class Result:
    """The result of a mutant. `reported` is the finding that names it, or another one."""

    id: str
    api: str
    clause: str
    file: str
    line: int
    verdict: Verdict
    expected: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    detail: str = ""
    seconds: float = 0.0
    requests: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return attrs.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Result:
        lists: dict[str, Any] = {name: tuple(data[name]) for name in ("expected", "reported")}
        return cls(**{**data, **lists})


class _Recorder:
    """A right mock that records which operations are called."""

    def __init__(self, mock: Mock) -> None:
        self._mock, self._names = mock, set[str]()
        self.reset = mock.reset

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Other methods of the path count, too, since a mutant may break them.
        operations = self._mock.spec.operations
        self._names |= {
            operation.id for operation in operations if matches_path(operation.path, request.path)
        }
        return self._mock.handle(request)

    def take(self) -> frozenset[str]:
        """Return the operations since the last call."""
        names, self._names = self._names, set[str]()
        return frozenset(names)


def record_touched(project: Project, spec: Spec, seed: int = 0) -> Touched:
    """Run the suite against the right mock, and return which operations each check calls."""
    operations_by_check: dict[tuple[str, str], frozenset[str]] = {}
    recorder = _Recorder(Mock(spec, rows=ROWS, seed=seed))

    def note(check: Check | None, _: int, __: int) -> None:
        if check is not None:
            operations_by_check[check.operation, check.name] = recorder.take()

    run_suite(project, [spec], handles={spec.name: recorder}, seed=seed, on_progress=note)
    return operations_by_check


def try_mutant(
    project: Project,
    spec: Spec,
    mutant: Mutant,
    seed: int = 0,
    operations_by_check: Touched | None = None,
) -> Result:
    """Run the suite against the mutant, the most likely check first.

    `operations_by_check` is what `record_touched` returns; without it, every check is run.
    """
    if mutant.equivalent:
        return build_equivalent(spec, mutant)
    start = perf_counter()

    def is_enough(check: Check) -> bool:
        return any(map(mutant.is_reported_by, check.findings))

    rank, selection = _choose_checks(mutant, operations_by_check)
    handle = mutant.handle(Mock(spec, rows=ROWS, seed=seed), seed)
    logger = logging.getLogger("driftline")
    before, logger.disabled = logger.disabled, True
    try:
        handles = {spec.name: handle}
        checks = run_suite(
            project,
            [spec],
            handles=handles,
            seed=seed,
            rank=rank,
            stop_when=is_enough,
            selection=selection,
        )
    except Exception as error:  # a mutant that breaks the suite must not end the run
        return build_failure(spec, mutant, f"{type(error).__name__}: {error}")
    finally:
        logger.disabled = before
    named_findings = [
        finding for check in checks for finding in check.findings if mutant.is_reported_by(finding)
    ]
    result = _judge(spec, mutant, checks, named_findings)
    request_count = sum(check.requests for check in checks)
    return attrs.evolve(result, seconds=round(perf_counter() - start, 3), requests=request_count)


def _choose_checks(
    mutant: Mutant, operations_by_check: Touched | None
) -> tuple[Callable[[str, str], int | None], OperationFilter]:
    """Return the order of the checks that can notice a mutant, and their operations."""
    affected_operations = mutant.operations
    unaffected = {check.name for check in CHECKS if not check.asks_server}

    def affects(operation: str, name: str) -> bool:
        return operations_by_check is None or bool(
            operations_by_check.get((operation, name), affected_operations) & affected_operations
        )

    def rank(operation: str, name: str) -> int | None:
        if name in unaffected or not affects(operation, name):
            return None
        is_own = operation in affected_operations
        if not is_own and mutant.check == COVERAGE:
            return None  # the coverage of an operation is about its own checks
        return 0 if is_own and name == mutant.check else 1 if is_own else 2

    subjects = {
        name for name, check in operations_by_check or () if affects(name, check)
    } | affected_operations
    return rank, OperationFilter(
        operations=tuple(map(escape, subjects)) if operations_by_check else ()
    )


def _judge(
    spec: Spec, mutant: Mutant, checks: list[Check], named_findings: list[Finding]
) -> Result:
    findings = [finding for check in checks for finding in check.findings]
    details = [f"{check.name}: {check.detail}" for check in checks if check.outcome == "error"]
    if named_findings:
        # By default, a finding on an assumption does not fail a run against a live server.
        fails = [finding for finding in named_findings if finding.severity != "assumed"]
        return _build_result(
            spec, mutant, "killed" if fails else "assumed", (fails or named_findings)[:1]
        )
    if findings:
        return _build_result(spec, mutant, "misattributed", findings)
    verdict: Verdict = "error" if details or not checks else "survived"
    return _build_result(spec, mutant, verdict, [], "; ".join(details) or "")


def build_equivalent(spec: Spec, mutant: Mutant) -> Result:
    """Return the result of an equivalent mutant."""
    return _build_result(spec, mutant, "equivalent", [], mutant.equivalent)


def build_failure(spec: Spec, mutant: Mutant, detail: str) -> Result:
    """Return the result of a mutant that could not be tested."""
    return _build_result(spec, mutant, "error", [], detail)


def _build_result(
    spec: Spec, mutant: Mutant, verdict: Verdict, findings: list[Finding], detail: str = ""
) -> Result:
    descriptions = (
        f"{f.id} {f.operation} {f.location.pointer} {f.where}".strip() for f in findings
    )
    return Result(
        id=mutant.id,
        api=spec.name,
        clause=mutant.clause.pointer,
        file=mutant.location.file.as_posix(),
        line=mutant.location.line,
        verdict=verdict,
        expected=tuple(sorted(mutant.expected)),
        reported=tuple(dict.fromkeys(descriptions))[:MOST],
        detail=detail,
    )
