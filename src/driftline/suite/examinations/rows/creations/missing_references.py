"""Creations that refer to rows which do not exist."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from driftline.openapi import (
    Response,
    RowReference,
    Spec,
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

    A document that has a 404 for a creation without a row in its path means these ids. Each is
    sent alone, too, if the description of the rejection names it.
    """
    media = probe.operation.body.json if probe.operation.body else None
    references = list_references(probe.spec, media.schema_pointer) if media else ()
    if not references:
        return
    missing = None if probe.session.target.is_mock else _find_missing(probe)
    described = [r for r in references if missing and _is_named(r, missing.description)]
    for group in [references, *([reference] for reference in described if len(references) > 1)]:
        body = _replace_ids(probe, group, request.body)
        if body == request.body:
            continue
        if not probe.session.target.is_mock:  # a value of another row may be rejected first
            body = vary_strings(
                probe.spec, probe.operation, body, make_unique_string(probe.session)
            )
        exchange = probe.send(request.arguments, body=body)
        if exchange.ok and missing is not None:
            message = "a row is created that refers to rows which do not exist"
            report_accepted(probe, "effect.missing.accepted", missing, message, exchange)


def _is_named(reference: RowReference, description: str) -> bool:
    """Return whether a description names what a field refers to: the guest of `guestId`."""
    noun = re.sub(r"(_id|Id)s?$", "", reference.path[-1]).replace("_", " ").lower()
    return re.search(rf"\b{re.escape(noun)}\b", description.lower()) is not None


def _replace_ids(probe: Probe, references: Sequence[RowReference], body: Any) -> Any:
    """Return a body with ids without a row, as far as the schema allows some."""
    for reference in references:
        unknown_ids = (make_new_string(probe.session, reference.pointer), _UNKNOWN_ROW)
        valid = (
            row_id
            for row_id in unknown_ids
            if row_id is not None and is_valid(probe.spec, reference.pointer, row_id, "request")
        )
        unknown_id = next(valid, None)
        if unknown_id is not None:
            body = reference.replace(body, partial(_return, unknown_id))
    return body


def _return(value: Any, _: Any) -> Any:
    return value


def _find_missing(probe: Probe) -> Response | None:
    """Return the rejection of a creation that refers to a row which does not exist."""
    rejections = [r for r in probe.operation.responses if r.status[:1] == "4"]
    described = next((r for r in rejections if _MISSING.search(r.description)), None)
    if described is not None and described.status != "404":
        return described
    if "{" in probe.operation.path or _documents_missing_anywhere(probe.spec):
        return None
    return probe.operation.find_exact_response("404")


def _documents_missing_anywhere(spec: Spec) -> bool:
    """Return whether a document also has a 404 where nothing can be missing: each path has one."""
    return any(
        operation.listing and "{" not in operation.path and response.status == "404"
        for operation in spec.operations
        for response in operation.responses
    )
