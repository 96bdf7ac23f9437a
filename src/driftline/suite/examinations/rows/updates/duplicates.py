"""Updates that give a row a unique value of another one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from driftline.openapi import is_object, pointer as json_pointer
from driftline.suite.examinations.rows.same_value import is_alike
from driftline.suite.examinations.rows.steps import read_by_id, report_accepted
from driftline.suite.examinations.rows.updates.update_request import Update
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.samples import create_row, list_operations_about


def list_unique_names(update: Update) -> set[str]:
    """Return the fields that `x-effect` of the creation or of the update lists as unique."""
    creators = list_operations_about(update.probe.spec, update.effect, "create")
    effects = [update.effect, *(creator.effect for creator in creators if creator.effect)]
    return {json_pointer.split(pointer)[0] for effect in effects for pointer in effect.unique}


def send_duplicates(update: Update) -> None:
    """Send each unique value of another new row, where a 409 is documented.

    The unique values of a mock are those of creations.
    """
    probe = update.probe
    conflict = probe.operation.find_exact_response("409")
    if conflict is None or probe.session.target.is_mock:
        return
    for name in sorted(list_unique_names(update) & {field.path[0] for field in update.fields}):
        value = _find_other_value(update, name)
        alone = {name: value}
        body = alone if update.is_partial and update.is_valid(alone) else {**update.body, **alone}
        if value is None or not update.is_valid(body):
            continue
        exchange = update.send(body)
        after = update.read() if exchange.ok else None
        if is_object(after) and is_alike(after.get(name), value):
            message = f"an update gives a row the {name} of another one"
            report_accepted(probe, "effect.unique.accepted", conflict, message, exchange)


def _find_other_value(update: Update, name: str) -> Any:
    """Return the value of a field of a new row; None if it has none."""
    with suppress(NotAllowed, NotChecked):
        other_id = create_row(update.probe.session, update.effect)
        read = read_by_id(update.probe, update.effect, other_id)
        if other_id != update.row_id and read is not None and is_object(read[0]):
            return read[0].get(name) or None
    return None
