"""Edits of listings and effects: remove rules that the server does not follow."""

from __future__ import annotations

from driftline.accept.edits import Clauses, Proposal
from driftline.checks import Finding
from driftline.openapi import (
    MISSING,
    TextEdit,
    is_object,
    join,
    split,
)

_TOGETHER = frozenset({"fields", "size"})
"""Members of rules that have no meaning without each other."""


def propose_without_rule(clauses: Clauses, finding: Finding) -> Proposal:
    """Propose to remove the violated rule, and members that have no meaning without it."""
    tokens = split(finding.location.pointer)
    summary = f"drop the rule {'.'.join(_shorten(tokens))}"
    if clauses.get(join(*tokens)) is MISSING:
        return Proposal(summary)
    while len(tokens) > 1:
        parent = clauses.get(join(*tokens[:-1]))
        is_last = is_object(parent) and len(parent) == 1
        if not tokens[-2].startswith("x-") and (is_last or tokens[-2] in _TOGETHER):
            tokens.pop()
            continue
        break
    return Proposal(summary, (TextEdit(op="remove", pointer=join(*tokens)),))


def _shorten(tokens: list[str]) -> list[str]:
    """Return the tokens from the extension on."""
    start = next((n for n, token in enumerate(tokens) if token.startswith("x-")), 0)
    return tokens[start:]
