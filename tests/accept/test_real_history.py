"""Drift that has happened, as a user meets it: found by check, and accepted by one command.

The line of the caller that breaks is named, and nothing is edited by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from accept.conftest import DriftingServer, Shop
from click.testing import CliRunner
from history.replay import revisions, steps
from ruamel.yaml import YAML

from driftline.check import check
from driftline.checks.collector import EDITABLE
from driftline.cli.group import driftline
from driftline.generate import generate
from driftline.mock import Mock
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.report import write

STEPS = [
    ("revox", "something else may have answered", "ios-screening-filter"),
    ("revox", "an attempt may have failed", "error"),
]


def write_spec(folder: Path, api: str, document: object) -> Spec:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{api}.yaml"
    dumper: Any = YAML()
    with path.open("w", encoding="utf-8") as file:
        dumper.dump(json.loads(json.dumps(document)), file)
    return load(path)


@pytest.mark.slow
@pytest.mark.parametrize(("api", "name", "value"), STEPS)
def test_each_drift_ends_by_one_command(
    api: str, name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's server is of the next revision: `check` finds it, `accept --write` edits the
    spec and the client and is clean against the server, and mypy's line of the caller is shown."""
    [step] = [each for each in steps(api) if each.name == name]
    before, after = revisions(api)[step.number - 1 : step.number + 1]
    project = Project(tmp_path / "project")
    spec = write_spec(project.specs, api, before)
    generate(project, [spec])
    vendor = Mock(write_spec(tmp_path / "vendor", api, after))
    caller = project.root / "caller.py"
    caller.write_text(
        f"from typing import assert_never\n\nfrom {api}_client import {api.capitalize()}\n\n"
        f"client = {api.capitalize()}()\n"
        + step.caller.replace("shown: dict[", "from typing import Literal\nshown: dict[")
    )
    (project.root / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    report = check(project, [api], handles={api: vendor.handle})
    findings = [each for each in report.findings if each.id in EDITABLE]
    assert any(json.dumps(value) in each.got for each in findings)
    folder = tmp_path / "report"
    write(report, folder)
    monkeypatch.chdir(project.root)
    words = [str(folder / "report.json"), *sorted({each.id for each in findings})]
    done = CliRunner().invoke(driftline, ["accept", *words, "--callers", "caller.py", "--write"])
    assert done.exit_code == 0, done.output
    assert f'"{value}"' in done.output
    assert "response.enum.value-added" in done.output
    assert "python.value.added" in done.output
    line = next(n for n, text in enumerate(caller.read_text().splitlines(), 1)
                if "assert_never(" in text or "shown.get(" in text)  # fmt: skip
    assert f"caller.py:{line}: " in done.output
    assert value in (project.specs / f"{api}.yaml").read_text()
    again = check(project, [api], handles={api: vendor.handle})
    assert [each.id for each in again.findings if each.id in EDITABLE] == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 4])
def test_drift_without_a_caller_ends_too(number: int, tmp_path: Path) -> None:
    """Fields that may be null, fields that are new and values that are new: after one acceptance of
    all that has an edit, the same server shows none of it."""
    before, after = revisions("roark")[number - 1 : number + 1]
    project = Project(tmp_path / "project")
    spec = write_spec(project.specs, "roark", before)
    generate(project, [spec])
    vendor = Mock(write_spec(tmp_path / "vendor", "roark", after))
    shop = Shop(project, DriftingServer(spec, lambda _, response: response))
    findings = check(project, ["roark"], handles={"roark": vendor.handle}).findings
    editable = [each for each in findings if each.id in EDITABLE]
    assert editable
    outcome, _ = shop.accept(editable)
    assert outcome.wire
    again = check(project, ["roark"], handles={"roark": vendor.handle}).findings
    assert [f"{each.id} {each.where}" for each in again if each.id in EDITABLE] == []
