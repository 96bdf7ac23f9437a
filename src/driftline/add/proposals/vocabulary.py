"""Proposes `x-listing` and `x-effect`, and keeps what holds against the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftline.add.plan import OverlayPlan
from driftline.add.proposals.configuration import Configuration
from driftline.add.proposals.effects import effect
from driftline.add.proposals.extensions import read_extended_listing
from driftline.add.proposals.listings import listing
from driftline.openapi.extensions.rules import Effect, Listing
from driftline.openapi.lint.extensions import lint_effect, lint_listing
from driftline.openapi.lint.metaschema import build_extension_validator, list_mistakes
from driftline.openapi.model import Operation, Spec

__all__ = ["propose_extensions"]

Proposals = dict[str, tuple[dict[str, Any], str]]


def propose_extensions(
    plan: OverlayPlan, spec: Spec, configuration: Configuration | None = None
) -> None:
    """Propose listings first, and then the effects of what stands beside one."""
    listings: Proposals = {}
    for operation in spec.operations:
        if operation.listing is None:
            found = read_extended_listing(spec, operation, configuration) or listing(
                spec, operation
            )
            if found is not None and not list_mistakes(
                build_extension_validator("x-listing"), found[0]
            ):
                listings[operation.pointer] = found
    spec = _with_listings(spec, listings)
    for operation in spec.operations:
        if operation.pointer in listings:
            _propose(plan, operation.pointer, "x-listing", listings[operation.pointer])
    _propose_effects(plan, spec)


def _with_listings(spec: Spec, listings: Proposals) -> Spec:
    """Return the spec with the listings that hold; the others are taken out of `listings`."""
    tried = attrs.evolve(
        spec, operations=tuple(_with_listing(each, listings) for each in spec.operations)
    )
    for operation in tried.operations:
        if operation.pointer in listings and list(lint_listing(tried, operation)):
            shorter = _without_choices(tried, operation, listings.pop(operation.pointer))
            if shorter is not None:
                listings[operation.pointer] = shorter
    return attrs.evolve(
        spec, operations=tuple(_with_listing(each, listings) for each in spec.operations)
    )


def _without_choices(
    spec: Spec, operation: Operation, found: tuple[dict[str, Any], str]
) -> tuple[dict[str, Any], str] | None:
    """Return a listing without filters and order, if that holds."""
    value = {key: each for key, each in found[0].items() if key not in {"filter", "order"}}
    tried = attrs.evolve(operation, listing=Listing.parse(value))
    return None if list(lint_listing(spec, tried)) else (value, found[1])


def _with_listing(operation: Operation, listings: Mapping[str, Any]) -> Operation:
    if operation.pointer not in listings:
        return operation
    return attrs.evolve(operation, listing=Listing.parse(listings[operation.pointer][0]))


def _propose_effects(plan: OverlayPlan, spec: Spec) -> None:
    lists = [operation for operation in spec.operations if operation.listing]
    for operation in spec.operations:
        if operation.effect is not None:
            continue
        found = [each for each in (effect(spec, operation, one) for one in lists) if each]
        if len(found) != 1 or list_mistakes(build_extension_validator("x-effect"), found[0][0]):
            continue
        tried = attrs.evolve(operation, effect=Effect.parse(found[0][0]))
        if not list(lint_effect(spec, tried)):
            _propose(plan, operation.pointer, "x-effect", found[0])


def _propose(
    plan: OverlayPlan, pointer: str, extension: str, found: tuple[dict[str, Any], str]
) -> None:
    value, why = found
    reason = why if why.endswith(".") else f"Proposed: {why}."
    plan.update(pointer, {extension: value}, reason)
