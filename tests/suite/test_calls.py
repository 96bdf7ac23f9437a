"""The client call that a finding shows sends the same request as the suite did."""

from __future__ import annotations

import datetime
import re
import shutil
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import attrs
import httpx
import pytest
from hypothesis import given, strategies as st

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import NOTHING, Outgoing, build_outgoing
from driftline.checks.reproduce import client_call
from driftline.checks.reproduce.literals import format_literal, format_typed_literal
from driftline.checks.request_arguments import read_arguments
from driftline.generate import generate
from driftline.mock import Mock, run_server
from driftline.openapi import Operation, Spec, find, load
from driftline.project import Project
from driftline.suite.examinations.credentials import check_credentials
from driftline.suite.fuzzing import schemathesis_pass
from driftline.suite.http.client_package import import_client
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target
from driftline.suite.probe import Probe, confirm_twice, examine

from .conftest import APIS, ROOT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip


class Recorder(Session):
    """A session that records every exchange."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.kept: list[Exchange] = []

    def send_raw(self, operation: Operation, request: Outgoing) -> Exchange:
        self.kept.append(super().send_raw(operation, request))
        return self.kept[-1]


@pytest.fixture
def sent_by(specs: dict[str, Spec]) -> Callable[[Session, str], Outgoing]:
    """Return a function that runs a call with the API's real client and returns the request it
    sends.
    """

    def run(session: Session, call: str) -> Outgoing:
        spec, requests = session.spec, list[httpx.Request]()

        def take(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            return httpx.Response(500, json={})

        schemes = spec.security_schemes
        credentials = {schemes[n].argument: v for n, v in session.target.credentials.items()}
        client_class = getattr(import_client(spec), spec.client_class)
        options: dict[str, Any] = {"retries": 0, "base_url": session.target.base_url, **credentials}
        with client_class(transport=httpx.MockTransport(take), **options) as client:
            names = {call.partition(".")[0]: client, "UUID": UUID, "datetime": datetime}
            try:
                eval(call, names)  # noqa: S307 - our own call
            except Exception:
                assert requests, call
        (request,) = requests
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = tuple(request.headers.items())
        return Outgoing(request.method, path, query, headers, request.read())

    return run


def normalize_request(spec: Spec, operation: Operation, request: Outgoing) -> Any:
    return client_call._normalize_request(spec, operation, request, ())


@pytest.fixture(scope="module")
def all_specs(specs: dict[str, Spec], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Spec]:
    """Return the project's specs and two with path parameters, a key in the query and lists."""
    folder = tmp_path_factory.mktemp("others")
    shutil.copytree(ROOT / "tests" / "acceptance" / "specs", folder / "specs")
    project = Project(folder)
    own_specs = [load(path) for path in find(project.specs)]
    generate(project, own_specs)
    return {**specs, **{spec.name: spec for spec in own_specs}}


@pytest.mark.parametrize("name", [*APIS, "bookshop", "pet-store"])
def test_a_shown_call_sends_the_same_request(
    name: str, all_specs: dict[str, Spec], sent_by: Callable[[Session, str], Outgoing]
) -> None:
    """For each request of the fuzzing, the shown call sends the same request, or there is none."""
    spec, forms = all_specs[name], Counter[str]()
    with Recorder(Target.mock(spec)) as session:
        for operation in spec.operations:
            examine(session, operation, "fuzzing", schemathesis_pass.check_fuzzing)
        for exchange in session.kept:
            operation = spec.find_operation(exchange.operation)
            assert operation is not None
            call = session.format_python(exchange)
            forms["none" if not call else "plain" if ".request(" in call else "typed"] += 1
            if call:
                sent_request = sent_by(session, call)
                assert normalize_request(spec, operation, sent_request) == normalize_request(
                    spec, operation, exchange.request
                )
    assert forms["typed"]
    assert forms["plain"] or name == "zudu"
    assert forms["none"] < len(session.kept) / 3


