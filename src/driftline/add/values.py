"""Examples and defaults that break their own schema, and words that are nearly driftline's."""

from __future__ import annotations

import re
from pathlib import Path

from driftline.add.plan import Plan
from driftline.spec.build import build
from driftline.spec.lint import lint
from driftline.spec.lint_values import values as told_values
from driftline.spec.pointer import MISSING
from driftline.spec.reader import Source
from driftline.spec.schema import violations

__all__ = ["values"]

_INDEX = re.compile(r"/(\d+)$")


def values(plan: Plan, path: Path) -> None:
    """Takes each such value away; nothing of the contract is in it but a contradiction."""
    spec = build(Source(path, plan.data, plan.origin.lines))
    wrong: list[tuple[str, str]] = []
    for told in told_values(spec):
        first = next(iter(violations(spec, told.schema, told.value)), None)
        if first:
            message = first.message if len(first.message) < 120 else first.keyword
            why = f"This {told.word} breaks its own schema: {message}."
            shared = told.place.startswith("/components/examples/")
            wrong.append((told.place if shared else told.place.removesuffix("/value"), why))
    # The last items of an array first: each index is still that of its item.
    for place, why in sorted(dict(wrong).items(), key=_order, reverse=True):
        if plan.node(place) is not MISSING:
            plan.remove(place, why)
    for problem in lint(spec):
        if problem.id in {"extension.unknown", "extension.misplaced"}:
            plan.remove(problem.location.pointer, f"{problem.message}.")


def _order(entry: tuple[str, str]) -> tuple[str, int]:
    place = entry[0]
    index = _INDEX.search(place)
    return (place[: index.start()], int(index[1])) if index else (place, -1)
