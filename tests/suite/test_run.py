"""The whole suite passes for a correct mock, finds drift in a wrong one, and is safe to run."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from driftline.checks import CHECKS
from driftline.checks.collector import KINDS
from driftline.checks.finding import Check
from driftline.errors import TargetError, UsageError
from driftline.mock import HttpResponse, Mock, run_server
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite

from .conftest import ROOT
from .faults import edit_bodies, edit_each_row, ignore_token
from .pytest_runs import run_pytest

PROJECT = Project(ROOT)


def select_drifting(checks: list[Check]) -> list[Check]:
    return [check for check in checks if check.outcome != "passed"]


def test_a_finding_of_a_faulty_mock_has_a_file_and_line(roark: Spec) -> None:
    """A finding about the handler in `handles` has a file and line and is unchanged by JSON."""
    handle = edit_each_row(lambda row: row.pop("projectId"))(Mock(roark).handle)
    progress: list[tuple[int, int]] = []
    checks = run_suite(
        PROJECT,
        [roark],
        handles={"roark": handle},
        on_progress=lambda _, done_count, total: progress.append((done_count, total)),
    )
    findings = [finding for check in select_drifting(checks) for finding in check.findings]
    (pointer,) = {finding.location.pointer for finding in findings}
    assert pointer == "/components/schemas/Call/required"
    line = roark.path.read_text().splitlines()[findings[0].location.line - 1]
    assert "required:" in line
    assert [Check.from_dict(json.loads(json.dumps(c.to_dict()))) for c in checks] == checks
    assert progress[0] == (0, len(checks))
    assert progress[-1] == (len(checks), len(checks))


def test_two_runs_are_alike(specs: dict[str, Spec]) -> None:
    """Two runs with the same seed send the same requests and leave no modules loaded."""
    before = set(sys.modules)
    first, second = (run_suite(PROJECT, [specs["revox"]]) for _ in range(2))
    assert [(c.name, c.requests) for c in first] == [(c.name, c.requests) for c in second]
    suite = str(PROJECT.suite)
    new_modules = {name: sys.modules[name] for name in set(sys.modules) - before}
    assert not [
        n for n, m in new_modules.items() if str(getattr(m, "__file__", "")).startswith(suite)
    ]


def test_no_credential_is_in_any_output(specs: dict[str, Spec]) -> None:
    """No credential appears in findings, commands, details or terminal output."""
    output = io.StringIO()
    secrets: list[str] = []
    with redirect_stdout(output), redirect_stderr(output):
        for spec in specs.values():
            mock = Mock(spec)
            secrets += mock.credentials.values()
            checks = run_suite(PROJECT, [spec], handles={spec.name: _repeat_headers(mock)})
            assert select_drifting(checks)
            output.write(repr(checks) + json.dumps([check.to_dict() for check in checks]))
    assert secrets
    assert [secret for secret in secrets if secret in output.getvalue()] == []


def _repeat_headers(mock: Mock) -> Any:
    """Return a handler that repeats the request's headers in responses, and sometimes crashes."""

    def handle(request: Any) -> Any:
        response = mock.handle(request)
        if b"zzz" in request.body or "searchText" in request.query:
            raise RuntimeError(f"no, {dict(request.headers)}")
        body = json.dumps({"seen": dict(request.headers), "url": request.query}).encode()
        return type(response)(200, (("Content-Type", "application/json"),), body)

    return handle


def check_without_token(roark: Spec) -> list[Check]:
    """Run the suite against a mock that accepts any token."""
    handles = {"roark": ignore_token(Mock(roark).handle)}
    return run_suite(PROJECT, [roark], handles=handles, seed=3)


@pytest.fixture(scope="module")
def any_token_checks(roark: Spec) -> list[Check]:
    return check_without_token(roark)


def test_every_finding_has_a_known_kind(any_token_checks: list[Check]) -> None:
    """A finding has an id of the catalogue, and meanings in the catalogue have no full stop."""
    assert {f.id for check in any_token_checks for f in check.findings} == {"security.not-enforced"}
    assert all(meaning and not meaning.endswith(".") for meaning in KINDS.values())