def show_call(spec: Spec, operation_id: str, body: Any = NOTHING, **arguments: Any) -> str:
    operation = spec.find_operation(operation_id)
    assert operation is not None
    credentials = Mock(spec).credentials
    request = build_outgoing(spec, operation, arguments, body, credentials)
    return client_call.format_client_call(spec, operation, request, credentials)


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ({}, "roark.call.list()"),
        (
            {"limit": 1, "after": "00000000-0000-4000-8000-000000000000"},
            'roark.call.list(limit=1, after=UUID("00000000-0000-4000-8000-000000000000"))',
        ),
        ({"sortBy": "createdAt"}, 'roark.call.list(sort_by="createdAt")'),
        ({"searchText": 'a "b"\\'}, 'roark.call.list(search_text="a \\"b\\"\\\\")'),
        ({"limit": "x"}, 'roark.request("call.list", arguments={"limit": "x"})'),
        ({"limit": 0}, "roark.call.list(limit=0)"),
        ({"after": "no id"}, 'roark.request("call.list", arguments={"after": "no id"})'),
    ],
)
def test_a_call_has_python_names_and_typed_values(
    arguments: dict[str, Any], call: str, roark: Spec
) -> None:
    """A call has Python names and typed values, or wire names if the types forbid a value.

    Values that are only out of bounds keep the typed call.
    """
    assert show_call(roark, "call.list", **arguments) == call


def test_a_body_is_shown_field_by_field(roark: Spec) -> None:
    """A body that matches its schema is shown field by field; unusual timestamps keep their
    spelling.
    """
    body = {
        "recordingUrl": "https://example.com/a.wav",
        "startedAt": "2024-01-15T10:00:00Z",
        "interfaceType": "WEB",
        "callDirection": "INBOUND",
        "properties": {"a": [1, None, True]},
    }
    assert show_call(roark, "call.create", body) == (
        'roark.call.create(recording_url="https://example.com/a.wav", '
        'started_at=datetime.datetime.fromisoformat("2024-01-15T10:00:00Z"), '
        'interface_type="WEB", call_direction="INBOUND", properties={"a": [1, None, True]})'
    )
    other_body = {**body, "startedAt": "2024-01-15T10:00:00.100Z"}
    assert show_call(roark, "call.create", other_body).startswith(
        'roark.request("call.create", body={'
    )


def test_a_wrong_credential_has_no_call(roark: Spec) -> None:
    """A request with a wrong credential has no call, since the client would send the right
    credential.
    """
    mock = Mock(roark)
    operation = roark.find_operation("call.list")
    assert operation is not None
    for wrong_credentials in ({}, {"bearerToken": "another"}):
        request = build_outgoing(roark, operation, {}, credentials=wrong_credentials)
        assert client_call.format_client_call(roark, operation, request, mock.credentials) == ""


@pytest.mark.parametrize(
    "change",
    [
        {"method": "POST"},
        {"path": "/elsewhere"},
        {"body": b"{}"},
        {"query": "limit=%ff"},
        {"query": "limit=1&limit=%zz" + "&a=b" * 2000},
    ],
)
def test_a_request_that_no_call_can_send_has_no_call(change: dict[str, Any], roark: Spec) -> None:
    """A request that no call of the client can send, such as one with another path, has no call."""
    operation = roark.find_operation("call.list")
    assert operation is not None
    credentials = Mock(roark).credentials
    request = build_outgoing(roark, operation, {}, credentials=credentials)
    fields = {name: getattr(request, name) for name in ("method", "path", "query", "headers")}
    changed_request = Outgoing(**{**fields, "body": b"", **change})
    assert client_call.format_client_call(roark, operation, changed_request, credentials) == ""


@pytest.mark.parametrize("name", APIS)
def test_no_call_shows_a_credential(name: str, specs: dict[str, Spec]) -> None:
    """No shown call contains a credential that the mock accepts."""
    with Recorder(Target.mock(specs[name])) as session:
        for operation in specs[name].operations:
            examine(session, operation, "credentials", check_credentials)
        shown_calls = [session.format_python(exchange) for exchange in session.kept]
        assert any(shown_calls)
        assert not all(shown_calls)
        for secret in session.target.credentials.values():
            assert not [call for call in shown_calls if secret in call]


@given(JSON)
def test_a_literal_is_the_value(value: Any) -> None:
    """A literal is one line of Python that evaluates to the JSON value, whatever its strings
    contain.
    """
    literal = format_literal(value)
    assert eval(literal) == value  # noqa: S307 - a literal
    assert re.search(r"[\x00-\x1f\x7f]", literal) is None


