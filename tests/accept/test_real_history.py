"""Real drift of the past is found by `check` and settled by one command, without manual edits.

The broken line of the caller is named. Each command is a separate process; `scripts/replay` prints
its CPU time.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from accept.terminal_user import User
from history.replay import Step, list_revisions, list_steps
from ruamel.yaml import YAML

from driftline.checks import is_editable
from driftline.generate import generate
from driftline.mock import Mock, Site, run_server
from driftline.openapi import Spec, load
from driftline.project import Project

VALUE, TYPE = "response.enum.value-added", "request.type.narrowed"
OPERATION_REMOVED = "operation.removed"
ACCEPTED_DRIFTS = [
    ("revox", "something else may have answered", VALUE, "assert_never(other"),
    ("revox", "an attempt may have failed", VALUE, "shown.get("),
    ("revox", "pages are whole numbers", TYPE, "page=1.0"),
    ("roark", "call analysis is gone", OPERATION_REMOVED, "client.call_analysis.create("),
    (
        "roark",
        "fields of the created call and nextCursor are always there, and may be null",
        "",
        "",
    ),
    ("roark", "rows have more fields, one of them always", "", ""),
    ("roark", "a call may have ended in another way", VALUE, "tell(call."),
]
"""API, step, id of the change that `diff` reports, and part of the caller's broken line."""
QUICK = {"something else may have answered"}
"""An added value; `scripts/replay` runs all steps."""
MOST_ROUNDS = 4
SETTINGS = """\
[api.{api}]
url = "{url}/{api}"
rate = 1000
max-requests = 100000
allow-writes = ["*"]
"""
CALLER = """\
from typing import Literal, assert_never

from {api}_client import {client}, models

OldEndedStatus = Literal[{ended}]
client = {client}()

"""


def write_spec(folder: Path, api: str, document: object) -> Spec:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{api}.yaml"
    dumper: Any = YAML()
    with path.open("w", encoding="utf-8") as file:
        dumper.dump(json.loads(json.dumps(document)), file)
    return load(path)


def find_step(api: str, name: str) -> tuple[Step, Any, Any]:
    """Return the step and the documents before and after it."""
    [step] = [step for step in list_steps(api) if step.name == name]
    before, after = list_revisions(api)[step.number - 1 : step.number + 1]
    return step, before, after


def write_project(root: Path, step: Step, before: Any, url: str) -> Project:
    """Write the project before the step: spec, client, settings, and code that mypy accepts."""
    project, api = Project(root), step.api
    spec = write_spec(project.specs, api, before)
    generate(project, [spec])
    settings = SETTINGS.format(api=api, url=url)
    (root / "driftline.toml").write_text(settings)
    (root / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    ended_statuses = before["components"]["schemas"].get("EndedStatus", {}).get("enum", [""])
    head = CALLER.format(api=api, client=api.capitalize(), ended=str(ended_statuses)[1:-1])
    (root / "caller.py").write_text(head + step.caller)
    return project


def end_drift(user: User, api: str) -> str:
    """Run check and accept until the check afterwards is clean, and return the output.

    Values that are rarely null may need another round.
    """
    outputs: list[str] = []
    for _ in range(MOST_ROUNDS):
        code, findings = user.check(api)
        assert code == 1
        names = sorted({finding.id for finding in findings if is_editable(finding)})
        accept = ("accept", *names, "--callers", "caller.py", "--write", "--url", api)
        code, output = user.run(*accept)
        assert "written" in output
        outputs.append(output)
        if code == 0:
            return "".join(outputs)
    raise AssertionError(outputs)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Replay the quick steps, or all steps with `--every-step`."""
    if "broken_line" in metafunc.fixturenames:
        runs_every_step = metafunc.config.getoption("--every-step", default=False)
        drifts = (
            ACCEPTED_DRIFTS
            if runs_every_step
            else [drift for drift in ACCEPTED_DRIFTS if drift[1] in QUICK]
        )
        metafunc.parametrize(("api", "name", "change", "broken_line"), drifts)


@pytest.mark.slow
def test_one_command_accepts_the_drift_of_the_next_revision(
    api: str, name: str, change: str, broken_line: str, tmp_path: Path
) -> None:
    """If the server has the next revision, `check` finds the drift, and `accept --write` edits spec
    and client, names the broken line and checks the server without drift.
    """
    step, before, after = find_step(api, name)
    vendor = Mock(write_spec(tmp_path / "vendor", api, after))
    with run_server(Site({api: vendor})) as url:
        project = write_project(tmp_path / "project", step, before, url)
        user = User(project.root, vendor.credential_variables)
        output = end_drift(user, api)
    timings = ", ".join(f"{command} {seconds:.1f} s" for command, seconds in user.seconds)
    total = sum(seconds for _, seconds in user.seconds)
    print(f"{api}, {name}: {timings}; together {total:.1f} s")  # noqa: T201 - scripts/replay shows it
    if not broken_line:
        assert "Client code: 0 broken lines" in output
        return
    assert f"({change})" in output
    lines = (project.root / "caller.py").read_text().splitlines()
    [line] = [n for n, line_text in enumerate(lines, 1) if broken_line in line_text]
    assert f"caller.py:{line}: " in output


@pytest.mark.slow
def test_the_spec_of_a_removed_api_is_unchanged(tmp_path: Path) -> None:
    """If no operation is left on the server, `accept` exits with 1, writes nothing, and names the
    reason.
    """
    api = "revox"
    step, before, after = find_step(api, "calls are listed no more")
    vendor = Mock(write_spec(tmp_path / "vendor", api, after))
    with run_server(Site({api: vendor})) as url:
        project = write_project(tmp_path / "project", step, before, url)
        user = User(project.root, vendor.credential_variables)
        code, findings = user.check(api)
    assert code == 1
    assert "operation.missing" in {finding.id for finding in findings}
    path = project.specs / f"{api}.yaml"
    spec_bytes = path.read_bytes()
    code, output = user.run("accept", "--write")
    assert code == 1
    assert "the server has no operation of the API" in " ".join(output.split())
    assert path.read_bytes() == spec_bytes
