"""Converts cases of schemathesis to requests, and responses to its objects."""

# schemathesis is only partly typed; its objects are Any here.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
import schemathesis

from driftline.checks import Exchange, Outgoing, build_outgoing
from driftline.openapi import Operation
from driftline.suite.fuzzing.schema import ANY_BASE
from driftline.suite.http.sender import Unsendable
from driftline.suite.probe import Probe


def build_case_request(probe: Probe, operation: Operation, case: Any) -> Outgoing:
    """Return the request of a case, with valid credentials.

    Raises:
        Unsendable: HTTP cannot carry the request.
    """
    values = dict(case.path_parameters or {}).values()
    if any(value in ("", [], {}) for value in values):
        raise Unsendable("an empty segment of a path names another path")
    kwargs = case.as_transport_kwargs(base_url=ANY_BASE)
    names = ("method", "url", "headers", "files", "data", "json", "params", "cookies")
    try:
        prepared_request = requests.Request(
            **{k: v for k, v in kwargs.items() if k in names}
        ).prepare()
    except (requests.RequestException, UnicodeError, ValueError) as error:
        raise Unsendable(str(error)) from None
    url = str(prepared_request.url).removeprefix(ANY_BASE).partition("#")[0]
    path, _, query = url.partition("?")
    credentials = build_outgoing(
        probe.spec, operation, {}, credentials=probe.session.choose_credentials(operation)
    )
    dropped_names = {"user-agent", "connection", "accept-encoding", "content-length"}
    dropped_names |= {name.lower() for name, _ in credentials.headers}
    headers = [
        (str(name), value if isinstance(value, str) else value.decode("latin-1"))
        for name, value in prepared_request.headers.items()
        if name.lower() not in dropped_names and not name.lower().startswith("x-schemathesis")
    ]
    body = prepared_request.body or b""
    return Outgoing(
        method=str(prepared_request.method),
        path=path or "/",
        query="&".join(part for part in (query, credentials.query) if part),
        headers=(*headers, *credentials.headers),
        body=body.encode() if isinstance(body, str) else b"".join(_iterate_chunks(body)),
    )


def _iterate_chunks(body: Any) -> Iterator[bytes]:
    """Yield a body that is bytes or an iterable of bytes."""
    for chunk in [body] if isinstance(body, bytes) else body:
        yield chunk if isinstance(chunk, bytes) else str(chunk).encode()


def build_case_response(exchange: Exchange) -> Any:
    """Return the response as a schemathesis object."""
    request = requests.Request(
        exchange.request.method,
        ANY_BASE + exchange.request.target,
        headers=dict(exchange.request.headers),
        data=exchange.request.body,
    )
    headers: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        headers.setdefault(name.lower(), []).append(value)
    return schemathesis.Response(
        status_code=exchange.status,
        headers=headers,
        content=exchange.body,
        request=request.prepare(),
        elapsed=exchange.elapsed,
        verify=True,
        encoding="utf-8",
    )
