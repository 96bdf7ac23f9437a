"""A live server gets only reads, whatever the document calls a read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from driftline.checks.outgoing import Outgoing, build_outgoing
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.openapi import Operation, Spec, load
from driftline.openapi.lint.rules import lint
from driftline.suite.http.sender import Sender
from driftline.suite.http.session import NotAllowed, Session
from driftline.suite.http.target import Target

RESERVED_NAMES = (
    *("Host", "content-length", "Transfer-Encoding", "Connection", "TE", "X-Driftline-Run"),
    *("Content_Length", "Forwarded", "X-Forwarded-Host", "X-Original-URL", "x-rewrite-url"),
    *("X-HTTP-Host-Override", "X-Forwarded-Prefix", "x_original_uri", "Via", "Max-Forwards"),
    *("X Floor", "Host ", "X-Floor\r\nHost: evil.example", ":authority", ""),
)
OVERRIDES = (
    ("header", "X-HTTP-Method-Override"),
    ("query", "_method"),
    ("cookie", "x-http-method"),
    ("header", "X-HTTPMethod-Override"),
    ("query", "_httpMethod"),
    ("query", "methodOverride"),
    ("header", "X-HTTP-Verb"),
    ("query", "$httpMethod"),
    ("query", "__method"),
    ("header", "X-Override-Method"),
)


def build_spec(tmp_path: Path, method: str, *parameters: tuple[str, str]) -> Spec:
    """Return a spec with one operation that has these parameters."""
    parameter_objects = [
        {"in": location, "name": name, "schema": {"type": "string"}, "required": True}
        for location, name in parameters
    ]
    response = {"description": "Done.", "content": {"application/json": {"schema": {}}}}
    operation = {
        "operationId": "room.list",
        "parameters": parameter_objects,
        "responses": {"200": response},
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Hotel", "version": "1"},
        "servers": [{"url": "https://hotel.example"}],
        "paths": {"/rooms": {method: operation}},
    }
    path = tmp_path / "hotel.yaml"
    path.write_text(yaml.safe_dump(document))
    return load(path)


def get_operation(spec: Spec) -> Operation:
    (operation,) = spec.operations
    return operation


@pytest.mark.parametrize("parameter", OVERRIDES, ids=lambda parameter: parameter[1])
def test_a_parameter_that_overrides_the_method_makes_a_write(
    tmp_path: Path, parameter: tuple[str, str]
) -> None:
    """An operation with a parameter that overrides the method is not a read."""
    assert get_operation(build_spec(tmp_path, "get", ("query", "limit"))).is_read
    assert not get_operation(build_spec(tmp_path, "get", parameter)).is_read


def test_trace_is_not_a_read(tmp_path: Path) -> None:
    """TRACE is not a read, since its response repeats the credentials."""
    assert not get_operation(build_spec(tmp_path, "trace")).is_read


@pytest.mark.parametrize("name", RESERVED_NAMES)
def test_a_reserved_header_is_reported_and_never_sent(tmp_path: Path, name: str) -> None:
    """A reserved header is reported and removed from the document, and not sent."""
    spec = build_spec(tmp_path, "get", ("header", name), ("header", "X-Floor"))
    assert [parameter.name for parameter in get_operation(spec).parameters] == ["X-Floor"]
    parameter_objects = spec.document["paths"]["/rooms"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameter_objects] == ["X-Floor"]
    assert "parameter.reserved-header" in {problem.id for problem in lint(spec)}
    request = build_outgoing(spec, get_operation(spec), {name: "evil", "X-Floor": "1"})
    assert name.lower() not in {header.lower() for header, _ in request.headers}


@pytest.mark.parametrize("name", [*RESERVED_NAMES, "X-HTTP-Method-Override"])
def test_no_credential_is_sent_as_a_reserved_header(tmp_path: Path, name: str) -> None:
    """A security scheme in a reserved header is reported and removed."""
    path = build_spec(tmp_path, "get").path
    document = yaml.safe_load(path.read_text())
    scheme = {"type": "apiKey", "in": "header", "name": name, "x-env": "HOTEL_KEY"}
    document |= {"security": [{"key": []}], "components": {"securitySchemes": {"key": scheme}}}
    path.write_text(yaml.safe_dump(document))
    spec = load(path)
    assert spec.security_schemes == {}
    assert "security.scheme-invalid" in {problem.id for problem in lint(spec)}


def test_a_header_of_a_request_does_not_route_it(tmp_path: Path) -> None:
    """A live request keeps its own Host and run id, whatever headers it has."""
    requests: list[HttpRequest] = []

    def handle(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse(200, (("Content-Type", "application/json"),), b"{}")

    spec = build_spec(tmp_path, "get")
    headers = (("Host", "evil.example"), ("X-Driftline-Run", "evil"), ("X-Floor", "1"))
    with run_server({"hotel": handle}) as url:
        sender = Sender(Target.connect(spec, f"{url}/hotel"), run="ours")
        sender.exchange(Outgoing("GET", "/rooms", "", headers))
        sender.close()
    (request,) = requests
    assert request.get_header("Host") == url.removeprefix("http://")
    assert request.get_header("X-Driftline-Run") == "ours"
    assert request.get_header("X-Floor") == "1"


@pytest.mark.parametrize(
    ("documented_method", "sent_method"),
    [("post", "POST"), ("post", "HEAD"), ("post", "OPTIONS"), ("get", "TRACE"), ("get", "POST")],
)
def test_a_live_server_is_sent_no_other_method_of_a_write(
    tmp_path: Path, documented_method: str, sent_method: str
) -> None:
    """A live server gets no other method of a write, and no write by another method."""
    spec = build_spec(tmp_path, documented_method)
    session = Session(Target.connect(spec, "http://127.0.0.1:9"))
    request = build_outgoing(spec, get_operation(spec), {})
    with pytest.raises(NotAllowed):
        session.send_raw(get_operation(spec), type(request)(sent_method, request.path, "", (), b""))
    session.close()
