"""Secrets: no error and no log record contains a credential, whatever the server echoes."""

from __future__ import annotations

import base64
import html
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st
from roark_client import errors

from driftline.runtime import Api, AsyncClient, Client, Credential, Endpoint
from runtime.faults import ERRORS, KINDS, TOKEN, Answering, Kind, Reply, Server, list_calls

for_both_kinds = pytest.mark.parametrize("kind", KINDS, ids=["sync", "async"])
often = settings(
    max_examples=count_examples(300),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def list_reachable_errors(error: BaseException) -> list[BaseException]:
    """Return an exception and all exceptions reachable from it."""
    reachable: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current_error = waiting.pop()
        if current_error is not None and current_error not in reachable:
            reachable.append(current_error)
            waiting += [current_error.__context__, current_error.__cause__]
    return reachable


def render_error(error: BaseException) -> str:
    """Return everything a program may print of an exception."""
    descriptions = ["".join(traceback.format_exception(error))]
    for reachable_error in list_reachable_errors(error):
        descriptions += [
            str(reachable_error),
            repr(reachable_error),
            repr(reachable_error.args),
            repr(vars(reachable_error)),
        ]
        descriptions += [
            repr(getattr(reachable_error, name, "")) for name in ("body", "doc", "object", "events")
        ]
    return "\n".join(descriptions)


class Listener(logging.Handler):
    """A log handler that keeps all records of the `driftline` loggers."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts += [record.getMessage(), repr(record.args), repr(record.exc_info)]


@contextmanager
def capture_logs() -> Iterator[list[str]]:
    logger, listener = logging.getLogger("driftline"), Listener()
    level, logger.propagate = logger.level, False
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    try:
        yield listener.texts
    finally:
        logger.removeHandler(listener)
        logger.setLevel(level)
        logger.propagate = True


ROW = {"id": "x", "projectId": "x", "callDirection": "INBOUND", "startedAt": "x"}


def build_page(cursor: str, **fields: Any) -> dict[str, Any]:
    pagination = {"total": 9, "hasMore": True, "nextCursor": cursor}
    return {"data": [ROW], "pagination": pagination, **fields}


def build_reply(value: Any, **fields: Any) -> Reply:
    return Reply(chunks=[json.dumps(value).encode()], **fields)


# How an answer may repeat a text: each gives the answer for it.
ECHOES: dict[str, Callable[[str], Reply]] = {
    "message": lambda s: build_reply({"message": f"bad token {s}!", "code": s}),
    "deep in JSON": lambda s: build_reply({"errors": [{"a": [s, {s: s}]}]}),
    "array": lambda s: build_reply([s]),
    "plain": lambda s: Reply(chunks=[f"Authorization: Bearer {s}".encode()]),
    "many times": lambda s: Reply(chunks=[f"{s} ".encode() * 9000]),
    "at the edge": lambda s: Reply(chunks=[b"." * 195, s.encode()]),
    "no text": lambda s: Reply(chunks=[b"\xff\xfe\xff", s.encode(), b"\xff"]),
    "half a JSON": lambda s: Reply(chunks=[json.dumps({"message": s}).encode()[:-1]]),
    "utf-16": lambda s: Reply(chunks=[json.dumps({"message": s}).encode("utf-16")]),
    "utf-16, no JSON": lambda s: Reply(chunks=[b"[", f"no {s}".encode("utf-16-le")]),
    "escaped": lambda s: Reply(chunks=[json.dumps({"m": s}).replace("/", "\\/").encode()]),
    "in a URL": lambda s: Reply(chunks=[f"GET /?key={quote(s, safe='')}".encode()]),
    "in HTML": lambda s: Reply(chunks=[f"<b>{html.escape(s)}</b>".encode()]),
    "base64": lambda s: Reply(chunks=[b"Basic " + base64.b64encode(s.encode())]),
    "reason": lambda s: build_reply({}, reason=f"No {s}".encode()),
    "request ID": lambda s: build_reply({}, headers=[("X-Request-ID", s)]),
    "content type": lambda s: Reply(chunks=[b"x"], headers=[("Content-Type", f"text/{s}")]),
    "other headers": lambda s: build_reply(
        {}, headers=[("Retry-After", s), ("Location", f"x:{s}")]
    ),
    "name of a field": lambda s: build_reply(build_page("", **{s: 1})),
    "enum": lambda s: build_reply({"data": [ROW | {"callDirection": s}], "pagination": {s: s}}),
    "cursor": lambda s: build_reply(build_page(s)),
    "breaks off": lambda s: Reply(chunks=[f"[{s},".encode()], error=httpx.ReadError),
    "unpacked": lambda s: Reply(chunks=[s.encode()], headers=[("Content-Encoding", "gzip")]),
}
SECRETS = [
    TOKEN,
    "SECRETCODE",
    "with/slash+plus=",
    'quote"and<tag>&amp;',
    "user:pass word",
    "eyJ" + "aB3_" * 400,
]


def collect_output(
    kind: Kind, answering: Answering, secret: str, do: Any = list_calls, **options: Any
) -> str:
    """Iterate over a listing and return all output of errors, drift events and log records."""
    server = Server(answering)
    drift: list[Any] = []
    with capture_logs() as outputs:
        try:
            options = {"bearer_token": secret, "on_drift": drift.append, **options}
            kind.rows(server, [], do, **options)
        except errors.ApiError as error:
            outputs.append(render_error(error))
    assert server.requests
    return "\n".join([*outputs, *map(repr, drift)])


@for_both_kinds
@often
@given(
    secret=st.sampled_from(SECRETS),
    echo_place=st.sampled_from(sorted(ECHOES)),
    status=st.sampled_from([200, 200, 302, 400, 401, 429, 500, 999]),
    strict=st.booleans(),
)
def test_no_echo_of_a_credential_is_repeated(
    kind: Kind, *, secret: str, echo_place: str, status: int, strict: bool
) -> None:
    """No encoding of a credential appears in the output, wherever the server echoes it."""
    reply = attrs.evolve(ECHOES[echo_place](secret), status=status)
    output = collect_output(kind, lambda _: reply, secret, strict=strict)
    for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), html.escape(secret)):
        assert form not in output
    assert base64.b64encode(secret.encode()).decode() not in output
    assert "\\x00".join(secret) not in output


@for_both_kinds
@pytest.mark.parametrize("error", ERRORS)
def test_no_failure_of_the_network_repeats_a_credential(kind: Kind, error: Any) -> None:
    """The client shows the message of a network error without the credential in it."""

    def fail(request: httpx.Request) -> Reply:
        raise error(f"peer said {request.headers['Authorization']}", request=request)

    assert TOKEN not in collect_output(kind, fail, TOKEN)


class _Api:
    """A mixin that sends the credential by one kind of scheme."""

    kind: Any = "bearer"

    def __init__(self, *, bearer_token: str, **options: Any) -> None:
        credentials = (Credential("key", "key", self.kind, "X-Key"),)
        api = Api("x", "1", "https://api.roark.ai", None, credentials, {})
        super().__init__(api, {"key": bearer_token}, **options)  # type: ignore[call-arg]


OPERATION = Endpoint("x.list", "GET", "/x", security=(("key",),))


@for_both_kinds
@pytest.mark.parametrize("scheme", ["bearer", "basic", "header", "query", "cookie"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_whole_echoed_request_shows_no_credential(kind: Kind, scheme: str, secret: str) -> None:
    """The output hides the credential when the server echoes the headers, query and cookies."""

    def echo(request: httpx.Request) -> Reply:
        lines = [f"GET {request.url}", *map(": ".join, request.headers.items())]
        return Reply(401, chunks=["\n".join(lines).encode()])

    base = Client if issubclass(kind.client, Client) else AsyncClient
    made_kind = Kind(type("Made", (_Api, base), {"kind": scheme}))
    output = collect_output(made_kind, echo, secret, lambda client: client.request(OPERATION))
    assert "401" in output
    encoded_secret = base64.b64encode(secret.encode()).decode()
    assert not [form for form in (secret, quote(secret), encoded_secret) if form in output]


@for_both_kinds
def test_an_authorization_header_of_your_own_is_redacted(kind: Kind) -> None:
    """A credential in an `Authorization` header of your own is redacted too."""
    own_headers = {"authorization": "Bearer tok_of_my_own"}
    reply = Reply(401, chunks=[b"bad tok_of_my_own"])
    output = collect_output(
        kind, lambda _: reply, TOKEN, lambda client: client.call.list(extra_headers=own_headers)
    )
    assert "401" in output
    assert "tok_of_my_own" not in output


@for_both_kinds
@pytest.mark.parametrize("secret", ["tök_3f9a7c", "tok_3f9a7c\r\nX-Evil: 1", "\ud800tok_3f9a7c"])
def test_an_invalid_credential_is_not_shown(kind: Kind, secret: str) -> None:
    """Neither the error nor its causes contain the credential."""
    server = Server(lambda _: Reply())
    with pytest.raises(errors.ConfigurationError) as caught:
        kind.run(server, list_calls, bearer_token=secret)
    assert "k_3f9a7c" not in render_error(caught.value)
    own_headers = {"Authorization": f"Bearer ö{secret}"}
    with pytest.raises(errors.ArgumentError) as caught_argument:
        kind.run(server, lambda client: client.call.list(extra_headers=own_headers))
    assert "k_3f9a7c" not in render_error(caught_argument.value)
    assert server.requests == []
