"""Actions such as `POST /orders/{id}/cancel`: what they return is stored, and conflicts hold."""

from __future__ import annotations

import re
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

from driftline.checks import Exchange
from driftline.openapi import MISSING, Effect, Operation, describe, is_object
from driftline.suite.examinations.rows.described_states import (
    check_described_fields,
    check_described_state,
)
from driftline.suite.examinations.rows.field_names import is_timestamp
from driftline.suite.examinations.rows.same_value import is_same
from driftline.suite.examinations.rows.steps import (
    call_on_row,
    find_row,
    read_by_id,
    report_accepted,
)
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import create_row, list_operations_about

_OTHERS: Final = 4
_LIMITS = frozenset({"not", "only"})
_COUNTS = frozenset({"times", "limit", "maximum", "max", "most", "many"})
"""Words of a conflict after some repetitions, not after the first one."""
_REJECTS = re.compile(r"\b(reject|conflict|409|fail|cannot|error)", re.IGNORECASE)


def check_action(probe: Probe, effect: Effect, row_id: Any) -> None:
    """Call an action, read the row, and call it again where that is said to be a conflict."""
    before = read_by_id(probe, effect, row_id)
    exchange = call_on_row(probe, probe.operation, row_id)
    if exchange.status == HTTPStatus.CONFLICT and not probe.session.target.is_mock:
        row_id, before, exchange = _call_after_others(probe, effect) or (row_id, before, exchange)
    returned_row = find_row(exchange, effect.item) if exchange.ok else MISSING
    check_described_state(probe, returned_row, exchange)
    check_described_fields(probe, returned_row, exchange)
    read = read_by_id(probe, effect, row_id)
    if before is None or read is None or not is_object(returned_row) or not is_object(read[0]):
        return
    _compare_rows(probe, returned_row, read[0], exchange)
    # Which states a row has, nothing says to the mock.
    conflict = probe.operation.find_exact_response("409")
    if conflict is None or not is_object(before[0]) or probe.session.target.is_mock:
        return
    if not forbids_repetition(probe.operation, conflict.description, before[0], read[0]):
        return
    again = call_on_row(probe, probe.operation, row_id)
    if again.ok:
        message = "an action succeeds again, although a conflict is documented"
        report_accepted(probe, "effect.conflict.accepted", conflict, message, again)


def _call_after_others(probe: Probe, effect: Effect) -> tuple[Any, Any, Exchange] | None:
    """Call an action on new rows after other actions, until it succeeds.

    Return the ID of the row, how it is read before, and the exchange: an order is shipped only
    after it was paid.
    """
    others = [
        operation
        for operation in list_operations_about(probe.spec, effect, "update")
        if operation.is_action and operation.id != probe.operation.id
    ][:_OTHERS]
    with suppress(NotAllowed, NotChecked):
        for first in range(len(others)):
            row_id = create_row(probe.session, effect)
            for other in others[first:] + others[:first]:
                if not call_on_row(probe, other, row_id).ok:
                    continue
                before = read_by_id(probe, effect, row_id)
                exchange = call_on_row(probe, probe.operation, row_id)
                if exchange.ok:
                    return row_id, before, exchange
    return None


def _compare_rows(
    probe: Probe, returned_row: dict[str, Any], row: dict[str, Any], exchange: Exchange
) -> None:
    """Report each value that the response to an action shows but the row does not have."""
    for name, value in returned_row.items():
        is_state = isinstance(value, str | bool) and not is_timestamp(name)
        if is_state and name in row and not is_same(row[name], value):
            probe.report(
                "effect.field.changed",
                f"{probe.operation.pointer}/x-effect/kind",
                message=f"the field {name} does not have the value that an action returned",
                expected=describe(value),
                got=describe(row[name]),
                where=name,
                exchange=exchange,
            )


def forbids_repetition(
    operation: Operation, description: str, before: dict[str, Any], after: dict[str, Any]
) -> bool:
    """Return whether a conflict is said to be with what the action does: here, or of the operation.

    It is of a row that is "already" in the state, "canceled" for `cancel`, or "not a draft" or
    "not pending" after the action of one that was.
    """
    sentences = re.split(r"[.;\n]", f"{operation.summary}\n{operation.description}")
    description = "\n".join((description, *filter(_REJECTS.search, sentences)))
    words = re.findall(r"[a-z]+", description.lower())
    if _COUNTS & {*words}:
        return False
    verb = operation.path.rstrip("/").rpartition("/")[2].lower().rstrip("e")
    if "already" in words or any(w.startswith(verb) and w.endswith("ed") for w in words):
        return True
    left_states = {
        str(value).lower()
        for name, value in before.items()
        if isinstance(value, str) and not is_same(after.get(name), value)
    }
    singular_words = {word.removesuffix("s") for word in words} | {*words}
    return bool(_LIMITS & {*words}) and bool(left_states & singular_words)
