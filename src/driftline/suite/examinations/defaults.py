"""Omitting a parameter must have the same effect as sending its documented default."""

from __future__ import annotations

from typing import Any

from driftline.checks import Exchange, ObservedSchema, observe_value
from driftline.openapi import describe, is_array, pointer as json_pointer, resolve_schema
from driftline.suite.probe import Probe, confirm_twice
from driftline.suite.samples import make_sample
from driftline.suite.wire_values import is_sendable


@confirm_twice
def check_defaults(probe: Probe) -> None:
    """Compare the responses with and without each parameter that has a default."""
    if not probe.operation.is_read:
        return
    parameters = {
        parameter.name: (parameter, schema["default"])
        for parameter in probe.operation.parameters
        if not parameter.required
        and "default" in (schema := resolve_schema(probe.spec, parameter.schema_pointer))
        # `driftline lint` reports a default that violates its own schema.
        and is_sendable(probe.spec, probe.operation, parameter, schema["default"])
    }
    if not parameters:
        return
    base = make_sample(probe.session, probe.operation).arguments
    first = probe.send(base)
    plain = _extract_comparable(probe, first)
    for name, (parameter, default) in parameters.items():
        exchange = probe.send({**base, name: default})
        explicit = _extract_comparable(probe, exchange)
        if explicit != plain and plain == _extract_comparable(probe, probe.send(base)):
            probe.report(
                "parameter.default.wrong",
                parameter.schema_pointer + "/default",
                message=f"omitting {name} is not the same as sending its default",
                expected=f"the response to {name}={describe(default)}: {_shorten(probe, explicit)}",
                got=_shorten(probe, plain),
                exchange=exchange,
                observed=_observe_default(probe, name, first),
            )


def _observe_default(probe: Probe, name: str, plain: Exchange) -> ObservedSchema | None:
    """Return the default that the server uses, if a response shows it.

    The length of a full page.
    """
    listing = probe.operation.listing
    if listing is None or name != listing.size.parameter or not plain.ok:
        return None
    rows = json_pointer.follow(plain.json, listing.items)
    total, more, next_page = (
        None if pointer is None else json_pointer.follow(plain.json, pointer)
        for pointer in (listing.total, listing.page.more, listing.page.next)
    )
    if not is_array(rows):
        return None
    is_full = more is True or (isinstance(total, int) and total > len(rows))
    if not is_full and next_page in (None, "", json_pointer.MISSING):
        return None
    return observe_value(len(rows))


def _extract_comparable(probe: Probe, exchange: Exchange) -> Any:
    """Return the part of a response to compare: the rows of a listing, or the whole body."""
    try:
        body: Any = exchange.json
    except ValueError:
        return (exchange.status, exchange.body)
    listing = probe.operation.listing
    rows = json_pointer.follow(body, listing.items) if listing else None
    if listing and is_array(rows):
        ids = [json_pointer.follow(row, listing.id) for row in rows]
        return (exchange.status, [row_id or None for row_id in ids])
    return (exchange.status, body)


def _shorten(probe: Probe, facts: tuple[int, Any]) -> str:
    status, content = facts
    if probe.operation.listing and is_array(content):
        first = describe(content[0]) if content else "nothing"
        return f"{status}, {len(content)} rows, first {first}"
    return f"{status}, {describe(content)}"
