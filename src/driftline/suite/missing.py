"""Detects operations that a server does not have: it responds as to an unknown path or method."""

from __future__ import annotations

from collections import Counter
from typing import Final

import attrs

from driftline.checks import Check, format_response
from driftline.openapi import Operation
from driftline.suite.http.session import Session
from driftline.suite.probe import Probe

MISSING_OPERATION: Final = "operation.missing"
_GONE: Final = frozenset({404, 405, 410, 501})
_EARLIER: Final = frozenset({401, 403, 429})
"""Statuses that a server may send before it routes a request."""
_ROW_GONE: Final = frozenset({404, 410})


def may_be_missing(session: Session, operation: Operation) -> bool:
    """Return whether each response of the run says that the operation is missing.

    Below `/orders/{id}`, and if a value may be the ID of a row, a 404 is about the row; a
    documented 404 is about what its description says.
    """
    statuses = session.statuses[operation.id].keys() - _EARLIER
    documented_statuses = {response.status for response in operation.responses}
    may_name_row = "{" in operation.path or bool(session.unknown_values.get(operation.id))
    is_row = may_name_row and bool(statuses & _ROW_GONE)
    is_gone = bool(statuses) and statuses <= _GONE
    return is_gone and not is_row and not documented_statuses & set(map(str, statuses))


def find_missing(probe: Probe) -> None:
    """Report the operation if a plain request confirms that it is missing."""
    exchange = probe.send()
    if exchange.status not in _GONE:
        return
    probe.report(
        MISSING_OPERATION,
        probe.operation.pointer,
        message="the server does not have the operation",
        expected="a response of the operation",
        got=format_response(exchange),
        exchange=exchange,
    )


def count_responses(check: Check, statuses: Counter[int]) -> Check:
    """Count the finding in all responses of the run, not only in the one that confirmed it."""
    count = sum(statuses[status] for status in _GONE)
    findings = (
        attrs.evolve(finding, count=count, requests=statuses.total(), first=0)
        if finding.id == MISSING_OPERATION
        else finding
        for finding in check.findings
    )
    return attrs.evolve(check, findings=tuple(findings))
