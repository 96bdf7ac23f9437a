"""What fails `driftline check`: its options, their requirements and what they write."""

from __future__ import annotations

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

from driftline.checks.finding import Check, Finding
from driftline.cli.group import driftline
from driftline.errors import Location
from driftline.report import OperationLine, Report, ReportedApi
from driftline.report.baseline import read_baseline
from driftline.report.files import render_files

FINDING = Finding(
    id="listing.row.lost",
    severity="breaking",
    api="shop",
    operation="ping",
    location=Location(Path("specs/shop.yaml"), 3, "/x"),
    message="a row is on no page",
    expected="2 rows",
    got="1 row",
    where="data[].id",
)
ADDITIVE_FINDING = attrs.evolve(
    FINDING, id="response.field.undocumented", severity="additive", where=""
)
NEW = ("--reason", "ticket 4711", "--until", "2999-12-31")


def build_report(*findings: Finding, outcome: Any = "drift") -> Report:
    check = Check(
        api="shop", operation="ping", name="pages", outcome=outcome, findings=findings, detail="d"
    )
    api = ReportedApi("shop", "Shop", "mock", (OperationLine("ping", "GET", "/", ""),))
    start_time = datetime.now(UTC)
    return Report(apis=(api,), checks=(check,), started=start_time, seconds=1, version="1")


