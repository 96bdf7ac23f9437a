"""Rows that a listing shows: each can be read by its ID, whatever its fields hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from driftline.checks import WalkedPage, build_largest_size, format_response, to_hashable
from driftline.openapi import MISSING, describe, is_array, is_object, pointer as json_pointer
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.examinations.rows.steps import find_listing
from driftline.suite.probe import Probe
from driftline.suite.samples import make_samples

_ROWS = 10
"""The maximum number of rows that are read."""
_CHOICES = 5
"""A field with at most this many values has a row with each of them read."""


def check_listed_rows(probe: Probe) -> None:
    """Read rows of the first page that differ; the check of responses reports what is wrong."""
    effect = probe.operation.effect
    listing = find_listing(probe, effect) if effect else None
    if effect is None or effect.id is None or listing is None or listing.listing is None:
        return
    size = build_largest_size(probe.spec, listing)
    walker = Walker(Probe(probe.session, listing))
    walk = walker.walk(size, max_pages=1)
    for page in walk.pages:
        parents = {
            name: value
            for name, value in page.arguments.items()
            if probe.operation.find_parameter(name, "path")
        }
        for row in choose_rows(page.rows):
            row_id = walk.get_id(row)
            if row_id is MISSING or row_id is None:
                continue
            request = next(
                make_samples(probe.session, probe.operation, {**parents, effect.id: row_id})
            )
            exchange = probe.send(request.arguments)
            is_gone = exchange.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
            if is_gone and _is_listed(walker, page, row_id):
                probe.report(
                    "effect.not-found",
                    f"{probe.operation.pointer}/x-effect/kind",
                    message="a listed row cannot be read by its id",
                    expected=f"the row {describe(row_id)}",
                    got=format_response(exchange),
                    exchange=exchange,
                )


def _is_listed(walker: Walker, page: WalkedPage, row_id: Any) -> bool:
    """Return whether a row is still listed: others may delete rows of a live server."""
    again = walker.page(page.arguments)
    ids = (to_hashable(json_pointer.follow(row, walker.listing.id)) for row in (again or page).rows)
    return to_hashable(row_id) in ids


def choose_rows(rows: Sequence[Any]) -> list[Any]:
    """Return rows in which each field has each kind of value: null, empty, true, a choice."""
    seen: set[tuple[str, Any]] = set()
    chosen: list[Any] = []
    choices = _find_choices(rows)
    for row in rows:
        kinds = set(_list_kinds(row, choices)) - seen
        if kinds:
            chosen.append(row)
            seen |= kinds
    step = max(1, len(rows) // _ROWS)
    others = [row for row in rows[::step] if row not in chosen]
    return [*chosen, *others][:_ROWS]


def _find_choices(rows: Sequence[Any]) -> set[str]:
    """Return the fields that have few values."""
    values: dict[str, set[Any]] = {}
    for row in rows if len(rows) > _CHOICES else ():
        for name, value in row.items() if is_object(row) else ():
            values.setdefault(name, set()).add(to_hashable(value))
    return {name for name, field_values in values.items() if len(field_values) <= _CHOICES}


def _list_kinds(row: Any, choices: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield each field and what kind of value it has."""
    for name, value in row.items() if is_object(row) else ():
        if name in choices:
            yield name, to_hashable(value)
        elif is_array(value):
            yield name, min(len(value), 2)
        else:
            yield name, value is None or bool(value)
