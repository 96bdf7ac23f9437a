"""Pairs of schemas: the differences that are reported, and the pairs to compare next.

A `SchemaDifference` is a difference of these two schemas themselves, by its kind: the part of an id
that comes after `request.` or `response.`. A `PairStep` leads to a pair of schemas further down.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftline.changes.wire.schemas.views import Schema, View
from driftline.changes.wire.source.document import Node
from driftline.openapi import describe
from driftline.rules import Direction


def shorten_value(value: Any) -> str:
    """Return a value as JSON that fits into a sentence."""
    return describe(value, 60)


@attrs.frozen(eq=False)
class SchemaDifference:
    """One difference: its location in both documents, its rule and its message."""

    kind: str
    old: Node
    new: Node
    message: str
    before: str = ""
    after: str = ""


@attrs.frozen(eq=False)
class PairStep:
    """A pair further down: `step` is what leads there, such as `.name` or `[]`."""

    step: str
    old: Schema
    new: Schema


Found = SchemaDifference | PairStep


@attrs.frozen(eq=False)
class Pair:
    """An old and a new schema of the same part of a message, and their views.

    `is_text`: the value goes over the wire as a text, as those of parameters do.
    """

    olds: Schema
    news: Schema
    old: View
    new: View
    direction: Direction
    is_text: bool

    @property
    def is_request(self) -> bool:
        return self.direction == "request"

    def choose_sentence(self, request: str, response: str) -> str:
        """Return the phrase for the direction of the pair."""
        return request if self.is_request else response

    @property
    def nodes(self) -> tuple[Node, Node]:
        """The nodes of both schemas."""
        if self.old.node is None or self.new.node is None:
            raise AssertionError("a schema stands nowhere")
        return self.old.node, self.new.node

    def note(
        self,
        kind: str,
        message: str,
        *,
        old: Node | None = None,
        new: Node | None = None,
        before: Any = None,
        after: Any = None,
    ) -> SchemaDifference:
        """Return a difference; a side without a node of its own gets the node of its schema."""
        old_node, new_node = self.nodes
        values = [("" if value is None else shorten_value(value)) for value in (before, after)]
        return SchemaDifference(kind, old or old_node, new or new_node, message, *values)

    def build_step(self, step: str, old: tuple[Node, ...], new: tuple[Node, ...]) -> PairStep:
        """Return the step to the schemas of a part; without a schema, a side allows any value."""
        old_node, new_node = self.nodes
        return PairStep(step, Schema(old, owner_node=old_node), Schema(new, owner_node=new_node))
