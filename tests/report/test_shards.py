"""`driftline check --shard`: one run split among machines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs
import pytest

from driftline.check import check
from driftline.checks import CHECKS
from driftline.project import Project
from driftline.report import FORMATS, Report, ReportedApi
from driftline.report.files import render
from driftline.report.phrases import describe_extent, describe_verdict
from driftline.report.previous import EarlierReport
from driftline.report.report import FailureRules
from driftline.shard import Shard

from .conftest import FINDING, REPORT

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "src/driftline/report/report.schema.json"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project with two APIs, limited to the fast checks."""
    for name in ("roark", "zudu"):
        (tmp_path / "specs").mkdir(exist_ok=True)
        shutil.copy(ROOT / "specs" / f"{name}.yaml", tmp_path / "specs")
        shutil.copytree(ROOT / f"generated/{name}_client", tmp_path / f"generated/{name}_client")
    short = tuple(
        selected_check for selected_check in CHECKS if selected_check.column in {"examples", "auth"}
    )
    monkeypatch.setattr("driftline.suite.runner.CHECKS", short)
    return Project(tmp_path)


def list_checks(report: Report) -> list[tuple[str, str, str]]:
    """Return the checks of operations."""
    return [(check.api, check.operation, check.name) for check in report.checks if check.operation]


def test_shards_together_are_the_whole_run(project: Project) -> None:
    """The shards together run each check once, with coverage and the verdict of the whole run."""
    whole_report = check(project)
    parts = [check(project, shard=Shard(index, 3)) for index in (1, 2, 3)]
    assert sorted(listed_check for part in parts for listed_check in list_checks(part)) == sorted(
        list_checks(whole_report)
    )
    operations = [{operation for _, operation, _ in list_checks(part)} for part in parts]
    assert all(operations)
    coverage = {(c.api, c.operation): c.coverage for c in whole_report.checks if c.coverage}
    for part in parts:
        assert part.exit_code == whole_report.exit_code == 0
        for shard_check in part.checks:
            if shard_check.coverage:
                whole_coverage = coverage[shard_check.api, shard_check.operation]
                covered_subjects = {e.subject for e in shard_check.coverage.evidence if e.first}
                assert (
                    covered_subjects <= {e.subject for e in whole_coverage.evidence if e.first}
                    if whole_coverage
                    else False
                )


def test_a_shard_without_operations_passes(project: Project) -> None:
    """A shard without operations passes, and the verdict says so."""
    report = check(project, shard=Shard(9, 9))
    assert (report.exit_code, report.apis, report.checks) == (0, (), ())
    assert describe_verdict(report) == "Nothing to check: no operation is in shard 9/9."


def test_an_empty_shard_has_every_rendering(project: Project) -> None:
    """An empty shard has every rendering, and its JSON satisfies the schema."""
    report = check(project, shard=Shard(9, 9))
    for form in FORMATS:
        assert render(report, form)
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), report.to_dict())


def test_the_report_names_its_shard() -> None:
    """The text, JSON and SARIF reports name the shard."""
    report = attrs.evolve(REPORT, shard=Shard(2, 4))
    assert "3 operations of shard 2/4" in describe_extent(report)
    assert report.to_dict()["shard"] == "2/4"
    assert REPORT.to_dict()["shard"] is None
    runs: Any = json.loads(render(report, "sarif"))["runs"]
    assert all(run["automationDetails"]["id"].endswith("/2/4/") for run in runs)


def test_a_shard_reports_nothing_as_gone_or_stale(tmp_path: Path) -> None:
    """A shard reports no finding as gone and no entry as stale, as another shard may cover it."""
    other_finding = attrs.evolve(FINDING, operation="order.create")
    rules = FailureRules(
        since=EarlierReport(tmp_path, "2026-01-01T00:00:00+00:00", (other_finding,))
    )
    clean = Report(
        apis=(ReportedApi("shop", "Shop", "mock", ()),),
        checks=(attrs.evolve(REPORT.checks[0], outcome="passed", findings=()),),
        started=REPORT.started,
        seconds=1.0,
        version="1",
        rules=rules,
    )
    assert clean.gone == [other_finding]
    assert attrs.evolve(clean, shard=Shard(1, 2)).gone == []
