"""Tests proposals on a mock of the document, and drops those that fail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Set
from functools import lru_cache
from typing import Any, Final, Self

import attrs

from driftline.add.proposals.dropped import DroppedProposal
from driftline.add.proposals.references import ReferenceProposal
from driftline.checks import CoverageLedger, Finding
from driftline.errors import DriftlineError
from driftline.mock import Mock
from driftline.openapi import (
    Operation,
    Spec,
    collect_needed,
    is_array,
    is_object,
    is_valid,
    join,
    release_validators,
    split,
)
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
    check_ranges,
    check_searches,
    list_existing_ids,
    make_sample,
    order,
)

Proposals = dict[str, tuple[dict[str, Any], str]]
"""By the pointer of its operation, the value of an extension, and why."""
Apply = Callable[[Proposals], Spec]
TrialResults = dict[str, Mapping[str, str]]
"""The rejected parts of a proposal with the reasons, by a digest of what the trial depends on."""
_ROWS: Final = 4
_MOST_THOROUGH: Final = 100
_ROUNDS: Final = 3
"""The maximum number of trials of a listing, each without the rejected parts."""
_COUNTING: Final = frozenset(
    {"minProperties", "dependentRequired", "dependentSchemas", "if", "discriminator", "x-lifecycle"}
)
_OPTIONAL: Final = frozenset({"total", "filter", "range", "order", "search", "echo"})
_EXAMINATIONS: Final = (check_pages, check_filters, check_ranges, order, check_searches)


class Trial:
    """Tests proposals on a mock, which is created again only for another spec.

    `trial_results` are those of earlier trials, also of another version of the document: equal
    proposals are tried once.
    """

    def __init__(self, trial_results: TrialResults) -> None:
        self._results = trial_results
        self._spec: Spec | None = None
        self._session: Session | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()
        release_validators()

    def _open(self, spec: Spec) -> Session:
        last = self._spec
        if self._session is not None and last is not None:
            if last.document is spec.document and last.operations == spec.operations:
                return self._session
            self._session.close()
        self._spec, self._session = spec, _open_session(spec)
        return self._session

    def drop_failing_listings(self, proposals: Proposals, apply: Apply) -> list[DroppedProposal]:
        """Drop from `proposals` the listings, or the parts of them, that do not hold."""
        dropped_proposals: list[DroppedProposal] = []
        untried = set(proposals)
        for _ in range(_ROUNDS):
            if not untried:
                return dropped_proposals
            spec = apply(proposals)
            operations = [op for op in spec.operations if op.pointer in untried]
            untried = set[str]()
            for operation, failures in self._try_listings(spec, operations):
                value, why = proposals.pop(operation.pointer)
                shorter = _drop_parts(value, failures)
                for part, reason in failures.items() if shorter else [("", failures.get("", ""))]:
                    dropped_proposals.append(
                        DroppedProposal(operation.id, "x-listing" + part, reason)
                    )
                if shorter is not None:
                    proposals[operation.pointer] = shorter, why
                    untried.add(operation.pointer)
        for pointer in untried:
            del proposals[pointer]
        return dropped_proposals

    def _try_listings(
        self, spec: Spec, operations: list[Operation]
    ) -> Iterator[tuple[Operation, Mapping[str, str]]]:
        """Yield listings with the parts that do not hold, and why; "" is the whole."""
        for operation in operations:
            key = _describe(spec, operation)
            if key not in self._results:
                self._results[key] = _try_all(self._open(spec), operation)
            if self._results[key]:
                yield operation, self._results[key]

    def drop_failing_references(
        self, proposals: dict[str, ReferenceProposal], spec: Spec
    ) -> list[DroppedProposal]:
        """Drop from `proposals` the references that no id of the listing's rows fits."""
        dropped_proposals: list[DroppedProposal] = []
        session = self._open(spec) if proposals else None
        for pointer, proposal in list(proposals.items()):
            listing = spec.find_operation(proposal.of)
            ids = list_existing_ids(session, listing) if session and listing else ()
            if not any(is_valid(spec, pointer, row_id) for row_id in ids):
                del proposals[pointer]
                reason = f"no id of {proposal.of} is valid here"
                dropped_proposals.append(DroppedProposal(proposal.owner, "x-reference", reason))
        return dropped_proposals

    def drop_failing_effects(self, proposals: Proposals, spec: Spec) -> list[DroppedProposal]:
        """Drop from `proposals` the effects in `spec` that do not hold.

        In a large document each is only tried once, so that the cost stays below that of the
        client.
        """
        dropped_proposals: list[DroppedProposal] = []
        is_large = len(proposals) > _MOST_THOROUGH
        for operation in spec.operations:
            if operation.effect is None or operation.pointer not in proposals:
                continue
            is_thorough = operation.effect.kind == "create" and not is_large
            listing = spec.find_operation(operation.effect.of or "")
            key = f"{is_thorough} {_describe(spec, operation)} {_describe(spec, listing)}"
            if key not in self._results:
                session = self._open(spec)
                if is_thorough:
                    session.start()
                examination = check_creation if is_thorough else _check_row
                self._results[key] = _try(session, operation, examination)
            if self._results[key]:
                del proposals[operation.pointer]
                reason = next(iter(self._results[key].values()))
                dropped_proposals.append(DroppedProposal(operation.id, "x-effect", reason))
        return dropped_proposals


