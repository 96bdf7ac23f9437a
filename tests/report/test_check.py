"""`driftline check` with a fake suite: what the command adds to it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.check import check
from driftline.checks.finding import Check, Finding
from driftline.errors import GenerationError, Location, SpecError, UsageError
from driftline.project import Project
from driftline.report import Report

ROOT = Path(__file__).parents[2]
API = "zudu"
MODULE = "driftline.check.run"
PASSED_CHECK = Check(api=API, operation="call.list", name="pages", outcome="passed", requests=9)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project with one API and an up-to-date client."""
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "specs" / f"{API}.yaml", tmp_path / "specs")
    shutil.copytree(ROOT / "generated" / f"{API}_client", tmp_path / "generated" / f"{API}_client")
    return Project(tmp_path)


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return a function that replaces the suite by fixed checks and records its options."""

    def replace_suite(*checks: Check, announced_total: int | None = None) -> dict[str, Any]:
        suite_options: dict[str, Any] = {}

        def run(project: Project, specs: Any, **options: Any) -> list[Check]:
            suite_options.update(options, project=project, specs=[spec.name for spec in specs])
            logging.getLogger("driftline").warning("a client noticed drift")
            total = len(checks) if announced_total is None else announced_total
            options["on_progress"](None, 0, total)
            for number, suite_check in enumerate(checks, 1):
                options["on_progress"](suite_check, number, total)
            return list(checks)

        monkeypatch.setattr(f"{MODULE}.run_suite", run)
        return suite_options

    return replace_suite


def find_by_id(report: Report, kind: str) -> Finding:
    (matching,) = [finding for finding in report.findings if finding.id == kind]
    return matching


def test_spec_and_client_are_checked_before_the_suite(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """The check validates the spec and the client, then runs the suite with all options."""
    suite_options = suite(PASSED_CHECK)
    handle: Any = object()
    report = check(
        project,
        [API],
        seed=3,
        rate=5,
        max_requests=7,
        allow_writes=["call.list"],
        handles={API: handle},
    )
    assert [made_check.name for made_check in report.checks] == ["spec", "fresh", "pages"]
    assert (report.exit_code, report.seed, report.requests) == (0, 3, 9)
    assert report.targets == {API: "mock"}
    assert (suite_options["seed"], suite_options["rate"], suite_options["max_requests"]) == (
        3,
        5,
        7,
    )
    assert (suite_options["allow_writes"], suite_options["handles"]) == (
        {"call.list"},
        {API: handle},
    )


def test_progress_counts_all_checks_as_one(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """Progress counts all checks together, with the total once the suite reports it."""
    suite(PASSED_CHECK, attrs.evolve(PASSED_CHECK, name="order"))
    events: list[tuple[str, int, int]] = []
    check(
        project,
        progress=lambda check, count, total: events.append(
            (check.name if check else "", count, total)
        ),
    )
    assert events == [
        ("", 0, 0),
        ("spec", 1, 0),
        ("fresh", 2, 0),
        ("", 2, 4),
        ("pages", 3, 4),
        ("order", 4, 4),
    ]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda client: (client / "stray.py").write_text(""), "stray.py (extra)"),
        (lambda client: (client / "models" / "call.py").unlink(), "models/call.py (missing)"),
        (lambda client: (client / "client.py").write_text("x = 1\n"), "client.py (different)"),
        (shutil.rmtree, "(missing)"),
    ],
    ids=["extra", "missing", "different", "no client"],
)
def test_an_outdated_client_is_drift(
    change: Callable[[Path], object],
    kind: str,
    project: Project,
    suite: Callable[..., dict[str, Any]],
) -> None:
    """An outdated client is a breaking finding at the spec that names the differing files."""
    suite(PASSED_CHECK)
    change(project.generated / f"{API}_client")
    report = check(project)
    stale_finding = find_by_id(report, "generated.stale")
    assert report.exit_code == 1
    assert stale_finding.severity == "breaking"
    assert stale_finding.location.file == Path("specs") / f"{API}.yaml"
    assert kind in stale_finding.got
    assert f"driftline generate {API}" in stale_finding.expected


def test_a_generation_error_gives_no_verdict(
    project: Project, suite: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generation error is reported, the other checks still run, and the exit code is 2."""

    def fail(*_: object) -> None:
        raise GenerationError(API, "it warned", "Mend the spec.")

    monkeypatch.setattr("driftline.check.spec_checks.compare", fail)
    suite(PASSED_CHECK)
    report = check(project)
    assert report.exit_code == 2
    assert [error.detail for error in report.errors] == [f"{API}: it warned\n  Mend the spec."]
    assert PASSED_CHECK in report.checks


