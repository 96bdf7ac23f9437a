"""Parts of rows such as `/users/{id}/settings`: what a PUT sends is read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from driftline.checks import Exchange
from driftline.openapi import (
    MISSING,
    Operation,
    Spec,
    describe,
    find_part_item,
    find_part_reader,
    follow,
    is_documented,
    is_object,
    is_valid,
    join,
    pointer as json_pointer,
)
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.steps import shows_sent_value
from driftline.suite.fuzzing.covering import cover
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import fill_with_existing_ids, make_sample
from driftline.suite.telling_values import add_items, lengthen_values

_TURNS: Final = 4


def check_part(probe: Probe) -> None:
    """Send a few bodies to a PUT, and read each back; a mock stores no fields of a row so."""
    reader = find_part_reader(probe.spec, probe.operation)
    has_own_reader = reader is not None and reader.path == probe.operation.path
    if reader is None or (probe.session.target.is_mock and not has_own_reader):
        return
    sample = make_sample(probe.session, probe.operation)
    names = {parameter.name for parameter in reader.parameters}
    arguments = {name: value for name, value in sample.arguments.items() if name in names}
    last: Any = None
    for body in list_bodies(probe, sample.body):
        sent = probe.send(sample.arguments, body=body)
        if not sent.ok or sent.status == HTTPStatus.ACCEPTED:
            continue
        _compare(probe, probe.operation, body, sent, sent)
        read = probe.session.send(reader, arguments)
        if read.ok:
            _compare(probe, reader, body, read, sent)
            last = body
    if last:
        _delete(probe, reader, arguments, last)


def _delete(probe: Probe, reader: Operation, arguments: dict[str, Any], body: Any) -> None:
    """Delete the part, if that is documented and allowed, and look for what was sent."""
    for deleter in probe.spec.operations:
        if deleter.method != "DELETE" or deleter.path != reader.path or deleter.effect is not None:
            continue
        with suppress(NotAllowed, NotChecked):
            names = {parameter.name for parameter in deleter.parameters}
            request = {**make_sample(probe.session, deleter).arguments, **arguments}
            request = {name: value for name, value in request.items() if name in names}
            deletion = probe.session.send(deleter, request)
            read = probe.session.send(reader, arguments)
            part = _find_part(probe.spec, reader, body, read)[1] if read.ok else {}
            # A server may show what it has by default instead.
            is_same_part = all(name in part and is_same(part[name], body[name]) for name in body)
            if deletion.ok and deletion.status != HTTPStatus.ACCEPTED and is_same_part:
                probe.report(
                    "effect.not-deleted",
                    deleter.pointer,
                    message="what was deleted is still read",
                    expected="404, or other values",
                    got=describe(part),
                    exchange=deletion,
                    operation=deleter.id,
                )


def list_bodies(probe: Probe, first: Any) -> Iterator[dict[str, Any]]:
    """Yield bodies that differ in each field, as far as the schema allows."""
    media = probe.operation.body.json if probe.operation.body else None
    schema = media.schema_pointer if media else ""
    if is_object(first):
        yield first
    for body in cover(probe.spec, schema, _TURNS, "request") if schema else ():
        filled = fill_with_existing_ids(probe.session, schema, body)
        if is_object(filled):
            yield add_items(probe.spec, schema, lengthen_values(probe.spec, schema, filled))
    if is_object(first):
        yield first  # shows whether longer lists remain


def _compare(
    probe: Probe, shown_by: Operation, body: dict[str, Any], response: Exchange, sent: Exchange
) -> None:
    """Report each field of a response with another value than the sent one."""
    item, part = _find_part(probe.spec, shown_by, body, response)
    for name, value in body.items():
        is_wrong = name in part and not is_same(part[name], value)
        if is_wrong and _can_show(probe.spec, shown_by, response, item + join(name), value):
            verb = "comes back" if response is sent else "is read back"
            probe.report(
                "effect.field.changed",
                probe.operation.pointer,
                message=f"the field {name} {verb} with a value other than the one sent",
                expected=describe(value),
                got=describe(part[name]),
                where=name,
                exchange=sent,
            )


def _can_show(
    spec: Spec, operation: Operation, response: Exchange, location: str, value: Any
) -> bool:
    """Return whether the response could have the sent value, beside what it has otherwise.

    It cannot have the field of another alternative.
    """
    media = operation.success.json if operation.success else None
    if media is None or not shows_sent_value(spec, operation, location, value):
        return False
    complete = json_pointer.put(response.json, location, value)
    is_wrong = not is_valid(spec, media.schema_pointer, response.json, "response")
    return is_wrong or is_documented(spec, media.schema_pointer, complete)


def _find_part(
    spec: Spec, shown_by: Operation, body: dict[str, Any], exchange: Exchange
) -> tuple[str, dict[str, Any]]:
    """Return the object with the fields of the body, and its location in the response."""
    item = find_part_item(spec, shown_by, body)
    try:
        part = MISSING if item is None else follow(exchange.json, item)
    except ValueError:
        part = MISSING
    return (item or "", part) if is_object(part) else ("", {})
