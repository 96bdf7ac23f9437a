"""The suite obtains tokens, and reports servers that accept wrong tokens or reject valid ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generate.minimal import build_json_response, import_generated, make_document

from driftline import openapi as specs
from driftline.checks.finding import Check
from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.trial import try_mutant
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.run import run_suite
from driftline.suite.run_state import explain

SPEC = specs.load(Path(__file__).parent / "tokens.yaml")
SECURITY = [
    mutant
    for mutant in generate_mutants(SPEC)
    if mutant.clause.kind in {"security.token-rejected", "security.token-expired", "security.scope"}
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Spec]]:
    """Return a project with the document and its client."""
    root = tmp_path_factory.mktemp("tokens")
    for folder in ("specs", "generated"):
        (root / folder).mkdir()
    (root / "specs" / "tokens.yaml").write_text(SPEC.path.read_text())
    with import_generated(SPEC, root / "generated"):
        yield Project(root), specs.load(root / "specs" / "tokens.yaml")


def format_failures(checks: list[Check]) -> str:
    explanation = explain([finding for check in checks for finding in check.findings])
    unmade = [f"{c.operation} {c.name}: {c.detail}" for c in checks if c.outcome != "passed"]
    return "\n".join([explanation, *unmade]).strip()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_mock_has_no_findings(project: tuple[Project, Spec], seed: int) -> None:
    """Every check of the mock runs without a finding."""
    checks = run_suite(project[0], [project[1]], seed=seed)
    assert format_failures(checks) == ""
    assert {check.operation for check in checks if check.name == "tokens"} == {
        "report.list",
        "profile.get",
    }


_LOGIN_BODIES = {
    "form": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["username", "password"],
                "properties": {
                    "grant_type": {"type": "string", "pattern": "^password$"},
                    "username": {"type": "string"},
                    "password": {"type": "string"},
                },
            }
        }
    },
    "json": {
        "application/json": {
            "schema": {"type": "object", "required": ["email"], "properties": {"email": {}}}
        }
    },
}


@pytest.mark.parametrize("body", _LOGIN_BODIES)
def test_a_documented_login_returns_tokens(tmp_path: Path, body: str) -> None:
    """The documented flow gives tokens, even if the login operation documents another body."""
    token = {"type": "object", "properties": {"access_token": {"type": "string"}}}
    log_in = {
        "operationId": "token.create",
        "requestBody": {"required": True, "content": _LOGIN_BODIES[body]},
        "responses": {"200": build_json_response(token)},
    }
    profile = {
        "operationId": "profile.get",
        "security": [{"login": []}],
        "responses": {"200": build_json_response({"type": "object"}), "401": {"description": "no"}},
    }
    flows = {"password": {"tokenUrl": "/token", "scopes": {}}}
    document = make_document(
        {"/token": {"post": log_in}, "/profile": {"get": profile}},
        components={"securitySchemes": {"login": {"type": "oauth2", "flows": flows, "x-env": "A"}}},
    )
    (tmp_path / "specs").mkdir()
    (tmp_path / "generated").mkdir()
    path = tmp_path / "specs" / "small.json"
    path.write_text(json.dumps(document))
    spec = specs.load(path)
    with import_generated(spec, tmp_path / "generated"):
        checks = run_suite(Project(tmp_path), [spec])
    tokens = [check for check in checks if check.name == "tokens"]
    assert [(check.outcome, check.detail) for check in tokens] == [("passed", "")]


def test_alternatives_that_differ_in_scopes_are_checked_once(tmp_path: Path) -> None:
    """An operation with many alternatives of one scheme sends no more than one with a few."""
    scopes = {f"rows.{number}": "" for number in range(30)}
    flows = {"clientCredentials": {"tokenUrl": "/token", "scopes": scopes}}
    responses = {"200": build_json_response({"type": "object"}), "401": {"description": "no"}}
    operations = {
        f"/{count}": {
            "get": {
                "operationId": f"rows.of_{count}",
                "security": [{"login": [name]} for name in list(scopes)[:count]],
                "responses": responses | {"403": {"description": "no scope"}},
            }
        }
        for count in (2, 29)
    }
    scheme = {"type": "oauth2", "flows": flows, "x-env": "A"}
    document = make_document(operations, components={"securitySchemes": {"login": scheme}})
    path = tmp_path / "small.json"
    path.write_text(json.dumps(document))
    names = {"credentials", "tokens"}
    checks = run_suite(
        Project(tmp_path), [specs.load(path)], rank=lambda _, name: 0 if name in names else None
    )
    assert format_failures(checks) == ""
    few, many = (
        [check.requests for check in checks if check.operation == f"rows.of_{count}"]
        for count in (2, 29)
    )
    assert few == many


@pytest.mark.parametrize("mutant", SECURITY, ids=lambda mutant: mutant.id)
def test_each_mutant_of_token_handling_is_killed(
    project: tuple[Project, Spec], mutant: Any
) -> None:
    """Each mutant of token handling is killed."""
    assert try_mutant(project[0], SPEC, mutant).verdict == "killed"


def test_a_live_run_obtains_its_tokens(
    project: tuple[Project, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live run obtains tokens with ID and secret, which go only to the token endpoint."""
    mock, requests = Mock(SPEC, rows=3), list[HttpRequest]()

    def handle(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return mock.handle(request)

    monkeypatch.setenv("TOKENS_LOGIN_TOKEN", mock.credentials["login"])
    client = mock.tokens.clients["oauth"]
    monkeypatch.setenv("TOKENS_CLIENT_ID", client.client_id)
    monkeypatch.setenv("TOKENS_CLIENT_SECRET", client.client_secret)
    monkeypatch.setenv("TOKENS_EXPIRED_TOKEN", mock.tokens.make_expired("oauth"))
    with run_server({"tokens": handle}) as url:
        checks = run_suite(project[0], [project[1]], urls={"tokens": url + "/tokens"}, rate=500)
    assert format_failures(checks) == ""
    tokens = [request for request in requests if request.path == "/oauth/token"]
    narrow = [token for token in tokens if b"scope=" in token.body]
    assert len(tokens) - len(narrow) == 1
    secret = client.client_secret
    assert not any(secret in str(check) for check in checks)
    assert not any(secret in str(request) for request in requests if request not in tokens)


def test_a_live_run_with_a_token_only_reports_skipped_checks(
    project: tuple[Project, Spec], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A live run with only a token reports the checks that need other tokens as not run."""
    mock = Mock(SPEC, rows=3)
    monkeypatch.setenv("TOKENS_ACCESS_TOKEN", mock.credentials["oauth"])
    monkeypatch.setenv("TOKENS_LOGIN_TOKEN", mock.credentials["login"])
    with run_server({"tokens": mock.handle}) as url:
        checks = run_suite(project[0], [project[1]], urls={"tokens": url + "/tokens"}, rate=500)
    unmade = {check.detail for check in checks if check.outcome != "passed"}
    assert {reason.partition(";")[0] for reason in unmade} == {
        "the run has no credentials to obtain tokens with"
    }
