"""The suite reports nothing for the mock and for a correct independent server.

`scripts/seeds` tries many more seeds.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from driftline.checks.finding import Check
from driftline.mock import HttpResponse, Mock
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite
from driftline.suite.run_state import explain

from .conftest import APIS, ROOT
from .plain_server import SERVERS, PlainRequest, run_plain_server

PROJECT = Project(ROOT)
SEEDS = range(int(os.environ.get("DRIFTLINE_SEEDS", "2")))
PLAIN_SEEDS = range(int(os.environ.get("DRIFTLINE_PLAIN_SEEDS", "1")))


def format_alarms(checks: Sequence[Check]) -> str:
    """Return the findings more severe than `assumed` and the checks that could not run."""
    findings = [f for check in checks for f in check.findings if f.severity != "assumed"]
    unmade = [f"{c.name}: {c.detail}" for c in checks if c.outcome in {"error", "not-sent"}]
    return "\n".join([explain(findings), *unmade]).strip()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("api", APIS)
def test_a_correct_mock_has_no_findings(
    specs: dict[str, Spec], check_right_mock: Callable[[str, int], list[Check]], api: str, seed: int
) -> None:
    """The mock has no findings with any seed, and every operation is called."""
    checks = check_right_mock(api, seed)
    assert [check for check in checks if check.outcome != "passed"] == []
    checked_operations = {check.operation for check in checks if check.requests}
    assert checked_operations == {operation.id for operation in specs[api].operations}


@pytest.mark.parametrize("seed", PLAIN_SEEDS)
@pytest.mark.parametrize("api", APIS)
def test_a_correct_live_server_has_no_findings(
    specs: dict[str, Spec], api: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An independent server over HTTP has no findings, with other rows, orders, cursors and
    headers.
    """
    spec = specs[api]
    credentials = lend_credentials(spec, monkeypatch)
    with run_plain_server({api: SERVERS[api](seed, credentials)}) as url:
        checks = run_suite(
            PROJECT,
            [spec],
            urls={api: f"{url}/{api}"},
            allow_writes=[operation.id for operation in spec.operations],
            seed=seed,
            rate=100_000,
            max_requests=100_000,
        )
    assert format_alarms(checks) == ""
    checked_operations = {check.operation for check in checks if check.requests}
    assert checked_operations == {operation.id for operation in spec.operations}


@pytest.mark.parametrize("seed", PLAIN_SEEDS)
@pytest.mark.parametrize("api", APIS)
def test_a_correct_server_in_process_has_no_findings(
    specs: dict[str, Spec], api: str, seed: int
) -> None:
    """The same server in process, where no check is skipped and every page is read, has no
    findings.
    """
    server = SERVERS[api](seed, dict(Mock(specs[api], seed=seed).credentials))

    def handle(request: Any) -> HttpResponse:
        target = f"{request.path}?{request.query}"
        response = server.handle(
            PlainRequest.of(request.method, target, request.headers, request.body)
        )
        return HttpResponse(response.status, tuple(response.headers), response.body())

    checks = run_suite(PROJECT, [specs[api]], handles={api: handle}, seed=seed)
    assert format_alarms(checks) == ""


def lend_credentials(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return credentials for a live run and set them in the environment."""
    credentials: dict[str, str] = {}
    for name, scheme in spec.security_schemes.items():
        credentials[name] = f"of {spec.name}/{name}+1"
        monkeypatch.setenv(str(scheme.env), credentials[name])
    return credentials


def test_the_second_implementation_is_independent() -> None:
    """The second implementation imports only the standard library and itself, and reads no spec."""
    for path in Path(__file__).with_name("plain_server").glob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                assert str(node.module).partition(".")[0] in sys.stdlib_module_names
            if isinstance(node, ast.Import):
                assert {name.name for name in node.names} <= sys.stdlib_module_names
        assert "specs/" not in source
