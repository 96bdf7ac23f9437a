"""Requests for new rows, sent again with other values after a conflict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from driftline.checks import Exchange
from driftline.openapi import Operation
from driftline.suite.given_values import change_body
from driftline.suite.http.session import Session
from driftline.suite.samples import refer_to_other_rows
from driftline.suite.unique_values import make_unique_string, set_row_id, vary_strings

_TAKEN = frozenset({400, 409, 422})
"""Statuses with which a live server may reject a value that another row has."""


def send_new(
    session: Session, operation: Operation, arguments: Mapping[str, Any], body: Any
) -> tuple[Exchange, Any]:
    """Send a request for a new row as `retry_if_taken` does; return the last exchange and its body.

    A row's id in the body is replaced, since an earlier request may have used it.
    """
    body = set_row_id(session.spec, operation, body, make_unique_string(session))
    first = session.send(operation, arguments, body=body)
    last = retry_if_taken(session, operation, first)
    return last, body if last is first else json.loads(last.request.body)


def retry_if_taken(session: Session, operation: Operation, exchange: Exchange) -> Exchange:
    """Send a rejected request again with other strings and rows if it may conflict with a row.

    Mocks and reads have no such conflicts, an invalid request is rejected because it is invalid,
    and a rejection that names a rule is not about another row.
    """
    if session.target.is_mock or operation.is_read or exchange.status not in _TAKEN:
        return exchange
    unique, request = make_unique_string(session), exchange.request

    def renew(body: Any) -> Any:
        body = vary_strings(session.spec, operation, body, unique)
        is_conflict = exchange.status == HTTPStatus.CONFLICT
        return refer_to_other_rows(session, operation, body) if is_conflict else body

    renewed = change_body(session, operation, request, renew)
    if renewed == request:
        return exchange
    from driftline.suite.fuzzing.learning import mentions_rule  # noqa: PLC0415 - loads schemathesis

    is_rule = mentions_rule(session.spec, exchange)
    return exchange if is_rule else session.send_raw(operation, renewed)
