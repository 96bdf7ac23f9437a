"""Fields that a request omits: the row must have their documented defaults."""

from __future__ import annotations

from typing import Any

from driftline.checks import Exchange
from driftline.openapi import (
    Operation,
    Spec,
    describe,
    find_field_schema,
    find_schema_at,
    follow,
    is_object,
    is_valid,
    join,
    list_defaults,
    locate_fields,
)
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.probe import Probe


def check_body_defaults(probe: Probe, body: Any, row: Any, exchange: Exchange) -> None:
    """Report each field that `body` omits and whose value in the row is not its default."""
    media = probe.operation.body.json if probe.operation.body else None
    item = probe.operation.effect.item if probe.operation.effect else None
    location = locate_fields(probe.spec, probe.operation, body)
    inner = location.removeprefix(item or "")
    if location:
        body, row = follow(body, location), follow(row, inner)
    if media is None or not is_object(body) or not is_object(row):
        return
    schema = find_schema_at(probe.spec, media.schema_pointer, location) or media.schema_pointer
    for name, (pointer, default) in list_defaults(probe.spec, schema).items():
        if name in body or name not in row or is_same(row[name], default):
            continue
        if _can_be_stored(probe.spec, probe.operation, inner + join(name), default):
            probe.report(
                "effect.default.wrong",
                pointer,
                message=f"the field {name}, which was not sent, does not have its default",
                expected=describe(default),
                got=describe(row[name]),
                where=name,
                exchange=exchange,
            )


def _can_be_stored(spec: Spec, operation: Operation, field: str, default: Any) -> bool:
    """Return whether rows can have the default: `null` for a field that is never null is none."""
    effect = operation.effect
    listing = spec.find_operation(effect.of) if effect and effect.of else None
    pointer = find_field_schema(spec, listing, field) if listing else None
    return pointer is None or is_valid(spec, pointer, default, "response")