def test_one_seed_gives_equal_findings(roark: Spec, any_token_checks: list[Check]) -> None:
    """Two runs with one seed have equal findings, request numbers and calls; only the seconds
    differ.
    """

    def serialize(checks: list[Check]) -> str:
        return json.dumps([{**check.to_dict(), "seconds": 0} for check in checks], default=str)

    first = serialize(any_token_checks)
    assert serialize(check_without_token(roark)) == first
    assert '"first": ' in first


SHORT = ("credentials", "creation", "changing rows", "documented examples", "documented requests")


def rank_only(*names: str) -> Callable[[str, str], int | None]:
    """Return a ranking that keeps these checks in their own order."""
    return lambda _, name: 0 if name in names else None


@pytest.fixture
def live(roark: Spec, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Serve roark's mock as a live server and record its requests."""
    mock = Mock(roark)
    monkeypatch.setenv("ROARK_API_BEARER_TOKEN", mock.credentials["bearerToken"])
    requests: list[Any] = []

    def handle(request: Any) -> Any:
        requests.append(request)
        return mock.handle(request)

    with run_server({"roark": handle}) as url:
        yield f"{url}/roark", requests


def test_a_live_run_only_reads(roark: Spec, live: Any) -> None:
    """A live run sends only GET requests, and the checks of writes are reported as not sent."""
    url, requests = live
    checks = run_suite(PROJECT, [roark], urls={"roark": url}, rate=10_000, rank=rank_only(*SHORT))
    assert {request.method for request in requests} == {"GET"}
    by_outcome = {check.outcome for check in checks if check.operation != "call.list"}
    assert "not-sent" in by_outcome
    assert by_outcome <= {"not-sent", "passed"}
    assert {check.outcome for check in checks if check.operation == "call.list"} == {"passed"}


def test_an_allowed_write_is_checked(roark: Spec, live: Any) -> None:
    """`--allow-writes call.create` allows the checks of this write and of no other."""
    url, requests = live
    urls, rank = {"roark": url}, rank_only(*SHORT)
    checks = run_suite(
        PROJECT, [roark], urls=urls, allow_writes=["call.create"], rate=10_000, rank=rank
    )
    assert {r.path for r in requests if r.method == "POST"} == {"/v1/call"}
    assert {check.outcome for check in checks if check.operation == "call.create"} == {"passed"}


def test_an_assumed_finding_does_not_fail_a_live_run(
    roark: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding on an assumed clause is reported but does not fail a live run; it fails a mock."""
    fault = edit_bodies(lambda body, _: body["pagination"].pop("hasMore"))
    mock = Mock(roark)
    monkeypatch.setenv("ROARK_API_BEARER_TOKEN", mock.credentials["bearerToken"])
    with run_server({"roark": fault(mock.handle)}) as url:
        urls, rank = {"roark": f"{url}/roark"}, rank_only(*SHORT)
        real = run_suite(PROJECT, [roark], urls=urls, rate=10_000, rank=rank)
    assert {check.outcome for check in real} == {"passed", "not-sent"}
    assert {f.severity for check in real for f in check.findings} == {"assumed"}
    mock_checks = run_suite(
        PROJECT, [roark], handles={"roark": fault(Mock(roark).handle)}, rank=rank
    )
    assert "drift" in {check.outcome for check in mock_checks}


def test_a_server_that_is_down_ends_the_run(roark: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is down ends the run with one TargetError."""
    monkeypatch.setenv("ROARK_API_BEARER_TOKEN", "secret-token")
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:9"):
        run_suite(PROJECT, [roark], urls={"roark": "http://127.0.0.1:9"})


@pytest.mark.parametrize(
    "options",
    [
        {"urls": {"nobody": "https://example.com"}},
        {"allow_writes": ["call.destroy"]},
        {"urls": {"roark": "https://example.com"}},
    ],
    ids=["unknown API", "unknown operation", "no credential"],
)
def test_a_wrong_option_is_a_usage_error(
    roark: Spec, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invalid option is a UsageError before the first request."""
    monkeypatch.delenv("ROARK_API_BEARER_TOKEN", raising=False)
    with pytest.raises(UsageError):
        run_suite(PROJECT, [roark], **options)


def _write_suite(folder: Path, body: str) -> Project:
    suite = folder / "contract_tests"
    suite.mkdir()
    (folder / "specs").mkdir()
    (suite / "conftest.py").write_text('pytest_plugins = ["driftline.suite.pytest.plugin"]\n')
    (suite / "test_own.py").write_text(body)
    return Project(folder)


@pytest.mark.parametrize("status", [200, 204, 302, 401, 404, 405, 422, 429, 500, 503])
def test_schemathesis_sends_no_requests(
    specs: dict[str, Spec], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """schemathesis sends no requests itself, whatever status the server returns."""
    requests_sent: list[object] = []
    monkeypatch.setattr("requests.Session.send", lambda *args, **_: requests_sent.append(args))
    body = json.dumps({"message": "no"}).encode()
    response = HttpResponse(status, (("Content-Type", "application/json"),), body)
    checks = run_suite(
        PROJECT,
        [specs["revox"]],
        handles={"revox": lambda _: response},
        rank=rank_only("fuzzing", "sequences"),
    )
    assert requests_sent == []
    assert not any(check.detail for check in checks if check.name == "fuzzing")


def test_an_operation_that_no_check_calls_is_an_error(roark: Spec) -> None:
    """An operation that no check calls is an error."""
    checks = run_suite(PROJECT, [roark], rank=rank_only())
    errors = {check.operation for check in checks if check.outcome == "error"}
    assert errors == {operation.id for operation in roark.operations}


def test_own_tests_run_only_with_their_option(roark: Spec, tmp_path: Path) -> None:
    """A project's own tests run only with `own_tests`; one that fails to load is an error."""
    project = _write_suite(tmp_path, "def test_it(operation): raise RuntimeError('oops')\n")
    (project.suite / "test_unreadable.py").write_text("import nothing_of_the_kind\n")
    (project.suite / "test_checks.py").write_text(
        (ROOT / "contract_tests/test_checks.py").read_text()
    )
    own_test_checks = run_suite(project, [roark], rank=rank_only())
    checks = run_suite(project, [roark], rank=rank_only(), own_tests=True)
    assert {check.name for check in own_test_checks} == {"coverage"}
    assert {check.outcome for check in checks} == {"error"}
    assert any("oops" in check.detail for check in checks)
    assert any("nothing_of_the_kind" in check.detail for check in checks)
    assert {check.name for check in checks} & {check.name for check in CHECKS} == set()


def test_own_tests_leave_the_coverage_as_it_is(roark: Spec, tmp_path: Path) -> None:
    """With `own_tests`, the coverage of each operation is recorded once, and no clause twice."""
    project = _write_suite(tmp_path, "def test_it(operation, examine): examine(operation, print)\n")
    checks = run_suite(project, [roark], rank=rank_only(), own_tests=True)
    operations = [operation.id for operation in roark.operations]
    assert [check.operation for check in checks if check.coverage] == operations
    assert [check.operation for check in checks if check.name == "it"] == operations


def test_an_interrupted_run_lists_what_was_not_checked(roark: Spec) -> None:
    """An interrupted run keeps the completed checks and lists the others as errors."""

    def interrupt(check: Check | None, done_count: int, _: int) -> None:
        if check is not None and done_count == 2:
            raise KeyboardInterrupt

    checks = run_suite(
        PROJECT, [roark], rank=rank_only("methods", "defaults"), on_progress=interrupt
    )
    assert [check.outcome for check in checks] == ["passed", "passed", "error", "error", "error"]
    assert {check.detail for check in checks[2:]} == {"not run: the run was interrupted"}


def test_pytest_runs_the_suite_by_itself() -> None:
    """`pytest contract_tests` runs the suite, and its test ids can be selected by name."""
    process = run_pytest("--api=zudu", "-k", "credentials and zudu-call.list")
    assert (process.returncode, "1 passed" in process.stdout) == (0, True), (
        process.stdout + process.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "expected_message"),
    [
        (("--url=roark=http://127.0.0.1:9", "--api=roark"), "no response to GET"),
        (("--url=roark",), "no URL for 'roark'"),
        (("--api=nobody",), "nobody"),
        (("--specs=nowhere",), "nowhere"),
    ],
)
def test_pytest_exits_with_2_if_nothing_can_be_checked(
    arguments: tuple[str, ...], expected_message: str
) -> None:
    """If nothing can be checked, pytest exits with 2 and one message without traceback or token."""
    process = run_pytest(*arguments, environ={"ROARK_API_BEARER_TOKEN": "secret-token"})
    output = process.stdout + process.stderr
    assert (process.returncode, expected_message in output) == (2, True), output
    assert "Traceback" not in output
    assert "secret-token" not in output
