"""Body kinds other than multipart and events: the
suite, mutation test and `observe` support each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from generate.minimal import (
    build_json_response,
    import_generated,
    make_client,
    make_document,
    make_spec,
)

from driftline.checks import CHECKS as REGISTERED, choose_media_type, encode_body
from driftline.checks.outgoing import Outgoing
from driftline.media import TRAITS, find_body_kind
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant
from driftline.observe.judging.exchanges import JudgedExchange
from driftline.observe.judging.judge import Judge
from driftline.suite.examinations import client
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine
from driftline.suite.runner import find_examination

URLENCODED = "application/x-www-form-urlencoded"
ROW: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "string", "minLength": 1}, "n": {"type": "integer"}},
    "additionalProperties": False,
}
ROWS = {"type": "array", "items": ROW}
CSV = {"example": "id,name\n1,a\n"}


def build_operation(name: str, responses: Any = None, **content: Any) -> dict[str, Any]:
    """Return an operation that accepts these media types, written with `__` for `/`."""
    empty = {"204": {"description": "ok"}, "400": {"description": "wrong"}}
    operation_object = {"operationId": name, "responses": responses or empty}
    media = {key.replace("__", "/").replace("_", "-"): value for key, value in content.items()}
    return (
        {**operation_object, "requestBody": {"required": True, "content": media}}
        if media
        else operation_object
    )


STYLED_FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["plain", "pipes", "commas", "deep"],
        "properties": {
            **{
                name: {"type": "array", "items": {"type": "integer"}, "minItems": 2}
                for name in ("plain", "pipes", "commas")
            },
            "deep": {
                "type": "object",
                "required": ["k"],
                "properties": {"k": {"type": "integer"}},
                "additionalProperties": False,
            },
        },
        "additionalProperties": False,
    },
    "encoding": {
        "pipes": {"style": "pipeDelimited"},
        "commas": {"explode": False},
        "deep": {"style": "deepObject"},
    },
}
EITHER = build_json_response(ROW)
EITHER["content"]["text/csv"] = CSV
SPEC = make_spec(
    make_document(
        {
            "/form": {
                "post": build_operation(
                    "form.send", application__x_www_form_urlencoded={"schema": ROW}
                )
            },
            "/styled": {
                "post": build_operation(
                    "styled.send", application__x_www_form_urlencoded=STYLED_FORM
                )
            },
            "/text": {
                "post": build_operation("text.send", text__plain={"schema": {"type": "string"}})
            },
            "/xml": {"post": build_operation("xml.send", application__xml={"schema": ROW})},
            "/lines": {"post": build_operation("lines.send", application__jsonl={"schema": ROWS})},
            "/items": {
                "post": build_operation(
                    "items.send", application__jsonl={"itemSchema": {"type": "string"}}
                )
            },
            "/file": {"put": build_operation("file.send", audio__wav={})},
            "/both": {
                "post": build_operation(
                    "both.send", application__json={"schema": ROW}, text__csv=CSV
                )
            },
            "/empty": {"delete": build_operation("empty.call")},
            "/report": {"get": build_operation("report.get", {"200": EITHER})},
        }
    ),
    "kinds",
)
CHECKS = {check.name: check for check in REGISTERED}
MEDIA_TYPES = {
    "form.send": URLENCODED,
    "styled.send": URLENCODED,
    "text.send": "text/plain",
    "xml.send": "application/xml",
    "lines.send": "application/jsonl",
    "items.send": "application/jsonl",
    "file.send": "audio/wav",
    "both.send": "application/json",
}
NO_CONTENT = HttpResponse(204, (), b"")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Import the generated client of the document."""
    with import_generated(SPEC, tmp_path_factory.mktemp("client")) as (generated_package, _):
        yield generated_package


def run(name: str, operation_id: str, handle: Any = None) -> Any:
    """Return the result of one check of one operation, against the mock or another handler."""
    described_operation = SPEC.find_operation(operation_id)
    assert described_operation is not None
    with Session(Target.mock(SPEC, handle=handle)) as session:
        return examine(session, described_operation, name, find_examination(CHECKS[name]))


