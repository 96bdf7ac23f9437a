"""Rows below a parent: not accessible below another parent, nor below a missing one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from driftline.checks import NOTHING, build_largest_size, format_response
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    find_required_parent,
    list_parents,
    list_path_parents,
    parse_reference_rule,
)
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.examinations.rows.steps import (
    find_listing,
    list_missing_ids,
    read_row,
)
from driftline.suite.http.session import NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, create_row, list_existing_ids, make_samples

_TRIED = 5
"""The maximum number of parents that are tried until one has a row."""


def check_parents(probe: Probe) -> None:
    """Send the operation to a row below its parent's neighbor: `/users/2/orders/7` of user 1."""
    operation, effect = probe.operation, probe.operation.effect
    if operation.listing is not None:
        send_below_missing(probe, next(make_samples(probe.session, operation)))
    listing = find_listing(probe, effect) if effect else None
    if effect is None or effect.id is None or listing is None:
        return
    for name in _list_parent_names(probe):
        row_id, parent = _find_row(probe, effect, listing, name)
        other_ids = (
            parent_id
            for parent_id in _list_parent_ids(probe, name)
            if str(parent_id) != str(parent)
        )
        other_id = next(other_ids, None)
        if other_id is None:
            raise NotChecked(f"only one {name} exists; create another one")
        _send_to_neighbor(probe, effect, {name: other_id, effect.id: row_id}, name)


def _list_parent_names(probe: Probe) -> list[str]:
    """Return the parents in the path; rows of a mock belong only to those that they name."""
    names = [name for name, _ in list_parents(probe.spec, probe.operation)]
    others = () if probe.session.target.is_mock else list_path_parents(probe.spec, probe.operation)
    return list(dict.fromkeys([*names, *others]))


def send_below_missing(probe: Probe, request: Sample) -> None:
    """Create or list rows below a parent that does not exist, if a 404 is documented."""
    operation, parent = probe.operation, find_required_parent(probe.spec, probe.operation)
    if parent is None:
        return
    name, verb = parent[0].name, "created" if operation.listing is None else "listed"
    for row_id in list_missing_ids(probe, Effect("read", of=parent[1], id=name)):
        exchange = probe.send({**request.arguments, name: row_id}, body=request.body)
        if exchange.ok:
            probe.report(
                "effect.missing.accepted",
                parent[0].pointer,
                message=f"rows are {verb} below a {name} that does not exist",
                expected="404, or another rejection (4xx)",
                got=format_response(exchange),
                where=name,
                exchange=exchange,
            )


def _send_to_neighbor(probe: Probe, effect: Effect, names: dict[str, Any], name: str) -> None:
    """Send the operation with another parent, and report it if it finds the row."""
    operation, row_id = probe.operation, names[effect.id or ""]
    request = next(make_samples(probe.session, operation, names))
    exchange = probe.send(request.arguments, body=request.body if operation.body else NOTHING)
    is_open = effect.kind == "update" and (
        operation.creates_by_put or (operation.method == "PUT" and not operation.documents_missing)
    )
    if not exchange.ok or is_open:
        return
    # The deletion of a missing row may succeed.
    if effect.kind == "delete" and read_row(probe, effect, row_id)[0] is not MISSING:
        return
    probe.report(
        "effect.parent.ignored",
        f"{operation.pointer}/x-effect/id",
        message=f"a row is found below another {name}",
        expected="404, or another rejection (4xx)",
        got=format_response(exchange),
        where=name,
        exchange=exchange,
    )


def _find_row(probe: Probe, effect: Effect, listing: Operation, name: str) -> tuple[Any, Any]:
    """Return the id of a row and that of its parent.

    On a live server, only a row that the run created is changed.

    Raises:
        NotAllowed: no parent has a row, and the run may not create one.
        NotChecked: no row exists, and none could be created.
    """
    if probe.session.target.is_mock or effect.kind == "read":
        for parent in islice(_list_parent_ids(probe, name), _TRIED):
            size = build_largest_size(probe.spec, listing)
            walk = Walker(Probe(probe.session, listing)).walk({**size, name: parent}, max_pages=1)
            if walk.ids:
                return walk.ids[0], parent
    row_id = create_row(probe.session, effect)
    return row_id, probe.session.created_rows.find_parents(listing.id, row_id).get(name)


def _list_parent_ids(probe: Probe, name: str) -> Iterator[Any]:
    parameter = probe.operation.find_parameter(name, "path")
    of = parse_reference_rule(probe.spec, parameter.schema_pointer) if parameter else None
    listing = probe.spec.find_operation(of or "")
    if listing is not None:
        yield from list_existing_ids(probe.session, listing)
