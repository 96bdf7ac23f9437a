"""Requests that were made from the schemas alone, with ids of rows that exist (`x-reference`)."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote

import attrs

from driftline.checks import Outgoing
from driftline.media import find_body_kind
from driftline.openapi import Operation, PathTemplate, Spec, list_references, list_violations
from driftline.suite.given_values import fill_request
from driftline.suite.http.session import NotChecked, Session
from driftline.suite.samples import fill_with_existing_ids, read_precondition
from driftline.suite.shrink.request_parts import Part, put_value

__all__ = ["refer_to_rows"]


def refer_to_rows(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    """Return a request that names rows of the server; one that is wrong stays as it is.

    Values that the project gives are filled in first.
    """
    request = fill_request(session, operation, request)
    try:
        request = _fill_path(session, operation, _fill_body(session, operation, request))
    except NotChecked:
        return request  # there are no rows to name
    named = PathTemplate(operation.path).match(request.path) or {}
    precondition = read_precondition(
        session, operation, {name: unquote(text) for name, text in named.items()}
    )
    others = (pair for pair in request.headers if pair[0] not in precondition)
    return attrs.evolve(request, headers=(*others, *precondition.items()))


def _fill_body(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    media = operation.body.json if operation.body else None
    if media is None or not list_references(session.spec, media.schema_pointer):
        return request
    headers = {name.lower(): value for name, value in request.headers}
    if find_body_kind(headers.get("content-type", "")) != "json":
        return request
    try:
        body = json.loads(request.body)
    except ValueError:
        return request
    if list_violations(session.spec, media.schema_pointer, body, "request"):
        return request
    filled = fill_with_existing_ids(session, media.schema_pointer, body)
    if filled == body:
        return request
    return attrs.evolve(request, body=json.dumps(filled).encode())


def _fill_path(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    for parameter in operation.parameters:
        place = parameter.schema_pointer
        if parameter.place != "path" or not list_references(session.spec, place):
            continue
        part = Part("path", parameter.name, operation.path)
        sent = part.read(request)
        if isinstance(sent, str) and _is_valid(session.spec, place, unquote(sent)):
            row_id = fill_with_existing_ids(session, place, sent)
            request = put_value(request, part, quote(str(row_id), safe=""))
    return request


def _is_valid(spec: Spec, schema_pointer: str, text: str) -> bool:
    values: list[str | int] = [text, int(text)] if text.isdecimal() else [text]
    return any(not list_violations(spec, schema_pointer, each) for each in values)
