"""Creations that refer to rows which do not exist."""

from __future__ import annotations

import re
from typing import Any

from driftline.openapi import (
    Response,
    RowReference,
    Spec,
    fill_references,
    is_valid,
    list_references,
)
from driftline.suite.examinations.rows.steps import report_accepted
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample
from driftline.suite.unique_values import make_new_string, make_unique_string, vary_strings

_UNKNOWN_ROW = 2_147_483_601
_MISSING = re.compile(r"\b(does|do) not exist\b|\bno such\b|\bunknown\b", re.IGNORECASE)


def refer_to_nothing(probe: Probe, request: Sample) -> None:
    """Send ids without a row: a careless server fails, or creates the row all the same.

    A document that has a 404 for a creation without a row in its path means these ids.
    """
    media = probe.operation.body.json if probe.operation.body else None
    if media is None or not list_references(probe.spec, media.schema_pointer):
        return
    session = probe.session

    def choose(reference: RowReference, old: Any) -> Any:
        unknown_ids = (make_new_string(session, reference.pointer), _UNKNOWN_ROW)
        valid = (
            row_id
            for row_id in unknown_ids
            if row_id is not None and is_valid(probe.spec, reference.pointer, row_id, "request")
        )
        return next(valid, old)

    body = fill_references(probe.spec, media.schema_pointer, request.body, choose)
    if body == request.body:
        return
    if not session.target.is_mock:  # a value that another row has may be rejected first
        body = vary_strings(probe.spec, probe.operation, body, make_unique_string(session))
    exchange = probe.send(request.arguments, body=body)
    missing = _find_missing(probe)
    if exchange.ok and missing is not None and not session.target.is_mock:
        message = "a row is created that refers to rows which do not exist"
        report_accepted(probe, "effect.missing.accepted", missing, message, exchange)


def _find_missing(probe: Probe) -> Response | None:
    """Return the rejection of a creation that refers to a row which does not exist."""
    rejections = [r for r in probe.operation.responses if r.status[:1] == "4"]
    described = next((r for r in rejections if _MISSING.search(r.description)), None)
    if described is not None and described.status != "404":
        return described
    if "{" in probe.operation.path or _documents_missing_anywhere(probe.spec):
        return None
    return next((r for r in rejections if r.status == "404"), None)


def _documents_missing_anywhere(spec: Spec) -> bool:
    """Return whether a document also has a 404 where nothing can be missing: each path has one."""
    return any(
        operation.listing and "{" not in operation.path and response.status == "404"
        for operation in spec.operations
        for response in operation.responses
    )