def test_a_finding_has_its_first_request_count_and_call(
    open_session: Callable[..., Session],
) -> None:
    """A finding has the number of the first request, the count, the total of requests, and the
    call.
    """
    session = open_session()
    operation = session.spec.find_operation("call.list")
    assert operation is not None

    def report_two_of_three(probe: Probe) -> None:
        exchanges = [probe.send({"limit": limit}) for limit in (1, 2, 3)]
        for exchange in exchanges[1:]:
            probe.report(
                "listing.size.short", "", message="m", expected="e", got="g", exchange=exchange
            )
        probe.report("listing.row.lost", "", message="m", expected="e", got="g")

    session.send(operation)
    check = examine(session, operation, "pages", report_two_of_three)
    sightings = [(f.first, f.count, f.requests, f.client) for f in check.findings]
    assert sightings == [(3, 2, 3, "roark.call.list(limit=2)"), (0, 1, 3, "")]


def test_a_live_finding_must_appear_in_both_rounds(roark: Spec) -> None:
    """On a live server, a finding must appear in both rounds and counts the requests of both."""
    mock, rounds = Mock(roark), list[int]()

    @confirm_twice
    def report_once(probe: Probe) -> None:
        rounds.append(1)
        exchange = probe.send({"limit": 1})
        texts = {"message": "m", "expected": "e", "got": "g", "exchange": exchange}
        probe.report("listing.size.short", "", **texts)
        probe.report("listing.row.lost", "", where=str(len(rounds)), **texts)

    operation = roark.find_operation("call.list")
    assert operation is not None
    environ = {"ROARK_API_BEARER_TOKEN": mock.credentials["bearerToken"]}
    with (
        run_server({"roark": mock.handle}) as url,
        Session(Target.connect(roark, f"{url}/roark", environ=environ)) as session,
    ):
        check = examine(session, operation, "pages", report_once)
    sightings = [(f.id, f.first, f.count, f.requests) for f in check.findings]
    assert sightings == [("listing.size.short", 1, 2, 2)]


def test_an_object_of_a_class_has_no_literal(roark: Spec) -> None:
    """A mapping has no literal where the client expects a class, for the sake of type checkers."""
    pointer = "/components/schemas/Call"
    assert format_typed_literal(roark, pointer, {}) is None
    assert format_typed_literal(roark, "/nowhere", {"a": 1}) == '{"a": 1}'


def test_an_object_of_too_few_or_too_many_fields_has_a_literal(roark: Spec) -> None:
    """An object with too few or too many fields has a literal, since Python types do not count
    fields.
    """
    two_fields_schema = {"type": "object", "minProperties": 2, "maxProperties": 2}
    spec = attrs.evolve(roark, document={**roark.document, "x-counted": two_fields_schema})
    assert format_typed_literal(spec, "/x-counted", {"a": 1}) == '{"a": 1}'
    assert format_typed_literal(spec, "/x-counted", dict.fromkeys("abc", 1)) is not None
    assert format_typed_literal(spec, "/x-counted", ["a"]) is None


@pytest.mark.parametrize("type_keywords", [{"type": "array"}, {"type": ["array", "null"]}, {}])
def test_an_array_parameter_is_read_as_a_list(type_keywords: dict[str, Any], roark: Spec) -> None:
    """An array parameter is read as a list, even if its schema names no type or allows null."""
    items = {"items": {"type": "integer"}}
    list_schema = (
        {**type_keywords, **items}
        if type_keywords
        else {"anyOf": [{"type": "array", **items}, {"type": "null"}]}
    )
    spec = attrs.evolve(roark, document={**roark.document, "x-ids": {"schema": list_schema}})
    operation = spec.find_operation("call.list")
    assert operation is not None
    ids = attrs.evolve(operation.parameters[0], name="ids", pointer="/x-ids", explode=False)
    operation = attrs.evolve(operation, parameters=(ids,))
    request = build_outgoing(spec, operation, {"ids": [1, 2]})
    assert request.query == "ids=1,2"
    assert read_arguments(spec, operation, request) == ({"ids": [1, 2]}, [])
