"""Translates failures of schemathesis to findings: an ID, and the clause."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from driftline.checks import (
    STATE_REJECTIONS,
    Exchange,
    Outgoing,
    build_violation_flaw,
    can_be_rejected,
    is_wrong,
)
from driftline.media import VALUE_KINDS, find_body_kind
from driftline.mock import HttpRequest, Mock
from driftline.openapi import Operation, Spec, list_violations
from driftline.suite.fuzzing.leniency import fill_nulls, read_leniently, widen_characters
from driftline.suite.fuzzing.verdict import REQUEST, Verdict

_OWN = {
    "RejectedPositiveData": "request.valid.rejected",
    "AcceptedNegativeData": "request.invalid.accepted",
    "MissingHeaderNotRejected": "request.invalid.accepted",
    "UseAfterFree": "effect.not-deleted",
    "EnsureResourceAvailability": "effect.not-found",
}
_TEXTS = {
    "request.valid.rejected": ("the server rejected a request that the spec allows", "2xx"),
    "request.invalid.accepted": (
        "the server accepted a request that the spec rejects",
        "a rejection (4xx)",
    ),
    "effect.not-deleted": ("the deleted row still exists", "404, or no such row"),
    "effect.not-found": ("the created row cannot be read by its id", "2xx"),
}
"""The message and the expectation, by ID."""
_REJECTIONS = frozenset({400, 415})


def translate_failure(spec: Spec, exchange: Exchange, case: Any, failure: Any) -> Verdict | None:
    """Return the failure as a verdict, or None if it is not the server's failure."""
    operation = spec.find_operation(exchange.operation)
    if operation is None:
        return None
    kind = _OWN[type(failure).__name__]
    if _can_be_legitimate(spec, operation, exchange, kind):
        return None
    # Its verdict may be wrong: it allows null by `nullable`, for example, which 3.1 does not have.
    is_rejected = kind == "request.valid.rejected"
    if is_rejected and exchange.request.body and not _has_value(exchange.request):
        return None  # a form cannot say null, nor can it tell a number from its text
    if is_rejected and (is_wrong(spec, exchange) or not is_right(spec, exchange.request)):
        return None
    # It also expects certain statuses; a 428 for a missing If-Match is a rejection as well.
    is_accepted = kind == "request.invalid.accepted"
    if is_accepted and (exchange.status >= 400 or is_right(spec, exchange.request)):
        return None
    pointer, where = _find_clause(operation, case)
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    detail = _join_lines(str(getattr(data, "description", None) or ""))
    message, expected = _TEXTS[kind]
    if kind in REQUEST and detail:
        message = f"{message}: {detail}"
    if is_rejected:
        pointer, where = operation.pointer, ""
    return Verdict(kind, pointer, message, expected, where)


def _join_lines(description: str) -> str:
    """Return the list of violations that schemathesis writes, on one line."""
    return "; ".join(line.removeprefix("- ").strip() for line in description.splitlines())


def judge_accepted(spec: Spec, exchange: Exchange, case: Any) -> Verdict | None:
    """Return an intentionally invalid request that the server accepted, if the mock rejects it.

    schemathesis ignores an invalid parameter if another one of the request is valid, since
    it does not know which one it made invalid; the mock reads the sent request.
    """
    operation = spec.find_operation(exchange.operation)
    mode = getattr(getattr(case.meta, "generation", None), "mode", None)
    kind = "request.invalid.accepted"
    if operation is None or not operation.is_success(exchange.status):
        return None
    if not getattr(mode, "is_negative", False):
        return None
    if _can_be_legitimate(spec, operation, exchange, kind):
        return None
    if is_right(spec, exchange.request):
        return None
    pointer, where = _find_broken_clause(spec, operation, exchange) or _find_clause(operation, case)
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    detail = _join_lines(getattr(data, "description", None) or "invalid by construction")
    message, expected = _TEXTS[kind]
    return Verdict(kind, pointer, f"{message}: {detail}", expected, where)


