"""Tests one mutant: runs the suite until a finding names it, or to the end."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Any, Literal

import attrs

from driftline.checks import CHECKS, COVERAGE, Check, Finding
from driftline.mock import Mock
from driftline.mutation.mutants import Mutant
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite import ROWS, run_suite

Verdict = Literal["killed", "assumed", "misattributed", "survived", "equivalent", "error"]

MOST = 5


@attrs.frozen(kw_only=True)
class Result:
    """The result of a mutant. `found` is the finding that names it, or another one."""

    id: str
    api: str
    clause: str
    file: str
    line: int
    verdict: Verdict
    expected: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    detail: str = ""
    seconds: float = 0.0
    requests: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return attrs.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Result:
        lists: dict[str, Any] = {name: tuple(data[name]) for name in ("expected", "found")}
        return cls(**{**data, **lists})


def try_mutant(project: Project, spec: Spec, mutant: Mutant, seed: int = 0) -> Result:
    """Run the suite against the mutant, the most likely check first."""
    if mutant.equivalent:
        return build_equivalent(spec, mutant)
    started = perf_counter()

    def is_enough(check: Check) -> bool:
        return any(map(mutant.is_named_by, check.findings))

    unaffected = {check.name for check in CHECKS if not check.asks_server}

    def rank(operation: str, name: str) -> int | None:
        if name in unaffected:
            return None
        own = operation in mutant.operations
        if not own and mutant.check == COVERAGE:
            return None  # the coverage of an operation is about its own checks
        return 0 if own and name == mutant.check else 1 if own else 2

    handle = mutant.handle(Mock(spec, rows=ROWS, seed=seed), seed)
    logger = logging.getLogger("driftline")
    before, logger.disabled = logger.disabled, True
    try:
        handles = {spec.name: handle}
        checks = run_suite(
            project, [spec], handles=handles, seed=seed, rank=rank, stop_when=is_enough
        )
    except Exception as error:  # a mutant that breaks the suite must not end the run
        return build_failure(spec, mutant, f"{type(error).__name__}: {error}")
    finally:
        logger.disabled = before
    named = [each for check in checks for each in check.findings if mutant.is_named_by(each)]
    made = _judge(spec, mutant, checks, named)
    sent = sum(check.requests for check in checks)
    return attrs.evolve(made, seconds=round(perf_counter() - started, 3), requests=sent)


def _judge(spec: Spec, mutant: Mutant, checks: list[Check], named: list[Finding]) -> Result:
    others = [finding for check in checks for finding in check.findings]
    details = [f"{check.name}: {check.detail}" for check in checks if check.outcome == "error"]
    if named:
        # By default, a finding on an assumption does not fail a run against a live server.
        fails = [finding for finding in named if finding.severity != "assumed"]
        return _build_result(spec, mutant, "killed" if fails else "assumed", (fails or named)[:1])
    if others:
        return _build_result(spec, mutant, "misattributed", others)
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
    shown = (f"{f.id} {f.operation} {f.location.pointer} {f.where}".strip() for f in findings)
    return Result(
        id=mutant.id,
        api=spec.name,
        clause=mutant.clause.pointer,
        file=mutant.location.file.as_posix(),
        line=mutant.location.line,
        verdict=verdict,
        expected=tuple(sorted(mutant.expected)),
        found=tuple(dict.fromkeys(shown))[:MOST],
        detail=detail,
    )
