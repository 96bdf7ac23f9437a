"""Responses that the server streams on request; their items are judged as in every response."""

from __future__ import annotations

from typing import Any

import attrs

from driftline.checks import build_outgoing
from driftline.media import STREAM_KINDS, find_body_kind
from driftline.openapi import find_stream, find_stream_flag, is_object
from driftline.suite.probe import Probe
from driftline.suite.samples import make_sample


def request_stream(probe: Probe) -> None:
    """Request a stream, and report a success of another kind."""
    operation, session = probe.operation, probe.session
    media = find_stream(operation.success)
    if media is None:
        raise LookupError(f"{operation.id} documents no stream")
    sample, flag = make_sample(session, operation), find_stream_flag(probe.spec, operation)
    arguments: dict[str, Any] = dict(sample.arguments)
    body: Any = sample.body
    if flag and any(parameter.name == flag for parameter in operation.parameters):
        arguments[flag] = True
    elif flag and is_object(body):
        body = {**body, flag: True}
    credentials = session.choose_credentials(operation)
    outgoing = build_outgoing(probe.spec, operation, arguments, body, credentials)
    accept = ("Accept", media.name)
    exchange = session.send_raw(
        operation, attrs.evolve(outgoing, headers=(*outgoing.headers, accept))
    )
    content_type = exchange.get_header("content-type") or ""
    if exchange.ok and exchange.body and find_body_kind(content_type) not in STREAM_KINDS:
        probe.report(
            "response.stream.missing",
            media.pointer,
            message="the server did not send a stream where one was requested",
            expected=media.name,
            got=content_type or "no Content-Type",
            exchange=exchange,
        )
