"""Checks that a project adds in driftline.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.check import check
from driftline.errors import FileError
from driftline.project import Project, load_configuration
from driftline.report import Report

ROOT = Path(__file__).resolve().parents[2]
CHECKS = '''
from driftline.suite import Probe, check, make_sample


@check(applies=lambda _, operation: operation.id == "call.list")
def {name}(probe: Probe) -> None:
    """Every response has a body."""
    request = make_sample(probe.session, probe.operation)
    response = probe.send(request.arguments)
    {body}
'''


def write(folder: Path, source: str, names: str = '["own.py"]') -> None:
    (folder / "driftline.toml").write_text(f"checks = {names}\n")
    (folder / "own.py").write_text(source)


def run(folder: Path) -> Report:
    """Return the report of checking one API with the checks of a folder."""
    return check(Project(ROOT), ["zudu"], configuration=load_configuration(folder))


@pytest.mark.parametrize(
    ("body", "outcome", "finding", "detail"),
    [
        ("assert response.ok", "passed", "", ""),
        ('assert not response.body, "not empty"', "drift", "not empty", ""),
        ("assert not response.body", "drift", "line 10: AssertionError: no message", ""),
        ("response.nothing", "error", "", "own.py, line 10: AttributeError: "),
    ],
)
def test_an_own_check_passes_finds_drift_or_is_an_error(
    tmp_path: Path, body: str, outcome: str, finding: str, detail: str
) -> None:
    """A project's own check passes, finds drift, or is an error with its reason in one line."""
    write(tmp_path, CHECKS.format(name="whole_bodies", body=body))
    report = run(tmp_path)
    (own_check,) = [
        check_result for check_result in report.checks if check_result.name == "whole bodies"
    ]
    assert (own_check.operation, own_check.outcome, own_check.requests) == ("call.list", outcome, 1)
    assert [(finding.id, finding.message) for finding in own_check.findings] == (
        [("own.failed", finding)] if finding else []
    )
    assert own_check.detail.startswith(detail)
    assert "\n" not in own_check.detail
    assert report.exit_code == {"passed": 0, "drift": 1, "error": 2}[outcome]


@pytest.mark.parametrize(
    ("source", "names", "expected_reason"),
    [
        ("", '["own.py"]', "it has no function with @check"),
        ("", '["other.py"]', "the Python file does not exist"),
        ("\n1 / 0", '["own.py"]', "line 2: ZeroDivisionError: division by zero"),
        ("def :", '["own.py"]', "line 1: SyntaxError: invalid syntax"),
        (CHECKS.format(name="pages", body=""), '["own.py"]', "duplicate check name 'pages'"),
    ],
)
def test_an_unusable_file_of_checks_is_reported_in_one_line(
    tmp_path: Path, source: str, names: str, expected_reason: str
) -> None:
    """An unusable file is reported in one line, at its line of driftline.toml."""
    write(tmp_path, source, names)
    with pytest.raises(FileError) as caught:
        run(tmp_path)
    (problem,) = caught.value.problems
    assert expected_reason in problem.message
    assert (problem.id, problem.location.line) == ("configuration.invalid", 1)
