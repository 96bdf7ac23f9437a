"""Clients: the requests they send, the values they return, and the errors they raise."""

from __future__ import annotations

import asyncio
import datetime
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, strategies as st
from roark_client import AsyncRoark, Roark, errors, models

from driftline.runtime import Api, Credential, Endpoint, WireParameter
from driftline.runtime.auth.credentials import Credentials
from driftline.runtime.auth.oauth import TokenReply
from driftline.runtime.request_builder import build_request

TOKEN = "tok_3f9a7c"
PAGE = {"data": [], "pagination": {"total": 0, "hasMore": False}}
Handler = Callable[[httpx.Request], httpx.Response]


def open_client(handler: Handler, **options: Any) -> Roark:
    options = {"retries": 0, **options}
    return Roark(bearer_token=TOKEN, transport=httpx.MockTransport(handler), **options)


def respond_with(status: int = 200, **content: Any) -> Handler:
    return lambda request: httpx.Response(status, **content)


def test_a_call_omits_defaults_and_absent_arguments() -> None:
    """The client omits documented defaults, `None`
    and absent arguments, and sends the credential.
    """
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json=PAGE)

    with open_client(respond, base_url="https://example.com/base/") as roark:
        roark.call.list()
        roark.call.list(limit=5, search_text="a&b=ü", status=None)
    assert [str(request.url) for request in requests] == [
        "https://example.com/base/v1/call",
        "https://example.com/base/v1/call?limit=5&searchText=a%26b%3D%C3%BC",
    ]
    assert requests[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert requests[0].headers["User-Agent"].startswith("driftline/")


def test_a_body_has_only_the_passed_fields() -> None:
    """Times and models are encoded as documented, and an optional `None` is omitted."""
    bodies: list[Any] = []

    def respond(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(401, json={"message": "no"})

    with open_client(respond) as roark, pytest.raises(errors.Unauthorized):
        roark.call_analysis.create(
            recording_url="https://example.com/a.wav",
            started_at=datetime.datetime(2025, 2, 11, 1, 4, 32, tzinfo=datetime.UTC),
            interface_type="PHONE",
            call_direction="INBOUND",
            participants=[models.ParticipantRequest(role="AGENT"), models.ParticipantRequest()],
            ended_reason=None,
        )
    assert bodies == [
        {
            "recordingUrl": "https://example.com/a.wav",
            "startedAt": "2025-02-11T01:04:32Z",
            "interfaceType": "PHONE",
            "callDirection": "INBOUND",
            "participants": [{"role": "AGENT"}, {}],
        }
    ]


STATUSES = [
    (400, errors.BadRequest),
    (401, errors.Unauthorized),
    (404, errors.NotFound),
    (415, errors.UnsupportedMediaType),
    (418, errors.ClientError),
    (429, errors.TooManyRequests),
    (302, errors.RedirectError),
    (500, errors.ServerError),
    (520, errors.ServerError),
    (999, errors.ServerError),
]


@pytest.mark.parametrize(("status", "kind"), STATUSES)
def test_an_error_status_raises_its_class(status: int, kind: type[errors.StatusError]) -> None:
    """Each error status raises its class, registered or not; a documented error body is decoded."""
    content = {"message": f"wrong: {TOKEN}"}
    with open_client(respond_with(status, json=content)) as roark, pytest.raises(kind) as caught:
        roark.call.list()
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value)
    if status in {400, 401, 429}:
        assert isinstance(caught.value.body, models.Error)


BODIES: list[tuple[str, dict[str, Any]]] = [
    ("html", {"html": "<h1>Down</h1>"}),
    ("empty", {"content": b""}),
    ("truncated", {"content": json.dumps(PAGE).encode()[:-5]}),
    ("not utf-8", {"content": b"\xff\xfe{}"}),
    ("too deep", {"content": b"[" * 100_000}),
]


@pytest.mark.parametrize("content", [b[1] for b in BODIES], ids=[b[0] for b in BODIES])
def test_a_body_that_is_not_json_raises_decoding_error(content: dict[str, Any]) -> None:
    """HTML, empty, truncated or wrongly encoded bodies
    raise `DecodingError`, not a parser's exception.
    """
    with (
        open_client(respond_with(**content)) as roark,
        pytest.raises(errors.DecodingError) as caught,
    ):
        roark.call.list()
    assert "call.list" in str(caught.value)
    assert "not JSON" in str(caught.value)


@pytest.mark.parametrize("content", [[], "text", 5, None, {"data": {}}])
def test_json_of_another_shape_is_drift(content: Any) -> None:
    """The client decodes any valid JSON and reports the differences as drift."""
    events: list[Any] = []
    with open_client(respond_with(content=json.dumps(content)), on_drift=events.append) as roark:
        roark.call.list()
    assert events


def test_transport_failures_raise_errors_of_the_runtime() -> None:
    """A timeout and a rejected connection raise different errors, both naming the operation."""

    def time_out(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout(f"timed out with {TOKEN}", request=request)

    def reject_connection(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with (
        open_client(time_out) as roark,
        pytest.raises(errors.TransportTimeout, match=r"call\.list") as late,
    ):
        roark.call.list()
    assert TOKEN not in str(late.value)
    with open_client(reject_connection) as roark, pytest.raises(errors.TransportError) as caught:
        roark.call.list()
    assert not isinstance(caught.value, errors.TransportTimeout)


def test_the_credential_comes_from_argument_or_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An argument overrides the environment; without
    either, the error names both and nothing is sent.
    """
    authorizations: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        authorizations.append(request.headers["Authorization"])
        return httpx.Response(200, json=PAGE)

    monkeypatch.setenv("ROARK_API_BEARER_TOKEN", "from-env")
    Roark(transport=httpx.MockTransport(respond)).call.list()
    open_client(respond).call.list()
    assert authorizations == ["Bearer from-env", f"Bearer {TOKEN}"]
    monkeypatch.delenv("ROARK_API_BEARER_TOKEN")
    with pytest.raises(errors.ConfigurationError, match=r"bearer_token.*ROARK_API_BEARER_TOKEN"):
        Roark(transport=httpx.MockTransport(respond)).call.list()
    assert len(authorizations) == 2


@pytest.mark.parametrize("token", ["a\nb", "ü", "a\r\nX-Evil: 1"])
def test_a_credential_that_is_invalid_in_a_header_is_rejected(token: str) -> None:
    """The credential is not sent and does not appear in the error."""
    roark = Roark(bearer_token=token, transport=httpx.MockTransport(respond_with(json=PAGE)))
    with pytest.raises(errors.ConfigurationError) as caught:
        roark.call.list()
    assert token not in str(caught.value)


def test_the_base_url_comes_from_argument_environment_or_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An argument overrides the environment, which
    overrides the document; an invalid URL is rejected.
    """
    assert repr(Roark(bearer_token=TOKEN)) == "Roark('https://api.roark.ai')"
    monkeypatch.setenv("ROARK_BASE_URL", "http://127.0.0.1:1/roark")
    assert repr(Roark(bearer_token=TOKEN)) == "Roark('http://127.0.0.1:1/roark')"
    assert "example.com" in repr(Roark(bearer_token=TOKEN, base_url="https://example.com"))
    for url in ("example.com", "ftp://x", "http://"):
        with pytest.raises(errors.ConfigurationError, match="base_url"):
            Roark(base_url=url)


def test_a_redirect_is_not_followed() -> None:
    """A redirect raises `RedirectError` and is not followed."""
    hosts: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"Location": "https://evil.example/"})

    with open_client(respond) as roark, pytest.raises(errors.RedirectError):
        roark.call.list()
    assert hosts == ["api.roark.ai"]


def test_drift_is_logged_to_the_driftline_logger(caplog: pytest.LogCaptureFixture) -> None:
    """Every drift event is logged to the `driftline` logger without configuration."""
    with caplog.at_level(logging.WARNING, logger="driftline"):
        open_client(respond_with(json=PAGE | {"zz": 1})).call.list()
    assert [record.name for record in caplog.records] == ["driftline"]
    assert "call.list /zz" in caplog.text


def test_the_async_client_returns_and_raises_the_same() -> None:
    """The async client returns the same values and raises the same errors."""

    async def run() -> None:
        transport = httpx.MockTransport(respond_with(json=PAGE))
        async with AsyncRoark(bearer_token=TOKEN, transport=transport) as roark:
            calls = await roark.call.list()
            assert calls.to_dict() == PAGE
        refusing = httpx.MockTransport(respond_with(401, json={}))
        async with AsyncRoark(bearer_token=TOKEN, transport=refusing) as roark:
            with pytest.raises(errors.Unauthorized):
                await roark.call.list()

    asyncio.run(run())


OPERATION = Endpoint(
    id="x.list",
    method="GET",
    path="/x/{id}",
    parameters=(
        WireParameter("id", "path", "simple", False, required=True),
        WireParameter("many", "query", "form", True),
        WireParameter("joined", "query", "form", False),
        WireParameter("piped", "query", "pipeDelimited", False),
        WireParameter("deep", "query", "deepObject", True),
        WireParameter("flag", "query"),
        WireParameter("X-H", "header", "simple", False),
        WireParameter("c", "cookie"),
    ),
)


def build_shop_request(**arguments: Any) -> httpx.Request:
    return build_request("https://h/b", OPERATION, arguments, None, {})


def test_styles_are_encoded_as_openapi_defines() -> None:
    """Each style is encoded as OpenAPI defines it, in the path, query, headers and cookies."""
    http_request = build_shop_request(
        id="a/b c",
        many=["x,y", "z"],
        joined=["x", "y"],
        piped=[1, 2],
        deep={"k": "v"},
        flag=True,
        c="é;",
        **{"X-H": ["p", "q"]},
    )
    assert http_request.url.raw_path == (
        b"/b/x/a%2Fb%20c?many=x%2Cy&many=z&joined=x,y&piped=1|2&deep%5Bk%5D=v&flag=true"
    )
    assert http_request.headers["X-H"] == "p,q"
    assert http_request.headers["Cookie"] == "c=%C3%A9%3B"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_argument_that_changes_the_path_is_rejected(value: str) -> None:
    """A path value that would change the path is rejected."""
    with pytest.raises(errors.ArgumentError):
        build_shop_request(id=value)


def test_a_missing_or_unknown_argument_is_rejected() -> None:
    """The error names the argument, and nothing is sent."""
    with pytest.raises(errors.ArgumentError, match="'id' is required"):
        build_shop_request()
    with pytest.raises(errors.ArgumentError, match="no such argument: zz"):
        build_shop_request(id=1, zz=2)


@given(st.text(min_size=1).filter(lambda t: t not in {".", ".."}), st.text())
def test_any_path_or_query_value_survives_escaping(path: str, query: str) -> None:
    """Any path or query value survives escaping unchanged."""
    try:
        path.encode()
        query.encode()
    except UnicodeEncodeError:
        return
    http_request = build_shop_request(id=path, flag=query)
    assert http_request.url.path == f"/b/x/{path}"
    assert http_request.url.params["flag"] == query


KINDS: list[tuple[Any, dict[str, str], str]] = [
    ("bearer", {"Authorization": "Bearer v"}, ""),
    ("basic", {"Authorization": "Basic dg=="}, ""),
    ("header", {"X-Key": "v"}, ""),
    ("query", {}, "X-Key=v"),
    ("cookie", {"Cookie": "X-Key=v"}, ""),
]


@pytest.mark.parametrize(("kind", "headers", "query"), KINDS, ids=[k[0] for k in KINDS])
def test_each_kind_of_credential_is_sent_in_its_location(
    kind: Any, headers: dict[str, str], query: str
) -> None:
    """Bearer, basic, header, query and cookie credentials
    are sent in their place, and hidden in `repr`.
    """
    api = Api("x", "1", "https://h", None, (Credential("key", "key", kind, "X-Key"),), {})
    operation = Endpoint("x.get", "GET", "/", security=(("key",),))
    credentials = Credentials(api, {"key": "v"})
    http_request = httpx.Request("GET", "https://h/")

    def send(_: httpx.Request) -> TokenReply:
        raise AssertionError("no token has to be obtained")

    credentials.apply(http_request, credentials.collect_secrets(operation, send))
    assert headers.items() <= {k.title(): v for k, v in http_request.headers.items()}.items()
    assert http_request.url.query.decode() == query
    assert repr(credentials) == "Credentials(key)"