def _describe(spec: Spec, operation: Operation | None) -> str:
    """Return a digest of all that the trial of an operation depends on."""
    if operation is None:
        return ""
    rules = repr((operation.id, operation.parameters, operation.listing, operation.effect))
    pointers = sorted(collect_needed(spec, operation.pointer))
    parts = [rules, *(_write_node(spec, pointer) for pointer in pointers)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=4096)
def _write_node(spec: Spec, pointer: str) -> str:
    return pointer + json.dumps(spec.get_node(pointer), default=str)


def _try_all(session: Session, operation: Operation) -> dict[str, str]:
    """Return the parts of a listing that do not hold, and why; "" is the whole."""
    failures: dict[str, str] = {}
    session.start()
    for examination in _EXAMINATIONS:
        failures |= _try(session, operation, examination)
        if "" in failures:
            break
    return failures


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
    """Open a session with a mock of few rows that requests no credentials, and no coverage.

    It has only the operations on rows, and their rows only the fields that are required or that
    proposals name, so that a large document costs what its listings cost.
    """
    about_rows = [
        operation for operation in spec.operations if operation.listing or operation.effect
    ]
    free = tuple(attrs.evolve(operation, security=()) for operation in about_rows)
    names = set(_list_required(spec.document))
    for rule in (
        rule for operation in about_rows for rule in (operation.listing, operation.effect) if rule
    ):
        names.update(_list_names(json.loads(json.dumps(attrs.asdict(rule)))))
    document = _drop_fields(spec.document, names)
    open_spec = attrs.evolve(spec, operations=free, document=document)
    target = Target.mock(open_spec, handle=Mock(open_spec, rows=_ROWS).handle)
    return Session(target, ledger=CoverageLedger(attrs.evolve(open_spec, operations=())))


def _list_names(rule: Any) -> Iterator[str]:
    """Yield the names in the pointers of an extension."""
    if isinstance(rule, str):
        yield from split(rule) if rule[:1] == "/" else (rule,)
    elif is_object(rule):
        for member in rule.values():
            yield from _list_names(member)
    elif is_array(rule):
        for member in rule:
            yield from _list_names(member)


def _list_required(document: Any) -> Iterator[str]:
    """Yield the names that some schema requires, which may be described in another one."""
    pending = [document]
    while pending:
        node = pending.pop()
        if is_object(node):
            required = node.get("required")
            if is_array(required):
                yield from (name for name in required if isinstance(name, str))
            pending.extend(node.values())
        elif is_array(node):
            pending.extend(node)


def _drop_fields(node: Any, names: Set[str]) -> Any:
    """Return a document without the fields of other names, where nothing counts them."""
    if is_array(node):
        return [_drop_fields(item, names) for item in node]
    if not is_object(node):
        return node
    counts = bool(node.keys() & _COUNTING)
    members = {
        key: value if key == "properties" else _drop_fields(value, names)
        for key, value in node.items()
    }
    fields = node.get("properties")
    if is_object(fields):
        members["properties"] = {
            name: _drop_fields(field, names)
            for name, field in fields.items()
            if counts or name in names
        }
    return members


def _try(session: Session, operation: Operation, examination: Examination) -> dict[str, str]:
    """Return the parts of a proposal that an examination finds wrong, and why."""
    probe = Probe(session, operation)
    try:
        examination(probe)
    except (NotChecked, NotAllowed, DriftlineError) as error:
        return {"": str(error)}
    except Exception as error:
        return {"": f"the trial failed: {type(error).__name__}"}
    return {
        _find_part(
            operation, finding
        ): f"{finding.message}: expected {finding.expected}, got {finding.got}"
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
    return join(*tokens[:2]) if tokens[0] in {"filter", "range", "search"} else join(tokens[0])


def _drop_parts(value: dict[str, Any], failures: Mapping[str, str]) -> dict[str, Any] | None:
    """Return a listing without the parts that do not hold; None if it is the whole of it."""
    if "" in failures:
        return None
    listing: dict[str, Any] = {
        key: {**member} if is_object(member) else member for key, member in value.items()
    }
    for part in failures:
        *parent_tokens, last = split(part)
        holder = listing[parent_tokens[0]] if parent_tokens else listing
        holder.pop(last, None)
        if parent_tokens and not holder:
            del listing[parent_tokens[0]]
    return listing