@pytest.fixture
def run_stub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Return a project whose check returns `report`; `runs` counts its runs."""
    (tmp_path / "specs").mkdir()
    monkeypatch.chdir(tmp_path)
    state: dict[str, Any] = {"report": build_report(FINDING, ADDITIVE_FINDING), "runs": 0}

    def check(*_: object, **__: object) -> Report:
        state["runs"] += 1
        report: Report = state["report"]
        return report

    monkeypatch.setattr("driftline.check.check", check)
    return state


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ["check", *arguments])


@pytest.mark.parametrize(
    ("fail_on", "severities", "code"),
    [
        (None, ("breaking", "additive"), 1),
        (None, ("assumed",), 1),
        ("breaking", ("additive", "assumed"), 0),
        ("breaking", ("breaking",), 1),
        ("additive", ("assumed",), 0),
        ("additive", ("additive",), 1),
        ("assumed", ("assumed",), 1),
        ("never", ("breaking",), 0),
    ],
)
def test_fail_on_sets_the_lowest_severity_that_fails(
    fail_on: str | None, severities: tuple[Any, ...], code: int, run_stub: dict[str, Any]
) -> None:
    """The exit code is 1 from the given severity on, and for any severity by default."""
    run_stub["report"] = build_report(
        *(attrs.evolve(FINDING, severity=severity) for severity in severities)
    )
    assert run(*(("--fail-on", fail_on) if fail_on else ())).exit_code == code


def test_fail_on_never_keeps_exit_code_2(run_stub: dict[str, Any]) -> None:
    """`--fail-on never` keeps exit code 2 for a failed check."""
    run_stub["report"] = build_report(outcome="error")
    assert run("--fail-on", "never").exit_code == 2


def test_a_written_baseline_accepts_its_findings(run_stub: dict[str, Any], tmp_path: Path) -> None:
    """A written baseline accepts its findings in the
    same and the next run; another finding fails.
    """
    result = run("--write-baseline", "deep/accepted.yaml", *NEW)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == "Baseline: deep/accepted.yaml"
    baseline = read_baseline(tmp_path / "deep" / "accepted.yaml")
    assert [(e.id, e.where, e.reason) for e in baseline.entries] == [
        (FINDING.id, FINDING.where, "ticket 4711"),
        (ADDITIVE_FINDING.id, "", "ticket 4711"),
    ]
    result = run("--baseline", "deep/accepted.yaml")
    assert result.exit_code == 0
    assert "2 valid, 0 expired, 0 stale" in result.stdout
    run_stub["report"] = build_report(attrs.evolve(FINDING, where="data[].name"), ADDITIVE_FINDING)
    result = run("--baseline", "deep/accepted.yaml")
    assert result.exit_code == 1
    assert "1 valid, 0 expired, 1 stale" in result.stdout
    assert "stale: deep/accepted.yaml:5 shop ping listing.row.lost" in result.stdout


def test_a_renewed_baseline_keeps_reasons_and_drops_stale_entries(
    run_stub: dict[str, Any], tmp_path: Path
) -> None:
    """`--baseline` with `--write-baseline` keeps the old reasons and drops stale entries."""
    run("--write-baseline", "b.yaml", *NEW)
    run_stub["report"] = build_report(
        ADDITIVE_FINDING, attrs.evolve(FINDING, id="listing.page.endless")
    )
    options = ("--reason", "another", "--until", "2999-01-01")
    assert run("--baseline", "b.yaml", "--write-baseline", "b.yaml", *options).exit_code == 0
    reasons = {e.id: e.reason for e in read_baseline(tmp_path / "b.yaml").entries}
    assert reasons == {ADDITIVE_FINDING.id: "ticket 4711", "listing.page.endless": "another"}


def test_write_baseline_writes_only_findings_that_fail(
    run_stub: dict[str, Any], tmp_path: Path
) -> None:
    """`--write-baseline` writes the findings that `--fail-on` selects, new or known."""
    (tmp_path / "old.json").write_text(render_files(build_report(FINDING))["report.json"])
    options = ("--since", "old.json", "--fail-on-new", "--fail-on", "breaking")
    assert run("--write-baseline", "b.yaml", *NEW, *options).exit_code == 0
    assert [e.id for e in read_baseline(tmp_path / "b.yaml").entries] == [FINDING.id]


def test_writing_a_baseline_keeps_exit_code_2(run_stub: dict[str, Any]) -> None:
    """Writing a baseline does not change exit code 2 of a failed check."""
    run_stub["report"] = build_report(FINDING, outcome="error")
    assert run("--write-baseline", "b.yaml", *NEW).exit_code == 2


def test_an_expired_entry_fails_again(run_stub: dict[str, Any], tmp_path: Path) -> None:
    """A finding of an expired entry fails the run and shows the date."""
    run("--write-baseline", "b.yaml", *NEW)
    path = tmp_path / "b.yaml"
    path.write_text(path.read_text().replace("2999-12-31", "2020-02-29"))
    result = run("--baseline", "b.yaml")
    assert result.exit_code == 1
    assert "in the baseline until 2020-02-29, which has passed: ticket 4711" in result.stdout


def test_since_compares_with_an_earlier_report(run_stub: dict[str, Any], tmp_path: Path) -> None:
    """`--since` compares with an earlier report; `--fail-on-new` fails only new findings."""
    resolved_finding = attrs.evolve(FINDING, id="listing.page.endless")
    (tmp_path / "old.json").write_text(
        render_files(build_report(FINDING, resolved_finding))["report.json"]
    )
    result = run("--since", "old.json", "--report", "out")
    assert result.exit_code == 1
    assert "1 new, 1 still there, 1 gone." in result.stdout
    data = json.loads((tmp_path / "out" / "report.json").read_text())
    assert {f["id"]: f["since"] for f in data["findings"]} == {
        FINDING.id: "still",
        ADDITIVE_FINDING.id: "new",
    }
    assert [f["id"] for f in data["since"]["gone"]] == [resolved_finding.id]
    assert run("--since", "old.json", "--fail-on-new").exit_code == 1
    run_stub["report"] = build_report(FINDING)
    result = run("--since", "old.json", "--fail-on-new")
    assert result.exit_code == 0
    assert "only new findings fail" in " ".join(result.stdout.split())
    assert run("--since", "old.json").exit_code == 1


def test_an_earlier_report_is_read_before_it_is_replaced(
    run_stub: dict[str, Any], tmp_path: Path
) -> None:
    """The earlier report is read before the run overwrites it."""
    assert run("--report", "out").exit_code == 1
    result = run("--report", "out", "--since", "out/report.json", "--fail-on-new")
    assert result.exit_code == 0
    assert json.loads((tmp_path / "out" / "report.json").read_text())["fail_on_new"] is True


@pytest.mark.parametrize(
    ("arguments", "expected_error"),
    [
        (("--fail-on-new",), "error: --fail-on-new needs an earlier report"),
        (("--reason", "x"), "error: --reason and --until need --write-baseline"),
        (("--write-baseline", "b"), "error: --write-baseline needs a reason and a date"),
        (("--write-baseline", "b", "--reason", "x"), "error: --write-baseline needs a reason"),
        (
            ("--write-baseline", "b", "--reason", " ", "--until", "2999-01-01"),
            "error: --write-baseline needs a reason",
        ),
        (
            ("--write-baseline", "b", "--reason", "x", "--until", "2020-01-01"),
            "error: --until 2020-01-01 is in the past",
        ),
        (("--write-baseline", "specs", *NEW), "error: --write-baseline specs is a directory"),
        (("--write-baseline", "file/b", *NEW), "error: file: "),
        (("--until", "soon"), "Error: Invalid value for '--until'"),
        (("--fail-on", "all"), "Error: Invalid value for '--fail-on'"),
        (("--baseline", "none.yaml"), "error: none.yaml: could not be read"),
        (("--baseline", "file"), "error: file:1: "),
        (("--since", "none.json"), "error: none.json: could not be read"),
        (("--since", "file"), "error: file:1: invalid JSON"),
        (("--since", "old.json"), "error: old.json:1: schema version 1: expected"),
    ],
)
def test_invalid_options_are_reported_before_the_run(
    arguments: tuple[str, ...], expected_error: str, run_stub: dict[str, Any], tmp_path: Path
) -> None:
    """Wrong use gives exit code 2 before the run, and nothing is written."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "old.json").write_text('{"schema_version": 1}')
    before = sorted(path.name for path in tmp_path.iterdir())
    result = run(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert any(line.startswith(expected_error) for line in result.stderr.splitlines()[-2:])
    assert run_stub["runs"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_full_disk_keeps_the_baseline_and_the_findings(
    run_stub: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk gives exit code 2, shows the findings and keeps the previous baseline."""
    old = "version: 1\naccepted: []\n"
    (tmp_path / "b.yaml").write_text(old)

    def fail_to_sync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "b.yaml")

    monkeypatch.setattr("driftline.files.os.fsync", fail_to_sync)
    result = run("--write-baseline", "b.yaml", *NEW)
    assert result.exit_code == 2
    assert "error: b.yaml: No space left on device\n" in result.stderr
    assert FINDING.message in result.stdout
    assert (tmp_path / "b.yaml").read_text() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.yaml", "specs"]
