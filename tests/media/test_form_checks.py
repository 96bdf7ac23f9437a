"""The suite, mutation test and `observe` on forms
and files: correct servers pass, broken ones fail.
"""

from __future__ import annotations

from typing import Any

import pytest
from generate.minimal import make_document, make_spec

from driftline.checks import CHECKS as REGISTERED
from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.observe.judging.exchanges import JudgedExchange
from driftline.observe.judging.judge import Judge
from driftline.openapi.streams import find_download
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from driftline.suite.runner import find_examination
from media.document import build_spec

SPEC = build_spec()
CHECKS = {check.name: check for check in REGISTERED}
SUBJECTS = [
    (name, operation.id)
    for name in ("body parts", "upload", "documented requests")
    for operation in SPEC.operations
    if CHECKS[name].applies(SPEC, operation)
]


def run(name: str, operation: str, handle: Any = None) -> Any:
    """Return the result of one check of one operation, against the mock or another handler."""
    described_operation = SPEC.find_operation(operation)
    assert described_operation is not None
    with Session(Target.mock(SPEC, handle=handle)) as session:
        return examine(session, described_operation, name, find_examination(CHECKS[name]))


def test_the_checks_apply_to_forms_and_uploads() -> None:
    """The checks apply only to operations with forms, lines or uploads."""
    assert [subject for subject in SUBJECTS if subject[0] != "documented requests"] == [
        ("body parts", "lines.send"),
        ("body parts", "sound.create"),
        ("upload", "sound.create"),
        ("upload", "sound.replace"),
    ]


@pytest.mark.parametrize("subject", SUBJECTS, ids="/".join)
def test_a_correct_server_has_no_finding(subject: tuple[str, str]) -> None:
    """Every kind of body is sent to a correct server without a finding."""
    check = run(*subject)
    assert (check.outcome, check.findings, check.detail) == ("passed", (), "")
    assert check.requests > 0


MUTANTS = [
    mutant
    for mutant in generate_mutants(SPEC)
    if mutant.clause.kind in {"form.accepted", "upload.lost"}
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_is_killed(mutant: Mutant) -> None:
    """The check that claims the mutant reports a finding at its clause."""
    check = run(mutant.check, mutant.clause.operation.id, mutant.handle(Mock(SPEC)))
    assert any(mutant.is_reported_by(finding) for finding in check.findings), check.findings


def test_each_wrong_form_is_a_finding_of_its_own() -> None:
    """A missing, an unknown and a repeated part are separate findings."""

    def accept(request: HttpRequest) -> HttpResponse:
        return HttpResponse(201, (("Content-Type", "application/json"),), b'{"id":"1","title":"a"}')

    findings = run("body parts", "sound.create", accept).findings
    assert sorted(finding.where for finding in findings) == [
        "3 parts others",
        "an unknown part",
        "the part file is missing",
        "the part title is missing",
    ]


PATHS = [
    ("PUT", "/sounds/{id}", "/sounds/{id}", True),
    ("PUT", "/sounds/{id}", "/sounds/{id}/content", True),
    ("PUT", "/sounds/{id}", "/sounds/{id}/{part}", False),
    ("PUT", "/sounds/{id}", "/sounds", False),
    ("POST", "/sounds", "/sounds/{id}", True),
    ("POST", "/sounds", "/sounds/{id}/content", True),
    ("POST", "/sounds", "/sounds/latest", False),
    ("POST", "/sounds", "/soundscapes/{id}", False),
    ("PATCH", "/sounds/{id}", "/sounds/{id}", False),
]


@pytest.mark.parametrize(("method", "path", "download_path", "expected"), PATHS)
def test_uploads_and_downloads_are_matched_by_method_and_path(
    method: str, path: str, download_path: str, expected: bool
) -> None:
    """An upload is matched with a download by method and path."""
    upload: dict[str, Any] = {
        "operationId": "a.send",
        "requestBody": {"content": {"audio/wav": {}}},
        "responses": {"204": {"description": "ok"}},
    }
    content: Any = {"200": {"description": "ok", "content": {"audio/wav": {}}}}
    paths: dict[str, Any] = {path: {method.lower(): upload}}
    paths.setdefault(download_path, {})["get"] = {"operationId": "a.get", "responses": content}
    spec = make_spec(make_document(paths))
    found_operation = spec.find_operation("a.send")
    assert found_operation is not None
    assert (find_download(spec, found_operation) is not None) is expected


def judge(operation: str, media_type: str, body: bytes, status: int = 201) -> list[str]:
    """Return the invalid fields that `observe` reports for one recorded request."""
    described_operation = SPEC.find_operation(operation)
    assert described_operation is not None
    headers = (("Content-Type", media_type),)
    request = Outgoing(described_operation.method, described_operation.path, "", headers, body)
    exchange = JudgedExchange(operation, request, "", status, (), b"", 0.0, has_body=False,
                              has_headers=False)  # fmt: skip
    assert isinstance(exchange, Exchange)
    judging = Judge(SPEC, described_operation)
    judging.add(exchange)
    checks = judging.build_checks()
    findings = [finding for check in checks for finding in check.findings]
    return [finding.where for finding in findings if finding.id == "request.invalid.accepted"]


def write_form(**parts: str) -> bytes:
    head = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(head.format(*part) for part in parts.items()) + "--b--\r\n").encode()


def test_a_recorded_form_is_judged() -> None:
    """An invalid form that was accepted is a finding, and one that was rejected is not."""
    kind = "multipart/form-data; boundary=b"
    assert judge("sound.create", kind, write_form(title="a", file="RIFF")) == []
    assert judge("sound.create", kind, write_form(title="", more="x")) != []
    assert judge("sound.create", kind, write_form(title="a")) == ["file"]
    assert judge("sound.create", kind, write_form(title="a"), status=400) == []
    assert judge("sound.create", "multipart/form-data", b"--b") == []
