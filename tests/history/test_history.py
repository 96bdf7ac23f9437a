"""Drift that has happened: what diff, generate and check say of each step, and whose code breaks.

The steps, the callers and what is expected stand in roark.yaml and revox.yaml beside this file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from ruamel.yaml import YAML

from driftline.diff import Change
from driftline.drift import Report, check
from driftline.findings import Finding
from driftline.mock import Mock
from driftline.project import Project
from driftline.release import Outcome
from driftline.release.regenerate import regenerate
from driftline.spec import load
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
    """What a step has come to."""

    outcome: Outcome
    report: Report


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of each API as it was after each step: `roark-0`, `roark-1`, …"""
    return tmp_path_factory.mktemp("history")


@pytest.fixture(scope="module")
def replayed(projects: Path) -> dict[str, Replayed]:
    """Each step by its id: the client made anew, and the old suite against the new mock."""
    found: dict[str, Replayed] = {}
    for api in APIS:
        now = projects / api
        (now / "specs").mkdir(parents=True)
        for number, document in enumerate(revisions(api)):
            path = now / "specs" / f"{api}.json"
            path.write_text(json.dumps(document, indent=1), encoding="utf-8")
            spec = load(path)
            outcome = regenerate(Project(now), [spec])
            if number:
                old = Project(projects / f"{api}-{number - 1}")
                report = check(old, [api], handles={api: Mock(spec).handle})
                found[f"{api}-{number}"] = Replayed(outcome, report)
            shutil.copytree(now, projects / f"{api}-{number}")
    return found


@pytest.fixture(scope="module")
def complaints(replayed: dict[str, Replayed], projects: Path) -> list[str]:
    """What mypy says of all callers, against the client of their time and the one after it."""
    folder = projects / "callers"
    folder.mkdir()
    for step in steps():
        for number in (step.number - 1, step.number):
            package = projects / f"{step.api}-{number}" / "generated" / f"{step.api}_client"
            shutil.copytree(package, folder / f"{step.api}_{number}", dirs_exist_ok=True)
        for side, number in (("before", step.number - 1), ("after", step.number)):
            (folder / f"{step.api}_{step.number}_{side}.py").write_text(program(step, number))
    programs = sorted(path.name for path in folder.glob("*.py"))
    words = ["--strict", "--config-file=", f"--cache-dir={os.devnull}", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words, *programs],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


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


def told(change: Change) -> str:
    return f"{change.severity}  {change.uses[0]}: {change.message} ({change.id})"


def heard(finding: Finding) -> str:
    place = f" {finding.where}" if finding.where else ""
    return f"{finding.severity}  {finding.operation}{place}: {finding.message} ({finding.id})"


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.id)
def test_what_diff_and_generate_say(step: Step, replayed: dict[str, Replayed]) -> None:
    """Each change on the wire and in Python, and no other."""
    outcome = replayed[step.id].outcome
    assert outcome.unknown == ()
    assert [told(change) for change in outcome.wire.changes] == step.wire
    assert [told(change) for change in outcome.python.changes] == step.python


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.id)
def test_what_the_old_suite_hears(step: Step, replayed: dict[str, Replayed]) -> None:
    """Who has not made the client anew: the findings, in operations that have changed only."""
    report = replayed[step.id].report
    found = {heard(finding) for finding in report.findings}
    assert set(step.check) <= found, sorted(found)
    operations = {line.split()[1].rstrip(":") for line in step.check}
    assert {finding.operation for finding in report.findings} == operations
    assert report.exit_code == bool(step.check)


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.id)
def test_whose_code_breaks(step: Step, complaints: list[str]) -> None:
    """The caller is right with the client of its time; with the next, mypy says what is wrong."""
    own = [line for line in complaints if line.startswith(f"{step.api}_{step.number}_")]
    errors = [line.partition("_after.py:")[2].partition(": ")[2] for line in own]
    assert [LONG.sub("Literal[…]", each) for each in errors] == step.errors
    grave = [change for change in step.python if change.startswith("breaking")]
    by_hand = "by hand" in step.caller
    assert bool(own) == (bool(grave) or by_hand), "what is called breaking breaks somebody"


def test_the_history_goes_through_the_specs_of_today() -> None:
    """The one begins there; of the other, two steps are undone first and done again."""
    today = {api: YAML(typ="safe").load(SPECS / f"{api}.yaml") for api in APIS}
    assert revisions("roark")[0] == today["roark"]
    assert revisions("revox")[2] == today["revox"]
