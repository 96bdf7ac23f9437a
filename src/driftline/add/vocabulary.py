"""Proposes the words of specs/README.md, and keeps those that hold against the document."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from driftline.add.configuration import Configuration
from driftline.add.effects import effect
from driftline.add.extensions import extended
from driftline.add.listings import listing
from driftline.add.plan import Plan
from driftline.spec.build import build
from driftline.spec.lint_words import effect_problems, listing_problems
from driftline.spec.model import Spec
from driftline.spec.pointer import follow
from driftline.spec.reader import Source

__all__ = ["vocabulary"]

Words = dict[str, tuple[dict[str, Any], str]]


def vocabulary(plan: Plan, path: Path, configuration: Configuration | None = None) -> None:
    """`x-listing` first, and then `x-effect` of what stands beside a listing."""
    spec = _built(plan, path, "x-listing", {})
    listings: Words = {}
    for operation in spec.operations:
        if operation.listing:
            continue
        proposed = extended(spec, operation, configuration) or listing(spec, operation)
        if proposed:
            listings[operation.pointer] = proposed
    spec = _built(plan, path, "x-listing", listings)
    for operation in spec.operations:
        if operation.pointer in listings and not list(listing_problems(spec, operation)):
            _propose(plan, operation.pointer, "x-listing", listings[operation.pointer])
    spec = _built(plan, path, "x-listing", {})
    lists = [operation for operation in spec.operations if operation.listing]
    effects: Words = {}
    for operation in spec.operations:
        told = [] if operation.effect else [effect(spec, operation, each) for each in lists]
        sure = [each for each in told if each]
        if len(sure) == 1:
            effects[operation.pointer] = sure[0]
    spec = _built(plan, path, "x-effect", effects)
    for operation in spec.operations:
        if operation.pointer in effects and not list(effect_problems(spec, operation)):
            _propose(plan, operation.pointer, "x-effect", effects[operation.pointer])


def _propose(plan: Plan, pointer: str, word: str, found: tuple[dict[str, Any], str]) -> None:
    words, why = found
    said = why if why.endswith(".") else f"Proposed: {why}."
    plan.update(pointer, {word: words}, said)


def _built(plan: Plan, path: Path, word: str, words: Words) -> Spec:
    """The spec, with the words in it for a try."""
    data = copy.deepcopy(plan.data) if words else plan.data
    for pointer, (value, _) in words.items():
        follow(data, pointer)[word] = value
    return build(Source(path, data, plan.origin.lines))
