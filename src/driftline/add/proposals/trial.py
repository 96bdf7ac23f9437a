"""Tries proposals on the document's own mock: what does not hold there is not proposed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from driftline.add.proposals.dropped import DroppedProposal
from driftline.add.proposals.references import ReferenceProposal
from driftline.checks import Finding, Ledger
from driftline.errors import DriftlineError
from driftline.mock import Mock
from driftline.openapi import Operation, Spec, is_object, join, list_violations, split
from driftline.suite import (
    Examination,
    NotAllowed,
    NotChecked,
    Probe,
    Session,
    Target,
    check_creation,
    check_filters,
    check_pages,
    check_searches,
    list_existing_ids,
    make_sample,
    order,
)

Proposals = dict[str, tuple[dict[str, Any], str]]
"""By the pointer of its operation, the value of an extension, and why."""
Apply = Callable[[Mapping[str, Any]], Spec]
_ROWS: Final = 4
_MOST_THOROUGH: Final = 100
_ROUNDS: Final = 3
"""So often a listing is tried again without what did not hold."""
_OPTIONAL: Final = frozenset({"total", "filter", "order", "search", "echo"})
_EXAMINATIONS: Final = (check_pages, check_filters, order, check_searches)


def keep_listings(proposals: Proposals, apply: Apply) -> list[DroppedProposal]:
    """Drop from `proposals` the listings, or the parts of them, that do not hold on the mock."""
    dropped: list[DroppedProposal] = []
    untried = set(proposals)
    for _ in range(_ROUNDS):
        spec = apply(proposals)
        tried = [each for each in spec.operations if each.pointer in untried]
        untried = set[str]()
        for operation, failures in _try_listings(spec, tried):
            value, why = proposals.pop(operation.pointer)
            shorter = _without(value, failures)
            for part, reason in failures.items() if shorter else [("", failures.get("", ""))]:
                dropped.append(DroppedProposal(operation.id, "x-listing" + part, reason))
            if shorter is not None:
                proposals[operation.pointer] = shorter, why
                untried.add(operation.pointer)
        if not untried:
            return dropped
    for pointer in untried:
        del proposals[pointer]
    return dropped


def _try_listings(
    spec: Spec, operations: list[Operation]
) -> Iterator[tuple[Operation, Mapping[str, str]]]:
    """Yield listings with the parts that do not hold, and why; "" is the whole."""
    with _open_session(spec) as session:
        for operation in operations:
            failures: dict[str, str] = {}
            session.start()
            for examination in _EXAMINATIONS:
                failures |= _try(session, operation, examination)
                if "" in failures:
                    break
            if failures:
                yield operation, failures


def keep_references(proposals: dict[str, ReferenceProposal], spec: Spec) -> list[DroppedProposal]:
    """Drop from `proposals` the references that no id of the listing's rows fits."""
    dropped: list[DroppedProposal] = []
    with _open_session(spec) as session:
        for pointer, proposal in list(proposals.items()):
            listing = spec.find_operation(proposal.of)
            ids = list_existing_ids(session, listing) if listing else ()
            if not any(not list_violations(spec, pointer, each) for each in ids):
                del proposals[pointer]
                reason = f"no id of {proposal.of} is valid here"
                dropped.append(DroppedProposal(proposal.owner, "x-reference", reason))
    return dropped


def keep_effects(proposals: Proposals, apply: Apply) -> list[DroppedProposal]:
    """Drop from `proposals` the effects that do not hold on the mock.

    In a large document each is only tried once, so that the cost stays below that of the client.
    """
    spec = apply(proposals)
    dropped: list[DroppedProposal] = []
    with _open_session(spec) as session:
        for operation in spec.operations:
            if operation.pointer not in proposals or operation.effect is None:
                continue
            is_create = operation.effect.kind == "create"
            is_thorough = is_create and len(proposals) <= _MOST_THOROUGH
            if is_thorough:
                session.start()
            failures = _try(session, operation, check_creation if is_thorough else _check_row)
            if failures:
                del proposals[operation.pointer]
                reason = next(iter(failures.values()))
                dropped.append(DroppedProposal(operation.id, "x-effect", reason))
    return dropped


def _check_row(probe: Probe) -> None:
    """Send the operation to a row that is there, or create one."""
    sample = make_sample(probe.session, probe.operation)
    exchange = probe.send(sample.arguments, body=sample.body)
    if not exchange.ok:
        probe.report(
            "effect.not-found",
            probe.operation.pointer + "/x-effect/id",
            message="the row is not created, or not found by its id",
            expected="2xx",
            got=str(exchange.status),
            exchange=exchange,
        )


def _open_session(spec: Spec) -> Session:
    """Open a session with a mock of few rows that asks for no credentials, and no coverage.

    It has only the operations on rows, so that a large document costs what its listings cost.
    """
    about_rows = (each for each in spec.operations if each.listing or each.effect)
    free = tuple(attrs.evolve(operation, security=()) for operation in about_rows)
    open_spec = attrs.evolve(spec, operations=free)
    target = Target.mock(open_spec, handle=Mock(open_spec, rows=_ROWS).handle)
    return Session(target, ledger=Ledger(attrs.evolve(open_spec, operations=())))


def _try(session: Session, operation: Operation, examination: Examination) -> dict[str, str]:
    """Return the parts of a proposal that an examination finds wrong, and why."""
    probe = Probe(session, operation)
    try:
        examination(probe)
    except (NotChecked, NotAllowed, DriftlineError) as error:
        return {"": str(error).removeprefix("not checked: ")}
    except Exception as error:
        return {"": f"it could not be tried: {type(error).__name__}"}
    return {
        _find_part(operation, finding): f"{finding.message}: {finding.got}"
        for finding in probe.findings
    }


def _find_part(operation: Operation, finding: Finding) -> str:
    """Return the pointer in `x-listing` of an optional part that a finding is about, or ""."""
    inside = finding.location.pointer.removeprefix(operation.pointer + "/x-listing")
    tokens = split(inside) if inside.startswith("/") else []
    if tokens[:2] == ["page", "more"]:
        return "/page/more"
    if not tokens or tokens[0] not in _OPTIONAL:
        return ""
    return join(*tokens[:2]) if tokens[0] in {"filter", "search"} else join(tokens[0])


def _without(value: dict[str, Any], failures: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a listing without the parts that do not hold; None if it is the whole of it."""
    if "" in failures:
        return None
    kept: dict[str, Any] = {
        key: {**each} if is_object(each) else each for key, each in value.items()
    }
    for part in failures:
        *above, last = split(part)
        holder = kept[above[0]] if above else kept
        holder.pop(last, None)
        if above and not holder:
            del kept[above[0]]
    return kept