def test_a_lint_error_is_drift(project: Project, suite: Callable[..., dict[str, Any]]) -> None:
    """A lint error is a finding with its line; a lint warning is not."""
    suite(PASSED_CHECK)
    path = project.specs / f"{API}.yaml"
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines) if line.strip() == "call_successful: true")
    lines[number] = lines[number].replace("true", "maybe")  # an example that breaks its schema
    number = next(n for n, line in enumerate(lines) if line.strip() == "items: /data/calls")
    lines[number] = lines[number].replace("calls", "orders")
    path.write_text("\n".join(lines))
    unsound_finding = find_by_id(check(project), "spec.unsound")
    assert (unsound_finding.severity, unsound_finding.operation) == ("breaking", "call.list")
    assert unsound_finding.location.line == number + 1
    assert unsound_finding.expected
    assert unsound_finding.got == '"/data/orders"'


def test_a_suite_that_stops_early_gives_no_verdict(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """Fewer checks than announced, or none, give exit code 2."""
    suite(PASSED_CHECK, announced_total=5)
    report = check(project)
    assert report.exit_code == 2
    assert [error.detail for error in report.errors] == ["the suite stopped after 1 of 5 checks"]
    suite()
    assert check(project).exit_code == 2


def test_curl_commands_use_the_address_of_the_mock(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """The curl commands of findings use the address at which `driftline mock` serves."""
    drift_finding = Finding(
        id="x",
        severity="breaking",
        api=API,
        operation="call.list",
        location=Location(project.specs / f"{API}.yaml", 1, ""),
        message="",
        expected="",
        got="",
        curl=f"curl 'http://{API}.mock/calls?page=1'",
    )
    suite(attrs.evolve(PASSED_CHECK, outcome="drift", findings=(drift_finding,)))
    assert (
        find_by_id(check(project), "x").curl == f"curl 'http://127.0.0.1:8080/{API}/calls?page=1'"
    )


def test_drift_logged_by_clients_is_suppressed(
    project: Project, suite: Callable[..., dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """Drift logged by clients is suppressed during
    a check, and the logger is restored afterwards.
    """
    suite(PASSED_CHECK)
    check(project)
    assert caplog.records == []
    assert not logging.getLogger("driftline").disabled


def test_an_unknown_api_is_rejected(project: Project, suite: Callable[..., dict[str, Any]]) -> None:
    """An unknown API, as an argument or in `--url`, raises `UsageError`."""
    suite(PASSED_CHECK)
    with pytest.raises(UsageError, match="unknown API 'zuda'"):
        check(project, ["zuda"])
    with pytest.raises(UsageError, match="unknown API 'other' in --url"):
        check(project, urls={"other": "http://127.0.0.1"})


def test_an_invalid_spec_is_reported(project: Project) -> None:
    """An invalid spec raises `SpecError` with its file and line."""
    (project.specs / f"{API}.yaml").write_text("openapi: [")
    with pytest.raises(SpecError, match=rf"{API}\.yaml:1"):
        check(project)


def test_specs_replaces_the_specs_folder_of_the_project(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """`specs` replaces the project's specs directory."""
    suite(PASSED_CHECK)
    project.specs.rename(project.root / "apis")
    report = check(project, specs=project.root / "apis")
    assert report.targets == {API: "mock"}