def is_true_of(spec: Spec, exchange: Exchange, verdict: Verdict) -> bool:
    """Return whether a verdict on a request applies to this response, by the mock's reading."""
    operation = spec.find_operation(exchange.operation)
    if operation is None or _can_be_legitimate(spec, operation, exchange, verdict.kind):
        return False
    if verdict.kind == "request.invalid.accepted":
        return operation.is_success(exchange.status) and not is_right(spec, exchange.request)
    is_rejected = verdict.kind == "request.valid.rejected" and exchange.status in _REJECTIONS | {
        422
    }
    return is_rejected and is_right(spec, exchange.request)


def is_right(spec: Spec, request: Outgoing) -> bool:
    """Return whether a request is as documented, by the mock's reading."""
    rejection = _build_reference(spec).find_rejection(
        HttpRequest(request.method, request.path, request.query, request.headers, request.body)
    )
    return rejection is None or rejection.status not in _REJECTIONS


def _find_broken_clause(
    spec: Spec, operation: Operation, exchange: Exchange
) -> tuple[str, str] | None:
    """Return the first clause that a JSON body breaks, and where in the body.

    None if it breaks none.
    """
    media = operation.body.json if operation.body else None
    try:
        body = json.loads(exchange.request.body)
    except ValueError:
        return None
    violations = (
        list_violations(spec, media.schema_pointer, body, "request")
        if media and media.schema_pointer
        else []
    )
    flaws = [build_violation_flaw(violation) for violation in violations]
    return (flaws[0].pointer, flaws[0].where) if flaws else None


@lru_cache(maxsize=16)
def _build_reference(spec: Spec) -> Mock:
    """Return a mock without rows, which decides which requests are valid."""
    return Mock(spec, rows=0)


def _can_be_legitimate(spec: Spec, operation: Operation, exchange: Exchange, kind: str) -> bool:
    """Return whether a server may respond like this, although the schemas alone do not allow it.

    An invented page or ID may be rejected, and so may a conflict with the rows; and
    frameworks accept more than JSON Schema does.
    """
    if kind == "request.valid.rejected":
        is_unknown = exchange.status in {404, 410} and "{" in operation.path
        depends = exchange.status in STATE_REJECTIONS
        is_too_long = not is_right(spec, widen_characters(exchange.request))
        return is_unknown or depends or is_too_long or can_be_rejected(spec, operation, exchange)
    if kind == "effect.not-found":
        # A row may lack a part, such as an attachment; without a creation, its id is unknown.
        return "}/" in operation.path.rstrip("/") or not _can_be_created(spec, operation)
    if kind != "request.invalid.accepted":
        return False
    request = read_leniently(spec, operation, fill_nulls(operation, exchange))
    return request != exchange.request and is_right(spec, request)


def _can_be_created(spec: Spec, operation: Operation) -> bool:
    """Return whether an operation creates rows of this one's listing."""
    of = operation.effect.of if operation.effect else None
    effects = (candidate.effect for candidate in spec.operations)
    return of is None or any(e is not None and e.kind == "create" and e.of == of for e in effects)


def _has_value(request: Outgoing) -> bool:
    """Return whether the body is JSON, or JSON in other bytes."""
    kind = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    return find_body_kind(kind) in VALUE_KINDS


def _find_clause(operation: Operation, case: Any) -> tuple[str, str]:
    """Return the clause of a case: a parameter, the body, or the operation."""
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    name = getattr(data, "parameter", None)
    location = str(getattr(data, "parameter_location", None) or "").rpartition(".")[2].lower()
    if location == "body" and operation.body:
        return operation.body.pointer, str(name or "")
    if location == "header" and operation.body and str(name).lower() == "content-type":
        return f"{operation.body.pointer}/content", str(name)
    for parameter in operation.parameters:
        if parameter.name == name and parameter.location == location:
            return parameter.pointer, str(name)
    return operation.pointer, str(name or "")
