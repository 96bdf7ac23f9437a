"""Proposes `x-listing`, `x-effect` and `x-reference`, and keeps what holds on the mock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs

from driftline.add.plan import OverlayPlan
from driftline.add.proposals.dropped import DroppedProposal
from driftline.add.proposals.effects import propose_effect
from driftline.add.proposals.extensions import read_extended_listing
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
    known: TrialResults,
    *,
    is_own: bool = False,
) -> list[DroppedProposal]:
    """Propose listings first, then what refers to their rows, and what changes these rows.

    Parts that lint or the document's own mock rejects are not proposed; those of the mock are
    returned. Proposals for an API that `is_own` are not marked as assumed.
    """
    listings = _find_listings(spec)
    with Trial(known) as trial:
        dropped = trial.drop_failing_listings(listings, partial(_add_proposals, spec))
        effects = _find_effects(_apply(spec, "listing", Listing.parse, listings))
        spec = _add_proposals(spec, listings)
        references = {each.pointer: each for each in find_references(spec)}
        dropped += trial.drop_failing_references(references, spec)
        spec = add_references(spec, references)
        dropped += trial.drop_failing_effects(effects, spec)
    for operation in spec.operations:
        for extension, proposals in (("x-listing", listings), ("x-effect", effects)):
            if operation.pointer in proposals:
                value, why = proposals[operation.pointer]
                meant = {key: each for key, each in value.items() if key != "x-assumed"}
                proposal = (meant if is_own else value), why
                _propose(plan, operation.pointer, extension, proposal)
    propose_references(spec, plan, references, is_own=is_own)
    return dropped


def _find_listings(spec: Spec) -> Proposals:
    listings: Proposals = {}
    for operation in spec.operations:
        if operation.listing is not None:
            continue
        found = read_extended_listing(spec, operation) or propose_listing(spec, operation)
        if found and not list_mistakes(build_extension_validator("x-listing"), found[0]):
            listings[operation.pointer] = found
    tried = _apply(spec, "listing", Listing.parse, listings)
    for operation in tried.operations:
        if operation.pointer in listings and list(lint_listing(tried, operation)):
            shorter = _drop_choices(tried, operation, listings.pop(operation.pointer))
            if shorter is not None:
                listings[operation.pointer] = shorter
    return listings


def _apply(spec: Spec, field: str, parse: Callable[[Any], Any], found: Mapping[str, Any]) -> Spec:
    """Return the spec whose operations have in this field what is proposed for them."""
    operations = (
        attrs.evolve(each, **{field: parse(found[each.pointer][0])})
        if each.pointer in found
        else each
        for each in spec.operations
    )
    return attrs.evolve(spec, operations=tuple(operations))


def _add_proposals(spec: Spec, listings: Proposals) -> Spec:
    """Return the spec with the listings, and the effects that are proposed beside them."""
    spec = _apply(spec, "listing", Listing.parse, listings)
    return _apply(spec, "effect", Effect.parse, _find_effects(spec))


def _drop_choices(
    spec: Spec, operation: Operation, found: tuple[dict[str, Any], str]
) -> tuple[dict[str, Any], str] | None:
    """Return a listing without filters, order and searches, if that holds."""
    choices = {"filter", "range", "order", "search"}
    value = {key: each for key, each in found[0].items() if key not in choices}
    tried = attrs.evolve(operation, listing=Listing.parse(value))
    return None if list(lint_listing(spec, tried)) else (value, found[1])


def _find_effects(spec: Spec) -> Proposals:
    effects: Proposals = {}
    lists: dict[str, list[Operation]] = {}
    for operation in spec.operations:
        if operation.listing is not None:
            lists.setdefault(operation.path.rstrip("/"), []).append(operation)
    for operation in spec.operations:
        if operation.effect is not None:
            continue
        path = operation.path.rstrip("/")
        beside = [*lists.get(path, ()), *lists.get(path.rpartition("/")[0], ())]
        found = [each for each in (propose_effect(spec, operation, one) for one in beside) if each]
        if len(found) != 1 or list_mistakes(build_extension_validator("x-effect"), found[0][0]):
            continue
        tried = attrs.evolve(operation, effect=Effect.parse(found[0][0]))
        if not list(lint_effect(spec, tried)):
            effects[operation.pointer] = found[0]
    return effects


def _propose(
    plan: OverlayPlan, pointer: str, extension: str, found: tuple[dict[str, Any], str]
) -> None:
    value, why = found
    reason = why if why.endswith(".") else f"Proposed: {why}."
    plan.update(pointer, {extension: value}, reason)
