"""Puts IDs of existing rows into generated requests (`x-reference`)."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import quote, unquote

import attrs

from driftline.checks import Outgoing
from driftline.openapi import (
    Operation,
    PathTemplate,
    Spec,
    find_undocumented_fields,
    is_valid,
    list_references,
    pointer as json_pointer,
)
from driftline.suite.fuzzing.failures import is_right
from driftline.suite.given_values import change_body, fill_request
from driftline.suite.http.session import NotChecked, Session
from driftline.suite.samples import (
    fill_with_existing_ids,
    find_linked_row,
    find_row_argument,
    list_existing_ids,
    name_row,
    read_precondition,
)
from driftline.suite.shrink.request_parts import Part, put_value

_INTEGER: Final = re.compile(r"-?[0-9]{1,300}")
"""Python converts no string of more than 4,300 digits."""
_WHOLE: Final = 2**53
"""Below this, a float without a fraction is a whole number, and no other."""


def refer_to_rows(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    """Return a request that names rows of the server; an invalid one is unchanged.

    Values that the project gives are filled in first.
    """
    request = fill_request(session, operation, _write_plainly(session, operation, request))
    try:
        request = _fill_path(session, operation, _fill_body(session, operation, request))
    except NotChecked:
        return request  # there are no rows to name
    path_values = PathTemplate(operation.path).match(request.path) or {}
    arguments = {name: unquote(value) for name, value in path_values.items()}
    request = change_body(
        session, operation, request, lambda body: name_row(session.spec, operation, body, arguments)
    )
    precondition = read_precondition(session, operation, arguments)
    other_headers = (pair for pair in request.headers if pair[0] not in precondition)
    return attrs.evolve(request, headers=(*other_headers, *precondition.items()))


def _write_plainly(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    """Return a valid request for a live server in the plain form in which clients write it.

    A server may store fields that nothing describes, and its rows then have them; and `24.0` is
    an integer to JSON Schema, but not to every server.
    """
    media = operation.body.json if operation.body else None
    schema_pointer = media.schema_pointer if media else ""

    def simplify(body: Any) -> Any:
        for field in find_undocumented_fields(session.spec, schema_pointer, body):
            body = json_pointer.remove(body, field.path)
        return json.loads(json.dumps(body), parse_float=_read_number)

    is_mock = session.target.is_mock
    return (
        request
        if is_mock or not schema_pointer
        else change_body(session, operation, request, simplify)
    )


def _read_number(literal: str) -> int | float:
    number = float(literal)
    return int(number) if number.is_integer() and abs(number) < _WHOLE else number


def _fill_body(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    media = operation.body.json if operation.body else None
    if media is None or not list_references(session.spec, media.schema_pointer):
        return request
    pointer = media.schema_pointer
    return change_body(
        session, operation, request, lambda body: fill_with_existing_ids(session, pointer, body)
    )


def _fill_path(session: Session, operation: Operation, request: Outgoing) -> Outgoing:
    """Return the request for existing rows.

    A valid read keeps its ID, to test the response for a missing row. An update names an existing
    row: a server may look for the row before it looks for mistakes in the body.
    """
    rows = dict(find_linked_row(session, operation))
    if operation.effect and operation.effect.kind == "update":
        rows = find_row_argument(session, operation)
    elif operation.is_read:
        effect = operation.effect
        listing = session.spec.find_operation(effect.of or "") if effect else None
        ids = list_existing_ids(session, listing) if listing else ()
        if effect and ids and not is_right(session.spec, request):
            rows[str(effect.id)] = ids[0]
    elif operation.body is None:
        rows = {}
    elif operation.effect is None:
        rows = find_row_argument(session, operation)
    for name, row_id in rows.items():
        request = _replace_id(session.spec, operation, request, name, row_id)
    for parameter in operation.parameters:
        schema_pointer = parameter.schema_pointer
        if parameter.location == "path" and list_references(session.spec, schema_pointer):
            row_id = fill_with_existing_ids(session, schema_pointer, "")
            if row_id != "":  # a mock may have no rows
                request = _replace_id(session.spec, operation, request, parameter.name, row_id)
    return request


def _replace_id(
    spec: Spec, operation: Operation, request: Outgoing, name: str, row_id: object
) -> Outgoing:
    """Return the request with another ID in its path; an invalid one is unchanged."""
    part = Part("path", name, operation.path)
    parameter, old_id = operation.find_parameter(name, "path"), part.read(request)
    schema_pointer = parameter.schema_pointer if parameter else ""
    if not isinstance(old_id, str) or not _is_valid(spec, schema_pointer, unquote(old_id)):
        return request
    return put_value(request, part, quote(str(row_id), safe=""))


def _is_valid(spec: Spec, schema_pointer: str, string: str) -> bool:
    values: list[str | int] = [string]
    if _INTEGER.fullmatch(string):
        values.append(int(string))
    return any(is_valid(spec, schema_pointer, value) for value in values)
