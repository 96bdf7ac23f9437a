"""The examples of a document satisfy its schemas, and the server accepts them."""

from __future__ import annotations

from contextlib import suppress

from driftline.checks import Exchange, is_wrong, parse_json
from driftline.media import VALUE_KINDS
from driftline.openapi import (
    MISSING,
    Direction,
    MediaType,
    Operation,
    describe,
    is_valid,
    list_references,
    list_violations,
)
from driftline.suite.examinations.rows.steps import call_on_row
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.new_rows import send_new
from driftline.suite.probe import Probe
from driftline.suite.samples import create_row, make_samples
from driftline.suite.wire_values import is_sendable, read_sent

CONFLICT = 409


def check_response_examples(probe: Probe) -> None:
    """Check that every example in the spec satisfies its schema."""
    operation = probe.operation
    for media in operation.body.content if operation.body else ():
        _check_media_type(probe, media, "request")
    for response in operation.responses:
        for media in response.content:
            _check_media_type(probe, media, "response")
    for parameter in operation.parameters:
        for example in parameter.examples:
            # In a request, a number and its string are the same.
            if read_sent(probe.spec, operation, parameter, example) is MISSING:
                _check_example(probe, parameter.name, parameter.schema_pointer, example, "request")


def _check_media_type(probe: Probe, media: MediaType, direction: Direction) -> None:
    for name, value in media.examples.items():
        # Examples of other media types are the text of the body; those of JSON may be strings, too.
        is_text = isinstance(value, str) and (
            media.kind not in VALUE_KINDS or _is_json_text(probe, media, value, direction)
        )
        if media.schema_pointer and not is_text:
            _check_example(probe, name, media.schema_pointer, value, direction)


def _is_json_text(probe: Probe, media: MediaType, string: str, direction: Direction) -> bool:
    try:
        value = parse_json(string.encode())
    except (ValueError, RecursionError):
        return False
    return not media.schema_pointer or is_valid(probe.spec, media.schema_pointer, value, direction)


def _check_example(
    probe: Probe, name: str, schema_pointer: str, value: object, direction: Direction
) -> None:
    for violation in list_violations(probe.spec, schema_pointer, value, direction):
        probe.report(
            "example.invalid",
            violation.clause,
            message=f"the example {name!r} violates {violation.keyword} at {violation.path or '/'}",
            expected=f"{violation.keyword}: {describe(violation.expected)}",
            got=describe(violation.got),
            where=f"{name} {violation.path}",
        )


def request_examples(probe: Probe) -> None:
    """Check that the server accepts each documented request and parameter example."""
    operation = probe.operation
    for request in make_samples(probe.session, operation):
        # On a live server, an earlier run may have used the unique values.
        exchange, _ = send_new(probe.session, operation, request.arguments, request.body)
        if exchange.status == CONFLICT and operation.is_action:
            exchange = _call_on_new_row(probe, exchange)
        is_conflict = exchange.status == CONFLICT and operation.effect and operation.effect.unique
        absent = request.invented or (operation.is_read and _lacks_part(operation, exchange))
        is_rejected = not operation.is_success(exchange.status) and exchange.status < 500
        if is_rejected and not is_conflict and not absent:
            _report_rejection(probe, f"the example {request.name!r}", operation.pointer)
    page_rule = operation.listing.page if operation.listing else None
    # A server may reject a cursor that no response contained.
    cursor = page_rule.opaque_parameter if page_rule else None
    for parameter in operation.parameters:
        for example in parameter.examples:
            if not is_sendable(probe.spec, operation, parameter, example):
                continue
            request = next(make_samples(probe.session, operation))
            arguments = {**request.arguments, parameter.name: example}
            exchange = probe.send(arguments, body=request.body)
            unknown = {400, 404, 409} if parameter.name == cursor else {404, 409}
            if list_references(probe.spec, parameter.schema_pointer):
                unknown.add(422)  # as for an ID in a body, where no 404 is documented
            if 400 <= exchange.status < 500 and exchange.status not in unknown:
                subject = f"{parameter.name}={describe(example)}"
                _report_rejection(probe, subject, parameter.pointer, parameter.name)


def _call_on_new_row(probe: Probe, rejected: Exchange) -> Exchange:
    """Call an action on a new row: an earlier call may have left the last one in another state."""
    effect = probe.operation.effect
    if effect is None or probe.session.target.is_mock:
        return rejected
    with suppress(NotAllowed, NotChecked):
        return call_on_row(probe, probe.operation, create_row(probe.session, effect))
    return rejected


def _lacks_part(operation: Operation, exchange: Exchange) -> bool:
    """Return whether a row may lack the requested part.

    `/tickets/{id}/attachment` before there is one.
    """
    return exchange.status in {404, 410} and "}/" in operation.path.rstrip("/")


def _report_rejection(probe: Probe, subject: str, pointer: str, where: str = "") -> None:
    last = probe.session.last
    if last is not None and is_wrong(probe.spec, last):
        return
    message = f"the server rejected a request that the spec allows: {subject}"
    probe.report_rejection(last, message, pointer, where=where)
