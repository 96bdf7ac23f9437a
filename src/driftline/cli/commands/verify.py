"""Runs the checks of `driftline generate --verify`: mypy, then the contract suite."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from driftline.accept import run_mypy
from driftline.changes import Step
from driftline.check import check
from driftline.cli.progress import show_check_progress
from driftline.openapi import Spec
from driftline.project import Project
from driftline.report.terminal import render


def verify(project: Project, specs: Sequence[Spec], callers: Sequence[Path]) -> tuple[Step, ...]:
    """Return the steps with their output; a step runs even if the one before failed."""
    return (_check_types(project, specs, callers), _run_suite(project, specs))


def _check_types(project: Project, specs: Sequence[Spec], callers: Sequence[Path]) -> Step:
    """Run mypy, with the settings of the project, on the clients and the code that uses them."""
    names = ", ".join(["the clients", *map(str, callers)])
    name = f"types of {names}"
    if find_spec("mypy") is None:
        return Step(name, "skipped", "mypy is not installed; run: pip install mypy")
    paths = [str(project.generated / spec.client_package) for spec in specs]
    paths += [str(path.resolve()) for path in callers]
    code, output = run_mypy(project, project.generated, paths)
    message = output.strip()
    if code > 1:
        return Step(name, "error", message)
    return Step(name, "failed" if code else "passed", message)


def _run_suite(project: Project, specs: Sequence[Spec]) -> Step:
    """Run the contract suite against the mock."""
    name = "contract suite against the mock"
    with show_check_progress() as progress:
        report = check(project, [spec.name for spec in specs], progress=progress)
    message = render(report).strip()
    if report.exit_code == 0:
        return Step(name, "passed", message.splitlines()[-1])
    return Step(name, "failed" if report.exit_code == 1 else "error", message)
