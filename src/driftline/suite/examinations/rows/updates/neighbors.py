"""Other rows than the one that an update names, which must not change."""

from __future__ import annotations

from typing import Any

import attrs

from driftline.checks import Exchange
from driftline.openapi import MISSING, describe, is_object
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.steps import find_listing, read_by_id
from driftline.suite.examinations.rows.updates.update_request import Update
from driftline.suite.samples import list_existing_ids


@attrs.frozen
class Neighbor:
    """A row that an update does not name, as it was before it."""

    row_id: Any
    row: dict[str, Any]

    def check(self, update: Update, body: dict[str, Any], exchange: Exchange) -> None:
        """Report fields that now have the value of an update of another row.

        Another client may change the row at the same time, but hardly to these values.
        """
        after = _read(update, self.row_id)
        for name in sorted(body.keys() & self.row.keys()) if is_object(after) else ():
            is_taken = name in after and is_same(after[name], body[name])
            if is_taken and not is_same(self.row[name], body[name]):
                update.probe.report(
                    "effect.field.reset",
                    update.clause,
                    message=f"an update changes the field {name} of another row, too",
                    expected=f"{describe(self.row[name])} in the row {describe(self.row_id)}",
                    got=describe(after[name]),
                    where=name,
                    exchange=exchange,
                )


def find_neighbor(update: Update) -> Neighbor | None:
    """Return a row beside that of the update, if the rows are not below another one."""
    listing = find_listing(update.probe, update.effect)
    if listing is None or "{" in listing.path:
        return None
    ids = list_existing_ids(update.probe.session, listing)
    neighbor_id = next((row_id for row_id in ids if row_id != update.row_id), None)
    before = MISSING if neighbor_id is None else _read(update, neighbor_id)
    return Neighbor(neighbor_id, before) if is_object(before) else None


def _read(update: Update, row_id: Any) -> Any:
    """Return a row, or MISSING; it is not searched in the listing, which takes many requests."""
    read = read_by_id(update.probe, update.effect, row_id)
    return MISSING if read is None else read[0]
