"""A documented login operation is called with the credentials of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from driftline.checks.finding import Check
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Spec, load
from driftline.suite.examinations.examples import request_examples
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

VARIABLES = {"MADE_LOG_IN_USERNAME": "ada", "MADE_LOG_IN_PASSWORD": "pass word"}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def build_spec(folder: Path, media: str) -> Spec:
    """Return a spec with a login of this media type, which returns a token and its lifetime."""
    fields = {name: {"type": "string"} for name in ("username", "password")}
    body = {"type": "object", "properties": fields, "required": [*fields]}
    token = {"access_token": {"type": "string"}, "expires_in": {"type": "integer"}}
    schema = {"type": "object", "properties": token, "required": [*token]}
    log_in = {
        "operationId": "token.create",
        "requestBody": {"required": True, "content": {media: {"schema": body}}},
        "responses": {
            "200": {"description": "A token.", "content": {JSON: {"schema": schema}}},
            "401": {"description": "Wrong."},
        },
    }
    me = {"security": [{"logIn": []}], "responses": {"200": {"description": "Yes."}}}
    flows = {"password": {"tokenUrl": "auth/token", "scopes": {}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Made", "version": "1"},
        "servers": [{"url": "https://made.example"}],
        "paths": {"/auth/token": {"post": log_in}, "/me": {"get": me}},
        "components": {
            "securitySchemes": {"logIn": {"type": "oauth2", "flows": flows, "x-env": "MADE_LOG_IN"}}
        },
    }
    file = folder / "made.json"
    file.write_text(json.dumps(document))
    return load(file)


def run_log_in(spec: Spec, token: dict[str, Any]) -> Check:
    """Check a login against a server that returns this token for the right password."""

    def handle(request: HttpRequest) -> HttpResponse:
        content = request.body.decode()
        fields = json.loads(content) if content.startswith("{") else dict(parse_qsl(content))
        is_right = (fields.get("username"), fields.get("password")) == ("ada", "pass word")
        body = token if is_right else {"detail": "wrong"}
        kind = (("Content-Type", JSON),)
        return HttpResponse(200 if is_right else 401, kind, json.dumps(body).encode())

    with run_server({spec.name: handle}) as url:
        target = Target.connect(
            spec, f"{url}/{spec.name}", environ=VARIABLES, allow_writes=frozenset({"token.create"})
        )
        with Session(target, rate=1000) as session:
            return examine(session, spec.operations[0], "examples", request_examples)


@pytest.mark.parametrize("media", [FORM, JSON])
def test_the_response_to_a_login_is_checked(tmp_path: Path, media: str) -> None:
    """The response to the login is checked, by form and JSON, and the password is not shown."""
    spec = build_spec(tmp_path, media)
    (finding,) = run_log_in(spec, {"access_token": "t"}).findings
    assert (finding.id, finding.where) == ("response.required.missing", "expires_in")
    assert "pass" not in finding.curl.replace("password", "")
    check = run_log_in(spec, {"access_token": "t", "expires_in": 60})
    assert (check.findings, check.outcome) == ((), "passed")
