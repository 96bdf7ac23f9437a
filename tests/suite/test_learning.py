"""Fuzzing adapts to undocumented rules of a live server and finds failures behind them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from driftline.checks import Check
from driftline.mock import HttpRequest, HttpResponse, run_server
from driftline.suite.fuzzing.schemathesis_pass import check_fuzzing
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

from .documents import build_responses, load_document

JSON = (("Content-Type", "application/json"),)
RULE = "code - size must be between 13 and 17"
BODY = {
    "type": "object",
    "required": ["code"],
    "properties": {"code": {"type": "string"}},
    "additionalProperties": False,
}


def run_fuzzing(folder: Path, *, status: int) -> Check:
    """Fuzz a server on the loopback interface that returns this status behind its rule."""
    no = {str(status): {"description": "No."} for status in (400, 415, 500)}
    content = {"application/json": {"schema": BODY}}
    make = {
        "operationId": "code.make",
        "requestBody": {"required": True, "content": content},
        "responses": build_responses({"type": "object"}, **no),
    }
    spec = load_document(folder, {"/codes": {"post": make}})

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            body = json.loads(request.body)
            is_right = 13 <= len(body["code"] + "") <= 17 and len(body) == 1
        except (ValueError, TypeError, KeyError):
            return HttpResponse(400, JSON, b"{}")
        if request.get_header("Content-Type") != "application/json":
            return HttpResponse(415, JSON, b"{}")
        if not is_right:
            return HttpResponse(400, JSON, json.dumps({"messages": [RULE]}).encode())
        return HttpResponse(status, JSON, b"{}")

    with run_server({spec.name: handle}) as url:
        target = Target.connect(spec, f"{url}/{spec.name}", allow_writes={"code.make"})
        with Session(target, rate=1000) as session:
            return examine(session, spec.operations[0], "fuzzing", check_fuzzing)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, {"request.valid.rejected"}), (500, {"request.valid.rejected", "response.server-error"})],
)
def test_a_500_behind_a_rule_of_the_server_is_found(
    tmp_path: Path, status: int, expected: set[str]
) -> None:
    """The rule is reported as a rejection, and a 500 behind it is reported although it is
    documented.
    """
    assert {finding.id for finding in run_fuzzing(tmp_path, status=status).findings} == expected
