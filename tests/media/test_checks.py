"""The suite on streams: correct streams pass, and each mutant of a stream is killed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from generate.minimal import import_generated, make_document, make_spec

from driftline.checks import CHECKS as REGISTERED
from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.checks.response import find_flaws
from driftline.file_formats import has_signature
from driftline.media import find_body_kind
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mock.fake import sample_file
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.openapi.streams import find_stream
from driftline.suite.examinations import client
from driftline.suite.http import sender
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from driftline.suite.runner import find_examination
from media.document import LINES, SSE, build_spec

SPEC = build_spec()
STREAMS = [operation.id for operation in SPEC.operations if find_stream(operation.success)]
CHECKS = {check.name: check for check in REGISTERED}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import the generated client of the document."""
    with import_generated(SPEC, tmp_path_factory.mktemp("client")) as (package, _):
        yield package


def run(name: str, operation: str, handle: Any = None) -> Any:
    """Return the result of one check of one operation, against the mock or another handler."""
    described_operation = SPEC.find_operation(operation)
    assert described_operation is not None
    with Session(Target.mock(SPEC, handle=handle)) as session:
        return examine(session, described_operation, name, find_examination(CHECKS[name]))


@pytest.mark.parametrize("operation", STREAMS)
@pytest.mark.parametrize("name", ["streams", "client and server", "documented requests"])
def test_a_correct_stream_has_no_finding(
    name: str, operation: str, package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A correct stream passes every check, with the `Accept` header, the flag and both clients."""

    def import_client(_: object) -> Any:
        return package

    monkeypatch.setattr(client, "import_client", import_client)
    check = run(name, operation)
    assert (check.outcome, check.findings, check.detail) == ("passed", (), "")
    assert check.requests > 0


MUTANTS = [
    mutant
    for mutant in generate_mutants(SPEC)
    if mutant.clause.kind.startswith("response.stream.") and not mutant.equivalent
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_of_a_stream_is_killed(mutant: Mutant) -> None:
    """The check that claims the mutant reports a finding at its clause."""
    assert mutant.check == "streams"
    check = run("streams", mutant.clause.operation.id, mutant.handle(Mock(SPEC)))
    assert any(mutant.is_reported_by(finding) for finding in check.findings), check.findings


def test_mutants_where_any_item_is_allowed_are_equivalent() -> None:
    """Mutants are equivalent where any text or any item is allowed."""
    equivalent = {
        mutant.id.partition("/")[2]: mutant.equivalent
        for mutant in generate_mutants(SPEC)
        if ".stream." in mutant.clause.kind and mutant.equivalent
    }
    assert equivalent == {
        "text.watch/response.stream.item": "any text is allowed",
        "text.watch/response.stream.wrong": "any item is allowed",
        "anything.watch/response.stream.item": "any text is allowed",
        "anything.watch/response.stream.wrong": "any item is allowed",
    }


def test_a_server_that_always_sends_json_is_found() -> None:
    """A server that always responds with JSON is reported as sending no stream."""
    mock = Mock(SPEC)

    def ignore(request: HttpRequest) -> HttpResponse:
        headers = tuple(pair for pair in request.headers if pair[0] != "Accept")
        body = request.body.replace(b'"stream":true', b'"stream":false')
        return mock.handle(attrs.evolve(request, headers=headers, body=body))

    check = run("streams", "chat.create", ignore)
    assert [finding.id for finding in check.findings] == ["response.stream.missing"]


def test_an_endless_stream_is_read_up_to_a_bound() -> None:
    """The check reads a limited number of items from an endless stream, and passes."""

    def respond_without_end(_: HttpRequest) -> HttpResponse:
        body = b'data: {"word": "a"}\n\n' * 5000 + b'data: {"wo'
        return HttpResponse(200, (("Content-Type", SSE),), body)

    check = run("streams", "data.watch", respond_without_end)
    assert (check.outcome, check.findings) == ("passed", ())


def test_a_stream_is_read_up_to_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time limit the check judges complete items and ignores the one that has begun."""
    times = iter(range(0, 1000, 20))
    monkeypatch.setattr(sender, "monotonic", lambda: next(times))
    pieces = b'data: {"word": "a"}\n\ndata: {"word": 5}\n\ndata: {"wo'

    def respond_slowly(_: HttpRequest) -> HttpResponse:
        return HttpResponse(200, (("Content-Type", SSE),), pieces)

    check = run("streams", "data.watch", respond_slowly)
    assert {finding.id for finding in check.findings} == {"response.type.wrong"}


def build_exchange(media_type: str, body: bytes, **fields: Any) -> Exchange:
    headers = (("Content-Type", fields.pop("sent", media_type)),)
    request = Outgoing("GET", "/x", "", ())
    return Exchange("x.get", request, "", 200, headers, body, 0.0, **fields)


def find_ids(media_type: str, body: bytes, node: Any = None, **fields: Any) -> list[str]:
    """Return the finding IDs of a body of a documented media type."""
    content: Any = {"200": {"description": "ok", "content": {media_type: node or {}}}}
    spec = make_spec(make_document({"/x": {"get": {"operationId": "x.get", "responses": content}}}))
    return [flaw.kind for flaw in find_flaws(spec, build_exchange(media_type, body, **fields))]


ITEMS: dict[str, Any] = {
    "itemSchema": {"type": "object", "required": ["a"], "properties": {"a": {}}}
}


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        (LINES, b'{"a": 1}\n{"a": 2}', []),
        (LINES, b'{"a": 1}\n\n', []),
        (LINES, b"", []),
        (LINES, b'{"a": 1}\n{\n', ["response.item.unreadable"]),
        (LINES, b'{"a": 1}\n{"a"', ["response.stream.incomplete"]),
        (LINES, b"{}\n", ["response.required.missing"]),
        (LINES, b'{"a": 1, "b": 2}\n', ["response.field.undocumented"]),
        (SSE, b'data: {"a": 1}\n\ndata: [DONE]\n\n', []),
        (SSE, b": hello\n\n: bye", []),
        (SSE, b"data: <html>\n\n", ["response.item.unreadable"]),
        (SSE, b"id: 1\nda", ["response.stream.incomplete"]),
    ],
)
def test_items_of_recorded_and_live_streams_are_judged_alike(
    media_type: str, body: bytes, expected: list[str]
) -> None:
    """The items of recorded and live streams are judged by the same function."""
    assert find_ids(media_type, body, ITEMS) == expected


