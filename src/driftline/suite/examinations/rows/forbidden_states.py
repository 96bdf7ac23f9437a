"""Operations on rows in a state in which they are described to fail."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from driftline.openapi import (
    Effect,
    Operation,
    Response,
    describe,
    find_schema_at,
    is_object,
    is_valid,
    join,
)
from driftline.suite.examinations.rows.described_states import find_described_state
from driftline.suite.examinations.rows.row_parts import list_bodies
from driftline.suite.examinations.rows.same_value import is_alike
from driftline.suite.examinations.rows.state_rules import StateRule, find_forbidden_states
from driftline.suite.examinations.rows.steps import call_on_row, read_by_id, report_accepted
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import create_row, list_operations_about, make_samples

_MOST_MOVES: Final = 6


def check_forbidden_states(probe: Probe, effect: Effect) -> None:
    """Bring a new row into each state that the document forbids, and call the operation on it.

    The states of a mock's rows have no meaning.
    """
    conflict = probe.operation.find_exact_response("409")
    if conflict is None or probe.session.target.is_mock:
        return
    rule = find_forbidden_states(probe.spec, probe.operation, conflict)
    for state in sorted(rule.states) if rule else ():
        with suppress(NotAllowed, NotChecked):
            row_id = _make_row(probe, effect, rule, state) if rule else None
            if rule and row_id is not None:
                _call(probe, effect, row_id, f"{rule.field} {describe(state)}", conflict)
                create_row(probe.session, effect)  # later checks change the latest row


def _call(probe: Probe, effect: Effect, row_id: Any, state: str, conflict: Response) -> None:
    """Report a call that takes effect on a row in a forbidden state."""
    operation = probe.operation
    before = read_by_id(probe, effect, row_id)
    sample = next(make_samples(probe.session, operation, {effect.id or "": row_id}))
    is_plain = operation.is_action or effect.kind == "delete" or not is_object(sample.body)
    for body in (sample.body,) if is_plain else list_bodies(probe, sample.body):
        exchange = call_on_row(probe, operation, row_id, body)
        after = read_by_id(probe, effect, row_id) if exchange.ok else None
        if before is None or after is None or not is_object(before[0]):
            return
        is_changed = is_plain or any(
            name in after[0] and not is_alike(after[0][name], before[0].get(name))
            for name in (body if is_object(after[0]) else ())
        )
        if is_changed:
            message = f"a call succeeds on a row with {state}, although a conflict is documented"
            report_accepted(probe, "effect.conflict.accepted", conflict, message, exchange)
            return


def _make_row(probe: Probe, effect: Effect, rule: StateRule, state: str) -> Any:
    """Return the ID of a new row in a state, or None: its actions and updates may lead there."""
    row_id = create_row(probe.session, effect)
    moves = _list_moves(probe, effect, rule, state)
    for _ in range(_MOST_MOVES):
        current = _read_state(probe, effect, row_id, rule.field)
        if current == state:
            return row_id
        while moves:
            mover, body = moves.pop(0)
            with suppress(NotAllowed, NotChecked):
                if call_on_row(probe, mover, row_id, **body).ok:
                    break
        else:
            return None
        if _read_state(probe, effect, row_id, rule.field) != current:
            moves = _list_moves(probe, effect, rule, state)  # some may be possible only now
    return None


def _read_state(probe: Probe, effect: Effect, row_id: Any, field: str) -> Any:
    read = read_by_id(probe, effect, row_id)
    return read[0].get(field) if read is not None and is_object(read[0]) else None


def _list_moves(
    probe: Probe, effect: Effect, rule: StateRule, state: str
) -> list[tuple[Operation, dict[str, Any]]]:
    """Return operations that may change the state of a row, with bodies; the likely ones first."""
    spec, moves = probe.spec, list[tuple[bool, Operation, dict[str, Any]]]()
    for mover in list_operations_about(spec, effect, "update"):
        media = mover.body.json if mover.body else None
        if mover.is_action:
            verb = mover.path.rstrip("/").rpartition("/")[2].lower().rstrip("e")
            is_direct = find_described_state(spec, mover, rule.field) == state
            moves.append((not is_direct and not state.lower().startswith(verb), mover, {}))
        elif media is not None:
            sample = next(make_samples(probe.session, mover, {effect.id or "": ""})).body
            alone = {rule.field: state}
            for body in (alone, {**sample, **alone} if is_object(sample) else alone):
                is_settable = find_schema_at(spec, media.schema_pointer, join(rule.field))
                if is_settable and is_valid(spec, media.schema_pointer, body, "request"):
                    moves.append((False, mover, {"body": body}))
                    break
    return [(mover, body) for _, mover, body in sorted(moves, key=lambda move: move[0])]
