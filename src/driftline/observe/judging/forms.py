"""Recorded forms and JSON lines: a request that the spec rejects, and the server accepted."""

from __future__ import annotations

from collections.abc import Iterator

from driftline.checks import Flaw, collapse
from driftline.media import FORM_KINDS
from driftline.mock import HttpRequest, Rejection, find_media_type, parse_body
from driftline.observe.judging.exchanges import JudgedExchange
from driftline.openapi import Operation, Spec, describe, list_violations


def find_form_flaws(spec: Spec, operation: Operation, exchange: JudgedExchange) -> Iterator[Flaw]:
    """Yield what is wrong with a form that was accepted; JSON is judged with the parameters."""
    sent = exchange.request
    request = HttpRequest(sent.method, sent.path, sent.query, sent.headers, sent.body)
    if not exchange.ok or not sent.body or operation.body is None:
        return
    try:
        media = find_media_type(operation, request)
        if media.kind not in FORM_KINDS or not media.schema_pointer:
            return
        body = parse_body(spec, media, request)
    except (Rejection, ValueError, RecursionError):
        return  # what cannot be read may have been recorded in part
    for broken in list_violations(spec, media.schema_pointer, body, "request"):
        path = f"{broken.path}/{broken.expected}" if broken.keyword == "required" else broken.path
        where = collapse(path)
        reason = f"body: {where or 'it'} breaks {broken.keyword}"
        yield Flaw(
            kind="request.invalid.accepted",
            pointer=operation.body.pointer,
            message=f"the server accepted a request that the spec rejects: {reason}",
            expected=f"a rejection (4xx); {broken.keyword}: {describe(broken.expected)}",
            got=str(exchange.status),
            where=where,
            keyword=broken.keyword,
        )
