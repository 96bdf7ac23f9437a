"""Improves findings: the smallest request that shows one, and the part that causes it.

Variations are sent to the server: see `shrinker`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import unquote_plus

from driftline.checks import (
    Exchange,
    FindingCollector,
    Key,
    ObservedSchema,
    Outgoing,
    collapse,
    format_response,
    parse_request,
    response,
)
from driftline.openapi import MISSING, Spec, join, split
from driftline.suite.fuzzing.failures import is_right
from driftline.suite.shrink.request_parts import Part, find_clause
from driftline.suite.shrink.shrinker import (
    VariationSender,
    find_culprit,
    find_culprits,
    reduce_exchange,
)

_INTEGER: Final = re.compile(r"-?\d+")
REJECTED = "request.valid.rejected"
ACCEPTED = "request.invalid.accepted"
FAILED = "response.server-error"
ROUNDS = 6
# Statuses that reject the client or its rate, not the request.
_OTHERWISE = frozenset({401, 403, 429})
_WORDS = {"path": "path parameter", "query": "parameter", "header": "header", "body": "field"}


def improve_findings(
    sightings: FindingCollector, trials: VariationSender, accepted: Sequence[Outgoing]
) -> None:
    """Replace findings by improved ones; `accepted` are requests that the server accepted."""
    for key, exchanges in list(sightings.first_exchanges.items()):
        _, operation, kind, pointer, where, _ = key
        if operation != sightings.operation.id or not exchanges:
            continue
        if kind == REJECTED and pointer == sightings.operation.pointer:
            _explain(sightings, trials, key, accepted)
        elif kind.startswith("response.") or (kind == ACCEPTED and where):
            shows = _build_predicate(sightings, key, exchanges[0], trials.is_stateful)
            smaller = reduce_exchange(trials, exchanges[0], shows)
            is_failure = kind == FAILED
            part = find_culprit(trials, smaller, accepted) if is_failure else None
            sightings.show(key, smaller, _name_part(part, smaller) if part else "")


def _build_predicate(
    sightings: FindingCollector, key: Key, original: Exchange, is_stateful: bool
) -> Callable[[Exchange], bool]:
    """Return whether a variation of `original` still shows the finding of this key.

    A server `is_stateful` if it keeps what the original request wrote.
    """
    _, _, kind, pointer, where, variant = key
    field = Part("body", join(where.rpartition(".")[2].removesuffix("[]")))

    def has_flaw(exchange: Exchange) -> bool:
        # The row of an earlier request shows the wrong value even if this one does not send it.
        if is_stateful and _has_part(field, original) and not _has_part(field, exchange):
            return False
        flaws = response.find_flaws(sightings.spec, exchange)
        expected = (kind, pointer, where, variant)
        return any((f.kind, f.pointer, f.where, f.variant) == expected for f in flaws)

    broken_rules = _list_broken_rules(sightings, original, where)

    def is_accepted(exchange: Exchange) -> bool:
        # Without a required parameter, the request breaks another rule at the same location.
        return (
            exchange.ok
            and bool(broken_rules)
            and _list_broken_rules(sightings, exchange, where) == broken_rules
        )

    return is_accepted if kind == ACCEPTED else has_flaw


def _list_broken_rules(sightings: FindingCollector, exchange: Exchange, where: str) -> set[str]:
    """Return the keywords that a request violates at a location."""
    request = parse_request(sightings.spec, sightings.operation, exchange)
    return {fault.keyword for fault in request.faults if fault.where == where} if request else set()


def _explain(
    sightings: FindingCollector, trials: VariationSender, key: Key, accepted: Sequence[Outgoing]
) -> None:
    """Separate the rejections of valid requests by their cause."""
    pending: list[Exchange] = list(sightings.first_exchanges[key])
    unexplained = False
    for _ in range(ROUNDS):
        if not pending:
            break
        smaller = reduce_exchange(trials, pending[0], partial(_is_rejected, sightings.spec))
        culprits = find_culprits(trials, smaller, accepted)
        if not culprits:
            unexplained = True
            pending = pending[1:]
            continue
        explained: list[Exchange] = []
        for part, shown_exchange in culprits:
            same = [
                exchange
                for exchange in pending
                if _has_part(part, exchange) == _has_part(part, shown_exchange)
            ]
            for _ in same:
                _report_cause(sightings, part, shown_exchange, accepted)
            explained += same
        pending = [exchange for exchange in pending if exchange not in explained]
    if not pending and not unexplained:
        sightings.drop(key)


def _is_rejected(spec: Spec, exchange: Exchange) -> bool:
    """Return whether the server rejected a valid request for its content."""
    is_rejection = 400 <= exchange.status < 500 and exchange.status not in _OTHERWISE
    return is_rejection and is_right(spec, exchange.request)


def _has_part(part: Part, exchange: Exchange) -> bool:
    return part.read(exchange.request) is not MISSING


def _name_part(part: Part, exchange: Exchange) -> str:
    """Return `because of the field due`, or `without the parameter page`."""
    name = collapse(part.name) if part.location == "body" else part.name
    preposition = "because of" if _has_part(part, exchange) else "without"
    return f"{preposition} the {_WORDS[part.location]} {name}".rstrip()


def _report_cause(
    sightings: FindingCollector, part: Part, exchange: Exchange, accepted: Sequence[Outgoing]
) -> None:
    name = collapse(part.name) if part.location == "body" else part.name
    sightings.report(
        REJECTED,
        find_clause(sightings.spec, sightings.operation, part),
        message=f"the server rejected a valid request {_name_part(part, exchange)}",
        expected="2xx",
        got=format_response(exchange),
        where=name,
        exchange=exchange,
        observed=observe_difference(part, exchange, accepted),
    )


def observe_difference(
    part: Part, exchange: Exchange, accepted: Sequence[Outgoing]
) -> ObservedSchema | None:
    """Return what accepted requests have and the rejected one lacks; None if unknown.

    An omitted part may be required, and a number may have to be an integer.
    """
    rejected_value = part.read(exchange.request)
    values = [value for request in accepted if (value := part.read(request)) is not MISSING]
    if rejected_value is MISSING:
        name = split(part.name)[-1] if part.location == "body" else part.name
        is_always_sent = bool(values) and len(values) == len(accepted)
        return ObservedSchema(schema={"required": [name]}) if is_always_sent else None
    numbers = [string for value in values for string in _list_texts(part, value)]
    is_whole = bool(numbers) and all(map(_INTEGER.fullmatch, numbers))
    if is_whole and any(map(_is_fraction, _list_texts(part, rejected_value))):
        return ObservedSchema(schema={"type": "integer"})
    return None


def _list_texts(part: Part, value: Any) -> Iterable[str]:
    """Return the sent values of a part."""
    if part.location == "body":
        return [json.dumps(value)]
    if part.location == "path":
        return [value]
    if part.location == "query":
        return [unquote_plus(pair.partition("=")[2]) for pair in value]
    return list(value)


def _is_fraction(string: str) -> bool:
    """Return whether a string is a number that is not written as an integer."""
    try:
        float(string)
    except ValueError:
        return False
    return _INTEGER.fullmatch(string) is None
