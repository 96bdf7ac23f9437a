"""The main job, with a suite that only pretends: what `check` itself adds to it."""

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
PASSED = Check(api=API, operation="call.list", name="pages", outcome="passed", requests=9)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one API, its client up to date."""
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "specs" / f"{API}.yaml", tmp_path / "specs")
    shutil.copytree(ROOT / "generated" / f"{API}_client", tmp_path / "generated" / f"{API}_client")
    return Project(tmp_path)


@pytest.fixture
def suite(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Puts a suite in the real one's place, with these checks; answers how it was called."""

    def pretend(*checks: Check, announced: int | None = None) -> dict[str, Any]:
        called: dict[str, Any] = {}

        def run(project: Project, specs: Any, **options: Any) -> list[Check]:
            called.update(options, project=project, specs=[spec.name for spec in specs])
            logging.getLogger("driftline").warning("a client noticed drift")
            total = len(checks) if announced is None else announced
            options["on_progress"](None, 0, total)
            for number, made in enumerate(checks, 1):
                options["on_progress"](made, number, total)
            return list(checks)

        monkeypatch.setattr(f"{MODULE}.run_suite", run)
        return called

    return pretend


def find_by_id(report: Report, kind: str) -> Finding:
    (found,) = [finding for finding in report.findings if finding.id == kind]
    return found


def test_it_looks_at_spec_and_client_before_the_suite(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """Two checks an API of its own, then the suite's, with all options handed on."""
    called = suite(PASSED)
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
    assert [made.name for made in report.checks] == ["spec", "fresh", "pages"]
    assert (report.exit_code, report.seed, report.requests) == (0, 3, 9)
    assert report.targets == {API: "mock"}
    assert (called["seed"], called["rate"], called["max_requests"]) == (3, 5, 7)
    assert (called["allow_writes"], called["handles"]) == ({"call.list"}, {API: handle})


def test_progress_counts_all_checks_as_one(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """The total is reported as soon as the suite knows it."""
    suite(PASSED, attrs.evolve(PASSED, name="order"))
    seen: list[tuple[str, int, int]] = []
    check(
        project,
        progress=lambda made, done, total: seen.append((made.name if made else "", done, total)),
    )
    assert seen == [
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
def test_a_client_that_the_spec_does_not_give_is_drift(
    change: Callable[[Path], object],
    kind: str,
    project: Project,
    suite: Callable[..., dict[str, Any]],
) -> None:
    """The finding is breaking, at the spec, and names the files."""
    suite(PASSED)
    change(project.generated / f"{API}_client")
    report = check(project)
    found = find_by_id(report, "generated.stale")
    assert report.exit_code == 1
    assert found.severity == "breaking"
    assert found.location.file == Path("specs") / f"{API}.yaml"
    assert kind in found.got
    assert f"driftline generate {API}" in found.expected


def test_a_client_that_cannot_be_generated_is_no_verdict(
    project: Project, suite: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is in the report, the other checks are made, the exit code is 2."""

    def fail(*_: object) -> None:
        raise GenerationError(API, "it warned", "Mend the spec.")

    monkeypatch.setattr("driftline.check.spec_checks.compare", fail)
    suite(PASSED)
    report = check(project)
    assert report.exit_code == 2
    assert [made.detail for made in report.errors] == [f"{API}: it warned\n  Mend the spec."]
    assert PASSED in report.checks


def test_an_unsound_spec_is_drift(project: Project, suite: Callable[..., dict[str, Any]]) -> None:
    """`lint` finds it, with its line and a hint; what it only warns of is no finding."""
    suite(PASSED)
    path = project.specs / f"{API}.yaml"
    lines = path.read_text().splitlines()
    number = next(n for n, line in enumerate(lines) if line.strip() == "call_successful: true")
    lines[number] = lines[number].replace("true", "maybe")  # an example that breaks its schema
    number = next(n for n, line in enumerate(lines) if line.strip() == "items: /data/calls")
    lines[number] = lines[number].replace("calls", "orders")
    path.write_text("\n".join(lines))
    found = find_by_id(check(project), "spec.unsound")
    assert (found.severity, found.operation) == ("breaking", "call.list")
    assert found.location.line == number + 1
    assert found.expected
    assert found.got == '"/data/orders"'


def test_a_suite_that_stops_half_way_is_no_verdict(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """Fewer checks than announced, or none at all, cannot pass for agreement."""
    suite(PASSED, announced=5)
    report = check(project)
    assert report.exit_code == 2
    assert [made.detail for made in report.errors] == ["the suite stopped after 1 of 5 checks"]
    suite()
    assert check(project).exit_code == 2


def test_commands_against_a_mock_name_the_address_it_is_served_at(
    project: Project, suite: Callable[..., dict[str, Any]]
) -> None:
    """The mock of a check has no address; `driftline mock` has."""
    found = Finding(
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
    suite(attrs.evolve(PASSED, outcome="drift", findings=(found,)))
    assert (
        find_by_id(check(project), "x").curl == f"curl 'http://127.0.0.1:8080/{API}/calls?page=1'"
    )


def test_the_clients_log_stays_quiet(
    project: Project, suite: Callable[..., dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """What clients notice is in the findings; the logger is as before afterwards."""
    suite(PASSED)
    check(project)
    assert caplog.records == []
    assert not logging.getLogger("driftline").disabled


def test_wrong_names_are_told(project: Project, suite: Callable[..., dict[str, Any]]) -> None:
    """An unknown API, and a URL for one that is not checked."""
    suite(PASSED)
    with pytest.raises(UsageError, match="unknown API 'zuda'"):
        check(project, ["zuda"])
    with pytest.raises(UsageError, match="unknown API 'other' in --url"):
        check(project, urls={"other": "http://127.0.0.1"})


def test_a_spec_that_is_none_is_told(project: Project) -> None:
    """It cannot be checked at all: SpecError, with file and line."""
    (project.specs / f"{API}.yaml").write_text("openapi: [")
    with pytest.raises(SpecError, match=rf"{API}\.yaml:1"):
        check(project)


def test_specs_may_stand_elsewhere(project: Project, suite: Callable[..., dict[str, Any]]) -> None:
    """`specs` takes the place of the project's folder of that name."""
    suite(PASSED)
    project.specs.rename(project.root / "apis")
    report = check(project, specs=project.root / "apis")
    assert report.targets == {API: "mock"}
