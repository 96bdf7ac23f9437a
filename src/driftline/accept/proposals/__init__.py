"""The smallest edit of the spec for each kind of finding, or the reason why no edit is possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from driftline.accept.edits import Clauses, Proposal, Propose, UnacceptableError
from driftline.accept.proposals.requests import (
    MISSING_OPERATION as MISSING_OPERATION,
    propose_narrowing,
    propose_removal,
)
from driftline.accept.proposals.responses import (
    propose_default,
    propose_header,
    propose_media_type,
    propose_optional_header,
    propose_parameter,
    propose_status,
)
from driftline.accept.proposals.rules import propose_without_rule
from driftline.accept.proposals.schemas import propose_field, propose_keyword
from driftline.checks import Finding

ACCEPTABLE: Final[Mapping[str, Propose]] = {
    **dict.fromkeys(
        (
            *("response.required.missing", "response.type.wrong", "response.enum.undocumented"),
            *("response.format.wrong", "response.bound.exceeded", "response.schema.broken"),
        ),
        propose_keyword,
    ),
    "response.field.undocumented": propose_field,
    "request.field.undocumented": propose_field,
    "response.status.undocumented": propose_status,
    "response.content-type.undocumented": propose_media_type,
    "response.header.missing": propose_optional_header,
    "response.header.wrong": propose_header,
    "request.parameter.undocumented": propose_parameter,
    "request.valid.rejected": propose_narrowing,
    MISSING_OPERATION: propose_removal,
    "parameter.default.wrong": propose_default,
    **dict.fromkeys(
        (
            *("listing.filter.ignored", "listing.search.ignored", "listing.order.wrong"),
            *("listing.total.wrong", "listing.echo.wrong", "listing.more.wrong"),
            *("listing.size.ignored", "listing.size.short", "effect.unique.accepted"),
        ),
        propose_without_rule,
    ),
}
FOLLOWING: Final = frozenset({"client.rejected", "client.changed", "client.drift"})
"""Findings about the client, which follow from what it received."""
_FIX = "Fix the server, or accept the finding until a day: driftline accept --until DATE."
_FAILED = ("the server failed; clients cannot work with that", _FIX)
_LOST = ("rows or data are lost; no spec makes that right", _FIX)
_SECURITY = ("a credential is not handled as the spec promises", _FIX)
_CLIENT = ("the generated client is at fault, not the spec", "Report it, with the report.json.")
_PERSON = "Find out which of the two is right, and edit the spec by hand."
_EFFECT = ("what the operation does to rows is not what the spec says", _PERSON)
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "response.server-error": _FAILED,
    "response.json.unreadable": ("the body is lost; no spec makes that right", _FIX),
    "response.content-type.missing": ("clients cannot tell what the body is", _FIX),
    **dict.fromkeys(
        (
            *("security.not-enforced", "security.elsewhere-accepted", "security.valid-rejected"),
            *("security.rejection.status", "security.token.expired"),
            *("security.token.rejected", "security.scope.not-enforced"),
        ),
        _SECURITY,
    ),
    **dict.fromkeys(
        (
            *("listing.items.missing", "listing.page.repeats", "listing.row.lost"),
            *("listing.page.endless", "listing.page.out-of-range", "listing.next.missing"),
            *("listing.filter.lost", "listing.search.lost", "effect.item.missing"),
            *("effect.field.changed", "effect.field.reset", "effect.not-listed"),
            "effect.default.wrong",
        ),
        _LOST,
    ),
    **dict.fromkeys(
        (
            *("effect.repeated", "effect.not-found", "effect.not-deleted"),
            "effect.missing.accepted",
        ),
        _EFFECT,
    ),
    **dict.fromkeys(
        (
            *("response.stream.incomplete", "response.item.unreadable"),
            *("response.body.unreadable", "effect.upload.lost"),
        ),
        _LOST,
    ),
    **dict.fromkeys(
        (
            *("response.columns.wrong", "response.event.undocumented"),
            *("response.stream.missing", "own.failed"),
        ),
        ("which clause should follow is not known", _PERSON),
    ),
    **dict.fromkeys(FOLLOWING, _CLIENT),
    "listing.next.elsewhere": ("credentials would be sent to another server", _FIX),
    "request.invalid.accepted": ("a server may accept more than it promises", _PERSON),
    "example.invalid": ("the example or the schema is wrong", _PERSON),
    "spec.unsound": ("the spec itself is invalid", "Run driftline lint, and correct the spec."),
    "generated.stale": ("the client is older than the spec", "Run driftline generate."),
}


def propose(clauses: Clauses, finding: Finding) -> Proposal:
    """Return the smallest edit that settles a finding.

    Raises:
        UnacceptableError: none does, or a person has to decide.
    """
    known = ACCEPTABLE.get(finding.id)
    if known is None:
        reason, hint = REASONS.get(finding.id, ("no edit is known for it", _PERSON))
        raise UnacceptableError(reason, hint)
    return known(clauses, finding)
