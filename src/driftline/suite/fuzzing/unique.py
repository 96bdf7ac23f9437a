"""Replaces values that must be unique (`x-effect`) and that the server has accepted before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from driftline.checks import Exchange, Outgoing
from driftline.openapi import (
    MISSING,
    Operation,
    Spec,
    find_schema_at,
    is_valid,
    join,
)
from driftline.suite.shrink.request_parts import Part, put_value
from driftline.suite.unique_values import find_id_field


class AcceptedValues:
    """The unique values that a server has accepted for one operation."""

    def __init__(self, spec: Spec, operation: Operation, run: str = "") -> None:
        self._spec = spec
        self._run = run
        self._schemas = dict(_list_unique_fields(spec, operation))
        self._accepted_values: set[tuple[Part, str]] = set()
        self._count = 0

    def renew(self, request: Outgoing) -> Outgoing:
        """Return the request with a new value in place of each used one, or unchanged."""
        for part, schema in self._schemas.items():
            value = part.read(request)
            if value is not MISSING and (part, json.dumps(value)) in self._accepted_values:
                request = put_value(request, part, self._make_other(schema, value))
        return request

    def note(self, exchange: Exchange) -> None:
        """Record the values that the server accepted."""
        for part in self._schemas if exchange.ok else ():
            value = part.read(exchange.request)
            if value is not MISSING:
                self._accepted_values.add((part, json.dumps(value)))

    def _make_other(self, schema: str, value: Any) -> Any:
        """Return a value that was not sent yet.

        If the schema allows no generated value, return the same one.
        """
        self._count += 1
        candidates = (f"driftline-{self._run}{self._count}", f"{self._count}", self._count)
        return next(
            (candidate for candidate in candidates if is_valid(self._spec, schema, candidate)),
            value,
        )


def _list_unique_fields(spec: Spec, operation: Operation) -> Iterator[tuple[Part, str]]:
    """Yield the fields of the body that must be unique, and their schemas."""
    media = operation.body.json if operation.body else None
    if media is None or operation.effect is None:
        return
    id_field = find_id_field(spec, operation)
    id_pointers = () if id_field is None else (join(id_field),)
    for pointer in dict.fromkeys((*operation.effect.unique, *id_pointers)):
        schema_pointer = find_schema_at(spec, media.schema_pointer, pointer)
        if schema_pointer:
            yield Part("body", pointer), schema_pointer
