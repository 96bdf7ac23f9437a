"""Edits of the spec for findings, or the reason why no edit is possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from driftline.checks import Finding
from driftline.openapi import TextEdit, pointer as json_pointer


class UnacceptableError(Exception):
    """No edit of the spec settles the finding: the reason, and a hint."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason, self.hint = reason, hint


@attrs.frozen
class Proposal:
    """The smallest edit that settles a finding, in OpenAPI 3.1.

    `summary` describes it in the imperative. Without `edits`, the spec already allows it.
    """

    summary: str
    edits: tuple[TextEdit, ...] = ()


@attrs.frozen
class SpecEdit:
    """An accepted edit: the findings that it settles, and the changes to the document.

    `root` is a finding without an edit that probably has the same cause.
    """

    api: str
    findings: tuple[Finding, ...]
    proposal: Proposal
    root: Finding | None = None


@attrs.frozen
class RejectedFinding:
    """A finding that is not accepted, the reason, and a hint."""

    finding: Finding
    reason: str
    hint: str


Propose = Callable[["EditedDocument", Finding], Proposal]
"""Makes a proposal for a finding.

Raises:
    UnacceptableError: no edit settles it.
"""


@attrs.frozen
class EditedDocument:
    """A document with the edits so far."""

    document: Any

    def get(self, pointer: str) -> Any:
        """Return the node at a pointer, or MISSING."""
        return json_pointer.follow(self.document, pointer)

    def require(self, pointer: str) -> Any:
        """Return the node at a pointer.

        Raises:
            UnacceptableError: the spec no longer has that clause.
        """
        node = self.get(pointer)
        if node is json_pointer.MISSING:
            reason = "the spec does not have this clause"
            hint = "Run driftline check again: the report is older than the spec."
            raise UnacceptableError(reason, hint)
        return node
