"""Past drift: the reports of diff, generate and check for each step, and the code that breaks.

The steps, the callers and the expected reports are in roark.yaml and revox.yaml.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from ruamel.yaml import YAML

from driftline.changes.release.outcome import Outcome
from driftline.changes.release.regenerate import regenerate
from driftline.changes.wire import Change
from driftline.check import check
from driftline.checks.finding import Finding
from driftline.mock import Mock
from driftline.openapi import load
from driftline.project import Project
from driftline.report import Report
from history.replay import APIS, SPECS, Step, list_revisions, list_steps

LONG = re.compile(r"Literal\[[^]]{99,}\]")
PROGRAM = """\
import datetime
from typing import Literal, assert_never
from uuid import UUID

from {new} import {client}, models
from {old}.models import {known}

STARTED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
ID = UUID(int=1)
client = {client}()

"""


@attrs.frozen
class ReplayedStep:
    """A step with its regenerated client and the old suite's report on the new mock."""

    step: Step
    outcome: Outcome
    report: Report


def replay(api: str, folder: Path) -> list[ReplayedStep]:
    """Replay all steps, and keep the project after each one in `folder` as `0`, `1`, …"""
    current = folder / "now"
    path = current / "specs" / f"{api}.json"
    path.parent.mkdir(parents=True)
    replayed_steps: list[ReplayedStep] = []
    for step, document in zip([None, *list_steps(api)], list_revisions(api), strict=True):
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        spec = load(path)
        outcome = regenerate(Project(current), [spec])
        if step is not None:
            old = Project(folder / str(step.number - 1))
            report = check(old, [api], handles={api: Mock(spec).handle})
            replayed_steps.append(ReplayedStep(step, outcome, report))
        shutil.copytree(current, folder / str(step.number if step else 0))
    return replayed_steps


def list_type_errors(api: str, folder: Path) -> list[str]:
    """Return mypy's errors for each caller with the client before and after its step."""
    callers = folder / "callers"
    for step in list_steps(api):
        for number, side in ((step.number - 1, "before"), (step.number, "after")):
            package = folder / str(number) / "generated" / f"{api}_client"
            shutil.copytree(package, callers / f"{api}_{number}", dirs_exist_ok=True)
            (callers / f"{step.number}_{side}.py").write_text(build_program(step, number))
    programs = sorted(path.name for path in callers.glob("*.py"))
    options = ["--strict", "--config-file=", "--no-error-summary"]
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--scripts-are-modules", *options, *programs],
        cwd=callers,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stderr == ""
    # Notes depend on what is in the cache of mypy.
    lines = [line for line in process.stdout.splitlines() if ": error: " in line]
    return [LONG.sub("Literal[…]", line) for line in lines]


def build_program(step: Step, number: int) -> str:
    """Return the caller of a step as a program for the client after `number` steps."""
    status_import = (
        "EndedStatus as OldEndedStatus" if step.api == "roark" else "CallStatus as OldStatus"
    )
    head = PROGRAM.format(
        new=f"{step.api}_{number}",
        old=f"{step.api}_{step.number - 1}",
        client=step.api.capitalize(),
        known=status_import,
    )
    return head + step.caller


def format_change(change: Change) -> str:
    return f"{change.severity}  {change.uses[0]}: {change.message} ({change.id})"


def format_finding(finding: Finding) -> str:
    field = f" {finding.where}" if finding.where else ""
    return f"{finding.severity}  {finding.operation}{field}: {finding.message} ({finding.id})"


@pytest.mark.parametrize("api", APIS)
def test_reported_changes_and_broken_lines_are_exact(api: str, tmp_path: Path) -> None:
    """The reported wire and Python changes, the findings with the old client, and the type errors
    of callers are exactly those of the history.
    """
    replayed_steps = replay(api, tmp_path)
    for replayed_step in replayed_steps:
        step, outcome, report = replayed_step.step, replayed_step.outcome, replayed_step.report
        assert outcome.unknown == ()
        assert [format_change(change) for change in outcome.wire.changes] == step.wire
        assert [format_change(change) for change in outcome.python.changes] == step.python
        formatted_findings = {format_finding(finding) for finding in report.findings}
        assert set(step.check) <= formatted_findings, sorted(formatted_findings)
        operations = {line.split()[1].rstrip(":") for line in step.check}
        assert {finding.operation for finding in report.findings} == operations
        assert report.exit_code == bool(step.check)
    type_errors = list_type_errors(api, tmp_path)
    for step in list_steps(api):
        step_errors = [line for line in type_errors if line.startswith(f"{step.number}_")]
        after = [line.partition("_after.py:")[2].partition(": ")[2] for line in step_errors]
        assert after == step.errors
        # What is called breaking breaks somebody; what is not, only who makes a model by hand.
        is_breaking = any(change.startswith("breaking") for change in step.python)
        assert bool(after) == (is_breaking or "by hand" in step.caller)


def test_the_history_passes_through_the_current_specs() -> None:
    """The history of one API starts at today's spec, and the other one passes through it."""
    today = {api: YAML(typ="safe").load(SPECS / f"{api}.yaml") for api in APIS}
    assert list_revisions("roark")[0] == today["roark"]
    assert list_revisions("revox")[2] == today["revox"]
