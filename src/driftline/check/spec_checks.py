"""Checks without a server: the spec is valid, and the generated client is up to date."""

from __future__ import annotations

from time import perf_counter

from driftline.checks import Check, Finding
from driftline.errors import GenerationError, Problem
from driftline.generate import Difference, compare
from driftline.markup import format_count
from driftline.openapi import MISSING, Spec, describe, release_validators
from driftline.openapi.lint.rules import lint
from driftline.project import Project

NAMED = 12
"""How many files of a stale client a finding names."""


def check_spec(spec: Spec) -> Check:
    """Validate the spec. Warnings are what `driftline lint` lists; they are no findings."""
    start = perf_counter()
    errors = [problem for problem in lint(spec) if problem.severity == "error"]
    release_validators()  # examples are validated in no direction, messages in one or the other
    findings = tuple(_build_spec_finding(spec, problem) for problem in errors)
    return _build_check(spec, "spec", findings, perf_counter() - start)


def _build_spec_finding(spec: Spec, problem: Problem) -> Finding:
    node = spec.get_node(problem.location.pointer)
    return Finding(
        id="spec.unsound",
        severity="breaking",
        api=spec.name,
        operation=_find_operation(spec, problem.location.pointer),
        location=problem.location,
        message=problem.message,
        expected=problem.hint,
        got="nothing" if node is MISSING else describe(node),
        where=problem.message,
    )


def _find_operation(spec: Spec, pointer: str) -> str:
    inside = (o.id for o in spec.operations if (pointer + "/").startswith(o.pointer + "/"))
    return next(inside, "")


def check_freshness(project: Project, spec: Spec) -> Check:
    """Compare the client in generated/ with the output of the generator, byte for byte."""
    start = perf_counter()
    try:
        differences = compare(project, [spec])
    except GenerationError as error:
        detail, seconds = str(error), perf_counter() - start
        return _build_check(spec, "fresh", (), seconds, detail)
    findings = (_build_stale_finding(spec, differences),) if differences else ()
    return _build_check(spec, "fresh", findings, perf_counter() - start)


def _build_stale_finding(spec: Spec, differences: list[Difference]) -> Finding:
    descriptions = [f"{difference.path} ({difference.kind})" for difference in differences[:NAMED]]
    more = len(differences) - len(descriptions)
    files = format_count(len(differences), "file")
    return Finding(
        id="generated.stale",
        severity="breaking",
        api=spec.name,
        operation="",
        location=spec.locate(""),
        message=f"the client in generated/ is out of date: {files}",
        expected=f"what `driftline generate {spec.name}` writes",
        got=", ".join(descriptions) + (f" and {more} more" if more else ""),
    )


def _build_check(
    spec: Spec, name: str, findings: tuple[Finding, ...], seconds: float, error: str = ""
) -> Check:
    return Check(
        api=spec.name,
        operation="",
        name=name,
        outcome="error" if error else "drift" if findings else "passed",
        findings=findings,
        detail=error,
        seconds=seconds,
    )
