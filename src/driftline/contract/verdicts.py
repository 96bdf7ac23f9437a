"""What schemathesis' failures are in our words: an id, and the clause they are about."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import attrs

from driftline.contract.exchange import Exchange
from driftline.contract.kinds import KINDS
from driftline.contract.samples import resolved
from driftline.spec.model import Operation, Spec

__all__ = ["Verdict", "verdict"]

_OWN = {
    "RejectedPositiveData": "request.valid.refused",
    "AcceptedNegativeData": "request.invalid.accepted",
    "MissingHeaderNotRejected": "request.invalid.accepted",
    "IgnoredAuth": "security.not-enforced",
}
_REQUEST = frozenset({"request.valid.refused", "request.invalid.accepted"})


@attrs.frozen
class Verdict:
    """A failed check of schemathesis'."""

    kind: str
    pointer: str
    message: str
    expected: str
    where: str

    @property
    def is_about_the_answer(self) -> bool:
        """Whether our own reading of the answer finds the same, if it finds anything."""
        return self.kind not in _REQUEST and "resource" not in self.kind


def verdict(spec: Spec, exchange: Exchange, case: Any, failure: Any) -> Verdict | None:
    """The failure as a verdict, or None where the failure is not the server's."""
    operation = spec.operation(exchange.operation)
    if operation is None:
        return None
    name = type(failure).__name__
    kebab = "schemathesis." + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
    kind = _OWN.get(name, kebab if kebab in KINDS else "schemathesis.other")
    if _may_be_so(spec, operation, exchange, kind):
        return None
    pointer, where = _place(operation, case)
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    detail = str(getattr(data, "description", None) or "")
    message = str(failure.title)
    if kind in _REQUEST and detail:
        message = f"{message}: {detail}"
    expected = "a refusal (4xx)" if kind == "request.invalid.accepted" else "what the spec says"
    if kind == "request.valid.refused":
        expected, pointer, where = "2xx", operation.pointer, ""
    return Verdict(kind, pointer, message, expected, where)


def _may_be_so(spec: Spec, operation: Operation, exchange: Exchange, kind: str) -> bool:
    """Whether a server may do this although the schemas alone say otherwise.

    A cursor that no answer gave may be refused, whatever its form; and in a URL an empty list
    and a list of one empty text look the same.
    """
    query = dict(parse_qsl(exchange.request.query, keep_blank_values=True))
    listing = operation.listing
    if kind == "request.valid.refused":
        cursor = listing.page.parameter if listing and listing.page.style == "cursor" else None
        return cursor in query
    empty = {name for name, value in query.items() if not value}
    return kind == "request.invalid.accepted" and any(
        parameter.name in empty and resolved(spec, parameter.schema_pointer).get("type") == "array"
        for parameter in operation.parameters
    )


def _place(operation: Operation, case: Any) -> tuple[str, str]:
    """The clause that the case is about: a parameter, the body, or the operation."""
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    name = getattr(data, "parameter", None)
    place = str(getattr(data, "parameter_location", None) or "").rpartition(".")[2].lower()
    if place == "body" and operation.body:
        return operation.body.pointer, str(name or "")
    for parameter in operation.parameters:
        if parameter.name == name and parameter.place == place:
            return parameter.pointer, str(name)
    return operation.pointer, str(name or "")
