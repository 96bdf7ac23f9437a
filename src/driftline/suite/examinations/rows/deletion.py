"""Deletions by `x-effect`: a deleted row is gone, and cannot be deleted again."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

from driftline.checks import Exchange, format_response, to_hashable
from driftline.openapi import MISSING, Effect, describe
from driftline.suite.examinations.rows.dependents import check_dependents
from driftline.suite.examinations.rows.described_states import keeps_rows, list_sentences
from driftline.suite.examinations.rows.forbidden_states import check_forbidden_states
from driftline.suite.examinations.rows.steps import (
    call_on_row,
    choose_row,
    find_listing,
    find_row,
    has_row,
    list_rows,
    list_unknown_ids,
    read_by_id,
)
from driftline.suite.examinations.rows.updates.versions import accepts_other_version
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import create_row, list_operations_about

_UNLISTS: Final = re.compile(r"\b(not|no longer|never)\b[^.;]*\blist", re.IGNORECASE)
# Statuses that reject the sender, or the state of other rows.
_OTHERWISE = frozenset({401, 403, 409, 423, 429})


def check_deletion(probe: Probe) -> None:
    """Delete a row, look for it, delete it again, and delete a row that never existed."""
    effect = probe.operation.effect
    if effect is None or effect.kind != "delete" or effect.id is None:
        return
    row_id = _find_row(probe, effect)
    read = read_by_id(probe, effect, row_id) if keeps_rows(probe.operation) else None
    neighbor = _create_neighbor(probe, effect, row_id)
    if accepts_other_version(probe, effect, row_id):
        return
    exchange = call_on_row(probe, probe.operation, row_id)
    if exchange.ok:
        _look_for_row(probe, effect, row_id, read[0] if read else MISSING)
        _look_for_neighbor(probe, effect, neighbor, exchange)
        missing = [] if has_row(probe, effect, row_id) else [row_id]
        _delete_missing_rows(probe, [*missing, *list_unknown_ids(probe, effect)])
        check_dependents(probe, effect)
        check_forbidden_states(probe, effect)
    elif 400 <= exchange.status < 500 and exchange.status not in _OTHERWISE:
        probe.report_rejection(exchange, "the server rejected the deletion of a row that exists")


def _create_neighbor(probe: Probe, effect: Effect, deleted_id: Any) -> Any:
    """Create a row that must survive the deletion of another one; None if that is impossible.

    If the request names the id of the new row, a second creation may be of the same row.
    """
    with suppress(NotAllowed, NotChecked):
        row_id = create_row(probe.session, effect)
        return row_id if row_id != deleted_id and has_row(probe, effect, row_id) else None
    return None


def _look_for_neighbor(probe: Probe, effect: Effect, row_id: Any, exchange: Exchange) -> None:
    if row_id is not None and not has_row(probe, effect, row_id):
        probe.report(
            "effect.not-found",
            probe.operation.pointer + "/x-effect/kind",
            message="the deletion of a row deletes another one",
            expected=f"the row {describe(row_id)}, created before",
            got="no such row",
            exchange=exchange,
            operation=probe.operation.id,
        )


def _find_row(probe: Probe, effect: Effect) -> Any:
    """Return the ID of a new row.

    For a mock, it may be an existing row, if none can be created or only the first page shows rows.
    """
    listing = find_listing(probe, effect)
    is_shown = listing is None or listing.listing is None or not listing.listing.page.is_single
    if probe.session.target.is_mock and not is_shown:
        return choose_row(probe, effect)
    try:
        return create_row(probe.session, effect)
    except NotChecked:
        if not probe.session.target.is_mock:
            raise
        return choose_row(probe, effect)


def _look_for_row(probe: Probe, effect: Effect, row_id: Any, before: Any) -> None:
    """Read the deleted row by its ID, and look for it in the listing.

    A row that is kept, of which `before` is known, must have changed.
    """
    is_kept = keeps_rows(probe.operation)
    for reader in list_operations_about(probe.spec, effect, "read"):
        exchange = call_on_row(probe, reader, row_id)
        row = find_row(exchange, reader.effect.item if reader.effect else None)
        if exchange.ok and (not is_kept or row == before):
            _report(probe, exchange, "the deleted row still exists")
    if is_kept and not any(map(_UNLISTS.search, list_sentences(probe.operation))):
        return
    listing = find_listing(probe, effect)
    walk = list_rows(probe, listing, row_id) if listing else None
    if walk is not None and to_hashable(row_id) in set(walk.ids):
        _report(probe, walk.pages[0].exchange, "the deleted row is still listed")


def _report(probe: Probe, exchange: Exchange, message: str) -> None:
    probe.report(
        "effect.not-deleted",
        probe.operation.pointer + "/x-effect/kind",
        message=message,
        expected="404, or no such row",
        got=str(exchange.status),
        exchange=exchange,
        operation=probe.operation.id,
    )


def _delete_missing_rows(probe: Probe, row_ids: list[Any]) -> None:
    """Delete rows that do not exist; that may succeed if no 404 is documented."""
    for row_id in row_ids:
        exchange = call_on_row(probe, probe.operation, row_id)
        if exchange.ok and probe.operation.documents_missing:
            probe.report(
                "effect.missing.accepted",
                f"{probe.operation.pointer}/x-effect/kind",
                message="the deletion of a row that does not exist succeeds",
                expected="404",
                got=format_response(exchange),
                exchange=exchange,
            )