def test_a_broken_connection_is_an_incomplete_stream() -> None:
    """A connection that breaks between two items is an incomplete stream."""
    finding_ids = find_ids(LINES, b'{"a": 1}\n', ITEMS, interruption="connection reset")
    assert finding_ids == ["response.stream.incomplete"]


UNREADABLE = ["response.body.unreadable"]


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        ("audio/wav", b"<html>", UNREADABLE),
        ("audio/wav", b"", UNREADABLE),
        ("audio/x-unknown", b"<html>", []),
        ("application/octet-stream", b"", []),
        ("application/pdf", b"%PDF-1.7", []),
        ("text/csv", b"id,name\n1,a\n", []),
        ("text/csv", b'id,name\n"1","a, ""b"""\n\n', []),
        ("text/csv", b"id,name\n1\n", UNREADABLE),
        ("text/csv", b"\xff\xfe", UNREADABLE),
        ("text/csv", b"", []),
        ("text/plain", "é".encode("latin-1"), UNREADABLE),
        ("application/xml", b"<a><b/></a>", []),
        ("application/xml", b"<a>", UNREADABLE),
        ("image/*", b"<html>", []),
    ],
)
def test_a_body_must_match_its_media_type(
    media_type: str, body: bytes, expected: list[str]
) -> None:
    """A body must match its media type: file signature, CSV shape, well-formed XML, or charset."""
    assert find_ids(media_type, body, sent=media_type.replace("*", "png")) == expected


def test_the_columns_of_csv_must_match_the_example() -> None:
    """The columns of CSV must match the first row of the example."""
    node = {"example": "id,name\n1,a\n"}
    assert find_ids("text/csv", b"id,name\n7,b\n", node) == []
    assert find_ids("text/csv", b"id,email\n7,b\n", node) == ["response.columns.wrong"]


FILES = [
    *("audio/wav", "audio/mpeg", "image/png", "image/gif", "image/jpeg", "video/mp4"),
    *("application/pdf", "application/zip", "application/gzip"),
]


@pytest.mark.parametrize("media_type", FILES)
def test_sample_files_have_the_signature_of_their_media_type(media_type: str) -> None:
    """A sample file has the signature of its own media type only."""
    assert find_body_kind(media_type) == "binary"
    content = sample_file(media_type)
    assert [kind for kind in FILES if has_signature(kind, content)] == [media_type]
    assert has_signature("audio/x-unknown", content) is None
