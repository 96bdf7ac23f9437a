"""Proposes `x-listing`, `x-effect` and `x-reference`, and keeps those that pass on the mock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import attrs

from driftline.add.plan import OverlayPlan
from driftline.add.proposals.dropped import DroppedProposal
from driftline.add.proposals.effects import is_short_path, propose_effect
from driftline.add.proposals.extensions import read_extended_listing
from driftline.add.proposals.idempotency import propose_idempotency_keys
from driftline.add.proposals.listings import propose_listing
from driftline.add.proposals.references import (
    add_references,
    find_references,
    propose_references,
)
from driftline.add.proposals.trial import Proposals, Trial, TrialResults
from driftline.openapi import (
    Effect,
    Listing,
    Operation,
    Spec,
    build_extension_validator,
    lint_effect,
    lint_listing,
    list_mistakes,
)


def propose_extensions(
    plan: OverlayPlan,
    spec: Spec,
    trial_results: TrialResults,
    *,
    is_own: bool = False,
) -> list[DroppedProposal]:
    """Propose listings, then references to their rows, then effects on their rows.

    Parts that lint or the document's own mock rejects are not proposed; those of the mock are
    returned. Proposals for an API that `is_own` are not marked as assumed.
    """
    listings = _find_listings(spec)
    with Trial(trial_results) as trial:
        dropped_proposals = trial.drop_failing_listings(listings, partial(_add_proposals, spec))
        effects = _find_effects(_apply(spec, "listing", Listing.parse, listings))
        spec = _add_proposals(spec, listings)
        references = {reference.pointer: reference for reference in find_references(spec)}
        dropped_proposals += trial.drop_failing_references(
            references, add_references(spec, references)
        )
        spec = add_references(spec, references)
        dropped_proposals += trial.drop_failing_effects(effects, spec)
    for operation in spec.operations:
        for extension, proposals in (("x-listing", listings), ("x-effect", effects)):
            if operation.pointer in proposals:
                value, why = proposals[operation.pointer]
                rule = {key: member for key, member in value.items() if key != "x-assumed"}
                proposal = (rule if is_own else value), why
                _propose(plan, operation.pointer, extension, proposal)
    propose_references(spec, plan, references, is_own=is_own)
    propose_idempotency_keys(spec, plan, is_own=is_own)
    return dropped_proposals


def _find_listings(spec: Spec) -> Proposals:
    listings: Proposals = {}
    for operation in spec.operations:
        if operation.listing is not None:
            continue
        proposal = read_extended_listing(spec, operation) or propose_listing(spec, operation)
        if proposal and not list_mistakes(build_extension_validator("x-listing"), proposal[0]):
            listings[operation.pointer] = proposal
    trial_spec = _apply(spec, "listing", Listing.parse, listings)
    for operation in trial_spec.operations:
        if operation.pointer in listings and list(lint_listing(trial_spec, operation)):
            shorter = _drop_choices(trial_spec, operation, listings.pop(operation.pointer))
            if shorter is not None:
                listings[operation.pointer] = shorter
    return listings


def _apply(
    spec: Spec, field: str, parse: Callable[[Any], Any], proposals: Mapping[str, Any]
) -> Spec:
    """Return the spec with the proposals for this field added to its operations."""
    operations = (
        attrs.evolve(operation, **{field: parse(proposals[operation.pointer][0])})
        if operation.pointer in proposals
        else operation
        for operation in spec.operations
    )
    return attrs.evolve(spec, operations=tuple(operations))


def _add_proposals(spec: Spec, listings: Proposals) -> Spec:
    """Return the spec with the listings, and the effects that are proposed beside them."""
    spec = _apply(spec, "listing", Listing.parse, listings)
    return _apply(spec, "effect", Effect.parse, _find_effects(spec))


def _drop_choices(
    spec: Spec, operation: Operation, proposal: tuple[dict[str, Any], str]
) -> tuple[dict[str, Any], str] | None:
    """Return a listing without filters, order and searches, if it passes."""
    choices = {"filter", "range", "order", "search"}
    value = {key: member for key, member in proposal[0].items() if key not in choices}
    trial_operation = attrs.evolve(operation, listing=Listing.parse(value))
    return None if list(lint_listing(spec, trial_operation)) else (value, proposal[1])


def _find_effects(spec: Spec) -> Proposals:
    effects: Proposals = {}
    lists: dict[str, list[Operation]] = {}
    for operation in spec.operations:
        if operation.listing is not None:
            lists.setdefault(operation.path.rstrip("/"), []).append(operation)
    short: list[Operation] = []
    for operation in spec.operations:
        if operation.effect is not None:
            continue
        path = operation.path.rstrip("/")
        parents = (path, path.rpartition("/")[0], path.rpartition("/{")[0])
        candidates = [lists.get(parent, ()) for parent in dict.fromkeys(parents)]
        listings = [listing for operations in candidates for listing in operations]
        if not listings:
            listings = _list_below_parents(lists, path.rpartition("/")[0])
            short.append(operation)
        proposals = [
            proposal
            for proposal in (propose_effect(spec, operation, listing) for listing in listings)
            if proposal
        ]
        if len(proposals) != 1 or list_mistakes(
            build_extension_validator("x-effect"), proposals[0][0]
        ):
            continue
        trial_operation = attrs.evolve(operation, effect=Effect.parse(proposals[0][0]))
        if not list(lint_effect(spec, trial_operation)):
            effects[operation.pointer] = proposals[0]
    _drop_unproven(effects, short)
    return effects


def _list_below_parents(
    lists: Mapping[str, Sequence[Operation]], parent_path: str
) -> list[Operation]:
    """Return the listings whose path is the given one below a parent."""
    return [
        listing
        for path, listings in lists.items()
        if is_short_path(parent_path, path)
        for listing in listings
    ]


def _drop_unproven(effects: Proposals, short: Sequence[Operation]) -> None:
    """Drop effects on rows listed elsewhere, unless another method of the path returns the row.

    `DELETE /tags/{id}` may be about other tags than those that `GET /notes/{id}/tags` lists.
    """
    proven = {
        (operation.path, effects[operation.pointer][0]["of"])
        for operation in short
        if operation.pointer in effects and "item" in effects[operation.pointer][0]
    }
    for operation in short:
        proposal = effects.get(operation.pointer)
        if proposal and (operation.path, proposal[0]["of"]) not in proven:
            del effects[operation.pointer]


def _propose(
    plan: OverlayPlan, pointer: str, extension: str, proposal: tuple[dict[str, Any], str]
) -> None:
    value, why = proposal
    reason = why if why.endswith(".") else f"Proposed: {why}."
    plan.update(pointer, {extension: value}, reason)
