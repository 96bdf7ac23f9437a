"""Compares the rows in the response to a bulk creation with those that were sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus

from driftline.checks.exchange import Exchange
from driftline.checks.finding import Flaw
from driftline.checks.request_arguments import parse_json
from driftline.openapi import (
    Operation,
    Spec,
    find_bulk_creation,
    follow,
    is_array,
    is_valid,
)


def find_bulk_flaws(spec: Spec, operation: Operation, exchange: Exchange) -> Iterator[Flaw]:
    """Yield a flaw if fewer rows were created than were sent.

    Equal rows of a request may be created once, and invalid ones not at all.
    """
    if exchange.status != HTTPStatus.CREATED or not exchange.request.body:
        return
    bulk = find_bulk_creation(spec, operation)
    media = operation.body.json if operation.body else None
    if bulk is None or media is None:
        return
    try:
        request, response = parse_json(exchange.request.body), exchange.json
    except (ValueError, RecursionError):
        return
    if not is_valid(spec, media.schema_pointer, request, "request"):
        return
    sent, created = follow(request, bulk.sent), follow(response, bulk.created)
    if not is_array(sent) or not is_array(created) or len(created) >= len(sent):
        return
    if len({json.dumps(row, sort_keys=True) for row in sent}) == len(sent):
        yield Flaw(
            kind="response.rows.missing",
            pointer=f"{operation.pointer}/responses/{exchange.status}",
            message="fewer rows are created than the request has",
            expected=f"{len(sent)} rows",
            got=f"{len(created)} rows",
            where=bulk.created,
        )
