"""Drift of any shape: accepted, the check is clean, and nothing else of the spec is another."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
from accept.conftest import SHOP, Shop, make_shop

from driftline.changes.wire import Change
from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.mutation.mutants import Mutant, find_operation
from driftline.mutation.operators.responses import generate_response_mutants
from driftline.openapi import Spec, load

ALLOWED = {
    "required": ("response.required.removed",),
    "type": (
        *("response.type.widened", "response.enum.value-added"),
        *("response.alternative.added", "listing.filter.removed"),
    ),
    "null": (
        *("response.null.allowed", "response.enum.value-added", "listing.filter.removed"),
        "response.alternative.added",
    ),
    "enum": (
        *("response.enum.value-added", "response.alternative.added", "listing.filter.removed"),
        "response.type.widened",
    ),
    "format": ("response.format.removed",),
    "maximum": ("response.bound.loosened",),
    "minimum": ("response.bound.loosened",),
    "maxLength": ("response.bound.loosened", "response.pattern.removed"),
    "minItems": ("response.bound.loosened",),
    "pattern": ("response.pattern.removed", "response.bound.loosened"),
    "undocumented": ("response.field.added",),
    "header.missing": ("header.required.removed",),
}
"""The kinds of mutants that change the shape of a response, not its meaning, and what `diff` says
of the edit. A value that breaks one clause may break another of the same field."""


@cache
def list_mutants() -> tuple[Spec, Sequence[Mutant]]:
    """The mutants that change the shape of a successful response; rows have to stay rows.

    No response of the mock has the field buyer each time.
    """
    spec = load(SHOP)
    mutants = [
        mutant
        for operation in spec.operations
        for mutant in generate_response_mutants(spec, operation)
        if not mutant.equivalent
        and find_kind(mutant) in ALLOWED
        and mutant.clause.place not in {"", "orders", "orders[]", "orders[].id"}
        and "buyer" not in mutant.clause.place
    ]
    return spec, mutants


def find_kind(mutant: Mutant) -> str:
    return mutant.clause.kind.removeprefix("response.")


class MutatedServer:
    """A server that drifts by several mutants at once, and stays so when the spec is edited."""

    def __init__(self, spec: Spec, mutants: Sequence[Mutant]) -> None:
        self.servers: list[Any] = [mutant.handle(Mock(spec)) for mutant in mutants]
        self.spec, self.plain, self.mutants = spec, Mock(spec), mutants

    def __call__(self, request: HttpRequest) -> HttpResponse:
        operation = find_operation(self.spec, request)
        for server, mutant in zip(self.servers, self.mutants, strict=True):
            if operation is not None and operation.id in mutant.operations:
                return server(request)
        return self.plain.handle(request)

    def reset(self) -> None:
        for server in self.servers:
            server.reset()
        self.plain.reset()


def choose_mutants(seed: int) -> list[Mutant]:
    """One mutant each of some operations."""
    _, mutants = list_mutants()
    chooser = random.Random(seed)  # noqa: S311 - no secret
    operations = sorted({mutant.clause.operation.id for mutant in mutants})
    chosen = chooser.sample(operations, chooser.randint(1, 2))
    return [
        chooser.choice([m for m in mutants if m.clause.operation.id == name]) for name in chosen
    ]


def find_touched(changes: Sequence[Change]) -> set[str]:
    return {operation for change in changes for operation in change.operations}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_accepted_drift_is_gone_and_nothing_else_changed(seed: int, tmp_path: Path) -> None:
    """For random drifts: the check after `accept --write` has no finding left; `diff` names the
    kinds of change of these drifts, and no operation that cannot see them."""
    spec, _ = list_mutants()
    mutants = choose_mutants(seed)
    made = make_shop(tmp_path / "project", lambda _, response: response)
    server: Any = MutatedServer(spec, mutants)
    shop = Shop(made.project, server)
    findings = shop.check().findings
    assert findings, [mutant.id for mutant in mutants]
    outcome, applied = shop.accept(findings)
    assert outcome.rejections == (), [mutant.id for mutant in mutants]
    left = [f"{f.id} {f.operation} {f.where}: {f.message}" for f in applied.report.findings]
    assert left == [], [mutant.id for mutant in mutants]
    assert applied.report.exit_code == 0
    kinds = {name for mutant in mutants for name in ALLOWED[find_kind(mutant)]}
    assert {change.id for change in outcome.wire} <= kinds
    shared = {"GET /orders", "GET /orders/{id}"}
    operations = [mutant.clause.operation for mutant in mutants]
    touched = {f"{operation.method} {operation.path}" for operation in operations}
    assert find_touched(outcome.wire) <= touched | (shared if touched & shared else set())
    assert attrs.asdict(outcome, recurse=False)["remaining"] == ()
