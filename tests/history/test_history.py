"""Drift that has happened: what diff, generate and check say of each step, and whose code breaks.

The steps, the callers and what is expected stand in roark.yaml and revox.yaml beside this file.
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
from history.replay import APIS, SPECS, Step, revisions, steps

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
class Replayed:
    """What a step has come to: the client regenerated, and the old suite against the new mock."""

    step: Step
    outcome: Outcome
    report: Report


def replay(api: str, folder: Path) -> list[Replayed]:
    """All steps; the project as it was after each is left in `folder`: `0`, `1`, …"""
    now = folder / "now"
    path = now / "specs" / f"{api}.json"
    path.parent.mkdir(parents=True)
    found: list[Replayed] = []
    for step, document in zip([None, *steps(api)], revisions(api), strict=True):
        path.write_text(json.dumps(document, indent=1), encoding="utf-8")
        spec = load(path)
        outcome = regenerate(Project(now), [spec])
        if step is not None:
            old = Project(folder / str(step.number - 1))
            report = check(old, [api], handles={api: Mock(spec).handle})
            found.append(Replayed(step, outcome, report))
        shutil.copytree(now, folder / str(step.number if step else 0))
    return found


def complaints(api: str, folder: Path) -> list[str]:
    """What mypy says of all callers, against the client of their time and the one after it."""
    callers = folder / "callers"
    for step in steps(api):
        for number, side in ((step.number - 1, "before"), (step.number, "after")):
            package = folder / str(number) / "generated" / f"{api}_client"
            shutil.copytree(package, callers / f"{api}_{number}", dirs_exist_ok=True)
            (callers / f"{step.number}_{side}.py").write_text(program(step, number))
    programs = sorted(path.name for path in callers.glob("*.py"))
    words = ["--strict", "--config-file=", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--scripts-are-modules", *words, *programs],
        cwd=callers,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [LONG.sub("Literal[…]", line) for line in done.stdout.splitlines()]


def program(step: Step, number: int) -> str:
    """The caller of a step, with the client as it was after that many."""
    known = "EndedStatus as OldEndedStatus" if step.api == "roark" else "CallStatus as OldStatus"
    head = PROGRAM.format(
        new=f"{step.api}_{number}",
        old=f"{step.api}_{step.number - 1}",
        client=step.api.capitalize(),
        known=known,
    )
    return head + step.caller


def format_change(change: Change) -> str:
    return f"{change.severity}  {change.uses[0]}: {change.message} ({change.id})"


def format_finding(finding: Finding) -> str:
    place = f" {finding.where}" if finding.where else ""
    return f"{finding.severity}  {finding.operation}{place}: {finding.message} ({finding.id})"


@pytest.mark.parametrize("api", APIS)
def test_what_is_said_and_whose_code_breaks(api: str, tmp_path: Path) -> None:
    """Each change on the wire and in Python, and no other; what code with the old
    client reports; and what mypy says of code that is right with its client."""
    replayed = replay(api, tmp_path)
    for each in replayed:
        step, outcome, report = each.step, each.outcome, each.report
        assert outcome.unknown == ()
        assert [format_change(change) for change in outcome.wire.changes] == step.wire
        assert [format_change(change) for change in outcome.python.changes] == step.python
        found = {format_finding(finding) for finding in report.findings}
        assert set(step.check) <= found, sorted(found)
        operations = {line.split()[1].rstrip(":") for line in step.check}
        assert {finding.operation for finding in report.findings} == operations
        assert report.exit_code == bool(step.check)
    said = complaints(api, tmp_path)
    for step in steps(api):
        own = [line for line in said if line.startswith(f"{step.number}_")]
        after = [line.partition("_after.py:")[2].partition(": ")[2] for line in own]
        assert after == step.errors
        # What is called breaking breaks somebody; what is not, only who makes a model by hand.
        grave = any(change.startswith("breaking") for change in step.python)
        assert bool(after) == (grave or "by hand" in step.caller)


def test_the_history_goes_through_the_specs_of_today() -> None:
    """The one begins there; of the other, two steps are undone first and done again."""
    today = {api: YAML(typ="safe").load(SPECS / f"{api}.yaml") for api in APIS}
    assert revisions("roark")[0] == today["roark"]
    assert revisions("revox")[2] == today["revox"]