def test_the_document_uses_every_kind_of_body() -> None:
    """The document uses every kind of body except multipart and event streams."""
    kinds = {find_body_kind(name) for name in MEDIA_TYPES.values()}
    assert kinds | {"multipart", "event_stream"} == TRAITS.keys()


@pytest.mark.parametrize("operation_id", MEDIA_TYPES)
def test_the_suite_sends_each_kind(operation_id: str) -> None:
    """The suite sends each kind in its media type, and reports a server that fails on it."""
    requests: list[HttpRequest] = []
    mock = Mock(SPEC)

    def record(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return mock.handle(request)

    check = run("documented requests", operation_id, record)
    assert (check.outcome, check.findings) == ("passed", ())
    kinds = {(request.get_header("Content-Type") or "").partition(";")[0] for request in requests}
    assert kinds == {MEDIA_TYPES[operation_id]}
    assert any(request.body for request in requests)
    failing_check = run("documented requests", operation_id, lambda _: HttpResponse(500, (), b""))
    assert [finding.id for finding in failing_check.findings] == ["response.server-error"]


def test_the_traits_of_a_kind_define_its_encoding(
    package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The traits of a kind define its encoding for client, suite, mock and `observe`."""

    def turn(content: bytes) -> bytes:
        return content[::-1]

    reversing_traits = TRAITS["json"]._replace(to_json=turn, from_json=turn)
    monkeypatch.setitem(TRAITS, "json", reversing_traits)
    monkeypatch.setattr(client, "import_client", lambda _: package)
    assert Mock(SPEC).handle(HttpRequest("GET", "/report")).body[:1] == b"}"
    for operation_id in ("both.send", "report.get"):
        for name in ("documented requests", "client and server", "client and schema"):
            assert run(name, operation_id).findings == ()
    assert judge("both.send", turn(b'{"a": "x"}'), "application/json") == set()
    assert judge("both.send", b'{"a": "x"}', "application/json") != set()


def test_client_and_suite_encode_styled_form_fields_alike(package: Any) -> None:
    """The client and the suite encode styled form fields alike, and the mock accepts them."""
    value = {"plain": [1, 2], "pipes": [3, 4], "commas": [5, 6], "deep": {"k": 7}}
    described_operation, bodies = SPEC.find_operation("styled.send"), list[bytes]()
    assert described_operation is not None
    media = choose_media_type(described_operation.body)
    assert media is not None

    def handle(request: httpx.Request) -> httpx.Response:
        headers = (("Content-Type", URLENCODED),)
        bodies.append(request.content)
        response = Mock(SPEC).handle(HttpRequest("POST", "/styled", "", headers, request.content))
        return httpx.Response(response.status)

    make_client(package, SPEC, handle).styled.send(**value)
    _, content = encode_body(SPEC, media, value)
    pairs = [("plain", "1"), ("plain", "2"), ("pipes", "3|4"), ("commas", "5,6"), ("deep[k]", "7")]
    assert parse_qsl(bodies[0].decode()) == parse_qsl(content.decode()) == pairs


@pytest.mark.parametrize(
    ("operation_id", "locations"),
    [
        ("form.send", ["an unknown part", "the part a is missing"]),
        (
            "lines.send",
            [
                "line 2 is not JSON",
                "line 2 is of another type",
                "line 2: an unknown field",
                "line 2: the field a is missing",
            ],
        ),
    ],
)
def test_the_mock_rejects_each_part_that_the_suite_reports(
    operation_id: str, locations: list[str]
) -> None:
    """The mock rejects each invalid part, and a server that accepts it gets a finding."""
    findings = run("body parts", operation_id, lambda _: NO_CONTENT).findings
    assert sorted(finding.where for finding in findings) == locations
    assert run("body parts", operation_id).findings == ()


def test_a_207_with_an_invalid_line_does_not_count_as_accepted() -> None:
    """A 207 response to lines with an invalid one does not count as accepted."""
    findings = run("body parts", "lines.send", lambda _: HttpResponse(207, (), b"")).findings
    assert {finding.id for finding in findings} == {"response.status.undocumented"}


WRONG_RESPONSES: dict[str, tuple[str, HttpResponse, str]] = {
    "a body where there is none": (
        "empty.call",
        HttpResponse(200, (("Content-Type", "application/json"),), b"{}"),
        "response.status.undocumented",
    ),
    "another media type": (
        "report.get",
        HttpResponse(200, (("Content-Type", "text/html"),), b"<p>"),
        "response.content-type.undocumented",
    ),
    "other columns": (
        "report.get",
        HttpResponse(200, (("Content-Type", "text/csv"),), b"id,title\n1,a\n"),
        "response.columns.wrong",
    ),
}


@pytest.mark.parametrize("case", WRONG_RESPONSES)
def test_an_invalid_response_is_found(case: str) -> None:
    """A wrong response is reported by the suite and in a recording."""
    operation_id, response, expected = WRONG_RESPONSES[case]
    check = run("documented requests", operation_id, lambda _: response)
    assert expected in {finding.id for finding in check.findings}
    assert expected in judge(operation_id, response=response)


def judge(
    operation_id: str, body: bytes = b"", media_type: str = "", response: HttpResponse = NO_CONTENT
) -> set[str]:
    """Return the finding IDs that `observe` reports for one recorded exchange."""
    described_operation = SPEC.find_operation(operation_id)
    assert described_operation is not None
    headers = (("Content-Type", media_type),) if media_type else ()
    request = Outgoing(described_operation.method, described_operation.path, "", headers, body)
    exchange = JudgedExchange(
        *(operation_id, request, "", response.status, response.headers, response.body, 0.0),
        has_body=True,
        has_headers=True,
    )
    judging = Judge(SPEC, described_operation)
    judging.add(exchange)
    return {finding.id for check in judging.build_checks() for finding in check.findings}


def test_a_recorded_form_is_judged() -> None:
    """An accepted form with an invalid or missing field is a finding, and a valid form is not."""
    assert judge("form.send", b"a=x&n=1", URLENCODED) == set()
    for wrong_form in (b"n=1", b"a=", b"a=x&n=many", b"a=x&more=1"):
        assert judge("form.send", wrong_form, URLENCODED) == {"request.invalid.accepted"}


def test_recorded_lines_are_judged() -> None:
    """Each recorded line is validated by its schema; a truncated body is ignored."""
    kind = "application/jsonl"
    assert judge("lines.send", b'{"a": "x"}\n{"a": "y", "n": 1}\n', kind) == set()
    for wrong_lines in (
        b'{"n": 1}',
        b'{"a": ""}',
        b'{"a": "x", "n": "1"}',
        b'"x"',
        b'{"a": "x", "b": 1}',
    ):
        assert judge("lines.send", b'{"a": "x"}\n' + wrong_lines, kind) == {
            "request.invalid.accepted"
        }
    assert judge("lines.send", b'{"a": "x"}\n{"a', kind) == set()
    assert judge("items.send", b"1\n", kind) == {"request.invalid.accepted"}
    assert judge("items.send", b'"1"\n', kind) == set()


MUTANTS = [
    mutant
    for mutant in generate_mutants(SPEC)
    if (mutant.clause.operation.id, mutant.clause.kind)
    in {
        ("form.send", "form.accepted"),
        ("items.send", "lines.accepted"),
        ("lines.send", "lines.accepted"),
        ("empty.call", "response.status"),
        ("report.get", "response.content-type"),
    }
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_is_killed(mutant: Mutant, package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutants of forms, lines, empty responses and media types are killed."""
    monkeypatch.setattr(client, "import_client", lambda _: package)
    assert len(MUTANTS) == 7
    check = run(mutant.check, mutant.clause.operation.id, mutant.handle(Mock(SPEC)))
    assert any(mutant.is_reported_by(finding) for finding in check.findings), check.findings
